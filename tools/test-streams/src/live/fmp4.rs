//! Reads the fragmented MP4 that ffmpeg writes to a pipe: boxes in, tracks and samples out.
//!
//! ISO/IEC 14496-12: `moov` with its `trak`s, `moof` with `traf`s whose data lie in the `mdat`
//! behind it, offsets counted from the `moof` (default-base-is-moof). Decode times are not taken
//! from the file: with an empty `moov`, ffmpeg's first fragment of each track says 0 whatever the
//! track began with. Whoever reads counts samples instead. It refuses boxes of 64-bit size, whole
//! files (`stbl` with samples) and encrypted ones.

use super::samples::{Codec, Track};
use anyhow::{Context, Result, bail};
use bytes::{Bytes, BytesMut};

/// Largest box taken: a picture of 3840 px is far below.
const MAX_BOX_BYTES: usize = 64 << 20;

/// What a box turned out to hold.
#[derive(Debug)]
pub enum Event {
    /// The header, once.
    Header(Header),
    /// Samples of a fragment in the order of the file, by track id.
    Samples(Vec<(u32, Read)>),
}

/// The movie header and its tracks.
#[derive(Debug, Clone)]
pub struct Header {
    /// The whole `mvhd` box.
    pub mvhd: Bytes,
    /// In the order of the file.
    pub tracks: Vec<Track>,
}

/// A sample as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Presentation time less decode time.
    pub composition_offset: i32,
    /// Whether decoding may begin here.
    pub is_sync: bool,
    /// The coded bytes.
    pub data: Bytes,
}

/// Collects bytes until a box is whole.
#[derive(Debug, Default)]
pub struct Reader {
    pending: BytesMut,
    moof: Option<Bytes>,
}

impl Reader {
    /// Takes bytes as they come; gives what they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>> {
        self.pending.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(head) = self.pending.get(..8) {
            let size = be_u32(head, 0).unwrap_or_default() as usize;
            let kind = [head[4], head[5], head[6], head[7]];
            if !(8..=MAX_BOX_BYTES).contains(&size) {
                bail!("a box {} of {size} bytes", String::from_utf8_lossy(&kind));
            }
            if self.pending.len() < size {
                break;
            }
            let whole = self.pending.split_to(size).freeze();
            match &kind {
                b"moov" => events.push(Event::Header(header(&whole.slice(8..))?)),
                b"moof" => self.moof = Some(whole),
                b"mdat" => {
                    let moof = self.moof.take().context("an mdat without a moof")?;
                    events.push(Event::Samples(fragment(&moof, &whole)?));
                }
                _ => {}
            }
        }
        Ok(events)
    }
}

/// Children of a box: their type, their content, and the whole of them.
pub fn children(content: &Bytes) -> impl Iterator<Item = ([u8; 4], Bytes, Bytes)> {
    let mut rest = content.clone();
    std::iter::from_fn(move || {
        let size = be_u32(&rest, 0)? as usize;
        if size < 8 || size > rest.len() {
            return None;
        }
        let whole = rest.split_to(size);
        let kind = whole.get(4..8)?.try_into().ok()?;
        Some((kind, whole.slice(8..), whole))
    })
}

/// The content of the box at the end of a path.
fn find(content: &Bytes, path: &[&[u8; 4]]) -> Option<Bytes> {
    let (first, rest) = path.split_first()?;
    let (_, inside, _) = children(content).find(|(kind, ..)| kind == *first)?;
    if rest.is_empty() { Some(inside) } else { find(&inside, rest) }
}

fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn be_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn header(moov: &Bytes) -> Result<Header> {
    let mvhd = children(moov).find(|(kind, ..)| kind == b"mvhd").context("no mvhd")?.2;
    let tracks = children(moov)
        .filter(|(kind, ..)| kind == b"trak")
        .map(|(_, trak, _)| track(&trak).context("a trak that cannot be read"))
        .collect::<Result<_>>()?;
    Ok(Header { mvhd, tracks })
}

