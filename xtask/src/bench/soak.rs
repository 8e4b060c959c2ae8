//! `cargo xtask bench soak`: what a player still holds on to after a long visit.
//!
//! In: the test sample, played in a loop at twice the speed in Chromium, while the page seeks,
//! changes quality and source, and adds and removes a second player. Out: JavaScript heap, nodes,
//! listeners, WebGL contexts and the engine's wasm memory, after a forced collection, at the end of
//! the first quarter and of the last. It fails where one of them grew by more than noise, or where
//! playback stood still. `--seconds` says how long; an hour by default.

use super::How;
use crate::build;
use anyhow::{Context, Result, bail, ensure};
use dev_server::{Mount, Options, Server};
use machine::shell;
use serde::Serialize;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use test_streams::sample::{self, Recipe};
use webdriver::{Browser, Options as BrowserOptions, Session};

/// Played, if not said otherwise.
const SECONDS: u32 = 3600;
/// Between two things that happen to the player.
const PAUSE: Duration = Duration::from_secs(10);
const LIMIT: Duration = Duration::from_secs(60);
/// Samples of which the least counts: what is held at one moment depends on what is under way.
const ROUND: usize = 6;
/// What counts as flat, beside a small constant.
const NOISE: f64 = 1.10;

/// What is held at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Held {
    heap_bytes: f64,
    nodes: f64,
    listeners: f64,
    wasm_bytes: f64,
    contexts: f64,
}

