//! Playlists as others write them, right, odd or wrong: each plays, or says why it does not. Real
//! MPEG-TS of the fixtures behind lists of the scenario's own.

use std::rc::Rc;

use videosphere::error::Error;
use videosphere::media::TrackKind;

use crate::BASE;
use crate::bed::Bed;
use crate::cbc;
use crate::origin::{Origin, Reply};

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Four seconds as two segments, s0.ts and s1.ts, and these lists.
fn origin(lists: &[(&str, &str)]) -> Origin {
    let mut origin = Origin::vod(BASE, Vec::new());
    for (name, text) in lists {
        origin.files.insert((*name).to_owned(), Rc::new(text.as_bytes().to_vec()));
    }
    for (name, file) in [("s0.ts", "vod_0.ts"), ("s1.ts", "vod_1.ts")] {
        origin.files.insert(name.to_owned(), Rc::new(fixture(file)));
    }
    origin
}

const HEAD: &str = "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:2\n";
const MEDIA: &str = "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:2\n\
    #EXTINF:2,\ns0.ts\n#EXTINF:2,\ns1.ts\n#EXT-X-ENDLIST\n";

fn multivariant(codecs: &str) -> String {
    format!(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=200000,RESOLUTION=96x54,CODECS=\"{codecs}\"\n\
         index.m3u8\n"
    )
}

fn play(origin: Origin, name: &str) -> Bed {
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}{name}"));
    bed
}

/// Plays to the end, which is where the media says.
fn assert_plays(bed: &mut Bed, what: &str) {
    let has_ended = bed.run_until(10.0, |bed| bed.element.state.is_ended);
    assert!(has_ended, "{what}: at {}, {:?}", bed.at_secs(), bed.errors);
    assert!((bed.at_secs() - 4.0).abs() < 0.2, "{what}: ended at {}", bed.at_secs());
    assert_eq!(bed.codes(), Vec::<&str>::new(), "{what}");
    let kinds: Vec<TrackKind> = bed.element.tracks.keys().copied().collect();
    assert_eq!(kinds, [TrackKind::Video, TrackKind::Audio], "{what}");
}

