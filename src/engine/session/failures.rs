//! Carries out what [`crate::engine::recovery`] decides on a failure.
//!
//! In: errors, by what they were met with. Out: variants and renditions excluded, segments passed
//! over, loading paused or ended, and the warning or error that goes with each. It weighs nothing.

use super::Session;
use crate::engine::context::Context;
use crate::engine::kinds::{SourceKind, StreamKind};
use crate::engine::playlists::PlaylistId;
use crate::engine::recovery::{
    PlaylistFailure, Remedy, Replaceable, SegmentFailure, as_warning, is_of_one_request,
    is_of_server, is_silence,
};
use crate::engine::segment_loader::Cursor;
use crate::engine::variant_set::VariantId;
use crate::engine::wanted::Purpose;
use crate::error::Error;
use crate::time::Instant;

/// With less than this ahead there is no time to wait for better days.
const WAITING_AHEAD_SECS: f64 = 1.0;

impl Session {
    /// A whole source cannot be had.
    pub(super) fn on_source_failed(
        &mut self,
        context: &mut Context,
        source: SourceKind,
        error: Error,
    ) {
        self.sources.fail(source);
        match source {
            SourceKind::Main => self.fail_for_good(context, error),
            SourceKind::HighQuality => {
                context.error(Error::VariantExcluded { variant: None, cause: Box::new(error) });
            }
        }
    }

    /// A download failed, or brought something useless.
    pub(super) fn on_failed(&mut self, context: &mut Context, purpose: Purpose, error: Error) {
        context.needs_another_pass = true;
        match purpose {
            Purpose::Manifest(source) => self.on_source_failed(context, source, error),
            Purpose::MediaPlaylist(id) => self.on_playlist_failed(context, id, error),
            // The segment that needs it asks for it again.
            Purpose::HintedInit => {}
            Purpose::Text(track) => self.on_text_failed(context, track, error),
            Purpose::Init(stream) | Purpose::Segment(stream) => {
                self.on_segment_failed(context, stream, error);
            }
            Purpose::Key(slot) => self.on_key_failed(context, slot, &error),
        }
    }

    fn on_playlist_failed(&mut self, context: &mut Context, id: PlaylistId, error: Error) {
        if self.is_text_playlist(id) {
            return self.on_text_playlist_failed(context, id, error);
        }
        let elsewhere = self.variant_elsewhere(context, &error);
        let Some(entry) = self.sources.playlists.get_mut(id) else { return };
        // It said that it ends, and is gone.
        if entry.timeline.believe_end() {
            return context.error(as_warning(error));
        }
        let url = entry.url.clone();
        let set = &self.sources.variant_set;
        if self.selector.variant_of(set, &url).is_none()
            && self.selector.rendition_stream_of(set, &url) == Some(StreamKind::NewAudio)
        {
            return self.give_up_new_audio(context, error);
        }
        let Some(entry) = self.sources.playlists.get_mut(id) else { return };
        let is_loaded = entry.is_loaded();
        // Of a server that lives it may have been asked wrongly.
        let is_dead = elsewhere.is_some() && is_silence(&error);
        if entry.blocking_reload.refused(context.now) && !is_dead {
            entry.paused_until = Some(context.now + context.config.retry.min_delay);
            return;
        }
        let set = &self.sources.variant_set;
        let replaceable = match self.selector.variant_of(set, &url) {
            Some(variant) => {
                set.has_alternative(context, variant).then_some(Replaceable::Variant(variant))
            }
            None => self.selector.rendition_stream_of(set, &url).and_then(|kind| {
                let other = self.replaceable_rendition(context, kind);
                other.or(elsewhere.map(Replaceable::Variant))
            }),
        };
        let failure = PlaylistFailure {
            replaceable,
            is_active: self.selector.active_playlists(&self.sources).contains(&id),
            comes_back: self.comes_back(),
            can_wait: is_loaded && self.can_wait(),
        };
        let remedy = failure.remedy();
        if remedy == Remedy::Wait
            && let Some(entry) = self.sources.playlists.get_mut(id)
        {
            entry.paused_until = Some(context.now + context.config.retry.max_delay);
        }
        self.recover(context, remedy, error);
    }

    /// The segment under way in a stream cannot be had or played.
    pub(super) fn on_segment_failed(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        error: Error,
    ) {
        context.needs_another_pass = true;
        let error = self.judge_decrypted(kind, error);
        let Some(loader) = self.streams.get_mut(kind) else { return };
        let Some(loading) = &loader.loading else { return };
        let is_announced = loading.placed.kind.is_hinted();
        if is_of_one_request(&error) && loader.fall_back() {
            if !is_announced {
                context.error(as_warning(error));
            }
            return;
        }
        if kind == StreamKind::NewAudio {
            return self.give_up_new_audio(context, error);
        }
        let Some(loading) = &loader.loading else { return };
        let (variant, playlist) = (loading.variant, loading.playlist);
        let sequence = loading.placed.segment.media_sequence;
        let skipped_in_row = loader.skipped_in_row;
        let replaceable = match variant {
            Some(variant) => {
                let set = &self.sources.variant_set;
                set.has_alternative(context, variant).then_some(Replaceable::Variant(variant))
            }
            None => self
                .replaceable_rendition(context, kind)
                .or_else(|| self.variant_elsewhere(context, &error).map(Replaceable::Variant)),
        };
        let timeline = self.sources.playlists.timeline(playlist);
        let has_more = timeline
            .is_some_and(|timeline| timeline.is_live() || timeline.next_after(sequence).is_some());
        let failure = SegmentFailure {
            error: &error,
            replaceable,
            has_more,
            skipped_in_row,
            comes_back: self.comes_back(),
            can_wait: self.can_wait(),
        };
        let remedy = failure.remedy();
        if remedy == Remedy::Skip {
            context.error(as_warning(error));
            return self.skip_segment(context, kind);
        }
        // It is over where this ends the stream: all loading is.
        if let Some(loader) = self.streams.get_mut(kind).filter(|_| remedy != Remedy::End) {
            loader.loading = None;
            if remedy == Remedy::Wait {
                loader.paused_until = Some(context.now + context.config.retry.max_delay);
            }
        }
        self.recover(context, remedy, error);
    }

