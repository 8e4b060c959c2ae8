//! The playlists of an origin, made so that two origins never contradict one another.
//!
//! In: the folders nginx-rtmp writes its HLS to, and the other origin's word on what it has. Out:
//! HTTP: `/hls/NAME.m3u8` (multivariant; `NAME.main.m3u8` without the highest rung,
//! `NAME.top.m3u8` with it alone), `/hls/NAME_RUNG/index.m3u8` (RFC 8216), `/playlists.json` (what
//! the other origin asks for), `/finished/…` (whether a segment may be served, asked by nginx). A
//! media sequence number is the time stamp in slots of one segment's length ([`clock`]), a date the
//! time stamp and how much later it came ([`lateness`]); what may be listed is agreed upon with the
//! other origin ([`agree`]), and stands for a [tick](update_tick). Segments are put right before nginx is told that
//! they are finished ([`mender`]). It serves no segment, keeps no file, and says 404 and why where it has
//! nothing to stand by (README.md has why not 503).

pub mod agree;
pub mod clock;
pub mod etag;
pub mod folder;
pub mod lateness;
pub mod measure;
pub mod mend;
pub mod mender;
pub mod peer;
mod server;
pub mod target;
pub mod test_source;
pub mod update_tick;
pub mod write;

pub use server::{NEWS, Options, serve};
