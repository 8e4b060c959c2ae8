//! Real MPEG-TS, packed AAC and CMAF through the whole engine: the fixtures, as ffmpeg wrote them.

use std::rc::Rc;

use videosphere::media::TrackKind;

use crate::BASE;
use crate::bed::Bed;
use crate::origin::{FaultKind, Origin};
use crate::stream::{KEY_PICTURE, PICTURE_SET, SEQUENCE_SET, Stream};

pub fn fixture(name: &str) -> Rc<Vec<u8>> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    Rc::new(std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// `pairs` times the two consecutive segments, a discontinuity between the pairs.
fn playlist(pairs: u32, names: [&str; 2], map: &str) -> Rc<Vec<u8>> {
    let mut text =
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n".to_owned();
    for pair in 0..pairs {
        if pair > 0 {
            text += "#EXT-X-DISCONTINUITY\n";
        }
        text += map;
        for name in names {
            // Each of its own URL, so that faults can tell them apart.
            text += &format!("#EXTINF:2,\n{name}?pair={pair}\n");
        }
    }
    text += "#EXT-X-ENDLIST\n";
    Rc::new(text.into_bytes())
}

pub fn origin_of(pairs: u32, names: [&str; 2], map: &str) -> Origin {
    let mut origin = Origin::vod(BASE, Vec::new());
    origin.files.insert("index.m3u8".to_owned(), playlist(pairs, names, map));
    for name in names {
        for pair in 0..pairs {
            origin.files.insert(format!("{name}?pair={pair}"), fixture(name));
        }
    }
    origin
}

fn start_of(bed: &Bed, kind: TrackKind) -> f64 {
    bed.element.tracks[&kind].spans.first().expect("media").start_secs
}

#[test]
fn transport_streams_play_over_discontinuities() {
    let mut bed = Bed::new(1, vec![origin_of(5, ["vod_0.ts", "vod_1.ts"], "")]);
    bed.play(&format!("{BASE}index.m3u8"));
    bed.run(5.0);
    let mimes: Vec<&str> = bed.element.tracks.values().map(|track| track.mime.as_str()).collect();
    assert!(mimes[0].starts_with("video/mp4; codecs=\"avc1."), "{mimes:?}");
    assert_eq!(mimes[1], "audio/mp4; codecs=\"mp4a.40.2\"");
    assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
    assert!(bed.run_until(30.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!((bed.at_secs() - 20.0).abs() < 0.2, "at {}", bed.at_secs());
    assert_eq!(bed.codes(), Vec::<&str>::new());
    assert_eq!(bed.element.stalls, 0);
    bed.seek(9.0);
    assert!(bed.run_until(20.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
}

#[test]
fn a_seek_into_a_transport_stream_finds_its_place() {
    let mut bed = Bed::new(1, vec![origin_of(40, ["vod_0.ts", "vod_1.ts"], "")]);
    bed.play(&format!("{BASE}index.m3u8"));
    bed.run(2.0);
    for target in [101.0, 50.5, 130.2] {
        bed.seek(target);
        bed.run(3.0);
        assert!((bed.at_secs() - target - 3.0).abs() < 0.6, "{target}: at {}", bed.at_secs());
    }
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn a_broken_off_transport_stream_is_fetched_again_from_its_start() {
    let mut origin = origin_of(5, ["vod_0.ts", "vod_1.ts"], "");
    origin.fault("vod_1.ts?pair=1", FaultKind::Truncate, 1);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(30.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.codes(), ["network-truncated"]);
    assert_eq!(bed.element.playable().len(), 1);
}

#[test]
fn packed_audio_keeps_its_place_beside_transport_stream_video() {
    let mut origin = origin_of(1, ["vod_0.ts", "vod_1.ts"], "");
    let master = "#EXTM3U\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"en\",DEFAULT=YES,URI=\"audio.m3u8\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=400000,CODECS=\"avc1.64000c,mp4a.40.2\",AUDIO=\"a\"\n\
        index.m3u8\n";
    origin.files.insert("master.m3u8".to_owned(), Rc::new(master.into()));
    origin.files.insert("audio.m3u8".to_owned(), playlist(1, ["a.aac", "b.aac"], ""));
    // The video begins at 132 000 ticks; the sound 0.2 s later, which must stay so.
    for (name, ticks) in [("a.aac", 150_000_u64), ("b.aac", 330_000)] {
        let mut bytes = fixture("packed.aac").to_vec();
        bytes[65..73].copy_from_slice(&ticks.to_be_bytes());
        origin.files.insert(format!("{name}?pair=0"), Rc::new(bytes));
    }
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}master.m3u8"));
    bed.run(1.0);
    let lag_secs = start_of(&bed, TrackKind::Audio) - start_of(&bed, TrackKind::Video);
    assert!((lag_secs - 0.2).abs() < 0.09, "{lag_secs}");
    assert!(bed.run_until(10.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!(bed.fatal().is_none(), "{:?}", bed.codes());
}

#[test]
fn cmaf_with_both_tracks_in_one_file_plays() {
    let map = "#EXT-X-MAP:URI=\"cmaf_init.mp4\"\n";
    let mut origin = origin_of(4, ["cmaf_0.mp4", "cmaf_1.mp4"], map);
    origin.files.insert("cmaf_init.mp4".to_owned(), fixture("cmaf_init.mp4"));
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(25.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    let (kind, track) = bed.element.tracks.first_key_value().expect("a track");
    assert_eq!(*kind, TrackKind::Muxed);
    assert!(track.mime.contains("avc1.") && track.mime.contains("mp4a.40.2"), "{}", track.mime);
    assert_eq!(bed.codes(), Vec::<&str>::new());
    assert_eq!(bed.element.stalls, 0);
    assert!((bed.at_secs() - 16.0).abs() < 0.2, "at {}", bed.at_secs());
}

/// A second of picture with AC-3, three times.
fn with_ac3() -> Origin {
    let mut origin = Origin::vod(BASE, Vec::new());
    let head = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n".to_owned();
    let segments = (0..3).map(|index| {
        origin.files.insert(format!("ac3.ts?{index}"), fixture("ac3.ts"));
        format!("#EXT-X-DISCONTINUITY\n#EXTINF:1,\nac3.ts?{index}\n")
    });
    let list = head + &segments.collect::<String>() + "#EXT-X-ENDLIST\n";
    origin.files.insert("index.m3u8".to_owned(), Rc::new(list.into_bytes()));
    origin
}

#[test]
fn ac3_is_heard_where_the_browser_plays_it() {
    let mut bed = Bed::new(1, vec![with_ac3()]);
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(20.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.codes(), Vec::<&str>::new(), "{:?}", bed.errors);
    assert_eq!(bed.element.tracks[&TrackKind::Audio].mime, "audio/mp4; codecs=\"ac-3\"");
    assert_eq!(bed.element.stalls, 0);
}

#[test]
fn a_picture_with_a_sound_nobody_plays_here_is_shown_without_it() {
    let mut bed = Bed::new(1, vec![with_ac3()]);
    bed.refused_codecs = vec!["ac-3".to_owned()];
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(20.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.codes(), ["variant-excluded"], "told once");
    assert!(bed.errors[0].to_string().contains("ac-3"), "{}", bed.errors[0]);
    assert_eq!(bed.element.tracks.keys().collect::<Vec<_>>(), [&TrackKind::Video]);
    assert_eq!(bed.element.stalls, 0);
}

#[test]
fn a_codec_nobody_transmuxes_is_named() {
    for name in ["unsupported.ts", "hevc.ts"] {
        let mut bed = Bed::new(1, vec![origin_of(2, [name, name], "")]);
        bed.play(&format!("{BASE}index.m3u8"));
        bed.run(10.0);
        let fatal = bed.fatal().unwrap_or_else(|| panic!("{name}: {:?}", bed.codes()));
        assert_eq!(fatal.code(), "unsupported-codec", "{fatal}");
    }
}

#[test]
fn a_segment_out_of_proportion_costs_no_more_than_itself() {
    let mut origin = origin_of(5, ["vod_0.ts", "vod_1.ts"], "");
    // Hours of pictures, each nine seconds after the one before.
    let mut stream = Stream::new();
    for index in 0..2000 {
        stream.video(132_000 + index * 810_000, &[SEQUENCE_SET, PICTURE_SET, KEY_PICTURE]);
    }
    origin.files.insert("vod_0.ts?pair=2".to_owned(), Rc::new(stream.bytes));
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!((bed.at_secs() - 20.0).abs() < 0.2, "at {}", bed.at_secs());
    assert!(bed.codes().contains(&"damaged-media"), "{:?}", bed.codes());
    assert!(bed.fatal().is_none(), "{:?}", bed.codes());
    assert!(bed.requests < 30, "{} requests", bed.requests);
}
