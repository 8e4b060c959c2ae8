//! A media playlist as plain data (RFC 8216bis 4.4.3 to 4.4.5).
//!
//! In: nothing. Out: the types that [`super::parse`] fills and [`super::timeline`] merges. Every
//! URL is absolute and every byte range has its offset. It refuses to know time or place.

use std::sync::Arc;

use super::common::{StartOffset, UnknownTag};
use super::key::Keys;

/// EXT-X-PLAYLIST-TYPE, and `Live` where the tag is absent and there is no EXT-X-ENDLIST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlaylistKind {
    /// Nothing will change.
    Vod,
    /// Segments are only added.
    Event,
    /// A sliding window.
    #[default]
    Live,
}

/// A media playlist (RFC 4.4.3 to 4.4.5).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MediaPlaylist {
    /// Where it came from (after redirects).
    pub url: String,
    /// EXT-X-VERSION, 1 where absent.
    pub version: u32,
    /// EXT-X-TARGETDURATION.
    pub target_duration_secs: f64,
    /// EXT-X-MEDIA-SEQUENCE: the number of `segments[0]` (or of the first skipped segment).
    pub media_sequence: u64,
    /// EXT-X-DISCONTINUITY-SEQUENCE.
    pub discontinuity_sequence: u64,
    /// EXT-X-PLAYLIST-TYPE.
    pub kind: PlaylistKind,
    /// EXT-X-ENDLIST was there.
    pub is_ended: bool,
    /// EXT-X-INDEPENDENT-SEGMENTS.
    pub independent_segments: bool,
    /// EXT-X-I-FRAMES-ONLY.
    pub iframes_only: bool,
    /// EXT-X-START.
    pub start: Option<StartOffset>,
    /// EXT-X-PART-INF PART-TARGET.
    pub part_target_secs: Option<f64>,
    /// EXT-X-SERVER-CONTROL; its defaults where absent.
    pub server_control: ServerControl,
    /// EXT-X-SKIP SKIPPED-SEGMENTS: this is a delta update (RFC 6.2.5.1).
    pub skipped_segments: u64,
    /// Segments in order; `segments[i].media_sequence` counts up by one.
    pub segments: Vec<Segment>,
    /// What stands after the last whole segment, numbered on from it.
    pub upcoming: Upcoming,
    /// EXT-X-PRELOAD-HINT.
    pub preload_hints: Vec<PreloadHint>,
    /// EXT-X-RENDITION-REPORT.
    pub rendition_reports: Vec<RenditionReport>,
    /// EXT-X-DATERANGE, in file order.
    pub date_ranges: Vec<DateRange>,
    /// EXT-X-SKIP RECENTLY-REMOVED-DATERANGES: IDs.
    pub removed_date_ranges: Vec<String>,
    /// Every tag not interpreted.
    pub unknown_tags: Vec<UnknownTag>,
    /// What a delta update leaves to the playlist before it.
    pub(super) inherited: Inherited,
}

/// How many segments at the front no tag of this playlist applies to: in a delta update (RFC
/// 6.2.5.1) the tags in force there may stand among the skipped lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Inherited {
    pub(super) map_segments: usize,
    pub(super) key_segments: usize,
}

/// A media segment (RFC 4.4.4). One in progress, of which only parts can be loaded, has no URL yet:
/// there `Url` is `()`; it is `Option<String>` where a segment may be either.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Segment<Url = String> {
    /// Absolute URL.
    pub url: Url,
    /// EXTINF.
    pub duration_secs: f64,
    /// Its number: EXT-X-MEDIA-SEQUENCE + index.
    pub media_sequence: u64,
    /// Its discontinuity sequence number.
    pub discontinuity_sequence: u64,
    /// EXT-X-BYTERANGE, offset resolved.
    pub byte_range: Option<ByteRange>,
    /// EXT-X-MAP in force, shared by the segments it applies to; compare with `==`.
    pub map: Option<Arc<InitSection>>,
    /// EXT-X-KEY in force, shared likewise; none for METHOD=NONE.
    pub keys: Keys,
    /// EXT-X-PROGRAM-DATE-TIME of this very segment, in milliseconds since the Unix epoch.
    pub program_date_time_millis: Option<f64>,
    /// EXT-X-GAP.
    pub is_gap: bool,
    /// EXT-X-BITRATE in force.
    pub bitrate_bps: Option<u64>,
    /// EXT-X-PART before this segment's EXTINF.
    pub parts: Vec<Part>,
    /// EXTINF's title, shared with the segment before where it is the same.
    pub title: Option<Arc<str>>,
}

/// A range of a resource's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte.
    pub offset: u64,
    /// How many; `None` reads to the end (preload hints only).
    pub length: Option<u64>,
}

