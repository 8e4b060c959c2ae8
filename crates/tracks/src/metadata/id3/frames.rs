//! Frames of a tag.
//!
//! In: a tag's bytes behind its header. Out: a field for each frame. Padding, or a frame that is none,
//! ends it; so does a frame that is longer than the tag.

use super::numbers::{plain, synchsafe};
use super::strings::{latin1, split, text};
use crate::event::Value;
use std::borrow::Cow;

const MAX_FRAMES: usize = 256;

/// Names of 2.2, and what they are called since.
const NAMES: [(&[u8], &str); 20] = [
    (b"TXX", "TXXX"),
    (b"WXX", "WXXX"),
    (b"COM", "COMM"),
    (b"ULT", "USLT"),
    (b"PIC", "APIC"),
    (b"GEO", "GEOB"),
    (b"UFI", "UFID"),
    (b"TT1", "TIT1"),
    (b"TT2", "TIT2"),
    (b"TT3", "TIT3"),
    (b"TP1", "TPE1"),
    (b"TP2", "TPE2"),
    (b"TAL", "TALB"),
    (b"TRK", "TRCK"),
    (b"TCO", "TCON"),
    (b"TYE", "TYER"),
    (b"TLE", "TLEN"),
    (b"WAF", "WOAF"),
    (b"WAR", "WOAR"),
    (b"WAS", "WOAS"),
];

/// All frames that can be read.
pub(super) fn read(version: u8, is_unsynchronised: bool, body: &[u8]) -> Vec<(String, Value)> {
    let mut fields = Vec::new();
    let mut rest = body;
    while fields.len() < MAX_FRAMES {
        let Some((frame, after)) = Frame::split(version, rest) else { break };
        rest = after;
        let is_unsynchronised = version == 4 && (is_unsynchronised || frame.flags & 0x02 != 0);
        let body = if is_unsynchronised && frame.body.contains(&0xff) {
            Cow::Owned(resynchronised(frame.body))
        } else {
            Cow::Borrowed(frame.body)
        };
        let value = match frame.content(version, &body) {
            Some(content) => value(&frame.name, content),
            None => Value::Bytes(body.into_owned()),
        };
        fields.push((frame.name, value));
    }
    fields
}

/// Without the zeros that stand behind 0xff only so that no decoder takes it for a frame of sound.
pub(super) fn resynchronised(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut is_after_ff = false;
    for byte in bytes {
        if !(is_after_ff && *byte == 0) {
            plain.push(*byte);
        }
        is_after_ff = *byte == 0xff;
    }
    plain
}

struct Frame<'a> {
    name: String,
    /// Of its format.
    flags: u8,
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    fn split(version: u8, bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (name_len, header_len) = if version == 2 { (3, 6) } else { (4, 10) };
        let (header, rest) = bytes.split_at_checked(header_len)?;
        let (id, header) = header.split_at(name_len);
        let is_name = id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let (size, flags) = header.split_at(name_len);
        // Some writers of 2.4 count as 2.3 did.
        let is_synchsafe = version == 4 && size.iter().all(|byte| *byte < 0x80);
        let len = if is_synchsafe { synchsafe(size) } else { plain(size) };
        let (body, after) = rest.split_at_checked(len).filter(|_| is_name)?;
        let flags = flags.last().copied().unwrap_or(0);
        Some((Self { name: name(id), flags, body }, after))
    }

    /// Without what may stand before it; `None` where it is compressed or encrypted.
    fn content<'b>(&self, version: u8, body: &'b [u8]) -> Option<&'b [u8]> {
        let (packed, group, length) = match version {
            3 => (0xc0, 0x20, 0),
            4 => (0x0c, 0x40, 0x01),
            _ => (0, 0, 0),
        };
        if self.flags & packed != 0 {
            return None;
        }
        let is_on = |flag: u8| usize::from(self.flags & flag != 0);
        body.get(is_on(group) + 4 * is_on(length)..)
    }
}

fn name(id: &[u8]) -> String {
    match NAMES.iter().find(|(old, _)| *old == id) {
        Some((_, name)) => (*name).into(),
        None => latin1(id),
    }
}

