//! Text tracks: WebVTT files, IMSC 1 documents, and both as samples of fMP4, as cues.

mod color;
pub mod cue_list;
mod entities;
mod error;
pub mod imsc;
pub mod mp4;
pub mod webvtt;

pub use error::Error;
