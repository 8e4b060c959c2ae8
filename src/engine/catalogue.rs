//! What the stream offers: variants and audio renditions of both sources.
//!
//! In: multivariant playlists, codec support, failures. Out: [`VariantInfo`]s with stable ids, the
//! candidates of a choice, the audio rendition of a variant. It chooses nothing.

use super::context::Context;
use super::downloads::SourceKind;
use super::output::VariantInfo;
use crate::abr::Candidate;
use crate::playlist::uri::authority;
use crate::playlist::{MultivariantPlaylist, Rendition, RenditionKind, Variant};
use crate::time::{Duration, Instant};

/// How long a variant that failed is left alone.
const SET_ASIDE: Duration = Duration::from_secs(30);
/// Variants and renditions taken from one playlist at most.
const MAX_ENTRIES: usize = 500;

#[derive(Debug)]
pub(super) struct VariantEntry {
    pub variant: Variant,
    pub source: SourceKind,
    set_aside_until: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct RenditionEntry {
    pub rendition: Rendition,
    source: SourceKind,
    set_aside_until: Option<Instant>,
}

/// All that can be played.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub variants: Vec<VariantEntry>,
    pub renditions: Vec<RenditionEntry>,
}

impl Catalogue {
    /// Adds what a multivariant playlist offers.
    pub fn add(&mut self, playlist: MultivariantPlaylist, source: SourceKind) {
        let variants = playlist.variants.into_iter().take(MAX_ENTRIES);
        self.variants.extend(variants.map(|variant| VariantEntry {
            variant,
            source,
            set_aside_until: None,
        }));
        let audio = playlist
            .renditions
            .into_iter()
            .filter(|rendition| rendition.kind == RenditionKind::Audio)
            .take(MAX_ENTRIES);
        self.renditions.extend(audio.map(|rendition| RenditionEntry {
            rendition,
            source,
            set_aside_until: None,
        }));
    }

    /// Adds a media playlist that was given directly.
    pub fn add_single(&mut self, url: String, source: SourceKind) {
        let variant = Variant { url, ..Variant::default() };
        self.variants.push(VariantEntry { variant, source, set_aside_until: None });
    }

    pub fn url(&self, variant: usize) -> Option<&str> {
        self.variants.get(variant).map(|entry| entry.variant.url.as_str())
    }

    /// Every codec named, once.
    pub fn codecs(&self) -> Vec<String> {
        let all = self.variants.iter().flat_map(|entry| &entry.variant.codecs);
        let mut codecs: Vec<String> = all.take(MAX_ENTRIES).cloned().collect();
        codecs.sort_unstable();
        codecs.dedup();
        codecs
    }

    /// Whether the browser plays it, and it has a picture if any variant has.
    pub fn is_playable(&self, context: &Context, variant: usize) -> bool {
        let Some(entry) = self.variants.get(variant) else { return false };
        let codecs = &entry.variant.codecs;
        codecs.iter().all(|codec| context.is_codec_supported(codec) != Some(false))
            && (entry.has_picture() || !self.variants.iter().any(VariantEntry::has_picture))
    }

    /// Playable and not set aside.
    pub fn is_available(&self, context: &Context, variant: usize) -> bool {
        self.variants
            .get(variant)
            .is_some_and(|entry| !is_set_aside(entry.set_aside_until, context))
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

    pub fn set_aside(&mut self, context: &Context, variant: usize) {
        if let Some(entry) = self.variants.get_mut(variant) {
            entry.set_aside_until = Some(context.now + SET_ASIDE);
        }
    }

    /// Sets aside all that comes from this variant's server.
    pub fn set_host_aside(&mut self, context: &Context, variant: usize) {
        let Some(host) = self.host(variant).map(str::to_owned) else { return };
        for entry in &mut self.variants {
            if authority(&entry.variant.url) == host {
                entry.set_aside_until = Some(context.now + SET_ASIDE);
            }
        }
    }

    /// Sets nothing aside any more: the rest was no better.
    pub fn take_back_all(&mut self) {
        self.variants.iter_mut().for_each(|entry| entry.set_aside_until = None);
        self.renditions.iter_mut().for_each(|entry| entry.set_aside_until = None);
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
            let is_broken = is_set_aside(other.set_aside_until, context);
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

    pub fn set_rendition_aside(&mut self, context: &Context, rendition: usize) {
        if let Some(entry) = self.renditions.get_mut(rendition) {
            entry.set_aside_until = Some(context.now + SET_ASIDE);
        }
    }
}

fn is_set_aside(until: Option<Instant>, context: &Context) -> bool {
    until.is_some_and(|until| context.now < until)
}

impl VariantEntry {
    /// False where its codecs and resolution say that it is audio alone.
    pub fn has_picture(&self) -> bool {
        const AUDIO: [&str; 7] = ["mp4a", "ac-3", "ec-3", "opus", "Opus", "flac", "fLaC"];
        let codecs = &self.variant.codecs;
        let is_audio = |codec: &String| AUDIO.iter().any(|family| codec.starts_with(family));
        self.variant.width_px > 0 || codecs.is_empty() || !codecs.iter().all(is_audio)
    }

    /// Kinds of track its codecs promise; 0 where it says nothing.
    pub fn promised_tracks(&self) -> usize {
        self.variant.codecs.len().min(2)
    }
}
