//! What is played: the viewer's selection, and the variant and rendition that serve it.
//!
//! In: selections, and what [`super::session`] settles on. Out: the playlists that segments come
//! from. It loads nothing.

use super::given_up::GivenUp;
use super::kinds::StreamKind;
use super::playlists::{Entry, PlaylistId};
use super::sources::Sources;
use super::variant_set::{RenditionId, VariantId, VariantSet};
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
    /// The audio rendition played beside the variant.
    pub rendition: Option<RenditionId>,
    /// A download was given up for this lower variant.
    pub emergency_variant: Option<VariantId>,
    pub given_up: Option<GivenUp>,
}

impl Selector {
    pub const fn new(selection: Selection) -> Self {
        Self {
            selection,
            is_selection_fresh: false,
            variant: None,
            target: None,
            rendition: None,
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

    /// The playlist a stream is loaded from.
    pub fn playlist_of(&self, sources: &Sources, kind: StreamKind) -> Option<PlaylistId> {
        let url = match kind {
            StreamKind::Main => sources.variant_set.url(self.variant?)?,
            StreamKind::Audio => sources.variant_set.rendition_url(self.rendition?)?,
        };
        sources.playlists.find(url)
    }

    /// The variant whose playlist this is, of the one to come and the present one.
    pub fn variant_of(&self, set: &VariantSet, url: &str) -> Option<VariantId> {
        let is_it = |variant: &VariantId| set.url(*variant) == Some(url);
        self.target.filter(is_it).or(self.variant.filter(is_it))
    }

    /// The playlist of the rendition, from now on a known one.
    pub fn rendition_playlist(&self, sources: &mut Sources) -> Option<PlaylistId> {
        let url = sources.variant_set.rendition_url(self.rendition?)?;
        Some(sources.playlists.id_of(url))
    }

    /// The playlist the variant's segments are loaded from.
    pub fn current_entry<'a>(&self, sources: &'a Sources) -> Option<&'a Entry> {
        sources.playlists.get(self.playlist_of(sources, StreamKind::Main)?)
    }

    /// Playlists that segments are chosen from now, or soon.
    pub fn active_playlists(&self, sources: &Sources) -> Vec<PlaylistId> {
        let of_target = || sources.playlists.find(sources.variant_set.url(self.target?)?);
        let found = [
            self.playlist_of(sources, StreamKind::Main),
            of_target(),
            self.playlist_of(sources, StreamKind::Audio),
        ];
        let mut active: Vec<PlaylistId> = Vec::new();
        for id in found.into_iter().flatten() {
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

    /// Whether this is the playlist of the rendition that is played.
    pub fn is_of_rendition(&self, sources: &Sources, url: &str) -> bool {
        let of_rendition = self.rendition.and_then(|id| sources.variant_set.rendition_url(id));
        of_rendition == Some(url)
    }
}