fn track(trak: &Bytes) -> Option<Track> {
    let tkhd = find(trak, &[b"tkhd"])?;
    let mdhd = find(trak, &[b"mdia", b"mdhd"])?;
    // Version 1 has 64-bit times in front.
    let wide = |full_box: &Bytes| full_box.first() == Some(&1);
    let id = be_u32(&tkhd, if wide(&tkhd) { 20 } else { 12 })?;
    let timescale = be_u32(&mdhd, if wide(&mdhd) { 20 } else { 12 })?;
    let stsd = find(trak, &[b"mdia", b"minf", b"stbl", b"stsd"])?;
    let (kind, entry, _) = children(&stsd.slice(8..)).next()?;
    let codec = match &kind {
        b"avc1" => Codec::Avc {
            width_px: be_u16(&entry, 24)?.into(),
            height_px: be_u16(&entry, 26)?.into(),
            config: find(&entry.slice(78.min(entry.len())..), &[b"avcC"])?,
        },
        b"mp4a" => {
            let esds = find(&entry.slice(28.min(entry.len())..), &[b"esds"])?;
            Codec::Aac { config: audio_specific_config(&esds)? }
        }
        _ => return None,
    };
    // Without its edit list: the samples' own times are what counts here.
    let mut kept = BytesMut::from(&[0, 0, 0, 0, b't', b'r', b'a', b'k'][..]);
    for (_, _, whole) in children(trak).filter(|(kind, ..)| kind != b"edts") {
        kept.extend_from_slice(&whole);
    }
    let size = u32::try_from(kept.len()).ok()?;
    kept[..4].copy_from_slice(&size.to_be_bytes());
    Some(Track { id, timescale, codec, trak: kept.freeze() })
}

/// The DecoderSpecificInfo in an `esds` box (ISO/IEC 14496-1 7.2.6).
fn audio_specific_config(esds: &Bytes) -> Option<Bytes> {
    let mut rest = esds.slice(4.min(esds.len())..);
    loop {
        let tag = *rest.first()?;
        // The length: seven bits a byte, the highest says whether one more follows.
        let (mut length, mut at) = (0usize, 1);
        loop {
            let byte = *rest.get(at)?;
            length = length << 7 | usize::from(byte & 0x7f);
            at += 1;
            if byte & 0x80 == 0 || at > 4 {
                break;
            }
        }
        match tag {
            // ES_Descriptor: its id and flags (no optional fields in MP4), then descriptors.
            3 => rest = rest.slice((at + 3).min(rest.len())..),
            // DecoderConfigDescriptor: thirteen bytes, then descriptors.
            4 => rest = rest.slice((at + 13).min(rest.len())..),
            5 => return (at + length <= rest.len()).then(|| rest.slice(at..at + length)),
            _ => rest = rest.slice((at + length).min(rest.len())..),
        }
    }
}

fn fragment(moof: &Bytes, mdat: &Bytes) -> Result<Vec<(u32, Read)>> {
    let mut samples = Vec::new();
    for (kind, traf, _) in children(&moof.slice(8..)) {
        if &kind == b"traf" {
            let read = track_fragment(&traf, moof.len(), mdat);
            samples.extend(read.context("a traf that cannot be read")?);
        }
    }
    Ok(samples)
}

