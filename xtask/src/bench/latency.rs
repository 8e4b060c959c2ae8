//! `cargo xtask bench latency`: how far behind the camera players are, on the same live streams at
//! the same time in one page.
//!
//! In: the low-latency origin, ours as it ships, hls.js and Shaka from npm, each as it is out of
//! the box. Out: for each of them the time from camera to screen, read from a clock in the pixels
//! that are shown, and how smoothly it got there. The prefetch stream says a target duration of
//! its segments' length, which is the kindest to players that go by it.

use super::How;
use crate::build;
use anyhow::{Context, Result, bail};
use dev_server::{Mount, Options, Route, Server};
use machine::{shell, tools};
use serde::Serialize;
use serde_json::Value;
use std::time::{Duration, Instant};
use test_streams::live::{LowLatency, LowLatencyOptions};
use webdriver::{Browser, Session};

/// Played, if not said otherwise.
const SECONDS: u32 = 300;
/// Seconds at the start that are not counted: players find their place in them.
const SETTLING: Duration = Duration::from_secs(15);
const LIMIT: Duration = Duration::from_secs(60);
const PROGRESS: Duration = Duration::from_secs(10);

/// What is played by whom, ours first.
const CASES: [(&str, &str, &[&str]); 2] = [
    ("LL-HLS", "/ll/master.m3u8", &["ours", "hls.js", "shaka"]),
    ("IVS-style", "/ivs/master.m3u8", &["ours", "hls.js"]),
];

/// Figures of one player.
#[derive(Debug, Clone, PartialEq)]
struct Figures {
    name: String,
    median_secs: f64,
    p95_secs: f64,
    max_secs: f64,
    stalls: u64,
    stalled_secs: f64,
    rate_changes: u64,
    jumps: u64,
    errors: Vec<String>,
}

/// One line of the report; `ratio` is theirs over ours, more than 1 is better.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    bench: &'static str,
    case: String,
    peer: String,
    ratio: f64,
    seconds: u32,
    ours_median_secs: f64,
    ours_p95_secs: f64,
    ours_stalls: u64,
    ours_stalled_secs: f64,
    ours_rate_changes: u64,
    ours_jumps: u64,
    peer_median_secs: f64,
    peer_p95_secs: f64,
    peer_stalls: u64,
    peer_stalled_secs: f64,
    peer_rate_changes: u64,
    peer_jumps: u64,
}

/// Plays each case and prints it.
pub(super) fn run(how: &How) -> Result<()> {
    build::build(&build::Options::default())?;
    tools::node_modules()?;
    let seconds = how.seconds.unwrap_or(SECONDS);
    let options = LowLatencyOptions { prefetch_target_secs: 2, ..LowLatencyOptions::test() };
    let live = LowLatency::start(&options)?;
    let server = Server::start(Options {
        mounts: vec![
            Mount::new("/", shell::root().join("www")),
            Mount::new("/modules/", shell::root().join("node_modules")),
            Mount::new("/latency/", shell::root().join("benches/latency")),
        ],
        routes: vec![Route::new("/ll/", live.ll_hls()), Route::new("/ivs/", live.ivs())],
        ..Options::default()
    })?;
    live.wait_for_segments(4, LIMIT)?;
    for (case, url, players) in CASES {
        // A browser each, so that nothing of one case is left in the next.
        let session = Session::start(Browser::Chromium)?;
        if !how.json && case == CASES[0].0 {
            println!("Chromium {}, {seconds} s of each stream", session.version());
        }
        session.goto(&server.url("/latency/index.html"))?;
        let figures = play(&session, case, (url, players), Duration::from_secs(seconds.into()))
            .with_context(|| format!("the console: {:?}", session.console()))?;
        if how.json {
            for line in lines(case, seconds, &figures)? {
                println!("{}", serde_json::to_string(&line)?);
            }
        } else {
            print(case, &figures);
        }
    }
    Ok(())
}

