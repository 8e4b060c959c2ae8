//! Adaptation sets and their representations (ISO/IEC 23009-1, 5.3.3, 5.3.5 and 5.3.7).
//!
//! In: a period. Out: what can be played of it. Left out are sets with an EssentialProperty that is not
//! known (5.8.4.8), and media of other containers than MP4 and MPEG-TS.

use crate::addressing;
use crate::elements::{bases, descriptors};
use crate::model::{AdaptationSet, Descriptor, Kind, Representation};
use crate::protection;
use crate::tree::{Node, decode};
use crate::values::frame_rate_milli;

const ROLE: &str = "urn:mpeg:dash:role:2011";
const TRICK_PLAY: &str = "http://dashif.org/guidelines/trickmode";
const TILES: [&str; 2] =
    ["http://dashif.org/guidelines/thumbnail_tile", "http://dashif.org/thumbnail_tile"];

pub(crate) fn read(root: &Node<'_>, period: &Node<'_>, above: &[String]) -> Vec<AdaptationSet> {
    let period_bases = bases(period, above);
    let sets = period.all("AdaptationSet").filter_map(|set| {
        let levels = Levels { root, period, set, bases: &bases(set, &period_bases) };
        adaptation_set(&levels)
    });
    sets.filter(|set| !set.representations.is_empty()).collect()
}

/// A set, and what it inherits from.
struct Levels<'n, 'a> {
    root: &'n Node<'a>,
    period: &'n Node<'a>,
    set: &'n Node<'a>,
    bases: &'n [String],
}

fn adaptation_set(levels: &Levels<'_, '_>) -> Option<AdaptationSet> {
    let set = levels.set;
    let essential = descriptors(set, "EssentialProperty");
    if !essential.iter().all(is_known) {
        return None;
    }
    let mut kind = None;
    let mut representations: Vec<Representation> = Vec::new();
    for node in set.all("Representation") {
        let get = |name: &str| node.owned(name).or_else(|| set.owned(name));
        let mime = get("mimeType").unwrap_or_default();
        let codecs = get("codecs").unwrap_or_default();
        let found = kind_of(set.get("contentType").as_deref(), &mime, &codecs);
        let is_of_set = kind.is_none() || kind == found;
        if found.is_none() || !is_of_set {
            continue;
        }
        kind = found;
        representations.extend(representation(levels, node, mime, codecs));
    }
    representations.sort_by_key(|it| it.bandwidth_bps);
    let roles = descriptors(set, "Role").into_iter();
    let label = set.first("Label").map(|it| decode(it.text).into_owned());
    Some(AdaptationSet {
        kind: kind?,
        is_trick_play: essential
            .iter()
            .chain(&descriptors(set, "SupplementalProperty"))
            .any(|it| it.scheme == TRICK_PLAY),
        language: set.owned("lang").filter(|lang| lang != "und" && !lang.is_empty()),
        label: label.or_else(|| set.owned("label")).filter(|label| !label.is_empty()),
        roles: roles.filter(|it| it.scheme == ROLE).map(|it| it.value).collect(),
        accessibility: descriptors(set, "Accessibility"),
        representations,
    })
}

fn representation(
    levels: &Levels<'_, '_>,
    node: &Node<'_>,
    mime: String,
    codecs: String,
) -> Option<Representation> {
    let set = levels.set;
    let essential = descriptors(node, "EssentialProperty");
    if !essential.iter().all(is_known) {
        return None;
    }
    let get = |name: &str| node.get(name).or_else(|| set.get(name));
    let number = |name: &str| get(name).and_then(|text| text.trim_ascii().parse::<u32>().ok());
    let base_urls = bases(node, levels.bases);
    let mut channels = descriptors(node, "AudioChannelConfiguration");
    channels.extend(descriptors(set, "AudioChannelConfiguration"));
    let properties = essential.into_iter().chain(descriptors(set, "EssentialProperty"));
    let mut tiles = properties.filter(|it| TILES.contains(&it.scheme.as_str()));
    let addressing_levels = [levels.period, set, node];
    Some(Representation {
        addressing: addressing::read(&addressing_levels, levels.root, base_urls.first()?)?,
        id: node.owned("id").unwrap_or_default(),
        bandwidth_bps: get("bandwidth").and_then(|text| text.parse().ok()).unwrap_or(0),
        codecs,
        mime,
        width_px: number("width").unwrap_or(0),
        height_px: number("height").unwrap_or(0),
        frame_rate_milli: get("frameRate").and_then(|text| frame_rate_milli(&text)),
        channels: channels.iter().find_map(channel_count),
        sample_rate_hz: number("audioSamplingRate"),
        tiles: tiles.find_map(|it| {
            let (columns, rows) = it.value.split_once('x')?;
            Some((columns.parse().ok()?, rows.parse().ok()?))
        }),
        protection: protection::read(set, node),
        base_urls,
    })
}

/// What is in media of a type; `None` for what cannot be played.
fn kind_of(content: Option<&str>, mime: &str, codecs: &str) -> Option<Kind> {
    let is_text = codecs.starts_with("wvtt") || codecs.starts_with("stpp");
    match mime {
        "video/mp4" | "video/mp2t" => Some(Kind::Video),
        "audio/mp4" => Some(Kind::Audio),
        "text/vtt" | "application/ttml+xml" => Some(Kind::Text),
        "application/mp4" if is_text || content == Some("text") => Some(Kind::Text),
        "image/jpeg" | "image/png" => Some(Kind::Image),
        _ => None,
    }
}

/// What has to be understood for a set to be played (5.8.4.8).
fn is_known(property: &Descriptor) -> bool {
    let Descriptor { scheme, value } = property;
    match scheme.as_str() {
        TRICK_PLAY => true,
        // Equirectangular (ISO/IEC 23090-2, 8.2.1), which is what a sphere is made of.
        "urn:mpeg:mpegI:omaf:2017:pf" => matches!(value.as_str(), "" | "0"),
        _ if TILES.contains(&scheme.as_str()) => true,
        // Colours, which the decoder reads in the bytes too (ISO/IEC 23091-2).
        _ => scheme.starts_with("urn:mpeg:mpegB:cicp:"),
    }
}

/// How many channels there are, of the schemes that say so.
fn channel_count(it: &Descriptor) -> Option<u32> {
    match it.scheme.as_str() {
        "urn:mpeg:dash:23003:3:audio_channel_configuration:2011" => it.value.parse().ok(),
        // Layouts (ISO/IEC 23091-3, 6.1).
        "urn:mpeg:mpegB:cicp:ChannelConfiguration" => match it.value.parse::<u32>().ok()? {
            count @ 1..=6 => Some(count),
            7 | 12 => Some(8),
            _ => None,
        },
        // A bit for each loudspeaker, some of them pairs (ETSI TS 102 366, I.1.2).
        "tag:dolby.com,2014:dash:audio_channel_configuration:2011"
        | "urn:dolby:dash:audio_channel_configuration:2011" => {
            let bits = u32::from_str_radix(&it.value, 16).ok()?;
            Some(bits.count_ones() + (bits & 0x0678).count_ones())
        }
        _ => None,
    }
}
