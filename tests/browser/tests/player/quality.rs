//! Renditions, chosen by hand and by the engine, while the picture goes on.

use anyhow::{Result, ensure};
use browser_tests::{Scene, Stage};
use serde_json::json;
use xtask::webdriver::Browser::Chromium;

/// A player that buffers so little that changes are seen before the stream ends, and enough for
/// the engine to dare a step up.
fn start(stage: &Stage, options: &str) -> Result<()> {
    stage.act(&format!("usePlayer({{ config: {{ buffer: {{ aheadSecs: 4 }} }}, {options} }})"))?;
    stage.wait("sphere.renderer")?;
    stage.act("sphere.play().catch(() => {})")?;
    stage.wait("sphere.currentTime > 0.3 && direction()")?;
    stage.act("forget()")
}

/// No stall, no seek, no hole, no step back, no complaint.
fn went_on(stage: &Stage) -> Result<()> {
    assert_eq!(
        stage.get("[seen.waiting, seen.seeking, seen.emptied, seen.error, times.wentBack, ranges().length]")?,
        json!([0, 0, 0, 0, [], 1])
    );
    ensure!(stage.get("direction()")?.is_array(), "the picture is gone");
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn a_wished_quality_comes_without_a_seam_and_auto_takes_back() -> Result<()> {
    for kind in ["ts", "cmaf"] {
        Scene::new(Chromium).play(|stage| {
            start(stage, &format!("quality: 120, src: '/media/{kind}/master.m3u8'"))?;
            assert_eq!(stage.get("sphere.videoWidth")?, json!(240));
            assert_eq!(
                stage.get("sphere.variants.map(({ height }) => height)")?,
                json!([120, 240])
            );
            stage.act("sphere.quality = 'max'")?;
            stage.wait("sphere.videoWidth === 480")?;
            assert_eq!(stage.get("details.variantchange")?, json!([{ "id": 1, "auto": false }]));
            stage.act("sphere.quality = 120")?;
            stage.wait("details.variantchange.at(-1).id === 0")?;
            stage.act("sphere.quality = 'auto'")?;
            // Loopback is quick, and the sphere larger than the small variant.
            stage.wait(
                "details.variantchange.at(-1).id === 1 && details.variantchange.at(-1).auto",
            )?;
            went_on(stage)?;
            stage.wait("sphere.ended")?;
            assert_eq!(
                stage.get("[sphere.videoWidth, seen.seeking, seen.error]")?,
                json!([480, 0, 0])
            );
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn a_second_source_gives_the_highest_quality() -> Result<()> {
    Scene::new(Chromium).play(|stage| {
        start(stage, "src: '/media/ts/main.m3u8', highQualitySrc: '/media/ts/top.m3u8'")?;
        assert_eq!(stage.get("sphere.videoWidth")?, json!(240));
        stage.act("sphere.quality = 'max'")?;
        stage.wait("sphere.videoWidth === 480")?;
        assert_eq!(stage.get("sphere.variants.at(-1).highQualitySource")?, json!(true));
        stage.act("sphere.quality = 120")?;
        stage.wait("sphere.videoWidth === 240")?;
        went_on(stage)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn what_is_appended_is_mp4_and_the_browser_plays_no_hls() -> Result<()> {
    Scene::new(Chromium).play(|stage| {
        stage.act(
            "window.types = [];
             new BroadcastChannel('source-buffers').onmessage = ({ data }) => types.push(data)",
        )?;
        start(stage, "src: '/media/ts/master.m3u8', workerUrl: '/pages/spy_worker.js'")?;
        let types = stage.wait("types.length && types")?;
        for kind in types.as_array().into_iter().flatten() {
            let kind = kind.as_str().unwrap_or_default();
            ensure!(kind.starts_with("video/mp4") || kind.starts_with("audio/mp4"), "{types}");
        }
        // Segments are fetched by the worker, never by the media element, which has no address.
        assert_eq!(
            stage.get("[sphere.video.currentSrc, sphere.video.hasAttribute('src')]")?,
            json!(["", false])
        );
        Ok(())
    })
}
