//! Words that several stages share: a track, a span of time.
//!
//! In: nothing. Out: plain data without behaviour of its own.

pub use videosphere_transmux::TrackKind;

/// A span of the presentation timeline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeRange {
    /// Inclusive.
    pub start_secs: f64,
    /// Exclusive.
    pub end_secs: f64,
}
