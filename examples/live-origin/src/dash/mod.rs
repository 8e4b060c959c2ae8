//! DASH of what an origin lists as HLS: the same segments in another wrapping, under another list.
//!
//! In: the playlists and segments of the origin it stands beside, asked for by HTTP as a viewer would.
//! Out: HTTP: `/dash/NAME.mpd` (ISO/IEC 23009-1), `/dash/NAME_RUNG/video-NUMBER.m4s`, `audio-…`, their
//! init segments, and `/dash/time`; each is made when it is asked for. What is on air and under which
//! name, what both origins have, and why there is nothing, HLS has settled already
//! ([`crate::playlists`]); a segment's number is its media sequence number. So nothing runs while
//! nobody publishes, and both origins say the same. It keeps no file.

mod catalogue;
mod hls;
pub mod manifest;
pub mod segment;
mod server;

pub use server::{Options, serve};
