//! RTMP's chunk stream (5.3): messages cut into chunks, several of them interleaved.
//!
//! In: bytes as they came, or a message. Out: whole messages, or bytes. It holds one unfinished message
//! for each chunk stream, none larger than the protocol's 16 MB, and refuses more chunk streams than
//! any server uses.

use anyhow::{Result, ensure};
use std::collections::HashMap;
use std::ops::Range;

/// Kinds of messages.
pub mod kind {
    /// Chunks are this long from now on.
    pub const CHUNK_LEN: u8 = 1;
    /// Events of a stream, and pings.
    pub const EVENT: u8 = 4;
    /// A tag's body, as in FLV.
    pub const AUDIO: u8 = 8;
    /// A tag's body, as in FLV.
    pub const VIDEO: u8 = 9;
    /// Such as `onMetaData`.
    pub const DATA: u8 = 18;
    /// In AMF0.
    pub const COMMAND: u8 = 20;
}

/// What we cut our messages into: seldom at all.
pub const OWN_CHUNK_LEN: usize = 1 << 16;
const FIRST_CHUNK_LEN: usize = 128;
const MAX_CHUNK_LEN: usize = 1 << 24;
const MAX_CHANNELS: usize = 64;
/// A time stamp that says that the real one follows.
const EXTENDED: u32 = 0xff_ffff;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// See [`kind`].
    pub kind: u8,
    /// 0 for what concerns the connection.
    pub stream: u32,
    /// Its time stamp.
    pub millis: u32,
    /// What it carries.
    pub body: Vec<u8>,
}

/// Appends a message that begins anew, as all of ours do. `chunk_len`: what the other side knows of.
pub fn write(out: &mut Vec<u8>, channel: u8, message: &Message, chunk_len: usize) {
    let extended = (message.millis >= EXTENDED).then(|| message.millis.to_be_bytes());
    let [_, millis @ ..] = message.millis.min(EXTENDED).to_be_bytes();
    let [_, len @ ..] = (message.body.len() as u32).to_be_bytes();
    out.push(channel);
    out.extend([millis, len].concat());
    out.push(message.kind);
    out.extend(message.stream.to_le_bytes());
    out.extend(extended.into_iter().flatten());
    for (index, part) in message.body.chunks(chunk_len).enumerate() {
        if index > 0 {
            out.push(0xc0 | channel);
            // Against the specification's letter, and what all servers do.
            out.extend(extended.into_iter().flatten());
        }
        out.extend(part);
    }
}

/// Puts messages together.
#[derive(Debug)]
pub struct Reader {
    bytes: Vec<u8>,
    chunk_len: usize,
    channels: HashMap<u32, Channel>,
}

/// A chunk stream: the header of its last message, and what came of the body.
#[derive(Debug, Default)]
struct Channel {
    header: Header,
    body: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Header {
    kind: u8,
    stream: u32,
    millis: u32,
    delta_millis: u32,
    len: usize,
    is_extended: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self { bytes: Vec::new(), chunk_len: FIRST_CHUNK_LEN, channels: HashMap::new() }
    }
}

impl Reader {
    /// More of what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message; `None` until more has come.
    pub fn message(&mut self) -> Result<Option<Message>> {
        let mut at = 0;
        let mut found = None;
        while found.is_none() {
            let Some((id, header, part)) = self.chunk(at)? else { break };
            at = part.end;
            found = self.take(id, header, part)?;
        }
        self.bytes.drain(..at);
        Ok(found)
    }

    /// Reads a chunk: of which chunk stream, the header that it goes by, and where its part of the body
    /// lies.
    fn chunk(&self, at: usize) -> Result<Option<(u32, Header, Range<usize>)>> {
        let from = &mut Cursor { bytes: &self.bytes, at };
        let Some(first) = from.number(1) else { return Ok(None) };
        let (format, low) = (first >> 6, first & 63);
        let Some(id) = (match low {
            0 => from.number(1).map(|more| more + 64),
            1 => from.number(2).map(|more| more.swap_bytes() >> 16).map(|more| more + 64),
            id => Some(id),
        }) else {
            return Ok(None);
        };
        let known = self.channels.get(&id);
        ensure!(known.is_some() || format == 0, "a chunk stream begins without a header");
        ensure!(known.is_some() || self.channels.len() < MAX_CHANNELS, "too many chunk streams");
        let had_len = known.map_or(0, |channel| channel.body.len());
        let mut header = known.map(|channel| channel.header).unwrap_or_default();
        let Some(millis) = from.header(format, &mut header) else { return Ok(None) };
        if format == 0 {
            (header.millis, header.delta_millis) = (millis, 0);
        } else if had_len == 0 {
            header.delta_millis = millis;
            header.millis = header.millis.wrapping_add(millis);
        }
        let begin = from.at;
        let len = header.len.saturating_sub(had_len).min(self.chunk_len);
        Ok(from.take(len).map(|_| (id, header, begin..begin + len)))
    }

