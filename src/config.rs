//! Everything about the engine that a page, a test or a measurement may want to turn.
//!
//! Plain numbers with units in their names and the reason beside each default. Nothing here acts.

use crate::time::Duration;

/// All of the engine's settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EngineConfig {
    /// How much is kept buffered.
    pub buffer: BufferConfig,
    /// How a variant is chosen.
    pub abr: AbrConfig,
    /// How a live edge is followed.
    pub live: LiveConfig,
    /// Which sound is chosen.
    pub audio: AudioConfig,
    /// How failed requests are repeated.
    pub retry: RetryConfig,
    /// Seeds the jitter of retries, so that runs can be repeated.
    pub seed: u64,
}

impl EngineConfig {
    /// The same with every value in a range that playback can do something with: a page may give
    /// anything. What is no number is the default.
    #[must_use]
    pub fn checked(self) -> Self {
        let mut checked = self;
        let usual = Self::default();
        let within = |value: &mut f64, usual: f64, least: f64, most: f64| {
            // Not `clamp`, which keeps NaN.
            *value = if value.is_nan() { usual } else { value.max(least).min(most) };
        };
        let Self { buffer, abr, live, retry, .. } = &mut checked;
        within(&mut buffer.ahead_secs, usual.buffer.ahead_secs, 1.0, HOUR_SECS);
        within(&mut buffer.behind_secs, usual.buffer.behind_secs, 0.0, HOUR_SECS);
        within(&mut buffer.max_gap_secs, usual.buffer.max_gap_secs, 0.0, HOUR_SECS);
        buffer.ahead_bytes = buffer.ahead_bytes.max(1 << 20);
        within(&mut abr.initial_bps, usual.abr.initial_bps, 1e3, 1e12);
        within(&mut abr.fast_half_life_secs, usual.abr.fast_half_life_secs, 0.1, HOUR_SECS);
        within(&mut abr.slow_half_life_secs, usual.abr.slow_half_life_secs, 0.1, HOUR_SECS);
        within(&mut abr.up_factor, usual.abr.up_factor, 0.01, 10.0);
        for secs in [&mut live.target_latency_secs, &mut live.max_latency_secs] {
            *secs = secs.filter(|secs| (0.0..=24.0 * HOUR_SECS).contains(secs));
        }
        within(&mut live.min_playback_rate, usual.live.min_playback_rate, 0.5, 1.0);
        within(&mut live.max_playback_rate, usual.live.max_playback_rate, 1.0, 2.0);
        retry.max_retries = retry.max_retries.min(100);
        for (wait, least_millis) in [
            (&mut retry.min_delay, 100),
            (&mut retry.max_delay, 100),
            (&mut retry.first_byte_timeout, 1000),
            (&mut retry.idle_timeout, 1000),
            (&mut retry.total_timeout, 1000),
        ] {
            *wait = (*wait).max(Duration::from_millis(least_millis)).min(Duration::from_secs(3600));
        }
        checked
    }
}

const HOUR_SECS: f64 = 3600.0;

/// Buffer goals.
#[derive(Debug, Clone, PartialEq)]
pub struct BufferConfig {
    /// Media kept ahead of the playhead: what outlasts the bad minutes of a link that swings.
    pub ahead_secs: f64,
    /// Media kept behind the playhead for quick seeks back.
    pub behind_secs: f64,
    /// The most bytes kept ahead, whatever the seconds: 4K fills a browser's quota early
    /// (Chromium has 150 MB for video, Firefox 100).
    pub ahead_bytes: u64,
    /// A hole in the buffer up to this long is jumped over; a longer one is refetched.
    pub max_gap_secs: f64,
}

impl Default for BufferConfig {
    fn default() -> Self {
        Self { ahead_secs: 90.0, behind_secs: 30.0, ahead_bytes: 100_000_000, max_gap_secs: 0.5 }
    }
}

