//! What the stream offers: variants and audio renditions of both sources.
//!
//! In: multivariant playlists, codec support, failures. Out: [`VariantInfo`]s with stable ids, the
//! candidates of a choice, the audio rendition of a variant. It chooses nothing.

use super::codecs::{Codec, Family};
use super::context::Context;
use super::downloads::SourceKind;
use super::output::VariantInfo;
use crate::abr::Candidate;
use crate::playlist::uri::authority;
use crate::playlist::{MultivariantPlaylist, Rendition, RenditionKind, StartOffset, Variant};
use crate::time::{Duration, Instant};

/// How long a variant that failed is left alone.
const EXCLUDED_FOR: Duration = Duration::from_secs(30);
/// Variants and renditions taken from one playlist at most.
const MAX_ENTRIES: usize = 500;

#[derive(Debug)]
pub(super) struct VariantEntry {
    pub variant: Variant,
    pub source: SourceKind,
    /// What of its CODECS has to do with source buffers.
    pub codecs: Vec<Codec>,
    excluded_until: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct RenditionEntry {
    pub rendition: Rendition,
    source: SourceKind,
    excluded_until: Option<Instant>,
}

/// What a multivariant playlist says of all its media playlists.
#[derive(Debug)]
pub(super) struct Parent {
    source: SourceKind,
    /// For EXT-X-DEFINE IMPORT.
    pub variables: Vec<(String, String)>,
    /// EXT-X-START.
    pub start: Option<StartOffset>,
}

/// All that can be played.
#[derive(Debug, Default)]
pub(super) struct VariantSet {
    pub variants: Vec<VariantEntry>,
    pub renditions: Vec<RenditionEntry>,
    parents: Vec<Parent>,
}

impl VariantSet {
    /// Adds what a multivariant playlist offers.
    pub fn add(&mut self, playlist: MultivariantPlaylist, source: SourceKind) {
        let MultivariantPlaylist { variables, start, .. } = playlist;
        self.parents.push(Parent { source, variables, start });
        let variants = playlist.variants.into_iter().take(MAX_ENTRIES);
        self.variants.extend(variants.map(|variant| VariantEntry::new(variant, source)));
        let audio = playlist
            .renditions
            .into_iter()
            .filter(|rendition| rendition.kind == RenditionKind::Audio)
            .take(MAX_ENTRIES);
        self.renditions.extend(audio.map(|rendition| RenditionEntry {
            rendition,
            source,
            excluded_until: None,
        }));
    }

    /// Adds a media playlist that was given directly.
    pub fn add_single(&mut self, url: String, source: SourceKind) {
        let variant = Variant { url, ..Variant::default() };
        self.variants.push(VariantEntry::new(variant, source));
    }

    /// The multivariant playlist that names this media playlist.
    pub fn parent_of(&self, url: &str) -> Option<&Parent> {
        let mut variants = self.variants.iter();
        let source = variants.find(|entry| entry.variant.url == url).map(|entry| entry.source);
        let source = source.or_else(|| {
            let mut renditions = self.renditions.iter();
            let is_it = |entry: &&RenditionEntry| entry.rendition.url.as_deref() == Some(url);
            renditions.find(is_it).map(|entry| entry.source)
        })?;
        self.parents.iter().find(|parent| parent.source == source)
    }

    pub fn url(&self, variant: usize) -> Option<&str> {
        self.variants.get(variant).map(|entry| entry.variant.url.as_str())
    }

    /// Every codec to ask the browser about, once.
    pub fn codecs(&self) -> Vec<String> {
        let all = self.variants.iter().flat_map(|entry| &entry.codecs);
        let names = all.take(MAX_ENTRIES).map(|codec| codec.name.clone());
        let mut codecs: Vec<String> = names.collect();
        codecs.sort_unstable();
        codecs.dedup();
        codecs
    }

    /// Whether the browser plays it, as far as names say, and it has a picture if any
    /// variant has. Where no name promises anything good, what is least unlikely is tried.
    pub fn is_playable(&self, context: &Context, variant: usize) -> bool {
        let Some(entry) = self.variants.get(variant) else { return false };
        let has_picture = entry.has_picture();
        let prospect = entry.prospect(context);
        let is_beaten = |other: &VariantEntry| {
            other.has_picture() && !has_picture
                || other.has_picture() == has_picture && other.prospect(context) > prospect
        };
        match prospect {
            Prospect::None => false,
            Prospect::Good if has_picture => true,
            _ => !self.variants.iter().any(is_beaten),
        }
    }

    /// Playable and not excluded.
    pub fn is_available(&self, context: &Context, variant: usize) -> bool {
        self.variants.get(variant).is_some_and(|entry| !is_excluded(entry.excluded_until, context))
            && self.is_playable(context, variant)
    }

    /// Other variants that could take this one's place.
    pub fn has_alternative(&self, context: &Context, variant: usize) -> bool {
        (0..self.variants.len()).any(|other| other != variant && self.is_available(context, other))
    }

    /// The same from another server, which may live where this one died.
    pub fn has_alternative_elsewhere(&self, context: &Context, variant: usize) -> bool {
        let Some(host) = self.host(variant) else { return false };
        (0..self.variants.len())
            .any(|other| self.host(other) != Some(host) && self.is_available(context, other))
    }

    fn host(&self, variant: usize) -> Option<&str> {
        self.url(variant).map(authority)
    }

    pub fn exclude(&mut self, context: &Context, variant: usize) {
        if let Some(entry) = self.variants.get_mut(variant) {
            entry.excluded_until = Some(context.now + EXCLUDED_FOR);
        }
    }

