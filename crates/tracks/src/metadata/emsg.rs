//! Event message boxes (ISO 23009-1, 5.10.3.3; CMAF, ISO 23000-19, 7.4.5).
//!
//! In: an `emsg` box, and when its segment begins. Out: an event. Messages of ID3 and SCTE-35 are read; those
//! of other schemes are handed on as bytes. It refuses versions other than 0 and 1.

use super::bits::Bits;
use super::{Error, id3, scte35};
use crate::event::{Event, Value};

/// ID3 in fMP4 (AOM, "Carriage of ID3 Timed Metadata in CMAF").
pub const ID3_SCHEME: &str = "https://aomedia.org/emsg/ID3";
/// An older name of it.
const OLD_ID3_SCHEME: &str = "https://developer.apple.com/streaming/emsg-id3";
const UNKNOWN_DURATION: u64 = 0xffff_ffff;

/// Reads a box, header included. Version 0 counts from `segment_start_secs`; version 1 from where
/// `zero_secs` is, the media's zero on the timeline on which the event is wanted.
///
/// Fields are `value`, `id`, and what an ID3 tag or a SCTE-35 section says, which has the name `error` where
/// that cannot be read. The event's own name has its value too, as numbers count within one value.
///
/// # Errors
/// [`Error::OtherKind`], [`Error::Cut`], [`Error::UnknownVersion`], [`Error::NoTimescale`].
pub fn event(bytes: &[u8], segment_start_secs: f64, zero_secs: f64) -> Result<Event, Error> {
    let mut bits = Bits::new(body(bytes)?);
    let version = bits.take(8)?;
    bits.take(24)?;
    let mut scheme = String::new();
    let mut value = String::new();
    if version == 0 {
        (scheme, value) = (string(&mut bits)?, string(&mut bits)?);
    } else if version != 1 {
        return Err(Error::UnknownVersion);
    }
    let timescale = bits.take(32)? as f64;
    if timescale == 0.0 {
        return Err(Error::NoTimescale);
    }
    let (base_secs, time) = match version {
        0 => (segment_start_secs, bits.take(32)?),
        _ => (zero_secs, bits.take(64)?),
    };
    let duration = bits.take(32)?;
    let number = bits.take(32)?;
    if version == 1 {
        (scheme, value) = (string(&mut bits)?, string(&mut bits)?);
    }
    let data = bits.rest().to_vec();
    let start_secs = base_secs + time as f64 / timescale;
    let end_secs = (duration != UNKNOWN_DURATION).then(|| start_secs + duration as f64 / timescale);
    let mut id = value.clone();
    if !id.is_empty() {
        id.push('/');
    }
    id.push_str(&number.to_string());
    let mut fields = vec![
        ("value".to_owned(), Value::Text(value)),
        ("id".to_owned(), Value::Number(number as f64)),
    ];
    fields.extend(message(&scheme, &data));
    Ok(Event { scheme, id, start_secs, end_secs, fields, data })
}

/// Behind size and type.
fn body(bytes: &[u8]) -> Result<&[u8], Error> {
    let mut bits = Bits::new(bytes);
    let size = bits.take(32)? as usize;
    if bits.bytes(4)? != b"emsg" {
        return Err(Error::OtherKind);
    }
    match size {
        0 => Ok(bits.rest()),
        _ => bits.bytes(size.checked_sub(8).ok_or(Error::Cut)?),
    }
}

/// What a message says.
fn message(scheme: &str, data: &[u8]) -> Vec<(String, Value)> {
    let read = match scheme {
        ID3_SCHEME | OLD_ID3_SCHEME => id3::fields(data),
        "urn:scte:scte35:2013:bin" | "urn:scte:scte35:2014:bin" => {
            scte35::parse(data).map(|splice| splice.fields)
        }
        _ => Ok(Vec::new()),
    };
    read.unwrap_or_else(|error| vec![("error".into(), Value::Text(error.sentence().into()))])
}

fn string(bits: &mut Bits<'_>) -> Result<String, Error> {
    let mut bytes = Vec::new();
    loop {
        match bits.take(8)? {
            0 => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            byte => bytes.push(byte as u8),
        }
    }
}
