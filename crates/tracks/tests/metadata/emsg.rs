//! Event message boxes: a stream's, both versions, and damage.

use crate::{fixture, shown};
use videosphere_tracks::Event;
use videosphere_tracks::metadata::Error;
use videosphere_tracks::metadata::emsg::event;

/// The boxes of the sample's first two segments.
fn boxes() -> Vec<Vec<u8>> {
    let bytes = fixture("emsg.bin");
    let mut boxes = Vec::new();
    let mut rest = &bytes[..];
    while let Some(size) = rest.first_chunk::<4>() {
        let (one, after) = rest.split_at(u32::from_be_bytes(*size) as usize);
        boxes.push(one.to_vec());
        rest = after;
    }
    boxes
}

#[test]
fn the_events_of_a_stream() {
    let boxes = boxes();
    assert_eq!(boxes.len(), 4);
    let event = |index: usize, segment: f64| event(&boxes[index], segment, 0.0).expect("an event");
    let first = event(0, 0.0);
    assert_eq!((first.scheme.as_str(), first.id.as_str()), ("urn:example:view", "0/1"));
    assert_eq!((first.start_secs, first.end_secs), (0.5, Some(1.5)));
    assert_eq!(first.data, b"yaw=10");
    assert_eq!(shown(&first.fields), r#"value="0" id=1"#);
    let tagged = event(1, 0.0);
    assert_eq!(tagged.scheme, "https://aomedia.org/emsg/ID3");
    assert_eq!((tagged.start_secs, tagged.end_secs), (1.2, None));
    let expected = r#"value="www.nielsen.com" id=101 TXXX=[description="seg" text="1"]"#;
    assert_eq!(shown(&tagged.fields), expected);
    assert_eq!((event(2, 2.0).start_secs, event(3, 2.0).start_secs), (2.5, 3.2));
}

#[test]
fn version_1_counts_from_the_medias_zero() {
    let moved = event(&boxes()[1], 100.0, 30.0).expect("an event");
    assert_eq!(moved.start_secs, 31.2);
}

fn boxed(version: u8, timescale: u32, scheme: &str, message: &[u8]) -> Vec<u8> {
    let strings = [scheme.as_bytes(), b"\0\0"].concat();
    let numbers =
        |time: &[u8]| [&timescale.to_be_bytes()[..], time, &[0; 4], &[0, 0, 0, 7]].concat();
    let body = match version {
        0 => [&strings[..], &numbers(&[0; 4]), message].concat(),
        _ => [&numbers(&[0; 8]), &strings[..], message].concat(),
    };
    let size = u32::try_from(body.len() + 12).expect("small");
    [&size.to_be_bytes()[..], b"emsg", &[version, 0, 0, 0], &body].concat()
}

fn read(bytes: &[u8]) -> Result<Event, Error> {
    event(bytes, 0.0, 0.0)
}

#[test]
fn schemes_that_are_known() {
    let section = include_bytes!("../../../../tests/fixtures/tracks/time_signal.scte35");
    for scheme in ["urn:scte:scte35:2013:bin", "urn:scte:scte35:2014:bin"] {
        let splice = read(&boxed(1, 1, scheme, section)).expect("an event");
        assert!(shown(&splice.fields).contains("pts_time=1924989008"), "{scheme}");
        assert_eq!((splice.id.as_str(), &splice.data[..]), ("7", &section[..]));
    }
    let damaged = read(&boxed(0, 1, "urn:scte:scte35:2013:bin", &section[..20])).expect("an event");
    assert!(shown(&damaged.fields).contains("error=\"the metadata are cut"));
    assert_eq!(damaged.data, section[..20]);
    let unknown = read(&boxed(0, 1, "urn:x", b"")).expect("an event");
    assert_eq!(shown(&unknown.fields), r#"value="" id=7"#);
}

#[test]
fn damaged_boxes() {
    let good = boxed(0, 1, "urn:x", b"message");
    assert_eq!(read(&boxed(0, 0, "urn:x", b"")), Err(Error::NoTimescale));
    assert_eq!(read(&boxed(2, 1, "urn:x", b"")), Err(Error::UnknownVersion));
    let mut other = good.clone();
    other[4] = b'f';
    assert_eq!(read(&other), Err(Error::OtherKind));
    for len in 0..good.len() {
        assert_eq!(read(&good[..len]), Err(Error::Cut), "{len}");
    }
    let mut small = good.clone();
    small[3] = 7;
    assert_eq!(read(&small), Err(Error::Cut));
    let mut endless = good;
    endless[3] = 0;
    assert_eq!(read(&endless).map(|event| event.data), Ok(b"message".to_vec()));
    let unended = b"\0\0\0\x14emsg\0\0\0\0urn:none";
    assert_eq!(read(unended), Err(Error::Cut));
}
