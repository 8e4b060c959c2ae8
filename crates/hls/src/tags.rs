//! Tags and values that both kinds of playlist share (RFC 8216bis 4.2, 4.4.2).
//!
//! In: the text after a tag's colon. Out: its typed value, or `None` where it makes no sense: it
//! refuses nothing.

use super::context::Context;
use super::numbers;
use super::{ByteRange, StartOffset};
use crate::Error;

/// EXT-X-VERSION.
pub(super) fn version(value: &str) -> u32 {
    numbers::small(value).unwrap_or(1)
}

/// An enumerated `YES`.
pub(super) fn yes(value: &str) -> bool {
    value.eq_ignore_ascii_case("YES")
}

/// `WIDTHxHEIGHT`.
pub(super) fn resolution(value: &str) -> Option<(u32, u32)> {
    let (width, height) = value.split_once(['x', 'X'])?;
    Some((numbers::small(width)?, numbers::small(height)?))
}

/// EXT-X-START.
pub(super) fn start(context: &mut Context<'_>, list: &str) -> Result<Option<StartOffset>, Error> {
    let mut offset_secs = None;
    let mut is_precise = false;
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "TIME-OFFSET" => offset_secs = numbers::decimal(&value),
            "PRECISE" => is_precise = yes(&value),
            _ => {}
        }
    }
    Ok(offset_secs.map(|offset_secs| StartOffset { offset_secs, is_precise }))
}

/// `length[@offset]` (RFC 4.4.4.2). Without an offset the range begins at `following`: where the
/// one before it in the same resource ended, if that is known.
pub(super) fn byte_range(value: &str, following: Option<u64>) -> Option<ByteRange> {
    let (length, offset) = match value.split_once('@') {
        Some((length, offset)) => (length, numbers::integer(offset)?),
        None => (value, following?),
    };
    let length = numbers::integer(length)?;
    // An end past u64 would overflow in code that adds the two.
    offset.checked_add(length)?;
    Some(ByteRange { offset, length: Some(length) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_make_no_sense_are_none() {
        assert_eq!(resolution("3840x1920"), Some((3840, 1920)));
        assert_eq!(resolution("3840"), None);
        assert_eq!(resolution("99999999999x1"), None);
        let range = |offset, length| Some(ByteRange { offset, length: Some(length) });
        assert_eq!(byte_range("75232@0", None), range(0, 75232));
        assert_eq!(byte_range("82112", Some(75232)), range(75232, 82112));
        assert_eq!(byte_range("1@18446744073709551615", Some(0)), None);
        assert_eq!(byte_range("x", Some(0)), None);
        assert_eq!(byte_range("82112", None), None);
        assert_eq!(version("7"), 7);
        assert_eq!(version("x"), 1);
    }
}
