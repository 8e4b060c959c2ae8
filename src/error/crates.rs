//! The errors of the crates below, in the words of the page: the same codes, facts and sentences.
//!
//! In: an error of a crate. Out: an [`Error`]. What a crate cannot know, such as a segment's URL, is
//! left empty for the engine to fill in.

use super::Error;
use videosphere_transmux as transmux;

impl From<transmux::Error> for Error {
    fn from(error: transmux::Error) -> Self {
        match error {
            transmux::Error::UnsupportedCodec { codec } => Self::UnsupportedCodec { codec },
            transmux::Error::UnsupportedContainer { found } => {
                Self::UnsupportedContainer { url: String::new(), found }
            }
            transmux::Error::Encrypted { method } => Self::Encrypted { method },
            transmux::Error::DamagedMedia { format, problem } => {
                Self::DamagedMedia { format, problem }
            }
        }
    }
}
