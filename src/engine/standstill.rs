//! Whether anything moves at all: no state lasts without progress and without a report.
//!
//! In: what was loaded, where the playhead is. Out: one warning for each standstill, and then the end
//! of a stream that never played, or of video on demand. A live stream that has played is waited for
//! ([`super::recovery`]); who paused, is offline, or plays at rate 0 waits for nothing. It
//! repairs nothing.

use super::kinds::StreamKind;
use crate::error::Error;
use crate::time::{Duration, Instant};

/// Then it is reported.
const REPORTED_AFTER: Duration = Duration::from_secs(30);
/// Then it is over.
const OVER_AFTER: Duration = Duration::from_secs(90);

/// What has moved so far: segments loaded, bytes of those under way, the playhead.
pub(super) type Progress = (u64, [u64; StreamKind::ALL.len()], f64);

/// What there is to know at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation {
    pub now: Instant,
    pub progress: Progress,
    /// Something should move.
    pub is_waiting: bool,
    /// It will, sooner or later: a live stream that has played.
    pub comes_back: bool,
}

/// Since when nothing moves.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    since: Option<(Instant, Progress)>,
    is_reported: bool,
}

impl Standstill {
    /// Takes in a moment: the warning that is due, or the error that ends the stream.
    pub fn observe(&mut self, situation: Situation) -> Option<Error> {
        let Situation { now, progress, is_waiting, comes_back } = situation;
        let Some((since, _)) = self.since.filter(|(_, last)| is_waiting && *last == progress)
        else {
            let since = is_waiting.then_some((now, progress));
            *self = Self { since, is_reported: false };
            return None;
        };
        let elapsed = now - since;
        let for_secs = elapsed.as_secs_f64();
        if elapsed >= OVER_AFTER && !comes_back {
            return Some(Error::PlaybackStalled { for_secs, is_final: true });
        }
        if elapsed >= OVER_AFTER {
            self.since = None;
        }
        let is_news = elapsed >= REPORTED_AFTER && !core::mem::replace(&mut self.is_reported, true);
        is_news.then_some(Error::PlaybackStalled { for_secs, is_final: false })
    }

    /// When to look again.
    pub fn next_wake(&self) -> Option<Instant> {
        let (since, _) = self.since?;
        Some(since + if self.is_reported { OVER_AFTER } else { REPORTED_AFTER })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standstill_is_reported_and_then_ends_what_does_not_come_back() {
        let at = |secs: f64| Instant::from_millis(secs * 1000.0);
        let still = |secs| Situation {
            now: at(secs),
            progress: (1, [0; StreamKind::ALL.len()], 5.0),
            is_waiting: true,
            comes_back: false,
        };
        let mut standstill = Standstill::default();
        assert_eq!(standstill.observe(still(0.0)), None);
        assert_eq!(standstill.observe(still(29.0)), None);
        let warning = Error::PlaybackStalled { for_secs: 30.0, is_final: false };
        assert_eq!(standstill.observe(still(30.0)), Some(warning));
        assert_eq!(standstill.observe(still(31.0)), None, "said once");
        let live = Situation { comes_back: true, ..still(90.0) };
        assert_eq!(standstill.observe(live), None);
        assert_eq!(standstill.observe(still(91.0)), None, "it began again");
        assert_eq!(standstill.observe(Situation { is_waiting: false, ..still(190.0) }), None);
        standstill.observe(still(200.0));
        let over = Error::PlaybackStalled { for_secs: 90.0, is_final: true };
        assert_eq!(standstill.observe(still(290.0)), Some(over));
    }
}
