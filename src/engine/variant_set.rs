//! What the stream offers: variants, I-frame variants and renditions of both sources.
//!
//! In: multivariant playlists, codec support, failures. Out: [`VariantInfo`]s with stable ids, the
//! candidates of a choice, the renditions of a variant. What speaks for and against one variant is
//! [`super::variant_entry`]'s. It chooses nothing.

use super::audio_choice::{is_same_track, rank};
use super::context::Context;
pub(super) use super::kinds::RenditionId;
use super::kinds::{SourceKind, StreamKind};
use super::ladder::Decoding;
use super::output::{TextTrackInfo, VariantInfo};
use super::variant_entry::{Prospect, VariantEntry};
use crate::abr::Candidate;
use crate::playlist::uri::authority;
use crate::playlist::{MultivariantPlaylist, Rendition, RenditionKind, StartOffset, Variant};
use crate::time::{Duration, Instant};

/// A variant: [`VariantInfo::id`], stable for the life of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VariantId(usize);

impl VariantId {
    /// As the page knows it.
    pub const fn index(self) -> usize {
        self.0
    }
}

/// How long a variant that failed is left alone.
const EXCLUDED_FOR: Duration = Duration::from_secs(30);
/// The same of a server whose pathway is wanted.
const PENALTY: Duration = Duration::from_secs(300);
/// Variants, I-frame variants and renditions taken from one playlist at most.
const MAX_ENTRIES: usize = 500;

#[derive(Debug)]
pub(super) struct RenditionEntry {
    pub rendition: Rendition,
    source: SourceKind,
    excluded_until: Option<Instant>,
}

/// EXT-X-I-FRAME-STREAM-INF: pictures alone, for seeking.
#[derive(Debug)]
struct IframeEntry {
    variant: Variant,
    source: SourceKind,
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
    variants: Vec<VariantEntry>,
    /// None is played so far.
    iframe_variants: Vec<IframeEntry>,
    /// Of every kind; what is played is in [`StreamKind::OF_RENDITIONS`].
    renditions: Vec<RenditionEntry>,
    parents: Vec<Parent>,
    /// Of the first source, in the order in which they are to be used (RFC 8216bis 7); empty where nobody says.
    pub pathways: Vec<String>,
}

