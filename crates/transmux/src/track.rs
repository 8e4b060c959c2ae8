//! What a track holds.
//!
//! In: nothing. Out: plain data without behaviour of its own.

/// Which source buffer a track's bytes belong in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackKind {
    /// Video alone.
    Video,
    /// Audio alone.
    Audio,
    /// Both in one fMP4 (never made from TS, which is split).
    Muxed,
}

impl TrackKind {
    /// The word used in errors and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Muxed => "muxed",
        }
    }
}
