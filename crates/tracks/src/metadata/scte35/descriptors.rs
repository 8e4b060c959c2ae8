//! Splice descriptors (ANSI/SCTE 35 2023, 10).
//!
//! In: a section's descriptors. Out: a list of fields for each. Of an identifier other than `CUEI`, and of
//! kinds that are not known, they are handed on as bytes.

use crate::event::Value;
use crate::metadata::Error;
use crate::metadata::bits::Bits;
use crate::metadata::fields::{self, Fields, add, add_number};

const IDENTIFIER: &[u8] = b"CUEI";
/// Identifiers within one, by SCTE's `MID()`.
const MAX_UPIDS: usize = 32;

/// All of them, by their names.
pub(super) fn read(bytes: &[u8]) -> Result<Fields, Error> {
    let mut bits = Bits::new(bytes);
    let mut all = Vec::new();
    while bits.left() > 0 {
        let tag = bits.take(8)?;
        let len = bits.take(8)? as usize;
        let body = bits.bytes(len)?;
        let known = body.strip_prefix(IDENTIFIER).map(Bits::new);
        let read = match (tag, known) {
            (0, Some(mut bits)) => {
                numbers(&mut bits, AVAIL).map(|fields| ("avail_descriptor", fields))
            }
            (1, Some(mut bits)) => dtmf(&mut bits).map(|fields| ("DTMF_descriptor", fields)),
            (2, Some(mut bits)) => {
                segmentation(&mut bits).map(|fields| ("segmentation_descriptor", fields))
            }
            (3, Some(mut bits)) => {
                numbers(&mut bits, TIME).map(|fields| ("time_descriptor", fields))
            }
            _ => {
                let mut fields = Vec::new();
                add_number(&mut fields, "splice_descriptor_tag", tag);
                add(&mut fields, "data", Value::Bytes(body.into()));
                Ok(("splice_descriptor", fields))
            }
        };
        let (name, fields) = read?;
        all.push((name.into(), Value::List(fields)));
    }
    Ok(all)
}

/// Descriptors that are numbers alone.
const AVAIL: &[(&str, u32)] = &[("provider_avail_id", 32)];
const TIME: &[(&str, u32)] = &[("TAI_seconds", 48), ("TAI_ns", 32), ("UTC_offset", 16)];
/// What a segment is restricted to; or nothing of it.
const RESTRICTIONS: &[(&str, u32)] = &[
    ("web_delivery_allowed_flag", 1),
    ("no_regional_blackout_flag", 1),
    ("archive_allowed_flag", 1),
    ("device_restrictions", 2),
];
const NO_RESTRICTIONS: &[(&str, u32)] = &[("", 5)];
const COMPONENT: &[(&str, u32)] = &[("component_tag", 8), ("", 7), ("pts_offset", 33)];
const SUB_SEGMENTS: &[(&str, u32)] = &[("sub_segment_num", 8), ("sub_segments_expected", 8)];

fn numbers(bits: &mut Bits<'_>, layout: &[(&str, u32)]) -> Result<Fields, Error> {
    let mut read = Vec::new();
    fields::read(&mut read, bits, layout)?;
    Ok(read)
}

fn dtmf(bits: &mut Bits<'_>) -> Result<Fields, Error> {
    let mut fields = numbers(bits, &[("preroll", 8)])?;
    let count = bits.take(3)? as usize;
    let chars = String::from_utf8_lossy(bits.bytes(count)?).into_owned();
    add(&mut fields, "DTMF_char", Value::Text(chars));
    Ok(fields)
}

fn segmentation(bits: &mut Bits<'_>) -> Result<Fields, Error> {
    let mut fields = numbers(bits, &[("segmentation_event_id", 32)])?;
    let is_cancelled = bits.flag()?;
    bits.take(7)?;
    let cancelled = Value::Flag(is_cancelled);
    add(&mut fields, "segmentation_event_cancel_indicator", cancelled);
    if is_cancelled {
        return Ok(fields);
    }
    let is_whole_program = bits.flag()?;
    let has_duration = bits.flag()?;
    let is_free = bits.flag()?;
    add(&mut fields, "delivery_not_restricted_flag", Value::Flag(is_free));
    let restrictions = if is_free { NO_RESTRICTIONS } else { RESTRICTIONS };
    fields::read(&mut fields, bits, restrictions)?;
    if !is_whole_program {
        let mut components = Vec::new();
        for _ in 0..bits.take(8)? {
            let component = Value::List(numbers(bits, COMPONENT)?);
            components.push(("component".into(), component));
        }
        add(&mut fields, "components", Value::List(components));
    }
    if has_duration {
        add_number(&mut fields, "segmentation_duration", bits.take(40)?);
    }
    let upid_type = bits.take(8)?;
    let upid_len = bits.take(8)? as usize;
    add_number(&mut fields, "segmentation_upid_type", upid_type);
    add(&mut fields, "segmentation_upid", upid(upid_type, bits.bytes(upid_len)?));
    let type_id = bits.take(8)?;
    add_number(&mut fields, "segmentation_type_id", type_id);
    fields::read(&mut fields, bits, &[("segment_num", 8), ("segments_expected", 8)])?;
    let has_sub_segments = matches!(type_id, 0x30 | 0x32 | 0x34 | 0x36 | 0x38 | 0x3a | 0x44 | 0x46);
    // Writers of older versions leave them out.
    if has_sub_segments && bits.left() >= 2 {
        fields::read(&mut fields, bits, SUB_SEGMENTS)?;
    }
    Ok(fields)
}

/// What names the content (table 22): text where the standard says so, else bytes.
fn upid(kind: u64, bytes: &[u8]) -> Value {
    let is_text = matches!(kind, 0x01 | 0x02 | 0x03 | 0x07 | 0x09 | 0x0e | 0x0f | 0x10 | 0x11);
    match core::str::from_utf8(bytes) {
        _ if kind == 0x0d => upids(bytes),
        Ok(text) if is_text => Value::Text(text.into()),
        _ => Value::Bytes(bytes.into()),
    }
}

/// `MID()`: several. What is cut is left out; there is no list within a list.
fn upids(bytes: &[u8]) -> Value {
    let mut bits = Bits::new(bytes);
    let mut all = Vec::new();
    while all.len() < MAX_UPIDS {
        let (Ok(kind), Ok(len)) = (bits.take(8), bits.take(8)) else { break };
        let Ok(bytes) = bits.bytes(len as usize) else { break };
        let mut fields = Vec::new();
        add_number(&mut fields, "segmentation_upid_type", kind);
        let value = if kind == 0x0d { Value::Bytes(bytes.into()) } else { upid(kind, bytes) };
        add(&mut fields, "segmentation_upid", value);
        all.push(("segmentation_upid".into(), Value::List(fields)));
    }
    Value::List(all)
}
