//! The headset, emulated (IWER) in a real browser: what each eye sees for given head poses, by both
//! ways of showing it, and the life of a session. Needs `cargo xtask build`, Chromium and ffmpeg, so
//! it runs when asked for: `cargo xtask test` does, and `cargo test -p browser-tests -- --ignored`.

use anyhow::{Context, Result};
use dev_server::{Mount, Options, Server};
use machine::shell::{self, root};
use machine::tools;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use webdriver::{Browser, CHROMIUM_WEBGL, Session};

const LIMIT: Duration = Duration::from_secs(30);

/// Blue of what is meant for the left eye, or for both; and for the right.
const LEFT_BLUE: f64 = 60.0;
const RIGHT_BLUE: f64 = 190.0;
const BLUE_TOLERANCE: f64 = 25.0;

/// Largest angle between what is seen and what should be.
const TOLERANCE_DEG: f64 = 2.0;

/// Which way the picture is shown.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    MediaLayer,
    WebGlLayer,
}

struct Page {
    session: Session,
    _server: Server,
    way: Way,
}

impl Page {
    fn open(way: Way) -> Result<Self> {
        Self::open_with(way, "")
    }

    /// With a module that can be made to fall.
    fn open_trap(way: Way) -> Result<Self> {
        Self::open_with(way, "&trap")
    }

    fn open_with(way: Way, query: &str) -> Result<Self> {
        tools::node_modules()?;
        let server = Server::start(Options {
            mounts: vec![
                Mount::new("/", root().join("www")),
                Mount::new("/pages/", root().join("tests/browser/pages")),
                Mount::new("/modules/", root().join("node_modules")),
                Mount::new("/media/", videos()?),
            ],
            control: true,
            ..Options::default()
        })?;
        let options = webdriver::Options::new(Browser::Chromium)
            .with_arguments(CHROMIUM_WEBGL)
            .with_size(640, 360);
        let session = Session::start_with(&options)?;
        let layers = if way == Way::MediaLayer { "layers" } else { "" };
        session.goto(&server.url(&format!("/pages/xr.html?{layers}{query}")))?;
        session.wait_until("window.isReady", LIMIT)?;
        Ok(Self { session, _server: server, way })
    }

    fn run(&self, script: &str) -> Result<Value> {
        self.session.execute_async(&format!("const h = window.headset; {script}"), &[])
    }

    fn load(&self, name: &str, stereo: &str) -> Result<()> {
        self.run(&format!("await h.load('{name}', '{stereo}')")).map(drop)
    }

    /// By a click, and until the picture is there.
    fn enter(&self) -> Result<()> {
        self.session.click(&self.session.find("#enter")?)?;
        assert_eq!(self.run("return h.entered()")?, "entered");
        let way = match self.way {
            Way::MediaLayer => "media-layer",
            Way::WebGlLayer => "webgl-layer",
        };
        assert_eq!(self.run("return h.picture.immersiveTarget")?, way);
        self.shown()
    }

    /// Until the picture is on the headset's display; black has no blue in it.
    fn shown(&self) -> Result<()> {
        self.run("for (let i = 0; i < 200; i += 1) if ((await h.see()).left.blue > 20) return; throw Error('dark')")
            .map(drop)
    }

    fn exit(&self) -> Result<()> {
        // The next session's space begins where the head is.
        self.run("await h.turn(0, 0); await h.picture.exitImmersive()").map(drop)
    }

