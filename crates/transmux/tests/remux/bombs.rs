//! Few bytes that ask for very much memory or time: what becomes of them is in proportion, it is
//! told, and the next segment plays.

use crate::memory;
use crate::stream::{KEY_PICTURE, PICTURE_SET, SEQUENCE_SET, Stream, adts};
use crate::tools::*;
use videosphere_transmux::Error;
use videosphere_transmux::TrackKind;
use videosphere_transmux::remux::{SegmentStart, Transmuxed, Transmuxer};

const MIB: usize = 1 << 20;
/// Beside three times its own bytes.
const MOST_LEN: usize = 32 * MIB;

/// A stream of this many bytes at least, written by calls with 0, 1, 2…
fn stream_of(least_len: usize, mut write: impl FnMut(&mut Stream, u64)) -> Vec<u8> {
    let mut stream = Stream::new();
    stream.video(90_000, &[SEQUENCE_SET, PICTURE_SET, KEY_PICTURE]);
    let mut index = 0;
    while stream.bytes.len() < least_len {
        write(&mut stream, index);
        index += 1;
    }
    stream.bytes
}

fn pts(index: u64) -> u64 {
    93_000 + index * 3000
}

/// Another program map before each picture.
fn maps(least_len: usize) -> Vec<u8> {
    stream_of(least_len, |stream, index| {
        stream.map((index as u8).wrapping_add(1), index % 2 == 1);
        stream.video(pts(index), &[KEY_PICTURE]);
    })
}

/// Other parameter sets before each of many pictures in a packet.
fn parameter_sets(least_len: usize) -> Vec<u8> {
    stream_of(least_len, |stream, index| {
        let picture_sets = [PICTURE_SET, &[0x68, 0xce, 0x38, 0x81]];
        let units: Vec<&[u8]> = (0..1000)
            .flat_map(|unit| [SEQUENCE_SET, picture_sets[unit % 2], KEY_PICTURE])
            .collect();
        stream.video(pts(index), &units);
    })
}

/// Each frame of sound has another rate than the one before.
fn rates(frames: usize) -> Vec<u8> {
    (0..frames).flat_map(|index| adts(3 + (index % 2) as u8, &[0x21])).collect()
}

fn sound_rates(least_len: usize) -> Vec<u8> {
    stream_of(least_len, |stream, index| stream.audio(pts(index), &rates(2000)))
}

/// All before the first program map.
fn early(least_len: usize) -> Vec<u8> {
    let mut packets: Vec<_> = parameter_sets(least_len).chunks(188).map(<[u8]>::to_vec).collect();
    let map = packets.remove(1);
    packets.push(map);
    packets.concat()
}

/// Very many of the smallest frames, all of one kind: hours of sound.
fn hours_of_sound(frames: usize) -> Vec<u8> {
    adts(11, &[0x21]).repeat(frames)
}

/// Pictures of which each is shown nine seconds after the one before.
fn hours_of_pictures(least_len: usize) -> Vec<u8> {
    stream_of(least_len, |stream, index| stream.video(pts(index * 270), &[KEY_PICTURE]))
}

fn is_told(results: &[Transmuxed]) -> bool {
    problems(results).iter().any(|error| {
        matches!(error, Error::DamagedMedia { problem, .. } if problem.contains("out of proportion"))
    })
}

/// The most memory that was held while the segment went through, and what came of it.
fn peak_of(bytes: &[u8], start: SegmentStart, chunk_len: usize) -> (usize, Vec<Transmuxed>) {
    let mut transmuxer = Transmuxer::new();
    let (peak, results) =
        memory::peak_of(|| transmux_segment(&mut transmuxer, start, bytes, chunk_len));
    // A good segment after it plays as ever.
    let start = SegmentStart { discontinuity_sequence: 1, ..alone_at(2.0) };
    let next = transmux_segment(&mut transmuxer, start, &fixture("vod_0.ts"), 4096);
    let [(begin, end, true)] = fragments(&next, TrackKind::Video)[..] else {
        panic!("{:?}", fragments(&next, TrackKind::Video));
    };
    assert!((begin - 2.0).abs() < 0.3 && (end - begin - 2.0).abs() < 0.3, "{begin} to {end}");
    (peak, results)
}

