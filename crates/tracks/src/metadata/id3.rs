//! ID3 tags (id3.org: ID3v2.2, 2.3 and 2.4), as streams of HLS carry them (RFC 8216bis 3.1.3, 3.6).
//!
//! In: bytes of one PES packet, or of an `emsg`: tags one behind the other. Out: an event for each tag, a
//! field for each frame. Frames of 2.2 have the names of their successors where they are known. It refuses
//! compressed and encrypted frames, whose bytes are handed on.

mod frames;
mod numbers;
mod strings;

use super::Error;
use super::fields::Fields;
use crate::event::{Event, Value};

/// What tags of TS and packed audio go by.
pub const SCHEME: &str = "org.id3";
const TIMESTAMP_OWNER: &str = "com.apple.streaming.transportStreamTimestamp";
const MAX_TAGS: usize = 64;
const HEADER_LEN: usize = 10;

/// Events of all tags, at one moment.
///
/// # Errors
/// [`Error::OtherKind`], [`Error::Cut`] and [`Error::UnknownVersion`] where the first tag cannot be read;
/// what stands behind a tag and is none is passed over.
pub fn events(bytes: &[u8], start_secs: f64) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    let mut rest = bytes;
    while events.len() < MAX_TAGS {
        match tag(rest) {
            Ok((fields, after)) => {
                let tag = rest.get(..rest.len() - after.len()).unwrap_or(&[]);
                let scheme = SCHEME.into();
                let data = tag.to_vec();
                events.push(Event { scheme, start_secs, fields, data, ..Event::default() });
                rest = after;
            }
            Err(error) if events.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(events)
}

/// Fields of all tags.
///
/// # Errors
/// As [`events`].
pub fn fields(bytes: &[u8]) -> Result<Vec<(String, Value)>, Error> {
    let events = events(bytes, 0.0)?;
    Ok(events.into_iter().flat_map(|event| event.fields).collect())
}

/// The 33-bit timestamp of packed audio's first sample, if these fields say it (RFC 8216bis 3.1.3).
pub fn transport_timestamp(fields: &[(String, Value)]) -> Option<u64> {
    fields.iter().find_map(|(name, value)| match (name.as_str(), value) {
        ("PRIV", Value::List(parts)) => match &parts[..] {
            [(_, Value::Text(owner)), (_, Value::Bytes(data))] if owner == TIMESTAMP_OWNER => {
                let ticks = u64::from_be_bytes(data.get(..8)?.try_into().ok()?);
                Some(ticks & 0x1_ffff_ffff)
            }
            _ => None,
        },
        _ => None,
    })
}

/// One tag's fields, and what follows it.
fn tag(bytes: &[u8]) -> Result<(Fields, &[u8]), Error> {
    let (header, rest) = bytes.split_at_checked(HEADER_LEN).ok_or(Error::OtherKind)?;
    let &[b'I', b'D', b'3', version, _, flags, ref size @ ..] = header else {
        return Err(Error::OtherKind);
    };
    // 2.2 knows a whole tag that is compressed, and says nothing of how.
    if !(2..=4).contains(&version) || (version == 2 && flags & 0x40 != 0) {
        return Err(Error::UnknownVersion);
    }
    let (body, after) = rest.split_at_checked(numbers::synchsafe(size)).ok_or(Error::Cut)?;
    let is_unsynchronised = flags & 0x80 != 0;
    let whole = match version {
        4 => None,
        _ => is_unsynchronised.then(|| frames::resynchronised(body)),
    };
    let mut body = whole.as_deref().unwrap_or(body);
    if version > 2 && flags & 0x40 != 0 {
        body = behind_extended_header(version, body).ok_or(Error::Cut)?;
    }
    let footer_len = if version == 4 && flags & 0x10 != 0 { HEADER_LEN } else { 0 };
    let after = after.get(footer_len..).unwrap_or(&[]);
    Ok((frames::read(version, is_unsynchronised, body), after))
}

fn behind_extended_header(version: u8, body: &[u8]) -> Option<&[u8]> {
    let size = body.get(..4)?;
    let len = if version == 4 {
        numbers::synchsafe(size)
    } else {
        numbers::plain(size).saturating_add(4)
    };
    body.get(len..)
}
