//! One access unit (ITU-T H.264 7.4.1.2), as the payload of its run has it.

use crate::demux::PesTimestamps;

/// One access unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessUnit {
    /// Bytes in the payload.
    pub len: usize,
    /// `None` where the PES packet it began in gave its timestamps to an earlier access unit.
    pub timestamps: Option<PesTimestamps>,
    /// Decoding can begin here.
    pub is_key: bool,
}
