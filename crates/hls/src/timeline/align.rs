//! Where a list of segments stands on a timeline that already has an axis.
//!
//! In: a [`Timeline`] and segments of another playlist of the same stream (or of a later load).
//! Out: where one of them stands, or `None`. The RFC promises that the same media has the
//! same timestamps in all variants (6.2.4), not that it has the same numbers; so numbers are
//! believed only where everything else that is known agrees with them.

use super::{ListedSegment, Timeline, TimelineSegment};
use crate::uri::{last_segment, without_query};

/// Shared segments looked at before numbers are believed.
const MAX_COMPARED: usize = 16;

/// Two windows of one stream that stand further apart than this are not of one clock.
const MAX_APART_SECS: f64 = 600.0;

/// Where one segment of a list stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Which one.
    index: usize,
    /// Where it begins.
    pub(super) at_secs: f64,
    /// What its discontinuity sequence number lacks, wrapping: a list without
    /// EXT-X-DISCONTINUITY-SEQUENCE counts from 0 again when a tag has left it.
    pub(super) uncounted: u64,
    /// It is more than a guess.
    pub(super) is_sure: bool,
}

impl Found {
    const fn sure(index: usize, at_secs: f64) -> Self {
        Self { index, at_secs, uncounted: 0, is_sure: true }
    }

    /// Where the list begins.
    pub(super) fn start_secs(&self, incoming: &[ListedSegment]) -> f64 {
        self.at_secs - total_secs(incoming.get(..self.index).unwrap_or_default())
    }

    /// How far the segment has to be moved to stand there, where that is worth it.
    pub(super) fn shift_secs(&self, segments: &[TimelineSegment]) -> Option<f64> {
        let placed = segments.get(self.index)?;
        let shift_secs = self.at_secs - placed.start_secs;
        (shift_secs.abs() > placed.duration_secs().max(1.0) / 2.0).then_some(shift_secs)
    }
}

/// Where `incoming` stands, by the best way that applies.
pub(super) fn start_on(
    reference: &Timeline,
    incoming: &[ListedSegment],
    is_growing: bool,
) -> Option<Found> {
    surely_on(reference, incoming).or_else(|| by_discontinuity(reference, incoming)).or_else(|| {
        // Two live windows of one stream end at about the same media.
        let is_live = is_growing && reference.is_live();
        let at_secs = reference.listed_end_secs() - total_secs(incoming);
        is_live.then_some(Found { is_sure: false, ..Found::sure(0, at_secs) })
    })
}

/// By number, else by date.
pub(super) fn surely_on(reference: &Timeline, incoming: &[ListedSegment]) -> Option<Found> {
    by_sequence(reference, incoming).or_else(|| {
        by_date(reference, incoming)
            .filter(|found| is_near(reference, incoming, found.start_secs(incoming)))
    })
}

/// By the same media sequence numbers, where discontinuities, durations and dates agree.
pub(super) fn by_sequence(reference: &Timeline, incoming: &[ListedSegment]) -> Option<Found> {
    let mut compared = 0;
    let mut drift_secs: f64 = 0.0;
    // A confirmed place is better than an estimated one, and a late one better than an early one:
    // that is where a switch will happen.
    let mut best: Option<(usize, &TimelineSegment)> = None;
    for (index, segment) in incoming.iter().enumerate().rev() {
        let Some(placed) = reference.segment(segment.media_sequence) else { continue };
        // Lengths that differ a little each time are another way of cutting.
        drift_secs += placed.segment.duration_secs - segment.duration_secs;
        if !agrees(placed, segment) || drift_secs.abs() > tolerance_secs(placed) {
            return None;
        }
        if best.is_none_or(|(_, best)| placed.is_confirmed && !best.is_confirmed) {
            best = Some((index, placed));
        }
        compared += 1;
        if compared >= MAX_COMPARED {
            break;
        }
    }
    let (index, placed) = best?;
    let listed = incoming.get(index)?.discontinuity_sequence;
    let uncounted = placed.segment.discontinuity_sequence.wrapping_sub(listed);
    Some(Found { uncounted, ..Found::sure(index, placed.start_secs) })
}

fn agrees(placed: &TimelineSegment, segment: &ListedSegment) -> bool {
    let known = &placed.segment;
    let tolerance_secs = tolerance_secs(placed);
    let are_dates_near = placed
        .unix_millis
        .zip(segment.program_date_time_millis)
        .map(|(known, date)| (known - date).abs() < 2000.0 * tolerance_secs);
    // Another variant's numbers may count, and name, other media: a date is better.
    let is_same = are_dates_near.unwrap_or_else(|| {
        known.discontinuity_sequence == segment.discontinuity_sequence
            || is_same_name(known, segment)
    });
    is_same && (known.duration_secs - segment.duration_secs).abs() <= tolerance_secs
}

fn file_name(segment: &ListedSegment) -> Option<&str> {
    segment.url.as_deref().map(|url| last_segment(without_query(url)))
}

/// Query strings hold tokens that change, hosts change in a failover, and each variant has a folder
/// of its own.
pub(super) fn is_same_name(known: &ListedSegment, segment: &ListedSegment) -> bool {
    known.byte_range == segment.byte_range && file_name(known) == file_name(segment)
}

fn tolerance_secs(placed: &TimelineSegment) -> f64 {
    (placed.segment.duration_secs / 4.0).max(0.1)
}

/// By EXT-X-PROGRAM-DATE-TIME, counted from the latest date in `incoming`.
pub(super) fn by_date(reference: &Timeline, incoming: &[ListedSegment]) -> Option<Found> {
    let (index, date) = incoming
        .iter()
        .enumerate()
        .rev()
        .find_map(|(index, segment)| Some((index, segment.program_date_time_millis?)))?;
    let time_secs = reference
        .time_at_unix_millis(date)
        .or_else(|| Some((date - reference.zero_unix_millis()?) / 1000.0))?;
    Some(Found::sure(index, time_secs))
}

fn is_near(reference: &Timeline, incoming: &[ListedSegment], start_secs: f64) -> bool {
    start_secs < reference.end_secs() + MAX_APART_SECS
        && start_secs + total_secs(incoming) > reference.start_secs() - MAX_APART_SECS
}

/// By a discontinuity that lies within both: EXT-X-DISCONTINUITY-SEQUENCE counts the same in all
/// variants (RFC 6.2.4).
fn by_discontinuity(reference: &Timeline, incoming: &[ListedSegment]) -> Option<Found> {
    let index = (1..incoming.len()).rev().find(|index| {
        let number = |index: usize| incoming.get(index).map(|s| s.discontinuity_sequence);
        number(*index) != number(*index - 1)
    })?;
    let number = incoming.get(index)?.discontinuity_sequence;
    let placed = reference.segments().iter().skip(1).find(|placed| {
        placed.is_discontinuous && placed.segment.discontinuity_sequence == number
    })?;
    Some(Found::sure(index, placed.start_secs))
}

fn total_secs(segments: &[ListedSegment]) -> f64 {
    segments.iter().map(|segment| segment.duration_secs).sum()
}
