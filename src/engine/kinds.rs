//! The kinds of sources and of streams: what the parts of the engine tell each other apart by.

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
}
