//! Live streams, made in real time on this machine.
//!
//! In: ffmpeg, and a sample for what is only repeated. Out: [`Live`], a sliding window of files
//! that the server mounts; and [`LowLatency`], which answers requests itself: Low-Latency HLS
//! (RFC 8216bis) and the prefetch streams of Amazon IVS and Twitch, with a clock in
//! the picture. They are for tests and demonstrations: one viewer or a few, no TLS, no recording,
//! no input but their own.
//!
//! ```text
//! picture ─▶ encoder (ffmpeg) ─▶ fmp4 ─▶ samples ─┬▶ cmaf ─▶ window ─▶ ll_hls ─▶ server
//!            looped (once)    ─▶ fmp4 ─▶ samples ─┴▶ mpegts ─▶ window ─▶ ivs ─▶ server
//! ```

mod answers;
mod cmaf;
mod date;
mod encoder;
mod fmp4;
mod ivs;
mod ll_hls;
mod looped;
mod low_latency;
mod mpegts;
mod picture;
mod samples;
mod sliding;
mod window;

pub use ivs::Spelling;
pub use low_latency::{LoopedRung, LowLatency, Options as LowLatencyOptions};
pub use mpegts::crc_32;
pub use sliding::{Live, Options};
pub use window::Health;