/// What Chromium on a machine without HEVC refuses.
fn refused() -> Vec<String> {
    ["wvtt", "stpp", "avc1.66", "mp4a.40.34", "hvc1", "hev1", "dvh1", "ac-3", "ec-3", "zzzz"]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn codec_names_are_hints() {
    for codecs in [
        "avc1.64000a,mp4a.40.2,wvtt",
        "avc1.64000a,mp4a.40.2,stpp.ttml.im1t",
        "avc1.66.30,mp4a.40.2",
        "AVC1.64000A,MP4A.40.2",
        "avc1.64000a , mp4a.40.2 ",
        "avc1.64000a,mp4a.40.34",
        "avc1.64000a,mp4a.40.2,zzzz.1",
        // One of a group's renditions will do (RFC 8216bis 4.4.6.2).
        "avc1.64000a,ec-3,mp4a.40.2",
        // The picture may play without its sound; here the media has another one.
        "avc1.64000a,ac-3",
        "zzzz.1",
        "wvtt",
        "",
    ] {
        let list = multivariant(codecs);
        let mut bed = Bed::new(1, vec![origin(&[("master.m3u8", &list), ("index.m3u8", MEDIA)])]);
        bed.refused_codecs = refused();
        bed.play(&format!("{BASE}master.m3u8"));
        assert_plays(&mut bed, codecs);
    }
}

#[test]
fn what_the_browser_truly_refuses_is_left_out() {
    let variants = |names: &[&str]| {
        let mut text = "#EXTM3U\n".to_owned();
        for (index, codecs) in names.iter().enumerate() {
            let bandwidth_bps = 200_000 + index;
            text += &format!(
                "#EXT-X-STREAM-INF:BANDWIDTH={bandwidth_bps},CODECS=\"{codecs}\"\nindex.m3u8\n"
            );
        }
        text
    };
    let playable = |names: &[&str]| {
        let list = variants(names);
        let mut bed = Bed::new(1, vec![origin(&[("master.m3u8", &list), ("index.m3u8", MEDIA)])]);
        bed.refused_codecs = refused();
        bed.play(&format!("{BASE}master.m3u8"));
        bed.run(1.0);
        let playable: Vec<bool> = bed.variants.iter().map(|it| it.is_playable).collect();
        (playable, bed.fatal().map(Error::code))
    };
    let (yes, no) = (true, false);
    for (names, expected, fatal) in [
        (&["avc1.64000a,mp4a.40.2", "hvc1.1.6.L93.B0,mp4a.40.2"][..], vec![yes, no], None),
        // Without sound only where nothing has a sound that plays.
        (&["avc1.64000a,mp4a.40.2", "avc1.64000a,ec-3"], vec![yes, no], None),
        (&["hev1.1.6.L93.B0,mp4a.40.2", "avc1.64000a,ec-3"], vec![no, yes], None),
        // An unknown word before what is known to be refused, behind what is known to play.
        (&["dvh1.05.06,mp4a.40.2", "zzzz.1,mp4a.40.2"], vec![no, yes], None),
        (&["avc1.64000a,mp4a.40.2", "zzzz.1,mp4a.40.2"], vec![yes, no], None),
        (&["mp4a.40.2", "avc1.64000a,mp4a.40.2"], vec![no, yes], None),
        (&["mp4a.40.2,wvtt", "avc1.64000a,mp4a.40.2"], vec![no, yes], None),
        (&["hvc1.1.6.L93.B0,mp4a.40.2"], vec![no], Some("no-playable-variant")),
        (&["ac-3"], vec![no], Some("no-playable-variant")),
    ] {
        assert_eq!(playable(names), (expected, fatal), "{names:?}");
    }
}

#[test]
fn media_playlists_import_variables() {
    let parent = "#EXTM3U\n#EXT-X-DEFINE:NAME=\"name\",VALUE=\"s\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=200000\nindex.m3u8\n";
    let import = "#EXT-X-DEFINE:IMPORT=\"name\"\n";
    let rest = "#EXTINF:2,\n{$name}0.ts\n#EXTINF:2,\n{$name}1.ts\n#EXT-X-ENDLIST\n";
    let child = format!("{HEAD}{import}{rest}");
    let mut bed = play(origin(&[("master.m3u8", parent), ("index.m3u8", &child)]), "master.m3u8");
    assert_plays(&mut bed, "IMPORT");

    let twice = format!("{HEAD}{import}{import}{rest}");
    let undefined = format!("{HEAD}{rest}");
    let other = child.replace("IMPORT=\"name\"", "IMPORT=\"other\"");
    for (child, word) in [(twice, "second time"), (undefined, "not defined"), (other, "imports")] {
        let lists = [("master.m3u8", parent), ("index.m3u8", &child)];
        let mut bed = play(origin(&lists), "master.m3u8");
        bed.run(3.0);
        let fatal = bed.fatal().expect("an invalid list");
        assert_eq!(fatal.code(), "playlist-invalid");
        assert!(fatal.to_string().contains(word), "{fatal}");
    }
    // Nothing led here.
    let mut bed = play(origin(&[("index.m3u8", &child)]), "index.m3u8");
    bed.run(3.0);
    assert_eq!(bed.fatal().map(Error::code), Some("playlist-invalid"));
}

#[test]
fn the_start_may_stand_in_either_list_and_the_media_playlists_own_wins() {
    let start = |secs: f64| format!("#EXT-X-START:TIME-OFFSET={secs},PRECISE=YES\n");
    for (parent, child, expected_secs) in [
        (start(2.0), String::new(), 2.0),
        (start(-1.0), String::new(), 3.0),
        (String::new(), start(2.5), 2.5),
        (start(2.0), start(0.5), 0.5),
        (start(1e5), String::new(), 4.0),
    ] {
        let parent = format!("#EXTM3U\n{parent}#EXT-X-STREAM-INF:BANDWIDTH=200000\nindex.m3u8\n");
        let child = MEDIA.replace("#EXT-X-VERSION:8\n", &child);
        let lists = [("master.m3u8", parent.as_str()), ("index.m3u8", &child)];
        let bed = &mut play(origin(&lists), "master.m3u8");
        bed.run(1.0);
        // The media may begin a little behind its place in the list.
        let seeks = &bed.element.seeks;
        assert_eq!(seeks.first(), Some(&expected_secs), "{parent}{child}");
        assert!(seeks.iter().all(|secs| (0.0..0.1).contains(&(secs - expected_secs))), "{seeks:?}");
        assert!(bed.run_until(9.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        assert_eq!(bed.codes(), Vec::<&str>::new(), "{parent}{child}");
    }
}

#[test]
fn a_key_ends_with_method_none() {
    let key = |method: &str, more: &str| format!("#EXT-X-KEY:METHOD={method}{more}\n");
    let none = key("NONE", "");
    let aes = key("AES-128", ",URI=\"k\"");
    let drm = key("SAMPLE-AES", ",URI=\"skd://k\",KEYFORMAT=\"com.apple.streamingkeydelivery\"");
    // What may stand under a key of its own: here PAT and PMT.
    let map = "#EXT-X-MAP:URI=\"map.ts\"\n".to_owned();
    let with_map = |tags: &[&String]| tags.iter().map(|tag| tag.as_str()).collect::<String>();
    let (clear, wrong, refused) = (None, Some("decryption-failed"), Some("encrypted"));
    for (tags, expected) in [
        (with_map(&[&aes, &none]), clear),
        (with_map(&[&drm, &none]), clear),
        (with_map(&[&drm, &aes, &none]), clear),
        (with_map(&[&aes, &map, &none]), clear),
        (with_map(&[&aes]), wrong),
        (with_map(&[&none, &aes]), wrong),
        (with_map(&[&none, &drm]), refused),
        (with_map(&[&aes, &none, &drm]), refused),
    ] {
        let list = MEDIA.replace("#EXT-X-VERSION:8\n", &tags);
        let mut origin = origin(&[("index.m3u8", &list)]);
        let map = cbc::encrypt([7; 16], [0; 16], &fixture("vod_0.ts")[..376]);
        origin.files.insert("map.ts".to_owned(), Rc::new(map));
        origin.files.insert("k".to_owned(), Rc::new(vec![7; 16]));
        let mut bed = play(origin, "index.m3u8");
        if expected.is_none() {
            assert_plays(&mut bed, &tags);
        } else {
            bed.run(3.0);
            assert_eq!(bed.fatal().map(Error::code), expected, "{tags}");
        }
    }
}

#[test]
fn durations_that_say_nothing_are_told_by_the_media() {
    let nines = "9".repeat(308);
    for (target, extinf) in [
        ("2", "0"),
        ("2", "0.000"),
        ("2", nines.as_str()),
        ("2", "9.9e300"),
        ("2", "1e9"),
        ("2", "2000"),
        ("2", "nan"),
        ("5", "0"),
        ("1", "0"),
        ("0", "0"),
        ("x", "0"),
        ("2", "0.001"),
        (nines.as_str(), "2"),
    ] {
        let list = MEDIA
            .replace("DURATION:2", &format!("DURATION:{target}"))
            .replace("EXTINF:2", &format!("EXTINF:{extinf}"));
        let mut bed = play(origin(&[("index.m3u8", &list)]), "index.m3u8");
        assert_plays(&mut bed, &list);
        let timeline = bed.timeline.expect("a timeline");
        assert!((timeline.end_secs - 4.0).abs() < 0.2, "{list}{timeline:?}");
    }
}

#[test]
fn a_live_list_of_absurd_durations_never_leads_to_infinity() {
    let segments: String =
        (0..5).map(|at| format!("#EXTINF:{},\ns{}.ts\n", "9".repeat(308), at % 2)).collect();
    let list = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n{segments}");
    // The bed's element refuses what is not finite.
    let mut bed = play(origin(&[("index.m3u8", &list)]), "index.m3u8");
    bed.run(5.0);
    assert!(bed.timeline.is_some_and(|timeline| timeline.end_secs < 100.0), "{:?}", bed.timeline);
    assert!(bed.at_secs() > 1.0, "it plays: at {}", bed.at_secs());
}

#[test]
fn numbers_of_parts_and_hold_backs_without_measure_do_no_harm() {
    for tags in [
        "#EXT-X-PART-INF:PART-TARGET=99999999999999999999\n",
        "#EXT-X-PART-INF:PART-TARGET=999999\n",
        "#EXT-X-PART-INF:PART-TARGET=1\n#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=1e99,\
         HOLD-BACK=99999999999999999999,PART-HOLD-BACK=99999999999999999999\n",
        "#EXT-X-START:TIME-OFFSET=-99999999999999999999999\n",
    ] {
        let list = format!(
            "{HEAD}{tags}#EXTINF:2,\ns0.ts\n#EXTINF:2,\ns1.ts\n\
             #EXT-X-PART:DURATION=99999999999999999999,URI=\"s0.ts\"\n"
        );
        let mut bed = play(origin(&[("index.m3u8", &list)]), "index.m3u8");
        bed.run(20.0);
        assert!(bed.fatal().is_none(), "{tags}{:?}", bed.errors);
        assert!(bed.at_secs() > 0.5, "{tags}it plays: at {}", bed.at_secs());
    }
}

#[test]
fn id3_tags_before_a_transport_stream_are_passed_over() {
    let tag = |len: usize| {
        let size = [len >> 21, len >> 14, len >> 7, len].map(|bits| bits as u8 & 0x7f);
        [&b"ID3\x04\0\0"[..], &size, &vec![0x47; len]].concat()
    };
    for tags in [tag(63), tag(0), tag(500), tag(200_000), [tag(63), tag(1000)].concat()] {
        let mut origin = origin(&[("index.m3u8", MEDIA)]);
        for (name, file) in [("s0.ts", "vod_0.ts"), ("s1.ts", "vod_1.ts")] {
            let body = [tags.clone(), fixture(file)].concat();
            origin.files.insert(name.to_owned(), Rc::new(body));
        }
        let mut bed = play(origin, "index.m3u8");
        assert_plays(&mut bed, &format!("{} bytes of tags", tags.len()));
    }
}

#[test]
fn a_list_of_single_pictures_says_what_it_is() {
    let list = MEDIA.replace("#EXT-X-VERSION:8\n", "#EXT-X-I-FRAMES-ONLY\n");
    let mut bed = play(origin(&[("index.m3u8", &list)]), "index.m3u8");
    bed.run(2.0);
    let fatal = bed.fatal().expect("not a stream to play");
    assert_eq!(fatal.code(), "playlist-invalid");
    assert!(fatal.to_string().contains("I-FRAMES-ONLY"), "{fatal}");
}

#[test]
fn a_malformed_tag_costs_itself_and_what_cannot_be_had_without_it() {
    let mut list = MEDIA.replace(
        "#EXT-X-VERSION:8\n",
        "#EXT-X-MEDIA-SEQUENCE:x\n#EXT-X-DISCONTINUITY-SEQUENCE:-\n#EXT-X-MAP:BYTERANGE=1\n\
         #EXT-X-PART:URI=,DURATION=x\n#EXT-X-BITRATE:\n#EXT-X-START:PRECISE=YES\n",
    );
    let mut bed = play(origin(&[("index.m3u8", &list)]), "index.m3u8");
    assert_plays(&mut bed, &list);

    // A range that cannot be read is a segment that cannot be had.
    list = list.replace("#EXTINF:2,\ns0.ts\n", "#EXT-X-BYTERANGE:@5\n#EXTINF:2,\ns0.ts\n");
    let mut bed = play(origin(&[("index.m3u8", &list)]), "index.m3u8");
    assert!(bed.run_until(10.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.codes(), ["segment-skipped"]);
    assert!(matches!(bed.origins[0].reply(&format!("{BASE}s0.ts"), 0.0), Some(Reply::Body { .. })));
    assert_eq!(bed.origins[0].requests["s0.ts"], 1, "only here it was asked for");

    // Where that is all of them, nothing is left to play, and that is said.
    let list = MEDIA.replace("#EXTINF", "#EXT-X-BYTERANGE:?\n#EXTINF");
    let mut bed = play(origin(&[("index.m3u8", &list)]), "index.m3u8");
    bed.run(10.0);
    assert!(bed.fatal().is_some(), "{:?}", bed.errors);
}
