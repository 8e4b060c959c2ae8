//! Whose a wheel and a finger are: the view's, or the page's that scrolls past it.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use webdriver::Browser::{self, Chromium};
use webdriver::{Actions, Pointer};

/// On the picture of `pages/article.html`, in the middle.
const MIDDLE: (i32, i32) = (160, 130);

fn article(browser: Browser) -> Scene {
    Scene::new(browser).on("/pages/article.html")
}

/// A picture that stands still, looking ahead, at the top of its page.
fn ahead(page: &PlayerPage, policy: &str) -> Result<()> {
    page.at_rest()?;
    page.act(&format!(
        "sphere.gestureHandling = '{policy}'; scrollTo(0, 0);
         Object.assign(sphere, {{ yaw: 0, pitch: 0, fov: 75 }})"
    ))?;
    page.wait("scrollY === 0 && sphere.fov === 75").map(drop)
}

fn ready(page: &PlayerPage) -> Result<()> {
    page.wait("window.isReady && sphere.renderer")?;
    page.act(
        "window.hint = () => sphere.shadowRoot.querySelector('.hint');
         window.hints = [];
         // A hint goes by itself, maybe before a busy machine looks for it.
         window.texts = [];
         new MutationObserver(() => texts.push(hint()?.textContent)).observe(
           sphere.shadowRoot, { childList: true, subtree: true });
         sphere.addEventListener('gesturehint', ({ detail }) => hints.push(detail.gesture))",
    )
}

