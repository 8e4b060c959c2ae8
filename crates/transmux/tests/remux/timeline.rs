//! Every frame stands where the playlist says, and segments join.

use crate::tools::*;
use mp4_atom::{Any, Decode};
use videosphere_transmux::TrackKind;
use videosphere_transmux::remux::{SegmentStart, TimestampMapping, Transmuxed, Transmuxer};

const FRAME_SECS: f64 = 1024.0 / 48_000.0;

#[test]
fn two_segments_join_without_gap_or_overlap() {
    for (first, second) in [("vod_0.ts", "vod_1.ts"), ("open_gop_0.ts", "open_gop_1.ts")] {
        let results = transmux_all(&[fixture(first), fixture(second)]);
        let audio = fragments(&results, TrackKind::Audio);
        assert_eq!(audio[0].1, audio[1].0);
        for (kind, track) in [("v", TrackKind::Video), ("a", TrackKind::Audio)] {
            let file = TempFile::new("mp4", &track_bytes(&results, track));
            let packets = probe_packets(file.path(), kind);
            let step = if kind == "v" { 3000 } else { 1024 };
            let mut decode: Vec<_> = packets.iter().map(|packet| packet.dts).collect();
            let mut present: Vec<_> = packets.iter().map(|packet| packet.pts).collect();
            present.sort_unstable();
            for times in [&mut decode, &mut present] {
                let steps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
                assert!(steps.iter().all(|found| *found == step), "{kind} {first}: {steps:?}");
            }
        }
    }
}

#[test]
fn audio_and_video_keep_their_distance() {
    // The encoder's audio begins 1920 ticks before its video.
    for name in ["vod_0.ts", "wrap.ts"] {
        let before = |kind| probe_packets(&fixture_path(name), kind)[0].pts;
        let distance = (before("v") - before("a")) as f64 / 90_000.0;
        for at in [0.0, 1234.5] {
            let mut transmuxer = Transmuxer::new();
            let results = transmux_segment(&mut transmuxer, alone_at(at), &fixture(name), 5000);
            let video = fragments(&results, TrackKind::Video)[0];
            let audio = fragments(&results, TrackKind::Audio)[0];
            assert!((video.0 - audio.0 - distance).abs() < 1e-4, "{name} {video:?} {audio:?}");
            assert!((video.0.min(audio.0) - at).abs() < 1e-4, "{name} {video:?} {audio:?}");
        }
    }
}

#[test]
fn decode_times_are_never_before_zero() {
    let results = transmux(&fixture("vod_0.ts"));
    let bytes = track_bytes(&results, TrackKind::Video);
    let mut rest = bytes.as_slice();
    let mut checked = 0;
    while !rest.is_empty() {
        if let Any::Moof(moof) = Any::decode(&mut rest).expect("well-formed boxes") {
            let traf = &moof.traf[0];
            let mut decode = traf.tfdt.as_ref().expect("a tfdt").base_media_decode_time as i64;
            for (index, sample) in traf.trun[0].samples.iter().enumerate() {
                let present = decode + sample.cts.unwrap_or(0);
                assert!(present >= 1920);
                assert_eq!(present == 1920, index == 0);
                decode +=
                    i64::from(sample.duration.or(traf.tfhd.default_sample_duration).unwrap_or(0));
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 60);
}

#[test]
fn a_seek_back_uses_the_mapping_of_before() {
    let mut transmuxer = Transmuxer::new();
    let late = transmux_segment(&mut transmuxer, alone_at(2.0), &fixture("vod_1.ts"), 999);
    let early = transmux_segment(&mut transmuxer, alone_at(0.0), &fixture("vod_0.ts"), 999);
    for track in [TrackKind::Video, TrackKind::Audio] {
        let gap = fragments(&late, track)[0].0 - fragments(&early, track)[0].1;
        assert!(gap.abs() <= FRAME_SECS, "{gap}");
    }
    // Nothing of before zero: the first segment was mapped by the second one's place.
    assert!(fragments(&early, TrackKind::Video)[0].0 >= 0.0);
    assert_eq!(codecs(&early, TrackKind::Video).len(), 1, "a jump begins with an init segment");
}

#[test]
fn a_discontinuity_goes_on_where_the_last_segment_ended() {
    let mut transmuxer = Transmuxer::new();
    let first = transmux_segment(&mut transmuxer, alone_at(10.0), &fixture("vod_0.ts"), 999);
    let start = SegmentStart { discontinuity_sequence: 1, ..following_at(12.0) };
    let second = transmux_segment(&mut transmuxer, start, &fixture("wrap.ts"), 999);
    let end = fragments(&first, TrackKind::Video)[0].1;
    assert!((fragments(&second, TrackKind::Video)[0].0 - end).abs() < 1e-4);
    let audio_gap =
        fragments(&second, TrackKind::Audio)[0].0 - fragments(&first, TrackKind::Audio)[0].1;
    assert!(audio_gap.abs() < FRAME_SECS, "{audio_gap}");
    // Both mappings stay known.
    assert!(transmuxer.mapping(0).is_some() && transmuxer.mapping(1).is_some());
}

#[test]
fn an_encoder_that_begins_anew_without_a_tag_is_followed() {
    let mut transmuxer = Transmuxer::new();
    transmux_segment(&mut transmuxer, alone_at(10.0), &fixture("vod_0.ts"), 999);
    let second = transmux_segment(&mut transmuxer, following_at(12.0), &fixture("wrap.ts"), 999);
    let video = fragments(&second, TrackKind::Video)[0];
    assert!((video.0 - 12.0).abs() < 0.1, "{video:?}");
    let told: Vec<_> = problems(&second).iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|words| words.contains("jump between segments")), "{told:?}");
}

