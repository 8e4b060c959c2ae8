//! The cues of one track, put together from its segments.
//!
//! In: cues on the presentation timeline, segment by segment, in any order. Out: numbers of cues that are
//! new, changed or gone. A cue that is repeated is there once; one that was cut at a segment's border is
//! whole again (RFC 8216bis 3.1.4; ISO 14496-30, 6.3). It refuses to grow: what lies farthest from the
//! newest cue goes first.

use crate::cue::{Cue, Line, Span};
use std::collections::VecDeque;

/// Times of the same moment in two segments differ by less: they are rounded to milliseconds, and count
/// ticks.
const SAME_MOMENT_SECS: f64 = 0.011;
const MAX_CUES: usize = 5_000;
const MAX_HELD_BYTES: usize = 8 << 20;

/// What became of a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Added(u32),
    /// It begins earlier or ends later than it did.
    Changed(u32),
    /// It is no longer there: forgotten, or part of another.
    Removed(u32),
}

struct Entry {
    number: u32,
    held_bytes: usize,
    cue: Cue,
}

/// What a track is known to say.
#[derive(Default)]
pub struct CueList {
    /// By their start.
    entries: VecDeque<Entry>,
    held_bytes: usize,
    next_number: u32,
}

impl CueList {
    /// Takes a cue in, and appends what that changed. Nothing, if it was there already.
    pub fn add(&mut self, cue: Cue, changes: &mut Vec<Change>) {
        let start_secs = cue.start_secs;
        let is_valid = start_secs.is_finite() && cue.end_secs.is_none_or(|end| end > start_secs);
        if !is_valid {
            return;
        }
        let number = self.next_number;
        let change = match self.entries.iter().position(|entry| is_one(&entry.cue, &cue)) {
            None => {
                self.next_number = self.next_number.wrapping_add(1);
                self.insert(number, cue);
                Change::Added(number)
            }
            Some(index) => match self.unite(index, cue) {
                Some(number) => Change::Changed(number),
                None => return,
            },
        };
        changes.push(change);
        while self.entries.len() > MAX_CUES || self.held_bytes > MAX_HELD_BYTES {
            let distance = |entry: Option<&Entry>| {
                entry.map_or(0.0, |entry| (entry.cue.start_secs - start_secs).abs())
            };
            let is_first = distance(self.entries.front()) >= distance(self.entries.back());
            let index = if is_first { 0 } else { self.entries.len() - 1 };
            changes.extend(self.take(index).map(|entry| Change::Removed(entry.number)));
        }
        self.join_with_neighbours(change, changes);
    }

    /// The cue of a number.
    pub fn get(&self, number: u32) -> Option<&Cue> {
        self.entries.iter().find(|entry| entry.number == number).map(|entry| &entry.cue)
    }

    /// All of them by their start, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Cue)> {
        self.entries.iter().map(|entry| (entry.number, &entry.cue))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets what ended before a moment, as what left the window of a live stream.
    pub fn forget_before(&mut self, secs: f64, changes: &mut Vec<Change>) {
        let held_bytes = &mut self.held_bytes;
        self.entries.retain(|entry| {
            let is_kept = entry.cue.end_secs.is_none_or(|end| end > secs);
            if !is_kept {
                *held_bytes -= entry.held_bytes;
                changes.push(Change::Removed(entry.number));
            }
            is_kept
        });
    }

    /// Ends what is still open, as at a discontinuity; what begins later is left out.
    pub fn end_open(&mut self, secs: f64, changes: &mut Vec<Change>) {
        for entry in self.entries.iter_mut().filter(|entry| entry.cue.end_secs.is_none()) {
            entry.cue.end_secs = Some(secs.max(entry.cue.start_secs));
            changes.push(Change::Changed(entry.number));
        }
    }

    fn insert(&mut self, number: u32, cue: Cue) {
        let held_bytes = cue.held_bytes() + size_of::<Entry>() - size_of::<Cue>();
        let at = self.entries.partition_point(|entry| entry.cue.start_secs <= cue.start_secs);
        self.entries.insert(at, Entry { number, held_bytes, cue });
        self.held_bytes += held_bytes;
    }

    fn take(&mut self, index: usize) -> Option<Entry> {
        let entry = self.entries.remove(index)?;
        self.held_bytes -= entry.held_bytes;
        Some(entry)
    }

