//! Segments: which loader loads what next.
//!
//! In: timelines, buffer levels. Out: requests for segments and their EXT-X-MAP resources. The
//! goals: seconds and bytes ahead, the two loaders within a segment of each other, no more than a
//! bound of bytes not yet appended.

use std::sync::Arc;

use super::blocking_reload;
use super::context::Context;
use super::downloads::{Finished, Purpose, StreamKind, Wanted};
use super::media::InitResource;
use super::output::Delivery;
use super::playlists::{Entry, PlaylistId};
use super::segment_loader::{Next, NextSegment, SegmentLoader};
use super::session::{Session, SourceState};
use super::variant_set::VariantSet;
use crate::buffer::time_ranges;
use crate::error::Error;
use crate::media::TimeRange;
use crate::playlist::timeline::PlacedSegment;
use crate::playlist::{InitSection, Key};
use crate::time::Duration;

/// Ahead of the playhead, while a change of variants waits for a playlist.
const CHANGING_AHEAD_SECS: f64 = 3.0;
/// A segment beyond this is refused: a minute of 4K at 35 Mbit/s, six seconds of 8K at 200 and more.
const MAX_SEGMENT_BYTES: u64 = 256 << 20;
/// An EXT-X-MAP resource beyond this is refused.
const MAX_INIT_BYTES: u64 = 4 << 20;
/// Nothing is loaded while more than this waits to be appended; twice that while appends are held
/// back.
const MAX_PENDING_BYTES: u64 = 32 << 20;

impl Session {
    /// The playlist segments are being loaded from.
    pub(super) fn current_entry(&self) -> Option<&Entry> {
        self.playlists.get(self.playlist_of_loader(StreamKind::Main)?)
    }

    pub(super) fn loader_mut(&mut self, kind: StreamKind) -> Option<&mut SegmentLoader> {
        match kind {
            StreamKind::Main => Some(&mut self.main),
            StreamKind::Audio => self.audio.as_mut(),
        }
    }

    /// Media ahead of the playhead that is there, or will be once the queues have run.
    pub(super) fn ahead_secs(&self) -> f64 {
        let playhead_secs = self.playhead.secs();
        if !self.sink.has_started() {
            // It waits for the media source to open, which may take longer than all the loading.
            let audio_secs = self.audio.as_ref().map_or(f64::INFINITY, SegmentLoader::end_secs);
            return (self.main.end_secs().min(audio_secs) - playhead_secs).max(0.0);
        }
        let ranges = self.sink.playable_soon();
        // A start gap or a hole that will be jumped does not make the buffer empty.
        let gap_secs = self.max_gap_secs;
        let from_secs = time_ranges::range_at(&ranges, playhead_secs)
            .or_else(|| {
                time_ranges::next_range(&ranges, playhead_secs)
                    .filter(|next| next.start_secs - playhead_secs <= gap_secs)
            })
            .map_or(playhead_secs, |range| range.start_secs.max(playhead_secs));
        time_ranges::covered_until(&ranges, from_secs) - playhead_secs
    }

    /// Loads the variant's next segment, if it is time.
    pub(super) fn load_main(&mut self, context: &mut Context) {
        if self.main.loading.is_some() {
            self.abandon_if_starving(context);
            return;
        }
        if self.main_source != SourceState::Ready {
            return;
        }
        let current =
            self.variant.filter(|variant| self.variant_set.is_available(context, *variant));
        // A selection is acted on at once; otherwise a choice is made when there is something to load.
        if let Some(variant) = current
            && !self.is_selection_fresh
        {
            let Some(id) = self.playlist_of(variant) else { return };
            let has_next = !matches!(self.next_of(StreamKind::Main, id), Next::NotYet | Next::End);
            if !has_next || self.start_secs.is_none() || !self.wants_more(context, StreamKind::Main)
            {
                return;
            }
        }
        let Some(variant) = self.settle_variant(context) else { return };
        if self.start_secs.is_none() || !self.wants_more(context, StreamKind::Main) {
            return;
        }
        let Some(id) = self.playlist_of(variant) else { return };
        if !self.playlists.get(id).is_some_and(Entry::is_loaded) {
            self.fetch_playlist(context, id);
            return;
        }
        match self.next_of(StreamKind::Main, id) {
            Next::Segment(placed) => {
                self.begin_segment(context, StreamKind::Main, (*placed, id, Some(variant)));
            }
            Next::SlidPast(first) => self.catch_up(context, &first),
            Next::NotYet | Next::End => {}
        }
    }

