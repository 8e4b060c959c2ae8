//! The transmuxer as a wasm module of its own: what the engine's calls, by `web/transmuxer.rs`.
//!
//! In: segments in chunks, for transmuxers that go by numbers. Out: what comes of them, one at a time, in
//! numbers and texts; fragments stay here until the engine frees them, and are lent as views of this
//! module's memory. What segments carry beside picture and sound is for the worker, which asks for it by
//! [`read_side_data`]: the engine does not see it. It decides nothing.

use core::cell::RefCell;
use std::collections::VecDeque;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;

use super::transmux_words as words;
use crate::demux::container::Format;
use crate::demux::sample_aes::SampleKey;
use crate::error::Error;
use crate::media::TrackKind;
use crate::remux::{
    FragmentBytes, SegmentStart, SideData, Succession, TimestampMapping, Transmuxed, Transmuxer,
};

/// So much side data waits for whoever asked for it; the oldest goes.
const MAX_SIDE_DATA: usize = 4096;

thread_local! {
    static STATE: RefCell<State> = const { RefCell::new(State::new()) };
}

/// All that is here.
struct State {
    transmuxers: Vec<(u32, Transmuxer)>,
    fragments: Vec<(u32, FragmentBytes)>,
    last_number: u32,
    /// What was polled last.
    polled: Polled,
    reads_side_data: bool,
    side_data: VecDeque<SideData>,
}

/// The facts of one [`Transmuxed`].
struct Polled {
    is_audio: bool,
    start_secs: f64,
    end_secs: f64,
    text: String,
    bytes: Vec<u8>,
    fragment: u32,
    fragment_len: u32,
}

impl State {
    const fn new() -> Self {
        let polled = Polled {
            is_audio: false,
            start_secs: 0.0,
            end_secs: 0.0,
            text: String::new(),
            bytes: Vec::new(),
            fragment: 0,
            fragment_len: 0,
        };
        Self {
            transmuxers: Vec::new(),
            fragments: Vec::new(),
            last_number: 0,
            polled,
            reads_side_data: false,
            side_data: VecDeque::new(),
        }
    }

    fn next_number(&mut self) -> u32 {
        self.last_number = self.last_number.wrapping_add(1);
        self.last_number
    }

    /// Takes over what a transmuxer found beside picture and sound.
    fn take_side_data(&mut self, transmuxer: u32) {
        if !self.reads_side_data {
            return;
        }
        let found = self.transmuxers.iter_mut().find(|(number, _)| *number == transmuxer);
        let Some((_, it)) = found else { return };
        self.side_data.extend(core::iter::from_fn(|| it.poll_side_data()));
        let excess = self.side_data.len().saturating_sub(MAX_SIDE_DATA);
        self.side_data.drain(..excess);
    }

    /// Gives what became of a segment next, its facts put where they can be asked for.
    fn poll(&mut self, transmuxer: u32) -> u32 {
        let transmuxer = self.transmuxers.iter_mut().find(|(number, _)| *number == transmuxer);
        let Some(result) = transmuxer.and_then(|(_, it)| it.poll()) else { return words::NOTHING };
        match result {
            Transmuxed::Init { track, codec, bytes } => {
                self.polled.is_audio = track == TrackKind::Audio;
                self.polled.text = codec;
                self.polled.bytes = bytes.as_slice().to_vec();
                words::INIT
            }
            Transmuxed::Fragment { track, start_secs, end_secs, bytes, .. } => {
                let number = self.next_number();
                self.polled.is_audio = track == TrackKind::Audio;
                (self.polled.start_secs, self.polled.end_secs) = (start_secs, end_secs);
                self.polled.fragment = number;
                self.polled.fragment_len = bytes.as_slice().len() as u32;
                self.fragments.push((number, bytes));
                words::FRAGMENT
            }
            Transmuxed::Problem(problem) => {
                let last = words::FORMATS.len() - 1;
                let (kind, text) = match problem.into() {
                    Error::UnsupportedCodec { codec } => (words::UNSUPPORTED_CODEC, codec),
                    Error::Encrypted { method } => (words::ENCRYPTED, method),
                    Error::DamagedMedia { format, problem } => {
                        let index = words::FORMATS.iter().position(|known| *known == format);
                        (words::DAMAGED + index.unwrap_or(last) as u32, problem)
                    }
                    // There is no other: the engine has looked at the container itself.
                    _ => (words::DAMAGED + last as u32, String::new()),
                };
                self.polled.text = text;
                kind
            }
        }
    }
}

