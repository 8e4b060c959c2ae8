//! EXT-X-TARGETDURATION: said once, and kept (RFC 8216bis 4.4.3.1, 6.2.1).
//!
//! In: the segments of a rung's first playlist, and what the other origin says. Out: seconds that no
//! segment exceeds, the same for as long as a publication lasts. nginx-rtmp cuts at the first key frame
//! of each slot. Where key frames come on the slot's beat, a segment lasts a slot; where they come
//! oftener, but not at a fraction of it, some last nearly two, sooner or later. So that is seen before
//! it happens. Whose encoder puts a key frame at each change of scene on top of a regular beat may still
//! see a segment that is longer than what was said: the list is not changed for it.

use super::agree::OriginReport;
use super::folder::Segment;
use std::collections::HashMap;

/// Rungs remembered.
const MAX_RUNGS: usize = 256;
/// Encoders count in frames: so much a key frame may be off, the first and the last of all.
const JITTER_SECS: f64 = 0.05;

/// What was said of each rung's present publication, and its newest slot seen.
#[derive(Debug, Default)]
pub struct Targets(HashMap<String, (u64, u64)>);

impl Targets {
    /// What was said, if anything was.
    #[must_use]
    pub fn of(&self, folder: &str) -> Option<u64> {
        self.0.get(folder).map(|(target_secs, _)| *target_secs)
    }

    /// What to say. Where the two origins began at the same moment, the larger holds.
    pub fn agree(
        &mut self,
        folder: &str,
        segments: &[Segment],
        segment_millis: u64,
        own: OriginReport,
        other: Option<OriginReport>,
    ) -> u64 {
        let known = self.0.get(folder).copied().filter(|(_, newest)| own.first <= newest + 1);
        let said = other.filter(|other| other.overlaps(own)).and_then(|other| other.target_secs);
        let known_secs = known.map(|(target_secs, _)| target_secs).max(said);
        let target_secs = known_secs.unwrap_or_else(|| of(segments, segment_millis));
        let newest = known.map_or(own.newest, |(_, newest)| newest.max(own.newest));
        if self.0.len() < MAX_RUNGS || self.0.contains_key(folder) {
            self.0.insert(folder.to_owned(), (target_secs, newest));
        }
        target_secs
    }
}

/// By the first segments. They are rounded before they are compared with it.
fn of(segments: &[Segment], segment_millis: u64) -> u64 {
    let slot_secs = segment_millis as f64 / 1000.0;
    let off_secs: f64 = segments.iter().map(|segment| segment.duration_secs - slot_secs).sum();
    let longest = segments.iter().map(|segment| segment.duration_secs).fold(0.0, f64::max);
    let is_on_beat = off_secs.abs() <= JITTER_SECS && longest <= slot_secs + JITTER_SECS;
    let longest_secs = if is_on_beat { slot_secs } else { slot_secs * 2.0 };
    (longest_secs.round() as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playlists::agree::HighWaterMark;

    fn segments(durations: &[f64]) -> Vec<Segment> {
        let segment = |duration_secs: &f64| Segment {
            slot: 0,
            ticks: 0,
            unix_millis: 0,
            duration_secs: *duration_secs,
        };
        durations.iter().map(segment).collect()
    }

    fn report(first: u64, newest: u64, target_secs: Option<u64>) -> OriginReport {
        OriginReport {
            first,
            newest,
            high_water_mark: HighWaterMark::default(),
            late_millis: None,
            target_secs,
        }
    }

    #[test]
    fn the_longest_is_foreseen() {
        assert_eq!(of(&segments(&[2.0, 2.0, 2.0]), 2000), 2);
        assert_eq!(of(&segments(&[2.002, 2.002, 2.002]), 2000), 2);
        assert_eq!(of(&segments(&[1.979, 2.021, 2.0]), 2000), 2);
        // One of eight lasts 3.5 s.
        assert_eq!(of(&segments(&[1.75, 1.75, 1.75]), 2000), 4);
        assert_eq!(of(&segments(&[2.0, 3.5, 0.5]), 2000), 4);
        assert_eq!(of(&segments(&[2.002, 2.002, 2.002]), 2002), 2);
        assert_eq!(of(&segments(&[0.5, 0.5, 0.5]), 500), 1);
    }

    #[test]
    fn what_was_said_stands_at_both_origins() {
        let (regular, odd) = (segments(&[2.0, 2.0, 2.0]), segments(&[2.0, 3.0, 1.0]));
        let mut targets = Targets::default();
        assert_eq!(targets.agree("a", &regular, 2000, report(10, 12, None), None), 2);
        assert_eq!(targets.agree("a", &odd, 2000, report(11, 13, None), None), 2);
        assert_eq!(targets.of("a"), Some(2));
        let other = Some(report(10, 13, Some(2)));
        assert_eq!(Targets::default().agree("a", &odd, 2000, report(11, 13, None), other), 2);
        let other = Some(report(10, 13, Some(4)));
        assert_eq!(targets.agree("a", &odd, 2000, report(11, 13, None), other), 4);
        // A camera that came back set otherwise, after a hole.
        assert_eq!(targets.agree("a", &regular, 2000, report(20, 22, None), other), 2);
    }
}
