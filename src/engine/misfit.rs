//! Media for which the media source has no source buffer: a track that turns up late, muxed fMP4
//! behind MPEG-TS or the other way round.
//!
//! In: the kind of track found, and where its segment begins. Out: once playback has come there, a
//! new media source from there on: none takes another buffer after its first append (Media Source
//! Extensions, `addSourceBuffer`). Until then nothing more is loaded. Where that did not help, the
//! track is left out.

use crate::buffer::time_ranges;
use crate::media::TimeRange;

/// With less than this left playback has come to where the media source ends.
const DRY_SECS: f64 = 0.25;

/// Tracks that begin further apart do not wait for one another.
pub(super) const MAX_OFFSET_SECS: f64 = 1.0;

/// Where the present media source ends, as the next segment does not fit into it.
#[derive(Debug, Default)]
pub(super) struct Misfit {
    at_secs: Option<f64>,
    /// A media source was opened again for what is here.
    opened_at_secs: Option<f64>,
    is_stray_reported: bool,
}

/// What becomes of a segment whose track has no source buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It waits for a media source of its own.
    Wait,
    /// The track is left out, as a new media source did not help. True where that is news.
    LeaveOut(bool),
}

/// How far playback has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation<'a> {
    pub playhead_secs: f64,
    /// What can be played, or will be once the queues have run.
    pub playable: &'a [TimeRange],
    /// It moves, or would.
    pub wants_to_move: bool,
}

impl Misfit {
    /// Loading waits for playback.
    pub fn is_waiting(&self) -> bool {
        self.at_secs.is_some()
    }

    /// Playback is elsewhere.
    pub fn forget(&mut self) {
        (self.at_secs, self.opened_at_secs) = (None, None);
    }

    /// A segment that begins here does not fit.
    pub fn judge(&mut self, at_secs: f64) -> Verdict {
        if self.opened_at_secs.is_some_and(|secs| (secs - at_secs).abs() < DRY_SECS) {
            let is_news = !core::mem::replace(&mut self.is_stray_reported, true);
            return Verdict::LeaveOut(is_news);
        }
        self.at_secs = Some(at_secs);
        Verdict::Wait
    }

    /// Where to go on with a new media source, once playback has come to the end of the present one.
    pub fn observe(&mut self, situation: Situation<'_>) -> Option<f64> {
        let at_secs = self.at_secs?;
        let Situation { playhead_secs, playable, wants_to_move } = situation;
        let left_secs = time_ranges::covered_until(playable, playhead_secs) - playhead_secs;
        let is_last = at_secs <= playhead_secs
            || time_ranges::next_range(playable, playhead_secs + 1e-6).is_none();
        if left_secs >= DRY_SECS || !is_last || !wants_to_move {
            return None;
        }
        (self.at_secs, self.opened_at_secs) = (None, Some(at_secs));
        Some(at_secs.max(playhead_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_media_source_once_the_present_one_is_played_out() {
        let mut misfit = Misfit::default();
        let playable = [TimeRange { start_secs: 0.0, end_secs: 8.0 }];
        let situation = Situation { playhead_secs: 5.0, playable: &playable, wants_to_move: true };
        assert_eq!(misfit.observe(situation), None, "nothing waits");
        assert_eq!(misfit.judge(8.0), Verdict::Wait);
        assert_eq!(misfit.observe(situation), None, "three seconds are left");
        let dry = Situation { playhead_secs: 7.9, ..situation };
        assert_eq!(misfit.observe(Situation { wants_to_move: false, ..dry }), None);
        assert_eq!(misfit.observe(dry), Some(8.0));
        assert!(!misfit.is_waiting());
        assert_eq!(misfit.judge(8.0), Verdict::LeaveOut(true), "it did not help");
        assert_eq!(misfit.judge(8.0), Verdict::LeaveOut(false));
    }
}
