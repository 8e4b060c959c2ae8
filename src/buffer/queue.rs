//! The operations waiting for one source buffer, one under way at a time.
//!
//! In: appends, removals, type changes, and what the source buffer answered. Out: the next
//! operation to start, and what is buffered or about to be. A source buffer refuses everything
//! while `updating` (Media Source Extensions 3.5.5), hence one at a time. `P` names bytes that lie
//! elsewhere; the queue never sees any.

use std::collections::VecDeque;

use super::time_ranges;
use crate::media::TimeRange;

/// Removals are decided a whole group away from the playhead: rounding makes none of them too near.
const SPARE_SLACK_SECS: f64 = 0.1;

/// Something to do to one source buffer.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation<P> {
    /// `changeType`: immediate, without an answer.
    ChangeType {
        /// MIME type with codecs.
        mime: String,
    },
    /// `appendBuffer`.
    Append {
        /// Which bytes.
        payload: P,
        /// How many.
        byte_len: u64,
        /// `timestampOffset` they need.
        offset_secs: f64,
        /// `appendWindowStart` they need.
        window_secs: f64,
        /// Where they land; `None` for an init segment.
        span: Option<TimeRange>,
    },
    /// `remove`.
    Remove(TimeRange),
}

/// One source buffer's queue and what it said it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackQueue<P> {
    waiting: VecDeque<Operation<P>>,
    under_way: Option<Operation<P>>,
    buffered: Vec<TimeRange>,
    is_full: bool,
    /// Nothing but removals starts.
    pub is_held: bool,
}

impl<P> Default for TrackQueue<P> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            under_way: None,
            buffered: Vec::new(),
            is_full: false,
            is_held: false,
        }
    }
}

impl<P: Clone> TrackQueue<P> {
    /// Adds an operation after all others.
    pub fn push(&mut self, operation: Operation<P>) {
        self.waiting.push_back(operation);
    }

    /// Adds a removal before everything that waits: it makes room for it.
    pub fn push_removal(&mut self, range: TimeRange) {
        self.waiting.push_front(Operation::Remove(range));
    }

    /// Takes back the removals that wait: playback is elsewhere now, and may need what they are of.
    pub fn withdraw_removals(&mut self) {
        self.waiting.retain(|operation| !matches!(operation, Operation::Remove(_)));
    }

    /// Takes back the removals that wait and would take what is being played, the group of pictures
    /// that it needs, or what comes next: playback has moved since they were decided.
    pub fn spare(&mut self, at_secs: f64, group_secs: f64) {
        self.waiting.retain(|operation| match operation {
            Operation::Remove(range) => {
                at_secs + group_secs < range.start_secs
                    || at_secs > range.end_secs + group_secs - SPARE_SLACK_SECS
            }
            _ => true,
        });
    }

    /// The next operation, if none is under way. Everything but `ChangeType` is then under way
    /// until one of the answers below. After [`Self::quota_exceeded`] only removals start, until
    /// one is done or [`Self::retry_append`].
    pub fn start_next(&mut self) -> Option<Operation<P>> {
        if self.under_way.is_some() {
            return None;
        }
        let is_closed = self.is_full || self.is_held;
        if is_closed && !matches!(self.waiting.front(), Some(Operation::Remove(_))) {
            return None;
        }
        let operation = self.waiting.pop_front()?;
        if !matches!(operation, Operation::ChangeType { .. }) {
            self.under_way = Some(operation.clone());
        }
        Some(operation)
    }

    /// The operation under way is done; gives it back.
    pub fn updated(&mut self, buffered: Vec<TimeRange>) -> Option<Operation<P>> {
        self.buffered = buffered;
        let done = self.under_way.take();
        if matches!(done, Some(Operation::Remove(_))) {
            self.is_full = false;
        }
        done
    }

    /// The append under way found no room: it waits again, first of all.
    pub fn quota_exceeded(&mut self) {
        if let Some(append) = self.under_way.take() {
            self.waiting.push_front(append);
            self.is_full = true;
        }
    }

    /// The operation under way was refused for good; gives it back.
    pub fn rejected(&mut self) -> Option<Operation<P>> {
        self.under_way.take()
    }

    /// Takes out the media that waits and begins at or after `from_secs`; gives its payloads.
    pub fn drop_appends_after(&mut self, from_secs: f64) -> Vec<P> {
        let mut dropped = Vec::new();
        self.waiting.retain(|operation| match operation {
            Operation::Append { payload, span: Some(span), .. } if span.start_secs >= from_secs => {
                dropped.push(payload.clone());
                false
            }
            _ => true,
        });
        dropped
    }

