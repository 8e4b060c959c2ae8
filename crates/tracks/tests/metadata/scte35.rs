//! SCTE-35 sections: the standard's examples (14.1, 14.2), every command and descriptor, and damage.

use crate::{field, fixture, number, shown};
use videosphere_tracks::event::Value;
use videosphere_tracks::metadata::Error;
use videosphere_tracks::metadata::scte35::{Splice, parse};

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc >> 31 == 1 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 };
        }
    }
    crc
}

/// A section of a command and descriptors.
fn section(flags: u8, adjustment: u32, command: (u8, &[u8]), descriptors: &[u8]) -> Vec<u8> {
    let (kind, command) = command;
    let len = |bytes: &[u8]| u16::try_from(bytes.len()).expect("small").to_be_bytes();
    let [high, low] = len(command);
    let mut body = vec![0, flags];
    body.extend(adjustment.to_be_bytes());
    body.extend([0, 0xff, 0xf0 | high, low, kind]);
    body.extend(command);
    body.extend(len(descriptors));
    body.extend(descriptors);
    let [high, low] = u16::try_from(body.len() + 4).expect("small").to_be_bytes();
    let mut section = [&[0xfc, 0x30 | high, low][..], &body].concat();
    section.extend(checksum(&section).to_be_bytes());
    section
}

fn descriptor(tag: u8, body: &[u8]) -> Vec<u8> {
    let len = u8::try_from(body.len() + 4).expect("small");
    [&[tag, len][..], b"CUEI", body].concat()
}

fn read(bytes: &[u8]) -> Splice {
    parse(bytes).unwrap_or_else(|error| panic!("{error}: {bytes:02x?}"))
}

