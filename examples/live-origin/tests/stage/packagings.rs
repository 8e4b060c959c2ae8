//! DASH by a player that is not ours, and Smooth Streaming by its manifest and its fragments.

use crate::{get, on_air, small, wait};
use anyhow::{Context, Result, ensure};
use browser_tests::Scene;
use live_origin::stage::{STREAM, Stage};
use xtask::webdriver::Browser::Chromium;

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg, Chromium"]
fn dash_and_smooth_streaming_are_there_too() -> Result<()> {
    let mut options = small()?;
    options.with_dash = true;
    on_air(options, |stage| {
        smooth(stage)?;
        dash(stage)
    })
}

fn smooth(stage: &Stage) -> Result<()> {
    let edge = stage.addresses().edge;
    let path = format!("/smooth/{STREAM}.isml/Manifest");
    let manifest = wait("a Smooth Streaming manifest with fragments", || {
        let text = get(edge, &path).ok()?.text().ok()?;
        (text.matches("<c t=").count() >= 6 && text.ends_with("</SmoothStreamingMedia>\n"))
            .then_some(text)
    })?;
    let streams: Vec<&str> = manifest.split("<StreamIndex ").skip(1).collect();
    ensure!(streams.len() == 2 && streams[0].starts_with("Type=\"video\""), "{manifest}");
    ensure!(
        manifest.contains("IsLive=\"true\"") && streams[1].contains("FourCC=\"AACL\""),
        "{manifest}"
    );
    ensure!(streams[0].contains("MaxWidth=\"240\""), "{manifest}");
    for stream in streams {
        // The newest one: the oldest may be deleted at any moment.
        let start = stream.rsplit_once("<c t=\"").and_then(|(_, rest)| rest.split('"').next());
        let start = start.context("a fragment")?;
        for quality in stream.split("Bitrate=\"").skip(1) {
            let bitrate = quality.split('"').next().unwrap_or_default();
            let kind = if stream.starts_with("Type=\"video\"") { "video" } else { "audio" };
            let path =
                format!("/smooth/{STREAM}.isml/QualityLevels({bitrate})/Fragments({kind}={start})");
            let answer = get(edge, &path)?;
            ensure!(answer.status == 200, "{path}: {}", answer.status);
            ensure!(answer.body.get(4..8) == Some(b"moof"), "{path} is no fragment");
        }
    }
    Ok(())
}

fn dash(stage: &Stage) -> Result<()> {
    let edge = stage.addresses().edge;
    let path = format!("/dash/{STREAM}.mpd");
    let manifest = wait("a DASH manifest with segments", || {
        let text = get(edge, &path).ok()?.text().ok()?;
        (text.contains("type=\"dynamic\"") && text.contains("<S ")).then_some(text)
    })?;
    ensure!(manifest.matches("<Representation ").count() == 3, "{manifest}");
    let pages = live_origin::folder().join("tests/pages");
    let page = format!("/stage/dash.html?url=http://{edge}{path}");
    Scene::new(Chromium).mounting("/stage/", pages).on(&page).play(|scene| {
        scene.wait("window.seen.playing && video.currentTime > window.seen.from + 4")?;
        ensure!(scene.number("video.videoWidth")? > 0.0, "no picture");
        ensure!(
            scene.get("window.seen.errors.length")? == 0,
            "{}",
            scene.get("seen.errors.join()")?
        );
        Ok(())
    })
}
