//! When to load a media playlist again (RFC 8216bis 6.3.4), and when it has stalled.
//!
//! In: the newest playlist, when it was asked for, whether it had changed. Out: the earliest
//! moment of the next request. Pure functions: retries after failures are the loader's.

use super::timeline::Timeline;
use crate::time::{Duration, Instant, seconds};

/// The bounds of the interval derived from EXT-X-TARGETDURATION: a target of zero must not make a
/// storm of requests, nor an absurd one a playlist that is never loaded again.
const MIN_INTERVAL_SECS: f64 = 0.5;
const MAX_INTERVAL_SECS: f64 = 60.0;

/// How many target durations without a change make a stall.
pub const STALL_TARGET_DURATIONS: f64 = 3.0;

/// What is known of the last load of a playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastLoad {
    /// When its request began: the RFC counts from there, so that a slow answer does not slow the
    /// next one.
    pub requested_at: Instant,
    /// Whether it differed from the one before ([`super::timeline::Merge`] tells); true for the
    /// first.
    pub is_changed: bool,
}

/// The earliest moment of the next request, or `None` where the playlist will never change.
///
/// One target duration after the start of the last request, half of one where that brought
/// nothing new. (For playlists with parts see [`super::directives`].)
#[must_use]
pub fn next_reload(timeline: &Timeline, last: LastLoad) -> Option<Instant> {
    if !timeline.is_live() {
        return None;
    }
    let target = interval_secs(timeline);
    let wait_secs = if last.is_changed { target } else { target / 2.0 };
    Some(last.requested_at + seconds(wait_secs))
}

/// For how long the playlist has not changed, where that is more than
/// [`STALL_TARGET_DURATIONS`] and it should have: something to tell the viewer.
#[must_use]
pub fn stalled_for(
    timeline: &Timeline,
    last_changed_at: Instant,
    now: Instant,
) -> Option<Duration> {
    let unchanged_for = now.since(last_changed_at);
    let limit_secs = STALL_TARGET_DURATIONS * interval_secs(timeline);
    (timeline.is_live() && unchanged_for.as_secs_f64() > limit_secs).then_some(unchanged_for)
}

fn interval_secs(timeline: &Timeline) -> f64 {
    let target_secs = timeline.interval_secs();
    // Not `clamp`: it keeps NaN.
    if target_secs > MIN_INTERVAL_SECS {
        target_secs.min(MAX_INTERVAL_SECS)
    } else {
        MIN_INTERVAL_SECS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MediaPlaylist, PlaylistKind};

    fn timeline(playlist: MediaPlaylist) -> Timeline {
        let mut timeline = Timeline::new();
        timeline.merge(playlist, None);
        timeline
    }

    fn live(target_duration_secs: f64) -> Timeline {
        timeline(MediaPlaylist { target_duration_secs, ..MediaPlaylist::default() })
    }

    fn at(secs: f64) -> Instant {
        Instant::from_millis(secs * 1000.0)
    }

    #[test]
    fn waits_a_target_duration_after_a_change_and_half_after_none() {
        let last = |is_changed| LastLoad { requested_at: at(10.0), is_changed };
        assert_eq!(next_reload(&live(6.0), last(true)), Some(at(16.0)));
        assert_eq!(next_reload(&live(6.0), last(false)), Some(at(13.0)));
        assert_eq!(next_reload(&live(0.0), last(true)), Some(at(10.5)));
        assert_eq!(next_reload(&live(f64::NAN), last(true)), Some(at(10.5)));
        assert_eq!(next_reload(&live(1e300), last(true)), Some(at(70.0)));
    }

    #[test]
    fn never_reloads_what_is_complete() {
        let last = LastLoad { requested_at: at(0.0), is_changed: true };
        let list = || MediaPlaylist { target_duration_secs: 6.0, ..MediaPlaylist::default() };
        let ended = timeline(MediaPlaylist { is_ended: true, ..list() });
        let vod = timeline(MediaPlaylist { kind: PlaylistKind::Vod, ..list() });
        let event = timeline(MediaPlaylist { kind: PlaylistKind::Event, ..list() });
        assert_eq!(next_reload(&ended, last), None);
        assert_eq!(next_reload(&vod, last), None);
        assert_eq!(next_reload(&event, last), Some(at(6.0)));
        assert_eq!(stalled_for(&ended, at(0.0), at(1000.0)), None);
    }

    #[test]
    fn stalls_after_three_target_durations() {
        assert_eq!(stalled_for(&live(2.0), at(1.0), at(7.0)), None);
        assert_eq!(stalled_for(&live(2.0), at(1.0), at(7.5)), Some(Duration::from_millis(6500)));
    }
}
