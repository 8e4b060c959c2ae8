//! Damage is repaired or reported; what is whole around it is kept.

use crate::tools::*;
use videosphere_transmux::Error;
use videosphere_transmux::TrackKind;
use videosphere_transmux::demux::container::Format;
use videosphere_transmux::remux::{SegmentStart, Transmuxed, Transmuxer};

const PACKET_LEN: usize = 188;
const VIDEO_PID: u16 = 0x100;
const AUDIO_PID: u16 = 0x101;
const PMT_PID: u16 = 0x1000;
const PAT_PID: u16 = 0;

fn pid(packet: &[u8]) -> u16 {
    u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2])
}

fn begins_pes(packet: &[u8]) -> bool {
    packet[1] & 0x40 != 0
}

fn packets(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.chunks(PACKET_LEN).map(<[u8]>::to_vec).collect()
}

fn without_pid(bytes: &[u8], unwanted: u16) -> Vec<u8> {
    packets(bytes).into_iter().filter(|packet| pid(packet) != unwanted).collect::<Vec<_>>().concat()
}

fn media(results: &[Transmuxed]) -> (Vec<u8>, Vec<u8>) {
    (track_bytes(results, TrackKind::Video), track_bytes(results, TrackKind::Audio))
}

fn is_damaged(error: &Error, words: &str) -> bool {
    matches!(error, Error::DamagedMedia { problem, .. } if problem.contains(words))
}

#[test]
fn duplicate_packets_change_nothing() {
    let original = fixture("vod_0.ts");
    let doubled: Vec<u8> = packets(&original)
        .iter()
        .enumerate()
        .flat_map(|(index, packet)| packet.repeat(if index % 3 == 0 { 2 } else { 1 }))
        .collect();
    assert!(transmux(&doubled) == transmux(&original));
}

#[test]
fn garbage_between_packets_changes_nothing_but_is_told() {
    let original = fixture("vod_0.ts");
    let mut dirty = b"HTTP/1.1 200 OK, and a G\r\n".to_vec();
    for (index, packet) in packets(&original).iter().enumerate() {
        dirty.extend(packet);
        if index % 50 == 7 {
            dirty.extend(vec![0xaa; index]);
        }
    }
    let results = transmux(&dirty);
    assert!(media(&results) == media(&transmux(&original)));
    assert_eq!(problems(&results).len(), 1);
    assert!(is_damaged(problems(&results)[0], "belong to no packet"));
}

#[test]
fn packets_before_the_program_map_are_kept() {
    let original = packets(&fixture("vod_0.ts"));
    let is_table = |packet: &&Vec<u8>| matches!(pid(packet), PAT_PID | PMT_PID);
    let tables: Vec<u8> = original.iter().filter(is_table).take(2).flatten().copied().collect();
    let mut late: Vec<u8> = Vec::new();
    let others: Vec<_> = original.iter().filter(|packet| !is_table(packet)).collect();
    others[..40].iter().for_each(|packet| late.extend(*packet));
    late.extend(tables);
    others[40..].iter().for_each(|packet| late.extend(*packet));
    let results = transmux(&late);
    assert!(media(&results) == media(&transmux(&fixture("vod_0.ts"))));
    assert!(problems(&results).is_empty());
}

#[test]
fn a_lost_packet_costs_one_picture_and_the_rest_decodes() {
    let original = packets(&fixture("vod_0.ts"));
    // Inside a picture that no other refers to or not: the container cannot know.
    let lost = original
        .iter()
        .enumerate()
        .filter(|(_, packet)| pid(packet) == VIDEO_PID && !begins_pes(packet))
        .map(|(index, _)| index)
        .nth(120)
        .expect("a video packet");
    let rest: Vec<u8> = original
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != lost)
        .flat_map(|(_, packet)| packet.clone())
        .collect();
    let results = transmux(&rest);
    let told = problems(&results);
    assert!(told.iter().any(|error| is_damaged(error, "packets missing in 1 places")), "{told:?}");
    assert!(told.iter().any(|error| is_damaged(error, "1 frames that were not whole")), "{told:?}");
    assert!(told.iter().all(|error| matches!(error, Error::DamagedMedia { .. })), "{told:?}");
    let whole = transmux(&fixture("vod_0.ts"));
    let count = |results: &[Transmuxed]| {
        let file = TempFile::new("mp4", &track_bytes(results, TrackKind::Video));
        probe_packets(file.path(), "v").len()
    };
    assert_eq!(count(&results), count(&whole) - 1);
    assert_eq!(media(&results).1, media(&whole).1);
}

