//! Media playlists: when each is asked for, and what becomes of the answer.
//!
//! In: which of them segments are chosen from, how far is loaded, answers. Out: requests, timelines
//! kept up to date. Near a live edge the server is asked to hold its answer until something is new
//! ([`super::blocking_reload`]).

use super::context::Context;
use super::downloads::{Downloads, Finished};
use super::playlists::{Load, PlaylistId};
use super::sources::Sources;
use super::variant_set::VariantId;
use super::wanted::{Purpose, Retries, Wanted};
use crate::error::Error;
use crate::playlist::{self, ParseOptions, Playlist};
use crate::time::{Duration, seconds};

/// Within this many segments of the live edge every part counts.
const FOLLOWED_DURATIONS: f64 = 3.0;

/// Who loads from the playlists, and how far that has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// The variant that loading depends on.
    pub variant: Option<VariantId>,
    /// Up to where any stream has loaded.
    pub secs: f64,
    /// It plays, or will.
    pub is_playing: bool,
}

impl Sources {
    /// Asks for a playlist, unless it is on the way.
    pub fn fetch_playlist(
        &mut self,
        context: &mut Context,
        downloads: &mut Downloads,
        (id, variant): (PlaylistId, Option<VariantId>),
    ) {
        let purpose = Purpose::MediaPlaylist(id);
        let is_paused = self.playlists.get(id).is_some_and(|entry| entry.is_paused(context.now));
        if is_paused || downloads.is_running(purpose) {
            return;
        }
        let has_alternative =
            variant.is_some_and(|variant| self.variant_set.has_alternative(context, variant));
        let is_elsewhere = variant
            .is_some_and(|variant| self.variant_set.has_alternative_elsewhere(context, variant));
        let max_retries = context.config.retry.max_retries;
        let report = self.playlists.report_of(id);
        let Some(entry) = self.playlists.get_mut(id) else { return };
        let (url, timeouts) = entry.ask(report, context.now);
        let retries = match timeouts {
            // It is asked otherwise then.
            Some(_) => Retries { any: 0, not_found: 0 },
            None if !entry.is_loaded() => {
                Retries { any: if has_alternative { 2 } else { max_retries }, not_found: 1 }
            }
            // No buffer at the live edge outlasts many retries, and another server may live.
            None if is_elsewhere && entry.blocking_reload.is_followed => {
                Retries { any: 1, not_found: 3 }
            }
            None => Retries { any: max_retries, not_found: 3 },
        };
        let mut wanted = Wanted::playlist(purpose, url, retries);
        wanted.timeouts = timeouts;
        wanted.pace = entry.pace();
        wanted.first_byte_limit = self.first_byte_limit(context, id, variant);
        downloads.start(context, wanted);
    }

    /// How long to wait for an answer near the live edge, where another server has the same.
    pub fn first_byte_limit(
        &self,
        context: &Context,
        id: PlaylistId,
        variant: Option<VariantId>,
    ) -> Option<Duration> {
        /// Beyond what there is to wait for by rights: the next part, the next segment.
        const MARGIN_SECS: f64 = 2.0;
        const MAX_PACE_SECS: f64 = 10.0;
        let entry = self.playlists.get(id).filter(|entry| entry.blocking_reload.is_followed)?;
        if !self.variant_set.has_alternative_elsewhere(context, variant?) {
            return None;
        }
        let pace_secs = entry.timeline.part_secs().unwrap_or(entry.timeline.interval_secs());
        Some(seconds(pace_secs.min(MAX_PACE_SECS) + MARGIN_SECS))
    }

    /// Loads again what is due.
    pub fn reload(
        &mut self,
        context: &mut Context,
        downloads: &mut Downloads,
        (active, reach): (Vec<PlaylistId>, Reach),
    ) {
        for id in active {
            let Some(entry) = self.playlists.get_mut(id) else { continue };
            let is_near =
                reach.secs + FOLLOWED_DURATIONS * entry.target_secs() > entry.timeline.end_secs();
            entry.blocking_reload.is_followed = reach.is_playing && is_near;
            entry.report_stall(context);
            if entry.is_due(context.now) {
                self.fetch_playlist(context, downloads, (id, reach.variant));
            }
        }
    }

    /// Takes in a media playlist, placed by the one being played.
    pub fn accept_playlist(
        &mut self,
        context: &Context,
        id: PlaylistId,
        finished: &Finished<'_>,
        (current, loaded_secs): (Option<PlaylistId>, f64),
    ) -> Result<(), Error> {
        let named = self.playlists.get(id).map(|entry| entry.url.as_str());
        let parent = named.and_then(|url| self.variant_set.parent_of(url));
        let options = ParseOptions {
            url: &finished.final_url,
            imported_variables: parent.map_or(&[], |parent| &parent.variables),
        };
        let media = match playlist::parse_bytes(&finished.body, options)? {
            Playlist::Media(mut media) => {
                media.start = media.start.or(parent.and_then(|parent| parent.start));
                media
            }
            Playlist::Multivariant(_) => {
                return Err(Error::Playlist {
                    url: finished.final_url.clone(),
                    line: 1,
                    problem: "a multivariant playlist where a media playlist was expected"
                        .to_owned(),
                });
            }
        };
        let is_loaded = |id: &PlaylistId| self.playlists.get(*id).is_some_and(|it| it.is_loaded());
        let load = Load {
            requested_at: finished.sent_at,
            now: context.now,
            reference: current.filter(is_loaded),
            loaded_secs,
        };
        self.playlists.accept(id, media, load)
    }
}
