//! What a low-latency source sends.
//!
//! In: what a test or a demonstration wants. Out: a value that says all of it: two sources with
//! equal options are equal but for their age.

use crate::live::ivs::Spelling;
use crate::sample::{Picture, Recipe, Sample};
use std::path::PathBuf;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What the camera sees; a clock is in it either way.
    pub picture: Picture,
    /// Rungs that are encoded as they are sent, from low to high; multiples of 80.
    pub widths_px: Vec<u32>,
    /// Frames a second of those: a divisor of 240 and a multiple of 6, so that parts are whole frames.
    pub frame_rate: u32,
    /// A rung that is only repeated.
    pub looped: Option<LoopedRung>,
    /// Segments in a playlist.
    pub window_segments: usize,
    /// How much of the past there is at the start.
    pub past_secs: u64,
    /// LL-HLS parts as byte ranges of their segment.
    pub byte_ranges: bool,
    /// Names of the prefetch stream's tags.
    pub spelling: Spelling,
    /// What the prefetch stream calls its target duration. The services say up to 6, though
    /// segments last 2; players that go by it are as much later.
    pub prefetch_target_secs: u64,
}

/// A file of whole segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopedRung {
    /// An MP4 file.
    pub file: PathBuf,
    /// Twice its height.
    pub width_px: u32,
    /// Its frames a second: a divisor of 240 and a multiple of 6, so that parts are whole frames.
    pub frame_rate: u32,
}

impl Options {
    /// For people: two rungs encoded as they are sent, and the widest of a sample repeated.
    pub fn demo(sample: &Sample, recipe: &Recipe) -> Self {
        let top = recipe.rungs.iter().map(|rung| rung.width_px).max();
        Self {
            picture: Picture::Labelled,
            widths_px: vec![640, 1280],
            looped: top.map(|width_px| LoopedRung {
                file: sample.rung(width_px),
                width_px,
                frame_rate: recipe.frame_rate,
            }),
            window_segments: 20,
            ..Self::test()
        }
    }

    /// Small, for tests: two rungs, ten segments.
    pub fn test() -> Self {
        Self {
            picture: Picture::Directions,
            widths_px: vec![320, 640],
            frame_rate: 30,
            looped: None,
            window_segments: 10,
            past_secs: 12,
            byte_ranges: false,
            spelling: Spelling::Ivs,
            prefetch_target_secs: 6,
        }
    }
}
