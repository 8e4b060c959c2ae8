//! What the first bytes of a NAL unit tell (ITU-T H.264 7.3.1, 7.3.3, 7.3.2.3).
//!
//! In: the start of a NAL unit, or a whole SEI. Out: its kind, and the few facts about a slice or
//! an SEI that decide where access units begin. Emulation prevention cannot occur in the bytes
//! read of a slice that matters.

use crate::demux::bits::BitReader;

/// Kinds that matter to access units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NalKind {
    Slice,
    IdrSlice,
    Sei,
    SequenceSet,
    PictureSet,
    Delimiter,
    Filler,
    /// Types 14 to 18, which may only stand before a picture.
    Prefix,
    Other,
}

impl NalKind {
    pub(super) fn of(nal: &[u8]) -> Self {
        match nal.first().map(|header| header & 0x1f) {
            // 2 is the first of three data partitions of a slice.
            Some(1 | 2) => Self::Slice,
            Some(5) => Self::IdrSlice,
            Some(6) => Self::Sei,
            Some(7) => Self::SequenceSet,
            Some(8) => Self::PictureSet,
            Some(9) => Self::Delimiter,
            Some(12) => Self::Filler,
            Some(14..=18) => Self::Prefix,
            _ => Self::Other,
        }
    }
}

/// The start of a slice header.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SliceStart {
    /// Its first macroblock is the picture's first.
    pub is_first: bool,
    /// I or SI.
    pub is_intra: bool,
}

impl SliceStart {
    pub(super) fn parse(nal: &[u8]) -> Self {
        let mut reader = BitReader::new(nal.get(1..).unwrap_or_default());
        let first_macroblock = reader.unsigned_golomb();
        let slice_type = reader.unsigned_golomb();
        Self {
            is_first: first_macroblock == Some(0),
            is_intra: matches!(slice_type, Some(2 | 4 | 7 | 9)),
        }
    }
}

/// Whether an SEI NAL unit has a recovery point message (D.1.8): the decoder may begin here.
pub(super) fn has_recovery_point(nal: &[u8]) -> bool {
    const RECOVERY_POINT: usize = 6;
    let mut rest = nal.get(1..).unwrap_or_default();
    // The last byte is the trailing bit alone.
    while rest.len() > 2 {
        let Some((kind, tail)) = take_number(rest) else { return false };
        let Some((len, tail)) = take_number(tail) else { return false };
        if kind == RECOVERY_POINT {
            return true;
        }
        // Emulation prevention bytes inside make a message longer than it says; then what is
        // read next is noise. Recovery points come before the long messages in practice.
        rest = tail.get(len..).unwrap_or_default();
    }
    false
}

/// A number as a run of 255s and a last byte (7.3.2.3.1).
fn take_number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let full = bytes.iter().take_while(|byte| **byte == 255).count();
    let last = usize::from(*bytes.get(full)?);
    Some((full * 255 + last, &bytes[full + 1..]))
}
