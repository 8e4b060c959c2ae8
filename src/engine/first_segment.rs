//! The first segment of a transport stream: its media is played while the rest still comes.
//!
//! In: what comes of its bytes, and how fast they come. Out: the media that may be appended now. Until
//! its bytes outrun playback by far it is kept back, up to the segment's end, as to begin and to
//! stop at once is worse than to begin later.

use super::downloads::Flight;
use super::media::Media;
use crate::time::Instant;

/// So many times faster than it plays must it come.
const SURPLUS: f64 = 2.0;
/// Fewer bytes say nothing of their pace.
const MIN_BYTES: u64 = 16_000;

/// What has come of it so far.
#[derive(Debug, Default)]
pub(super) struct FirstSegment {
    kept: Vec<Media>,
    is_let_go: bool,
}

/// How fast a body comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Since it was asked for: the wait for its first byte counts.
    elapsed_secs: f64,
    received_bytes: u64,
    expected_bytes: u64,
    duration_secs: f64,
}

impl Pace {
    pub fn of(flight: &Flight, now: Instant, estimated_bytes: u64, duration_secs: f64) -> Self {
        Self {
            elapsed_secs: flight.elapsed(now).as_secs_f64(),
            received_bytes: flight.received_bytes,
            expected_bytes: flight.expected_bytes.unwrap_or(estimated_bytes),
            duration_secs,
        }
    }

    fn outruns_playback(&self) -> bool {
        let played_bytes = self.expected_bytes as f64 * self.elapsed_secs / self.duration_secs;
        self.received_bytes >= MIN_BYTES && self.received_bytes as f64 >= SURPLUS * played_bytes
    }
}

impl FirstSegment {
    /// What of it may be appended, of what is new and what was kept back.
    pub fn take(&mut self, new: Vec<Media>, pace: Option<Pace>) -> Vec<Media> {
        self.is_let_go |= pace.is_some_and(|pace| pace.outruns_playback());
        if self.is_let_go && self.kept.is_empty() {
            return new;
        }
        self.kept.extend(new);
        if self.is_let_go { core::mem::take(&mut self.kept) } else { Vec::new() }
    }

    /// All that was kept back: no more will come.
    pub fn finish(self, new: Vec<Media>) -> Vec<Media> {
        let mut all = self.kept;
        all.extend(new);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_let_go_where_it_comes_twice_as_fast_as_it_plays() {
        let pace = Pace {
            elapsed_secs: 0.2,
            received_bytes: 40_000,
            expected_bytes: 200_000,
            duration_secs: 2.0,
        };
        assert!(pace.outruns_playback());
        assert!(!Pace { received_bytes: 39_000, ..pace }.outruns_playback());
        assert!(!Pace { elapsed_secs: 0.3, ..pace }.outruns_playback(), "a slow answer counts");
        assert!(!Pace { received_bytes: 10_000, elapsed_secs: 0.01, ..pace }.outruns_playback());
        assert!(!Pace { duration_secs: 0.0, ..pace }.outruns_playback());
        assert!(!Pace { duration_secs: f64::NAN, ..pace }.outruns_playback());
    }
}
