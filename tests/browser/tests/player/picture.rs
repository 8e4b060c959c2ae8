//! What is seen, and what moves it: hands, keys, sensors, screens, and lost graphics.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use webdriver::Browser::Chromium;
use webdriver::{Actions, CHROMIUM_WEBGL, Options, Pointer};

/// A picture that stands still.
fn still(page: &PlayerPage) -> Result<()> {
    page.play("/media/ts/master.m3u8")?;
    page.wait("sphere.videoWidth === 480 || (sphere.currentTime > 4 && sphere.videoWidth)")?;
    page.act("sphere.pause()")?;
    page.look(0.0, 0.0, 75.0)
}

/// Waits until the camera is at rest, and holds the pixels against where it says it looks.
fn rests(page: &PlayerPage) -> Result<(f64, f64)> {
    page.at_rest()?;
    let (yaw, pitch) = (page.number("sphere.yaw")?, page.number("sphere.pitch")?);
    page.sees(yaw, pitch)?;
    Ok((yaw, pitch))
}

#[test]
#[ignore = "needs Chromium"]
fn hands_and_keys_turn_and_zoom() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        still(page)?;
        let perform = |actions: Actions| page.session.perform(&actions);
        // What is grabbed stays under the pointer: 40 px at either side of the middle of 180 are
        // 18.8° with this field of view.
        let drag = Pointer::mouse().to(200, 90, 0).down().to(120, 90, 200).pause(400).up();
        perform(Actions::new().pointer(drag))?;
        page.wait("sphere.yaw > 36")?;
        let (yaw, pitch) = rests(page)?;
        ensure!((yaw - 37.7).abs() < 1.0 && pitch.abs() < 1.0, "dragged to {yaw}°, {pitch}°");

        perform(Actions::new().wheel((160, 90), (0, -200)))?;
        page.wait("sphere.fov < 70")?;
        rests(page)?;
        perform(Actions::new().wheel((160, 90), (0, 400)))?;
        page.wait("sphere.fov > 75")?;
        rests(page)?;

        page.act("sphere.canvas.focus(); sphere.fov = 75; sphere.yaw = 0")?;
        perform(Actions::new().key(Actions::RIGHT, 300))?;
        page.wait("sphere.yaw > 3")?;
        rests(page)?;
        perform(Actions::new().key(Actions::DOWN, 300))?;
        page.wait("sphere.pitch < -3")?;
        rests(page)?;
        perform(Actions::new().key('+', 300))?;
        page.wait("sphere.fov < 72")?;
        rests(page)?;
        perform(Actions::new().key(Actions::HOME, 30))?;
        page.wait("Math.abs(sphere.yaw) < 0.5 && Math.abs(sphere.pitch) < 0.5")?;
        rests(page).map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn fingers_drag_and_pinch() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        still(page)?;
        let drag = Pointer::finger(1).to(120, 90, 0).down().to(200, 90, 200).pause(400).up();
        page.session.perform(&Actions::new().pointer(drag))?;
        page.wait("sphere.yaw < -36")?;
        rests(page)?;
        let finger = |number, from, to| {
            Pointer::finger(number).to(from, 90, 0).down().to(to, 90, 300).pause(200).up()
        };
        let pinch = Actions::new().pointer(finger(1, 140, 80)).pointer(finger(2, 180, 240));
        page.session.perform(&pinch)?;
        page.wait("sphere.fov < 40")?;
        rests(page).map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn the_view_follows_the_motion_sensor() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        let hold = |alpha: i32, beta: i32| {
            let angles = json!({ "alpha": alpha, "beta": beta, "gamma": 0 });
            page.session.cdp("DeviceOrientation.setDeviceOrientationOverride", angles)
        };
        still(page)?;
        // Upright in front of the face.
        hold(0, 90)?;
        assert_eq!(
            page.act_async("return await sphere.requestPermissionForMotion()")?,
            json!(true)
        );
        // The view takes its first reading from here, not from where the device is held next.
        page.act(
            "const told = () => (window.isTold = true);
             sphere.motion = true;
             addEventListener('deviceorientation', told, { once: true })",
        )?;
        page.wait("window.isTold && Math.abs(sphere.pitch) < 1")?;
        page.act("sphere.recenter()")?;
        page.wait("Math.abs(sphere.yaw) < 1")?;
        // Alpha grows to the left.
        hold(330, 90)?;
        page.wait("Math.abs(sphere.yaw - 30) < 1")?;
        rests(page)?;
        hold(330, 110)?;
        page.wait("Math.abs(sphere.pitch - 20) < 1")?;
        rests(page)?;
        hold(90, 60)?;
        page.wait("Math.abs(sphere.yaw + 90) < 1 && Math.abs(sphere.pitch + 30) < 1")?;
        rests(page).map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn the_horizon_stays_level_on_a_turned_screen() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        still(page)?;
        // A phone held across, its left edge down: the screen is turned with it.
        page.session.cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": 640, "height": 480, "deviceScaleFactor": 1, "mobile": false,
                    "screenOrientation": { "type": "landscapePrimary", "angle": 90 } }),
        )?;
        page.wait("screen.orientation.angle === 90")?;
        let angles = json!({ "alpha": 0, "beta": 0, "gamma": -90 });
        page.session.cdp("DeviceOrientation.setDeviceOrientationOverride", angles)?;
        page.act("sphere.motion = true")?;
        page.wait("(sphere.recenter(), Math.abs(sphere.yaw) < 1 && Math.abs(sphere.pitch) < 1)")?;
        // Red grows to the right and green downwards, by nothing else.
        page
            .wait(
                "(([left, right, above, below]) => {
                   const [across, fall] = [[right, left], [below, above]].map(([a, b]) =>
                     a.map((value, channel) => value - b[channel]));
                   return across[0] > 15 && Math.abs(across[1]) < 5 && fall[1] > 15 && Math.abs(fall[0]) < 5;
                 })([[-50, 0], [50, 0], [0, -50], [0, 50]].map(([x, y]) => colour(8, 8, x, y)))",
            )
            .map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn nothing_is_drawn_when_nothing_changes() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.play("/media/ts/master.m3u8")?;
        page.act("window.from = sphere.stats.framesDrawn")?;
        page.wait("sphere.stats.framesDrawn > from + 10")?;
        page.act("sphere.pause()")?;
        let drawn = page.act_async(
            "await frames(10); const before = sphere.stats.framesDrawn; await frames(60);
             return sphere.stats.framesDrawn - before",
        )?;
        assert_eq!(drawn, json!(0), "a still picture was drawn again");
        // A window out of sight: the stream goes on, the drawing does not.
        page.act("sphere.play()")?;
        let window = page.session.cdp("Browser.getWindowForTarget", json!({}))?["windowId"].clone();
        let bounds = |state: &str| {
            let bounds = json!({ "windowId": window, "bounds": { "windowState": state } });
            page.session.cdp("Browser.setWindowBounds", bounds)
        };
        bounds("minimized")?;
        page.wait("document.hidden")?;
        page.act("window.from = sphere.stats.framesDrawn; window.secs = sphere.currentTime")?;
        page.wait("sphere.currentTime > secs + 1.5")?;
        ensure!(page.number("sphere.stats.framesDrawn - from")? <= 1.0, "it draws for nobody");
        bounds("normal")?;
        page.wait("!document.hidden && sphere.stats.framesDrawn > from + 10")?;
        rests(page).map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn any_size_is_filled() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        still(page)?;
        for (width, height) in [(320, 180), (200, 240), (400, 100)] {
            page.act(&format!(
                "Object.assign(sphere.style, {{ width: '{width}px', height: '{height}px' }})"
            ))?;
            page.wait(&format!(
                "sphere.canvas.width === {width} && sphere.canvas.height === {height}"
            ))?;
            page.look(-40.0, 10.0, 60.0)?;
            page.look(100.0, -20.0, 75.0)?;
        }
        // Upright, 75° go across and not upwards: nine tenths of the way to the right are 34.6°.
        page.act("Object.assign(sphere.style, { width: '180px', height: '320px' })")?;
        page.wait("sphere.canvas.width === 180 && sphere.canvas.height === 320")?;
        page.look(20.0, 0.0, 75.0)?;
        page.wait(
            "((drawn, played) => Math.abs(drawn[0] - played[0]) <= 4)(
               colour(2, 2, 81, 0), videoColour(20 + 34.63, 0))",
        )
        .map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_dense_screen_gets_all_its_pixels() -> Result<()> {
    let dense = Options::new(Chromium).with_size(640, 480);
    Scene::with(dense.with_arguments(&["--force-device-scale-factor=2"])).play(|page| {
        still(page)?;
        assert_eq!(page.get("devicePixelRatio")?, json!(2));
        page.wait("sphere.canvas.width === 640 && sphere.canvas.height === 360")?;
        assert_eq!(
            page.get("[sphere.canvas.clientWidth, sphere.canvas.clientHeight]")?,
            json!([320, 180])
        );
        page.look(-70.0, 15.0, 60.0)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_fallen_graphics_process_costs_a_moment() -> Result<()> {
    // With frames on the GPU, as everywhere but here: they are lost with its process.
    let options = Options::new(Chromium).with_size(640, 480).with_arguments(CHROMIUM_WEBGL);
    Scene::with(options).expecting(&["CONTEXT_LOST_WEBGL"]).play(|page| {
        still(page)?;
        page.look(50.0, 10.0, 75.0)?;
        page.see_on_screen(50.0, 10.0)?;
        page.session.cdp("Browser.crashGpuProcess", json!({}))?;
        page.wait("seen.contextrestored")?;
        // Paused, with nobody's help. What the screen shows: after such a fall the test's own copy
        // of the canvas stays black.
        page.see_on_screen(50.0, 10.0)?;
        page.act("sphere.yaw = -60")?;
        page.see_on_screen(-60.0, 10.0)?;
        page.act("sphere.play()")?;
        page.wait("sphere.currentTime > 5")?;
        page.see_on_screen(-60.0, 10.0)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn lost_graphics_come_back() -> Result<()> {
    // Chromium tells of the loss itself.
    let told = ["CONTEXT_LOST_WEBGL"];
    Scene::new(Chromium).expecting(&told).play(|page| {
        still(page)?;
        page.act(
            "window.lose = sphere.canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
             lose.loseContext()",
        )?;
        page.wait("details.warning.some(({ name }) => name === 'context-lost')")?;
        page.act("lose.restoreContext()")?;
        page.wait("seen.contextrestored")?;
        page.look(50.0, 0.0, 75.0)?;
        let told =
            page.get("[details.error, new Set(details.warning.map(({ name }) => name)).size]")?;
        assert_eq!(told, json!([[], 1]));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn colours_are_those_of_the_video() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        still(page)?;
        for (yaw, pitch) in [(0.0, 0.0), (120.0, 30.0), (-120.0, -30.0), (-60.0, 60.0)] {
            page.look(yaw, pitch, 30.0)?;
            let [drawn, played] = ["colour(4, 4)", &format!("videoColour({yaw}, {pitch})")]
                .map(|what| page.get(what));
            let (drawn, played) = (drawn?, played?);
            for channel in 0..3 {
                let part =
                    |colour: &serde_json::Value| colour[channel].as_f64().unwrap_or(f64::NAN);
                let off = (part(&drawn) - part(&played)).abs();
                ensure!(
                    off <= 3.0,
                    "at {yaw}°, {pitch}° the canvas has {drawn}, the video {played}"
                );
            }
        }
        Ok(())
    })
}
