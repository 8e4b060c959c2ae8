//! What a file holds.
//!
//! In: nothing. Out: cues, and what all cues of a file share.

use super::style::Stylesheet;
use super::timestamp_map::TimestampMap;
use super::{cue_text, settings};
use crate::cue::{Cue, Region};

/// A file, or one segment of a track.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// In the file's order and time.
    pub cues: Vec<Cue>,
    /// X-TIMESTAMP-MAP.
    pub timestamp_map: Option<TimestampMap>,
    /// Cues that were left out: their timing line cannot be read, or they end before they begin.
    pub dropped_cues: u32,
}

/// What applies to all cues of a file: its STYLE and REGION blocks.
#[derive(Debug, Clone, Default)]
pub struct Header {
    pub(super) stylesheet: Stylesheet,
    pub(super) regions: Vec<Region>,
}

impl Header {
    /// A cue of what stands before its timing, behind it, and below it, as a sample of fMP4 has it.
    pub(crate) fn cue(&self, id: &str, times: (f64, f64), settings: &str, text: &str) -> Cue {
        let (start_secs, end_secs) = times;
        Cue {
            id: id.into(),
            start_secs,
            end_secs: Some(end_secs),
            placement: settings::placement(settings, &self.regions),
            lines: cue_text::lines(text, id, &self.stylesheet),
        }
    }
}
