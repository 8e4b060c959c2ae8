//! What can be wrong with a playlist, as fields.
//!
//! In: facts from the module that noticed. Out: an [`Error`] and its sentence. Failures of requests
//! belong to the code that makes them.

use core::fmt;

/// Why a body cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// It is no HLS playlist at all (RFC 8216bis 4.1: it must begin with `#EXTM3U`).
    NotAPlaylist {
        /// From where.
        url: String,
        /// What it looks like: `an HTML page`, `empty`, `JSON`, `binary data`, …
        found: &'static str,
    },
    /// It breaks a rule that playback depends on.
    Invalid {
        /// From where.
        url: String,
        /// 1-based line.
        line: u32,
        /// Which rule, in words.
        problem: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPlaylist { url, found } => write!(f, "{url} is {found}, no HLS playlist"),
            Self::Invalid { url, line, problem } => write!(f, "{url}, line {line}: {problem}"),
        }
    }
}

impl core::error::Error for Error {}
