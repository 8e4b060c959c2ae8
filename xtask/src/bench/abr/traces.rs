//! Links to try the rules on: made by a seeded generator, or read from a folder.
//!
//! In: a seed, or JSON files of `{"family", "latency_ms", "steps": [[duration_ms, kbit_per_s], …]}`.
//! Out: [`Trace`]s, each repeated when it ends. Each family stands for what makes its kind hard: 3g
//! is slow and uneven, 4g swings by cell load, 5g is fast but for shadows, wifi is shared now and
//! then, cliffs stay where they fell, a token bucket is fast until it is spent, blips are short.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::Path;

/// One link.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Trace {
    /// Which kind.
    pub family: String,
    /// From a request to its first byte.
    pub latency_ms: f64,
    /// Milliseconds, kbit/s.
    pub steps: Vec<(f64, f64)>,
}

/// What the generator makes.
pub(super) const FAMILIES: [&str; 7] =
    ["3g", "4g", "5g", "wifi", "cliffs", "token-bucket", "blips"];

const LENGTH_SECS: f64 = 600.0;
const LATENCY_MILLIS: f64 = 20.0;

/// The files of a folder, by name.
pub(super) fn read(folder: &Path) -> Result<Vec<Trace>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let trace = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path)?;
        let trace: Trace = serde_json::from_str(&text)?;
        let is_number = |(millis, kbps): &(f64, f64)| *millis > 0.0 && *kbps >= 0.0;
        if trace.steps.is_empty() || !trace.steps.iter().all(is_number) {
            bail!("its steps are to be [milliseconds above 0, kbit/s of 0 or more]");
        }
        Ok(trace)
    };
    let traces: Result<Vec<_>> =
        paths.iter().map(|path| trace(path).with_context(|| path.display().to_string())).collect();
    match traces {
        Ok(traces) if traces.is_empty() => bail!("{} holds no JSON", folder.display()),
        traces => traces,
    }
}

/// So many of each family.
pub(super) fn generate(seed: u64, each: u64) -> Vec<Trace> {
    let one = |(family, at): (&&str, u64)| {
        let salt = family.bytes().fold(seed, |hash, byte| hash * 31 + u64::from(byte));
        let mut chance = Chance(salt.wrapping_mul(1_000_003).wrapping_add(at));
        let steps = steps(family, &mut chance);
        Trace { family: (*family).to_owned(), latency_ms: LATENCY_MILLIS, steps }
    };
    FAMILIES.iter().flat_map(|family| (0..each).map(move |at| (family, at))).map(one).collect()
}

fn steps(family: &str, chance: &mut Chance) -> Vec<(f64, f64)> {
    let mut made = Made::default();
    match family {
        // Autoregressive in the logarithm, with fades.
        "3g" => swing(chance, &mut made, (800.0, 4000.0), 0.85, 0.28, (0.008, 2.0, 8.0, 0.08)),
        "4g" => swing(chance, &mut made, (4000.0, 20_000.0), 0.9, 0.3, (0.012, 2.0, 10.0, 0.1)),
        "5g" => swing(chance, &mut made, (25_000.0, 120_000.0), 0.8, 0.3, (0.03, 2.0, 12.0, 0.03)),
        "wifi" => {
            let base = chance.log_between(6000.0, 40_000.0);
            let mut shared_until_secs = 0.0;
            while made.secs < LENGTH_SECS {
                if made.secs > shared_until_secs && chance.happens(0.02) {
                    shared_until_secs = made.secs + chance.between(10.0, 45.0);
                }
                let share = if made.secs < shared_until_secs { 0.35 } else { 1.0 };
                made.push(1.0, base * share * (0.12 * chance.normal()).exp());
            }
        }
        "cliffs" => {
            let mut kbps = chance.log_between(5000.0, 25_000.0);
            while made.secs < LENGTH_SECS {
                made.push(chance.between(30.0, 110.0), kbps);
                let is_high = kbps > 3000.0;
                kbps = if is_high {
                    chance.log_between(500.0, 2500.0)
                } else {
                    chance.log_between(5000.0, 25_000.0)
                };
            }
        }
        "token-bucket" => {
            // A burst of one to three seconds, then the rate at which tokens come.
            let sustained = chance.log_between(1200.0, 6000.0);
            let burst = sustained * chance.between(5.0, 10.0);
            let (burst_secs, period_secs) = (chance.between(1.0, 3.0), chance.between(8.0, 20.0));
            while made.secs < LENGTH_SECS {
                made.push(burst_secs, burst);
                made.push(period_secs - burst_secs, sustained);
            }
        }
        _ => {
            let base = chance.log_between(8000.0, 80_000.0);
            while made.secs < LENGTH_SECS {
                made.push(chance.between(15.0, 50.0), base);
                made.push(chance.between(1.0, 3.0), base * 0.01);
            }
        }
    }
    made.steps
}

/// Second by second: how much is kept of the last one's distance from the mean, how far chance
/// takes it, and fades: how likely in a second, from and up to how many seconds, to what share.
fn swing(
    chance: &mut Chance,
    made: &mut Made,
    (least, most): (f64, f64),
    kept: f64,
    spread: f64,
    (likely, from_secs, to_secs, share): (f64, f64, f64, f64),
) {
    let mean = chance.log_between(least, most);
    let mut distance = 0.0;
    let mut faded_until_secs = 0.0;
    while made.secs < LENGTH_SECS {
        distance = distance * kept + spread * chance.normal();
        if chance.happens(likely) {
            faded_until_secs = made.secs + chance.between(from_secs, to_secs);
        }
        let fade = if made.secs < faded_until_secs { share } else { 1.0 };
        made.push(1.0, mean * distance.exp() * fade);
    }
}

#[derive(Default)]
struct Made {
    secs: f64,
    steps: Vec<(f64, f64)>,
}

impl Made {
    fn push(&mut self, secs: f64, kbps: f64) {
        self.secs += secs;
        self.steps.push(((secs * 1000.0).round(), kbps.round()));
    }
}

/// Splitmix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.next()
    }

    fn log_between(&mut self, least: f64, most: f64) -> f64 {
        self.between(least.ln(), most.ln()).exp()
    }

    fn happens(&mut self, likely: f64) -> bool {
        self.next() < likely
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_links_again_and_each_is_a_link() {
        let traces = generate(1, 3);
        assert_eq!(traces, generate(1, 3));
        assert_ne!(traces, generate(2, 3));
        assert_eq!(traces.len(), 3 * FAMILIES.len());
        for trace in &traces {
            let secs: f64 = trace.steps.iter().map(|(millis, _)| millis / 1000.0).sum();
            assert!((600.0..720.0).contains(&secs), "{} lasts {secs}", trace.family);
            let is_sane = |kbps: f64| (0.0..1e6).contains(&kbps);
            assert!(trace.steps.iter().all(|(millis, kbps)| *millis > 0.0 && is_sane(*kbps)));
        }
        assert_ne!(traces[0].steps, traces[1].steps, "each is another");
    }

    #[test]
    fn the_form_of_the_files() {
        let text = r#"{"family": "x", "latency_ms": 20, "steps": [[1000, 800], [500, 0]]}"#;
        let trace: Trace = serde_json::from_str(text).unwrap();
        assert_eq!(trace.steps, [(1000.0, 800.0), (500.0, 0.0)]);
    }
}
