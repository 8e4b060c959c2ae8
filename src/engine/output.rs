//! What the engine asks for and reports: plain data, no handles.

use super::input::RequestId;
use crate::error::{Error, Resource};
use crate::media::TrackKind;
use crate::playlist::{ByteRange, DateRange, SessionData};
use crate::time::Duration;

/// The bytes of a held body that come back with its end: enough for `styp`, `sidx` and the first
/// `moof`, from which the start time is read.
pub const HELD_HEAD_LEN: usize = 64 * 1024;

/// Names bytes the engine owns until their append is confirmed; see [`super::Engine::fragment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FragmentId(pub u64);

/// Something the engine wants done. All are fire-and-forget; results come back as inputs.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Make a request.
    Fetch(Request),
    /// Forget a request; no further event of it is wanted.
    CancelFetch(RequestId),
    /// Ask `MediaSource.isTypeSupported` about each; answer with `Command::CodecSupport`.
    ProbeCodecs(Vec<String>),
    /// Do something to the media source.
    Sink(SinkCommand),
    /// Tell the page.
    Event(Event),
    /// A body of a subtitle rendition is there: take it now, it is not released otherwise.
    Text(TextPiece),
}

/// A segment of a subtitle rendition, or its EXT-X-MAP resource, held outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextPiece {
    /// [`TextTrackInfo::id`].
    pub track: usize,
    /// Whose body it is.
    pub request: RequestId,
    /// EXT-X-MAP.
    pub is_init: bool,
    /// Where its segment stands on the presentation timeline.
    pub start_secs: f64,
    /// And ends.
    pub end_secs: f64,
    /// Added to a media time (of `MPEGTS:` over 90,000, or a `tfdt`) it gives the presentation time;
    /// `None` where no media of that stretch could be read.
    pub offset_secs: Option<f64>,
}

/// A request to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its name.
    pub id: RequestId,
    /// Absolute URL.
    pub url: String,
    /// `Range` header.
    pub byte_range: Option<ByteRange>,
    /// What for.
    pub resource: Resource,
    /// How the body is wanted.
    pub delivery: Delivery,
    /// The body is encrypted as a whole: what is delivered of it is to be clear.
    pub decryption: Option<Decryption>,
    /// The body may turn out to be MPEG-TS or packed audio: none of it is to be delivered before the
    /// transmuxer is there, where that is loaded by itself.
    pub may_need_transmuxer: bool,
    /// What it brings, for reports (CTA-5004); `None` where it is no media.
    pub media: Option<MediaFacts>,
    /// Fail with `Timeout` where no byte came in this time.
    pub first_byte_timeout: Duration,
    /// Fail with `Timeout` where no further byte came in this time.
    pub idle_timeout: Duration,
}

/// What is known of the media of a request before it is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MediaFacts {
    /// CMCD's object type: `av`, `v`, `a`, or `c` for text.
    pub object: &'static str,
    /// Of the segment, or the part of it.
    pub duration_secs: f64,
    /// BANDWIDTH of its variant; 0 where it is none of a variant.
    pub bandwidth_bps: u64,
}

/// AES-128 in CBC mode with PKCS#7 padding over a whole body (RFC 8216bis 4.4.4.4). Each part of a segment
/// is a body of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decryption {
    /// The key.
    pub key: [u8; 16],
    /// The initialization vector.
    pub iv: [u8; 16],
}

/// How a body is wanted. Of one that is to be decrypted, what comes is told as
/// `ResponseEvent::HeldProgress`; its clear bytes are there once it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As `ResponseEvent::Data`, chunk by chunk.
    Bytes,
    /// Kept outside under the request's id until `SinkCommand::Append` and `Release`: fMP4 passes
    /// through without entering wasm memory.
    Held,
}

