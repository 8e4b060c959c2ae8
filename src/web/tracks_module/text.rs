//! One subtitle rendition: its segments become changes of its list of cues.
//!
//! In: WebVTT or IMSC files, or fMP4 with samples of either, and where they stand. Out: JSON.

use crate::tracks::Cue;
use crate::tracks::fmp4::{Item, Reader, Subtitles};
use crate::tracks::json;
use crate::tracks::text::cue_list::{Change, CueList};
use crate::tracks::text::mp4::{SampleTime, stpp_cues, wvtt_cues};
use crate::tracks::text::webvtt::timestamp_map::{MediaClock, SegmentPlace, place};
use crate::tracks::text::{Error, imsc, webvtt};

/// Of MPEG-2 timestamps, which begin again after 2³³.
const TICKS_PER_SEC: f64 = 90_000.0;
const WRAP_TICKS: i64 = 1 << 33;

/// What is known of it.
#[derive(Default)]
pub(super) struct Text {
    cues: CueList,
    reader: Reader,
    header: webvtt::Header,
}

impl Text {
    pub(super) fn set_init(&mut self, bytes: &[u8]) {
        self.reader = Reader::new(bytes);
        self.header = vttc(bytes).and_then(|it| webvtt::parse_header(it).ok()).unwrap_or_default();
    }

    /// Reads a segment, and says what that changed.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        (start_secs, end_secs): (f64, f64),
        offset_secs: Option<f64>,
    ) -> String {
        let is_fmp4 = self.reader.has_tracks();
        let result = if is_fmp4 {
            Ok(self.samples(bytes, offset_secs.unwrap_or(0.0)))
        } else {
            let clock = offset_secs.map(|offset_secs| {
                let ticks = ((start_secs - offset_secs) * TICKS_PER_SEC).round() as i64;
                let mpegts_ticks = ticks.rem_euclid(WRAP_TICKS) as u64;
                MediaClock { mpegts_ticks, presentation_secs: start_secs }
            });
            let duration_secs = end_secs - start_secs;
            file(bytes, &SegmentPlace { start_secs, duration_secs, clock }).map(|it| (it, None))
        };
        let (cues, problem) = result.unwrap_or_else(|error| (Vec::new(), Some(error)));
        let mut changes = Vec::new();
        cues.into_iter().for_each(|cue| self.cues.add(cue, &mut changes));
        answer(&self.cues, &changes, problem)
    }

    /// Cues of samples, and what was wrong with any of them.
    fn samples(&mut self, bytes: &[u8], offset_secs: f64) -> (Vec<Cue>, Option<Error>) {
        let (mut cues, mut problem) = (Vec::new(), None);
        let header = &self.header;
        let mut take = |item: Item<'_>| {
            let Item::Subtitles { kind, start_secs, duration_secs, bytes, .. } = item else {
                return;
            };
            let time = SampleTime { start_secs, duration_secs };
            let result = match kind {
                Subtitles::Wvtt => wvtt_cues(header, bytes, time),
                Subtitles::Stpp => stpp_cues(bytes, time),
            };
            match result {
                Ok(found) => cues.extend(found),
                Err(error) => problem = Some(error),
            }
        };
        self.reader.begin_segment();
        self.reader.push(bytes, &mut take);
        self.reader.end_segment(&mut take);
        cues.iter_mut().for_each(|cue| cue.shift(offset_secs));
        (cues, problem)
    }
}

/// Cues of a file, which is WebVTT unless it looks like XML.
fn file(bytes: &[u8], segment: &SegmentPlace) -> Result<Vec<Cue>, Error> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf);
    let (mut cues, map) = if bytes.iter().find(|byte| !is_blank(byte)) == Some(&b'<') {
        (imsc::parse(bytes)?.cues, None)
    } else {
        let file = webvtt::parse(bytes)?;
        (file.cues, file.timestamp_map)
    };
    place(&mut cues, map, segment);
    Ok(cues)
}

/// The configuration of a `wvtt` sample entry (ISO 14496-30, 7.5), wherever in an init segment.
fn vttc(init: &[u8]) -> Option<&[u8]> {
    let at = init.windows(4).position(|window| window == b"vttC")?;
    let len =
        init.get(at.checked_sub(4)?..at)?.first_chunk().map(|len| u32::from_be_bytes(*len))?;
    init.get(at + 4..at.checked_add((len as usize).checked_sub(4)?)?)
}

/// `{changes: [{number, cue?}], problem?}`: a cue as it is now, or without one that it is gone.
fn answer(cues: &CueList, changes: &[Change], problem: Option<Error>) -> String {
    let mut text = String::from("{\"changes\":[");
    for (index, change) in changes.iter().enumerate() {
        let (Change::Added(number) | Change::Changed(number) | Change::Removed(number)) = *change;
        text.push_str(if index > 0 { ",{\"number\":" } else { "{\"number\":" });
        text.push_str(&number.to_string());
        if let Some(cue) = cues.get(number) {
            text.push_str(",\"cue\":");
            text.push_str(&json::cue(cue));
        }
        text.push('}');
    }
    text.push(']');
    if let Some(problem) = problem {
        text.push_str(",\"problem\":");
        text.push_str(&json::string(&problem.to_string()));
    }
    text.push('}');
    text
}
