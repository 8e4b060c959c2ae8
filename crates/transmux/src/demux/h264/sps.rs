//! The sequence parameter set (ITU-T H.264 7.3.2.1 and Annex E).
//!
//! In: an SPS NAL unit. Out: what a container has to say about the video. Everything after the
//! last field read is ignored; a VUI that breaks off counts as absent.

use crate::demux::bits::BitReader;

/// No level of H.264 allows more macroblocks on a side (A.3.1: 139 264 × 8, square root).
const MAX_SIDE_MBS: u32 = 1056;

/// What a sequence parameter set says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sps {
    /// `profile_idc`.
    pub profile: u8,
    /// The constraint flags' byte.
    pub constraints: u8,
    /// `level_idc`.
    pub level: u8,
    /// `chroma_format_idc`.
    pub chroma_format: u8,
    /// Luma bit depth.
    pub luma_bit_depth: u8,
    /// Chroma bit depth.
    pub chroma_bit_depth: u8,
    /// After cropping.
    pub width_px: u16,
    /// After cropping.
    pub height_px: u16,
    /// Sample aspect ratio, width to height; (1, 1) where unspecified.
    pub sample_aspect_ratio: (u16, u16),
    /// False where pictures may be fields.
    pub frame_mbs_only: bool,
    /// Frames a second by the VUI, as a fraction.
    pub frame_rate: Option<(u32, u32)>,
    /// `max_num_reorder_frames`, where the VUI says it.
    pub max_reorder_frames: Option<u32>,
}

impl Sps {
    /// Reads a NAL unit of type 7, header byte included. `None` where it is broken.
    #[must_use]
    pub fn parse(nal: &[u8]) -> Option<Self> {
        let rbsp = without_emulation_prevention(nal.get(1..)?);
        let mut reader = BitReader::new(&rbsp);
        let profile = reader.bits(8)? as u8;
        let constraints = reader.bits(8)? as u8;
        let level = reader.bits(8)? as u8;
        let _id = reader.unsigned_golomb()?;
        let (mut chroma_format, mut luma_bit_depth, mut chroma_bit_depth) = (1, 8, 8);
        let mut has_separate_planes = false;
        if matches!(
            profile,
            44 | 83 | 86 | 100 | 110 | 118 | 122 | 128 | 134 | 135 | 138 | 139 | 244
        ) {
            chroma_format = small(reader.unsigned_golomb()?, 3)?;
            if chroma_format == 3 {
                has_separate_planes = reader.flag()?;
            }
            luma_bit_depth = 8 + small(reader.unsigned_golomb()?, 6)?;
            chroma_bit_depth = 8 + small(reader.unsigned_golomb()?, 6)?;
            reader.skip(1)?;
            if reader.flag()? {
                skip_scaling_matrix(&mut reader, if chroma_format == 3 { 12 } else { 8 })?;
            }
        }
        reader.unsigned_golomb()?;
        skip_picture_order(&mut reader)?;
        let _max_reference_frames = reader.unsigned_golomb()?;
        reader.skip(1)?;
        let width_mbs = reader.unsigned_golomb()?.checked_add(1)?;
        let height_units = reader.unsigned_golomb()?.checked_add(1)?;
        let frame_mbs_only = reader.flag()?;
        if width_mbs > MAX_SIDE_MBS || height_units > MAX_SIDE_MBS {
            return None;
        }
        let fields = if frame_mbs_only { 1 } else { 2 };
        if !frame_mbs_only {
            reader.skip(1)?;
        }
        reader.skip(1)?;
        let mut crop_px = (0, 0);
        if reader.flag()? {
            let mut side = || reader.unsigned_golomb();
            let (left, right, top, bottom) = (side()?, side()?, side()?, side()?);
            // Table 6-1: chroma samples are two luma samples wide and high in 4:2:0.
            let (unit_x, unit_y) = match chroma_format {
                1 if !has_separate_planes => (2, 2),
                2 if !has_separate_planes => (2, 1),
                _ => (1, 1),
            };
            crop_px = (
                left.checked_add(right)?.checked_mul(unit_x)?,
                top.checked_add(bottom)?.checked_mul(unit_y * fields)?,
            );
        }
        let mut sps = Self {
            profile,
            constraints,
            level,
            chroma_format,
            luma_bit_depth,
            chroma_bit_depth,
            width_px: u16::try_from((width_mbs * 16).checked_sub(crop_px.0)?).ok()?,
            height_px: u16::try_from((height_units * 16 * fields).checked_sub(crop_px.1)?).ok()?,
            sample_aspect_ratio: (1, 1),
            frame_mbs_only,
            frame_rate: None,
            max_reorder_frames: None,
        };
        if reader.flag()? {
            // What was read before it breaks off stays.
            let _ = sps.parse_vui(&mut reader);
        }
        (sps.width_px > 0 && sps.height_px > 0).then_some(sps)
    }

