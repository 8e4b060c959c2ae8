//! One track ends, pauses or begins late: the other one is given company, and no more than that.

use crate::tools::*;
use videosphere_transmux::Error;
use videosphere_transmux::TrackKind;
use videosphere_transmux::remux::{SegmentStart, Transmuxed, Transmuxer};

const VIDEO_PID: u16 = 0x100;
const AUDIO_PID: u16 = 0x101;

fn pid(packet: &[u8]) -> u16 {
    u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2])
}

fn without(bytes: &[u8], unwanted: u16) -> Vec<u8> {
    bytes.chunks(188).filter(|packet| pid(packet) != unwanted).flatten().copied().collect()
}

fn transmux_each(segments: &[(Vec<u8>, SegmentStart)]) -> Vec<Transmuxed> {
    let mut transmuxer = Transmuxer::new();
    let each = segments
        .iter()
        .flat_map(|(bytes, start)| transmux_segment(&mut transmuxer, *start, bytes, 5000));
    each.collect()
}

/// The only span of a track.
fn span(results: &[Transmuxed], track: TrackKind) -> (f64, f64) {
    let mut fragments = fragments(results, track).into_iter();
    let first = fragments.next().expect("a fragment");
    let end = fragments.fold(first.1, |end, (next, next_end, _)| {
        assert!((next - end).abs() < 1e-4, "{track:?} goes on at {next}, not at {end}");
        next_end
    });
    (first.0, end)
}

/// Sizes of the frames of sound; every one of them decodes.
fn frame_sizes(results: &[Transmuxed]) -> Vec<i64> {
    let file = TempFile::new("mp4", &track_bytes(results, TrackKind::Audio));
    let sizes: Vec<_> = probe_packets(file.path(), "a").iter().map(|it| it.size).collect();
    assert_eq!(frame_hashes(file.path(), "a").len(), sizes.len());
    sizes
}

fn silent_secs(results: &[Transmuxed]) -> f64 {
    let silent = frame_sizes(results).into_iter().filter(|size| *size < 10).count();
    silent as f64 * 1024.0 / 48_000.0
}

fn joined(name: &str, at: f64) -> (Vec<u8>, SegmentStart) {
    (fixture(name), joining_at(at))
}

fn following(name: &str, at: f64) -> (Vec<u8>, SegmentStart) {
    (fixture(name), SegmentStart { discontinuity_sequence: 1, ..following_at(at) })
}

#[test]
fn silence_fills_a_join_up_to_the_next_sound() {
    let results = transmux_each(&[
        joined("short_sound_0.ts", 0.0),
        following("short_sound_1.ts", 2.0),
        (
            fixture("short_sound_0.ts"),
            SegmentStart { discontinuity_sequence: 2, ..joining_at(4.0) },
        ),
    ]);
    assert!(problems(&results).is_empty(), "{:?}", problems(&results));
    let (picture, sound) = (span(&results, TrackKind::Video), span(&results, TrackKind::Audio));
    assert!((sound.0 - picture.0).abs() < 0.03 && (sound.1 - picture.1).abs() < 0.03, "{sound:?}");
    // In mono, as the sound is: as stereo it would not decode.
    assert!((silent_secs(&results) - 0.86).abs() < 0.05, "{}", silent_secs(&results));
}

#[test]
fn a_part_without_sound_gets_silence_to_its_end() {
    let mut segments = vec![
        joined("short_sound_0.ts", 0.0),
        (fixture("no_sound_0.ts"), SegmentStart { discontinuity_sequence: 2, ..joining_at(2.0) }),
        (fixture("no_sound_1.ts"), SegmentStart { discontinuity_sequence: 2, ..following_at(4.0) }),
    ];
    let results = transmux_each(&segments);
    assert!(problems(&results).is_empty(), "{:?}", problems(&results));
    let sound = span(&results, TrackKind::Audio);
    assert!((sound.1 - 6.0).abs() < 0.03, "{sound:?}");
    assert!((silent_secs(&results) - 4.0).abs() < 0.05, "{}", silent_secs(&results));
    // In pieces too, and after a seek.
    for (_, start) in &mut segments {
        start.is_growing = true;
    }
    assert!((span(&transmux_each(&segments), TrackKind::Audio).1 - 6.0).abs() < 0.03);
    let mut transmuxer = Transmuxer::new();
    transmux_segment(&mut transmuxer, alone_at(0.0), &fixture("short_sound_0.ts"), 5000);
    let results =
        transmux_segment(&mut transmuxer, alone_at(50.0), &fixture("no_sound_0.ts"), 5000);
    let sound = span(&results, TrackKind::Audio);
    assert!((sound.0 - 50.0).abs() < 0.03 && (sound.1 - 52.0).abs() < 0.03, "{sound:?}");
    // Where nobody speaks of sound there is none.
    let results = transmux(&fixture("no_sound_0.ts"));
    assert!(fragments(&results, TrackKind::Audio).is_empty());
}

