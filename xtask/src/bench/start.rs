//! `cargo xtask bench start`: when whole pages show the first picture of the sphere, over links of a
//! known rate and round trip.
//!
//! In: `dist/` as it ships, the pages of `benches/start` (ours, A-Frame, three and a bare WebGL2 page,
//! the latter three fed by hls.js), the demo sample from an origin of its own. Out: a row for each link
//! and peer: the medians of the times from navigation to the first sphere that the compositor showed;
//! on the fastest link also what a drawn frame costs once it plays. `start/prepare.mjs` makes the
//! pages' scripts, `start/visits.mjs` visits them in turn, each with an empty cache.

use super::How;
use crate::build;
use anyhow::{Context, Result, ensure};
use dev_server::link::{Link, Quality};
use dev_server::{Mount, Options, Server};
use machine::{shell, tools};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use test_streams::sample::{self, Recipe};
use webdriver::{Browser, CHROMIUM_WEBGL, Session};

/// If not said otherwise.
const ROUNDS: u32 = 9;
/// Links: Mbit/s down, round trip in milliseconds, and how long to play on after the first picture.
const CASES: [(&str, u64, u64, u64); 3] =
    [("10mbit-40ms", 10, 40, 0), ("3mbit-120ms", 3, 120, 0), ("50mbit-10ms", 50, 10, 2000)];
/// Who, and its page.
const PAGES: [(&str, &str); 4] = [
    (OURS, "ours"),
    ("A-Frame + hls.js", "aframe"),
    ("three + hls.js", "three"),
    ("bare + hls.js", "bare"),
];
const OURS: &str = "ours";

/// What came of one visit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Visit {
    case: String,
    peer: String,
    first_picture_millis: f64,
    /// A drawn frame's share of the main thread, of the renderer process' time.
    main_thread_millis: Option<f64>,
    renderer_cpu_millis: Option<f64>,
}

/// One line of the report; `ratio` is theirs over ours, more than 1 is sooner.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    bench: &'static str,
    case: String,
    peer: String,
    ratio: f64,
    rounds: u32,
    ours_first_picture_millis: f64,
    peer_first_picture_millis: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ours_main_thread_millis_per_frame: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer_main_thread_millis_per_frame: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ours_renderer_cpu_millis_per_frame: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer_renderer_cpu_millis_per_frame: Option<f64>,
}

/// Visits every page over every link and prints the rows.
pub(super) fn run(how: &How) -> Result<()> {
    build::build(&build::Options::default())?;
    tools::node_modules()?;
    let rounds = how.rounds.unwrap_or(ROUNDS);
    let demo = sample::make(&Recipe::demo())?;
    let folder = shell::target().join("bench/start");
    std::fs::create_dir_all(&folder)?;
    let script = |name: &str| shell::root().join("xtask/src/bench/start").join(name);
    shell::run(shell::command("node").arg(script("prepare.mjs")).args([&shell::root(), &folder]))
        .context("the pages' scripts were not made")?;
    let server = Server::start(Options {
        mounts: vec![Mount::new("/", &folder), Mount::new("/media/", &demo.folder)],
        compressed: true,
        ..Options::default()
    })?;
    let links: Vec<Link> = CASES
        .iter()
        .map(|&(_, megabits, round_trip_millis, _)| {
            let round_trip = Duration::from_millis(round_trip_millis);
            let quality = Quality { bits_per_second: megabits * 1_000_000, round_trip };
            Link::start(quality, &[server.port(), server.second_port()])
        })
        .collect::<Result<_>>()?;
    let mut visits = Vec::new();
    for (&(case, _, _, play_millis), link) in CASES.iter().zip(&links) {
        let stream = link.url(1, "").context("a link to one port only")?;
        for (peer, page) in PAGES {
            write_page(&folder, case, page, &stream)?;
            let url = link.url(0, &format!("/{case}/{page}.html"));
            visits
                .push(json!({ "case": case, "peer": peer, "url": url, "playMillis": play_millis }));
        }
    }
    let browser = webdriver::Options::new(Browser::Chromium).with_arguments(CHROMIUM_WEBGL);
    let session = Session::start_with(&browser)?;
    if !how.json {
        println!("Chromium {}, medians of {rounds} interleaved rounds", session.version());
    }
    let plan = json!({ "rounds": rounds, "visits": visits });
    let output = shell::read(
        // Node 20 has WebSocket only if asked.
        shell::command("node")
            .arg("--experimental-websocket")
            .arg(script("visits.mjs"))
            .args([session.devtools_address()?, &plan.to_string()]),
    )?;
    let visits: Vec<Visit> = output
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
        .collect::<Result<_>>()?;
    for line in lines(rounds, &visits)? {
        if how.json {
            println!("{}", serde_json::to_string(&line)?);
        } else {
            print(&line);
        }
    }
    Ok(())
}