/// Adaptive bit rate.
#[derive(Debug, Clone, PartialEq)]
pub struct AbrConfig {
    /// Assumed until something was measured.
    pub initial_bps: f64,
    /// Half-life of the fast throughput average, in seconds of download.
    pub fast_half_life_secs: f64,
    /// Half-life of the slow throughput average, in seconds of download.
    pub slow_half_life_secs: f64,
    /// Share of the estimate a variant may use where there is no buffer to plan over: at the start,
    /// and after a download was given up.
    pub up_factor: f64,
    /// Never pick a variant much larger than what the page shows of it.
    pub cap_to_viewport: bool,
}

impl Default for AbrConfig {
    fn default() -> Self {
        Self {
            initial_bps: 1_500_000.0,
            fast_half_life_secs: 3.0,
            slow_half_life_secs: 40.0,
            up_factor: 0.7,
            cap_to_viewport: true,
        }
    }
}

/// Live streams.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveConfig {
    /// Wanted distance from the live edge (the page's `targetLatency`); `None` takes HOLD-BACK, else three target durations
    /// (RFC 8216bis 6.3.3).
    pub target_latency_secs: Option<f64>,
    /// The slowest that playback is made when it is nearer to the edge than wanted; 1 leaves it.
    pub min_playback_rate: f64,
    /// The fastest that playback is made to catch up; 1 leaves it.
    pub max_playback_rate: f64,
    /// Further than this behind the live point playback jumps there. `None` is twice the wanted
    /// distance, four seconds at least: what catching up would take more than about a minute for.
    pub max_latency_secs: Option<f64>,
}

impl Default for LiveConfig {
    fn default() -> Self {
        // A tenth faster is seen by few and, with its pitch kept, heard by few.
        Self {
            target_latency_secs: None,
            min_playback_rate: 0.95,
            max_playback_rate: 1.1,
            max_latency_secs: None,
        }
    }
}

/// Audio renditions. Languages are tags of BCP 47, the one wanted most first; `en` also finds `en-GB`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AudioConfig {
    /// Wanted by the page: any rendition that has it.
    pub languages: Vec<String>,
    /// The viewer's, as browsers give them (`navigator.languages`): of what the author offers for that
    /// (AUTOSELECT). Without any, what the author prefers (DEFAULT) is played.
    pub viewer_languages: Vec<String>,
}

/// Retries, per request.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryConfig {
    /// Tries after the first one.
    pub max_retries: u32,
    /// Wait before the first retry; doubled for each further one.
    pub min_delay: Duration,
    /// The longest wait.
    pub max_delay: Duration,
    /// No answer's first byte within this: timeout.
    pub first_byte_timeout: Duration,
    /// No further byte within this: timeout.
    pub idle_timeout: Duration,
    /// Not whole within this from its first byte on: timeout. A segment may take longer, as long as
    /// it comes at 100 kbit/s.
    pub total_timeout: Duration,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_retries: 4,
            min_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(8),
            first_byte_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_may_give_is_brought_into_range() {
        let usual = EngineConfig { seed: 7, ..EngineConfig::default() };
        assert_eq!(usual.clone().checked(), usual);
        for nonsense in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300, 1e300] {
            let mut config = EngineConfig::default();
            config.buffer.ahead_secs = nonsense;
            config.abr.initial_bps = nonsense;
            config.live.target_latency_secs = Some(nonsense);
            config.live.max_playback_rate = nonsense;
            config.retry.min_delay = Duration::MAX;
            let config = config.checked();
            assert!((1.0..=3600.0).contains(&config.buffer.ahead_secs), "{nonsense}");
            assert!((1e3..=1e12).contains(&config.abr.initial_bps), "{nonsense}");
            assert_eq!(config.live.target_latency_secs, None, "{nonsense}");
            assert!((1.0..=2.0).contains(&config.live.max_playback_rate), "{nonsense}");
            assert!(config.retry.min_delay <= Duration::from_secs(3600));
        }
    }
}
