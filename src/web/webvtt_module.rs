//! Subtitle renditions of WebVTT as a wasm module of its own, for `www/webvtt_reader.js`.
//!
//! In: their bodies, by the number that the engine gave their track, and where they stand. Out: JSON (UTF-8)
//! of what changed, and what was wrong ([`super::text_rendition`]). It decides nothing;
//! [`crate::tracks::text::webvtt`] reads.

use core::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use super::text_rendition::{File, Format, Renditions};
use crate::tracks::Cue;
use crate::tracks::fmp4::Subtitles;
use crate::tracks::text::mp4::{SampleTime, wvtt_cues};
use crate::tracks::text::{Error, webvtt};

thread_local! {
    static RENDITIONS: RefCell<Renditions<WebVtt>> = const { RefCell::new(Renditions::new()) };
}

/// What a sample entry says for all samples.
#[derive(Default)]
struct WebVtt(webvtt::Header);

impl Format for WebVtt {
    const SAMPLES: Subtitles = Subtitles::Wvtt;

    fn of_init(init: &[u8]) -> Self {
        Self(vttc(init).and_then(|it| webvtt::parse_header(it).ok()).unwrap_or_default())
    }

    fn sample(&self, bytes: &[u8], time: SampleTime) -> Result<Vec<Cue>, Error> {
        wvtt_cues(&self.0, bytes, time)
    }

    fn file(bytes: &[u8]) -> Result<File, Error> {
        let file = webvtt::parse(bytes)?;
        Ok(File { cues: file.cues, map: file.timestamp_map })
    }
}

/// The configuration of a `wvtt` sample entry (ISO 14496-30, 7.5), wherever in an init segment.
fn vttc(init: &[u8]) -> Option<&[u8]> {
    let at = init.windows(4).position(|window| window == b"vttC")?;
    let len =
        init.get(at.checked_sub(4)?..at)?.first_chunk().map(|len| u32::from_be_bytes(*len))?;
    init.get(at + 4..at.checked_add((len as usize).checked_sub(4)?)?)
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
