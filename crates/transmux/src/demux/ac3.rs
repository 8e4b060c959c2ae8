//! AC-3 and E-AC-3 (ETSI TS 102 366: clauses 4.3 and 4.4, annex E 1.2; boxes by annex F).
//!
//! In: the first bytes of a synchronization frame. Out: how long it is, and what the sample entry must say of it.
//! A frame stays whole in its sample. Refused: the half-rate kinds of AC-3 (`bsid` 9 and 10), reduced rates.

use super::bits::{BitReader, BitWriter};
use super::frame_header::FrameHeader;

/// Bytes that tell all that is asked.
pub(super) const HEADER_LEN: usize = 10;
/// Of the coefficients of a channel.
const BLOCK_SAMPLES: u32 = 256;

/// Table 4.13, in kbit/s.
const BIT_RATES: [u16; 19] =
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
const SAMPLE_RATES: [u32; 3] = [48_000, 44_100, 32_000];
/// By `acmod`, without the low-frequency channel (table 4.3).
const CHANNELS: [u16; 8] = [2, 1, 2, 3, 3, 4, 4, 5];

/// What frames say about a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ac3Config {
    /// E-AC-3, by `bsid`.
    pub is_enhanced: bool,
    /// `fscod`.
    pub rate_code: u8,
    /// `bsid`.
    pub bitstream_id: u8,
    /// `bsmod`; 0 in E-AC-3, where it stands too far in the frame.
    pub bitstream_mode: u8,
    /// `acmod`.
    pub channel_mode: u8,
    /// `lfeon`.
    pub has_low_frequency: bool,
    /// AC-3: index of the bit rate. E-AC-3: bit rate in kbit/s.
    pub bit_rate: u16,
    /// Blocks of 256 samples in a frame.
    pub blocks: u8,
}

impl Ac3Config {
    /// Samples of each channel a second.
    #[must_use]
    pub fn sample_rate_hz(&self) -> u32 {
        SAMPLE_RATES.get(usize::from(self.rate_code)).copied().unwrap_or(48_000)
    }

    /// Samples of each channel in a frame.
    #[must_use]
    pub fn frame_samples(&self) -> u32 {
        u32::from(self.blocks) * BLOCK_SAMPLES
    }

    /// Channels of the frame itself; what dependent substreams add is left to decoders.
    #[must_use]
    pub fn channel_count(&self) -> u16 {
        CHANNELS[usize::from(self.channel_mode & 7)] + u16::from(self.has_low_frequency)
    }

    /// The body of a `dac3` or `dec3` box (F.4, F.6).
    #[must_use]
    pub fn decoder_box(&self) -> Vec<u8> {
        let mut writer = BitWriter::default();
        if self.is_enhanced {
            writer.put(13, u32::from(self.bit_rate));
            // One independent substream.
            writer.put(3, 0);
        }
        writer.put(2, u32::from(self.rate_code));
        writer.put(5, u32::from(self.bitstream_id));
        if self.is_enhanced {
            writer.put(2, 0);
        }
        writer.put(3, u32::from(self.bitstream_mode));
        writer.put(3, u32::from(self.channel_mode));
        writer.put(1, u32::from(self.has_low_frequency));
        if self.is_enhanced {
            // Reserved; no dependent substream is announced.
            writer.put(3 + 4 + 1, 0);
        } else {
            writer.put(5, u32::from(self.bit_rate));
            writer.put(5, 0);
        }
        writer.finish()
    }
}

/// Reads the begin of a frame. `None` where it is none.
pub(super) fn parse(bytes: &[u8]) -> Option<FrameHeader<Ac3Config>> {
    if !bytes.starts_with(&[0x0b, 0x77]) {
        return None;
    }
    match bytes.get(5)? >> 3 {
        bitstream_id @ 0..=8 => parse_plain(bytes, bitstream_id),
        bitstream_id @ 11..=16 => parse_enhanced(bytes, bitstream_id),
        _ => None,
    }
}

