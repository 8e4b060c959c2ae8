//! Firefox and WebKitGTK: other media sources, other decoders, other canvases.

use anyhow::{Result, ensure};
use browser_tests::Scene;
use serde_json::{Value, json};
use test_streams::live::Options;
use webdriver::{Actions, Browser, Options as DriverOptions, Pointer};

/// How the browser's media source is told in the figures.
fn media_source(browser: Browser) -> Value {
    match browser {
        Browser::Chromium => json!([true, false, false]),
        Browser::Firefox => json!([false, false, false]),
        Browser::WebKit => json!([false, true, false]),
    }
}

fn recorded(browser: Browser) -> Result<()> {
    Scene::new(browser).play(|page| {
        page.play("/media/ts/master.m3u8")?;
        assert_eq!(
            page.get("[sphere.stats.mseInWorker, sphere.stats.managed, sphere.stats.native]")?,
            media_source(browser)
        );
        page.look(0.0, 0.0, 75.0)?;
        page.look(70.0, 25.0, 60.0)?;
        // To the left by the mouse: the scene follows the hand, the view goes to the right.
        page.look(0.0, 0.0, 75.0)?;
        let drag = Pointer::mouse().to(200, 90, 0).down().to(120, 90, 300).pause(300).up();
        page.session.perform(&Actions::new().pointer(drag))?;
        page.wait("sphere.yaw > 15")?;
        page.at_rest()?;
        page.sees(page.number("sphere.yaw")?, page.number("sphere.pitch")?)?;
        // Forth and back, and to the end.
        page.act("forget(); sphere.currentTime = 11")?;
        page.wait("seen.seeked && !sphere.seeking && sphere.currentTime > 11.3")?;
        page.act("forget(); sphere.currentTime = 2")?;
        page.wait("seen.seeked && !sphere.seeking && sphere.currentTime > 2.3")?;
        page.act("sphere.currentTime = 14.5")?;
        page.wait("sphere.ended")?;
        assert_eq!(page.get("details.failure")?, json!([]));
        // Sound apart from the picture.
        page.act("forget()")?;
        page.play("/media/cmaf/master.m3u8")?;
        page.look(-30.0, 0.0, 75.0)?;
        assert_eq!(page.get("details.failure")?, json!([]));
        crate::foreign_lists::play(page)?;
        crate::texts::play(page)
    })
}

fn live(browser: Browser) -> Result<()> {
    Scene::new(browser).with_live(Options { window_segments: 8 }).play(|page| {
        page.play("/live/master.m3u8")?;
        page.look(20.0, 0.0, 75.0)?;
        let from = page.number("sphere.timeline.end")?;
        page.wait(&format!("sphere.timeline.end > {from} + 5"))?;
        // How far behind the edge depends on how busy the machine is; in the window it must be.
        ensure!(
            page.get("sphere.isLive && sphere.currentTime >= sphere.timeline.start")?
                == json!(true),
            "it fell out of the window"
        );
        page.sees(20.0, 0.0)?;
        page.wait("sphere.timeline.liveEdge - sphere.timeline.start > 8")?;
        page.act("forget(); window.back = sphere.timeline.start + 1; sphere.currentTime = back")?;
        page.wait("seen.seeked && !sphere.seeking && sphere.currentTime > back + 0.3")?;
        page.act("sphere.goLive()")?;
        page.wait("sphere.isAtLiveEdge && !sphere.seeking && sphere.readyState > 2")?;
        page.act("window.from = sphere.currentTime")?;
        page.wait("sphere.currentTime > from + 2")?;
        assert_eq!(page.get("details.failure")?, json!([]));
        Ok(())
    })
}

#[test]
#[ignore = "needs Firefox"]
fn firefox_plays_what_is_recorded() -> Result<()> {
    recorded(Browser::Firefox)
}

#[test]
#[ignore = "needs Firefox and ffmpeg"]
fn firefox_follows_what_is_live() -> Result<()> {
    live(Browser::Firefox)
}

#[test]
#[ignore = "needs WebKitGTK"]
fn webkit_plays_what_is_recorded() -> Result<()> {
    recorded(Browser::WebKit)
}

#[test]
#[ignore = "needs WebKitGTK and ffmpeg"]
fn webkit_follows_what_is_live() -> Result<()> {
    live(Browser::WebKit)
}

/// Here `requestVideoFrameCallback` exists and never fires.
#[test]
#[ignore = "needs WebKitGTK"]
fn webkit_without_frame_callbacks_is_drawn_by_the_clock() -> Result<()> {
    let mut options = DriverOptions::new(Browser::WebKit).with_size(640, 480);
    options.environment.push(("WEBKIT_DISABLE_DMABUF_RENDERER".to_owned(), "1".to_owned()));
    Scene::with(options).play(|page| {
        page.play("/media/ts/master.m3u8")?;
        page.act("window.from = sphere.stats.framesDrawn")?;
        page.wait("sphere.stats.framesDrawn > from + 5")?;
        page.look(-30.0, 15.0, 75.0)?;
        page.act("sphere.pause()")?;
        let drawn = page.act_async(
            "await frames(15); const before = sphere.stats.framesDrawn; await frames(30);
             return sphere.stats.framesDrawn - before",
        )?;
        assert_eq!(drawn, json!(0), "a still picture was drawn again");
        Ok(())
    })
}
