//! Streams in several codecs: one is played, by what the browser says of each.

use anyhow::Result;
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use std::fmt::Write;
use webdriver::Browser;

/// `tests/fixtures/codecs`: the names of their files and their CODECS.
const H264: (&str, &str) = ("h264", "avc1.64000b");
const HEVC: (&str, &str) = ("hevc", "hvc1.1.6.L30.90");
const VP9: (&str, &str) = ("vp9", "vp09.00.10.08");
const AV1: (&str, &str) = ("av1", "av01.0.00M.08");

/// Puts so many times the six seconds of each codec at its address; none is their first two, and no end yet.
fn serve_media(page: &PlayerPage, codecs: &[(&str, &str)], times: usize) {
    for (name, _) in codecs {
        let mut list = format!(
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:EVENT\n\
             #EXT-X-MAP:URI=\"/fixtures/codecs/{name}_init.mp4\"\n"
        );
        for number in 0..(3 * times).max(1) {
            let is_again = number > 0 && number % 3 == 0;
            list += if is_again { "#EXT-X-DISCONTINUITY\n" } else { "" };
            let _ = write!(list, "#EXTINF:2,\n/fixtures/codecs/{name}_{}.m4s\n", number % 3);
        }
        list += if times > 0 { "#EXT-X-ENDLIST\n" } else { "" };
        page.serve_playlist(&format!("/made/{name}.m3u8"), &list);
    }
}

fn serve(page: &PlayerPage, codecs: &[(&str, &str)], url: &str) {
    let mut list = String::from("#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    for (name, codec) in codecs {
        let _ = write!(
            list,
            "#EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION=160x80,FRAME-RATE=15,CODECS=\"{codec}\",\
             STABLE-VARIANT-ID=\"{name}\"\n{name}.m3u8\n"
        );
    }
    page.serve_playlist(url, &list);
    page.server.clear_requests();
}

fn is_asked(page: &PlayerPage, part: &str) -> bool {
    page.server.requests().iter().any(|request| request.path.contains(part))
}

fn play_to_end(page: &PlayerPage, url: &str) -> Result<()> {
    page.act(&format!(
        "forget(); sphere.src = '{url}'; sphere.play().catch(() => {{}}); sphere.playbackRate = 4"
    ))?;
    page.wait("seen.loadedmetadata && sphere.ended")?;
    assert_eq!(page.get("[details.failure, Math.round(sphere.duration)]")?, json!([[], 6]));
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn of_several_codecs_one_plays_by_the_word_of_the_browser() -> Result<()> {
    Scene::new(Browser::Chromium).play(|page| {
        // Each alone: nobody is asked, nothing more is loaded.
        for codec in [H264, VP9, AV1] {
            let url = format!("/made/only-{}.m3u8", codec.0);
            serve_media(page, &[codec], 1);
            serve(page, &[codec], &url);
            play_to_end(page, &url)?;
            assert!(!is_asked(page, "decoding.js"), "{codec:?}");
            let told = "[sphere.variants[0].codecs, sphere.variants[0].videoRange, sphere.variants[0].stableId]";
            assert_eq!(page.get(told)?, json!([codec.1, "SDR", codec.0]));
        }
        // What it does not decode is not asked for, though it is first. Where it has HEVC, that plays.
        let codecs = [HEVC, H264];
        serve_media(page, &codecs, 1);
        serve(page, &codecs, "/made/hevc-first.m3u8");
        play_to_end(page, "/made/hevc-first.m3u8")?;
        if page.get("MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L30.90\"')")? == json!(false) {
            assert!(!is_asked(page, "codecs/hevc_"));
            assert!(is_asked(page, "codecs/h264_2"));
        }
        // The rest of the stream is published when the browser has answered: as it does here, but that a
        // machine has VP9 in hardware.
        page.act(
            "const capabilities = navigator.mediaCapabilities;
             const real = capabilities.decodingInfo.bind(capabilities);
             capabilities.decodingInfo = async (question) => {
               const { supported, smooth } = await real(question);
               return { supported, smooth, powerEfficient: question.video.contentType.includes('vp09') };
             };",
        )?;
        let codecs = [H264, VP9, AV1];
        serve_media(page, &codecs, 0);
        serve(page, &codecs, "/made/three.m3u8");
        page.act("forget(); sphere.src = '/made/three.m3u8'; sphere.play().catch(() => {})")?;
        page.wait("seen.loadedmetadata && sphere.variants.length === 3")?;
        let answers = page.act_async(
            "const { decodingOf } = await import('/decoding.js');
             return [...await decodingOf(sphere.variants)];",
        )?;
        assert_eq!(answers, json!([14, 15, 14]), "supported, shown, smooth, and VP9 power-efficient");
        serve_media(page, &codecs, 3);
        page.act("sphere.playbackRate = 4")?;
        page.wait("sphere.ended")?;
        assert_eq!(page.get("details.failure")?, json!([]));
        // With eight seconds ahead the engine waits for the list of VP9, however long that takes.
        assert!(is_asked(page, "codecs/vp9_"));
        Ok(())
    })
}
