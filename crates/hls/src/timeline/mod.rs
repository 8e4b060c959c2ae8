//! Where each segment stands on the presentation timeline, kept stable while a live playlist
//! slides (RFC 8216bis 6.3.3 and 6.2.5.1).
//!
//! In: successive [`MediaPlaylist`]s of one variant or rendition, delta updates included, and what
//! demuxing found out about a segment's true times. Out: [`PlacedSegment`]s. The first playlist
//! begins at zero, or where a reference timeline (another variant of the same stream) says that
//! the same media stands, so that all timelines of a stream share one axis and a switch of
//! variants needs no mapping but the time. It holds no more segments than the newest playlist
//! lists, requests nothing, and knows no clock.

mod align;
mod identify;
mod live_edge;
mod merge;
mod pieces;
mod place;
#[cfg(test)]
mod tests;

use super::{MediaPlaylist, Segment};

/// A segment with its place on the presentation timeline, or something of one that can be loaded by
/// itself.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedSegment<Url = String> {
    /// As the newest playlist lists it.
    pub segment: Segment<Url>,
    /// Where it begins.
    pub start_secs: f64,
    /// Where it ends: `start_secs` + EXTINF, or what demuxing found.
    pub end_secs: f64,
    /// Its times were confirmed by [`Timeline::correct_start`]; no longer an estimate.
    pub is_confirmed: bool,
    /// Its media timestamps do not continue those of the segment before it: EXT-X-DISCONTINUITY
    /// stands between them, or the playlist was reset. (A hole where segments were missed is seen
    /// from the times alone.)
    pub is_discontinuous: bool,
    /// Counts the playlist's resets. Media timestamps are comparable only between segments of the
    /// same epoch and the same `segment.discontinuity_sequence`.
    pub epoch: u32,
    /// Wall-clock time of its start, in milliseconds since the Unix epoch, from this or the
    /// nearest EXT-X-PROGRAM-DATE-TIME of the same discontinuity.
    pub unix_millis: Option<f64>,
    /// What it is: `segment` then has the URL, byte range and duration of that.
    pub kind: PieceKind,
}

/// A segment as a [`Timeline`] has it: one in progress has no URL.
pub type TimelineSegment = PlacedSegment<Option<String>>;

/// The same without its place.
type ListedSegment = Segment<Option<String>>;

/// What a [`PlacedSegment`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// A whole segment, listed.
    Segment,
    /// A segment that is still being written: in progress, or with a URL already (EXT-X-PREFETCH).
    Upcoming,
    /// The part of this index, listed.
    Part(usize),
    /// The part of this index, known by its EXT-X-PRELOAD-HINT alone.
    HintedPart(usize),
}

impl PieceKind {
    /// The index of a part in its segment, listed or not.
    #[must_use]
    pub const fn part(self) -> Option<usize> {
        match self {
            Self::Part(index) | Self::HintedPart(index) => Some(index),
            Self::Segment | Self::Upcoming => None,
        }
    }

    /// Announced, not listed: what then comes may be something else.
    #[must_use]
    pub const fn is_hinted(self) -> bool {
        matches!(self, Self::Upcoming | Self::HintedPart(_))
    }

    /// The same, once it is listed.
    #[must_use]
    pub const fn listed(self) -> Self {
        match self.part() {
            Some(index) => Self::Part(index),
            None => Self::Segment,
        }
    }
}

impl<Url> PlacedSegment<Url> {
    /// Its length on the presentation timeline.
    #[must_use]
    pub fn duration_secs(&self) -> f64 {
        self.end_secs - self.start_secs
    }

    /// Counts so many discontinuities more (wrapping) than its playlist does.
    fn count_on(&mut self, uncounted: u64) {
        let number = &mut self.segment.discontinuity_sequence;
        *number = number.wrapping_add(uncounted);
    }

    /// Wall-clock time of a place on the timeline, counted from this segment's.
    fn unix_millis_at(&self, time_secs: f64) -> Option<f64> {
        Some(self.unix_millis? + (time_secs - self.start_secs) * 1000.0)
    }
}

/// What [`Timeline::merge`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The playlist is now the newest.
    Applied {
        /// It brought something new (a segment, a part, the end).
        is_changed: bool,
        /// Its numbering did not continue that of the one before, so it was anchored again.
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
    /// Numbered without holes, ordered by start and by end.
    segments: Vec<TimelineSegment>,
    /// How many of them at the end are [`MediaPlaylist::upcoming`].
    upcoming: usize,
    /// Media of a segment still being written came up to here.
    seen_secs: f64,
    epoch: u32,
    /// A new run begins after this, from wherever it was loaded.
    loaded_secs: f64,
    /// The epoch of the other timeline that its places were compared with since its last reset.
    checked: Option<u32>,
    /// What only a damaged answer may have said: believed when the next load says it too.
    is_reset_seen: bool,
    is_end_seen: bool,
    /// The server numbers the same segments otherwise by now.
    is_renumbered: bool,
}