    /// Excludes all that comes from this variant's server.
    pub fn exclude_host(&mut self, context: &Context, variant: usize) {
        let Some(host) = self.host(variant).map(str::to_owned) else { return };
        for entry in &mut self.variants {
            if authority(&entry.variant.url) == host {
                entry.excluded_until = Some(context.now + EXCLUDED_FOR);
            }
        }
    }

    /// Excludes nothing any more: what was left was no better.
    pub fn include_all(&mut self) {
        self.variants.iter_mut().for_each(|entry| entry.excluded_until = None);
        self.renditions.iter_mut().for_each(|entry| entry.excluded_until = None);
    }

    /// The variants as the page sees them.
    pub fn infos(&self, context: &Context) -> Vec<VariantInfo> {
        let info = |(id, entry): (usize, &VariantEntry)| VariantInfo {
            id,
            bandwidth_bps: entry.variant.bandwidth_bps,
            width_px: entry.variant.width_px,
            height_px: entry.variant.height_px,
            frame_rate: entry.variant.frame_rate,
            codecs: entry.variant.codecs.join(","),
            is_playable: self.is_playable(context, id),
            is_high_quality_source: entry.source == SourceKind::HighQuality,
        };
        self.variants.iter().enumerate().map(info).collect()
    }

    /// The variants as candidates of a choice; those `is_allowed` refuses are not playable.
    pub fn candidates(
        &self,
        context: &Context,
        is_allowed: impl Fn(&VariantEntry) -> bool,
    ) -> Vec<Candidate> {
        let candidate = |(id, entry): (usize, &VariantEntry)| Candidate {
            bandwidth_bps: entry.variant.bandwidth_bps,
            width_px: entry.variant.width_px,
            height_px: entry.variant.height_px,
            is_playable: is_allowed(entry) && self.is_available(context, id),
        };
        self.variants.iter().enumerate().map(candidate).collect()
    }

    /// The separate audio rendition that goes with a variant; `keep` is the one playing now.
    pub fn audio_for(
        &self,
        context: &Context,
        variant: usize,
        keep: Option<usize>,
    ) -> Option<usize> {
        let entry = self.variants.get(variant)?;
        let group = entry.variant.audio_group.as_deref()?;
        let kept = keep.and_then(|keep| self.renditions.get(keep));
        let in_group =
            self.renditions.iter().enumerate().filter(|(_, other)| {
                other.source == entry.source && other.rendition.group == group
            });
        // One that works first (but a broken one rather than silence), then the same language,
        // then what the author prefers, then file order.
        let (index, best) = in_group.min_by_key(|(index, other)| {
            let is_kept = kept.is_some_and(|kept| {
                kept.rendition.name == other.rendition.name
                    && kept.rendition.language == other.rendition.language
            });
            let is_broken = is_excluded(other.excluded_until, context);
            (
                is_broken,
                !is_kept,
                !other.rendition.is_default,
                !other.rendition.is_autoselect,
                *index,
            )
        })?;
        best.rendition.url.is_some().then_some(index)
    }

    pub fn exclude_rendition(&mut self, context: &Context, rendition: usize) {
        if let Some(entry) = self.renditions.get_mut(rendition) {
            entry.excluded_until = Some(context.now + EXCLUDED_FOR);
        }
    }
}

fn is_excluded(until: Option<Instant>, context: &Context) -> bool {
    until.is_some_and(|until| context.now < until)
}

/// What a variant's codecs let hope for, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Prospect {
    /// The browser refuses what there is to see, or the sound where there is nothing else.
    None,
    /// A picture without its sound.
    Mute,
    /// Nothing is known by its name.
    Unknown,
    /// Nothing speaks against it.
    Good,
}

impl VariantEntry {
    fn new(variant: Variant, source: SourceKind) -> Self {
        let codecs = variant.codecs.iter().filter_map(|listed| Codec::read(listed)).collect();
        Self { variant, source, codecs, excluded_until: None }
    }

    fn has(&self, family: Family) -> bool {
        self.codecs.iter().any(|codec| codec.family == family)
    }

    /// RFC 8216bis 4.4.6.2 has all formats listed of which one is played: one that works is enough.
    fn is_refused(&self, context: &Context, family: Family) -> bool {
        let mut names = self.codecs.iter().filter(|codec| codec.family == family);
        let is_refused = |codec: &Codec| context.is_codec_supported(&codec.name) == Some(false);
        self.has(family) && names.all(is_refused)
    }

    fn prospect(&self, context: &Context) -> Prospect {
        let has_picture = self.has_picture();
        let is_sound_refused = self.is_refused(context, Family::Sound);
        match () {
            () if self.is_refused(context, Family::Picture) => Prospect::None,
            () if is_sound_refused && has_picture => Prospect::Mute,
            () if is_sound_refused => Prospect::None,
            () if !self.has(Family::Picture) && self.is_refused(context, Family::Unknown) => {
                Prospect::Unknown
            }
            () => Prospect::Good,
        }
    }

    /// False where its codecs and resolution say that it is audio alone.
    pub fn has_picture(&self) -> bool {
        let is_sound = |codec: &Codec| codec.family == Family::Sound;
        self.variant.width_px > 0 || self.codecs.is_empty() || !self.codecs.iter().all(is_sound)
    }

    /// Kinds of track its codecs promise; 0 where it says nothing.
    pub fn promised_tracks(&self) -> usize {
        usize::from(self.has(Family::Picture)) + usize::from(self.has(Family::Sound))
    }
}
