//! Reads a multivariant playlist (RFC 8216bis 4.4.6).
//!
//! In: text that [`super::parse`] has recognised. Out: [`MultivariantPlaylist`]. A variant without
//! a URI is passed over, a rendition without a name gets one; it refuses an undefined variable and a
//! playlist that has no variant left.

use super::context::Context;
use super::lines::{Line, Lines};
use super::media_tags;
use super::numbers;
use super::tags;
use super::{
    ContentSteering, MultivariantPlaylist, Rendition, RenditionKind, SessionData, SessionValue,
    UnknownTag, Variant,
};
use crate::Error;

/// More entries than any ladder has; further ones are passed over.
const MAX_ENTRIES: usize = 4096;

pub(super) fn parse(text: &str, context: Context<'_>) -> Result<MultivariantPlaylist, Error> {
    let mut context = context;
    let mut playlist = MultivariantPlaylist { version: 1, ..MultivariantPlaylist::default() };
    let mut pending: Option<Variant> = None;
    let mut lines = Lines::new(text);
    while let Some((whole, line)) = lines.next() {
        context.line = lines.line_number();
        let (name, value) = match line {
            Line::Comment => continue,
            Line::Uri(uri) => {
                if let Some(mut variant) = pending.take() {
                    variant.url = context.resolve(uri)?;
                    push_bounded(&mut playlist.variants, variant);
                }
                continue;
            }
            Line::Tag { name, value } => (name, value),
        };
        match name {
            "#EXTM3U" => {}
            "#EXT-X-VERSION" => playlist.version = tags::version(value),
            "#EXT-X-INDEPENDENT-SEGMENTS" => playlist.independent_segments = true,
            "#EXT-X-START" => playlist.start = tags::start(&mut context, value)?,
            "#EXT-X-DEFINE" => context.define(value)?,
            "#EXT-X-STREAM-INF" => pending = Some(variant(&mut context, value)?),
            "#EXT-X-I-FRAME-STREAM-INF" => {
                let variant = variant(&mut context, value)?;
                if !variant.url.is_empty() {
                    push_bounded(&mut playlist.iframe_variants, variant);
                }
            }
            "#EXT-X-MEDIA" => {
                if let Some(rendition) = rendition(&mut context, value)? {
                    push_bounded(&mut playlist.renditions, rendition);
                }
            }
            "#EXT-X-CONTENT-STEERING" if playlist.content_steering.is_none() => {
                playlist.content_steering = content_steering(&mut context, value)?;
            }
            "#EXT-X-SESSION-KEY" => {
                if let Some(key) = media_tags::key(&mut context, value)? {
                    push_bounded(&mut playlist.session_keys, key);
                }
            }
            "#EXT-X-SESSION-DATA" => match session_data(&mut context, value)? {
                Some(data) => push_bounded(&mut playlist.session_data, data),
                None => keep_unknown(&mut playlist, context.line, whole),
            },
            _ => keep_unknown(&mut playlist, context.line, whole),
        }
    }
    if playlist.variants.is_empty() {
        return Err(context.error("it lists no variant (EXT-X-STREAM-INF followed by a URI)"));
    }
    playlist.variables = context.into_variables();
    Ok(playlist)
}

fn keep_unknown(playlist: &mut MultivariantPlaylist, line: u32, whole: &str) {
    push_bounded(&mut playlist.unknown_tags, UnknownTag { line, text: whole.into() });
}

fn push_bounded<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MAX_ENTRIES {
        list.push(item);
    }
}

/// EXT-X-STREAM-INF, and EXT-X-I-FRAME-STREAM-INF with its URI.
fn variant(context: &mut Context<'_>, list: &str) -> Result<Variant, Error> {
    let mut variant = Variant::default();
    let mut uri = None;
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "URI" => uri = Some(value.into_owned()),
            "BANDWIDTH" => variant.bandwidth_bps = numbers::integer(&value).unwrap_or(0),
            "AVERAGE-BANDWIDTH" => variant.average_bandwidth_bps = numbers::integer(&value),
            "CODECS" => variant.codecs = entries(&value),
            "RESOLUTION" => {
                let (width_px, height_px) = tags::resolution(&value).unwrap_or((0, 0));
                (variant.width_px, variant.height_px) = (width_px, height_px);
            }
            "FRAME-RATE" => variant.frame_rate = numbers::non_negative(&value),
            "AUDIO" => variant.audio_group = Some(value.into_owned()),
            "SUBTITLES" => variant.subtitles_group = Some(value.into_owned()),
            "NAME" => variant.name = Some(value.into_owned()),
            "STABLE-VARIANT-ID" => variant.stable_id = Some(value.into_owned()),
            "REQ-VIDEO-LAYOUT" => variant.video_layout = Some(value.into_owned()),
            "VIDEO-RANGE" => variant.video_range = Some(value.into_owned()),
            "SCORE" => variant.score = numbers::non_negative(&value),
            "PATHWAY-ID" => variant.pathway_id = Some(value.into_owned()),
            "HDCP-LEVEL" => variant.hdcp_level = Some(value.into_owned()),
            _ => push_bounded(&mut variant.other_attributes, (name.into(), value.into_owned())),
        }
    }
    if variant.name.is_none() {
        variant.name.clone_from(&variant.stable_id);
    }
    if let Some(uri) = uri {
        variant.url = context.resolve(&uri)?;
    }
    Ok(variant)
}

