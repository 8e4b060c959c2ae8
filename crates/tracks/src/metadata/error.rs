//! Why metadata were refused.

use core::fmt;

/// Why nothing could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// It does not begin as its kind does.
    OtherKind,
    /// It ends before it should.
    Cut,
    /// It was changed on its way: its checksum is another.
    WrongChecksum,
    /// It can be read only with a key.
    Encrypted,
    /// Its time is in no unit.
    NoTimescale,
    /// A version that is not known.
    UnknownVersion,
}

impl Error {
    /// What it is, and what to do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OtherKind => "the metadata are of another kind than the stream says",
            Self::Cut => "the metadata are cut: they end before they should",
            Self::WrongChecksum => "the metadata are damaged: their checksum does not fit",
            Self::Encrypted => "the metadata are encrypted; have them sent in clear",
            Self::NoTimescale => "the metadata's time has no unit: their timescale is 0",
            Self::UnknownVersion => "the metadata are of a version that is not known",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl core::error::Error for Error {}