fn play(
    session: &Session,
    case: &str,
    (url, players): (&str, &[&str]),
    length: Duration,
) -> Result<Vec<Figures>> {
    session.wait_until("window.isReady", LIMIT)?;
    let given = [serde_json::json!(players), serde_json::json!(url)];
    session.execute_async("await start(given[0], given[1])", &given)?;
    session.wait_until("report().every((it) => it.samples > 0)", LIMIT)?;
    shell::say(format!("latency {case}: everyone plays; settling for {} s", SETTLING.as_secs()));
    std::thread::sleep(SETTLING);
    session.evaluate("reset()")?;
    let started = Instant::now();
    while started.elapsed() < length {
        std::thread::sleep(PROGRESS.min(length.saturating_sub(started.elapsed())));
        let now = figures(&session.evaluate("report()")?)?;
        let each: Vec<_> =
            now.iter().map(|it| format!("{} {:.2} s", it.name, it.median_secs)).collect();
        let at = started.elapsed().as_secs();
        shell::say(format!("latency {case}: {at} of {} s; {}", length.as_secs(), each.join(", ")));
    }
    figures(&session.evaluate("report()")?)
}

/// From the page's report.
fn figures(report: &Value) -> Result<Vec<Figures>> {
    let all = report.as_array().context("no report")?;
    all.iter()
        .map(|one| {
            let number = |name: &str| {
                one[name].as_f64().with_context(|| format!("no {name} in {one}: does it play?"))
            };
            let text = |value: &Value| value.as_str().map(str::to_owned);
            Ok(Figures {
                name: text(&one["name"]).context("a player without a name")?,
                median_secs: number("median")?,
                p95_secs: number("p95")?,
                max_secs: number("max")?,
                stalls: number("stalls")? as u64,
                stalled_secs: number("stalledSecs")?,
                rate_changes: number("rateChanges")? as u64,
                jumps: number("jumps")? as u64,
                errors: one["errors"].as_array().into_iter().flatten().filter_map(text).collect(),
            })
        })
        .collect()
}

fn lines(case: &str, seconds: u32, figures: &[Figures]) -> Result<Vec<Line>> {
    let Some((ours, peers)) = figures.split_first() else { bail!("nobody played {case}") };
    let round = |secs: f64| (secs * 1000.0).round() / 1000.0;
    Ok(peers
        .iter()
        .map(|peer| Line {
            bench: "latency",
            case: case.to_owned(),
            peer: peer.name.clone(),
            ratio: round(peer.median_secs / ours.median_secs),
            seconds,
            ours_median_secs: round(ours.median_secs),
            ours_p95_secs: round(ours.p95_secs),
            ours_stalls: ours.stalls,
            ours_stalled_secs: round(ours.stalled_secs),
            ours_rate_changes: ours.rate_changes,
            ours_jumps: ours.jumps,
            peer_median_secs: round(peer.median_secs),
            peer_p95_secs: round(peer.p95_secs),
            peer_stalls: peer.stalls,
            peer_stalled_secs: round(peer.stalled_secs),
            peer_rate_changes: peer.rate_changes,
            peer_jumps: peer.jumps,
        })
        .collect())
}

fn print(case: &str, figures: &[Figures]) {
    println!("\n{case}: seconds from camera to screen");
    println!(
        "    {:<8} {:>7} {:>7} {:>7}  stalls        rate changes  jumps",
        "", "median", "p95", "max"
    );
    for it in figures {
        println!(
            "    {:<8} {:>7.2} {:>7.2} {:>7.2}  {:>3} ({:.1} s)   {:>4}          {:>4}",
            it.name,
            it.median_secs,
            it.p95_secs,
            it.max_secs,
            it.stalls,
            it.stalled_secs,
            it.rate_changes,
            it.jumps
        );
        if !it.errors.is_empty() {
            println!("             said {}", it.errors.join(", "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report() -> Value {
        let one = |name: &str, median: f64| {
            json!({ "name": name, "median": median, "p95": 3.0, "max": 4.0, "stalls": 1,
                    "stalledSecs": 0.3, "rateChanges": 5, "jumps": 0, "errors": ["levelSwitchError"] })
        };
        json!([one("ours", 1.0), one("hls.js", 2.5)])
    }

    #[test]
    fn more_than_one_is_closer_to_live() {
        let lines = lines("LL-HLS", 10, &figures(&report()).unwrap()).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].peer.as_str(), lines[0].ratio), ("hls.js", 2.5));
        assert_eq!((lines[0].ours_median_secs, lines[0].peer_stalls), (1.0, 1));
    }

    #[test]
    fn a_player_that_shows_nothing_is_an_error() {
        let mut report = report();
        report[0]["median"] = Value::Null;
        assert!(figures(&report).is_err());
    }
}
