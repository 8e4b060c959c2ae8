//! Segments: which loader loads what next.
//!
//! In: timelines, buffer levels. Out: requests for segments and their EXT-X-MAP resources. The
//! goals: seconds and bytes ahead, the two loaders within a segment of each other, no more than a
//! bound of bytes not yet appended.

use super::Session;
use super::encrypted::{Decrypted, NotYet};
use crate::engine::context::Context;
use crate::engine::downloads::Finished;
use crate::engine::first_segment::FirstSegment;
use crate::engine::init_sections::wanted_init;
use crate::engine::keys::KeyStore;
use crate::engine::kinds::StreamKind;
use crate::engine::load_goals;
use crate::engine::load_timeouts::LoadTimeouts;
use crate::engine::loading_segment::Loading;
use crate::engine::media::InitResource;
use crate::engine::output::{Delivery, MediaFacts};
use crate::engine::playlists::{Entry, PlaylistId};
use crate::engine::segment_loader::{Next, NextSegment, SegmentLoader};
use crate::engine::variant_set::VariantId;
use crate::engine::wanted::{Purpose, Wanted};
use crate::error::Error;
use crate::media::{TimeRange, TrackKind};
use crate::playlist::timeline::PlacedSegment;
use crate::time::Duration;

/// A segment beyond this is refused: a minute of 4K at 35 Mbit/s, six seconds of 8K at 200 and more.
const MAX_SEGMENT_BYTES: u64 = 256 << 20;

impl Session {
    /// The playlist segments are being loaded from.
    pub(super) fn current_entry(&self) -> Option<&Entry> {
        self.selector.current_entry(&self.sources)
    }

    /// Media ahead of the playhead that is there, or will be once the queues have run.
    pub(super) fn ahead_secs(&self) -> f64 {
        let playhead_secs = self.playback.playhead.secs();
        if !self.sink.has_started() {
            // It waits for the media source to open, which may take longer than all the loading.
            return (self.streams.loaded_secs() - playhead_secs).max(0.0);
        }
        self.playback.ahead_secs(&self.sink.playable_soon())
    }

    /// Loads the variant's next segment, if it is time.
    pub(super) fn load_main(&mut self, context: &mut Context) {
        if self.streams.main().loading.is_some() {
            self.abandon_if_starving(context);
            return;
        }
        if !self.sources.is_ready() {
            return;
        }
        let current = self
            .selector
            .variant
            .filter(|variant| self.sources.variant_set.is_available(context, *variant));
        // A selection is acted on at once; otherwise a choice is made when there is something to load.
        if let Some(variant) = current
            && !self.selector.is_selection_fresh
        {
            let Some(id) = self.sources.playlist_of(variant) else { return };
            let has_next = !matches!(self.next_of(StreamKind::Main, id), Next::NotYet | Next::End);
            if !has_next
                || self.playback.start_secs.is_none()
                || !self.wants_more(context, StreamKind::Main)
            {
                return;
            }
        }
        let Some(variant) = self.settle_variant(context) else { return };
        if self.playback.start_secs.is_none() || !self.wants_more(context, StreamKind::Main) {
            return;
        }
        let Some(id) = self.sources.playlist_of(variant) else { return };
        if !self.sources.playlists.get(id).is_some_and(Entry::is_loaded) {
            self.fetch_playlist(context, id);
            return;
        }
        self.load_next(context, StreamKind::Main, (id, Some(variant)));
    }

    /// What a stream should load next from this playlist.
    fn next_of(&self, kind: StreamKind, id: PlaylistId) -> Next {
        // A change of variants waits for the next seam: what is asked for now would pass it.
        let is_changing = kind == StreamKind::Main && self.selector.target.is_some();
        let Some(loader) = self.streams.get(kind) else { return Next::NotYet };
        loader.next_but_seam(&self.sources.playlists, id, is_changing)
    }

    /// Loads a rendition's next segment, if it is time.
    pub(super) fn load_rendition(&mut self, context: &mut Context, kind: StreamKind) {
        let Some(id) = self.selector.rendition_playlist(&mut self.sources, kind) else { return };
        if !self.sources.playlists.get(id).is_some_and(Entry::is_loaded) {
            return self.fetch_playlist(context, id);
        }
        let is_loading = self.streams.get(kind).is_none_or(|loader| loader.loading.is_some());
        if self.playback.start_secs.is_none() || is_loading || !self.wants_more(context, kind) {
            return;
        }
        self.load_next(context, kind, (id, None));
    }

    fn load_next(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        (id, variant): (PlaylistId, Option<VariantId>),
    ) {
        match self.next_of(kind, id) {
            Next::Segment(placed) => self.begin_segment(context, kind, (*placed, id, variant)),
            Next::SlidPast(first) if kind == StreamKind::NewAudio => {
                self.begin_segment(context, kind, (*first, id, variant));
            }
            Next::SlidPast(first) => self.catch_up(context, &first),
            Next::NotYet | Next::End => {}
        }
    }

