//! Hands manifests and playlists to [`crate::engine::sources`], and what came of them to the rest.
//!
//! In: whole bodies. Out: sources filled or failed, what was announced wrongly given up, hinted
//! EXT-X-MAP resources asked for. It reads no playlist.

use super::Session;
use crate::engine::context::Context;
use crate::engine::downloads::Finished;
use crate::engine::kinds::{SourceKind, StreamKind};
use crate::engine::playlist_loading::Reach;
use crate::engine::playlists::PlaylistId;
use crate::engine::wanted::Purpose;
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
        match self.sources.accept_manifest(context, source, finished, place) {
            Ok(keys) => self.preload_keys(context, &keys),
            Err(error) => self.on_source_failed(context, source, error),
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
        if let Some(timeline) = self.sources.playlists.timeline(id)
            && !self.is_text_playlist(id)
        {
            let sections = &mut self.streams.init_sections;
            sections.fetch_hinted(context, &mut self.downloads, timeline);
        }
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
        let active = self.followed_playlists();
        let is_paused = self.playback.playhead.state.is_paused;
        let reach = Reach {
            variant: self.selector.variant_or_target(),
            secs: self.streams.reach_secs(),
            is_playing: self.playback.start_secs.is_some() && !is_paused,
        };
        self.sources.reload(context, &mut self.downloads, (active, reach));
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
