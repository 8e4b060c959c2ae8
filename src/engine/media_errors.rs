//! Media that the browser refuses or cannot decode: when the media source is opened again, and what is
//! left out.
//!
//! In: which append failed, or where playback was. Out: from where a new media source goes on, with
//! another variant where there is one. Where there is none the same media is tried once more, as some
//! failures are the browser's and do not return; a second time it counts as a gap. After some failures
//! in a row nothing is left to try. It judges no bytes: the browser has.

use crate::media::TimeRange;
use crate::playlist::timeline::PlacedSegment;

/// Media sources opened again, so soon after one another that nothing seems to help.
const MAX_REBUILDS: u32 = 4;
/// So many segments without a failure clear the ones before.
const RECOVERED_SEGMENTS: u32 = 10;
/// Decoders fail a little before what they fail at is shown.
const DECODED_AHEAD_SECS: f64 = 0.3;
/// Playback goes on so far behind the spot where it failed.
const PAST_SECS: f64 = 0.5;
/// Spans remembered at most.
const MAX_REFUSED: usize = 64;

/// A failure, and what playback was about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation {
    pub playhead_secs: f64,
    /// What was refused; `None` where it is not known.
    pub span: Option<TimeRange>,
    /// Another variant takes over.
    pub is_replaced: bool,
}

/// Where a new media source goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Resume {
    pub at_secs: f64,
    /// Nothing will fill this.
    pub gap: Option<TimeRange>,
}

/// Where what a decoder fails at just now is.
pub(super) fn suspect_secs(playhead_secs: f64) -> f64 {
    playhead_secs + DECODED_AHEAD_SECS
}

/// What was refused in this stream.
#[derive(Debug, Default)]
pub(super) struct MediaErrors {
    rebuilds: u32,
    /// Refused once: the last failure's.
    suspect: Option<TimeRange>,
    /// Refused twice, and not loaded again.
    refused: Vec<TimeRange>,
}

fn middle_secs(span: TimeRange) -> f64 {
    (span.start_secs + span.end_secs) / 2.0
}

fn is_within(span: TimeRange, other: TimeRange) -> bool {
    (other.start_secs..other.end_secs).contains(&middle_secs(span))
}

impl MediaErrors {
    /// Whether this is not worth loading.
    pub fn is_refused(&self, placed: &PlacedSegment) -> bool {
        let span = TimeRange { start_secs: placed.start_secs, end_secs: placed.end_secs };
        self.refused.iter().any(|refused| is_within(span, *refused))
    }

    /// A segment was loaded: so many have been since the media source was opened.
    pub fn on_segment(&mut self, segments_done: u32) {
        if segments_done >= RECOVERED_SEGMENTS {
            self.rebuilds = 0;
        }
    }

    /// Nothing seems to help.
    pub const fn is_hopeless(&self) -> bool {
        self.rebuilds >= MAX_REBUILDS
    }

    /// Takes in a failure.
    pub fn observe(&mut self, situation: Situation) -> Resume {
        let Situation { playhead_secs, span, is_replaced } = situation;
        // What another variant has there is another picture.
        let is_again = self.note(span.filter(|_| !is_replaced));
        let is_here = span.is_none_or(|span| span.start_secs < playhead_secs + 2.0 * PAST_SECS);
        let at_secs = match span {
            _ if is_replaced || !is_here => playhead_secs,
            Some(span) if is_again => span.end_secs.max(playhead_secs),
            _ => playhead_secs + PAST_SECS,
        };
        Resume { at_secs, gap: span.filter(|_| is_again) }
    }

    /// Takes note of a failure; true where the same has failed before.
    fn note(&mut self, span: Option<TimeRange>) -> bool {
        self.rebuilds += 1;
        let before = core::mem::replace(&mut self.suspect, span);
        let is_again = span.zip(before).is_some_and(|(span, before)| is_within(span, before));
        if let Some(span) = span.filter(|_| is_again && self.refused.len() < MAX_REFUSED) {
            self.refused.push(span);
        }
        is_again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_media_is_tried_once_more_and_then_left_out() {
        let mut errors = MediaErrors::default();
        let span = TimeRange { start_secs: 4.0, end_secs: 8.0 };
        let situation = Situation { playhead_secs: 4.25, span: Some(span), is_replaced: false };
        assert_eq!(errors.observe(situation), Resume { at_secs: 4.75, gap: None });
        assert_eq!(errors.observe(situation), Resume { at_secs: 8.0, gap: Some(span) });
        let replaced = Situation { is_replaced: true, ..situation };
        assert_eq!(errors.observe(replaced), Resume { at_secs: 4.25, gap: None });
        assert!(!errors.is_hopeless());
        errors.observe(situation);
        assert!(errors.is_hopeless(), "four in a row");
        errors.on_segment(RECOVERED_SEGMENTS);
        assert!(!errors.is_hopeless());
    }
}
