//! The control bar under real mice, fingers and pens. The engine is a stand-in
//! (`pages/playback_stand_in.js`), all else is what ships. The bar's timers wait for the test
//! (`pages/hold_timers.js`): what is shown after a press is shown until the test lets time pass.

use anyhow::{Context, Result, bail, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI32, Ordering};
use webdriver::{Actions, Browser, Options, Pointer};

/// What presses.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tool {
    Mouse,
    Finger,
    Pen,
}

impl Tool {
    fn pointer(self) -> Pointer {
        match self {
            Tool::Mouse => Pointer::mouse(),
            Tool::Finger => Pointer::finger(0),
            Tool::Pen => Pointer::pen(),
        }
    }
}

/// Where the picture is nothing but picture, and each time another place: two taps at one are a
/// double tap.
fn picture() -> (i32, i32) {
    static TAPS: AtomicI32 = AtomicI32::new(0);
    let tap = TAPS.fetch_add(1, Ordering::Relaxed);
    (60 + tap % 4 * 60, 60 + tap % 2 * 40)
}

/// Below the element.
const OUTSIDE: (i32, i32) = (600, 440);

/// A bar and what presses on it.
struct Bar<'a> {
    page: &'a PlayerPage,
    tool: Tool,
}

impl Bar<'_> {
    /// A new player that plays, its bar hidden.
    fn make(page: &PlayerPage, tool: Tool, attributes: &str) -> Result<()> {
        page.act(&format!("make('{attributes}')"))?;
        page.wait("sphere.renderer && inside('.bar')")?;
        let bar = Bar { page, tool };
        // Every kind of pointer starts the first time by the large button.
        bar.press("inside('.big-play')")?;
        page.wait("isPlaying() && sphere.currentTime > 0")?;
        bar.hide()
    }

    fn perform(&self, steps: impl FnOnce(Pointer) -> Pointer) -> Result<()> {
        let steps = steps(self.tool.pointer());
        let performed = self.page.session.perform(&Actions::new().pointer(steps));
        performed.with_context(|| format!("{:?}", self.tool))
    }

    /// Presses at one place and goes to another. Chromium's driver forgets between two calls that a
    /// finger is down.
    fn drag(&self, from: (i32, i32), to: (i32, i32)) -> Result<()> {
        if self.is_forgotten() {
            self.touch("touchStart", Some(from))?;
            return self.touch("touchMove", Some(to));
        }
        self.perform(|pointer| pointer.to(from.0, from.1, 0).down().to(to.0, to.1, 50))
    }

    /// The end of a drag.
    fn drop_at(&self, to: (i32, i32)) -> Result<()> {
        if self.is_forgotten() {
            self.touch("touchMove", Some(to))?;
            return self.touch("touchEnd", None);
        }
        self.perform(|pointer| pointer.to(to.0, to.1, 50).up())
    }

    fn is_forgotten(&self) -> bool {
        self.tool == Tool::Finger && self.page.session.browser() == Browser::Chromium
    }

    fn touch(&self, step: &str, at: Option<(i32, i32)>) -> Result<()> {
        let points: Vec<_> = at.iter().map(|(x, y)| json!({ "x": x, "y": y })).collect();
        let touch = json!({ "type": step, "touchPoints": points });
        self.page.session.cdp("Input.dispatchTouchEvent", touch).map(drop)
    }

    /// The middle of an element, in pixels of the viewport.
    fn middle(&self, element: &str) -> Result<(i32, i32)> {
        self.point(element, 0.5)
    }

    fn point(&self, element: &str, share: f64) -> Result<(i32, i32)> {
        let at = self.page.get(&format!("pointOf({element}, {share})"))?;
        let part = |at: &Value| at.as_i64().and_then(|px| i32::try_from(px).ok());
        part(&at[0]).zip(part(&at[1])).with_context(|| format!("{element} is at {at}"))
    }

    fn press_at(&self, (x, y): (i32, i32)) -> Result<()> {
        // A long press (`pages/bar.js`) is pressed anew.
        for _ in 0..10 {
            self.perform(|pointer| pointer.to(x, y, 0).down().up())?;
            self.page
                .wait("tap.hasClicked || tap.heldMillis > 400")
                .with_context(|| format!("a press at {x}, {y} clicks nothing"))?;
            if self.page.get("tap.hasClicked")? == true {
                return Ok(());
            }
        }
        bail!("every press at {x}, {y} is a long one");
    }

    /// Presses where an element is, whatever lies over it.
    fn press(&self, element: &str) -> Result<()> {
        self.page.wait(&format!("isShown({element})"))?;
        self.press_at(self.middle(element)?)
    }

    /// Lets the time of the bar pass.
    fn hide(&self) -> Result<()> {
        if self.tool == Tool::Mouse {
            let (x, y) = picture();
            self.perform(|mouse| mouse.to(x, y, 0))?;
        }
        self.page.wait("(passTime(), !isAwake())").context("the bar does not hide")?;
        Ok(())
    }

    /// Shows the hidden bar as a viewer would.
    fn show(&self) -> Result<()> {
        if self.tool == Tool::Mouse {
            let (x, y) = picture();
            self.perform(|mouse| mouse.to(x, y, 0))?;
        } else {
            ensure!(self.page.get("isAwake()")? == false, "the hidden bar woke by itself");
            self.press_at(picture())?;
        }
        self.page.wait("isAwake()").context("the bar is not shown")?;
        Ok(())
    }

    /// Shows the bar over the playing picture, presses a control of it, and waits for the effect.
    fn uses(&self, control: &str, effect: &str) -> Result<()> {
        self.show().with_context(|| format!("before {control}"))?;
        self.page.act("received.length = 0")?;
        self.press(control)?;
        self.page.wait(effect).with_context(|| format!("{:?} on {control}", self.tool))?;
        // The bar stays until its time has passed, and nothing else was pressed.
        ensure!(self.page.get("isAwake()")? == true, "{control} hides the bar");
        ensure!(self.page.get("received.includes('pause')")? == false, "{control} pauses too");
        self.hide().with_context(|| format!("after {control}"))
    }

    fn every_control(&self) -> Result<()> {
        let page = self.page;
        Self::make(page, self.tool, "src=\"a.m3u8\"")?;
        self.show()?;
        self.press("named('Pause')")?;
        page.wait("sphere.paused").context("Pause")?;
        self.press("named('Play')")?;
        page.wait("isPlaying()").context("Play")?;
        self.hide()?;

        self.uses("named('Unmute')", "!sphere.muted")?;
        self.uses("named('Mute')", "sphere.muted")?;
        self.uses("named('Volume')", "Math.abs(sphere.volume - 0.5) < 0.1 && !sphere.muted")?;
        self.uses("named('Seek')", "received.some((secs) => Math.abs(secs - 30) < 2)")?;
        page.act("sphere.yaw = 40")?;
        self.uses("named('Look ahead')", "sphere.yaw === 0")?;
        self.uses_menu()?;
        self.uses("named('Keyboard help')", "!inside('.help').hidden")
            .expect_err("a bar with its help open does not hide");
        self.press("inside('.help-close')")?;
        page.wait("inside('.help').hidden")?;
        self.hide()?;
        // Shown by devices that the machines of these tests are not.
        page.act("for (const name of ['motion', 'headset']) inside(`[data-icon=${name}]`).hidden = false")?;
        let told = |words: &str| {
            format!("!inside('.toast').hidden && inside('.toast').textContent.includes('{words}')")
        };
        self.uses("inside('[data-icon=headset]')", &told("headset"))?;
        page.act("inside('.toast').hidden = true")?;
        let moves = format!("sphere.motion || ({})", told("motion"));
        self.uses("inside('[data-icon=motion]')", &moves)?;

        // Full screen has neither the page's corners nor a frame around the picture in focus.
        let is_plain = "(sphere.canvas.focus(), getComputedStyle(sphere).borderRadius === '0px'
            && getComputedStyle(sphere.canvas).outlineStyle === 'none')";
        self.uses(
            "named('Full screen')",
            &format!("document.fullscreenElement === sphere && {is_plain}"),
        )?;
        self.leaves_full_screen()?;

        Self::make(page, self.tool, "src=\"live.m3u8\"")?;
        self.uses("inside('.live')", "playback.calls.at(-1).goLive")?;

        page.act("make('src=\"fails.m3u8\"')")?;
        page.wait("sphere.error && inside('.bar')")?;
        self.press("inside('.failure .pill')")?;
        page.wait("playback.calls.filter((call) => call.load).length === 2")
            .context("Try again")?;
        Ok(())
    }

    /// Out of full screen: the mouse may be outside of the smaller element then.
    fn leaves_full_screen(&self) -> Result<()> {
        self.show().context("in full screen")?;
        self.press("named('Leave full screen')")?;
        self.page.wait("!document.fullscreenElement && named('Full screen')")?;
        self.hide().context("after full screen")
    }

    fn uses_menu(&self) -> Result<()> {
        let page = self.page;
        let item = "menu('Quality').children[2]";
        for (how, at, effect) in [
            ("an item", None, "sphere.quality === 960"),
            ("the picture", Some(picture()), "sphere.quality === 960"),
        ] {
            self.show()?;
            page.act("received.length = 0")?;
            self.press("named('Quality')")?;
            page.wait(&format!("{item} && isShown({item})"))?;
            page.act("passTime()")?;
            ensure!(page.get("isAwake()")? == true, "the bar goes under its menu");
            self.press_at(at.map_or_else(|| self.middle(item), Ok)?)?;
            page.wait(&format!("menu('Quality').hidden && {effect}")).context(how)?;
            page.act("passTime()")?;
            ensure!(page.get("received.length")? == 0, "{how} pauses too");
            self.hide().with_context(|| format!("after {how}"))?;
        }
        Ok(())
    }

    /// Of fingers and pens, which hover over nothing.
    fn taps(&self) -> Result<()> {
        let page = self.page;
        self.show()?;
        self.press_at(picture())?;
        page.wait("!isAwake()").context("a second tap does not hide the bar")?;
        // Where the bar will be lies the picture.
        for control in
            ["named('Unmute')", "named('Pause')", "named('Seek')", "named('Full screen')"]
        {
            page.act("received.length = 0")?;
            self.press_at(self.middle(control)?)?;
            page.wait("isAwake()").with_context(|| format!("a tap at {control}"))?;
            // A click of this tap would be through by now.
            self.perform(|pointer| pointer.pause(0))?;
            let is_untouched =
                page.get("received.length === 0 && sphere.muted && !document.fullscreenElement")?;
            ensure!(is_untouched == true, "a tap where {control} will be presses it");
            self.hide()?;
        }
        Ok(())
    }

    /// A drag of the seek bar shows where one is.
    fn drags(&self) -> Result<()> {
        let page = self.page;
        self.show()?;
        page.act("received.length = 0")?;
        let (from, to) = (self.point("named('Seek')", 0.3)?, self.point("named('Seek')", 0.6)?);
        self.drag(from, to)?;
        page.wait(
            "isShown(inside('.seek-bubble')) && /^0:3[567]$/.test(inside('.seek-bubble').textContent)",
        )?;
        page.wait(
            "inside('.time').textContent === `${inside('.seek-bubble').textContent} / 1:00`",
        )?;
        let off = page.number(
            "(({ left, width }) => left + width / 2)(inside('.seek-bubble').getBoundingClientRect())",
        )? - f64::from(to.0);
        ensure!(off.abs() < 3.0, "the bubble is {off} px beside the pointer");
        // All of it is buffered: the picture is there already.
        page.wait("received.some((secs) => Math.abs(secs - 36) < 2)")?;
        page.act("passTime()")?;
        ensure!(page.get("isAwake()")? == true, "the bar goes while it is dragged");
        // Back to where it began is a change as well.
        self.drop_at(from)?;
        page.wait("!sphere.seeking && Math.abs(sphere.currentTime - 18) < 3")?;
        page.wait("inside('.seek').value - sphere.currentTime < 0.5")?;
        self.hide().context("after a drag")
    }
}

