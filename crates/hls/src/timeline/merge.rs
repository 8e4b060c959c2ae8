//! Takes the next load of a playlist into a [`Timeline`] (RFC 8216bis 6.3.4, 6.2.5.1).
//!
//! In: a [`MediaPlaylist`], perhaps a delta update, and perhaps another timeline of the stream.
//! Out: the same timeline with known segments in their places and new ones after them. It refuses
//! to go back: a copy from an old cache changes nothing. What would undo all that is known, another
//! numbering or the end, and may be one damaged answer, is believed when it comes a second time.

use super::place::{Incoming, place, spread_dates};
use super::{ListedSegment, Merge, Timeline, TimelineSegment, align, identify};
use crate::{MediaPlaylist, Segment, Upcoming};

/// A wall clock that says more than this passed between two loads is not believed.
const MAX_JUMP_SECS: f64 = 24.0 * 3600.0;

/// How a newly loaded list stands to the known one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// The same numbering, overlapping or directly following.
    Continues,
    /// The same numbering, but segments between were never seen.
    After {
        /// How many.
        missed: u64,
    },
    /// Older than what is known.
    Stale,
    /// Another numbering.
    Reset,
}

impl Timeline {
    /// Takes in the next load of the playlist.
    ///
    /// Segments already known keep their place, later ones follow. `reference` is another
    /// timeline of the same stream, or `None`; it is used where this one cannot tell by itself:
    /// at the first load and after a jump (by media sequence where that is consistent, else by
    /// EXT-X-PROGRAM-DATE-TIME, else by the common end of two live windows). After a jump without
    /// any of these the new segments follow the last known one.
    pub fn merge(&mut self, playlist: MediaPlaylist, reference: Option<&Timeline>) -> Merge {
        const UNCHANGED: Merge = Merge::Applied { is_changed: false, is_reset: false };
        let mut playlist = playlist;
        let upcoming = playlist.upcoming.count();
        let mut incoming = listed_segments(&mut playlist);
        let reference = reference.filter(|reference| !reference.segments.is_empty());
        if playlist.skipped_segments > 0 {
            match self.fill_skipped(&playlist, incoming) {
                Some(filled) => incoming = filled,
                None => {
                    // Its header says at least when to ask again.
                    self.playlist.get_or_insert(playlist);
                    return Merge::NeedsFullPlaylist;
                }
            }
            if playlist.server_control.can_skip_date_ranges {
                self.keep_date_ranges(&mut playlist);
            }
        }
        self.doubt_end(&mut playlist);
        if playlist.is_growing() {
            identify::drop_repeated(&mut incoming);
        }

        if self.segments.is_empty() || incoming.is_empty() {
            let is_changed = !incoming.is_empty() || self.has_other_tail(&playlist);
            if !incoming.is_empty() {
                self.place_first(incoming, &playlist, reference);
                self.set_upcoming(upcoming);
            }
            self.playlist = Some(playlist);
            return Merge::Applied { is_changed, is_reset: false };
        }

        let mut whole = incoming.len().saturating_sub(upcoming);
        self.is_renumbered = match identify::renumbered(&self.segments, &incoming, whole) {
            Some(renumbered) => {
                incoming = renumbered;
                whole = incoming.len().saturating_sub(upcoming);
                true
            }
            None => false,
        };
        let listed = incoming.get(..whole).filter(|listed| !listed.is_empty()).unwrap_or(&incoming);
        // Where another timeline has seen a new run, and this list is of it, so is this one.
        let is_of_new_run = reference.is_some_and(|reference| {
            reference.epoch > self.epoch && align::by_sequence(reference, listed).is_some()
        });
        let relation = match self.relation_of(listed, playlist.is_growing()) {
            _ if is_of_new_run => Relation::Reset,
            relation => relation,
        };
        if relation == Relation::Stale || self.has_fewer_parts(incoming.get(whole)) {
            return UNCHANGED;
        }
        let is_reset = relation == Relation::Reset;
        let is_certain = is_of_new_run || self.is_dated_after(listed);
        let was_seen = core::mem::replace(&mut self.is_reset_seen, is_reset);
        if is_reset && !is_certain && !was_seen {
            return UNCHANGED;
        }
        self.is_reset_seen = false;
        let newest_known = self.segments().last().map(|placed| placed.segment.media_sequence);
        let newest = incoming.get(..whole).and_then(<[ListedSegment]>::last);
        let is_changed = relation != Relation::Continues
            || newest.map(|segment| segment.media_sequence) != newest_known
            || self.has_other_tail(&playlist);
        let anchor_secs = self.anchor(relation, listed, reference);
        let known = core::mem::take(&mut self.segments);
        let known = if is_reset { Vec::new() } else { known };
        let has_known = !known.is_empty();
        if is_reset {
            (self.epoch, self.checked) = (self.epoch.saturating_add(1), None);
        } else {
            identify::count_discontinuities(&known, &mut incoming, whole);
        }
        let found = reference.filter(|reference| self.checked != Some(reference.epoch)).and_then(
            |reference| {
                let listed = incoming.get(..whole)?;
                Some((reference.epoch, align::surely_on(reference, listed)?))
            },
        );
        let incoming = Incoming { segments: incoming, listed: whole };
        self.segments = place(incoming, known, anchor_secs, self.epoch);
        if let Some(first) = self.segments.first_mut().filter(|_| !has_known) {
            first.is_discontinuous = true;
        }
        if let Some((epoch, found)) = found {
            self.move_onto(epoch, found);
        }
        self.playlist = Some(playlist);
        self.set_upcoming(upcoming);
        Merge::Applied { is_changed, is_reset }
    }

