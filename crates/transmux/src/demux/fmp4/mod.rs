//! A probe of fragmented MP4 (ISO/IEC 14496-12): what must be known to append a segment that
//! otherwise passes through unseen.
//!
//! In: an init segment; the first bytes of a media segment, or all of one still being written. Out:
//! tracks with codec strings; where each track's samples begin; whole chunks. It rewrites
//! nothing and reads no sample.

mod boxes;
mod chunks;
mod codec;

pub use chunks::{ChunkSplitter, Chunks};

use crate::Error;
use crate::TrackKind;
use boxes::{Boxes, array, be_u16, be_u32};

/// Tracks beyond this many in one init segment are ignored.
const MAX_TRACKS: usize = 16;

/// What an init segment says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InitInfo {
    /// Its video and audio tracks, in file order.
    pub tracks: Vec<InitTrack>,
}

/// One track of an init segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitTrack {
    /// `track_ID`.
    pub id: u32,
    /// `Video` or `Audio`.
    pub kind: TrackKind,
    /// Units of a second in which its times count; never 0.
    pub timescale: u32,
    /// RFC 6381.
    pub codec: String,
    /// Of the sample entry; 0 for audio.
    pub width_px: u16,
    /// Of the sample entry; 0 for audio.
    pub height_px: u16,
    /// `encv` or `enca`: samples are encrypted (Common Encryption).
    pub is_encrypted: bool,
    /// `trex.default_sample_duration`, in `timescale`.
    pub default_sample_duration: u32,
}

impl InitInfo {
    /// Reads `ftyp` + `moov`.
    ///
    /// # Errors
    /// [`Error::DamagedMedia`] where there is no complete `moov` with a video or audio track.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let damaged = |problem: &str| Error::DamagedMedia {
            format: "fMP4",
            problem: format!("init segment {problem}"),
        };
        let moov = Boxes::new(bytes)
            .find(|top| top.kind == *b"moov")
            .ok_or_else(|| damaged("without a moov box"))?;
        if !moov.is_complete {
            return Err(damaged("broken off inside its moov box"));
        }
        let mut tracks: Vec<_> = Boxes::new(moov.payload)
            .filter(|child| child.kind == *b"trak")
            .filter_map(|trak| parse_track(trak.payload))
            .take(MAX_TRACKS)
            .collect();
        if tracks.is_empty() {
            return Err(damaged("without a video or audio track"));
        }
        let extends = Boxes::new(moov.payload).first(b"mvex").unwrap_or_default();
        for trex in Boxes::new(extends).filter(|child| child.kind == *b"trex") {
            let id = be_u32(trex.payload, 4);
            if let Some(track) = tracks.iter_mut().find(|track| Some(track.id) == id) {
                track.default_sample_duration = be_u32(trex.payload, 12).unwrap_or(0);
            }
        }
        Ok(Self { tracks })
    }

    /// The source buffer these bytes belong in.
    #[must_use]
    pub fn kind(&self) -> TrackKind {
        let has = |kind| self.tracks.iter().any(|track| track.kind == kind);
        match (has(TrackKind::Video), has(TrackKind::Audio)) {
            (true, true) => TrackKind::Muxed,
            (false, true) => TrackKind::Audio,
            _ => TrackKind::Video,
        }
    }

    /// The MIME type with codecs, as `addSourceBuffer` takes it.
    #[must_use]
    pub fn mime(&self) -> String {
        let codecs: Vec<_> = self.tracks.iter().map(|track| track.codec.as_str()).collect();
        let family = if self.kind() == TrackKind::Audio { "audio" } else { "video" };
        format!("{family}/mp4; codecs=\"{}\"", codecs.join(","))
    }

    /// Whether any track is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.tracks.iter().any(|track| track.is_encrypted)
    }
}

fn parse_track(trak: &[u8]) -> Option<InitTrack> {
    let tkhd = Boxes::new(trak).first(b"tkhd")?;
    let id = be_u32(tkhd, if tkhd.first() == Some(&1) { 20 } else { 12 })?;
    let mdia = Boxes::new(trak).first(b"mdia")?;
    let mdhd = Boxes::new(mdia).first(b"mdhd")?;
    let timescale = be_u32(mdhd, if mdhd.first() == Some(&1) { 20 } else { 12 })?;
    let kind = match &array::<4>(Boxes::new(mdia).first(b"hdlr")?, 8)? {
        b"vide" => TrackKind::Video,
        b"soun" => TrackKind::Audio,
        _ => return None,
    };
    let stbl = Boxes::new(Boxes::new(mdia).first(b"minf")?).first(b"stbl")?;
    let stsd = Boxes::new(stbl).first(b"stsd")?;
    // Full box header and entry count come before the first sample entry.
    let entry = Boxes::new(stsd.get(8..)?).next()?;
    let fields_len = match kind {
        TrackKind::Video => 78,
        // QuickTime's version 1 sound entry has four more numbers.
        _ if be_u16(entry.payload, 8) == Some(1) => 44,
        _ => 28,
    };
    let children = entry.payload.get(fields_len..)?;
    let is_encrypted = matches!(&entry.kind, b"encv" | b"enca");
    let format = if is_encrypted {
        array::<4>(Boxes::new(Boxes::new(children).first(b"sinf")?).first(b"frma")?, 0)?
    } else {
        entry.kind
    };
    let (width_px, height_px) = if kind == TrackKind::Video {
        (be_u16(entry.payload, 24)?, be_u16(entry.payload, 26)?)
    } else {
        (0, 0)
    };
    Some(InitTrack {
        id,
        kind,
        timescale: if timescale == 0 { return None } else { timescale },
        codec: codec::codec_string(format, children).unwrap_or_else(|| codec::four_cc(format)),
        width_px,
        height_px,
        is_encrypted,
        default_sample_duration: 0,
    })
}

