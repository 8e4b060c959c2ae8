//! Where a run may be closed while its stream goes on.
//!
//! In: access units in decoding order. Out: whether what has come is worth a fragment of its own.
//! A picture is decoded no later than it is shown, so everything shown before the next access
//! unit's DTS is there. No border falls between a key picture and those decoded after it but shown
//! before it: a reader that begins there can tell that they cannot be decoded.

use super::access_unit::AccessUnit;
use crate::demux::PesTimestamps;

/// What a group shows at least, in ticks of 90 kHz: a tenth of a second. Shorter ones cost more
/// appends than they save time.
const GROUP_TICKS: i64 = 9_000;
/// Times further apart do not belong to one clock.
const JUMP_TICKS: i64 = 10 * 90_000;
const WRAP: i64 = 1 << 33;

/// What must be known of the group so far.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// What lies before this has been given, or was never there.
    from: Option<u64>,
    /// PTS of the newest key picture.
    key: Option<u64>,
}

impl Groups {
    /// Takes in an access unit of the group.
    pub(super) fn note(&mut self, unit: &AccessUnit) {
        let Some(stamps) = unit.timestamps else { return };
        self.from.get_or_insert(stamps.pts);
        if unit.is_key {
            self.key = Some(stamps.pts);
        }
    }

    /// Whether the group ends before this access unit.
    pub(super) fn ends_before(&mut self, next: PesTimestamps) -> bool {
        let Some(from) = self.from else { return false };
        let shown = difference(next.dts, from);
        let has_jumped = !(-JUMP_TICKS..=JUMP_TICKS).contains(&shown);
        let is_key_first =
            self.key.is_none_or(|key| !(-JUMP_TICKS..0).contains(&difference(next.dts, key)));
        let is_over = has_jumped || shown >= GROUP_TICKS && is_key_first;
        if is_over {
            self.from = Some(next.dts);
        }
        is_over
    }
}

/// Of two timestamps modulo 2³³.
fn difference(later: u64, earlier: u64) -> i64 {
    let forward = (later as i64).wrapping_sub(earlier as i64).rem_euclid(WRAP);
    if forward >= WRAP / 2 { forward - WRAP } else { forward }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: i64 = 3000;

    /// Group lengths for pictures of these presentation and decode times, in pictures, with key
    /// pictures where marked.
    fn group_lens(first_ticks: i64, pictures: &[(i64, i64, bool)]) -> Vec<usize> {
        let mut groups = Groups::default();
        let mut lens = vec![0];
        for (pts, dts, is_key) in pictures {
            let ticks = |at: i64| (first_ticks + at * STEP).rem_euclid(WRAP) as u64;
            let timestamps = PesTimestamps { pts: ticks(*pts), dts: ticks(*dts) };
            if lens.last() != Some(&0) && groups.ends_before(timestamps) {
                lens.push(0);
            }
            groups.note(&AccessUnit { len: 1, timestamps: Some(timestamps), is_key: *is_key });
            *lens.last_mut().expect("one") += 1;
        }
        lens
    }

    #[test]
    fn a_tenth_of_a_second_also_over_the_wrap() {
        let pictures: Vec<_> = (0..12).map(|index| (index, index, index == 0)).collect();
        assert_eq!(group_lens(0, &pictures), [3, 3, 3, 3]);
        assert_eq!(group_lens(WRAP - 4 * STEP, &pictures), [3, 3, 3, 3]);
    }

    #[test]
    fn a_key_picture_keeps_what_is_shown_before_it() {
        // In decoding order: I0 P2 B1 P4 B3 | I7, then B5 and B6 of the open group.
        let pictures = [
            (0, -1, true),
            (2, 0, false),
            (1, 1, false),
            (4, 2, false),
            (3, 3, false),
            (7, 4, true),
            (5, 5, false),
            (6, 6, false),
            (9, 7, false),
            (8, 8, false),
        ];
        // The first group shows pictures 0 to 2; the second waits for 7, behind its B pictures.
        assert_eq!(group_lens(90_000, &pictures), [4, 4, 2]);
    }

    #[test]
    fn a_clock_that_jumps_ends_the_group() {
        let mut pictures: Vec<_> = (0..2).map(|index| (index, index, index == 0)).collect();
        pictures.extend((0..4).map(|index| (index - 9000, index - 9000, index == 0)));
        assert_eq!(group_lens(1 << 30, &pictures), [2, 3, 1]);
    }
}
