//! Throughput from finished downloads: two exponentially weighted averages, a fast and a slow one.
//!
//! In: [`ThroughputSample`]s. Out: bits per second, the lesser of the two averages, so that a drop
//! is believed at once and a rise only when it lasts. Latency is kept apart, or small segments
//! would make a fast link look slow. It refuses to guess from bodies too small to measure.

use super::bursts::Reading;
use super::sample::ThroughputSample;
use crate::config::AbrConfig;
use crate::time::{Duration, Instant};
use core::f64::consts::LN_2;

/// Bodies smaller than this say more of latency than of throughput.
pub const MIN_SAMPLE_BYTES: u64 = 16_000;

/// Shorter transfers come from a cache or one burst; they count as this long, so that they pull
/// the estimate up by little.
const MIN_TRANSFER_SECS: f64 = 0.005;

/// A body weighs as this share of its media's time at least: by its transfer alone hundreds of fast
/// ones would count as little as one slow one.
const MEDIA_WEIGHT: f64 = 0.5;

/// Added to the time of each body too small to measure, of which several make one sample: its first
/// bytes' own time is unknown.
const UNSEEN: Duration = Duration::from_millis(8);

/// How far the throughput of segments is from what was expected of it, as a logarithm: until that is
/// known; at most, as one blip says little of the link; and how much of it the newest one makes.
pub const USUAL_SPREAD: f64 = 0.35;
const MAX_OFF: f64 = 0.7;
const SPREAD_GAIN: f64 = 0.1;

/// A link that was once the limit is believed to have doubled after this time at most: bursts can
/// look faster than the link where something on the way gathers bytes.
const LIMIT_DOUBLES_SECS: f64 = 20.0;

/// An average that starts at zero and corrects for it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ewma {
    half_life_secs: f64,
    value: f64,
    weight_secs: f64,
}

/// What is left after a time of what halves in each half-life. Not by `exp2`: the 4 KB of its table
/// compress badly, and `exp` is there for the plan.
pub(super) fn decay(secs: f64, half_life_secs: f64) -> f64 {
    (-secs / half_life_secs * LN_2).exp()
}

impl Ewma {
    fn new(half_life_secs: f64) -> Self {
        // A half-life of zero would divide by zero; so short a one keeps only the last sample.
        Self { half_life_secs: half_life_secs.max(1e-3), value: 0.0, weight_secs: 0.0 }
    }

    fn add(&mut self, weight_secs: f64, value: f64) {
        let kept = decay(weight_secs, self.half_life_secs);
        self.value = value * (1.0 - kept) + self.value * kept;
        self.weight_secs += weight_secs;
    }

    /// Forgets what was better than this.
    fn cap(&mut self, most: f64) {
        if let Some(value) = self.corrected().filter(|value| *value > most) {
            self.value *= most / value;
        }
    }

    /// Forgets what was worse than this.
    fn raise(&mut self, least: f64) {
        if let Some(value) = self.corrected().filter(|value| *value < least && *value > 0.0) {
            self.value *= least / value;
        }
    }

    /// Without the pull of the zero it started from.
    fn corrected(&self) -> Option<f64> {
        let seen = 1.0 - decay(self.weight_secs, self.half_life_secs);
        (seen > 0.0).then(|| self.value / seen)
    }
}

/// The estimate of the link's throughput.
#[derive(Debug, Clone, PartialEq)]
pub struct BandwidthEstimator {
    initial_bps: f64,
    fast: Ewma,
    slow: Ewma,
    latency: Ewma,
    /// Bodies too small to measure, until they make a sample together.
    small: ThroughputSample,
    small_bursts: ThroughputSample,
    /// What the link carried when it last was the limit.
    limit: Option<(f64, Instant)>,
    spread: f64,
}

