//! Subtitle renditions: what is asked for, and what becomes of the answers.
//!
//! In: the page's choice, bodies held outside, keys. Out: requests, and [`Output::Text`] for each body. A
//! failure is a warning and a pause; the picture does not know of it. Which segment is next is
//! [`crate::engine::texts`]'s to say.

use std::sync::Arc;

use super::Session;
use crate::engine::context::Context;
use crate::engine::init_sections::wanted_init;
use crate::engine::input::RequestId;
use crate::engine::keys::{KeySlot, Known};
use crate::engine::output::{Delivery, MediaFacts, Output, SinkCommand, TextPiece};
use crate::engine::playlists::PlaylistId;
use crate::engine::recovery::as_warning;
use crate::engine::texts::{LoadingText, Reach, name_of};
use crate::engine::wanted::{Purpose, Wanted};
use crate::error::{Error, NetworkFailure};
use crate::playlist::timeline::PlacedSegment;
use crate::time::Duration;

/// Text beyond this is refused: a feature film in one file is below 1 MiB.
const MAX_TEXT_BYTES: u64 = 16 << 20;
/// How long a server that has no text is left alone.
const PAUSE: Duration = Duration::from_secs(10);

impl Session {
    /// The page wants these tracks and no others.
    pub(super) fn select_text(&mut self, context: &mut Context, tracks: &[usize]) {
        for dropped in self.texts.select(tracks) {
            self.downloads.cancel(context, Purpose::Text(dropped));
        }
    }

    /// Whether text is loaded from this playlist, and nothing else.
    pub(super) fn is_text_playlist(&self, id: PlaylistId) -> bool {
        self.texts.playlists().any(|known| known == id)
    }

    /// A text playlist cannot be had or read.
    pub(super) fn on_text_playlist_failed(
        &mut self,
        context: &mut Context,
        id: PlaylistId,
        error: Error,
    ) {
        if let Some(entry) = self.sources.playlists.get_mut(id) {
            entry.paused_until = Some(context.now + PAUSE);
        }
        context.error(as_warning(error));
    }

    /// Loads the next segment of each, where there is one and it is time.
    pub(super) fn load_texts(&mut self, context: &mut Context) {
        // The picture comes first; before its first append all of it may still be moved.
        let Some(variant) = self.selector.variant.filter(|_| self.sink.has_started()) else {
            return;
        };
        let from_secs = self.playback.playhead.secs();
        let loaded_secs = self.streams.main().end_secs();
        let to_secs = from_secs + self.playback.ahead_limit_secs;
        let reach = Reach { from_secs, to_secs };
        for index in 0..self.texts.list.len() {
            let Some(stream) = self.texts.list.get_mut(index) else { return };
            let (track, purpose) = (stream.track, Purpose::Text(stream.track));
            let url = self.sources.variant_set.text_url(track, variant);
            let Some(id) = url.map(|url| self.sources.playlists.id_of(url)) else { continue };
            // A paused player with all it needs has no other reason to look for playlists soon.
            context.needs_another_pass |= stream.follow(id);
            if let Some(loading) = &stream.loading {
                let is_wanted = loading.end_secs > from_secs && loading.start_secs < to_secs;
                if is_wanted && self.downloads.is_running(purpose) {
                    continue;
                }
                stream.loading = None;
                self.downloads.cancel(context, purpose);
            }
            let is_paused = stream.paused_until.is_some_and(|until| context.now < until);
            if is_paused || stream.awaited_key.is_some() {
                continue;
            }
            let Some(entry) = self.sources.playlists.get(id) else { continue };
            let Some(placed) = stream.next(&entry.timeline, reach).cloned() else { continue };
            let key = entry.timestamp_key(&placed);
            let offset_secs = self.streams.offset_secs(key);
            // What its times count from is known once there is media of the same stretch.
            if offset_secs.is_none() && loaded_secs < placed.end_secs {
                continue;
            }
            self.begin_text(context, index, (placed, offset_secs));
        }
    }

