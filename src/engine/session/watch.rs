//! Gathers what the watchers of a session need to know: the slow link, the standstill.
//!
//! In: nothing of its own. Out: appends held back or let go, warnings, the end of what makes no
//! progress.
//! The rules are those of [`crate::engine::slow_link`] and [`crate::engine::standstill`].

use super::Session;
use crate::engine::context::Context;
use crate::engine::kinds::StreamKind;
use crate::engine::slow_link::{self, DRY_SECS, WATCHED_SECS};
use crate::engine::standstill;
use crate::engine::wanted::Purpose;
use crate::error::Severity;

impl Session {
    /// Decides whether appends wait for a link too slow for the quality asked for.
    pub(super) fn hold_for_slow_link(&mut self, context: &mut Context) {
        let playhead = &self.playback.playhead;
        let state = &playhead.state;
        let bandwidth = &context.bandwidth;
        let playable = self.sink.playable();
        let is_loading = self.streams.is_loading() && !self.recovery.is_over;
        let flight = self.downloads.flight(Purpose::Segment(StreamKind::Main));
        let is_forced = !self.selector.is_auto() || self.sources.variant_set.ids().count() < 2;
        let situation = slow_link::Situation {
            is_forced,
            needed_bps: self.sink.newest_bps() * state.playback_rate.max(0.0),
            coming_bps: flight.and_then(|flight| {
                let recent = flight.bursts.recent(context.now, WATCHED_SECS);
                let secs = recent.transfer.as_secs_f64();
                (secs >= 1.0).then_some(recent.bytes as f64 * 8.0 / secs)
            }),
            average_bps: bandwidth.fast_bps().max(bandwidth.slow_bps()),
            is_coming: is_loading && !state.is_paused && !state.is_seeking,
            has_run_dry: is_forced
                && playhead.has_run_dry(playable.last().map(|it| it.end_secs), DRY_SECS),
            ahead_secs: self.ahead_secs(),
            live_target_secs: self.target_latency_secs(context),
        };
        if let Some(warning) = self.playback.slow_link.observe(situation) {
            context.error(warning);
        }
    }

    /// Reports a standstill, and ends what will not come.
    pub(super) fn watch_standstill(&mut self, context: &mut Context) {
        /// A few bytes now and then are no progress.
        const BYTES_SHIFT: u32 = 16;
        let state = &self.playback.playhead.state;
        let is_still = state.is_paused || state.is_ended || state.playback_rate == 0.0;
        let is_wanted = !self.sink.has_media || !is_still;
        let is_asked = context.is_online && self.playback.is_streaming && !self.recovery.is_over;
        let bytes = |kind| {
            let flight = self.downloads.flight(Purpose::Segment(kind));
            flight.map_or(0, |flight| flight.received_bytes >> BYTES_SHIFT)
        };
        let bytes = StreamKind::ALL.map(bytes);
        let situation = standstill::Situation {
            now: context.now,
            progress: (context.counters.segments_loaded, bytes, self.playback.playhead.secs()),
            is_waiting: is_wanted && is_asked,
            comes_back: self.comes_back(),
        };
        match self.recovery.standstill.observe(situation) {
            Some(error) if error.severity() == Severity::Fatal => {
                self.fail_for_good(context, error);
            }
            Some(warning) => context.error(warning),
            None => {}
        }
    }
}
