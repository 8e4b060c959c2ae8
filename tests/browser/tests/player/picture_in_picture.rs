//! The drawn view in the browser's small window: what is shown there, and how the two follow one another.

use anyhow::{Result, ensure};
use browser_tests::Scene;
use serde_json::json;
use webdriver::Browser::Chromium;

#[test]
#[ignore = "needs Chromium"]
fn the_drawn_view_is_shown_in_a_window_of_its_own() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.play("/media/ts/master.m3u8")?;
        let loaded = || page.server.requests().iter().any(|it| it.path.contains("picture_in_picture"));
        ensure!(!loaded(), "loaded by a page that did not ask");
        page.act(
            "globalThis.told = [];
             for (const type of ['enterpictureinpicture', 'leavepictureinpicture'])
               sphere.addEventListener(type, (event) => told.push([type, event.constructor.name]));
             globalThis.ask = document.body.appendChild(document.createElement('button'));
             ask.textContent = 'Small window';
             ask.id = 'ask';
             ask.style.cssText = 'position: fixed; inset: 0 auto auto 0; z-index: 9';
             ask.onclick = () => sphere.requestPictureInPicture().then(
               (opened) => (globalThis.small = opened), ({ name }) => (globalThis.refused = name))",
        )?;

        // The page may forbid it, as of a <video>.
        page.act("sphere.disablePictureInPicture = true")?;
        page.session.click(&page.session.find("#ask")?)?;
        page.wait("globalThis.refused")?;
        assert_eq!(
            page.get("[refused, sphere.hasAttribute('disablepictureinpicture')]")?,
            json!(["InvalidStateError", true])
        );
        page.act("sphere.disablePictureInPicture = false")?;

        page.session.click(&page.session.find("#ask")?)?;
        page.wait("globalThis.small")?;
        page.wait("told.length === 1")?;
        assert_eq!(
            page.get("[document.pictureInPictureElement === sphere, small.width > 0, told[0]]")?,
            json!([true, true, ["enterpictureinpicture", "PictureInPictureEvent"]])
        );
        // It is the view, not the unwrapped frame: as large as the canvas, and it moves.
        page.act(
            "globalThis.shown = sphere.shadowRoot.pictureInPictureElement;
             globalThis.frames = 0;
             const count = () => { frames += 1; shown.requestVideoFrameCallback(count) };
             shown.requestVideoFrameCallback(count)",
        )?;
        page.wait("frames > 3 && shown.videoWidth === sphere.canvas.width && shown.videoHeight === sphere.canvas.height")?;

        // Out of sight it is drawn for the window.
        page.act("sphere.style.cssText = 'position: absolute; top: 9999px; left: 0; width: 400px; height: 200px'; frames = 0")?;
        page.wait("frames > 10")?;
        page.act("sphere.style.cssText = ''")?;

        // Its buttons are the page's.
        page.act("shown.pause()")?;
        page.wait("sphere.paused")?;
        page.act("sphere.play()")?;
        page.wait("!shown.paused && !sphere.paused")?;
        page.act("shown.pause()")?;
        page.wait("sphere.paused")?;

        page.act("document.exitPictureInPicture()")?;
        page.wait("told.length === 2 && !shown.isConnected && !document.pictureInPictureElement")?;
        assert_eq!(page.get("told[1]")?, json!(["leavepictureinpicture", "PictureInPictureEvent"]));
        assert_eq!(page.get("shown.srcObject.getTracks().map(({ readyState }) => readyState)")?, json!(["ended"]));

        // The bar has a button for it, where the page allows it.
        page.act(
            "sphere.controls = true;
             globalThis.button = () => sphere.shadowRoot.querySelector('[data-icon=pictureInPicture]');
             ask.onclick = () => button().click()",
        )?;
        page.wait("button() && !button().hidden && button().ariaLabel === 'Picture-in-picture'")?;
        page.session.click(&page.session.find("#ask")?)?;
        page.wait("document.pictureInPictureElement === sphere && button().ariaLabel === 'Leave picture-in-picture'")?;
        page.session.click(&page.session.find("#ask")?)?;
        page.wait("!document.pictureInPictureElement && button().ariaLabel === 'Picture-in-picture'")?;
        page.act("sphere.disablePictureInPicture = true")?;
        page.wait("button().hidden")?;
        page.act("sphere.disablePictureInPicture = false")?;
        page.wait("!button().hidden")?;

        // It goes with the player.
        page.session.click(&page.session.find("#ask")?)?;
        page.wait("document.pictureInPictureElement")?;
        page.act("sphere.remove()")?;
        page.wait("!document.pictureInPictureElement")?;
        Ok(())
    })
}
