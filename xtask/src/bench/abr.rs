//! `cargo xtask bench abr`: how good a picture rules make of links, and how seldom it stops.
//!
//! In: links made by a generator (others with `--seed N`), or of `--traces DIR`; the engine's own
//! rules, hls.js' and Shaka's from npm, BOLA-E from its paper. Out: a row for each case, family and
//! player. Ours is played by `benches/abr`, a program of its own so that `cargo xtask` needs no
//! engine; the others by `abr/peers.mjs`, whose head says what is modelled. No browser and no real
//! time: every figure comes again.
//!
//! The quality is Pensieve's logarithmic one, a mean over the segments seen: `ln(rate / lowest) −
//! 2.66 × seconds of stall − |change of the logarithm|`. The wait before the first picture counts
//! for nobody.

mod plan;
mod traces;

use super::How;
use anyhow::{Context, Result};
use machine::{shell, tools};
use plan::LADDER;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use traces::Trace;

const SEED: u64 = 1;
/// Links of each family.
const EACH: u64 = 8;
const PLAYERS: [&str; 4] = ["ours", "hls.js", "shaka", "bola-e"];
const STALL_PENALTY: f64 = 2.66;

/// What a driver says of one trace.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Played {
    trace: usize,
    case: String,
    player: String,
    levels: Vec<usize>,
    stalled_secs: f64,
    /// Behind the live edge, on average; 0 on demand.
    latency_secs: f64,
    wasted_bytes: f64,
}

/// One row of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Row {
    case: String,
    family: String,
    player: String,
    mean_mbps: f64,
    rebuffer_secs_per_10min: f64,
    switches_per_min: f64,
    log_qoe: f64,
    latency_secs: f64,
    wasted_mb: f64,
    bound_mbps: f64,
}

/// Plays every link and prints the rows.
pub(super) fn run(how: &How) -> Result<()> {
    tools::node_modules()?;
    let traces = match &how.traces {
        Some(folder) => traces::read(folder)?,
        None => traces::generate(how.seed.unwrap_or(SEED), EACH),
    };
    let folder = shell::target().join("bench/abr");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("plan.txt");
    std::fs::write(&path, plan::text(&traces))?;
    shell::say(format!("{} links, played by {}", traces.len(), PLAYERS.join(", ")));
    let ours = shell::read(
        shell::cargo()
            .args(["bench", "--quiet", "--profile", "dev", "--bench", "abr", "--"])
            .arg(&path),
    )?;
    let peers = shell::read(
        shell::command("node")
            .arg(shell::root().join("xtask/src/bench/abr/peers.mjs"))
            .arg(&path)
            .arg(shell::root().join("node_modules")),
    )?;
    let lines = ours.lines().chain(peers.lines()).filter(|line| line.starts_with('{'));
    let played: Vec<Played> = lines
        .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
        .collect::<Result<_>>()?;
    let rows = rows(&traces, &played);
    if how.json {
        for row in rows {
            println!("{}", serde_json::to_string(&row)?);
        }
    } else {
        print(&rows);
    }
    Ok(())
}

/// Means over the links of a family; a last family, `all`, over every link.
fn rows(traces: &[Trace], played: &[Played]) -> Vec<Row> {
    let mut families: Vec<&str> = Vec::new();
    for trace in traces {
        if !families.contains(&trace.family.as_str()) {
            families.push(&trace.family);
        }
    }
    let bounds: BTreeMap<(usize, bool), f64> = (0..traces.len())
        .flat_map(|index| [(index, false), (index, true)])
        .map(|key| (key, plan::bound_mbps(&traces[key.0], key.1)))
        .collect();
    let mut rows = Vec::new();
    for case in ["vod", "live"] {
        for family in families.iter().copied().chain(["all"]) {
            for player in PLAYERS {
                let of_family = |one: &&Played| {
                    let its_family = traces.get(one.trace).map(|trace| trace.family.as_str());
                    one.case == case
                        && one.player == player
                        && (family == "all" || its_family == Some(family))
                };
                let ones: Vec<&Played> = played.iter().filter(of_family).collect();
                let mean = |figure: &dyn Fn(&Played) -> f64| {
                    let sum: f64 = ones.iter().map(|one| figure(one)).sum();
                    (sum / ones.len().max(1) as f64 * 1000.0).round() / 1000.0
                };
                rows.push(Row {
                    case: case.to_owned(),
                    family: family.to_owned(),
                    player: player.to_owned(),
                    mean_mbps: mean(&Played::mean_mbps),
                    rebuffer_secs_per_10min: mean(&|one| one.stalled_secs * 600.0 / one.secs()),
                    switches_per_min: mean(&|one| one.switches() as f64 * 60.0 / one.secs()),
                    log_qoe: mean(&Played::log_qoe),
                    latency_secs: mean(&|one| one.latency_secs),
                    wasted_mb: mean(&|one| one.wasted_bytes / 1e6),
                    bound_mbps: mean(&|one| bounds[&(one.trace, case == "live")]),
                });
            }
        }
    }
    rows
}

