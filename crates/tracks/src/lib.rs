//! Captions, subtitles and timed metadata as plain data: bytes of a known kind become [`Cue`]s, which
//! a page or a headset draws, and [`Event`]s, which it reports. No I/O, no clock, no browser.
//!
//! Times are seconds on the presentation timeline. What is damaged costs itself and nothing else; what
//! is kept is bounded.

#![forbid(unsafe_code)]

pub mod captions;
pub mod cue;
pub mod event;
pub mod fmp4;
pub mod json;
pub mod metadata;
mod number;
pub mod sei;
pub mod text;
mod utf16;

pub use cue::Cue;
pub use event::Event;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
