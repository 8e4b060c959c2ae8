//! What the recording pipeline of the live page publishes, from the bucket itself.

use anyhow::{Context, Result, ensure};
use browser_tests::{LIMIT, Scene};
use machine::shell;
use serde_json::json;
use std::time::Instant;
use webdriver::Browser::Chromium;

#[test]
#[ignore = "needs Chromium, moto_server"]
fn a_recording_plays_as_video_on_demand() -> Result<()> {
    let tools = recording::tools()?;
    let folder = shell::target().join("tmp/recorded");
    let local = recording::Local::start(&tools, &folder)?;
    Scene::new(Chromium).play(|page| {
        let recording = folder.join("camera-1.flv");
        let mut ffmpeg = shell::command("ffmpeg");
        ffmpeg.args(["-v", "error", "-y", "-i"]).arg(page.sample.rung(480));
        shell::capture(ffmpeg.args(["-c", "copy", "-f", "flv"]).arg(&recording))?;
        shell::capture(local.upload().arg(&recording).args(["--name", "camera"]))?;
        ensure!(!recording.exists(), "what was handed over is removed");
        let started = Instant::now();
        let url = loop {
            if let Some(url) = local.published().pop() {
                break url;
            }
            let log = || std::fs::read_to_string(&local.log).unwrap_or_default();
            ensure!(started.elapsed() < LIMIT, "nothing was published:\n{}", log());
            std::thread::yield_now();
        };
        page.play(&url)?;
        // The direction-coded picture came through recording and ladder as it was.
        page.look(0.0, 0.0, 75.0)?;
        page.look(120.0, -30.0, 75.0)?;
        let variants =
            page.get("sphere.variants.map(({ width, playable }) => [width, playable])")?;
        assert_eq!(variants.as_array().context("a list")?.first(), Some(&json!([480, true])));
        assert_eq!(page.get("[sphere.isLive, Math.round(sphere.duration)]")?, json!([false, 16]));
        page.act("sphere.currentTime = 14.5")?;
        page.wait("sphere.ended")?;
        assert_eq!(page.get("[seen.failure, ranges().length]")?, json!([0, 1]));
        Ok(())
    })
}
