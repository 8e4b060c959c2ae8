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
    /// How fast it came in its last seconds ([`window_secs`]); the estimate before anything came.
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
/// What the rest takes at the usual rate is made so much of; for the lower variant as long is left as
/// it takes, up to the one, else the other; and the time of a request.
const REMAINING_SHARE: f64 = 1.2;
const MAX_LOWER_SECS: f64 = 5.0;
const LOWER_SECS: f64 = 2.0;
const REQUEST_SECS: f64 = 0.5;
/// A link of less than this share of what it was has not become slower, but stopped for a while.
const GONE_SHARE: f64 = 0.1;
/// A download of more than this takes long.
const LONG_SECS: f64 = 4.0;
/// Share of the buffer that the lower variant may take.
const LOWER_SHARE: f64 = 0.8;

/// Over how long a download's rate is taken: what it was before says nothing of a link that
/// changed.
#[must_use]
pub fn window_secs(buffer_secs: f64) -> f64 {
    (buffer_secs / 3.0).clamp(3.0, MAX_WATCHED_SECS)
}

/// The bit rate that a variant may have to come in time where this one does not: at most `factor` of
/// what comes just now, and no more than fits into the buffer.
#[must_use]
pub fn lower_limit_bps(recent_bps: f64, factor: f64, buffer_secs: f64, media_secs: f64) -> f64 {
    recent_bps * factor.min(LOWER_SHARE * buffer_secs.max(0.0) / media_secs.max(0.1))
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
    let is_gain = lower_secs < left_secs;
    // A lower one that takes long has to begin while it is still in time.
    let is_last_chance =
        lower_secs > LONG_SECS && (lower_secs..2.0 * lower_secs).contains(&progress.buffer_secs);
    // A link that stopped for a moment goes on as before: there is time as long as the rest would then
    // still be in time. Most blips are over by then, and a variant given up for one costs two changes.
    let remaining_secs = REMAINING_SHARE * left_bits / progress.usual_bps.max(1.0);
    // One that takes long now would not be in time either.
    let lower_secs = if lower_secs <= MAX_LOWER_SECS { lower_secs } else { LOWER_SECS };
    // A link that is all but gone comes back as it was, or the lower one is in time by itself; one that
    // became slower stays so.
    let is_gone = measured_bps < GONE_SHARE * progress.usual_bps;
    let needed_secs =
        if is_gone { remaining_secs.max(lower_secs) } else { remaining_secs + lower_secs }
            + REQUEST_SECS;
    let has_waited_long =
        progress.elapsed_secs >= MAX_WATCHED_SECS || progress.buffer_secs <= needed_secs;
    left_secs > progress.buffer_secs && is_gain && (has_waited_long || is_last_chance)
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
        let then = Progress { buffer_secs: 2.6, ..was_fast };
        assert!(!should_abandon(then), "the lower one needs no time beside it");
        assert!(should_abandon(Progress { buffer_secs: 2.4, ..was_fast }), "by then no longer");
        let small = Progress { lower_bytes: 200_000, ..was_fast };
        assert!(!should_abandon(Progress { buffer_secs: 4.6, ..small }));
        assert!(should_abandon(Progress { buffer_secs: 4.4, ..small }), "four seconds for it");
        let last_chance = Progress { buffer_secs: 12.0, ..SLOW };
        assert!(should_abandon(last_chance), "the lower one takes ten seconds");
    }

    #[test]
    fn what_takes_its_place_fits_into_the_buffer() {
        assert_eq!(lower_limit_bps(1e6, 0.7, 20.0, 4.0), 0.7e6);
        assert_eq!(lower_limit_bps(1e6, 0.7, 2.0, 4.0), 0.4e6);
        assert_eq!(lower_limit_bps(1e6, 0.7, -1.0, 4.0), 0.0);
    }

    #[test]
    fn nonsense_is_never_a_reason() {
        let nothing = Progress { received_bytes: 0, recent_bps: 0.0, ..SLOW };
        assert!(!should_abandon(nothing));
        assert!(!should_abandon(Progress { recent_bps: f64::NAN, ..nothing }));
        assert!(!should_abandon(Progress { expected_bytes: 0, ..SLOW }));
    }
}
