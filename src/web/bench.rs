//! Entry points of `cargo xtask bench`, in a module that is never packaged.
//!
//! In: a whole segment, or a playlist's body. Out: a count that proves the work was done. What
//! comes out stays in wasm memory, as it does in the worker, where appends are views of it.

use crate::demux::container::Format;
use crate::playlist::{self, ParseOptions, Playlist};
use crate::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};
use core::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

/// As `fetch` hands a body over.
const CHUNK_LEN: usize = 64 * 1024;

thread_local! {
    // One transmuxer for a whole stream, as in the engine.
    static TRANSMUXER: RefCell<Transmuxer> = RefCell::new(Transmuxer::new());
}

/// Transmuxes one segment, which follows nothing; returns the bytes of all that comes out.
#[wasm_bindgen]
#[must_use]
pub fn bench_transmux(bytes: &[u8]) -> usize {
    TRANSMUXER.with_borrow_mut(|transmuxer| {
        transmuxer.begin_segment(SegmentStart {
            format: Format::MpegTs,
            timeline_start_secs: 0.0,
            duration_secs: 2.0,
            discontinuity_sequence: 0,
            succession: Succession::Apart,
            is_growing: false,
        });
        bytes.chunks(CHUNK_LEN).for_each(|chunk| transmuxer.push(chunk));
        transmuxer.end_segment();
        core::iter::from_fn(|| transmuxer.poll())
            .map(|result| match result {
                Transmuxed::Init { bytes, .. } | Transmuxed::Fragment { bytes, .. } => {
                    bytes.as_slice().len()
                }
                Transmuxed::Problem(_) => 0,
            })
            .sum()
    })
}

/// Parses one playlist's body; returns its segments (or variants), 0 where it is none.
///
/// Timed from outside this is all that the worker does with a body, and more: the copy into wasm
/// memory, the check for UTF-8, the model, and freeing it again.
#[wasm_bindgen]
#[must_use]
pub fn bench_playlist(body: &[u8], url: &str) -> usize {
    let options = ParseOptions { url, imported_variables: &[] };
    match playlist::parse_bytes(body, options) {
        Ok(Playlist::Media(media)) => media.segments.len(),
        Ok(Playlist::Multivariant(multivariant)) => multivariant.variants.len(),
        Err(_) => 0,
    }
}
