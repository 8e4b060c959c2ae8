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

fn value(name: &str, body: &[u8]) -> Value {
    let parts = match name {
        "TXXX" => described(body, "text"),
        "WXXX" => url(body),
        "COMM" | "USLT" => comment(body),
        "PRIV" | "UFID" => owned(body),
        "GEOB" => object(body),
        "APIC" => picture(body),
        _ if name.starts_with('T') => return texts(body),
        _ if name.starts_with('W') => return Value::Text(latin1(split(0, body).0)),
        _ => None,
    };
    match parts {
        Some(parts) => Value::List(parts),
        None => Value::Bytes(body.into()),
    }
}

type Parts = Option<Vec<(String, Value)>>;

fn part(name: &str, value: String) -> (String, Value) {
    (name.into(), Value::Text(value))
}

fn bytes_part(bytes: &[u8]) -> (String, Value) {
    ("data".into(), Value::Bytes(bytes.into()))
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

/// Encoding, description, and a text.
fn described(body: &[u8], name: &str) -> Parts {
    let (encoding, rest) = body.split_first()?;
    let (description, rest) = split(*encoding, rest);
    let description = part("description", text(*encoding, description));
    Some(vec![description, part(name, text(*encoding, split(*encoding, rest).0))])
}

fn url(body: &[u8]) -> Parts {
    let (encoding, rest) = body.split_first()?;
    let (description, rest) = split(*encoding, rest);
    let url = part("url", latin1(split(0, rest).0));
    Some(vec![part("description", text(*encoding, description)), url])
}

fn comment(body: &[u8]) -> Parts {
    let (encoding, rest) = body.split_first()?;
    let (language, rest) = rest.split_at_checked(3)?;
    let (description, rest) = split(*encoding, rest);
    Some(vec![
        part("language", latin1(language)),
        part("description", text(*encoding, description)),
        part("text", text(*encoding, split(*encoding, rest).0)),
    ])
}

fn owned(body: &[u8]) -> Parts {
    let (owner, data) = split(0, body);
    Some(vec![part("owner", latin1(owner)), bytes_part(data)])
}

fn object(body: &[u8]) -> Parts {
    let (encoding, rest) = body.split_first()?;
    let (mime, rest) = split(0, rest);
    let (file_name, rest) = split(*encoding, rest);
    let (description, data) = split(*encoding, rest);
    Some(vec![
        part("mime", latin1(mime)),
        part("fileName", text(*encoding, file_name)),
        part("description", text(*encoding, description)),
        bytes_part(data),
    ])
}

/// Of 2.2, the type has three letters and no end; its longer name is known by the next byte.
fn picture(body: &[u8]) -> Parts {
    let (encoding, rest) = body.split_first()?;
    let is_old = rest.get(..3).is_some_and(|it| it.iter().all(u8::is_ascii_uppercase));
    let (mime, rest) = if is_old { rest.split_at_checked(3)? } else { split(0, rest) };
    let (kind, rest) = rest.split_first()?;
    let (description, data) = split(*encoding, rest);
    Some(vec![
        part("mime", latin1(mime)),
        ("pictureType".into(), Value::Number(f64::from(*kind))),
        part("description", text(*encoding, description)),
        bytes_part(data),
    ])
}