    /// Takes the places that another timeline of the stream has for the same media: a reset had to
    /// guess them.
    fn move_onto(&mut self, epoch: u32, found: align::Found) {
        let shift_secs = found.shift_secs(&self.segments);
        self.seen_secs += shift_secs.unwrap_or(0.0);
        (self.epoch, self.checked) = (epoch, Some(epoch));
        for placed in &mut self.segments {
            placed.epoch = epoch;
            placed.count_on(found.uncounted);
            if let Some(shift_secs) = shift_secs {
                placed.start_secs += shift_secs;
                placed.end_secs += shift_secs;
            }
        }
    }

    /// One stray EXT-X-ENDLIST (or PLAYLIST-TYPE:VOD) would end a live stream for its viewer.
    fn doubt_end(&mut self, playlist: &mut MediaPlaylist) {
        let Some(known) = self.playlist.as_ref().filter(|known| known.is_growing()) else { return };
        let is_ending = !playlist.is_growing();
        if is_ending && !self.is_end_seen {
            (playlist.is_ended, playlist.kind) = (false, known.kind);
        }
        self.is_end_seen = is_ending;
    }

    /// A list of other numbers is certainly a new run where all of it was made after what is known.
    fn is_dated_after(&self, listed: &[ListedSegment]) -> bool {
        let known = self.segments().last().and_then(|last| last.unix_millis);
        let date = listed.iter().find_map(|segment| segment.program_date_time_millis);
        known.zip(date).is_some_and(|(known, date)| date > known)
    }

    /// Guesses how long what is announced will be, once all has its place.
    fn set_upcoming(&mut self, upcoming: usize) {
        self.upcoming = upcoming.min(self.segments.len());
        let whole = self.segments.len() - self.upcoming;
        if upcoming == 0 {
            self.seen_secs = 0.0;
        }
        // What is still being written has no duration yet.
        let guess_secs = self.recent_secs();
        let mut end_secs = f64::NEG_INFINITY;
        let mut least_end_secs = self.listed_end_secs();
        for placed in self.segments.iter_mut().skip(whole) {
            placed.start_secs = placed.start_secs.max(end_secs);
            if placed.segment.url.is_some() && !placed.is_confirmed {
                placed.end_secs = placed.start_secs + guess_secs;
            }
            placed.end_secs = placed.end_secs.max(placed.start_secs).max(least_end_secs);
            placed.segment.duration_secs = placed.duration_secs();
            (end_secs, least_end_secs) = (placed.end_secs, placed.end_secs);
        }
        spread_dates(&mut self.segments);
    }

    /// An older copy of the list may have the same segments and fewer parts.
    fn has_fewer_parts(&self, next: Option<&ListedSegment>) -> bool {
        let (Some(known), Some(next)) = (self.in_progress(), next) else { return false };
        known.segment.media_sequence == next.media_sequence
            && next.url.is_none()
            && next.parts.len() < known.segment.parts.len()
            && next.parts.iter().zip(&known.segment.parts).all(|(next, known)| next == known)
    }

    /// A delta update may leave out date ranges that are known (RFC 6.2.5.1).
    fn keep_date_ranges(&self, delta: &mut MediaPlaylist) {
        /// Of ranges that the lists no longer name no more than this many are carried along.
        const MAX_KEPT: usize = 1000;
        let Some(known) = &self.playlist else { return };
        let is_kept = |id: &String| {
            !delta.removed_date_ranges.contains(id)
                && !delta.date_ranges.iter().any(|range| range.id == *id)
        };
        let kept = known.date_ranges.iter().rev().filter(|range| is_kept(&range.id)).take(MAX_KEPT);
        let mut kept: Vec<_> = kept.cloned().collect();
        kept.reverse();
        kept.append(&mut delta.date_ranges);
        delta.date_ranges = kept;
    }

