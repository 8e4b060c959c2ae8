//! A transmuxer that is another module, as in the browser: what it makes stays with it until it is
//! appended.

use std::cell::RefCell;
use std::collections::BTreeMap;

use videosphere::demux::sample_aes::SampleKey;
use videosphere::engine::{self, Elsewhere, MediaBytes, Transmux, Transmuxed};
use videosphere::remux::{SegmentStart, TimestampMapping};

thread_local! {
    static KEPT: RefCell<(u32, BTreeMap<u32, Vec<u8>>)> = RefCell::default();
}

/// What a fragment holds that is kept here.
pub fn bytes(number: u32) -> Vec<u8> {
    KEPT.with_borrow(|(_, kept)| kept[&number].clone())
}

fn release(number: u32) {
    let freed = KEPT.with_borrow_mut(|(_, kept)| kept.remove(&number));
    assert!(freed.is_some(), "{number} was freed twice");
}

/// How many fragments there ever were.
pub fn made_count() -> u32 {
    KEPT.with_borrow(|(last, _)| *last)
}

/// How many fragments wait to be appended.
pub fn kept_count() -> usize {
    KEPT.with_borrow(|(_, kept)| kept.len())
}

/// The usual one, its fragments taken away.
#[derive(Debug)]
struct Keeping(Box<dyn Transmux>);

impl Transmux for Keeping {
    fn begin_segment(&mut self, start: SegmentStart) {
        self.0.begin_segment(start);
    }

    fn push(&mut self, bytes: &[u8]) {
        self.0.push(bytes);
    }

    fn end_segment(&mut self) {
        self.0.end_segment();
    }

    fn poll(&mut self) -> Option<Transmuxed> {
        let result = self.0.poll()?;
        let Transmuxed::Fragment { track, start_secs, end_secs, bytes: MediaBytes::Here(bytes) } =
            result
        else {
            return Some(result);
        };
        let bytes = bytes.as_slice().to_vec();
        let byte_len = bytes.len() as u32;
        let number = KEPT.with_borrow_mut(|(last, kept)| {
            *last += 1;
            kept.insert(*last, bytes);
            *last
        });
        let bytes = MediaBytes::Elsewhere(Elsewhere { number, byte_len, free: release });
        Some(Transmuxed::Fragment { track, start_secs, end_secs, bytes })
    }

    fn announces_both(&self) -> bool {
        self.0.announces_both()
    }

    fn mapping(&self, discontinuity_sequence: u64) -> Option<TimestampMapping> {
        self.0.mapping(discontinuity_sequence)
    }

    fn adopt_mapping(&mut self, mapping: TimestampMapping) {
        self.0.adopt_mapping(mapping);
    }

    fn set_audio_codec(&mut self, codec: Option<&str>) {
        self.0.set_audio_codec(codec);
    }

    fn set_sample_key(&mut self, key: Option<SampleKey>) {
        self.0.set_sample_key(key);
    }
}

/// For an engine.
pub fn keeping() -> Box<dyn Transmux> {
    Box::new(Keeping(engine::transmuxer()))
}
