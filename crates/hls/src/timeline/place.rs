//! Puts a merged list of segments on the timeline, each at its place.
//!
//! In: segments in order, those known before with their places. Out: [`TimelineSegment`]s ordered by
//! start and by end, and dates for those without one. What was only announced keeps its place if it
//! is what came. It decides nothing of how a list continues another: that is [`super::merge`].

use super::{ListedSegment, PieceKind, TimelineSegment};

/// What a list says, in order.
pub(super) struct Incoming {
    pub(super) segments: Vec<ListedSegment>,
    /// So many of them are listed, the rest upcoming.
    pub(super) listed: usize,
}

impl Incoming {
    fn in_order(self) -> impl Iterator<Item = (ListedSegment, PieceKind)> {
        let Self { segments, listed } = self;
        segments.into_iter().enumerate().map(move |(index, segment)| {
            (segment, if index < listed { PieceKind::Segment } else { PieceKind::Upcoming })
        })
    }
}

/// Puts `incoming` on the timeline: at its known place where it has one, else after its
/// predecessor, the first at `start_secs`.
pub(super) fn place(
    incoming: Incoming,
    known: Vec<TimelineSegment>,
    start_secs: f64,
    epoch: u32,
) -> Vec<TimelineSegment> {
    let known_first = known.first().map_or(0, |first| first.segment.media_sequence);
    let known_discontinuity = known.last().map(|last| last.segment.discontinuity_sequence);
    let mut known = known.into_iter().map(Some).collect::<Vec<_>>();
    let mut placed: Vec<TimelineSegment> = Vec::with_capacity(incoming.segments.len());
    let mut next_start_secs = start_secs;
    for (segment, kind) in incoming.in_order() {
        let index = segment.media_sequence.checked_sub(known_first);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let old = index.and_then(|index| known.get_mut(index)).and_then(Option::take);
        let mut next = match old {
            Some(old) => keep_place(old, (segment, kind), placed.last()),
            None => {
                let before = placed.last().map(|before| before.segment.discontinuity_sequence);
                let before = before.or(known_discontinuity);
                TimelineSegment {
                    start_secs: next_start_secs,
                    end_secs: next_start_secs + segment.duration_secs,
                    is_confirmed: false,
                    is_discontinuous: before
                        .is_some_and(|before| before != segment.discontinuity_sequence),
                    epoch,
                    unix_millis: segment.program_date_time_millis,
                    kind,
                    segment,
                }
            }
        };
        if let Some(before) = placed.last() {
            next.start_secs = next.start_secs.max(before.start_secs);
            next.end_secs = next.end_secs.max(before.end_secs).max(next.start_secs);
        }
        next_start_secs = next.end_secs;
        placed.push(next);
    }
    placed
}

/// A known segment as the new playlist lists it. Its duration may have been corrected by the
/// server; one that was measured from the media stays.
fn keep_place(
    old: TimelineSegment,
    (segment, kind): (ListedSegment, PieceKind),
    before: Option<&TimelineSegment>,
) -> TimelineSegment {
    let mut kept = old;
    let was_hinted = kept.kind.is_hinted();
    if was_hinted {
        // Only a guess, or a part of it; and what was announced need not be what came.
        let is_same = kept.segment.is_announcing(&segment);
        if !kept.is_confirmed || !is_same {
            kept.start_secs = before.map_or(kept.start_secs, |before| before.end_secs);
            kept.is_confirmed = false;
        }
        kept.is_discontinuous = before.map_or(kept.is_discontinuous, |before| {
            before.segment.discontinuity_sequence != segment.discontinuity_sequence
        });
        if !kept.is_confirmed || segment.duration_secs > 0.0 {
            kept.end_secs = kept.start_secs + segment.duration_secs;
        }
    } else if !kept.is_confirmed && kept.segment.duration_secs != segment.duration_secs {
        kept.start_secs = before.map_or(kept.start_secs, |before| before.end_secs);
        kept.end_secs = kept.start_secs + segment.duration_secs;
    }
    let known_millis = kept.unix_millis.filter(|_| !was_hinted);
    kept.unix_millis = segment.program_date_time_millis.or(known_millis);
    (kept.segment, kept.kind) = (segment, kind);
    kept
}

/// Gives each segment without a date one, from its neighbours of the same discontinuity.
pub(super) fn spread_dates(placed: &mut [TimelineSegment]) {
    let mut before: Option<(f64, f64)> = None;
    for next in placed.iter_mut() {
        if next.is_discontinuous {
            before = None;
        }
        if next.unix_millis.is_none() {
            next.unix_millis = before.map(|(unix_millis, start_secs)| {
                unix_millis + (next.start_secs - start_secs) * 1000.0
            });
        }
        before = next.unix_millis.map(|unix_millis| (unix_millis, next.start_secs));
    }
    let mut after: Option<(f64, f64)> = None;
    for previous in placed.iter_mut().rev() {
        if previous.unix_millis.is_none() {
            previous.unix_millis = after.map(|(unix_millis, start_secs)| {
                unix_millis - (start_secs - previous.start_secs) * 1000.0
            });
        }
        after = previous.unix_millis.map(|unix_millis| (unix_millis, previous.start_secs));
        if previous.is_discontinuous {
            after = None;
        }
    }
}
