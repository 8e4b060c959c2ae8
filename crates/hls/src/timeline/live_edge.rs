//! Where "live" is on a timeline, and in what steps it moves (RFC 8216bis 4.4.3.8, 6.3.3).
//!
//! In: a [`Timeline`], a distance that a viewer wants. Out: the live point, how far it lies behind the
//! end, where EXT-X-START begins; how often the playlist gains a segment or a part. It follows no
//! playhead.

use super::{Timeline, TimelineSegment};

/// How far to stay behind the end of a segment still being written, where nobody says otherwise. It
/// comes at the pace at which it is made, in pieces of a few frames up to half a second; between one
/// segment and the next lies the round trip of a request. Three times the longest of these, until it
/// is known how it is on this link.
const PREFETCH_HOLD_BACK_SECS: f64 = 1.5;

impl Timeline {
    /// PART-TARGET, where the playlist has parts: what it gains comes in pieces of this length.
    #[must_use]
    pub fn part_secs(&self) -> Option<f64> {
        let has_parts = |placed: &TimelineSegment| !placed.segment.parts.is_empty();
        let is_in_parts =
            self.in_progress().is_some() || self.segments().last().is_some_and(has_parts);
        let target_secs = self.playlist.as_ref()?.part_target_secs?;
        (is_in_parts && target_secs > 0.0).then_some(target_secs)
    }

    /// How often the playlist gains a segment. Those that list segments still being written have a
    /// TARGETDURATION that says nothing of it; of parts see [`Self::part_secs`].
    #[must_use]
    pub fn interval_secs(&self) -> f64 {
        let target_secs = self.playlist.as_ref().map_or(0.0, |list| list.target_duration_secs);
        if self.is_prefetched() { target_secs.min(self.recent_secs()) } else { target_secs }
    }

    /// Length of the newest whole segments, on average.
    pub(super) fn recent_secs(&self) -> f64 {
        const COUNT: usize = 3;
        let recent = self.segments().iter().rev().take(COUNT);
        let total_secs: f64 = recent.map(|placed| placed.segment.duration_secs).sum();
        let count = self.segments().len().min(COUNT);
        match &self.playlist {
            Some(playlist) if count == 0 => playlist.target_duration_secs,
            _ => total_secs / count.max(1) as f64,
        }
    }

    /// Takes note that media of a segment still being written came, up to this time.
    pub fn note_seen(&mut self, until_secs: f64) {
        let Some(last) = self.upcoming().last().filter(|_| self.is_prefetched()) else { return };
        // Whatever clock its timestamps are of.
        let most_secs = last.end_secs + self.recent_secs();
        if until_secs.is_finite() {
            self.seen_secs = self.seen_secs.max(until_secs.min(most_secs));
        }
    }

    /// Where "live" is: `wanted_hold_back_secs` behind the end, or what the playlist says
    /// (PART-HOLD-BACK where it has parts, else HOLD-BACK), or a default (three parts, or three
    /// target durations, RFC 6.3.3); never before the start. `None` where nothing more can come.
    #[must_use]
    pub fn live_secs(&self, wanted_hold_back_secs: Option<f64>) -> Option<f64> {
        let hold_back_secs = self.hold_back_secs(wanted_hold_back_secs)?;
        let mut edge_secs = self.end_secs();
        if self.is_held_back_by_guess() {
            // On average half of it is written when the list comes; but nobody should begin with
            // nothing to play.
            let written_secs = (self.recent_secs() / 2.0).min(PREFETCH_HOLD_BACK_SECS / 2.0);
            edge_secs = edge_secs.max(self.listed_end_secs() + written_secs);
        }
        Some(self.within_window(edge_secs - hold_back_secs))
    }

    /// How far behind the end to play: see [`Self::live_secs`].
    #[must_use]
    pub fn hold_back_secs(&self, wanted_secs: Option<f64>) -> Option<f64> {
        let playlist = self.playlist.as_ref().filter(|playlist| playlist.is_growing())?;
        let control = &playlist.server_control;
        let (listed, default_secs) = if let Some(part_secs) = self.part_secs() {
            (control.part_hold_back_secs, 3.0 * part_secs)
        } else if self.is_prefetched() {
            (None, PREFETCH_HOLD_BACK_SECS)
        } else {
            (control.hold_back_secs, 3.0 * playlist.target_duration_secs)
        };
        let wanted_secs = wanted_secs.or(listed).filter(|secs| secs.is_finite());
        Some(wanted_secs.unwrap_or(default_secs))
    }

    /// Neither the playlist nor the specification says how far behind the end to play: what
    /// [`Self::hold_back_secs`] gives then is the most that it takes as a rule.
    #[must_use]
    pub fn is_held_back_by_guess(&self) -> bool {
        self.part_secs().is_none() && self.is_prefetched()
    }

    /// Where EXT-X-START says that playback should begin (RFC 4.4.2.2), within the window.
    #[must_use]
    pub fn preferred_start_secs(&self) -> Option<f64> {
        let offset_secs = self.playlist.as_ref()?.start?.offset_secs;
        let from_secs = if offset_secs < 0.0 { self.end_secs() } else { self.start_secs() };
        Some(self.within_window(from_secs + offset_secs))
    }

    fn within_window(&self, time_secs: f64) -> f64 {
        time_secs.min(self.end_secs()).max(self.start_secs())
    }
}