/// What the head of a media segment says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SegmentHead {
    /// The first `traf` of each track, in file order.
    pub fragments: Vec<FragmentHead>,
}

/// The first fragment of one track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FragmentHead {
    /// `track_ID`.
    pub track_id: u32,
    /// `tfdt.baseMediaDecodeTime`, in the track's timescale.
    pub base_decode_time: u64,
    /// Sum of the sample durations of this first `moof` only, in the track's timescale; 0 where
    /// it cannot be told.
    pub duration: u64,
}

impl SegmentHead {
    /// Reads as far as the first complete `moof`; `styp`, `sidx`, `emsg` and `prft` before it are
    /// passed over. `None` where `head` has no complete `moof` with a `tfdt`. `init` supplies
    /// default durations.
    #[must_use]
    pub fn parse(head: &[u8], init: &InitInfo) -> Option<Self> {
        let moof = Boxes::new(head).find(|top| top.kind == *b"moof")?;
        if moof.is_complete { Self::of_moof(moof.payload, init) } else { None }
    }

    /// Reads the payload of a whole `moof`.
    fn of_moof(moof: &[u8], init: &InitInfo) -> Option<Self> {
        let mut fragments: Vec<FragmentHead> = Vec::new();
        for traf in Boxes::new(moof).filter(|child| child.kind == *b"traf") {
            if let Some(fragment) = parse_fragment(traf.payload, init)
                && fragments.len() < MAX_TRACKS
                && fragments.iter().all(|known| known.track_id != fragment.track_id)
            {
                fragments.push(fragment);
            }
        }
        (!fragments.is_empty()).then_some(Self { fragments })
    }

    /// The earliest decode time of any track in seconds, before any timestamp offset.
    #[must_use]
    pub fn start_secs(&self, init: &InitInfo) -> Option<f64> {
        self.secs(init, |fragment| fragment.base_decode_time).reduce(f64::min)
    }

    /// The latest time at which a sample of this `moof` ends, by their durations.
    #[must_use]
    pub fn end_secs(&self, init: &InitInfo) -> Option<f64> {
        let end =
            |fragment: &FragmentHead| fragment.base_decode_time.saturating_add(fragment.duration);
        self.secs(init, end).reduce(f64::max)
    }

    fn secs<'a>(
        &'a self,
        init: &'a InitInfo,
        time_of: impl Fn(&FragmentHead) -> u64 + 'a,
    ) -> impl Iterator<Item = f64> + 'a {
        self.fragments.iter().filter_map(move |fragment| {
            let track = init.tracks.iter().find(|track| track.id == fragment.track_id)?;
            Some(time_of(fragment) as f64 / f64::from(track.timescale))
        })
    }
}

fn parse_fragment(traf: &[u8], init: &InitInfo) -> Option<FragmentHead> {
    let tfhd = Boxes::new(traf).first(b"tfhd")?;
    let track_id = be_u32(tfhd, 4)?;
    let tfdt = Boxes::new(traf).first(b"tfdt")?;
    let base_decode_time = if tfdt.first() == Some(&1) {
        u64::from_be_bytes(array::<8>(tfdt, 4)?)
    } else {
        u64::from(be_u32(tfdt, 4)?)
    };
    let by_init = init
        .tracks
        .iter()
        .find(|track| track.id == track_id)
        .map_or(0, |track| track.default_sample_duration);
    let default_duration = default_duration(tfhd).unwrap_or(by_init);
    let duration = Boxes::new(traf)
        .filter(|child| child.kind == *b"trun")
        .filter_map(|trun| run_duration(trun.payload, default_duration))
        .fold(0, u64::saturating_add);
    Some(FragmentHead { track_id, base_decode_time, duration })
}

/// `tfhd.default_sample_duration` (ISO/IEC 14496-12 8.8.7).
fn default_duration(tfhd: &[u8]) -> Option<u32> {
    let flags = be_u32(tfhd, 0)?;
    if flags & 0x08 == 0 {
        return None;
    }
    let offset = 8 + if flags & 0x01 == 0 { 0 } else { 8 } + if flags & 0x02 == 0 { 0 } else { 4 };
    be_u32(tfhd, offset)
}

