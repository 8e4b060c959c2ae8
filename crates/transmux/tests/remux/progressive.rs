//! A segment that is still being written: fragments come with its bytes, and together they are what
//! the whole segment would have given.

use crate::tools::*;
use videosphere_transmux::TrackKind;
use videosphere_transmux::remux::{SegmentStart, Transmuxed, Transmuxer};

const NO_PROBLEMS: [&videosphere_transmux::Error; 0] = [];
const CHUNK_LENS: [usize; 5] = [188, 1000, 1316, 16_384, usize::MAX];
const TRACKS: [(&str, TrackKind, f64); 2] =
    [("v", TrackKind::Video, 90_000.0), ("a", TrackKind::Audio, 48_000.0)];

fn progressive(start: SegmentStart) -> SegmentStart {
    SegmentStart { is_growing: true, ..start }
}

fn transmux_progressively(names: &[&str], chunk_len: usize) -> Vec<Transmuxed> {
    let mut transmuxer = Transmuxer::new();
    let mut results = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let at = index as f64 * 2.0;
        let start = if index == 0 { alone_at(at) } else { following_at(at) };
        let bytes = fixture(name);
        let chunk_len = chunk_len.min(bytes.len());
        results.extend(transmux_segment(&mut transmuxer, progressive(start), &bytes, chunk_len));
    }
    results
}

/// Packets and decoded frames of every track, whatever the chunks, are those of the whole segments.
fn assert_same_as_whole(names: &[&str]) {
    let inputs: Vec<_> = names.iter().map(|name| fixture(name)).collect();
    let whole = transmux_all(&inputs);
    for chunk_len in CHUNK_LENS {
        let pieces = transmux_progressively(names, chunk_len);
        assert_eq!(problems(&pieces), NO_PROBLEMS, "{names:?} in chunks of {chunk_len}");
        for (kind, track, _) in TRACKS {
            let files = [&whole, &pieces].map(|it| TempFile::new("mp4", &track_bytes(it, track)));
            let [whole, pieces] = [&files[0], &files[1]].map(|it| probe_packets(it.path(), kind));
            assert!(whole.len() > 20, "{} packets", whole.len());
            assert!(whole == pieces, "packets of {kind} of {names:?} in chunks of {chunk_len}");
            if chunk_len != 1000 {
                continue;
            }
            let [whole, pieces] = [&files[0], &files[1]].map(|it| frame_hashes(it.path(), kind));
            assert!(whole == pieces, "frames of {kind} of {names:?} in chunks of {chunk_len}");
        }
    }
}

#[test]
fn pieces_with_reordering_are_bit_exact_over_two_segments() {
    assert_same_as_whole(&["vod_0.ts", "vod_1.ts"]);
}

#[test]
fn pieces_of_an_open_gop_are_bit_exact_over_two_segments() {
    assert_same_as_whole(&["open_gop_0.ts", "open_gop_1.ts"]);
}

#[test]
fn pieces_over_the_33_bit_wrap_are_bit_exact() {
    assert_same_as_whole(&["wrap.ts"]);
}

#[test]
fn pieces_of_packed_audio_are_bit_exact() {
    let pieces = transmux_progressively(&["packed.aac"], 500);
    assert_eq!(problems(&pieces), NO_PROBLEMS);
    assert!(fragments(&pieces, TrackKind::Audio).len() > 5);
    let whole = transmux(&fixture("packed.aac"));
    let files =
        [&whole, &pieces].map(|it| TempFile::new("mp4", &track_bytes(it, TrackKind::Audio)));
    let [whole, pieces] = [&files[0], &files[1]].map(|it| probe_packets(it.path(), "a"));
    assert_eq!(whole, pieces);
    assert_eq!(frame_hashes(files[0].path(), "a"), frame_hashes(files[1].path(), "a"));
}

#[test]
fn pieces_touch_and_are_short() {
    for names in [["vod_0.ts", "vod_1.ts"], ["open_gop_0.ts", "open_gop_1.ts"]] {
        let results = transmux_progressively(&names, 1000);
        for (_, track, rate_hz) in TRACKS {
            let spans = fragments(&results, track);
            assert!(spans.len() > 15, "{} fragments of {track:?}", spans.len());
            let longest = spans.iter().map(|(start, end, _)| end - start).fold(0.0, f64::max);
            assert!(longest < 0.5, "a fragment of {longest} s");
            for pair in spans.windows(2) {
                let (end, start) = (pair[0].1, pair[1].0);
                assert!((end - start).abs() < 1.5 / rate_hz, "{track:?} {end} then {start}");
                assert!(pair[0].0 < end, "{pair:?}");
            }
        }
    }
}

