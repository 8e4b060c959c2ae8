//! Where playback is, where it was sent, and what to do when it stands still or the buffer is
//! full.
//!
//! In: the media element as it is. Out: seeks over holes, loaders sent elsewhere after a seek,
//! removals behind the playhead. It never seeks but over a hole, to the start, or to the live
//! point.

use super::context::Context;
use super::downloads::StreamKind;
use super::input::PlaybackState;
use super::output::SinkCommand;
use super::playback::load_from_secs;
use super::segment_loader::resume_at;
use super::session::Session;
use crate::buffer::eviction::{self, Keep};
use crate::buffer::gaps::{Remedy, Situation, StallWatch};
use crate::buffer::time_ranges;
use crate::media::{TimeRange, TrackKind};
use crate::time::{Duration, Instant};

/// A seek of ours counts as done within this of its target.
const ARRIVED_SECS: f64 = 0.3;
/// After this the element went somewhere else.
const SEEK_TIMEOUT: Duration = Duration::from_secs(3);
/// The least goal ahead, however small the browser's quota.
const MIN_AHEAD_SECS: f64 = 8.0;

/// The media element, and a seek of ours it has not yet confirmed.
#[derive(Debug, Default)]
pub(super) struct Playhead {
    pub state: PlaybackState,
    seen_at: Option<Instant>,
    sent_to: Option<(f64, Instant)>,
    stall: StallWatch,
    /// The hole fetched last: fetching it again would give the same.
    fetched_hole_secs: Option<f64>,
    /// Where the playhead was when a full buffer was last tried.
    tried_full_at_secs: f64,
}

impl Playhead {
    /// Where playback is, or is on its way to.
    pub fn secs(&self) -> f64 {
        self.sent_to.map_or(self.state.current_time_secs, |(target, _)| target)
    }

    /// The element reported, and plays or wants to.
    pub fn is_playing(&self) -> bool {
        self.seen_at.is_some() && !self.state.is_paused
    }

    /// Sends the media element somewhere.
    pub fn seek(&mut self, context: &mut Context, to_secs: f64) {
        self.sent_to = Some((to_secs, context.now));
        context.sink(SinkCommand::Seek { to_secs });
    }

    /// The machine slept: the element stood still for that, and a seek has had no time to arrive.
    pub fn on_woken(&mut self, context: &Context) {
        self.stall = StallWatch::default();
        if let Some((_, since)) = &mut self.sent_to {
            *since = context.now;
        }
    }

    /// Takes in the element's state; gives where it jumped to, if it did.
    fn observe(
        &mut self,
        context: &mut Context,
        state: PlaybackState,
        has_media: bool,
    ) -> Option<Jumped> {
        let before_secs = self.secs();
        let was_seeking = self.state.is_seeking;
        let elapsed_secs = self.seen_at.map_or(0.0, |at| (context.now - at).as_secs_f64());
        self.state = state;
        self.seen_at = Some(context.now);
        let now_secs = state.current_time_secs;
        if let Some((target_secs, since)) = self.sent_to {
            if (now_secs - target_secs).abs() < ARRIVED_SECS {
                self.sent_to = None;
                return None;
            }
            if !has_media {
                return None;
            }
            if context.now - since < SEEK_TIMEOUT {
                return None;
            }
            // Some elements forget a seek made before they had data.
            if now_secs < ARRIVED_SECS && target_secs > 1.0 && !state.is_seeking {
                self.seek(context, target_secs);
                return None;
            }
            self.sent_to = None;
        }
        let moved_secs = now_secs - before_secs;
        let most_secs = elapsed_secs * state.playback_rate.abs().max(1.0) + 1.0;
        let has_jumped = moved_secs < -0.1 || moved_secs > most_secs;
        (has_jumped || (state.is_seeking && (!was_seeking || moved_secs.abs() > 0.01)))
            .then_some(Jumped { to_secs: now_secs, is_seek: state.is_seeking })
    }
}

/// The element is elsewhere than playing led it.
#[derive(Debug, Clone, Copy)]
struct Jumped {
    to_secs: f64,
    /// The viewer sent it there. Else it skipped something, or its state was long on its way, as
    /// after the machine slept.
    is_seek: bool,
}

