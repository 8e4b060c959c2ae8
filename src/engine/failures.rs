//! What a failure that no retry mended costs: a variant for a while, a segment, or the stream.
//!
//! In: errors, by what they were met with. Out: warnings while something can take its place, one
//! fatal error when nothing can. What is buffered always plays on. In this order: another variant
//! or rendition; the next segment; waiting, as long as the buffer lasts, or for a live stream that
//! has played as long as it takes; the end.

use super::context::Context;
use super::downloads::{Purpose, SourceKind, StreamKind};
use super::playlists::PlaylistId;
use super::segment_loader::Cursor;
use super::session::Session;
use super::variant_set::VariantId;
use crate::error::{Error, NetworkFailure, Severity};
use crate::loader::retry::back_off;
use crate::time::Instant;

/// Missing segments passed over in a row before the stream counts as gone.
const MAX_SKIPPED_IN_ROW: u32 = 5;
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

    /// A download came to nothing, or brought something useless.
    pub(super) fn on_failed(&mut self, context: &mut Context, purpose: Purpose, error: Error) {
        context.needs_another_pass = true;
        match purpose {
            Purpose::Manifest(SourceKind::Main) => self.fail_for_good(context, error),
            Purpose::Manifest(source) => self.on_source_failed(context, source, error),
            Purpose::MediaPlaylist(id) => self.on_playlist_failed(context, id, error),
            // Whoever needs it asks for it again.
            Purpose::HintedInit => {}
            Purpose::Init(loader) | Purpose::Segment(loader) => {
                self.on_segment_failed(context, loader, error);
            }
        }
    }

    fn on_playlist_failed(&mut self, context: &mut Context, id: PlaylistId, error: Error) {
        let min_delay = context.config.retry.min_delay;
        let elsewhere = self.variant_elsewhere(context, &error);
        let Some(entry) = self.sources.playlists.get_mut(id) else { return };
        // It said that it ends, and is gone.
        if entry.timeline.believe_end() {
            return context.error(as_warning(error));
        }
        let url = entry.url.clone();
        // Of a server that lives it may have been asked wrongly.
        let is_dead = elsewhere.is_some() && is_silence(&error);
        if entry.blocking_reload.refused(context.now) && !is_dead {
            entry.paused_until = Some(context.now + min_delay);
            return;
        }
        let is_url =
            |variant: &VariantId| self.sources.variant_set.url(*variant) == Some(url.as_str());
        let variant = self.selector.target.filter(is_url).or(self.selector.variant.filter(is_url));
        if let Some(variant) = variant {
            if self.sources.variant_set.has_alternative(context, variant) {
                return self.exclude_variant(context, variant, error);
            }
        } else if self.exclude_rendition(context, &error) {
            return;
        } else if let Some(variant) =
            elsewhere.filter(|_| self.selector.is_of_rendition(&self.sources, &url))
        {
            return self.exclude_variant(context, variant, error);
        }
        // Asked for before a change to another, and of no more use.
        if !self.selector.active_playlists(&self.sources).contains(&id) {
            return context.error(as_warning(error));
        }
        if self.comes_back() {
            return self.back_off(context, error);
        }
        // A playlist that was there comes back, often enough.
        if self.can_wait() && self.sources.playlists.get(id).is_some_and(|entry| entry.is_loaded())
        {
            if let Some(entry) = self.sources.playlists.get_mut(id) {
                entry.paused_until = Some(context.now + context.config.retry.max_delay);
            }
            return context.error(as_warning(error));
        }
        self.fail_for_good(context, error);
    }

    /// A live stream that has played comes back, however long it takes: its origin starts again.
    pub(super) fn comes_back(&self) -> bool {
        self.sink.has_media && self.current_entry().is_some_and(|entry| entry.timeline.is_live())
    }

    /// Everything there is has failed: all of it is tried again after a while, and then after a
    /// longer one.
    fn back_off(&mut self, context: &mut Context, error: Error) {
        let delay = back_off(&context.config.retry, self.recovery.back_offs, &mut context.jitter);
        self.recovery.back_offs = self.recovery.back_offs.saturating_add(1);
        self.sources.variant_set.include_all();
        self.pause_loading_until(Some(context.now + delay));
        context.error(as_warning(error));
    }

    /// Nothing new is asked for before this.
    pub(super) fn pause_loading_until(&mut self, until: Option<Instant>) {
        self.sources.playlists.pause_until(until);
        self.streams.pause_until(until);
    }

    /// The segment under way in a loader cannot be had or played.
    pub(super) fn on_segment_failed(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        error: Error,
    ) {
        context.needs_another_pass = true;
        let Some(loader) = self.streams.get_mut(kind) else { return };
        let Some(loading) = &loader.loading else { return };
        let is_announced = loading.placed.is_hinted;
        if is_of_one_request(&error) && loader.fall_back() {
            if !is_announced {
                context.error(as_warning(error));
            }
            return;
        }
        let Some(loading) = &loader.loading else { return };
        let (variant, playlist) = (loading.variant, loading.playlist);
        let sequence = loading.placed.segment.media_sequence;
        let skipped_in_row = loader.skipped_in_row;
        let replaced = match variant {
            Some(variant) if self.sources.variant_set.has_alternative(context, variant) => {
                self.exclude_variant(context, variant, error.clone());
                true
            }
            Some(_) => false,
            None if self.exclude_rendition(context, &error) => true,
            None => match self.variant_elsewhere(context, &error) {
                Some(variant) => {
                    self.exclude_variant(context, variant, error.clone());
                    true
                }
                None => false,
            },
        };
        if replaced {
            if let Some(loader) = self.streams.get_mut(kind) {
                loader.loading = None;
            }
            return;
        }
        let timeline = self.sources.playlists.timeline(playlist);
        let have_more = timeline
            .is_some_and(|timeline| timeline.is_live() || timeline.next_after(sequence).is_some());
        if have_more && is_of_one_segment(&error) && skipped_in_row < MAX_SKIPPED_IN_ROW {
            context.error(as_warning(error));
            return self.skip_segment(context, kind);
        }
        let is_passing = matches!(error, Error::Network { .. }) || is_of_one_segment(&error);
        if is_passing && self.comes_back() {
            if let Some(loader) = self.streams.get_mut(kind) {
                loader.loading = None;
            }
            return self.back_off(context, error);
        }
        if matches!(error, Error::Network { .. }) && self.can_wait() {
            let until = context.now + context.config.retry.max_delay;
            if let Some(loader) = self.streams.get_mut(kind) {
                loader.loading = None;
                loader.paused_until = Some(until);
            }
            return context.error(as_warning(error));
        }
        self.fail_for_good(context, error);
    }

    /// The browser turned out not to play a codec found in the media.
    pub(super) fn on_codec_refused(&mut self, context: &mut Context, codec: String) {
        context.needs_another_pass = true;
        let error = Error::UnsupportedCodec { codec };
        match self.selector.variant {
            Some(variant) if self.sources.variant_set.has_alternative(context, variant) => {
                self.streams.main_mut().cursor = Cursor::At(self.playback.playhead.secs());
                self.exclude_variant(context, variant, error);
            }
            _ => self.fail_for_good(context, error),
        }
    }

    /// The variant played, where it is its server that fails and another has the stream too.
    fn variant_elsewhere(&self, context: &Context, error: &Error) -> Option<VariantId> {
        let variant = self.selector.variant.filter(|_| is_of_server(error))?;
        self.sources.variant_set.has_alternative_elsewhere(context, variant).then_some(variant)
    }

    pub(super) fn exclude_variant(
        &mut self,
        context: &mut Context,
        variant: VariantId,
        error: Error,
    ) {
        // One after the other, the variants of a dead server would each cost their retries.
        if is_of_server(&error)
            && self.sources.variant_set.has_alternative_elsewhere(context, variant)
        {
            self.sources.variant_set.exclude_host(context, variant);
        }
        self.sources.variant_set.exclude(context, variant);
        if self
            .selector
            .target
            .is_some_and(|target| !self.sources.variant_set.is_available(context, target))
        {
            self.selector.target = None;
        }
        context.needs_another_pass = true;
        context.error(Error::VariantExcluded {
            variant: Some(variant.index()),
            cause: Box::new(error),
        });
    }

    /// Changes to another rendition of the group; false where there is none.
    fn exclude_rendition(&mut self, context: &mut Context, error: &Error) -> bool {
        let (Some(rendition), Some(variant)) = (self.selector.rendition, self.selector.variant)
        else {
            return false;
        };
        self.sources.variant_set.exclude_rendition(context, rendition);
        let other = self.sources.variant_set.audio_for(context, variant, Some(rendition));
        let Some(other) = other.filter(|other| *other != rendition) else { return false };
        let cause = Box::new(error.clone());
        context.error(Error::VariantExcluded { variant: None, cause });
        self.change_rendition(context, Some(other));
        context.needs_another_pass = true;
        true
    }

    /// Nothing is left to play from: says so once, and loads nothing more.
    pub(super) fn fail_for_good(&mut self, context: &mut Context, error: Error) {
        if self.recovery.is_over {
            return;
        }
        self.recovery.is_over = true;
        self.downloads.cancel_all(context);
        self.streams.stop();
        context.error(as_final(error));
    }

    fn can_wait(&self) -> bool {
        self.ahead_secs() > WAITING_AHEAD_SECS
    }
}

