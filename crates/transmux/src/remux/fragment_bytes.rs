//! What is ready to append, without having been moved.
//!
//! In: a buffer, and where in it the bytes begin. Out: the bytes.

/// Bytes ready to append: a `moof` written right-aligned in head room before its `mdat`, so that
/// the payload is copied once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FragmentBytes {
    buffer: Vec<u8>,
    start: usize,
}

impl FragmentBytes {
    /// `buffer[start..]`, without copying.
    #[must_use]
    pub fn new(buffer: Vec<u8>, start: usize) -> Self {
        debug_assert!(start <= buffer.len());
        Self { buffer, start }
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// What they take of memory.
    pub(crate) fn held_len(&self) -> usize {
        self.buffer.capacity()
    }
}