/// What stands between commas.
fn entries(list: &str) -> Vec<String> {
    let entries = list.split(',').map(str::trim_ascii).filter(|entry| !entry.is_empty());
    entries.take(64).map(str::to_owned).collect()
}

/// EXT-X-MEDIA; `None` for a TYPE this library does not know.
fn rendition(context: &mut Context<'_>, list: &str) -> Result<Option<Rendition>, Error> {
    let mut rendition = Rendition::default();
    let mut kind = None;
    let mut uri = None;
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "TYPE" => {
                kind = match &*value {
                    "AUDIO" => Some(RenditionKind::Audio),
                    "VIDEO" => Some(RenditionKind::Video),
                    "SUBTITLES" => Some(RenditionKind::Subtitles),
                    "CLOSED-CAPTIONS" => Some(RenditionKind::ClosedCaptions),
                    _ => None,
                }
            }
            "GROUP-ID" => rendition.group = value.into_owned(),
            "NAME" => rendition.name = value.into_owned(),
            "LANGUAGE" => rendition.language = Some(value.into_owned()),
            "ASSOC-LANGUAGE" => rendition.assoc_language = Some(value.into_owned()),
            "URI" => uri = Some(value.into_owned()),
            "DEFAULT" => rendition.is_default = tags::yes(&value),
            "AUTOSELECT" => rendition.is_autoselect = tags::yes(&value),
            "FORCED" => rendition.is_forced = tags::yes(&value),
            "INSTREAM-ID" => rendition.instream_id = Some(value.into_owned()),
            "CHARACTERISTICS" => rendition.characteristics = entries(&value),
            "CHANNELS" => rendition.channels = Some(value.into_owned()),
            "BIT-DEPTH" => rendition.bit_depth = numbers::small(&value),
            "SAMPLE-RATE" => rendition.sample_rate_hz = numbers::small(&value),
            "STABLE-RENDITION-ID" => rendition.stable_id = Some(value.into_owned()),
            _ => {}
        }
    }
    let Some(kind) = kind else { return Ok(None) };
    rendition.kind = kind;
    // DEFAULT implies AUTOSELECT (RFC 4.4.6.1).
    rendition.is_autoselect |= rendition.is_default;
    if rendition.name.is_empty() {
        let other = rendition.language.as_ref().or(uri.as_ref()).unwrap_or(&rendition.group);
        rendition.name = other.clone();
    }
    rendition.url = uri.map(|uri| context.resolve(&uri)).transpose()?;
    Ok(Some(rendition))
}

/// EXT-X-SESSION-DATA; `None` where it has no id, or neither says anything nor where it lies.
fn session_data(context: &mut Context<'_>, list: &str) -> Result<Option<SessionData>, Error> {
    let (mut id, mut language, mut text, mut uri) = (None, None, None, None);
    let mut is_raw = false;
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "DATA-ID" => id = Some(value.into_owned()),
            "LANGUAGE" => language = Some(value.into_owned()),
            "VALUE" => text = Some(value.into_owned()),
            "URI" => uri = Some(value.into_owned()),
            "FORMAT" => is_raw = value == "RAW",
            _ => {}
        }
    }
    let value = match (text, uri) {
        (Some(text), _) => SessionValue::Text(text),
        (None, Some(uri)) if is_raw => SessionValue::BytesAt(context.resolve(&uri)?),
        (None, Some(uri)) => SessionValue::JsonAt(context.resolve(&uri)?),
        (None, None) => return Ok(None),
    };
    Ok(id.map(|id| SessionData { id, language, value }))
}

/// EXT-X-CONTENT-STEERING; `None` without a server.
fn content_steering(
    context: &mut Context<'_>,
    list: &str,
) -> Result<Option<ContentSteering>, Error> {
    let (mut server, mut pathway_id) = (None, None);
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "SERVER-URI" => server = Some(value.into_owned()),
            "PATHWAY-ID" => pathway_id = Some(value.into_owned()),
            _ => {}
        }
    }
    let server_url = server.map(|uri| context.resolve(&uri)).transpose()?;
    Ok(server_url.map(|server_url| ContentSteering { server_url, pathway_id }))
}
