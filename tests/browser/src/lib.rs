//! What the tests in browsers share: a server with the pages and the samples, a browser window
//! with `pages/player.html`, and the rule that a page's console stays free of errors.
//!
//! In: a [`Scene`] and a test's steps. Out: their result, or an error that holds what the page saw.
//! No step sleeps; each waits for a condition.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::time::Duration;
use xtask::live::{self, Live};
use xtask::sample::{self, Recipe, Sample};
use xtask::server::{Fault, Mount, Options as ServerOptions, Rule, Server};
use xtask::shell::root;
use xtask::webdriver::{Browser, Options, Session};

/// How long a condition may take. Two cores decode, draw and encode here.
pub const LIMIT: Duration = Duration::from_secs(60);

/// What a test plays in.
pub struct Scene {
    options: Options,
    expected: Vec<&'static str>,
    live: Option<live::Options>,
    page: &'static str,
}

impl Scene {
    /// This browser with a small page.
    pub fn new(browser: Browser) -> Self {
        Self::with(Options::new(browser).with_size(640, 480))
    }

    /// A browser started like this.
    pub fn with(options: Options) -> Self {
        Self { options, expected: Vec::new(), live: None, page: "/pages/player.html" }
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

    /// Another page, which need not be the player's.
    #[must_use]
    pub fn on(mut self, page: &'static str) -> Self {
        self.page = page;
        self
    }

    /// Plays it, then looks at the console.
    pub fn play(self, steps: impl FnOnce(&Stage) -> Result<()>) -> Result<()> {
        let recipe = Recipe::test();
        let sample = sample::make(&recipe)?;
        let live = self.live.map(|options| Live::start(&sample, &recipe, options)).transpose()?;
        let mut mounts = vec![
            Mount::new("/", root().join("www")),
            Mount::new("/pages/", root().join("tests/browser/pages")),
            Mount::new("/fixtures/", root().join("tests/fixtures")),
            Mount::new("/modules/", root().join("node_modules")),
            Mount::new("/media/", &sample.folder),
        ];
        if let Some(live) = &live {
            mounts.push(Mount::new("/live/", live.folder()));
        }
        let server = Server::start(ServerOptions { mounts, control: true, ..Default::default() })?;
        let session = Session::start_with(&self.options)?;
        let stage = Stage { session, server, sample, live };
        if let Some(live) = &stage.live {
            live.wait_for_segments(3, LIMIT)?;
        }
        stage.goto(self.page)?;
        if self.page == "/pages/player.html" {
            stage.wait("window.isReady && sphere.renderer")?;
        }
        let result = steps(&stage);
        let bad: Vec<String> = stage
            .session
            .console_errors()?
            .iter()
            .map(ToString::to_string)
            .filter(|line| !self.expected.iter().any(|part| line.contains(part)))
            .collect();
        result.with_context(|| format!("{}; console: {bad:#?}", stage.told()))?;
        ensure!(bad.is_empty(), "the console of {} holds {bad:#?}", stage.session.browser().name());
        Ok(())
    }
}

/// A page in a browser, and its server.
pub struct Stage {
    /// The browser.
    pub session: Session,
    /// Page, samples, faults.
    pub server: Server,
    /// What is under `/media/`.
    pub sample: Sample,
    /// What is under `/live/`.
    pub live: Option<Live>,
}

impl Stage {
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

    /// Opens a stream and waits until it plays and the sphere shows it.
    pub fn play(&self, url: &str) -> Result<()> {
        self.act(&format!("sphere.src = '{url}'; sphere.play().catch(() => {{}})"))?;
        self.wait("sphere.currentTime > sphere.buffered.start(0) && seen.playing && direction()")?;
        Ok(())
    }

    /// Where the middle of the canvas looks by its pixels, in degrees.
    pub fn direction(&self) -> Result<(f64, f64)> {
        let value = self.get("direction()")?;
        let part = |at: usize| {
            value[at].as_f64().with_context(|| format!("the canvas shows no direction: {value}"))
        };
        Ok((part(0)?, part(1)?))
    }

    /// Sets the view, waits until it is drawn, and holds the pixels against it.
    pub fn look(&self, yaw_deg: f64, pitch_deg: f64, fov_deg: f64) -> Result<()> {
        self.session.execute_async(
            "const before = sphere.stats.framesDrawn;
             Object.assign(sphere, { yaw: given[0], pitch: given[1], fov: given[2] });
             while (sphere.stats.framesDrawn === before) await frames(1);",
            &[yaw_deg.into(), pitch_deg.into(), fov_deg.into()],
        )?;
        self.sees(yaw_deg, pitch_deg)
    }

    /// Holds the pixels against a direction, ± 2°.
    pub fn sees(&self, yaw_deg: f64, pitch_deg: f64) -> Result<()> {
        let (yaw, pitch) = self.direction()?;
        let turn = (yaw - yaw_deg + 540.0).rem_euclid(360.0) - 180.0;
        ensure!(
            turn.abs() <= 2.0 && (pitch - pitch_deg).abs() <= 2.0,
            "the pixels look to {yaw:.1}°, {pitch:.1}°, not to {yaw_deg}°, {pitch_deg}°"
        );
        Ok(())
    }

    /// Serves this text as a playlist.
    pub fn serve_playlist(&self, path: &str, text: &str) {
        let content_type = "application/vnd.apple.mpegurl".to_owned();
        self.server
            .faults()
            .add(Rule::new(path, Fault::Replace { content_type, body: text.to_owned() }));
    }

    /// For failures: what the page saw.
    fn told(&self) -> String {
        self.get(
            "JSON.stringify({ seen: window.seen, errors: window.details?.error, ranges: window.ranges?.(),
               time: window.sphere?.currentTime, state: window.sphere?.readyState,
               paused: window.sphere?.paused, stats: window.sphere?.stats })",
        )
        .map_or_else(|error| format!("{error:#}"), |value| value.as_str().unwrap_or_default().to_owned())
    }
}