    fn parse_vui(&mut self, reader: &mut BitReader<'_>) -> Option<()> {
        const EXTENDED_SAR: u32 = 255;
        if reader.flag()? {
            let index = reader.bits(8)?;
            let ratio = if index == EXTENDED_SAR {
                (reader.bits(16)? as u16, reader.bits(16)? as u16)
            } else {
                SAMPLE_ASPECT_RATIOS.get(index as usize).copied().unwrap_or((1, 1))
            };
            if ratio.0 > 0 && ratio.1 > 0 {
                self.sample_aspect_ratio = ratio;
            }
        }
        if reader.flag()? {
            reader.skip(1)?;
        }
        if reader.flag()? {
            reader.skip(4)?;
            if reader.flag()? {
                reader.skip(24)?;
            }
        }
        if reader.flag()? {
            reader.unsigned_golomb()?;
            reader.unsigned_golomb()?;
        }
        if reader.flag()? {
            let units_in_tick = reader.bits(32)?;
            let time_scale = reader.bits(32)?;
            reader.skip(1)?;
            // A tick is a field's time (E.2.1).
            if let (1.., Some(ticks @ 1..)) = (time_scale, units_in_tick.checked_mul(2)) {
                self.frame_rate = Some((time_scale, ticks));
            }
        }
        let has_nal_hrd = reader.flag()?;
        if has_nal_hrd {
            skip_hrd(reader)?;
        }
        let has_vcl_hrd = reader.flag()?;
        if has_vcl_hrd {
            skip_hrd(reader)?;
        }
        if has_nal_hrd || has_vcl_hrd {
            reader.skip(1)?;
        }
        reader.skip(1)?;
        if reader.flag()? {
            reader.skip(1)?;
            for _ in 0..4 {
                reader.unsigned_golomb()?;
            }
            self.max_reorder_frames = Some(reader.unsigned_golomb()?);
        }
        Some(())
    }

    /// RFC 6381: `avc1.` and profile, constraints, level in hexadecimal.
    #[must_use]
    pub fn codec_string(&self) -> String {
        format!("avc1.{:02x}{:02x}{:02x}", self.profile, self.constraints, self.level)
    }
}

/// Table E-1.
const SAMPLE_ASPECT_RATIOS: [(u16, u16); 17] = [
    (1, 1),
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];

fn small(value: u32, max: u8) -> Option<u8> {
    u8::try_from(value).ok().filter(|value| *value <= max)
}

fn skip_scaling_matrix(reader: &mut BitReader<'_>, lists: u32) -> Option<()> {
    for list in 0..lists {
        if reader.flag()? {
            let entries = if list < 6 { 16 } else { 64 };
            let mut next_scale = 8;
            for _ in 0..entries {
                if next_scale == 0 {
                    break;
                }
                // Only zero matters: the rest of the list repeats (7.3.2.1.1.1).
                next_scale = reader.signed_golomb()?.wrapping_add(next_scale).rem_euclid(256);
            }
        }
    }
    Some(())
}

fn skip_picture_order(reader: &mut BitReader<'_>) -> Option<()> {
    match reader.unsigned_golomb()? {
        0 => {
            reader.unsigned_golomb()?;
        }
        1 => {
            reader.skip(1)?;
            reader.signed_golomb()?;
            reader.signed_golomb()?;
            let cycle_len = small(reader.unsigned_golomb()?, 255)?;
            for _ in 0..cycle_len {
                reader.signed_golomb()?;
            }
        }
        _ => {}
    }
    Some(())
}

fn skip_hrd(reader: &mut BitReader<'_>) -> Option<()> {
    let schedules = small(reader.unsigned_golomb()?, 31)? + 1;
    reader.skip(8)?;
    for _ in 0..schedules {
        reader.unsigned_golomb()?;
        reader.unsigned_golomb()?;
        reader.skip(1)?;
    }
    reader.skip(20)
}

/// Drops the 3 of each `00 00 03` (7.3.1).
fn without_emulation_prevention(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for byte in bytes {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x264, High, 1920×1080 cropped from 1088, 25 frames a second.
    const HIGH_1080: &[u8] = &[
        0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00,
        0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xca, 0x3c, 0x60, 0xc6, 0x58,
    ];

    #[test]
    fn a_parameter_set_of_x264() {
        let sps = Sps::parse(HIGH_1080).expect("a well-formed SPS");
        assert_eq!((sps.width_px, sps.height_px), (1920, 1080));
        assert_eq!(sps.codec_string(), "avc1.640028");
        assert_eq!(sps.sample_aspect_ratio, (1, 1));
        assert!(sps.frame_mbs_only);
        assert_eq!(sps.frame_rate.map(|(count, per)| count / per), Some(25));
        assert_eq!(sps.max_reorder_frames, Some(2));
    }

    #[test]
    fn broken_ones_are_refused_without_panic() {
        for len in 0..HIGH_1080.len() {
            for flipped in 0..=255 {
                let mut bytes = HIGH_1080[..len].to_vec();
                if let Some(byte) = bytes.last_mut() {
                    *byte ^= flipped;
                }
                let _ = Sps::parse(&bytes);
            }
        }
        assert_eq!(Sps::parse(&[0x67, 0x64, 0, 0x28]), None);
        assert_eq!(Sps::parse(&[]), None);
    }

    #[test]
    fn only_the_3_after_two_zeros_goes() {
        assert_eq!(
            without_emulation_prevention(&[0, 0, 3, 3, 0, 3, 0, 0, 3]),
            [0, 0, 3, 0, 3, 0, 0]
        );
    }
}
