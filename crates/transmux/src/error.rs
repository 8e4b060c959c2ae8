//! What can be wrong with a segment, as fields.
//!
//! In: facts from the module that noticed. Out: an [`Error`] and its sentence. Nothing here asks
//! again or skips: that is for the code that fetches the segments.

use core::fmt;

/// What is wrong with a segment's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A codec that is not transmuxed. Tracks that are, go on.
    UnsupportedCodec {
        /// RFC 6381 string where known, else a name such as `MPEG-2 video`.
        codec: String,
    },
    /// Neither MPEG-TS nor packed audio.
    UnsupportedContainer {
        /// What its first bytes look like.
        found: &'static str,
    },
    /// The samples are encrypted.
    Encrypted {
        /// By which scheme.
        method: String,
    },
    /// The bytes are damaged; what could be read was kept.
    DamagedMedia {
        /// Where in the flow: `MPEG-TS`, `H.264`, `AAC`, `fMP4`.
        format: &'static str,
        /// What is wrong, in words.
        problem: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedCodec { codec } => write!(f, "{codec} is not transmuxed"),
            Self::UnsupportedContainer { found } => {
                write!(f, "the segment is {found}, neither MPEG-TS nor packed audio")
            }
            Self::Encrypted { method } => write!(f, "the samples are encrypted with {method}"),
            Self::DamagedMedia { format, problem } => write!(f, "damaged {format} data: {problem}"),
        }
    }
}

impl core::error::Error for Error {}
