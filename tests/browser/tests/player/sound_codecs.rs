//! Sound of every codec that transport streams have, as far as the browser decodes it.

use anyhow::{Context, Result, ensure};
use browser_tests::{PlayerPage, Scene};
use machine::shell::root;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use webdriver::Browser;

/// Two seconds of picture with each.
fn streams() -> Result<PathBuf> {
    let folder = root().join("target/tests/sound_codecs");
    fs::create_dir_all(&folder)?;
    for (name, encoder) in [("mp3", "libmp3lame"), ("opus", "libopus"), ("ac3", "ac3")] {
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=256x128:r=25:d=2"])
            .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2"])
            .args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"])
            .args(["-c:a", encoder, "-f", "mpegts"])
            .arg(folder.join(format!("{name}.ts")))
            .status()
            .context("ffmpeg")?;
        ensure!(made.success(), "ffmpeg made no {name}");
    }
    Ok(folder)
}

fn plays(page: &PlayerPage, name: &str) -> Result<()> {
    let url = format!("/made/{name}.m3u8");
    let segment = format!("#EXTINF:2,\n/sound/{name}.ts\n");
    let list = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n{segment}#EXT-X-ENDLIST\n");
    page.serve_playlist(&url, &list);
    page.act(&format!(
        "forget(); window.warned.length = 0; sphere.src = '{url}'; sphere.play().catch(() => {{}})"
    ))?;
    page.wait("seen.loadedmetadata && sphere.ended")?;
    Ok(())
}

/// What the browser decodes is heard; of the rest it is said that it is left out, and the picture goes on. Chromium
/// as it is built freely has no AC-3, and takes MP3 in no fMP4.
fn heard_or_left_out(browser: Browser) -> Result<()> {
    Scene::new(browser).mounting("/sound/", streams()?).play(|page| {
        page.act(
            "window.warned = [];
             sphere.addEventListener('warning', ({ detail }) => warned.push([detail.name, detail.message].join()));
             window.isHeard = () =>
               (sphere.video.webkitAudioDecodedByteCount ?? Number(sphere.video.mozHasAudio)) > 0",
        )?;
        for (name, codec) in [("opus", "opus"), ("mp3", "mp4a.6B"), ("ac3", "ac-3")] {
            plays(page, name)?;
            let known = format!("MediaSource.isTypeSupported('audio/mp4; codecs=\"{codec}\"')");
            let told = page.get(&format!("[{known}, isHeard(), warned.length, warned.join()]"))?;
            let is_known = told[0] == json!(true);
            ensure!(is_known || codec != "opus", "no browser here lacks Opus");
            if is_known {
                assert_eq!(told, json!([true, true, 0, ""]), "{name}");
            } else {
                assert_eq!((&told[1], &told[2]), (&json!(false), &json!(1)), "{name}: {told}");
                let text = told[3].as_str().unwrap_or_default();
                ensure!(text.contains("variant-excluded") && text.contains(codec), "{text}");
            }
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn sound_is_heard_or_left_out_in_chromium() -> Result<()> {
    heard_or_left_out(Browser::Chromium)
}

#[test]
#[ignore = "needs Firefox"]
fn sound_is_heard_or_left_out_in_firefox() -> Result<()> {
    heard_or_left_out(Browser::Firefox)
}