/// Flags of `tfhd` and `trun` (ISO/IEC 14496-12 8.8.7, 8.8.8).
fn track_fragment(traf: &Bytes, moof_len: usize, mdat: &Bytes) -> Option<Vec<(u32, Read)>> {
    const IS_NON_SYNC: u32 = 0x1_0000;
    let tfhd = find(traf, &[b"tfhd"])?;
    let flags = be_u32(&tfhd, 0)? & 0xff_ffff;
    let track = be_u32(&tfhd, 4)?;
    let mut at = 8;
    let mut optional = |bit: u32, size: usize| {
        let here = at;
        at += if flags & bit != 0 { size } else { 0 };
        (flags & bit != 0).then_some(here)
    };
    optional(0x01, 8);
    optional(0x02, 4);
    optional(0x08, 4);
    let default_size = optional(0x10, 4).and_then(|at| be_u32(&tfhd, at));
    let default_flags = optional(0x20, 4).and_then(|at| be_u32(&tfhd, at)).unwrap_or_default();
    let mut samples = Vec::new();
    for (_, trun, _) in children(traf).filter(|(kind, ..)| kind == b"trun") {
        let flags = be_u32(&trun, 0)? & 0xff_ffff;
        let count = be_u32(&trun, 4)?;
        let mut at = 8;
        let mut field = |bit: u32| {
            let value = (flags & bit != 0).then(|| be_u32(&trun, at));
            at += if value.is_some() { 4 } else { 0 };
            // A flag without its field is an error, an absent flag is none.
            match value {
                Some(None) => None,
                Some(Some(value)) => Some(Some(value)),
                None => Some(None),
            }
        };
        let from_moof = field(0x01)?? as usize;
        let mut data_at = from_moof.checked_sub(moof_len)?;
        let first_flags = field(0x04)?;
        for index in 0..count {
            field(0x100)?;
            let size = field(0x200)?.or(default_size)? as usize;
            let own_flags = field(0x400)?;
            let offset = field(0x800)?.unwrap_or_default() as i32;
            let flags = match (own_flags, first_flags) {
                (Some(own), _) => own,
                (None, Some(first)) if index == 0 => first,
                _ => default_flags,
            };
            if size > mdat.len().checked_sub(data_at)? {
                return None;
            }
            let data = mdat.slice(data_at..data_at + size);
            data_at += size;
            let is_sync = flags & IS_NON_SYNC == 0;
            samples.push((track, Read { composition_offset: offset, is_sync, data }));
        }
    }
    Some(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut whole = (content.len() as u32 + 8).to_be_bytes().to_vec();
        whole.extend_from_slice(kind);
        whole.extend_from_slice(content);
        whole
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn moof(data_offset: u32) -> Vec<u8> {
        // Default size 3 and default flags "not sync"; the first of two samples is one.
        let tfhd = boxed(b"tfhd", &words(&[0x02_0030, 7, 3, 0x1_0000]));
        let trun =
            boxed(b"trun", &words(&[0x0100_0805, 2, data_offset, 0x0200_0000, 9, (-4i32) as u32]));
        boxed(b"moof", &boxed(b"traf", &[tfhd, trun].concat()))
    }

    #[test]
    fn samples_come_out_however_the_bytes_came_in() {
        let size = moof(0).len() as u32;
        let file = [moof(size + 8), boxed(b"mdat", b"abcdef")].concat();
        for step in [1, 7, file.len()] {
            let mut reader = Reader::default();
            let events: Vec<Event> =
                file.chunks(step).flat_map(|bytes| reader.push(bytes).unwrap()).collect();
            let [Event::Samples(samples)] = &events[..] else { panic!("{events:?}") };
            let sample = |composition_offset, is_sync, data| {
                (7, Read { composition_offset, is_sync, data: Bytes::from_static(data) })
            };
            assert_eq!(samples[..], [sample(9, true, b"abc"), sample(-4, false, b"def")]);
        }
    }

    #[test]
    fn boxes_that_lie_are_errors() {
        let size = moof(0).len() as u32;
        let beyond = [moof(size + 8), boxed(b"mdat", b"abcde")].concat();
        assert!(Reader::default().push(&beyond).is_err());
        assert!(Reader::default().push(&boxed(b"mdat", b"")).is_err());
        assert!(Reader::default().push(&[0, 0, 0, 1, b'm', b'd', b'a', b't']).is_err());
        assert!(Reader::default().push(&boxed(b"moov", b"")).is_err());
    }
}