    /// Stretches a cue over another; its number, if that changed it.
    fn unite(&mut self, index: usize, other: Cue) -> Option<u32> {
        let cue = &self.entries.get(index)?.cue;
        let start_secs = earlier(cue.start_secs, other.start_secs);
        let end_secs = match (cue.end_secs, other.end_secs) {
            (Some(end), Some(other)) => Some(-earlier(-end, -other)),
            // What was open has ended; what had ended stays so.
            (end, other) => end.or(other),
        };
        if start_secs == cue.start_secs && end_secs == cue.end_secs {
            return None;
        }
        let Entry { number, cue, .. } = self.take(index)?;
        self.insert(number, Cue { start_secs, end_secs, ..cue });
        Some(number)
    }

    /// A cue that was stretched may touch another now.
    fn join_with_neighbours(&mut self, change: Change, changes: &mut Vec<Change>) {
        let Change::Changed(number) = change else { return };
        loop {
            let Some(cue) = self.get(number) else { return };
            let is_other = |entry: &Entry| entry.number != number && is_one(&entry.cue, cue);
            let Some(other) = self.entries.iter().position(is_other) else { return };
            let Some(Entry { number: gone, cue, .. }) = self.take(other) else { return };
            changes.push(Change::Removed(gone));
            let index = self.entries.iter().position(|entry| entry.number == number);
            if let Some(index) = index {
                self.unite(index, cue);
            }
        }
    }
}

/// The earlier one, or the first if they are the same moment.
fn earlier(first: f64, second: f64) -> f64 {
    if second < first - SAME_MOMENT_SECS { second } else { first }
}

/// Whether two cues are one that was repeated or cut. Names do not count: some writers number the cues of
/// each segment from one.
fn is_one(a: &Cue, b: &Cue) -> bool {
    is_continued(a, b) && a.placement == b.placement && say_the_same(a, b)
}

fn say_the_same(a: &Cue, b: &Cue) -> bool {
    let is_alike = |(a, b): (&Line, &Line)| {
        let mut pairs = a.spans.iter().zip(&b.spans);
        a.spans.len() == b.spans.len() && pairs.all(|(a, b)| is_same_span(a, b))
    };
    a.lines.len() == b.lines.len() && a.lines.iter().zip(&b.lines).all(is_alike)
}

/// Moments within a text are moved with it, and rounded.
fn is_same_span(a: &Span, b: &Span) -> bool {
    let is_in_turn = match (a.from_secs, b.from_secs) {
        (Some(a), Some(b)) => (a - b).abs() < SAME_MOMENT_SECS,
        (a, b) => a == b,
    };
    is_in_turn && a.text == b.text && a.style == b.style
}

