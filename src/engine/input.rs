//! What the engine takes in: plain data, no handles.

use super::ladder::Decoding;
use crate::abr::Selection;
use crate::error::NetworkFailure;
use crate::media::{TimeRange, TrackKind};

/// Names one request for its whole life, retries excluded (each retry is a new request).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Something that happened outside the engine.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<'a> {
    /// The page asks for something.
    Command(Command),
    /// The media element, as it is now. Send on every event of it and four times a second.
    Playback(PlaybackState),
    /// An event of a request made by [`super::Output::Fetch`].
    Response {
        /// Which.
        request: RequestId,
        /// What.
        event: ResponseEvent<'a>,
    },
    /// An event of the media source.
    Sink(SinkEvent),
    /// `navigator.onLine` changed.
    Online(bool),
    /// Time passed; the wake-up asked for by [`super::Engine::poll_timeout`].
    Wake,
}

/// What a page can ask for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Open a stream, ending any other.
    Load(LoadOptions),
    /// Close the stream and free everything.
    Unload,
    /// What to play, from the next segment on; a variant by its [`super::VariantInfo::id`].
    Select(Selection),
    /// Pixels that the picture takes on screen, device pixels; for a sphere, the pixels a full
    /// turn would take at the present field of view.
    SetViewport {
        /// Width of the whole panorama at screen resolution.
        width_px: u32,
    },
    /// The audio track to play, by its [`super::AudioTrackInfo::id`], as soon as its sound is there.
    SelectAudio(usize),
    /// The text tracks to load, by their [`super::TextTrackInfo::id`].
    SelectText(Vec<usize>),
    /// Content steering (RFC 8216bis 7).
    Steer {
        /// The pathways to use, the best first.
        pathways: Vec<String>,
        /// A multivariant playlist of the pathways cloned since the last time, its URLs absolute; empty where none was.
        clones: String,
    },
    /// Load again what is buffered ahead of the playhead, for whoever reads what is appended and begins now.
    Reread,
    /// Which codec strings (as in CODECS) the browser said it plays; answers
    /// [`super::Output::ProbeCodecs`].
    CodecSupport(Vec<(String, bool)>),
    /// What the page says of the variants' pictures, in the order of [`super::Event::Variants`]; only of
    /// use where they are of several codecs or video ranges. Those missing count as playing smoothly.
    Decoding(Vec<Decoding>),
    /// Play at the live edge again.
    GoLive,
    /// Wanted distance from the live edge in seconds; `None` leaves it to the settings and the
    /// playlist. Holds for streams to come too.
    SetTargetLatency(Option<f64>),
}

/// Options of [`Command::Load`].
#[derive(Debug, Clone, PartialEq)]
pub struct LoadOptions {
    /// Absolute URL of a playlist of either kind.
    pub url: String,
    /// A second source for [`Selection::Max`] and heights its own variants lack: "the 4K stream".
    pub high_quality_url: Option<String>,
    /// Where to begin; `None` is the start (VOD) or the live edge.
    pub start_secs: Option<f64>,
    /// What to play from the first segment on.
    pub selection: Selection,
}

/// The media element.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PlaybackState {
    /// `currentTime`.
    pub current_time_secs: f64,
    /// `paused`.
    pub is_paused: bool,
    /// `seeking`, also in the state that goes with a `seeking` event, however quick the seek was.
    pub is_seeking: bool,
    /// `ended`.
    pub is_ended: bool,
    /// `playbackRate`.
    pub playback_rate: f64,
    /// It is what [`super::SinkCommand::SetRate`] made it, not the page's.
    pub is_catchup_rate: bool,
    /// `readyState`, 0 to 4.
    pub ready_state: u8,
    /// The page cannot be seen: browsers pause what plays there, and go on with it when it can.
    pub is_hidden: bool,
    /// The wall clock of this moment, where it is known.
    pub unix_millis: Option<f64>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum ResponseEvent<'a> {
    /// Status 200–299 and headers came.
    Head {
        /// After redirects.
        final_url: String,
        /// Content-Length.
        content_length: Option<u64>,
        /// Content-Type.
        content_type: Option<String>,
    },
    /// Bytes of a [`super::Delivery::Bytes`] body, borrowed for this call only.
    Data(&'a [u8]),
    /// Bytes of a [`super::Delivery::Held`] body came and stay outside; or such as are yet to be
    /// decrypted.
    HeldProgress {
        /// How many more.
        len: u64,
    },
    /// The body is complete. For a held body `head` is its first bytes (up to
    /// [`super::HELD_HEAD_LEN`]); it stays outside until appended and released.
    End {
        /// Empty for [`super::Delivery::Bytes`].
        head: &'a [u8],
        /// Whole body length in bytes.
        body_len: u64,
    },
    /// The answer that is about to fail says when to ask again (Retry-After).
    RetryAfter {
        /// From now on.
        secs: f64,
    },
    /// The request is over without a (whole) body.
    Failed(NetworkFailure),
    /// The body came, and is not what [`super::Request::decryption`] decrypts.
    Undecryptable,
    /// Nothing is decrypted here at all.
    NoDecryption {
        /// Why, and what to do about it.
        detail: String,
    },
}

/// An event of the media source.
#[derive(Debug, Clone, PartialEq)]
pub enum SinkEvent {
    /// `sourceopen`: tracks can be added.
    Opened,
    /// The operation in progress on this track is done; its buffer is now this.
    Updated {
        /// Which.
        track: TrackKind,
        /// `SourceBuffer.buffered`.
        buffered: Vec<TimeRange>,
    },
    /// The append in progress met QuotaExceededError; nothing of it was taken.
    QuotaExceeded {
        /// Which.
        track: TrackKind,
    },
    /// The operation in progress failed otherwise.
    Rejected {
        /// Which.
        track: TrackKind,
        /// The browser's words.
        detail: String,
    },
    /// The media element's error event.
    MediaError {
        /// MediaError.code: 2 network, 3 decode, 4 not supported.
        code: u16,
        /// MediaError.message.
        message: String,
    },
    /// ManagedMediaSource `startstreaming`/`endstreaming`: fetch, or leave the radio asleep.
    Streaming(bool),
    /// No MediaSource of any kind exists here.
    Unsupported,
}
