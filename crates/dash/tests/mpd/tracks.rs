//! What a player chooses from, and keys.

use videosphere_dash::Playlists;
use videosphere_hls::RenditionKind;

use crate::{URL, media, multivariant, of_fixture};

#[test]
fn languages_and_subtitles_of_a_packager() {
    let playlists = of_fixture("packager.mpd");
    let list = multivariant(&playlists);
    let renditions: Vec<_> = list
        .renditions
        .iter()
        .map(|it| (it.kind, it.language.as_deref().unwrap_or(""), it.is_default))
        .collect();
    use RenditionKind::{Audio, Subtitles};
    let text = (Subtitles, "en", false);
    assert_eq!(renditions, [text, text, text, (Audio, "en", true), (Audio, "de", false)]);
    assert_eq!(list.variants.len(), 1);
    assert_eq!(list.variants[0].subtitles_group.as_deref(), Some("subs"));
    assert_eq!(list.variants[0].frame_rate, Some(25.0));
}

#[test]
fn keys_are_those_of_hls() {
    let mut playlists = of_fixture("packager-cbcs.mpd");
    let list = media(&mut playlists, 0, 1_800_000_000_000.0);
    let segment = list.segments.first().expect("a segment");
    let keys = segment.keys.as_slice();
    let widevine = keys
        .iter()
        .find(|key| key.key_format == "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed")
        .expect("Widevine's");
    assert_eq!(widevine.method, "SAMPLE-AES");
    assert!(widevine.url.as_deref().is_some_and(|url| url.starts_with("data:text/plain;base64,")));
    assert!(widevine.key_id.is_some_and(|id| id[0] == 0xab));
}

fn with(sets: &str) -> Playlists {
    let text = format!("<MPD mediaPresentationDuration='PT4S'><Period>{sets}</Period></MPD>");
    Playlists::new(&text, URL).expect("a manifest")
}

const VIDEO: &str =
    "<Representation id='v' bandwidth='900' codecs='avc1.64001f' width='64' height='32'/>";

#[test]
fn what_is_not_to_be_played_is_kept_apart() {
    let set = |inside: &str| {
        format!(
            "<AdaptationSet mimeType='video/mp4'><SegmentTemplate duration='2' media='$Number$'/>\
             {inside}{VIDEO}</AdaptationSet>"
        )
    };
    let property = |kind: &str, scheme: &str, value: &str| {
        set(&format!("<{kind} schemeIdUri='{scheme}' value='{value}'/>"))
    };
    let unknown = property("EssentialProperty", "urn:example:unknown", "");
    let fast = property("EssentialProperty", "http://dashif.org/guidelines/trickmode", "1");
    let other = property("SupplementalProperty", "urn:example:unknown", "");
    let projected = property("EssentialProperty", "urn:mpeg:mpegI:omaf:2017:pf", "0");
    let cube = property("EssentialProperty", "urn:mpeg:mpegI:omaf:2017:pf", "1");
    let playlists = with(&[set(""), unknown.clone(), fast, other, projected, cube].concat());
    assert_eq!(multivariant(&playlists).variants.len(), 3);
    let text = format!("<MPD mediaPresentationDuration='PT4S'><Period>{unknown}</Period></MPD>");
    let refused = Playlists::new(&text, URL).expect_err("nothing to play");
    assert!(refused.to_string().contains("neither video nor audio"), "{refused}");
}

#[test]
fn captions_in_the_video() {
    let set = |scheme: &str, value: &str| {
        format!(
            "<AdaptationSet mimeType='video/mp4'><SegmentTemplate duration='2' media='$Number$'/>\
             <Accessibility schemeIdUri='urn:scte:dash:cc:{scheme}:2015' value='{value}'/>\
             {VIDEO}</AdaptationSet>"
        )
    };
    for (scheme, value, expected) in [
        ("cea-608", "CC1=eng;CC3=swe", vec![("CC1", "eng"), ("CC3", "swe")]),
        ("cea-608", "eng;deu", vec![("CC1", "eng"), ("CC3", "deu")]),
        ("cea-708", "1=lang:eng;2=lang:deu,war:1", vec![("SERVICE1", "eng"), ("SERVICE2", "deu")]),
    ] {
        let list = multivariant(&with(&set(scheme, value)));
        let found: Vec<_> = list
            .renditions
            .iter()
            .filter_map(|it| Some((it.instream_id.as_deref()?, it.language.as_deref()?)))
            .collect();
        assert_eq!(found, expected, "{value}");
    }
}

#[test]
fn sound_befits_the_picture() {
    let video =
        |id: u32| format!("<Representation id='v{id}' bandwidth='{id}000' codecs='avc1.64001f'/>");
    let audio = |id: &str, bps: u32, codecs: &str| {
        format!("<Representation id='{id}' bandwidth='{bps}' codecs='{codecs}'/>")
    };
    let template = "<SegmentTemplate duration='2' media='$RepresentationID$-$Number$'/>";
    let list = multivariant(&with(&format!(
        "<AdaptationSet mimeType='video/mp4'>{template}{}{}{}</AdaptationSet>\
         <AdaptationSet mimeType='audio/mp4' lang='en'><Label>Original</Label>{template}{}{}</AdaptationSet>\
         <AdaptationSet mimeType='audio/mp4' lang='en'>\
         <Accessibility schemeIdUri='urn:tva:metadata:cs:AudioPurposeCS:2007' value='1'/>\
         {template}{}</AdaptationSet>\
         <AdaptationSet mimeType='audio/mp4' lang='en'>{template}{}</AdaptationSet>",
        video(1),
        video(2),
        video(3),
        audio("low", 64, "mp4a.40.2"),
        audio("high", 128, "mp4a.40.2"),
        audio("described", 96, "mp4a.40.2"),
        audio("surround", 384, "ec-3"),
    )));
    let bandwidths: Vec<u64> = list.variants.iter().map(|it| it.bandwidth_bps).collect();
    assert_eq!(bandwidths, [1064, 2128, 3128, 1384, 2384, 3384]);
    let codecs: Vec<&str> = list.variants.iter().map(|it| it.codecs[1].as_str()).collect();
    assert_eq!(codecs, ["mp4a.40.2", "mp4a.40.2", "mp4a.40.2", "ec-3", "ec-3", "ec-3"]);
    let described = list.renditions.iter().find(|it| !it.characteristics.is_empty());
    let described = described.expect("a description");
    assert_eq!(described.characteristics, ["public.accessibility.describes-video"]);
    assert_eq!(list.renditions[0].name, "Original");
}
