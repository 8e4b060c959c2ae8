//! Opus in transport streams (ETSI TS 103 491 4; packets by RFC 6716 3, `dOps` by "Encapsulation of Opus in ISO
//! Base Media File Format" 4.3.2).
//!
//! In: the first bytes of an access unit, and the channels that the program map announces. Out: how long the packet
//! behind its control header is, and what the sample entry must say of it. Trimming is left aside: it is some
//! milliseconds of run-up. Refused: channels that the program map does not lay out (dual mono, families of its own).

use super::frame_header::FrameHeader;

/// The sample rate of every Opus stream.
pub const SAMPLE_RATE_HZ: u32 = 48_000;
/// A packet has no more than 120 ms (RFC 6716 3.2.5).
const MAX_PACKET_SAMPLES: u32 = 5760;
/// Longer packets are not believed.
const MAX_PACKET_LEN: usize = 16 * 1024;
/// Bytes of a packet that say how long it plays.
const PACKET_HEAD_LEN: usize = 2;

/// Streams, of which coupled, and where their channels go, by number of channels (RFC 7845 5.1.1.2).
const LAYOUTS: [(u8, u8, &[u8]); 8] = [
    (1, 0, &[0]),
    (1, 1, &[0, 1]),
    (2, 1, &[0, 2, 1]),
    (2, 2, &[0, 1, 2, 3]),
    (3, 2, &[0, 4, 1, 2, 3]),
    (4, 2, &[0, 4, 1, 2, 3, 5]),
    (4, 3, &[0, 4, 1, 2, 3, 5, 6]),
    (5, 3, &[0, 6, 1, 2, 3, 4, 5, 7]),
];

/// What is known of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpusConfig {
    /// 1 to 8, in Vorbis order.
    pub channels: u8,
    /// Samples of a packet at 48 kHz.
    pub packet_samples: u32,
}

impl OpusConfig {
    /// The body of a `dOps` box.
    #[must_use]
    pub fn decoder_box(&self) -> Vec<u8> {
        // Version 0, no samples to skip, no gain.
        let mut bytes = vec![0, self.channels, 0, 0];
        bytes.extend(SAMPLE_RATE_HZ.to_be_bytes());
        bytes.extend([0, 0]);
        match LAYOUTS.get(usize::from(self.channels).wrapping_sub(1)) {
            Some((streams, coupled, mapping)) if self.channels > 2 => {
                bytes.extend([1, *streams, *coupled]);
                bytes.extend(*mapping);
            }
            _ => bytes.push(0),
        }
        bytes
    }

    /// A packet of silence as long as theirs: one frame of CELT without energy, where there is such a one.
    #[must_use]
    pub fn silent_frame(&self) -> Option<Vec<u8>> {
        let size = match self.packet_samples {
            120 => 0,
            240 => 1,
            480 => 2,
            960 => 3,
            _ => return None,
        };
        let stereo = u8::from(self.channels == 2) << 2;
        (self.channels <= 2).then(|| vec![(28 + size) << 3 | stereo, 0xff, 0xfe])
    }
}

/// What is still wanted to read a control header of which `bytes` came: its length and that of a packet's head.
pub(super) fn wanted_len(bytes: &[u8]) -> usize {
    match control_header(bytes) {
        ControlHeader::Incomplete(len) => len,
        ControlHeader::Whole { len, packet_len } => len + packet_len.min(PACKET_HEAD_LEN),
        ControlHeader::None => bytes.len(),
    }
}

/// Reads a control header and the head of the packet behind it. `None` where it is none.
pub(super) fn parse(bytes: &[u8], channels: u8) -> Option<FrameHeader<OpusConfig>> {
    let ControlHeader::Whole { len: skipped_len, packet_len: len } = control_header(bytes) else {
        return None;
    };
    let packet = bytes.get(skipped_len..)?;
    let packet_samples = packet_samples(packet)?;
    let config = OpusConfig { channels, packet_samples };
    Some(FrameHeader { config, skipped_len, len, is_extension: false })
}

