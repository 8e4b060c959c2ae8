//! The segments of a representation, one after the other (ISO/IEC 23009-1, 5.3.9.3 to 5.3.9.6; Annex A).
//!
//! In: a period, a representation, and what time it is. Out: segments with their times on the presentation's
//! timeline; of a live one those that can be had (5.3.9.5.3), and apart those still being written. It refuses
//! more than [`MAX_SEGMENTS`].

use crate::Error;
use crate::model::{
    Addressing, Media, Mpd, Pace, Period, Protection, Representation, Resource, Segments,
};
use crate::sidx::Subsegment;
use crate::template::{Names, fill};
use crate::values::{micros_of, resolve};

/// Of a track: 55 hours of two seconds each.
pub const MAX_SEGMENTS: usize = 100_000;
/// All addresses of a list together.
const MAX_LIST_BYTES: usize = 48 << 20;
/// What the rounding of durations may be off by.
const ROUNDING_MICROS: u64 = 1000;

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// On the presentation's timeline.
    pub start_micros: u64,
    pub duration_micros: u64,
    /// As the manifest counts.
    pub number: u64,
    /// `None` where there is none for this time.
    pub resource: Option<Resource>,
    /// It is still being written, and can be asked for already.
    pub is_in_progress: bool,
}

/// What a list is made of.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub mpd: &'a Mpd,
    pub period: &'a Period,
    pub representation: &'a Representation,
    /// Which of its bases.
    pub base: usize,
    /// What time it is, on the presentation's timeline. Only a live one needs to know.
    pub now_micros: u64,
}

impl<'a> Source<'a> {
    /// The end of the period, as far as it is known.
    fn end_micros(&self) -> Option<u64> {
        let duration = self.period.duration_micros?;
        Some(self.period.start_micros.saturating_add(duration))
    }

    fn base_url(&self) -> &'a str {
        let bases = &self.representation.base_urls;
        bases.get(self.base).or(bases.first()).map_or("", String::as_str)
    }

    fn names(&self) -> Names<'a> {
        let Representation { id, bandwidth_bps, .. } = self.representation;
        Names { id, bandwidth_bps: *bandwidth_bps, ..Names::default() }
    }

    /// The init segment.
    pub(crate) fn init(&self) -> Option<Resource> {
        match &self.representation.addressing {
            Addressing::File { init, .. } => init.clone(),
            Addressing::Segments(segments) => {
                let init = segments.init.as_ref()?;
                let Media::Pattern(_) = segments.media else { return Some(init.clone()) };
                let url = resolve(self.base_url(), &fill(&init.url, &self.names()));
                Some(Resource { url, range: init.range })
            }
        }
    }

    /// All of it in one file.
    pub(crate) fn whole_file(&self, url: &str) -> Vec<Entry> {
        vec![Entry {
            start_micros: self.period.start_micros,
            duration_micros: self.period.duration_micros.unwrap_or(0),
            number: 0,
            resource: Some(Resource { url: url.to_owned(), range: None }),
            is_in_progress: false,
        }]
    }

    /// The segments that a file's index lists.
    pub(crate) fn indexed(&self, url: &str, index: &[Subsegment]) -> Vec<Entry> {
        let Addressing::File { timescale_hz, presentation_offset, .. } =
            self.representation.addressing
        else {
            return Vec::new();
        };
        let offset = micros_of(presentation_offset, timescale_hz);
        let entry = |(number, it): (usize, &Subsegment)| Entry {
            start_micros: (self.period.start_micros + it.start_micros).saturating_sub(offset),
            duration_micros: it.duration_micros,
            number: number as u64,
            resource: Some(Resource { url: url.to_owned(), range: Some(it.range) }),
            is_in_progress: false,
        };
        let end = self.end_micros().unwrap_or(u64::MAX);
        let entries = index.iter().enumerate().map(entry);
        entries.filter(|entry| entry.start_micros < end).collect()
    }

    /// The segments of a pattern or a list.
    pub(crate) fn segments(&self, segments: &'a Segments) -> Result<Vec<Entry>, Error> {
        let mut list = List { source: *self, segments, entries: Vec::new(), bytes: 0 };
        match &segments.pace {
            Pace::Even(ticks) => list.even(*ticks)?,
            Pace::Timeline(_) => list.timeline()?,
            Pace::Whole => {
                let micros = self.period.duration_micros.unwrap_or(0);
                list.push(0, segments.presentation_offset, micros)?;
            }
        }
        Ok(list.entries)
    }
}

/// What a track has in a period.
pub(crate) struct Stretch<'a> {
    pub start_micros: u64,
    pub init: Option<Resource>,
    pub protection: Option<&'a Protection>,
    pub entries: Vec<Entry>,
}

impl Stretch<'_> {
    /// A period in which the track is not there.
    pub(crate) fn without(start_micros: u64, duration_micros: Option<u64>) -> Self {
        let gap = duration_micros.filter(|duration| *duration > 0).map(|duration_micros| Entry {
            start_micros,
            duration_micros,
            number: 0,
            resource: None,
            is_in_progress: false,
        });
        Self { start_micros, init: None, protection: None, entries: gap.into_iter().collect() }
    }
}

struct List<'a> {
    source: Source<'a>,
    segments: &'a Segments,
    entries: Vec<Entry>,
    bytes: usize,
}

