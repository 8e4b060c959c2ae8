//! DASH by players that are not ours, and Smooth Streaming by its manifest and its fragments, while the
//! camera is there, away, and back; and the same for a camera of any other name.

use crate::dash::{Viewers, tells_the_truth, unix_secs};
use crate::{answer, get, on_air, small, wait};
use anyhow::{Context, Result, ensure};
use browser_tests::Scene;
use live_origin::stage::{STREAM, Stage};
use live_origin::{keys, source};
use machine::processes::Process;
use webdriver::Browser::Chromium;

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg, Chromium"]
fn dash_and_smooth_streaming_are_there_too() -> Result<()> {
    let mut options = small()?;
    // A camera may be away for as long as the window lasts: dash.js finds no way back from before it. On a
    // slow machine it takes half a minute until a stream is over, and the next one has begun.
    (options.with_dash, options.window) = (true, 20);
    on_air(options, |stage| {
        demo(stage)?;
        statistics(stage)?;
        smooth(stage, STREAM)?;
        tells_the_truth(stage, STREAM)?;
        lives(stage, &format!("/dash/{STREAM}.mpd"), 1)?;
        Viewers::scene(stage).play(|scene| {
            let viewers = Viewers::new(scene)?;
            viewers.watch_for_a_minute()?;
            stage.publish(false)?;
            ended(stage)?;
            let back_secs = unix_secs()?;
            stage.publish(true)?;
            viewers.go_on(back_secs)
        })?;
        smooth(stage, STREAM)?;
        another_name(stage)?;
        ensure!(stage.restarts() == 0, "parts were started again {} times", stage.restarts());
        Ok(())
    })
}

/// A second camera, that nobody was told of before.
fn another_name(stage: &Stage) -> Result<()> {
    let url = stage.publish_url();
    let (server, _) = url.rsplit_once('/').context("a URL")?;
    let (_, key) = url.split_once("key=").context("a key")?;
    let preset = stage.folder().join("drone-key.ffpreset");
    keys::write_camera_preset(&preset, "drone", key)?;
    let (to, options) = ((server, preset.as_path()), stage.options());
    let command = source::command(&options.source, stage.folder(), to, options.segment_millis);
    let _camera = Process::start(&mut command.context("a source")?)?;
    smooth(stage, "drone")?;
    tells_the_truth(stage, "drone")
}

/// Nothing that is over looks as if it went on.
fn ended(stage: &Stage) -> Result<()> {
    let origin = stage.addresses().primary.http;
    let streams = [format!("/dash/{STREAM}.mpd"), format!("/smooth/{STREAM}.isml/Manifest")];
    for path in &streams {
        wait(&format!("the end of {path}"), || {
            get(origin, path).ok().filter(|answer| matches!(answer.status, 404 | 503)).map(drop)
        })?;
    }
    let nobody = get(stage.addresses().edge, "/dash/nobody.mpd")?;
    ensure!(nobody.status == 404, "{} for a name that nobody publishes", nobody.status);
    Ok(())
}

fn smooth(stage: &Stage, name: &str) -> Result<()> {
    let edge = stage.addresses().edge;
    let path = format!("/smooth/{name}.isml/Manifest");
    let manifest = wait(&format!("fragments in {path}"), || {
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
                format!("/smooth/{name}.isml/QualityLevels({bitrate})/Fragments({kind}={start})");
            let fragment = answer(edge, &path)?;
            ensure!(fragment.body.get(4..8) == Some(b"moof"), "{path} is no fragment");
            lives(stage, &path, 600)?;
        }
    }
    Ok(())
}

/// Holds the time to live that edge and origin give against this.
fn lives(stage: &Stage, path: &str, secs: u32) -> Result<()> {
    for address in [stage.addresses().edge, stage.addresses().primary.http] {
        let answer = answer(address, path)?;
        let cache = answer.header("cache-control").unwrap_or_default();
        let age = cache.split(", ").find_map(|part| part.strip_prefix("max-age="));
        ensure!(age == Some(&secs.to_string()), "{path} at {address}: {:?}", answer.headers);
    }
    Ok(())
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
    let session = webdriver::Session::start(Chromium)?;
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