enum ControlHeader {
    /// At least so many bytes are wanted.
    Incomplete(usize),
    Whole {
        len: usize,
        packet_len: usize,
    },
    None,
}

fn control_header(bytes: &[u8]) -> ControlHeader {
    const FIXED_LEN: usize = 3;
    let [first, flags, sizes @ ..] = bytes else { return ControlHeader::Incomplete(FIXED_LEN) };
    if *first != 0x7f || flags & 0xe0 != 0xe0 {
        return ControlHeader::None;
    }
    let full = sizes.iter().take_while(|byte| **byte == 255).count();
    if full * 255 > MAX_PACKET_LEN {
        return ControlHeader::None;
    }
    let Some(last) = sizes.get(full) else { return ControlHeader::Incomplete(bytes.len() + 1) };
    let packet_len = full * 255 + usize::from(*last);
    let trims = usize::from(flags >> 4 & 1) + usize::from(flags >> 3 & 1);
    let mut len = FIXED_LEN + full + 2 * trims;
    if flags & 4 != 0 {
        // An extension: its length, then as many bytes.
        match bytes.get(len) {
            Some(extension_len) => len += 1 + usize::from(*extension_len),
            None => return ControlHeader::Incomplete(len + 1),
        }
    }
    if packet_len == 0 {
        return ControlHeader::None;
    }
    if bytes.len() < len {
        return ControlHeader::Incomplete(len);
    }
    ControlHeader::Whole { len, packet_len }
}

/// How long a packet plays (RFC 6716 3.1, 3.2).
fn packet_samples(packet: &[u8]) -> Option<u32> {
    let toc = *packet.first()?;
    let config = toc >> 3;
    let frame_samples = match config {
        0..=11 => [480, 960, 1920, 2880][usize::from(config & 3)],
        12..=15 => [480, 960][usize::from(config & 1)],
        _ => 120 << (config & 3),
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    Some(frames * frame_samples).filter(|samples| (1..=MAX_PACKET_SAMPLES).contains(samples))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 ms of CELT in stereo.
    const PACKET: [u8; 4] = [0xfc, 1, 2, 3];

    #[test]
    fn the_control_header_is_read_with_all_it_may_have() {
        let plain = [&[0x7f, 0xe0, 4][..], &PACKET].concat();
        let trimmed = [&[0x7f, 0xf8, 4, 0, 1, 0, 2][..], &PACKET].concat();
        let extended = [&[0x7f, 0xe4, 4, 2, 9, 9][..], &PACKET].concat();
        let long = [&[0x7f, 0xe0, 255, 0][..], &[0xfc; 255]].concat();
        for (bytes, skipped_len, len) in
            [(plain, 3, 4), (trimmed, 7, 4), (extended, 6, 4), (long, 4, 255)]
        {
            // However the bytes come, the same header is read in the end.
            let mut have = 0;
            while wanted_len(&bytes[..have]) > have {
                have = wanted_len(&bytes[..have]);
            }
            let header = parse(&bytes[..have], 2).expect("a header");
            assert_eq!((header.skipped_len, header.len), (skipped_len, len));
            assert_eq!(header.config.packet_samples, 960);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for bytes in [&[0x7f, 0xe0, 0, 0xfc][..], &[0x7f, 0, 4, 0xfc], &[0x47, 0xe0, 4, 0xfc]] {
            assert!(parse(bytes, 2).is_none() && wanted_len(bytes) <= bytes.len());
        }
        // Packets without a frame, and of more than 120 ms.
        assert_eq!(packet_samples(&[0xff, 0]), None);
        assert_eq!(packet_samples(&[0xff, 7]), None);
        let endless = [&[0x7f, 0xe0][..], &[255; 100]].concat();
        assert!(parse(&endless, 2).is_none());
    }
}
