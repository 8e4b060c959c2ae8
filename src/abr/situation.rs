//! What a variant is chosen by.
//!
//! In: what the manifest says of each variant, the link, the buffer, the page and its viewer. Out: the
//! same, as plain data for [`super::choose`] and [`super::plan`]. It decides nothing.

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
    /// Greater for what the manifest's author holds the better one (SCORE); 0 where that is not known.
    pub score: u64,
    /// May be chosen: the browser plays it and it has not failed recently.
    pub is_playable: bool,
}

/// What the viewer asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Selection {
    /// Nothing: throughput, buffer and viewport decide.
    #[default]
    Auto,
    /// This candidate; as `Auto` where it is not playable.
    Variant(usize),
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
    /// From [`super::BandwidthEstimator::fast_bps`].
    pub fast_bps: f64,
    /// From [`super::BandwidthEstimator::slow_bps`].
    pub slow_bps: f64,
    /// From [`super::BandwidthEstimator::spread`].
    pub spread: f64,
    /// Media buffered ahead of the playhead.
    pub buffer_ahead_secs: f64,
    /// In what steps loading goes on: the length of a segment (the target duration will do), near a live
    /// edge that of a part.
    pub step_secs: f64,
    /// The most that can be buffered, where that is little: the distance kept to a live edge.
    pub buffer_goal_secs: Option<f64>,
    /// What is kept ahead at most.
    pub buffer_limit_secs: f64,
    /// The media element's `playbackRate`; double speed needs double the throughput.
    pub playback_rate: f64,
    /// Pixels that a full turn of the panorama takes on screen, `None` where unknown.
    pub viewport_width_px: Option<u32>,
    /// What the viewer asked for.
    pub selection: Selection,
    /// Factors and switches.
    pub config: &'a AbrConfig,
}
