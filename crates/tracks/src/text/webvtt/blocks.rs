//! A file's blocks: header, styles, regions, notes, cues (W3C WebVTT 6.1).
//!
//! In: bytes. Out: cues, and what they share. It refuses a file without `WEBVTT`, and leaves out cues
//! once all of them cost more than they may.

use super::file::{File, Header};
use super::timestamp_map::TimestampMap;
use super::{settings, time};
use crate::cue::Region;
use crate::text::Error;
use std::borrow::Cow;

/// No segment of text is as large.
const MAX_FILE_BYTES: usize = 4 << 20;
/// What cues of a file may cost in memory; later ones are left out.
const MAX_HELD_BYTES: usize = 16 << 20;
const MAX_REGIONS: usize = 100;

/// Reads a file. Bytes that are not UTF-8 become U+FFFD, as everywhere on the web.
///
/// # Errors
/// [`Error::NotWebVtt`], and [`Error::TooLarge`] beyond 4 MiB.
pub fn parse(bytes: &[u8]) -> Result<File, Error> {
    read(bytes).map(|reader| reader.file)
}

/// Reads what a sample entry says in `vttC` (ISO 14496-30, 7.5): a file's beginning, without cues.
///
/// # Errors
/// As [`parse`].
pub fn parse_header(bytes: &[u8]) -> Result<Header, Error> {
    read(bytes).map(|reader| reader.header)
}

fn read(bytes: &[u8]) -> Result<Read, Error> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Error::TooLarge);
    }
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let text = with_plain_lines(&text);
    let after = text.strip_prefix("WEBVTT").ok_or(Error::NotWebVtt)?;
    if !matches!(after.bytes().next(), None | Some(b' ' | b'\t' | b'\n')) {
        return Err(Error::NotWebVtt);
    }
    let mut reader = Reader { lines: Lines { rest: after }, ..Reader::default() };
    reader.lines.next();
    reader.header_block();
    while reader.block() {}
    Ok(reader.read)
}

/// With `\n` for every kind of line end, and without NUL.
fn with_plain_lines(text: &str) -> Cow<'_, str> {
    if !text.contains(['\r', '\0']) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        plain.push(match char {
            '\r' if chars.peek() == Some(&'\n') => continue,
            '\r' => '\n',
            '\0' => char::REPLACEMENT_CHARACTER,
            _ => char,
        });
    }
    Cow::Owned(plain)
}

/// Lines that can be given back.
#[derive(Clone, Copy, Default)]
struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let at = self.rest.bytes().position(|byte| byte == b'\n').unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(at);
        self.rest = rest.get(1..).unwrap_or("");
        Some(line)
    }
}

/// What a block turned out to be.
enum Kind {
    Unknown,
    Style,
    Region,
    /// A timing line was there, and could be read.
    Cue {
        start_secs: f64,
        end_secs: f64,
    },
}

/// What is read so far.
#[derive(Default)]
struct Read {
    header: Header,
    file: File,
    seen_cue: bool,
    held_bytes: usize,
}

#[derive(Default)]
struct Reader<'a> {
    lines: Lines<'a>,
    read: Read,
}

impl<'a> Reader<'a> {
    /// What stands directly below `WEBVTT`.
    fn header_block(&mut self) {
        loop {
            let before = self.lines;
            match self.lines.next() {
                None | Some("") => return,
                Some(line) if line.contains("-->") => {
                    self.lines = before;
                    return;
                }
                Some(line) => self.read.header_line(line),
            }
        }
    }

    /// One block; `false` at the end of the file.
    fn block(&mut self) -> bool {
        let mut kind = Kind::Unknown;
        let (mut id, mut settings) = ("", "");
        // The block's text is a stretch of the file.
        let (mut text, mut text_len) = ("", 0);
        let mut count = 0;
        let mut seen_arrow = false;
        loop {
            let before = self.lines;
            let Some(line) = self.lines.next() else { break };
            count += 1;
            if line.contains("-->") {
                if seen_arrow || count > 2 {
                    self.lines = before;
                    break;
                }
                seen_arrow = true;
                if let Some((start_secs, end_secs, rest)) = time::timing_line(line) {
                    kind = Kind::Cue { start_secs, end_secs };
                    (id, settings) = (text.get(..text_len).unwrap_or(""), rest);
                    (text, text_len) = ("", 0);
                    self.read.seen_cue = true;
                } else {
                    self.read.file.dropped_cues += 1;
                }
                continue;
            }
            if line.is_empty() {
                break;
            }
            if count == 2 && !self.read.seen_cue && matches!(kind, Kind::Unknown) {
                kind = match text.get(..text_len).unwrap_or("").trim_ascii_end() {
                    "STYLE" => Kind::Style,
                    "REGION" => Kind::Region,
                    _ => kind,
                };
                if !matches!(kind, Kind::Unknown) {
                    (text, text_len) = ("", 0);
                }
            }
            if text.is_empty() {
                text = before.rest;
                text_len = line.len();
            } else {
                text_len += 1 + line.len();
            }
        }
        let text = text.get(..text_len).unwrap_or("");
        match kind {
            // Some writers put a blank line before it.
            Kind::Unknown if !self.read.seen_cue => self.read.header_line(text),
            Kind::Unknown => {}
            Kind::Style => self.read.header.stylesheet.add(text),
            Kind::Region => self.read.add_region(settings::region(text)),
            Kind::Cue { start_secs, end_secs } => {
                self.read.add_cue(id, (start_secs, end_secs), settings, text);
            }
        }
        !self.lines.rest.is_empty()
    }
}

impl Read {
    fn header_line(&mut self, line: &str) {
        let map = line.strip_prefix("X-TIMESTAMP-MAP=").and_then(TimestampMap::parse);
        self.file.timestamp_map = self.file.timestamp_map.or(map);
    }

    fn add_region(&mut self, region: Option<Region>) {
        let Some(region) = region else { return };
        self.header.regions.retain(|other| other.id != region.id);
        if self.header.regions.len() < MAX_REGIONS {
            self.header.regions.push(region);
        }
    }

    fn add_cue(&mut self, id: &str, times: (f64, f64), settings: &str, text: &str) {
        if times.1 <= times.0 || self.held_bytes > MAX_HELD_BYTES {
            self.file.dropped_cues += 1;
            return;
        }
        let cue = self.header.cue(id, times, settings, text);
        self.held_bytes += cue.held_bytes();
        self.file.cues.push(cue);
    }
}
