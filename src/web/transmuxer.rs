//! The engine's hand on the transmuxer, which is another wasm module (`web/transmux_module.rs`).
//!
//! In: what the engine asks of a [`Transmux`]. Out: calls of that module, which the worker loads with the
//! first body that may need it. Chunks are copied into its memory; what comes of them stays there, and
//! goes to the source buffers as views of it.

use core::cell::RefCell;

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

use super::transmux_words as words;
use crate::demux::container::Format;
use crate::demux::sample_aes::SampleKey;
use crate::engine::{Elsewhere, MediaBytes, Transmux, Transmuxed};
use crate::error::Error;
use crate::media::TrackKind;
use crate::remux::{FragmentBytes, SegmentStart, Succession, TimestampMapping};

#[wasm_bindgen]
extern "C" {
    /// The functions of `wasm/transmux.js`, once its module is there.
    #[derive(Clone)]
    type TransmuxModule;
    #[wasm_bindgen(method)]
    fn create(this: &TransmuxModule) -> u32;
    #[wasm_bindgen(method)]
    fn destroy(this: &TransmuxModule, transmuxer: u32);
    #[wasm_bindgen(method, js_name = beginSegment)]
    fn begin_segment(
        this: &TransmuxModule,
        transmuxer: u32,
        is_packed_audio: bool,
        audio_codec: u32,
        timeline_start_secs: f64,
        duration_secs: f64,
        discontinuity_sequence: u64,
        succession: u32,
        is_growing: bool,
    );
    #[wasm_bindgen(method)]
    fn push(this: &TransmuxModule, transmuxer: u32, bytes: &[u8]);
    #[wasm_bindgen(method, js_name = endSegment)]
    fn end_segment(this: &TransmuxModule, transmuxer: u32);
    #[wasm_bindgen(method, js_name = announcesBoth)]
    fn announces_both(this: &TransmuxModule, transmuxer: u32) -> bool;
    #[wasm_bindgen(method)]
    fn mapping(this: &TransmuxModule, transmuxer: u32, discontinuity_sequence: u64) -> Option<f64>;
    #[wasm_bindgen(method, js_name = adoptMapping)]
    fn adopt_mapping(
        this: &TransmuxModule,
        transmuxer: u32,
        discontinuity_sequence: u64,
        zero_ticks: f64,
    );
    #[wasm_bindgen(method, js_name = setSampleKey)]
    fn set_sample_key(this: &TransmuxModule, transmuxer: u32, key_and_iv: &[u8]);
    #[wasm_bindgen(method)]
    fn poll(this: &TransmuxModule, transmuxer: u32) -> u32;
    #[wasm_bindgen(method, js_name = isAudio)]
    fn is_audio(this: &TransmuxModule) -> bool;
    #[wasm_bindgen(method)]
    fn text(this: &TransmuxModule) -> Uint8Array;
    #[wasm_bindgen(method)]
    fn bytes(this: &TransmuxModule) -> Uint8Array;
    #[wasm_bindgen(method, js_name = startSecs)]
    fn start_secs(this: &TransmuxModule) -> f64;
    #[wasm_bindgen(method, js_name = endSecs)]
    fn end_secs(this: &TransmuxModule) -> f64;
    #[wasm_bindgen(method)]
    fn fragment(this: &TransmuxModule) -> u32;
    #[wasm_bindgen(method, js_name = fragmentLen)]
    fn fragment_len(this: &TransmuxModule) -> u32;
    #[wasm_bindgen(method)]
    fn view(this: &TransmuxModule, fragment: u32) -> Option<Uint8Array>;
    #[wasm_bindgen(method)]
    fn release(this: &TransmuxModule, fragment: u32);
}

thread_local! {
    static MODULE: RefCell<Option<TransmuxModule>> = const { RefCell::new(None) };
}

/// The module, where it was loaded.
fn module() -> Option<TransmuxModule> {
    MODULE.with_borrow(Clone::clone)
}

/// Has the module loaded, by a function that gives a promise for its functions. The promise comes only where it was
/// not there yet.
pub(super) fn request(load: &Function) -> Option<Promise> {
    if MODULE.with_borrow(Option::is_some) {
        return None;
    }
    load.call0(&JsValue::NULL).ok().map(JsCast::unchecked_into)
}

/// What that promise gave.
pub(super) fn accept(functions: JsValue) {
    MODULE.set(Some(functions.unchecked_into()));
}

/// A view of a fragment, for the length of one call.
pub(super) fn view(fragment: u32) -> Option<Uint8Array> {
    module()?.view(fragment)
}

/// For the engine.
pub(super) fn make() -> Box<dyn Transmux> {
    Box::<RemoteTransmuxer>::default()
}