    /// Takes a chunk in; the message that it has finished.
    fn take(&mut self, id: u32, header: Header, part: Range<usize>) -> Result<Option<Message>> {
        let channel = self.channels.entry(id).or_default();
        channel.header = header;
        channel.body.extend_from_slice(&self.bytes[part]);
        if channel.body.len() < header.len {
            return Ok(None);
        }
        let body = std::mem::take(&mut channel.body);
        let Header { kind, stream, millis, .. } = header;
        if kind == kind::CHUNK_LEN {
            let len = Cursor { bytes: &body, at: 0 }.number(4).unwrap_or(0) as usize;
            ensure!((1..=MAX_CHUNK_LEN).contains(&len), "chunks of {len} bytes");
            self.chunk_len = len;
        }
        Ok(Some(Message { kind, stream, millis, body }))
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at + len)?;
        self.at += len;
        Some(taken)
    }

    /// What a header changes of the last one; the time that it says.
    fn header(&mut self, format: u32, header: &mut Header) -> Option<u32> {
        let mut millis = header.delta_millis;
        if format <= 2 {
            millis = self.number(3)?;
            header.is_extended = millis == EXTENDED;
        }
        if format <= 1 {
            header.len = self.number(3)? as usize;
            header.kind = self.number(1)? as u8;
        }
        if format == 0 {
            header.stream = self.number(4)?.swap_bytes();
        }
        if header.is_extended {
            let real = self.number(4)?;
            millis = if format <= 2 { real } else { millis };
        }
        Some(millis)
    }

    /// Four bytes at most, the highest first.
    fn number(&mut self, len: usize) -> Option<u32> {
        Some(self.take(len)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(millis: u32, len: usize) -> Message {
        Message { kind: kind::VIDEO, stream: 1, millis, body: vec![7; len] }
    }

    #[test]
    fn what_was_written_is_read_whatever_the_pieces() {
        let messages =
            [message(0, 10), message(5, 300), message(1 << 30, 300), message(EXTENDED, 1)];
        let mut bytes = Vec::new();
        for (channel, message) in messages.iter().enumerate() {
            write(&mut bytes, 4 + channel as u8 % 2, message, FIRST_CHUNK_LEN);
        }
        for piece_len in [1, 7, 1000] {
            let (mut reader, mut read) = (Reader::default(), Vec::new());
            for piece in bytes.chunks(piece_len) {
                reader.push(piece);
                while let Some(message) = reader.message().unwrap() {
                    read.push(message);
                }
            }
            assert_eq!(read, messages);
        }
    }

    #[test]
    fn short_headers_go_on_from_the_last() {
        let mut bytes = Vec::new();
        write(&mut bytes, 6, &message(1000, 2), FIRST_CHUNK_LEN);
        // 40 ms later, three bytes of sound; the same again; the same length, 20 ms later.
        bytes.extend([0x46, 0, 0, 40, 0, 0, 3, 8, 1, 2, 3, 0xc6, 4, 5, 6, 0x86, 0, 0, 20, 7, 8, 9]);
        let mut reader = Reader::default();
        reader.push(&bytes);
        let mut times = Vec::new();
        while let Some(message) = reader.message().unwrap() {
            times.push((message.kind, message.millis, message.body.len()));
        }
        assert_eq!(times, [(9, 1000, 2), (8, 1040, 3), (8, 1080, 3), (8, 1100, 3)]);
    }

    #[test]
    fn chunks_grow_when_the_other_side_says_so() {
        let mut bytes = Vec::new();
        let len = Message { kind: 1, stream: 0, millis: 0, body: 5000_u32.to_be_bytes().to_vec() };
        write(&mut bytes, 2, &len, FIRST_CHUNK_LEN);
        write(&mut bytes, 6, &message(1, 4000), 5000);
        let mut reader = Reader::default();
        reader.push(&bytes);
        assert_eq!(reader.message().unwrap(), Some(len));
        assert_eq!(reader.message().unwrap(), Some(message(1, 4000)));
        assert_eq!(reader.message().unwrap(), None);
    }

    #[test]
    fn nonsense_is_refused() {
        for bytes in [&[0xc6_u8, 1][..], &[2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]] {
            let mut reader = Reader::default();
            reader.push(bytes);
            assert!(reader.message().is_err());
        }
    }
}
