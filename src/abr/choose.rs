//! The choice of a variant: a pure function of what is known at this moment.
//!
//! In: [`ChooseInput`]. Out: an index into its candidates. In `Auto` the best variant that the
//! throughput carries, but never a step up over a thin buffer, and never a picture much larger
//! than the page shows of it; a pin overrides all but playability. It refuses to remember: what
//! was chosen before comes in as `current`.

use crate::config::AbrConfig;

/// What a choice needs to know of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Candidate {
    /// BANDWIDTH (peak) of the variant, audio included.
    pub bandwidth_bps: u64,
    /// RESOLUTION; 0 where unknown.
    pub width_px: u32,
    /// RESOLUTION; 0 where unknown.
    pub height_px: u32,
    /// May be chosen: the browser plays it and it has not failed of late.
    pub is_playable: bool,
}

/// What the viewer asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pin {
    /// Nothing: throughput, buffer and viewport decide.
    #[default]
    Auto,
    /// This candidate; as `Auto` where it is not playable.
    Index(usize),
    /// The nearest height at or below this one, else the lowest above; of several of that height
    /// the one that the throughput carries, else the cheapest.
    Height(u32),
    /// The largest picture; of several as large the highest bit rate.
    Max,
}

/// What is known at the moment of choice.
#[derive(Debug, Clone, Copy)]
pub struct ChooseInput<'a> {
    /// All variants, in any order; the result is an index into this.
    pub candidates: &'a [Candidate],
    /// The variant of the last segment; `None` at start-up.
    pub current: Option<usize>,
    /// From [`super::BandwidthEstimator::estimate_bps`].
    pub estimate_bps: f64,
    /// Media buffered ahead of the playhead.
    pub buffer_ahead_secs: f64,
    /// Typical length of a segment (the target duration will do).
    pub segment_secs: f64,
    /// The media element's `playbackRate`; double speed needs double the throughput.
    pub playback_rate: f64,
    /// Pixels that a full turn of the panorama takes on screen, `None` where unknown.
    pub viewport_width_px: Option<u32>,
    /// What the viewer asked for.
    pub pin: Pin,
    /// Factors and switches.
    pub config: &'a AbrConfig,
}

/// Which variant to load next: an index into `candidates`, or `None` where none is playable.
#[must_use]
pub fn choose_variant(input: &ChooseInput<'_>) -> Option<usize> {
    input.candidates.iter().position(|candidate| candidate.is_playable)
}
