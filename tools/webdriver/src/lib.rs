//! A small WebDriver client for three engines: Chromium, Firefox and WebKitGTK.
//!
//! In: [`Options`]. Out: a [`Session`], a browser window that scripts, pointers, keys and
//! screenshots reach (W3C WebDriver level 2), with everything it wrote to its console. The driver,
//! the browser, its profile and its virtual display end with the session. It is blocking, and it
//! knows nothing of the page.

mod actions;
mod console;
mod drivers;
mod renewal;
mod wire;

pub use actions::{Actions, Button, Pointer};
pub use console::{Level, Message};
pub use wire::Gone;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine as _;
use console::Console;
use drivers::Running;
use machine::shell;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};
use wire::Wire;

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Browser {
    /// Chromium or Chrome, by chromedriver.
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser, by WebKitWebDriver: what stands in for Safari.
    WebKit,
}

impl Browser {
    /// All three.
    pub const ALL: [Browser; 3] = [Browser::Chromium, Browser::Firefox, Browser::WebKit];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Browser::Chromium => "Chromium",
            Browser::Firefox => "Firefox",
            Browser::WebKit => "WebKitGTK",
        }
    }
}

/// Chromium arguments for WebGL2 in software with the video upload path that GPUs have.
pub const CHROMIUM_WEBGL: &[&str] =
    &["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];

/// Chromium arguments for WebGPU in software, video import and WebGL2 included; slow.
pub const CHROMIUM_WEBGPU: &[&str] = &[
    "--enable-unsafe-webgpu",
    "--enable-features=Vulkan",
    "--use-vulkan=swiftshader",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
];

/// How to start a browser.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Which one.
    pub browser: Browser,
    /// Of the page, not of the window.
    pub width_px: u32,
    /// Of the page, not of the window.
    pub height_px: u32,
    /// More arguments for the browser.
    pub arguments: Vec<String>,
    /// More preferences, Firefox only.
    pub preferences: Vec<(String, Value)>,
    /// More environment for the browser.
    pub environment: Vec<(String, String)>,
    /// Chromium: a window on a virtual display instead of headless, which a presented WebGPU
    /// canvas needs.
    pub presented: bool,
}

impl Options {
    /// The usual: 1280 × 720, autoplay allowed.
    pub fn new(browser: Browser) -> Self {
        Self {
            browser,
            width_px: 1280,
            height_px: 720,
            arguments: Vec::new(),
            preferences: Vec::new(),
            environment: Vec::new(),
            presented: false,
        }
    }

    /// More arguments for the browser.
    #[must_use]
    pub fn with_arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// The page's size.
    #[must_use]
    pub fn with_size(mut self, width_px: u32, height_px: u32) -> Self {
        (self.width_px, self.height_px) = (width_px, height_px);
        self
    }
}

/// An element of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element(String);

/// WebDriver's name for an element's reference.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Element {
    /// As an argument for a script.
    pub fn to_json(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }

    /// From what a script returned.
    pub fn from_json(value: &Value) -> Option<Self> {
        value.get(ELEMENT)?.as_str().map(|id| Self(id.to_owned()))
    }
}

/// A rectangle in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A browser window under our control.
pub struct Session {
    wire: Wire,
    browser: Browser,
    console: RefCell<Console>,
    capabilities: Value,
    /// Whether more of the browser than its pages was touched.
    is_altered: Cell<bool>,
    // Dropped last: the driver must outlive the farewell.
    running: Running,
}

/// Browsers sometimes fail to come up on a busy machine; it says nothing about the page.
const START_ATTEMPTS: u32 = 3;

impl Session {
    /// A session with the usual options.
    pub fn start(browser: Browser) -> Result<Self> {
        Self::start_with(&Options::new(browser))
    }

    /// Starts driver and browser.
    pub fn start_with(options: &Options) -> Result<Self> {
        let mut failed = Vec::new();
        for _ in 0..START_ATTEMPTS {
            match Self::try_start(options) {
                Ok(session) => return Ok(session),
                Err(error) => failed.push(format!("{error:#}")),
            }
        }
        bail!(
            "{} did not start, {START_ATTEMPTS} times: {}",
            options.browser.name(),
            failed.join(" | ")
        )
    }

