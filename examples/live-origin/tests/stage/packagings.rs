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
        dash(stage)?;
        demo(stage)?;
        statistics(stage)
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
    lives(stage, &path, 1)?;
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
            lives(stage, &path, 600)?;
        }
    }
    Ok(())
}

/// Holds the time to live that edge and origin give against this.
fn lives(stage: &Stage, path: &str, secs: u32) -> Result<()> {
    for address in [stage.addresses().edge, stage.addresses().primary.http] {
        let answer = get(address, path)?;
        let cache = answer.header("cache-control").unwrap_or_default();
        let age = cache.split(", ").find_map(|part| part.strip_prefix("max-age="));
        ensure!(age == Some(&secs.to_string()), "{path} at {address}: {:?}", answer.headers);
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
    lives(stage, &path, 1)?;
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

/// Our own page, as an address says it: the rungs but the top, and the top by the switch.
fn demo(stage: &Stage) -> Result<()> {
    let edge = stage.addresses().edge;
    let url = |which: &str| format!("http://{edge}/hls/{STREAM}.{which}.m3u8");
    let page = format!("/demo/?url={}&hq={}", url("main"), url("top"));
    Scene::new(Chromium).on(&page).play(|scene| {
        scene.act("window.sphere = document.querySelector('video-sphere')")?;
        scene.wait("sphere.renderer && sphere.isLive && sphere.videoWidth === 240")?;
        scene.wait("sphere.currentTime > 0 && sphere.readyState > 2")?;
        scene.act("document.querySelector('[name=source][value=max]').click()")?;
        scene.wait("sphere.videoWidth === 480 && sphere.readyState > 2")?;
        scene.act("document.querySelector('[name=source][value=auto]').click()")?;
        scene.wait("sphere.quality === 'auto'")?;
        ensure!(scene.get("sphere.error")?.is_null(), "{}", scene.get("sphere.error.message")?);
        Ok(())
    })
}

/// The page that reads nginx-rtmp's XML.
fn statistics(stage: &Stage) -> Result<()> {
    let session = xtask::webdriver::Session::start(Chromium)?;
    for address in [stage.addresses().ingest_http, stage.addresses().backup.http] {
        session.goto(&format!("http://{address}/stat"))?;
        let rows =
            "[...document.querySelectorAll('td:first-child')].map((cell) => cell.textContent)";
        session.wait_until(&format!("{rows}.includes('{STREAM}')"), crate::LIMIT)?;
        let text = session.evaluate("document.body.innerText")?;
        let text = text.as_str().unwrap_or_default();
        ensure!(text.contains("480 × 240") && text.contains("AAC"), "{text}");
    }
    ensure!(session.console_errors()?.is_empty(), "{:?}", session.console_errors()?);
    Ok(())
}
