//! Recorded streams in Chromium: from start to end, seeks, pixels.

use anyhow::{Result, ensure};
use browser_tests::Scene;
use serde_json::json;
use webdriver::Browser::Chromium;

#[test]
#[ignore = "needs Chromium"]
fn transport_streams_play_from_start_to_end() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.play("/media/ts/master.m3u8")?;
        page.look(0.0, 0.0, 75.0)?;
        // Not by the browser's own HLS: a media source, in the worker.
        assert_eq!(page.get("sphere.video.srcObject instanceof MediaSourceHandle")?, json!(true));
        assert_eq!(
            page.get("[sphere.stats.mseInWorker, sphere.stats.managed, sphere.stats.native]")?,
            json!([true, false, false])
        );
        assert_eq!(page.get("[sphere.isLive, Math.round(sphere.duration)]")?, json!([false, 16]));
        page.wait("sphere.ended")?;
        page.look(30.0, 20.0, 60.0)?;
        let end = page.number("sphere.currentTime")?;
        ensure!((15.9..16.2).contains(&end), "ended at {end}");
        assert_eq!(
            page.get("[times.wentBack, seen.waiting > 1, seen.failure, seen.seeking]")?,
            json!([[], false, 0, 0])
        );
        assert_eq!(page.get("ranges().length")?, json!(1));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn cmaf_with_sound_of_its_own_plays_and_seeks() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.play("/media/cmaf/master.m3u8")?;
        page.look(-45.0, -10.0, 75.0)?;
        for to_secs in [12.0, 3.5, 9.25, 0.0] {
            page.act(&format!("forget(); sphere.currentTime = {to_secs}"))?;
            page.wait(&format!(
                "seen.seeked && !sphere.seeking && sphere.currentTime > {to_secs} + 0.3"
            ))?;
            page.sees(-45.0, -10.0)?;
        }
        // The sound is really there and decoded.
        page.wait("sphere.video.webkitAudioDecodedByteCount > 0")?;
        page.act("sphere.currentTime = 15")?;
        page.wait("sphere.ended")?;
        assert_eq!(page.get("seen.failure")?, json!(0));
        crate::dash::play(page)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_media_playlist_plays_by_itself() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.play("/media/ts/240/index.m3u8")?;
        page.look(0.0, 0.0, 75.0)?;
        page.act("sphere.currentTime = 14.5")?;
        page.wait("sphere.ended")?;
        assert_eq!(page.get("[sphere.videoWidth, seen.failure]")?, json!([240, 0]));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn preload_none_fetches_nothing_until_somebody_wants_it() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        for wish in [
            "await sphere.play()",
            "sphere.video.play().catch(() => {})",
            "sphere.currentTime = 7",
            "sphere.load()",
            "sphere.preload = 'metadata'",
        ] {
            page.server.clear_requests();
            page.act("sphere.preload = 'none'; sphere.src = '/media/ts/master.m3u8'")?;
            // By now another one, asked later, has long begun.
            page.act_async(
                "const other = document.createElement('video-sphere');
                 other.src = '/media/cmaf/master.m3u8';
                 document.body.append(other);
                 await new Promise((resolve) => other.addEventListener('canplay', resolve));
                 other.remove()",
            )?;
            let asked = page.server.requests();
            let of = |kind: &str| asked.iter().filter(|it| it.path.starts_with(kind)).count();
            ensure!(of("/media/cmaf/") > 3 && of("/media/ts/") == 0, "{asked:#?}");
            page.act_async(wish)?;
            page.wait("bufferedEnd() > 15.9 && sphere.readyState > 1")?;
            let at = page.number("sphere.currentTime")?;
            ensure!(!wish.contains("currentTime") || (at - 7.0).abs() < 0.1, "at {at}");
            assert_eq!(page.get("sphere.paused")?, json!(!wish.contains("play()")), "{wish}");
            page.act("sphere.pause(); sphere.src = ''")?;
            page.wait("!ranges().length")?;
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn every_pixel_lies_where_it_belongs() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.act("sphere.quality = 240")?;
        page.play("/media/ts/master.m3u8")?;
        page.act("sphere.pause()")?;
        for fov in [30.0, 75.0, 120.0] {
            for (yaw, pitch) in
                [(0.0, 0.0), (90.0, 0.0), (-90.0, 30.0), (135.0, -45.0), (-150.0, 60.0)]
            {
                page.look(yaw, pitch, fov)?;
            }
        }
        Ok(())
    })
}