fn parse_plain(bytes: &[u8], bitstream_id: u8) -> Option<FrameHeader<Ac3Config>> {
    let mut reader = BitReader::new(bytes.get(4..)?);
    let rate_code = reader.bits(2)? as u8;
    let size_code = reader.bits(6)?;
    reader.skip(5)?;
    let bitstream_mode = reader.bits(3)? as u8;
    let channel_mode = reader.bits(3)? as u8;
    // Mix levels of centre and surround, or the surround mode of two channels.
    reader.skip(if channel_mode & 1 == 1 && channel_mode != 1 { 2 } else { 0 })?;
    reader.skip(if channel_mode & 4 == 4 { 2 } else { 0 })?;
    reader.skip(if channel_mode == 2 { 2 } else { 0 })?;
    let has_low_frequency = reader.flag()?;
    let kbps = usize::from(*BIT_RATES.get(size_code as usize / 2)?);
    let len = match rate_code {
        0 => kbps * 4,
        // 1536 samples in words of two bytes, rounded down; an odd code has one word more.
        1 => 2 * (kbps * 96_000 / 44_100 + size_code as usize % 2),
        2 => kbps * 6,
        _ => return None,
    };
    let config = Ac3Config {
        is_enhanced: false,
        rate_code,
        bitstream_id,
        bitstream_mode,
        channel_mode,
        has_low_frequency,
        bit_rate: size_code as u16 / 2,
        blocks: 6,
    };
    Some(FrameHeader { config, skipped_len: 0, len, is_extension: false })
}

fn parse_enhanced(bytes: &[u8], bitstream_id: u8) -> Option<FrameHeader<Ac3Config>> {
    let mut reader = BitReader::new(bytes.get(2..)?);
    let stream_type = reader.bits(2)?;
    let substream = reader.bits(3)?;
    let len = 2 * (reader.bits(11)? as usize + 1);
    let rate_code = reader.bits(2)? as u8;
    let blocks = [1, 2, 3, 6][reader.bits(2)? as usize];
    let channel_mode = reader.bits(3)? as u8;
    let has_low_frequency = reader.flag()?;
    let sample_rate_hz = *SAMPLE_RATES.get(usize::from(rate_code))?;
    if stream_type == 3 || len < HEADER_LEN {
        return None;
    }
    let kbps = len as u32 * 8 * (sample_rate_hz / 100) / (u32::from(blocks) * BLOCK_SAMPLES * 10);
    let config = Ac3Config {
        is_enhanced: true,
        rate_code,
        bitstream_id,
        bitstream_mode: 0,
        channel_mode,
        has_low_frequency,
        bit_rate: kbps.min(0x1fff) as u16,
        blocks,
    };
    // A dependent substream, or another programme, belongs to the sample of the frame before it.
    let is_extension = stream_type == 1 || substream != 0;
    Some(FrameHeader { config, skipped_len: 0, len, is_extension })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ffmpeg, 2 channels, 48 kHz, 192 kbit/s.
    const STEREO: &[u8] = &[0x0b, 0x77, 0x95, 0x60, 0x14, 0x40, 0x43, 0xe0, 0, 0];

    #[test]
    fn a_frame_says_how_long_it_is() {
        let header = parse(STEREO).expect("a frame");
        assert_eq!((header.len, header.config.channel_count()), (768, 2));
        assert_eq!(header.config.frame_samples(), 1536);
        assert_eq!(header.config.decoder_box(), [0x10, 0x11, 0x40]);
        // 44.1 kHz: 417 and 418 words.
        for (code, len) in [(0x54, 834), (0x55, 836)] {
            let mut bytes = STEREO.to_vec();
            bytes[4] = code;
            assert_eq!(parse(&bytes).map(|header| header.len), Some(len));
        }
    }

    #[test]
    fn what_is_none_is_refused_without_panic() {
        for len in 0..STEREO.len() {
            assert!(parse(&STEREO[..len]).is_none() || len > 6);
        }
        for at in 2..8 {
            for value in 0..=255 {
                let mut bytes = STEREO.to_vec();
                bytes[at] = value;
                if let Some(header) = parse(&bytes) {
                    assert!(header.len >= HEADER_LEN && header.config.frame_samples() >= 256);
                }
            }
        }
        assert!(parse(&[0x0b, 0x77, 0, 0, 0xc0, 0x40, 0, 0, 0, 0]).is_none(), "a reserved rate");
        assert!(parse(&[0x0b, 0x77, 0, 0, 38, 0x40, 0, 0, 0, 0]).is_none(), "no such bit rate");
        assert!(parse(&[0x0b, 0x77, 0, 0, 0, 9 << 3, 0, 0, 0, 0]).is_none(), "half rate");
    }
}
