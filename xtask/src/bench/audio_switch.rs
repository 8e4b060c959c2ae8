//! `cargo xtask bench audio-switch`: how soon another sound is heard, and how long nothing is.
//!
//! In: the test sample with a second sound, which is all buffered within a moment, ours as it ships, hls.js and
//! Shaka from npm. Out: for each of them the medians, in interleaved rounds, of the time from the choice to the new
//! sound, and the longest silence, both heard by an audio worklet; and how often it waited.

use super::How;
use crate::build;
use anyhow::{Context, Result, ensure};
use dev_server::{Mount, Options, Server};
use machine::{shell, tools};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use test_streams::languages;
use test_streams::sample::{self, Recipe};
use webdriver::{Browser, Session};

/// If not said otherwise.
const ROUNDS: u32 = 5;
/// In each round; the sample is long enough for that.
const CHANGES: u32 = 6;
const LIMIT: Duration = Duration::from_secs(30);
/// Ours first.
const PLAYERS: [&str; 3] = ["ours", "hls.js", "shaka"];

/// A round of one player, as the page tells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Round {
    name: String,
    waits: u32,
    changes: Vec<Change>,
}

/// One change of the sound; `after_secs` is `None` where it was never heard.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    after_secs: Option<f64>,
    silence_secs: f64,
}

/// All of one player.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figures {
    heard_after_millis: f64,
    silence_millis: f64,
    longest_silence_millis: f64,
    unheard: usize,
    waits: u32,
}

/// One line of the report; `ratio` is theirs over ours, more than 1 is sooner.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    bench: &'static str,
    case: &'static str,
    peer: String,
    ratio: f64,
    changes: u32,
    ours_heard_after_millis: f64,
    ours_silence_millis: f64,
    ours_longest_silence_millis: f64,
    ours_unheard: usize,
    ours_waits: u32,
    peer_heard_after_millis: f64,
    peer_silence_millis: f64,
    peer_longest_silence_millis: f64,
    peer_unheard: usize,
    peer_waits: u32,
}

/// Plays the rounds and prints them.
pub(super) fn run(how: &How) -> Result<()> {
    build::build(&build::Options::default())?;
    tools::node_modules()?;
    let recipe = Recipe::test();
    let sample = sample::make(&recipe)?;
    let folder = languages::make(&sample, recipe.duration_secs)?;
    let server = Server::start(Options {
        mounts: vec![
            Mount::new("/", shell::root().join("www")),
            Mount::new("/modules/", shell::root().join("node_modules")),
            Mount::new("/bench/", shell::root().join("benches/audio-switch")),
            Mount::new("/media/", &sample.folder),
            Mount::new("/languages/", folder),
        ],
        ..Options::default()
    })?;
    let rounds = how.rounds.unwrap_or(ROUNDS);
    let session = Session::start(Browser::Chromium)?;
    if !how.json {
        println!(
            "Chromium {}, {rounds} interleaved rounds of {CHANGES} changes",
            session.version()
        );
    }
    let mut played = Vec::new();
    for round in 0..rounds {
        for name in PLAYERS {
            session.goto(&server.url("/bench/index.html"))?;
            session.wait_until("window.isReady", LIMIT)?;
            let given = [name.into(), "/languages/cmaf.m3u8".into(), CHANGES.into()];
            let told = session
                .execute_async("return await measure(...given)", &given)
                .with_context(|| format!("{name}; the console: {:?}", session.console()))?;
            played.push(serde_json::from_value::<Round>(told)?);
        }
        shell::say(format!("audio-switch: round {} of {rounds}", round + 1));
    }
    for line in lines(rounds * CHANGES, &played)? {
        if how.json {
            println!("{}", serde_json::to_string(&line)?);
        } else {
            print(&line);
        }
    }
    Ok(())
}