#[test]
fn a_jump_inside_a_segment_is_bridged_for_both_tracks() {
    let both = [fixture("vod_0.ts"), without_continuity_jump(&fixture("wrap.ts"))].concat();
    let results = transmux(&both);
    let file = TempFile::new("mp4", &track_bytes(&results, TrackKind::Video));
    let packets = probe_packets(file.path(), "v");
    let steps: Vec<_> = packets.windows(2).map(|pair| pair[1].dts - pair[0].dts).collect();
    assert!(steps.iter().all(|step| *step == 3000), "{steps:?}");
    let video = fragments(&results, TrackKind::Video)[0];
    let audio = fragments(&results, TrackKind::Audio);
    let audio_end = audio.last().expect("audio").1;
    assert!((video.1 - audio_end).abs() < 0.1, "{video:?} {audio:?}");
}

/// Lets continuity counters go on from where `vod_0.ts` ends.
fn without_continuity_jump(bytes: &[u8]) -> Vec<u8> {
    let counter = |bytes: &[u8], pid: u16| {
        bytes
            .chunks(188)
            .filter(|packet| u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]) == pid)
            .filter(|packet| packet[3] & 0x10 != 0)
            .map(|packet| packet[3] & 15)
            .collect::<Vec<_>>()
    };
    let before = fixture("vod_0.ts");
    let mut bytes = bytes.to_vec();
    for pid in [0x100, 0x101] {
        let last = *counter(&before, pid).last().expect("packets of that PID");
        let first = counter(&bytes, pid)[0];
        let shift = (last + 1).wrapping_sub(first) & 15;
        for packet in bytes.chunks_mut(188) {
            if u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]) == pid {
                packet[3] = packet[3] & 0xf0 | (packet[3].wrapping_add(shift) & 15);
            }
        }
    }
    bytes
}

#[test]
fn two_transmuxers_share_one_mapping() {
    let mut video = Transmuxer::new();
    transmux_segment(&mut video, alone_at(6.0), &fixture("vod_0.ts"), 999);
    let mapping = video.mapping(0).expect("a mapping after the first segment");
    assert_eq!(
        mapping,
        TimestampMapping { discontinuity_sequence: 0, zero_ticks: 130_080 - 6 * 90_000 }
    );
    let mut audio = Transmuxer::new();
    audio.adopt_mapping(mapping);
    // Its own place in the playlist is a little off; the mapping decides.
    let results = transmux_segment(&mut audio, alone_at(6.3), &fixture("vod_0.ts"), 999);
    assert!((fragments(&results, TrackKind::Audio)[0].0 - 6.0).abs() < 1e-4);
}

#[test]
fn an_unfinished_segment_leaves_nothing_behind() {
    let mut transmuxer = Transmuxer::new();
    transmuxer.begin_segment(alone_at(0.0));
    transmuxer.push(&fixture("two_sizes.ts")[..20_000]);
    let results = transmux_segment(&mut transmuxer, alone_at(0.0), &fixture("vod_0.ts"), 999);
    assert!(results == transmux(&fixture("vod_0.ts")));
    assert!(matches!(results[0], Transmuxed::Init { .. }));
}
