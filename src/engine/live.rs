//! Where playback begins, the live point, and the window that slides.
//!
//! In: the timeline of the present variant, the playhead. Out: the start, seeks to the live point,
//! `Timeline`, the media source's seekable range, and what [`super::latency`] decides, carried out.
//! RFC 8216bis 6.3.3 says how far from the edge to stay.

use super::context::Context;
use super::downloads::{Purpose, StreamKind};
use super::latency::{Act, Ends, Situation};
use super::output::{Event, SinkCommand, TimelineInfo};
use super::session::Session;
use crate::buffer::time_ranges;
use crate::error::Error;
use crate::media::TimeRange;
use crate::playlist::timeline::PlacedSegment;

/// An edge that moved by this much is reported.
const REPORT_STEP_SECS: f64 = 0.25;

impl Session {
    /// Decides where playback begins, once the first timeline is there.
    pub(super) fn choose_start(&mut self, context: &mut Context) {
        if self.start_secs.is_some() {
            return;
        }
        let wanted_secs = self.options.start_secs;
        let hold_back_secs = context.config.live.target_latency_secs;
        let Some(entry) = self.current_entry() else { return };
        let timeline = &entry.timeline;
        if timeline.segments().is_empty() {
            return;
        }
        let live_secs = timeline.live_secs(hold_back_secs);
        // Not `clamp`: it panics where a playlist's times are crossed, and its message formats floats.
        let start_secs = wanted_secs
            .map(|secs| secs.max(timeline.start_secs()).min(timeline.end_secs()))
            .or_else(|| timeline.preferred_start_secs())
            .or(live_secs)
            .unwrap_or_else(|| timeline.start_secs());
        let is_following = wanted_secs.is_none() && timeline.preferred_start_secs().is_none();
        self.latency.is_following = is_following;
        self.start_secs = Some(start_secs);
        self.needs_another_pass = true;
        let from_secs = self.load_from_secs(start_secs);
        for loader in [Some(&mut self.main), self.audio.as_mut()].into_iter().flatten() {
            loader.reposition(from_secs);
        }
        if start_secs > 0.0 {
            self.playhead.seek(context, start_secs);
        }
    }

    /// The live point of the present variant; `None` where it is not live.
    fn live_secs(&self, context: &Context) -> Option<f64> {
        let target_secs = self.target_latency_secs(context)?;
        self.current_entry()?.timeline.live_secs(Some(target_secs))
    }

    /// How far from the edge playback is to be, what stalls added included; `None` where it is not
    /// live.
    pub(super) fn target_latency_secs(&self, context: &Context) -> Option<f64> {
        Some(self.latency.target_secs(self.hold_back_secs(context)?))
    }

    /// The same without what stalls added: what the page says, else the playlist, else what this link
    /// was seen to need.
    fn hold_back_secs(&self, context: &Context) -> Option<f64> {
        let wanted_secs = context.config.live.target_latency_secs;
        let timeline = &self.current_entry()?.timeline;
        let hold_back_secs = timeline.hold_back_secs(wanted_secs)?;
        let is_open = wanted_secs.is_none() && timeline.is_held_back_by_guess();
        Some(match is_open {
            true => self.latency.reserve_secs(context.now, hold_back_secs),
            false => hold_back_secs,
        })
    }

    /// Tells [`super::latency`] how far the timeline and the buffer reach.
    pub(super) fn watch_edge(&mut self, context: &Context) {
        let Some(entry) = self.current_entry().filter(|entry| entry.timeline.is_live()) else {
            return;
        };
        let ends = Ends {
            edge_secs: entry.timeline.end_secs(),
            step_secs: entry.step_secs(),
            playable_secs: self.sink.playable_end_secs(),
        };
        self.latency.note_edge(context.now, ends);
    }

    /// What [`super::latency`] asks for; `None` where it is not live.
    pub(super) fn situation(&self, context: &Context) -> Option<Situation> {
        let entry = self.current_entry()?;
        let timeline = &entry.timeline;
        let target_secs = self.hold_back_secs(context)?;
        Some(Situation {
            now: context.now,
            edge_secs: timeline.end_secs(),
            target_secs,
            playhead_secs: self.playhead.secs(),
            ahead_secs: self.ahead_secs(),
            state: self.playhead.state,
        })
    }