/// The sum of a `trun`'s durations (ISO/IEC 14496-12 8.8.8).
fn run_duration(trun: &[u8], default_duration: u32) -> Option<u64> {
    let flags = be_u32(trun, 0)?;
    let count = be_u32(trun, 4)?;
    if flags & 0x100 == 0 {
        return Some(u64::from(count) * u64::from(default_duration));
    }
    let offset = 8 + if flags & 0x01 == 0 { 0 } else { 4 } + if flags & 0x04 == 0 { 0 } else { 4 };
    let entry_len = 4 * (flags >> 8 & 0xf).count_ones() as usize;
    let entries = trun.get(offset..)?.chunks_exact(entry_len).take(count as usize);
    Some(entries.filter_map(|entry| be_u32(entry, 0)).map(u64::from).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrap(name: &[u8; 4], children: &[&[u8]]) -> Vec<u8> {
        let payload = children.concat();
        let mut bytes = (payload.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend(name);
        bytes.extend(payload);
        bytes
    }

    fn init_with(entry_kind: &[u8; 4], children: &[&[u8]]) -> Vec<u8> {
        let mut fields = vec![0; 78];
        fields[24..28].copy_from_slice(&[0x0f, 0, 0x07, 0x80]);
        let mut entry_children: Vec<&[u8]> = vec![&fields];
        entry_children.extend(children);
        let entry = wrap(entry_kind, &entry_children);
        let stsd = wrap(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1], &entry]);
        let minf = wrap(b"minf", &[&wrap(b"stbl", &[&stsd])]);
        let hdlr = wrap(b"hdlr", &[&[0; 8], b"vide", &[0; 13]]);
        let mdhd = wrap(b"mdhd", &[&[0; 12], &90_000_u32.to_be_bytes(), &[0; 8]]);
        let mdia = wrap(b"mdia", &[&mdhd, &hdlr, &minf]);
        let tkhd = wrap(b"tkhd", &[&[0; 12], &7_u32.to_be_bytes(), &[0; 68]]);
        let trex = wrap(b"trex", &[&[0; 4], &7_u32.to_be_bytes(), &[0; 4], &[0, 0, 0x0b, 0xb8]]);
        let mvex = wrap(b"mvex", &[&trex]);
        let moov = wrap(b"moov", &[&wrap(b"trak", &[&tkhd, &mdia]), &mvex]);
        [wrap(b"ftyp", &[b"iso6\0\0\0\0"]), moov].concat()
    }

    #[test]
    fn tracks_of_an_init_segment() {
        let bytes = init_with(b"avc1", &[&wrap(b"avcC", &[&[1, 0x64, 0, 0x33]])]);
        let init = InitInfo::parse(&bytes).expect("a well-formed init segment");
        assert_eq!(
            init.tracks,
            [InitTrack {
                id: 7,
                kind: TrackKind::Video,
                timescale: 90_000,
                codec: "avc1.640033".to_owned(),
                width_px: 3840,
                height_px: 1920,
                is_encrypted: false,
                default_sample_duration: 3000,
            }]
        );
        assert_eq!(init.mime(), "video/mp4; codecs=\"avc1.640033\"");
        for len in 0..bytes.len() {
            assert!(InitInfo::parse(&bytes[..len]).is_err());
        }
    }

    #[test]
    fn encrypted_entries_name_the_codec_inside() {
        let sinf = wrap(b"sinf", &[&wrap(b"frma", &[b"avc1"])]);
        let bytes = init_with(b"encv", &[&wrap(b"avcC", &[&[1, 0x42, 0xc0, 0x1e]]), &sinf]);
        let init = InitInfo::parse(&bytes).expect("a well-formed init segment");
        assert!(init.is_encrypted());
        assert_eq!(init.tracks[0].codec, "avc1.42c01e");
    }

    #[test]
    fn a_segment_head_tells_where_it_starts() {
        let init = InitInfo::parse(&init_with(b"avc1", &[])).expect("avcC may be missing");
        let tfhd = wrap(b"tfhd", &[&0x02_0000_u32.to_be_bytes(), &7_u32.to_be_bytes()]);
        let tfdt = wrap(b"tfdt", &[&[1, 0, 0, 0], &900_000_u64.to_be_bytes()]);
        let trun = wrap(b"trun", &[&0_u32.to_be_bytes(), &60_u32.to_be_bytes()]);
        let moof = wrap(b"moof", &[&wrap(b"traf", &[&tfhd, &tfdt, &trun])]);
        let bytes =
            [wrap(b"styp", &[b"msdh"]), wrap(b"emsg", &[&[0; 40]]), moof, wrap(b"mdat", &[])]
                .concat();
        let head = SegmentHead::parse(&bytes, &init).expect("a moof with a tfdt");
        assert_eq!(head.start_secs(&init), Some(10.0));
        assert_eq!(head.fragments[0].duration, 180_000);
        assert_eq!(SegmentHead::parse(&bytes[..100], &init), None);
    }
}
