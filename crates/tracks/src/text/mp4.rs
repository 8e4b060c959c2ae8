//! Samples of text tracks in fMP4: `wvtt` and `stpp` (ISO 14496-30).
//!
//! In: a sample's bytes, and from when until when it lasts in media time. Out: cues in media time, which a
//! [`CueList`](super::cue_list::CueList) puts together: samples cut cues where others begin, and segments
//! repeat them. Finding the samples is not done here. It refuses boxes that end behind their sample, and
//! images of `stpp`.

use super::webvtt::Header;
use super::{Error, imsc};
use crate::cue::Cue;

/// No sample of text is as large.
const MAX_SAMPLE_BYTES: usize = 4 << 20;
/// Cues at one moment.
const MAX_CUES: usize = 100;

/// When a sample is shown, in media time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleTime {
    /// Its decode time, and composition offset.
    pub start_secs: f64,
    /// How long.
    pub duration_secs: f64,
}

impl SampleTime {
    fn end_secs(&self) -> f64 {
        self.start_secs + self.duration_secs
    }
}

/// Cues of a `wvtt` sample: `vttc` boxes, each with `iden`, `sttg`, `payl`, `ctim`. What `vtta` and `vtte` hold
/// is no cue. `header` is of the sample entry's `vttC`.
///
/// # Errors
/// [`Error::CutSample`], [`Error::TooLarge`].
pub fn wvtt_cues(header: &Header, sample: &[u8], time: SampleTime) -> Result<Vec<Cue>, Error> {
    if sample.len() > MAX_SAMPLE_BYTES {
        return Err(Error::TooLarge);
    }
    let mut cues = Vec::new();
    for found in (Boxes { rest: sample }) {
        let (kind, body) = found?;
        if kind == b"vttc" && cues.len() < MAX_CUES {
            cues.extend(wvtt_cue(header, body, time)?);
        }
    }
    Ok(cues)
}

fn wvtt_cue(header: &Header, body: &[u8], time: SampleTime) -> Result<Option<Cue>, Error> {
    let [mut id, mut settings, mut text, mut cue_time] = [const { String::new() }; 4];
    for found in (Boxes { rest: body }) {
        let (kind, body) = found?;
        let part = match kind {
            b"iden" => &mut id,
            b"sttg" => &mut settings,
            b"payl" => &mut text,
            b"ctim" => &mut cue_time,
            _ => continue,
        };
        *part = String::from_utf8_lossy(body).trim_end_matches('\0').into();
    }
    let times = (time.start_secs, time.end_secs());
    let mut cue = header.cue(id.trim_ascii(), times, &settings, &text);
    // Timestamps within the text count as the file's did that the track was made of.
    if let Some(file_secs) = super::webvtt::timestamp(cue_time.trim_ascii()) {
        cue.shift(time.start_secs - file_secs);
        (cue.start_secs, cue.end_secs) = (times.0, Some(times.1));
    }
    Ok((times.1 > times.0).then_some(cue))
}

/// Cues of a `stpp` sample, which is a document of its own.
///
/// Its times are media time; what does not say until when lasts as long as the sample. Where all of them
/// lie outside the sample, but within it if they count from its beginning, they do.
///
/// # Errors
/// As [`imsc::parse`]; damage behind the first cue costs what follows.
pub fn stpp_cues(sample: &[u8], time: SampleTime) -> Result<Vec<Cue>, Error> {
    let mut cues = imsc::parse(sample)?.cues;
    let is_within = |cue: &Cue, offset_secs: f64| {
        cue.start_secs + offset_secs < time.end_secs()
            && cue.end_secs.is_none_or(|end| end + offset_secs > time.start_secs)
    };
    let is_shifted = !cues.iter().any(|cue| is_within(cue, 0.0))
        && cues.iter().any(|cue| is_within(cue, time.start_secs));
    if is_shifted {
        cues.iter_mut().for_each(|cue| cue.shift(time.start_secs));
    }
    cues.retain(|cue| is_within(cue, 0.0));
    for cue in cues.iter_mut().filter(|cue| cue.end_secs.is_none()) {
        cue.start_secs = cue.start_secs.max(time.start_secs);
        cue.end_secs = Some(time.end_secs());
    }
    Ok(cues)
}

/// Boxes one behind the other (ISO 14496-12, 4.2).
struct Boxes<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Result<(&'a [u8; 4], &'a [u8]), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = core::mem::take(&mut self.rest);
        if rest.is_empty() {
            return None;
        }
        let Some((size, [kind, body])) = split(rest) else { return Some(Err(Error::CutSample)) };
        let body_len = match size {
            0 => body.len(),
            _ => size.saturating_sub(8),
        };
        let Some((body, after)) =
            body.split_at_checked(body_len).filter(|_| size == 0 || size >= 8)
        else {
            return Some(Err(Error::CutSample));
        };
        self.rest = after;
        kind.first_chunk().map(|kind| Ok((kind, body)))
    }
}

fn split(bytes: &[u8]) -> Option<(usize, [&[u8]; 2])> {
    let (size, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, body) = rest.split_at_checked(4)?;
    Some((u32::from_be_bytes(*size) as usize, [kind, body]))
}
