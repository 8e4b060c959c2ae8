//! Recorded streams in Chromium: from start to end, seeks, pixels.

use anyhow::{Result, ensure};
use browser_tests::Scene;
use serde_json::json;
use xtask::webdriver::Browser::Chromium;

#[test]
#[ignore = "needs Chromium"]
fn transport_streams_play_from_start_to_end() -> Result<()> {
    Scene::new(Chromium).play(|stage| {
        stage.play("/media/ts/master.m3u8")?;
        stage.look(0.0, 0.0, 75.0)?;
        // Not by the browser's own HLS: a media source, in the worker.
        assert_eq!(stage.get("sphere.video.srcObject instanceof MediaSourceHandle")?, json!(true));
        assert_eq!(
            stage.get("[sphere.stats.mseInWorker, sphere.stats.managed, sphere.stats.native]")?,
            json!([true, false, false])
        );
        assert_eq!(stage.get("[sphere.isLive, Math.round(sphere.duration)]")?, json!([false, 16]));
        stage.wait("sphere.ended")?;
        stage.look(30.0, 20.0, 60.0)?;
        let end = stage.number("sphere.currentTime")?;
        ensure!((15.9..16.2).contains(&end), "ended at {end}");
        assert_eq!(
            stage.get("[times.wentBack, seen.waiting > 1, seen.error, seen.seeking]")?,
            json!([[], false, 0, 0])
        );
        assert_eq!(stage.get("ranges().length")?, json!(1));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn cmaf_with_sound_of_its_own_plays_and_seeks() -> Result<()> {
    Scene::new(Chromium).play(|stage| {
        stage.play("/media/cmaf/master.m3u8")?;
        stage.look(-45.0, -10.0, 75.0)?;
        for to_secs in [12.0, 3.5, 9.25, 0.0] {
            stage.act(&format!("forget(); sphere.currentTime = {to_secs}"))?;
            stage.wait(&format!(
                "seen.seeked && !sphere.seeking && sphere.currentTime > {to_secs} + 0.3"
            ))?;
            stage.sees(-45.0, -10.0)?;
        }
        // The sound is really there and decoded.
        stage.wait("sphere.video.webkitAudioDecodedByteCount > 0")?;
        stage.act("sphere.currentTime = 15")?;
        stage.wait("sphere.ended")?;
        assert_eq!(stage.get("seen.error")?, json!(0));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_media_playlist_plays_by_itself() -> Result<()> {
    Scene::new(Chromium).play(|stage| {
        stage.play("/media/ts/240/index.m3u8")?;
        stage.look(0.0, 0.0, 75.0)?;
        stage.act("sphere.currentTime = 14.5")?;
        stage.wait("sphere.ended")?;
        assert_eq!(stage.get("[sphere.videoWidth, seen.error]")?, json!([240, 0]));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn preload_none_fetches_nothing_until_somebody_wants_it() -> Result<()> {
    Scene::new(Chromium).play(|stage| {
        for wish in [
            "await sphere.play()",
            "sphere.video.play().catch(() => {})",
            "sphere.currentTime = 7",
            "sphere.load()",
            "sphere.preload = 'metadata'",
        ] {
            stage.server.clear_requests();
            stage.act("sphere.preload = 'none'; sphere.src = '/media/ts/master.m3u8'")?;
            // By now another one, asked later, has long begun.
            stage.act_async(
                "const other = document.createElement('video-sphere');
                 other.src = '/media/cmaf/master.m3u8';
                 document.body.append(other);
                 await new Promise((resolve) => other.addEventListener('canplay', resolve));
                 other.remove()",
            )?;
            let asked = stage.server.requests();
            let of = |kind: &str| asked.iter().filter(|it| it.path.starts_with(kind)).count();
            ensure!(of("/media/cmaf/") > 3 && of("/media/ts/") == 0, "{asked:#?}");
            stage.act_async(wish)?;
            stage.wait("bufferedEnd() > 15.9 && sphere.readyState > 1")?;
            let at = stage.number("sphere.currentTime")?;
            ensure!(!wish.contains("currentTime") || (at - 7.0).abs() < 0.1, "at {at}");
            assert_eq!(stage.get("sphere.paused")?, json!(!wish.contains("play()")), "{wish}");
            stage.act("sphere.pause(); sphere.src = ''")?;
            stage.wait("!ranges().length")?;
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn every_pixel_lies_where_it_belongs() -> Result<()> {
    Scene::new(Chromium).play(|stage| {
        stage.act("sphere.quality = 240")?;
        stage.play("/media/ts/master.m3u8")?;
        stage.act("sphere.pause()")?;
        for fov in [30.0, 75.0, 120.0] {
            for (yaw, pitch) in
                [(0.0, 0.0), (90.0, 0.0), (-90.0, 30.0), (135.0, -45.0), (-150.0, 60.0)]
            {
                stage.look(yaw, pitch, fov)?;
            }
        }
        Ok(())
    })
}
