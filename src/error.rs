//! Every failure the library can report, once: what happened, as fields; how bad it is; whether
//! asking again can help; and a sentence for a person that says what to do (`sentence`).
//!
//! In: facts from the module that noticed. Out: `code()`, `severity()`, `is_retryable()`, and
//! `Display`. Retrying itself is the loader's ([`crate::loader`]), showing is the page's. Codes are
//! part of the public API: each stands in `www/index.d.ts`, and `tests/architecture.rs` checks it.

mod crates;
mod sentence;

/// How much of the playback a failure takes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Playback goes on; something was skipped, repaired or retried.
    Warning,
    /// Playback cannot go on (what is already buffered still plays).
    Fatal,
}

impl Severity {
    /// The word the page sees.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Fatal => "fatal",
        }
    }
}

/// What was being fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A multivariant playlist, or the first playlist before its kind is known.
    Manifest,
    /// A media playlist.
    MediaPlaylist,
    /// The initialization section of EXT-X-MAP.
    InitSegment,
    /// A media segment or a part of one.
    Segment,
    /// A key of EXT-X-KEY.
    Key,
}

impl Resource {
    /// The resource in words, for a sentence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::MediaPlaylist => "media playlist",
            Self::InitSegment => "init segment",
            Self::Segment => "segment",
            Self::Key => "decryption key",
        }
    }
}

/// How a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkFailure {
    /// No answer: offline, DNS, refused, TLS, or CORS; a browser does not say which.
    Unreachable,
    /// No answer, or no further bytes, in the time allowed.
    Timeout,
    /// An HTTP status outside 200–299.
    Status(u16),
    /// The body ended before its announced length.
    Truncated {
        /// Bytes that came.
        received: u64,
        /// Bytes that were announced.
        expected: u64,
    },
    /// The body was longer than anything the engine would hold.
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The page's own `request` function released nothing: it threw, or did not answer in time. What it
    /// said stays on the page's side.
    NotReleased,
}