impl BandwidthEstimator {
    /// Without samples; [`BandwidthEstimator::estimate_bps`] gives `config.initial_bps`.
    #[must_use]
    pub fn new(config: &AbrConfig) -> Self {
        Self {
            initial_bps: config.initial_bps,
            fast: Ewma::new(config.fast_half_life_secs),
            slow: Ewma::new(config.slow_half_life_secs),
            latency: Ewma::new(config.slow_half_life_secs),
            small: ThroughputSample::default(),
            small_bursts: ThroughputSample::default(),
            limit: None,
            spread: USUAL_SPREAD,
        }
    }

    /// Takes in one download of so much media. Bodies below `MIN_SAMPLE_BYTES` count once several of
    /// them are as large together.
    pub fn add_sample(&mut self, sample: ThroughputSample, media_secs: f64) {
        // Each request weighs as one second: latency does not depend on the size of the body.
        self.latency.add(1.0, sample.latency.as_secs_f64());
        if sample.bytes >= MIN_SAMPLE_BYTES {
            return self.add_throughput(sample, media_secs);
        }
        self.small.bytes += sample.bytes;
        self.small.transfer += sample.transfer + UNSEEN;
        if self.small.bytes >= MIN_SAMPLE_BYTES {
            let pooled = core::mem::take(&mut self.small);
            self.add_throughput(pooled, 0.0);
        }
    }

    /// Takes in a download that was given up. It is believed at once, but for what the link is on
    /// the whole it is a body like any other.
    pub fn add_given_up(&mut self, sample: ThroughputSample) {
        // Of a server that did not answer the link says nothing.
        if sample.transfer.is_zero() {
            return;
        }
        self.add_throughput(sample, 0.0);
        let secs = sample.transfer.as_secs_f64().max(MIN_TRANSFER_SECS);
        self.fast.cap(sample.bytes as f64 * 8.0 / secs);
    }

    /// Takes in what a body said whose sender may have been the limit.
    pub fn add_reading(&mut self, now: Instant, reading: Reading) {
        match reading {
            Reading::Link(sample) => {
                let secs = sample.transfer.as_secs_f64().max(MIN_TRANSFER_SECS);
                let bps = sample.bytes as f64 * 8.0 / secs;
                self.limit = Some((bps, now));
                self.add_throughput(sample, 0.0);
                // Near a live edge there is no time to come to believe it.
                self.fast.cap(bps);
                self.slow.cap(bps);
            }
            Reading::Bursts(sample) => {
                self.small_bursts.bytes += sample.bytes;
                self.small_bursts.transfer += sample.transfer;
                if self.small_bursts.bytes < MIN_SAMPLE_BYTES {
                    return;
                }
                let sample = core::mem::take(&mut self.small_bursts);
                let secs = sample.transfer.as_secs_f64().max(MIN_TRANSFER_SECS);
                let bps = sample.bytes as f64 * 8.0 / secs;
                let most_bps = self.limit.map_or(f64::INFINITY, |(limit_bps, at)| {
                    limit_bps / decay((now - at).as_secs_f64(), LIMIT_DOUBLES_SECS)
                });
                self.add_rate(secs, bps.min(most_bps));
            }
            // Never a reason to think less of the link.
            Reading::AtLeast { bps } => {
                if self.estimate_bps() < bps {
                    self.add_rate(1.0, bps);
                }
            }
            Reading::Nothing => {}
        }
    }

    fn add_throughput(&mut self, sample: ThroughputSample, media_secs: f64) {
        let transfer_secs = sample.transfer.as_secs_f64().max(MIN_TRANSFER_SECS);
        let throughput_bps = sample.bytes as f64 * 8.0 / transfer_secs;
        if media_secs > 0.0
            && let Some(expected_bps) = self.fast.corrected()
        {
            let off = (throughput_bps.max(1.0) / expected_bps.max(1.0)).ln().abs().min(MAX_OFF);
            self.spread += (off - self.spread) * SPREAD_GAIN;
        }
        // A body that came fast says as much of the link as one that took long.
        self.add_rate(transfer_secs.max(media_secs * MEDIA_WEIGHT), throughput_bps);
        // A whole segment at the usual rate: what was slow is over.
        if media_secs > 0.0
            && let Some(usual_bps) = self.slow.corrected()
        {
            self.fast.raise(throughput_bps.min(usual_bps));
        }
    }

