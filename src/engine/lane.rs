//! A cursor that runs along the timeline and loads one segment after another: one for the variant,
//! one for a separate audio rendition.
//!
//! In: timelines. Out: which segment is next, and where the cursor goes once it is done or given
//! up. It chooses no variant, reads no bytes and makes no request.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::media::Init;
use super::playlists::{PlaylistId, Playlists};
use super::segment::{Loading, Stage};
use crate::media::TrackKind;
use crate::playlist::timeline::PlacedSegment;
use crate::remux::Transmuxer;
use crate::time::Instant;

/// Added to the end of what is loaded when looking for what comes next: rounding must not fetch a
/// whole segment for its last frame.
pub(super) const ROUNDING_SECS: f64 = 0.1;

/// Where a lane goes on.
#[derive(Debug, Clone)]
pub(super) enum Cursor {
    /// With the segment that covers this time.
    At(f64),
    /// After this segment of this playlist.
    After(Box<PlacedSegment>, PlaylistId),
}

/// What [`Lane::next`] found.
#[derive(Debug)]
pub(super) enum Next {
    /// Load this.
    Segment(Box<PlacedSegment>),
    /// Nothing yet: the playlist will bring more.
    NotYet,
    /// The live window slid past the cursor; its first segment would be this.
    SlidPast(Box<PlacedSegment>),
    /// The stream ends here.
    End,
}

/// One cursor.
#[derive(Debug)]
pub(super) struct Lane {
    pub cursor: Cursor,
    pub loading: Option<Loading>,
    /// Segments completed since the media source was opened.
    pub segments_done: u32,
    pub skipped_in_row: u32,
    /// Nothing is requested before this.
    pub paused_until: Option<Instant>,
    variant: Option<usize>,
    pub transmuxer: Transmuxer,
    pub transmuxed_inits: BTreeMap<TrackKind, Arc<Init>>,
    /// EXT-X-MAP bytes that go before every try of the segment.
    pub prefix: Arc<Vec<u8>>,
}

impl Lane {
    pub fn new(at_secs: f64) -> Self {
        Self {
            cursor: Cursor::At(at_secs),
            loading: None,
            segments_done: 0,
            skipped_in_row: 0,
            paused_until: None,
            variant: None,
            transmuxer: Transmuxer::new(),
            transmuxed_inits: BTreeMap::new(),
            prefix: Arc::default(),
        }
    }

    /// Up to where this lane has loaded, the segment under way not counted.
    pub fn end_secs(&self) -> f64 {
        match &self.cursor {
            Cursor::At(secs) => *secs,
            Cursor::After(placed, _) => placed.end_secs,
        }
    }

    /// The segment to load next from `id`.
    pub fn next(&self, playlists: &Playlists, id: PlaylistId) -> Next {
        let Some(timeline) = playlists.timeline(id) else { return Next::NotYet };
        let found = match &self.cursor {
            Cursor::At(secs) => timeline.segment_at(*secs),
            Cursor::After(last, from) if *from != id => timeline.next_after_foreign(last),
            Cursor::After(last, _) => {
                let is_reset =
                    timeline.segments().last().is_some_and(|newest| newest.epoch != last.epoch);
                if is_reset {
                    timeline.segment_at(last.end_secs + ROUNDING_SECS)
                } else {
                    timeline.next_after(last.segment.media_sequence)
                }
            }
        };
        let Some(found) = found else {
            return if timeline.is_live() { Next::NotYet } else { Next::End };
        };
        let found = Box::new(found.clone());
        // Half a segment of hole before the first segment of a live window: it slid past.
        let is_first = timeline
            .segments()
            .first()
            .is_some_and(|first| first.segment.media_sequence == found.segment.media_sequence);
        let hole_secs = found.start_secs - self.end_secs();
        if timeline.is_live() && is_first && hole_secs > found.duration_secs() / 2.0 {
            return Next::SlidPast(found);
        }
        Next::Segment(found)
    }

    /// Begins a segment; what came of its EXT-X-MAP follows by [`Self::set_init`].
    pub fn begin(&mut self, segment: NextSegment) {
        let NextSegment { placed, playlist, variant, timestamp_key, .. } = segment;
        let estimated_bytes = segment.estimated_bytes;
        if let Some(codec) = &segment.audio_codec {
            self.transmuxer.set_audio_codec(codec);
        }
        let is_contiguous = variant == self.variant
            && self.skipped_in_row == 0
            && matches!(&self.cursor, Cursor::After(_, from) if *from == playlist)
            && !placed.is_discontinuous;
        self.variant = variant;
        self.prefix = Arc::default();
        self.loading = Some(Loading {
            placed,
            playlist,
            variant,
            estimated_bytes,
            is_contiguous,
            is_in_progress: false,
            timestamp_key,
            stage: Stage::AwaitingInit,
            found: None,
            found_audio: None,
        });
    }

    /// Takes over the other lane's mapping of the present timestamps, so that sound and picture
    /// stay together.
    pub fn adopt_timestamps(&mut self, other: &Self) {
        let Some(loading) = &self.loading else { return };
        if self.transmuxer.mapping(loading.timestamp_key).is_none()
            && let Some(mapping) = other.transmuxer.mapping(loading.timestamp_key)
        {
            self.transmuxer.adopt_mapping(mapping);
        }
    }

    /// The segment is done: the cursor moves behind it, to where its media said it is.
    pub fn complete(&mut self, playlists: &mut Playlists) {
        let Some(loading) = self.loading.take() else { return };
        let sequence = loading.placed.segment.media_sequence;
        let mut placed = loading.placed;
        if let Some(entry) = playlists.get_mut(loading.playlist) {
            if let Some(found) = loading.found.or(loading.found_audio) {
                entry.timeline.correct_start(sequence, found.start_secs, found.end_secs);
            }
            let now_known = entry.timeline.segment(sequence);
            if let Some(now_known) = now_known.filter(|known| known.epoch == placed.epoch) {
                placed = now_known.clone();
            }
        }
        self.segments_done = self.segments_done.saturating_add(1);
        self.skipped_in_row = 0;
        self.cursor = Cursor::After(Box::new(placed), loading.playlist);
    }

    /// Passes over a segment that cannot be had.
    pub fn skip(&mut self, placed: PlacedSegment, playlist: PlaylistId) {
        self.loading = None;
        self.skipped_in_row = self.skipped_in_row.saturating_add(1);
        self.cursor = Cursor::After(Box::new(placed), playlist);
    }

    /// Goes on somewhere else.
    pub fn reposition(&mut self, at_secs: f64) {
        self.loading = None;
        self.skipped_in_row = 0;
        self.paused_until = None;
        self.cursor = Cursor::At(at_secs);
    }
}

/// The arguments of [`Lane::begin`].
#[derive(Debug)]
pub(super) struct NextSegment {
    pub placed: PlacedSegment,
    pub playlist: PlaylistId,
    pub variant: Option<usize>,
    pub timestamp_key: u64,
    pub estimated_bytes: u64,
    /// What the manifest says of the sound: AAC in TS does not say all of it.
    pub audio_codec: Option<String>,
}

/// Where to go on after what is loaded up to `secs`.
pub(super) fn resume_at(secs: f64) -> Cursor {
    Cursor::At(secs + ROUNDING_SECS)
}
