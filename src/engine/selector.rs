//! What is played: the viewer's selection, and the variant and rendition that serve it.
//!
//! In: selections, and what [`super::session`] settles on. Out: the playlists that segments come
//! from. It loads nothing.

use super::audio_choice::AudioChoice;
use super::given_up::GivenUp;
use super::kinds::StreamKind;
use super::playlists::{Entry, PlaylistId};
use super::sources::Sources;
use super::variant_set::{RenditionId, VariantId, VariantSet};
use super::vec_map::VecMap;
use crate::abr::Selection;

/// The present choice.
#[derive(Debug)]
pub(super) struct Selector {
    pub selection: Selection,
    /// The selection was not yet acted on.
    pub is_selection_fresh: bool,
    /// The variant whose segments are being loaded.
    pub variant: Option<VariantId>,
    /// The variant to change to once its playlist is there.
    pub target: Option<VariantId>,
    /// The renditions played beside the variant, one at most for each kind of stream.
    renditions: VecMap<StreamKind, RenditionId>,
    pub audio: AudioChoice,
    /// A download was given up for this lower variant.
    pub emergency_variant: Option<VariantId>,
    pub given_up: Option<GivenUp>,
}

impl Selector {
    pub fn new(selection: Selection) -> Self {
        Self {
            selection,
            is_selection_fresh: false,
            variant: None,
            target: None,
            renditions: VecMap::default(),
            audio: AudioChoice::default(),
            emergency_variant: None,
            given_up: None,
        }
    }

    /// Takes in what the viewer selects. Gives the variant whose playlist is no longer waited for;
    /// `None` where nothing changed or none was.
    pub fn select(&mut self, selection: Selection) -> Option<VariantId> {
        if self.selection == selection {
            return None;
        }
        self.selection = selection;
        self.is_selection_fresh = true;
        self.emergency_variant = None;
        self.target.take()
    }

    pub const fn is_auto(&self) -> bool {
        matches!(self.selection, Selection::Auto)
    }

    /// A segment came whole: the link carries its variant after all.
    pub fn note_carried(&mut self, bandwidth_bps: u64) {
        self.given_up = self.given_up.filter(|it| bandwidth_bps < it.bandwidth_bps);
    }

    /// The variant that loading depends on: the present one, else the first.
    pub fn variant_or_target(&self) -> Option<VariantId> {
        self.variant.or(self.target)
    }

    /// The audio track that is heard, or about to be.
    pub fn audio_track(&self, set: &VariantSet) -> Option<usize> {
        let new = self.rendition(StreamKind::NewAudio);
        set.audio_track_of(new.or(self.rendition(StreamKind::Audio))?)
    }

    /// The rendition that a stream is loaded from.
    pub fn rendition(&self, kind: StreamKind) -> Option<RenditionId> {
        self.renditions.get(&kind).copied()
    }

    /// Sets it; `None` ends the stream.
    pub fn set_rendition(&mut self, kind: StreamKind, rendition: Option<RenditionId>) {
        match rendition {
            Some(rendition) => self.renditions.insert(kind, rendition),
            None => drop(self.renditions.remove(&kind)),
        }
    }

    /// The playlist a stream is loaded from.
    pub fn playlist_of(&self, sources: &Sources, kind: StreamKind) -> Option<PlaylistId> {
        sources.playlists.find(self.url_of(&sources.variant_set, kind)?)
    }

    /// Its URL: the variant's too for sound that is in the variant.
    fn url_of<'a>(&self, set: &'a VariantSet, kind: StreamKind) -> Option<&'a str> {
        let of_variant = set.url(self.variant?)?;
        match kind {
            StreamKind::Main => Some(of_variant),
            kind => set.rendition_url(self.rendition(kind)?).or(Some(of_variant)),
        }
    }

    /// The variant whose playlist this is, of the one to come and the present one.
    pub fn variant_of(&self, set: &VariantSet, url: &str) -> Option<VariantId> {
        let is_it = |variant: &VariantId| set.url(*variant) == Some(url);
        self.target.filter(is_it).or(self.variant.filter(is_it))
    }

    /// The playlist of a stream's rendition, from now on a known one.
    pub fn rendition_playlist(
        &self,
        sources: &mut Sources,
        kind: StreamKind,
    ) -> Option<PlaylistId> {
        let url = self.url_of(&sources.variant_set, kind)?;
        Some(sources.playlists.id_of(url))
    }

    /// The playlist the variant's segments are loaded from.
    pub fn current_entry<'a>(&self, sources: &'a Sources) -> Option<&'a Entry> {
        sources.playlists.get(self.playlist_of(sources, StreamKind::Main)?)
    }

    /// Playlists that segments are chosen from now, or soon.
    pub fn active_playlists(&self, sources: &Sources) -> Vec<PlaylistId> {
        let of_target = || sources.playlists.find(sources.variant_set.url(self.target?)?);
        let of_main = [self.playlist_of(sources, StreamKind::Main), of_target()];
        let renditions = self.renditions.iter().map(|(kind, _)| *kind);
        let of_renditions = renditions.map(|kind| self.playlist_of(sources, kind));
        let mut active: Vec<PlaylistId> = Vec::new();
        for id in of_main.into_iter().chain(of_renditions).flatten() {
            if !active.contains(&id) {
                active.push(id);
            }
        }
        active
    }

    /// A change of variants waits for a playlist.
    pub fn is_waiting_for_target(&self, sources: &Sources) -> bool {
        let target = self.target.and_then(|target| sources.variant_set.url(target));
        let id = target.and_then(|url| sources.playlists.find(url));
        let entry = id.and_then(|id| sources.playlists.get(id));
        entry.is_some_and(|entry| !entry.is_loaded())
    }

    /// The stream whose rendition has this playlist.
    pub fn rendition_stream_of(&self, set: &VariantSet, url: &str) -> Option<StreamKind> {
        let mut renditions = self.renditions.iter();
        renditions.find(|(_, id)| set.rendition_url(**id) == Some(url)).map(|(kind, _)| *kind)
    }
}