/// EXT-X-MAP (RFC 4.4.4.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitSection {
    /// Absolute URL.
    pub url: String,
    /// BYTERANGE.
    pub byte_range: Option<ByteRange>,
    /// EXT-X-KEY in force where the tag stands, which need not be its segments' keys. With AES-128 it
    /// has to have an IV.
    pub keys: Keys,
}

/// What stands after the last whole segment of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Upcoming {
    /// A segment of which so far there are parts (EXT-X-PART; none where only EXT-X-PRELOAD-HINT
    /// announces it).
    InProgress(Box<Segment<()>>),
    /// Segments still being written, in order (EXT-X-PREFETCH, EXT-X-TWITCH-PREFETCH), or nothing.
    /// Their `duration_secs` is 0, as the list does not give it.
    Prefetched(Vec<Segment>),
}

impl Default for Upcoming {
    /// Nothing.
    fn default() -> Self {
        Self::Prefetched(Vec::new())
    }
}

impl Upcoming {
    /// The segments still being written; none where one is in progress.
    #[must_use]
    pub fn prefetched(&self) -> &[Segment] {
        match self {
            Self::Prefetched(segments) => segments,
            Self::InProgress(_) => &[],
        }
    }

    /// The segment in progress.
    #[must_use]
    pub fn in_progress(&self) -> Option<&Segment<()>> {
        match self {
            Self::InProgress(segment) => Some(segment),
            Self::Prefetched(_) => None,
        }
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::InProgress(_) => 1,
            Self::Prefetched(segments) => segments.len(),
        }
    }
}

impl<Url> Segment<Url> {
    /// The same with another URL, made of this one.
    pub(super) fn map_url<Other>(self, map: impl FnOnce(Url) -> Other) -> Segment<Other> {
        Segment {
            url: map(self.url),
            duration_secs: self.duration_secs,
            media_sequence: self.media_sequence,
            discontinuity_sequence: self.discontinuity_sequence,
            byte_range: self.byte_range,
            map: self.map,
            keys: self.keys,
            program_date_time_millis: self.program_date_time_millis,
            is_gap: self.is_gap,
            bitrate_bps: self.bitrate_bps,
            parts: self.parts,
            title: self.title,
        }
    }
}

/// EXT-X-PART (RFC 4.4.4.9).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// Absolute URL.
    pub url: String,
    /// DURATION.
    pub duration_secs: f64,
    /// INDEPENDENT.
    pub is_independent: bool,
    /// GAP.
    pub is_gap: bool,
    /// BYTERANGE, offset resolved.
    pub byte_range: Option<ByteRange>,
}

/// EXT-X-SERVER-CONTROL (RFC 4.4.3.8).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ServerControl {
    /// CAN-BLOCK-RELOAD.
    pub can_block_reload: bool,
    /// CAN-SKIP-UNTIL.
    pub can_skip_until_secs: Option<f64>,
    /// CAN-SKIP-DATERANGES.
    pub can_skip_date_ranges: bool,
    /// HOLD-BACK.
    pub hold_back_secs: Option<f64>,
    /// PART-HOLD-BACK.
    pub part_hold_back_secs: Option<f64>,
}

/// EXT-X-PRELOAD-HINT (RFC 4.4.5.3).
#[derive(Debug, Clone, PartialEq)]
pub struct PreloadHint {
    /// TYPE=MAP, else TYPE=PART.
    pub is_map: bool,
    /// Absolute URL.
    pub url: String,
    /// BYTERANGE-START and -LENGTH, where either was given.
    pub byte_range: Option<ByteRange>,
}

/// EXT-X-RENDITION-REPORT (RFC 4.4.5.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenditionReport {
    /// Absolute URL of the other media playlist.
    pub url: String,
    /// LAST-MSN.
    pub last_media_sequence: Option<u64>,
    /// LAST-PART.
    pub last_part: Option<u64>,
}

/// EXT-X-DATERANGE (RFC 4.4.5.1).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DateRange {
    /// ID.
    pub id: String,
    /// CLASS.
    pub class: Option<String>,
    /// START-DATE, in milliseconds since the Unix epoch.
    pub start_millis: Option<f64>,
    /// END-DATE, in milliseconds since the Unix epoch.
    pub end_millis: Option<f64>,
    /// DURATION.
    pub duration_secs: Option<f64>,
    /// PLANNED-DURATION.
    pub planned_duration_secs: Option<f64>,
    /// X- and SCTE35- attributes and all else, by name.
    pub other_attributes: Vec<(String, String)>,
}

impl MediaPlaylist {
    /// Whether a later load can bring more: not VOD and no EXT-X-ENDLIST yet.
    #[must_use]
    pub fn is_growing(&self) -> bool {
        !self.is_ended && self.kind != PlaylistKind::Vod
    }
}
