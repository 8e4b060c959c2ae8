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
    /// The audio rendition to change to, beside the one that plays, until its first media is there.
    NewAudio,
}

impl StreamKind {
    /// The variant first.
    pub const ALL: [Self; 3] = [Self::Main, Self::Audio, Self::NewAudio];

    /// Those that come from a rendition of their own, where the variant has one (RFC 8216bis 4.4.6.1),
    /// with what kind of rendition that is.
    pub const OF_RENDITIONS: [(Self, RenditionKind); 1] = [(Self::Audio, RenditionKind::Audio)];

    /// The track that a rendition of its own fills; `None` for the variant, which fills what is left.
    pub const fn track(self) -> Option<TrackKind> {
        match self {
            // Nothing comes of it before it is the other.
            Self::Main | Self::NewAudio => None,
            Self::Audio => Some(TrackKind::Audio),
        }
    }
}

/// A rendition, stable for the life of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RenditionId(usize);

impl RenditionId {
    pub const fn new(index: usize) -> Self {
        Self(index)
    }

    /// As the page knows it.
    pub const fn index(self) -> usize {
        self.0
    }
}
