//! Just enough fMP4 for a simulated stream: writes init and media segments whose payload says which
//! variant it is, and reads back what a source buffer would learn from appended bytes.
//!
//! In: tracks, times, sizes. Out: bytes; and from bytes, [`Appended`]. Independent of the library,
//! which it judges.

pub const TIMESCALE: u32 = 90_000;

/// What a source buffer learns from an append.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Appended {
    pub has_init: bool,
    /// Start, end in seconds before `timestampOffset`; which variant; payload bytes.
    pub spans: Vec<(f64, f64, u32, u64)>,
}

fn wrap(kind: &[u8; 4], children: &[&[u8]]) -> Vec<u8> {
    let len: usize = 8 + children.iter().map(|child| child.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(len);
    bytes.extend((len as u32).to_be_bytes());
    bytes.extend(kind);
    for child in children {
        bytes.extend(*child);
    }
    bytes
}

fn trak(id: u32, is_video: bool) -> Vec<u8> {
    let entry = if is_video {
        let mut fields = vec![0; 78];
        fields[24..28].copy_from_slice(&[0x0f, 0, 0x07, 0x80]);
        wrap(b"avc1", &[&fields, &wrap(b"avcC", &[&[1, 0x64, 0, 0x28, 0xff, 0xe0, 0]])])
    } else {
        // ES_Descriptor, DecoderConfigDescriptor (AAC), DecoderSpecificInfo (LC), SLConfig.
        let esds = [
            &[0, 0, 0, 0][..],
            &[3, 25, 0, 1, 0],
            &[4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[5, 2, 0x12, 0x10],
            &[6, 1, 2],
        ]
        .concat();
        wrap(b"mp4a", &[&[0; 28], &wrap(b"esds", &[&esds])])
    };
    let stsd = wrap(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1], &entry]);
    let minf = wrap(b"minf", &[&wrap(b"stbl", &[&stsd])]);
    let handler: &[u8] = if is_video { b"vide" } else { b"soun" };
    let hdlr = wrap(b"hdlr", &[&[0; 8], handler, &[0; 13]]);
    let mdhd = wrap(b"mdhd", &[&[0; 12], &TIMESCALE.to_be_bytes(), &[0; 8]]);
    let tkhd = wrap(b"tkhd", &[&[0; 12], &id.to_be_bytes(), &[0; 68]]);
    wrap(b"trak", &[&tkhd, &wrap(b"mdia", &[&mdhd, &hdlr, &minf])])
}

/// `ftyp` + `moov`.
pub fn init(has_video: bool, has_audio: bool) -> Vec<u8> {
    let mut moov = Vec::new();
    if has_video {
        moov.extend(trak(1, true));
    }
    if has_audio {
        moov.extend(trak(2, false));
    }
    [wrap(b"ftyp", &[b"iso6\0\0\0\0"]), wrap(b"moov", &[&moov])].concat()
}

/// One segment.
#[derive(Debug, Clone, Copy)]
pub struct SegmentSpec {
    pub is_video: bool,
    pub start_secs: f64,
    pub duration_secs: f64,
    pub payload_len: usize,
    pub variant: u32,
}

/// `styp` + `moof` + `mdat` of one track.
pub fn segment(spec: SegmentSpec) -> Vec<u8> {
    let id: u32 = if spec.is_video { 1 } else { 2 };
    let ticks = |secs: f64| (secs * f64::from(TIMESCALE)).round() as u64;
    let base = ticks(spec.start_secs);
    let samples = (spec.duration_secs * 25.0).round().max(1.0) as u64;
    let total = ticks(spec.start_secs + spec.duration_secs) - base;
    let tfhd = wrap(b"tfhd", &[&0x02_0000_u32.to_be_bytes(), &id.to_be_bytes()]);
    let tfdt = wrap(b"tfdt", &[&[1, 0, 0, 0], &base.to_be_bytes()]);
    let mut run = Vec::new();
    run.extend(0x100_u32.to_be_bytes());
    run.extend((samples as u32).to_be_bytes());
    for index in 0..samples {
        let length = total * (index + 1) / samples - total * index / samples;
        run.extend((length as u32).to_be_bytes());
    }
    let traf = wrap(b"traf", &[&tfhd, &tfdt, &wrap(b"trun", &[&run])]);
    let moof = wrap(b"moof", &[&wrap(b"mfhd", &[&[0; 8]]), &traf]);
    let payload_len = spec.payload_len.max(4);
    let mut head = [wrap(b"styp", &[b"msdh\0\0\0\0"]), moof].concat();
    head.extend((payload_len as u32 + 8).to_be_bytes());
    head.extend(b"mdat");
    head.extend(spec.variant.to_be_bytes());
    // Zeroed memory costs nothing; filling megabytes for every segment would.
    let mut bytes = vec![0; head.len() - 4 + payload_len];
    bytes[..head.len()].copy_from_slice(&head);
    bytes
}

fn boxes(bytes: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut rest = bytes;
    let mut found = Vec::new();
    while rest.len() >= 8 {
        let len = u32::from_be_bytes(rest[..4].try_into().expect("four bytes")) as usize;
        assert!(len >= 8 && len <= rest.len(), "an append broken off inside a box");
        found.push((rest[4..8].try_into().expect("four bytes"), &rest[8..len]));
        rest = &rest[len..];
    }
    assert!(rest.is_empty(), "an append broken off inside a box header");
    found
}

