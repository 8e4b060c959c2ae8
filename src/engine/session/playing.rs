//! What follows from where playback is: loaders sent elsewhere, holes filled, room made.
//!
//! In: the media element as it is, a browser without room. Out: what [`crate::engine::playhead`],
//! [`crate::engine::room`] and the parts of recovery decide, carried out. It decides little itself.

use super::Session;
use crate::buffer::eviction::Keep;
use crate::buffer::gaps::Remedy;
use crate::buffer::time_ranges;
use crate::engine::context::Context;
use crate::engine::input::PlaybackState;
use crate::engine::kinds::StreamKind;
use crate::engine::media_errors;
use crate::engine::misfit::{self, MAX_OFFSET_SECS, Verdict};
use crate::engine::output::SinkCommand;
use crate::engine::playback::load_from_secs;
use crate::engine::playhead::{Jumped, Playhead};
use crate::engine::room::Room;
use crate::engine::sink::Sink;
use crate::engine::wanted::Purpose;
use crate::error::Error;
use crate::media::{TimeRange, TrackKind};

/// Holes that begin so near to one another are the same.
const SAME_HOLE_SECS: f64 = 0.5;

impl Session {
    pub(super) fn on_playback(&mut self, context: &mut Context, state: PlaybackState) {
        if !state.current_time_secs.is_finite() {
            return;
        }
        if self.recovery.is_over {
            // What is buffered plays on, and what waits for the source buffers may still need room.
            self.playback.playhead.state = state;
            self.spare_what_plays(context);
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
            self.playback.playhead.forget_holes();
            self.recovery.misfit.forget();
            for track in self.sink.tracks.values_mut() {
                track.queue.withdraw_removals();
            }
            self.go_on_from(context, to_secs);
        }
        self.spare_what_plays(context);
        self.keep_room(context);
        self.watch_for_stall(context);
        self.return_from_beyond(context);
        self.pass_misfit(context);
        self.keep_latency(context);
    }

    /// Makes every stream load what playback from `at_secs` needs first.
    pub(super) fn go_on_from(&mut self, context: &mut Context, at_secs: f64) {
        let at_secs = load_from_secs(self.current_entry(), at_secs);
        for kind in StreamKind::ALL {
            let buffered =
                self.sink.buffered_soon_of(|track| self.streams.source_of(track) == kind);
            if self.streams.load_from(kind, at_secs, &buffered) {
                self.downloads.cancel_stream(context, kind);
            }
        }
    }

    /// Loads again what plays and what is ahead of it; appends overwrite. With little ahead, what
    /// comes next is near.
    pub(super) fn reread(&mut self, context: &mut Context) {
        /// A segment asked for again comes in less.
        const SAFE_AHEAD_SECS: f64 = 3.0;
        if self.ahead_secs() < SAFE_AHEAD_SECS {
            return;
        }
        let at_secs = load_from_secs(self.current_entry(), self.playback.playhead.secs());
        self.downloads.cancel_stream(context, StreamKind::Main);
        self.streams.main_mut().reposition(at_secs);
        context.needs_another_pass = true;
    }

    /// A seek that landed where everything is loaded but nothing plays (a change to a shorter
    /// variant can do that): the loaders go back to it, once.
    fn return_from_beyond(&mut self, context: &mut Context) {
        let at_secs = self.playback.playhead.secs();
        if !self.playback.playhead.state.is_seeking || !self.is_stream_at_end(StreamKind::Main) {
            return;
        }
        // A gap that will be jumped over is none.
        let soon = self.sink.playable_soon();
        let next = time_ranges::next_range(&soon, at_secs);
        let max_gap_secs = self.playback.max_gap_secs;
        let is_near = next.is_some_and(|next| next.start_secs - at_secs <= max_gap_secs);
        let is_beyond = !is_near && time_ranges::range_at(&soon, at_secs).is_none();
        if is_beyond && self.playback.playhead.may_fetch_hole(at_secs, 0.0) {
            self.go_on_from(context, at_secs);
        }
    }

    /// What a removal must leave.
    fn keep(&self, context: &Context) -> Keep {
        let playhead = &self.playback.playhead;
        Keep {
            from_secs: playhead.secs().min(playhead.state.current_time_secs),
            to_secs: playhead.secs().max(playhead.state.current_time_secs),
            behind_secs: context.config.buffer.behind_secs,
            ahead_secs: self.playback.ahead_limit_secs / 2.0,
            group_secs: self.current_entry().map_or(6.0, |entry| entry.target_secs()),
        }
    }

    /// Takes back the removals that playback has come near to.
    fn spare_what_plays(&mut self, context: &Context) {
        let group_secs = self.keep(context).group_secs;
        let at_secs = self.playback.playhead.state.current_time_secs;
        for track in self.sink.tracks.values_mut() {
            track.queue.spare(at_secs, group_secs);
        }
    }

    /// Removes what is long played, and tries full tracks again as playback moves on.
    fn keep_room(&mut self, context: &Context) {
        let keep = self.keep(context);
        if let Some(from_secs) = self.sink.evict(keep) {
            self.playback.gaps.retain(|gap| gap.end_secs > from_secs);
        }
        if self.playback.playhead.may_relieve(keep.from_secs) && self.sink.relieve(keep) {
            self.playback.playhead.tried_full_at_secs = keep.from_secs;
        }
    }

