//! UTF-16, as old tags and a few documents have it.
//!
//! In: bytes. Out: text; what is no UTF-16 becomes U+FFFD.

/// Which byte of two comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The higher.
    Big,
    /// The lower.
    Little,
}

/// Text of bytes; an odd last byte is passed over.
pub(crate) fn decode(bytes: &[u8], order: Order) -> String {
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0)];
        match order {
            Order::Big => u16::from_be_bytes(pair),
            Order::Little => u16::from_le_bytes(pair),
        }
    });
    char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// As [`decode`], in the order that a byte order mark says, or the higher byte first (RFC 2781, 4.3).
pub(crate) fn decode_marked(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => decode(rest, Order::Little),
        [0xfe, 0xff, rest @ ..] => decode(rest, Order::Big),
        _ => decode(bytes, Order::Big),
    }
}