    fn turn(&self, yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> Result<()> {
        self.run(&format!("await h.turn({yaw_deg}, {pitch_deg}, {roll_deg})")).map(drop)
    }

    /// Both eyes see this direction, each its own picture.
    #[track_caller]
    fn assert_sees(&self, yaw_deg: f64, pitch_deg: f64, sees: Sees) -> Result<()> {
        let seen = self.run(&format!("return h.see({})", sees.extent_deg))?;
        for (eye, blue) in [("left", LEFT_BLUE), ("right", sees.right_blue)] {
            let number = |name: &str| seen[eye][name].as_f64().context("a number");
            let (yaw, pitch) = (number("yaw")?, number("pitch")?);
            let apart = angle_deg((yaw, pitch), (yaw_deg, pitch_deg));
            assert!(
                apart <= TOLERANCE_DEG,
                "{eye} eye: {yaw:.1} {pitch:.1}, not {yaw_deg} {pitch_deg}, {apart:.1}° apart: {seen}"
            );
            assert!((number("blue")? - blue).abs() < BLUE_TOLERANCE, "{eye} eye's blue: {seen}");
        }
        Ok(())
    }

    fn wait(&self, expression: &str) -> Result<Value> {
        self.session.wait_until(expression, LIMIT)
    }

    #[track_caller]
    fn assert_console_clean(&self) -> Result<()> {
        let bad = self.session.console_errors()?;
        assert!(bad.is_empty(), "{bad:?}");
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Sees {
    extent_deg: f64,
    right_blue: f64,
}

const MONO: Sees = Sees { extent_deg: 360.0, right_blue: LEFT_BLUE };
const STEREO: Sees = Sees { extent_deg: 360.0, right_blue: RIGHT_BLUE };

/// Between two directions given as yaw and pitch in degrees.
fn angle_deg(a: (f64, f64), b: (f64, f64)) -> f64 {
    let vector = |(yaw, pitch): (f64, f64)| {
        let (yaw, pitch) = (yaw.to_radians(), pitch.to_radians());
        [yaw.sin() * pitch.cos(), pitch.sin(), -yaw.cos() * pitch.cos()]
    };
    let (a, b) = (vector(a), vector(b));
    let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    dot.clamp(-1.0, 1.0).acos().to_degrees()
}

/// The direction-coded videos: one picture for both eyes, and two stereo layouts.
fn videos() -> Result<PathBuf> {
    // Tests of one process would write into one another's unfinished file.
    static MAKING: Mutex<()> = Mutex::new(());
    let _alone = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = shell::target().join("media/headset");
    std::fs::create_dir_all(&folder)?;
    let coded = |blue: f64| {
        format!(
            "color=s=640x320:r=10:d=0.1,format=gbrp,geq=r='255*(X+0.5)/W':g='255*(Y+0.5)/H':b={blue}"
        )
    };
    let (left, right) = (coded(LEFT_BLUE), coded(RIGHT_BLUE));
    for (name, source) in [
        ("mono", left.clone()),
        ("top-bottom", format!("{left}[l];{right}[r];[l][r]vstack")),
        ("side-by-side", format!("{left}[l];{right}[r];[l][r]hstack")),
    ] {
        make_video(&folder.join(format!("{name}.mp4")), &source)?;
    }
    Ok(folder)
}

/// A minute of one still picture.
fn make_video(path: &Path, source: &str) -> Result<()> {
    if path.is_file() {
        return Ok(());
    }
    let looped = format!(
        "{source},loop=loop=-1:size=1,setpts=N/(10*TB),\
         scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
    );
    // Whole or not at all: another process may look for it meanwhile.
    let unfinished = path.with_extension(format!("{}.mp4", std::process::id()));
    let mut ffmpeg = shell::command(tools::require("ffmpeg")?);
    ffmpeg.args(["-hide_banner", "-loglevel", "error", "-y", "-f", "lavfi", "-i", &looped]);
    ffmpeg.args(["-t", "60", "-r", "10", "-c:v", "libx264", "-crf", "8", "-g", "10", "-bf", "0"]);
    ffmpeg.args(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]);
    shell::run(ffmpeg.args(["-movflags", "+faststart"]).arg(&unfinished))?;
    Ok(std::fs::rename(unfinished, path)?)
}

fn eyes_see_their_pictures(way: Way) -> Result<()> {
    let page = Page::open(way)?;
    for (name, sees) in [("mono", MONO), ("top-bottom", STEREO), ("side-by-side", STEREO)] {
        page.load(name, name)?;
        page.enter()?;
        for (yaw_deg, pitch_deg, roll_deg) in [
            (0.0, 0.0, 0.0),
            (60.0, 0.0, 0.0),
            (-100.0, 35.0, 0.0),
            (150.0, -50.0, 20.0),
            (-20.0, 75.0, -30.0),
        ] {
            page.turn(yaw_deg, pitch_deg, roll_deg)?;
            page.assert_sees(yaw_deg, pitch_deg, sees)?;
        }
        page.exit()?;
    }

    // Half a turn, and named while the session runs.
    page.load("mono", "mono")?;
    page.enter()?;
    page.run("h.picture.projection = 'equirect-180'")?;
    let half = Sees { extent_deg: 180.0, ..MONO };
    for (yaw_deg, pitch_deg) in [(0.0, 0.0), (-60.0, 0.0), (45.0, -30.0)] {
        page.turn(yaw_deg, pitch_deg, 0.0)?;
        page.assert_sees(yaw_deg, pitch_deg, half)?;
    }
    page.turn(180.0, 0.0, 0.0)?;
    let behind = page.run("return h.see(180)")?;
    assert!(behind["left"]["blue"].as_f64() < Some(10.0), "nothing is behind: {behind}");
    page.exit()?;
    page.assert_console_clean()
}

#[test]
#[ignore = "needs Chromium"]
fn eyes_see_their_pictures_by_media_layer() -> Result<()> {
    eyes_see_their_pictures(Way::MediaLayer)
}

#[test]
#[ignore = "needs Chromium"]
fn eyes_see_their_pictures_by_webgl_layer() -> Result<()> {
    eyes_see_their_pictures(Way::WebGlLayer)
}

/// What the page looks at lies ahead; recentring by the page, by a long press, by the system.
fn facing(way: Way) -> Result<()> {
    let page = Page::open(way)?;
    page.load("top-bottom", "top-bottom")?;
    page.run("h.picture.yaw = 90; h.picture.pitch = 20")?;
    page.enter()?;
    page.assert_sees(90.0, 0.0, STEREO)?;
    page.turn(-30.0, 10.0, 0.0)?;
    page.assert_sees(60.0, 10.0, STEREO)?;

    page.run("h.picture.recenter()")?;
    page.assert_sees(0.0, 10.0, STEREO)?;
    page.turn(15.0, -20.0, 0.0)?;
    page.assert_sees(45.0, -20.0, STEREO)?;

    // A long press, and it does not pause.
    let trigger = "h.device.controllers.right.updateButtonValue('trigger', ";
    page.run(&format!("{trigger} 1)"))?;
    let ahead = "for (let i = 0; i < 300; i += 1) {
        if (Math.abs((await h.see()).left.yaw) < 2) return; } throw Error('not recentred')";
    page.run(ahead)?;
    page.run(&format!("{trigger} 0); await h.frame(); await h.frame()"))?;
    assert_eq!(page.run("return h.video.paused")?, false);
    page.assert_sees(0.0, -20.0, STEREO)?;

    // The system's own button turns its space, here by turning the head back.
    page.turn(70.0, 0.0, 0.0)?;
    page.run("h.device.recenter()")?;
    page.run(ahead)?;

    // The angles are the head's. The page turns the scene with them, and its horizon stays level.
    page.turn(0.0, 0.0, 0.0)?;
    page.run("h.views.length = 0")?;
    page.turn(30.0, 15.0, 0.0)?;
    page.assert_sees(30.0, 15.0, STEREO)?;
    let angles = "Math.round(yaw * 10) / 10, Math.round(pitch * 10) / 10";
    let read = format!("const {{ yaw, pitch }} = h.picture; return [{angles}]");
    let told =
        format!("const {{ yaw, pitch }} = h.views.at(-1); return [h.views.length > 0, {angles}]");
    assert_eq!(page.run(&read)?, json!([30, 15]));
    assert_eq!(page.run(&told)?, json!([true, 30, 15]));
    page.run("h.picture.pitch = 60; h.picture.yaw = -100")?;
    page.assert_sees(-100.0, 15.0, STEREO)?;
    assert_eq!(page.run(&read)?, json!([-100, 15]));
    // A head at rest is no news.
    page.run("for (let i = 0; i < 5; i += 1) await h.frame(); h.views.length = 0; for (let i = 0; i < 5; i += 1) await h.frame()")?;
    assert_eq!(page.run("return h.views.length")?, 0);
    page.turn(50.0, 0.0, 0.0)?;
    page.assert_sees(-80.0, 0.0, STEREO)?;
    page.exit()?;
    // The page looks where it was told to.
    assert_eq!(page.run(&read)?, json!([-100, 60]));
    assert_eq!(page.run(&told)?, json!([true, -100, 60]));
    page.assert_console_clean()
}

#[test]
#[ignore = "needs Chromium"]
fn facing_by_media_layer() -> Result<()> {
    facing(Way::MediaLayer)
}

#[test]
#[ignore = "needs Chromium"]
fn facing_by_webgl_layer() -> Result<()> {
    facing(Way::WebGlLayer)
}

/// Enter, leave, be thrown out, enter again; the video plays through all of it.
fn life(way: Way) -> Result<()> {
    let page = Page::open(way)?;
    page.load("mono", "mono")?;
    page.wait("headset.picture.framesDrawn > 2")?;
    assert_eq!(page.run("return h.picture.isImmersiveSupported()")?, true);
    let advances = |page: &Page| -> Result<()> {
        page.run("window.then = h.video.currentTime")?;
        page.wait("headset.video.currentTime > window.then + 0.2").map(drop)
    };

    for round in 0..2 {
        page.enter()?;
        advances(&page)?;
        // The page rests, and to enter twice is to enter once.
        page.run("window.rested = h.picture.framesDrawn; await h.picture.enterImmersive()")?;
        advances(&page)?;
        assert_eq!(page.run("return h.picture.framesDrawn - window.rested")?, 0);
        assert_eq!(page.run("return h.requests.length")?, round + 1);
        page.exit()?;
        assert_eq!(page.run("return h.picture.immersiveTarget")?, "");
        page.wait("headset.picture.framesDrawn > window.rested + 2")?;
        advances(&page)?;
    }
    assert_eq!(page.run("return h.requests")?, json!([true, true]), "within the click");

    // Hidden and blurred: the video goes on, and so does the picture afterwards.
    page.enter()?;
    for state in ["visible-blurred", "hidden", "visible"] {
        page.run(&format!("h.device.updateVisibilityState('{state}')"))?;
        page.wait(&format!("headset.device.visibilityState === '{state}'"))?;
        advances(&page)?;
    }
    page.turn(60.0, 0.0, 0.0)?;
    page.assert_sees(60.0, 0.0, MONO)?;
    // A press pauses and plays; the stick seeks.
    let control = |call: &str| {
        page.run(&format!(
            "h.device.controllers.right.{call}; for (let i = 0; i < 4; i += 1) await h.frame()"
        ))
    };
    for is_paused in ["headset.video.paused", "!headset.video.paused"] {
        // Let go at once: on a slow machine a few frames are long enough for another meaning.
        page.run(
            "const { right } = h.device.controllers; right.updateButtonValue('trigger', 1);
             await h.frame(); right.updateButtonValue('trigger', 0);
             for (let i = 0; i < 4; i += 1) await h.frame()",
        )?;
        page.wait(is_paused)?;
    }
    page.run("h.video.currentTime = 2; window.then = 2")?;
    control("updateAxes('thumbstick', 1, 0)")?;
    page.wait("headset.video.currentTime >= 12 && headset.video.currentTime < 20")?;
    control("updateAxes('thumbstick', 0, 0)")?;
    page.turn(0.0, 0.0, 0.0)?;

    // The system ends it.
    page.run("await h.device.activeSession.end()")?;
    page.wait("headset.picture.immersiveTarget === ''")?;
    advances(&page)?;

    // Out before it is in.
    page.run("window.rested = h.picture.framesDrawn; h.picture.enterImmersive(); await h.picture.exitImmersive()")?;
    assert_eq!(page.run("return h.device.activeSession === undefined")?, true);
    page.wait("headset.picture.framesDrawn > window.rested + 2")?;
    let pairs = page.run("return h.events")?;
    let expected: Vec<&str> = ["immersivestart", "immersiveend"].repeat(4);
    assert_eq!(pairs, json!(expected));
    page.assert_console_clean()
}

#[test]
#[ignore = "needs Chromium"]
fn life_by_media_layer() -> Result<()> {
    life(Way::MediaLayer)
}

#[test]
#[ignore = "needs Chromium"]
fn life_by_webgl_layer() -> Result<()> {
    life(Way::WebGlLayer)
}

#[test]
#[ignore = "needs Chromium"]
fn failures_are_told_and_leave_the_page_as_it_was() -> Result<()> {
    let page = Page::open(Way::WebGlLayer)?;
    page.load("mono", "mono")?;
    let is_refused = |words: &str| -> Result<()> {
        let reason = page.run("return h.picture.enterImmersive().catch((reason) => reason)")?;
        assert_eq!(reason["code"], "immersive-unavailable", "{reason}");
        assert_eq!(reason["severity"], "warning");
        let message = reason["message"].as_str().unwrap_or_default();
        assert!(message.contains(words) && message.contains("click"), "{message}");
        assert_eq!(page.run("return h.device.activeSession === undefined")?, true);
        assert_eq!(page.run("return h.events")?, json!([]));
        Ok(())
    };
    // The browser refuses; it grants a session and then no space, or no layer.
    for (holder, name, words) in [
        ("navigator.xr", "requestSession", "no gesture"),
        ("XRSession.prototype", "requestReferenceSpace", "no space"),
        ("window", "XRWebGLLayer", "no layer"),
    ] {
        page.run(&format!(
            "window.kept = {holder}.{name};
             Object.defineProperty({holder}, '{name}', {{ configurable: true, writable: true,
               value: function () {{ throw new DOMException('{words}', 'NotAllowedError'); }} }});"
        ))?;
        is_refused(words)?;
        page.run(&format!(
            "Object.defineProperty({holder}, '{name}',
               {{ configurable: true, writable: true, value: window.kept }});"
        ))?;
    }

