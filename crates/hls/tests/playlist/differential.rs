//! Another parser's opinion: `hls_m3u8`, on what it accepts, as a whole and tag by tag.

use std::fmt::Write;

use hls_m3u8::tags::{ExtInf, ExtXKey, ExtXMap, ExtXMedia, VariantStream};
use hls_m3u8::{MasterPlaylist, MediaPlaylist};
use videosphere_hls::{Playlist, parse};

use super::{Random, fixtures, media, multivariant};

/// An absolute URL with nothing to resolve keeps both parsers' URIs comparable.
fn absolute(uri: &str) -> String {
    url::Url::parse(super::URL).and_then(|base| base.join(uri)).expect("a URI").to_string()
}

fn compare_media(text: &str, theirs: &MediaPlaylist<'_>) {
    let ours = media(text);
    assert_eq!(ours.target_duration_secs, theirs.target_duration.as_secs_f64());
    assert_eq!(ours.media_sequence, theirs.media_sequence as u64);
    assert_eq!(ours.discontinuity_sequence, theirs.discontinuity_sequence as u64);
    assert_eq!(ours.is_ended, theirs.has_end_list);
    assert_eq!(ours.independent_segments, theirs.has_independent_segments);
    assert_eq!(ours.segments.len(), theirs.segments.values().count());
    let mut discontinuity_sequence = ours.discontinuity_sequence;
    let mut map = None;
    for (ours, theirs) in ours.segments.iter().zip(theirs.segments.values()) {
        discontinuity_sequence += u64::from(theirs.has_discontinuity);
        assert_eq!(ours.discontinuity_sequence, discontinuity_sequence);
        assert_eq!(ours.media_sequence, theirs.number() as u64);
        assert_eq!(ours.url, absolute(theirs.uri()));
        // Theirs are rounded to nanoseconds.
        assert!((ours.duration_secs - theirs.duration.duration().as_secs_f64()).abs() < 2e-9);
        let range = theirs.byte_range.map(|range| (range.start().unwrap_or(0), range.len()));
        let our_range = ours
            .byte_range
            .map(|range| (range.offset as usize, range.length.unwrap_or(0) as usize));
        assert_eq!(our_range, range);
        // Theirs stands only where the tag stood.
        map = theirs.map.as_ref().map(|map| absolute(map.uri())).or(map);
        assert_eq!(ours.map.as_ref().map(|map| map.url.clone()), map);
        let their_key = theirs.keys.iter().find_map(|key| key.0.as_ref());
        assert_eq!(
            ours.keys.identity().and_then(|key| key.url.clone()),
            their_key.map(|key| absolute(key.uri()))
        );
        assert_eq!(ours.program_date_time_millis.is_some(), theirs.program_date_time.is_some());
    }
}

fn compare_multivariant(text: &str, theirs: &MasterPlaylist<'_>) {
    let ours = multivariant(text);
    let variants = ours.variants.iter().chain(&ours.iframe_variants);
    let (plain, iframes): (Vec<_>, Vec<_>) = theirs
        .variant_streams
        .iter()
        .partition(|stream| matches!(stream, VariantStream::ExtXStreamInf { .. }));
    assert_eq!((ours.variants.len(), ours.iframe_variants.len()), (plain.len(), iframes.len()));
    for (ours, theirs) in variants.zip(plain.iter().chain(&iframes)) {
        assert_eq!(ours.bandwidth_bps, theirs.bandwidth());
        assert_eq!(ours.average_bandwidth_bps, theirs.average_bandwidth());
        let size = theirs.resolution().map_or((0, 0), |it| (it.width(), it.height()));
        assert_eq!((ours.width_px as usize, ours.height_px as usize), size);
        let codecs: Vec<String> = theirs
            .codecs()
            .map(|codecs| codecs.iter().map(|codec| codec.to_string()).collect())
            .unwrap_or_default();
        assert_eq!(ours.codecs, codecs);
        let uri = match theirs {
            VariantStream::ExtXStreamInf { uri, audio, .. } => {
                assert_eq!(ours.audio_group.as_deref(), audio.as_deref());
                uri
            }
            VariantStream::ExtXIFrame { uri, .. } => uri,
        };
        assert_eq!(ours.url, absolute(uri));
    }
    assert_eq!(ours.renditions.len(), theirs.media.len());
    for (ours, theirs) in ours.renditions.iter().zip(&theirs.media) {
        compare_rendition(ours, theirs);
    }
}