/// One page for all that presses.
fn every_pointer(options: Options, tools: &[Tool]) -> Result<()> {
    Scene::with(options.with_size(800, 480)).on("/pages/bar.html?held").play(|page| {
        page.wait("window.isReady")?;
        for &tool in tools {
            let bar = Bar { page, tool };
            bar.every_control()?;
            Bar::make(page, tool, "src=\"a.m3u8\"")?;
            // Of a pen that stays down only the first place came here, by driver and by DevTools; why
            // is not known.
            if tool != Tool::Pen {
                bar.drags().with_context(|| format!("a drag, {tool:?}"))?;
            }
            if tool == Tool::Mouse {
                clicks(&bar).context("clicks")?;
                rests(&bar).context("rests")?;
            } else {
                bar.taps().with_context(|| format!("taps, {tool:?}"))?;
            }
            offers_auto(&bar).with_context(|| format!("a slow link, {tool:?}"))?;
            ends(&bar).with_context(|| format!("the end, {tool:?}"))?;
            nested(&bar).with_context(|| format!("nested, {tool:?}"))?;
        }
        right_to_left(page).context("right to left")?;
        shapes(page)?;
        if page.session.browser() == Browser::Chromium {
            page.session.emulate_screen((390, 700), 2.0, true)?;
            shapes(page).context("on a phone")?;
        }
        by_the_clock(page).context("by the clock")
    })
}

