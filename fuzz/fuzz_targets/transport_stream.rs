//! Segments of any bytes: nothing panics, what comes out is well formed, and chunks do not matter.
//! Seeds: `tests/fixtures` (the last byte says how the segment is cut and whether it follows on).

#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere::demux::container::Format;
use videosphere::demux::fmp4::{InitInfo, SegmentHead};
use videosphere::demux::sample_aes::SampleKey;
use videosphere::media::TrackKind;
use videosphere::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_last() else { return };
    let chunk_len = [1, 13, 188, 200, 1000, 65_536, usize::MAX][usize::from(choice % 7)];
    let succession = [Succession::Apart, Succession::Adjacent, Succession::Contiguous];
    let mode = Mode { succession: succession[usize::from(choice / 7 % 3)], is_growing: false };
    let chunked = transmux(bytes, chunk_len, mode);
    assert!(chunked == transmux(bytes, usize::MAX, mode), "chunks of {chunk_len}");

    // Pieces fall as the chunks do, but each is whole.
    check(&chunked);
    check(&transmux(bytes, chunk_len, Mode { is_growing: true, ..mode }));
});

fn check(results: &[Transmuxed]) {
    let mut inits: [Option<InitInfo>; 2] = [None, None];
    for result in results {
        match result {
            Transmuxed::Init { track, bytes, .. } => {
                let init = InitInfo::parse(bytes.as_slice()).expect("an init segment we wrote");
                inits[usize::from(*track == TrackKind::Audio)] = Some(init);
            }
            Transmuxed::Fragment { track, start_secs, end_secs, bytes, .. } => {
                assert!(*start_secs >= 0.0 && end_secs > start_secs);
                let init = inits[usize::from(*track == TrackKind::Audio)].as_ref();
                let init = init.expect("an init segment before the first fragment");
                let head = SegmentHead::parse(bytes.as_slice(), init).expect("a moof we wrote");
                assert_eq!(head.fragments.len(), 1);
            }
            Transmuxed::Problem(problem) => assert!(!problem.to_string().is_empty()),
        }
    }
}

#[derive(Clone, Copy)]
struct Mode {
    succession: Succession,
    is_growing: bool,
}

/// The segment twice, the second time following on or not.
fn transmux(bytes: &[u8], chunk_len: usize, mode: Mode) -> Vec<Transmuxed> {
    let mut transmuxer = Transmuxer::new();
    let mut results = Vec::new();
    // Streams that call themselves encrypted are; all others are left alone.
    transmuxer.set_sample_key(Some(SampleKey { key: [7; 16], iv: [9; 16] }));
    for round in 0..2 {
        transmuxer.begin_segment(SegmentStart {
            format: Format::MpegTs,
            timeline_start_secs: 2.0 * f64::from(round),
            duration_secs: 2.0,
            discontinuity_sequence: 0,
            succession: if round == 0 { Succession::Apart } else { mode.succession },
            is_growing: mode.is_growing,
        });
        bytes.chunks(chunk_len).for_each(|chunk| transmuxer.push(chunk));
        transmuxer.end_segment();
        results.extend(std::iter::from_fn(|| transmuxer.poll()));
    }
    results
}
