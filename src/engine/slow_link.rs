//! A link too slow for the quality that the viewer insists on.
//!
//! In: the selection, what the media weighs, the throughput, a playhead that ran dry. Out: appends held
//! back until a good while can be played, and one warning with the figures. An element that is given
//! nothing waits by itself: `paused`, its rate and its events stay true in every browser. It chooses
//! no variant, and lets go where the link carries what is played, nothing more comes, or the viewer
//! pauses, seeks or takes another quality.

use super::context::Context;
use super::downloads::{Purpose, StreamKind};
use super::session::Session;
use crate::error::Error;

/// So long playback should go on before it runs dry again.
const STRETCH_SECS: f64 = 40.0;
/// What is loaded for it, within these bounds: nobody waits for ever either.
const LOADED_SECS: (f64, f64) = (10.0, 20.0);
/// Of the hold-back of a live stream no more than this share, or playback would be so far behind by
/// then that it jumps over what was loaded.
const LIVE_SHARE: f64 = 0.5;
/// Over how long the rate of what is under way is taken.
const WATCHED_SECS: f64 = 3.0;
/// With less than this ahead an element that does not play has run dry.
const DRY_SECS: f64 = 0.5;
/// A link that carries so many times what is needed is another one: if it slows down again, that is
/// reported again.
const AMPLE: f64 = 1.5;

/// What is done about it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SlowLink {
    /// Appends wait.
    pub is_holding: bool,
    is_reported: bool,
}

impl Session {
    /// Decides whether appends wait.
    pub(super) fn hold_for_slow_link(&mut self, context: &mut Context) {
        let needed_bps =
            self.sink.newest_bps() * self.playback.playhead.state.playback_rate.max(0.0);
        // What comes now counts as well: after a blip the averages are low for a while.
        let coming_bps = self.coming_bps(context);
        let averages_bps = context.bandwidth.fast_bps().max(context.bandwidth.slow_bps());
        let had_bps = averages_bps.max(coming_bps.unwrap_or(0.0));
        self.playback.slow_link.is_reported &= had_bps < needed_bps * AMPLE;
        let is_seen = coming_bps.is_some() || self.playback.slow_link.is_holding;
        let is_too_slow = self.is_forced() && is_seen && had_bps < needed_bps;
        let is_dry = is_too_slow && self.is_coming() && self.has_run_dry();
        let live_secs = self.target_latency_secs(context).map(|secs| secs * LIVE_SHARE);
        let (least, most) = LOADED_SECS;
        let goal_secs = (STRETCH_SECS * (1.0 - had_bps / needed_bps)).max(least).min(most);
        let goal_secs = goal_secs.min(live_secs.unwrap_or(most));
        self.playback.slow_link.is_holding = is_dry && self.ahead_secs() < goal_secs;
        if is_dry && !core::mem::replace(&mut self.playback.slow_link.is_reported, true) {
            let [needed_bps, had_bps] = [needed_bps, had_bps].map(|bps| bps as u64);
            context.error(Error::LinkTooSlow { needed_bps, had_bps });
        }
    }

    /// How fast the segment under way comes; `None` until it was watched for a second.
    fn coming_bps(&self, context: &Context) -> Option<f64> {
        let flight = self.downloads.flight(Purpose::Segment(StreamKind::Main))?;
        let recent = flight.bursts.recent(context.now, WATCHED_SECS);
        let secs = recent.transfer.as_secs_f64();
        (secs >= 1.0).then_some(recent.bytes as f64 * 8.0 / secs)
    }

    /// No lower variant may take over.
    fn is_forced(&self) -> bool {
        !self.selector.is_auto() || self.sources.variant_set.ids().count() < 2
    }

    /// Media is on its way to an element that waits for it where it stands.
    fn is_coming(&self) -> bool {
        let state = &self.playback.playhead.state;
        self.streams.is_loading() && !self.recovery.is_over && !state.is_paused && !state.is_seeking
    }

    /// The element played all that it was given.
    fn has_run_dry(&self) -> bool {
        const HAVE_FUTURE_DATA: u8 = 3;
        let state = &self.playback.playhead.state;
        let left_secs = |end_secs: f64| (end_secs - state.current_time_secs).abs();
        let playable = self.sink.playable();
        state.ready_state < HAVE_FUTURE_DATA
            && playable.last().is_some_and(|last| left_secs(last.end_secs) < DRY_SECS)
    }
}
