//! Finds SEI among the length-prefixed NAL units of a sample (ISO/IEC 14496-15 5.3, 8.3).
//!
//! In: a sample's bytes in any chunking. Out: each SEI NAL unit whole. Only its bytes are copied; what else there
//! is, is stepped over.

use crate::sei::Coding;

/// Longer ones are no captions.
const MAX_SEI_LEN: usize = 64 * 1024;

/// Where in a sample the walk is.
#[derive(Debug, Default)]
pub(super) struct NalWalk {
    /// Of the next NAL unit's length, what is there.
    len: u32,
    len_bytes: usize,
    /// Of the present NAL unit.
    left: usize,
    /// It begins with the next byte.
    is_at_begin: bool,
    is_sei: bool,
    sei: Vec<u8>,
}

impl NalWalk {
    /// A sample begins.
    pub(super) fn begin(&mut self) {
        let sei = core::mem::take(&mut self.sei);
        *self = Self { sei, ..Self::default() };
        self.sei.clear();
    }

    /// More of the sample.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        coding: Coding,
        len_size: usize,
        mut give: impl FnMut(&[u8]),
    ) {
        let mut rest = bytes;
        while let Some((first, tail)) = rest.split_first() {
            if self.left == 0 {
                self.len = self.len << 8 | u32::from(*first);
                self.len_bytes += 1;
                rest = tail;
                if self.len_bytes == len_size {
                    self.left = core::mem::take(&mut self.len) as usize;
                    (self.len_bytes, self.is_at_begin) = (0, true);
                }
                continue;
            }
            if core::mem::take(&mut self.is_at_begin) {
                self.is_sei = coding.is_sei(*first) && self.left <= MAX_SEI_LEN;
                self.sei.clear();
            }
            let (piece, later) = rest.split_at(rest.len().min(self.left));
            self.left -= piece.len();
            rest = later;
            if self.is_sei {
                self.sei.extend_from_slice(piece);
                if self.left == 0 {
                    give(&self.sei);
                }
            }
        }
    }
}
