//! Which audio rendition of a group plays beside a variant (RFC 8216bis 4.4.6.1), and what of it the
//! page sees: tracks, each of which has a rendition in every group.
//!
//! In: renditions, the one that the page chose or that plays, the languages that are preferred. Out:
//! ranks, and [`AudioTrackInfo`]s. It loads nothing.

use super::kinds::RenditionId;
use super::output::AudioTrackInfo;
use crate::config::AudioConfig;
use crate::playlist::Rendition;

/// What sound describes that is only seen.
const DESCRIBES_VIDEO: &str = "public.accessibility.describes-video";

/// The page's choice, and what became of it.
#[derive(Debug, Default)]
pub(super) struct AudioChoice {
    /// A rendition of the track that the page chose.
    pub wish: Option<RenditionId>,
    /// What played before the present one: it takes its place where that fails.
    pub before: Option<RenditionId>,
    /// The track that the page was told of last.
    pub reported: Option<usize>,
    /// Codecs of the sound to change to, which the browser is being asked about.
    pub awaited_codecs: Vec<String>,
}

/// One and the same to the viewer: groups hold it in different encodings.
pub(super) fn is_same_track(one: &Rendition, other: &Rendition) -> bool {
    one.name == other.name && one.language == other.language
}

/// Of two renditions the lower one is played.
pub(super) type Rank = (u8, usize, bool, usize, bool, bool);

/// How far a rendition is from what is wanted.
pub(super) fn rank(
    rendition: &Rendition,
    wanted: Option<&Rendition>,
    config: &AudioConfig,
) -> Rank {
    let language = rendition.language.as_deref();
    let is_offered = rendition.is_autoselect;
    let of_viewer = if is_offered { preference(&config.viewer_languages, language) } else { LAST };
    (
        wanted.map_or(0, |wanted| unlikeness(rendition, wanted)),
        preference(&config.languages, language),
        describes_video(rendition),
        of_viewer,
        !rendition.is_default,
        !rendition.is_autoselect,
    )
}

/// Nobody asked for it.
const LAST: usize = usize::MAX;

/// The place of a language among those preferred, its own region before another one (RFC 4647 3.4).
fn preference(preferred: &[String], language: Option<&str>) -> usize {
    let Some(language) = language else { return LAST };
    let base = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
    let place = |wanted: &String| match wanted {
        wanted if wanted.eq_ignore_ascii_case(language) => Some(0),
        wanted => (base(wanted) == base(language)).then_some(1),
    };
    let mut places = preferred.iter().map(place).enumerate();
    places.find_map(|(index, place)| Some(2 * index + place?)).unwrap_or(LAST)
}

/// 0 for the same encoded as it is; more, the less it has in common.
fn unlikeness(rendition: &Rendition, wanted: &Rendition) -> u8 {
    let is_as_wide = u8::from(rendition.channel_count() != wanted.channel_count());
    let is_of_language = rendition.language == wanted.language;
    let is_of_kind = rendition.characteristics == wanted.characteristics;
    match () {
        () if is_same_track(rendition, wanted) => is_as_wide,
        () if is_of_language && is_of_kind => 2 + is_as_wide,
        () if is_of_language => 4,
        () => 5,
    }
}

fn describes_video(rendition: &Rendition) -> bool {
    rendition.characteristics.iter().any(|it| it == DESCRIBES_VIDEO)
}

/// The tracks as the page sees them, each once.
pub(super) fn infos<'a>(
    audio: impl Iterator<Item = (RenditionId, &'a Rendition)>,
) -> Vec<AudioTrackInfo> {
    let mut seen: Vec<&Rendition> = Vec::new();
    let mut infos = Vec::new();
    for (id, rendition) in audio {
        if seen.iter().any(|other| is_same_track(other, rendition)) {
            continue;
        }
        seen.push(rendition);
        infos.push(AudioTrackInfo {
            id: id.index(),
            label: rendition.name.clone(),
            language: rendition.language.clone().unwrap_or_default(),
            channels: rendition.channels.clone().unwrap_or_default(),
            is_default: rendition.is_default,
            describes_video: describes_video(rendition),
        });
    }
    infos
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendition(name: &str, language: &str, flags: &str) -> Rendition {
        Rendition {
            name: name.to_owned(),
            language: Some(language.to_owned()),
            is_default: flags.contains('d'),
            is_autoselect: flags.contains('d') || flags.contains('a'),
            characteristics: if flags.contains('v') {
                vec![DESCRIBES_VIDEO.to_owned()]
            } else {
                Vec::new()
            },
            channels: Some(if flags.contains('6') { "6" } else { "2" }.to_owned()),
            ..Rendition::default()
        }
    }

    fn config(languages: &[&str], viewer_languages: &[&str]) -> AudioConfig {
        let owned = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
        AudioConfig { languages: owned(languages), viewer_languages: owned(viewer_languages) }
    }

    fn chosen<'a>(
        list: &'a [Rendition],
        wanted: Option<&Rendition>,
        config: &AudioConfig,
    ) -> (&'a str, u32) {
        let best = list.iter().min_by_key(|it| rank(it, wanted, config)).expect("one at least");
        (best.name.as_str(), best.channel_count().unwrap_or(0))
    }

    #[test]
    fn the_page_goes_before_the_viewer_and_the_viewer_before_the_author() {
        let list = [
            rendition("Svenska", "sv", ""),
            rendition("English, described", "en", "av"),
            rendition("English", "en", "a"),
            rendition("Deutsch", "de", "d"),
            rendition("English (UK)", "en-GB", "a"),
        ];
        let by = |languages, viewer| chosen(&list, None, &config(languages, viewer)).0;
        assert_eq!(by(&[], &[]), "Deutsch");
        assert_eq!(by(&[], &["fr", "en-US", "de"]), "English");
        assert_eq!(by(&[], &["en-gb"]), "English (UK)");
        assert_eq!(by(&[], &["sv"]), "Deutsch", "its author does not offer it by itself");
        assert_eq!(by(&["sv-SE"], &["en"]), "Svenska");
        assert_eq!(by(&["en"], &["en-GB"]), "English");
        let described = chosen(&list, Some(&list[1]), &config(&["de"], &[])).0;
        assert_eq!(described, "English, described");
    }

    #[test]
    fn the_same_track_is_found_in_another_group() {
        let list = [
            rendition("English", "en", "d"),
            rendition("English", "en", "6"),
            rendition("Deutsch", "de", ""),
            rendition("Deutsch (Kino)", "de", "6"),
        ];
        let none = config(&["en"], &["en"]);
        let of = |wanted: &Rendition| chosen(&list, Some(wanted), &none);
        assert_eq!(of(&rendition("English", "en", "6")), ("English", 6));
        assert_eq!(of(&rendition("English", "en", "")), ("English", 2));
        assert_eq!(of(&rendition("Ton", "de", "6")), ("Deutsch (Kino)", 6));
        assert_eq!(of(&rendition("Ton", "de", "v")), ("Deutsch", 2));
        assert_eq!(of(&rendition("Suomi", "fi", "")), ("English", 2));
        let ids = infos(list.iter().enumerate().map(|(id, it)| (RenditionId::new(id), it)));
        assert_eq!(ids.iter().map(|it| it.id).collect::<Vec<_>>(), [0, 2, 3]);
    }
}
