//! Whether anything moves at all: no state stands still for ever without a word.
//!
//! In: what was loaded, where the playhead is. Out: one warning for each standstill, and then the end
//! of a stream that never played, or of video on demand. A live stream that has played is waited for
//! ([`super::failures`]); who paused, is offline, or plays at rate 0 waits for nothing. It mends
//! nothing.

use super::context::Context;
use super::downloads::{Purpose, StreamKind};
use super::session::Session;
use crate::error::Error;
use crate::time::{Duration, Instant};

/// Then it is reported.
const REPORTED_AFTER: Duration = Duration::from_secs(30);
/// Then it is over.
const OVER_AFTER: Duration = Duration::from_secs(90);

/// What has moved so far: segments loaded, bytes of those under way, the playhead.
type Progress = (u64, [u64; StreamKind::ALL.len()], f64);

/// Since when nothing moves.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    since: Option<(Instant, Progress)>,
    is_reported: bool,
}

impl Standstill {
    /// When to look again.
    pub fn next_wake(&self) -> Option<Instant> {
        let (since, _) = self.since?;
        Some(since + if self.is_reported { OVER_AFTER } else { REPORTED_AFTER })
    }
}

impl Session {
    /// Tells of a standstill, and ends what will not come.
    pub(super) fn watch_standstill(&mut self, context: &mut Context) {
        let progress = self.progress(context);
        let is_waiting = self.is_waiting(context);
        let standstill = &mut self.recovery.standstill;
        let Some((since, _)) = standstill.since.filter(|(_, last)| is_waiting && *last == progress)
        else {
            let since = is_waiting.then_some((context.now, progress));
            *standstill = Standstill { since, is_reported: false };
            return;
        };
        let elapsed = context.now - since;
        let for_secs = elapsed.as_secs_f64();
        if elapsed >= REPORTED_AFTER && !core::mem::replace(&mut standstill.is_reported, true) {
            context.error(Error::PlaybackStalled { for_secs, is_final: false });
        }
        if elapsed >= OVER_AFTER {
            if self.comes_back() {
                self.recovery.standstill.since = None;
            } else {
                self.fail_for_good(context, Error::PlaybackStalled { for_secs, is_final: true });
            }
        }
    }

    fn is_waiting(&self, context: &Context) -> bool {
        let state = &self.playback.playhead.state;
        let is_still = state.is_paused || state.is_ended || state.playback_rate == 0.0;
        let is_wanted = !self.sink.has_media || !is_still;
        is_wanted && context.is_online && self.playback.is_streaming && !self.recovery.is_over
    }

    fn progress(&self, context: &Context) -> Progress {
        /// What drips is no progress.
        const BYTES_SHIFT: u32 = 16;
        let bytes = |kind| {
            let flight = self.downloads.flight(Purpose::Segment(kind));
            flight.map_or(0, |flight| flight.received_bytes >> BYTES_SHIFT)
        };
        let bytes = StreamKind::ALL.map(bytes);
        (context.counters.segments_loaded, bytes, self.playback.playhead.secs())
    }
}