/// The wheel, which every browser's driver turns.
fn wheel(browser: Browser) -> Result<()> {
    article(browser).play(|page| {
        ready(page)?;
        // Each turn another: WebKit's driver takes the same one again for none.
        let turn = |by| page.session.perform(&Actions::new().wheel(MIDDLE, (0, by)));
        ahead(page, "auto")?;
        turn(120)?;
        page.wait("scrollY > 50 && texts.some((text) => text?.includes('Ctrl + scroll'))")?;
        assert_eq!(page.get("[sphere.fov, hints[0]]")?, json!([75, "wheel"]));
        // It stands in nobody's way, and goes by itself.
        let face = "[hint().getAttribute('role'), getComputedStyle(hint()).pointerEvents]";
        assert_eq!(page.get(face)?, json!(["status", "none"]));
        page.wait("hint().hidden && hint().textContent === ''")?;

        ahead(page, "auto")?;
        if browser == Browser::WebKit {
            // Its driver knows nothing of keys when the wheel turns.
            page.act(
                "const turn = { deltaY: -120, ctrlKey: true, cancelable: true };
                 window.isLeft = sphere.canvas.dispatchEvent(new WheelEvent('wheel', turn))",
            )?;
            assert_eq!(page.get("isLeft")?, json!(false));
        } else {
            let zoom = Actions::new().wheel_with(Actions::CONTROL, MIDDLE, (0, -120));
            page.session.perform(&zoom)?;
        }
        page.wait("sphere.fov < 70")?;
        page.at_rest()?;
        // A notch, not ten: what gains is a trackpad's pinch.
        ensure!(page.number("sphere.fov")? > 60.0, "a notch zoomed to {}", page.get("sphere.fov")?);
        assert_eq!(page.get("[scrollY, visualViewport.scale]")?, json!([0, 1]));

        ahead(page, "greedy")?;
        turn(-120)?;
        page.wait("sphere.fov < 74")?;
        page.at_rest()?;
        assert_eq!(page.get("scrollY")?, json!(0));
        // Further out there is nothing but the page.
        page.act("sphere.fov = 120")?;
        turn(240)?;
        page.wait("scrollY > 50").map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_wheel_scrolls_past_the_picture_and_zooms_with_a_key() -> Result<()> {
    wheel(Chromium)
}

#[test]
#[ignore = "needs Firefox"]
fn a_wheel_scrolls_past_the_picture_in_firefox() -> Result<()> {
    wheel(Browser::Firefox)
}

#[test]
#[ignore = "needs WebKitGTK"]
fn a_wheel_scrolls_past_the_picture_in_webkit() -> Result<()> {
    wheel(Browser::WebKit)
}

#[test]
#[ignore = "needs Chromium"]
fn a_finger_scrolls_past_the_picture_and_two_turn_it() -> Result<()> {
    article(Chromium).play(|page| {
        ready(page)?;
        let swipe = |by: (i32, i32)| {
            let from = (MIDDLE.0 - by.0 / 2, MIDDLE.1 - by.1 / 2);
            let finger = Pointer::finger(1).to(from.0, from.1, 0).down();
            let finger = finger.to(from.0 + by.0, from.1 + by.1, 300).pause(300).up();
            page.session.perform(&Actions::new().pointer(finger))
        };
        for policy in ["auto", "cooperative"] {
            ahead(page, policy)?;
            page.act("hints.length = texts.length = 0")?;
            swipe((0, -100))?;
            page.wait("scrollY > 40 && texts.some((text) => text?.includes('two fingers'))")?;
            page.at_rest()?;
            assert_eq!(page.get("hints")?, json!(["touch"]));
            ensure!(page.number("Math.abs(sphere.pitch)")? < 1.0, "it scrolled and turned");

            ahead(page, policy)?;
            swipe((100, 0))?;
            page.wait("sphere.yaw < -20")?;
            ahead(page, policy)?;
            let finger = |number, x| {
                Pointer::finger(number).to(x, 100, 0).down().to(x, 160, 300).pause(200).up()
            };
            let both = Actions::new().pointer(finger(1, 120)).pointer(finger(2, 200));
            page.session.perform(&both)?;
            page.wait("sphere.pitch > 10")?;
            page.at_rest()?;
            assert_eq!(page.get("[scrollY, hints.length]")?, json!([0, 1]));
        }

        ahead(page, "greedy")?;
        swipe((0, -100))?;
        page.wait("sphere.pitch < -20")?;
        assert_eq!(page.get("scrollY")?, json!(0));
        // Nothing to scroll: the same policy that lets a page scroll takes it all.
        ahead(page, "auto")?;
        page.act("document.querySelector('#rest').hidden = true")?;
        swipe((0, -100))?;
        page.wait("sphere.pitch < -20").map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn gestures_go_by_what_there_is_to_scroll() -> Result<()> {
    article(Chromium).play(|page| {
        ready(page)?;
        // Whether the view takes a wheel; what it then leaves alone, the browser scrolls by.
        page.act(
            "window.takes = (keys = {}) => {
               sphere.fov = 75;
               return !sphere.canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: 100, cancelable: true, ...keys }));
             };
             window.rest = document.querySelector('#rest');
             window.around = document.querySelector('#around')",
        )?;
        let takes = |set: &str, expected: bool| {
            page.act(set)?;
            ensure!(page.get("takes()")? == json!(expected), "after `{set}` it is {}", !expected);
            Ok(())
        };
        takes("sphere.gestureHandling = 'auto'", false)?;
        ensure!(page.get("[takes({ ctrlKey: true }), takes({ metaKey: true })]")? == json!([true, true]), "a key");
        takes("document.documentElement.style.overflow = 'hidden'", true)?;
        takes("document.documentElement.style.overflow = ''; document.body.style.overflow = 'hidden'", true)?;
        takes("document.body.style.overflow = ''; rest.style.height = '10px'", true)?;
        // A box that scrolls, within a page that does not.
        takes("around.style.cssText = 'height: 100px; overflow: auto'", false)?;
        takes("around.style.cssText = ''", true)?;
        takes("rest.style.height = ''", false)?;
        // A window full of picture is no trap either, as long as something follows below it.
        takes("sphere.style.cssText = 'width: 100vw; height: 100vh'", false)?;
        takes("sphere.style.cssText = ''; sphere.setAttribute('data-fills-page', '')", true)?;
        takes("sphere.gestureHandling = 'cooperative'", true)?;
        takes("sphere.removeAttribute('data-fills-page')", false)?;
        takes("sphere.setAttribute('gesture-handling', 'greedy')", true)?;
        takes("sphere.setAttribute('gesture-handling', 'none')", false)?;
        ensure!(page.get("takes({ ctrlKey: true })")? == json!(false), "none is none");

        // Full screen by the browser, and out of it again.
        page.act("sphere.gestureHandling = 'cooperative'; onclick = () => sphere.requestFullscreen()")?;
        let click = Pointer::mouse().to(160, 20, 0).down().up();
        page.session.perform(&Actions::new().pointer(click))?;
        page.wait("document.fullscreenElement && sphere.canvas.clientWidth === innerWidth")?;
        takes("onclick = null", true)?;
        page.act_async("await document.exitFullscreen()")?;
        page.wait("sphere.canvas.clientWidth === 320")?;
        takes("", false)?;

        // In a frame, what is around it counts.
        page.act(
            "window.frame = document.createElement('iframe');
             Object.assign(frame, { src: '/pages/player.html', width: 340, height: 200 });
             around.replaceChildren(frame)",
        )?;
        page.wait("frame.contentWindow.isReady && frame.contentWindow.sphere.renderer")?;
        page.act("window.sphere = frame.contentWindow.sphere")?;
        takes("", false)?;
        takes("rest.hidden = true", true)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn keys_scroll_the_page_until_the_picture_has_the_focus() -> Result<()> {
    article(Chromium).play(|page| {
        ready(page)?;
        let press = |key| page.session.perform(&Actions::new().key(key, 100));
        ahead(page, "auto")?;
        press(Actions::DOWN)?;
        page.wait("scrollY > 10")?;
        // Chromium drops a key that would scroll while the last one's scrolling ends.
        page.at_rest()?;
        press(' ')?;
        page.wait("scrollY > 100")?;
        assert_eq!(page.get("[sphere.pitch, sphere.paused]")?, json!([0, true]));
        ahead(page, "auto")?;
        page.act("sphere.canvas.focus({ preventScroll: true })")?;
        press(Actions::DOWN)?;
        page.wait("sphere.pitch < -1")?;
        page.at_rest()?;
        assert_eq!(page.get("scrollY")?, json!(0));

        // The mouse sees that the picture can be held; where the page has a cursor, it stays.
        let cursor = "getComputedStyle(sphere.canvas).cursor";
        let mouse = |pointer| page.session.perform(&Actions::new().pointer(pointer));
        let cursor_is = |name: &str| page.wait(&format!("{cursor} === '{name}'")).map(drop);
        mouse(Pointer::mouse().to(MIDDLE.0, MIDDLE.1, 0))?;
        cursor_is("grab")?;
        mouse(Pointer::mouse().down())?;
        cursor_is("grabbing")?;
        mouse(Pointer::mouse().up())?;
        cursor_is("grab")?;
        mouse(Pointer::mouse().to(160, 20, 0))?;
        cursor_is("auto")?;
        page.act("sphere.style.cursor = 'crosshair'")?;
        mouse(Pointer::mouse().to(MIDDLE.0, MIDDLE.1, 0).down())?;
        cursor_is("crosshair")?;
        mouse(Pointer::mouse().up().to(160, 20, 0))?;
        page.act("sphere.style.cursor = ''; sphere.gestureHandling = 'none'; sphere.yaw = 0")?;
        // Nothing is the view's, so nothing is held.
        mouse(Pointer::mouse().to(MIDDLE.0, MIDDLE.1, 0).down().by(60, 0, 100))?;
        cursor_is("auto")?;
        mouse(Pointer::mouse().up())?;
        assert_eq!(page.get("sphere.yaw")?, json!(0));
        // What was set on the canvas goes with the player.
        page.act("window.canvas = sphere.canvas; sphere.remove()")?;
        page.wait("!sphere.player && canvas.style.touchAction === ''").map(drop)
    })
}
