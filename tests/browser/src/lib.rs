//! What the tests in browsers share: a server with the pages and the samples, a browser window
//! with `pages/player.html`, and the rule that a page's console stays free of errors.
//!
//! In: a [`Scene`] and a test's steps. Out: their result, or an error that holds what the page saw.
//! No step sleeps; each waits for a condition.
//!
//! The browser of a test that has passed serves the next one of the same program that starts it the
//! same way, with a fresh tab; so do the low-latency streams (`kept.rs`). Each test still stands
//! alone: its server has a port, hence an origin, of its own, its console is its own, and what it
//! does to the page ends with the page. What reaches further ends with the test: a browser that was
//! put to sleep or told something in the DevTools domain `Browser`, and a stream that something was
//! made to go wrong in.

mod colour;
mod kept;

use anyhow::{Context, Result, anyhow, bail, ensure};
use dev_server::{Fault, Mount, Options as ServerOptions, Route, Rule, Server};
use machine::shell::{root, say};
use serde_json::Value;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use test_streams::live::{self, Live, LowLatency, LowLatencyOptions};
use test_streams::sample::{self, Recipe, Sample};
use webdriver::{Browser, Gone, Options, Session};

/// How long a condition may take. Two cores decode, draw and encode here.
pub const LIMIT: Duration = Duration::from_secs(40);

const PLAYER_PAGE: &str = "/pages/player.html";

/// What a test plays in.
pub struct Scene {
    options: Options,
    expected: Vec<&'static str>,
    live: Option<live::Options>,
    low_latency: Vec<LowLatencyOptions>,
    mounts: Vec<Mount>,
    page: String,
}

impl Scene {
    /// This browser with a small page.
    pub fn new(browser: Browser) -> Self {
        Self::with(Options::new(browser).with_size(640, 480))
    }

    /// A browser started like this.
    pub fn with(options: Options) -> Self {
        let page = PLAYER_PAGE.to_owned();
        let (expected, low_latency, mounts) = (Vec::new(), Vec::new(), Vec::new());
        Self { options, expected, live: None, low_latency, mounts, page }
    }

