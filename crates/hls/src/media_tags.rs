//! Attribute lists of a media playlist's tags (RFC 8216bis 4.4.3 to 4.4.5).
//!
//! In: the text after a tag's colon. Out: its typed value; `None` where what makes it useful (most
//! often its URI) is missing. Only an undefined variable is an error.

use super::context::Context;
use super::key::{IDENTITY, Key, Keys};
use super::lines::Attributes;
use super::numbers;
use super::tags;
use super::{ByteRange, DateRange, InitSection, Part, PreloadHint, RenditionReport, ServerControl};
use crate::Error;

/// Attributes kept by name, per tag.
const MAX_OTHER_ATTRIBUTES: usize = 256;

/// EXT-X-MAP (RFC 4.4.4.5).
pub(super) fn map(context: &mut Context<'_>, list: &str) -> Result<Option<InitSection>, Error> {
    let (mut uri, mut byte_range) = (None, None);
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "URI" => uri = Some(value),
            "BYTERANGE" => byte_range = tags::byte_range(&value, Some(0)),
            _ => {}
        }
    }
    let Some(uri) = uri else { return Ok(None) };
    Ok(Some(InitSection { url: context.resolve(&uri)?, byte_range, keys: Keys::default() }))
}

/// EXT-X-KEY (RFC 4.4.4.4), EXT-X-SESSION-KEY; `None` for METHOD=NONE.
pub(super) fn key(context: &mut Context<'_>, list: &str) -> Result<Option<Key>, Error> {
    let (mut method, mut uri, mut key_format) = (None, None, None);
    let (mut iv, mut key_format_versions, mut key_id) = (None, None, None);
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "METHOD" => method = Some(value.into_owned()),
            "URI" => uri = Some(value),
            "IV" => iv = numbers::hex_16(&value),
            "KEYFORMAT" => key_format = Some(value.into_owned()),
            "KEYFORMATVERSIONS" => key_format_versions = Some(value.into_owned()),
            "KEYID" => key_id = numbers::hex_16(&value),
            _ => {}
        }
    }
    // A key without a method is still a key: better said to be undecryptable than played as noise.
    let method = method.unwrap_or_else(|| "unknown".to_owned());
    if method == "NONE" {
        return Ok(None);
    }
    let url = uri.map(|uri| context.resolve(&uri)).transpose()?;
    let key_format = key_format.unwrap_or_else(|| IDENTITY.to_owned());
    Ok(Some(Key { method, url, iv, key_format, key_format_versions, key_id }))
}

/// EXT-X-PART (RFC 4.4.4.9).
pub(super) fn part(
    context: &mut Context<'_>,
    list: &str,
    following: Option<u64>,
) -> Result<Option<Part>, Error> {
    let mut part = Part::default();
    let mut uri = None;
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "URI" => uri = Some(value),
            "DURATION" => part.duration_secs = numbers::non_negative(&value).unwrap_or(0.0),
            "INDEPENDENT" => part.is_independent = tags::yes(&value),
            "GAP" => part.is_gap |= tags::yes(&value),
            "BYTERANGE" => {
                part.byte_range = tags::byte_range(&value, following);
                // The whole resource is not this part.
                part.is_gap |= part.byte_range.is_none();
            }
            _ => {}
        }
    }
    let Some(uri) = uri else { return Ok(None) };
    part.url = context.resolve(&uri)?;
    Ok(Some(part))
}

/// EXT-X-PART-INF (RFC 4.4.3.7).
pub(super) fn part_target(list: &str) -> Option<f64> {
    let target = Attributes::new(list).find(|attribute| attribute.name == "PART-TARGET")?;
    numbers::non_negative(target.value)
}