#[test]
fn missing_audio_becomes_silence_of_the_same_length() {
    let original = packets(&fixture("vod_0.ts"));
    let mut begun = 0;
    let rest: Vec<u8> = original
        .iter()
        .filter(|packet| {
            if pid(packet) == AUDIO_PID && begins_pes(packet) {
                begun += 1;
            }
            // The third and the fourth PES packet, whole.
            !(pid(packet) == AUDIO_PID && (3..=4).contains(&begun))
        })
        .flatten()
        .copied()
        .collect();
    let results = transmux(&rest);
    let whole = transmux(&fixture("vod_0.ts"));
    let told = problems(&results);
    assert!(told.iter().any(|error| is_damaged(error, "filled with silence")), "{told:?}");
    assert_eq!(fragments(&results, TrackKind::Audio), fragments(&whole, TrackKind::Audio));
    let repaired = TempFile::new("mp4", &track_bytes(&results, TrackKind::Audio));
    let intact = TempFile::new("mp4", &track_bytes(&whole, TrackKind::Audio));
    // Noise substitution makes decoded sound depend on what came before, so the coded frames are
    // compared: silence is a few bytes.
    let sizes = |file: &TempFile| -> Vec<_> {
        probe_packets(file.path(), "a").iter().map(|packet| packet.size).collect()
    };
    let (repaired_sizes, intact_sizes) = (sizes(&repaired), sizes(&intact));
    let silent: Vec<_> = (0..repaired_sizes.len()).filter(|at| repaired_sizes[*at] < 10).collect();
    assert!(silent.len() > 4 && silent.len() == silent[silent.len() - 1] - silent[0] + 1);
    for (at, (repaired, intact)) in repaired_sizes.iter().zip(&intact_sizes).enumerate() {
        assert_eq!(repaired == intact, !silent.contains(&at), "frame {at}");
    }
    assert_eq!(frame_hashes(repaired.path(), "a").len(), intact_sizes.len());
}

#[test]
fn one_track_alone_is_a_segment() {
    let original = fixture("vod_0.ts");
    let whole = transmux(&original);
    let video_only = transmux(&without_pid(&original, AUDIO_PID));
    assert!(problems(&video_only).is_empty());
    // Its program map speaks of sound, which may come yet.
    let (silence, picture) =
        (fragments(&video_only, TrackKind::Audio), fragments(&video_only, TrackKind::Video));
    assert!((silence[0].1 - picture[0].1).abs() < 0.03, "{silence:?} {picture:?}");
    assert_eq!(fragments(&video_only, TrackKind::Video)[0].0, 0.0);
    let audio_only = transmux(&without_pid(&original, VIDEO_PID));
    assert!(problems(&audio_only).is_empty());
    assert!(fragments(&audio_only, TrackKind::Video).is_empty());
    assert_eq!(media(&audio_only).1, media(&whole).1);
}

#[test]
fn what_comes_before_a_key_picture_is_left_out_only_after_a_jump() {
    let original = packets(&fixture("vod_0.ts"));
    let mut pictures = 0;
    let tail: Vec<u8> = original
        .iter()
        .filter(|packet| {
            if pid(packet) == VIDEO_PID && begins_pes(packet) {
                pictures += 1;
            }
            // From the eleventh picture on; thirty to the next key picture.
            pid(packet) != VIDEO_PID || pictures > 10
        })
        .flatten()
        .copied()
        .collect();
    // The parameter sets were in the first picture: what knows them from before can follow on.
    let results = transmux(&tail);
    let video = fragments(&results, TrackKind::Video);
    assert_eq!(video.len(), 2);
    assert!(video[0].2 && video[1].2, "each begins with a key picture");
    let audio = fragments(&results, TrackKind::Audio);
    assert_eq!(audio[0].0, 0.0);
    // A copy of the key picture, a second in, is shown from where the sound begins: no hole stalls
    // playback.
    assert!(video[0].0.abs() < 1e-4 && (video[1].1 - 2.0213).abs() < 1e-3, "{video:?}");
    assert!((video[0].1 - video[1].0).abs() < 1e-4, "{video:?}");
    assert!(problems(&results).iter().any(|error| is_damaged(error, "20 frames")));

    let mut transmuxer = Transmuxer::new();
    transmux_segment(&mut transmuxer, alone_at(0.0), &fixture("vod_0.ts"), 4096);
    let results = transmux_segment(&mut transmuxer, following_at(2.0), &tail, 4096);
    assert!(!fragments(&results, TrackKind::Video)[0].2);
    assert_eq!(codecs(&results, TrackKind::Video), [] as [&str; 0]);
}