/// A foreign segment that ends less than this before one of ours is not repeated for it.
const SEAM_TOLERANCE_SECS: f64 = 0.1;

impl Timeline {
    /// An empty timeline.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The newest playlist's header; its `segments` are empty, they are in
    /// [`Timeline::segments`]. `None` before the first merge.
    #[must_use]
    pub fn playlist(&self) -> Option<&MediaPlaylist> {
        self.playlist.as_ref()
    }

    /// All whole segments of the newest playlist, in order.
    #[must_use]
    pub fn segments(&self) -> &[TimelineSegment] {
        self.segments.get(..self.segments.len() - self.upcoming).unwrap_or_default()
    }

    /// Its upcoming segments, in order, with places as good as can be guessed.
    #[must_use]
    pub fn upcoming(&self) -> &[TimelineSegment] {
        self.segments.get(self.segments.len() - self.upcoming..).unwrap_or_default()
    }

    /// The whole segment of this number.
    #[must_use]
    pub fn segment(&self, media_sequence: u64) -> Option<&TimelineSegment> {
        self.placed(media_sequence).filter(|placed| !placed.kind.is_hinted())
    }

    /// The segment of this number, whole or upcoming.
    #[must_use]
    pub fn placed(&self, media_sequence: u64) -> Option<&TimelineSegment> {
        self.segments.get(self.index_of(media_sequence)?)
    }

    /// The first segment that ends after `time_secs`: the one that covers it, or the next where it
    /// lies in a hole or before the window. `None` at and after the end.
    #[must_use]
    pub fn segment_at(&self, time_secs: f64) -> Option<&TimelineSegment> {
        if time_secs.is_nan() {
            return None;
        }
        self.segments.get(self.segments.partition_point(|placed| placed.end_secs <= time_secs))
    }

    /// The segment after this number: the next one, or the first of the window where the window
    /// has slid past. `None` where it is neither listed nor announced yet. After a reset numbers do not compare: use
    /// [`Timeline::piece_after_foreign`].
    #[must_use]
    pub fn next_after(&self, media_sequence: u64) -> Option<&TimelineSegment> {
        let first = self.segments.first()?;
        let next = media_sequence.checked_add(1)?;
        self.placed(next.max(first.segment.media_sequence))
    }

    fn next_by_number(&self, loaded: &PlacedSegment) -> Option<&TimelineSegment> {
        let number = loaded.segment.media_sequence.checked_add(1)?;
        let next = self.placed(number).filter(|next| next.epoch == loaded.epoch)?;
        let same_discontinuity = loaded.segment.discontinuity_sequence
            == next.segment.discontinuity_sequence.saturating_sub(u64::from(next.is_discontinuous));
        let seam_secs = (next.start_secs - loaded.end_secs).abs();
        let is_aligned = same_discontinuity && seam_secs < next.duration_secs().max(0.5) / 2.0;
        is_aligned.then_some(next)
    }

    /// Sets the true times of a segment, once they are known from its media. Later segments
    /// whose times are still estimates move along. Non-finite or reversed times are ignored.
    pub fn correct_start(
        &mut self,
        media_sequence: u64,
        actual_start_secs: f64,
        actual_end_secs: f64,
    ) {
        let is_sane = actual_start_secs.is_finite()
            && actual_end_secs.is_finite()
            && actual_start_secs <= actual_end_secs;
        let Some(index) = self.index_of(media_sequence).filter(|_| is_sane) else { return };
        let Some((before, rest)) = self.segments.split_at_mut_checked(index) else { return };
        let Some((placed, after)) = rest.split_first_mut() else { return };

        // The order of starts and of ends must stay, or searches would fail: what is confirmed on
        // both sides bounds what can be true here.
        let estimates = after.iter().take_while(|later| !later.is_confirmed).count();
        let known_after = after.get(estimates);
        let limit_secs = known_after.map_or(f64::INFINITY, |known| known.start_secs);
        let end_limit_secs = known_after.map_or(f64::INFINITY, |known| known.end_secs);
        let mut start_secs = actual_start_secs.min(limit_secs);
        let mut end_floor_secs = f64::NEG_INFINITY;
        if let Some((previous, earlier)) = before.split_last_mut() {
            start_secs = start_secs.max(previous.start_secs);
            let did_abut = (previous.end_secs - placed.start_secs).abs() < 1e-6;
            if !previous.is_confirmed && did_abut {
                let before_it_secs = earlier.last().map_or(start_secs, |earlier| earlier.end_secs);
                previous.end_secs = start_secs.max(before_it_secs);
            }
            end_floor_secs = previous.end_secs;
        }
        let end_secs = actual_end_secs.max(start_secs).max(end_floor_secs).min(end_limit_secs);
        let shift_secs = end_secs - placed.end_secs;
        placed.start_secs = start_secs;
        placed.end_secs = end_secs;
        placed.is_confirmed = true;
        for later in after.iter_mut().take(estimates) {
            later.start_secs = (later.start_secs + shift_secs).max(start_secs).min(limit_secs);
            later.end_secs = (later.end_secs + shift_secs).max(end_secs).min(end_limit_secs);
        }
    }