    /// Console errors that hold one of these are part of the test.
    #[must_use]
    pub fn expecting(mut self, parts: &[&'static str]) -> Self {
        self.expected.extend(parts);
        self
    }

    /// A live stream runs at `/live/master.m3u8`.
    #[must_use]
    pub fn with_live(mut self, options: live::Options) -> Self {
        self.live = Some(options);
        self
    }

    /// A low-latency stream runs at `/ll/master.m3u8` and `/ivs/master.m3u8`; a second one, for a
    /// second call, at `/ll-b/…` and `/ivs-b/…`.
    #[must_use]
    pub fn with_low_latency(mut self, options: LowLatencyOptions) -> Self {
        self.low_latency.push(options);
        self
    }

    /// Serves a folder more.
    #[must_use]
    pub fn mounting(mut self, url: &str, folder: PathBuf) -> Self {
        self.mounts.push(Mount::new(url, folder));
        self
    }

    /// Another page, which need not be the player's.
    #[must_use]
    pub fn on(mut self, page: &str) -> Self {
        page.clone_into(&mut self.page);
        self
    }

    /// Plays it, then looks at the console. Where the browser ends under it by a known fault of its own
    /// ([`Session::own_fault`]), it is played once more, in another: nothing has been judged then.
    pub fn play(self, steps: impl Fn(&PlayerPage) -> Result<()>) -> Result<()> {
        match self.play_once(&steps)? {
            Outcome::Over => Ok(()),
            Outcome::Ended(fault) => {
                let browser = self.options.browser.name();
                say(format!("{browser} has ended by itself ({fault}): once more in another"));
                match self.play_once(&steps)? {
                    Outcome::Over => Ok(()),
                    Outcome::Ended(fault) => bail!("{browser} has ended by itself, twice: {fault}"),
                }
            }
        }
    }

    fn play_once(&self, steps: impl Fn(&PlayerPage) -> Result<()>) -> Result<Outcome> {
        let page = self.open()?;
        let result = self.show(&page).and_then(|()| steps(&page));
        let is_gone = result.as_ref().is_err_and(|error| error.is::<Gone>());
        if let Some(fault) = page.session.own_fault().filter(|_| is_gone) {
            return Ok(Outcome::Ended(fault));
        }
        let bad = page.session.console_errors().map(|errors| {
            let lines = errors.iter().map(ToString::to_string);
            let is_bad = |line: &String| !self.expected.iter().any(|part| is_expected(line, part));
            lines.filter(is_bad).collect::<Vec<_>>()
        });
        // Their own error first: what is said of the page may be long, or no more to be had.
        result.map_err(|error| {
            let console =
                bad.as_ref().map_or_else(|error| format!("{error:#}"), |it| it.join("\n"));
            let seen = if is_gone { page.session.last_words() } else { page.seen() };
            anyhow!("{error:#}\nconsole: {console}\npage: {seen}")
        })?;
        let bad = bad?;
        ensure!(bad.is_empty(), "the console of {} holds {bad:#?}", page.session.browser().name());
        // The page goes before what it loads from.
        let PlayerPage { session, server: _server, low_latency, .. } = page;
        kept::keep_browser(self.options.clone(), session);
        kept::keep_streams(low_latency);
        Ok(Outcome::Over)
    }

    /// All that the page needs, and a browser that shows nothing yet.
    fn open(&self) -> Result<PlayerPage> {
        let recipe = Recipe::test();
        let sample = sample::make(&recipe)?;
        let live = self.live.map(|options| Live::start(&sample, &recipe, options));
        let live = live.transpose()?;
        let mut mounts = vec![
            Mount::new("/", root().join("www")),
            Mount::new("/pages/", root().join("tests/browser/pages")),
            Mount::new("/fixtures/", root().join("tests/fixtures")),
            Mount::new("/modules/", root().join("node_modules")),
            Mount::new("/media/", &sample.folder),
        ];
        mounts.extend(self.mounts.iter().cloned());
        if let Some(live) = &live {
            mounts.push(Mount::new("/live/", live.folder()));
        }
        let low_latency = kept::streams(&self.low_latency)?;
        let routes = low_latency.iter().zip(["", "-b"]).flat_map(|(live, name)| {
            let route = |kind: &str, origin| Route::new(&format!("/{kind}{name}/"), origin);
            [route("ll", live.ll_hls()), route("ivs", live.ivs())]
        });
        let routes = routes.collect();
        let server =
            Server::start(ServerOptions { mounts, routes, control: true, ..Default::default() })?;
        let session = kept::browser(&self.options)?;
        Ok(PlayerPage { session, server, sample, live, low_latency })
    }

    /// Shows the page, once its streams have begun.
    fn show(&self, page: &PlayerPage) -> Result<()> {
        if let Some(live) = &page.live {
            live.wait_for_segments(3, LIMIT)?;
        }
        for live in &page.low_latency {
            live.wait_for_segments(4, LIMIT)?;
        }
        page.goto(&self.page)?;
        if self.page == PLAYER_PAGE {
            page.wait("window.isReady && sphere.renderer")?;
        }
        Ok(())
    }
}

/// How a scene went, but for errors.
enum Outcome {
    Over,
    /// The browser ended by this fault of its own.
    Ended(&'static str),
}

/// Whether a test expects a line by a part of it. That a module of ours did not load has to be expected by
/// where it lies.
fn is_expected(line: &str, part: &str) -> bool {
    line.contains(part) && (part.contains('/') || !is_of_code(line))
}

/// Whether a module of ours did not load: Chromium names the address first.
fn is_of_code(line: &str) -> bool {
    line.contains("Failed to load resource")
        && [".js - ", ".wasm - "].iter().any(|end| line.contains(end))
}

/// A page in a browser, and its server.
pub struct PlayerPage {
    /// The browser.
    pub session: Session,
    /// Page, samples, faults.
    pub server: Server,
    /// What is under `/media/`.
    pub sample: Sample,
    /// What is under `/live/`.
    pub live: Option<Live>,
    /// What is under `/ll/` and `/ivs/`, and what is under `/ll-b/` and `/ivs-b/`.
    pub low_latency: Vec<LowLatency>,
}

impl PlayerPage {
    /// Opens a page of the server.
    pub fn goto(&self, path: &str) -> Result<()> {
        self.session.goto(&self.server.url(path))
    }

    /// The value of an expression.
    pub fn get(&self, expression: &str) -> Result<Value> {
        self.session.evaluate(expression)
    }

    /// A number.
    pub fn number(&self, expression: &str) -> Result<f64> {
        let value = self.get(expression)?;
        value.as_f64().with_context(|| format!("{expression} is {value}"))
    }

    /// Does something.
    pub fn act(&self, statements: &str) -> Result<()> {
        self.session.execute(statements, &[]).map(drop)
    }

    /// Does something that has to be awaited.
    pub fn act_async(&self, statements: &str) -> Result<Value> {
        self.session.execute_async(statements, &[])
    }

    /// Waits until an expression is truthy.
    pub fn wait(&self, expression: &str) -> Result<Value> {
        self.session.wait_until(expression, LIMIT)
    }

    /// Waits until page and view are at rest: what turns and what scrolls goes on after the hand has gone.
    pub fn at_rest(&self) -> Result<()> {
        self.act_async(
            "const now = () => [scrollY, sphere.yaw, sphere.pitch, sphere.fov].join();
             for (let last; last !== now(); await frames(10)) last = now()",
        )
        .map(drop)
    }