    /// True where a removal waits or is under way.
    #[must_use]
    pub fn has_removal(&self) -> bool {
        self.operations().any(|operation| matches!(operation, Operation::Remove(_)))
    }

    /// Tries appending again although nothing was removed (the browser may have evicted).
    pub fn retry_append(&mut self) {
        self.is_full = false;
    }

    /// True between [`Self::quota_exceeded`] and the next chance.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// True where nothing waits and nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_none()
    }

    /// What the source buffer said last.
    #[must_use]
    pub fn buffered(&self) -> &[TimeRange] {
        &self.buffered
    }

    /// What is buffered, and what will be once the queue has run.
    #[must_use]
    pub fn buffered_soon(&self) -> Vec<TimeRange> {
        let mut soon = self.buffered.clone();
        for operation in self.operations() {
            if let Operation::Append { span: Some(span), .. } = operation {
                time_ranges::insert(&mut soon, *span);
            }
        }
        soon
    }

    /// Bytes that wait or are under way.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.operations()
            .map(|operation| match operation {
                Operation::Append { byte_len, .. } => *byte_len,
                _ => 0,
            })
            .sum()
    }

    fn operations(&self) -> impl Iterator<Item = &Operation<P>> {
        self.under_way.iter().chain(self.waiting.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start_secs: f64, end_secs: f64) -> TimeRange {
        TimeRange { start_secs, end_secs }
    }

    fn append(payload: u32, from: f64, to: f64) -> Operation<u32> {
        let span = Some(span(from, to));
        Operation::Append { payload, byte_len: 100, offset_secs: 0.0, window_secs: 0.0, span }
    }

    #[test]
    fn one_operation_at_a_time_and_type_changes_at_once() {
        let mut queue = TrackQueue::default();
        queue.push(Operation::ChangeType { mime: "video/mp4".into() });
        queue.push(append(1, 0.0, 4.0));
        queue.push(append(2, 4.0, 8.0));
        assert!(matches!(queue.start_next(), Some(Operation::ChangeType { .. })));
        assert_eq!(queue.start_next(), Some(append(1, 0.0, 4.0)));
        assert_eq!(queue.start_next(), None);
        assert_eq!(queue.pending_bytes(), 200);
        assert_eq!(queue.buffered_soon(), vec![span(0.0, 8.0)]);
        assert_eq!(queue.updated(vec![span(0.0, 4.0)]), Some(append(1, 0.0, 4.0)));
        assert_eq!(queue.start_next(), Some(append(2, 4.0, 8.0)));
        assert!(!queue.is_idle());
        queue.updated(vec![span(0.0, 8.0)]);
        assert!(queue.is_idle());
    }

    #[test]
    fn a_full_buffer_takes_removals_only_until_one_is_done() {
        let mut queue = TrackQueue::default();
        queue.push(append(1, 0.0, 4.0));
        queue.start_next();
        queue.quota_exceeded();
        assert!(queue.is_full());
        assert_eq!(queue.start_next(), None);
        queue.push_removal(span(0.0, 1.0));
        assert_eq!(queue.start_next(), Some(Operation::Remove(span(0.0, 1.0))));
        queue.updated(vec![]);
        assert_eq!(queue.start_next(), Some(append(1, 0.0, 4.0)), "the same append again");
        queue.push_removal(span(0.0, 1.0));
        queue.withdraw_removals();
        assert!(!queue.has_removal());
        assert_eq!(queue.operations().collect::<Vec<_>>(), [&append(1, 0.0, 4.0)]);
        assert_eq!(queue.rejected(), Some(append(1, 0.0, 4.0)));
        assert!(queue.is_idle());
    }

    #[test]
    fn what_is_being_played_is_spared() {
        let mut queue = TrackQueue::<u32>::default();
        let (behind, ahead) = (span(0.0, 20.0), span(60.0, f64::INFINITY));
        let after = |queue: &mut TrackQueue<u32>, at_secs| {
            *queue = TrackQueue::default();
            queue.push_removal(behind);
            queue.push_removal(ahead);
            queue.spare(at_secs, 4.0);
            queue.waiting.iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(after(&mut queue, 24.0).len(), 2, "where it was decided");
        assert_eq!(after(&mut queue, 0.5), [Operation::Remove(ahead)]);
        assert_eq!(after(&mut queue, 22.0), [Operation::Remove(ahead)], "its key picture goes");
        assert_eq!(after(&mut queue, 57.0), [Operation::Remove(behind)], "it plays on");
        assert_eq!(after(&mut queue, 70.0), [Operation::Remove(behind)]);
    }
}
