//! Variants whose segments were given up, time and again.
//!
//! In: each time, and when. Out: until when the variant is left alone. It chooses nothing.

use crate::time::{Duration, Instant};

/// A variant whose segment was given up. Where that happens again and again before one of its
/// segments, or of a better one, came whole, it is left alone, each time for longer: where the lower ones
/// come from a cache, they look as if the link carried all.
#[derive(Debug, Clone, Copy)]
pub(super) struct GivenUp {
    pub bandwidth_bps: u64,
    pub until: Instant,
    times: u32,
}

impl GivenUp {
    /// So often it is the link that swings.
    const FREE_TIMES: u32 = 6;
    const FIRST_BACK_OFF_SECS: u64 = 8;
    /// So long after that the next time is a first one again.
    const MEMORY: Duration = Duration::from_secs(15);

    /// The next time, after what was before.
    pub fn again(before: Option<Self>, now: Instant, bandwidth_bps: u64) -> Self {
        let before = before.filter(|before| now < before.until + Self::MEMORY);
        let times = before.map_or(1, |before| before.times.saturating_add(1));
        let back_off_secs = match times.checked_sub(Self::FREE_TIMES) {
            Some(more) => Self::FIRST_BACK_OFF_SECS << more.min(3),
            None => 0,
        };
        Self { bandwidth_bps, until: now + Duration::from_secs(back_off_secs), times }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_given_up_again_and_again_is_left_alone_for_longer_each_time() {
        let at = |secs: f64| Instant::from_millis(secs * 1000.0);
        let mut given_up = None;
        let mut left_alone_secs = |now_secs: f64| {
            let next = GivenUp::again(given_up, at(now_secs), 1);
            given_up = Some(next);
            (next.until - at(now_secs)).as_secs_f64()
        };
        let first: Vec<f64> = (0..5).map(|time| left_alone_secs(f64::from(time))).collect();
        assert_eq!(first, [0.0; 5], "it may be the link that swings");
        assert_eq!(left_alone_secs(5.0), 8.0);
        assert_eq!(left_alone_secs(14.0), 16.0);
        assert_eq!(left_alone_secs(60.0), 0.0, "long ago");
    }
}