fn compare_rendition(ours: &videosphere_hls::Rendition, theirs: &ExtXMedia<'_>) {
    assert_eq!(ours.group, **theirs.group_id());
    assert_eq!(ours.name, **theirs.name());
    assert_eq!(ours.url, theirs.uri().map(|uri| absolute(uri)));
    assert_eq!((ours.is_default, ours.is_autoselect), (theirs.is_default, theirs.is_autoselect));
}

#[test]
fn examples_agree() {
    let mut compared = 0;
    for (_, text) in fixtures() {
        if let Ok(theirs) = MasterPlaylist::try_from(text.as_str()) {
            compare_multivariant(&text, &theirs);
            compared += 1;
        } else if let Ok(theirs) = MediaPlaylist::try_from(text.as_str()) {
            compare_media(&text, &theirs);
            compared += 1;
        }
    }
    assert!(compared >= 7, "only {compared} examples were accepted by the other parser");
}

#[test]
fn generated_media_playlists_agree() {
    let mut compared = 0;
    for seed in 0..400 {
        let text = media_text(&mut Random(seed));
        if let Ok(theirs) = MediaPlaylist::try_from(text.as_str()) {
            compare_media(&text, &theirs);
            compared += 1;
        } else {
            assert!(parse(&text, super::URL).is_ok(), "{text}");
        }
    }
    assert!(compared > 300, "only {compared} of 400 were accepted by the other parser");
}

fn media_text(random: &mut Random) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:10\n");
    let number = random.below(1_000_000);
    writeln!(text, "#EXT-X-MEDIA-SEQUENCE:{number}").expect("a string");
    if random.one_in(2) {
        writeln!(text, "#EXT-X-DISCONTINUITY-SEQUENCE:{}", random.below(9)).expect("a string");
    }
    let has_ranges = random.one_in(3);
    for index in 0..random.below(20) + 1 {
        if random.one_in(6) {
            text.push_str("#EXT-X-DISCONTINUITY\n");
        }
        if random.one_in(5) {
            let key = random.below(100);
            writeln!(text, "#EXT-X-KEY:METHOD=AES-128,URI=\"k{key}\",IV=0x{key:032x}")
                .expect("a string");
        }
        if random.one_in(5) {
            writeln!(text, "#EXT-X-MAP:URI=\"../init{}.mp4\"", random.below(9)).expect("a string");
        }
        if random.one_in(4) {
            text.push_str("#EXT-X-PROGRAM-DATE-TIME:2024-02-29T23:59:59.999+02:00\n");
        }
        if has_ranges {
            // The first must have an offset.
            let offset = if index == 0 || random.one_in(2) { "@77" } else { "" };
            writeln!(text, "#EXT-X-BYTERANGE:{}{offset}", random.below(1 << 20)).expect("a string");
        }
        let uri = if has_ranges { "all.mp4".into() } else { format!("s/{index}.ts?a=b") };
        let millis = random.below(10_000);
        write!(text, "#EXTINF:{}.{:03},t\n{uri}\n", millis / 1000, millis % 1000)
            .expect("a string");
    }
    if random.one_in(2) {
        text.push_str("#EXT-X-ENDLIST\n");
    }
    text
}

