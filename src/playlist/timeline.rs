//! Where each segment stands on the presentation timeline, kept stable while a live playlist
//! slides (RFC 8216bis 6.3.3 and 6.2.5.1).
//!
//! In: successive [`MediaPlaylist`]s of one variant or rendition, delta updates included, and what
//! demuxing found out about a segment's true times. Out: [`PlacedSegment`]s. The first playlist
//! begins at zero, or where a reference timeline (another variant of the same stream) says that
//! the same media stands, so that all timelines of a stream share one axis and a switch of
//! variants needs no mapping but the time. It holds no more segments than the newest playlist
//! lists, requests nothing, and knows no clock.

use super::{MediaPlaylist, Segment};

/// A segment with its place on the presentation timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedSegment {
    /// As the newest playlist lists it.
    pub segment: Segment,
    /// Where it begins.
    pub start_secs: f64,
    /// Where it ends: `start_secs` + EXTINF, or what demuxing found.
    pub end_secs: f64,
    /// Its times were confirmed by [`Timeline::correct_start`]; no longer an estimate.
    pub is_confirmed: bool,
    /// It does not continue the media before it: EXT-X-DISCONTINUITY stands before it, or the
    /// playlist jumped.
    pub is_discontinuous: bool,
    /// Counts the playlist's resets. Media timestamps are comparable only between segments of the
    /// same epoch and the same `segment.discontinuity_sequence`.
    pub epoch: u32,
    /// Wall-clock time of its start, in milliseconds since the Unix epoch, from this or the
    /// nearest EXT-X-PROGRAM-DATE-TIME of the same discontinuity.
    pub unix_millis: Option<f64>,
}

impl PlacedSegment {
    /// Its length on the presentation timeline.
    #[must_use]
    pub fn duration_secs(&self) -> f64 {
        self.end_secs - self.start_secs
    }
}

/// What [`Timeline::merge`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The playlist is now the newest.
    Applied {
        /// It brought something new (a segment, a part, the end).
        is_changed: bool,
        /// Its numbering did not continue that of the one before, so it was anchored anew.
        is_reset: bool,
    },
    /// A delta update that skips segments not known here; ask for the whole playlist (RFC
    /// 6.3.7). The timeline is as it was.
    NeedsFullPlaylist,
}

/// The segments of one media playlist over time, on the presentation timeline.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// The newest playlist, its segments moved into `segments`.
    playlist: Option<MediaPlaylist>,
    segments: Vec<PlacedSegment>,
}

impl Timeline {
    /// An empty timeline.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next load of the playlist.
    ///
    /// Segments already known keep their place, later ones follow. `reference` is another
    /// timeline of the same stream, or `None`; it is used where this one cannot tell by itself:
    /// at the first load and after a jump (by media sequence where that is consistent, else by
    /// EXT-X-PROGRAM-DATE-TIME, else by the common end of two live windows). After a jump without
    /// any of these the new segments follow the last known one.
    pub fn merge(&mut self, playlist: MediaPlaylist, reference: Option<&Timeline>) -> Merge {
        let _ = (playlist, reference);
        Merge::Applied { is_changed: true, is_reset: false }
    }

    /// The newest playlist's header; its `segments` are empty, they are in
    /// [`Timeline::segments`]. `None` before the first merge.
    #[must_use]
    pub fn playlist(&self) -> Option<&MediaPlaylist> {
        self.playlist.as_ref()
    }

    /// All segments of the newest playlist, in order.
    #[must_use]
    pub fn segments(&self) -> &[PlacedSegment] {
        &self.segments
    }

    /// The segment of this number.
    #[must_use]
    pub fn segment(&self, media_sequence: u64) -> Option<&PlacedSegment> {
        let _ = media_sequence;
        None
    }

    /// The first segment that ends after `time_secs`: the one that covers it, or the next where it
    /// lies in a hole or before the window. `None` at and after the end.
    #[must_use]
    pub fn segment_at(&self, time_secs: f64) -> Option<&PlacedSegment> {
        let _ = time_secs;
        None
    }

    /// The segment after this number: the next one, or the first of the window where the window
    /// has slid past. `None` where it is not listed yet.
    #[must_use]
    pub fn next_after(&self, media_sequence: u64) -> Option<&PlacedSegment> {
        let _ = media_sequence;
        None
    }

    /// The segment here that continues `loaded`, a segment of another timeline of the same
    /// stream: for a switch of variants without a hole or a repetition where their segments are
    /// cut at the same places, and else with the least repetition and no hole.
    #[must_use]
    pub fn next_after_foreign(&self, loaded: &PlacedSegment) -> Option<&PlacedSegment> {
        let _ = loaded;
        None
    }

    /// Sets the true times of a segment, once they are known from its media. Later segments
    /// whose times are still estimates move along. Non-finite or reversed times are ignored.
    pub fn correct_start(
        &mut self,
        media_sequence: u64,
        actual_start_secs: f64,
        actual_end_secs: f64,
    ) {
        let _ = (media_sequence, actual_start_secs, actual_end_secs);
    }

    /// Whether more can come.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.playlist.as_ref().is_some_and(MediaPlaylist::is_growing)
    }

    /// Start of the first segment, 0 where there is none.
    #[must_use]
    pub fn start_secs(&self) -> f64 {
        self.segments.first().map_or(0.0, |first| first.start_secs)
    }

    /// End of the last segment: the duration of a VOD, the live edge of a live stream. 0 where
    /// there is none.
    #[must_use]
    pub fn end_secs(&self) -> f64 {
        self.segments.last().map_or(0.0, |last| last.end_secs)
    }

    /// Where "live" is: `wanted_hold_back_secs` behind the end, or HOLD-BACK, or three target
    /// durations (RFC 6.3.3); never before the start. `None` where nothing more can come.
    #[must_use]
    pub fn live_secs(&self, wanted_hold_back_secs: Option<f64>) -> Option<f64> {
        let _ = wanted_hold_back_secs;
        None
    }

    /// Where EXT-X-START says that playback should begin (RFC 4.4.2.2), within the window.
    #[must_use]
    pub fn preferred_start_secs(&self) -> Option<f64> {
        None
    }

    /// Wall-clock time of presentation time zero, from the newest EXT-X-PROGRAM-DATE-TIME.
    #[must_use]
    pub fn zero_unix_millis(&self) -> Option<f64> {
        None
    }

    /// Wall-clock time of a place on the timeline.
    #[must_use]
    pub fn unix_millis_at(&self, time_secs: f64) -> Option<f64> {
        let _ = time_secs;
        None
    }

    /// The place on the timeline of a wall-clock time, where a segment covers it.
    #[must_use]
    pub fn time_at_unix_millis(&self, unix_millis: f64) -> Option<f64> {
        let _ = unix_millis;
        None
    }
}