    // The graphics go in the middle of it: the session ends, the page goes on.
    page.enter()?;
    page.assert_console_clean()?;
    page.run(
        "h.device.activeSession.renderState.baseLayer.context
           .getExtension('WEBGL_lose_context').loseContext()",
    )?;
    page.wait("headset.device.activeSession === undefined")?;
    assert_eq!(
        page.run("return h.events")?,
        json!(["immersivestart", "immersive-unavailable", "immersiveend"])
    );
    // The emulator itself trips over a lost context; nobody else may.
    let bad = page.session.console_errors()?;
    assert!(bad.iter().all(|message| message.text.contains("iwer.module.js")), "{bad:?}");
    page.session.clear_console()?;
    page.run("window.rested = h.picture.framesDrawn")?;
    page.wait("headset.picture.framesDrawn > window.rested + 2")?;
    page.enter()?;
    page.assert_sees(0.0, 0.0, MONO)?;

    // A picture that goes takes its session along.
    page.run("h.events.length = 0; h.picture.destroy(); h.picture.destroy()")?;
    // Told at once, and once.
    assert_eq!(page.run("return h.events")?, json!(["immersiveend"]));
    page.wait("headset.device.activeSession === undefined")?;
    assert_eq!(page.run("await h.frame(); return h.events")?, json!(["immersiveend"]));
    page.assert_console_clean()
}

