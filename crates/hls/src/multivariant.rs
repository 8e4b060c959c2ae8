//! A multivariant playlist as plain data (RFC 8216bis 4.4.6).
//!
//! In: nothing. Out: the types that [`super::parse`] fills. Every URL is absolute. It refuses to
//! choose among variants: that is for a player.

use super::common::{StartOffset, UnknownTag};
use super::key::Key;
use super::numbers;

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
    /// EXT-X-SESSION-KEY, in file order: keys of its media playlists that may be asked for before those
    /// are there.
    pub session_keys: Vec<Key>,
    /// EXT-X-DEFINE names and values, for [`super::ParseOptions::imported_variables`] of its media
    /// playlists.
    pub variables: Vec<(String, String)>,
    /// EXT-X-SESSION-DATA, in file order.
    pub session_data: Vec<SessionData>,
    /// EXT-X-CONTENT-STEERING.
    pub content_steering: Option<ContentSteering>,
    /// Every tag not interpreted, and data of a session that makes no sense.
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
    /// SCORE: the higher the better, whatever the bit rate.
    pub score: Option<f64>,
    /// PATHWAY-ID; `None` is the pathway `.`.
    pub pathway_id: Option<String>,
    /// STABLE-VARIANT-ID.
    pub stable_id: Option<String>,
    /// HDCP-LEVEL as it stood (`NONE`, `TYPE-0`, `TYPE-1`).
    pub hdcp_level: Option<String>,
    /// ALLOWED-CPC, VIDEO, CLOSED-CAPTIONS and all else, by name.
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
    /// LANGUAGE, a tag of BCP 47.
    pub language: Option<String>,
    /// ASSOC-LANGUAGE: the same in another role, as a written language to a spoken one.
    pub assoc_language: Option<String>,
    /// Absolute URL; `None` where the rendition is muxed into the variant.
    pub url: Option<String>,
    /// DEFAULT.
    pub is_default: bool,
    /// AUTOSELECT.
    pub is_autoselect: bool,
    /// FORCED: subtitles to be shown whoever watches, as of a sign or a foreign word.
    pub is_forced: bool,
    /// INSTREAM-ID of closed captions: `CC1` to `CC4`, or `SERVICE1` to `SERVICE63`.
    pub instream_id: Option<String>,
    /// CHARACTERISTICS, split at commas (`public.accessibility.describes-video`, …).
    pub characteristics: Vec<String>,
    /// CHANNELS as it stood: how many, then what else (`6`, `16/JOC`).
    pub channels: Option<String>,
    /// BIT-DEPTH of a sample.
    pub bit_depth: Option<u32>,
    /// SAMPLE-RATE.
    pub sample_rate_hz: Option<u32>,
    /// STABLE-RENDITION-ID.
    pub stable_id: Option<String>,
}

impl Rendition {
    /// The first number of CHANNELS.
    #[must_use]
    pub fn channel_count(&self) -> Option<u32> {
        numbers::small(self.channels.as_deref()?)
    }
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

/// EXT-X-SESSION-DATA (RFC 4.4.6.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionData {
    /// DATA-ID, in reverse DNS (`com.example.title`).
    pub id: String,
    /// LANGUAGE; entries of one id differ in it.
    pub language: Option<String>,
    /// VALUE or URI.
    pub value: SessionValue,
}

/// What an EXT-X-SESSION-DATA says, or where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionValue {
    /// VALUE.
    Text(String),
    /// Absolute URL of JSON (UTF-8): URI, FORMAT absent or JSON.
    JsonAt(String),
    /// Absolute URL of any bytes: URI, FORMAT RAW.
    BytesAt(String),
}

/// EXT-X-CONTENT-STEERING (RFC 4.4.6.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentSteering {
    /// Absolute URL of the steering manifest (RFC 7.1); it may be a `data:` URL.
    pub server_url: String,
    /// PATHWAY-ID to begin with; `None` leaves it to the player.
    pub pathway_id: Option<String>,
}
