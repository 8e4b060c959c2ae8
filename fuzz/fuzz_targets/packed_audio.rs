//! Packed audio: tags, frames and garbage in any order and any chunks, over two segments.
//!
//! In: choices (`videosphere_fuzz::script`). Judged: chunks do not matter, whole or in progress all
//! frames come, times are in order, and what comes is in proportion to what came.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere::demux::container::{Container, Format};
use videosphere::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};
use videosphere_fuzz::script::Script;
use videosphere_fuzz::stream::adts;

fuzz_target!(|input: &[u8]| {
    let mut script = Script::new(input);
    let chunk_lens = [1, 2, 3, 7, 9, 10, 11, 64, 1000, 4096];
    let chunk_lens = [script.one_of(&chunk_lens), script.one_of(&chunk_lens)];
    let bytes = written(&mut script);
    for is_growing in [false, true] {
        let cut = transmux(&bytes, chunk_lens, is_growing);
        check(&cut, bytes.len());
        if !is_growing {
            assert!(cut == transmux(&bytes, [usize::MAX; 2], false), "chunks of {chunk_lens:?}");
        }
    }
    let sniffed = Container::sniff(&bytes, true);
    for len in 0..bytes.len().min(600) {
        let early = Container::sniff(&bytes[..len], false);
        assert!(early.is_none() || early == sniffed, "{early:?} by {len} bytes, then {sniffed:?}");
    }
});

fn written(script: &mut Script<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(choice) = script.choice() {
        match choice % 16 {
            0..=5 => bytes.extend(adts(3, script.take(usize::from(choice >> 4)))),
            6 => bytes.extend(adts(script.byte() % 13, &[0x21; 5])),
            7 => bytes.extend(adts(4, &[0x21; 9]).repeat(usize::from(script.byte()))),
            8 | 9 => bytes.extend(tag(u64::from(script.short()) << (choice >> 4), script)),
            10 => bytes.extend([0xff, 0xfb, 0x90, 0]),
            11 => bytes.extend([0x0b, 0x77]),
            12 => bytes.extend(b"ID3"),
            13 => drop(bytes.pop()),
            _ => bytes.extend(script.take(usize::from(choice >> 4))),
        }
    }
    bytes
}

/// An ID3 tag with a timestamp.
fn tag(pts: u64, script: &mut Script<'_>) -> Vec<u8> {
    let payload =
        [&b"com.apple.streaming.transportStreamTimestamp\0"[..], &pts.to_be_bytes()].concat();
    let mut frame = b"PRIV\0\0\0".to_vec();
    frame.push(payload.len() as u8 + script.byte() % 2);
    frame.extend([0, 0]);
    frame.extend(payload);
    let version = 3 + script.byte() % 2;
    let flags = script.one_of(&[0, 0, 0, 0x10, 0x40]);
    let mut tag = vec![b'I', b'D', b'3', version, 0, flags, 0, 0, script.byte() & 1];
    tag.push(frame.len() as u8);
    tag.extend(frame);
    tag
}

fn transmux(bytes: &[u8], chunk_lens: [usize; 2], is_growing: bool) -> Vec<Transmuxed> {
    let mut transmuxer = Transmuxer::new();
    let mut results = Vec::new();
    for (round, chunk_len) in chunk_lens.into_iter().enumerate() {
        transmuxer.begin_segment(SegmentStart {
            format: Format::PackedAudio,
            timeline_start_secs: 2.0 * round as f64,
            duration_secs: 2.0,
            discontinuity_sequence: 0,
            succession: [Succession::Apart, Succession::Contiguous][round],
            is_growing,
        });
        bytes.chunks(chunk_len).for_each(|chunk| transmuxer.push(chunk));
        transmuxer.end_segment();
        results.extend(std::iter::from_fn(|| transmuxer.poll()));
    }
    results
}

fn check(results: &[Transmuxed], taken_len: usize) {
    let mut made_len = 0;
    for result in results {
        match result {
            Transmuxed::Init { bytes, .. } => made_len += bytes.as_slice().len(),
            Transmuxed::Fragment { start_secs, end_secs, bytes, .. } => {
                assert!(*start_secs >= 0.0 && start_secs < end_secs, "{start_secs} to {end_secs}");
                assert!(end_secs - start_secs < 300.0);
                made_len += bytes.as_slice().len();
            }
            Transmuxed::Problem(problem) => assert!(!problem.to_string().is_empty()),
        }
    }
    assert!(made_len < (32 << 20) + 4 * taken_len, "{made_len} of {taken_len}");
}
