//! MP3 (ISO/IEC 11172-3 2.4.1.3, ISO/IEC 13818-3 2.4.1.3, and the 2.5 extension for low rates).
//!
//! In: the first four bytes of a frame. Out: how long it is, and what the sample entry must say of it; a frame of
//! silence. Refused: layers 1 and 2, which no browser plays in MP4, and the free format.

use super::frame_header::FrameHeader;

/// Bytes that tell all that is asked.
pub(super) const HEADER_LEN: usize = 4;

/// Layer 3, in kbit/s: version 1, and versions 2 and 2.5.
const BIT_RATES: [[u16; 15]; 2] = [
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const SAMPLE_RATES: [u32; 3] = [44_100, 48_000, 32_000];

/// What frame headers say about a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mp3Config {
    /// Version 1: 1152 samples a frame. Else 576.
    pub is_version_1: bool,
    /// Samples of each channel a second.
    pub sample_rate_hz: u32,
    /// One channel.
    pub is_mono: bool,
    /// Second to fourth byte of a header of these frames.
    header: [u8; 3],
}

impl Mp3Config {
    /// Samples of each channel in a frame.
    #[must_use]
    pub fn frame_samples(&self) -> u32 {
        if self.is_version_1 { 1152 } else { 576 }
    }

    /// A frame whose side information says that nothing follows (2.4.1.7), at 64 kbit/s.
    #[must_use]
    pub fn silent_frame(&self) -> Vec<u8> {
        let [second, third, fourth] = self.header;
        let rate_index = if self.is_version_1 { 5 } else { 8 };
        // No checksum, no padding.
        let header = [0xff, second | 1, rate_index << 4 | third & 0x0c, fourth];
        let len = frame_len(self.is_version_1, 64, self.sample_rate_hz, 0);
        let mut frame = vec![0; len.max(HEADER_LEN)];
        frame[..HEADER_LEN].copy_from_slice(&header);
        frame
    }
}

/// The layer of MPEG audio that begins like this, 1 to 3.
pub(super) fn layer(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x18 != 0x08 => {
            (4 - (second >> 1 & 3) as i8).try_into().ok().filter(|layer| *layer < 4)
        }
        _ => None,
    }
}

/// The name of a layer that nobody plays.
pub(super) fn refused_layer(bytes: &[u8]) -> Option<&'static str> {
    match layer(bytes)? {
        1 => Some("MPEG audio layer 1"),
        2 => Some("MPEG audio layer 2 (mp2)"),
        _ => None,
    }
}

/// Reads a frame's header. `None` where it is none of layer 3.
pub(super) fn parse(bytes: &[u8]) -> Option<FrameHeader<Mp3Config>> {
    let [_, second, third, fourth, ..] = *bytes else { return None };
    if layer(bytes) != Some(3) {
        return None;
    }
    let version = second >> 3 & 3;
    let is_version_1 = version == 3;
    let full_rate_hz = *SAMPLE_RATES.get(usize::from(third >> 2 & 3))?;
    let sample_rate_hz = match version {
        3 => full_rate_hz,
        2 => full_rate_hz / 2,
        _ => full_rate_hz / 4,
    };
    let rates = &BIT_RATES[usize::from(!is_version_1)];
    let kbps = *rates.get(usize::from(third >> 4)).filter(|kbps| **kbps > 0)?;
    let len = frame_len(is_version_1, kbps, sample_rate_hz, third >> 1 & 1);
    let is_mono = fourth >> 6 == 3;
    // What may differ from frame to frame is left out: bit rate, padding, private bit, joint stereo.
    let header = [second, third & 0x0c, if is_mono { 0xc0 } else { 0 }];
    let config = Mp3Config { is_version_1, sample_rate_hz, is_mono, header };
    Some(FrameHeader { config, skipped_len: 0, len, is_extension: false })
}

fn frame_len(is_version_1: bool, kbps: u16, sample_rate_hz: u32, padding: u8) -> usize {
    let factor = if is_version_1 { 144_000 } else { 72_000 };
    (factor * u32::from(kbps) / sample_rate_hz) as usize + usize::from(padding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_how_long_it_is_and_silence_is_one() {
        // 128 kbit/s at 44.1 kHz, with padding; 48 kHz; version 2 at 22.05 kHz, 64 kbit/s.
        for (bytes, len, samples) in [
            ([0xff, 0xfb, 0x92, 0x64], 418, 1152),
            ([0xff, 0xfb, 0x94, 0xc4], 384, 1152),
            ([0xff, 0xf3, 0x80, 0xc4], 208, 576),
        ] {
            let header = parse(&bytes).expect("a frame");
            assert_eq!((header.len, header.config.frame_samples()), (len, samples));
            let silence = header.config.silent_frame();
            let parsed = parse(&silence).expect("a frame of silence");
            assert_eq!((parsed.len, parsed.config), (silence.len(), header.config));
        }
    }

    #[test]
    fn other_layers_and_the_free_format_are_refused() {
        assert_eq!(layer(&[0xff, 0xfd, 0x90, 0]), Some(2));
        assert_eq!(layer(&[0xff, 0xff, 0x90, 0]), Some(1));
        assert_eq!(layer(&[0xff, 0xf1, 0x90, 0]), None, "ADTS");
        for bytes in [
            [0xff, 0xfd, 0x90, 0],
            [0xff, 0xfb, 0, 0],
            [0xff, 0xfb, 0xf0, 0],
            [0xff, 0xfb, 0x9c, 0],
        ] {
            assert!(parse(&bytes).is_none(), "{bytes:x?}");
        }
    }
}
