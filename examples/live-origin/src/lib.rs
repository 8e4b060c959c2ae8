//! The live stage: a camera's RTMP in, HLS for thousands out, every part a real program.
//!
//! In: nginx with its RTMP module, ffmpeg, and the configuration in `nginx/`. Out: an ingest, two
//! origins, an edge on loopback ([`stage`]), the playlists of an origin ([`playlists`]), DASH of them
//! ([`dash`]), and clients that load it ([`load`]). `README.md` has the picture of the chain. Nothing here enters
//! the library; it only borrows its demultiplexer.

pub mod captions;
pub mod cea608;
pub mod dash;
pub mod http;
pub mod key_frames;
pub mod keys;
pub mod ladder;
pub mod load;
pub mod name;
pub mod nginx;
pub mod packagings;
pub mod picture_codec;
pub mod playlists;
pub mod restamp;
pub mod rtmp;
pub mod source;
pub mod stage;
pub mod template;

use std::path::PathBuf;

/// Where the configuration lies.
pub fn folder() -> PathBuf {
    machine::shell::root().join("examples/live-origin")
}
