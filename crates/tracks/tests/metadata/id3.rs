//! ID3 tags: a stream's, ffmpeg's, frames of every kind and version, and damage.

use crate::{fixture, shown};
use videosphere_tracks::metadata::Error;
use videosphere_tracks::metadata::id3::{SCHEME, events, fields, transport_timestamp};

/// A tag of frames: name, flags of its format, body.
fn tag(version: u8, flags: u8, frames: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, flags, content) in frames {
        let len = u32::try_from(content.len()).expect("small");
        body.extend(name.as_bytes());
        match version {
            2 => body.extend(&len.to_be_bytes()[1..]),
            3 => body.extend(len.to_be_bytes()),
            _ => body.extend(synchsafe(len)),
        }
        if version > 2 {
            body.extend([0, *flags]);
        }
        body.extend(*content);
    }
    tag_of(version, flags, &body)
}

fn tag_of(version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    let size = synchsafe(u32::try_from(body.len()).expect("small"));
    [b"ID3", &[version, 0, flags][..], &size, body].concat()
}

fn synchsafe(len: u32) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (len >> shift & 0x7f) as u8)
}

fn read(bytes: &[u8]) -> String {
    shown(&fields(bytes).expect("a tag"))
}

#[test]
fn a_stream_with_two_tags() {
    let events = events(&fixture("id3.bin"), 7.5).expect("tags");
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.scheme == SCHEME && event.start_secs == 7.5));
    let first = r#"TXXX=[description="yaw" text="0"] TIT2="Segment 0 ä""#;
    assert_eq!(shown(&events[0].fields), first);
    // The last frame of the sample lacks the end of its description.
    let second = "PRIV=[owner=\"com.example.view\" data=[010203]] \
        TXXX=[description=\"h\\u{feff}w\" text=\"\"]";
    assert_eq!(shown(&events[1].fields), second);
    assert_eq!([&events[0].data[..], &events[1].data].concat(), fixture("id3.bin"));
}

