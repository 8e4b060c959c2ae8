//! How long to wait before a failed request is made again.
//!
//! In: [`RetryConfig`], how many retries were made, a seeded source of jitter. Out: the delay, or
//! `None` once the budget is spent. Exponential with jitter, so that the viewers of one stream do
//! not come back in step. It does not know what is retryable: the error does.

use crate::config::RetryConfig;
use crate::time::{Duration, seconds};

/// A small seeded generator (SplitMix64): enough for jitter, useless for secrets.
#[derive(Debug, Clone)]
pub struct Jitter {
    state: u64,
}

impl Jitter {
    /// The same seed gives the same sequence.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number in `0.0..1.0`.
    pub fn next_unit(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The wait before the next retry when `retries_made` were made already, or `None` where the
/// budget is spent: `min_delay` doubled for each, within a quarter either side, never above
/// `max_delay`.
#[must_use]
pub fn retry_delay(
    config: &RetryConfig,
    retries_made: u32,
    jitter: &mut Jitter,
) -> Option<Duration> {
    (retries_made < config.max_retries).then(|| back_off(config, retries_made, jitter))
}

/// The same where there is no budget: what a live stream waits for comes back sooner or later.
#[must_use]
pub fn back_off(config: &RetryConfig, retries_made: u32, jitter: &mut Jitter) -> Duration {
    let doubled = config.min_delay.as_secs_f64() * f64::from(1_u32 << retries_made.min(20));
    let max_secs = config.max_delay.as_secs_f64();
    let jittered = doubled.min(max_secs) * (0.75 + 0.5 * jitter.next_unit());
    seconds(jittered.min(max_secs.min(3600.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_within_their_bounds_until_the_budget_is_spent() {
        let config = RetryConfig { max_retries: 6, ..RetryConfig::default() };
        for seed in 0..50 {
            let mut jitter = Jitter::new(seed);
            for retries_made in 0..6 {
                let delay = retry_delay(&config, retries_made, &mut jitter).expect("in budget");
                let nominal = (0.5 * f64::from(1 << retries_made)).min(8.0);
                assert!(delay.as_secs_f64() >= nominal * 0.75 - 1e-9, "{retries_made}: {delay:?}");
                assert!(delay.as_secs_f64() <= (nominal * 1.25).min(8.0) + 1e-9);
            }
            assert_eq!(retry_delay(&config, 6, &mut jitter), None);
        }
    }

    #[test]
    fn a_seed_gives_one_sequence_and_another_seed_another() {
        let sequence = |seed| {
            let mut jitter = Jitter::new(seed);
            [jitter.next_unit(), jitter.next_unit(), jitter.next_unit()]
        };
        assert_eq!(sequence(7), sequence(7));
        assert_ne!(sequence(7), sequence(8));
        assert!(sequence(7).iter().all(|unit| (0.0..1.0).contains(unit)));
    }

    #[test]
    fn absurd_settings_do_not_panic() {
        let config = RetryConfig {
            max_retries: u32::MAX,
            min_delay: Duration::MAX,
            max_delay: Duration::MAX,
            ..RetryConfig::default()
        };
        let delay = retry_delay(&config, 4_000_000, &mut Jitter::new(1));
        assert!(delay.is_some_and(|delay| delay <= Duration::from_secs(3600)));
    }
}
