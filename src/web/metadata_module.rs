//! Timed metadata as a wasm module of its own, for `www/metadata_reader.js`.
//!
//! In: what is appended to each source buffer, in which `emsg` boxes travel, and what is added to its times; ID3
//! tags; EXT-X-DATERANGE. Out: JSON (UTF-8) of their events ([`crate::tracks::json`]). It decides nothing;
//! [`crate::tracks::metadata`] reads.

use core::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::tracks::event::Event;
use crate::tracks::fmp4::{EVENTS, Item, ReaderOf};
use crate::tracks::json;
use crate::tracks::metadata::{daterange, emsg, id3};

type Reader = ReaderOf<{ EVENTS }>;

thread_local! {
    static BUFFERS: RefCell<Vec<(u32, Reader)>> = const { RefCell::new(Vec::new()) };
}

/// Events in what is appended to a source buffer: an init segment, or media, to whose times `offset_secs` is
/// added.
#[wasm_bindgen(js_name = readMedia)]
#[must_use]
pub fn read_media(source_buffer: u32, bytes: &[u8], offset_secs: f64) -> Vec<u8> {
    let mut events: Vec<Event> = Vec::new();
    BUFFERS.with_borrow_mut(|buffers| {
        if Reader::is_init(bytes) {
            buffers.retain(|(known, _)| *known != source_buffer);
            buffers.push((source_buffer, Reader::new(bytes)));
        }
        if let Some((_, reader)) = buffers.iter_mut().find(|(known, _)| *known == source_buffer) {
            reader.read(bytes, &mut |item| {
                let Item::Event { segment_start_secs, bytes } = item else { return };
                let start_secs = segment_start_secs.unwrap_or(0.0) + offset_secs;
                // One that cannot be read costs itself.
                events.extend(emsg::event(bytes, start_secs, offset_secs));
            });
        }
    });
    json::events(&events).into_bytes()
}

/// Events of the ID3 tags of a PES packet, or before packed audio; none where there is no tag.
#[wasm_bindgen(js_name = readId3)]
#[must_use]
pub fn read_id3(bytes: &[u8], start_secs: f64) -> Vec<u8> {
    json::events(&id3::events(bytes, start_secs).unwrap_or_default()).into_bytes()
}

/// The event of an EXT-X-DATERANGE: its ID, its CLASS, then its other attributes, each `NAME=VALUE`, in lines.
/// What is no number is not said.
#[wasm_bindgen(js_name = readDateRange)]
#[must_use]
pub fn read_date_range(lines: &[u8], start_secs: f64, end_secs: f64, planned_secs: f64) -> Vec<u8> {
    let text = String::from_utf8_lossy(lines);
    let mut lines = text.split('\n');
    let id = lines.next().unwrap_or_default();
    let class = lines.next().filter(|class| !class.is_empty());
    let attributes = lines.filter_map(|line| line.split_once('='));
    let attributes: Vec<(String, String)> =
        attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let finite = |secs: f64| secs.is_finite().then_some(secs);
    let range = daterange::DateRange {
        id,
        class,
        start_secs,
        end_secs: finite(end_secs),
        duration_secs: None,
        planned_duration_secs: finite(planned_secs),
        attributes: &attributes,
    };
    json::events(&daterange::events(&[range])).into_bytes()
}

/// Forgets everything: another stream begins.
#[wasm_bindgen]
pub fn reset() {
    BUFFERS.with_borrow_mut(Vec::clear);
}