fn child<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, kind| {
        boxes(bytes).into_iter().find(|(found, _)| found == *kind).map(|(_, payload)| payload)
    })
}

fn be_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// `tfhd.default_sample_duration`.
fn default_duration(tfhd: &[u8]) -> Option<u32> {
    let flags = be_u32(tfhd, 0);
    let skipped = if flags & 1 == 0 { 0 } else { 8 } + if flags & 2 == 0 { 0 } else { 4 };
    (flags & 8 != 0).then(|| be_u32(tfhd, 8 + skipped))
}

fn default_of(defaults: &[(u32, u32)], id: u32) -> Option<u32> {
    defaults.iter().find(|(known, _)| *known == id).map(|(_, duration)| *duration)
}

/// When the first sample of a `traf` is shown and the last one ends, in ticks after its `tfdt`.
fn presented(traf: &[u8], default: Option<u32>, longest: Option<u32>) -> (i64, i64) {
    let (mut decode, mut first, mut last) = (0_i64, i64::MAX, i64::MIN);
    for (_, trun) in boxes(traf).into_iter().filter(|(kind, _)| kind == b"trun") {
        let flags = be_u32(trun, 0);
        let mut at = 8 + if flags & 1 == 0 { 0 } else { 4 } + if flags & 4 == 0 { 0 } else { 4 };
        for _ in 0..be_u32(trun, 4) {
            let mut field = |flag: u32| {
                (flags & flag != 0).then(|| {
                    at += 4;
                    be_u32(trun, at - 4)
                })
            };
            let duration = field(0x100).or(default).expect("a sample without a duration");
            field(0x200);
            field(0x400);
            let shown = decode + field(0x800).map_or(0, |offset| i64::from(offset as i32));
            first = first.min(shown);
            last = last.max(shown + i64::from(duration.min(longest.unwrap_or(u32::MAX))));
            decode += i64::from(duration);
        }
    }
    assert!(first < last, "a traf without samples");
    (first, last)
}

/// What a source buffer remembers of its init segment, by track id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tracks {
    timescales: Vec<(u32, u32)>,
    defaults: Vec<(u32, u32)>,
    /// No sample lasts longer, whatever it says: WebKitGTK has a picture last as long as its
    /// parameter sets say.
    longest_ticks: Option<u32>,
}

impl Tracks {
    /// Of nothing yet; no sample will last longer.
    pub fn with_longest(longest_ticks: Option<u32>) -> Self {
        Self { longest_ticks, ..Self::default() }
    }
}

/// Reads an append as a source buffer does.
pub fn read(bytes: &[u8], tracks: &mut Tracks) -> Appended {
    let Tracks { timescales, defaults, longest_ticks } = tracks;
    let mut appended = Appended::default();
    let mut pending: Option<(f64, f64)> = None;
    for (kind, payload) in boxes(bytes) {
        match &kind {
            b"moov" => {
                appended.has_init = true;
                timescales.clear();
                defaults.clear();
                let mvex = child(payload, &[b"mvex"]).unwrap_or_default();
                for (_, trex) in boxes(mvex).into_iter().filter(|(kind, _)| kind == b"trex") {
                    defaults.push((be_u32(trex, 4), be_u32(trex, 12)));
                }
                for (_, trak) in boxes(payload).into_iter().filter(|(kind, _)| kind == b"trak") {
                    let tkhd = child(trak, &[b"tkhd"]).expect("tkhd");
                    let mdhd = child(trak, &[b"mdia", b"mdhd"]).expect("mdhd");
                    let id = be_u32(tkhd, if tkhd[0] == 1 { 20 } else { 12 });
                    timescales.push((id, be_u32(mdhd, if mdhd[0] == 1 { 20 } else { 12 })));
                }
            }
            b"moof" => {
                let traf = child(payload, &[b"traf"]).expect("traf");
                let tfhd = child(traf, &[b"tfhd"]).expect("tfhd");
                let id = be_u32(tfhd, 4);
                let timescale = timescales
                    .iter()
                    .find(|(known, _)| *known == id)
                    .map(|(_, timescale)| f64::from(*timescale))
                    .expect("a media segment of a track its init segment does not have");
                let tfdt = child(traf, &[b"tfdt"]).expect("tfdt");
                let base = if tfdt[0] == 1 {
                    u64::from_be_bytes(tfdt[4..12].try_into().expect("eight bytes"))
                } else {
                    u64::from(be_u32(tfdt, 4))
                };
                let default = default_duration(tfhd);
                let (first, last) =
                    presented(traf, default.or(default_of(defaults, id)), *longest_ticks);
                let secs = |ticks: i64| (base as i64 + ticks) as f64 / timescale;
                pending = Some((secs(first), secs(last)));
            }
            b"mdat" => {
                let (start_secs, end_secs) = pending.take().expect("mdat without moof");
                let variant = if payload.len() >= 4 { be_u32(payload, 0) } else { 0 };
                appended.spans.push((start_secs, end_secs, variant, payload.len() as u64));
            }
            _ => {}
        }
    }
    appended
}