    fn begin_text(
        &mut self,
        context: &mut Context,
        index: usize,
        (placed, offset_secs): (PlacedSegment<Option<String>>, Option<f64>),
    ) {
        let Some(stream) = self.texts.list.get_mut(index) else { return };
        let name = name_of(&placed);
        let segment = placed.segment;
        context.needs_another_pass = true;
        let url = segment.url.filter(|_| !segment.is_gap);
        let Some(url) = url else { return stream.note_done(name) };
        let awaited_init = segment.map.filter(|map| stream.init.as_ref() != Some(map));
        // Without an IV, which an EXT-X-MAP resource has to have, zero is as good as any.
        let (keys, sequence) = match &awaited_init {
            Some(map) => (map.keys.clone(), 0),
            None => (segment.keys, segment.media_sequence),
        };
        let decryption = match self.streams.keys.look_up(&keys, sequence) {
            Ok(Known::Clear) => None,
            Ok(Known::Key(decryption)) => Some(decryption),
            Ok(Known::Missing(slot)) => {
                stream.awaited_key = Some(slot);
                return self.fetch_key(context, slot);
            }
            // No sample of text is known that could be encrypted by itself.
            Ok(Known::SampleKey(_)) => {
                stream.note_done(name);
                let method = "SAMPLE-AES".to_owned();
                return context.error(as_warning(Error::Encrypted { method }));
            }
            Err(error) => {
                stream.note_done(name);
                return context.error(as_warning(error));
            }
        };
        let purpose = Purpose::Text(stream.track);
        let mut wanted = match &awaited_init {
            Some(map) => wanted_init(purpose, map),
            None => Wanted {
                byte_range: segment.byte_range,
                max_bytes: MAX_TEXT_BYTES,
                media: Some(MediaFacts {
                    object: "c",
                    duration_secs: placed.end_secs - placed.start_secs,
                    bandwidth_bps: 0,
                }),
                ..Wanted::held(purpose, url)
            },
        };
        wanted.delivery = Delivery::Held;
        wanted.decryption = decryption;
        wanted.max_retries = context.config.retry.max_retries.min(2);
        let (start_secs, end_secs) = (placed.start_secs, placed.end_secs);
        stream.loading =
            Some(LoadingText { name, awaited_init, keys, start_secs, end_secs, offset_secs });
        self.downloads.start(context, wanted);
    }

    /// A body is there.
    pub(super) fn on_text(&mut self, context: &mut Context, track: usize, request: RequestId) {
        context.needs_another_pass = true;
        let Some(stream) = self.texts.get_mut(track) else { return };
        let Some(loading) = stream.loading.take() else {
            return context.sink(SinkCommand::Release(request));
        };
        match &loading.awaited_init {
            Some(map) => stream.init = Some(Arc::clone(map)),
            None => stream.note_done(loading.name),
        }
        context.output(Output::Text(TextPiece {
            track,
            request,
            is_init: loading.awaited_init.is_some(),
            start_secs: loading.start_secs,
            end_secs: loading.end_secs,
            offset_secs: loading.offset_secs,
        }));
    }

    /// A segment cannot be had: it alone where the server says so, else all for a while.
    pub(super) fn on_text_failed(&mut self, context: &mut Context, track: usize, error: Error) {
        let is_gone = matches!(
            error,
            Error::Network {
                failure: NetworkFailure::Status(404 | 410) | NetworkFailure::TooLarge { .. },
                ..
            }
        ) || matches!(error, Error::Undecryptable { .. });
        if let Some(stream) = self.texts.get_mut(track)
            && let Some(loading) = stream.loading.take()
        {
            if matches!(error, Error::Undecryptable { .. }) {
                self.streams.keys.doubt(&loading.keys);
            }
            if is_gone {
                stream.note_done(loading.name);
            } else {
                stream.paused_until = Some(context.now + PAUSE);
            }
        }
        context.error(as_warning(error));
    }

    /// A key cannot be had, or is none: what waited for it does so for a while longer.
    pub(super) fn on_text_key_failed(
        &mut self,
        context: &mut Context,
        slot: KeySlot,
        error: &Error,
    ) {
        if self.texts.stop_waiting(slot, Some(context.now + PAUSE)) {
            context.error(as_warning(error.clone()));
        }
    }

    /// The playlists to keep up to date: those that are played, and those of chosen text.
    pub(super) fn followed_playlists(&self) -> Vec<PlaylistId> {
        let mut followed = self.selector.active_playlists(&self.sources);
        for id in self.texts.playlists() {
            if !followed.contains(&id) {
                followed.push(id);
            }
        }
        followed
    }
}
