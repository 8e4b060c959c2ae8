//! Whether a segment still on its way should be given up for a smaller one.
//!
//! In: how far the download is, how long the buffer lasts, what a lower variant would cost. Out:
//! yes or no. It cancels nothing itself.

/// A download in progress and the alternative to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Since the request was made.
    pub elapsed_secs: f64,
    /// Bytes that came.
    pub received_bytes: u64,
    /// Content-Length, or bit rate times duration where the server did not say.
    pub expected_bytes: u64,
    /// How fast it came of late ([`window_secs`]); the estimate before anything came.
    pub recent_bps: f64,
    /// What the link carries on the whole.
    pub usual_bps: f64,
    /// Media buffered ahead of the playhead, in seconds of playback.
    pub buffer_secs: f64,
    /// What the segment of the next lower variant would weigh.
    pub lower_bytes: u64,
}

/// Less than this was not watched long enough to judge.
const MIN_WATCHED_SECS: f64 = 0.5;
/// The longest that a download is watched before it is judged.
const MAX_WATCHED_SECS: f64 = 10.0;
/// What the rest takes at the usual rate is made so much of, and so much is left for the lower
/// variant, for as long as that takes and the time of a request.
const REST_SHARE: f64 = 1.2;
const LOWER_SECS: f64 = 2.0;
const REQUEST_SECS: f64 = 0.5;
/// A download of more than this takes long.
const LONG_SECS: f64 = 4.0;
/// Share of the buffer a download may use up before it is called starving.
const SAFE_SHARE: f64 = 0.9;

/// Over how long a download's rate is taken: what it was before says nothing of a link that
/// changed.
#[must_use]
pub fn window_secs(buffer_secs: f64) -> f64 {
    (buffer_secs / 3.0).clamp(3.0, MAX_WATCHED_SECS)
}

/// True where the download would outlast the buffer and the lower variant's would end sooner than
/// what is left of it.
#[must_use]
pub fn should_abandon(progress: Progress) -> bool {
    let is_watched = progress.elapsed_secs >= MIN_WATCHED_SECS;
    if !is_watched || progress.received_bytes >= progress.expected_bytes {
        return false;
    }
    let left_bits = (progress.expected_bytes - progress.received_bytes) as f64 * 8.0;
    let measured_bps = progress.recent_bps;
    if measured_bps <= 0.0 || !measured_bps.is_finite() {
        return false;
    }
    let left_secs = left_bits / measured_bps;
    let lower_secs = progress.lower_bytes as f64 * 8.0 / measured_bps;
    // A lower one that takes long has to begin while it is still in time.
    let is_last_chance =
        lower_secs > LONG_SECS && (lower_secs..2.0 * lower_secs).contains(&progress.buffer_secs);
    // A link that stopped for a moment goes on as before: there is time as long as the rest would then
    // still be in time. Most blips are over by then, and a variant given up for one costs two changes.
    let rest_secs = left_bits / progress.usual_bps.max(1.0);
    let needed_secs = REST_SHARE * rest_secs + lower_secs.min(LOWER_SECS) + REQUEST_SECS;
    let is_patience_over =
        progress.elapsed_secs >= MAX_WATCHED_SECS || progress.buffer_secs <= needed_secs;
    left_secs > progress.buffer_secs * SAFE_SHARE
        && lower_secs < left_secs
        && (is_patience_over || is_last_chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Progress = Progress {
        elapsed_secs: 3.0,
        received_bytes: 100_000,
        expected_bytes: 2_000_000,
        recent_bps: 400_000.0,
        usual_bps: 4_000_000.0,
        buffer_secs: 6.0,
        lower_bytes: 500_000,
    };

    #[test]
    fn a_download_that_outlasts_the_buffer_is_given_up() {
        assert!(should_abandon(SLOW));
        assert!(!should_abandon(Progress { buffer_secs: 60.0, ..SLOW }), "the buffer lasts");
        assert!(!should_abandon(Progress { received_bytes: 1_900_000, ..SLOW }), "nearly there");
        assert!(!should_abandon(Progress { lower_bytes: 1_950_000, ..SLOW }), "no gain");
        assert!(!should_abandon(Progress { elapsed_secs: 0.2, ..SLOW }), "too early to say");
        let ample = Progress { buffer_secs: 30.0, ..SLOW };
        assert!(!should_abandon(ample), "there is time to see whether it was a blip");
        assert!(should_abandon(Progress { elapsed_secs: 10.0, ..ample }));
        let was_fast = Progress { usual_bps: 40_000_000.0, ..SLOW };
        assert!(!should_abandon(was_fast), "if it goes on as before it is in time");
        assert!(should_abandon(Progress { buffer_secs: 2.9, ..was_fast }), "by then no longer");
        let last_chance = Progress { buffer_secs: 12.0, ..SLOW };
        assert!(should_abandon(last_chance), "the lower one takes ten seconds");
    }

    #[test]
    fn nonsense_is_never_a_reason() {
        let nothing = Progress { received_bytes: 0, recent_bps: 0.0, ..SLOW };
        assert!(!should_abandon(nothing));
        assert!(!should_abandon(Progress { recent_bps: f64::NAN, ..nothing }));
        assert!(!should_abandon(Progress { expected_bytes: 0, ..SLOW }));
    }
}
