//! A cursor that runs along the timeline and loads one segment after another: one for the variant,
//! one for a separate audio rendition.
//!
//! In: timelines. Out: which segment is next, and where the cursor goes once it is done or given
//! up. It chooses no variant, reads no bytes and makes no request.

use super::vec_map::VecMap;
use std::sync::Arc;

use super::loading_segment::{LoadState, Loading, ROUNDING_SECS};
use super::media::Init;
use super::playlists::{PlaylistId, Playlists};
use super::transmux::Transmux;
use super::variant_set::VariantId;
use crate::media::TrackKind;
use crate::playlist::InitSection;
use crate::playlist::timeline::{PieceKind, PlacedSegment, Timeline};
use crate::remux::Succession;
use crate::time::Instant;

/// With more than this ahead the selection of a better picture replaces what is far ahead.
const REPLACE_AHEAD_SECS: f64 = 10.0;
/// What stays of it: time enough to load the better segments.
const KEEP_AHEAD_SECS: f64 = 6.0;

/// Where a loader continues.
#[derive(Debug, Clone)]
pub(super) enum Cursor {
    /// With the piece that covers this time.
    At(f64),
    /// After this piece (a segment or a part of one) of this playlist.
    After(Box<PlacedSegment>, PlaylistId),
}

/// What [`SegmentLoader::next`] found.
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

/// A segment whose pieces are not to be relied on.
#[derive(Debug, Clone, Copy)]
struct Avoided {
    media_sequence: u64,
    /// Not only what is announced of it, but also the parts that are listed.
    has_bad_parts: bool,
}

/// One cursor.
#[derive(Debug)]
pub(super) struct SegmentLoader {
    pub cursor: Cursor,
    pub loading: Option<Loading>,
    /// Segments completed since the media source was opened.
    pub segments_done: u32,
    pub skipped_in_row: u32,
    /// Nothing is requested before this.
    pub paused_until: Option<Instant>,
    avoided: Option<Avoided>,
    /// The discontinuity sequence number whose segments have no use for their EXT-X-MAP.
    stale_map: Option<u64>,
    variant: Option<VariantId>,
    /// It was said that the sound is left out.
    pub is_left_out_reported: bool,
    pub transmuxer: Box<dyn Transmux>,
    pub transmuxed_inits: VecMap<TrackKind, Arc<Init>>,
    /// EXT-X-MAP bytes that go before every try of the segment.
    pub prefix: Arc<Vec<u8>>,
}

impl SegmentLoader {
    pub fn new(at_secs: f64, transmuxer: Box<dyn Transmux>) -> Self {
        Self {
            cursor: Cursor::At(at_secs),
            loading: None,
            segments_done: 0,
            skipped_in_row: 0,
            paused_until: None,
            avoided: None,
            stale_map: None,
            variant: None,
            is_left_out_reported: false,
            transmuxer,
            transmuxed_inits: VecMap::default(),
            prefix: Arc::default(),
        }
    }

