//! The whole of it in an emulated headset: a stream, the element, the button of its bar. What each
//! eye sees, exactly, is looked at in `tests/xr.rs`.

use anyhow::{Context, Result, ensure};
use browser_tests::{LIMIT, PlayerPage, Scene};
use serde_json::json;
use std::time::Instant;
use webdriver::Browser::Chromium;
use webdriver::{Actions, CHROMIUM_WEBGL, Options, Pointer};

/// The codec's colours count here: a few degrees.
const TOLERANCE_DEG: f64 = 5.0;

fn press_the_button(page: &PlayerPage) -> Result<()> {
    let button = page.wait("headset.button()")?;
    assert_eq!(button[2], json!("Watch in the headset"));
    let at = |index: usize| button[index].as_f64().map(|px| px as i32).context("a place");
    let click = Pointer::mouse().to(at(0)?, at(1)?, 0).down().up();
    page.session.perform(&Actions::new().pointer(click))
}

fn eyes_look(page: &PlayerPage, yaw_deg: f64, pitch_deg: f64) -> Result<()> {
    let started = Instant::now();
    loop {
        let seen = page.act_async("return headset.see()")?;
        let is_near = |eye: usize, at: usize, wanted: f64| {
            seen[eye][at].as_f64().is_some_and(|deg| (deg - wanted).abs() < TOLERANCE_DEG)
        };
        if (0..2).all(|eye| is_near(eye, 0, yaw_deg) && is_near(eye, 1, pitch_deg)) {
            return Ok(());
        }
        ensure!(started.elapsed() < LIMIT, "the eyes see {seen}, not {yaw_deg}°, {pitch_deg}°");
    }
}

fn plays_on(page: &PlayerPage) -> Result<()> {
    page.act("window.then = sphere.stats.framesDecoded")?;
    page.wait("sphere.stats.framesDecoded > then + 10 && !sphere.paused").map(drop)
}

#[test]
#[ignore = "needs Chromium"]
fn a_stream_is_shown_in_the_headset_and_goes_on_on_the_page() -> Result<()> {
    let options = Options::new(Chromium).with_arguments(CHROMIUM_WEBGL).with_size(700, 480);
    Scene::with(options).on("/pages/headset.html").play(|page| {
        page.wait("window.isReady && sphere.renderer")?;
        page.act("sphere.play().catch(() => {})")?;
        page.wait("sphere.currentTime > 0.3 && direction()")?;
        page.look(40.0, 0.0, 75.0)?;
        press_the_button(page)?;
        page.wait("sphere.isImmersive")?;
        // What the page looked at lies ahead; the head does the rest.
        eyes_look(page, 40.0, 0.0)?;
        page.act_async("await headset.turn(-70, 25)")?;
        eyes_look(page, -30.0, 25.0)?;
        // The page rests meanwhile, the stream does not.
        page.act("window.drawn = sphere.stats.framesDrawn")?;
        plays_on(page)?;
        assert_eq!(page.get("sphere.stats.framesDrawn - drawn")?, json!(0));
        // The emulator lies over the page, as a headset takes it out of sight.
        page.wait("headset.button()[2] === 'Leave the headset'")?;
        page.act_async("await sphere.exitImmersive()")?;
        page.wait("!sphere.isImmersive && sphere.stats.framesDrawn > drawn + 2")?;
        page.sees(40.0, 0.0)?;
        plays_on(page)?;
        assert_eq!(page.get("[seen.pause, seen.emptied, seen.failure]")?, json!([0, 0, 0]));
        told_of_its_end(page)?;
        wanted_by_entering(page)?;
        failed_in_the_headset(page)
    })
}

/// The emulator hears of the head in a session only, and the next one's space begins there.
fn turn_back(page: &PlayerPage) -> Result<()> {
    let back =
        "await sphere.enterImmersive(); await headset.turn(0, 0); await sphere.exitImmersive()";
    page.act_async(back).map(drop)
}

/// Whoever ends the session: once, and it says so.
fn told_of_its_end(page: &PlayerPage) -> Result<()> {
    turn_back(page)?;
    page.act(
        "window.ends = 0;
         sphere.addEventListener('immersiveend', () => (ends += 1, window.wasImmersive = sphere.isImmersive))",
    )?;
    for (round, end) in [
        "sphere.renderer = 'webgl2'",
        "document.body.append(sphere)",
        "const home = sphere.parentNode; sphere.remove(); setTimeout(() => home.append(sphere))",
        "sphere.player.destroy(); sphere.renderer = 'auto'",
    ]
    .into_iter()
    .enumerate()
    {
        page.wait("sphere.renderer && sphere.readyState > 1")?;
        page.act("sphere.yaw = 40; sphere.playbackRate = 0.5")?;
        let head_deg = 60 * (1 + round % 2);
        page.act_async(&format!(
            "await sphere.enterImmersive(); await headset.turn({head_deg}, 0)"
        ))?;
        page.wait("sphere.isImmersive && Math.round(sphere.yaw) === 100")?;
        page.act(end)?;
        if round == 1 {
            // Only moved.
            page.act_async("await headset.turn(0, 0)")?;
            assert_eq!(page.get("[ends, sphere.isImmersive]")?, json!([1, true]));
            page.act_async("await sphere.exitImmersive()")?;
        }
        let rounds = round + 1;
        page.wait(&format!("ends >= {rounds} && headset.isIdle()"))?;
        page.wait("sphere.renderer && sphere.readyState > 1")?;
        page.act_async("await frames(2)")?;
        let after =
            page.get("[ends, wasImmersive, Math.round(sphere.yaw), sphere.playbackRate]")?;
        assert_eq!(after, json!([rounds, false, 40, 0.5]), "{end}");
    }
    turn_back(page)
}

/// Who enters wants to watch, though nothing was to be loaded; who has paused waits.
fn wanted_by_entering(page: &PlayerPage) -> Result<()> {
    page.act(
        "sphere.pause();
         sphere.preload = 'none';
         sphere.src = '/media/cmaf/master.m3u8'",
    )?;
    page.act_async("await frames(3)")?;
    assert_eq!(page.get("[sphere.readyState, sphere.paused]")?, json!([0, true]));
    page.act_async("await sphere.enterImmersive()")?;
    page.wait("sphere.currentTime > 0.3 && !sphere.paused")?;
    eyes_look(page, 40.0, 0.0)?;
    page.act_async("await sphere.exitImmersive(); sphere.pause(); await sphere.enterImmersive()")?;
    page.act_async("await headset.turn(0, 0)")?;
    assert_eq!(page.get("sphere.paused")?, json!(true));
    page.act_async("await sphere.exitImmersive()")?;
    Ok(())
}

/// A stream that ends for good gives the page back, which says why.
fn failed_in_the_headset(page: &PlayerPage) -> Result<()> {
    page.act_async("await sphere.enterImmersive()")?;
    page.act("window.ends = 0; sphere.preload = 'auto'; sphere.src = 'ftp://nowhere/a.m3u8'")?;
    page.wait("sphere.error && ends === 1 && !sphere.isImmersive && headset.isIdle()")?;
    let failure = "sphere.shadowRoot.querySelector('.failure')";
    assert_eq!(page.get(&format!("{failure}.hidden"))?, json!(false));
    // To enter now would be to look at nothing.
    let reason =
        page.act_async("return (await sphere.enterImmersive().catch((reason) => reason)).name")?;
    assert_eq!(reason, json!("invalid-url"));
    Ok(())
}