#[test]
fn the_standards_time_signal() {
    let splice = read(&fixture("time_signal.scte35"));
    assert_eq!((splice.pts_ticks, splice.duration_ticks), (Some(1_924_989_008), None));
    assert!(shown(&splice.fields).contains(r#"splice_command="time_signal""#));
    let said = |name| number(&splice.fields, &["descriptors", "segmentation_descriptor", name]);
    assert_eq!(said("segmentation_event_id"), Some(f64::from(0x4800_008e_u32)));
    assert_eq!(said("segmentation_duration"), Some(27_630_000.0));
    assert_eq!(said("segmentation_upid_type"), Some(8.0));
    assert_eq!(said("segmentation_type_id"), Some(f64::from(0x34)));
    assert_eq!((said("segment_num"), said("segments_expected")), (Some(2.0), Some(0.0)));
    let upid = ["descriptors", "segmentation_descriptor", "segmentation_upid"];
    let bytes = vec![0, 0, 0, 0, 0x2c, 0xa0, 0xa1, 0x8a];
    assert_eq!(field(&splice.fields, &upid), Some(&Value::Bytes(bytes)));
}

#[test]
fn the_standards_splice_insert() {
    let splice = read(&fixture("splice_insert.scte35"));
    assert_eq!(splice.pts_ticks, Some(1_936_310_318));
    assert_eq!(splice.duration_ticks, Some(5_426_421));
    let said = |name| number(&splice.fields, &[name]);
    assert_eq!(said("splice_event_id"), Some(f64::from(0x4800_008f_u32)));
    assert_eq!((said("tier"), said("avails_expected")), (Some(4095.0), Some(0.0)));
    let avail = ["descriptors", "avail_descriptor", "provider_avail_id"];
    assert_eq!(number(&splice.fields, &avail), Some(309.0));
    for (name, flag) in [("out_of_network_indicator", true), ("auto_return", true)] {
        assert_eq!(field(&splice.fields, &[name]), Some(&Value::Flag(flag)), "{name}");
    }
}

#[test]
fn every_command() {
    let time = [0xfe, 0, 0, 0, 9];
    let shown = |kind, body: &[u8]| {
        let splice = read(&section(0, 5, (kind, body), b""));
        (splice.pts_ticks, shown(&splice.fields))
    };
    assert!(shown(0, b"").1.contains(r#"splice_command="splice_null""#));
    assert_eq!(shown(6, &time).0, Some(14));
    assert_eq!(shown(6, &[0x7f]).0, None);
    assert!(shown(4, b"\x01").1.contains(r#""splice_schedule" command_data=[01]"#));
    assert!(shown(0xff, b"abcd").1.contains(r#""private_command" command_data=[61626364]"#));
    assert!(shown(9, b"").1.contains(r#"splice_command="unknown""#));
    let cancelled = shown(5, b"\0\0\0\x01\xff").1;
    assert!(cancelled.contains("splice_event_id=1 splice_event_cancel_indicator=true desc"));
    let immediate = shown(5, b"\0\0\0\x01\x7f\xdf\0\x02\x03\x04");
    assert!(immediate.1.contains("splice_immediate_flag=true unique_program_id=2 avail_num=3"));
    assert_eq!(immediate.0, None);
    let parts = [&b"\0\0\0\x01\x7f\x8f\x02\x07"[..], &[0xfe, 0, 0, 0, 20], &[8], &time, &[0; 4]];
    let parts = shown(5, &parts.concat());
    assert_eq!(parts.0, Some(14));
    assert!(
        parts.1.contains("[component=[component_tag=7 pts_time=20] component=[component_tag=8")
    );
}

#[test]
fn adjusted_times_begin_again() {
    let end = read(&section(0, u32::MAX, (6, &[0xff, 0xff, 0xff, 0xff, 0xff]), b""));
    assert_eq!(end.pts_ticks, Some(0xffff_fffe));
}

#[test]
fn a_command_of_unknown_length() {
    let mut section = section(0, 0, (6, &[0xfe, 0, 0, 0, 9]), &descriptor(0, &[0, 0, 0, 1]));
    section[11] |= 0x0f;
    section[12] = 0xff;
    let len = section.len() - 4;
    section.truncate(len);
    section.extend(checksum(&section).to_be_bytes());
    let splice = read(&section);
    assert_eq!(splice.pts_ticks, Some(9));
    let avail = ["descriptors", "avail_descriptor", "provider_avail_id"];
    assert_eq!(number(&splice.fields, &avail), Some(1.0));
}

#[test]
fn every_descriptor() {
    let of = |bytes: &[u8]| {
        let splice = read(&section(0, 0, (0, b""), bytes));
        let all = shown(&splice.fields);
        all.split_once("descriptors=").expect("descriptors").1.to_owned()
    };
    assert_eq!(of(b""), "[]");
    let dtmf = of(&descriptor(1, b"\x0a\x5f1#"));
    assert_eq!(dtmf, r##"[DTMF_descriptor=[preroll=10 DTMF_char="1#"]]"##);
    let time = of(&descriptor(3, &[0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 37]));
    assert_eq!(time, "[time_descriptor=[TAI_seconds=1 TAI_ns=2 UTC_offset=37]]");
    assert_eq!(
        of(&descriptor(9, b"a")),
        "[splice_descriptor=[splice_descriptor_tag=9 data=[4355454961]]]"
    );
    let foreign = of(b"\x02\x05ABCDx");
    assert_eq!(foreign, "[splice_descriptor=[splice_descriptor_tag=2 data=[4142434478]]]");
    let segment = |body: &[u8]| of(&descriptor(2, &[&[0, 0, 0, 1], body].concat()));
    assert!(segment(&[0xff]).contains("segmentation_event_cancel_indicator=true]"));
    let url = segment(b"\x7f\xbf\x0f\x04a://\x36\x01\x02\x03\x04");
    assert!(url.contains(r#"segmentation_upid="a://""#), "{url}");
    assert!(url.contains("sub_segment_num=3 sub_segments_expected=4"), "{url}");
    let restricted = segment(b"\x7f\x95\0\0\x10\0\0");
    assert!(restricted.contains("web_delivery_allowed_flag=true no_regional_blackout_flag=false archive_allowed_flag=true device_restrictions=1"), "{restricted}");
    let several = segment(b"\x7f\xbf\x0d\x0a\x03\x02ab\x08\x04\0\0\0\x01\x10\0\0");
    assert!(several.contains(r#"segmentation_upid=[segmentation_upid=[segmentation_upid_type=3 segmentation_upid="ab"] segmentation_upid=[segmentation_upid_type=8 segmentation_upid=[00000001]]]"#), "{several}");
    let parts = segment(b"\x7f\x3f\x01\x05\xfe\0\0\0\x07\0\0\x10\0\0");
    assert!(parts.contains("components=[component=[component_tag=5 pts_offset=7]]"), "{parts}");
}

#[test]
fn damaged_sections() {
    let good = fixture("splice_insert.scte35");
    assert_eq!(parse(b""), Err(Error::OtherKind));
    assert_eq!(parse(b"\x00"), Err(Error::OtherKind));
    for len in 1..good.len() {
        assert_eq!(parse(&good[..len]), Err(Error::Cut), "{len}");
    }
    for at in 3..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 1;
        assert_eq!(parse(&damaged), Err(Error::WrongChecksum), "{at}");
    }
    assert_eq!(parse(&section(0x80, 0, (0, b""), b"")), Err(Error::Encrypted));
    let mut version = section(0, 0, (0, b""), b"");
    version[3] = 1;
    let len = version.len() - 4;
    version.truncate(len);
    version.extend(checksum(&version).to_be_bytes());
    assert_eq!(parse(&version), Err(Error::UnknownVersion));
    for (command, descriptors) in [
        ((6, &b"\xfe\0"[..]), &b""[..]),
        ((5, b"\0\0"), b""),
        ((0, b""), b"\x02"),
        ((0, b""), b"\x02\x09CUEI"),
        ((0, b""), b"\x02\x05CUEI\0"),
        ((0, b""), b"\x01\x06CUEI\0\xff"),
    ] {
        let section = section(0, 0, command, descriptors);
        assert_eq!(parse(&section), Err(Error::Cut), "{section:02x?}");
    }
}
