//! Writes the tracks as a multivariant playlist (RFC 8216bis 4.4.6).
//!
//! In: tracks. Out: text. Each video is a variant for each codec of the sound, with sound of a bandwidth that
//! befits it (ISO/IEC 23009-1 leaves the pairing to the player); where there are several bases, all of it once
//! for each, as redundant variants. Tracks for trick play are left out, thumbnails are listed apart.

use crate::media_playlist::{push, quoted};
use crate::model::{Addressing, Kind, Media};
use crate::tracks::{Track, family};

/// The fragment of made-up addresses, before the numbers.
pub(crate) const MARK: &str = "#dash-track=";
/// Languages of captions are few.
const MAX_CAPTIONS: usize = 16;

type Numbered<'a> = (usize, &'a Track);

pub(crate) fn write(tracks: &[Track], url: &str) -> String {
    let url = url.split('#').next().unwrap_or(url);
    let played = || tracks.iter().enumerate().filter(|(_, track)| !track.set.is_trick_play);
    let of = |kind| played().filter(|(_, it)| it.set.kind == kind).collect::<Vec<Numbered<'_>>>();
    let (mut videos, audios) = (of(Kind::Video), of(Kind::Audio));
    videos.sort_by_key(|(_, it)| it.representation.bandwidth_bps);
    let mut page = Page { text: String::from("#EXTM3U\n#EXT-X-VERSION:8\n"), url };
    let mut families: Vec<&str> = Vec::new();
    for (_, track) in &audios {
        let family = family(&track.representation.codecs);
        if !families.contains(&family) {
            families.push(family);
        }
    }
    let texts = of(Kind::Text);
    for (index, text) in texts.iter().enumerate() {
        page.rendition("SUBTITLES", "subs", *text, 0, index == 0);
    }
    let has_captions = page.captions(&videos);
    let extras = Extras { has_texts: !texts.is_empty(), has_captions };
    let bases = videos.iter().chain(&audios).map(|(_, it)| base_count(it)).max().unwrap_or(1);
    for base in 0..bases {
        if videos.is_empty() {
            for audio in &audios {
                page.variant(*audio, None, base, extras);
            }
        } else if families.is_empty() {
            for video in &videos {
                page.variant(*video, None, base, extras);
            }
        }
        if videos.is_empty() {
            continue;
        }
        for (family_index, name) in families.iter().enumerate() {
            let of_family =
                || audios.iter().filter(|(_, it)| family(&it.representation.codecs) == *name);
            let tiers = tiers(of_family());
            let groups: Vec<String> =
                (0..tiers).map(|tier| format!("audio{family_index}-{tier}-{base}")).collect();
            for (tier, group) in groups.iter().enumerate() {
                page.group(group, of_family(), tier, base);
            }
            for (place, video) in videos.iter().enumerate() {
                // The lowest with the lowest, the highest with the highest.
                let tier =
                    (place * (tiers - 1) + (videos.len() - 1) / 2) / (videos.len() - 1).max(1);
                let tier = tier.min(tiers - 1);
                let chosen = tier_of(of_family(), tier).into_iter().next();
                if let (Some(group), Some(audio)) = (groups.get(tier), chosen) {
                    page.variant(*video, Some((group, audio)), base, extras);
                }
            }
        }
    }
    for image in of(Kind::Image) {
        page.images(image);
    }
    page.text
}

/// The most bandwidths that a set of these has.
fn tiers<'a>(tracks: impl Iterator<Item = &'a Numbered<'a>>) -> usize {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for (_, track) in tracks {
        match counts.iter_mut().find(|(set, _)| *set == track.set_index) {
            Some((_, count)) => *count += 1,
            None => counts.push((track.set_index, 1)),
        }
    }
    counts.iter().map(|(_, count)| *count).max().unwrap_or(1)
}

