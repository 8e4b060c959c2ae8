//! MPEG-DASH manifests (ISO/IEC 23009-1, "MPD") as plain data, and as the HLS playlists that say the
//! same: whoever plays HLS plays DASH by them. No I/O, no clock, no browser.
//!
//! [`read`] gives the [`model`]; [`Playlists`] writes it as one multivariant playlist and a media playlist
//! for each track, again and again for a live manifest, with numbers that stay.
//!
//! It refuses what would be played wrongly: sets with an EssentialProperty that it does not know (5.8.4.8),
//! remote elements (xlink, 5.5), media that is neither MP4 nor MPEG-TS.

#![forbid(unsafe_code)]

mod addressing;
mod elements;
mod error;
mod listing;
mod media_playlist;
pub mod model;
mod multivariant;
mod numbering;
mod playlists;
mod protection;
mod read;
mod sets;
pub mod sidx;
mod template;
mod tracks;
mod tree;
mod values;

pub use error::Error;
pub use listing::MAX_SEGMENTS;
pub use playlists::{Playlists, Step};
pub use read::read;
pub use tree::MAX_ELEMENTS;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
