//! Strings of frames, in their four encodings (ID3v2.4.0 structure, 4).
//!
//! In: bytes, and the number of their encoding. Out: text.

use crate::utf16::{self, Order};

/// A byte a character.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Text in the encoding of a number; an unknown one is taken for UTF-8.
pub(super) fn text(encoding: u8, bytes: &[u8]) -> String {
    match encoding {
        0 => latin1(bytes),
        1 => utf16::decode_marked(bytes),
        2 => utf16::decode(bytes, Order::Big),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// What stands before the first end of a string, and what behind it.
pub(super) fn split(encoding: u8, bytes: &[u8]) -> (&[u8], &[u8]) {
    let width = if matches!(encoding, 1 | 2) { 2 } else { 1 };
    let end = bytes.chunks_exact(width).position(|unit| unit.iter().all(|byte| *byte == 0));
    match end {
        Some(at) => {
            let (string, rest) = bytes.split_at(at * width);
            (string, rest.get(width..).unwrap_or(&[]))
        }
        None => (bytes, &[]),
    }
}
