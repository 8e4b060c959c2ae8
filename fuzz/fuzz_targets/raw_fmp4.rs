//! fMP4 of any bytes, as the engine meets it: a segment without EXT-X-MAP, in any chunks.
//!
//! In: bytes, the last of which says how they are cut. Judged: nothing panics, times are numbers,
//! and what is asked of the media source, and told, does not depend on the chunks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere::demux::container::Container;
use videosphere::demux::fmp4::{ChunkSplitter, InitInfo, SegmentHead};
use videosphere_fuzz::probe;

fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_last() else { return };
    let chunk_len = [1, 3, 8, 13, 100, 1000][usize::from(choice % 6)];
    let sniffed = Container::sniff(body, true);
    for len in (0..body.len().min(700)).chain([body.len()]) {
        let early = Container::sniff(&body[..len], false);
        assert!(early.is_none() || early == sniffed, "{early:?} by {len} bytes, then {sniffed:?}");
    }
    if let Ok(info) = InitInfo::parse(body) {
        let _ = (info.kind(), info.mime(), info.is_encrypted());
        let times = SegmentHead::parse(body, &info)
            .map(|head| [head.start_secs(&info), head.end_secs(&info)]);
        assert!(times.into_iter().flatten().flatten().all(f64::is_finite), "{times:?}");
        assert_eq!(split(body, chunk_len, &info), split(body, usize::MAX, &info));
    }
    if sniffed == Some(Container::Fmp4) {
        assert_eq!(probe::told(body, chunk_len), probe::told(body, usize::MAX));
    }
});

/// What comes out together, and whether all was taken in.
fn split(body: &[u8], chunk_len: usize, info: &InitInfo) -> (Vec<u8>, bool) {
    let mut splitter = ChunkSplitter::default();
    let mut out = Vec::new();
    for bytes in body.chunks(chunk_len) {
        let is_taken = splitter.push(bytes).is_ok();
        while let Some(chunks) = splitter.take(info) {
            assert!(chunks.start_secs.is_none_or(f64::is_finite));
            assert!(chunks.end_secs.is_none_or(f64::is_finite));
            out.extend(chunks.bytes);
        }
        if !is_taken {
            return (out, false);
        }
    }
    (out, true)
}
