//! From the URLs of the page to variants.
//!
//! In: manifests, codec support. Out: the variant set filled, `Variants` and `ProbeCodecs`, requests
//! for manifests. The second source is fetched when the viewer's selection first needs it. Media
//! playlists are [`super::playlist_loading`]'s; what a failure costs is for [`super::recovery`] to say.

use super::audio_choice;
use super::context::Context;
use super::downloads::{Downloads, Finished};
use super::kinds::SourceKind;
use super::output::{Event, Output};
use super::playlists::{Load, PlaylistId, Playlists};
use super::source_url::is_http_url;
use super::variant_set::{VariantId, VariantSet};
use super::wanted::{Purpose, Retries, Wanted};
use crate::abr::Selection;
use crate::error::Error;
use crate::playlist::{self, Key, ParseOptions, Playlist};

/// How far a source has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceState {
    /// Not asked for, or not there.
    Idle,
    /// Its playlist is on the way.
    Loading,
    /// Its variants wait for the browser's word on their codecs.
    Probing,
    /// Its variants can be chosen.
    Ready,
    /// It cannot be had.
    Failed,
}

/// One of the page's two URLs.
#[derive(Debug)]
struct Source {
    kind: SourceKind,
    url: String,
    state: SourceState,
}

/// All that a stream is played from.
#[derive(Debug)]
pub(super) struct Sources {
    list: Vec<Source>,
    pub variant_set: VariantSet,
    pub playlists: Playlists,
    /// Codecs the browser was asked about.
    probed: Vec<String>,
}

impl Sources {
    pub fn new(url: String, high_quality_url: Option<String>) -> Self {
        let main = (SourceKind::Main, url);
        let second = high_quality_url.map(|url| (SourceKind::HighQuality, url));
        let list = core::iter::once(main).chain(second);
        Self {
            list: list.map(|(kind, url)| Source { kind, url, state: SourceState::Idle }).collect(),
            variant_set: VariantSet::default(),
            playlists: Playlists::default(),
            probed: Vec::new(),
        }
    }

    fn find(&self, kind: SourceKind) -> Option<&Source> {
        self.list.iter().find(|source| source.kind == kind)
    }

    fn set_state(&mut self, kind: SourceKind, state: SourceState) {
        if let Some(source) = self.list.iter_mut().find(|source| source.kind == kind) {
            source.state = state;
        }
    }

    fn is_in(&self, kind: SourceKind, state: SourceState) -> bool {
        self.find(kind).is_some_and(|source| source.state == state)
    }

    /// Refuses a URL that names no stream.
    pub fn check_url(&self, kind: SourceKind) -> Result<(), Error> {
        match self.find(kind) {
            Some(source) if !is_http_url(&source.url) => {
                Err(Error::InvalidUrl { url: source.url.clone() })
            }
            _ => Ok(()),
        }
    }

    /// The first source's variants can be chosen.
    pub fn is_ready(&self) -> bool {
        self.is_in(SourceKind::Main, SourceState::Ready)
    }

    /// The second source is asked for, and its variants cannot be chosen yet.
    pub fn is_high_quality_coming(&self) -> bool {
        self.is_in(SourceKind::HighQuality, SourceState::Loading)
            || self.is_in(SourceKind::HighQuality, SourceState::Probing)
    }

    /// It cannot be had.
    pub fn fail(&mut self, kind: SourceKind) {
        self.set_state(kind, SourceState::Failed);
    }

    pub fn fetch_manifest(
        &mut self,
        context: &mut Context,
        downloads: &mut Downloads,
        kind: SourceKind,
    ) {
        let Some(url) = self.find(kind).map(|source| source.url.clone()) else { return };
        self.set_state(kind, SourceState::Loading);
        let retries = Retries { any: context.config.retry.max_retries, not_found: 0 };
        downloads.start(context, Wanted::playlist(Purpose::Manifest(kind), url, retries));
    }

