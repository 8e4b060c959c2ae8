//! Where a file's cues lie on the presentation timeline (RFC 8216bis 3.1.4, X-TIMESTAMP-MAP).
//!
//! In: the file's map, if it has one, what the media say of their clock, and the segment's place. Out:
//! cues on the presentation timeline. Timestamps of MPEG-TS begin again after 2^33 ticks (26.5 hours):
//! of all times that a map may mean, the one nearest to the segment is meant. A new clock after a
//! discontinuity is the caller's to give.

use super::time::timestamp;
use crate::cue::Cue;
use crate::number::leading_digits;

/// 2^33 ticks of 90 kHz.
const WRAP_SECS: f64 = 8_589_934_592.0 / TICKS_PER_SEC;
const TICKS_PER_SEC: f64 = 90_000.0;

/// X-TIMESTAMP-MAP: one moment on two clocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimestampMap {
    /// MPEGTS, at 90 kHz.
    pub mpegts_ticks: u64,
    /// LOCAL, the file's own time.
    pub local_secs: f64,
}

impl TimestampMap {
    /// Reads `LOCAL:00:00:00.000,MPEGTS:900000`, in either order. Without LOCAL that is 0.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut local_secs = 0.0;
        let mut mpegts_ticks = None;
        let line = text.lines().next().unwrap_or("");
        for (name, value) in line.split(',').filter_map(|part| part.split_once(':')) {
            let value = value.trim_ascii();
            match name.trim_ascii() {
                "LOCAL" => local_secs = timestamp(value)?,
                "MPEGTS" if leading_digits(value).1 == value.len() => {
                    mpegts_ticks = value.parse().ok();
                }
                _ => {}
            }
        }
        Some(Self { mpegts_ticks: mpegts_ticks?, local_secs })
    }
}

/// One moment of the media, as their timestamps and the presentation timeline have it. Of fMP4, ticks
/// are its media time at 90 kHz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MediaClock {
    /// At 90 kHz; begins again after 2^33.
    pub mpegts_ticks: u64,
    /// The same moment.
    pub presentation_secs: f64,
}

impl MediaClock {
    fn presentation_secs_of(&self, mpegts_ticks: u64) -> f64 {
        let ticks = mpegts_ticks as f64 - self.mpegts_ticks as f64;
        self.presentation_secs + ticks / TICKS_PER_SEC
    }
}

/// Where a segment of text lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentPlace {
    /// By the playlist.
    pub start_secs: f64,
    /// EXTINF.
    pub duration_secs: f64,
    /// Of the media with the same discontinuity sequence; `None` before any of them have come.
    pub clock: Option<MediaClock>,
}

/// What the times of a file were taken to count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// X-TIMESTAMP-MAP, by the media's clock.
    Map,
    /// The media's timestamp 0, as where there is no map (RFC 8216bis 3.1.4).
    MediaZero,
    /// The presentation's beginning.
    Presentation,
    /// The segment's beginning.
    Segment,
}

/// Moves a file's cues to the presentation timeline, and says by what.
///
/// With a map and a clock, these decide. Where one of them is missing, writers mean different things:
/// what is taken is the first [`Basis`] by which any cue is within the segment.
pub fn place(cues: &mut [Cue], map: Option<TimestampMap>, segment: &SegmentPlace) -> Basis {
    let candidates = candidates(cues, map, segment);
    let is_within = |offset: f64| {
        let end_secs = segment.start_secs + segment.duration_secs;
        let mut times = cues.iter().map(|cue| (cue.start_secs, cue.end_secs));
        times.any(|(start, end)| {
            start + offset < end_secs && end.is_none_or(|end| end + offset > segment.start_secs)
        })
    };
    let known = candidates.iter().flatten();
    let fitting = known.clone().find(|(basis, offset)| *basis == Basis::Map || is_within(*offset));
    let (basis, offset_secs) =
        fitting.or(known.clone().next()).copied().unwrap_or((Basis::Presentation, 0.0));
    cues.iter_mut().for_each(|cue| cue.shift(offset_secs));
    basis
}

