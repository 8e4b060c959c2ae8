//! AAC in ADTS (ISO/IEC 14496-3 1.A.3, ISO/IEC 13818-7 6.2).
//!
//! In: the header of a frame. Out: how long the frame is, which goes without its header into a sample, and what the
//! sample entry must say of it; a frame of silence. It decodes nothing.

use super::bits::BitWriter;
use super::frame_header::FrameHeader;

/// Samples in a frame, before spectral band replication.
pub const FRAME_SAMPLES: u32 = 1024;

const HEADER_LEN: usize = 7;
const CRC_LEN: usize = 2;

/// `samplingFrequencyIndex` (ISO/IEC 14496-3 table 1.18).
const SAMPLE_RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];

/// What ADTS headers say about a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AacConfig {
    /// Audio object type: 1 Main, 2 LC, 3 SSR, 4 LTP.
    pub object_type: u8,
    /// Index of the sample rate.
    pub rate_index: u8,
    /// Channel configuration, 1 to 7. (0: a program config element in some frame lays the channels
    /// out; no browser is known to play it.)
    pub channel_config: u8,
}

impl AacConfig {
    /// AAC-LC in stereo at 48 kHz: what sound is likely to be before any came.
    pub const USUAL: Self = Self { object_type: 2, rate_index: 3, channel_config: 2 };

    /// Of the core decoder; spectral band replication doubles it.
    #[must_use]
    pub fn sample_rate_hz(&self) -> u32 {
        SAMPLE_RATES.get(usize::from(self.rate_index)).copied().unwrap_or(44_100)
    }

    /// Number of channels.
    #[must_use]
    pub fn channel_count(&self) -> u16 {
        if self.channel_config == 7 { 8 } else { u16::from(self.channel_config) }
    }

    /// One frame of silence: each channel element with no spectral band at all
    /// (ISO/IEC 14496-3 4.4.2).
    #[must_use]
    pub fn silent_frame(&self) -> Vec<u8> {
        const SINGLE: u32 = 0;
        const PAIR: u32 = 1;
        const LOW_FREQUENCY: u32 = 3;
        const END: u32 = 7;
        let elements: &[u32] = match self.channel_config {
            1 => &[SINGLE],
            2 => &[PAIR],
            3 => &[SINGLE, PAIR],
            4 => &[SINGLE, PAIR, SINGLE],
            5 => &[SINGLE, PAIR, PAIR],
            6 => &[SINGLE, PAIR, PAIR, LOW_FREQUENCY],
            _ => &[SINGLE, PAIR, PAIR, PAIR, LOW_FREQUENCY],
        };
        let mut writer = BitWriter::default();
        for (index, element) in elements.iter().enumerate() {
            let earlier = elements[..index].iter().filter(|other| *other == element).count();
            writer.put(3, *element);
            writer.put(4, earlier as u32);
            if *element == PAIR {
                // common_window
                writer.put(1, 0);
                silent_channel(&mut writer);
            }
            silent_channel(&mut writer);
        }
        writer.put(3, END);
        writer.finish()
    }
}

/// `individual_channel_stream` with `max_sfb` 0: gain, a long window, no pulse, TNS or gain
/// control.
fn silent_channel(writer: &mut BitWriter) {
    writer.put(8, 0);
    writer.put(4, 0);
    writer.put(6, 0);
    writer.put(1, 0);
    writer.put(3, 0);
}

/// Bytes of a header, as far as those that came can tell.
pub(super) fn header_len(bytes: &[u8]) -> usize {
    if bytes.get(1).is_some_and(|flags| flags & 1 == 0) { HEADER_LEN + CRC_LEN } else { HEADER_LEN }
}

/// Reads a frame's header. `None` where it is none.
pub(super) fn parse(bytes: &[u8]) -> Option<FrameHeader<AacConfig>> {
    let [b0, b1, b2, b3, b4, b5, b6, ..] = bytes else { return None };
    // Sync word, layer 0; one raw data block.
    if *b0 != 0xff || b1 & 0xf6 != 0xf0 || b6 & 3 != 0 {
        return None;
    }
    let config = AacConfig {
        object_type: (b2 >> 6) + 1,
        rate_index: b2 >> 2 & 15,
        channel_config: (b2 & 1) << 2 | b3 >> 6,
    };
    if usize::from(config.rate_index) >= SAMPLE_RATES.len() {
        return None;
    }
    let frame_len = usize::from(b3 & 3) << 11 | usize::from(*b4) << 3 | usize::from(b5 >> 5);
    let skipped_len = header_len(bytes);
    let len = frame_len.checked_sub(skipped_len).filter(|len| *len > 0)?;
    Some(FrameHeader { config, skipped_len, len, is_extension: false })
}
