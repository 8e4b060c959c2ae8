//! Carries out what keeps a live stream live: the start, seeks to the live point, the window that
//! slides.
//!
//! In: what [`crate::engine::playback`] and [`crate::engine::latency`] make of the timeline. Out: the media element and
//! the segment loaders sent where they should be, `Timeline`, the media source's seekable range, the
//! end of the stream. It measures nothing.

use super::Session;
use crate::engine::context::Context;
use crate::engine::kinds::StreamKind;
use crate::engine::latency::{Act, Situation};
use crate::engine::output::{SinkCommand, TimelineInfo};
use crate::engine::playback::load_from_secs;
use crate::error::Error;
use crate::media::TimeRange;
use crate::playlist::timeline::PlacedSegment;

impl Session {
    /// Begins, once the first timeline is there.
    pub(super) fn choose_start(&mut self, context: &mut Context) {
        let Some(entry) = self.selector.current_entry(&self.sources) else { return };
        let Some(start_secs) = self.playback.choose_start(context, &entry.timeline) else { return };
        self.streams.reposition(load_from_secs(Some(entry), start_secs));
        context.needs_another_pass = true;
    }

    /// How far from the edge playback is to be; `None` where it is not live.
    pub(super) fn target_latency_secs(&self, context: &Context) -> Option<f64> {
        self.playback.target_latency_secs(context, self.current_entry()?)
    }

    pub(super) fn situation(&self, context: &Context) -> Option<Situation> {
        self.playback.situation(context, self.current_entry()?, self.ahead_secs())
    }

    /// Stays at the live point, by playback rate or, from far away, by a jump.
    pub(super) fn keep_latency(&mut self, context: &mut Context) {
        let Some(situation) = self.situation(context) else {
            // No longer live: nothing to catch up with.
            let state = &self.playback.playhead.state;
            if state.is_catchup_rate && state.playback_rate != 1.0 {
                context.sink(SinkCommand::SetRate { rate: 1.0 });
            }
            return;
        };
        match self.playback.latency.observe(&context.config.live, &situation) {
            Some(Act::SetRate(rate)) => context.sink(SinkCommand::SetRate { rate }),
            Some(Act::Jump { to_secs }) => {
                let live_secs = self.live_now_secs(context).unwrap_or(to_secs);
                self.jump_to(context, to_secs.max(live_secs));
            }
            None => {}
        }
    }

    pub(super) fn go_live(&mut self, context: &mut Context) {
        let Some(live_secs) = self.live_now_secs(context) else { return };
        self.playback.latency.is_following = true;
        self.jump_to(context, live_secs);
    }

    fn live_now_secs(&self, context: &Context) -> Option<f64> {
        self.playback.live_now_secs(context, self.current_entry()?)
    }

    fn jump_to(&mut self, context: &mut Context, to_secs: f64) {
        self.playback.playhead.seek(context, to_secs);
        self.go_on_from(context, to_secs);
    }

    /// Moves playback to the live point when it fell out of the window with nothing buffered.
    pub(super) fn follow_window(&mut self, context: &mut Context) {
        let live = self.current_entry().filter(|entry| entry.timeline.is_live());
        let Some(entry) = live else { return };
        let playhead_secs = self.playback.playhead.secs();
        let loading = self.streams.main().loading.as_ref();
        let is_loading = loading.is_some_and(|loading| loading.covers(playhead_secs));
        let soon = self.sink.playable_soon();
        let buffer = (soon.as_slice(), is_loading);
        let live_secs = self.playback.return_to_live_secs(context, entry, buffer);
        let Some(live_secs) = live_secs else { return };
        context.error(Error::BehindLiveWindow { skipped_secs: live_secs - playhead_secs });
        self.playback.latency.is_following = true;
        self.jump_to(context, live_secs);
    }

    /// The window slid past what is loaded: what lies between is a gap, loading goes on at the live
    /// point, and playback will jump there when its buffer is played out.
    pub(super) fn catch_up(&mut self, context: &mut Context, first: &PlacedSegment) {
        let place = (first.start_secs, self.ahead_secs());
        let found = self.playback.catch_up_secs(context, self.current_entry(), place);
        let Some((live_secs, resume_secs)) = found else { return };
        let from_secs = self.streams.main().end_secs();
        for kind in StreamKind::ALL {
            self.downloads.cancel_stream(context, kind);
        }
        self.streams.reposition(live_secs);
        self.playback.note_gap(TimeRange { start_secs: from_secs, end_secs: resume_secs });
        context.error(Error::BehindLiveWindow { skipped_secs: resume_secs - from_secs });
        context.needs_another_pass = true;
    }

    /// Reports every change of the timeline to the page and the media source.
    pub(super) fn report_timeline(&mut self, context: &mut Context) {
        let Some(entry) = self.selector.current_entry(&self.sources) else { return };
        let timeline = &entry.timeline;
        if timeline.segments().is_empty() {
            return;
        }
        let info = TimelineInfo {
            is_live: timeline.is_live(),
            start_secs: timeline.start_secs(),
            end_secs: timeline.end_secs(),
            live_secs: timeline.live_secs(self.playback.hold_back_secs(context, entry)),
            zero_unix_millis: timeline.zero_unix_millis(),
        };
        if !self.reports.is_news(info) {
            return;
        }
        if info.is_live {
            self.sink.set_seekable(context, info.start_secs, info.end_secs);
        }
        self.reports.timeline(context, info);
    }

    /// Ends the stream once everything is loaded and appended.
    pub(super) fn end_stream(&mut self, context: &mut Context) {
        let is_at_end = StreamKind::ALL.into_iter().all(|kind| self.is_stream_at_end(kind));
        if self.recovery.is_over || self.playback.start_secs.is_none() || !is_at_end {
            return;
        }
        if self.sink.has_media {
            return self.sink.end(context);
        }
        // All was skipped.
        let url = self.selector.variant.and_then(|variant| self.sources.variant_set.url(variant));
        if let Some(url) = url.filter(|_| self.sink.is_empty()) {
            let (url, line) = (url.to_owned(), 1);
            let problem = "none of its segments can be had".to_owned();
            self.fail_for_good(context, Error::Playlist { url, line, problem });
        }
    }
}
