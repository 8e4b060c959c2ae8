//! From the URLs of the page to variants, and from variants to their media playlists.
//!
//! In: manifests, media playlists, codec support. Out: the variant set filled, timelines kept up to
//! date, `Variants` and `ProbeCodecs`. The second source is fetched when the viewer's selection first
//! needs it, and its failure is a warning.

use std::sync::Arc;

use super::blocking_reload;
use super::context::Context;
use super::downloads::{Finished, Purpose, SourceKind, StreamKind, Wanted};
use super::loading::wanted_init;
use super::media::InitResource;
use super::output::{Delivery, Event, Output};
use super::playlists::{Load, PlaylistId};
use super::session::{Session, SourceState};
use crate::abr::Selection;
use crate::error::Error;
use crate::playlist::timeline::Timeline;
use crate::playlist::{self, InitSection, ParseOptions, Playlist};
use crate::time::{Duration, seconds};

/// Playlists beyond this are refused: a day of two-second segments is below 10 MiB.
const MAX_PLAYLIST_BYTES: u64 = 16 << 20;

/// A body that brings nothing for so long, though all of it could be there, hangs.
const HANGING: Duration = Duration::from_millis(700);
/// Within this many segments of the live edge every part counts.
const FOLLOWED_DURATIONS: f64 = 3.0;

impl Session {
    pub(super) fn fetch_manifest(&mut self, context: &mut Context, source: SourceKind) {
        let url = match source {
            SourceKind::Main => Some(self.options.url.clone()),
            SourceKind::HighQuality => self.options.high_quality_url.clone(),
        };
        let Some(url) = url else { return };
        *self.source_mut(source) = SourceState::Loading;
        let max_retries = context.config.retry.max_retries;
        let purpose = Purpose::Manifest(source);
        let wanted = wanted_playlist(purpose, url, Retries { any: max_retries, not_found: 0 });
        self.downloads.start(context, wanted);
    }

    pub(super) fn source_mut(&mut self, source: SourceKind) -> &mut SourceState {
        match source {
            SourceKind::Main => &mut self.main_source,
            SourceKind::HighQuality => &mut self.high_quality_source,
        }
    }

    pub(super) fn on_manifest(
        &mut self,
        context: &mut Context,
        source: SourceKind,
        finished: Finished<'_>,
    ) {
        let options = ParseOptions { url: &finished.final_url, imported_variables: &[] };
        match playlist::parse_bytes(&finished.body, options) {
            Ok(Playlist::Multivariant(multivariant)) => {
                if multivariant.variants.is_empty() {
                    let problem = "a multivariant playlist without a variant".to_owned();
                    let error = Error::Playlist { url: finished.final_url, line: 1, problem };
                    return self.on_source_failed(context, source, error);
                }
                self.variant_set.add(multivariant, source);
                *self.source_mut(source) = SourceState::Probing;
                self.probe(context, self.variant_set.codecs());
            }
            Ok(Playlist::Media(media)) => {
                // Reloads go to where the redirect led, as relative URLs do.
                let id = self.playlists.id_of(&finished.final_url);
                self.variant_set.add_single(finished.final_url, source);
                let reference = self.variant.and_then(|variant| self.playlist_of(variant));
                let load = Load {
                    requested_at: finished.sent_at,
                    now: context.now,
                    reference,
                    loaded_secs: self.main.end_secs(),
                };
                if let Err(error) = self.playlists.accept(id, media, load) {
                    return self.on_source_failed(context, source, error);
                }
                *self.source_mut(source) = SourceState::Probing;
            }
            Err(error) => self.on_source_failed(context, source, error),
        }
    }

    /// A whole source cannot be had.
    pub(super) fn on_source_failed(
        &mut self,
        context: &mut Context,
        source: SourceKind,
        error: Error,
    ) {
        *self.source_mut(source) = SourceState::Failed;
        match source {
            SourceKind::Main => self.fail_for_good(context, error),
            SourceKind::HighQuality => {
                context.error(Error::VariantExcluded { variant: None, cause: Box::new(error) });
            }
        }
    }

    /// Asks the browser about codecs it was not asked about.
    pub(super) fn probe(&mut self, context: &mut Context, codecs: Vec<String>) {
        let unknown: Vec<String> = codecs
            .into_iter()
            .filter(|codec| context.is_codec_supported(codec).is_none())
            .filter(|codec| !self.probed.contains(codec))
            .collect();
        if !unknown.is_empty() {
            self.probed.extend(unknown.iter().cloned());
            context.output(Output::ProbeCodecs(unknown));
        }
    }