impl List<'_> {
    /// Equal segments: of a live presentation as many as the clock says (5.3.9.5.3).
    fn even(&mut self, ticks: u64) -> Result<(), Error> {
        let Source { mpd, period, now_micros, .. } = self.source;
        let hz = self.segments.timescale_hz;
        let micros = micros_of(ticks, hz).max(1);
        let told = period.duration_micros;
        let mut end =
            told.map_or(u64::MAX, |told| told.saturating_sub(ROUNDING_MICROS).div_ceil(micros));
        let mut first = 0;
        if mpd.is_dynamic {
            let now = now_micros.saturating_sub(period.start_micros);
            let ahead = self.segments.availability_offset_micros;
            if ahead.is_some() || told.is_none() {
                end = end.min(now.saturating_add(ahead.unwrap_or(0).min(micros)) / micros);
            }
            if let Some(depth) = mpd.time_shift_micros {
                first = now.saturating_sub(depth) / micros;
            }
        } else if told.is_none() && matches!(self.segments.media, Media::Pattern(_)) {
            return Err(Error::Unsupported(
                "a duration (mediaPresentationDuration or Period@duration)",
            ));
        }
        if let Some(last) = self.segments.end_number {
            end = end.min(last.saturating_sub(self.segments.start_number).saturating_add(1));
        }
        for index in first..end {
            let time =
                ticks.saturating_mul(index).saturating_add(self.segments.presentation_offset);
            if !self.push(index, time, micros)? {
                break;
            }
        }
        Ok(())
    }

    /// Runs of segments (5.3.9.6).
    fn timeline(&mut self) -> Result<(), Error> {
        let Pace::Timeline(runs) = &self.segments.pace else { return Ok(()) };
        let hz = self.segments.timescale_hz;
        let offset = self.segments.presentation_offset;
        let (mut time, mut index) = (0_u64, 0_u64);
        for (at, run) in runs.iter().enumerate() {
            time = run.start.unwrap_or(time);
            let count = match u64::try_from(run.repeat) {
                Ok(repeat) => repeat.saturating_add(1),
                Err(_) => {
                    let until = runs.get(at + 1).and_then(|next| next.start);
                    let until = until.unwrap_or_else(|| self.end_ticks(hz, offset));
                    until.saturating_sub(time).div_ceil(run.duration)
                }
            };
            let micros = micros_of(run.duration, hz);
            for _ in 0..count {
                if !self.push(index, time, micros)? {
                    return Ok(());
                }
                time = time.saturating_add(run.duration);
                index += 1;
            }
        }
        Ok(())
    }

    /// Where the period ends, or the clock stands, as media time.
    fn end_ticks(&self, hz: u32, offset: u64) -> u64 {
        let Source { period, now_micros, .. } = self.source;
        let now = now_micros.saturating_sub(period.start_micros);
        let micros = period.duration_micros.unwrap_or(now);
        let hz = u64::from(hz);
        let ticks = (micros / 1_000_000).saturating_mul(hz) + micros % 1_000_000 * hz / 1_000_000;
        ticks.saturating_add(offset)
    }

    /// One more; false where there are no more.
    fn push(&mut self, index: u64, time: u64, micros: u64) -> Result<bool, Error> {
        let Source { period, now_micros, mpd, .. } = self.source;
        let hz = self.segments.timescale_hz;
        let offset = micros_of(self.segments.presentation_offset, hz);
        let in_period = micros_of(time, hz);
        let begin = (period.start_micros + in_period).saturating_sub(offset);
        let finish = begin.saturating_add(micros);
        // It may begin before the period does.
        let start_micros = begin.max(period.start_micros);
        let end = self.source.end_micros();
        if end.is_some_and(|end| start_micros.saturating_add(ROUNDING_MICROS) >= end) && index > 0 {
            return Ok(false);
        }
        if finish <= period.start_micros && finish > begin {
            return Ok(true);
        }
        let number = self.segments.start_number.saturating_add(index);
        if self.segments.end_number.is_some_and(|last| number > last) {
            return Ok(false);
        }
        let ahead = self.segments.availability_offset_micros;
        let is_early = mpd.is_dynamic && ahead != Some(0) && finish > now_micros;
        if is_early && ahead.is_some_and(|ahead| finish.saturating_sub(ahead) > now_micros) {
            return Ok(false);
        }
        let is_in_progress = is_early && !self.segments.is_availability_complete;
        let Some(resource) = self.resource(index, number, time) else { return Ok(false) };
        self.bytes = self.bytes.saturating_add(resource.url.len() + 64);
        if self.entries.len() >= MAX_SEGMENTS || self.bytes > MAX_LIST_BYTES {
            return Err(Error::TooManySegments);
        }
        let duration_micros = finish.min(end.unwrap_or(u64::MAX)).saturating_sub(start_micros);
        let resource = Some(resource);
        self.entries.push(Entry {
            start_micros,
            duration_micros,
            number,
            resource,
            is_in_progress,
        });
        Ok(true)
    }

    fn resource(&self, index: u64, number: u64, time: u64) -> Option<Resource> {
        match &self.segments.media {
            Media::Pattern(pattern) => {
                let names = Names { number, time, ..self.source.names() };
                let url = resolve(self.source.base_url(), &fill(pattern, &names));
                Some(Resource { url, range: None })
            }
            Media::List(list) => list.get(usize::try_from(index).ok()?).cloned(),
        }
    }
}