/// A note offers `auto` where the link does not carry what was chosen, and goes by itself.
fn offers_auto(bar: &Bar<'_>) -> Result<()> {
    let page = bar.page;
    Bar::make(page, bar.tool, "src=\"a.m3u8\"")?;
    let note = "inside('[role=status] > .note')";
    let is_gone = format!("!{note}");
    let warn = || -> Result<()> {
        page.act("sphere.quality = 960; received.length = 0; warnOfSlowLink()")?;
        page.wait(&format!("isShown({note})")).map(drop)
    };
    ensure!(page.get(&is_gone)? == true, "a note before there is anything to say");
    warn()?;
    bar.press("inside('.note .pill')")?;
    page.wait(&format!("{is_gone} && sphere.quality === 'auto'"))?;

    warn()?;
    bar.press("inside('.note [aria-label=Close]')")?;
    page.wait(&is_gone).context("Close")?;
    ensure!(page.get("sphere.quality === 960 && !received.length")? == true, "Close does more");

    warn()?;
    page.act("carry(5.9e6)")?;
    ensure!(page.get(&is_gone)? == false, "gone on a link that may be too slow again");
    page.act("carry(6e6)")?;
    page.wait(&is_gone).context("on a good link")?;
    page.act("carry(2e6)")?;

    warn()?;
    page.act("sphere.quality = 480; carry(2e6)")?;
    page.wait(&is_gone).context("another quality")?;

    // By the keyboard, which is then where qualities are; and as narrow as it gets.
    warn()?;
    page.act("resize(280, 200)")?;
    ensure!(page.get(&format!("isWithin({note})"))? == true, "the note is cut off");
    page.act("inside('.note .pill').focus()")?;
    page.session.perform(&Actions::new().key(Actions::ENTER, 30))?;
    page.wait(&format!("{is_gone} && sphere.quality === 'auto'")).context("Enter")?;
    page.wait("sphere.shadowRoot.activeElement === named('Quality')")?;
    page.act("named('Quality').blur(); resize(640, 360)")?;
    bar.hide()
}