    fn try_start(options: &Options) -> Result<Self> {
        let running = drivers::start(options)?;
        let mut wire = Wire::new(running.port());
        let asked = json!({ "capabilities": { "alwaysMatch": running.capabilities() } });
        let answer = wire
            .post("/session", &asked)
            .with_context(|| format!("the driver said:\n{}", running.last_words()))?;
        let id = answer["sessionId"].as_str().context("a session without an id")?;
        wire.enter_session(id);
        let console = RefCell::new(Console::new(options.browser, running.output()));
        let capabilities = answer["capabilities"].clone();
        let is_altered = Cell::new(false);
        let browser = options.browser;
        let session = Self { wire, browser, console, capabilities, is_altered, running };
        session.set_size(options.width_px, options.height_px)?;
        Ok(session)
    }

    /// Which engine.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// Its version.
    pub fn version(&self) -> &str {
        self.capabilities["browserVersion"].as_str().unwrap_or("unknown")
    }

    /// Puts the browser to sleep as with its machine, or wakes it; asleep it answers nothing.
    pub fn set_asleep(&self, is_asleep: bool) -> Result<()> {
        self.is_altered.set(true);
        self.running.set_asleep(is_asleep)
    }

    /// Loads a page and waits for its load event.
    pub fn goto(&self, url: &str) -> Result<()> {
        if self.browser == Browser::WebKit {
            // The console it keeps goes with the page.
            self.console()?;
        }
        self.wire.post("/url", &json!({ "url": url })).map(drop)
    }

