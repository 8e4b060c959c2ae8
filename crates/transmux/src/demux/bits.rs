//! Bits, most significant first.
//!
//! In: bytes, or values with their width. Out: the other. Reading past the end gives `None`,
//! never a panic; there is no seeking back.

/// Reads fixed-width and Exp-Golomb codes (ITU-T H.264 9.1).
#[derive(Debug, Clone)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    position_bits: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position_bits: 0 }
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        let byte = *self.bytes.get(self.position_bits / 8)?;
        let bit = byte >> (7 - self.position_bits % 8) & 1;
        self.position_bits += 1;
        Some(bit == 1)
    }

    /// An unsigned number of up to 32 bits.
    pub(crate) fn bits(&mut self, width: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..width {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    pub(crate) fn skip(&mut self, width: u32) -> Option<()> {
        for _ in 0..width {
            self.flag()?;
        }
        Some(())
    }

    /// ue(v): `None` also where the code is longer than 32 bits.
    pub(crate) fn unsigned_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let suffix = self.bits(zeros)?;
        Some((1 << zeros) - 1 + suffix)
    }

    /// se(v).
    pub(crate) fn signed_golomb(&mut self) -> Option<i32> {
        let code = i64::from(self.unsigned_golomb()?);
        let magnitude = (code + 1) / 2;
        i32::try_from(if code % 2 == 1 { magnitude } else { -magnitude }).ok()
    }
}

/// Writes fixed-width numbers; the last byte is filled up with zeros.
#[derive(Debug, Clone, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    used_bits: u32,
}

impl BitWriter {
    pub(crate) fn put(&mut self, width: u32, value: u32) {
        for shift in (0..width).rev() {
            if self.used_bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = (value >> shift & 1) as u8;
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (7 - self.used_bits % 8);
            }
            self.used_bits += 1;
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golomb_codes_of_the_specification() {
        // 1, 010, 011, 00100, 00101 are 0, 1, 2, 3, 4 (table 9-2).
        let mut writer = BitWriter::default();
        for (width, value) in [(1, 1), (3, 2), (3, 3), (5, 4), (5, 5)] {
            writer.put(width, value);
        }
        let bytes = writer.finish();
        let mut reader = BitReader::new(&bytes);
        let codes: Vec<_> = (0..5).filter_map(|_| reader.unsigned_golomb()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4]);
        let mut reader = BitReader::new(&bytes);
        let codes: Vec<_> = (0..5).filter_map(|_| reader.signed_golomb()).collect();
        assert_eq!(codes, [0, 1, -1, 2, -2]);
    }

    #[test]
    fn the_end_is_no_panic() {
        let mut reader = BitReader::new(&[0, 0, 0, 0, 0]);
        assert_eq!(reader.unsigned_golomb(), None);
        assert_eq!(BitReader::new(&[1]).bits(9), None);
        let longest = [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe];
        assert_eq!(BitReader::new(&longest).unsigned_golomb(), Some(u32::MAX - 1));
    }
}
