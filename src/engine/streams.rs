//! The segment loaders of a session, by kind of stream.
//!
//! In: where to load from, media found. Out: one loader, or all of them in turn; what they share:
//! init sections, keys and timestamp offsets. The variant's loader is always there, those of renditions
//! come and go. It makes no request.

use super::init_sections::InitSections;
use super::keys::KeyStore;
use super::kinds::StreamKind;
use super::media::Offsets;
use super::playlists::Playlists;
use super::segment_loader::{Cursor, SegmentLoader, resume_at};
use super::transmux::Transmux;
use crate::buffer::time_ranges;
use crate::media::{TimeRange, TrackKind};
use crate::time::Instant;

/// Of MPEG-2 timestamps.
const TICKS_PER_SEC: f64 = 90_000.0;

/// All that is loaded segment by segment.
#[derive(Debug)]
pub(super) struct Streams {
    /// The variant's first, which is always there.
    loaders: Vec<(StreamKind, SegmentLoader)>,
    pub init_sections: InitSections,
    pub keys: KeyStore,
    pub offsets: Offsets,
}

impl Streams {
    pub fn new(at_secs: f64, transmuxer: Box<dyn Transmux>) -> Self {
        Self {
            loaders: vec![(StreamKind::Main, SegmentLoader::new(at_secs, transmuxer))],
            init_sections: InitSections::default(),
            keys: KeyStore::default(),
            offsets: Offsets::default(),
        }
    }

    /// The variant's loader.
    pub fn main(&self) -> &SegmentLoader {
        &self.loaders[0].1
    }

    /// The same, to be moved on.
    pub fn main_mut(&mut self) -> &mut SegmentLoader {
        &mut self.loaders[0].1
    }

    fn index_of(&self, kind: StreamKind) -> Option<usize> {
        self.loaders.iter().position(|(known, _)| *known == kind)
    }

    pub fn get(&self, kind: StreamKind) -> Option<&SegmentLoader> {
        self.loaders.get(self.index_of(kind)?).map(|(_, loader)| loader)
    }

    pub fn get_mut(&mut self, kind: StreamKind) -> Option<&mut SegmentLoader> {
        self.with_offsets(kind).map(|(loader, _)| loader)
    }

    /// A loader, and the timestamp offsets of all of them.
    pub fn with_offsets(&mut self, kind: StreamKind) -> Option<(&mut SegmentLoader, &mut Offsets)> {
        let index = self.index_of(kind)?;
        Some((&mut self.loaders.get_mut(index)?.1, &mut self.offsets))
    }