fn with<T>(transmuxer: u32, call: impl FnOnce(&mut Transmuxer) -> T) -> Option<T> {
    STATE.with_borrow_mut(|state| {
        let mut transmuxers = state.transmuxers.iter_mut();
        transmuxers.find(|(number, _)| *number == transmuxer).map(|(_, it)| call(it))
    })
}

fn polled<T>(read: impl FnOnce(&mut Polled) -> T) -> T {
    STATE.with_borrow_mut(|state| read(&mut state.polled))
}

/// Makes a transmuxer; gives its number.
#[wasm_bindgen]
#[must_use]
pub fn create() -> u32 {
    STATE.with_borrow_mut(|state| {
        let number = state.next_number();
        let mut transmuxer = Transmuxer::new();
        transmuxer.set_reads_side_data(state.reads_side_data);
        state.transmuxers.push((number, transmuxer));
        number
    })
}

/// Ends a transmuxer. What it made stays.
#[wasm_bindgen]
pub fn destroy(transmuxer: u32) {
    STATE.with_borrow_mut(|state| state.transmuxers.retain(|(number, _)| *number != transmuxer));
}

/// See [`Transmuxer::set_audio_codec`] and [`Transmuxer::begin_segment`].
#[wasm_bindgen(js_name = beginSegment)]
#[allow(clippy::too_many_arguments, reason = "only numbers cross from module to module")]
pub fn begin_segment(
    transmuxer: u32,
    is_packed_audio: bool,
    audio_codec: u32,
    timeline_start_secs: f64,
    duration_secs: f64,
    discontinuity_sequence: u64,
    succession: u32,
    is_growing: bool,
) {
    with(transmuxer, |it| {
        it.set_audio_codec(words::AUDIO_CODECS.get(audio_codec as usize).copied().flatten());
        let format = if is_packed_audio { Format::PackedAudio } else { Format::MpegTs };
        it.begin_segment(SegmentStart {
            format,
            timeline_start_secs,
            duration_secs,
            discontinuity_sequence,
            succession: match succession {
                words::CONTIGUOUS => Succession::Contiguous,
                words::ADJACENT => Succession::Adjacent,
                _ => Succession::Apart,
            },
            is_growing,
        });
    });
}

/// See [`Transmuxer::set_sample_key`]: the key and the initialization vector, or nothing.
#[wasm_bindgen(js_name = setSampleKey)]
pub fn set_sample_key(transmuxer: u32, key_and_iv: &[u8]) {
    let sample_key = match key_and_iv.as_chunks().0 {
        [key, iv] => Some(SampleKey { key: *key, iv: *iv }),
        _ => None,
    };
    with(transmuxer, |it| it.set_sample_key(sample_key));
}

/// See [`Transmuxer::push`].
#[wasm_bindgen]
pub fn push(transmuxer: u32, bytes: &[u8]) {
    with(transmuxer, |it| it.push(bytes));
    STATE.with_borrow_mut(|state| state.take_side_data(transmuxer));
}

/// See [`Transmuxer::end_segment`].
#[wasm_bindgen(js_name = endSegment)]
pub fn end_segment(transmuxer: u32) {
    with(transmuxer, Transmuxer::end_segment);
    STATE.with_borrow_mut(|state| state.take_side_data(transmuxer));
}

/// Whether [`side_data`] gives anything, from the next segment on.
#[wasm_bindgen(js_name = readSideData)]
pub fn read_side_data(reads_side_data: bool) {
    STATE.with_borrow_mut(|state| {
        state.reads_side_data = reads_side_data;
        state.side_data.clear();
        state.transmuxers.iter_mut().for_each(|(_, it)| it.set_reads_side_data(reads_side_data));
    });
}

