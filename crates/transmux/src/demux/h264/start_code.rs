//! Cuts an Annex B byte stream into NAL units (ITU-T H.264 Annex B).
//!
//! In: bytes of an elementary stream in pieces. Out: calls to a [`NalSink`], the bytes borrowed.
//! It holds no byte back: the zeros of a start code that straddles two pieces have already been
//! given as data, and the sink trims trailing zeros, which no NAL unit ends with.

/// Takes NAL units.
pub(super) trait NalSink {
    /// A start code went by.
    fn begin_nal(&mut self);
    /// More of the NAL unit's bytes.
    fn extend_nal(&mut self, bytes: &[u8]);
    /// The NAL unit is over. Trailing zeros belong to the next start code.
    fn end_nal(&mut self);
}

/// The state between two pieces.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// Zeros at the end of the last piece, 2 meaning two or more.
    zeros: usize,
    is_in_nal: bool,
}

impl Splitter {
    pub(super) fn push(&mut self, piece: &[u8], sink: &mut impl NalSink) {
        let mut start = match (self.zeros, piece) {
            (2, [1, ..]) => 1,
            (1 | 2, [0, 1, ..]) => 2,
            _ => 0,
        };
        if start > 0 {
            self.begin(sink);
        }
        while let Some(found) = find_start_code(&piece[start..]) {
            if self.is_in_nal {
                sink.extend_nal(&piece[start..start + found]);
            }
            self.begin(sink);
            start += found + 3;
        }
        let rest = &piece[start..];
        if self.is_in_nal && !rest.is_empty() {
            sink.extend_nal(rest);
        }
        let zeros = rest.iter().rev().take(2).take_while(|byte| **byte == 0).count();
        let carried = if zeros == piece.len() { self.zeros } else { 0 };
        self.zeros = (zeros + carried).min(2);
    }

    /// The stream is over, or bytes of it are missing: nothing of the present NAL unit follows.
    pub(super) fn flush(&mut self, sink: &mut impl NalSink) {
        if self.is_in_nal {
            sink.end_nal();
        }
        *self = Self::default();
    }

    fn begin(&mut self, sink: &mut impl NalSink) {
        if self.is_in_nal {
            sink.end_nal();
        }
        self.is_in_nal = true;
        sink.begin_nal();
    }
}

/// Where the next `00 00 01` is.
fn find_start_code(bytes: &[u8]) -> Option<usize> {
    const BLOCK_LEN: usize = 32;
    let mut position = 0;
    // Two zeros side by side are rare in coded data; a whole block is ruled out at once. The
    // loop over an array of fixed length is what compilers turn into SIMD instructions.
    while let Some(block) = bytes[position..].first_chunk::<{ BLOCK_LEN + 1 }>() {
        if has_zero_pair(block)
            && let Some(found) = find_within(bytes, position, position + BLOCK_LEN)
        {
            return Some(found);
        }
        position += BLOCK_LEN;
    }
    find_within(bytes, position, bytes.len())
}

/// Whether two zeros stand side by side. WebAssembly is told in its own words, as compilers that
/// optimise for size leave the loop below as it is.
#[cfg(target_feature = "simd128")]
#[inline]
fn has_zero_pair(block: &[u8; 33]) -> bool {
    use core::arch::wasm32::{u8x16_all_true, u64x2, v128, v128_or};
    fn load(block: &[u8; 33], at: usize) -> v128 {
        let half = |at: usize| {
            let bytes = block[at..].first_chunk::<8>().copied().unwrap_or_default();
            u64::from_le_bytes(bytes)
        };
        u64x2(half(at), half(at + 8))
    }
    let low = v128_or(load(block, 0), load(block, 1));
    let high = v128_or(load(block, 16), load(block, 17));
    !(u8x16_all_true(low) && u8x16_all_true(high))
}

/// Whether two zeros stand side by side.
#[cfg(not(target_feature = "simd128"))]
#[inline]
fn has_zero_pair(block: &[u8; 33]) -> bool {
    let mut any = 0_u8;
    for index in 0..32 {
        any |= u8::from(block[index] | block[index + 1] == 0);
    }
    any != 0
}

fn find_within(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    (from..to).find(|start| bytes.get(*start..start + 3) == Some(&[0, 0, 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Collector(Vec<Vec<u8>>);

    impl NalSink for Collector {
        fn begin_nal(&mut self) {
            self.0.push(Vec::new());
        }
        fn extend_nal(&mut self, bytes: &[u8]) {
            self.0.last_mut().expect("data comes after a start code").extend(bytes);
        }
        fn end_nal(&mut self) {
            let nal = self.0.last_mut().expect("an end comes after a start code");
            while nal.last() == Some(&0) {
                nal.pop();
            }
        }
    }

    fn split(bytes: &[u8], piece_len: usize) -> Vec<Vec<u8>> {
        let mut splitter = Splitter::default();
        let mut collector = Collector::default();
        bytes.chunks(piece_len).for_each(|piece| splitter.push(piece, &mut collector));
        splitter.flush(&mut collector);
        collector.0
    }

    #[test]
    fn start_codes_of_three_and_four_bytes_across_any_border() {
        let mut bytes = vec![9, 0, 0];
        let mut expected = Vec::new();
        for (index, len) in [1_usize, 2, 30, 31, 32, 33, 64, 200].into_iter().enumerate() {
            if index % 2 == 0 {
                bytes.push(0);
            }
            bytes.extend([0, 0, 1]);
            let nal: Vec<u8> = (0..len).map(|at| if at % 5 == 3 { 0 } else { 7 }).collect();
            bytes.extend(&nal);
            expected.push(nal);
        }
        for nal in &mut expected {
            while nal.last() == Some(&0) {
                nal.pop();
            }
        }
        for piece_len in 1..=bytes.len() {
            assert_eq!(split(&bytes, piece_len), expected, "pieces of {piece_len}");
        }
    }

    #[test]
    fn emulation_prevention_is_no_start_code() {
        let nal = vec![5, 0, 0, 3, 1, 0, 0, 3, 0, 0, 2, 0, 1, 9];
        let bytes = [&[0, 0, 0, 1][..], &nal].concat();
        assert_eq!(split(&bytes, 1), vec![nal.clone()]);
        assert_eq!(split(&bytes, 100), [nal]);
        assert!(split(&[0; 100], 3).is_empty());
    }
}
