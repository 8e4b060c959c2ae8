//! What nginx-rtmp has written: one folder for each rung of each stream.
//!
//! In: `NAME_RUNG/index.m3u8`, as nginx-rtmp numbers it. Out: the [`Tail`] of it, the segments since
//! the last interruption, each in its slot. What lies before a hole is not worth listing: a
//! playlist cannot leave a number out, and players have had it from the other origin. The first
//! segment after an interruption is left out too: nginx-rtmp puts the sound into it that it
//! gathered while waiting for the segment to begin, up to two seconds of it.

use super::clock;
use crate::key_frames::Trouble;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Segments read of one playlist; nginx-rtmp's windows are far shorter.
const MAX_SEGMENTS: usize = 4096;
/// Bytes read of one playlist.
const MAX_PLAYLIST_LEN: u64 = 1 << 20;

/// A segment of one rung.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Its media sequence number.
    pub slot: u64,
    /// Its name without `.ts`: its first time stamp, 90 kHz.
    pub ticks: u64,
    /// When that was.
    pub unix_millis: i64,
    /// As nginx-rtmp measured it.
    pub duration_secs: f64,
}

/// Segments of consecutive slots, up to the newest; never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail(Vec<Segment>);

impl Tail {
    /// All of them.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Their slots, both inclusive.
    #[must_use]
    pub fn span(&self) -> (u64, u64) {
        let slot = |segment: Option<&Segment>| segment.map_or(0, |segment| segment.slot);
        (slot(self.0.first()), slot(self.0.last()))
    }

    /// Whether the segment of this name is one of them: finished, and whole.
    #[must_use]
    pub fn has(&self, ticks: u64) -> bool {
        self.0.iter().any(|segment| segment.ticks == ticks)
    }

    /// Those of these slots.
    #[must_use]
    pub fn between(&self, first: u64, last: u64) -> &[Segment] {
        let (oldest, _) = self.span();
        // Slots are consecutive.
        let at = |slot: u64| usize::try_from(slot.saturating_sub(oldest)).unwrap_or(usize::MAX);
        self.0.get(at(first)..at(last + 1)).unwrap_or_default()
    }
}

/// Where nginx-rtmp names segments.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    /// A slot's length.
    pub segment_millis: u64,
    /// Tells which period of time stamps is meant.
    pub now_unix_millis: i64,
}

/// Reads a rung's folder. `None` where there is no segment yet.
pub fn read(folder: &Path, grid: Grid) -> io::Result<Option<Tail>> {
    let path = folder.join("index.m3u8");
    if path.metadata()?.len() > MAX_PLAYLIST_LEN {
        return Err(io::Error::other("a playlist beyond a megabyte"));
    }
    Ok(tail(&std::fs::read_to_string(path)?, grid))
}

/// The tail of nginx-rtmp's playlist.
#[must_use]
pub fn tail(text: &str, grid: Grid) -> Option<Tail> {
    let mut segments: Vec<Segment> = Vec::new();
    let (mut duration_secs, mut is_interrupted) = (None, false);
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("#EXTINF:") {
            duration_secs = rest.split(',').next().and_then(|text| text.parse::<f64>().ok());
        } else if line == "#EXT-X-DISCONTINUITY" {
            is_interrupted = true;
        } else if let Some(name) = line.strip_suffix(".ts") {
            let (Ok(ticks), Some(secs)) = (name.parse::<u64>(), duration_secs.take()) else {
                continue;
            };
            let unix_millis = clock::unix_millis(ticks, grid.now_unix_millis);
            let slot = clock::slot(ticks, unix_millis, grid.segment_millis);
            if is_interrupted || segments.last().is_some_and(|last| last.slot + 1 != slot) {
                segments.clear();
            }
            if std::mem::take(&mut is_interrupted) {
                continue;
            }
            if segments.len() < MAX_SEGMENTS && secs.is_finite() && secs > 0.0 {
                segments.push(Segment { slot, ticks, unix_millis, duration_secs: secs });
            }
        }
    }
    (!segments.is_empty()).then_some(Tail(segments))
}

/// How long ago the last segment was finished.
pub fn age(folder: &Path) -> io::Result<Duration> {
    let written = folder.join("index.m3u8").metadata()?.modified()?;
    Ok(SystemTime::now().duration_since(written).unwrap_or_default())
}

/// What is wrong with key frames, where that is why no two segments are neighbours.
#[must_use]
pub fn key_frame_trouble(text: &str, segment_millis: u64) -> Option<Trouble> {
    let ticks: Vec<u64> =
        text.lines().filter_map(|line| line.strip_suffix(".ts")?.parse().ok()).collect();
    let (first, last) = (ticks.first()?, ticks.last()?);
    let count = u32::try_from(ticks.len().checked_sub(1)?).ok().filter(|count| *count >= 2)?;
    let apart_secs = last.checked_sub(*first)? as f64 / 90_000.0 / f64::from(count);
    (apart_secs * 1000.0 > segment_millis as f64 * 1.2).then_some(Trouble::Every(apart_secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { segment_millis: 2000, now_unix_millis: 1_000_000 };

    fn text(millis: &[u64]) -> String {
        let lines = millis.iter().map(|millis| format!("#EXTINF:2.000,\n{}.ts\n", millis * 90));
        format!("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n{}", lines.collect::<String>())
    }

    #[test]
    fn a_tail_ends_with_the_newest_and_begins_after_the_last_hole() {
        let tail_of = |millis: &[u64]| tail(&text(millis), GRID).map(|tail| tail.span());
        assert_eq!(tail_of(&[901_000, 903_000, 905_010]), Some((450, 452)));
        assert_eq!(tail_of(&[901_000, 907_000, 909_000]), Some((453, 454)));
        assert_eq!(tail_of(&[]), None);
        // A few milliseconds around the middle of a slot change nothing.
        assert_eq!(tail_of(&[900_993, 903_004]), Some((450, 451)));
    }

    #[test]
    fn a_tail_begins_with_the_second_segment_after_an_interruption() {
        let broken = text(&[901_000]) + "#EXT-X-DISCONTINUITY\n#EXTINF:2,\n81270000.ts\n";
        assert_eq!(tail(&broken, GRID), None);
        let tail = tail(&(broken + "#EXTINF:2,\n81450000.ts\n"), GRID).unwrap();
        assert_eq!(tail.span(), (452, 452));
        assert!(tail.has(81_450_000) && !tail.has(81_270_000) && !tail.has(81_630_000));
    }

    #[test]
    fn nonsense_is_left_out() {
        let odd = "#EXTINF:x,\n1.ts\n#EXTINF:2,\nname.ts\n#EXTINF:NaN,\n81270000.ts\nindex";
        assert_eq!(tail(odd, GRID), None);
    }

    #[test]
    fn key_frames_too_far_apart_are_told() {
        assert_eq!(key_frame_trouble(&text(&[901_000, 903_000, 905_000]), 2000), None);
        let apart = key_frame_trouble(&text(&[901_000, 909_000, 917_000]), 2000);
        assert_eq!(apart, Some(Trouble::Every(8.0)));
    }
}