/// Whether there is one more ID3 tag that a segment carries: its time by [`start_secs`], itself by [`bytes`].
#[wasm_bindgen(js_name = sideData)]
#[must_use]
pub fn side_data() -> bool {
    STATE.with_borrow_mut(|state| {
        let Some(side) = state.side_data.pop_front() else { return false };
        (state.polled.start_secs, state.polled.bytes) = (side.start_secs, side.bytes);
        true
    })
}

/// See [`Transmuxer::announces_both`].
#[wasm_bindgen(js_name = announcesBoth)]
#[must_use]
pub fn announces_both(transmuxer: u32) -> bool {
    with(transmuxer, |it| it.announces_both()).unwrap_or_default()
}

/// See [`Transmuxer::mapping`]: ticks, which are whole numbers that a double holds.
#[wasm_bindgen]
#[must_use]
pub fn mapping(transmuxer: u32, discontinuity_sequence: u64) -> Option<f64> {
    let mapping = with(transmuxer, |it| it.mapping(discontinuity_sequence)).flatten();
    mapping.map(|mapping| mapping.zero_ticks as f64)
}

/// See [`Transmuxer::adopt_mapping`].
#[wasm_bindgen(js_name = adoptMapping)]
pub fn adopt_mapping(transmuxer: u32, discontinuity_sequence: u64, zero_ticks: f64) {
    let zero_ticks = zero_ticks as i64;
    with(transmuxer, |it| {
        it.adopt_mapping(TimestampMapping { discontinuity_sequence, zero_ticks })
    });
}

/// What came of a segment next: one of the numbers above, and its facts by the functions below.
#[wasm_bindgen]
#[must_use]
pub fn poll(transmuxer: u32) -> u32 {
    STATE.with_borrow_mut(|state| state.poll(transmuxer))
}

/// Of an init segment or a fragment: its track.
#[wasm_bindgen(js_name = isAudio)]
#[must_use]
pub fn is_audio() -> bool {
    polled(|it| it.is_audio)
}

/// A codec, an encryption or a problem, as UTF-8: no text is decoded here, which keeps the
/// code for that out.
#[wasm_bindgen]
#[must_use]
pub fn text() -> Vec<u8> {
    polled(|it| core::mem::take(&mut it.text).into_bytes())
}

/// An init segment, or side data.
#[wasm_bindgen]
#[must_use]
pub fn bytes() -> Vec<u8> {
    polled(|it| core::mem::take(&mut it.bytes))
}

/// Of a fragment: the presentation time of its begin.
#[wasm_bindgen(js_name = startSecs)]
#[must_use]
pub fn start_secs() -> f64 {
    polled(|it| it.start_secs)
}

/// And of its end.
#[wasm_bindgen(js_name = endSecs)]
#[must_use]
pub fn end_secs() -> f64 {
    polled(|it| it.end_secs)
}

/// The number of a fragment.
#[wasm_bindgen]
#[must_use]
pub fn fragment() -> u32 {
    polled(|it| it.fragment)
}

/// Its length.
#[wasm_bindgen(js_name = fragmentLen)]
#[must_use]
pub fn fragment_len() -> u32 {
    polled(|it| it.fragment_len)
}

/// A view of a fragment, to be copied out of before anything else is called here.
#[wasm_bindgen]
#[must_use]
#[allow(unsafe_code)]
pub fn view(fragment: u32) -> Option<Uint8Array> {
    STATE.with_borrow(|state| {
        let (_, bytes) = state.fragments.iter().find(|(number, _)| *number == fragment)?;
        // SAFETY: it points into wasm memory, is detached when that grows, and dangles once the
        // fragment is freed. Both need a call of this module, and the one caller
        // (`media_source::perform`) hands it to a function that copies out of it before it returns.
        Some(unsafe { Uint8Array::view(bytes.as_slice()) })
    })
}

/// Frees a fragment.
#[wasm_bindgen]
pub fn release(fragment: u32) {
    STATE.with_borrow_mut(|state| state.fragments.retain(|(number, _)| *number != fragment));
}
