//! A multivariant playlist as plain data (RFC 8216bis 4.4.6).
//!
//! In: nothing. Out: the types that [`super::parse`] fills. Every URL is absolute. It refuses to
//! choose among variants: that is for a player.

use super::common::{StartOffset, UnknownTag};

/// A multivariant playlist (RFC 4.4.6).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MultivariantPlaylist {
    /// Where it came from (after redirects); relative URIs were resolved against it.
    pub url: String,
    /// EXT-X-VERSION, 1 where absent.
    pub version: u32,
    /// EXT-X-INDEPENDENT-SEGMENTS.
    pub independent_segments: bool,
    /// EXT-X-START.
    pub start: Option<StartOffset>,
    /// EXT-X-STREAM-INF, in file order.
    pub variants: Vec<Variant>,
    /// EXT-X-I-FRAME-STREAM-INF, in file order.
    pub iframe_variants: Vec<Variant>,
    /// EXT-X-MEDIA, in file order.
    pub renditions: Vec<Rendition>,
    /// EXT-X-DEFINE names and values, for [`super::ParseOptions::imported_variables`] of its media
    /// playlists.
    pub variables: Vec<(String, String)>,
    /// EXT-X-SESSION-DATA and every tag not interpreted.
    pub unknown_tags: Vec<UnknownTag>,
}

/// EXT-X-STREAM-INF (RFC 4.4.6.2).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Variant {
    /// Absolute URL of its media playlist.
    pub url: String,
    /// BANDWIDTH: peak segment bit rate, audio included.
    pub bandwidth_bps: u64,
    /// AVERAGE-BANDWIDTH.
    pub average_bandwidth_bps: Option<u64>,
    /// CODECS, split at commas.
    pub codecs: Vec<String>,
    /// RESOLUTION.
    pub width_px: u32,
    /// RESOLUTION; 0 where absent.
    pub height_px: u32,
    /// FRAME-RATE.
    pub frame_rate: Option<f64>,
    /// AUDIO group id.
    pub audio_group: Option<String>,
    /// SUBTITLES group id.
    pub subtitles_group: Option<String>,
    /// NAME (common, though not in the RFC) or STABLE-VARIANT-ID.
    pub name: Option<String>,
    /// REQ-VIDEO-LAYOUT as it stood (`CH-STEREO`, `PROJ-EQUI`, …).
    pub video_layout: Option<String>,
    /// VIDEO-RANGE (`SDR`, `HLG`, `PQ`).
    pub video_range: Option<String>,
    /// HDCP-LEVEL, PATHWAY-ID, SCORE and all else, by name.
    pub other_attributes: Vec<(String, String)>,
}

impl Variant {
    /// GROUP-ID of its renditions of this kind.
    #[must_use]
    pub fn group(&self, kind: RenditionKind) -> Option<&str> {
        let other = |name| {
            let mut others = self.other_attributes.iter();
            others.find(|(other, _)| other == name).map(|(_, value)| value.as_str())
        };
        match kind {
            RenditionKind::Audio => self.audio_group.as_deref(),
            RenditionKind::Subtitles => self.subtitles_group.as_deref(),
            RenditionKind::Video => other("VIDEO"),
            // NONE is a word, not a group.
            RenditionKind::ClosedCaptions => other("CLOSED-CAPTIONS").filter(|it| *it != "NONE"),
        }
    }
}

/// EXT-X-MEDIA (RFC 4.4.6.1).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rendition {
    /// TYPE.
    pub kind: RenditionKind,
    /// GROUP-ID.
    pub group: String,
    /// NAME, else LANGUAGE, else what else tells it apart.
    pub name: String,
    /// LANGUAGE.
    pub language: Option<String>,
    /// Absolute URL; `None` where the rendition is muxed into the variant.
    pub url: Option<String>,
    /// DEFAULT.
    pub is_default: bool,
    /// AUTOSELECT.
    pub is_autoselect: bool,
    /// CHANNELS.
    pub channels: Option<String>,
}

/// EXT-X-MEDIA TYPE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum RenditionKind {
    #[default]
    Audio,
    Video,
    Subtitles,
    ClosedCaptions,
}