/// Begins or ends at the same moment, or one follows the other, or lies within it.
fn is_continued(a: &Cue, b: &Cue) -> bool {
    let end = |cue: &Cue| cue.end_secs.unwrap_or(f64::INFINITY);
    let is_same = |a: f64, b: f64| a == b || (a - b).abs() < SAME_MOMENT_SECS;
    let is_within = |a: &Cue, b: &Cue| a.start_secs >= b.start_secs && end(a) <= end(b);
    is_same(a.start_secs, b.start_secs)
        || is_same(end(a), end(b))
        || is_same(end(a), b.start_secs)
        || is_same(end(b), a.start_secs)
        || is_within(a, b)
        || is_within(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start_secs: f64, end_secs: f64, text: &str) -> Cue {
        let span = Span { text: text.into(), ..Span::default() };
        let end_secs = Some(end_secs).filter(|end| end.is_finite());
        Cue { start_secs, end_secs, lines: vec![Line { spans: vec![span] }], ..Cue::default() }
    }

    fn added(list: &mut CueList, cues: &[(f64, f64, &str)]) -> Vec<Change> {
        let mut changes = Vec::new();
        for (start, end, text) in cues {
            list.add(cue(*start, *end, text), &mut changes);
        }
        changes
    }

    fn shown(list: &CueList) -> Vec<(f64, f64, String)> {
        let all = list.iter();
        all.map(|(_, cue)| (cue.start_secs, cue.end_secs.unwrap_or(f64::INFINITY), cue.text()))
            .collect()
    }

    fn held(start: f64, end: f64, text: &str) -> (f64, f64, String) {
        (start, end, text.into())
    }

    #[test]
    fn a_repeated_cue_is_there_once() {
        let mut list = CueList::default();
        let changes = added(&mut list, &[(1.0, 2.0, "a"), (1.0, 2.0, "a"), (1.001, 2.0009, "a")]);
        assert_eq!(changes, [Change::Added(0)]);
        assert_eq!(shown(&list), [held(1.0, 2.0, "a")]);
    }

    #[test]
    fn a_cut_cue_is_whole_again_in_any_order() {
        let parts = [(0.5, 2.0, "a"), (2.0, 4.0, "a"), (4.0, 4.5, "a")];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut list = CueList::default();
            let changes = added(&mut list, &order.map(|index| parts[index]));
            assert_eq!(shown(&list), [held(0.5, 4.5, "a")], "{order:?}");
            let (number, _) = list.iter().next().expect("a cue");
            assert!(changes.contains(&Change::Added(number)));
            let removed = changes.iter().filter(|change| matches!(change, Change::Removed(_)));
            let added = changes.iter().filter(|change| matches!(change, Change::Added(_)));
            assert_eq!(added.count(), removed.count() + 1);
        }
    }

    #[test]
    fn clipped_copies_of_a_cue_are_the_whole_one() {
        let mut list = CueList::default();
        added(&mut list, &[(0.5, 2.0, "a"), (0.5, 2.5, "a"), (1.0, 2.0, "a"), (2.0, 2.5, "a")]);
        assert_eq!(shown(&list), [held(0.5, 2.5, "a")]);
    }

    #[test]
    fn moments_within_a_text_are_rounded() {
        let mut list = CueList::default();
        let mut changes = Vec::new();
        for from_secs in [1.5, 1.5000001, 1.6] {
            let mut cue = cue(1.0, 2.0, "a");
            cue.lines[0].spans[0].from_secs = Some(from_secs);
            list.add(cue, &mut changes);
        }
        assert_eq!(changes, [Change::Added(0), Change::Added(1)]);
    }

    #[test]
    fn others_stay_apart() {
        let mut list = CueList::default();
        let different = [(1.0, 2.0, "a"), (1.0, 2.0, "b"), (2.5, 3.0, "a"), (2.8, 3.3, "a")];
        added(&mut list, &different);
        let mut other = cue(1.0, 2.0, "a");
        other.placement.size_percent = Some(50.0);
        list.add(other, &mut Vec::new());
        assert_eq!(list.len(), 5);
    }

    #[test]
    fn an_open_cue_ends() {
        let mut list = CueList::default();
        let changes = added(&mut list, &[(1.0, f64::INFINITY, "a"), (1.0, 3.0, "a")]);
        assert_eq!(changes, [Change::Added(0), Change::Changed(0)]);
        added(&mut list, &[(4.0, f64::INFINITY, "b")]);
        let mut changes = Vec::new();
        list.end_open(5.0, &mut changes);
        assert_eq!(changes, [Change::Changed(1)]);
        assert_eq!(shown(&list), [held(1.0, 3.0, "a"), held(4.0, 5.0, "b")]);
    }

    #[test]
    fn what_is_forgotten_may_come_again() {
        let mut list = CueList::default();
        added(&mut list, &[(1.0, 2.0, "a"), (3.0, 4.0, "b")]);
        let mut changes = Vec::new();
        list.forget_before(2.0, &mut changes);
        assert_eq!(changes, [Change::Removed(0)]);
        assert_eq!(added(&mut list, &[(1.0, 2.0, "a")]), [Change::Added(2)]);
        assert_eq!(list.get(2).map(Cue::text).as_deref(), Some("a"));
        assert_eq!(list.get(0), None);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut list = CueList::default();
        let mut changes = Vec::new();
        for index in 0..MAX_CUES + 100 {
            let start_secs = index as f64 * 2.0;
            list.add(cue(start_secs, start_secs + 1.0, "a"), &mut changes);
        }
        assert_eq!(list.len(), MAX_CUES);
        assert_eq!(shown(&list)[0].0, 200.0);
        let removed = changes.iter().filter(|change| matches!(change, Change::Removed(_))).count();
        assert_eq!(removed, 100);
        let mut list = CueList::default();
        for index in 0..100 {
            let start_secs = f64::from(index);
            list.add(cue(start_secs, start_secs + 0.5, &"x".repeat(200_000)), &mut changes);
        }
        assert!(list.held_bytes <= MAX_HELD_BYTES && list.len() > 30);
        let held: usize = list.entries.iter().map(|entry| entry.held_bytes).sum();
        assert_eq!(held, list.held_bytes);
    }

    #[test]
    fn cues_that_take_no_time_are_left_out() {
        let mut list = CueList::default();
        assert!(
            added(&mut list, &[(2.0, 2.0, "a"), (f64::NAN, 2.0, "a"), (3.0, 2.0, "a")]).is_empty()
        );
        assert!(list.is_empty());
    }
}
