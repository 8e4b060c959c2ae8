//! Boxes of the ISO base media file format (ISO/IEC 14496-12 4.2).
//!
//! In: bytes that begin at a box. Out: its kind and payload. It allocates nothing and trusts no size.

/// A header with a 64-bit size.
pub(super) const MAX_HEADER_LEN: usize = 16;

/// Kind, header length, and whole length of the box that begins here; `None` where more bytes are needed. The
/// length may be less than the header's: then it is no box.
pub(super) fn header(bytes: &[u8]) -> Option<([u8; 4], usize, u64)> {
    let kind = array::<4>(bytes, 4)?;
    Some(match be_u32(bytes, 0)? {
        // To the end of the file.
        0 => (kind, 8, u64::MAX),
        1 => (kind, 16, u64::from_be_bytes(array::<8>(bytes, 8)?)),
        len => (kind, 8, u64::from(len)),
    })
}

/// The boxes that stand one after the other, each with what is there of its payload.
pub(super) fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes;
    core::iter::from_fn(move || {
        let (kind, header_len, len) = header(rest)?;
        let end = usize::try_from(len).unwrap_or(usize::MAX).min(rest.len());
        let payload = rest.get(header_len..end)?;
        rest = rest.get(end..)?;
        Some((kind, payload))
    })
}

/// The payload of the first box of that kind.
pub(super) fn first<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find_map(|(found, payload)| (found == *kind).then_some(payload))
}

/// The box at the end of a path.
pub(super) fn within<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, kind| first(bytes, kind))
}

/// The `N` bytes at `offset`.
pub(super) fn array<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk::<N>().copied()
}

/// The big-endian number at `offset`.
pub(super) fn be_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    array(bytes, offset).map(u32::from_be_bytes)
}

/// A 32-bit number in version 0 of a full box, a 64-bit one in version 1.
pub(super) fn by_version(payload: &[u8], offset: usize) -> Option<u64> {
    match payload.first()? {
        1 => array(payload, offset).map(u64::from_be_bytes),
        _ => be_u32(payload, offset).map(u64::from),
    }
}
