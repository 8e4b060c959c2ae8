//! When a live playlist gains its next segment, so that it is asked for just then.
//!
//! In: when a list was asked for, where it ended. Out: the best moment of the next request, not
//! before the one that [`super::reload`] allows. A request at any moment keeps its distance from the
//! server's for good, as both go by the target duration: on average half a segment of the hold-back
//! is lost. One wait for the next segment wins it back. It refuses to wait where a server did not
//! keep to its times.

use crate::time::{Duration, Instant, seconds};

/// Waits longer than this share of a segment would cost more than they bring.
const MAX_WAIT_SHARE: f64 = 0.75;
/// Requests do not take equally long.
const MARGIN: Duration = Duration::from_millis(50);
/// Shorter segments are not worth it.
const MIN_SEGMENT_SECS: f64 = 0.5;

/// What was seen of a server's times. The variants of a stream share it: they grow together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Publishing {
    /// The most that the end of a list was ahead of the clock.
    lead_secs: Option<f64>,
}

/// A list as it was answered.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// When it was asked for.
    pub requested_at: Instant,
    /// Where its last segment ends.
    pub end_secs: f64,
    /// How long that is.
    pub last_secs: f64,
}

impl Publishing {
    /// Takes in an answer. False where a newer segment was due in it: nothing is known then.
    pub fn note(&mut self, listed: Listed) -> bool {
        let lead_secs = listed.end_secs - secs_of(listed.requested_at);
        let is_late = self.lead_secs.is_some_and(|known| lead_secs + listed.last_secs <= known);
        self.lead_secs = match self.lead_secs {
            _ if is_late => None,
            Some(known) => Some(known.max(lead_secs)),
            None => Some(lead_secs),
        };
        !is_late
    }

    /// Forgets what was seen: times begin again.
    pub fn reset(&mut self) {
        self.lead_secs = None;
    }

    /// When to ask again, where that may be from `earliest` on.
    #[must_use]
    pub fn next(&self, listed: Listed, earliest: Instant) -> Instant {
        let Listed { end_secs, last_secs, .. } = listed;
        let Some(lead_secs) = self.lead_secs.filter(|_| last_secs >= MIN_SEGMENT_SECS) else {
            return earliest;
        };
        // Since its last segment was there, and since the newest will have been.
        let old_secs = secs_of(earliest) - (end_secs - lead_secs);
        // Not by `rem_euclid`: a division of floats with a remainder is 2 KB of wasm.
        let whole_segments = (old_secs / last_secs).floor();
        let wait_secs = last_secs * (whole_segments + 1.0) - old_secs;
        let brings_nothing = old_secs < last_secs;
        match brings_nothing || wait_secs <= MAX_WAIT_SHARE * last_secs {
            true => earliest + seconds(wait_secs) + MARGIN,
            false => earliest,
        }
    }
}

fn secs_of(at: Instant) -> f64 {
    at.as_millis() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: f64) -> Instant {
        Instant::from_millis(secs * 1000.0)
    }

    /// Segments of four seconds, each there as it ends.
    fn listed(requested_secs: f64) -> Listed {
        let end_secs = (requested_secs / 4.0).floor() * 4.0;
        Listed { requested_at: at(requested_secs), end_secs, last_secs: 4.0 }
    }

    #[test]
    fn who_asks_late_waits_once_for_the_next_segment() {
        let mut publishing = Publishing::default();
        assert!(publishing.note(listed(40.1)));
        assert_eq!(publishing.next(listed(40.1), at(44.1)), at(44.1), "in time as it is");
        // Another variant's list, three seconds later.
        assert!(publishing.note(listed(43.1)));
        let next = publishing.next(listed(43.1), at(47.1));
        assert!((48.1..48.2).contains(&secs_of(next)), "{next:?}");
        // A little late is not worth a wait of nearly a segment.
        assert!(publishing.note(listed(48.6)));
        assert_eq!(publishing.next(listed(48.6), at(52.6)), at(52.6));
        // Before anything new is there, nobody needs to ask.
        let next = publishing.next(listed(52.6), at(54.6));
        assert!((56.1..56.2).contains(&secs_of(next)), "{next:?}");
    }

    #[test]
    fn a_server_that_is_late_is_not_waited_for() {
        let mut publishing = Publishing::default();
        assert!(publishing.note(listed(40.1)));
        assert!(!publishing.note(Listed { end_secs: 40.0, ..listed(44.2) }));
        let asked = listed(44.2);
        assert_eq!(publishing.next(Listed { end_secs: 40.0, ..asked }, at(46.2)), at(46.2));
    }

    #[test]
    fn nonsense_waits_for_nothing() {
        let mut publishing = Publishing::default();
        publishing.note(listed(40.1));
        for last_secs in [0.0, -1.0, f64::NAN] {
            assert_eq!(publishing.next(Listed { last_secs, ..listed(43.0) }, at(47.0)), at(47.0));
        }
        let far = Listed { end_secs: f64::INFINITY, ..listed(43.0) };
        publishing.note(far);
        assert_eq!(publishing.next(listed(43.0), at(47.0)), at(47.0));
    }
}
