//! DASH manifests as a wasm module of its own, for `www/dash_worker.js`.
//!
//! In: a manifest's text each time it comes, by the number that the worker gave it, and the time. Out: UTF-8 of HLS
//! playlists, which the engine reads as any; what is needed before one can be written; or a sentence on what is
//! wrong. It requests nothing and decides nothing; [`crate::dash`] reads and writes.

use core::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::dash::model::{ByteRange, Resource};
use crate::dash::{Error, Playlists, Step};

thread_local! {
    static MANIFESTS: RefCell<Vec<(u32, Playlists)>> = const { RefCell::new(Vec::new()) };
}

/// First bytes of what [`media`] gives: a playlist, a file's range that is needed, a sentence on what is wrong.
const IS_PLAYLIST: u8 = b'P';
const IS_RANGE: u8 = b'R';
const IS_ERROR: u8 = b'E';

fn with<T>(number: u32, call: impl FnOnce(&mut Playlists) -> T) -> Option<T> {
    MANIFESTS.with_borrow_mut(|all| {
        let (_, playlists) = all.iter_mut().find(|(known, _)| *known == number)?;
        Some(call(playlists))
    })
}

fn tagged(tag: u8, text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.push(tag);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// Takes a manifest, for the first time or again; `url` is where it came from after redirects. The sentence on what
/// is wrong is empty where nothing is; then what was known before stays.
#[wasm_bindgen(js_name = takeManifest)]
#[must_use]
pub fn take_manifest(number: u32, text: &[u8], url: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let known = with(number, |playlists| playlists.update(&text, url));
    let result = known.unwrap_or_else(|| {
        let playlists = Playlists::new(&text, url)?;
        MANIFESTS.with_borrow_mut(|all| all.push((number, playlists)));
        Ok(())
    });
    result.err().map_or_else(Vec::new, |error| error.to_string().into_bytes())
}

/// What the worker goes by: lines: milliseconds until the manifest is to be asked for again (empty for never), where
/// (empty for the same place), then scheme and value of each way to ask for the time.
#[wasm_bindgen]
#[must_use]
pub fn facts(number: u32) -> Vec<u8> {
    let text = with(number, |playlists| {
        let mpd = playlists.mpd();
        let update = mpd.minimum_update_micros.filter(|_| mpd.is_dynamic);
        let mut lines = update.map_or_else(String::new, |micros| (micros / 1000).to_string());
        lines.push('\n');
        lines.push_str(mpd.location.as_deref().unwrap_or(""));
        for timing in mpd.utc_timings.iter().filter(|_| mpd.is_dynamic) {
            for part in [&timing.scheme, &timing.value] {
                lines.push('\n');
                lines.push_str(part);
            }
        }
        lines
    });
    text.unwrap_or_default().into_bytes()
}

/// The multivariant playlist.
#[wasm_bindgen]
#[must_use]
pub fn multivariant(number: u32, url: &str) -> Vec<u8> {
    with(number, |playlists| playlists.multivariant(url)).unwrap_or_default().into_bytes()
}

/// The media playlist of a track, or what stands in its way, by its first byte.
#[wasm_bindgen]
#[must_use]
pub fn media(number: u32, track: usize, base: usize, now_millis: f64) -> Vec<u8> {
    let step = with(number, |playlists| playlists.media(track, base, now_millis));
    match step.unwrap_or(Err(Error::NoSuchTrack)) {
        Ok(Step::Text(text)) => tagged(IS_PLAYLIST, &text),
        Ok(Step::NeedsIndex(asked)) => {
            let range = asked.range.unwrap_or(ByteRange { offset: 0, length: None });
            let mut text = range.offset.to_string();
            text.push(' ');
            text.push_str(&range.length.unwrap_or(0).to_string());
            text.push(' ');
            text.push_str(&asked.url);
            tagged(IS_RANGE, &text)
        }
        Err(error) => tagged(IS_ERROR, &error.to_string()),
    }
}

/// The bytes of a file that [`media`] asked for; a sentence where they are no index.
#[wasm_bindgen(js_name = giveIndex)]
#[must_use]
pub fn give_index(number: u32, url: &str, offset: f64, bytes: &[u8]) -> Vec<u8> {
    let range = Some(ByteRange { offset: offset as u64, length: None });
    let asked = Resource { url: url.to_owned(), range };
    let result = with(number, |playlists| playlists.give_index(&asked, bytes));
    match result {
        Some(Err(error)) => error.to_string().into_bytes(),
        _ => Vec::new(),
    }
}

/// A date as XML writes it, in milliseconds since 1970; no number where it is none.
#[wasm_bindgen(js_name = dateMillis)]
#[must_use]
pub fn date_millis(text: &str) -> f64 {
    crate::time::date_millis(text).unwrap_or(f64::NAN)
}

/// Forgets a manifest.
#[wasm_bindgen]
pub fn forget(number: u32) {
    MANIFESTS.with_borrow_mut(|all| all.retain(|(known, _)| *known != number));
}