#[test]
fn sound_that_goes_on_alone_keeps_the_last_key_picture() {
    let [first, second] = ["vod_0.ts", "vod_1.ts"].map(fixture);
    let results = transmux_each(&[
        (first.clone(), alone_at(0.0)),
        (without(&second, VIDEO_PID), following_at(2.0)),
    ]);
    assert!(problems(&results).is_empty(), "{:?}", problems(&results));
    let (picture, sound) = (span(&results, TrackKind::Video), span(&results, TrackKind::Audio));
    assert!((picture.1 - sound.1).abs() < 1e-4, "{picture:?} {sound:?}");
    let file = TempFile::new("mp4", &track_bytes(&results, TrackKind::Video));
    let hashes = frame_hashes(file.path(), "v");
    // A key frame a second: that of the second second is shown again.
    assert_eq!((hashes.len(), &hashes[60]), (61, &hashes[30]));
}

#[test]
fn a_picture_that_begins_late_is_shown_from_where_the_sound_began() {
    let [first, second] = ["vod_0.ts", "vod_1.ts"].map(fixture);
    let results = transmux_each(&[
        (without(&first, VIDEO_PID), alone_at(0.0)),
        (second.clone(), following_at(2.0)),
    ]);
    let (picture, sound) = (span(&results, TrackKind::Video), span(&results, TrackKind::Audio));
    assert!((picture.0 - sound.0).abs() < 1e-4, "{picture:?} {sound:?}");
    // As a copy, as WebKit decodes nothing more than a second later: it begins anew at the original.
    let file = TempFile::new("mp4", &track_bytes(&results, TrackKind::Video));
    let hashes = frame_hashes(file.path(), "v");
    assert_eq!((hashes.len(), &hashes[0]), (61, &hashes[1]));
    let shown = probe_packets(file.path(), "v");
    assert!(shown[1].is_key, "{shown:?}");
    let (early, ticks) = (shown[1].pts - shown[0].pts, 2 * 90_000);
    assert!((early - ticks).abs() < 2000, "{early}");
    let results =
        transmux_each(&[(without(&first, AUDIO_PID), alone_at(0.0)), (second, following_at(2.0))]);
    let (picture, sound) = (span(&results, TrackKind::Video), span(&results, TrackKind::Audio));
    assert!((picture.0 - sound.0).abs() < 0.03 && sound.1 > 3.9, "{picture:?} {sound:?}");
}

/// Every PES packet of sound begins so much later than the one before.
fn spread(bytes: &[u8], ticks: u64) -> Vec<u8> {
    let mut count = 0;
    let mut bytes = bytes.to_vec();
    for packet in bytes.chunks_mut(188).filter(|it| pid(it) == AUDIO_PID && it[1] & 0x40 != 0) {
        let at = if packet[3] & 0x20 == 0 { 4 } else { 5 + usize::from(packet[4]) };
        let pts = 130_080 + count * ticks;
        count += 1;
        let field = &mut packet[at + 9..at + 14];
        field[0] = field[0] & 0xf1 | (pts >> 29 & 0x0e) as u8;
        field[1] = (pts >> 22) as u8;
        field[2] = (pts >> 14) as u8 | 1;
        field[3] = (pts >> 7) as u8;
        field[4] = (pts << 1) as u8 | 1;
    }
    assert!(count > 5, "{count}");
    bytes
}

#[test]
fn frames_far_apart_make_no_hours_of_silence() {
    let results = transmux(&spread(&fixture("vod_0.ts"), 9 * 90_000));
    let (start, end) = span(&results, TrackKind::Audio);
    assert!(end - start < 16.0, "{start} to {end}");
    let is_told = |error: &&Error| matches!(error, Error::DamagedMedia { problem, .. } if problem.contains("too far apart"));
    assert!(problems(&results).iter().any(is_told), "{:?}", problems(&results));
}

#[test]
fn a_frame_of_sound_goes_on_in_the_next_segment() {
    let [first, second] = ["cut_sound_0.ts", "cut_sound_1.ts"].map(fixture);
    let whole = TempFile::new("ts", &[first.clone(), second.clone()].concat());
    for is_growing in [false, true] {
        let start = |start| SegmentStart { is_growing, ..start };
        let both =
            [(first.clone(), start(alone_at(0.0))), (second.clone(), start(following_at(2.0)))];
        let results = transmux_each(&both);
        assert!(problems(&results).is_empty(), "{:?}", problems(&results));
        let file = TempFile::new("mp4", &track_bytes(&results, TrackKind::Audio));
        let hashes = frame_hashes(file.path(), "a");
        let wanted = frame_hashes(whole.path(), "a");
        // The very last one may be cut off.
        assert!(hashes.len() > 180 && wanted.starts_with(&hashes), "{} frames", hashes.len());
    }
    // Never over a join, where the rest of the frame is another stream's.
    let results = transmux_each(&[(first, alone_at(0.0)), (second, joining_at(2.0))]);
    frame_sizes(&results);
}

#[test]
fn sound_with_a_channel_layout_of_its_own_is_named_and_the_picture_kept() {
    let results = transmux(&fixture("own_layout.ts"));
    assert_eq!(fragments(&results, TrackKind::Video).len(), 1);
    let is_named = |error: &&Error| matches!(error, Error::UnsupportedCodec { codec } if codec.contains("program config"));
    assert!(
        matches!(problems(&results).as_slice(), [one] if is_named(one)),
        "{:?}",
        problems(&results)
    );
}
