//! What a segment carries beside picture and sound, put on the presentation timeline.
//!
//! In: ID3 tags with their timestamps. Out: [`SideData`], where anybody asked for it. Bytes are handed on as they are:
//! what they say is for others to read. What pictures carry, captions for one, stays within the fragments.

use super::timestamps::{secs_of, unwrap_timestamp};
use crate::demux::metadata::TimedTag;
use std::collections::VecDeque;

/// So much is kept for whoever takes it; the oldest goes.
const MAX_HELD_LEN: usize = 4 << 20;
/// What it costs to hold one, beside its bytes.
const COST_LEN: usize = 64;

/// An ID3 tag.
#[derive(Debug, Clone, PartialEq)]
pub struct SideData {
    /// Presentation time.
    pub start_secs: f64,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Side data on its way out.
#[derive(Debug, Default)]
pub(super) struct SideQueue {
    queue: VecDeque<SideData>,
    held_len: usize,
}

impl SideQueue {
    fn push(&mut self, data: SideData) {
        self.held_len += data.bytes.len() + COST_LEN;
        self.queue.push_back(data);
        while self.held_len > MAX_HELD_LEN && self.pop().is_some() {}
    }

    pub(super) fn pop(&mut self) -> Option<SideData> {
        let data = self.queue.pop_front()?;
        self.held_len -= data.bytes.len() + COST_LEN;
        Some(data)
    }

    /// A tag, where timestamps near `near_ticks` are those of the segment. One that does not say when it is due
    /// is due then.
    pub(super) fn push_tag(&mut self, tag: TimedTag, near_ticks: i64, zero_ticks: i64) {
        let ticks = tag.pts.map_or(near_ticks, |pts| unwrap_timestamp(pts, near_ticks));
        let start_secs = secs_of(ticks - zero_ticks).max(0.0);
        self.push(SideData { start_secs, bytes: tag.bytes });
    }
}