/// A failure. Fields carry the facts; `Display` makes the sentence.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The page gave something that is no absolute http(s) URL.
    InvalidUrl {
        /// As given.
        url: String,
    },
    /// A request failed for good (retries included), or once (as a warning).
    Network {
        /// What was asked for.
        resource: Resource,
        /// From where.
        url: String,
        /// How it failed.
        failure: NetworkFailure,
        /// True once the retry budget is spent and nothing else can take its place.
        exhausted: bool,
    },
    /// The answer is no HLS playlist at all (RFC 8216bis 4.1: it must begin with `#EXTM3U`).
    NotAPlaylist {
        /// From where.
        url: String,
        /// What it looks like: `an HTML page`, `empty`, `JSON`, `binary data`, …
        found: &'static str,
    },
    /// A playlist that breaks a rule playback depends on.
    Playlist {
        /// From where.
        url: String,
        /// 1-based line.
        line: u32,
        /// Which rule, in words.
        problem: String,
    },
    /// No variant has codecs this browser plays.
    NoPlayableVariant {
        /// The CODECS that were offered.
        codecs: Vec<String>,
    },
    /// A segment holds a codec this browser, or this library, cannot play.
    UnsupportedCodec {
        /// RFC 6381 string where known, else a name such as `MPEG-2 video`.
        codec: String,
    },
    /// A segment is in a container that is neither MPEG-TS, fMP4, nor packed AAC.
    UnsupportedContainer {
        /// From where.
        url: String,
        /// What its first bytes look like.
        found: &'static str,
    },
    /// The stream is encrypted in a way this version cannot decrypt.
    Encrypted {
        /// The METHOD of EXT-X-KEY.
        method: String,
    },
    /// What came from a key's URL is no key of AES-128.
    InvalidKey {
        /// From where.
        url: String,
        /// How long it is; a key is 16 bytes.
        byte_len: usize,
        /// It looks like HTML, a login page most often.
        is_markup: bool,
    },
    /// Something does not decrypt with its key.
    Undecryptable {
        /// The URL of the segment or init section.
        url: String,
    },
    /// The stream is encrypted, and nothing can be decrypted here.
    NoDecryption {
        /// Why, and what to do about it.
        detail: String,
    },
    /// A segment's bytes are damaged; what could be read was kept.
    DamagedMedia {
        /// Where in the flow: `MPEG-TS`, `H.264`, `AAC`, `fMP4`.
        format: &'static str,
        /// What is wrong, in words.
        problem: String,
    },
    /// The browser refused bytes appended to a source buffer.
    AppendRejected {
        /// `video`, `audio` or `muxed`.
        track: &'static str,
        /// The browser's words.
        detail: String,
    },
    /// The browser's buffer is full even after everything behind the playhead was evicted.
    BufferFull {
        /// `video`, `audio` or `muxed`.
        track: &'static str,
    },
    /// The media element failed (MediaError).
    Decode {
        /// The browser's words.
        detail: String,
    },
    /// The browser has neither MediaSource nor ManagedMediaSource.
    MediaSourceUnsupported,
    /// A live playlist stopped changing.
    LivePlaylistStalled {
        /// From where.
        url: String,
        /// For how long.
        for_secs: f64,
    },
    /// One variant or rendition cannot be played for now; another takes its place.
    VariantExcluded {
        /// [`crate::engine::VariantInfo::id`]; `None` for an audio rendition, the second source, or
        /// all there is for a moment.
        variant: Option<usize>,
        /// What is wrong with it.
        cause: Box<Error>,
    },
    /// A segment could not be had, or is marked as missing (EXT-X-GAP); the ones after it play.
    SegmentSkipped {
        /// From where.
        url: String,
    },
    /// The playhead fell out of the live window and was moved to the live point.
    BehindLiveWindow {
        /// How far it was moved.
        skipped_secs: f64,
    },
    /// The quality that was chosen is more than the link carries: playback waits for a good while of
    /// it at a time.
    LinkTooSlow {
        /// Bits per second that playback takes.
        needed_bps: u64,
        /// Bits per second that come.
        had_bps: u64,
    },
    /// Neither WebGPU nor WebGL2 gives a picture.
    RendererUnavailable {
        /// What was tried and what each said.
        detail: String,
    },
    /// The graphics context or device was lost; it is being rebuilt.
    ContextLost,
    /// The video comes from another origin without CORS, so its pixels cannot be drawn.
    VideoTainted,
    /// There is no frame to make a still of.
    NoFrame,
    /// No immersive session can be had.
    ImmersiveUnavailable {
        /// The browser's words.
        detail: String,
    },
    /// The viewer or the browser refused motion sensors.
    MotionDenied,
    /// Nothing was loaded or played for long, though it should have been.
    PlaybackStalled {
        /// For how long.
        for_secs: f64,
        /// It is not waited for any longer.
        is_final: bool,
    },
    /// A defect in videosphere itself.
    Internal {
        /// What was being done.
        detail: String,
    },
}

