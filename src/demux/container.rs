//! What kind of file a segment is, from its first bytes.
//!
//! In: the head of a segment. Out: a [`Container`], or `None` while the bytes are too few to tell.
//! Signatures only (ISO/IEC 13818-1 2.4.3.2, ISO/IEC 14496-12 4.3, RFC 8216bis 3): file names and
//! MIME types lie too often to be asked. It parses nothing.

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
    /// None of these: what it is instead, ready for
    /// [`crate::error::Error::UnsupportedContainer`].
    Other(&'static str),
}

/// Bytes after which [`Container::sniff`] always knows: the sync bytes of three TS packets, so that
/// a `G` in some text is no transport stream, the first anywhere in a packet's length.
pub const SNIFF_LEN: usize = 3 * TS_PACKET_LEN;

/// Bytes that every signature fits into, so that the answer does not depend on how many came first.
const SIGNATURE_LEN: usize = 9;

const TS_PACKET_LEN: usize = 188;
const TS_SYNC: u8 = 0x47;

impl Container {
    /// Tells a container by `head`, the first bytes of a segment. `None` asks for more of them;
    /// once the segment is complete (`is_whole`), or [`SNIFF_LEN`] bytes are there, there is
    /// always an answer.
    #[must_use]
    pub fn sniff(head: &[u8], is_whole: bool) -> Option<Self> {
        if !is_whole && head.len() < SIGNATURE_LEN {
            return None;
        }
        let head = &head[..head.len().min(SNIFF_LEN)];
        if let Some(container) = by_signature(head) {
            return Some(container);
        }
        // Garbage before the first packet is common at the edge of a live encoder: take any
        // offset at which packets repeat.
        if has_ts_rhythm(head) {
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
    if head.starts_with(b"ID3") {
        return Some(Container::PackedAudio);
    }
    // ADTS: twelve set bits, then layer 00.
    if let [0xff, second, ..] = head
        && second & 0xf6 == 0xf0
    {
        return Some(Container::PackedAudio);
    }
    // AC-3 and E-AC-3 are legal packed audio; the transmuxer refuses them by name.
    if head.starts_with(&[0x0b, 0x77]) {
        return Some(Container::PackedAudio);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    text.starts_with(b"WEBVTT").then_some(Container::WebVtt)
}

/// Three sync bytes a packet apart, the first within the first packet's length.
fn has_ts_rhythm(head: &[u8]) -> bool {
    head.iter().take(TS_PACKET_LEN).enumerate().any(|(offset, byte)| {
        *byte == TS_SYNC
            && head.get(offset + TS_PACKET_LEN) == Some(&TS_SYNC)
            && head.get(offset + 2 * TS_PACKET_LEN) == Some(&TS_SYNC)
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

    #[test]
    fn the_rest_is_known_by_signature() {
        let sniff = |bytes: &[u8]| Container::sniff(bytes, true);
        assert_eq!(sniff(b"\0\0\0\x18styp"), Some(Container::Fmp4));
        assert_eq!(sniff(b"ID3\x04\0"), Some(Container::PackedAudio));
        assert_eq!(sniff(&[0xff, 0xf1, 0x50, 0x80]), Some(Container::PackedAudio));
        assert_eq!(sniff(b"\xef\xbb\xbfWEBVTT\n"), Some(Container::WebVtt));
        assert_eq!(sniff(b"\r\n<!DOCTYPE html>"), Some(Container::Other("an HTML page")));
        assert_eq!(sniff(b""), Some(Container::Other("empty")));
        assert_eq!(sniff(b"{\"error\":1}"), Some(Container::Other("JSON")));
        assert_eq!(sniff(&[0, 1, 2, 3]), Some(Container::Other("binary data")));
        assert_eq!(Container::sniff(b"", false), None);
    }
}
