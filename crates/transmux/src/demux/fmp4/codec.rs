//! RFC 6381 codec strings from sample entries.
//!
//! In: a sample entry's type and child boxes. Out: the string that `isTypeSupported` wants
//! (ISO/IEC 14496-15 Annex E for AVC and HEVC, RFC 6381 3.3 for MPEG-4 audio, the AV1 and VP9
//! ISOBMFF bindings). It decides nothing about support.

use super::boxes::{Boxes, array};

/// The codec string of the sample entry `kind` whose child boxes are `children`; `None` where a
/// configuration box is missing or broken.
pub(super) fn codec_string(kind: [u8; 4], children: &[u8]) -> Option<String> {
    let find = |name| Boxes::new(children).first(name);
    match &kind {
        b"avc1" | b"avc3" => {
            let [_, profile, constraints, level] = array::<4>(find(b"avcC")?, 0)?;
            Some(format!("{}.{profile:02x}{constraints:02x}{level:02x}", four_cc(kind)))
        }
        b"hvc1" | b"hev1" => hevc(kind, find(b"hvcC")?),
        b"av01" => av1(find(b"av1C")?),
        b"vp09" => vp9(find(b"vpcC")?),
        b"mp4a" => mpeg4_audio(find(b"esds")?),
        b"Opus" => Some("opus".to_owned()),
        b"fLaC" => Some("flac".to_owned()),
        _ => Some(four_cc(kind)),
    }
}

/// A four-character code as text, with anything unprintable as `.`.
pub(super) fn four_cc(kind: [u8; 4]) -> String {
    kind.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect()
}

/// ISO/IEC 14496-15 E.3: space and profile, compatibility flags bit-reversed, tier and level,
/// constraint bytes without trailing zeros.
fn hevc(kind: [u8; 4], config: &[u8]) -> Option<String> {
    let profile = *config.get(1)?;
    let compatibility = u32::from_be_bytes(array::<4>(config, 2)?).reverse_bits();
    let constraints = array::<6>(config, 6)?;
    let level = *config.get(12)?;
    let space = ["", "A", "B", "C"][usize::from(profile >> 6)];
    let tier = if profile & 0x20 == 0 { 'L' } else { 'H' };
    let mut text =
        format!("{}.{space}{}.{compatibility:X}.{tier}{level}", four_cc(kind), profile & 0x1f);
    let used = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for byte in &constraints[..used] {
        text.push_str(&format!(".{byte:X}"));
    }
    Some(text)
}

/// AV1 codec ISO media file format binding, section 5.
fn av1(config: &[u8]) -> Option<String> {
    let [_, profile_level, flags] = array::<3>(config, 0)?;
    let tier = if flags & 0x80 == 0 { 'M' } else { 'H' };
    let bit_depth = match (flags & 0x40 != 0, flags & 0x20 != 0) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    Some(format!("av01.{}.{:02}{tier}.{bit_depth:02}", profile_level >> 5, profile_level & 0x1f))
}

/// VP codec ISO media file format binding: a full box, then profile, level, bit depth.
fn vp9(config: &[u8]) -> Option<String> {
    let [profile, level, depth] = array::<3>(config, 4)?;
    Some(format!("vp09.{profile:02}.{level:02}.{:02}", depth >> 4))
}

/// The object type of ISO/IEC 14496-1 and, for MPEG-4 audio, the audio object type.
fn mpeg4_audio(esds: &[u8]) -> Option<String> {
    const ES: u8 = 3;
    const DECODER_CONFIG: u8 = 4;
    const DECODER_SPECIFIC: u8 = 5;
    const MPEG4_AUDIO: u8 = 0x40;

    let es = descriptor(esds.get(4..)?, ES)?;
    let flags = *es.get(2)?;
    let mut offset = 3;
    if flags & 0x80 != 0 {
        offset += 2;
    }
    if flags & 0x40 != 0 {
        offset += 1 + usize::from(*es.get(offset)?);
    }
    if flags & 0x20 != 0 {
        offset += 2;
    }
    let config = descriptor(es.get(offset..)?, DECODER_CONFIG)?;
    let object_type = *config.first()?;
    if object_type != MPEG4_AUDIO {
        return Some(format!("mp4a.{object_type:02X}"));
    }
    let specific = descriptor(config.get(13..)?, DECODER_SPECIFIC)?;
    let [first, second] = array::<2>(specific, 0)?;
    // 31 escapes to six further bits (ISO/IEC 14496-3 1.6.2.1).
    let audio_object_type = match first >> 3 {
        31 => 32 + ((first & 7) << 3 | second >> 5),
        plain => plain,
    };
    Some(format!("mp4a.40.{audio_object_type}"))
}

/// The payload of the descriptor `tag` at the start of `bytes` (ISO/IEC 14496-1 8.3.3: the size
/// takes one to four bytes of seven bits each).
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    if *bytes.first()? != tag {
        return None;
    }
    let mut len = 0;
    for index in 1..=4 {
        let byte = *bytes.get(index)?;
        len = len << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            let start = index + 1;
            // A wrong length must not hide what is there.
            return bytes.get(start..(start + len).min(bytes.len()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
        let mut bytes = (payload.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend(name);
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn each_codec_as_its_specification_spells_it() {
        let string = |kind: &[u8; 4], name, payload: &[u8]| {
            codec_string(*kind, &child(name, payload)).unwrap_or_default()
        };
        assert_eq!(string(b"avc1", b"avcC", &[1, 0x64, 0, 0x28]), "avc1.640028");
        let hevc = [1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93];
        assert_eq!(string(b"hvc1", b"hvcC", &hevc), "hvc1.1.6.L93.90");
        assert_eq!(string(b"av01", b"av1C", &[0x81, 0x08, 0x0c]), "av01.0.08M.08");
        assert_eq!(string(b"vp09", b"vpcC", &[1, 0, 0, 0, 0, 31, 0x82]), "vp09.00.31.08");
        assert_eq!(string(b"Opus", b"dOps", &[]), "opus");
        assert_eq!(string(b"ec-3", b"dec3", &[]), "ec-3");
        let mut esds = vec![0, 0, 0, 0, 3, 25, 0, 1, 0, 4, 17, 0x40];
        esds.extend([0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0x2b, 0x92]);
        assert_eq!(string(b"mp4a", b"esds", &esds), "mp4a.40.5");
        assert_eq!(codec_string(*b"avc1", &[]), None);
    }
}