#[test]
fn tags_that_ffmpeg_wrote() {
    for name in ["id3v23.bin", "id3v24.bin"] {
        let read = read(&fixture(name));
        for expected in
            [r#"TIT2="Täg 漢字""#, r#"TPE1="Ann""#, r#"TXXX=[description="yaw" text="90"]"#]
        {
            assert!(read.contains(expected), "{name}: {read}");
        }
    }
}

#[test]
fn every_kind_of_frame() {
    let frames: &[(&str, u8, &[u8])] = &[
        ("TXXX", 0, b"\x03a\0b\0"),
        ("WXXX", 0, b"\0d\0https://a.example"),
        ("COMM", 0, b"\0engd\0text"),
        ("TIT2", 0, b"\x03one\0two"),
        ("WOAR", 0, b"https://b.example\0"),
        ("GEOB", 0, b"\0text/plain\0f.txt\0d\0\x01\x02"),
        ("APIC", 0, b"\0image/png\0\x03d\0\x89P"),
        ("UFID", 0, b"o\0\x01"),
        ("XABC", 0, b"\x01\x02"),
    ];
    let expected = r#"TXXX=[description="a" text="b"] WXXX=[description="d" url="https://a.example"] COMM=[language="eng" description="d" text="text"] TIT2=[text="one" text="two"] WOAR="https://b.example" GEOB=[mime="text/plain" fileName="f.txt" description="d" data=[0102]] APIC=[mime="image/png" pictureType=3 description="d" data=[8950]] UFID=[owner="o" data=[01]] XABC=[0102]"#;
    assert_eq!(read(&tag(4, 0, frames)), expected);
    assert_eq!(read(&tag(3, 0, frames)), expected);
    let old: &[(&str, u8, &[u8])] = &[
        ("TT2", 0, b"\0t"),
        ("TXX", 0, b"\0a\0b"),
        ("COM", 0, b"\0engd\0text"),
        ("PIC", 0, b"\0PNG\x03d\0\x89P"),
    ];
    let expected = r#"TIT2="t" TXXX=[description="a" text="b"] COMM=[language="eng" description="d" text="text"] APIC=[mime="PNG" pictureType=3 description="d" data=[8950]]"#;
    assert_eq!(read(&tag(2, 0, old)), expected);
}

#[test]
fn all_four_encodings() {
    for body in [
        b"\0d\xe4\0\xfc".as_slice(),
        b"\x01\xff\xfed\0\xe4\0\0\0\xff\xfe\xfc\0",
        b"\x01\xfe\xff\0d\0\xe4\0\0\xfe\xff\0\xfc",
        b"\x02\0d\0\xe4\0\0\0\xfc",
        b"\x03d\xc3\xa4\0\xc3\xbc",
    ] {
        let read = read(&tag(4, 0, &[("TXXX", 0, body)]));
        assert_eq!(read, r#"TXXX=[description="dä" text="ü"]"#, "{body:?}");
    }
}

#[test]
fn unsynchronisation() {
    let plain = r#"PRIV=[owner="o" data=[ff00e0ff]] TIT2="t""#;
    let (safe, title) = (b"o\0\xff\0\0\xff\0\xe0\xff\0".as_slice(), b"\0t".as_slice());
    // In 2.4 each frame is, and its size counts what stands there; in 2.3 the whole tag, and sizes count
    // what will be there.
    let frames: &[(&str, u8, &[u8])] = &[("PRIV", 2, safe), ("TIT2", 0, title)];
    let expected = plain.replace("ff00e0ff", "ff00ffe0ff");
    assert_eq!(read(&tag(4, 0, frames)), expected);
    let old = tag(3, 0x80, &[("PRIV", 0, b"o\0\xff\0\xe0\xff"), ("TIT2", 0, title)]);
    let at = old.windows(2).position(|pair| pair == b"\xff\0").expect("there") + 1;
    let mut safe = old[10..at].to_vec();
    safe.push(0);
    safe.extend(&old[at..]);
    assert_eq!(read(&tag_of(3, 0x80, &safe)), plain);
}

#[test]
fn extended_headers_groups_and_footers() {
    let frame = &tag(4, 0, &[("TIT2", 0, b"\0t")])[10..];
    let behind = [&[0, 0, 0, 6, 1, 0][..], frame].concat();
    assert_eq!(read(&tag_of(4, 0x40, &behind)), r#"TIT2="t""#);
    let frame = &tag(3, 0, &[("TIT2", 0, b"\0t")])[10..];
    let behind = [&[0, 0, 0, 6, 0, 0, 0, 0, 0, 0][..], frame].concat();
    assert_eq!(read(&tag_of(3, 0x40, &behind)), r#"TIT2="t""#);
    // A group, and a length.
    assert_eq!(read(&tag(4, 0, &[("TIT2", 0x41, b"\x09\0\0\0\x02\0t")])), r#"TIT2="t""#);
    let with_footer = [tag(4, 0x10, &[("TIT2", 0, b"\0a")]), vec![b'3'; 10]].concat();
    let two = [with_footer, tag(4, 0, &[("TIT2", 0, b"\0b")])].concat();
    assert_eq!(read(&two), r#"TIT2="a" TIT2="b""#);
    // Sizes as 2.3 has them, in a tag of 2.4.
    let body = [&[b'T', b'I', b'T', b'2', 0, 0, 0, 0x85, 0, 0, 0][..], &[b'x'; 0x84]].concat();
    assert!(read(&tag_of(4, 0, &body)).contains(&"x".repeat(0x84)));
}

#[test]
fn what_needs_a_key_or_an_unpacker_is_handed_on() {
    assert_eq!(read(&tag(4, 0, &[("TIT2", 0x08, b"\x01")])), "TIT2=[01]");
    assert_eq!(read(&tag(4, 0, &[("TIT2", 0x04, b"\x01")])), "TIT2=[01]");
    assert_eq!(read(&tag(3, 0, &[("TIT2", 0x80, b"\x01")])), "TIT2=[01]");
}

#[test]
fn the_timestamp_of_packed_audio() {
    let body = b"com.apple.streaming.transportStreamTimestamp\0\0\0\0\x01\xff\xff\xff\xfe";
    let said = fields(&tag(4, 0, &[("TIT2", 0, b"\0t"), ("PRIV", 0, body)])).expect("a tag");
    assert_eq!(transport_timestamp(&said), Some(0x1_ffff_fffe));
    let short = fields(&tag(4, 0, &[("PRIV", 0, &body[..50])])).expect("a tag");
    assert_eq!(transport_timestamp(&short), None);
}

#[test]
fn damaged_tags() {
    let good = tag(4, 0, &[("TIT2", 0, b"\0t")]);
    assert_eq!(fields(b""), Err(Error::OtherKind));
    assert_eq!(fields(b"ID2\x04\0\0\0\0\0\0"), Err(Error::OtherKind));
    assert_eq!(fields(&good[..good.len() - 1]), Err(Error::Cut));
    for version in [0, 1, 5, 255] {
        assert_eq!(fields(&tag(version, 0, &[])), Err(Error::UnknownVersion));
    }
    assert_eq!(fields(&tag(2, 0x40, &[])), Err(Error::UnknownVersion));
    assert_eq!(fields(&tag_of(4, 0x40, &[0, 0, 9, 9])), Err(Error::Cut));
    // A frame that is longer than its tag, and one that has no name, end it.
    let mut long = tag(4, 0, &[("TIT1", 0, b"\0s"), ("TIT2", 0, b"\0t")]);
    long[29] += 1;
    assert_eq!(read(&long), r#"TIT1="s""#);
    assert_eq!(read(&tag(4, 0, &[("TIT1", 0, b"\0s"), ("ti\0*", 0, b"\0t")])), r#"TIT1="s""#);
    // Frames without what they should hold.
    for name in ["TXXX", "WXXX", "COMM", "GEOB", "APIC", "TIT2", "WOAR", "PRIV"] {
        assert!(read(&tag(4, 0, &[(name, 0, b"")])).starts_with(name), "{name}");
    }
    let behind = [&good[..], b"no tag"].concat();
    assert_eq!(read(&behind), r#"TIT2="t""#);
    let many = tag(4, 0, &vec![("TIT2", 0, b"\0t".as_slice()); 1000]);
    assert_eq!(fields(&many).map(|fields| fields.len()), Ok(256));
    assert_eq!(events(&good.repeat(1000), 0.0).map(|events| events.len()), Ok(64));
}
