//! Renditions, chosen by hand and by the engine, while the picture goes on.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use webdriver::Browser::Chromium;

/// A player that buffers so little that changes are seen before the stream ends, and enough for
/// the engine to dare a step up.
fn start(page: &PlayerPage, options: &str) -> Result<()> {
    page.act(&format!("usePlayer({{ config: {{ buffer: {{ aheadSecs: 4 }} }}, {options} }})"))?;
    page.wait("sphere.renderer")?;
    page.act("sphere.play().catch(() => {})")?;
    page.wait("sphere.currentTime > 0.3 && direction()")?;
    page.act("forget()")
}

/// No stall, no seek, no hole, no step back, no complaint.
fn went_on(page: &PlayerPage) -> Result<()> {
    assert_eq!(
        page.get("[seen.waiting, seen.seeking, seen.emptied, seen.failure, times.wentBack, ranges().length]")?,
        json!([0, 0, 0, 0, [], 1])
    );
    ensure!(page.get("direction()")?.is_array(), "the picture is gone");
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn a_wished_quality_comes_without_a_seam_and_auto_takes_back() -> Result<()> {
    for kind in ["ts", "cmaf"] {
        Scene::new(Chromium).play(|page| {
            start(page, &format!("quality: 120, src: '/media/{kind}/master.m3u8'"))?;
            assert_eq!(page.get("sphere.videoWidth")?, json!(240));
            assert_eq!(page.get("sphere.variants.map(({ height }) => height)")?, json!([120, 240]));
            page.act("sphere.quality = 'max'")?;
            page.wait("sphere.videoWidth === 480")?;
            assert_eq!(page.get("details.variantchange")?, json!([{ "id": 1, "auto": false }]));
            page.act("sphere.quality = 120")?;
            page.wait("details.variantchange.at(-1).id === 0")?;
            page.act("sphere.quality = 'auto'")?;
            // Loopback is quick, and the sphere larger than the small variant.
            page.wait(
                "details.variantchange.at(-1).id === 1 && details.variantchange.at(-1).auto",
            )?;
            went_on(page)?;
            page.wait("sphere.ended")?;
            assert_eq!(
                page.get("[sphere.videoWidth, seen.seeking, seen.failure]")?,
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
    Scene::new(Chromium).play(|page| {
        start(page, "src: '/media/ts/main.m3u8', highQualitySrc: '/media/ts/top.m3u8'")?;
        assert_eq!(page.get("sphere.videoWidth")?, json!(240));
        page.act("sphere.quality = 'max'")?;
        page.wait("sphere.videoWidth === 480")?;
        assert_eq!(page.get("sphere.variants.at(-1).highQualitySource")?, json!(true));
        page.act("sphere.quality = 120")?;
        page.wait("sphere.videoWidth === 240")?;
        went_on(page)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn what_is_appended_is_mp4_and_the_browser_plays_no_hls() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.act(
            "window.types = [];
             new BroadcastChannel('source-buffers').onmessage = ({ data }) => types.push(data)",
        )?;
        start(page, "src: '/media/ts/master.m3u8', workerUrl: '/pages/spy_worker.js'")?;
        let types = page.wait("types.length && types")?;
        for kind in types.as_array().into_iter().flatten() {
            let kind = kind.as_str().unwrap_or_default();
            ensure!(kind.starts_with("video/mp4") || kind.starts_with("audio/mp4"), "{types}");
        }
        // Segments are fetched by the worker, never by the media element, which has no address.
        assert_eq!(
            page.get("[sphere.video.currentSrc, sphere.video.hasAttribute('src')]")?,
            json!(["", false])
        );
        Ok(())
    })
}