    /// Opens what was probed, and asks for the second source where it is needed.
    pub(super) fn advance_sources(&mut self, context: &mut Context) {
        let is_answered = self
            .variant_set
            .codecs()
            .iter()
            .all(|codec| context.is_codec_supported(codec).is_some());
        for source in [SourceKind::Main, SourceKind::HighQuality] {
            if *self.source_mut(source) == SourceState::Probing && is_answered {
                *self.source_mut(source) = SourceState::Ready;
                self.needs_another_pass = true;
                context.event(Event::Variants(self.variant_set.infos(context)));
                let mut ids = 0..self.variant_set.variants.len();
                if !ids.any(|id| self.variant_set.is_playable(context, id)) {
                    let codecs = self.variant_set.codecs();
                    return self.fail_for_good(context, Error::NoPlayableVariant { codecs });
                }
            }
        }
        if self.main_source == SourceState::Ready
            && self.high_quality_source == SourceState::Idle
            && self.options.high_quality_url.is_some()
            && self.needs_high_quality_source()
        {
            self.fetch_manifest(context, SourceKind::HighQuality);
        }
    }

    fn needs_high_quality_source(&self) -> bool {
        match self.selection {
            Selection::Max => true,
            Selection::Height(height_px) => {
                !self.variant_set.variants.iter().any(|entry| entry.variant.height_px == height_px)
            }
            Selection::Auto | Selection::Variant(_) => false,
        }
    }

    /// The media playlist of a variant.
    pub(super) fn playlist_of(&mut self, variant: usize) -> Option<PlaylistId> {
        let url = self.variant_set.url(variant)?;
        Some(self.playlists.id_of(url))
    }

    /// Playlists that segments are chosen from now, or soon.
    pub(super) fn active_playlists(&self) -> Vec<PlaylistId> {
        let of_variant =
            |variant: Option<usize>| variant.and_then(|variant| self.variant_set.url(variant));
        let of_rendition = self
            .rendition
            .and_then(|rendition| self.variant_set.renditions.get(rendition))
            .and_then(|entry| entry.rendition.url.as_deref());
        let urls = [of_variant(self.variant), of_variant(self.target), of_rendition];
        let mut active: Vec<PlaylistId> = Vec::new();
        for url in urls.into_iter().flatten() {
            if let Some(id) = self.playlists.find(url)
                && !active.contains(&id)
            {
                active.push(id);
            }
        }
        active
    }

    /// Asks for a playlist, unless it is on the way.
    pub(super) fn fetch_playlist(&mut self, context: &mut Context, id: PlaylistId) {
        let purpose = Purpose::MediaPlaylist(id);
        let is_paused = self.playlists.get(id).is_some_and(|entry| entry.is_paused(context.now));
        if is_paused || self.downloads.is_running(purpose) {
            return;
        }
        let variant = self.variant.or(self.target);
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
        let mut wanted = wanted_playlist(purpose, url, retries);
        wanted.timeouts = timeouts;
        wanted.pace = entry.pace();
        wanted.first_byte_limit = self.first_byte_limit(context, id);
        self.downloads.start(context, wanted);
    }

    /// How long to wait for an answer near the live edge, where another server has the same.
    pub(super) fn first_byte_limit(&self, context: &Context, id: PlaylistId) -> Option<Duration> {
        /// Beyond what there is to wait for by rights: the next part, the next segment.
        const MARGIN_SECS: f64 = 2.0;
        const MAX_PACE_SECS: f64 = 10.0;
        let variant = self.variant.or(self.target)?;
        let entry = self.playlists.get(id).filter(|entry| entry.blocking_reload.is_followed)?;
        if !self.variant_set.has_alternative_elsewhere(context, variant) {
            return None;
        }
        let pace_secs = entry.timeline.part_secs().unwrap_or(entry.timeline.interval_secs());
        Some(seconds(pace_secs.min(MAX_PACE_SECS) + MARGIN_SECS))
    }

    /// Loads again what is due.
    pub(super) fn reload_playlists(&mut self, context: &mut Context) {
        let reach_secs = match &self.audio {
            Some(audio) => audio.end_secs().max(self.main.end_secs()),
            None => self.main.end_secs(),
        };
        for id in self.active_playlists() {
            let is_playing = self.start_secs.is_some() && !self.playhead.state.is_paused;
            let Some(entry) = self.playlists.get_mut(id) else { continue };
            let is_near =
                reach_secs + FOLLOWED_DURATIONS * entry.target_secs() > entry.timeline.end_secs();
            entry.blocking_reload.is_followed = is_playing && is_near;
            entry.report_stall(context);
            if entry.is_due(context.now) {
                self.fetch_playlist(context, id);
            }
        }
    }