    /// The first segments of this timeline.
    fn place_first(
        &mut self,
        incoming: Vec<ListedSegment>,
        playlist: &MediaPlaylist,
        reference: Option<&Timeline>,
    ) {
        if let Some(reference) = reference {
            self.epoch = reference.epoch;
        }
        let whole = incoming.len().saturating_sub(playlist.upcoming.count());
        let listed = incoming.get(..whole).unwrap_or_default();
        let found = reference
            .and_then(|reference| align::start_on(reference, listed, playlist.is_growing()));
        let start_secs = found.map_or(0.0, |found| found.start_secs(listed));
        let incoming = Incoming { segments: incoming, listed: whole };
        self.segments = place(incoming, Vec::new(), start_secs, self.epoch);
        if let Some(found) = found {
            self.checked = found.is_sure.then_some(self.epoch);
            self.segments.iter_mut().for_each(|placed| placed.count_on(found.uncounted));
        }
    }

    /// Where the first segment of `incoming` begins, unless it is known and has its place.
    fn anchor(
        &self,
        relation: Relation,
        incoming: &[ListedSegment],
        reference: Option<&Timeline>,
    ) -> f64 {
        let end_secs = self.end_secs();
        let missed = match relation {
            Relation::Continues | Relation::Stale => return self.start_of_overlap(incoming),
            Relation::After { missed } => Some(missed),
            Relation::Reset => None,
        };
        // A new run is after all that is known, here and there, unless it is known there.
        let mut least_secs = end_secs;
        if missed.is_none() {
            least_secs = least_secs.max(self.loaded_secs);
        }
        if let Some(reference) = reference {
            let is_known_there = reference.epoch >= self.epoch + u32::from(missed.is_none());
            if let Some(found) = align::by_sequence(reference, incoming).filter(|_| is_known_there)
            {
                return found.start_secs(incoming);
            }
            if missed.is_none() && !is_known_there {
                least_secs = least_secs.max(reference.end_secs());
            }
        }
        // Clocks are set; segments are as many as they are.
        let count_secs = missed.map_or(0.0, |missed| missed as f64 * self.average_secs());
        let most_secs = missed.map_or(MAX_JUMP_SECS, |_| 2.0 * count_secs + 10.0);
        let is_plausible = |start: &f64| (end_secs - 60.0..end_secs + most_secs).contains(start);
        align::by_date(self, incoming)
            .map(|found| found.start_secs(incoming))
            .filter(is_plausible)
            .unwrap_or_else(|| end_secs + count_secs.min(MAX_JUMP_SECS))
            // What is known may be buffered already; nothing new may stand on top of it.
            .max(least_secs)
    }

    /// Where a list begins that shares segments with this one or directly follows it. It may begin
    /// earlier, where a server lists again what it had dropped.
    fn start_of_overlap(&self, incoming: &[ListedSegment]) -> f64 {
        let Some(known) = self.segments.first() else { return 0.0 };
        let is_earlier =
            |segment: &&ListedSegment| segment.media_sequence < known.segment.media_sequence;
        let mut earlier = incoming.iter().take_while(is_earlier).peekable();
        if earlier.peek().is_none() {
            return self.segments.last().map_or(0.0, |last| last.end_secs);
        }
        known.start_secs - earlier.map(|segment| segment.duration_secs).sum::<f64>()
    }

    fn relation_of(&self, incoming: &[ListedSegment], is_growing: bool) -> Relation {
        let (Some(known_first), Some(known_last)) = (self.segments.first(), self.segments.last())
        else {
            return Relation::Continues;
        };
        let (Some(first), Some(last)) = (incoming.first(), incoming.last()) else {
            return Relation::Continues;
        };
        let known_end = known_last.segment.media_sequence;
        let known_whole = self.segments().last().unwrap_or(known_last).segment.media_sequence;
        if first.media_sequence > known_end {
            let missed = first.media_sequence - known_end - 1;
            return if missed == 0 { Relation::Continues } else { Relation::After { missed } };
        }
        if last.media_sequence < known_first.segment.media_sequence {
            let is_older = self.is_dated_before(last, known_last);
            return if is_older { Relation::Stale } else { Relation::Reset };
        }
        // They overlap in numbers. Do they in content?
        let shared = incoming.iter().rev().find_map(|segment| {
            self.segment(segment.media_sequence).map(|placed| (placed, segment))
        });
        let is_shorter = last.media_sequence < known_whole;
        if shared.is_some_and(|(placed, segment)| {
            !is_same_content(placed, segment) || is_shorter && self.is_run_later(placed, segment)
        }) {
            Relation::Reset
        } else if is_shorter && is_growing {
            Relation::Stale
        } else {
            Relation::Continues
        }
    }

