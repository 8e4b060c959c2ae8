//! What kind of file a segment is, from its first bytes.
//!
//! In: the head of a segment. Out: a [`Container`], or `None` while the bytes are too few to tell.
//! Signatures only (ISO/IEC 13818-1 2.4.3.2, ISO/IEC 14496-12 4.3, RFC 8216bis 3): file names and
//! MIME types lie too often to be asked. ID3 tags belong before packed audio and are met before
//! anything: what follows them tells. It reads nothing else.

use super::mpeg_audio;
use super::packed_audio::{ID3_HEADER_LEN, syncsafe};
use crate::Error;

/// What a segment's bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// MPEG transport stream.
    MpegTs,
    /// Fragmented MP4 (CMAF), an init segment or a media segment.
    Fmp4,
    /// Audio elementary stream, alone or behind ID3 tags (RFC 8216bis 3.4).
    PackedAudio,
    /// WebVTT subtitles.
    WebVtt,
    /// None of these: what it is instead, ready for [`Error::UnsupportedContainer`].
    Other(&'static str),
}

/// What can be transmuxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// [`Container::MpegTs`].
    MpegTs,
    /// [`Container::PackedAudio`].
    PackedAudio,
}

impl Format {
    /// Of a whole segment, with its bytes as the transmuxer takes them: without the ID3 tags that
    /// have no place before a transport stream.
    ///
    /// # Errors
    /// [`Error::UnsupportedContainer`] where it is something else.
    pub fn of(segment: &[u8]) -> Result<(Self, &[u8]), Error> {
        let found = match Container::sniff(segment, true) {
            Some(Container::MpegTs) => {
                let media = segment.get(id3_len(segment)..).unwrap_or_default();
                return Ok((Self::MpegTs, media));
            }
            Some(Container::PackedAudio) => return Ok((Self::PackedAudio, segment)),
            Some(Container::Fmp4) => "fragmented MP4 already",
            Some(Container::WebVtt) => "WebVTT",
            Some(Container::Other(found)) => found,
            None => "unknown",
        };
        Err(Error::UnsupportedContainer { found })
    }
}

/// Bytes behind ID3 tags after which [`Container::sniff`] always knows: the sync bytes of three TS
/// packets, so that a `G` in some text is no transport stream, the first anywhere in a packet's
/// length.
pub const SNIFF_LEN: usize = 3 * TS_PACKET_LEN;

/// Bytes that every signature fits into, so that the answer does not depend on how many came first.
const SIGNATURE_LEN: usize = ID3_HEADER_LEN;

/// Behind longer tags (cover art and all) nothing is looked for: it is packed audio.
const MAX_ID3_LEN: usize = 1 << 20;

const TS_PACKET_LEN: usize = 188;
const TS_SYNC: u8 = 0x47;

impl Container {
    /// Tells a container by `head`, the first bytes of a segment. `None` asks for more of them;
    /// once the segment is complete (`is_whole`), or [`SNIFF_LEN`] bytes behind its ID3 tags are
    /// there, there is always an answer.
    #[must_use]
    pub fn sniff(head: &[u8], is_whole: bool) -> Option<Self> {
        if !is_whole && head.len() < SIGNATURE_LEN {
            return None;
        }
        let tags_len = id3_len(head);
        if tags_len > MAX_ID3_LEN {
            return Some(Self::PackedAudio);
        }
        if tags_len > 0 {
            let behind = head.get(tags_len..).unwrap_or_default();
            return match Self::sniff(behind, is_whole) {
                Some(Self::Other(_)) => Some(Self::PackedAudio),
                other => other,
            };
        }
        let head = &head[..head.len().min(SNIFF_LEN)];
        if let Some(container) = by_signature(head) {
            return Some(container);
        }
        // Garbage before the first packet is common at the edge of a live encoder: take any
        // offset at which packets repeat.
        if has_ts_rhythm(head, TS_PACKET_LEN) {
            return Some(Self::MpegTs);
        }
        if !is_whole && head.len() < SNIFF_LEN {
            return None;
        }
        // A segment of one or two packets has no rhythm to show.
        if head.first() == Some(&TS_SYNC)
            && head.len() >= TS_PACKET_LEN
            && head.get(TS_PACKET_LEN).is_none_or(|byte| *byte == TS_SYNC)
        {
            return Some(Self::MpegTs);
        }
        Some(Self::Other(describe(head)))
    }
}

