//! Timed metadata of any bytes: ID3 tags, `emsg` boxes, SCTE-35 sections.
//!
//! In: bytes, as each of them; sections get the checksum that they should have. Judged: nothing panics, times
//! are numbers, and what is said is not much more than the bytes that said it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere_tracks::event::Value;
use videosphere_tracks::metadata::daterange::{self, DateRange};
use videosphere_tracks::metadata::{emsg, id3, scte35};

fuzz_target!(|body: &[u8]| {
    if let Ok(events) = id3::events(body, 1.0) {
        assert!(events.iter().map(|event| event.data.len()).sum::<usize>() <= body.len());
        for event in &events {
            check(&event.fields, body.len());
            let _ = id3::transport_timestamp(&event.fields);
        }
    }
    if let Ok(event) = emsg::event(body, 2.0, 1.0) {
        assert!(event.start_secs.is_finite() && event.start_secs >= 1.0);
        assert!(event.end_secs.is_none_or(|end| end >= event.start_secs));
        check(&event.fields, body.len());
    }
    let section = with_checksum(body);
    let parsed = scte35::parse(&section);
    if let Ok(splice) = &parsed {
        check(&splice.fields, section.len());
        assert!(splice.pts_ticks.is_none_or(|ticks| ticks < 1 << 33));
        assert!(splice.duration_ticks.is_none_or(|ticks| ticks < 1 << 33));
    }
    let digits: String = section.iter().map(|byte| format!("{byte:02x}")).collect();
    let attributes = [("SCTE35-CMD".to_owned(), format!("0x{digits}"))];
    let range = DateRange { attributes: &attributes, ..DateRange::default() };
    let event = daterange::events(&[range]).remove(0);
    let Some((_, Value::List(fields))) = event.fields.first() else { panic!("{event:?}") };
    assert_eq!(parsed.is_err(), fields.iter().any(|(name, _)| name == "error"));
});

/// A section as long as it says, with a checksum that fits.
fn with_checksum(body: &[u8]) -> Vec<u8> {
    let mut section = body.to_vec();
    section.truncate(1 + 2 + 0xfff - 4);
    if let [_, high, low, ..] = &mut section[..] {
        let [len_high, len_low] = ((body.len().min(0xffe) + 1) as u16).to_be_bytes();
        (*high, *low) = (*high & 0xf0 | len_high & 0x0f, len_low);
    }
    let mut crc = u32::MAX;
    for byte in &section {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc >> 31 == 1 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 };
        }
    }
    section.extend(crc.to_be_bytes());
    section
}

/// Bounded, with names, and finite.
fn check(fields: &[(String, Value)], input_len: usize) {
    let cost = cost(fields);
    assert!(cost <= 300 * input_len + 4_000, "{cost} of {input_len}");
}

fn cost(fields: &[(String, Value)]) -> usize {
    let one = |(name, value): &(String, Value)| {
        assert!(!name.is_empty());
        let value = match value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(fields) => cost(fields),
            Value::Number(number) => {
                assert!(number.is_finite());
                8
            }
            Value::Flag(_) => 1,
        };
        64 + name.len() + value
    };
    fields.iter().map(one).sum()
}
