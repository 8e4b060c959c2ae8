//! Splice descriptors (ANSI/SCTE 35 2023, 10).
//!
//! In: a section's descriptors. Out: a list of fields for each. Of an identifier other than `CUEI`, and of
//! kinds that are not known, they are handed on as bytes.

use crate::event::Value;
use crate::metadata::Error;
use crate::metadata::bits::Bits;
use crate::metadata::fields::{Fields, add, add_number};

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
            (0, Some(mut bits)) => avail(&mut bits).map(|fields| ("avail_descriptor", fields)),
            (1, Some(mut bits)) => dtmf(&mut bits).map(|fields| ("DTMF_descriptor", fields)),
            (2, Some(mut bits)) => {
                segmentation(&mut bits).map(|fields| ("segmentation_descriptor", fields))
            }
            (3, Some(mut bits)) => time(&mut bits).map(|fields| ("time_descriptor", fields)),
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

fn avail(bits: &mut Bits<'_>) -> Result<Fields, Error> {
    let mut fields = Vec::new();
    add_number(&mut fields, "provider_avail_id", bits.take(32)?);
    Ok(fields)
}

fn dtmf(bits: &mut Bits<'_>) -> Result<Fields, Error> {
    let mut fields = Vec::new();
    add_number(&mut fields, "preroll", bits.take(8)?);
    let count = bits.take(3)? as usize;
    let chars = String::from_utf8_lossy(bits.bytes(count)?).into_owned();
    add(&mut fields, "DTMF_char", Value::Text(chars));
    Ok(fields)
}

fn time(bits: &mut Bits<'_>) -> Result<Fields, Error> {
    let mut fields = Vec::new();
    add_number(&mut fields, "TAI_seconds", bits.take(48)?);
    add_number(&mut fields, "TAI_ns", bits.take(32)?);
    add_number(&mut fields, "UTC_offset", bits.take(16)?);
    Ok(fields)
}

fn segmentation(bits: &mut Bits<'_>) -> Result<Fields, Error> {
    let mut fields = Vec::new();
    add_number(&mut fields, "segmentation_event_id", bits.take(32)?);
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
    if is_free {
        bits.take(5)?;
    } else {
        for name in
            ["web_delivery_allowed_flag", "no_regional_blackout_flag", "archive_allowed_flag"]
        {
            add(&mut fields, name, Value::Flag(bits.flag()?));
        }
        add_number(&mut fields, "device_restrictions", bits.take(2)?);
    }
    if !is_whole_program {
        let mut components = Vec::new();
        for _ in 0..bits.take(8)? {
            let mut component = Vec::new();
            add_number(&mut component, "component_tag", bits.take(8)?);
            bits.take(7)?;
            add_number(&mut component, "pts_offset", bits.take(33)?);
            components.push(("component".into(), Value::List(component)));
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
    add_number(&mut fields, "segment_num", bits.take(8)?);
    add_number(&mut fields, "segments_expected", bits.take(8)?);
    let has_sub_segments = matches!(type_id, 0x30 | 0x32 | 0x34 | 0x36 | 0x38 | 0x3a | 0x44 | 0x46);
    // Writers of older versions leave them out.
    if has_sub_segments && bits.left() >= 2 {
        add_number(&mut fields, "sub_segment_num", bits.take(8)?);
        add_number(&mut fields, "sub_segments_expected", bits.take(8)?);
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