    /// Whether a stream should load on at all.
    fn wants_more(&self, context: &Context, kind: StreamKind) -> bool {
        let Some(loader) = self.streams.get(kind) else { return false };
        let is_paused = loader.paused_until.is_some_and(|until| context.now < until);
        let may_load = self.playback.is_streaming && !self.recovery.misfit.is_waiting();
        if is_paused || !may_load || self.is_leading(kind) {
            return false;
        }
        let (from_secs, end_secs) = (self.playback.playhead.secs(), loader.end_secs());
        let gap_secs = self.playback.gap_secs_between(from_secs, end_secs);
        let is_main = kind == StreamKind::Main;
        let situation = load_goals::Situation {
            ahead_secs: end_secs - from_secs - gap_secs,
            ahead_limit_secs: self.playback.ahead_limit_secs,
            ahead_bytes: self.sink.bytes_between(from_secs, end_secs),
            ahead_limit_bytes: context.config.buffer.ahead_bytes,
            pending_bytes: self.sink.pending_bytes(),
            is_holding: self.playback.slow_link.is_holding,
            is_changing: is_main && self.selector.is_waiting_for_target(&self.sources),
            is_full: self.sink.tracks.values().any(|track| track.queue.is_full()),
        };
        situation.wants_more()
    }

    /// A stream a segment ahead of another is as far as it goes, unless that one has ended.
    fn is_leading(&self, kind: StreamKind) -> bool {
        let end_secs = self.streams.get(kind).map_or(0.0, SegmentLoader::end_secs);
        // Nobody waits for what may never come.
        let is_meant = |other: &StreamKind| *other != kind && *other != StreamKind::NewAudio;
        let mut others = self.streams.iter().filter(|(other, _)| is_meant(other));
        others.any(|&(other_kind, ref other)| {
            let id = self.selector.playlist_of(&self.sources, other_kind);
            let entry = id.and_then(|id| self.sources.playlists.get(id));
            let longest_secs = entry.map_or(0.0, Entry::target_secs).max(1.0);
            end_secs > other.end_secs() + longest_secs && !self.is_stream_at_end(other_kind)
        })
    }

    /// Everything a stream could load is loaded; true also where there is no such stream.
    pub(super) fn is_stream_at_end(&self, kind: StreamKind) -> bool {
        let Some(loader) = self.streams.get(kind) else { return true };
        let is_at_end = |id| matches!(loader.next(&self.sources.playlists, id), Next::End);
        loader.loading.is_none()
            && self.selector.playlist_of(&self.sources, kind).is_some_and(is_at_end)
    }

    fn begin_segment(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        (placed, playlist, variant): (PlacedSegment, PlaylistId, Option<VariantId>),
    ) {
        let is_gap = placed.segment.is_gap || self.recovery.media_errors.is_refused(&placed);
        let has_sound =
            kind == StreamKind::NewAudio || self.streams.source_of(TrackKind::Audio) == kind;
        let set = &self.sources.variant_set;
        let sound_of = self.selector.variant.filter(|_| has_sound);
        let entry = self.sources.playlists.get(playlist);
        let segment = NextSegment {
            estimated_bytes: set.estimated_bytes(variant, placed.duration_secs()),
            timestamp_key: entry.map_or(0, |entry| entry.timestamp_key(&placed)),
            audio_codec: sound_of.and_then(|variant| set.aac_codec(variant)),
            placed,
            playlist,
            variant,
        };
        // What two streams bring is put beside each other when both have begun.
        let is_alone = self.streams.iter().len() == 1;
        let Some(loader) = self.streams.get_mut(kind) else { return };
        loader.begin(segment);
        if let Some(loading) = loader.loading.as_mut().filter(|loading| {
            is_alone
                && loader.segments_done == 0
                && !loading.is_growing
                && loading.placed.kind.part().is_none()
        }) {
            loading.first = Some(FirstSegment::default());
        }
        if is_gap {
            return self.skip_segment(context, kind);
        }
        self.advance_segment(context, kind);
    }

    /// Asks for what the segment under way lacks: its EXT-X-MAP resource, its key, then itself.
    pub(super) fn advance_segment(&mut self, context: &mut Context, kind: StreamKind) {
        let Some(loader) = self.streams.get(kind).filter(|loader| loader.is_awaiting_init()) else {
            return;
        };
        let Some(loading) = &loader.loading else { return };
        let segment = &loading.placed.segment;
        let (keys, media_sequence) = (segment.keys.clone(), segment.media_sequence);
        let map = loader.map_of(&loading.placed);
        let init = map.as_ref().and_then(|map| self.streams.init_sections.get(map));
        if let Some(InitResource::Fmp4 { .. }) = &init
            && let Err(error) = KeyStore::check_fmp4(&keys)
        {
            return self.on_segment_failed(context, kind, error);
        }
        // Its key is asked for beside its EXT-X-MAP resource, unless that shows first whether a key is of use.
        let is_of_samples = |keys| KeyStore::check_fmp4(keys).is_err();
        let decryption = if map.is_some() && init.is_none() && is_of_samples(&keys) {
            Err(NotYet::Waits)
        } else {
            self.decryption(context, kind, (&keys, media_sequence))
        };
        if let Some(map) = map.filter(|_| init.is_none()) {
            let is_running = self.downloads.is_running(Purpose::Init(kind));
            if is_running || matches!(decryption, Err(NotYet::Failed)) {
                return;
            }
            // Without an IV, which it has to have, zero is as good as any.
            // Only whole ones are encrypted at all.
            let decrypted = if is_of_samples(&map.keys) {
                Ok(Decrypted::default())
            } else {
                self.decryption(context, kind, (&map.keys, 0))
            };
            let Ok(Decrypted { body: decryption, .. }) = decrypted else { return };
            let variant = self.selector.variant;
            let max_retries = self.sources.variant_set.segment_retries(context, variant);
            let wanted = wanted_init(Purpose::Init(kind), &map);
            self.downloads.start(context, Wanted { max_retries, decryption, ..wanted });
            return;
        }
        let Ok(decryption) = decryption else { return };
        self.fetch_segment(context, kind, (init, decryption));
    }