/// Something to do to the media source. At most one operation per track is under way; the engine
/// waits for `Updated`, `QuotaExceeded` or `Rejected` before the next on the same track.
#[derive(Debug, Clone, PartialEq)]
pub enum SinkCommand {
    /// Create a media source and attach it; answer `Opened` (or `Unsupported`).
    Open,
    /// `addSourceBuffer(mime)` — no answer; tracks are all added before the first append.
    AddTrack {
        /// Which.
        track: TrackKind,
        /// MIME type with codecs.
        mime: String,
    },
    /// `changeType(mime)` — no answer.
    ChangeType {
        /// Which.
        track: TrackKind,
        /// MIME type with codecs.
        mime: String,
    },
    /// `timestampOffset = secs` before the next append on the track — no answer.
    SetTimestampOffset {
        /// Which.
        track: TrackKind,
        /// Seconds.
        offset_secs: f64,
    },
    /// `appendWindowStart = secs` before the next append on the track: what is shown before is left
    /// out of it. No answer.
    SetAppendWindow {
        /// Which.
        track: TrackKind,
        /// Seconds; 0 leaves out nothing.
        start_secs: f64,
    },
    /// `appendBuffer`.
    Append {
        /// Which.
        track: TrackKind,
        /// What.
        payload: Payload,
    },
    /// `remove(start, end)`.
    Remove {
        /// Which.
        track: TrackKind,
        /// From.
        start_secs: f64,
        /// To; infinity means all after.
        end_secs: f64,
    },
    /// Drop a held body.
    Release(RequestId),
    /// `duration = secs`; infinity for live — no answer.
    SetDuration(f64),
    /// `setLiveSeekableRange(start, end)` — no answer.
    SetLiveSeekableRange {
        /// First seekable time.
        start_secs: f64,
        /// Live edge.
        end_secs: f64,
    },
    /// `endOfStream()` — no answer.
    EndOfStream,
    /// Detach and free the media source and every held body.
    Close,
    /// Set the media element's `currentTime`.
    Seek {
        /// Where to.
        to_secs: f64,
    },
    /// Set the media element's `playbackRate`, pitch kept, unless the page has set one of its own.
    SetRate {
        /// 1 is the usual speed.
        rate: f64,
    },
}

/// Where the bytes of an append lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// In the engine: borrow them with [`super::Engine::fragment`] and append the view. Or in the
    /// transmuxer's module, by [`super::Engine::fragment_elsewhere`].
    Fragment(FragmentId),
    /// Outside: the whole held body of this request.
    Held(RequestId),
}

/// For the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The variants are known (after the multivariant playlist).
    Variants(Vec<VariantInfo>),
    /// Another variant's segments are now being loaded.
    VariantChange {
        /// [`VariantInfo::id`].
        id: usize,
        /// True where ABR chose.
        is_auto: bool,
    },
    /// The audio tracks that the manifest names, where it names any; more of them with a second source.
    AudioTracks(Vec<AudioTrackInfo>),
    /// Another audio track is, or will be, what is heard.
    AudioTrackChange {
        /// [`AudioTrackInfo::id`].
        id: usize,
        /// False in answer to [`super::Command::SelectAudio`], each of which gets one.
        is_auto: bool,
    },
    /// The stream is live or not, with its seekable range; on each change.
    Timeline(TimelineInfo),
    /// Figures, about twice a second while loading.
    Stats(Stats),
    /// A failure; `severity()` says whether playback goes on.
    Error(Error),
    /// The subtitles and captions that the manifest names, where it names any.
    TextTracks(Vec<TextTrackInfo>),
    /// EXT-X-DATERANGE of the variant's playlist: those that are new, or say something else.
    DateRanges(Vec<PlacedDateRange>),
    /// EXT-X-SESSION-DATA of the first source's multivariant playlist, where it has any.
    SessionData(Vec<SessionData>),
}