    /// What does not depend on what failed.
    fn recover(&mut self, context: &mut Context, remedy: Remedy, error: Error) {
        match remedy {
            Remedy::Exclude(Replaceable::Variant(variant)) => {
                self.exclude_variant(context, variant, error);
            }
            Remedy::Exclude(Replaceable::Rendition(kind, other)) => {
                let cause = Box::new(error);
                context.error(Error::VariantExcluded { variant: None, cause });
                self.change_rendition(context, kind, Some(other));
                self.selector.audio.wish = Some(other);
                context.needs_another_pass = true;
            }
            Remedy::BackOff => {
                let config = &context.config.retry;
                let delay = self.recovery.back_off(config, &mut context.jitter);
                self.sources.variant_set.include_all();
                self.pause_loading_until(Some(context.now + delay));
                context.error(as_warning(error));
            }
            Remedy::Wait | Remedy::Ignore | Remedy::Skip => context.error(as_warning(error)),
            Remedy::End => self.fail_for_good(context, error),
        }
    }

    /// A live stream that has played comes back, however long it takes: its origin starts again.
    pub(super) fn comes_back(&self) -> bool {
        self.sink.has_media && self.current_entry().is_some_and(|entry| entry.timeline.is_live())
    }

    /// Nothing new is asked for before this.
    pub(super) fn pause_loading_until(&mut self, until: Option<Instant>) {
        self.sources.playlists.pause_until(until);
        self.streams.pause_until(until);
    }

    /// The browser turned out not to play a codec found in the media.
    pub(super) fn on_codec_refused(&mut self, context: &mut Context, codec: String) {
        context.needs_another_pass = true;
        let error = Error::UnsupportedCodec { codec };
        match self.replaceable_variant(context) {
            Some(variant) => {
                self.streams.main_mut().cursor = Cursor::At(self.playback.playhead.secs());
                self.exclude_variant(context, variant, error);
            }
            None => self.fail_for_good(context, error),
        }
    }

    /// The variant played, where another could take its place.
    pub(super) fn replaceable_variant(&self, context: &Context) -> Option<VariantId> {
        let set = &self.sources.variant_set;
        self.selector.variant.filter(|variant| set.has_alternative(context, *variant))
    }

    /// The variant played, where it is its server that fails and another has the stream too.
    fn variant_elsewhere(&self, context: &Context, error: &Error) -> Option<VariantId> {
        let variant = self.selector.variant.filter(|_| is_of_server(error))?;
        self.sources.variant_set.has_alternative_elsewhere(context, variant).then_some(variant)
    }

    /// The rendition that could take the place of a stream's, which has failed.
    fn replaceable_rendition(
        &mut self,
        context: &Context,
        kind: StreamKind,
    ) -> Option<Replaceable> {
        let (rendition, variant) = (self.selector.rendition(kind)?, self.selector.variant?);
        let set = &mut self.sources.variant_set;
        set.exclude_rendition(context, rendition);
        // Rather what was heard before than what is most like it.
        let keep = self.selector.audio.before.take().unwrap_or(rendition);
        let other = set.rendition_for(context, kind, variant, Some(keep));
        other.filter(|other| *other != rendition).map(|other| Replaceable::Rendition(kind, other))
    }

    pub(super) fn exclude_variant(
        &mut self,
        context: &mut Context,
        variant: VariantId,
        error: Error,
    ) {
        let set = &mut self.sources.variant_set;
        // One after the other, the variants of a dead server would each cost their retries.
        if is_of_server(&error) && set.has_alternative_elsewhere(context, variant) {
            set.exclude_host(context, variant);
        } else {
            set.exclude(context, variant);
        }
        self.selector.target = self.selector.target.filter(|it| set.is_available(context, *it));
        context.needs_another_pass = true;
        let (variant, cause) = (Some(variant.index()), Box::new(error));
        context.error(Error::VariantExcluded { variant, cause });
    }

    /// Nothing is left to play from: says so once, and loads nothing more.
    pub(super) fn fail_for_good(&mut self, context: &mut Context, error: Error) {
        let Some(error) = self.recovery.end(error) else { return };
        self.downloads.cancel_all(context);
        self.streams.stop();
        context.error(error);
    }

    fn can_wait(&self) -> bool {
        self.ahead_secs() > WAITING_AHEAD_SECS
    }
}
