//! A sliding window that ffmpeg makes in real time.

use anyhow::{Result, ensure};
use browser_tests::Scene;
use serde_json::json;
use test_streams::live::Options;
use webdriver::Browser::Chromium;

#[test]
#[ignore = "needs Chromium and ffmpeg"]
fn live_is_followed_and_found_again() -> Result<()> {
    Scene::new(Chromium).with_live(Options { window_segments: 8 }).play(|page| {
        page.play("/live/master.m3u8")?;
        page.look(20.0, 0.0, 75.0)?;
        assert_eq!(page.get("[sphere.isLive, sphere.duration]")?, json!([true, null]));
        ensure!(page.number("sphere.timeline.zeroUnixMillis")? > 1e12, "no wall clock");
        // The window slides, and the playhead stays near its end.
        let from = page.number("sphere.timeline.end")?;
        page.wait(&format!("sphere.timeline.end > {from} + 5"))?;
        assert_eq!(page.get("[sphere.isLive, times.wentBack]")?, json!([true, []]));
        page.wait("sphere.stats.liveLatencySecs > 1 && sphere.stats.liveLatencySecs < 12")?;
        // Back in the window, and to the live point again.
        page.wait("sphere.seekable.length && sphere.timeline.liveEdge - sphere.timeline.start > 8")?;
        page.act("forget(); window.back = sphere.timeline.start + 1; sphere.currentTime = back")?;
        page.wait("seen.seeked && !sphere.seeking && sphere.currentTime > back + 0.5 && !sphere.isAtLiveEdge")?;
        page.sees(20.0, 0.0)?;
        page.act("sphere.goLive()")?;
        page.wait("sphere.isAtLiveEdge && !sphere.seeking && sphere.readyState > 2")?;
        page.act("window.from = sphere.currentTime")?;
        page.wait("sphere.currentTime > from + 3")?;
        page.sees(20.0, 0.0)?;
        assert_eq!(page.get("seen.failure")?, json!(0));
        Ok(())
    })
}
