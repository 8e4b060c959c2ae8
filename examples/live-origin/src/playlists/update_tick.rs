//! Ticks of the clock: the times at which playlists change, at both origins and in every cache.
//!
//! In: the present, and a segment's length. Out: the [`UpdateTick`] it falls into, and when nginx has to ask
//! again. Two caches that keep a playlist for a second each show lists that are a second apart; a
//! viewer who is given one, then the other, sees numbers sink. Caches that all ask at the same moment,
//! and are told the same until the next, do not differ.

use std::time::Duration;

/// A tick, in whole seconds, which is how nginx counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdateTick {
    first_sec: u64,
    secs: u64,
}

impl UpdateTick {
    /// Two seconds, or one where segments are shorter: rarer than segments, playlists would come late.
    #[must_use]
    pub fn at(now_unix_millis: u64, segment_millis: u64) -> Self {
        let secs = (segment_millis / 1000).clamp(1, 2);
        Self { first_sec: now_unix_millis / 1000 / secs * secs, secs }
    }

    /// How long it still lasts.
    #[must_use]
    pub fn left(self, now_unix_millis: u64) -> Duration {
        let end_millis = (self.first_sec + self.secs) * 1000;
        Duration::from_millis(end_millis.saturating_sub(now_unix_millis))
    }

    /// The value of X-Accel-Expires: the last second in which an answer holds.
    #[must_use]
    pub fn expires(self) -> String {
        format!("@{}", self.first_sec + self.secs - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_are_whole_seconds_of_one_clock() {
        let tick = UpdateTick::at(1_795_200_001_999, 2000);
        assert_eq!(tick, UpdateTick::at(1_795_200_000_000, 2002));
        assert_ne!(tick, UpdateTick::at(1_795_200_002_000, 2000));
        assert_eq!(tick.expires(), "@1795200001");
        assert_eq!(tick.left(1_795_200_001_400), Duration::from_millis(600));
        assert_eq!(tick.left(1_795_200_002_400), Duration::ZERO);
        assert_eq!(UpdateTick::at(1_795_200_001_999, 500).expires(), "@1795200001");
        assert_eq!(UpdateTick::at(1_795_200_001_999, 20_000), tick);
    }
}
