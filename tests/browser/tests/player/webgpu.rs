//! The WebGPU renderer, in software: few and small sessions, since it is slow.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::{Value, json};
use webdriver::{Browser, CHROMIUM_WEBGPU, Options};

fn scene() -> Scene {
    let options = Options::new(Browser::Chromium).with_size(400, 300);
    Scene::with(options.with_arguments(CHROMIUM_WEBGPU))
}

/// Plays by WebGPU, if it can.
fn play(page: &PlayerPage) -> Result<()> {
    page.act("sphere.renderer = 'webgpu'; sphere.src = '/media/ts/master.m3u8'; sphere.play().catch(() => {})")?;
    page.wait("sphere.currentTime > 0.5 && sphere.stats.framesDrawn > 2").map(drop)
}

#[test]
#[ignore = "needs Chromium with Vulkan"]
fn webgpu_shows_the_same_directions_and_colours() -> Result<()> {
    scene().play(|page| {
        play(page)?;
        page.act("sphere.pause()")?;
        // A presented canvas is empty for readers; right after it was drawn it is not.
        for (yaw, pitch, fov) in [(10.0, 0.0, 75.0), (70.0, 20.0, 30.0), (-120.0, -30.0, 90.0)] {
            page.act_async(&format!(
                "await new Promise((resolve) => {{
                   sphere.addEventListener('viewchange', () => resolve(window.read = [direction(), colour(4, 4)]), {{ once: true }});
                   Object.assign(sphere, {{ yaw: {yaw}, pitch: {pitch}, fov: {fov} }});
                 }})"
            ))?;
            page.close_to("read[0]", yaw, pitch)?;
            let played = page.get(&format!("videoColour({yaw}, {pitch})"))?;
            let drawn = page.get("read[1]")?;
            let part = |colour: &Value, at: usize| colour[at].as_f64().unwrap_or(f64::NAN);
            for channel in 0..3 {
                let off = (part(&drawn, channel) - part(&played, channel)).abs();
                ensure!(off <= 3.0, "the canvas has {drawn}, the video {played}");
            }
        }
        assert_eq!(page.get("[details.failure, sphere.renderer]")?, json!([[], "webgpu"]));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium with Vulkan"]
fn a_device_that_is_lost_is_replaced() -> Result<()> {
    scene().expecting(&["CONTEXT_LOST_WEBGL"]).play(|page| {
        play(page)?;
        page.act("sphere.pause(); Object.assign(sphere, { yaw: 50, pitch: 10 })")?;
        page.see_on_screen(50.0, 10.0)?;
        page.session.cdp("Browser.crashGpuProcess", json!({}))?;
        // Paused, with nobody's help.
        page.wait("seen.contextrestored")?;
        page.see_on_screen(50.0, 10.0)?;
        page.act("sphere.yaw = -60; sphere.play().catch(() => {})")?;
        page.see_on_screen(-60.0, 10.0)?;
        assert_eq!(
            page.get("[details.warning.map(({ name }) => name), sphere.renderer, sphere.error]")?,
            json!([["context-lost"], "webgpu", null])
        );
        // The last picture goes with its source.
        page.act("sphere.src = ''")?;
        page.see_black_on_screen()
    })
}

#[test]
#[ignore = "needs Chromium with Vulkan"]
fn a_frame_that_webgpu_does_not_take_brings_webgl2() -> Result<()> {
    scene().play(|page| {
        page.act(
            "GPUQueue.prototype.copyExternalImageToTexture = () => {
               throw new DOMException('not this one', 'OperationError');
             }",
        )?;
        page.act("forget()")?;
        play(page)?;
        page.wait("sphere.renderer === 'webgl2' && direction()")?;
        page.look(70.0, 20.0, 60.0)?;
        // It was WebGPU at first, and its canvas has gone with it.
        assert_eq!(
            page.get("details.rendererchange.map(({ renderer }) => renderer)")?,
            json!(["webgpu", "webgl2"])
        );
        assert_eq!(page.get("sphere.shadowRoot.querySelectorAll('canvas').length")?, json!(1));
        assert_eq!(page.get("sphere.error")?, json!(null));
        Ok(())
    })
}