/// What stands in a frame, one behind the other.
#[derive(Clone, Copy)]
enum Part {
    /// A string in the frame's encoding.
    Encoded,
    /// A string of a byte a character.
    Latin,
    /// Three letters.
    Language,
    /// A number of one byte.
    Byte,
    /// All that is left.
    Data,
    /// Three letters, or a string where the picture's type is a longer name.
    Mime,
}

type Layout = &'static [(&'static str, Part)];

const DESCRIPTION: (&str, Part) = ("description", Part::Encoded);
const DATA: (&str, Part) = ("data", Part::Data);
const COMMENT: Layout = &[("language", Part::Language), DESCRIPTION, ("text", Part::Encoded)];
const OWNED: Layout = &[("owner", Part::Latin), DATA];
const PICTURE: Layout = &[("mime", Part::Mime), ("pictureType", Part::Byte), DESCRIPTION, DATA];
const OBJECT: Layout = &[("mime", Part::Latin), ("fileName", Part::Encoded), DESCRIPTION, DATA];

/// Frames with parts (ID3v2.4.0 frames, 4): whether the first byte says their encoding, and what follows.
const LAYOUTS: [(&str, bool, Layout); 8] = [
    ("TXXX", true, &[DESCRIPTION, ("text", Part::Encoded)]),
    ("WXXX", true, &[DESCRIPTION, ("url", Part::Latin)]),
    ("COMM", true, COMMENT),
    ("USLT", true, COMMENT),
    ("PRIV", false, OWNED),
    ("UFID", false, OWNED),
    ("GEOB", true, OBJECT),
    ("APIC", true, PICTURE),
];

fn value(name: &str, body: &[u8]) -> Value {
    let known = LAYOUTS.iter().find(|(known, ..)| *known == name);
    match (known, name.as_bytes().first()) {
        (Some((_, has_encoding, layout)), _) => match parts(*has_encoding, layout, body) {
            Some(parts) => Value::List(parts),
            None => Value::Bytes(body.into()),
        },
        (None, Some(b'T')) => texts(body),
        (None, Some(b'W')) => Value::Text(latin1(split(0, body).0)),
        _ => Value::Bytes(body.into()),
    }
}

/// The parts of a frame; `None` where it is too short.
fn parts(has_encoding: bool, layout: Layout, body: &[u8]) -> Option<Vec<(String, Value)>> {
    let (encoding, mut rest) = match has_encoding {
        true => body.split_first().map(|(encoding, rest)| (*encoding, rest))?,
        false => (0, body),
    };
    let mut parts = Vec::new();
    for (name, part) in layout {
        let is_encoded = matches!(part, Part::Encoded);
        let is_short = rest.get(..3).is_some_and(|it| it.iter().all(u8::is_ascii_uppercase));
        let (bytes, after) = match part {
            Part::Language => rest.split_at_checked(3)?,
            Part::Mime if is_short => rest.split_at_checked(3)?,
            Part::Byte => rest.split_at_checked(1)?,
            Part::Data => (rest, &[][..]),
            _ => split(if is_encoded { encoding } else { 0 }, rest),
        };
        rest = after;
        let value = match part {
            Part::Data => Value::Bytes(bytes.into()),
            Part::Byte => Value::Number(bytes.iter().copied().map(f64::from).sum()),
            _ => Value::Text(text(if is_encoded { encoding } else { 0 }, bytes)),
        };
        parts.push(((*name).into(), value));
    }
    Some(parts)
}

/// One text, or several.
fn texts(body: &[u8]) -> Value {
    let Some((encoding, mut rest)) = body.split_first() else { return Value::Text(String::new()) };
    let mut texts = Vec::new();
    while texts.is_empty() || (!rest.is_empty() && texts.len() < MAX_FRAMES) {
        let (one, after) = split(*encoding, rest);
        texts.push(("text".to_owned(), Value::Text(text(*encoding, one))));
        rest = after;
    }
    match texts.pop() {
        Some((_, only)) if texts.is_empty() => only,
        last => Value::List(texts.into_iter().chain(last).collect()),
    }
}
