//! What one download says of the link.
//!
//! In: bytes and times. Out: the same, as plain data for [`super::bandwidth`] and [`super::bursts`]. It
//! judges nothing.

use crate::time::Duration;

/// One finished (or abandoned) download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ThroughputSample {
    /// Body bytes received.
    pub bytes: u64,
    /// From the first body byte to the last.
    pub transfer: Duration,
    /// From the request to the first body byte.
    pub latency: Duration,
}
