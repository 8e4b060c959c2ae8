//! What a load test found, for people and for tests.

use super::Plan;
use super::client::Seen;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::time::Duration;

/// Requests an origin answered, by its access log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OriginRequests {
    /// Media and multivariant playlists.
    pub playlists: u64,
    /// Everything else.
    pub segments: u64,
}

impl OriginRequests {
    /// Counts the lines of these logs so far.
    pub(super) fn count(logs: &[PathBuf]) -> Self {
        let mut counts = Self::default();
        for log in logs {
            let Ok(file) = File::open(log) else { continue };
            for line in BufReader::new(file).lines().map_while(Result::ok) {
                match line.split(' ').nth(2) {
                    // The origins' own talk.
                    Some("/playlists.json") | None => {}
                    Some(path) if path.ends_with(".m3u8") => counts.playlists += 1,
                    Some(_) => counts.segments += 1,
                }
            }
        }
        counts
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self {
            playlists: self.playlists.saturating_sub(before.playlists),
            segments: self.segments.saturating_sub(before.segments),
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.playlists + self.segments
    }
}

/// The figures of one run.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was loaded.
    pub name: String,
    /// How many clients.
    pub clients: u32,
    /// How long it took.
    pub took: Duration,
    /// Answers to clients.
    pub requests: u64,
    /// Bits per second of bodies, all clients together.
    pub bits_per_second: f64,
    /// Half of the answers were faster.
    pub p50: Duration,
    /// 95 of 100 were.
    pub p95: Duration,
    /// 99 of 100 were.
    pub p99: Duration,
    /// Failed requests.
    pub errors: u64,
    /// The first of them.
    pub first_error: Option<String>,
    /// Times a player stood still.
    pub stalls: u64,
    /// The longest any one client stood still, summed up.
    pub longest_stalled: Duration,
    /// Playlists whose numbers were lower than before.
    pub ran_backwards: u64,
    /// What reached the origins.
    pub origin: OriginRequests,
}

impl Report {
    pub(super) fn new(
        name: &str,
        plan: Plan,
        seen: &[Seen],
        origin: OriginRequests,
        took: Duration,
    ) -> Self {
        let mut times: Vec<Duration> = seen.iter().flat_map(|seen| seen.took.clone()).collect();
        times.sort_unstable();
        let bytes: u64 = seen.iter().map(|seen| seen.bytes).sum();
        Self {
            name: name.to_owned(),
            clients: plan.clients,
            took,
            requests: times.len() as u64,
            bits_per_second: bytes as f64 * 8.0 / took.as_secs_f64().max(0.001),
            p50: percentile(&times, 50),
            p95: percentile(&times, 95),
            p99: percentile(&times, 99),
            errors: seen.iter().map(|seen| seen.errors).sum(),
            first_error: seen.iter().find_map(|seen| seen.first_error.clone()),
            stalls: seen.iter().map(|seen| seen.stalls).sum(),
            longest_stalled: seen.iter().map(|seen| seen.stalled).max().unwrap_or_default(),
            ran_backwards: seen.iter().map(|seen| seen.ran_backwards).sum(),
            origin,
        }
    }
}

/// The nearest rank.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

impl fmt::Display for Report {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        writeln!(
            to,
            "{} client{} at the {}, {:.0} s",
            self.clients,
            if self.clients == 1 { "" } else { "s" },
            self.name,
            self.took.as_secs_f64()
        )?;
        writeln!(
            to,
            "  requests   {} by clients ({:.1} Mbit/s), {} at the origins ({} playlists, {} segments)",
            self.requests,
            self.bits_per_second / 1e6,
            self.origin.total(),
            self.origin.playlists,
            self.origin.segments
        )?;
        writeln!(
            to,
            "  answers    p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
            millis(self.p50),
            millis(self.p95),
            millis(self.p99)
        )?;
        writeln!(
            to,
            "  stalls     {} (one client stood still for {:.1} s at most)",
            self.stalls,
            self.longest_stalled.as_secs_f64()
        )?;
        write!(to, "  errors     {}", self.errors)?;
        if let Some(error) = &self.first_error {
            write!(to, ", such as {error}")?;
        }
        match self.ran_backwards {
            0 => Ok(()),
            count => write!(to, "\n  {count} playlists ran backwards"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times, 99), Duration::from_millis(198));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
        assert_eq!(percentile(&times[..1], 50), Duration::from_millis(1));
    }
}