/// A click on the picture plays and pauses; a double click fills the screen, and only that.
fn clicks(bar: &Bar<'_>) -> Result<()> {
    let page = bar.page;
    page.act("received.length = 0")?;
    bar.press_at(picture())?;
    page.act("passTime()")?;
    page.wait("sphere.paused")?;
    bar.press_at(picture())?;
    page.act("passTime()")?;
    page.wait("!sphere.paused && String(received) === 'pause,play'")?;
    let (x, y) = picture();
    bar.perform(|mouse| mouse.to(x, y, 0).down().up().down().up())?;
    page.wait("document.fullscreenElement === sphere")?;
    page.act("passTime()")?;
    assert_eq!(page.get("String(received)")?, "pause,play", "a double click pauses");
    page.act("document.exitFullscreen()")?;
    page.wait("!document.fullscreenElement")?;
    // A slower second click comes after the first has counted.
    page.act("addEventListener('click', () => passTime(), { once: true })")?;
    bar.perform(|mouse| mouse.to(x + 9, y + 90, 0).down().up().down().up())?;
    page.wait("document.fullscreenElement === sphere && !sphere.paused")?;
    page.act("document.exitFullscreen()")?;
    page.wait("!document.fullscreenElement")?;
    bar.hide()
}

/// What keeps the bar, and what does not.
fn rests(bar: &Bar<'_>) -> Result<()> {
    let page = bar.page;
    let stays = |why: &str| -> Result<()> {
        page.act("passTime()")?;
        ensure!(page.get("isAwake()")? == true, "the bar goes although {why}");
        Ok(())
    };
    let key = |key| page.session.perform(&Actions::new().key(key, 0));
    bar.show()?;
    let (x, y) = bar.middle("named('Unmute')")?;
    bar.perform(|mouse| mouse.to(x, y, 0))?;
    stays("the mouse is on it")?;
    bar.perform(|mouse| mouse.to(OUTSIDE.0, OUTSIDE.1, 0))?;
    page.wait("!isAwake()").context("the mouse has left")?;
    if page.session.browser() == Browser::WebKit {
        // Under its driver `:focus-visible` matches nothing, in no page.
        return Ok(());
    }

    // A key that reaches the bar keeps it in sight; one pressed where the mouse left the focus does not.
    page.act("sphere.canvas.focus()")?;
    key(Actions::TAB)?;
    page.wait("sphere.shadowRoot.activeElement === named('Seek')")?;
    stays("the focus is on it")?;
    key(Actions::RIGHT)?;
    page.wait("isShown(inside('.seek-bubble'))")?;
    page.act("sphere.canvas.focus()")?;
    page.wait("inside('.seek-bubble').hidden")?;
    bar.hide().context("the focus has gone")?;
    // The name of the mute button changes with a press.
    for control in ["inside('.buttons').children[1]", "named('Seek')"] {
        bar.uses(control, "true")?;
        page.wait(&format!("sphere.shadowRoot.activeElement === {control}"))?;
        for name in ['l', 'j', Actions::RIGHT] {
            key(name)?;
            page.wait("isAwake()")?;
            bar.hide().with_context(|| format!("{control}, then {name}"))?;
        }
    }
    Ok(())
}

