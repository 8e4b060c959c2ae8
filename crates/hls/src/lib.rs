//! HLS playlists as plain data (RFC 8216bis, called "RFC" below), live ones too: text becomes
//! variants, renditions and segments; the reloads of a live list become one [`timeline`], and
//! [`reload`] and [`directives`] say when to ask again and what for. Unknown tags are kept, never an
//! error. It requests nothing and knows no clock.
//!
//! ```
//! use videosphere_hls::{Error, Playlist, parse};
//!
//! /// The variants of a stream, a line each, the best first.
//! fn list_variants(text: &str, url: &str) -> Result<Vec<String>, Error> {
//!     let mut variants = match parse(text, url)? {
//!         Playlist::Multivariant(playlist) => playlist.variants,
//!         // A stream of one variant, which has no name and says no bandwidth.
//!         Playlist::Media(_) => return Ok(vec![url.to_owned()]),
//!     };
//!     variants.sort_by_key(|variant| std::cmp::Reverse(variant.bandwidth_bps));
//!     let line = |variant: &videosphere_hls::Variant| {
//!         let (width, height) = (variant.width_px, variant.height_px);
//!         let codecs = variant.codecs.join("+");
//!         format!("{width}x{height} {codecs} {} bit/s {}", variant.bandwidth_bps, variant.url)
//!     };
//!     Ok(variants.iter().map(line).collect())
//! }
//!
//! let text = "#EXTM3U\n\
//!     #EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1920x960,CODECS=\"avc1.640028,mp4a.40.2\"\n\
//!     low/list.m3u8\n\
//!     #EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=3840x1920,CODECS=\"avc1.640033,mp4a.40.2\"\n\
//!     high/list.m3u8\n";
//! let variants = list_variants(text, "https://a.example/live/main.m3u8")?;
//! assert_eq!(
//!     variants[0],
//!     "3840x1920 avc1.640033+mp4a.40.2 9000000 bit/s https://a.example/live/high/list.m3u8"
//! );
//! assert!(list_variants("<html>", "https://a.example/").is_err());
//! # Ok::<(), Error>(())
//! ```
//!
//! A live list is read again and again: each [`MediaPlaylist`] goes into
//! [`Timeline::merge`](timeline::Timeline::merge), delta updates included, and
//! [`reload::next_reload`] says when to fetch the next.

#![forbid(unsafe_code)]

mod byte_search;
mod common;
mod context;
pub mod directives;
mod error;
mod key;
mod lines;
mod media;
mod media_tags;
mod multivariant;
mod numbers;
mod parse_media;
mod parse_multivariant;
pub mod publishing;
pub mod reload;
mod sniff;
mod tags;
pub mod time;
pub mod timeline;
pub mod uri;

pub use common::{StartOffset, UnknownTag};
pub use error::Error;
pub use key::{Key, Keys};
pub use media::{
    ByteRange, DateRange, InitSection, MediaPlaylist, Part, PlaylistKind, PreloadHint,
    RenditionReport, Segment, ServerControl, Upcoming,
};
pub use multivariant::{
    ContentSteering, MultivariantPlaylist, Rendition, RenditionKind, SessionData, SessionValue,
    Variant,
};

use std::borrow::Cow;

/// What [`parse`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Playlist {
    /// A list of variants and renditions (RFC 4.4.6).
    Multivariant(MultivariantPlaylist),
    /// A list of segments (RFC 4.4.3 to 4.4.5).
    Media(MediaPlaylist),
}

/// How to read a playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ParseOptions<'a> {
    /// Where the playlist came from, after redirects.
    pub url: &'a str,
    /// [`MultivariantPlaylist::variables`] of the playlist that named this one (EXT-X-DEFINE
    /// IMPORT).
    pub imported_variables: &'a [(String, String)],
}

/// Reads a playlist of either kind.
///
/// `text` is the body (a BOM and CRLF are fine); `url` is where it came from after redirects.
///
/// # Errors
/// [`Error::NotAPlaylist`] where it does not begin with `#EXTM3U`, [`Error::Invalid`] where a rule
/// that playback depends on is broken.
pub fn parse(text: &str, url: &str) -> Result<Playlist, Error> {
    parse_with(text, ParseOptions { url, imported_variables: &[] })
}

/// As [`parse`], for a body as it came. What is not UTF-8 is replaced by U+FFFD; most often it is a
/// title in an old encoding.
///
/// # Errors
/// As [`parse`].
pub fn parse_bytes(body: &[u8], options: ParseOptions<'_>) -> Result<Playlist, Error> {
    // `from_utf8_lossy` alone looks at every byte by itself, the check at words.
    let text =
        core::str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
    parse_with(&text, options)
}

/// As [`parse`], with a parent's variables.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(text: &str, options: ParseOptions<'_>) -> Result<Playlist, Error> {
    let ParseOptions { url, imported_variables } = options;
    if !sniff::is_playlist(text) {
        return Err(Error::NotAPlaylist { url: url.into(), found: sniff::what_else(text) });
    }
    let context = context::Context::new(url, imported_variables);
    if sniff::is_multivariant(text) {
        let mut playlist = parse_multivariant::parse(text, context)?;
        playlist.url = url.into();
        Ok(Playlist::Multivariant(playlist))
    } else {
        let mut playlist = parse_media::parse(text, context)?;
        playlist.url = url.into();
        Ok(Playlist::Media(playlist))
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
