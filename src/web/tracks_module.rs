//! Captions, subtitles and timed metadata as a wasm module of its own, for `www/tracks_worker.js`.
//!
//! In: bodies of subtitle renditions, by the number that the engine gave their track, and where they
//! stand; and what is appended to the media source, in which captions travel. Out: JSON (UTF-8) of what
//! changed ([`crate::tracks::json`]), and what was wrong. It decides nothing; [`crate::tracks`] reads.

mod events;
mod in_band;
mod text;

use core::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use in_band::InBand;
use text::Text;

thread_local! {
    static TEXTS: RefCell<Vec<(u32, Text)>> = const { RefCell::new(Vec::new()) };
    static IN_BAND: RefCell<InBand> = const { RefCell::new(InBand::new()) };
}

fn with_text<T>(number: u32, call: impl FnOnce(&mut Text) -> T) -> T {
    TEXTS.with_borrow_mut(|texts| {
        let index = texts.iter().position(|(known, _)| *known == number);
        // Taken out and put back, so that no index can be wrong.
        let mut entry = index.map_or_else(|| (number, Text::default()), |at| texts.swap_remove(at));
        let result = call(&mut entry.1);
        texts.push(entry);
        result
    })
}

/// The EXT-X-MAP resource of a track's segments to come.
#[wasm_bindgen(js_name = setInit)]
pub fn set_init(number: u32, bytes: &[u8]) {
    with_text(number, |text| text.set_init(bytes));
}

/// Reads a segment of a subtitle rendition. `offset_secs` makes presentation times of the times of the
/// media beside it; it is no number where that is not known.
#[wasm_bindgen(js_name = readText)]
#[must_use]
pub fn read_text(
    number: u32,
    bytes: &[u8],
    start_secs: f64,
    end_secs: f64,
    offset_secs: f64,
) -> Vec<u8> {
    let span = (start_secs, end_secs);
    let offset_secs = offset_secs.is_finite().then_some(offset_secs);
    with_text(number, |text| text.read(bytes, span, offset_secs)).into_bytes()
}

/// Forgets a track, which is no longer loaded; what of it comes later is new.
#[wasm_bindgen]
pub fn forget(number: u32) {
    TEXTS.with_borrow_mut(|texts| texts.retain(|(known, _)| *known != number));
}

/// Reads what is appended to a source buffer: an init segment, or media, to whose times `offset_secs` is
/// added.
#[wasm_bindgen(js_name = readMedia)]
#[must_use]
pub fn read_media(source_buffer: u32, bytes: &[u8], offset_secs: f64) -> Vec<u8> {
    IN_BAND.with_borrow_mut(|it| it.read(source_buffer, bytes, offset_secs)).into_bytes()
}

/// Events of the ID3 tags of a PES packet, or before packed audio.
#[wasm_bindgen(js_name = readId3)]
#[must_use]
pub fn read_id3(bytes: &[u8], start_secs: f64) -> Vec<u8> {
    events::id3(bytes, start_secs).into_bytes()
}

/// The event of an EXT-X-DATERANGE: its ID, its CLASS, then its other attributes, each `NAME=VALUE`, in lines.
/// What is no number is not said.
#[wasm_bindgen(js_name = readDateRange)]
#[must_use]
pub fn read_date_range(lines: &[u8], start_secs: f64, end_secs: f64, planned_secs: f64) -> Vec<u8> {
    events::date_range(lines, start_secs, end_secs, planned_secs).into_bytes()
}

/// Forgets everything: another stream begins.
#[wasm_bindgen]
pub fn reset() {
    TEXTS.with_borrow_mut(Vec::clear);
    IN_BAND.with_borrow_mut(|it| *it = InBand::new());
}