/// Of each set the track of this tier, or its best below it.
fn tier_of<'a>(
    tracks: impl Iterator<Item = &'a Numbered<'a>>,
    tier: usize,
) -> Vec<&'a Numbered<'a>> {
    let mut chosen: Vec<(usize, &Numbered<'_>)> = Vec::new();
    for numbered in tracks {
        let set = numbered.1.set_index;
        match chosen.iter_mut().find(|(_, other)| other.1.set_index == set) {
            Some((rank, _)) if *rank >= tier => {}
            Some(entry) => *entry = (entry.0 + 1, numbered),
            None => chosen.push((0, numbered)),
        }
    }
    chosen.into_iter().map(|(_, numbered)| numbered).collect()
}

fn base_count(track: &Track) -> usize {
    match &track.representation.addressing {
        Addressing::Segments(segments) if matches!(segments.media, Media::Pattern(_)) => {
            track.representation.base_urls.len().max(1)
        }
        _ => 1,
    }
}

#[derive(Clone, Copy)]
struct Extras {
    has_texts: bool,
    has_captions: bool,
}

struct Page<'a> {
    text: String,
    url: &'a str,
}

impl Page<'_> {
    fn push(&mut self, parts: &[&str]) {
        push(&mut self.text, parts);
    }

    fn address(&self, track: usize, base: usize) -> String {
        let mut address = quoted(self.url);
        push(&mut address, &[MARK, &track.to_string(), ".", &base.to_string()]);
        address
    }

    fn group<'a>(
        &mut self,
        group: &str,
        tracks: impl Iterator<Item = &'a Numbered<'a>>,
        tier: usize,
        base: usize,
    ) {
        let chosen = tier_of(tracks, tier);
        // `main` is what plays where nobody says otherwise (5.8.5.5).
        let main = chosen.iter().position(|(_, track)| track.has_role("main")).unwrap_or(0);
        for (index, numbered) in chosen.into_iter().enumerate() {
            self.rendition("AUDIO", group, *numbered, base, index == main);
        }
    }

    fn rendition(
        &mut self,
        kind: &str,
        group: &str,
        of: Numbered<'_>,
        base: usize,
        is_first: bool,
    ) {
        let (number, track) = of;
        let language = track.set.language.as_deref();
        let name = track.set.label.clone().unwrap_or_else(|| {
            let mut name = language.unwrap_or("und").to_owned();
            for role in track.set.roles.iter().filter(|role| *role != "main" && *role != "subtitle")
            {
                push(&mut name, &[" (", role, ")"]);
            }
            name
        });
        self.push(&[
            "#EXT-X-MEDIA:TYPE=",
            kind,
            ",GROUP-ID=\"",
            group,
            "\",NAME=\"",
            &quoted(&name),
        ]);
        self.push(&["\""]);
        if let Some(language) = language {
            self.push(&[",LANGUAGE=\"", &quoted(language), "\""]);
        }
        let is_forced = track.has_role("forced-subtitle") || track.has_role("forced_subtitle");
        let is_text = kind == "SUBTITLES";
        let is_default = if is_text { track.has_role("main") } else { is_first };
        self.push(&[if is_default { ",DEFAULT=YES,AUTOSELECT=YES" } else { ",AUTOSELECT=YES" }]);
        if is_forced && is_text {
            self.push(&[",FORCED=YES"]);
        }
        let characteristics = characteristics(track);
        if !characteristics.is_empty() {
            self.push(&[",CHARACTERISTICS=\"", &characteristics.join(","), "\""]);
        }
        if let Some(channels) = track.representation.channels.filter(|_| !is_text) {
            self.push(&[",CHANNELS=\"", &channels.to_string(), "\""]);
        }
        let address = self.address(number, base);
        self.push(&[",URI=\"", &address, "\"\n"]);
    }

    fn variant(
        &mut self,
        of: Numbered<'_>,
        audio: Option<(&String, &Numbered<'_>)>,
        base: usize,
        extras: Extras,
    ) {
        let (number, track) = of;
        let it = &track.representation;
        let sound = audio.map(|(_, (_, track))| &track.representation);
        let bandwidth =
            it.bandwidth_bps.saturating_add(sound.map_or(0, |it| it.bandwidth_bps)).max(1);
        self.push(&["#EXT-X-STREAM-INF:BANDWIDTH=", &bandwidth.to_string()]);
        let codecs = [it.codecs.as_str(), sound.map_or("", |it| it.codecs.as_str())];
        let is_known = !it.codecs.is_empty() && sound.is_none_or(|it| !it.codecs.is_empty());
        if is_known {
            let codecs: Vec<&str> = codecs.into_iter().filter(|it| !it.is_empty()).collect();
            self.push(&[",CODECS=\"", &quoted(&codecs.join(",")), "\""]);
        }
        if it.width_px > 0 && it.height_px > 0 {
            let size = [",RESOLUTION=", &it.width_px.to_string(), "x", &it.height_px.to_string()];
            self.push(&size);
        }
        if let Some(rate) = it.frame_rate_milli {
            let fraction = (1000 + rate % 1000).to_string();
            let rate = (rate / 1000).to_string();
            self.push(&[",FRAME-RATE=", &rate, ".", fraction.get(1..).unwrap_or("000")]);
        }
        if let Some((group, _)) = audio {
            self.push(&[",AUDIO=\"", group, "\""]);
        }
        if extras.has_texts {
            self.push(&[",SUBTITLES=\"subs\""]);
        }
        if extras.has_captions {
            self.push(&[",CLOSED-CAPTIONS=\"cc\""]);
        }
        let address = self.address(number, base);
        self.push(&["\n", &address, "\n"]);
    }

    /// Captions within the video (SCTE 214-1, 7.2 for 608 and 708); true where there are any.
    fn captions(&mut self, videos: &[Numbered<'_>]) -> bool {
        let mut known: Vec<String> = Vec::new();
        for (_, track) in videos {
            for it in &track.set.accessibility {
                let (prefix, is_708) = match it.scheme.as_str() {
                    "urn:scte:dash:cc:cea-608:2015" => ("CC", false),
                    "urn:scte:dash:cc:cea-708:2015" => ("SERVICE", true),
                    _ => continue,
                };
                for (index, entry) in it.value.split(';').enumerate() {
                    let (id, language) = entry.split_once('=').unwrap_or(("", entry));
                    let id = match (id.trim_start_matches(prefix).trim_ascii(), is_708) {
                        // Channels 1 and 3 where only languages stand.
                        ("", false) => (index * 2 + 1).to_string(),
                        ("", true) => (index + 1).to_string(),
                        (id, _) => id.to_owned(),
                    };
                    let id = format!("{prefix}{}", quoted(&id));
                    let language =
                        language.split(',').find_map(|part| match part.split_once(':') {
                            Some(("lang", language)) => Some(language),
                            Some(_) => None,
                            None => Some(part),
                        });
                    let language = quoted(language.unwrap_or("").trim_ascii());
                    if known.contains(&id) || known.len() >= MAX_CAPTIONS {
                        continue;
                    }
                    let name = if language.is_empty() { &id } else { &language };
                    self.push(&["#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"", name]);
                    if !language.is_empty() {
                        self.push(&["\",LANGUAGE=\"", &language]);
                    }
                    self.push(&["\",INSTREAM-ID=\"", &id, "\",AUTOSELECT=YES\n"]);
                    known.push(id);
                }
            }
        }
        !known.is_empty()
    }

    /// Thumbnails (Image Media Playlists, as Roku and others list them).
    fn images(&mut self, of: Numbered<'_>) {
        let (number, track) = of;
        let it = &track.representation;
        let codec = if it.mime == "image/png" { "png" } else { "jpeg" };
        let (width, height) = (it.width_px.to_string(), it.height_px.to_string());
        let address = self.address(number, 0);
        self.push(&["#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=", &it.bandwidth_bps.to_string()]);
        self.push(&[
            ",RESOLUTION=",
            &width,
            "x",
            &height,
            ",CODECS=\"",
            codec,
            "\",URI=\"",
            &address,
        ]);
        self.push(&["\"\n"]);
    }
}

/// CHARACTERISTICS of what a set does for whom (RFC 8216bis 4.4.6.1.1).
fn characteristics(track: &Track) -> Vec<&'static str> {
    let describes =
        track.has_role("description")
            || track.set.accessibility.iter().any(|it| {
                it.scheme == "urn:tva:metadata:cs:AudioPurposeCS:2007" && it.value == "1"
            });
    let mut found = Vec::new();
    if describes && track.set.kind == Kind::Audio {
        found.push("public.accessibility.describes-video");
    }
    if track.has_role("caption") && track.set.kind == Kind::Text {
        found.push("public.accessibility.transcribes-spoken-dialog");
        found.push("public.accessibility.describes-music-and-sound");
    }
    if track.has_role("easyreader") {
        found.push("public.easy-to-read");
    }
    found
}
