//! Room in the source buffers: what is removed, and when.
//!
//! In: what has to stay ([`Keep`]), a browser that has no room. Out: removals queued behind the
//! playhead, and far ahead of it where that does not do. What to keep is [`crate::buffer::eviction`]'s.

use super::context::Context;
use super::sink::Sink;
use crate::buffer::eviction::{self, Keep};
use crate::buffer::time_ranges;
use crate::media::TrackKind;

/// The least goal ahead, however small the browser's quota.
const MIN_AHEAD_SECS: f64 = 8.0;

/// What a browser without room comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Room {
    /// Media behind the playhead goes.
    Behind,
    /// Media goes from here on, and no more is loaded ahead than this from now on.
    Ahead { from_secs: f64, limit_secs: f64 },
    /// Nothing can go; the limit holds all the same.
    None { limit_secs: f64 },
}

impl Sink {
    /// Removes what is long played. Gives where what is kept begins, if anything went.
    pub fn evict(&mut self, keep: Keep) -> Option<f64> {
        let mut kept_from_secs = None;
        for track in self.tracks.values_mut().filter(|track| !track.queue.has_removal()) {
            if let Some(range) = eviction::behind(track.queue.buffered(), keep) {
                track.queue.push_removal(range);
                kept_from_secs = Some(range.end_secs);
            }
        }
        self.forget_weights_before(kept_from_secs?);
        kept_from_secs
    }

    /// The browser has no room: what lies behind goes first, then what lies far ahead.
    pub fn make_room(
        &mut self,
        context: &mut Context,
        kind: TrackKind,
        (keep, limit_secs): (Keep, f64),
    ) -> Room {
        let Some(track) = self.tracks.get_mut(&kind) else { return Room::Behind };
        track.queue.quota_exceeded();
        if let Some(range) = eviction::all_behind(track.queue.buffered(), keep) {
            track.queue.push_removal(range);
            return Room::Behind;
        }
        let ahead_secs =
            time_ranges::covered_until(track.queue.buffered(), keep.to_secs) - keep.to_secs;
        let limit_secs = (ahead_secs * 0.8).max(MIN_AHEAD_SECS).min(limit_secs);
        let keep = Keep { ahead_secs: limit_secs, ..keep };
        let Some(range) = eviction::far_ahead(track.queue.buffered(), keep) else {
            return Room::None { limit_secs };
        };
        track.queue.push_removal(range);
        let from_secs = range.start_secs;
        self.drop_waiting_after(context, kind, from_secs);
        self.forget_weights_after(kind, from_secs);
        Room::Ahead { from_secs, limit_secs }
    }

    /// Tries full tracks again. True where there was one.
    pub fn relieve(&mut self, keep: Keep) -> bool {
        let mut was_full = false;
        for track in self.tracks.values_mut() {
            if !track.queue.is_full() || track.queue.has_removal() {
                continue;
            }
            was_full = true;
            match eviction::all_behind(track.queue.buffered(), keep) {
                Some(range) => track.queue.push_removal(range),
                None => track.queue.retry_append(),
            }
        }
        was_full
    }
}
