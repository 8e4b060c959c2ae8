//! Hands manifests and playlists to [`super::sources`], and what came of them to the rest.
//!
//! In: whole bodies. Out: sources filled or failed, what was announced wrongly given up, hinted
//! EXT-X-MAP resources asked for. It reads no playlist.

use std::sync::Arc;

use super::blocking_reload;
use super::context::Context;
use super::downloads::{Finished, Purpose, SourceKind, StreamKind};
use super::loading::wanted_init;
use super::media::InitResource;
use super::playlist_loading::Reach;
use super::playlists::PlaylistId;
use super::session::Session;
use crate::playlist::InitSection;
use crate::playlist::timeline::Timeline;
use crate::time::Duration;

/// A body that brings nothing for so long, though all of it could be there, hangs.
const HANGING: Duration = Duration::from_millis(700);

impl Session {
    pub(super) fn on_manifest(
        &mut self,
        context: &mut Context,
        source: SourceKind,
        finished: Finished<'_>,
    ) {
        let reference = self.selector.variant.and_then(|variant| self.sources.playlist_of(variant));
        let place = (reference, self.streams.main().end_secs());
        if let Err(error) = self.sources.accept_manifest(context, source, finished, place) {
            self.on_source_failed(context, source, error);
        }
    }

    pub(super) fn on_media_playlist(
        &mut self,
        context: &mut Context,
        id: PlaylistId,
        finished: Finished<'_>,
    ) {
        let current = self.selector.variant.and_then(|variant| self.sources.playlist_of(variant));
        let place = (current, self.streams.main().end_secs());
        if let Err(error) = self.sources.accept_playlist(context, id, &finished, place) {
            return self.on_failed(context, Purpose::MediaPlaylist(id), error);
        }
        self.review_announced(context);
        self.fetch_hinted_init(context, id);
    }

    /// Opens what was probed.
    pub(super) fn advance_sources(&mut self, context: &mut Context) {
        let selection = self.selector.selection;
        if let Err(error) = self.sources.advance(context, &mut self.downloads, selection) {
            self.fail_for_good(context, error);
        }
    }

    /// Asks for a playlist, unless it is on the way.
    pub(super) fn fetch_playlist(&mut self, context: &mut Context, id: PlaylistId) {
        let variant = self.selector.variant_or_target();
        self.sources.fetch_playlist(context, &mut self.downloads, (id, variant));
    }

    /// Loads again what is due.
    pub(super) fn reload_playlists(&mut self, context: &mut Context) {
        let active = self.selector.active_playlists(&self.sources);
        let is_paused = self.playback.playhead.state.is_paused;
        let reach = Reach {
            variant: self.selector.variant_or_target(),
            secs: self.streams.reach_secs(),
            is_playing: self.playback.start_secs.is_some() && !is_paused,
        };
        self.sources.reload(context, &mut self.downloads, (active, reach));
    }

    /// Asks for an EXT-X-MAP resource before the first segment that needs it is listed.
    fn fetch_hinted_init(&mut self, context: &mut Context, id: PlaylistId) {
        let purpose = Purpose::HintedInit;
        let header = self.sources.playlists.timeline(id).and_then(Timeline::playlist);
        let mut hints = header.iter().flat_map(|header| &header.preload_hints);
        let Some(hint) = hints.find(|hint| hint.is_map) else { return };
        let section = InitSection { url: hint.url.clone(), byte_range: hint.byte_range, key: None };
        if self.streams.hinted_init.as_deref() == Some(&section)
            || self.downloads.is_running(purpose)
        {
            return;
        }
        let mut wanted = wanted_init(purpose, &section);
        wanted.timeouts = self.sources.playlists.timeline(id).map(blocking_reload::load_timeouts);
        self.streams.hinted_init = Some(Arc::new(section));
        self.downloads.start(context, wanted);
    }

    pub(super) fn on_hinted_init(&mut self, finished: Finished<'_>) {
        let Some(section) = &self.streams.hinted_init else { return };
        // Read again by whoever needs it, and only then an error.
        if let Ok(resource) = InitResource::read(&section.url, finished.body) {
            self.streams.init_cache.insert(Arc::clone(section), resource);
        }
    }

    /// Gives up what was announced wrongly, and what no longer comes although it is whole by now:
    /// the next round loads what is listed instead.
    fn review_announced(&mut self, context: &mut Context) {
        for kind in StreamKind::ALL {
            let flight = self.downloads.flight(Purpose::Segment(kind));
            let is_hanging = flight.is_some_and(|flight| flight.idle(context.now) > HANGING);
            let loader = self.streams.get_mut(kind);
            if loader.is_some_and(|loader| !loader.review(&self.sources.playlists, is_hanging)) {
                self.downloads.cancel_stream(context, kind);
                context.needs_another_pass = true;
            }
        }
    }
}
