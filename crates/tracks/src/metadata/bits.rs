//! Bytes, read bit by bit.
//!
//! In: bytes. Out: numbers of up to 64 bits, and stretches of bytes. It refuses to read behind their end.

use super::Error;

/// What has not been read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits of the first byte that have been read.
    read_bits: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, read_bits: 0 }
    }

    /// The next bits as a number, the highest first.
    pub(super) fn take(&mut self, count: u32) -> Result<u64, Error> {
        let mut value = 0;
        for _ in 0..count.min(64) {
            let (first, rest) = self.bytes.split_first().ok_or(Error::Cut)?;
            value = value << 1 | u64::from(first >> (7 - self.read_bits) & 1);
            self.read_bits += 1;
            if self.read_bits == 8 {
                (self.bytes, self.read_bits) = (rest, 0);
            }
        }
        Ok(value)
    }

    /// The next bit.
    pub(super) fn flag(&mut self) -> Result<bool, Error> {
        self.take(1).map(|bit| bit == 1)
    }

    /// Whole bytes; what is left of a byte that was begun is passed over.
    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Error> {
        if self.read_bits > 0 {
            (self.bytes, self.read_bits) = (self.bytes.get(1..).unwrap_or(&[]), 0);
        }
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or(Error::Cut)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// Whole bytes that have not been begun.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - usize::from(self.read_bits > 0)
    }

    /// All of them.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.bytes(self.left()).unwrap_or(&[])
    }
}