    /// Stays at the live point, by playback rate or, from far away, by a jump.
    pub(super) fn keep_latency(&mut self, context: &mut Context) {
        let Some(situation) = self.situation(context) else {
            // No longer live: nothing to catch up with.
            if self.playhead.state.is_catchup_rate && self.playhead.state.playback_rate != 1.0 {
                context.sink(SinkCommand::SetRate { rate: 1.0 });
            }
            return;
        };
        match self.latency.observe(&context.config.live, &situation) {
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
        self.latency.is_following = true;
        self.jump_to(context, live_secs);
    }

    /// The live point, with what was made since the list came.
    fn live_now_secs(&self, context: &Context) -> Option<f64> {
        let live_secs = self.live_secs(context)?;
        let entry = self.current_entry()?;
        // The list may be a while old: who is far behind the edge does not follow it. Where every
        // second counts, that one does.
        let is_low_latency = entry.step_secs() < entry.target_secs();
        let since_secs = if is_low_latency { entry.age(context.now).as_secs_f64() } else { 0.0 };
        let since_secs = since_secs.min(entry.target_secs());
        Some((live_secs + since_secs).min(entry.timeline.end_secs()).max(live_secs))
    }

    fn jump_to(&mut self, context: &mut Context, to_secs: f64) {
        self.playhead.seek(context, to_secs);
        self.go_on_from(context, StreamKind::Main, to_secs);
        self.go_on_from(context, StreamKind::Audio, to_secs);
    }

    /// Moves playback to the live point when it fell out of the window with nothing buffered.
    pub(super) fn follow_window(&mut self, context: &mut Context) {
        let (Some(live_secs), Some(entry)) = (self.live_secs(context), self.current_entry()) else {
            return;
        };
        if self.start_secs.is_none() {
            return;
        }
        let window_start_secs = entry.timeline.start_secs();
        let playhead_secs = self.playhead.secs();
        let soon = self.sink.playable_soon();
        let is_dry = time_ranges::covered_until(&soon, playhead_secs) - playhead_secs < 0.1;
        // Half a segment: the rounding of EXTINF is no reason to jump.
        let is_out = playhead_secs < window_start_secs - entry.target_secs() / 2.0;
        let is_loading =
            self.main.loading.as_ref().is_some_and(|loading| loading.covers(playhead_secs));
        // `catch_up` may have been here first; then the hole is jumped over.
        let is_caught_up = soon.last().is_some_and(|last| last.end_secs > window_start_secs);
        if is_out && is_dry && !is_loading && !is_caught_up {
            context.error(Error::BehindLiveWindow { skipped_secs: live_secs - playhead_secs });
            self.latency.is_following = true;
            self.jump_to(context, live_secs);
        }
    }

    /// The window slid past what is loaded: what lies between is a gap, loading goes on at the live
    /// point, and playback will jump there when its buffer is played out.
    pub(super) fn catch_up(&mut self, context: &mut Context, first: &PlacedSegment) {
        // Not yet while much is buffered: by then the live point would be another. A paused
        // player may stay away for hours.
        let reserve_secs = self.current_entry().map_or(0.0, |entry| 2.0 * entry.target_secs());
        if self.playhead.state.is_paused || self.ahead_secs() > reserve_secs {
            return;
        }
        let live_secs = self.live_secs(context).unwrap_or(first.start_secs).max(first.start_secs);
        let from_secs = self.main.end_secs();
        for kind in [StreamKind::Main, StreamKind::Audio] {
            self.downloads.cancel(context, Purpose::Segment(kind));
            self.downloads.cancel(context, Purpose::Init(kind));
            if let Some(loader) = self.loader_mut(kind) {
                loader.reposition(live_secs);
            }
        }
        // Up to the start of the segment that covers the live point.
        let resume_secs = self
            .current_entry()
            .and_then(|entry| entry.timeline.segment_at(live_secs))
            .map_or(live_secs, |placed| placed.start_secs);
        self.note_gap(TimeRange { start_secs: from_secs, end_secs: resume_secs });
        context.error(Error::BehindLiveWindow { skipped_secs: resume_secs - from_secs });
        self.needs_another_pass = true;
    }

    /// Tells the page and the media source of every change of the timeline.
    pub(super) fn report_timeline(&mut self, context: &mut Context) {
        let Some(entry) = self.current_entry() else { return };
        let timeline = &entry.timeline;
        if timeline.segments().is_empty() {
            return;
        }
        let info = TimelineInfo {
            is_live: timeline.is_live(),
            start_secs: timeline.start_secs(),
            end_secs: timeline.end_secs(),
            live_secs: timeline.live_secs(self.hold_back_secs(context)),
            zero_unix_millis: timeline.zero_unix_millis(),
        };
        // An edge that moves with every picture is not reported so often.
        let is_reported = self.timeline_info.is_some_and(|reported| {
            let TimelineInfo { end_secs, live_secs, .. } = info;
            let is_near = |now: f64, then: f64| (now - then).abs() < REPORT_STEP_SECS;
            let is_small = info.is_live
                && is_near(end_secs, reported.end_secs)
                && live_secs.zip(reported.live_secs).is_some_and(|(now, then)| is_near(now, then));
            reported == info || is_small && TimelineInfo { end_secs, live_secs, ..reported } == info
        });
        if is_reported {
            return;
        }
        if info.is_live {
            self.sink.set_seekable(context, info.start_secs, info.end_secs);
        }
        self.timeline_info = Some(info);
        context.event(Event::Timeline(info));
    }

    /// Ends the stream once everything is loaded and appended.
    pub(super) fn end_stream(&mut self, context: &mut Context) {
        let loaders = [StreamKind::Main, StreamKind::Audio];
        let is_at_end = loaders.into_iter().all(|kind| self.is_loader_at_end(kind));
        if self.is_over || self.start_secs.is_none() || !is_at_end {
            return;
        }
        if self.sink.has_media {
            return self.sink.end(context);
        }
        // All was skipped.
        if self.sink.is_empty()
            && let Some(url) = self.variant.and_then(|variant| self.variant_set.url(variant))
        {
            let (url, line) = (url.to_owned(), 1);
            let problem = "none of its segments can be had".to_owned();
            self.fail_for_good(context, Error::Playlist { url, line, problem });
        }
    }
}
