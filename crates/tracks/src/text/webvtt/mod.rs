//! WebVTT files and their segments in HLS (W3C WebVTT 1; RFC 8216bis 3.1.4).
//!
//! In: a file's bytes. Out: cues in the file's own time, and what its header says of that time;
//! [`timestamp_map`] finds their place on the presentation timeline.
//!
//! All of the specification's syntax is read, by its parser (6.1): what breaks the rules costs the cue or
//! the setting that breaks them. As hls.js and Shaka do, and unlike it, a timestamp may have any number of
//! digits behind its point, none too, and a comma for the point. What STYLE may say stands in `style.rs`. It
//! refuses what does not begin with `WEBVTT`.

mod blocks;
mod cue_text;
mod file;
mod settings;
mod style;
mod time;
pub mod timestamp_map;

pub use blocks::{parse, parse_header};
pub use file::{File, Header};
pub(super) use time::timestamp;