impl Held {
    /// A figure, its name, and how much more of it is noise, whatever its size.
    fn figures(&self) -> [(&'static str, f64, f64); 5] {
        [
            ("heap_bytes", self.heap_bytes, 500_000.0),
            ("nodes", self.nodes, 30.0),
            ("listeners", self.listeners, 30.0),
            ("wasm_bytes", self.wasm_bytes, 4_194_304.0),
            ("contexts", self.contexts, 0.0),
        ]
    }
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    bench: &'static str,
    case: &'static str,
    first: f64,
    last: f64,
    is_flat: bool,
}

/// Plays, and prints what grew.
pub(super) fn run(how: &How) -> Result<()> {
    build::build(&build::Options::default())?;
    let sample = sample::make(&Recipe::test())?;
    let server = Server::start(Options {
        mounts: vec![
            Mount::new("/", shell::root().join("www")),
            Mount::new("/soak/", shell::root().join("xtask/src/bench/soak")),
            Mount::new("/media/", &sample.folder),
        ],
        ..Options::default()
    })?;
    let browser = BrowserOptions::new(Browser::Chromium).with_size(400, 300);
    let session = Session::start_with(&browser)?;
    session.goto(&server.url("/soak/index.html"))?;
    session
        .wait_until("window.isReady", LIMIT)
        .with_context(|| format!("the console: {:?}", session.console()))?;
    let length = Duration::from_secs(how.seconds.unwrap_or(SECONDS).into());
    let (samples, played_secs) = play(&session, length)?;
    let lines = lines(&samples)?;
    for line in &lines {
        if how.json {
            println!("{}", serde_json::to_string(line)?);
        } else {
            let word = if line.is_flat { "flat" } else { "GROWS" };
            println!("soak {:<12} {:>12} → {:>12}  {word}", line.case, line.first, line.last);
        }
    }
    let wall_secs = length.as_secs_f64();
    println!("soak: {played_secs:.0} s of video played in {wall_secs:.0} s");
    let grown: Vec<_> = lines.iter().filter(|it| !it.is_flat).map(|it| it.case).collect();
    ensure!(grown.is_empty(), "what grows: {}", grown.join(", "));
    ensure!(played_secs > wall_secs, "played less than half of what twice the speed gives");
    Ok(())
}

/// A sample after each thing that happened, and the seconds of video that were played.
fn play(session: &Session, length: Duration) -> Result<(Vec<Held>, f64)> {
    let started = Instant::now();
    let (mut samples, mut played_secs) = (Vec::new(), 0.0);
    while started.elapsed() < length {
        session.execute_async("return await disturb(arguments[0])", &[json!(samples.len())])?;
        std::thread::sleep(PAUSE);
        let (held, page) = held(session)?;
        ensure!(page["isPlaying"] == true, "it stood still: {page}");
        let now_secs = page["playedSecs"].as_f64().context("no time played")?;
        ensure!(now_secs > played_secs, "nothing was played in {PAUSE:?}: {page}");
        played_secs = now_secs;
        if samples.len() % ROUND == 0 || page["problems"] != json!([]) {
            let (at, of) = (started.elapsed().as_secs(), length.as_secs());
            shell::say(format!("soak: {at} of {of} s; {held:?}; {}", page["problems"]));
        }
        samples.push(held);
    }
    Ok((samples, played_secs))
}

fn held(session: &Session) -> Result<(Held, Value)> {
    session.cdp("HeapProfiler.collectGarbage", json!({}))?;
    let page = session.execute_async("return await held()", &[])?;
    session.cdp("Performance.enable", json!({}))?;
    let metrics = session.cdp("Performance.getMetrics", json!({}))?;
    let metric = |name: &str| {
        let all = metrics["metrics"].as_array().into_iter().flatten();
        let value = all.into_iter().find(|it| it["name"] == name)?["value"].as_f64();
        value.filter(|it| *it > 0.0)
    };
    let from_page = |name: &str| page[name].as_f64().with_context(|| format!("no {name}: {page}"));
    let held = Held {
        heap_bytes: metric("JSHeapUsedSize").context("no heap")?,
        nodes: metric("Nodes").context("no nodes")?,
        listeners: metric("JSEventListeners").context("no listeners")?,
        wasm_bytes: from_page("wasmBytes")?,
        contexts: from_page("contexts")?,
    };
    ensure!(held.wasm_bytes > 0.0, "the worker did not tell its memory");
    Ok((held, page))
}

/// The least of the first quarter's last round beside the least of the last round.
fn lines(samples: &[Held]) -> Result<Vec<Line>> {
    let quarter = samples.len() / 4;
    if quarter < ROUND {
        bail!("too short to tell: at least {} s", ROUND as u64 * 4 * PAUSE.as_secs());
    }
    let first = &samples[quarter - ROUND..quarter];
    let last = &samples[samples.len() - ROUND..];
    let least = |of: &[Held], at: usize| {
        of.iter().map(|held| held.figures()[at].1).fold(f64::INFINITY, f64::min)
    };
    Ok(samples[0]
        .figures()
        .iter()
        .enumerate()
        .map(|(at, (case, _, noise))| {
            let (first, last) = (least(first, at), least(last, at));
            let is_flat = last <= (first * NOISE).max(first + noise);
            Line { bench: "soak", case, first, last, is_flat }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(heap_bytes: f64) -> Held {
        Held { heap_bytes, nodes: 100.0, listeners: 50.0, wasm_bytes: 2e6, contexts: 1.0 }
    }

    fn is_flat(samples: &[Held]) -> bool {
        lines(samples).unwrap().iter().all(|line| line.is_flat)
    }

    #[test]
    fn what_grows_is_told_from_what_swings() {
        let swinging: Vec<_> = (0..48).map(|at| held(4e6 + f64::from(at % 6) * 1e6)).collect();
        assert!(is_flat(&swinging));
        let growing: Vec<_> = (0..48).map(|at| held(4e6 + f64::from(at) * 5e4)).collect();
        assert!(!is_flat(&growing));
    }

    #[test]
    fn a_context_more_is_growth() {
        let mut samples = vec![held(4e6); 48];
        for sample in &mut samples[40..] {
            sample.contexts = 2.0;
        }
        assert!(!is_flat(&samples));
    }

    #[test]
    fn a_short_run_tells_nothing() {
        assert!(lines(&[held(4e6); 20]).is_err());
    }
}