    /// Loads the audio rendition's next segment, if it is time.
    pub(super) fn load_audio(&mut self, context: &mut Context) {
        let Some(rendition) = self.rendition else { return };
        let entry = self.variant_set.renditions.get(rendition);
        let Some(url) = entry.and_then(|entry| entry.rendition.url.clone()) else { return };
        let id = self.playlists.id_of(&url);
        if !self.playlists.get(id).is_some_and(Entry::is_loaded) {
            self.fetch_playlist(context, id);
            return;
        }
        if self.start_secs.is_none() || !self.wants_more(context, StreamKind::Audio) {
            return;
        }
        let Some(loader) = &self.audio else { return };
        if loader.loading.is_some() {
            return;
        }
        match self.next_of(StreamKind::Audio, id) {
            Next::Segment(placed) => {
                self.begin_segment(context, StreamKind::Audio, (*placed, id, None));
            }
            Next::SlidPast(first) => self.catch_up(context, &first),
            Next::NotYet | Next::End => {}
        }
    }

    /// What a loader should load next from this playlist.
    fn next_of(&self, kind: StreamKind, id: PlaylistId) -> Next {
        let loader = match kind {
            StreamKind::Main => &self.main,
            StreamKind::Audio => match &self.audio {
                Some(loader) => loader,
                None => return Next::NotYet,
            },
        };
        match loader.next(&self.playlists, id) {
            Next::Segment(placed) if placed.is_hinted && !self.is_wanted_early(kind, &placed) => {
                Next::NotYet
            }
            next => next,
        }
    }

    /// Whether something announced should be asked for before it is listed.
    fn is_wanted_early(&self, kind: StreamKind, placed: &PlacedSegment) -> bool {
        // A change of variants waits for the next seam: what is asked for now would pass it.
        kind == StreamKind::Audio || self.target.is_none() || placed.part.is_none()
    }

    /// Whether a loader should load on at all.
    fn wants_more(&self, context: &Context, kind: StreamKind) -> bool {
        let loaders = (Some(&self.main), self.audio.as_ref());
        let (loader, other, other_kind) = match kind {
            StreamKind::Main => (loaders.0, loaders.1, StreamKind::Audio),
            StreamKind::Audio => (loaders.1, loaders.0, StreamKind::Main),
        };
        let Some(loader) = loader else { return false };
        let playhead_secs = self.playhead.secs();
        let is_paused = loader.paused_until.is_some_and(|until| context.now < until);
        let end_secs = loader.end_secs();
        let ahead_secs = end_secs - playhead_secs - self.gap_secs_between(playhead_secs, end_secs);
        if self.misfit.is_waiting() {
            return false;
        }
        let is_full = self.sink.tracks.values().any(|track| track.queue.is_full());
        // One loader a segment ahead of the other is as far as it goes, unless that one has ended.
        let is_leading = other.is_some_and(|other| {
            let longest_secs = self
                .playlist_of_loader(other_kind)
                .and_then(|id| self.playlists.get(id))
                .map_or(0.0, Entry::target_secs);
            loader.end_secs() > other.end_secs() + longest_secs.max(1.0)
                && !self.is_loader_at_end(other_kind)
        });
        // What another variant is about to take over is loaded no further than the wait for its
        // playlist may need: on a fast link a viewer would else see the first one for long.
        let is_enough = kind == StreamKind::Main
            && ahead_secs > CHANGING_AHEAD_SECS
            && self.is_waiting_for_target();
        self.is_streaming
            && !is_paused
            && !is_enough
            && !is_full
            && !is_leading
            && ahead_secs < self.ahead_limit_secs
            && self.sink.bytes_between(playhead_secs, end_secs) < context.config.buffer.ahead_bytes
            && self.sink.pending_bytes() < MAX_PENDING_BYTES << u32::from(self.slow_link.is_holding)
    }

