//! The kinds of sources and of streams: what the parts of the engine tell each other apart by. A
//! stream's kind is also the name of its segment loader.

use crate::media::TrackKind;
use crate::playlist::RenditionKind;

/// Which of the two streams of [`super::LoadOptions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceKind {
    Main,
    HighQuality,
}

/// What is loaded along the timeline, each by a segment loader of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StreamKind {
    /// The variant: video, or video and audio.
    Main,
    /// A separate audio rendition.
    Audio,
}

impl StreamKind {
    /// The variant first.
    pub const ALL: [Self; 2] = [Self::Main, Self::Audio];

    /// Those that come from a rendition of their own, where the variant has one (RFC 8216bis 4.4.6.1),
    /// with what kind of rendition that is.
    pub const OF_RENDITIONS: [(Self, RenditionKind); 1] = [(Self::Audio, RenditionKind::Audio)];

    /// The track that a rendition of its own fills; `None` for the variant, which fills what is left.
    pub const fn track(self) -> Option<TrackKind> {
        match self {
            Self::Main => None,
            Self::Audio => Some(TrackKind::Audio),
        }
    }
}