/// What may be meant, with its offset, what is more likely first.
fn candidates(
    cues: &[Cue],
    map: Option<TimestampMap>,
    segment: &SegmentPlace,
) -> [Option<(Basis, f64)>; 4] {
    let first_secs = cues.iter().map(|cue| cue.start_secs).fold(f64::INFINITY, f64::min);
    let near_segment = |offset: f64| {
        let away = (segment.start_secs - (first_secs + offset)) / WRAP_SECS;
        if away.is_finite() { offset + (away + 0.5).floor() * WRAP_SECS } else { offset }
    };
    let local_secs = map.map_or(0.0, |map| map.local_secs);
    let presentation = Some((Basis::Presentation, -local_secs));
    let at_segment = Some((Basis::Segment, segment.start_secs - local_secs));
    let by_clock =
        |clock: MediaClock, ticks| near_segment(clock.presentation_secs_of(ticks) - local_secs);
    match (map, segment.clock) {
        (Some(map), Some(clock)) => {
            [Some((Basis::Map, by_clock(clock, map.mpegts_ticks))), None, None, None]
        }
        (None, Some(clock)) => {
            [Some((Basis::MediaZero, by_clock(clock, 0))), presentation, at_segment, None]
        }
        (Some(map), None) => {
            let zero = MediaClock { mpegts_ticks: 0, presentation_secs: 0.0 };
            let as_of_zero = by_clock(zero, map.mpegts_ticks);
            [Some((Basis::MediaZero, as_of_zero)), presentation, at_segment, None]
        }
        (None, None) => [presentation, at_segment, None, None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PTS_WRAP: u64 = 1 << 33;

    fn placed(
        cue_secs: f64,
        map: Option<(u64, f64)>,
        start_secs: f64,
        clock: Option<(u64, f64)>,
    ) -> (Basis, f64) {
        let end_secs = Some(cue_secs + 1.0);
        let mut cues = [Cue { start_secs: cue_secs, end_secs, ..Cue::default() }];
        let map = map.map(|(mpegts_ticks, local_secs)| TimestampMap { mpegts_ticks, local_secs });
        let clock = clock.map(|(mpegts_ticks, presentation_secs)| MediaClock {
            mpegts_ticks,
            presentation_secs,
        });
        let segment = SegmentPlace { start_secs, duration_secs: 6.0, clock };
        let basis = place(&mut cues, map, &segment);
        (basis, (cues[0].start_secs * 1000.0).round() / 1000.0)
    }

    #[test]
    fn maps_are_read_in_any_order() {
        let expected = Some(TimestampMap { mpegts_ticks: 900_000, local_secs: 1.5 });
        for text in [
            "LOCAL:00:00:01.500,MPEGTS:900000",
            "MPEGTS:900000,LOCAL:00:00:01.500",
            "MPEGTS:900000, LOCAL:00:01.500 \nnext line",
        ] {
            assert_eq!(TimestampMap::parse(text), expected, "{text}");
        }
        assert_eq!(TimestampMap::parse("MPEGTS:9").map(|map| map.local_secs), Some(0.0));
        for text in
            ["", "LOCAL:00:00:00.000", "MPEGTS:x,LOCAL:00:00.000", "MPEGTS:1,LOCAL:x", "MPEGTS:-5"]
        {
            assert_eq!(TimestampMap::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_map_and_a_clock_decide() {
        // The packager's segments: media begin at 9000 ticks, which is 0 of the presentation.
        let clock = Some((9_000, 0.0));
        assert_eq!(placed(5.5, Some((9_000, 0.0)), 4.0, clock), (Basis::Map, 5.5));
        assert_eq!(placed(0.5, Some((909_000, 0.0)), 10.0, clock), (Basis::Map, 10.5));
        assert_eq!(placed(3600.5, Some((909_000, 3600.0)), 10.0, clock), (Basis::Map, 10.5));
        // Also where that is far from the segment, as in a live stream whose text is late.
        assert_eq!(placed(0.5, Some((9_000, 0.0)), 600.0, clock), (Basis::Map, 0.5));
    }

    #[test]
    fn after_a_discontinuity_its_clock_counts() {
        let clock = Some((450_000, 100.0));
        assert_eq!(placed(0.5, Some((450_000, 0.0)), 100.0, clock), (Basis::Map, 100.5));
        assert_eq!(placed(7.0, Some((450_000, 5.0)), 100.0, clock), (Basis::Map, 102.0));
    }

    #[test]
    fn timestamps_that_began_again() {
        // The media's clock begins shortly before the end of its range.
        let clock = Some((PTS_WRAP - 90_000, 0.0));
        assert_eq!(placed(0.0, Some((PTS_WRAP - 90_000, 0.0)), 0.0, clock).1, 0.0);
        assert_eq!(placed(0.0, Some((90_000, 0.0)), 2.0, clock).1, 2.0);
        // A text whose map still counts on, and one whose map never changes, 30 hours on.
        assert_eq!(placed(0.0, Some((PTS_WRAP + 90_000, 0.0)), 2.0, clock).1, 2.0);
        let hours_30 = 108_000.0;
        assert_eq!(placed(hours_30, Some((0, 0.0)), hours_30, Some((0, 0.0))).1, hours_30);
        let ticks = (hours_30 * 90_000.0) as u64 % PTS_WRAP;
        assert_eq!(placed(0.5, Some((ticks, 0.0)), hours_30, Some((0, 0.0))).1, hours_30 + 0.5);
    }

    #[test]
    fn without_a_map_what_lies_within_the_segment_is_meant() {
        let clock = Some((900_000, 0.0));
        assert_eq!(placed(22.0, None, 12.0, clock), (Basis::MediaZero, 12.0));
        assert_eq!(placed(13.0, None, 12.0, clock), (Basis::Presentation, 13.0));
        assert_eq!(placed(0.5, None, 60.0, clock), (Basis::Segment, 60.5));
        assert_eq!(placed(0.5, None, 60.0, None), (Basis::Segment, 60.5));
        assert_eq!(placed(61.0, None, 60.0, None), (Basis::Presentation, 61.0));
        assert_eq!(placed(500.0, None, 60.0, None), (Basis::Presentation, 500.0));
    }

    #[test]
    fn before_the_media_have_come() {
        let map = Some((9_000, 0.0));
        assert_eq!(placed(5.5, map, 4.0, None), (Basis::MediaZero, 5.6));
        let far = Some((9_000_000, 0.0));
        assert_eq!(placed(5.5, far, 4.0, None), (Basis::Presentation, 5.5));
        assert_eq!(placed(0.5, far, 4.0, None), (Basis::Segment, 4.5));
    }
}
