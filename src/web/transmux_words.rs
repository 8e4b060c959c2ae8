//! What the engine's module and the transmuxer's say to each other in numbers.
//!
//! In: nothing. Out: constants that both are built with.

/// What [`super::transmux_module::poll`] gives.
pub(super) const NOTHING: u32 = 0;
pub(super) const INIT: u32 = 1;
pub(super) const FRAGMENT: u32 = 2;
pub(super) const UNSUPPORTED_CODEC: u32 = 3;
pub(super) const ENCRYPTED: u32 = 4;
/// And from here on damage, of the format with this index in [`FORMATS`].
pub(super) const DAMAGED: u32 = 5;

/// What may be damaged.
pub(super) const FORMATS: [&str; 7] = ["MPEG-TS", "H.264", "AAC", "AC-3", "MP3", "Opus", "media"];

/// What CODECS says of the sound: nothing, plain AAC, or what AAC in a transport stream keeps to itself. Each index
/// is its number.
pub(super) const AUDIO_CODECS: [Option<&str>; 4] =
    [None, Some("mp4a.40.2"), Some("mp4a.40.5"), Some("mp4a.40.29")];

/// How a segment follows the one before it; any other number is [`Succession::Apart`](crate::remux::Succession).
pub(super) const ADJACENT: u32 = 1;
pub(super) const CONTIGUOUS: u32 = 2;
