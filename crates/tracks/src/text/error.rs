//! Why a text track's bytes were refused as a whole.

use core::fmt;

/// Why nothing could be read at all. What is damaged within a file costs only itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No `WEBVTT` at its beginning (W3C WebVTT 6.1).
    NotWebVtt,
    /// No `tt` element (TTML 2, 8.1.1).
    NotTtml,
    /// XML that is not well-formed, at this byte.
    MalformedXml {
        /// Where.
        at_byte: usize,
    },
    /// A document type declaration: entities and outside files are no part of IMSC (IMSC 1.2, 6.1).
    DoctypeDeclared,
    /// Elements within elements, more than a document has use for.
    TooDeep,
    /// More bytes than a segment of text has use for.
    TooLarge,
    /// A box of a sample ends behind the sample (ISO 14496-30).
    CutSample,
}

impl Error {
    /// What it is, and what to do. What formats in the standard library is a kilobyte of a wasm module.
    #[must_use]
    pub fn sentence(&self) -> String {
        let sentence = match self {
            Self::NotWebVtt => "the subtitle file is not WebVTT: it has to begin with WEBVTT",
            Self::NotTtml => "the subtitle document is not TTML: its root has to be <tt>",
            Self::MalformedXml { at_byte } => {
                let sentence = "the subtitle document is not well-formed XML, at byte ";
                return sentence.to_owned() + &at_byte.to_string();
            }
            Self::DoctypeDeclared => {
                "the subtitle document declares a document type; IMSC has none: remove <!DOCTYPE>"
            }
            Self::TooDeep => "the subtitle document has elements within elements, over 64 deep",
            Self::TooLarge => "the subtitle file is larger than 4 MiB; cut it into segments",
            Self::CutSample => "a subtitle sample is cut: one of its boxes ends behind it",
        };
        sentence.to_owned()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl core::error::Error for Error {}

impl From<videosphere_xml::Error> for Error {
    fn from(error: videosphere_xml::Error) -> Self {
        match error {
            videosphere_xml::Error::Malformed { at_byte } => Self::MalformedXml { at_byte },
            videosphere_xml::Error::DoctypeDeclared => Self::DoctypeDeclared,
            videosphere_xml::Error::TooDeep => Self::TooDeep,
        }
    }
}