/// What has ended can be played again, also by the large button.
fn ends(bar: &Bar<'_>) -> Result<()> {
    let page = bar.page;
    for control in ["inside('.big-play')", "named('Play again')"] {
        page.act("sphere.loop = false; sphere.currentTime = 59.9")?;
        page.wait("sphere.ended && isAwake() && isShown(inside('.big-play'))")?;
        assert_eq!(page.get("inside('.big-play').ariaLabel")?, "Play again");
        bar.press(control)?;
        page.wait("!sphere.ended && isPlaying() && inside('.big-play').hidden")?;
    }
    bar.hide()
}

/// Full screen from within a page's own component.
fn nested(bar: &Bar<'_>) -> Result<()> {
    let page = bar.page;
    page.act("makeNested('autoplay src=\"a.m3u8\"')")?;
    page.wait("isPlaying() && sphere.renderer && inside('.bar')")?;
    bar.hide()?;
    bar.uses("named('Full screen')", "document.fullscreenElement && named('Leave full screen')")?;
    bar.leaves_full_screen()
}

/// In a page that runs from right to left the bar does not: time and its numbers never do.
fn right_to_left(page: &PlayerPage) -> Result<()> {
    let bar = Bar { page, tool: Tool::Mouse };
    // The player stays where the others are.
    page.act(
        "document.documentElement.dir = 'rtl'; place.style.marginRight = `${innerWidth - 640}px`",
    )?;
    Bar::make(page, Tool::Mouse, "src=\"a.m3u8\"")?;
    bar.show()?;
    let (x, y) = bar.point("named('Seek')", 0.8)?;
    bar.perform(|mouse| mouse.to(x, y, 0))?;
    page.wait("/^0:4[789]$/.test(inside('.seek-bubble').textContent)")?;
    page.act("received.length = 0")?;
    bar.perform(|mouse| mouse.down().up())?;
    page.wait("received.some((secs) => Math.abs(secs - 48) < 2)")?;
    page.wait("getComputedStyle(inside('.time')).direction === 'ltr'")?;
    bar.press("named('Quality')")?;
    page.wait("isShown(menu('Quality')) && isWithin(menu('Quality'))")?;
    page.act("document.documentElement.dir = place.style.marginRight = ''")
}

