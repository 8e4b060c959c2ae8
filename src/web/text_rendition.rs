//! Subtitle renditions of one format: their segments become changes of their lists of cues.
//!
//! In: files, or fMP4 with samples, and where they stand. Out: JSON. It knows no format: each is a module of
//! its own, so that a page loads the one that its stream has.

use crate::tracks::Cue;
use crate::tracks::fmp4::{Item, ReaderOf, SUBTITLES, Subtitles};
use crate::tracks::json;
use crate::tracks::text::Error;
use crate::tracks::text::cue_list::{Change, CueList};
use crate::tracks::text::mp4::SampleTime;
use crate::tracks::text::webvtt::timestamp_map::{MediaClock, SegmentPlace, TimestampMap, place};

type Reader = ReaderOf<{ SUBTITLES }>;

/// Of MPEG-2 timestamps, which begin again after 2³³.
const TICKS_PER_SEC: f64 = 90_000.0;
const WRAP_TICKS: i64 = 1 << 33;

/// What a format has of its own.
pub(super) trait Format: Sized {
    /// Its samples in fMP4.
    const SAMPLES: Subtitles;

    /// What an init segment says for all samples.
    fn of_init(init: &[u8]) -> Self;

    /// Cues of a sample.
    fn sample(&self, bytes: &[u8], time: SampleTime) -> Result<Vec<Cue>, Error>;

    /// Cues of a file.
    fn file(bytes: &[u8]) -> Result<File, Error>;
}

/// What a file has.
pub(super) struct File {
    pub(super) cues: Vec<Cue>,
    /// X-TIMESTAMP-MAP, which only WebVTT has.
    pub(super) map: Option<TimestampMap>,
}

/// Those that are loaded, by the engine's number of their track.
pub(super) struct Renditions<F>(Vec<(u32, Text<F>)>);

impl<F: Format> Renditions<F> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn set_init(&mut self, number: u32, init: &[u8]) {
        self.with(number, |text| text.samples = Some((Reader::new(init), F::of_init(init))));
    }

    /// Reads a segment, and says what that changed.
    pub(super) fn read(
        &mut self,
        number: u32,
        bytes: &[u8],
        span: (f64, f64),
        offset_secs: f64,
    ) -> String {
        let offset_secs = offset_secs.is_finite().then_some(offset_secs);
        self.with(number, |text| text.read(bytes, span, offset_secs))
    }

    pub(super) fn forget(&mut self, number: u32) {
        self.0.retain(|(known, _)| *known != number);
    }

    fn with<T>(&mut self, number: u32, call: impl FnOnce(&mut Text<F>) -> T) -> T {
        let index = self.0.iter().position(|(known, _)| *known == number);
        let new = || (number, Text { cues: CueList::default(), samples: None });
        // Taken out and put back, so that no index can be wrong.
        let mut entry = index.map_or_else(new, |at| self.0.swap_remove(at));
        let result = call(&mut entry.1);
        self.0.push(entry);
        result
    }
}

/// What is known of one.
struct Text<F> {
    cues: CueList,
    /// Where it has an init segment.
    samples: Option<(Reader, F)>,
}

impl<F: Format> Text<F> {
    fn read(
        &mut self,
        bytes: &[u8],
        (start_secs, end_secs): (f64, f64),
        offset_secs: Option<f64>,
    ) -> String {
        let (cues, problem) = match &mut self.samples {
            Some((reader, format)) if reader.has_tracks() => {
                samples(reader, format, bytes, offset_secs.unwrap_or(0.0))
            }
            _ => {
                let clock = offset_secs.map(|offset_secs| {
                    let ticks = ((start_secs - offset_secs) * TICKS_PER_SEC).round() as i64;
                    let mpegts_ticks = ticks.rem_euclid(WRAP_TICKS) as u64;
                    MediaClock { mpegts_ticks, presentation_secs: start_secs }
                });
                let duration_secs = end_secs - start_secs;
                match F::file(bytes) {
                    Ok(File { mut cues, map }) => {
                        place(&mut cues, map, &SegmentPlace { start_secs, duration_secs, clock });
                        (cues, None)
                    }
                    Err(error) => (Vec::new(), Some(error)),
                }
            }
        };
        let mut changes = Vec::new();
        cues.into_iter().for_each(|cue| self.cues.add(cue, &mut changes));
        answer(&self.cues, &changes, problem)
    }
}

/// Cues of samples, and what was wrong with any of them.
fn samples<F: Format>(
    reader: &mut Reader,
    format: &F,
    bytes: &[u8],
    offset_secs: f64,
) -> (Vec<Cue>, Option<Error>) {
    let (mut cues, mut problem) = (Vec::new(), None);
    reader.read(bytes, &mut |item| {
        let Item::Subtitles { kind, start_secs, duration_secs, bytes, .. } = item else { return };
        if kind != F::SAMPLES {
            return;
        }
        match format.sample(bytes, SampleTime { start_secs, duration_secs }) {
            Ok(found) => cues.extend(found),
            Err(error) => problem = Some(error),
        }
    });
    cues.iter_mut().for_each(|cue| cue.shift(offset_secs));
    (cues, problem)
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
        text.push_str(&json::string(&problem.sentence()));
    }
    text.push('}');
    text
}