    /// Whether more can come.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.playlist.as_ref().is_some_and(MediaPlaylist::is_growing)
    }

    /// Media is loaded up to here, of this timeline or another one: what another run of the encoder
    /// makes comes after it.
    pub fn note_loaded(&mut self, until_secs: f64) {
        self.loaded_secs = until_secs;
    }

    /// The server can be asked for what comes next by its number.
    #[must_use]
    pub fn is_next_known(&self) -> bool {
        !self.is_renumbered && !self.is_end_seen
    }

    /// Takes the end that the last load announced for true: there will be no other load. False where
    /// none was announced.
    pub fn believe_end(&mut self) -> bool {
        if let Some(playlist) = self.playlist.as_mut().filter(|_| self.is_end_seen) {
            playlist.is_ended = true;
        }
        self.is_end_seen
    }

    /// Start of what can be played: of the first segment, but not before 0 (a variant may list
    /// more of the past than the one that the timeline began with, and a media element has no
    /// negative times). 0 where there is none.
    #[must_use]
    pub fn start_secs(&self) -> f64 {
        self.segments.first().map_or(0.0, |first| first.start_secs.max(0.0))
    }

    /// End of the last segment, or of the last part, or of what came of a segment still being
    /// written: the duration of a VOD, the live edge of a live stream. 0 where there is none.
    #[must_use]
    pub fn end_secs(&self) -> f64 {
        let parts_end_secs = self.in_progress().map_or(0.0, |placed| placed.end_secs);
        self.listed_end_secs().max(parts_end_secs).max(self.seen_secs)
    }

    /// End of the last whole segment.
    fn listed_end_secs(&self) -> f64 {
        self.segments().last().map_or(0.0, |last| last.end_secs)
    }

    /// The segment whose parts stand after the last whole one.
    fn in_progress(&self) -> Option<&TimelineSegment> {
        self.upcoming().first().filter(|placed| placed.segment.url.is_none())
    }

    /// The playlist lists segments still being written.
    #[must_use]
    pub fn is_prefetched(&self) -> bool {
        self.upcoming().first().is_some_and(|placed| placed.segment.url.is_some())
    }

    /// Wall-clock time of presentation time zero, from the newest EXT-X-PROGRAM-DATE-TIME.
    #[must_use]
    pub fn zero_unix_millis(&self) -> Option<f64> {
        self.segments.iter().rev().find_map(|placed| placed.unix_millis_at(0.0))
    }

    /// Wall-clock time of a place on the timeline.
    #[must_use]
    pub fn unix_millis_at(&self, time_secs: f64) -> Option<f64> {
        self.segment_at(time_secs).or(self.segments.last())?.unix_millis_at(time_secs)
    }

    /// The place on the timeline of a wall-clock time, where a segment covers it. Of several (a
    /// clock set back) the newest.
    #[must_use]
    pub fn time_at_unix_millis(&self, unix_millis: f64) -> Option<f64> {
        self.segments.iter().rev().find_map(|placed| {
            let into_secs = (unix_millis - placed.unix_millis?) / 1000.0;
            let is_covered = into_secs >= 0.0 && into_secs < placed.duration_secs();
            is_covered.then_some(placed.start_secs + into_secs)
        })
    }

    fn index_of(&self, media_sequence: u64) -> Option<usize> {
        let first = self.segments.first()?.segment.media_sequence;
        let index = usize::try_from(media_sequence.checked_sub(first)?).ok()?;
        (index < self.segments.len()).then_some(index)
    }
}
