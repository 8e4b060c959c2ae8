//! The errors of the crates below, in the words of the page: the same codes, facts and sentences.
//!
//! In: an error of a crate. Out: an [`Error`]. What a crate cannot know, such as a segment's URL, is
//! left empty for the engine to fill in.

use super::Error;
use videosphere_hls as hls;
use videosphere_transmux as transmux;

impl From<hls::Error> for Error {
    fn from(error: hls::Error) -> Self {
        match error {
            hls::Error::NotAPlaylist { url, found } => Self::NotAPlaylist { url, found },
            hls::Error::Invalid { url, line, problem } => Self::Playlist { url, line, problem },
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Severity;

    #[test]
    fn what_the_crates_report_keeps_its_code_and_its_facts() {
        let url = || "https://a.example/list.m3u8".to_owned();
        let error = Error::from(hls::Error::NotAPlaylist { url: url(), found: "JSON" });
        assert_eq!((error.code(), error.url()), ("not-a-playlist", Some(&*url())));
        let problem = "no target duration".to_owned();
        let error = Error::from(hls::Error::Invalid { url: url(), line: 3, problem });
        assert_eq!(error.code(), "playlist-invalid");
        assert!(
            error.to_string().contains("list.m3u8 cannot be played (line 3): no target duration")
        );

        let codec = "MPEG-2 video".to_owned();
        let error = Error::from(transmux::Error::UnsupportedCodec { codec });
        assert_eq!((error.code(), error.severity()), ("unsupported-codec", Severity::Fatal));
        let error = Error::from(transmux::Error::UnsupportedContainer { found: "WebVTT" });
        assert_eq!((error.code(), error.severity()), ("unsupported-container", Severity::Fatal));
        let error = Error::from(transmux::Error::Encrypted { method: "SAMPLE-AES".to_owned() });
        assert!(error.code() == "encrypted" && error.to_string().contains("SAMPLE-AES"));
        let problem = "a packet is missing".to_owned();
        let error = Error::from(transmux::Error::DamagedMedia { format: "MPEG-TS", problem });
        assert_eq!((error.code(), error.severity()), ("damaged-media", Severity::Warning));
        assert_eq!(error.to_string(), "damaged MPEG-TS data: a packet is missing");
    }
}
