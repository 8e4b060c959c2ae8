//! Arithmetic on `SourceBuffer.buffered`: sorted spans that do not overlap.
//!
//! In: slices of [`TimeRange`]. Out: the span around a moment, how far it reaches, unions and
//! intersections. Seconds on the presentation timeline throughout; nothing is rounded, but every
//! question takes the tolerance that makes neighbouring frames touch.

use crate::media::TimeRange;

/// Spans closer than this are one: the rounding of time scales, far below a frame.
pub const TOUCH_SECS: f64 = 0.05;

/// The span that holds `at_secs`, spans closer than [`TOUCH_SECS`] being one.
#[must_use]
pub fn range_at(ranges: &[TimeRange], at_secs: f64) -> Option<TimeRange> {
    let mut found: Option<TimeRange> = None;
    for range in ranges {
        match &mut found {
            None if range.start_secs - TOUCH_SECS <= at_secs && at_secs < range.end_secs => {
                found = Some(*range);
            }
            Some(so_far) if range.start_secs - so_far.end_secs <= TOUCH_SECS => {
                so_far.end_secs = so_far.end_secs.max(range.end_secs);
            }
            _ => {}
        }
    }
    found
}

/// Where playback from `at_secs` runs dry: the end of the span that holds it, else `at_secs`.
#[must_use]
pub fn covered_until(ranges: &[TimeRange], at_secs: f64) -> f64 {
    range_at(ranges, at_secs).map_or(at_secs, |range| range.end_secs.max(at_secs))
}

/// The first span that begins after `at_secs`.
#[must_use]
pub fn next_range(ranges: &[TimeRange], at_secs: f64) -> Option<TimeRange> {
    ranges.iter().copied().find(|range| range.start_secs > at_secs)
}

/// Adds a span, keeping the list sorted and without overlap.
pub fn insert(ranges: &mut Vec<TimeRange>, added: TimeRange) {
    if added.end_secs.partial_cmp(&added.start_secs) != Some(core::cmp::Ordering::Greater) {
        return;
    }
    let mut merged = added;
    ranges.retain(|range| {
        let is_apart = range.end_secs < merged.start_secs || range.start_secs > merged.end_secs;
        if !is_apart {
            merged.start_secs = merged.start_secs.min(range.start_secs);
            merged.end_secs = merged.end_secs.max(range.end_secs);
        }
        is_apart
    });
    let index = ranges.partition_point(|range| range.start_secs < merged.start_secs);
    ranges.insert(index, merged);
}

/// What both have: what a media element with two source buffers can play.
#[must_use]
pub fn intersection(left: &[TimeRange], right: &[TimeRange]) -> Vec<TimeRange> {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut both = Vec::new();
    while let (Some(l), Some(r)) = (left.peek(), right.peek()) {
        let start_secs = l.start_secs.max(r.start_secs);
        let end_secs = l.end_secs.min(r.end_secs);
        if start_secs < end_secs {
            both.push(TimeRange { start_secs, end_secs });
        }
        if l.end_secs < r.end_secs {
            left.next();
        } else {
            right.next();
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(spans: &[(f64, f64)]) -> Vec<TimeRange> {
        spans.iter().map(|&(start_secs, end_secs)| TimeRange { start_secs, end_secs }).collect()
    }

    #[test]
    fn neighbours_within_a_rounding_are_one_span() {
        let buffered = ranges(&[(0.02, 4.0), (4.01, 8.0), (8.5, 12.0)]);
        assert_eq!(covered_until(&buffered, 0.0), 8.0);
        assert_eq!(covered_until(&buffered, 8.2), 8.2);
        assert_eq!(covered_until(&buffered, 9.0), 12.0);
        assert_eq!(covered_until(&buffered, 12.0), 12.0);
        assert_eq!(next_range(&buffered, 8.2).map(|range| range.start_secs), Some(8.5));
        assert_eq!(range_at(&[], 0.0), None);
    }

    #[test]
    fn insertion_merges_and_keeps_order() {
        let mut list = ranges(&[(0.0, 1.0), (2.0, 3.0), (6.0, 7.0)]);
        insert(&mut list, TimeRange { start_secs: 0.5, end_secs: 2.5 });
        insert(&mut list, TimeRange { start_secs: 4.0, end_secs: 5.0 });
        insert(&mut list, TimeRange { start_secs: 5.0, end_secs: 5.0 });
        insert(&mut list, TimeRange { start_secs: f64::NAN, end_secs: 5.0 });
        assert_eq!(list, ranges(&[(0.0, 3.0), (4.0, 5.0), (6.0, 7.0)]));
    }

    #[test]
    fn an_intersection_is_what_both_have() {
        let video = ranges(&[(0.0, 5.0), (6.0, 9.0)]);
        let audio = ranges(&[(1.0, 7.0), (8.0, 12.0)]);
        assert_eq!(intersection(&video, &audio), ranges(&[(1.0, 5.0), (6.0, 7.0), (8.0, 9.0)]));
        assert_eq!(intersection(&video, &[]), vec![]);
    }
}