#[test]
fn few_bytes_ask_for_no_great_memory() {
    for (name, bytes) in [
        ("program maps", maps(3 * MIB)),
        ("parameter sets", parameter_sets(3 * MIB)),
        ("parameter sets before the map", early(3 * MIB / 2)),
        ("sound rates", sound_rates(3 * MIB)),
        ("sound rates, packed", rates(300_000)),
    ] {
        for is_growing in [false, true] {
            let start = SegmentStart { is_growing, ..alone_at(0.0) };
            let (peak, results) = peak_of(&bytes, start, bytes.len());
            assert!(
                peak < MOST_LEN + 3 * bytes.len(),
                "{name}: {} kB became {} kB",
                bytes.len() / 1024,
                peak / 1024
            );
            assert!(!problems(&results).is_empty(), "{name}: nothing is told");
            // However it is cut.
            if !is_growing {
                assert!(results == peak_of(&bytes, start, 1447).1, "{name}");
            }
        }
    }
}

#[test]
fn a_segment_of_seconds_plays_no_hours() {
    for (name, bytes) in [("sound", hours_of_sound(40_000)), ("pictures", hours_of_pictures(MIB))] {
        for is_growing in [false, true] {
            let start = SegmentStart { is_growing, ..alone_at(0.0) };
            let (_, results) = peak_of(&bytes, start, 50_000);
            for track in [TrackKind::Video, TrackKind::Audio] {
                for (start, end, _) in fragments(&results, track) {
                    assert!(start >= 0.0 && end < 130.0, "{name}: {start} to {end}");
                }
            }
            assert!(is_told(&results), "{name}: {:?}", problems(&results));
        }
    }
}

#[test]
fn what_is_large_or_long_in_earnest_is_left_alone() {
    // Half an hour in one segment, as the list says, of silence.
    let bytes = adts(3, &[0x21; 6]).repeat(30 * 60 * 48_000 / 1024);
    let start = SegmentStart { duration_secs: 30.0 * 60.0, ..alone_at(0.0) };
    let (_, results) = peak_of(&bytes, start, 50_000);
    assert!(problems(&results).is_empty(), "{:?}", problems(&results));
    assert!((fragments(&results, TrackKind::Audio)[0].1 - 1800.0).abs() < 0.1);
    // Three minutes where the list says two seconds.
    let (_, results) = peak_of(&adts(3, &[0x21; 6]).repeat(47 * 100), alone_at(0.0), 50_000);
    assert!(problems(&results).is_empty(), "{:?}", problems(&results));
    // A new configuration with each second's key picture.
    let bytes = stream_of(MIB, |stream, index| {
        let picture_sets = [PICTURE_SET, &[0x68, 0xce, 0x38, 0x81]];
        stream.video(
            pts(index * 30),
            &[
                SEQUENCE_SET,
                picture_sets[index as usize % 2],
                &[KEY_PICTURE, &[0x55; 100_000]].concat(),
            ],
        );
    });
    let (_, results) = peak_of(&bytes, alone_at(0.0), 50_000);
    assert!(problems(&results).is_empty(), "{:?}", problems(&results));
    assert!(fragments(&results, TrackKind::Video).len() > 8);
}

#[test]
fn a_segment_of_4k_takes_few_times_its_bytes() {
    // Six seconds at 27 Mbit/s.
    let picture = [KEY_PICTURE, &[0x55; 110_000]].concat();
    let bytes = stream_of(20 * MIB, |stream, index| stream.video(pts(index), &[&picture]));
    let (peak, results) = peak_of(&bytes, alone_at(0.0), 65_536);
    assert!(problems(&results).is_empty(), "{:?}", problems(&results));
    assert!(peak < 4 * bytes.len(), "{} of {}", peak, bytes.len());
    println!("{peak} of {}", bytes.len());
}
