//! The WebGPU renderer, in software: one small session, since it is slow.

use anyhow::Result;
use browser_tests::Scene;
use serde_json::json;
use xtask::webdriver::{Browser, CHROMIUM_WEBGPU, Options};

#[test]
#[ignore = "needs Chromium with Vulkan"]
fn webgpu_shows_the_same_directions() -> Result<()> {
    let options =
        Options::new(Browser::Chromium).with_size(400, 300).with_arguments(CHROMIUM_WEBGPU);
    Scene::with(options).play(|stage| {
        stage.act("usePlayer({ renderer: 'webgpu', src: '/media/ts/master.m3u8' })")?;
        stage.wait("sphere.renderer === 'webgpu'")?;
        stage.act("sphere.play().catch(() => {})")?;
        stage.wait("sphere.currentTime > 0.5 && sphere.stats.framesDrawn > 2")?;
        // A presented canvas is empty for readers; right after it was drawn it is not.
        for (yaw, pitch, fov) in [(10.0, 0.0, 75.0), (70.0, 20.0, 60.0), (-120.0, -30.0, 90.0)] {
            stage.act_async(&format!(
                "await new Promise((resolve) => {{
                   sphere.addEventListener('viewchange', () => resolve(window.read = direction()), {{ once: true }});
                   Object.assign(sphere, {{ yaw: {yaw}, pitch: {pitch}, fov: {fov} }});
                 }})"
            ))?;
            stage.close_to("read", yaw, pitch)?;
        }
        assert_eq!(stage.get("[details.error, sphere.renderer]")?, json!([[], "webgpu"]));
        Ok(())
    })
}