    /// Up to where this loader has loaded, the segment under way not counted.
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
            Cursor::At(secs) => timeline.piece_at(*secs),
            Cursor::After(last, from) if *from != id => timeline.piece_after_foreign(last),
            Cursor::After(last, _) => {
                let newest = timeline.upcoming().last().or(timeline.segments().last());
                let is_reset = newest.is_some_and(|newest| newest.epoch != last.epoch);
                if is_reset {
                    timeline.piece_at(last.end_secs + ROUNDING_SECS)
                } else {
                    timeline.piece_after(last)
                }
            }
        };
        let found = match found {
            Some(piece) if self.avoids(&piece) => {
                timeline.whole_segment(piece.segment.media_sequence)
            }
            found => found,
        };
        let Some(found) = found else {
            return if timeline.is_live() { Next::NotYet } else { Next::End };
        };
        let found = Box::new(found);
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

    /// The same, where no hinted part is wanted as it may lie behind a seam that is waited for.
    pub fn next_but_seam(&self, playlists: &Playlists, id: PlaylistId, is_changing: bool) -> Next {
        match self.next(playlists, id) {
            Next::Segment(placed)
                if is_changing && matches!(placed.kind, PieceKind::HintedPart(_)) =>
            {
                Next::NotYet
            }
            next => next,
        }
    }

    /// Whether loading can go over to this playlist where it stands.
    pub fn is_at_seam(&self, playlists: &Playlists, id: PlaylistId) -> bool {
        match (&self.cursor, playlists.timeline(id)) {
            (Cursor::After(last, from), Some(timeline)) if *from != id => {
                timeline.has_seam_after(last)
            }
            _ => true,
        }
    }

    /// A better picture begins at the first segment beyond what must stay, not behind all that
    /// is buffered; its appends overwrite.
    pub fn replace_far_ahead(&mut self, timeline: &Timeline, playhead_secs: f64) {
        if self.end_secs() - playhead_secs < REPLACE_AHEAD_SECS {
            return;
        }
        let keep_secs = playhead_secs + KEEP_AHEAD_SECS;
        let mut starts = timeline.segments().iter().map(|placed| placed.start_secs);
        let from_secs = starts.find(|start_secs| *start_secs >= keep_secs);
        if let Some(from_secs) = from_secs.filter(|from_secs| *from_secs < self.end_secs()) {
            self.cursor = Cursor::At(from_secs);
        }
    }

    fn avoids(&self, piece: &PlacedSegment) -> bool {
        self.avoided.is_some_and(|avoided| {
            avoided.media_sequence == piece.segment.media_sequence
                && (piece.kind.is_hinted() || avoided.has_bad_parts && piece.kind.part().is_some())
        })
    }

    /// Gives up the piece under way, where there is something else to load in its place: of a part
    /// the whole segment, of something announced what will be listed. False where there is not.
    pub fn fall_back(&mut self) -> bool {
        let Some(loading) = &self.loading else { return false };
        let placed = &loading.placed;
        if !loading.is_growing && placed.kind.part().is_none() {
            return false;
        }
        self.avoided = Some(Avoided {
            media_sequence: placed.segment.media_sequence,
            has_bad_parts: !loading.is_growing && placed.kind.part().is_some(),
        });
        self.loading = None;
        true
    }

    /// The segment under way, and those of its discontinuity, do without EXT-X-MAP.
    pub fn give_up_map(&mut self) {
        let Some(loading) = self.loading.take() else { return };
        self.stale_map = Some(loading.placed.segment.discontinuity_sequence);
    }

    /// The EXT-X-MAP a segment is in need of.
    pub fn map_of(&self, placed: &PlacedSegment) -> Option<Arc<InitSection>> {
        let segment = &placed.segment;
        let is_stale = self.stale_map == Some(segment.discontinuity_sequence);
        segment.map.clone().filter(|_| !is_stale)
    }

    /// What was announced is compared with what is listed by now: what is loaded, and what is under
    /// way. False where either is something else: the piece under way is given up, and the next
    /// one is what is listed. So it is where `is_hanging`: it brings nothing, though it is whole.
    pub fn review(&mut self, playlists: &Playlists, is_hanging: bool) -> bool {
        let is_loaded_right = match &mut self.cursor {
            Cursor::After(last, from) => settle(last, playlists.timeline(*from)) != Some(false),
            Cursor::At(_) => true,
        };
        let Some(loading) = &mut self.loading else { return true };
        let timeline = playlists.timeline(loading.playlist);
        let was_listed = !loading.placed.kind.is_hinted();
        // A list that once does not announce a segment that is being sent takes nothing back.
        let is_kept = loading.placed.kind.part().is_none();
        let is_right = is_loaded_right && settle(&mut loading.placed, timeline).unwrap_or(is_kept);
        if !is_right {
            self.loading = None;
            return false;
        }
        // A part comes when it is listed: a little later it should have.
        let is_due = was_listed || matches!(loading.placed.kind, PieceKind::Segment);
        !(is_hanging && loading.is_growing && is_due && self.fall_back())
    }

    /// Begins a piece; what came of its EXT-X-MAP follows by [`Self::set_init`].
    pub fn begin(&mut self, segment: NextSegment) {
        let NextSegment { placed, playlist, variant, timestamp_key, .. } = segment;
        let estimated_bytes = segment.estimated_bytes;
        self.transmuxer.set_audio_codec(segment.audio_codec.as_deref());
        let succession = match &self.cursor {
            Cursor::After(last, from) if self.skipped_in_row == 0 => {
                let goes_on = variant == self.variant
                    && *from == playlist
                    && is_next_of(last, &placed)
                    && !placed.is_discontinuous;
                if goes_on { Succession::Contiguous } else { Succession::Adjacent }
            }
            _ => Succession::Apart,
        };
        self.variant = variant;
        self.prefix = Arc::default();
        self.loading = Some(Loading {
            is_growing: placed.kind.is_hinted(),
            first: None,
            placed,
            playlist,
            variant,
            estimated_bytes,
            succession,
            timestamp_key,
            awaited_key: None,
            state: LoadState::AwaitingInit,
            found: None,
            found_audio: None,
        });
    }

    /// The stretch of timestamps of the segment under way, where its place on the timeline is not yet
    /// known; see [`super::playlists::Entry::timestamp_key`].
    pub fn unmapped_timestamps(&self) -> Option<u64> {
        let key = self.loading.as_ref()?.timestamp_key;
        self.transmuxer.mapping(key).is_none().then_some(key)
    }

    /// The piece is done: the cursor moves behind it, to where its media said it is.
    pub fn complete(&mut self, playlists: &mut Playlists) {
        let Some(loading) = self.loading.take() else { return };
        let found = loading.found.or(loading.found_audio);
        let mut placed = loading.placed;
        let is_cut_off = loading.is_growing
            && placed.kind.part().is_none()
            && found.is_none_or(|found| {
                found.end_secs - found.start_secs < 0.75 * placed.segment.duration_secs
            });
        if is_cut_off {
            // Its server closed before it was whole. What came is kept; the rest, and it again, can
            // be had as listed.
            let media_sequence = placed.segment.media_sequence;
            self.avoided = Some(Avoided { media_sequence, has_bad_parts: false });
            return;
        }
        if let Some(entry) = playlists.get_mut(loading.playlist) {
            let timeline = &mut entry.timeline;
            if let Some(found) = found {
                let sequence = placed.segment.media_sequence;
                match placed.kind.part() {
                    None => timeline.correct_start(sequence, found.start_secs, found.end_secs),
                    Some(_) => timeline.correct_part_start(&placed, found.start_secs),
                }
                (placed.start_secs, placed.end_secs) = (found.start_secs, found.end_secs);
            }
            if placed.is_open_range() {
                // It reached over as many parts as its media is long, to the segment's end: the list
                // may still announce the last of them.
                placed.kind = placed.kind.listed();
                let media_sequence = placed.segment.media_sequence;
                self.avoided = Some(Avoided { media_sequence, has_bad_parts: false });
            } else if let Some(known) = timeline.piece_in_place_of(&placed)
                && known.epoch == placed.epoch
                && placed.is_announcing(&known)
            {
                placed = known;
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
        self.avoided = None;
        self.cursor = Cursor::At(at_secs);
    }
}

/// The arguments of [`SegmentLoader::begin`].
#[derive(Debug)]
pub(super) struct NextSegment {
    pub placed: PlacedSegment,
    pub playlist: PlaylistId,
    pub variant: Option<VariantId>,
    pub timestamp_key: u64,
    pub estimated_bytes: u64,
    /// What the manifest says of the sound: AAC in TS does not say all of it.
    pub audio_codec: Option<String>,
}

/// Takes over what is listed by now of something announced. False where it is something else;
/// `None` where nothing is listed or announced in its place.
fn settle(placed: &mut PlacedSegment, timeline: Option<&Timeline>) -> Option<bool> {
    if !placed.kind.is_hinted() {
        return Some(true);
    }
    let known = timeline?.piece_in_place_of(placed)?;
    let is_right = known.epoch == placed.epoch && placed.is_announcing(&known);
    if is_right && !placed.is_open_range() {
        *placed = known;
    }
    Some(is_right)
}

/// Whether `next` begins where `last` ends, in the list: nothing left out, nothing again.
fn is_next_of(last: &PlacedSegment, next: &PlacedSegment) -> bool {
    let (number, next_number) = (last.segment.media_sequence, next.segment.media_sequence);
    match next.kind.part() {
        Some(index) if index > 0 => number == next_number && last.kind.part() == Some(index - 1),
        _ => number.checked_add(1) == Some(next_number),
    }
}

/// Where to go on after what is loaded up to `secs`.
pub(super) fn resume_at(secs: f64) -> Cursor {
    Cursor::At(secs + ROUNDING_SECS)
}
