//! Where a list of segments stands on a timeline that already has an axis.
//!
//! In: a [`Timeline`] and segments of another playlist of the same stream (or of a later load).
//! Out: the start of the first of them, or `None`. The RFC promises that the same media has the
//! same timestamps in all variants (6.2.4), not that it has the same numbers; so numbers are
//! believed only where everything else that is known agrees with them.

use super::{PlacedSegment, Timeline};
use crate::playlist::Segment;

/// Shared segments looked at before numbers are believed.
const MAX_COMPARED: usize = 16;

/// Two windows of one stream that stand further apart than this are not of one clock.
const MAX_APART_SECS: f64 = 600.0;

/// Where `incoming` begins, by the best way that applies.
pub(super) fn start_on(
    reference: &Timeline,
    incoming: &[Segment],
    is_growing: bool,
) -> Option<f64> {
    by_sequence(reference, incoming)
        .or_else(|| {
            by_date(reference, incoming).filter(|start| is_near(reference, incoming, *start))
        })
        .or_else(|| by_discontinuity(reference, incoming))
        .or_else(|| {
            // Two live windows of one stream end at about the same media.
            let is_live = is_growing && reference.is_live();
            is_live.then(|| reference.listed_end_secs() - total_secs(incoming))
        })
}

/// By the same media sequence numbers, where discontinuities, durations and dates agree.
pub(super) fn by_sequence(reference: &Timeline, incoming: &[Segment]) -> Option<f64> {
    let mut compared = 0;
    let mut drift_secs: f64 = 0.0;
    // A confirmed place is better than an estimated one, and a late one better than an early one:
    // that is where a switch will happen.
    let mut best: Option<(usize, &PlacedSegment)> = None;
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
    Some(placed.start_secs - total_secs(incoming.get(..index)?))
}

fn agrees(placed: &PlacedSegment, segment: &Segment) -> bool {
    let known = &placed.segment;
    let tolerance_secs = tolerance_secs(placed);
    let dates_agree = match (placed.unix_millis, segment.program_date_time_millis) {
        (Some(known), Some(date)) => (known - date).abs() < 2000.0 * tolerance_secs,
        _ => true,
    };
    known.discontinuity_sequence == segment.discontinuity_sequence
        && (known.duration_secs - segment.duration_secs).abs() <= tolerance_secs
        && dates_agree
}

fn tolerance_secs(placed: &PlacedSegment) -> f64 {
    (placed.segment.duration_secs / 4.0).max(0.1)
}

/// By EXT-X-PROGRAM-DATE-TIME, reckoned from the latest date in `incoming`.
pub(super) fn by_date(reference: &Timeline, incoming: &[Segment]) -> Option<f64> {
    let (index, date) = incoming
        .iter()
        .enumerate()
        .rev()
        .find_map(|(index, segment)| Some((index, segment.program_date_time_millis?)))?;
    let time_secs = reference
        .time_at_unix_millis(date)
        .or_else(|| Some((date - reference.zero_unix_millis()?) / 1000.0))?;
    Some(time_secs - total_secs(incoming.get(..index)?))
}

fn is_near(reference: &Timeline, incoming: &[Segment], start_secs: f64) -> bool {
    start_secs < reference.end_secs() + MAX_APART_SECS
        && start_secs + total_secs(incoming) > reference.start_secs() - MAX_APART_SECS
}

/// By a discontinuity that lies within both: EXT-X-DISCONTINUITY-SEQUENCE counts the same in all
/// variants (RFC 6.2.4).
fn by_discontinuity(reference: &Timeline, incoming: &[Segment]) -> Option<f64> {
    let index = (1..incoming.len()).rev().find(|index| {
        let number = |index: usize| incoming.get(index).map(|s| s.discontinuity_sequence);
        number(*index) != number(*index - 1)
    })?;
    let number = incoming.get(index)?.discontinuity_sequence;
    let placed = reference.segments().iter().skip(1).find(|placed| {
        placed.is_discontinuous && placed.segment.discontinuity_sequence == number
    })?;
    Some(placed.start_secs - total_secs(incoming.get(..index)?))
}

fn total_secs(segments: &[Segment]) -> f64 {
    segments.iter().map(|segment| segment.duration_secs).sum()
}