/// EXT-X-SKIP (RFC 4.4.5.2): how many segments, and which date ranges are gone.
pub(super) fn skip(context: &mut Context<'_>, list: &str) -> Result<(u64, Vec<String>), Error> {
    let (mut skipped_segments, mut removed) = (0, Vec::new());
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            // More than anybody knows: it then asks for the whole list.
            "SKIPPED-SEGMENTS" => skipped_segments = numbers::integer(&value).unwrap_or(u64::MAX),
            "RECENTLY-REMOVED-DATERANGES" => {
                let ids = value.split('\t').filter(|id| !id.is_empty());
                removed = ids.take(MAX_OTHER_ATTRIBUTES).map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    Ok((skipped_segments, removed))
}

/// EXT-X-SERVER-CONTROL (RFC 4.4.3.8).
pub(super) fn server_control(list: &str) -> ServerControl {
    let mut control = ServerControl::default();
    for attribute in Attributes::new(list) {
        let value = attribute.value;
        match attribute.name {
            "CAN-BLOCK-RELOAD" => control.can_block_reload = tags::yes(value),
            "CAN-SKIP-UNTIL" => control.can_skip_until_secs = numbers::non_negative(value),
            "CAN-SKIP-DATERANGES" => control.can_skip_date_ranges = tags::yes(value),
            "HOLD-BACK" => control.hold_back_secs = numbers::non_negative(value),
            "PART-HOLD-BACK" => control.part_hold_back_secs = numbers::non_negative(value),
            _ => {}
        }
    }
    control
}

/// EXT-X-PRELOAD-HINT (RFC 4.4.5.3).
pub(super) fn preload_hint(
    context: &mut Context<'_>,
    list: &str,
) -> Result<Option<PreloadHint>, Error> {
    let (mut is_map, mut uri, mut start, mut length) = (false, None, None, None);
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "TYPE" => is_map = value == "MAP",
            "URI" => uri = Some(value),
            "BYTERANGE-START" => start = numbers::integer(&value),
            "BYTERANGE-LENGTH" => length = numbers::integer(&value),
            _ => {}
        }
    }
    let Some(uri) = uri else { return Ok(None) };
    let has_range = start.is_some() || length.is_some();
    let byte_range = has_range.then(|| ByteRange { offset: start.unwrap_or(0), length });
    Ok(Some(PreloadHint { is_map, url: context.resolve(&uri)?, byte_range }))
}

/// EXT-X-RENDITION-REPORT (RFC 4.4.5.4).
pub(super) fn rendition_report(
    context: &mut Context<'_>,
    list: &str,
) -> Result<Option<RenditionReport>, Error> {
    let (mut uri, mut last_media_sequence, mut last_part) = (None, None, None);
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "URI" => uri = Some(value),
            "LAST-MSN" => last_media_sequence = numbers::integer(&value),
            "LAST-PART" => last_part = numbers::integer(&value),
            _ => {}
        }
    }
    let Some(uri) = uri else { return Ok(None) };
    Ok(Some(RenditionReport { url: context.resolve(&uri)?, last_media_sequence, last_part }))
}

/// CLASS of an interstitial (Appendix D), some of whose attributes are addresses.
const INTERSTITIAL: &str = "com.apple.hls.interstitial";

/// EXT-X-DATERANGE (RFC 4.4.5.1).
pub(super) fn date_range(context: &mut Context<'_>, list: &str) -> Result<DateRange, Error> {
    let mut range = DateRange::default();
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "ID" => range.id = value.into_owned(),
            "CLASS" => range.class = Some(value.into_owned()),
            "START-DATE" => range.start_millis = numbers::date_millis(&value),
            "END-DATE" => range.end_millis = numbers::date_millis(&value),
            "DURATION" => range.duration_secs = numbers::non_negative(&value),
            "PLANNED-DURATION" => range.planned_duration_secs = numbers::non_negative(&value),
            _ if range.other_attributes.len() < MAX_OTHER_ATTRIBUTES => {
                range.other_attributes.push((name.to_owned(), value.into_owned()));
            }
            _ => {}
        }
    }
    if range.class.as_deref() == Some(INTERSTITIAL) {
        for (name, value) in &mut range.other_attributes {
            if matches!(name.as_str(), "X-ASSET-URI" | "X-ASSET-LIST") {
                *value = context.resolve(value)?;
            }
        }
    }
    Ok(range)
}