#[test]
fn what_came_is_given_out_before_the_rest() {
    let bytes = fixture("vod_0.ts");
    let mut transmuxer = Transmuxer::new();
    transmuxer.begin_segment(progressive(alone_at(0.0)));
    let mut results = Vec::new();
    let mut ends = Vec::new();
    for chunk in bytes.chunks(bytes.len() / 20) {
        transmuxer.push(chunk);
        results.extend(std::iter::from_fn(|| transmuxer.poll()));
        let end = |track| fragments(&results, track).last().map_or(0.0, |last| last.1);
        ends.push((end(TrackKind::Video), end(TrackKind::Audio)));
    }
    // A key frame takes up a good part of the first bytes, and of those after the first second.
    assert!(ends[6].0 > 0.3 && ends[6].1 > 0.1, "{ends:?}");
    assert!(ends[12].0 > 0.9 && ends[12].1 > 0.6, "{ends:?}");
    assert!(ends[18].0 > 1.5 && ends[18].1 > 1.2, "{ends:?}");
    assert!(matches!(results[0], Transmuxed::Init { .. }));
}

/// The stream from its `from`th packet on, behind its PAT and PMT.
fn joined_late(bytes: &[u8], from: usize) -> Vec<u8> {
    let pid = |packet: &[u8]| u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]);
    let tables = bytes.chunks(188).filter(|packet| matches!(pid(packet), 0 | 0x1000)).take(2);
    let rest = bytes.chunks(188).skip(from);
    tables.chain(rest).flatten().copied().collect()
}

#[test]
fn a_join_between_key_frames_begins_at_the_next_one() {
    for name in ["vod_0.ts", "open_gop_0.ts"] {
        let all = fixture(name);
        let bytes = joined_late(&all, all.len() / 188 / 4);
        let mut outcomes = Vec::new();
        for chunk_len in [188, 5000] {
            let mut transmuxer = Transmuxer::new();
            let start = progressive(alone_at(0.0));
            let results = transmux_segment(&mut transmuxer, start, &bytes, chunk_len);
            let spans = fragments(&results, TrackKind::Video);
            assert!(spans.len() > 5, "{spans:?}");
            assert!(spans[0].2, "the first fragment begins with a key frame");
            let told: Vec<_> = problems(&results).iter().map(ToString::to_string).collect();
            // Once for the segment, not for each piece; leading pictures of an open GOP apart.
            assert_eq!(told.len(), if name == "vod_0.ts" { 1 } else { 2 }, "{told:?}");
            assert!(told[0].contains("cannot be decoded"), "{told:?}");
            let file = TempFile::new("mp4", &track_bytes(&results, TrackKind::Video));
            outcomes.push(frame_hashes(file.path(), "v"));
        }
        // From the second key frame, a second in, to the end.
        let expected = frame_hashes(&fixture_path(name), "v");
        assert!(outcomes[0].len() >= 28, "{} frames", outcomes[0].len());
        assert!(expected.ends_with(&outcomes[0]), "{name}");
        assert_eq!(outcomes[0], outcomes[1]);
    }
}

#[test]
fn a_change_of_size_inside_a_progressive_segment_makes_a_second_init_segment() {
    let results = transmux_progressively(&["two_sizes.ts"], 1000);
    assert_eq!(codecs(&results, TrackKind::Video).len(), 2);
    let frames = results.iter().filter(|result| matches!(result, Transmuxed::Fragment { .. }));
    assert!(frames.count() > 10);
    let spans = fragments(&results, TrackKind::Video);
    let end = spans.last().expect("fragments").1;
    assert!((end - spans[0].0 - 2.0).abs() < 0.01, "{spans:?}");
}

#[test]
fn a_broken_off_progressive_segment_keeps_what_came() {
    let bytes = fixture("vod_0.ts");
    let mut transmuxer = Transmuxer::new();
    let start = progressive(alone_at(0.0));
    let cut = &bytes[..bytes.len() / 2];
    let first = transmux_segment(&mut transmuxer, start, cut, 1000);
    let end = fragments(&first, TrackKind::Video).last().expect("fragments").1;
    assert!((0.4..1.6).contains(&end), "{end}");
    // The next segment is not taken for its continuation.
    let next = progressive(alone_at(2.0));
    let second = transmux_segment(&mut transmuxer, next, &fixture("vod_1.ts"), 1000);
    let spans = fragments(&second, TrackKind::Video);
    assert!((spans[0].0 - 2.0).abs() < 0.1 && spans[0].2, "{:?}", spans[0]);
}
