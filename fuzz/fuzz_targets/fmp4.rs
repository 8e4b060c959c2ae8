//! Damaged fMP4: init segments, and segments still being written in any chunking.
//!
//! In: edits, four bytes each (where, what, a value), of an init segment and fragments made from a
//! fixture. Judged: nothing panics, what is read is finite, no byte is lost or made up, and chunks
//! do not matter. Memory is bounded by the command line's limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use videosphere::demux::container::Format;
use videosphere::demux::fmp4::ChunkSplitter;
use videosphere::demux::fmp4::{InitInfo, SegmentHead};
use videosphere::media::TrackKind;
use videosphere::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};

static WHOLE: OnceLock<[Vec<u8>; 2]> = OnceLock::new();

fuzz_target!(|input: &[u8]| {
    let Some((choice, edits)) = input.split_last() else { return };
    let [init, media] = WHOLE.get_or_init(whole);
    let (init_edits, media_edits) = edits.split_at((edits.len() / 8) * 4);
    let init = edited(init, init_edits);
    let media = edited(media, media_edits);
    let Ok(info) = InitInfo::parse(&init) else { return };
    let _ = (info.kind(), info.mime(), info.is_encrypted());
    if let Some(head) = SegmentHead::parse(&media, &info) {
        let times = [head.start_secs(&info), head.end_secs(&info)];
        assert!(times.into_iter().flatten().all(f64::is_finite), "{times:?}");
    }
    let chunk_len = [1, 7, 64, 1000, usize::MAX][usize::from(choice % 5)];
    assert_eq!(split(&media, chunk_len, &info), split(&media, usize::MAX, &info));
});

/// What comes out together, and whether all was taken in.
fn split(media: &[u8], chunk_len: usize, info: &InitInfo) -> (Vec<u8>, bool) {
    let mut splitter = ChunkSplitter::default();
    let mut out = Vec::new();
    for bytes in media.chunks(chunk_len) {
        let taken = splitter.push(bytes);
        while let Some(chunks) = splitter.take(info) {
            assert!(chunks.start_secs.is_none_or(f64::is_finite));
            assert!(chunks.end_secs.is_none_or(f64::is_finite));
            out.extend(chunks.bytes);
        }
        if taken.is_err() {
            assert!(media.starts_with(&out));
            return (out, false);
        }
    }
    assert!(media.starts_with(&out) && out.len() + splitter.held_len() == media.len());
    (out, true)
}

fn edited(bytes: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for edit in edits.chunks_exact(4) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % (bytes.len() + 1);
        match edit[2] % 4 {
            0 => bytes.insert(at, edit[3]),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 if at < bytes.len() => bytes[at] = edit[3],
            // Seldom: it ends what all later edits could reach.
            3 if edit[3] == 0 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes
}

/// The video of a fixture, as init segment and fragments.
fn whole() -> [Vec<u8>; 2] {
    let mut transmuxer = Transmuxer::new();
    transmuxer.begin_segment(SegmentStart {
        format: Format::MpegTs,
        timeline_start_secs: 0.0,
        duration_secs: 2.0,
        discontinuity_sequence: 0,
        succession: Succession::Apart,
        is_growing: true,
    });
    for bytes in include_bytes!("../../tests/fixtures/vod_0.ts").chunks(2000) {
        transmuxer.push(bytes);
    }
    transmuxer.end_segment();
    let mut made = [Vec::new(), Vec::new()];
    while let Some(result) = transmuxer.poll() {
        match result {
            Transmuxed::Init { track: TrackKind::Video, bytes, .. } => {
                made[0].extend_from_slice(bytes.as_slice());
            }
            Transmuxed::Fragment { track: TrackKind::Video, bytes, .. } => {
                made[1].extend_from_slice(bytes.as_slice());
            }
            _ => {}
        }
    }
    made
}
