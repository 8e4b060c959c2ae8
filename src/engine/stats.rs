//! Figures for the page.
//!
//! In: counters and the state of the buffer. Out: `Stats`, twice a second at most and only while
//! inputs come. It measures nothing itself.

use super::context::Context;
use super::input::PlaybackState;
use super::output::{Event, Stats};
use super::session::Session;
use crate::time::Duration;

const INTERVAL: Duration = Duration::from_millis(500);

impl Session {
    pub(super) fn report_stats(&mut self, context: &mut Context) {
        let is_due = context.stats_sent_at.is_none_or(|at| context.now - at >= INTERVAL);
        if !is_due || self.start_secs.is_none() {
            return;
        }
        context.stats_sent_at = Some(context.now);
        let playhead_secs = self.playhead.secs();
        let live_edge_secs = self
            .current_entry()
            .filter(|entry| entry.timeline.is_live())
            .map(|entry| entry.timeline.end_secs());
        let situation = self.situation(context);
        let PlaybackState { current_time_secs, unix_millis, playback_rate, .. } =
            self.playhead.state;
        let shown_unix_millis = self
            .current_entry()
            .filter(|_| situation.is_some())
            .and_then(|entry| entry.timeline.unix_millis_at(current_time_secs));
        let counters = context.counters;
        context.event(Event::Stats(Stats {
            bandwidth_bps: context.bandwidth.measured_bps(),
            variant: self.variant,
            buffer_ahead_secs: self.ahead_secs().max(0.0),
            live_latency_secs: live_edge_secs.map(|edge_secs| edge_secs - playhead_secs),
            target_latency_secs: self.target_latency_secs(context),
            is_at_live_edge: situation.is_some_and(|it| self.latency.is_at_live_edge(&it)),
            end_to_end_latency_secs: unix_millis
                .zip(shown_unix_millis)
                .map(|(now, shown)| (now - shown) / 1000.0),
            playback_rate,
            stalls: self.latency.stalls,
            bytes_received: counters.bytes_received,
            segments_loaded: counters.segments_loaded,
            retries: counters.retries,
            gaps_jumped: counters.gaps_jumped,
        }));
    }
}
