//! What the tracks of an init segment have (ISO/IEC 14496-12 8, -15, -30).
//!
//! In: `ftyp` + `moov`. Out: its tracks, with what is to be looked for in their samples. It reads no more of a
//! codec's set-up than how NAL units are prefixed.

use super::boxes::{array, be_u32, boxes, by_version, first, within};
use crate::sei::Coding;

/// What a subtitle track's samples are (ISO/IEC 14496-30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subtitles {
    /// Boxes of WebVTT cues.
    Wvtt,
    /// An IMSC or TTML document.
    Stpp,
}

/// So many are kept.
const MAX_TRACKS: usize = 16;

/// A track.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub id: u32,
    pub kind: TrackKind,
    /// Units of a second; never 0.
    pub timescale: u32,
    /// What its edit list begins with, in `timescale`.
    pub edit_ticks: i64,
    pub default_duration: u32,
    pub default_len: u32,
    /// Where the next fragment begins that does not say so.
    pub next_ticks: u64,
}

/// What is in its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrackKind {
    /// NAL units behind their lengths, of so many bytes each.
    Video(Coding, usize),
    Subtitles(Subtitles),
    /// Only its times are read.
    Other,
}

pub(super) fn tracks(init: &[u8]) -> Vec<Track> {
    let Some(moov) = first(init, b"moov") else { return Vec::new() };
    let traks = boxes(moov).filter(|(kind, _)| kind == b"trak");
    let mut tracks: Vec<Track> =
        traks.filter_map(|(_, trak)| track(trak)).take(MAX_TRACKS).collect();
    let extends = first(moov, b"mvex").unwrap_or_default();
    for (_, trex) in boxes(extends).filter(|(kind, _)| kind == b"trex") {
        let id = be_u32(trex, 4);
        if let Some(track) = tracks.iter_mut().find(|track| Some(track.id) == id) {
            track.default_duration = be_u32(trex, 12).unwrap_or(0);
            track.default_len = be_u32(trex, 16).unwrap_or(0);
        }
    }
    tracks
}

fn track(trak: &[u8]) -> Option<Track> {
    let tkhd = first(trak, b"tkhd")?;
    let mdhd = within(trak, &[b"mdia", b"mdhd"])?;
    let is_long = |payload: &[u8]| payload.first() == Some(&1);
    let stsd = within(trak, &[b"mdia", b"minf", b"stbl", b"stsd"])?;
    // Full box header and entry count come before the first sample entry.
    let (format, entry) = boxes(stsd.get(8..)?).next()?;
    let timescale = be_u32(mdhd, if is_long(mdhd) { 20 } else { 12 })?;
    Some(Track {
        id: be_u32(tkhd, if is_long(tkhd) { 20 } else { 12 })?,
        kind: kind(format, entry).unwrap_or(TrackKind::Other),
        timescale: if timescale == 0 { return None } else { timescale },
        edit_ticks: within(trak, &[b"edts", b"elst"]).and_then(edit_ticks).unwrap_or(0),
        default_duration: 0,
        default_len: 0,
        next_ticks: 0,
    })
}

/// By its sample entry; where samples are encrypted, by what they were. SEI stays clear (ISO/IEC 23001-7 9.5.2).
fn kind(format: [u8; 4], entry: &[u8]) -> Option<TrackKind> {
    const VISUAL_LEN: usize = 78;
    match &format {
        b"wvtt" => return Some(TrackKind::Subtitles(Subtitles::Wvtt)),
        b"stpp" => return Some(TrackKind::Subtitles(Subtitles::Stpp)),
        _ => {}
    }
    let children = entry.get(VISUAL_LEN..)?;
    let len_of = |byte: &u8| usize::from(byte & 3) + 1;
    // Whichever name the entry has: what a decoder is set up with tells.
    if let Some(config) = first(children, b"avcC") {
        return Some(TrackKind::Video(Coding::H264, len_of(config.get(4)?)));
    }
    let config = first(children, b"hvcC")?;
    Some(TrackKind::Video(Coding::Hevc, len_of(config.get(21)?)))
}

/// The media time of a single edit: what browsers apply of an edit list.
fn edit_ticks(elst: &[u8]) -> Option<i64> {
    if be_u32(elst, 4)? != 1 {
        return None;
    }
    let ticks = match elst.first()? {
        1 => array(elst, 16).map(i64::from_be_bytes)?,
        _ => array(elst, 12).map(i32::from_be_bytes).map(i64::from)?,
    };
    (ticks > 0).then_some(ticks)
}

/// `tfdt.baseMediaDecodeTime`.
pub(super) fn base_decode_time(traf: &[u8]) -> Option<u64> {
    by_version(first(traf, b"tfdt")?, 4)
}
