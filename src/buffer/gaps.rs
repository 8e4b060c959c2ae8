//! When the playhead is stuck although it should play: what to do about it.
//!
//! In: the media element as it is, what it could play, which holes nothing will ever fill. Out:
//! jump over the hole, fetch what is missing, or nudge. Browsers stop at holes of a frame or two,
//! and decoders sometimes stop without one. It moves no playhead and fetches nothing.

use super::time_ranges;
use crate::media::TimeRange;
use crate::time::{Duration, Instant};

/// Stuck for less than this is a browser that is about to continue by itself.
const GRACE: Duration = Duration::from_millis(200);
/// Stuck inside buffered media for this long is a decoder that needs a small seek.
const NUDGE_AFTER: Duration = Duration::from_millis(2500);
/// How far a push goes.
const NUDGE_SECS: f64 = 0.1;
/// With less than this left an element that waits has come to the end of what it has: Chromium
/// stops up to two frames before it.
const DRY_SECS: f64 = 2.0 * NUDGE_SECS;
/// Landing exactly on a span's start may fall short of it by rounding.
const LANDING_SECS: f64 = 0.01;

/// The situation of one moment.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// When.
    pub now: Instant,
    /// `currentTime`.
    pub playhead_secs: f64,
    /// The element wants to move: it plays, or it seeks.
    pub wants_to_move: bool,
    /// `readyState` is HAVE_FUTURE_DATA or better.
    pub can_play: bool,
    /// What all source buffers have.
    pub playable: &'a [TimeRange],
    /// Holes that nothing will fill: missing segments.
    pub gaps: &'a [TimeRange],
    /// Other holes up to this long are jumped over.
    pub max_gap_secs: f64,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Remedy {
    /// Seek to the other side of a hole.
    Jump {
        /// Where to.
        to_secs: f64,
    },
    /// Seek a little: a decoder is stuck inside buffered media.
    Nudge {
        /// Where to.
        to_secs: f64,
    },
    /// The hole is too long to jump: its segment should be fetched (again).
    Fetch {
        /// Where the hole begins.
        from_secs: f64,
    },
}

/// Remembers since when the playhead is stuck.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StallWatch {
    standing: Option<(Instant, f64)>,
}

impl StallWatch {
    /// Looks at one moment. A remedy is given once per standstill and begins a new one.
    pub fn observe(&mut self, situation: Situation<'_>) -> Option<Remedy> {
        let Situation { now, playhead_secs, playable, .. } = situation;
        let has_moved =
            self.standing.is_none_or(|(_, at_secs)| (at_secs - playhead_secs).abs() > 0.001);
        if has_moved || !situation.wants_to_move {
            self.standing = Some((now, playhead_secs));
            return None;
        }
        let (since, _) = self.standing?;
        let standing_for = now - since;
        if standing_for < GRACE {
            return None;
        }
        // Spans that nearly touch are one, but what begins a little later is not yet here.
        let here = time_ranges::range_at(playable, playhead_secs);
        let here = here.filter(|range| range.start_secs <= playhead_secs + 1e-6);
        let dry_at_secs = here.map_or(playhead_secs, |range| range.end_secs);
        let is_dry = dry_at_secs - playhead_secs <= DRY_SECS;
        let remedy = if is_dry {
            if situation.can_play {
                return None;
            }
            let hole_end = time_ranges::next_range(playable, playhead_secs + 1e-6)?;
            let hole = TimeRange { start_secs: dry_at_secs, end_secs: hole_end.start_secs };
            if hole.end_secs - hole.start_secs <= situation.max_gap_secs
                || is_known_gap(hole, situation.gaps, situation.max_gap_secs)
            {
                Remedy::Jump { to_secs: hole.end_secs + LANDING_SECS }
            } else {
                Remedy::Fetch { from_secs: hole.start_secs }
            }
        } else if standing_for >= NUDGE_AFTER {
            Remedy::Nudge { to_secs: playhead_secs + NUDGE_SECS }
        } else {
            return None;
        };
        self.standing = Some((now, playhead_secs));
        Some(remedy)
    }
}

