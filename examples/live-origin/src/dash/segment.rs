//! A segment of HLS as DASH has it: each track by itself, with its exact times.
//!
//! In: an MPEG-TS segment, its name, which is its first time stamp, and its date. Out: [`Pieces`],
//! written by the player's own transmuxer (ISO/IEC 14496-12): `tfdt` counts from 1970, and there is no
//! edit list, so that what a manifest says of times is all there is to know. A function of the segment
//! and its date, which both origins agree on, so that they write the same bytes. It refuses segments
//! without H.264, and those inside which a track becomes another.

use anyhow::{Context, Result, bail, ensure};
use videosphere::demux::container::Format;
use videosphere::media::TrackKind;
use videosphere::remux::{SegmentStart, Succession, TimestampMapping, Transmuxed, Transmuxer};

/// Ticks of 90 kHz, in which time stamps count.
const TICKS_HZ: i64 = 90_000;
/// Time stamps in segments are later than in their names by this (NGX_RTMP_HLS_DELAY).
const NGINX_DELAY_TICKS: i64 = 63_000;

/// Where a playlist puts a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Its name: its first time stamp, 90 kHz.
    pub ticks: u64,
    /// EXT-X-PROGRAM-DATE-TIME.
    pub unix_millis: i64,
    /// EXTINF.
    pub duration_secs: f64,
}

/// What a segment holds.
#[derive(Debug)]
pub struct Pieces {
    /// The picture.
    pub video: Piece,
    /// The sound, where there is some.
    pub audio: Option<Piece>,
}

/// One track of a segment.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// `ftyp` and `moov`.
    pub init: Vec<u8>,
    /// RFC 6381.
    pub codec: String,
    /// Units a second of the times here and in the boxes.
    pub timescale_hz: u32,
    /// When the earliest frame is shown.
    pub start: u64,
    /// When the last one is over.
    pub end: u64,
    /// `moof` and `mdat`.
    pub media: Vec<u8>,
}

/// Packages a segment.
pub fn package(bytes: &[u8], place: Place) -> Result<Pieces> {
    let (format, bytes) = Format::of(bytes)?;
    let mut transmuxer = Transmuxer::new();
    // The time stamp of 1970. Those in the stream are the name's, modulo 2³³.
    let ticks = i64::try_from(place.ticks).context("a time stamp beyond 63 bits")?;
    let zero_ticks = ticks + NGINX_DELAY_TICKS - place.unix_millis * (TICKS_HZ / 1000);
    transmuxer.adopt_mapping(TimestampMapping { discontinuity_sequence: 0, zero_ticks });
    transmuxer.begin_segment(SegmentStart {
        format,
        timeline_start_secs: place.unix_millis as f64 / 1000.0,
        duration_secs: place.duration_secs,
        discontinuity_sequence: 0,
        succession: Succession::Apart,
        is_growing: false,
    });
    transmuxer.push(bytes);
    transmuxer.end_segment();
    let (mut video, mut audio) = (None, None);
    while let Some(result) = transmuxer.poll() {
        let (track, result) = match &result {
            Transmuxed::Init { track, .. } | Transmuxed::Fragment { track, .. } => (*track, result),
            // The picture may be whole all the same; players of HLS are not told either.
            Transmuxed::Problem(_) => continue,
        };
        let piece = if track == TrackKind::Video { &mut video } else { &mut audio };
        match result {
            Transmuxed::Init { codec, bytes, .. } => {
                ensure!(piece.is_none(), "the {} changes inside a segment", track.as_str());
                *piece = Some(Piece::new(codec, bytes.as_slice().to_vec())?);
            }
            Transmuxed::Fragment { start_secs, end_secs, bytes, .. } => {
                let piece = piece.as_mut().context("a fragment before its init segment")?;
                piece.add(start_secs, end_secs, bytes.as_slice());
            }
            Transmuxed::Problem(_) => {}
        }
    }
    match video {
        Some(video) if !video.media.is_empty() => Ok(Pieces { video, audio }),
        _ => bail!("the segment holds no H.264"),
    }
}

impl Piece {
    fn new(codec: String, init: Vec<u8>) -> Result<Self> {
        // Behind version, flags and two dates (ISO/IEC 14496-12 8.4.2).
        let timescale = field(&init, b"mdhd", 12).context("an init segment without mdhd")?;
        let timescale_hz = u32::from_be_bytes(timescale);
        Ok(Self { init, codec, timescale_hz, start: u64::MAX, end: 0, media: Vec::new() })
    }

    fn add(&mut self, start_secs: f64, end_secs: f64, bytes: &[u8]) {
        let units = |secs: f64| (secs * f64::from(self.timescale_hz)).round() as u64;
        (self.start, self.end) = (self.start.min(units(start_secs)), self.end.max(units(end_secs)));
        self.media.extend_from_slice(bytes);
    }

    /// Channels of the sound (ISO/IEC 14496-12 12.2.3); none of a picture.
    #[must_use]
    pub fn channels(&self) -> Option<u16> {
        field(&self.init, b"mp4a", 16).map(u16::from_be_bytes)
    }
}

/// Bytes of the first box of this kind, counted from its content.
fn field<const N: usize>(boxes: &[u8], kind: &[u8; 4], at: usize) -> Option<[u8; N]> {
    let content = boxes.windows(4).position(|four| four == kind)? + 4 + at;
    boxes.get(content..content + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_1970_whatever_the_stream_counts() {
        let folder = machine::shell::root().join("tests/fixtures");
        let bytes = std::fs::read(folder.join("vod_0.ts")).unwrap();
        let duration_secs = 2.0;
        let place = |ticks, unix_millis| Place { ticks, unix_millis, duration_secs };
        let first = package(&bytes, place(63_000, 1_795_200_000_000)).unwrap();
        // The same stream after 33 bits have run over twice, a day later.
        let later = package(&bytes, place(63_000 + (2 << 33), 1_795_286_400_000)).unwrap();
        assert_eq!(later.video.start - first.video.start, 86_400 * 90_000);
        assert_eq!(later.video.init, first.video.init);
        let secs = first.video.start as f64 / f64::from(first.video.timescale_hz);
        assert!((secs - 1_795_200_000.0).abs() < 2.0, "{secs}");
        let (first, later) = (first.audio.unwrap(), later.audio.unwrap());
        assert_eq!(later.start - first.start, 86_400 * u64::from(first.timescale_hz));
        assert_eq!((first.end - first.start) % 1024, 0);
        assert_eq!((first.codec.as_str(), first.channels()), ("mp4a.40.2", Some(2)));
        // The boxes say the same as the piece.
        let decode_time = field(&first.media, b"tfdt", 4).map(u64::from_be_bytes);
        assert_eq!(decode_time, Some(first.start));
        assert!(package(b"no segment", place(0, 0)).is_err());
    }
}