#[test]
fn generated_multivariant_playlists_agree() {
    for seed in 0..400 {
        let random = &mut Random(seed);
        let mut text = String::from("#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n");
        for index in 0..random.below(4) {
            let default = if index == 0 { "YES" } else { "NO" };
            writeln!(
                text,
                "#EXT-X-MEDIA:TYPE=AUDIO,URI=\"a/{index}.m3u8\",GROUP-ID=\"g\",LANGUAGE=\"en\",\
                 NAME=\"n, {index}\",DEFAULT={default},AUTOSELECT=YES"
            )
            .expect("a string");
        }
        let has_audio = text.contains("TYPE=AUDIO");
        for index in 0..random.below(6) + 1 {
            write!(text, "#EXT-X-STREAM-INF:BANDWIDTH={}", random.below(1 << 30))
                .expect("a string");
            if random.one_in(2) {
                let (width, height) = (random.below(8192), random.below(4096));
                write!(text, ",RESOLUTION={width}x{height}").expect("a string");
            }
            if random.one_in(2) {
                text.push_str(",CODECS=\"avc1.640028,mp4a.40.2\"");
            }
            if has_audio {
                text.push_str(",AUDIO=\"g\"");
            }
            write!(text, ",AVERAGE-BANDWIDTH={index}\nv/{index}.m3u8\n").expect("a string");
        }
        let theirs =
            MasterPlaylist::try_from(text.as_str()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        compare_multivariant(&text, &theirs);
    }
}

/// Single tags, the other parser's types for them against ours in the smallest playlist.
#[test]
fn tags_agree() {
    for inf in ["#EXTINF:9.009,", "#EXTINF:0,title", "#EXTINF:3.3333333333", "#EXTINF:10.5,a,b"] {
        let theirs = ExtInf::try_from(inf).expect("accepted");
        let ours = media(&format!("#EXTM3U\n{inf}\na.ts\n#EXTINF:4,\nb.ts\n"));
        let ours = &ours.segments[0];
        assert!((ours.duration_secs - theirs.duration().as_secs_f64()).abs() < 1e-9, "{inf}");
        let title = theirs.title().as_ref().map(|title| title.to_string());
        assert_eq!(
            ours.title.as_deref(),
            title.as_deref().filter(|title| !title.is_empty()),
            "{inf}"
        );
    }
    for key in [
        "#EXT-X-KEY:METHOD=AES-128,URI=\"https://k/1,2\",IV=0x10ef8f758ca555115584bb5b3c687f52",
        "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k?a=b\"",
        "#EXT-X-KEY:METHOD=NONE",
    ] {
        let theirs = ExtXKey::try_from(key).expect("accepted");
        let ours = media(&format!("#EXTM3U\n{key}\n#EXTINF:1,\na.ts\n"));
        let ours = ours.segments[0].keys.identity().cloned();
        assert_eq!(ours.is_some(), theirs.is_some(), "{key}");
        let (Some(ours), Some(theirs)) = (ours, theirs.as_ref()) else { continue };
        assert_eq!(ours.url, Some(absolute(theirs.uri())));
        assert_eq!(ours.method, theirs.method.to_string());
        assert_eq!(ours.iv, theirs.iv.to_slice());
    }
    let map = "#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"719@10\"";
    let theirs = ExtXMap::try_from(map).expect("accepted");
    let ours = media(&format!("#EXTM3U\n{map}\n#EXTINF:1,\na.ts\n"));
    let ours = ours.segments[0].map.clone().expect("a map");
    let (range, their_range) = (ours.byte_range.expect("ours"), theirs.range().expect("theirs"));
    assert_eq!(Some(range.offset as usize), their_range.start());
    assert_eq!(range.length, Some(their_range.len() as u64));

    let medium = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x=\",URI=\"a.m3u8\",DEFAULT=YES,AUTOSELECT=YES";
    let theirs = ExtXMedia::try_from(medium).expect("accepted");
    let ours = multivariant(&format!("#EXTM3U\n{medium}\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n"));
    compare_rendition(&ours.renditions[0], &theirs);

    // Where the two part ways on purpose: what the other refuses and players must play.
    let newer = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n";
    assert!(MediaPlaylist::try_from(newer).is_err());
    assert!(matches!(parse(newer, super::URL), Ok(Playlist::Media(_))));
}
