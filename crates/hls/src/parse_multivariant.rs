//! Reads a multivariant playlist (RFC 8216bis 4.4.6).
//!
//! In: text that [`super::parse`] has recognised. Out: [`MultivariantPlaylist`]. A variant without
//! a URI is passed over, a rendition without a name gets one; it refuses an undefined variable and a
//! playlist that has no variant left.

use super::context::Context;
use super::lines::{Line, Lines};
use super::numbers;
use super::tags;
use super::{MultivariantPlaylist, Rendition, RenditionKind, UnknownTag, Variant};
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
            _ => {
                let line = context.line;
                push_bounded(&mut playlist.unknown_tags, UnknownTag { line, text: whole.into() });
            }
        }
    }
    if playlist.variants.is_empty() {
        return Err(context.error("it lists no variant (EXT-X-STREAM-INF followed by a URI)"));
    }
    playlist.variables = context.into_variables();
    Ok(playlist)
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
    let mut stable_id = None;
    for attribute in context.attributes(list) {
        let (name, value) = attribute?;
        match name {
            "URI" => uri = Some(value.into_owned()),
            "BANDWIDTH" => variant.bandwidth_bps = numbers::integer(&value).unwrap_or(0),
            "AVERAGE-BANDWIDTH" => variant.average_bandwidth_bps = numbers::integer(&value),
            "CODECS" => variant.codecs = codecs(&value),
            "RESOLUTION" => {
                let (width_px, height_px) = tags::resolution(&value).unwrap_or((0, 0));
                (variant.width_px, variant.height_px) = (width_px, height_px);
            }
            "FRAME-RATE" => variant.frame_rate = numbers::non_negative(&value),
            "AUDIO" => variant.audio_group = Some(value.into_owned()),
            "SUBTITLES" => variant.subtitles_group = Some(value.into_owned()),
            "NAME" => variant.name = Some(value.into_owned()),
            "STABLE-VARIANT-ID" => stable_id = Some(value.into_owned()),
            "REQ-VIDEO-LAYOUT" => variant.video_layout = Some(value.into_owned()),
            "VIDEO-RANGE" => variant.video_range = Some(value.into_owned()),
            _ => push_bounded(&mut variant.other_attributes, (name.into(), value.into_owned())),
        }
    }
    if variant.name.is_none() {
        variant.name = stable_id;
    }
    if let Some(uri) = uri {
        variant.url = context.resolve(&uri)?;
    }
    Ok(variant)
}

fn codecs(list: &str) -> Vec<String> {
    let codecs = list.split(',').map(str::trim_ascii).filter(|codec| !codec.is_empty());
    codecs.take(64).map(str::to_owned).collect()
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
            "URI" => uri = Some(value.into_owned()),
            "DEFAULT" => rendition.is_default = tags::yes(&value),
            "AUTOSELECT" => rendition.is_autoselect = tags::yes(&value),
            "CHANNELS" => rendition.channels = Some(value.into_owned()),
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
