//! What can be loaded at one go: a whole segment, one of its parts, or something announced that is
//! still being written (RFC 8216bis 4.4.4.9, 4.4.5.3, 6.3.8).
//!
//! In: a [`Timeline`], and where loading stands: a time, or the piece loaded last. Out: the next
//! piece, as a [`PlacedSegment`] with the URL, range and duration to load. Near the live edge
//! those are parts, further back whole segments. It requests nothing and skips nothing: whether a
//! hinted piece is worth a request is its caller's to say.

use super::{
    ListedSegment, PieceKind, PlacedSegment, SEAM_TOLERANCE_SECS, Timeline, TimelineSegment,
};
use crate::uri::without_query;
use crate::{ByteRange, Part, PreloadHint, Segment};

/// A part that ends no later than this after what is loaded is loaded: parts are longer.
const COVERED_SECS: f64 = 0.05;

impl PlacedSegment {
    /// This is what is left of a segment in progress, its parts being ranges of it: a hint without a
    /// length.
    #[must_use]
    pub fn is_open_range(&self) -> bool {
        self.kind.part().is_some()
            && self.segment.byte_range.is_some_and(|range| range.length.is_none())
    }

    /// Whether this, which was announced, is `listed`, what then stood in its place. A part is known
    /// by its URL (RFC 4.4.5.3).
    #[must_use]
    pub fn is_announcing(&self, listed: &Self) -> bool {
        let (announced, listed) = (&self.segment, &listed.segment);
        (self.kind.part().is_none() || announced.url == listed.url)
            && is_same_resource(
                (&announced.url, announced.byte_range),
                (&listed.url, listed.byte_range),
            )
    }
}

impl ListedSegment {
    /// Whether this, which was announced, and what was then listed are the same bytes, as far as their
    /// URLs are known.
    pub(super) fn is_announcing(&self, listed: &Self) -> bool {
        self.url.as_deref().zip(listed.url.as_deref()).is_none_or(|(announced_url, listed_url)| {
            is_same_resource((announced_url, self.byte_range), (listed_url, listed.byte_range))
        })
    }

    /// Without the list of its parts.
    pub(super) fn without_parts(&self) -> Self {
        without_parts(self, self.url.clone())
    }
}

/// Whether what was announced and what was listed are the same bytes. Tokens in a query change, and a
/// hint need not say where its range ends.
fn is_same_resource(
    (announced_url, announced): (&str, Option<ByteRange>),
    (listed_url, listed): (&str, Option<ByteRange>),
) -> bool {
    let offset = |range: Option<ByteRange>| range.map_or(0, |range| range.offset);
    let length = |range: Option<ByteRange>| range.and_then(|range| range.length);
    let is_same_length = match (length(announced), length(listed)) {
        (Some(announced), Some(listed)) => announced == listed,
        _ => true,
    };
    without_query(announced_url) == without_query(listed_url)
        && offset(announced) == offset(listed)
        && is_same_length
}

impl Timeline {
    /// The piece to begin with at `time_secs`: what covers it, or what comes next after a hole. Of
    /// a segment's parts the last one before it that can be decoded by itself.
    #[must_use]
    pub fn piece_at(&self, time_secs: f64) -> Option<PlacedSegment> {
        let placed = self.segment_at(time_secs)?;
        let starts = part_starts(placed).zip(&placed.segment.parts).enumerate();
        let entry = starts
            .filter(|(index, (start_secs, part))| {
                let is_entry = *index == 0 || part.is_independent;
                is_entry && !part.is_gap && *start_secs <= time_secs + 1e-6
            })
            .last();
        match entry {
            Some((index, _)) if index > 0 => self.part(placed, index),
            _ => self.first_piece(placed),
        }
    }

    /// The piece after `loaded`, a piece of this timeline: its segment's next part where there is
    /// one, the whole segment where its parts are no longer listed, else the segment after it. A
    /// piece that was announced as something else than what then came is loaded again as what it
    /// is. `None` where nothing is listed or announced yet.
    #[must_use]
    pub fn piece_after(&self, loaded: &PlacedSegment) -> Option<PlacedSegment> {
        let number = loaded.segment.media_sequence;
        if let Some(placed) = self.placed(number) {
            if let Some(instead) = self.piece_instead_of(loaded) {
                return Some(instead);
            }
            if let Some(index) = loaded.kind.part() {
                // What came of an open range may reach over several parts.
                let ends = part_starts(placed).skip(1).take(placed.segment.parts.len());
                let covered =
                    ends.take_while(|end_secs| *end_secs < loaded.end_secs + COVERED_SECS);
                let next = self.part(placed, covered.count().max(index + 1));
                let is_at_end = loaded.end_secs > placed.end_secs - SEAM_TOLERANCE_SECS
                    || placed.segment.parts.len() == index + 1;
                if next.is_some() || placed.kind.is_hinted() {
                    return next;
                }
                if !is_at_end {
                    return whole(placed);
                }
            }
        }
        self.first_piece(self.next_after(number)?)
    }

