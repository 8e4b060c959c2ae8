//! A reader of ISO base media file format boxes (ISO/IEC 14496-12 4.2).
//!
//! In: bytes that begin at a box and may break off inside one. Out: boxes with what is there of
//! their payload. It allocates nothing and trusts no size field.

/// One box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mp4Box<'a> {
    /// The four-character code.
    pub kind: [u8; 4],
    /// Its payload, cut off where the bytes end.
    pub payload: &'a [u8],
    /// False where the box goes on beyond the bytes.
    pub is_complete: bool,
}

/// Iterates over boxes one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Boxes<'a> {
    rest: &'a [u8],
}

impl<'a> Boxes<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The payload of the first box of that kind.
    pub(super) fn first(mut self, kind: &[u8; 4]) -> Option<&'a [u8]> {
        self.find_map(|child| (child.kind == *kind).then_some(child.payload))
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Mp4Box<'a>;

    fn next(&mut self) -> Option<Mp4Box<'a>> {
        let (kind, header_len, size) = header(self.rest)?;
        if size < header_len as u64 {
            self.rest = &[];
            return None;
        }
        let end = usize::try_from(size).unwrap_or(usize::MAX);
        let is_complete = end <= self.rest.len();
        let end = end.min(self.rest.len());
        let payload = self.rest.get(header_len..end)?;
        self.rest = &self.rest[end..];
        Some(Mp4Box { kind, payload, is_complete })
    }
}

/// What a box says of itself at its start: its kind, the length of that header, and its own length,
/// which may be less than that; `None` where the header is not whole.
pub(super) fn header(bytes: &[u8]) -> Option<([u8; 4], usize, u64)> {
    let kind = array::<4>(bytes, 4)?;
    Some(match be_u32(bytes, 0)? {
        // To the end of the file.
        0 => (kind, 8, u64::MAX),
        1 => (kind, 16, u64::from_be_bytes(array::<8>(bytes, 8)?)),
        size => (kind, 8, u64::from(size)),
    })
}

/// The `N` bytes at `offset`.
pub(super) fn array<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk::<N>().copied()
}

/// The big-endian number at `offset`.
pub(super) fn be_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    array::<4>(bytes, offset).map(u32::from_be_bytes)
}

/// The big-endian number at `offset`.
pub(super) fn be_u16(bytes: &[u8], offset: usize) -> Option<u16> {
    array::<2>(bytes, offset).map(u16::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_all_three_kinds_and_none() {
        let mut bytes = b"\0\0\0\x0cfreeabcd".to_vec();
        bytes.extend(b"\0\0\0\x01skip\0\0\0\0\0\0\0\x12xy");
        bytes.extend(b"\0\0\0\0mdatrest");
        let found: Vec<_> = Boxes::new(&bytes).map(|b| (b.kind, b.payload.to_vec())).collect();
        assert_eq!(
            found,
            [
                (*b"free", b"abcd".to_vec()),
                (*b"skip", b"xy".to_vec()),
                (*b"mdat", b"rest".to_vec())
            ]
        );
        assert_eq!(Boxes::new(b"\0\0\0\x07free").next(), None);
        assert_eq!(Boxes::new(b"\0\0\0").next(), None);
        let cut = Boxes::new(b"\0\0\0\x20moofabc").next();
        assert_eq!(cut, Some(Mp4Box { kind: *b"moof", payload: b"abc", is_complete: false }));
    }
}
