//! What a manifest says, as plain data (ISO/IEC 23009-1, 5.3). Addresses are absolute, what is inherited
//! stands where it applies, times are microseconds.

/// A presentation (5.3.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mpd {
    /// Where it came from, after redirects.
    pub url: String,
    /// `type="dynamic"`: segments come and go.
    pub is_dynamic: bool,
    /// Milliseconds since 1970 at which the presentation's time begins.
    pub availability_start_millis: i64,
    /// How old it may get; `None` where it never changes.
    pub minimum_update_micros: Option<u64>,
    /// How much of the past can be had; `None` for all of it.
    pub time_shift_micros: Option<u64>,
    /// How far behind the clock players should stay.
    pub delay_micros: Option<u64>,
    /// How far behind the clock the service wants them (ServiceDescription, Annex K).
    pub target_latency_micros: Option<u64>,
    /// How long it is.
    pub duration_micros: Option<u64>,
    /// Where it is to be had from now on (5.15.1).
    pub location: Option<String>,
    /// How the time is to be had (5.8.4.11), the best first.
    pub utc_timings: Vec<Descriptor>,
    /// In order.
    pub periods: Vec<Period>,
}

/// A scheme and a value in it (5.8.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Descriptor {
    /// `schemeIdUri`.
    pub scheme: String,
    /// `value`, empty where there is none.
    pub value: String,
}

/// A stretch of the presentation (5.3.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Period {
    /// `id`.
    pub id: Option<String>,
    /// On the presentation's timeline.
    pub start_micros: u64,
    /// `None` where it is not known yet.
    pub duration_micros: Option<u64>,
    /// Those that can be used.
    pub sets: Vec<AdaptationSet>,
}

/// What a set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Pictures, perhaps with sound.
    Video,
    /// Sound.
    Audio,
    /// Subtitles.
    Text,
    /// Thumbnails.
    Image,
}

/// Versions of one thing, between which a player may change (5.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdaptationSet {
    /// What is in it.
    pub kind: Kind,
    /// For moving fast through the video, not for playing (DASH-IF IOP 3.2.9).
    pub is_trick_play: bool,
    /// `lang`, BCP 47.
    pub language: Option<String>,
    /// Of the first `Label`.
    pub label: Option<String>,
    /// Values of the roles of `urn:mpeg:dash:role:2011` (5.8.5.5).
    pub roles: Vec<String>,
    /// What it does for whom (5.8.4.3); captions within the video too.
    pub accessibility: Vec<Descriptor>,
    /// From low to high bandwidth.
    pub representations: Vec<Representation>,
}

/// One version (5.3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// `id`.
    pub id: String,
    /// `bandwidth`, 0 where it is not said.
    pub bandwidth_bps: u64,
    /// RFC 6381, empty where it is not said.
    pub codecs: String,
    /// `mimeType`.
    pub mime: String,
    /// 0 where it is not said.
    pub width_px: u32,
    /// 0 where it is not said.
    pub height_px: u32,
    /// Frames in a thousand seconds.
    pub frame_rate_milli: Option<u32>,
    /// Channels of sound.
    pub channels: Option<u32>,
    /// `audioSamplingRate`.
    pub sample_rate_hz: Option<u32>,
    /// Columns and rows of thumbnails in an image.
    pub tiles: Option<(u32, u32)>,
    /// None where the media is clear.
    pub protection: Option<Protection>,
    /// The bases of its addresses: the first is used, the others are the same elsewhere.
    pub base_urls: Vec<String>,
    /// Where its segments are.
    pub addressing: Addressing,
}

/// Common Encryption (5.8.4.1; ISO/IEC 23001-7, 11.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protection {
    /// `cenc` or `cbcs`.
    pub scheme: String,
    /// 32 digits of hexadecimal.
    pub default_key_id: Option<String>,
    /// Those that have a licence for it.
    pub systems: Vec<KeySystem>,
}

/// A key system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySystem {
    /// In lower case, with dashes.
    pub uuid: String,
    /// A `pssh` box, base64.
    pub pssh: Option<String>,
    /// A PlayReady object, base64.
    pub playready_object: Option<String>,
}

/// A stretch of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub offset: u64,
    /// `None` up to its end.
    pub length: Option<u64>,
}

/// A resource, or a stretch of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Absolute.
    pub url: String,
    /// All of it where absent.
    pub range: Option<ByteRange>,
}

/// How segments are found (5.3.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressing {
    /// By a pattern (5.3.9.4), or a list (5.3.9.3).
    Segments(Segments),
    /// All in one file, with an index in it or none (5.3.9.2).
    File {
        /// The init segment where that is said.
        init: Option<Resource>,
        /// The file.
        url: String,
        /// Where its sidx is.
        index_range: Option<ByteRange>,
        /// Ticks in a second.
        timescale_hz: u32,
        /// The media time at which the period begins, in ticks.
        presentation_offset: u64,
    },
}

/// Segments, each with a number and a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments {
    /// The init segment, or its pattern.
    pub init: Option<Resource>,
    /// Where each is.
    pub media: Media,
    /// Ticks in a second.
    pub timescale_hz: u32,
    /// The media time at which the period begins, in ticks.
    pub presentation_offset: u64,
    /// The first segment's number.
    pub start_number: u64,
    /// The last segment's.
    pub end_number: Option<u64>,
    /// How long each is.
    pub pace: Pace,
    /// How much earlier than whole a segment can be asked for; `None` where always.
    pub availability_offset_micros: Option<u64>,
    /// Segments are there only once they are whole.
    pub is_availability_complete: bool,
}

/// Where the segments are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// A pattern with `$Number$`, `$Time$`, …, relative to the base.
    Pattern(String),
    /// One after the other.
    List(Vec<Resource>),
}

/// How long segments are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pace {
    /// All the same, in ticks.
    Even(u64),
    /// As a timeline says (5.3.9.6).
    Timeline(Vec<Run>),
    /// One segment, as long as the period.
    Whole,
}

/// Segments of one length in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Where the first begins, in ticks; `None` where the last run ends.
    pub start: Option<u64>,
    /// Ticks.
    pub duration: u64,
    /// How many follow the first; negative up to the next run, or the period's end.
    pub repeat: i64,
}