    fn add_rate(&mut self, weight_secs: f64, bps: f64) {
        self.fast.add(weight_secs, bps);
        self.slow.add(weight_secs, bps);
    }

    /// The lesser of the two averages; `None` until something was measured.
    #[must_use]
    pub fn measured_bps(&self) -> Option<f64> {
        Some(self.fast.corrected()?.min(self.slow.corrected()?))
    }

    /// What the link has carried recently; assumed until something was measured.
    #[must_use]
    pub fn fast_bps(&self) -> f64 {
        self.fast.corrected().unwrap_or(self.initial_bps)
    }

    /// What the link carries on the whole; assumed until something was measured.
    #[must_use]
    pub fn slow_bps(&self) -> f64 {
        self.slow.corrected().unwrap_or(self.initial_bps)
    }

    /// How far a segment's throughput is from what was expected of it, as a logarithm, on average:
    /// 0.05 is an even link, 0.4 one that swings.
    #[must_use]
    pub const fn spread(&self) -> f64 {
        self.spread
    }

    /// The rate to plan with: measured, or assumed until then.
    #[must_use]
    pub fn estimate_bps(&self) -> f64 {
        self.measured_bps().unwrap_or(self.initial_bps)
    }

    /// Average time from a request to its first byte.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.latency.corrected()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(bytes: u64, transfer_millis: u64) -> ThroughputSample {
        ThroughputSample {
            bytes,
            transfer: Duration::from_millis(transfer_millis),
            latency: Duration::from_millis(80),
        }
    }

    #[test]
    fn the_first_sample_stands_for_itself() {
        let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
        assert_eq!(estimator.measured_bps(), None);
        assert_eq!(estimator.estimate_bps(), AbrConfig::default().initial_bps);
        estimator.add_sample(sample(1_000_000, 1000), 0.0);
        assert!((estimator.estimate_bps() - 8_000_000.0).abs() < 1.0);
        let latency = estimator.latency().expect("one sample").as_secs_f64();
        assert!((latency - 0.08).abs() < 1e-6);
    }

    #[test]
    fn a_drop_is_believed_before_a_rise() {
        let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
        for _ in 0..20 {
            estimator.add_sample(sample(1_000_000, 1000), 0.0);
        }
        let mut dropping = estimator.clone();
        dropping.add_sample(sample(500_000, 4000), 0.0);
        let dropped = 1.0 - dropping.estimate_bps() / estimator.estimate_bps();

        let mut rising = estimator.clone();
        rising.add_sample(sample(16_000_000, 4000), 0.0);
        let risen = (rising.estimate_bps() - estimator.estimate_bps()) / (32e6 - 8e6);

        // The same four seconds of news: the drop goes by the fast half-life (3 s), the rise by
        // the slow one (40 s). The divisor is the correction for the start from zero.
        let share = |half_life_secs: f64| {
            (1.0 - (-4.0 / half_life_secs).exp2()) / (1.0 - (-24.0 / half_life_secs).exp2())
        };
        assert!((dropped - share(3.0) * 7.0 / 8.0).abs() < 0.01, "{dropped}");
        assert!((risen - share(40.0)).abs() < 0.02, "{risen}");
    }

    #[test]
    fn small_bodies_and_bursts_do_not_lift_the_estimate() {
        let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
        estimator.add_sample(sample(MIN_SAMPLE_BYTES - 1, 1), 0.0);
        assert_eq!(estimator.measured_bps(), None);
        for _ in 0..10 {
            estimator.add_sample(sample(1_000_000, 2000), 0.0);
        }
        let before = estimator.estimate_bps();
        estimator.add_sample(sample(200_000, 0), 0.0);
        assert!(estimator.estimate_bps() < before * 1.1, "{}", estimator.estimate_bps());
    }

    #[test]
    fn fast_bodies_count_and_one_slow_one_does_not_outweigh_them() {
        // Segments of four seconds at 80 Mbit/s, then one that was given up in a blip.
        let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
        (0..30).for_each(|_| estimator.add_sample(sample(3_000_000, 300), 4.0));
        estimator.add_given_up(sample(200_000, 2000));
        assert!(estimator.fast_bps() < 1e6, "at once");
        assert!(estimator.slow_bps() > 70e6, "{}", estimator.slow_bps());
        (0..4).for_each(|_| estimator.add_sample(sample(3_000_000, 300), 4.0));
        assert!(estimator.fast_bps() > 60e6, "soon forgotten: {}", estimator.fast_bps());
    }

    #[test]
    fn the_spread_tells_an_even_link_from_one_that_swings() {
        let spread = |millis: &dyn Fn(u64) -> u64| {
            let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
            (0..60).for_each(|at| estimator.add_sample(sample(1_000_000, millis(at)), 4.0));
            estimator.spread()
        };
        assert!(spread(&|_| 1000) < 0.01);
        let blips = spread(&|at| if at % 10 == 0 { 4000 } else { 1000 });
        assert!(blips < 0.15, "a blip now and then is no swing: {blips}");
        let swinging = spread(&|at| if at % 2 == 0 { 2500 } else { 1000 });
        assert!(swinging > 0.3, "{swinging}");
        assert!(spread(&|at| at * 1_000_000_000).is_finite());
    }

    #[test]
    fn many_small_bodies_make_a_sample() {
        let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
        for _ in 0..40 {
            // Parts of a third of a second at 240 kbit/s over 4 Mbit/s.
            estimator.add_sample(sample(10_000, 20), 0.0);
        }
        let bps = estimator.measured_bps().expect("measured");
        assert!((2e6..4.1e6).contains(&bps), "{bps}");
    }

    #[test]
    fn a_sender_that_is_the_limit_never_lowers_the_estimate_and_a_slow_link_does() {
        let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
        estimator.add_sample(sample(5_000_000, 2000), 0.0);
        let at = |secs: f64| Instant::from_millis(secs * 1000.0);
        for second in 0..60 {
            estimator.add_reading(at(f64::from(second)), Reading::AtLeast { bps: 3e6 });
            estimator.add_reading(at(f64::from(second)), Reading::Nothing);
        }
        assert!((estimator.estimate_bps() - 20e6).abs() < 1.0);
        let slow = Reading::Link(sample(750_000, 3000));
        estimator.add_reading(at(66.0), slow);
        assert!(estimator.estimate_bps() < 2.1e6, "{}", estimator.estimate_bps());
        // Bursts that something on the way made look faster are believed only little by little.
        let bursts = Reading::Bursts(sample(1_000_000, 400));
        (0..10).for_each(|index| estimator.add_reading(at(66.0 + f64::from(index)), bursts));
        assert!(estimator.estimate_bps() < 4.2e6, "{}", estimator.estimate_bps());
        (0..300).for_each(|index| estimator.add_reading(at(76.0 + f64::from(index)), bursts));
        assert!(estimator.estimate_bps() > 15e6, "{}", estimator.estimate_bps());
    }

    #[test]
    fn odd_settings_and_samples_stay_finite() {
        let config = AbrConfig { fast_half_life_secs: 0.0, ..AbrConfig::default() };
        let mut estimator = BandwidthEstimator::new(&config);
        estimator.add_sample(
            ThroughputSample {
                bytes: u64::MAX,
                transfer: Duration::ZERO,
                latency: Duration::from_secs(1 << 40),
            },
            0.0,
        );
        assert!(estimator.estimate_bps().is_finite());
        assert!(estimator.latency().is_some());
    }
}
