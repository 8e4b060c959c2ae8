//! Which kind of playlist a body is, and where it is none, what it is instead.
//!
//! In: a body as text. Out: yes, no, or a few words for a person. It refuses to judge beyond the
//! first lines: that is the parsers'.

use super::lines::{Line, Lines};

/// Whether the first line is `#EXTM3U` (RFC 8216bis 4.4.1.1).
pub(super) fn is_playlist(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Blank lines before it are wrong and harmless.
    text.trim_ascii_start().strip_prefix("#EXTM3U").is_some_and(|rest| {
        // `#EXTM3U url-tvg="…"` is met in the wild; `#EXTM3U8` is not this tag.
        rest.bytes().next().is_none_or(|next| next.is_ascii_whitespace() || next == b':')
    })
}

/// Whether the first tag that belongs to only one kind belongs to a multivariant playlist.
pub(super) fn is_multivariant(text: &str) -> bool {
    for (_, line) in Lines::new(text) {
        let Line::Tag { name, .. } = line else { continue };
        match name {
            "#EXT-X-STREAM-INF"
            | "#EXT-X-I-FRAME-STREAM-INF"
            | "#EXT-X-MEDIA"
            | "#EXT-X-SESSION-DATA"
            | "#EXT-X-SESSION-KEY"
            | "#EXT-X-CONTENT-STEERING" => return true,
            "#EXTINF" | "#EXT-X-TARGETDURATION" | "#EXT-X-MEDIA-SEQUENCE" => return false,
            _ => {}
        }
    }
    false
}

/// What a body that is no playlist looks like.
pub(super) fn what_else(text: &str) -> &'static str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii_start();
    let begins_with = |prefix: &str| {
        text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if text.is_empty() {
        "empty"
    } else if begins_with("<!doctype html") || begins_with("<html") || begins_with("<head") {
        "an HTML page"
    } else if begins_with("<mpd") || text.as_bytes().windows(4).any(|part| part == b"<MPD") {
        "a DASH manifest"
    } else if text.starts_with('<') {
        "XML or HTML"
    } else if text.starts_with(['{', '[']) {
        "JSON"
    } else if is_binary(text) {
        if text.get(4..8).is_some_and(|kind| matches!(kind, "ftyp" | "styp" | "moof" | "moov")) {
            "an MP4 file"
        } else if text.starts_with('G') {
            "an MPEG-TS stream"
        } else {
            "binary data"
        }
    } else {
        "a text without #EXTM3U"
    }
}

fn is_binary(text: &str) -> bool {
    let is_odd = |c: char| c == '\u{fffd}' || (c.is_control() && !c.is_ascii_whitespace());
    text.chars().take(512).any(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_came_instead() {
        for (text, found) in [
            ("", "empty"),
            ("\u{feff} \r\n", "empty"),
            ("\n<!DOCTYPE HTML><title>404", "an HTML page"),
            ("<HTML>", "an HTML page"),
            ("<?xml version='1.0'?><MPD/>", "a DASH manifest"),
            ("<?xml version='1.0'?><Error/>", "XML or HTML"),
            ("{\"error\":1}", "JSON"),
            ("\0\0\0\u{18}ftypisom", "an MP4 file"),
            ("G@\0\u{10}\0", "an MPEG-TS stream"),
            ("\u{fffd}PNG", "binary data"),
            ("Not found", "a text without #EXTM3U"),
            ("#EXTM3U8\n", "a text without #EXTM3U"),
            ("#EXT-X-VERSION:3\n", "a text without #EXTM3U"),
        ] {
            assert!(!is_playlist(text), "{text:?}");
            assert_eq!(what_else(text), found, "{text:?}");
        }
    }

    #[test]
    fn tells_the_kinds_apart() {
        assert!(is_playlist("\u{feff}#EXTM3U\r\n"));
        assert!(is_playlist("#EXTM3U"));
        assert!(is_playlist("#EXTM3U url-tvg=\"x\"\n"));
        assert!(is_multivariant("#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-MEDIA:TYPE=AUDIO\n"));
        assert!(!is_multivariant("#EXTM3U\n#EXTINF:4,\na\n#EXT-X-STREAM-INF:\n"));
        assert!(!is_multivariant("#EXTM3U\n"));
    }
}