impl Session {
    pub(super) fn on_playback(&mut self, context: &mut Context, state: PlaybackState) {
        if !state.current_time_secs.is_finite() || self.recovery.is_over {
            return;
        }
        let jumped = self.playback.playhead.observe(context, state, self.sink.has_media);
        if self.playback.start_secs.is_none() {
            return;
        }
        if let Some(Jumped { to_secs, is_seek }) = jumped {
            if let Some(situation) = self.situation(context).filter(|_| is_seek) {
                self.playback.latency.on_seek(&situation);
            }
            self.playback.playhead.fetched_hole_secs = None;
            self.recovery.misfit.forget();
            for track in self.sink.tracks.values_mut() {
                track.queue.withdraw_removals();
            }
            self.go_on_from(context, to_secs);
        }
        self.evict(context);
        self.relieve_full_tracks(context);
        self.watch_for_stall(context);
        self.return_from_beyond(context);
        self.pass_misfit(context);
        self.keep_latency(context);
    }

    /// A seek that landed where everything is loaded but nothing plays (a change to a shorter
    /// variant can do that): the loaders go back to it, once.
    fn return_from_beyond(&mut self, context: &mut Context) {
        let at_secs = self.playback.playhead.secs();
        let is_tried = self.playback.playhead.fetched_hole_secs.is_some_and(|secs| secs == at_secs);
        if !self.playback.playhead.state.is_seeking
            || is_tried
            || !self.is_stream_at_end(StreamKind::Main)
        {
            return;
        }
        // A gap that will be jumped over is none.
        let soon = self.sink.playable_soon();
        let next = time_ranges::next_range(&soon, at_secs);
        let is_near =
            next.is_some_and(|next| next.start_secs - at_secs <= self.playback.max_gap_secs);
        if !is_near && time_ranges::range_at(&soon, at_secs).is_none() {
            self.playback.playhead.fetched_hole_secs = Some(at_secs);
            self.go_on_from(context, at_secs);
        }
    }

    /// Makes every stream load what playback from `at_secs` needs first.
    pub(super) fn go_on_from(&mut self, context: &mut Context, at_secs: f64) {
        for kind in StreamKind::ALL {
            self.load_stream_from(context, kind, at_secs);
        }
    }

    fn load_stream_from(&mut self, context: &mut Context, kind: StreamKind, at_secs: f64) {
        let mut ranges = self
            .sink
            .tracks
            .iter()
            .filter(|(track, _)| self.streams.source_of(**track) == kind)
            .map(|(_, track)| track.queue.buffered_soon());
        let first = ranges.next().unwrap_or_default();
        let ranges = ranges.fold(first, |both, next| time_ranges::intersection(&both, &next));
        let at_secs = load_from_secs(self.current_entry(), at_secs);
        let covered_secs = time_ranges::covered_until(&ranges, at_secs);
        let Some(loader) = self.streams.get_mut(kind) else { return };
        if loader.loading.as_ref().is_some_and(|loading| loading.covers(covered_secs)) {
            return;
        }
        let is_covered = covered_secs > at_secs;
        if is_covered && loader.loading.is_none() && (loader.end_secs() - covered_secs).abs() < 1.0
        {
            return;
        }
        loader.reposition(at_secs);
        if is_covered {
            loader.cursor = resume_at(covered_secs);
        }
        self.downloads.cancel_stream(context, kind);
    }

    /// What a removal must leave.
    fn keep(&self, context: &Context) -> Keep {
        Keep {
            playhead_secs: self
                .playback
                .playhead
                .secs()
                .min(self.playback.playhead.state.current_time_secs),
            behind_secs: context.config.buffer.behind_secs,
            ahead_secs: self.playback.ahead_limit_secs / 2.0,
            group_secs: self.current_entry().map_or(6.0, |entry| entry.target_secs()),
        }
    }

    fn evict(&mut self, context: &mut Context) {
        let keep = self.keep(context);
        let mut kept_from_secs = f64::NEG_INFINITY;
        for track in self.sink.tracks.values_mut() {
            if !track.queue.has_removal()
                && let Some(range) = eviction::behind(track.queue.buffered(), keep)
            {
                track.queue.push_removal(range);
                kept_from_secs = range.end_secs;
            }
        }
        if kept_from_secs.is_finite() {
            self.sink.forget_weights_before(kept_from_secs);
            self.playback.gaps.retain(|gap| gap.end_secs > kept_from_secs);
        }
    }

