//! Why a manifest cannot be played, with what to do about it.

use core::fmt;

/// Why nothing can be made of a manifest, or of one of its tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The root is no `MPD` element.
    NotAnMpd,
    /// No XML that can be read.
    Xml(videosphere_xml::Error),
    /// More elements than [`crate::MAX_ELEMENTS`].
    TooManyElements,
    /// More segments in a track than [`crate::MAX_SEGMENTS`], or too long addresses for their number.
    TooManySegments,
    /// Neither video nor audio that could be played is in it.
    NoMedia,
    /// The track is not in this manifest.
    NoSuchTrack,
    /// A feature that is not read, in a few words.
    Unsupported(&'static str),
    /// A segment index that is damaged or too large.
    BadIndex,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnMpd => "the manifest is no MPD: its root has to be <MPD>",
            Self::Xml(error) => return write!(f, "the manifest cannot be read: {error}"),
            Self::TooManyElements => "the manifest has more than 500000 elements; shorten it",
            Self::TooManySegments => {
                "the manifest lists more segments than fit; shorten its window"
            }
            Self::NoMedia => "the manifest has neither video nor audio in MP4 that can be played",
            Self::NoSuchTrack => "the manifest no longer has this track",
            Self::Unsupported(what) => return write!(f, "the manifest needs {what}"),
            Self::BadIndex => "the segment index (sidx) is damaged; package the file anew",
        })
    }
}

impl core::error::Error for Error {}

impl From<videosphere_xml::Error> for Error {
    fn from(error: videosphere_xml::Error) -> Self {
        Self::Xml(error)
    }
}