    /// As [`Self::piece_after`] for a piece of another timeline of the same stream, or of this one
    /// before a reset: without a hole or a repetition where both are cut at the same places, and else
    /// without a hole and with the least repetition.
    #[must_use]
    pub fn piece_after_foreign(&self, loaded: &PlacedSegment) -> Option<PlacedSegment> {
        if let Some(placed) = self.next_by_number(loaded)
            && self.is_behind_its_segment(loaded)
        {
            return self.first_piece(placed);
        }
        self.seam_within(loaded).or_else(|| self.piece_at(loaded.end_secs + SEAM_TOLERANCE_SECS))
    }

    /// Whether loading can go over from `loaded`, a piece of another timeline, to this one just
    /// here: without a hole and without loading anything twice.
    #[must_use]
    pub fn has_seam_after(&self, loaded: &PlacedSegment) -> bool {
        loaded.kind.part().is_none()
            || self.is_behind_its_segment(loaded)
            || self.seam_within(loaded).is_some()
    }

    /// The piece that stands where `announced` was announced: it, with the times it has by now,
    /// or another. `None` where nothing is listed or announced there any more.
    #[must_use]
    pub fn piece_in_place_of(&self, announced: &PlacedSegment) -> Option<PlacedSegment> {
        let placed = self.placed(announced.segment.media_sequence)?;
        match announced.kind.part() {
            Some(index) => self.part(placed, index),
            None => whole(placed),
        }
    }

    /// The whole segment of this number, where it is listed.
    #[must_use]
    pub fn whole_segment(&self, media_sequence: u64) -> Option<PlacedSegment> {
        self.segment(media_sequence).and_then(whole)
    }

    /// The true time at which a part begins moves its segment.
    pub fn correct_part_start(&mut self, part: &PlacedSegment, actual_start_secs: f64) {
        let Some(index) = part.kind.part() else { return };
        let Some(placed) = self.placed(part.segment.media_sequence) else { return };
        let Some(listed_secs) = part_starts(placed).nth(index) else { return };
        let shift_secs = actual_start_secs - listed_secs;
        let (start_secs, end_secs) = (placed.start_secs + shift_secs, placed.end_secs + shift_secs);
        self.correct_start(part.segment.media_sequence, start_secs, end_secs);
    }

    /// What should be loaded in place of `loaded`, which was only announced: what was then listed, if
    /// it is something else.
    fn piece_instead_of(&self, loaded: &PlacedSegment) -> Option<PlacedSegment> {
        if !loaded.kind.is_hinted() {
            return None;
        }
        let listed = self.piece_in_place_of(loaded).filter(|listed| !listed.kind.is_hinted())?;
        (!loaded.is_announcing(&listed)).then_some(listed)
    }

    /// The first piece of a segment: its first part near the live edge, else all of it.
    fn first_piece(&self, placed: &TimelineSegment) -> Option<PlacedSegment> {
        let newest = self.segments().last().map(|newest| newest.segment.media_sequence);
        let is_near_edge = placed.kind.is_hinted() || newest == Some(placed.segment.media_sequence);
        let is_in_parts = is_near_edge && !placed.segment.parts.is_empty();
        if is_in_parts {
            return self.part(placed, 0);
        }
        whole(placed).or_else(|| self.part(placed, 0))
    }

    /// The part of this index, listed or announced.
    fn part(&self, placed: &TimelineSegment, index: usize) -> Option<PlacedSegment> {
        let start_secs = part_starts(placed).nth(index)?;
        if let Some(part) = placed.segment.parts.get(index) {
            return Some(piece(placed, part, (PieceKind::Part(index), start_secs)));
        }
        let is_announced = placed.kind.is_hinted() && index == placed.segment.parts.len();
        let hint = is_announced.then(|| self.part_hint())??;
        let part_secs = self.part_secs()?;
        // BYTERANGE-START is 0 where it is absent; whether the part is a range at all, the others tell.
        let from_start = ByteRange { offset: 0, length: None };
        let byte_range =
            hint.byte_range.or_else(|| self.are_parts_ranges(placed).then_some(from_start));
        let is_open = byte_range.is_some_and(|range| range.length.is_none());
        let left_secs = self.recent_secs() - (start_secs - placed.start_secs);
        let part = Part {
            url: hint.url.clone(),
            duration_secs: if is_open { left_secs.max(part_secs) } else { part_secs },
            byte_range,
            ..Part::default()
        };
        Some(piece(placed, &part, (PieceKind::HintedPart(index), start_secs)))
    }