    /// Whether a segment of the same number and name was made by a later run of the encoder: by its
    /// date, after all of the run that is known.
    fn is_run_later(&self, placed: &TimelineSegment, segment: &ListedSegment) -> bool {
        let newest = self.segments().last().map_or(0, |newest| newest.segment.media_sequence);
        let lasted_millis = newest as f64 * self.average_secs() * 900.0;
        let dates = placed.unix_millis.zip(segment.program_date_time_millis);
        dates.is_some_and(|(known, date)| date - known > lasted_millis)
    }

    /// Whether a segment of a lower number is also as much older by its date: an old copy of the
    /// list, and not a new numbering by an encoder whose clock was set back.
    fn is_dated_before(&self, segment: &ListedSegment, known: &TimelineSegment) -> bool {
        let (Some(date), Some(known_date)) = (segment.program_date_time_millis, known.unix_millis)
        else {
            return false;
        };
        let numbers = known.segment.media_sequence.saturating_sub(segment.media_sequence);
        let expected_secs = numbers as f64 * self.average_secs();
        let older_secs = (known_date - date) / 1000.0;
        (older_secs - expected_secs).abs() < expected_secs / 2.0
    }

    fn average_secs(&self) -> f64 {
        let total_secs: f64 = self.segments().iter().map(TimelineSegment::duration_secs).sum();
        total_secs / self.segments().len().max(1) as f64
    }

    /// Whether what follows the last whole segment is not what it was.
    fn has_other_tail(&self, playlist: &MediaPlaylist) -> bool {
        self.playlist.as_ref().is_none_or(|known| {
            let is_same = |(known, next): (&Segment, &Segment)| {
                known.url == next.url && known.parts == next.parts
            };
            let is_same = match (&known.upcoming, &playlist.upcoming) {
                (Upcoming::InProgress(known), Upcoming::InProgress(next)) => {
                    known.parts == next.parts
                }
                (Upcoming::Prefetched(known), Upcoming::Prefetched(next)) => {
                    known.len() == next.len() && known.iter().zip(next).all(is_same)
                }
                _ => false,
            };
            !is_same
                || known.is_ended != playlist.is_ended
                || known.preload_hints != playlist.preload_hints
        })
    }

    /// The whole list that a delta update means, or `None` where a skipped segment is not known.
    fn fill_skipped(
        &self,
        delta: &MediaPlaylist,
        listed: Vec<ListedSegment>,
    ) -> Option<Vec<ListedSegment>> {
        let first = self.index_of(delta.media_sequence)?;
        let end = first.checked_add(usize::try_from(delta.skipped_segments).ok()?)?;
        let skipped = self.segments().get(first..end)?;
        let last = &skipped.last()?.segment;
        let mut listed = listed;
        for (index, segment) in listed.iter_mut().enumerate() {
            if index < delta.inherited.map_segments {
                segment.map = last.map.clone();
            }
            if index < delta.inherited.key_segments {
                segment.keys = last.keys.clone();
            }
            // Counted from the first listed line; the skipped lines may hold discontinuities too.
            let counted =
                segment.discontinuity_sequence.saturating_sub(delta.discontinuity_sequence);
            segment.discontinuity_sequence = last.discontinuity_sequence.saturating_add(counted);
        }
        // Parts that are no longer listed may be gone (RFC 6.2.2).
        let without_parts = |placed: &TimelineSegment| placed.segment.without_parts();
        let mut whole: Vec<ListedSegment> = skipped.iter().map(without_parts).collect();
        whole.append(&mut listed);
        Some(whole)
    }
}

/// Takes the whole segments out of a list, and has copies of the upcoming ones stand after them.
fn listed_segments(playlist: &mut MediaPlaylist) -> Vec<ListedSegment> {
    let listed = |segment: Segment| segment.map_url(Some);
    let whole = core::mem::take(&mut playlist.segments);
    let mut segments: Vec<ListedSegment> = whole.into_iter().map(listed).collect();
    match &playlist.upcoming {
        Upcoming::InProgress(segment) => segments.push((**segment).clone().map_url(|()| None)),
        Upcoming::Prefetched(prefetched) => segments.extend(prefetched.iter().cloned().map(listed)),
    }
    segments
}

/// Whether two segments of one number are the same segment, and not two of different numberings.
fn is_same_content(placed: &TimelineSegment, segment: &ListedSegment) -> bool {
    // Number and name make a segment; a date maps it to the wall clock, which may be set (RFC 6.2.1).
    if align::is_same_name(&placed.segment, segment) {
        return true;
    }
    if let (Some(known), Some(date)) = (placed.unix_millis, segment.program_date_time_millis) {
        // An encoder's clock is adjusted by little; another run of it is far away.
        return (known - date).abs() < 1000.0 * placed.duration_secs().max(1.0);
    }
    (placed.segment.duration_secs - segment.duration_secs).abs() < 1e-6
}