    pub(super) fn on_media_playlist(
        &mut self,
        context: &mut Context,
        id: PlaylistId,
        finished: Finished<'_>,
    ) {
        let named = self.playlists.get(id).map(|entry| entry.url.as_str());
        let parent = named.and_then(|url| self.variant_set.parent_of(url));
        let options = ParseOptions {
            url: &finished.final_url,
            imported_variables: parent.map_or(&[], |parent| &parent.variables),
        };
        let parsed =
            playlist::parse_bytes(&finished.body, options).and_then(|parsed| match parsed {
                Playlist::Media(mut media) => {
                    media.start = media.start.or(parent.and_then(|parent| parent.start));
                    Ok(media)
                }
                Playlist::Multivariant(_) => Err(Error::Playlist {
                    url: finished.final_url.clone(),
                    line: 1,
                    problem: "a multivariant playlist where a media playlist was expected"
                        .to_owned(),
                }),
            });
        let current = self.variant.and_then(|variant| self.playlist_of(variant));
        let load = Load {
            requested_at: finished.sent_at,
            now: context.now,
            reference: current.filter(|current| {
                self.playlists.get(*current).is_some_and(|entry| entry.is_loaded())
            }),
            loaded_secs: self.main.end_secs(),
        };
        if let Err(error) = parsed.and_then(|media| self.playlists.accept(id, media, load)) {
            return self.on_failed(context, Purpose::MediaPlaylist(id), error);
        }
        self.review_announced(context);
        self.fetch_hinted_init(context, id);
    }

    /// Asks for an EXT-X-MAP resource before the first segment that needs it is listed.
    fn fetch_hinted_init(&mut self, context: &mut Context, id: PlaylistId) {
        let purpose = Purpose::HintedInit;
        let header = self.playlists.timeline(id).and_then(Timeline::playlist);
        let mut hints = header.iter().flat_map(|header| &header.preload_hints);
        let Some(hint) = hints.find(|hint| hint.is_map) else { return };
        let section = InitSection { url: hint.url.clone(), byte_range: hint.byte_range, key: None };
        if self.hinted_init.as_deref() == Some(&section) || self.downloads.is_running(purpose) {
            return;
        }
        let mut wanted = wanted_init(purpose, &section);
        wanted.timeouts = self.playlists.timeline(id).map(blocking_reload::load_timeouts);
        self.hinted_init = Some(Arc::new(section));
        self.downloads.start(context, wanted);
    }

    pub(super) fn on_hinted_init(&mut self, finished: Finished<'_>) {
        let Some(section) = &self.hinted_init else { return };
        // Read again by whoever needs it, and only then an error.
        if let Ok(resource) = InitResource::read(&section.url, finished.body) {
            self.init_cache.insert(Arc::clone(section), resource);
        }
    }

    /// Gives up what was announced wrongly, and what no longer comes although it is whole by now:
    /// the next round loads what is listed instead.
    fn review_announced(&mut self, context: &mut Context) {
        for kind in [StreamKind::Main, StreamKind::Audio] {
            let loader = match kind {
                StreamKind::Main => Some(&mut self.main),
                StreamKind::Audio => self.audio.as_mut(),
            };
            let flight = self.downloads.flight(Purpose::Segment(kind));
            let is_hanging = flight.is_some_and(|flight| flight.idle(context.now) > HANGING);
            if loader.is_some_and(|loader| !loader.review(&self.playlists, is_hanging)) {
                self.downloads.cancel(context, Purpose::Segment(kind));
                self.downloads.cancel(context, Purpose::Init(kind));
                self.needs_another_pass = true;
            }
        }
    }
}

struct Retries {
    any: u32,
    not_found: u32,
}

fn wanted_playlist(purpose: Purpose, url: String, retries: Retries) -> Wanted {
    Wanted {
        purpose,
        url,
        byte_range: None,
        delivery: Delivery::Bytes,
        max_bytes: MAX_PLAYLIST_BYTES,
        max_retries: retries.any,
        not_found_retries: retries.not_found,
        timeouts: None,
        first_byte_limit: None,
        pace: Duration::from_secs(1),
    }
}