/// A transmuxer of the other module, made with its first segment: one for each stream of segments there is,
/// whether it needs it or not.
#[derive(Debug, Default)]
struct RemoteTransmuxer {
    number: Option<u32>,
    /// Its number in [`words::AUDIO_CODECS`].
    audio_codec: u32,
    sample_key: Option<SampleKey>,
    /// The other module holds one.
    had_sample_key: bool,
}

impl RemoteTransmuxer {
    /// It, and the functions to use it by.
    fn open(&mut self) -> Option<(TransmuxModule, u32)> {
        let module = module()?;
        let number = *self.number.get_or_insert_with(|| module.create());
        Some((module, number))
    }

    /// The same where it was made.
    fn opened(&self) -> Option<(TransmuxModule, u32)> {
        Some((module()?, self.number?))
    }
}

impl Transmux for RemoteTransmuxer {
    fn begin_segment(&mut self, start: SegmentStart) {
        let Some((module, number)) = self.open() else { return };
        match self.sample_key {
            Some(SampleKey { key, iv }) => {
                module.set_sample_key(number, [key, iv].as_flattened());
            }
            None if self.had_sample_key => module.set_sample_key(number, &[]),
            None => {}
        }
        self.had_sample_key = self.sample_key.is_some();
        let succession = match start.succession {
            Succession::Apart => 0,
            Succession::Adjacent => words::ADJACENT,
            Succession::Contiguous => words::CONTIGUOUS,
        };
        module.begin_segment(
            number,
            start.format == Format::PackedAudio,
            self.audio_codec,
            start.timeline_start_secs,
            start.duration_secs,
            start.discontinuity_sequence,
            succession,
            start.is_growing,
        );
    }

    fn push(&mut self, bytes: &[u8]) {
        if let Some((module, number)) = self.opened() {
            module.push(number, bytes);
        }
    }

    fn end_segment(&mut self) {
        if let Some((module, number)) = self.opened() {
            module.end_segment(number);
        }
    }

    fn poll(&mut self) -> Option<Transmuxed> {
        let (module, number) = self.opened()?;
        let kind = module.poll(number);
        let text = || String::from_utf8(module.text().to_vec()).unwrap_or_default();
        let track = || if module.is_audio() { TrackKind::Audio } else { TrackKind::Video };
        Some(match kind {
            words::NOTHING => return None,
            words::INIT => Transmuxed::Init {
                track: track(),
                codec: text(),
                bytes: FragmentBytes::new(module.bytes().to_vec(), 0),
            },
            words::FRAGMENT => Transmuxed::Fragment {
                track: track(),
                start_secs: module.start_secs(),
                end_secs: module.end_secs(),
                bytes: MediaBytes::Elsewhere(Elsewhere {
                    number: module.fragment(),
                    byte_len: module.fragment_len(),
                    free: release,
                }),
            },
            words::UNSUPPORTED_CODEC => {
                Transmuxed::Problem(Error::UnsupportedCodec { codec: text() })
            }
            words::ENCRYPTED => Transmuxed::Problem(Error::Encrypted { method: text() }),
            damaged => {
                let index = (damaged - words::DAMAGED) as usize;
                let format = words::FORMATS.get(index).copied().unwrap_or_default();
                Transmuxed::Problem(Error::DamagedMedia { format, problem: text() })
            }
        })
    }

    fn announces_both(&self) -> bool {
        self.opened().is_some_and(|(module, number)| module.announces_both(number))
    }

    fn mapping(&self, discontinuity_sequence: u64) -> Option<TimestampMapping> {
        let (module, number) = self.opened()?;
        let zero_ticks = module.mapping(number, discontinuity_sequence)? as i64;
        Some(TimestampMapping { discontinuity_sequence, zero_ticks })
    }

    fn adopt_mapping(&mut self, mapping: TimestampMapping) {
        if let Some((module, number)) = self.open() {
            let zero_ticks = mapping.zero_ticks as f64;
            module.adopt_mapping(number, mapping.discontinuity_sequence, zero_ticks);
        }
    }

    fn set_audio_codec(&mut self, codec: Option<&str>) {
        let codec = codec.map(str::trim_ascii);
        // One that is not listed is sound all the same.
        let index = words::AUDIO_CODECS.iter().position(|known| *known == codec);
        self.audio_codec = index.unwrap_or(1) as u32;
    }

    fn set_sample_key(&mut self, key: Option<SampleKey>) {
        self.sample_key = key;
    }
}

impl Drop for RemoteTransmuxer {
    fn drop(&mut self) {
        if let Some((module, number)) = self.opened() {
            module.destroy(number);
        }
    }
}

fn release(fragment: u32) {
    if let Some(module) = module() {
        module.release(fragment);
    }
}