/// True where the failure says nothing of the segments after it.
const fn is_of_one_segment(error: &Error) -> bool {
    match error {
        Error::Network { failure, .. } => matches!(
            failure,
            NetworkFailure::Status(404 | 410)
                | NetworkFailure::Truncated { .. }
                | NetworkFailure::TooLarge { .. }
        ),
        Error::DamagedMedia { .. } | Error::UnsupportedContainer { .. } => true,
        _ => false,
    }
}

/// True where the failure is the server's rather than of one thing it has.
const fn is_of_server(error: &Error) -> bool {
    is_silence(error)
        || matches!(error, Error::Network { failure: NetworkFailure::Status(500..), .. })
}

/// True where no answer came at all.
const fn is_silence(error: &Error) -> bool {
    matches!(
        error,
        Error::Network { failure: NetworkFailure::Unreachable | NetworkFailure::Timeout, .. }
    )
}

/// True where another request for the same media may well succeed.
const fn is_of_one_request(error: &Error) -> bool {
    matches!(error, Error::Network { .. } | Error::DamagedMedia { .. })
}

/// The warning that goes with a failure playback survives.
fn as_warning(error: Error) -> Error {
    match error {
        Error::UnsupportedContainer { url, found } => {
            Error::DamagedMedia { format: "segment", problem: format!("{url} is {found}") }
        }
        other if other.severity() == Severity::Warning => other,
        fatal => Error::VariantExcluded { variant: None, cause: Box::new(fatal) },
    }
}

fn as_final(error: Error) -> Error {
    match error {
        Error::Network { resource, url, failure, .. } => {
            Error::Network { resource, url, failure, exhausted: true }
        }
        // A warning by its nature, but here nothing is left to play.
        Error::DamagedMedia { format, problem } => {
            Error::Decode { detail: format!("damaged {format} data: {problem}") }
        }
        other => other,
    }
}
