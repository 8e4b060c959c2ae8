//! `<video-sphere>` in real browsers: what a `<video>` has, life cycle, errors, and the control bar
//! under a keyboard. The engine is a stand-in (`pages/playback_stand_in.js`), all else is what
//! ships. Needs `cargo xtask build` and the browsers, so it runs when asked for: `cargo xtask test`
//! does, and `cargo test -p browser-tests -- --ignored`.

use anyhow::{Context, Result};
use dev_server::{Mount, Options, Server};
use machine::shell::root;
use serde_json::{Value, json};
use std::time::Duration;
use webdriver::{Actions, Browser, Session};

const LIMIT: Duration = Duration::from_secs(30);
/// For all checks of the page together.
const CHECKS_LIMIT: Duration = Duration::from_secs(120);

fn open(browser: Browser) -> Result<(Server, Session)> {
    let server = Server::start(Options {
        mounts: vec![
            Mount::new("/", root().join("www")),
            Mount::new("/pages/", root().join("tests/browser/pages")),
        ],
        control: true,
        ..Options::default()
    })?;
    let session = Session::start(browser)?;
    session.goto(&server.url("/pages/face.html"))?;
    session.wait_until("window.results", CHECKS_LIMIT).with_context(|| {
        format!("in: {:?}; {}", session.evaluate("running"), session.last_words())
    })?;
    Ok((server, session))
}

fn every_check_passes(browser: Browser) -> Result<()> {
    let (_server, session) = open(browser)?;
    let results = session.evaluate("window.results")?;
    assert_eq!(results["failed"], json!([]), "{}", session.last_words());
    assert!(results["count"].as_u64() >= Some(10));
    silent_where_the_headset_is_not_allowed(&session)
}

/// A frame without leave for WebXR: as if there were none, and not a word in the console.
fn silent_where_the_headset_is_not_allowed(session: &Session) -> Result<()> {
    session.clear_console()?;
    let told = session.execute_async(
        r#"const frame = document.createElement('iframe');
           frame.allow = "xr-spatial-tracking 'none'";
           frame.src = '/pages/early.html';
           document.body.append(frame);
           await new Promise((resolve) => frame.addEventListener('load', resolve));
           await frame.contentWindow.define();
           const page = frame.contentDocument;
           page.body.innerHTML = '<video-sphere controls renderer=webgl2></video-sphere>';
           const element = page.querySelector('video-sphere');
           await element.ready;
           while (!element.shadowRoot.querySelector('.bar')) await new Promise(requestAnimationFrame);
           const reason = await element.enterImmersive().catch((reason) => reason);
           return [await element.isImmersiveSupported(), reason.name];"#,
        &[],
    )?;
    assert_eq!(told, json!([false, "immersive-unavailable"]));
    let bad = session.console_errors()?;
    assert!(bad.is_empty(), "{bad:?}");
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn checks_in_chromium() -> Result<()> {
    every_check_passes(Browser::Chromium)
}

#[test]
#[ignore = "needs Firefox"]
fn checks_in_firefox() -> Result<()> {
    every_check_passes(Browser::Firefox)
}

#[test]
#[ignore = "needs WebKitGTK"]
fn checks_in_webkit() -> Result<()> {
    every_check_passes(Browser::WebKit)
}

#[test]
#[ignore = "needs Chromium"]
fn the_bar_by_keyboard() -> Result<()> {
    let (_server, session) = open(Browser::Chromium)?;
    // One of the checks asks for what is not there.
    session.clear_console()?;
    let press = |key: char| session.perform(&Actions::new().key(key, 30));
    let wait = |expression: &str| session.wait_until(expression, LIMIT);
    session.execute(
        "document.querySelector('#first').innerHTML =
           '<video-sphere id=sphere muted controls src=\"a.m3u8\"></video-sphere>';
         window.sphere = document.querySelector('#sphere');
         window.inside = (selector) => sphere.shadowRoot.querySelector(selector);
         window.menu = (name) => inside(`.menu[aria-label=${name}]`);
         window.named = (name) => inside(`.bar button[aria-label=${name}]`);",
        &[],
    )?;
    session.execute_async("await sphere.play()", &[])?;
    wait("sphere.renderer && inside('.bar')")?;
    session.execute("inside('canvas').focus()", &[])?;

    press('k')?;
    wait("sphere.paused")?;
    press(' ')?;
    wait("!sphere.paused")?;
    press('m')?;
    wait("!sphere.muted")?;
    press('m')?;
    wait("sphere.muted")?;
    session.execute("sphere.pause(); sphere.currentTime = 2", &[])?;
    press('l')?;
    wait("sphere.currentTime === 12")?;
    press('j')?;
    wait("sphere.currentTime === 2")?;

    // Arrows turn the picture; with Shift they seek and leave it alone.
    session.perform(&Actions::new().key(Actions::LEFT, 300))?;
    wait("sphere.yaw < -1")?;
    // A turn runs out gently; look at its end. Two looks may fall into one frame of a busy machine.
    session.execute_async(
        "for (let last; last !== sphere.yaw; ) {
           last = sphere.yaw;
           for (let left = 10; left; left -= 1) await new Promise(requestAnimationFrame);
         }",
        &[],
    )?;
    session.execute("sphere.yaw = 0; sphere.currentTime = 10", &[])?;
    session.perform(&Actions::new().chord(Actions::SHIFT, Actions::LEFT))?;
    wait("sphere.currentTime === 5")?;
    assert_eq!(session.evaluate("Math.round(sphere.yaw)")?, 0);

    press('?')?;
    wait("!inside('.help').hidden && sphere.shadowRoot.activeElement.matches('.help-close')")?;
    press(Actions::ESCAPE)?;
    wait("inside('.help').hidden")?;

    // The menu opens on what is chosen, and gives the focus back.
    session.execute("named('Quality').focus()", &[])?;
    press(Actions::ENTER)?;
    wait("sphere.shadowRoot.activeElement.getAttribute('aria-checked') === 'true'")?;
    press(Actions::DOWN)?;
    press(Actions::ENTER)?;
    wait("sphere.quality === 1920 && menu('Quality').hidden")?;
    assert_eq!(session.evaluate("sphere.shadowRoot.activeElement === named('Quality')")?, true);

    // Tab goes through and out.
    session.execute("inside('canvas').focus()", &[])?;
    let mut names = Vec::new();
    for _ in 0..20 {
        let name = session.evaluate(
            "document.activeElement === sphere
               ? (sphere.shadowRoot.activeElement.getAttribute('aria-label') ?? 'nameless') : null",
        )?;
        let Value::String(name) = name else { break };
        names.push(name);
        press(Actions::TAB)?;
    }
    let tail: Vec<&str> = names.iter().skip(1).map(String::as_str).collect();
    assert_eq!(
        tail,
        [
            "Seek",
            "Play",
            "Unmute",
            "Volume",
            "Look ahead",
            "Quality",
            "Keyboard help",
            "Picture-in-picture",
            "Full screen"
        ]
    );
    let bad = session.console_errors()?;
    assert!(bad.is_empty(), "{bad:?}");
    Ok(())
}
