//! Sound and picture that end apart, pause or come late: in a real media source nothing stops.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use webdriver::Browser;

const SOUND: &str = "short_sound_0.ts";
const SHORT: &str = "short_sound_1.ts";
const SILENT: &str = "no_sound_0.ts";

/// Two-second segments; what begins with `|` begins a part of its own.
fn list(segments: &[&str]) -> String {
    let mut text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n".to_owned();
    for (index, segment) in segments.iter().enumerate() {
        let name = segment.strip_prefix('|').inspect(|_| text += "#EXT-X-DISCONTINUITY\n");
        text += &format!("#EXTINF:2,\n{}?{index}\n", name.unwrap_or(segment));
    }
    text + "#EXT-X-ENDLIST\n"
}

fn plays_smoothly(page: &PlayerPage, segments: &[&str]) -> Result<()> {
    let secs = 2.0 * segments.len() as f64;
    let url = format!("/fixtures/tracks-{secs}.m3u8");
    page.serve_playlist(&url, &list(segments));
    page.server.clear_requests();
    page.act("sphere.src = ''")?;
    page.wait("!sphere.ended")?;
    page.act(&format!("forget(); sphere.src = '{url}'; sphere.play().catch(() => {{}})"))?;
    page.wait("sphere.ended")?;
    let end = page.number("sphere.currentTime")?;
    ensure!((end - secs).abs() < 0.2, "{segments:?} ended at {end}");
    ensure!(page.number("sphere.played.length")? < 2.0, "{segments:?} with a jump");
    assert_eq!(
        page.get(
            "[times.wentBack, seen.failure, seen.seeking, sphere.stats.gapsJumped, details.failure]"
        )?,
        json!([[], 0, 0, 0, []]),
        "{segments:?}"
    );
    let asked = page.server.requests();
    let count = asked.iter().filter(|it| it.path.contains(".ts")).count();
    ensure!(count == segments.len(), "{count} requests for {segments:?}");
    Ok(())
}

fn goes_on(browser: Browser) -> Result<()> {
    Scene::new(browser).play(|page| {
        // The sound ends 0.9 s before the picture at each join.
        plays_smoothly(page, &[SOUND, SHORT, &format!("|{SOUND}"), SHORT])?;
        // A part without sound.
        plays_smoothly(page, &[SOUND, &format!("|{SILENT}"), &format!("|{SOUND}")])
    })
}

#[test]
#[ignore = "needs Chromium"]
fn sound_that_ends_or_is_missing_stops_no_picture() -> Result<()> {
    goes_on(Browser::Chromium)
}

#[test]
#[ignore = "needs Firefox"]
fn firefox_goes_on_where_sound_ends_or_is_missing() -> Result<()> {
    goes_on(Browser::Firefox)
}

/// WebKitGTK shows a copy of the picture for a frame's time only, and begins where the picture does.
#[test]
#[ignore = "needs WebKitGTK"]
fn webkit_begins_where_a_late_picture_does() -> Result<()> {
    Scene::new(Browser::WebKit).play(|stage| {
        let url = "/fixtures/late.m3u8";
        stage.serve_playlist(url, &list(&["late_picture_0.ts", "late_picture_1.ts"]));
        stage.server.clear_requests();
        stage.act(&format!("forget(); sphere.src = '{url}'"))?;
        // While paused, too.
        stage.wait("sphere.readyState > 1 && sphere.paused")?;
        // As it goes: at the end WebKitGTK may seek by itself, and count frames anew.
        stage.act(
            "window.decoded = 0;
             sphere.video.addEventListener('timeupdate', ({ target }) => {
               decoded = Math.max(decoded, target.getVideoPlaybackQuality().totalVideoFrames);
             });
             sphere.play().catch(() => {})",
        )?;
        stage.wait("sphere.ended")?;
        ensure!(stage.number("decoded")? > 10.0);
        assert_eq!(stage.get("details.failure")?, json!([]));
        let asked = stage.server.requests();
        ensure!(asked.iter().filter(|it| it.path.contains(".ts")).count() == 2, "{asked:?}");
        Ok(())
    })
}
