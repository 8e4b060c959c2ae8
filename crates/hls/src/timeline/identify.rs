//! Which segments of a newly loaded list are known, whatever numbers it gives them.
//!
//! In: known segments, and a list of the same playlist. Out: the list with the numbers the known
//! segments have (RFC 8216bis 6.2.1: a server must not change them, but one damaged answer, a line
//! twice or a wrong EXT-X-MEDIA-SEQUENCE, does) and with the discontinuities counted on. It places
//! nothing, and tells no reset: a list of which nothing is known stays as it is.

use super::{ListedSegment, TimelineSegment, align};

/// Of so many of the newest segments one is known, or the list is another.
const MAX_SOUGHT: usize = 32;

/// Leaves out the one segment that stands in a live list twice in a row, and numbers those after it
/// as if it did not. A list that repeats more than that is meant so.
pub(super) fn drop_repeated(list: &mut Vec<ListedSegment>) {
    let mut repeated = list.windows(2).enumerate().filter_map(|(index, pair)| {
        let [last, next] = pair else { return None };
        let is_undated = next.program_date_time_millis.is_none();
        let is_again = next.url == last.url
            && next.byte_range == last.byte_range
            && next.discontinuity_sequence == last.discontinuity_sequence
            && (is_undated || next.program_date_time_millis == last.program_date_time_millis)
            && !next.is_gap;
        is_again.then_some(index + 1)
    });
    if let (Some(index), None) = (repeated.next(), repeated.next()) {
        list.remove(index);
        list.iter_mut().skip(index).for_each(|segment| segment.media_sequence -= 1);
    }
}

/// The list by the known numbers; `None` where it has them already, or where nothing of it is known.
/// Before the newest one that it names, what is known stands.
pub(super) fn renumbered(
    known: &[TimelineSegment],
    incoming: &[ListedSegment],
    whole: usize,
) -> Option<Vec<ListedSegment>> {
    let first = known.first()?.segment.media_sequence;
    let listed = incoming.get(..whole)?;
    let placed = |number: u64| {
        known
            .get(usize::try_from(number.checked_sub(first)?).ok()?)
            .filter(|it| !it.kind.is_hinted())
    };
    let newest = listed.iter().rev().find_map(|it| Some((it, placed(it.media_sequence)?)));
    if newest.is_some_and(|(segment, placed)| align::is_same_name(&placed.segment, segment)) {
        return None;
    }
    let (index, number) =
        listed.iter().enumerate().rev().take(MAX_SOUGHT).find_map(|(index, segment)| {
            let same = known.iter().rev().find(|placed| is_same(placed, segment))?;
            Some((index, same.segment.media_sequence))
        })?;
    // Beyond the last number there is nothing is known.
    number.checked_add(incoming.len() as u64)?;
    let from = number.saturating_sub(index as u64).max(first);
    let before = (from..number).filter_map(|number| Some(placed(number)?.segment.clone()));
    let after = incoming.iter().skip(index).cloned().zip(number..);
    let after = after.map(|(segment, media_sequence)| ListedSegment { media_sequence, ..segment });
    Some(before.chain(after).collect())
}

/// By name; where both are dated, not by a name that is used again.
fn is_same(placed: &TimelineSegment, segment: &ListedSegment) -> bool {
    let dates = placed.unix_millis.zip(segment.program_date_time_millis);
    !placed.kind.is_hinted()
        && align::is_same_name(&placed.segment, segment)
        && dates.is_none_or(|(known, date)| {
            (known - date).abs() < 500.0 * placed.duration_secs().max(1.0)
        })
}

/// Known segments keep their discontinuity sequence numbers (RFC 4.4.4.3), and those after them are
/// counted on, also where a list has no EXT-X-DISCONTINUITY-SEQUENCE and a tag has left it.
pub(super) fn count_discontinuities(
    known: &[TimelineSegment],
    incoming: &mut [ListedSegment],
    whole: usize,
) {
    let Some(first) = known.first().map(|first| first.segment.media_sequence) else { return };
    let number_of = |segment: &ListedSegment| {
        let index = usize::try_from(segment.media_sequence.checked_sub(first)?).ok()?;
        let placed = known.get(index).filter(|placed| !placed.kind.is_hinted())?;
        Some(placed.segment.discontinuity_sequence)
    };
    let listed = incoming.get(..whole).unwrap_or_default();
    let shared = listed
        .iter()
        .rev()
        .find_map(|segment| Some(number_of(segment)?.wrapping_sub(segment.discontinuity_sequence)));
    let newest = known.iter().rev().find(|placed| !placed.kind.is_hinted());
    let uncounted = shared.unwrap_or_else(|| {
        let newest = newest.map_or(0, |newest| newest.segment.discontinuity_sequence);
        newest.saturating_sub(incoming.first().map_or(0, |first| first.discontinuity_sequence))
    });
    for segment in incoming {
        segment.discontinuity_sequence = number_of(segment)
            .unwrap_or_else(|| segment.discontinuity_sequence.wrapping_add(uncounted));
    }
}