fn by_signature(head: &[u8]) -> Option<Container> {
    if let Some(kind) = head.get(4..8) {
        let is_box = matches!(
            kind,
            b"ftyp" | b"styp" | b"moov" | b"moof" | b"sidx" | b"emsg" | b"prft" | b"mdat" | b"free"
        );
        if is_box {
            return Some(Container::Fmp4);
        }
    }
    // ADTS: twelve set bits, then layer 00.
    if let [0xff, second, ..] = head
        && second & 0xf6 == 0xf0
    {
        return Some(Container::PackedAudio);
    }
    // MP3: eleven set bits, then layer 01.
    if let [0xff, second, ..] = head
        && second & 0xe6 == 0xe2
        && mpeg_audio::layer(head).is_some()
    {
        return Some(Container::PackedAudio);
    }
    // AC-3 and E-AC-3.
    if head.starts_with(&[0x0b, 0x77]) {
        return Some(Container::PackedAudio);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    text.starts_with(b"WEBVTT").then_some(Container::WebVtt)
}

/// Length of the ID3 tags at the start, the last of which may reach beyond `head` (ID3v2.4 structure
/// 3.1 and 3.4).
#[must_use]
pub fn id3_len(head: &[u8]) -> usize {
    let mut len = 0;
    while let Some([b'I', b'D', b'3', _, _, flags, size @ ..]) =
        head.get(len..).and_then(|rest| rest.first_chunk::<ID3_HEADER_LEN>())
    {
        let footer_len = if flags & 0x10 == 0 { 0 } else { ID3_HEADER_LEN };
        len += ID3_HEADER_LEN + syncsafe(size) + footer_len;
    }
    len
}

/// Three sync bytes a packet apart, the first within the first packet's length.
fn has_ts_rhythm(head: &[u8], packet_len: usize) -> bool {
    head.iter().take(packet_len).enumerate().any(|(offset, byte)| {
        *byte == TS_SYNC
            && head.get(offset + packet_len) == Some(&TS_SYNC)
            && head.get(offset + 2 * packet_len) == Some(&TS_SYNC)
    })
}

fn describe(head: &[u8]) -> &'static str {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let starts_with =
        |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if head.is_empty() {
        "empty"
    } else if starts_with(b"<!doctype") || starts_with(b"<html") || starts_with(b"<head") {
        "an HTML page"
    } else if starts_with(b"<?xml") || starts_with(b"<") {
        "an XML document"
    } else if starts_with(b"#EXTM3U") {
        "a playlist"
    } else if starts_with(b"{") || starts_with(b"[") {
        "JSON"
    } else if has_ts_rhythm(head, 192) || has_ts_rhythm(head, 204) {
        "MPEG-TS in packets of 192 or 204 bytes instead of 188"
    } else if starts_with(b"\x1a\x45\xdf\xa3") {
        "WebM or Matroska"
    } else if starts_with(b"\x89PNG") || starts_with(b"\xff\xd8\xff") {
        "an image"
    } else if head
        .iter()
        .take(256)
        .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
    {
        "text"
    } else {
        "binary data"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transport_streams_are_known_by_their_rhythm() {
        let mut stream = vec![0; 5 * TS_PACKET_LEN];
        for packet in stream.chunks_mut(TS_PACKET_LEN) {
            packet[0] = TS_SYNC;
        }
        assert_eq!(Container::sniff(&stream, false), Some(Container::MpegTs));
        // Garbage first, whatever the number of bytes that came.
        for len in 0..stream.len() - 33 {
            let sniffed = Container::sniff(&stream[33..33 + len], false);
            assert!(sniffed.is_none() || sniffed == Some(Container::MpegTs), "{len} bytes");
        }
        assert_eq!(Container::sniff(&stream[33..], false), Some(Container::MpegTs));
        assert_eq!(Container::sniff(&stream[..TS_PACKET_LEN], true), Some(Container::MpegTs));
        assert_eq!(Container::sniff(&stream[..TS_PACKET_LEN], false), None);
        let prose = b"G is the seventh letter. ".repeat(40);
        assert_eq!(Container::sniff(&prose, false), Some(Container::Other("text")));
    }

    /// A tag of `len` bytes besides its header, which look like packets.
    fn id3(len: usize, has_footer: bool) -> Vec<u8> {
        let size = [len >> 21, len >> 14, len >> 7, len].map(|bits| bits as u8 & 0x7f);
        let flags = if has_footer { 0x10 } else { 0 };
        let footer_len = if has_footer { ID3_HEADER_LEN } else { 0 };
        [&b"ID3\x04\0"[..], &[flags], &size, &vec![TS_SYNC; len + footer_len]].concat()
    }

    #[test]
    fn what_stands_behind_id3_tags_tells() {
        let mut packets = vec![0; 4 * TS_PACKET_LEN];
        packets.chunks_mut(TS_PACKET_LEN).for_each(|packet| packet[0] = TS_SYNC);
        let adts = [&[0xff, 0xf1, 0x50, 0x80][..], &[0; 600]].concat();
        let mp3 = [&[0xff, 0xfb, 0x90, 0x00][..], &[0; 600]].concat();
        let mp4 = b"\0\0\0\x18stypmsdh".to_vec();
        for tags in [id3(0, false), id3(63, false), id3(300, true), id3(70_000, false)] {
            for tags in [tags.clone(), [id3(63, false), tags].concat()] {
                for (media, container) in [
                    (&packets, Container::MpegTs),
                    (&adts, Container::PackedAudio),
                    (&mp3, Container::PackedAudio),
                    (&mp4, Container::Fmp4),
                ] {
                    assert_eq!(id3_len(&[&tags[..], media].concat()), tags.len());
                    let bytes = [&tags[..], media].concat();
                    assert_eq!(Container::sniff(&bytes, true), Some(container));
                    // Whatever came first, there is no other answer.
                    for len in (0..bytes.len()).step_by(7) {
                        let sniffed = Container::sniff(&bytes[..len], false);
                        assert!(sniffed.is_none_or(|sniffed| sniffed == container), "{len}");
                    }
                }
            }
        }
        assert_eq!(
            Container::sniff(&id3(2 << 20, false)[..600], false),
            Some(Container::PackedAudio)
        );
        assert_eq!(Container::sniff(&id3(500, false)[..200], true), Some(Container::PackedAudio));
    }

    #[test]
    fn packets_of_another_length_are_named() {
        for (len, before) in [(192, 4), (204, 0)] {
            let mut stream = vec![0; before + 4 * len];
            (0..4).for_each(|packet| stream[before + packet * len] = TS_SYNC);
            let found = Container::sniff(&stream, false);
            assert!(matches!(found, Some(Container::Other(text)) if text.contains("192 or 204")));
        }
    }

    #[test]
    fn the_rest_is_known_by_signature() {
        let sniff = |bytes: &[u8]| Container::sniff(bytes, true);
        assert_eq!(sniff(b"\0\0\0\x18styp"), Some(Container::Fmp4));
        assert_eq!(sniff(b"ID3\x04\0\0\0\0\0\0"), Some(Container::PackedAudio));
        assert_eq!(sniff(&[0xff, 0xf1, 0x50, 0x80]), Some(Container::PackedAudio));
        assert_eq!(sniff(b"\xef\xbb\xbfWEBVTT\n"), Some(Container::WebVtt));
        assert_eq!(sniff(b"\r\n<!DOCTYPE html>"), Some(Container::Other("an HTML page")));
        assert_eq!(sniff(b""), Some(Container::Other("empty")));
        assert_eq!(sniff(b"{\"error\":1}"), Some(Container::Other("JSON")));
        assert_eq!(sniff(&[0, 1, 2, 3]), Some(Container::Other("binary data")));
        assert_eq!(Container::sniff(b"", false), None);
    }
}