fn figures(name: &str, rounds: &[Round]) -> Result<Figures> {
    let own: Vec<&Round> = rounds.iter().filter(|round| round.name == name).collect();
    let changes = || own.iter().flat_map(|round| &round.changes);
    let after = changes().filter_map(|change| change.after_secs).collect();
    let silences: Vec<f64> = changes().map(|change| change.silence_secs).collect();
    let longest = silences.iter().copied().fold(0.0, f64::max);
    Ok(Figures {
        heard_after_millis: millis(
            median(after).with_context(|| format!("{name} was never heard"))?,
        ),
        silence_millis: millis(median(silences).context("no change")?),
        longest_silence_millis: millis(longest),
        unheard: changes().filter(|change| change.after_secs.is_none()).count(),
        waits: own.iter().map(|round| round.waits).sum(),
    })
}

fn millis(secs: f64) -> f64 {
    (secs * 10_000.0).round() / 10.0
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn lines(changes: u32, rounds: &[Round]) -> Result<Vec<Line>> {
    let [ours, peers @ ..] = PLAYERS;
    let ours = figures(ours, rounds)?;
    ensure!(ours.heard_after_millis > 0.0, "the new sound was there before it was chosen");
    let line = |peer: &str| {
        let theirs = figures(peer, rounds)?;
        let ratio = theirs.heard_after_millis / ours.heard_after_millis;
        Ok(Line {
            bench: "audio-switch",
            case: "all buffered",
            peer: peer.to_owned(),
            ratio: (ratio * 1000.0).round() / 1000.0,
            changes,
            ours_heard_after_millis: ours.heard_after_millis,
            ours_silence_millis: ours.silence_millis,
            ours_longest_silence_millis: ours.longest_silence_millis,
            ours_unheard: ours.unheard,
            ours_waits: ours.waits,
            peer_heard_after_millis: theirs.heard_after_millis,
            peer_silence_millis: theirs.silence_millis,
            peer_longest_silence_millis: theirs.longest_silence_millis,
            peer_unheard: theirs.unheard,
            peer_waits: theirs.waits,
        })
    };
    peers.into_iter().map(line).collect()
}

fn print(line: &Line) {
    let one = |name: &str,
               after: f64,
               (silence, longest): (f64, f64),
               unheard: usize,
               waits: u32| {
        println!(
            "    {name:<8} heard after {after:>6.1} ms; silence {silence:>5.1} ms, {longest:>5.1} at most; \
             {unheard} unheard, {waits} waits"
        );
    };
    println!("audio-switch {}: {:.2} × {}", line.case, line.ratio, line.peer);
    let silences = (line.ours_silence_millis, line.ours_longest_silence_millis);
    one("ours", line.ours_heard_after_millis, silences, line.ours_unheard, line.ours_waits);
    let silences = (line.peer_silence_millis, line.peer_longest_silence_millis);
    one(&line.peer, line.peer_heard_after_millis, silences, line.peer_unheard, line.peer_waits);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_one_is_sooner_and_the_longest_silence_counts() {
        let round = |name: &str, after_secs: f64| {
            let change = |silence_secs| Change { after_secs: Some(after_secs), silence_secs };
            let unheard = Change { after_secs: None, silence_secs: 0.0 };
            Round {
                name: name.to_owned(),
                waits: 1,
                changes: vec![change(0.004), change(0.03), unheard],
            }
        };
        let rounds = [round("ours", 0.1), round("hls.js", 0.25), round("shaka", 0.05)];
        let lines = lines(3, &rounds).unwrap();
        assert_eq!(lines.iter().map(|line| line.ratio).collect::<Vec<_>>(), [2.5, 0.5]);
        assert_eq!(
            (lines[0].ours_silence_millis, lines[0].ours_longest_silence_millis),
            (4.0, 30.0)
        );
        assert_eq!((lines[0].peer_unheard, lines[0].ours_waits), (1, 1));
        assert!(figures("nobody", &rounds).is_err());
    }
}