impl VariantSet {
    /// Adds what a multivariant playlist offers.
    pub fn add(&mut self, playlist: MultivariantPlaylist, source: SourceKind) {
        let MultivariantPlaylist { variables, start, .. } = playlist;
        self.parents.push(Parent { source, variables, start });
        if let Some(steering) = playlist.content_steering {
            let first = playlist.variants.first().map(|it| pathway(it).to_owned());
            self.pathways.extend(steering.pathway_id.or(first));
        }
        // RFC 8216bis 4.4.6.2: where one has none, none counts.
        let is_scored = playlist.variants.iter().all(|variant| variant.score.is_some());
        let variants = playlist.variants.into_iter().take(MAX_ENTRIES);
        self.variants.extend(variants.map(|variant| {
            // Numbers that are not negative are ordered as their bits are.
            let score = variant.score.filter(|_| is_scored).map_or(0, f64::to_bits);
            VariantEntry { score, ..VariantEntry::new(variant, source) }
        }));
        let iframe_variants = playlist.iframe_variants.into_iter().take(MAX_ENTRIES);
        self.iframe_variants.extend(iframe_variants.map(|variant| IframeEntry { variant, source }));
        let renditions = playlist.renditions.into_iter().take(MAX_ENTRIES);
        self.renditions.extend(renditions.map(|rendition| RenditionEntry {
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
        let variants = self.variants.iter().map(|it| (Some(&it.variant.url), it.source));
        let iframes = self.iframe_variants.iter().map(|it| (Some(&it.variant.url), it.source));
        let renditions = self.renditions.iter().map(|it| (it.rendition.url.as_ref(), it.source));
        let mut all = variants.chain(renditions).chain(iframes);
        let (_, source) = all.find(|(named, _)| named.is_some_and(|named| named == url))?;
        self.parents.iter().find(|parent| parent.source == source)
    }

    pub fn get(&self, variant: VariantId) -> Option<&VariantEntry> {
        self.variants.get(variant.0)
    }

    /// The variant that the page knows by this number.
    pub fn find(&self, index: usize) -> Option<VariantId> {
        (index < self.variants.len()).then_some(VariantId(index))
    }

    pub fn ids(&self) -> impl Iterator<Item = VariantId> + use<> {
        (0..self.variants.len()).map(VariantId)
    }

    pub fn iter(&self) -> impl Iterator<Item = &VariantEntry> {
        self.variants.iter()
    }

    pub fn url(&self, variant: VariantId) -> Option<&str> {
        self.get(variant).map(|entry| entry.variant.url.as_str())
    }

    /// BANDWIDTH; 0 where there is no such variant.
    pub fn bandwidth_bps(&self, variant: VariantId) -> u64 {
        self.get(variant).map_or(0, |entry| entry.variant.bandwidth_bps)
    }

    /// A variant is as high as that.
    pub fn has_height(&self, height_px: u32) -> bool {
        self.variants.iter().any(|entry| entry.variant.height_px == height_px)
    }

    /// The playlist of a rendition; `None` where its media is in the variant's.
    pub fn rendition_url(&self, rendition: RenditionId) -> Option<&str> {
        self.renditions.get(rendition.index())?.rendition.url.as_deref()
    }

    /// Takes in what the page says of each, by [`VariantId::index`].
    pub fn learn_decoding(&mut self, answers: &[Decoding]) {
        for (entry, decoding) in self.variants.iter_mut().zip(answers) {
            entry.decoding = *decoding;
        }
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
    pub fn is_playable(&self, context: &Context, variant: VariantId) -> bool {
        let Some(entry) = self.get(variant) else { return false };
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
    pub fn is_available(&self, context: &Context, variant: VariantId) -> bool {
        self.get(variant).is_some_and(|entry| !is_excluded(entry.excluded_until, context))
            && self.is_playable(context, variant)
    }

    /// Other variants that could take this one's place.
    pub fn has_alternative(&self, context: &Context, variant: VariantId) -> bool {
        self.ids().any(|other| other != variant && self.is_available(context, other))
    }

    /// The same from another server, which may live where this one died.
    pub fn has_alternative_elsewhere(&self, context: &Context, variant: VariantId) -> bool {
        let Some(host) = self.host(variant) else { return false };
        self.ids().any(|other| self.host(other) != Some(host) && self.is_available(context, other))
    }

    fn host(&self, variant: VariantId) -> Option<&str> {
        self.url(variant).map(authority)
    }

    pub fn exclude(&mut self, context: &Context, variant: VariantId) {
        if let Some(entry) = self.variants.get_mut(variant.0) {
            entry.excluded_until = Some(context.now + EXCLUDED_FOR);
        }
    }

    /// Excludes all that comes from this variant's server.
    pub fn exclude_host(&mut self, context: &Context, variant: VariantId) {
        let Some(host) = self.host(variant).map(str::to_owned) else { return };
        // The pathway that is wanted most would else be tried again and again.
        let excluded_for = if self.pathways.is_empty() { EXCLUDED_FOR } else { PENALTY };
        for entry in &mut self.variants {
            if authority(&entry.variant.url) == host {
                entry.excluded_until = Some(context.now + excluded_for);
            }
        }
    }

    /// Excludes nothing any more: what was left was no better.
    pub fn include_all(&mut self) {
        self.variants.iter_mut().for_each(|entry| entry.excluded_until = None);
        self.renditions.iter_mut().for_each(|entry| entry.excluded_until = None);
    }

    /// How often a segment is asked for again: less where something else could take its place.
    pub fn segment_retries(&self, context: &Context, variant: Option<VariantId>) -> u32 {
        match variant {
            Some(variant) if self.has_alternative_elsewhere(context, variant) => 1,
            Some(variant) if self.has_alternative(context, variant) => 2,
            _ => context.config.retry.max_retries,
        }
    }

    /// What so much media of a variant, or of a rendition, weighs as a rule.
    pub fn estimated_bytes(&self, variant: Option<VariantId>, secs: f64) -> u64 {
        const RENDITION_BPS: u64 = 128_000;
        let bps = variant.and_then(|variant| self.get(variant));
        let bps = bps.map_or(RENDITION_BPS, |entry| entry.variant.bandwidth_bps);
        (bps as f64 * secs / 8.0) as u64
    }

    /// What the list says of a variant's AAC.
    pub fn aac_codec(&self, variant: VariantId) -> Option<String> {
        let mut names = self.get(variant)?.codecs.iter().map(|codec| &codec.name);
        names.find(|name| name.starts_with("mp4a")).cloned()
    }

    /// The variants as the page sees them.
    pub fn infos(&self, context: &Context) -> Vec<VariantInfo> {
        let info = |(id, entry): (VariantId, &VariantEntry)| VariantInfo {
            id: id.index(),
            bandwidth_bps: entry.variant.bandwidth_bps,
            width_px: entry.variant.width_px,
            height_px: entry.variant.height_px,
            frame_rate: entry.variant.frame_rate,
            codecs: entry.variant.codecs.join(","),
            pathway: pathway(&entry.variant).to_owned(),
            video_range: entry.variant.video_range.clone(),
            score: entry.variant.score,
            stable_id: entry.variant.stable_id.clone(),
            is_playable: self.is_playable(context, id),
            is_high_quality_source: entry.source == SourceKind::HighQuality,
        };
        self.ids().zip(&self.variants).map(info).collect()
    }

    /// The variants as candidates of a choice; those `is_allowed` refuses are not playable.
    pub fn candidates(
        &self,
        context: &Context,
        is_allowed: impl Fn(&VariantEntry) -> bool,
    ) -> Vec<Candidate> {
        let usable = |(id, entry): (VariantId, &VariantEntry)| {
            let is_usable = is_allowed(entry) && self.is_available(context, id);
            is_usable.then(|| self.place(entry))
        };
        let best = self.ids().zip(&self.variants).filter_map(usable).flatten().min();
        let candidate = |(id, entry): (VariantId, &VariantEntry)| Candidate {
            bandwidth_bps: entry.variant.bandwidth_bps,
            width_px: entry.variant.width_px,
            height_px: entry.variant.height_px,
            score: entry.score,
            is_playable: usable((id, entry)).is_some_and(|it| it.is_none() || it == best),
        };
        self.ids().zip(&self.variants).map(candidate).collect()
    }

    /// Where its pathway stands in the order; `None` where that is not asked for.
    fn place(&self, entry: &VariantEntry) -> Option<usize> {
        let is_steered = entry.source == SourceKind::Main && !self.pathways.is_empty();
        let own = pathway(&entry.variant);
        // Those that are not named come last, in the list's order.
        let listed = self.pathways.iter().map(String::as_str);
        let mut all = listed.chain(self.variants.iter().map(|it| pathway(&it.variant)));
        all.position(|it| it == own).filter(|_| is_steered)
    }

    pub fn rendition(&self, id: RenditionId) -> Option<&Rendition> {
        self.renditions.get(id.index()).map(|entry| &entry.rendition)
    }

    /// The audio renditions of all groups.
    pub fn audio(&self) -> impl Iterator<Item = (RenditionId, &Rendition)> {
        let all = self.renditions.iter().map(|entry| &entry.rendition).enumerate();
        let all = all.map(|(index, rendition)| (RenditionId::new(index), rendition));
        all.filter(|(_, rendition)| rendition.kind == RenditionKind::Audio)
    }

    /// The audio track that a rendition is of, by its number.
    pub fn audio_track_of(&self, id: RenditionId) -> Option<usize> {
        let wanted = self.rendition(id)?;
        let mut audio = self.audio();
        Some(audio.find(|(_, other)| is_same_track(other, wanted))?.0.index())
    }

    /// The rendition that the page knows by this number; it is tried again, whatever it did.
    pub fn select_audio(&mut self, track: usize) -> Option<RenditionId> {
        let (id, wanted) = self.audio().find(|(id, _)| id.index() == track)?;
        let wanted = wanted.clone();
        for entry in &mut self.renditions {
            if entry.rendition.kind == wanted.kind && is_same_track(&entry.rendition, &wanted) {
                entry.excluded_until = None;
            }
        }
        Some(id)
    }

    /// The rendition that a stream is loaded from beside a variant, or whose media is in the variant's;
    /// `keep` is the one wanted, or playing now. `None` where there is none.
    pub fn rendition_for(
        &self,
        context: &Context,
        stream: StreamKind,
        variant: VariantId,
        keep: Option<RenditionId>,
    ) -> Option<RenditionId> {
        let entry = self.get(variant)?;
        let mut of_renditions = StreamKind::OF_RENDITIONS.into_iter();
        let (_, kind) = of_renditions.find(|(other, _)| *other == stream)?;
        let group = entry.variant.group(kind)?;
        let kept = keep.and_then(|keep| self.rendition(keep));
        let in_group = self.renditions.iter().enumerate().filter(|(_, other)| {
            other.rendition.kind == kind
                && other.source == entry.source
                && other.rendition.group == group
        });
        // One that works first (but a broken one rather than silence), last file order.
        let (index, _) = in_group.min_by_key(|(index, other)| {
            let is_broken = is_excluded(other.excluded_until, context);
            (is_broken, rank(&other.rendition, kept, &context.config.audio), *index)
        })?;
        Some(RenditionId::new(index))
    }

    /// Subtitles and captions, each once: groups repeat them.
    pub fn text_infos(&self) -> Vec<TextTrackInfo> {
        const FOR_DEAF: &str = "public.accessibility.describes-music-and-sound";
        let mut infos: Vec<TextTrackInfo> = Vec::new();
        for (id, entry) in self.renditions.iter().enumerate() {
            let rendition = &entry.rendition;
            let is_text = match rendition.kind {
                RenditionKind::Subtitles => rendition.url.is_some(),
                RenditionKind::ClosedCaptions => rendition.instream_id.is_some(),
                RenditionKind::Audio | RenditionKind::Video => false,
            };
            let mut before = self.renditions.iter().take(id);
            if !is_text || before.any(|other| is_same_text(&other.rendition, rendition)) {
                continue;
            }
            infos.push(TextTrackInfo {
                id,
                label: rendition.name.clone(),
                language: rendition.language.clone().unwrap_or_default(),
                channel: rendition.instream_id.clone(),
                is_default: rendition.is_default,
                is_autoselect: rendition.is_autoselect,
                is_forced: rendition.is_forced,
                is_for_deaf: rendition.characteristics.iter().any(|it| it == FOR_DEAF),
            });
        }
        infos
    }

    /// The playlist of a text track beside a variant, by [`TextTrackInfo::id`]; that of another
    /// group where the variant's has none.
    pub fn text_url(&self, track: usize, variant: VariantId) -> Option<&str> {
        let wanted = self.renditions.get(track)?;
        let variant = self.get(variant)?;
        let group = variant.variant.group(RenditionKind::Subtitles);
        let beside = self.renditions.iter().find(|other| {
            other.source == variant.source
                && Some(other.rendition.group.as_str()) == group
                && is_same_text(&other.rendition, &wanted.rendition)
        });
        beside.unwrap_or(wanted).rendition.url.as_deref()
    }

    pub fn exclude_rendition(&mut self, context: &Context, rendition: RenditionId) {
        if let Some(entry) = self.renditions.get_mut(rendition.index()) {
            entry.excluded_until = Some(context.now + EXCLUDED_FOR);
        }
    }
}

/// Whether the viewer would see the same entry of a menu in both.
fn is_same_text(one: &Rendition, other: &Rendition) -> bool {
    one.kind == other.kind
        && one.name == other.name
        && one.language == other.language
        && one.instream_id == other.instream_id
        && one.is_forced == other.is_forced
}

/// PATHWAY-ID.
fn pathway(variant: &Variant) -> &str {
    variant.pathway_id.as_deref().unwrap_or(".")
}

fn is_excluded(until: Option<Instant>, context: &Context) -> bool {
    until.is_some_and(|until| context.now < until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EngineConfig;
    use crate::playlist::{Playlist, parse};

    #[test]
    fn a_rendition_is_found_by_its_stream_and_each_list_by_its_url() {
        let text = "#EXTM3U\n#EXT-X-DEFINE:NAME=\"token\",VALUE=\"1\"\n\
            #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"a\",NAME=\"English\",URI=\"s.m3u8\"\n\
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"one\",URI=\"a.m3u8\"\n\
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"two\",DEFAULT=YES,URI=\"b.m3u8\"\n\
            #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8\"\n\
            #EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\",SUBTITLES=\"a\"\nv.m3u8\n\
            #EXT-X-STREAM-INF:BANDWIDTH=2\nw.m3u8\n";
        let Ok(Playlist::Multivariant(list)) = parse(text, "https://h/m.m3u8") else {
            panic!("{text}")
        };
        let (mut set, context) = (
            VariantSet::default(),
            Context::new(EngineConfig::default(), crate::engine::transmuxer),
        );
        set.add(list, SourceKind::Main);
        let find = |variant: usize, keep| {
            let variant = set.find(variant).expect("listed");
            set.rendition_for(&context, StreamKind::Audio, variant, keep)
        };
        let preferred = find(0, None).expect("the default");
        assert_eq!(set.rendition_url(preferred), Some("https://h/b.m3u8"));
        let other = RenditionId::new(1);
        assert_eq!(find(0, Some(other)), Some(other), "what plays goes on");
        assert_eq!(find(1, Some(other)), None, "it has its sound in itself");
        let main = set.find(0).expect("listed");
        assert_eq!(set.rendition_for(&context, StreamKind::Main, main, None), None);
        for name in ["v", "w", "a", "b", "s", "i"] {
            let parent = set.parent_of(&format!("https://h/{name}.m3u8")).expect(name);
            assert_eq!(parent.variables, [("token".to_owned(), "1".to_owned())]);
        }
        assert!(set.parent_of("https://h/x.m3u8").is_none());
    }
}