    /// Runs the body of a function; `arguments` holds the arguments, `return` gives the answer. A
    /// promise that is returned is awaited.
    pub fn execute(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.wire.post("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Runs the body of an `async` function: `await` may be used, `return` gives the answer.
    pub fn execute_async(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        let wrapped = format!(
            "const done = arguments[arguments.length - 1];\
             const given = Array.prototype.slice.call(arguments, 0, -1);\
             (async function () {{ {script}\n }}).apply(null, given).then(\
             value => done({{ value: value === undefined ? null : value }}),\
             error => done({{ error: String(error && error.stack ? error + '\\n' + error.stack : error) }}));"
        );
        let answer =
            self.wire.post("/execute/async", &json!({ "script": wrapped, "args": arguments }))?;
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => bail!("the script threw {error}"),
            None => Ok(answer["value"].clone()),
        }
    }

    /// The value of an expression.
    pub fn evaluate(&self, expression: &str) -> Result<Value> {
        self.execute(&format!("return ({expression});"), &[])
    }

    /// Asks again until the expression is truthy, and returns its value. When the limit passes,
    /// the error shows the last value and the console. A browser that has [`Gone`] is not asked again.
    pub fn wait_until(&self, expression: &str, limit: Duration) -> Result<Value> {
        let started = Instant::now();
        loop {
            let last = match self.evaluate(expression) {
                Ok(value) if is_truthy(&value) => return Ok(value),
                Ok(value) => value.to_string(),
                Err(error) if error.is::<Gone>() => {
                    return Err(error.context(format!("waiting for ({expression})")));
                }
                // A page being replaced has no answer for a moment.
                Err(error) => format!("{error:#}"),
            };
            if started.elapsed() > limit {
                let console: Vec<String> = match self.console() {
                    Ok(console) => console.iter().rev().take(20).map(ToString::to_string).collect(),
                    Err(error) => vec![format!("{error:#}")],
                };
                bail!(
                    "{}: still not ({expression}) after {limit:?}; last: {last}; console, newest first: {console:#?}",
                    self.browser.name()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A picture of the page, as PNG.
    pub fn screenshot(&self) -> Result<Vec<u8>> {
        decode(&self.wire.get("/screenshot")?)
    }

    /// A picture of one element, as PNG.
    pub fn screenshot_of(&self, element: &Element) -> Result<Vec<u8>> {
        decode(&self.wire.get(&format!("/element/{}/screenshot", element.0))?)
    }

    /// The first element a CSS selector finds.
    pub fn find(&self, selector: &str) -> Result<Element> {
        let asked = json!({ "using": "css selector", "value": selector });
        let answer = self.wire.post("/element", &asked)?;
        Element::from_json(&answer).with_context(|| format!("no element {selector}"))
    }

    /// Clicks in the middle of an element, as a person would: the page sees a user's gesture.
    pub fn click(&self, element: &Element) -> Result<()> {
        self.wire.post(&format!("/element/{}/click", element.0), &json!({})).map(drop)
    }

    /// Types into an element.
    pub fn type_into(&self, element: &Element, text: &str) -> Result<()> {
        self.wire.post(&format!("/element/{}/value", element.0), &json!({ "text": text })).map(drop)
    }

    /// Where an element lies in the page.
    pub fn rect(&self, element: &Element) -> Result<Rect> {
        let answer = self.wire.get(&format!("/element/{}/rect", element.0))?;
        let number =
            |name: &str| answer[name].as_f64().with_context(|| format!("a rect without {name}"));
        Ok(Rect {
            x: number("x")?,
            y: number("y")?,
            width: number("width")?,
            height: number("height")?,
        })
    }

    /// Performs pointer, key and wheel actions, and waits for their end.
    pub fn perform(&self, actions: &Actions) -> Result<()> {
        self.wire.post("/actions", &actions.to_json()).map(drop)
    }

    /// Lets go of every button and key.
    pub fn release(&self) -> Result<()> {
        self.wire.delete("/actions").map(drop)
    }

    /// Makes the page, not the window, this large.
    pub fn set_size(&self, width_px: u32, height_px: u32) -> Result<()> {
        let (mut width, mut height) = (i64::from(width_px), i64::from(height_px));
        for _ in 0..3 {
            self.wire.post("/window/rect", &json!({ "width": width, "height": height }))?;
            let inner = self.evaluate("[innerWidth, innerHeight]")?;
            let lacks_x = i64::from(width_px) - inner[0].as_i64().unwrap_or(0);
            let lacks_y = i64::from(height_px) - inner[1].as_i64().unwrap_or(0);
            if lacks_x == 0 && lacks_y == 0 {
                return Ok(());
            }
            (width, height) = (width + lacks_x, height + lacks_y);
        }
        // Window managers and smallest sizes have the last word; a test that minds looks itself.
        Ok(())
    }

    /// A command of the Chrome DevTools Protocol.
    pub fn cdp(&self, method: &str, parameters: Value) -> Result<Value> {
        if self.browser != Browser::Chromium {
            bail!("{} has no DevTools protocol here", self.browser.name());
        }
        // The other domains are a page's.
        self.is_altered.set(self.is_altered.get() || method.starts_with("Browser."));
        self.wire.post("/goog/cdp/execute", &json!({ "cmd": method, "params": parameters }))
    }

    /// Chromium: where its DevTools protocol is spoken, as `host:port`, for programs that want its
    /// events too.
    pub fn devtools_address(&self) -> Result<&str> {
        self.is_altered.set(true);
        let address = self.capabilities["goog:chromeOptions"]["debuggerAddress"].as_str();
        address.context("the browser says no DevTools address")
    }

    /// Chromium: a screen of this size and pixel ratio, a phone's with touch where `mobile`.
    pub fn emulate_screen(
        &self,
        size_px: (u32, u32),
        pixel_ratio: f64,
        mobile: bool,
    ) -> Result<()> {
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": size_px.0, "height": size_px.1, "deviceScaleFactor": pixel_ratio, "mobile": mobile }),
        )?;
        self.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": mobile })).map(drop)
    }

    /// Everything the page and its workers wrote to the console so far, uncaught errors and failed
    /// loads included. In WebKitGTK only pages of a server with `control` tell.
    pub fn console(&self) -> Result<Vec<Message>> {
        let mut console = self
            .console
            .try_borrow_mut()
            .map_err(|_| anyhow!("the console is being read already"))?;
        console.read(&self.wire)?;
        Ok(console.messages().to_vec())
    }

    /// What a healthy page never writes: errors.
    pub fn console_errors(&self) -> Result<Vec<Message>> {
        Ok(self.console()?.into_iter().filter(|message| message.level == Level::Error).collect())
    }

    /// Forgets the console so far.
    pub fn clear_console(&self) -> Result<()> {
        self.console()?;
        self.console.borrow_mut().clear();
        Ok(())
    }

    /// What ended this browser, where it is [`Gone`] and that is a known fault of its own that no page
    /// has a part in. What a page may have brought about is none.
    pub fn own_fault(&self) -> Option<&'static str> {
        self.running.own_fault()
    }

    /// What the driver and the browser printed last.
    pub fn last_words(&self) -> String {
        self.running.last_words()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver closes the browser; if it cannot, its process group goes anyway.
        if let Err(error) = self.wire.leave_session() {
            shell::say(format!("{} would not say goodbye: {error:#}", self.browser.name()));
        }
    }
}

fn decode(answer: &Value) -> Result<Vec<u8>> {
    let text = answer.as_str().context("a screenshot that is no text")?;
    Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
}

/// As JavaScript has it, for what JSON can say.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}
