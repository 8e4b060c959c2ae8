//! How long an answer is waited for that its server holds, or sends as it is made.
//!
//! In: a timeline. Out: timeouts other than the settings'. It times nothing: `web/` does, by the
//! request.

use crate::playlist::timeline::Timeline;
use crate::time::{Duration, seconds};

/// Other timeouts than the settings'.
#[derive(Debug, Clone, Copy)]
pub(super) struct LoadTimeouts {
    /// The settings' where that is longer.
    pub first_byte: Duration,
    /// The settings' where that is shorter.
    pub idle: Duration,
}

impl LoadTimeouts {
    /// How long a server may hold an answer, and how long what it sends as it is made may stop: it gives
    /// up by itself after three target durations (RFC 6.2.5.2).
    pub fn of_held(timeline: &Timeline) -> Self {
        const MAX_TARGET_SECS: f64 = 60.0;
        const MIN_IDLE_SECS: f64 = 2.0;
        let target_secs = timeline.playlist().map_or(0.0, |list| list.target_duration_secs);
        let target_secs = target_secs.min(MAX_TARGET_SECS);
        let idle_secs = timeline.interval_secs().min(target_secs).max(MIN_IDLE_SECS);
        Self { first_byte: seconds(3.0 * target_secs + 2.0), idle: seconds(idle_secs) }
    }
}