/// A module that falls takes the session along, and nobody waits for it for ever.
fn fall(way: Way) -> Result<()> {
    // In the middle of the session.
    let page = Page::open_trap(way)?;
    page.load("mono", "mono")?;
    page.enter()?;
    page.run("fall()")?;
    page.wait("headset.device.activeSession === undefined")?;
    let told = ["immersivestart", "internal", "immersiveend", "immersive-unavailable"];
    assert_eq!(page.run("return h.events")?, json!(told));
    let refused = |page: &Page, words: &str| -> Result<()> {
        let reason = page.run("return h.picture.enterImmersive().catch((reason) => reason)")?;
        assert_eq!(reason["code"], "immersive-unavailable", "{reason}");
        assert!(reason["message"].to_string().contains(words), "{reason}");
        Ok(())
    };
    refused(&page, "reload the page")?;
    assert_eq!(page.run("await h.picture.exitImmersive(); return h.video.paused")?, false);

    // While it is set up.
    let page = Page::open_trap(way)?;
    page.load("mono", "mono")?;
    page.run(
        "const { requestReferenceSpace } = XRSession.prototype;
         XRSession.prototype.requestReferenceSpace = function (...given) {
           // Not where the emulator asks, before it has granted anything.
           if (/view_webgl2/.test(new Error().stack)) fall();
           return requestReferenceSpace.apply(this, given);
         }",
    )?;
    refused(&page, "please report")?;
    page.wait("headset.device.activeSession === undefined")?;
    assert_eq!(page.run("await h.picture.exitImmersive(); return h.events")?, json!(["internal"]));
    refused(&page, "reload the page")
}

#[test]
#[ignore = "needs Chromium"]
fn fall_by_media_layer() -> Result<()> {
    fall(Way::MediaLayer)
}

#[test]
#[ignore = "needs Chromium"]
fn fall_by_webgl_layer() -> Result<()> {
    fall(Way::WebGlLayer)
}