    pub(super) fn on_init(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        finished: Finished<'_>,
    ) {
        let Some(loader) = self.streams.get_mut(kind).filter(|loader| loader.is_awaiting_init())
        else {
            return;
        };
        let Some(loading) = &loader.loading else { return };
        let Some(section) = loading.placed.segment.map.clone() else { return };
        match InitResource::read(&section.url, finished.body) {
            Ok(resource) => {
                self.streams.init_sections.insert(section, resource);
                self.advance_segment(context, kind);
            }
            Err(Error::UnsupportedContainer { url, .. }) if !section.keys.is_empty() => {
                self.on_segment_failed(context, kind, Error::Undecryptable { url });
            }
            Err(error) => self.on_segment_failed(context, kind, error),
        }
    }

    fn fetch_segment(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        (init, decryption): (Option<InitResource>, Decrypted),
    ) {
        let max_retries = self.sources.variant_set.segment_retries(context, self.selector.variant);
        let Some(loader) = self.streams.get_mut(kind) else { return };
        if let Some(InitResource::Fmp4 { init, .. }) = &init
            && let Some(loading) = &loader.loading
        {
            let begin_secs = loading.placed.start_secs;
            if self.is_misfit(context, kind, (init.kind, begin_secs)) {
                return;
            }
        }
        let Some(loader) = self.streams.get_mut(kind) else { return };
        loader.transmuxer.set_sample_key(decryption.samples);
        let is_held = loader.set_init(init);
        let loader = self.streams.get(kind);
        let Some(loading) = loader.and_then(|loader| loader.loading.as_ref()) else { return };
        // Something else takes its place sooner than a second try would come.
        let has_fallback = loading.is_growing || loading.placed.kind.part().is_some();
        let timeline = self.sources.playlists.timeline(loading.playlist);
        let timeouts = timeline.filter(|_| loading.is_growing).map(LoadTimeouts::of_held);
        let wanted = Wanted {
            purpose: Purpose::Segment(kind),
            url: loading.placed.segment.url.clone(),
            byte_range: loading.placed.segment.byte_range,
            delivery: if is_held { Delivery::Held } else { Delivery::Bytes },
            decryption: decryption.body,
            may_need_transmuxer: loading.may_need_transmuxer(),
            media: Some(self.media_facts(kind, loading)),
            max_bytes: MAX_SEGMENT_BYTES,
            max_retries: if has_fallback { 0 } else { max_retries },
            not_found_retries: u32::from(!has_fallback),
            timeouts,
            first_byte_limit: self.sources.first_byte_limit(
                context,
                loading.playlist,
                self.selector.variant_or_target(),
            ),
            pace: Duration::ZERO,
        };
        self.downloads.start(context, wanted);
    }

    fn media_facts(&self, kind: StreamKind, loading: &Loading) -> MediaFacts {
        let is_sound_apart = self.streams.get(StreamKind::Audio).is_some();
        let (object, variant) = match kind {
            StreamKind::Main if is_sound_apart => ("v", loading.variant),
            StreamKind::Main => ("av", loading.variant),
            StreamKind::Audio | StreamKind::NewAudio => ("a", None),
        };
        MediaFacts {
            object,
            duration_secs: loading.placed.end_secs - loading.placed.start_secs,
            bandwidth_bps: variant.map_or(0, |it| self.sources.variant_set.bandwidth_bps(it)),
        }
    }

    /// Passes over the segment under way: it cannot be had.
    pub(super) fn skip_segment(&mut self, context: &mut Context, kind: StreamKind) {
        let Some(loader) = self.streams.get_mut(kind) else { return };
        let Some(loading) = loader.loading.take() else { return };
        let url = loading.placed.segment.url.clone();
        let span =
            TimeRange { start_secs: loading.placed.start_secs, end_secs: loading.placed.end_secs };
        loader.skip(loading.placed, loading.playlist);
        self.playback.note_gap(span);
        context.error(Error::SegmentSkipped { url });
        context.needs_another_pass = true;
    }
}
