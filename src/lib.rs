//! videosphere: a live 360° video on the web.
//!
//! Two halves that never meet. The **engine** turns an HLS URL into bytes for Media Source
//! Extensions and knows nothing of graphics; the **picture** draws a video frame on the inside of
//! a sphere and knows nothing of HLS. Only `web` joins them, and only `web` touches a browser.
//!
//! The modules stand below in the order in which data flows through them.
//! `ARCHITECTURE.md` shows the whole picture and says who may import whom.

pub mod config;
pub mod error;
pub mod media;

pub use videosphere_hls as playlist;
pub use videosphere_hls::time;

pub use videosphere_dash as dash;

pub mod abr;

pub mod loader;

pub use videosphere_transmux::{demux, remux};

pub use videosphere_tracks as tracks;

pub mod buffer;

pub mod engine;

pub use videosphere_sphere::{render, view};

#[cfg(target_arch = "wasm32")]
pub mod web;
