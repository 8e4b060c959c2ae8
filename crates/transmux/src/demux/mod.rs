//! From segment bytes to access units: MPEG-TS (ISO/IEC 13818-1) with H.264, AAC, AC-3, E-AC-3, MP3 and
//! Opus, packed audio, and a probe that reads what is needed of fMP4.
//!
//! In: bytes in any chunking. Out: access units with their 33-bit timestamps as they stood, laid
//! out as an `mdat` wants them. It decodes nothing, moves no timestamp and knows no playlist.

pub mod aac;
pub mod ac3;
pub mod audio_config;
pub mod audio_track;
mod bits;
pub mod container;
pub mod fmp4;
mod frame_header;
mod framer;
pub mod h264;
pub mod metadata;
pub mod mpeg_audio;
pub mod opus;
pub mod packed_audio;
mod pes;
mod program;
pub mod sample_aes;
pub mod ts;

pub(crate) use bits::BitWriter;

/// Timestamps of a PES packet, in ticks of 90 kHz modulo 2³³ (ISO/IEC 13818-1 2.4.3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PesTimestamps {
    /// When to show it.
    pub pts: u64,
    /// When to decode it; the PTS where the packet has no DTS.
    pub dts: u64,
}

/// What a frame or access unit costs beside its bytes, here and where its boxes are written.
pub(crate) const SAMPLE_COST_LEN: usize = 96;

/// What had to be left out of a track.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrackProblems {
    /// Access units or frames that were not whole or could not be decoded.
    pub dropped: u32,
    /// Times the byte stream's structure was lost and found again.
    pub resyncs: u32,
}