#[test]
fn leading_pictures_of_an_open_gop_are_left_out_after_a_jump() {
    let results = transmux(&fixture("open_gop_1.ts"));
    let whole = transmux_all(&[fixture("open_gop_0.ts"), fixture("open_gop_1.ts")]);
    let alone = fragments(&results, TrackKind::Video)[0];
    let second = fragments(&whole, TrackKind::Video)[1];
    let lost_secs = (second.1 - second.0) - (alone.1 - alone.0);
    assert!(lost_secs > 0.03 && lost_secs < 0.2, "{lost_secs}");
    assert!(problems(&results).iter().any(|error| is_damaged(error, "before a key frame")));
    // What is left decodes without a complaint.
    let file = TempFile::new("mp4", &track_bytes(&results, TrackKind::Video));
    let kept = ((alone.1 - alone.0) * 30.0).round() as usize;
    assert_eq!(frame_hashes(file.path(), "v").len(), kept);
}

#[test]
fn a_truncated_segment_gives_what_is_whole() {
    let original = fixture("vod_0.ts");
    let results = transmux(&original[..original.len() / 2]);
    assert!(problems(&results).iter().any(|error| is_damaged(error, "broken off")));
    let file = TempFile::new("mp4", &track_bytes(&results, TrackKind::Video));
    let hashes = frame_hashes(file.path(), "v");
    let whole = frame_hashes(&fixture_path("vod_0.ts"), "v");
    assert!(hashes.len() > 20);
    // Reordering at the cut: the last few may wait for a picture that never came.
    assert_eq!(hashes[..20], whole[..20]);
}

#[test]
fn codecs_that_cannot_be_played_are_named() {
    let told = |name| {
        let results = transmux(&fixture(name));
        let errors: Vec<_> = problems(&results).into_iter().cloned().collect();
        (errors, fragments(&results, TrackKind::Video).len())
    };
    let unsupported = |codec: &str| Error::UnsupportedCodec { codec: codec.to_owned() };
    assert_eq!(told("hevc.ts"), (vec![unsupported("HEVC (hvc1)")], 0));
    assert_eq!(told("unsupported.ts"), (vec![unsupported("MPEG-2 video")], 0));
    // Behind a tag, by its first two bytes, however they come.
    let packed = [&b"ID3\x04\0\0\0\0\0\0"[..], &[0xff, 0xfd, 0x90, 0], &[0x55; 500]].concat();
    let layer_2 = "MPEG audio layer 2 (mp2)";
    for chunk_len in [1, 2, 11, 1000] {
        let results = transmux_segment(&mut Transmuxer::new(), alone_at(0.0), &packed, chunk_len);
        assert_eq!(problems(&results), [&unsupported(layer_2)], "chunks of {chunk_len}");
    }
}

#[test]
fn what_is_no_segment_is_refused_by_name() {
    let found = |bytes: &[u8]| match Format::of(bytes) {
        Err(Error::UnsupportedContainer { found }) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(found(b"<!doctype html><title>404</title>"), "an HTML page");
    assert_eq!(found(b""), "empty");
    assert_eq!(found(&fixture("cmaf_0.mp4")), "fragmented MP4 already");
}

#[test]
fn noise_never_panics() {
    // A linear congruential generator: the same noise in each run.
    let mut state = 1_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize
    };
    let originals = [fixture("vod_0.ts"), fixture("two_sizes.ts"), fixture("packed.aac")];
    let mut transmuxer = Transmuxer::new();
    for round in 0..150 {
        let mut bytes = originals[round % originals.len()].clone();
        for _ in 0..1 + random() % 200 {
            let at = random() % bytes.len();
            match random() % 3 {
                0 => bytes[at] = random() as u8,
                1 => drop(bytes.drain(at..(at + random() % 400).min(bytes.len()))),
                _ => bytes[at] ^= 1 << (random() % 8),
            }
        }
        let start =
            if round % 2 == 0 { alone_at(round as f64) } else { following_at(round as f64) };
        let start = SegmentStart { is_growing: round % 4 > 1, ..start };
        for result in transmux_segment(&mut transmuxer, start, &bytes, 1 + random() % 5000) {
            if let Transmuxed::Fragment { start_secs, end_secs, bytes, .. } = result {
                assert!(start_secs >= 0.0 && end_secs > start_secs);
                assert!(!bytes.as_slice().is_empty());
            }
        }
    }
}
