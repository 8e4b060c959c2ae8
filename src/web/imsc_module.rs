//! Subtitle renditions of IMSC as a wasm module of its own, for `www/imsc_reader.js`.
//!
//! In: their bodies, by the number that the engine gave their track, and where they stand. Out: JSON (UTF-8)
//! of what changed, and what was wrong ([`super::text_rendition`]). It decides nothing;
//! [`crate::tracks::text::imsc`] reads.

use core::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use super::text_rendition::{File, Format, Renditions};
use crate::tracks::Cue;
use crate::tracks::fmp4::Subtitles;
use crate::tracks::text::mp4::{SampleTime, stpp_cues};
use crate::tracks::text::{Error, imsc};

thread_local! {
    static RENDITIONS: RefCell<Renditions<Imsc>> = const { RefCell::new(Renditions::new()) };
}

struct Imsc;

impl Format for Imsc {
    const SAMPLES: Subtitles = Subtitles::Stpp;

    fn of_init(_init: &[u8]) -> Self {
        Self
    }

    fn sample(&self, bytes: &[u8], time: SampleTime) -> Result<Vec<Cue>, Error> {
        stpp_cues(bytes, time)
    }

    fn file(bytes: &[u8]) -> Result<File, Error> {
        Ok(File { cues: imsc::parse(bytes)?.cues, map: None })
    }
}

/// The EXT-X-MAP resource of a track's segments to come.
#[wasm_bindgen(js_name = setInit)]
pub fn set_init(number: u32, bytes: &[u8]) {
    RENDITIONS.with_borrow_mut(|it| it.set_init(number, bytes));
}

/// Reads a segment. `offset_secs` makes presentation times of the times of the media beside it; it is no number
/// where that is not known.
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
    RENDITIONS.with_borrow_mut(|it| it.read(number, bytes, span, offset_secs)).into_bytes()
}

/// Forgets a track, which is no longer loaded; what of it comes later is new.
#[wasm_bindgen]
pub fn forget(number: u32) {
    RENDITIONS.with_borrow_mut(|it| it.forget(number));
}

/// Forgets everything: another stream begins.
#[wasm_bindgen]
pub fn reset() {
    RENDITIONS.with_borrow_mut(|it| *it = Renditions::new());
}
