//! Streams to test and demonstrate with.
//!
//! In: ffmpeg, and what a test asks for. Out: recorded samples below `target/media`, each pixel of
//! whose picture says where it is on the sphere ([`pattern`], [`sample`]); and live streams, made in
//! real time ([`live`]), low-latency ones among them. No picture of a camera, and no player.

pub mod languages;
pub mod live;
pub mod moments;
pub mod pattern;
pub mod sample;