    /// Opens a stream and waits until it plays and the sphere shows it.
    pub fn play(&self, url: &str) -> Result<()> {
        self.act(&format!("sphere.src = '{url}'; sphere.play().catch(() => {{}})"))?;
        self.wait("sphere.currentTime > sphere.buffered.start(0) && seen.playing && direction()")?;
        Ok(())
    }

    /// Sets the view and waits until it is drawn.
    pub fn look(&self, yaw_deg: f64, pitch_deg: f64, fov_deg: f64) -> Result<()> {
        self.session.execute_async(
            "const before = sphere.stats.framesDrawn;
             Object.assign(sphere, { yaw: given[0], pitch: given[1], fov: given[2] });
             // A direction it had already is not drawn again.
             for (let left = 120; left && sphere.stats.framesDrawn === before; left -= 1) await frames(1);",
            &[yaw_deg.into(), pitch_deg.into(), fov_deg.into()],
        )?;
        self.sees(yaw_deg, pitch_deg)
    }

    /// Waits until the pixels show a direction, ± 2°.
    pub fn sees(&self, yaw_deg: f64, pitch_deg: f64) -> Result<()> {
        self.close_to("direction()", yaw_deg, pitch_deg)
    }

    /// Waits until an expression's yaw and pitch are these, ± 2°: a stream's first frames may be coarse.
    pub fn close_to(&self, expression: &str, yaw_deg: f64, pitch_deg: f64) -> Result<()> {
        let started = Instant::now();
        loop {
            let value = self.get(expression)?;
            let part = |at: usize| {
                value[at]
                    .as_f64()
                    .with_context(|| format!("the canvas shows no direction: {value}"))
            };
            let (yaw, pitch) = (part(0)?, part(1)?);
            let turn = (yaw - yaw_deg + 540.0).rem_euclid(360.0) - 180.0;
            if turn.abs() <= 2.0 && (pitch - pitch_deg).abs() <= 2.0 {
                return Ok(());
            }
            ensure!(
                started.elapsed() < LIMIT,
                "the pixels look to {yaw:.1}°, {pitch:.1}°, not to {yaw_deg}°, {pitch_deg}°"
            );
        }
    }

    /// Waits until the browser shows a direction on its screen, as a picture of the window has it,
    /// ± 4°: here the codec's colours count.
    pub fn see_on_screen(&self, yaw_deg: f64, pitch_deg: f64) -> Result<()> {
        let is_there = |[red, green, blue]: [f64; 3]| {
            let (yaw, pitch) = (red / 255.0 * 360.0 - 180.0, 90.0 - green / 255.0 * 180.0);
            let is_near = (yaw - yaw_deg).abs() < 4.0 && (pitch - pitch_deg).abs() < 4.0;
            is_near && (blue - 128.0).abs() < 8.0
        };
        self.see_colour(is_there, &format!("{yaw_deg}°, {pitch_deg}°"))
    }

    /// Waits until the browser shows black on its screen.
    pub fn see_black_on_screen(&self) -> Result<()> {
        self.see_colour(|colour| colour.iter().all(|value| *value < 4.0), "black")
    }

    /// Waits until the middle of the sphere has such a colour on the screen.
    fn see_colour(&self, is_right: impl Fn([f64; 3]) -> bool, wanted: &str) -> Result<()> {
        let rect = self.session.rect(&self.session.find("video-sphere")?)?;
        let middle = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
        let started = Instant::now();
        loop {
            let colour = colour::at(&self.session.screenshot()?, middle)?;
            if is_right(colour) {
                return Ok(());
            }
            ensure!(started.elapsed() < LIMIT, "the screen shows {colour:.0?}, not {wanted}");
        }
    }

    /// Serves this text as a playlist.
    pub fn serve_playlist(&self, path: &str, text: &str) {
        self.serve(path, "application/vnd.apple.mpegurl", text);
    }

    /// Serves this text as this type.
    pub fn serve(&self, path: &str, content_type: &str, text: &str) {
        let (content_type, body) = (content_type.to_owned(), text.to_owned());
        self.server.faults().add(Rule::new(path, Fault::Replace { content_type, body }));
    }

    /// For failures: what the page saw.
    fn seen(&self) -> String {
        self.get(
            "JSON.stringify({ seen: window.seen, errors: window.details?.error, ranges: window.ranges?.(),
               time: window.sphere?.currentTime, state: window.sphere?.readyState,
               paused: window.sphere?.paused, scroll: scrollY, stats: window.sphere?.stats, players: window.barState?.() })",
        )
        .map_or_else(|error| format!("{error:#}"), |value| value.as_str().unwrap_or_default().to_owned())
    }
}
