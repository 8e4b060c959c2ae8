//! Throughput from finished downloads: two exponentially weighted averages, a fast and a slow one.
//!
//! In: [`ThroughputSample`]s. Out: bits per second, the lesser of the two averages, so that a drop
//! is believed at once and a rise only when it lasts. Latency is kept apart, or small segments
//! would make a fast link look slow. It refuses to guess from bodies too small to measure.

use crate::config::AbrConfig;
use crate::time::Duration;

/// Bodies smaller than this say more of latency than of throughput.
pub const MIN_SAMPLE_BYTES: u64 = 16_000;

/// Shorter transfers come from a cache or one burst; they count as this long, so that they pull
/// the estimate up by little.
const MIN_TRANSFER_SECS: f64 = 0.005;

/// One finished (or abandoned) download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThroughputSample {
    /// Body bytes received.
    pub bytes: u64,
    /// From the first body byte to the last.
    pub transfer: Duration,
    /// From the request to the first body byte.
    pub latency: Duration,
}

/// An average that starts at zero and corrects for it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ewma {
    half_life_secs: f64,
    value: f64,
    weight_secs: f64,
}

impl Ewma {
    fn new(half_life_secs: f64) -> Self {
        // A half-life of zero would divide by zero; so short a one keeps only the last sample.
        Self { half_life_secs: half_life_secs.max(1e-3), value: 0.0, weight_secs: 0.0 }
    }

    fn add(&mut self, weight_secs: f64, value: f64) {
        let kept = (-weight_secs / self.half_life_secs).exp2();
        self.value = value * (1.0 - kept) + self.value * kept;
        self.weight_secs += weight_secs;
    }

    /// Without the pull of the zero it started from.
    fn corrected(&self) -> Option<f64> {
        let seen = 1.0 - (-self.weight_secs / self.half_life_secs).exp2();
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
        }
    }

    /// Takes in one download. Bodies below [`MIN_SAMPLE_BYTES`] count for latency only.
    pub fn add_sample(&mut self, sample: ThroughputSample) {
        // Each request weighs as one second: latency does not depend on the size of the body.
        self.latency.add(1.0, sample.latency.as_secs_f64());
        if sample.bytes < MIN_SAMPLE_BYTES {
            return;
        }
        let transfer_secs = sample.transfer.as_secs_f64().max(MIN_TRANSFER_SECS);
        let throughput_bps = sample.bytes as f64 * 8.0 / transfer_secs;
        self.fast.add(transfer_secs, throughput_bps);
        self.slow.add(transfer_secs, throughput_bps);
    }

    /// The lesser of the two averages; `None` until something was measured.
    #[must_use]
    pub fn measured_bps(&self) -> Option<f64> {
        Some(self.fast.corrected()?.min(self.slow.corrected()?))
    }

    /// What to reckon with: measured, or assumed until then.
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
        estimator.add_sample(sample(1_000_000, 1000));
        assert!((estimator.estimate_bps() - 8_000_000.0).abs() < 1.0);
        let latency = estimator.latency().expect("one sample").as_secs_f64();
        assert!((latency - 0.08).abs() < 1e-6);
    }

    #[test]
    fn a_drop_is_believed_before_a_rise() {
        let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
        for _ in 0..20 {
            estimator.add_sample(sample(1_000_000, 1000));
        }
        let mut dropping = estimator.clone();
        dropping.add_sample(sample(500_000, 4000));
        let dropped = 1.0 - dropping.estimate_bps() / estimator.estimate_bps();

        let mut rising = estimator.clone();
        rising.add_sample(sample(16_000_000, 4000));
        let risen = (rising.estimate_bps() - estimator.estimate_bps()) / (32e6 - 8e6);

        // The same four seconds of news: the drop goes by the fast half-life (3 s), the rise by
        // the slow one (9 s). The divisor is the correction for the start from zero.
        let share = |half_life_secs: f64| {
            (1.0 - (-4.0 / half_life_secs).exp2()) / (1.0 - (-24.0 / half_life_secs).exp2())
        };
        assert!((dropped - share(3.0) * 7.0 / 8.0).abs() < 0.01, "{dropped}");
        assert!((risen - share(9.0)).abs() < 0.02, "{risen}");
    }

    #[test]
    fn small_bodies_and_bursts_do_not_lift_the_estimate() {
        let mut estimator = BandwidthEstimator::new(&AbrConfig::default());
        estimator.add_sample(sample(MIN_SAMPLE_BYTES - 1, 1));
        assert_eq!(estimator.measured_bps(), None);
        for _ in 0..10 {
            estimator.add_sample(sample(1_000_000, 2000));
        }
        let before = estimator.estimate_bps();
        estimator.add_sample(sample(200_000, 0));
        assert!(estimator.estimate_bps() < before * 1.1, "{}", estimator.estimate_bps());
    }

    #[test]
    fn odd_settings_and_samples_stay_finite() {
        let config = AbrConfig { fast_half_life_secs: 0.0, ..AbrConfig::default() };
        let mut estimator = BandwidthEstimator::new(&config);
        estimator.add_sample(ThroughputSample {
            bytes: u64::MAX,
            transfer: Duration::ZERO,
            latency: Duration::from_secs(1 << 40),
        });
        assert!(estimator.estimate_bps().is_finite());
        assert!(estimator.latency().is_some());
    }
}