/// True where the hole, but for what is jumped anyway, is made of known gaps.
fn is_known_gap(hole: TimeRange, gaps: &[TimeRange], max_gap_secs: f64) -> bool {
    let mut at_secs = hole.start_secs;
    for span in gaps {
        if span.start_secs - at_secs <= max_gap_secs {
            at_secs = at_secs.max(span.end_secs);
        }
    }
    hole.end_secs - at_secs <= max_gap_secs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start_secs: f64, end_secs: f64) -> TimeRange {
        TimeRange { start_secs, end_secs }
    }

    fn after_secs(secs: f64) -> Instant {
        Instant::from_millis(secs * 1000.0)
    }

    fn stuck_at<'a>(playhead_secs: f64, playable: &'a [TimeRange]) -> Situation<'a> {
        Situation {
            now: Instant::ZERO,
            playhead_secs,
            wants_to_move: true,
            can_play: false,
            playable,
            gaps: &[],
            max_gap_secs: 0.5,
        }
    }

    fn remedy_after(secs: f64, situation: Situation<'_>) -> Option<Remedy> {
        let mut watch = StallWatch::default();
        assert_eq!(watch.observe(situation), None);
        watch.observe(Situation { now: after_secs(secs), ..situation })
    }

    #[test]
    fn small_holes_and_start_gaps_are_jumped() {
        let playable = [span(0.08, 4.0), span(4.3, 8.0)];
        let jump = |to_secs| Some(Remedy::Jump { to_secs });
        assert_eq!(remedy_after(0.3, stuck_at(0.0, &playable)), jump(0.08 + LANDING_SECS));
        for start_secs in [0.002, 0.02, 0.05] {
            let playable = [span(start_secs, 4.0)];
            assert_eq!(
                remedy_after(0.3, stuck_at(0.0, &playable)),
                jump(start_secs + LANDING_SECS)
            );
        }
        assert_eq!(remedy_after(0.3, stuck_at(4.0, &playable)), jump(4.3 + LANDING_SECS));
        assert_eq!(remedy_after(0.1, stuck_at(4.0, &playable)), None, "not yet");
        assert_eq!(remedy_after(9.0, stuck_at(8.0, &playable)), None, "nothing to jump to");
    }

    #[test]
    fn long_holes_are_fetched_unless_they_are_lost() {
        let playable = [span(0.0, 4.0), span(8.0, 12.0)];
        let stuck = stuck_at(4.0, &playable);
        assert_eq!(remedy_after(0.3, stuck), Some(Remedy::Fetch { from_secs: 4.0 }));
        let gaps = [span(4.1, 7.9)];
        let remedy = remedy_after(0.3, Situation { gaps: &gaps, ..stuck });
        assert_eq!(remedy, Some(Remedy::Jump { to_secs: 8.0 + LANDING_SECS }));
    }

    #[test]
    fn an_element_that_waits_a_little_before_the_hole_is_at_the_hole() {
        let playable = [span(0.0, 5.952), span(8.021, 16.0)];
        let gaps = [span(6.0, 8.0)];
        let stuck = Situation { gaps: &gaps, ..stuck_at(5.9004, &playable) };
        let jump = Some(Remedy::Jump { to_secs: 8.021 + LANDING_SECS });
        assert_eq!(remedy_after(0.3, stuck), jump);
        assert_eq!(remedy_after(0.3, Situation { can_play: true, ..stuck }), None);
    }

    #[test]
    fn a_decoder_standing_still_is_nudged_and_a_paused_one_left_alone() {
        let playable = [span(0.0, 10.0)];
        let stuck = Situation { can_play: true, ..stuck_at(3.0, &playable) };
        assert_eq!(remedy_after(1.0, stuck), None);
        assert_eq!(remedy_after(3.0, stuck), Some(Remedy::Nudge { to_secs: 3.1 }));
        assert_eq!(remedy_after(9.0, Situation { wants_to_move: false, ..stuck }), None);
    }

    #[test]
    fn a_moving_playhead_is_never_touched() {
        let playable = [span(0.0, 10.0)];
        let mut watch = StallWatch::default();
        for step in 0..40 {
            let secs = f64::from(step) * 0.25;
            let now = after_secs(secs);
            assert_eq!(watch.observe(Situation { now, ..stuck_at(secs, &playable) }), None);
        }
    }
}
