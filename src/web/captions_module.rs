//! Captions within the media as a wasm module of its own, for `www/captions_reader.js`.
//!
//! In: what is appended to each source buffer, and what is added to its times. Out: JSON (UTF-8,
//! [`crate::tracks::json`]) of captions that were found, are shown, or ended. It decides nothing;
//! [`crate::tracks::captions`] reads.

use core::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::tracks::captions::{CaptionEvent, Captions, Channel};
use crate::tracks::fmp4::{CAPTIONS, Item, ReaderOf};
use crate::tracks::json;

/// Pictures this far behind those before them were loaded again, or after a seek.
const STEP_BACK_SECS: f64 = 0.5;
/// And this far ahead, elsewhere.
const STEP_AHEAD_SECS: f64 = 5.0;

type Reader = ReaderOf<{ CAPTIONS }>;

thread_local! {
    static IN_BAND: RefCell<InBand> = const { RefCell::new(InBand::new()) };
}

/// Reads what is appended to a source buffer: an init segment, or media, to whose times `offset_secs` is
/// added.
#[wasm_bindgen(js_name = readMedia)]
#[must_use]
pub fn read_media(source_buffer: u32, bytes: &[u8], offset_secs: f64) -> Vec<u8> {
    IN_BAND.with_borrow_mut(|it| it.read(source_buffer, bytes, offset_secs)).into_bytes()
}

/// Forgets everything: another stream begins.
#[wasm_bindgen]
pub fn reset() {
    IN_BAND.with_borrow_mut(|it| *it = InBand::new());
}

/// All that is appended.
struct InBand {
    buffers: Vec<(u32, Reader)>,
    captions: Option<Captions>,
    /// When the last picture is decoded.
    last_secs: f64,
    /// Counts the runs of pictures that follow one another.
    run: u32,
}

impl InBand {
    const fn new() -> Self {
        Self { buffers: Vec::new(), captions: None, last_secs: f64::NAN, run: 0 }
    }

    /// `{found: [channel], captions: [{channel, run, number, cue} or {channel, number, end}]}`
    fn read(&mut self, buffer: u32, bytes: &[u8], offset_secs: f64) -> String {
        if Reader::is_init(bytes) {
            self.buffers.retain(|(known, _)| *known != buffer);
            self.buffers.push((buffer, Reader::new(bytes)));
        }
        let captions = self.captions.get_or_insert_with(Captions::new);
        let (last_secs, run) = (&mut self.last_secs, &mut self.run);
        if let Some((_, reader)) = self.buffers.iter_mut().find(|(known, _)| *known == buffer) {
            reader.read(bytes, &mut |item| {
                let Item::CaptionData { pts_secs, decode_secs, triplets } = item else { return };
                let (pts_secs, decode_secs) = (pts_secs + offset_secs, decode_secs + offset_secs);
                let step_secs = decode_secs - *last_secs;
                if !(-STEP_BACK_SECS..=STEP_AHEAD_SECS).contains(&step_secs) {
                    captions.reset(*last_secs);
                    *run = run.wrapping_add(1);
                }
                *last_secs = decode_secs;
                captions.push(pts_secs, decode_secs, triplets);
            });
        }
        self.answer()
    }

    fn answer(&mut self) -> String {
        let (mut found, mut changes) = (String::new(), String::new());
        while let Some(event) = self.captions.as_mut().and_then(Captions::poll) {
            let into =
                if matches!(event, CaptionEvent::Found(_)) { &mut found } else { &mut changes };
            if !into.is_empty() {
                into.push(',');
            }
            match event {
                CaptionEvent::Found(channel) => into.push_str(&json::string(&name_of(channel))),
                CaptionEvent::Shown { channel, number, cue } => {
                    begin_change(into, channel, number);
                    into.push_str(",\"run\":");
                    into.push_str(&self.run.to_string());
                    into.push_str(",\"cue\":");
                    into.push_str(&json::cue(&cue));
                    into.push('}');
                }
                CaptionEvent::Ended { channel, number, end_secs } => {
                    begin_change(into, channel, number);
                    into.push_str(",\"end\":");
                    into.push_str(&json::number(end_secs));
                    into.push('}');
                }
            }
        }
        ["{\"found\":[", &found, "],\"captions\":[", &changes, "]}"].concat()
    }
}

fn begin_change(into: &mut String, channel: Channel, number: u32) {
    into.push_str("{\"channel\":");
    into.push_str(&json::string(&name_of(channel)));
    into.push_str(",\"number\":");
    into.push_str(&number.to_string());
}

/// As INSTREAM-ID has it.
fn name_of(channel: Channel) -> String {
    match channel {
        Channel::Cc(number) => "CC".to_owned() + &number.to_string(),
        Channel::Service(number) => "SERVICE".to_owned() + &number.to_string(),
    }
}