    /// Whether parts are ranges of their segments, as far as the newest listed ones tell.
    fn are_parts_ranges(&self, placed: &TimelineSegment) -> bool {
        let segments = core::iter::once(placed).chain(self.segments().iter().rev().take(2));
        let newest = segments.filter_map(|placed| placed.segment.parts.last()).next();
        newest.is_some_and(|part| part.byte_range.is_some())
    }

    fn part_hint(&self) -> Option<&PreloadHint> {
        self.playlist.as_ref()?.preload_hints.iter().find(|hint| !hint.is_map)
    }

    /// Nothing of the segment that `loaded` (of another timeline) belongs to is left to load.
    fn is_behind_its_segment(&self, loaded: &PlacedSegment) -> bool {
        loaded.kind.part().is_none()
            || self.segment(loaded.segment.media_sequence).is_some_and(|placed| {
                placed.epoch == loaded.epoch
                    && (placed.end_secs - loaded.end_secs).abs() < SEAM_TOLERANCE_SECS
            })
    }

    /// The part here that begins where `loaded` ends and can be decoded by itself.
    fn seam_within(&self, loaded: &PlacedSegment) -> Option<PlacedSegment> {
        let placed = self.placed(loaded.segment.media_sequence)?;
        if loaded.kind.part().is_none() || placed.epoch != loaded.epoch {
            return None;
        }
        let mut starts = part_starts(placed).zip(&placed.segment.parts).enumerate();
        let (index, _) = starts.find(|(_, (start_secs, part))| {
            let is_seam = (start_secs - loaded.end_secs).abs() < SEAM_TOLERANCE_SECS / 2.0;
            is_seam && part.is_independent && !part.is_gap
        })?;
        self.part(placed, index)
    }
}

/// A part with the place of its segment.
fn piece(
    placed: &TimelineSegment,
    part: &Part,
    (kind, start_secs): (PieceKind, f64),
) -> PlacedSegment {
    let mut piece = with_url(placed, part.url.clone());
    piece.segment.byte_range = part.byte_range;
    piece.segment.duration_secs = part.duration_secs;
    piece.segment.is_gap |= part.is_gap;
    PlacedSegment {
        start_secs,
        end_secs: start_secs + part.duration_secs,
        is_discontinuous: placed.is_discontinuous && kind.part() == Some(0),
        kind,
        ..piece
    }
}

/// All of a segment, unless it is in progress.
fn whole(placed: &TimelineSegment) -> Option<PlacedSegment> {
    placed.segment.url.clone().map(|url| with_url(placed, url))
}

/// What is to be loaded from this URL, at a segment's place.
fn with_url(placed: &TimelineSegment, url: String) -> PlacedSegment {
    PlacedSegment {
        segment: without_parts(&placed.segment, url),
        start_secs: placed.start_secs,
        end_secs: placed.end_secs,
        is_confirmed: placed.is_confirmed,
        is_discontinuous: placed.is_discontinuous,
        epoch: placed.epoch,
        unix_millis: placed.unix_millis,
        kind: placed.kind,
    }
}

/// A segment with another URL, and without the list of its parts.
fn without_parts<Url>(segment: &ListedSegment, url: Url) -> Segment<Url> {
    Segment {
        url,
        duration_secs: segment.duration_secs,
        media_sequence: segment.media_sequence,
        discontinuity_sequence: segment.discontinuity_sequence,
        byte_range: segment.byte_range,
        map: segment.map.clone(),
        keys: segment.keys.clone(),
        program_date_time_millis: segment.program_date_time_millis,
        is_gap: segment.is_gap,
        bitrate_bps: segment.bitrate_bps,
        parts: Vec::new(),
        title: segment.title.clone(),
    }
}

/// Where each part begins, and where one more would.
fn part_starts(placed: &TimelineSegment) -> impl Iterator<Item = f64> + '_ {
    let durations = placed.segment.parts.iter().map(|part| part.duration_secs);
    let ends = durations.scan(placed.start_secs, |at_secs, duration_secs| {
        *at_secs += duration_secs;
        Some(*at_secs)
    });
    core::iter::once(placed.start_secs).chain(ends)
}