    pub fn iter(&self) -> core::slice::Iter<'_, (StreamKind, SegmentLoader)> {
        self.loaders.iter()
    }

    pub fn iter_mut(&mut self) -> core::slice::IterMut<'_, (StreamKind, SegmentLoader)> {
        self.loaders.iter_mut()
    }

    /// Begins a rendition's stream.
    pub fn add_rendition(&mut self, kind: StreamKind, loader: SegmentLoader) {
        self.loaders.push((kind, loader));
    }

    /// One stream goes on as another, which is there no more.
    pub fn hand_over(&mut self, from: StreamKind, to: StreamKind) {
        let before = self.remove_rendition(to);
        for (kind, loader) in &mut self.loaders {
            if *kind == from {
                *kind = to;
                let done = before.as_ref().map_or(0, |before| before.segments_done);
                loader.segments_done = loader.segments_done.max(done);
            }
        }
    }

    /// Ends a rendition's stream.
    pub fn remove_rendition(&mut self, kind: StreamKind) -> Option<SegmentLoader> {
        let index = self.index_of(kind).filter(|index| *index > 0)?;
        Some(self.loaders.remove(index).1)
    }

    /// Which stream fills a track: a rendition of its own replaces the variant's sound (RFC 8216bis
    /// 4.4.6.1).
    pub fn source_of(&self, track: TrackKind) -> StreamKind {
        let mut kinds = self.iter().map(|(kind, _)| *kind);
        kinds.find(|kind| kind.track() == Some(track)).unwrap_or(StreamKind::Main)
    }

    /// Up to where all streams have loaded.
    pub fn loaded_secs(&self) -> f64 {
        self.iter().map(|(_, loader)| loader.end_secs()).fold(f64::INFINITY, f64::min)
    }

    /// Up to where any of them has.
    pub fn reach_secs(&self) -> f64 {
        self.iter().map(|(_, loader)| loader.end_secs()).fold(f64::NEG_INFINITY, f64::max)
    }

    /// A segment of any of them is under way.
    pub fn is_loading(&self) -> bool {
        self.iter().any(|(_, loader)| loader.loading.is_some())
    }

    /// All of them go on somewhere else.
    pub fn reposition(&mut self, at_secs: f64) {
        self.iter_mut().for_each(|(_, loader)| loader.reposition(at_secs));
    }

    /// The same for a media source opened again.
    pub fn start_anew(&mut self, at_secs: f64) {
        for (_, loader) in self.iter_mut() {
            loader.reposition(at_secs);
            loader.segments_done = 0;
        }
    }

    /// Makes a stream load what playback from `at_secs` needs first, behind what is buffered from there
    /// on. False where it does already.
    pub fn load_from(&mut self, kind: StreamKind, at_secs: f64, buffered: &[TimeRange]) -> bool {
        let covered_secs = time_ranges::covered_until(buffered, at_secs);
        let Some(loader) = self.get_mut(kind) else { return false };
        if loader.loading.as_ref().is_some_and(|loading| loading.covers(covered_secs)) {
            return false;
        }
        let is_covered = covered_secs > at_secs;
        let is_there = (loader.end_secs() - covered_secs).abs() < 1.0;
        if is_covered && loader.loading.is_none() && is_there {
            return false;
        }
        loader.reposition(at_secs);
        if is_covered {
            loader.cursor = resume_at(covered_secs);
        }
        true
    }

    /// Before anything is appended, once: all that was loaded stands so much later. False where it
    /// is too late for that, or nothing moves.
    pub fn settle(&mut self, by_secs: f64, playlists: &mut Playlists) -> bool {
        if !self.offsets.settle(by_secs) || by_secs.abs() < 1e-6 {
            return false;
        }
        for (_, loader) in self.iter_mut() {
            let Cursor::After(placed, id) = &mut loader.cursor else { continue };
            placed.start_secs += by_secs;
            placed.end_secs += by_secs;
            if let Some(entry) = playlists.get_mut(*id).filter(|_| placed.kind.part().is_none()) {
                let (start_secs, end_secs) = (placed.start_secs, placed.end_secs);
                entry.timeline.correct_start(placed.segment.media_sequence, start_secs, end_secs);
            }
        }
        true
    }

    /// A hole from here on is about to be filled.
    pub fn will_fill(&self, from_secs: f64) -> bool {
        self.iter().any(|(_, loader)| {
            loader.end_secs() <= from_secs + 0.5
                || loader.loading.as_ref().is_some_and(|loading| loading.covers(from_secs + 0.2))
        })
    }

    /// None of them requests anything before this.
    pub fn pause_until(&mut self, until: Option<Instant>) {
        self.iter_mut().for_each(|(_, loader)| loader.paused_until = until);
    }

    /// Nothing is under way any more.
    pub fn stop(&mut self) {
        self.iter_mut().for_each(|(_, loader)| loader.loading = None);
    }

    /// What is added to a media time of this stretch to get the presentation time, where any stream has
    /// found that out.
    pub fn offset_secs(&self, key: u64) -> Option<f64> {
        let mut loaders = self.iter();
        let mapping = loaders.find_map(|(_, loader)| loader.transmuxer.mapping(key));
        let offset_secs = mapping.map(|mapping| -(mapping.zero_ticks as f64) / TICKS_PER_SEC);
        offset_secs.or_else(|| self.offsets.known_secs(key))
    }

    /// The streams' timestamps mean the same: a loader takes over what another one knows, so that
    /// sound and picture stay together.
    pub fn share_timestamps(&mut self, kind: StreamKind) {
        let Some(key) = self.get(kind).and_then(SegmentLoader::unmapped_timestamps) else { return };
        let others = self.iter().filter(|(other, _)| *other != kind);
        let mapping = others.filter_map(|(_, other)| other.transmuxer.mapping(key)).next();
        if let (Some(mapping), Some(loader)) = (mapping, self.get_mut(kind)) {
            loader.transmuxer.adopt_mapping(mapping);
        }
    }
}
