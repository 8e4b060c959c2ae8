//! Time as plain data: nothing here reads a clock, the time is an argument.
//!
//! In: microseconds since any fixed origin (on the web, `performance.timeOrigin`). Out: ordered
//! instants and differences between them. Media time is not here: it is `f64` seconds on the
//! presentation timeline, always in names ending in `_secs`.

use core::ops::{Add, AddAssign, Sub};
pub use core::time::Duration;

pub use crate::numbers::date_millis;

/// So many seconds. Whatever number it is given, `Duration::from_secs_f64` would panic for some:
/// negative ones and NaN become zero, and half a million years is the most.
#[must_use]
pub fn seconds(secs: f64) -> Duration {
    // `as` saturates and sends NaN to zero.
    Duration::from_micros((secs * 1e6 + 0.5) as u64)
}

/// A moment on the caller's monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant {
    micros: u64,
}

impl Instant {
    /// The clock's origin.
    pub const ZERO: Self = Self { micros: 0 };

    /// From milliseconds since the origin, as `performance.now()` gives them. Negative and
    /// non-finite values become the origin.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        // `as` saturates and sends NaN to zero, which is what is promised above.
        // To the nearest, so that what `as_millis` gave is the same moment again.
        Self { micros: (millis * 1000.0 + 0.5) as u64 }
    }

    /// Milliseconds since the origin.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        self.micros as f64 / 1000.0
    }

    /// Time from `earlier` to `self`, or zero where `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.micros.saturating_sub(earlier.micros))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, later_by: Duration) -> Self {
        let micros = u64::try_from(later_by.as_micros()).unwrap_or(u64::MAX);
        Self { micros: self.micros.saturating_add(micros) }
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, later_by: Duration) {
        *self = *self + later_by;
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_saturate_and_never_panic() {
        assert_eq!(Instant::from_millis(f64::NAN), Instant::ZERO);
        assert_eq!(Instant::from_millis(-5.0), Instant::ZERO);
        assert_eq!(Instant::ZERO - Instant::from_millis(5.0), Duration::ZERO);
        assert_eq!(Instant::from_millis(1.5) - Instant::ZERO, Duration::from_micros(1500));
        assert_eq!(Instant::ZERO + Duration::MAX, Instant { micros: u64::MAX });
        for micros in (0..10_000_000).step_by(997) {
            let instant = Instant { micros };
            assert_eq!(Instant::from_millis(instant.as_millis()), instant);
        }
        assert_eq!(seconds(2.3), Duration::from_millis(2300));
        for nothing in [-1.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(seconds(nothing), Duration::ZERO);
        }
        assert_eq!(Instant::ZERO + seconds(f64::INFINITY), Instant { micros: u64::MAX });
    }
}
