//! Stills: of the view and of the whole frame, on pages whose canvas keeps no pixels.

use anyhow::{Context, Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::{Value, json};
use webdriver::{Browser, CHROMIUM_WEBGPU, Options};

/// Takes a still, holds its size and direction against these, and gives its colour beside the middle.
fn still(
    page: &PlayerPage,
    options: &str,
    size: [u32; 2],
    (yaw_deg, pitch_deg): (f64, f64),
    beside_px: (i32, i32),
) -> Result<Vec<f64>> {
    let (right, down) = beside_px;
    let still =
        page.act_async(&format!("return window.last = await still({options}, {right}, {down})"))?;
    ensure!(still["size"] == json!(size), "{options}: {still}");
    page.close_to("last.direction", yaw_deg, pitch_deg).with_context(|| options.to_owned())?;
    let colour = still["colour"].as_array().context("no colour")?;
    Ok(colour.iter().filter_map(Value::as_f64).collect())
}

fn error_name(page: &PlayerPage, call: &str) -> Result<Value> {
    page.act_async(&format!(
        "return await {call}.then(() => 'a still', ({{ name, code, message }}) => [name, code > 0 || message.includes('videosphere: ')])"
    ))
}

fn stills(options: Options, renderer: &str) -> Result<()> {
    let typed = |name: &str| json!([name, true]);
    Scene::with(options).on("/pages/article.html").play(|page| {
        page.wait("window.isReady && sphere.renderer")?;
        page.act(&format!("sphere.renderer = '{renderer}'"))?;
        page.wait(&format!("sphere.renderer === '{renderer}'"))?;
        assert_eq!(error_name(page, "sphere.captureFrame()")?, typed("no-frame"));
        assert_eq!(error_name(page, "sphere.captureFrame({ source: 'frame' })")?, typed("no-frame"));

        page.act("sphere.src = '/media/ts/master.m3u8'; sphere.play().catch(() => {})")?;
        page.wait("sphere.currentTime > 0.5 && sphere.stats.framesDrawn > 2")?;
        page.act("Object.assign(sphere, { yaw: 70, pitch: 20, fov: 60 })")?;
        still(page, "{}", [320, 180], (70.0, 20.0), (0, 0))?;
        page.act("sphere.pause()")?;
        page.wait("sphere.paused && sphere.readyState > 1")?;
        still(page, "undefined", [320, 180], (70.0, 20.0), (0, 0))?;
        // Other sizes: larger than the canvas, and upright, where 60° go across.
        still(page, "{ width: 640 }", [640, 360], (70.0, 20.0), (0, 0))?;
        page.act("sphere.pitch = 0")?;
        let right = still(page, "{ width: 120, height: 200 }", [120, 200], (70.0, 0.0), (54, 0))?;
        let yaw = 70.0 + (0.9 * 30f64.to_radians().tan()).atan().to_degrees();
        let played = page.get(&format!("videoColour({yaw}, 0)"))?;
        let off = (right[0] - played[0].as_f64().unwrap_or(f64::NAN)).abs();
        ensure!(off <= 4.0, "at {yaw}° the still has {right:?}, the video {played}");
        // The canvas is as it was, also on the screen.
        assert_eq!(page.get("[sphere.canvas.width, sphere.canvas.height]")?, json!([320, 180]));
        if page.session.browser() == Browser::Chromium {
            page.see_on_screen(70.0, 0.0)?;
        }

        // The frame as it is decoded, wherever the view looks.
        let size = [page.number("sphere.videoWidth")?, page.number("sphere.videoHeight")?];
        let size = size.map(|px| px as u32);
        let left = still(page, "{ source: 'frame' }", size, (0.0, 0.0), (-(size[0] as i32) / 4, 0))?;
        ensure!((left[0] - 64.0).abs() < 8.0, "a quarter from its left the frame has {left:?}");
        still(page, "{ source: 'frame', height: 100 }", [200, 100], (0.0, 0.0), (0, 0))?;
        still(page, "{ type: 'image/jpeg', quality: 0.9 }", [320, 180], (70.0, 0.0), (0, 0))?;
        assert_eq!(page.get("last.type")?, json!("image/jpeg"));
        for wrong in ["source: 'eye'", "width: 0", "height: 1.5", "width: 9000"] {
            let call = format!("sphere.captureFrame({{ {wrong} }})");
            assert_eq!(error_name(page, &call)?, json!(["TypeError", true]), "{wrong}");
        }
        assert_eq!(page.get("sphere.stats.renderer")?, json!(renderer));
        assert_eq!(page.get("details.failure")?, json!([]));

        page.act("window.player = sphere.player; sphere.remove()")?;
        page.wait("!sphere.player")?;
        assert_eq!(error_name(page, "sphere.captureFrame()")?, typed("no-frame"));
        assert_eq!(error_name(page, "player.captureFrame()")?, typed("no-frame"));

        // A video of the page's own, from elsewhere and without CORS.
        let elsewhere = page.server.url("/media/480.mp4").replace("127.0.0.1", "localhost");
        page.act_async(&format!(
            "const {{ Player }} = await import('/element.js');
             const video = Object.assign(document.createElement('video'), {{ muted: true, src: '{elsewhere}' }});
             window.sphere = new Player({{ container: around, video, renderer: '{renderer}' }})"
        ))?;
        page.wait("sphere.readyState > 1")?;
        for options in ["", "{ source: 'frame' }"] {
            let call = format!("sphere.captureFrame({options})");
            assert_eq!(error_name(page, &call)?, typed("video-tainted"), "{options}");
        }
        Ok(())
    })
}

fn by_webgl2(browser: Browser) -> Result<()> {
    stills(Options::new(browser).with_size(640, 480), "webgl2")
}

#[test]
#[ignore = "needs Chromium"]
fn stills_by_webgl2() -> Result<()> {
    by_webgl2(Browser::Chromium)
}

#[test]
#[ignore = "needs Firefox"]
fn stills_in_firefox() -> Result<()> {
    by_webgl2(Browser::Firefox)
}

#[test]
#[ignore = "needs WebKitGTK"]
fn stills_in_webkit() -> Result<()> {
    by_webgl2(Browser::WebKit)
}

#[test]
#[ignore = "needs Chromium with Vulkan"]
fn stills_by_webgpu() -> Result<()> {
    let options = Options::new(Browser::Chromium).with_size(400, 300);
    stills(options.with_arguments(CHROMIUM_WEBGPU), "webgpu")
}