    /// The browser has no room.
    pub(super) fn on_quota(&mut self, context: &mut Context, kind: TrackKind) {
        let keep = self.keep(context);
        self.playback.playhead.tried_full_at_secs = keep.from_secs;
        let room = self.sink.make_room(context, kind, (keep, self.playback.ahead_limit_secs));
        match room {
            Room::Behind => {}
            Room::Ahead { from_secs, limit_secs } => {
                self.playback.ahead_limit_secs = limit_secs;
                let stream = self.streams.source_of(kind);
                self.downloads.cancel_stream(context, stream);
                if let Some(loader) = self.streams.get_mut(stream) {
                    loader.reposition(from_secs);
                }
            }
            Room::None { limit_secs } => {
                self.playback.ahead_limit_secs = limit_secs;
                if self.recovery.is_buffer_full_news() {
                    context.error(Error::BufferFull { track: kind.as_str() });
                }
            }
        }
    }

    fn watch_for_stall(&mut self, context: &mut Context) {
        let playable = self.sink.playable();
        let known = (self.playback.gaps.as_slice(), self.playback.max_gap_secs);
        match self.playback.playhead.remedy(context.now, &playable, known) {
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
        if self.streams.will_fill(from_secs) || self.sink.playable_soon() != playable {
            return;
        }
        if self.playback.playhead.may_fetch_hole(from_secs, SAME_HOLE_SECS) {
            return self.go_on_from(context, from_secs + 0.1);
        }
        if let Some(next) = time_ranges::next_range(playable, from_secs + 1e-6) {
            let end_secs = next.start_secs;
            self.playback.note_gap(TimeRange { start_secs: from_secs, end_secs });
        }
    }

    /// Whether media of this kind, which begins there, has to wait for a media source of its own; the
    /// segment under way, which it belongs to, is then given up.
    pub(super) fn is_misfit(
        &mut self,
        context: &mut Context,
        stream: StreamKind,
        (kind, begin_secs): (TrackKind, f64),
    ) -> bool {
        // It is not in place before it was seen whether it fits.
        if stream == StreamKind::NewAudio
            || self.sink.takes(kind, begin_secs > self.playback.playhead.secs() + MAX_OFFSET_SECS)
        {
            return false;
        }
        let Some(loader) = self.streams.get_mut(stream) else { return false };
        let Some(loading) = &loader.loading else { return false };
        match self.recovery.misfit.judge(loading.placed.start_secs) {
            Verdict::Wait => {
                loader.loading = None;
                self.downloads.cancel(context, Purpose::Segment(stream));
                true
            }
            Verdict::LeaveOut(is_news) => {
                if is_news {
                    let track = kind.as_str();
                    context.error(Error::DamagedMedia {
                        format: "stream",
                        problem: format!(
                            "a {track} track that was not there at the start is left out"
                        ),
                    });
                }
                false
            }
        }
    }

    /// Goes on with a new media source, once playback has come to the end of the present one.
    fn pass_misfit(&mut self, context: &mut Context) {
        if !self.recovery.misfit.is_waiting() {
            return;
        }
        let state = self.playback.playhead.state;
        let resume_secs = self.recovery.misfit.observe(misfit::Situation {
            playhead_secs: self.playback.playhead.secs(),
            playable: &self.sink.playable_soon(),
            wants_to_move: self.sink.has_started() && (!state.is_paused || state.is_seeking),
        });
        if let Some(resume_secs) = resume_secs {
            self.reopen(context, resume_secs);
        }
    }

    /// The browser refused an append of this span, or, without one, failed to decode what is near
    /// the playhead.
    pub(super) fn on_media_error(
        &mut self,
        context: &mut Context,
        error: Error,
        span: Option<TimeRange>,
    ) {
        if self.recovery.is_over {
            return;
        }
        let replaceable = self.replaceable_variant(context);
        let is_hopeless = !self.sink.has_media && replaceable.is_none();
        if is_hopeless || self.recovery.media_errors.is_hopeless() {
            return self.fail_for_good(context, error);
        }
        let playhead_secs = self.playback.playhead.secs();
        let suspect_secs = media_errors::suspect_secs(playhead_secs);
        let suspect = self.current_entry().and_then(|it| it.timeline.segment_at(suspect_secs));
        let suspect =
            suspect.map(|it| TimeRange { start_secs: it.start_secs, end_secs: it.end_secs });
        let resume = self.recovery.media_errors.observe(media_errors::Situation {
            playhead_secs,
            span: span.or(suspect),
            is_replaced: replaceable.is_some(),
        });
        match replaceable {
            Some(variant) => self.exclude_variant(context, variant, error),
            None => context.error(Error::DamagedMedia {
                format: "stream",
                problem: format!("{error}; playback starts anew"),
            }),
        }
        if let Some(gap) = resume.gap {
            self.playback.note_gap(gap);
        }
        self.reopen(context, resume.at_secs);
    }

    /// A new media source, filled from here on.
    fn reopen(&mut self, context: &mut Context, from_secs: f64) {
        for kind in StreamKind::ALL {
            self.downloads.cancel(context, Purpose::Segment(kind));
        }
        self.sink.close(context);
        self.sink = Sink::default();
        context.sink(SinkCommand::Open);
        self.streams.start_anew(from_secs);
        self.playback.playhead = Playhead::default();
        self.playback.playhead.seek(context, from_secs);
        context.needs_another_pass = true;
    }
}