    /// The browser has no room: what lies behind goes first, then what lies far ahead.
    pub(super) fn on_quota(&mut self, context: &mut Context, kind: TrackKind) {
        let keep = self.keep(context);
        let Some(track) = self.sink.tracks.get_mut(&kind) else { return };
        track.queue.quota_exceeded();
        self.playback.playhead.tried_full_at_secs = keep.playhead_secs;
        if let Some(range) = eviction::all_behind(track.queue.buffered(), keep) {
            track.queue.push_removal(range);
            return;
        }
        let ahead_secs = time_ranges::covered_until(track.queue.buffered(), keep.playhead_secs)
            - keep.playhead_secs;
        self.playback.ahead_limit_secs =
            (ahead_secs * 0.8).max(MIN_AHEAD_SECS).min(self.playback.ahead_limit_secs);
        let keep = Keep { ahead_secs: self.playback.ahead_limit_secs, ..keep };
        if let Some(range) = eviction::far_ahead(track.queue.buffered(), keep) {
            track.queue.push_removal(range);
            self.sink.drop_waiting_after(context, kind, range.start_secs);
            self.sink.forget_weights_after(kind, range.start_secs);
            let stream = self.streams.source_of(kind);
            self.downloads.cancel_stream(context, stream);
            if let Some(loader) = self.streams.get_mut(stream) {
                loader.reposition(range.start_secs);
            }
            return;
        }
        if !self.recovery.is_buffer_full_reported {
            self.recovery.is_buffer_full_reported = true;
            context.error(crate::error::Error::BufferFull { track: kind.as_str() });
        }
    }

    /// A full track is tried again as playback moves on.
    fn relieve_full_tracks(&mut self, context: &mut Context) {
        let keep = self.keep(context);
        if (keep.playhead_secs - self.playback.playhead.tried_full_at_secs).abs() < 1.0 {
            return;
        }
        for track in self.sink.tracks.values_mut() {
            if !track.queue.is_full() || track.queue.has_removal() {
                continue;
            }
            self.playback.playhead.tried_full_at_secs = keep.playhead_secs;
            match eviction::all_behind(track.queue.buffered(), keep) {
                Some(range) => track.queue.push_removal(range),
                None => track.queue.retry_append(),
            }
        }
    }

    fn watch_for_stall(&mut self, context: &mut Context) {
        let state = self.playback.playhead.state;
        let playable = self.sink.playable();
        if playable.is_empty() || state.is_ended {
            return;
        }
        const HAVE_CURRENT_DATA: u8 = 2;
        let remedy = self.playback.playhead.stall.observe(Situation {
            now: context.now,
            playhead_secs: state.current_time_secs,
            wants_to_move: !state.is_paused
                || state.is_seeking
                || state.ready_state < HAVE_CURRENT_DATA,
            can_play: state.ready_state > HAVE_CURRENT_DATA,
            playable: &playable,
            gaps: &self.playback.gaps,
            max_gap_secs: self.playback.max_gap_secs,
        });
        match remedy {
            Some(Remedy::Jump { to_secs } | Remedy::Nudge { to_secs }) => {
                context.counters.gaps_jumped += 1;
                self.playback.playhead.seek(context, to_secs);
            }
            Some(Remedy::Fetch { from_secs }) => self.fill_hole(context, from_secs, &playable),
            None => {}
        }
    }

    /// Fetches what a hole lacks; a second time it counts as a gap and is jumped over.
    fn fill_hole(&mut self, context: &mut Context, from_secs: f64, playable: &[TimeRange]) {
        let is_on_its_way = self.streams.iter().any(|(_, loader)| {
            loader.end_secs() <= from_secs + 0.5
                || loader.loading.as_ref().is_some_and(|loading| loading.covers(from_secs + 0.2))
        });
        if is_on_its_way || self.sink.playable_soon() != playable {
            return;
        }
        let was_fetched = self
            .playback
            .playhead
            .fetched_hole_secs
            .is_some_and(|secs| (secs - from_secs).abs() < 0.5);
        if was_fetched {
            if let Some(next) = time_ranges::next_range(playable, from_secs + 1e-6) {
                self.playback
                    .note_gap(TimeRange { start_secs: from_secs, end_secs: next.start_secs });
            }
            return;
        }
        self.playback.playhead.fetched_hole_secs = Some(from_secs);
        let probe_secs = from_secs + 0.1;
        self.go_on_from(context, probe_secs);
    }
}
