//! HLS segments made fit for Media Source Extensions: MPEG-TS and packed audio become fragmented
//! MP4, chunk by chunk as they are fetched, and fragmented MP4 is read as far as its owner must
//! know it. No I/O, no clock, no browser; every payload byte is copied once.
//!
//! Bytes go in by [`Transmuxer::push`](remux::Transmuxer::push), in any chunking; what has become
//! of them is drained by [`Transmuxer::poll`](remux::Transmuxer::poll): an init segment before the
//! first fragment of a track, fragments, and what was wrong.
//!
//! ```
//! use videosphere_transmux::demux::container::Format;
//! use videosphere_transmux::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};
//! use videosphere_transmux::{Error, TrackKind};
//!
//! /// The video of a transport stream, as a fragmented MP4 file.
//! fn video_of(stream: &[u8]) -> Result<Vec<u8>, Error> {
//!     let (format, stream) = Format::of(stream)?;
//!     let mut transmuxer = Transmuxer::new();
//!     transmuxer.begin_segment(SegmentStart {
//!         format,
//!         timeline_start_secs: 0.0,
//!         duration_secs: 2.0,
//!         discontinuity_sequence: 0,
//!         succession: Succession::Apart,
//!         is_growing: false,
//!     });
//!     for chunk in stream.chunks(64 * 1024) {
//!         transmuxer.push(chunk);
//!     }
//!     transmuxer.end_segment();
//!
//!     let mut file = Vec::new();
//!     while let Some(result) = transmuxer.poll() {
//!         match result {
//!             Transmuxed::Init { track: TrackKind::Video, bytes, .. }
//!             | Transmuxed::Fragment { track: TrackKind::Video, bytes, .. } => {
//!                 file.extend_from_slice(bytes.as_slice());
//!             }
//!             Transmuxed::Init { .. } | Transmuxed::Fragment { .. } => {}
//!             // What could be read was kept.
//!             Transmuxed::Problem(Error::DamagedMedia { .. }) => {}
//!             Transmuxed::Problem(error) => return Err(error),
//!         }
//!     }
//!     Ok(file)
//! }
//! # let stream = std::fs::read("../../tests/fixtures/vod_0.ts").expect("a fixture");
//! # let file = video_of(&stream).expect("a stream that can be played");
//! # assert_eq!(&file[4..8], b"ftyp");
//! # assert!(file.windows(4).any(|kind| kind == b"mdat"));
//! # assert!(video_of(b"<html>").is_err());
//! ```
//!
//! [`demux`] has the half before the access units, by itself, and the probe of fragmented MP4
//! ([`demux::fmp4`]); [`remux`] the half behind them, and the [`Transmuxer`](remux::Transmuxer)
//! over both.

#![forbid(unsafe_code)]

pub mod demux;
mod error;
pub mod remux;
mod track;

pub use error::Error;
pub use track::TrackKind;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
