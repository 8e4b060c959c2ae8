//! Media that the browser refuses, or cannot decode: what is opened anew, and what is left out.
//!
//! In: the failure, and which append it was if it was one. Out: a new media source, from where
//! playback was, with another variant where there is one. Where there is none the same media is
//! tried once more, for browsers stumble; a second time it counts as a gap. After some failures
//! in a row nothing is left to try. It judges no bytes: the browser has.

use super::context::Context;
use super::downloads::{Purpose, StreamKind};
use super::output::SinkCommand;
use super::playhead::Playhead;
use super::session::Session;
use super::sink::Sink;
use crate::error::Error;
use crate::media::TimeRange;
use crate::playlist::timeline::PlacedSegment;

/// Media sources opened anew, so soon after one another that nothing seems to help.
const MAX_REBUILDS: u32 = 4;
/// So many segments without a failure make the ones before forgotten.
const FORGIVEN_SEGMENTS: u32 = 10;
/// Decoders fail a little before what they fail at is shown.
const DECODED_AHEAD_SECS: f64 = 0.3;
/// Playback goes on so far behind the spot where it failed.
const PAST_SECS: f64 = 0.5;
/// Spans remembered at most.
const MAX_REFUSED: usize = 64;

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
        if segments_done >= FORGIVEN_SEGMENTS {
            self.rebuilds = 0;
        }
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

impl Session {
    /// The browser refused an append of this span, or, without one, failed to decode what is near
    /// the playhead.
    pub(super) fn on_media_error(
        &mut self,
        context: &mut Context,
        error: Error,
        span: Option<TimeRange>,
    ) {
        if self.recovery.is_over {
            return;
        }
        let alternative = self
            .selector
            .variant
            .filter(|variant| self.sources.variant_set.has_alternative(context, *variant));
        let is_hopeless = !self.sink.has_media && alternative.is_none();
        if is_hopeless || self.recovery.media_errors.rebuilds >= MAX_REBUILDS {
            return self.fail_for_good(context, error);
        }
        let playhead_secs = self.playback.playhead.secs();
        let span = span.or_else(|| self.span_at(playhead_secs + DECODED_AHEAD_SECS));
        // What another variant has there is another picture.
        let is_again = self.recovery.media_errors.note(span.filter(|_| alternative.is_none()));
        match alternative {
            Some(variant) => self.exclude_variant(context, variant, error),
            None => context.error(Error::DamagedMedia {
                format: "stream",
                problem: format!("{error}; playback starts anew"),
            }),
        }
        let is_here = span.is_none_or(|span| span.start_secs < playhead_secs + 2.0 * PAST_SECS);
        let resume_secs = match span {
            _ if alternative.is_some() || !is_here => playhead_secs,
            Some(span) if is_again => span.end_secs.max(playhead_secs),
            _ => playhead_secs + PAST_SECS,
        };
        if let Some(span) = span.filter(|_| is_again) {
            self.playback.note_gap(span);
        }
        self.reopen(context, resume_secs);
    }

    /// The segment there.
    fn span_at(&self, secs: f64) -> Option<TimeRange> {
        let placed = self.current_entry()?.timeline.segment_at(secs)?;
        Some(TimeRange { start_secs: placed.start_secs, end_secs: placed.end_secs })
    }

    /// A new media source, filled from here on.
    pub(super) fn reopen(&mut self, context: &mut Context, from_secs: f64) {
        for kind in StreamKind::ALL {
            self.downloads.cancel(context, Purpose::Segment(kind));
        }
        self.sink.close(context);
        self.sink = Sink::default();
        context.sink(SinkCommand::Open);
        self.streams.start_anew(from_secs);
        self.playback.playhead = Playhead::default();
        self.playback.playhead.seek(context, from_secs);
        context.needs_another_pass = true;
    }
}
