//! From segment bytes to access units: MPEG-TS (ISO/IEC 13818-1) with H.264 and AAC, packed AAC,
//! and a probe that reads what is needed of fMP4.
//!
//! In: bytes in any chunking. Out: access units with 33-bit timestamps unrolled. It decodes
//! nothing and knows no playlist.

pub mod container;
pub mod fmp4;
