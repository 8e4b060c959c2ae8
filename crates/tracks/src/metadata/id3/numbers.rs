//! Sizes, as tags write them.
//!
//! In: four bytes, or three. Out: a number.

/// Seven bits of each byte.
pub(super) fn synchsafe(bytes: &[u8]) -> usize {
    bytes.iter().take(4).fold(0, |size, byte| size << 7 | usize::from(byte & 0x7f))
}

/// All bits of each byte, the highest first.
pub(super) fn plain(bytes: &[u8]) -> usize {
    bytes.iter().take(4).fold(0, |size, byte| size << 8 | usize::from(*byte))
}
