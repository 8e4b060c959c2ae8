//! What fMP4 carries beside its media, of any bytes: an init segment and segments in one file.
//!
//! In: bytes, the last of which says how they are cut. Judged: nothing panics, times are numbers, chunks do not
//! matter, and what comes out is in proportion to what came.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere_tracks::captions::Captions;
use videosphere_tracks::fmp4::{Item, Reader};

fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_last() else { return };
    let chunk_len = [1, 3, 8, 13, 100, 1000][usize::from(choice % 6)];
    let whole = read(body, usize::MAX);
    assert_eq!(read(body, chunk_len), whole, "chunks of {chunk_len}");
});

/// What was found: which kind, its times, its bytes.
fn read(body: &[u8], chunk_len: usize) -> Vec<(u8, [f64; 2], Vec<u8>)> {
    let mut reader = Reader::new(body);
    let mut captions = Captions::new();
    let mut found = Vec::new();
    let mut found_len = 0;
    let mut give = |item: Item<'_>| {
        let (kind, times, bytes) = match item {
            Item::Event { segment_start_secs, bytes } => {
                (0, [segment_start_secs.unwrap_or(-1.0), 0.0], bytes)
            }
            Item::CaptionData { pts_secs, decode_secs, triplets } => {
                captions.push(pts_secs, decode_secs, triplets);
                while captions.poll().is_some() {}
                (1, [pts_secs, decode_secs], triplets)
            }
            Item::Subtitles { start_secs, duration_secs, bytes, .. } => {
                (2, [start_secs, duration_secs], bytes)
            }
        };
        assert!(times.iter().all(|secs| secs.is_finite()), "{times:?}");
        found_len += bytes.len();
        found.push((kind, times, bytes.to_vec()));
    };
    body.chunks(chunk_len.max(1)).for_each(|chunk| reader.push(chunk, &mut give));
    reader.end_segment(&mut give);
    assert!(found_len <= body.len(), "nothing is given twice");
    found
}