/// EXT-X-DATERANGE with its place on the presentation timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedDateRange {
    /// As listed.
    pub range: DateRange,
    /// START-DATE.
    pub start_secs: f64,
    /// By END-DATE or DURATION, where it says so.
    pub end_secs: Option<f64>,
}

/// Subtitles or captions as the page sees them (EXT-X-MEDIA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTrackInfo {
    /// Stable for the life of the stream.
    pub id: usize,
    /// NAME.
    pub label: String,
    /// LANGUAGE, empty where unknown.
    pub language: String,
    /// INSTREAM-ID; `None` for a rendition of its own.
    pub channel: Option<String>,
    /// DEFAULT.
    pub is_default: bool,
    /// AUTOSELECT.
    pub is_autoselect: bool,
    /// FORCED.
    pub is_forced: bool,
    /// Says more than what is spoken (CHARACTERISTICS).
    pub is_for_deaf: bool,
}

/// A variant as the page sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantInfo {
    /// Index, stable for the life of the stream.
    pub id: usize,
    /// BANDWIDTH.
    pub bandwidth_bps: u64,
    /// RESOLUTION, 0 where unknown.
    pub width_px: u32,
    /// RESOLUTION, 0 where unknown.
    pub height_px: u32,
    /// FRAME-RATE.
    pub frame_rate: Option<f64>,
    /// CODECS.
    pub codecs: String,
    /// PATHWAY-ID.
    pub pathway: String,
    /// VIDEO-RANGE (`SDR`, `HLG`, `PQ`).
    pub video_range: Option<String>,
    /// SCORE, which counts where every variant has one.
    pub score: Option<f64>,
    /// STABLE-VARIANT-ID.
    pub stable_id: Option<String>,
    /// Whether this browser plays it.
    pub is_playable: bool,
    /// True where it comes from the second source.
    pub is_high_quality_source: bool,
}

/// An audio track as the page sees it (EXT-X-MEDIA): one in every AUDIO group, whatever its encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioTrackInfo {
    /// Stable for the life of the stream.
    pub id: usize,
    /// NAME.
    pub label: String,
    /// LANGUAGE, empty where unknown.
    pub language: String,
    /// CHANNELS of the group listed first, empty where unknown.
    pub channels: String,
    /// DEFAULT.
    pub is_default: bool,
    /// Says what is seen too (CHARACTERISTICS).
    pub describes_video: bool,
}

/// The presentation timeline.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TimelineInfo {
    /// Still growing.
    pub is_live: bool,
    /// First seekable time.
    pub start_secs: f64,
    /// Duration (VOD) or live edge.
    pub end_secs: f64,
    /// Where "live" is: edge less hold-back.
    pub live_secs: Option<f64>,
    /// Unix milliseconds of presentation time zero, from PROGRAM-DATE-TIME.
    pub zero_unix_millis: Option<f64>,
}

/// Figures for the page.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stats {
    /// The throughput estimate; `None` until measured.
    pub bandwidth_bps: Option<f64>,
    /// Variant being loaded.
    pub variant: Option<usize>,
    /// Media buffered ahead of the playhead.
    pub buffer_ahead_secs: f64,
    /// Distance from the end of the live playlist to the playhead.
    pub live_latency_secs: Option<f64>,
    /// The distance that is aimed at; `None` where it is not live.
    pub target_latency_secs: Option<f64>,
    /// The viewer sees what is live.
    pub is_at_live_edge: bool,
    /// From the moment a picture was dated (EXT-X-PROGRAM-DATE-TIME) to the moment it is shown. As
    /// good as the sender's clock and this machine's agree; `None` where nothing is dated.
    pub end_to_end_latency_secs: Option<f64>,
    /// `playbackRate`, set by the page or by us.
    pub playback_rate: f64,
    /// Times playback ran dry.
    pub stalls: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Segments completed.
    pub segments_loaded: u64,
    /// Requests repeated.
    pub retries: u64,
    /// Holes jumped over.
    pub gaps_jumped: u64,
}