/// A page that takes the stream from this origin.
fn write_page(folder: &Path, case: &str, page: &str, stream: &str) -> Result<()> {
    let name = format!("{page}.html");
    let text = std::fs::read_to_string(shell::root().join("benches/start").join(&name))?;
    std::fs::create_dir_all(folder.join(case))?;
    Ok(std::fs::write(folder.join(case).join(name), text.replace("{stream}", stream))?)
}

fn lines(rounds: u32, visits: &[Visit]) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (case, ..) in CASES {
        let figure = |peer: &str, of: fn(&Visit) -> Option<f64>| {
            let ones = visits.iter().filter(|it| it.case == case && it.peer == peer);
            median(ones.filter_map(of).collect())
        };
        let first_picture = |peer| {
            let millis = figure(peer, |it| Some(it.first_picture_millis));
            millis.with_context(|| format!("nobody saw {peer} over {case}"))
        };
        let ours = first_picture(OURS)?;
        ensure!(ours > 0.0, "ours was there before it was asked for, over {case}");
        for (peer, _) in PAGES.iter().filter(|(peer, _)| *peer != OURS) {
            let theirs = first_picture(peer)?;
            let main_thread = |peer| figure(peer, |it| it.main_thread_millis).map(rounded);
            let renderer_cpu = |peer| figure(peer, |it| it.renderer_cpu_millis).map(rounded);
            lines.push(Line {
                bench: "start",
                case: case.to_owned(),
                peer: (*peer).to_owned(),
                ratio: rounded(theirs / ours),
                rounds,
                ours_first_picture_millis: ours.round(),
                peer_first_picture_millis: theirs.round(),
                ours_main_thread_millis_per_frame: main_thread(OURS),
                peer_main_thread_millis_per_frame: main_thread(peer),
                ours_renderer_cpu_millis_per_frame: renderer_cpu(OURS),
                peer_renderer_cpu_millis_per_frame: renderer_cpu(peer),
            });
        }
    }
    Ok(lines)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { (values[middle - 1] + upper) / 2.0 })
}

fn print(line: &Line) {
    println!(
        "start {}: {:.2} × {} ({:.0} ms, ours {:.0})",
        line.case,
        line.ratio,
        line.peer,
        line.peer_first_picture_millis,
        line.ours_first_picture_millis
    );
    for (what, ours, theirs) in [
        (
            "main thread",
            line.ours_main_thread_millis_per_frame,
            line.peer_main_thread_millis_per_frame,
        ),
        (
            "renderer CPU",
            line.ours_renderer_cpu_millis_per_frame,
            line.peer_renderer_cpu_millis_per_frame,
        ),
    ] {
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            println!("    {what:<12} {theirs:>7.2} ms a drawn frame, ours {ours:.2}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(case: &str, peer: &str, first_picture_millis: f64) -> Visit {
        Visit {
            case: case.to_owned(),
            peer: peer.to_owned(),
            first_picture_millis,
            main_thread_millis: (case == "50mbit-10ms").then_some(first_picture_millis / 100.0),
            renderer_cpu_millis: None,
        }
    }

    #[test]
    fn more_than_one_is_sooner() {
        let mut visits = Vec::new();
        for (case, ..) in CASES {
            for (peer, _) in PAGES {
                let millis = if peer == OURS { 500.0 } else { 1000.0 };
                // One slow visit in three changes no median.
                visits.extend([millis, millis, 9000.0].map(|it| visit(case, peer, it)));
            }
        }
        let lines = lines(3, &visits).unwrap();
        assert_eq!(lines.len(), 9);
        assert!(lines.iter().all(|line| line.ratio == 2.0), "{lines:?}");
        assert_eq!(lines[0].ours_main_thread_millis_per_frame, None);
        assert_eq!(lines[8].peer_main_thread_millis_per_frame, Some(10.0));
    }

    #[test]
    fn a_page_that_nobody_saw_is_an_error() {
        assert!(lines(1, &[visit("10mbit-40ms", OURS, 1.0)]).is_err());
    }
}