impl Error {
    /// A short stable name, as the page's `error.code`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidUrl { .. } => "invalid-url",
            Self::Network { failure, .. } => match failure {
                NetworkFailure::Unreachable => "network-unreachable",
                NetworkFailure::Timeout => "network-timeout",
                NetworkFailure::Status(_) => "network-status",
                NetworkFailure::Truncated { .. } => "network-truncated",
                NetworkFailure::TooLarge { .. } => "network-too-large",
                NetworkFailure::NotReleased => "request-function-failed",
            },
            Self::NotAPlaylist { .. } => "not-a-playlist",
            Self::Playlist { .. } => "playlist-invalid",
            Self::NoPlayableVariant { .. } => "no-playable-variant",
            Self::UnsupportedCodec { .. } => "unsupported-codec",
            Self::UnsupportedContainer { .. } => "unsupported-container",
            Self::Encrypted { .. } => "encrypted",
            Self::InvalidKey { .. } => "key-invalid",
            Self::Undecryptable { .. } => "decryption-failed",
            Self::NoDecryption { .. } => "decryption-unavailable",
            Self::DamagedMedia { .. } => "damaged-media",
            Self::AppendRejected { .. } => "append-rejected",
            Self::BufferFull { .. } => "buffer-full",
            Self::Decode { .. } => "decode",
            Self::MediaSourceUnsupported => "media-source-unsupported",
            Self::LivePlaylistStalled { .. } => "live-playlist-stalled",
            Self::VariantExcluded { .. } => "variant-excluded",
            Self::SegmentSkipped { .. } => "segment-skipped",
            Self::BehindLiveWindow { .. } => "behind-live-window",
            Self::LinkTooSlow { .. } => "link-too-slow",
            Self::RendererUnavailable { .. } => "renderer-unavailable",
            Self::ContextLost => "context-lost",
            Self::VideoTainted => "video-tainted",
            Self::NoFrame => "no-frame",
            Self::ImmersiveUnavailable { .. } => "immersive-unavailable",
            Self::MotionDenied => "motion-denied",
            Self::PlaybackStalled { .. } => "playback-stalled",
            Self::Internal { .. } => "internal",
        }
    }

    /// Whether playback can go on.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Network { exhausted: false, .. }
            | Self::DamagedMedia { .. }
            | Self::BufferFull { .. }
            | Self::LivePlaylistStalled { .. }
            | Self::VariantExcluded { .. }
            | Self::SegmentSkipped { .. }
            | Self::BehindLiveWindow { .. }
            | Self::LinkTooSlow { .. }
            | Self::PlaybackStalled { is_final: false, .. }
            | Self::ContextLost
            | Self::NoFrame
            | Self::ImmersiveUnavailable { .. }
            | Self::MotionDenied => Severity::Warning,
            _ => Severity::Fatal,
        }
    }

    /// Whether the same request may succeed later. A client error (4xx) will not, but for 404 on
    /// a live edge, 408, 425 and 429.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Network { failure: NetworkFailure::Status(status), .. } => {
                matches!(*status, 404 | 408 | 425 | 429 | 500..=599)
            }
            Self::Network { failure: NetworkFailure::TooLarge { .. }, .. } => false,
            Self::Network { .. } | Self::LivePlaylistStalled { .. } | Self::ContextLost => true,
            _ => false,
        }
    }

    /// The sentence of a failure of the picture, in three parts to be put together: the view
    /// modules have no room for the formatting of `Display`, which says the same. For a failure of
    /// the engine, its code.
    #[must_use]
    pub fn picture_sentence(&self) -> (&'static str, &str, &'static str) {
        match self {
            Self::RendererUnavailable { detail } => (
                "neither WebGPU nor WebGL2 works here (",
                detail,
                "): turn on hardware acceleration",
            ),
            Self::ContextLost => ("the graphics context was lost and is being rebuilt", "", ""),
            Self::VideoTainted => (
                "the video's pixels may not be read: serve it with Access-Control-Allow-Origin",
                "",
                "",
            ),
            Self::NoFrame => ("there is no frame to capture: wait for `loadeddata`", "", ""),
            Self::ImmersiveUnavailable { detail } => (
                "the headset cannot show this (",
                detail,
                "): connect it, allow this site to use it, and start again with a click",
            ),
            Self::MotionDenied => (
                "motion sensors were refused: allow motion and orientation access for this site",
                "",
                "",
            ),
            Self::Internal { detail } => {
                ("videosphere has a defect, please report it: ", detail, "")
            }
            _ => (self.code(), "", ""),
        }
    }

    /// The URL concerned, where there is one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::InvalidUrl { url }
            | Self::Network { url, .. }
            | Self::NotAPlaylist { url, .. }
            | Self::Playlist { url, .. }
            | Self::UnsupportedContainer { url, .. }
            | Self::SegmentSkipped { url }
            | Self::InvalidKey { url, .. }
            | Self::Undecryptable { url }
            | Self::LivePlaylistStalled { url, .. } => Some(url),
            Self::VariantExcluded { cause, .. } => cause.url(),
            _ => None,
        }
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests;
