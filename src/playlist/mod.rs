//! HLS playlists as plain data (RFC 8216bis, called "RFC" below).
//!
//! In: the text of a playlist and the URL it came from. Out: [`MultivariantPlaylist`] or
//! [`MediaPlaylist`], and for a live stream the merged [`timeline`] and the moment of the next
//! [`reload`]. Unknown tags are kept, never an error. It requests nothing and knows no clock.

mod context;
pub mod directives;
mod lines;
mod media;
mod media_tags;
mod multivariant;
mod numbers;
mod parse_media;
mod parse_multivariant;
pub mod publishing;
mod recognise;
pub mod reload;
mod swar;
mod tags;
pub mod timeline;
pub(crate) mod uri;

use media::Inherited;
pub use media::{
    ByteRange, DateRange, InitSection, Key, MediaPlaylist, Part, PlaylistKind, PreloadHint,
    RenditionReport, Segment, ServerControl,
};
pub use multivariant::{MultivariantPlaylist, Rendition, RenditionKind, Variant};

use std::borrow::Cow;

use crate::error::Error;

/// What [`parse`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Playlist {
    /// A list of variants and renditions (RFC 4.4.6).
    Multivariant(MultivariantPlaylist),
    /// A list of segments (RFC 4.4.3 to 4.4.5).
    Media(MediaPlaylist),
}

/// A tag this library does not interpret, kept as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTag {
    /// 1-based line.
    pub line: u32,
    /// The whole line, without its line end.
    pub text: String,
}

/// EXT-X-START (RFC 4.4.2.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StartOffset {
    /// From the start where positive, from the end of the last segment where negative.
    pub offset_secs: f64,
    /// PRECISE.
    pub is_precise: bool,
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
/// [`Error::NotAPlaylist`] where it does not begin with `#EXTM3U`, [`Error::Playlist`] where a rule
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
    if !recognise::is_playlist(text) {
        return Err(Error::NotAPlaylist { url: url.into(), found: recognise::what_else(text) });
    }
    let context = context::Context::new(url, imported_variables);
    if recognise::is_multivariant(text) {
        let mut playlist = parse_multivariant::parse(text, context)?;
        playlist.url = url.into();
        Ok(Playlist::Multivariant(playlist))
    } else {
        let mut playlist = parse_media::parse(text, context)?;
        playlist.url = url.into();
        Ok(Playlist::Media(playlist))
    }
}