    /// A change of variants waits for a playlist.
    fn is_waiting_for_target(&self) -> bool {
        let Some(url) = self.target.and_then(|target| self.variant_set.url(target)) else {
            return false;
        };
        let entry = self.playlists.find(url).and_then(|id| self.playlists.get(id));
        entry.is_some_and(|entry| !entry.is_loaded())
    }

    /// The playlist a loader loads from.
    fn playlist_of_loader(&self, kind: StreamKind) -> Option<PlaylistId> {
        let url = match kind {
            StreamKind::Main => self.variant_set.url(self.variant?)?,
            StreamKind::Audio => {
                self.variant_set.renditions.get(self.rendition?)?.rendition.url.as_deref()?
            }
        };
        self.playlists.find(url)
    }

    /// Everything a loader could load is loaded; true also where there is no such loader.
    pub(super) fn is_loader_at_end(&self, kind: StreamKind) -> bool {
        let loader = match kind {
            StreamKind::Main => &self.main,
            StreamKind::Audio => match &self.audio {
                Some(loader) => loader,
                None => return true,
            },
        };
        loader.loading.is_none()
            && self
                .playlist_of_loader(kind)
                .is_some_and(|id| matches!(loader.next(&self.playlists, id), Next::End))
    }

    fn begin_segment(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        (placed, playlist, variant): (PlacedSegment, PlaylistId, Option<usize>),
    ) {
        let key = placed.segment.key.clone();
        let is_gap = placed.segment.is_gap || self.media_errors.is_refused(&placed);
        let timestamp_key =
            self.playlists.get(playlist).map_or(0, |entry| entry.timestamp_key(&placed));
        let bandwidth_bps = variant
            .and_then(|variant| self.variant_set.variants.get(variant))
            .map_or(128_000, |entry| entry.variant.bandwidth_bps);
        let estimated_bytes = (bandwidth_bps as f64 * placed.duration_secs() / 8.0) as u64;
        // A rendition of its own replaces the variant's sound.
        let has_sound = kind == StreamKind::Audio || self.audio.is_none();
        let audio_codec = self
            .variant
            .filter(|_| has_sound)
            .and_then(|variant| self.variant_set.variants.get(variant))
            .and_then(|entry| {
                let mut names = entry.codecs.iter().map(|codec| &codec.name);
                names.find(|name| name.starts_with("mp4a")).cloned()
            });
        let segment = NextSegment {
            is_growing: placed.is_hinted,
            placed,
            playlist,
            variant,
            timestamp_key,
            estimated_bytes,
            audio_codec,
        };
        let Some(loader) = self.loader_mut(kind) else { return };
        let map = loader.map_of(&segment.placed);
        loader.begin(segment);
        if is_gap {
            return self.skip_segment(context, kind);
        }
        if let Some(key) = key {
            let method = key.method.clone();
            return self.on_segment_failed(context, kind, Error::Encrypted { method });
        }
        let Some(map) = map else { return self.fetch_segment(context, kind, None) };
        if let Some(resource) = self.init_cache.get(&map) {
            return self.fetch_segment(context, kind, Some(resource));
        }
        let max_retries = self.segment_retries(context);
        let wanted = Wanted { max_retries, ..wanted_init(Purpose::Init(kind), &map) };
        self.downloads.start(context, wanted);
    }

    /// Fewer tries where something else could take the segment's place.
    fn segment_retries(&self, context: &Context) -> u32 {
        let has = |which: fn(&VariantSet, &Context, usize) -> bool| {
            self.variant.is_some_and(|variant| which(&self.variant_set, context, variant))
        };
        match () {
            () if has(VariantSet::has_alternative_elsewhere) => 1,
            () if has(VariantSet::has_alternative) => 2,
            () => context.config.retry.max_retries,
        }
    }

