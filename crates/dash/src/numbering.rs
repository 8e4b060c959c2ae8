//! Media sequence numbers that stay over reloads (RFC 8216bis 4.4.3.2), which manifests do not have.
//!
//! In: when the segments of each new list begin. Out: the number of its first: by the time that it had in the
//! list before, or in a list of the same kind. A segment never seen has the number that the manifest counts by.

/// When segments begin, and the number of the first.
#[derive(Debug, Default, Clone)]
pub(crate) struct Numbering {
    starts_micros: Vec<u64>,
    first: u64,
}

impl Numbering {
    pub(crate) fn is_empty(&self) -> bool {
        self.starts_micros.is_empty()
    }

    /// The number of a segment that begins at this time, where it can be told.
    pub(crate) fn of(&self, start_micros: u64) -> Option<u64> {
        let (last, first) = (*self.starts_micros.last()?, *self.starts_micros.first()?);
        let count = self.starts_micros.len() as u64;
        let pace = if count > 1 { ((last - first) / (count - 1)).max(1) } else { 1_000_000 };
        if start_micros > last {
            // It left the list before it was seen.
            let behind = (start_micros - last + pace / 2) / pace;
            return Some(self.first.saturating_add(count - 1).saturating_add(behind));
        }
        // The nearest, as manifests round.
        let after = self.starts_micros.partition_point(|known| *known < start_micros);
        let distance = |at: usize| {
            self.starts_micros.get(at).map_or(u64::MAX, |known| known.abs_diff(start_micros))
        };
        let before = after.saturating_sub(1);
        let at = if distance(before) < distance(after) { before } else { after };
        if start_micros < first {
            let back = (first - start_micros + pace / 2) / pace;
            return self.first.checked_sub(back);
        }
        Some(self.first.saturating_add(at as u64))
    }

    pub(crate) fn set(&mut self, first: u64, starts_micros: impl Iterator<Item = u64>) {
        self.first = first;
        self.starts_micros.clear();
        self.starts_micros.extend(starts_micros);
    }
}

/// Numbers of periods, as EXT-X-DISCONTINUITY-SEQUENCE counts.
#[derive(Debug, Default, Clone)]
pub(crate) struct Discontinuities {
    starts_micros: Vec<u64>,
    first: u64,
}

/// Periods that are remembered.
const MAX_PERIODS: usize = 10_000;

impl Discontinuities {
    /// How many periods came before the one that begins at this time.
    pub(crate) fn of(&self, start_micros: u64) -> u64 {
        let before = self.starts_micros.partition_point(|known| *known < start_micros);
        self.first.saturating_add(before as u64)
    }

    /// Takes note of the periods of a manifest.
    pub(crate) fn note(&mut self, starts_micros: impl Iterator<Item = u64>) {
        for start in starts_micros {
            if self.starts_micros.last().is_none_or(|last| *last < start) {
                self.starts_micros.push(start);
            }
        }
        let excess = self.starts_micros.len().saturating_sub(MAX_PERIODS);
        self.starts_micros.drain(..excess);
        self.first = self.first.saturating_add(excess as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay() {
        let mut numbering = Numbering::default();
        assert_eq!(numbering.of(0), None);
        numbering.set(7, [0, 2_000_000, 4_000_000].into_iter());
        assert_eq!(numbering.of(2_000_010), Some(8));
        assert_eq!(numbering.of(1_999_990), Some(8));
        assert_eq!(numbering.of(4_000_000), Some(9));
        assert_eq!(numbering.of(10_000_000), Some(12));
        numbering.set(9, [4_000_000, 6_000_000].into_iter());
        assert_eq!(numbering.of(2_000_000), Some(8));
    }

    #[test]
    fn periods_are_counted_on() {
        let mut periods = Discontinuities::default();
        periods.note([0, 10, 20].into_iter());
        assert_eq!(periods.of(20), 2);
        periods.note([20, 30].into_iter());
        assert_eq!((periods.of(20), periods.of(30)), (2, 3));
    }
}
