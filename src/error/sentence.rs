//! Failures in words: a sentence for a person that says what happened and what to do.
//!
//! In: an [`Error`]. Out: its `Display`. It formats no floating-point number, which would cost the
//! engine module 9 KB.

use core::fmt;

use super::{Error, NetworkFailure};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUrl { url } => {
                write!(
                    f,
                    "“{url}” is not a stream URL: give an http(s) URL of an HLS playlist (.m3u8)"
                )
            }
            Self::Network { resource, url, failure, .. } => {
                let what = resource.as_str();
                match failure {
                    NetworkFailure::Unreachable => write!(
                        f,
                        "the {what} {url} cannot be reached: check the network, the URL, and that \
                         the server allows this page's origin (CORS)"
                    ),
                    NetworkFailure::Timeout => write!(f, "the {what} {url} did not arrive in time"),
                    NetworkFailure::Status(404) => {
                        write!(f, "the {what} {url} does not exist (HTTP 404): check the URL")
                    }
                    NetworkFailure::Status(status @ (401 | 403)) => write!(
                        f,
                        "the server refuses the {what} {url} (HTTP {status}): check its token or \
                         access rules"
                    ),
                    NetworkFailure::Status(status) => {
                        write!(f, "the server answered HTTP {status} for the {what} {url}")
                    }
                    NetworkFailure::Truncated { received, expected } => {
                        write!(f, "the {what} {url} broke off after {received} of {expected} bytes")
                    }
                    NetworkFailure::TooLarge { limit } => {
                        write!(f, "the {what} {url} is larger than {limit} bytes")
                    }
                    NetworkFailure::NotReleased => write!(
                        f,
                        "the page's `request` function gave no request for the {what} {url}"
                    ),
                }
            }
            Self::NotAPlaylist { url, found } => {
                write!(f, "{url} is not an HLS playlist but {found}: give the URL of an .m3u8 file")
            }
            Self::Playlist { url, line, problem } => {
                write!(f, "the playlist {url} cannot be played (line {line}): {problem}")
            }
            Self::NoPlayableVariant { codecs } => write!(
                f,
                "this browser plays none of the stream's codecs ({}): offer an H.264 variant",
                codecs.join(", ")
            ),
            Self::UnsupportedCodec { codec } => {
                write!(f, "this browser cannot play {codec}: encode the stream as H.264 and AAC")
            }
            Self::UnsupportedContainer { url, found } => write!(
                f,
                "the segment {url} is {found}: HLS here means MPEG-TS, fragmented MP4 or packed AAC"
            ),
            Self::PlaybackStalled { for_secs, .. } => write!(
                f,
                "nothing was loaded or played for {} s: check that the stream is on air and that its \
                 server answers",
                whole(*for_secs)
            ),
            Self::Encrypted { method } => {
                write!(
                    f,
                    "the stream is encrypted with {method}, which this version cannot decrypt: offer \
                     it clear, or with METHOD=AES-128 and KEYFORMAT=identity"
                )
            }
            Self::InvalidKey { url, is_markup: true, .. } => write!(
                f,
                "the decryption key {url} is a web page: check the URL in EXT-X-KEY, and that its server \
                 knows this viewer"
            ),
            Self::InvalidKey { url, byte_len, .. } => write!(
                f,
                "the decryption key {url} is {byte_len} bytes long and not 16: check the URL in \
                 EXT-X-KEY"
            ),
            Self::Undecryptable { url } => write!(
                f,
                "{url} does not decrypt with its key: check that EXT-X-KEY names the key, and the IV, \
                 that it was encrypted with"
            ),
            Self::NoDecryption { detail } => {
                write!(f, "the stream is encrypted and cannot be decrypted here: {detail}")
            }
            Self::DamagedMedia { format, problem } => write!(f, "damaged {format} data: {problem}"),
            Self::AppendRejected { track, detail } => {
                write!(f, "the browser rejected {track} data: {detail}")
            }
            Self::BufferFull { track } => write!(f, "the browser's {track} buffer is full"),
            Self::Decode { detail } => {
                write!(f, "the browser could not decode the video: {detail}")
            }
            Self::MediaSourceUnsupported => f.write_str(
                "this browser has no Media Source Extensions: use a current Chrome, Edge, Firefox \
                 or Safari (iOS 17.1 or later)",
            ),
            Self::LivePlaylistStalled { url, for_secs } => {
                write!(f, "the live playlist {url} has not changed for {} s", whole(*for_secs))
            }
            Self::VariantExcluded { variant: Some(id), cause } => {
                write!(f, "variant {id} is excluded for a while: {cause}")
            }
            Self::VariantExcluded { variant: None, cause } => {
                write!(f, "something is left out for now: {cause}")
            }
            Self::SegmentSkipped { url } => write!(f, "the segment {url} is missing and skipped"),
            Self::BehindLiveWindow { skipped_secs } => write!(
                f,
                "playback fell behind the live window and went {} s forward",
                whole(*skipped_secs)
            ),
            Self::LinkTooSlow { needed_bps, had_bps } => write!(
                f,
                "the chosen quality takes {} kbit/s and the network carries {}, so playback waits for \
                 more again and again: set `quality` to 'auto', or offer a lower variant",
                needed_bps / 1000,
                had_bps / 1000
            ),
            Self::RendererUnavailable { .. }
            | Self::ContextLost
            | Self::VideoTainted
            | Self::NoFrame
            | Self::ImmersiveUnavailable { .. }
            | Self::MotionDenied
            | Self::Internal { .. } => {
                let (before, detail, after) = self.picture_sentence();
                write!(f, "{before}{detail}{after}")
            }
        }
    }
}

/// Rounded for a sentence.
fn whole(secs: f64) -> u64 {
    secs.round() as u64
}