/// What can be pressed and read is there at every size.
fn shapes(page: &PlayerPage) -> Result<()> {
    for size in ["640, 360", "500, 281", "390, 220", "320, 180", "200, 112"] {
        page.act(&format!("make('src=\"a.m3u8\"'); resize({size})"))?;
        page.wait("sphere.renderer && inside('.bar') && isShown(inside('.big-play'))")?;
        // Media that is taken away while it opens may stop WebKitGTK for good.
        page.wait("sphere.readyState === HTMLMediaElement.HAVE_ENOUGH_DATA")?;
        let wrong = page.get("wrongShapes()")?;
        ensure!(wrong == Value::Array(vec![]), "{size}: {wrong}");
        page.act("named('Quality').click()")?;
        page.wait("isWithin(menu('Quality')) && isOnTop(menu('Quality').children[0])")
            .with_context(|| format!("the menu at {size}"))?;
        page.act(&format!("make('src=\"fails-by-name.m3u8\"'); resize({size})"))?;
        page.wait("sphere.error && isShown(inside('.failure .pill'))")?;
        let is_readable = page.get(
            "isWithin(inside('.failure .pill')) && isOnTop(inside('.failure .pill'))
               && isWithin(inside('.failure-title'))",
        )?;
        ensure!(is_readable == true, "a failure at {size} is cut off");
    }
    // What names a stream names it as it is.
    page.wait("inside('.failure-message').textContent === `${sphere.src} does not exist: look at ${sphere.src}`")?;
    Ok(())
}

/// With the page's own timers: the bar goes although nothing ever moved, whatever came first.
fn by_the_clock(page: &PlayerPage) -> Result<()> {
    page.goto("/pages/bar.html")?;
    page.wait("window.isReady")?;
    for start in [
        "make('src=\"a.m3u8\"'); sphere.play()",
        "make('autoplay src=\"a.m3u8\"')",
        "make('autoplay src=\"a.m3u8\"'); sphere.controls = false;
         sphere.addEventListener('playing', () => (sphere.controls = true), { once: true })",
    ] {
        page.act(start)?;
        page.wait("!sphere.paused && inside('.bar') && !isAwake()").context(start)?;
    }
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn every_pointer_in_chromium() -> Result<()> {
    every_pointer(Options::new(Browser::Chromium), &[Tool::Mouse, Tool::Pen, Tool::Finger])
}

#[test]
#[ignore = "needs Firefox"]
fn every_pointer_in_firefox() -> Result<()> {
    // Its driver has no pens.
    every_pointer(Options::new(Browser::Firefox), &[Tool::Finger, Tool::Mouse])
}

#[test]
#[ignore = "needs WebKitGTK"]
fn every_pointer_in_webkit() -> Result<()> {
    // Its driver has no fingers and no pens.
    every_pointer(Options::new(Browser::WebKit), &[Tool::Mouse])
}