    pub(super) fn on_init(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        finished: Finished<'_>,
    ) {
        let Some(loader) = self.loader_mut(kind).filter(|loader| loader.is_awaiting_init()) else {
            return;
        };
        let Some(loading) = &loader.loading else { return };
        let Some(section) = loading.placed.segment.map.clone() else { return };
        match InitResource::read(&section.url, finished.body) {
            Ok(resource) => {
                self.init_cache.insert(section, resource.clone());
                self.fetch_segment(context, kind, Some(resource));
            }
            Err(error) => {
                // It may be encrypted where the segments are not.
                let encrypted = |key: &Arc<Key>| Error::Encrypted { method: key.method.clone() };
                let error = section.key.as_ref().map_or(error, encrypted);
                self.on_segment_failed(context, kind, error);
            }
        }
    }

    fn fetch_segment(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        init: Option<InitResource>,
    ) {
        let max_retries = self.segment_retries(context);
        let Some(loader) = self.loader_mut(kind) else { return };
        if let Some(InitResource::Fmp4 { init, .. }) = &init
            && let Some(loading) = &loader.loading
        {
            let begin_secs = loading.placed.start_secs;
            if self.is_misfit(context, kind, (init.kind, begin_secs)) {
                return;
            }
        }
        let Some(loader) = self.loader_mut(kind) else { return };
        let is_held = loader.set_init(init);
        let loader = match kind {
            StreamKind::Main => Some(&self.main),
            StreamKind::Audio => self.audio.as_ref(),
        };
        let Some(loading) = loader.and_then(|loader| loader.loading.as_ref()) else { return };
        // Something else takes its place sooner than a second try would come.
        let has_fallback = loading.is_growing || loading.placed.part.is_some();
        let timeline = self.playlists.timeline(loading.playlist);
        let timeouts = timeline.filter(|_| loading.is_growing).map(blocking_reload::load_timeouts);
        let wanted = Wanted {
            purpose: Purpose::Segment(kind),
            url: loading.placed.segment.url.clone(),
            byte_range: loading.placed.segment.byte_range,
            delivery: if is_held { Delivery::Held } else { Delivery::Bytes },
            max_bytes: MAX_SEGMENT_BYTES,
            max_retries: if has_fallback { 0 } else { max_retries },
            not_found_retries: u32::from(!has_fallback),
            timeouts,
            first_byte_limit: self.first_byte_limit(context, loading.playlist),
            pace: Duration::ZERO,
        };
        self.downloads.start(context, wanted);
    }

    /// Passes over the segment under way: it cannot be had.
    pub(super) fn skip_segment(&mut self, context: &mut Context, kind: StreamKind) {
        let Some(loader) = self.loader_mut(kind) else { return };
        let Some(loading) = loader.loading.take() else { return };
        let url = loading.placed.segment.url.clone();
        let span =
            TimeRange { start_secs: loading.placed.start_secs, end_secs: loading.placed.end_secs };
        loader.skip(loading.placed, loading.playlist);
        self.note_gap(span);
        context.error(Error::SegmentSkipped { url });
        self.needs_another_pass = true;
    }

    /// How much between two moments will never be there.
    fn gap_secs_between(&self, from_secs: f64, to_secs: f64) -> f64 {
        let overlap = |gap: &TimeRange| gap.end_secs.min(to_secs) - gap.start_secs.max(from_secs);
        self.gaps.iter().map(overlap).filter(|secs| *secs > 0.0).sum()
    }

    pub(super) fn note_gap(&mut self, span: TimeRange) {
        /// Holes remembered at most; the oldest are behind the playhead by then.
        const MAX_GAPS: usize = 256;
        time_ranges::insert(&mut self.gaps, span);
        if self.gaps.len() > MAX_GAPS {
            self.gaps.remove(0);
        }
    }
}

/// The request of an EXT-X-MAP resource.
pub(super) fn wanted_init(purpose: Purpose, section: &InitSection) -> Wanted {
    Wanted {
        purpose,
        url: section.url.clone(),
        byte_range: section.byte_range,
        delivery: Delivery::Bytes,
        max_bytes: MAX_INIT_BYTES,
        max_retries: 0,
        not_found_retries: 1,
        timeouts: None,
        first_byte_limit: None,
        pace: Duration::ZERO,
    }
}
