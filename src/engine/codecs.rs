//! What the names in CODECS say (RFC 6381 3.3; RFC 8216bis 4.4.6.2), and what to make of them.
//!
//! In: names as playlists spell them. Out: what each is of, and the name that browsers know. They
//! are hints: lists name subtitle formats there, spell H.264 as it was done before RFC 6381, and
//! invent words. The media itself says what it is, and whether the browser plays that. It asks no
//! browser.

/// What a codec is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Picture,
    Sound,
    /// No word that is known here: it may be anything.
    Unknown,
}

/// A codec a variant is said to need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Codec {
    pub family: Family,
    /// As a browser can be asked for it.
    pub name: String,
}

impl Codec {
    /// Reads one name; `None` for a text format, which no source buffer plays.
    pub fn read(listed: &str) -> Option<Self> {
        // The codes of sample entries, or how they begin.
        const PICTURE: &str = "avc hvc1 hev1 dv av01 vp mp4v";
        const SOUND: &str = "mp4a mp3 ac- ec-3 opus flac alac dts mha1 mhm1";
        const TEXT: &str = "wvtt stpp tx3g c608 sbtt";
        let (entry, detail) = listed.split_once('.').unwrap_or((listed, ""));
        let entry = entry.to_ascii_lowercase();
        let is_of = |family: &str| family.split(' ').any(|start| entry.starts_with(start));
        let family = match () {
            () if is_of(TEXT) => return None,
            () if is_of(PICTURE) => Family::Picture,
            () if is_of(SOUND) => Family::Sound,
            () => Family::Unknown,
        };
        let decimal;
        let (entry, detail) = match (entry.as_str(), detail) {
            (h264, detail) if h264.starts_with("avc") => {
                decimal = h264_by_decimals(detail);
                let is_hex = detail.len() == 6 && detail.bytes().all(|it| it.is_ascii_hexdigit());
                // Of what is neither, the commonest is asked for.
                let usual = decimal.as_deref().unwrap_or("42001e");
                ("avc1", if is_hex { detail } else { usual })
            }
            ("mp4a", "" | "40") => ("mp4a", "40.2"),
            // MP3 as an MPEG-4 object, which some browsers know by MPEG-1's name alone.
            ("mp4a", "40.34") => ("mp4a", "6B"),
            ("hvc1" | "hev1", "") => ("hvc1", "1.6.L93.B0"),
            other => other,
        };
        let name = if detail.is_empty() { entry.to_owned() } else { [entry, detail].join(".") };
        Some(Self { family, name })
    }

    /// The same for all that one decoder plays: the first letter and the third, but `hv` for HEVC.
    pub fn kind(&self) -> u16 {
        match *self.name.as_bytes() {
            [b'h', ..] => u16::from_be_bytes(*b"hv"),
            [first, _, third, ..] => u16::from_be_bytes([first, third]),
            _ => 0,
        }
    }
}

/// Profile and level as they stood there before RFC 6381, as decimal numbers (`66.30`): as its six
/// hexadecimal digits, those of the constraints zero.
fn h264_by_decimals(detail: &str) -> Option<String> {
    let (profile, level) = detail.split_once('.')?;
    let (profile, level) = (profile.parse::<u8>().ok()?, level.parse::<u8>().ok()?);
    Some(format!("{profile:02x}00{level:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_odd_spellings_are_asked_for_as_browsers_know_them() {
        for (listed, family, name) in [
            ("avc1.66.30", Family::Picture, "avc1.42001e"),
            ("avc1.77.31", Family::Picture, "avc1.4d001f"),
            ("avc1.100.40", Family::Picture, "avc1.640028"),
            ("avc1.64001F", Family::Picture, "avc1.64001F"),
            ("AVC1.64001F", Family::Picture, "avc1.64001F"),
            ("avc3.640028", Family::Picture, "avc1.640028"),
            ("avc1", Family::Picture, "avc1.42001e"),
            ("avc1.999.30", Family::Picture, "avc1.42001e"),
            ("hvc1.1.6.L93.B0", Family::Picture, "hvc1.1.6.L93.B0"),
            ("hev1.2.4.H153.B0", Family::Picture, "hev1.2.4.H153.B0"),
            ("hvc1", Family::Picture, "hvc1.1.6.L93.B0"),
            ("av01.0.04M.08", Family::Picture, "av01.0.04M.08"),
            ("mp4a.40.34", Family::Sound, "mp4a.6B"),
            ("MP4A.40.5", Family::Sound, "mp4a.40.5"),
            ("mp4a", Family::Sound, "mp4a.40.2"),
            ("mp3", Family::Sound, "mp3"),
            ("fLaC", Family::Sound, "flac"),
            ("Opus", Family::Sound, "opus"),
            ("xyz9.1", Family::Unknown, "xyz9.1"),
            ("", Family::Unknown, ""),
        ] {
            let name = name.to_owned();
            assert_eq!(Codec::read(listed), Some(Codec { family, name }), "{listed}");
        }
        let kind = |listed| Codec::read(listed).map(|codec| codec.kind());
        for alike in [
            ["avc1.640028", "avc3.42001e"],
            ["hvc1.2.4.L153.B0", "hev1.1.6.L93.B0"],
            ["dvh1.05.06", "dvhe.08.09"],
            ["mp4a.40.42", "mp4a.40.2"],
            ["fLaC", "flac"],
        ] {
            assert_eq!(kind(alike[0]), kind(alike[1]), "{alike:?}");
        }
        let kinds = ["avc1", "hvc1", "dvh1.05.06", "av01.0.04M.08", "vp09.00.10.08"].map(kind);
        assert!(kinds.iter().enumerate().all(|(at, it)| !kinds[..at].contains(it)), "{kinds:?}");
        for text in ["wvtt", "stpp", "stpp.ttml.im1t", "WVTT", "tx3g"] {
            assert_eq!(Codec::read(text), None, "{text}");
        }
    }
}
