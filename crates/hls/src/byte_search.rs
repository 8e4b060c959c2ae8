//! Finds a byte in a text eight bytes at a time, in the lanes of a 64-bit word.
//!
//! In: text. Out: where a byte first stands. Playlists are long texts of short pieces: `str::find`
//! costs more to start than such a piece is long, and in wasm built for size it is a call per byte.

const LANES: usize = 8;
const LOW_BITS: u64 = u64::from_le_bytes([0x01; LANES]);
const HIGH_BITS: u64 = u64::from_le_bytes([0x80; LANES]);

/// What stands before and after the first `byte`, which is ASCII. (Such a byte is never part of
/// another character.)
#[inline]
pub(super) fn split_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = find_either(text.as_bytes(), byte, byte)?;
    let (before, found) = text.split_at_checked(at)?;
    Some((before, found.get(1..)?))
}

/// Where either byte first stands.
pub(super) fn find_either(text: &[u8], one: u8, other: u8) -> Option<usize> {
    let (words, tail) = text.as_chunks::<LANES>();
    let (one_lanes, other_lanes) = (LOW_BITS * u64::from(one), LOW_BITS * u64::from(other));
    let mut start = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = zero_lanes(word ^ one_lanes) | zero_lanes(word ^ other_lanes);
        if found != 0 {
            return Some(start + found.trailing_zeros() as usize / 8);
        }
        start += LANES;
    }
    for byte in tail {
        if *byte == one || *byte == other {
            return Some(start);
        }
        start += 1;
    }
    None
}

/// The high bit of each lane that is zero. Only the lowest bit set is certain: a borrow may pass
/// into the lanes above it.
const fn zero_lanes(word: u64) -> u64 {
    word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_wherever_it_stands() {
        for len in 0..40 {
            let mut text = vec![0x80_u8; len];
            assert_eq!(find_either(&text, b'.', b':'), None);
            for at in (0..len).rev() {
                // One more than the byte sought is what a borrow would mistake for it.
                text[at] = b':' + 1;
                assert_eq!(find_either(&text, b'.', b':'), (at + 1 < len).then_some(at + 1));
                text[at] = b':';
                assert_eq!(find_either(&text, b':', b'.'), Some(at));
                assert_eq!(find_either(&text, b'.', b':'), Some(at));
            }
        }
    }

    #[test]
    fn splits_as_the_standard_library_does() {
        for text in
            ["", ":", "a:b:c", "12345678:", "1234567:é:", "ééé", "é: ", "0123456789abcdef:x"]
        {
            assert_eq!(split_once(text, b':'), text.split_once(':'), "{text:?}");
        }
    }
}
