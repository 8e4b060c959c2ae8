//! From 33-bit timestamps to the presentation timeline.
//!
//! In: timestamps modulo 2³³ as they stood in PES headers, and where the playlist puts a segment.
//! Out: ticks of 90 kHz on the presentation timeline. One discontinuity sequence number has one
//! mapping, kept for all variants (RFC 8216bis 6.2.4); a jump that the playlist does not announce
//! is bridged. It repairs no single track: that is [`super::audio`]'s and [`super::video`]'s.

/// Ticks a second.
pub(super) const TICKS_HZ: f64 = 90_000.0;

const WRAP: i64 = 1 << 33;
/// Nothing but a break in the encoder's clock moves timestamps this far.
const JUMP_TICKS: i64 = 10 * 90_000;
/// Decode times never fall; so much more than rounding is a break too.
const FALL_TICKS: i64 = 45_000;
/// Tracks that jump together land this near each other.
const SAME_JUMP_TICKS: i64 = 90_000;
/// Mappings kept: discontinuities that a viewer may seek back over without a new one being made.
const MAX_MAPPINGS: usize = 256;

/// The value nearest to `near` that is `raw` modulo 2³³.
pub(super) fn unwrap_timestamp(raw: u64, near: i64) -> i64 {
    let difference = (raw as i64).wrapping_sub(near).rem_euclid(WRAP);
    near + if difference >= WRAP / 2 { difference - WRAP } else { difference }
}

/// Seconds to ticks, to the nearest; what is no number becomes 0.
pub(super) fn ticks_of(secs: f64) -> i64 {
    (secs * TICKS_HZ).round() as i64
}

/// Ticks to seconds.
pub(super) fn secs_of(ticks: i64) -> f64 {
    ticks as f64 / TICKS_HZ
}

/// Which timestamps mean which presentation times, for one discontinuity sequence number.
/// Transmuxers of other tracks adopt it, so that audio and video stay together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampMapping {
    /// EXT-X-DISCONTINUITY-SEQUENCE, counted on.
    pub discontinuity_sequence: u64,
    /// The (unwrapped) timestamp of presentation time zero, in ticks of 90 kHz.
    pub zero_ticks: i64,
}

/// The mappings known.
#[derive(Debug, Default)]
pub(super) struct Mappings {
    /// Newest last.
    known: Vec<TimestampMapping>,
}

impl Mappings {
    pub(super) fn get(&self, discontinuity_sequence: u64) -> Option<TimestampMapping> {
        self.known
            .iter()
            .find(|mapping| mapping.discontinuity_sequence == discontinuity_sequence)
            .copied()
    }

    pub(super) fn set(&mut self, mapping: TimestampMapping) {
        self.known.retain(|known| known.discontinuity_sequence != mapping.discontinuity_sequence);
        if self.known.len() == MAX_MAPPINGS {
            self.known.remove(0);
        }
        self.known.push(mapping);
    }
}

/// Jumps inside one segment, shared by its tracks.
#[derive(Debug, Default)]
pub(super) struct Jumps {
    shifts: Vec<i64>,
}

impl Jumps {
    pub(super) fn count(&self) -> usize {
        self.shifts.len()
    }
}

/// Unrolls one track's timestamps in stream order.
#[derive(Debug)]
pub(super) struct TimestampUnwrapper {
    /// The last value before and after shifting.
    last: Option<(i64, i64)>,
    near: i64,
    shift: i64,
}

impl TimestampUnwrapper {
    /// The first timestamp will be the nearest to `near`.
    pub(super) const fn new(near: i64) -> Self {
        Self { last: None, near, shift: 0 }
    }

    /// The next timestamp; `step_ticks` is what would have been expected after the last.
    pub(super) fn next(&mut self, raw: u64, step_ticks: i64, jumps: &mut Jumps) -> i64 {
        let near = self.last.map_or(self.near, |(unshifted, _)| unshifted);
        let unshifted = unwrap_timestamp(raw, near);
        if let Some((_, last)) = self.last
            && !(-FALL_TICKS..=JUMP_TICKS).contains(&(unshifted + self.shift - last))
        {
            let joins = |shift: &&i64| {
                (-FALL_TICKS..SAME_JUMP_TICKS).contains(&(unshifted + **shift - last))
            };
            self.shift = jumps.shifts.iter().find(joins).copied().unwrap_or_else(|| {
                let shift = last + step_ticks - unshifted;
                jumps.shifts.push(shift);
                shift
            });
        }
        let value = unshifted + self.shift;
        self.last = Some((unshifted, value));
        value
    }

    /// What the next timestamp would become, where it needs no new bridge.
    pub(super) fn peek(&self, raw: u64) -> Option<i64> {
        let (unshifted, last) = self.last?;
        let value = unwrap_timestamp(raw, unshifted) + self.shift;
        (0..=JUMP_TICKS).contains(&(value - last)).then_some(value)
    }
}

/// Whether an existing mapping puts a segment so far from its place in the playlist that the
/// encoder must have restarted without a discontinuity tag.
pub(super) fn is_out_of_place(presentation_ticks: i64, timeline_ticks: i64) -> bool {
    (presentation_ticks - timeline_ticks).abs() > JUMP_TICKS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_33_bit_clock_goes_on_after_its_wrap() {
        assert_eq!(unwrap_timestamp(5, WRAP - 10), WRAP + 5);
        assert_eq!(unwrap_timestamp((WRAP - 10) as u64, WRAP + 5), WRAP - 10);
        assert_eq!(unwrap_timestamp(7, 3 * WRAP), 3 * WRAP + 7);
        assert_eq!(unwrap_timestamp((WRAP - 1) as u64, 0), -1);
    }

    #[test]
    fn a_jump_is_bridged_once_for_both_tracks() {
        let mut jumps = Jumps::default();
        let mut video = TimestampUnwrapper::new(0);
        let mut audio = TimestampUnwrapper::new(0);
        let values: Vec<_> = [1000, 4000, 90_000_000, 90_003_000]
            .map(|raw| video.next(raw, 3000, &mut jumps))
            .to_vec();
        assert_eq!(values, [1000, 4000, 7000, 10_000]);
        let values: Vec<_> =
            [3000, 90_000_000 - 1080].map(|raw| audio.next(raw, 1920, &mut jumps)).to_vec();
        assert_eq!(values, [3000, 5920]);
        assert_eq!(jumps.count(), 1);
    }

    #[test]
    fn the_oldest_mapping_makes_room() {
        let mut mappings = Mappings::default();
        for number in 0..=MAX_MAPPINGS as u64 {
            mappings.set(TimestampMapping { discontinuity_sequence: number, zero_ticks: 1 });
            mappings.set(TimestampMapping { discontinuity_sequence: number, zero_ticks: 2 });
        }
        assert_eq!(mappings.get(0), None);
        assert_eq!(mappings.get(1).map(|mapping| mapping.zero_ticks), Some(2));
    }
}