impl Played {
    fn secs(&self) -> f64 {
        self.levels.len().max(1) as f64 * plan::SEGMENT_SECS
    }

    fn rates(&self) -> impl Iterator<Item = f64> + '_ {
        self.levels.iter().filter_map(|level| LADDER.get(*level).copied())
    }

    fn mean_mbps(&self) -> f64 {
        self.rates().sum::<f64>() / self.levels.len().max(1) as f64 / 1e6
    }

    fn switches(&self) -> usize {
        self.levels.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }

    fn log_qoe(&self) -> f64 {
        let logs: Vec<f64> = self.rates().map(|bps| (bps / LADDER[0]).ln()).collect();
        let changes: f64 = logs.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
        let quality = logs.iter().sum::<f64>() - changes - STALL_PENALTY * self.stalled_secs;
        quality / logs.len().max(1) as f64
    }
}

fn print(rows: &[Row]) {
    println!(
        "{:<5} {:<13} {:<7} {:>7} {:>9} {:>9} {:>8} {:>8} {:>8} {:>6}",
        "case",
        "family",
        "player",
        "Mbit/s",
        "s/10 min",
        "switches",
        "log QoE",
        "latency",
        "wasted",
        "bound"
    );
    for row in rows {
        println!(
            "{:<5} {:<13} {:<7} {:>7.2} {:>9.2} {:>9.2} {:>8.3} {:>8.2} {:>8.2} {:>6.2}",
            row.case,
            row.family,
            row.player,
            row.mean_mbps,
            row.rebuffer_secs_per_10min,
            row.switches_per_min,
            row.log_qoe,
            row.latency_secs,
            row.wasted_mb,
            row.bound_mbps
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(levels: &[usize], stalled_secs: f64) -> Played {
        Played {
            trace: 0,
            case: "vod".to_owned(),
            player: "ours".to_owned(),
            levels: levels.to_vec(),
            stalled_secs,
            latency_secs: 0.0,
            wasted_bytes: 0.0,
        }
    }

    #[test]
    fn quality_is_the_logarithm_less_stalls_and_changes() {
        assert_eq!(played(&[0, 0], 0.0).log_qoe(), 0.0);
        let doubled = played(&[1, 1], 0.0);
        assert!((doubled.log_qoe() - 2_f64.ln()).abs() < 1e-9);
        let changed = played(&[0, 1], 0.0);
        assert!((changed.log_qoe() - 0.0).abs() < 1e-9, "what is gained is lost by the change");
        assert_eq!(changed.switches(), 1);
        assert!((played(&[0, 0], 1.0).log_qoe() + 1.33).abs() < 1e-9);
    }

    #[test]
    fn a_row_for_each_case_family_and_player() {
        let steps = vec![(1000.0, 5000.0)];
        let trace = Trace { family: "even".to_owned(), latency_ms: 20.0, steps };
        let rows = rows(&[trace], &[played(&[3; 150], 0.0)]);
        assert_eq!(rows.len(), 2 * 2 * PLAYERS.len());
        assert_eq!((rows[0].player.as_str(), rows[0].mean_mbps), ("ours", 4.8));
        assert!((rows[0].bound_mbps - 5.0).abs() < 0.05);
    }
}
