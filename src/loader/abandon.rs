//! Whether a segment still on its way should be given up for a smaller one.
//!
//! In: how far the download is, how long the buffer lasts, what a lower variant would cost. Out:
//! yes or no. It asks once a second at most by its caller's grace and cancels nothing itself.

/// A download in progress and the alternative to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Since the request was made.
    pub elapsed_secs: f64,
    /// Since the first byte; zero before it.
    pub receiving_secs: f64,
    /// Bytes that came.
    pub received_bytes: u64,
    /// Content-Length, or bit rate times duration where the server did not say.
    pub expected_bytes: u64,
    /// The long-term throughput estimate, for the time before anything came.
    pub estimate_bps: f64,
    /// Media buffered ahead of the playhead, in seconds of playback.
    pub buffer_secs: f64,
    /// What the segment of the next lower variant would weigh.
    pub lower_bytes: u64,
}

/// Less than this was not watched long enough to judge.
const MIN_ELAPSED_SECS: f64 = 0.5;
/// Share of the buffer a download may use up before it is called starving.
const SAFE_SHARE: f64 = 0.9;

/// True where the download would outlast the buffer and the lower variant's would end sooner than
/// what is left of it.
#[must_use]
pub fn should_abandon(progress: Progress) -> bool {
    if progress.elapsed_secs < MIN_ELAPSED_SECS
        || progress.received_bytes >= progress.expected_bytes
    {
        return false;
    }
    let left_bits = (progress.expected_bytes - progress.received_bytes) as f64 * 8.0;
    // Before the first byte nothing is known of this download but its delay: take the estimate,
    // and count the delay on top of it for the alternative too (both need an answer).
    let measured_bps = if progress.receiving_secs > 0.25 && progress.received_bytes > 0 {
        progress.received_bytes as f64 * 8.0 / progress.receiving_secs
    } else {
        progress.estimate_bps
    };
    if measured_bps <= 0.0 || !measured_bps.is_finite() {
        return false;
    }
    let left_secs = left_bits / measured_bps;
    let lower_secs = progress.lower_bytes as f64 * 8.0 / measured_bps;
    left_secs > progress.buffer_secs * SAFE_SHARE && lower_secs < left_secs
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Progress = Progress {
        elapsed_secs: 2.0,
        receiving_secs: 1.9,
        received_bytes: 100_000,
        expected_bytes: 2_000_000,
        estimate_bps: 8_000_000.0,
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
    }

    #[test]
    fn nonsense_is_never_a_reason() {
        let nothing =
            Progress { received_bytes: 0, receiving_secs: 0.0, estimate_bps: 0.0, ..SLOW };
        assert!(!should_abandon(nothing));
        assert!(!should_abandon(Progress { estimate_bps: f64::NAN, ..nothing }));
        assert!(!should_abandon(Progress { expected_bytes: 0, ..SLOW }));
    }
}