    /// Takes in a manifest: a multivariant playlist, or a media playlist given directly, which is
    /// placed by the one being played. Gives the keys that may be asked for by now.
    pub fn accept_manifest(
        &mut self,
        context: &mut Context,
        kind: SourceKind,
        finished: Finished<'_>,
        (reference, loaded_secs): (Option<PlaylistId>, f64),
    ) -> Result<Vec<Key>, Error> {
        let mut session_keys = Vec::new();
        let options = ParseOptions { url: &finished.final_url, imported_variables: &[] };
        match playlist::parse_bytes(&finished.body, options)? {
            Playlist::Multivariant(mut multivariant) => {
                if multivariant.variants.is_empty() {
                    let problem = "a multivariant playlist without a variant".to_owned();
                    return Err(Error::Playlist { url: finished.final_url, line: 1, problem });
                }
                let data = core::mem::take(&mut multivariant.session_data);
                if kind == SourceKind::Main && !data.is_empty() {
                    context.event(Event::SessionData(data));
                }
                session_keys = core::mem::take(&mut multivariant.session_keys);
                self.variant_set.add(multivariant, kind);
                self.probe(context, self.variant_set.codecs());
            }
            Playlist::Media(media) => {
                // Reloads go to where the redirect led, as relative URLs do.
                let id = self.playlists.id_of(&finished.final_url);
                self.variant_set.add_single(finished.final_url, kind);
                let load = Load {
                    requested_at: finished.sent_at,
                    now: context.now,
                    reference,
                    loaded_secs,
                };
                self.playlists.accept(id, media, load)?;
            }
        }
        self.set_state(kind, SourceState::Probing);
        Ok(session_keys)
    }

    /// Asks the browser about codecs it was not asked about.
    pub fn probe(&mut self, context: &mut Context, codecs: Vec<String>) {
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

    /// Opens what was probed, and asks for the second source where it is needed. Refuses a stream
    /// of which the browser plays nothing.
    pub fn advance(
        &mut self,
        context: &mut Context,
        downloads: &mut Downloads,
        selection: Selection,
    ) -> Result<(), Error> {
        let mut codecs = self.variant_set.codecs().into_iter();
        let is_answered = codecs.all(|codec| context.is_codec_supported(&codec).is_some());
        for kind in [SourceKind::Main, SourceKind::HighQuality] {
            if is_answered && self.is_in(kind, SourceState::Probing) {
                self.set_state(kind, SourceState::Ready);
                context.needs_another_pass = true;
                context.event(Event::Variants(self.variant_set.infos(context)));
                let audio = audio_choice::infos(self.variant_set.audio());
                if !audio.is_empty() {
                    context.event(Event::AudioTracks(audio));
                }
                let texts = self.variant_set.text_infos();
                if !texts.is_empty() {
                    context.event(Event::TextTracks(texts));
                }
                if !self.variant_set.ids().any(|id| self.variant_set.is_playable(context, id)) {
                    return Err(Error::NoPlayableVariant { codecs: self.variant_set.codecs() });
                }
            }
        }
        if self.is_ready()
            && self.is_in(SourceKind::HighQuality, SourceState::Idle)
            && self.needs_high_quality_source(selection)
        {
            self.fetch_manifest(context, downloads, SourceKind::HighQuality);
        }
        Ok(())
    }

    /// Uses these pathways, the first of them that works, and takes in what was cloned.
    pub fn steer(&mut self, context: &mut Context, pathways: Vec<String>, clones: &str) {
        context.needs_another_pass = true;
        self.variant_set.pathways = pathways;
        let options = ParseOptions { url: "", imported_variables: &[] };
        let parsed = playlist::parse_bytes(clones.as_bytes(), options);
        if let Ok(Playlist::Multivariant(playlist)) = parsed {
            self.variant_set.add(playlist, SourceKind::Main);
            if self.is_ready() {
                context.event(Event::Variants(self.variant_set.infos(context)));
            }
        }
    }

    fn needs_high_quality_source(&self, selection: Selection) -> bool {
        match selection {
            Selection::Max => true,
            Selection::Height(height_px) => !self.variant_set.has_height(height_px),
            Selection::Auto | Selection::Variant(_) => false,
        }
    }

    /// The media playlist of a variant.
    pub fn playlist_of(&mut self, variant: VariantId) -> Option<PlaylistId> {
        let url = self.variant_set.url(variant)?;
        Some(self.playlists.id_of(url))
    }
}
