//! Where each audio frame belongs in time, and the fragments that say so.
//!
//! In: [`AudioRun`]s of one segment, and where it has a picture. Out: fragments on the presentation
//! timeline, each a gapless row of frames. Timestamps decide where a row begins; inside it frames
//! count by themselves, and timestamps only tell when a whole frame is missing (silence takes its
//! place) or too many (it is left out). Encoders' timestamps jitter by less than a frame; that must
//! not be heard. A browser plays no picture that has no sound beside it, once there is a track of
//! sound: so silence is laid at joins, and where a segment has a picture alone.

use super::init_segment::AUDIO_TRACK_ID;
use super::media_segment::{Fragment, Sample};
use super::timestamps::{Jumps, TICKS_HZ, TimestampUnwrapper, secs_of, ticks_of};
use crate::demux::aac::AacConfig;
use crate::demux::audio_config::AudioConfig;
use crate::demux::audio_track::AudioRun;
use crate::demux::h264::HEAD_ROOM_LEN;

/// Silence in one segment, beyond its own length: a few bytes can ask for hours of it.
const MAX_SILENCE_SECS: f64 = 10.0;
/// EXTINF is believed up to here.
const MAX_SEGMENT_SECS: f64 = 120.0;
/// Sound may come this far behind its picture in the stream.
pub(super) const MAX_LAG_SECS: f64 = 1.0;
/// Where a stream begins, its tracks may be so far apart: less is jumped over.
pub(super) const MAX_OFFSET_SECS: f64 = 0.3;

/// How much silence a segment may get in all.
pub(super) fn max_silence_secs(duration_secs: f64) -> f64 {
    MAX_SILENCE_SECS + duration_secs.clamp(0.0, MAX_SEGMENT_SECS)
}

/// One configuration's frames with unwrapped timestamps in ticks.
#[derive(Debug)]
pub(super) struct FrameRun {
    config: AudioConfig,
    payload: Vec<u8>,
    /// Length and, where known, PTS.
    frames: Vec<(usize, Option<i64>)>,
}

/// Unrolls timestamps of a segment's next runs.
pub(super) fn unwrap_runs(
    runs: Vec<AudioRun>,
    unwrapper: &mut TimestampUnwrapper,
    jumps: &mut Jumps,
) -> Vec<FrameRun> {
    runs.into_iter()
        .map(|run| {
            let step = frame_ticks(&run.config) as i64;
            let frames = run
                .frames
                .iter()
                .map(|frame| {
                    let pts = frame.pts.map(|pts| unwrapper.next(pts, step, jumps));
                    (frame.len, pts)
                })
                .collect();
            FrameRun { config: run.config, payload: run.payload, frames }
        })
        .collect()
}

/// The presentation time of the first frame, before mapping.
pub(super) fn earliest(runs: &[FrameRun]) -> Option<i64> {
    let run = runs.first()?;
    let (index, pts) =
        run.frames.iter().enumerate().find_map(|(index, (_, pts))| Some((index, (*pts)?)))?;
    Some(pts - (index as f64 * frame_ticks(&run.config)).round() as i64)
}

fn frame_ticks(config: &AudioConfig) -> f64 {
    f64::from(config.frame_samples()) * TICKS_HZ / f64::from(config.sample_rate_hz())
}

/// Audio over segments that follow on.
#[derive(Debug, Default)]
pub(super) struct AudioTimeline {
    /// Where the next frame is due: behind the last one, or where a picture without sound began.
    due_secs: Option<f64>,
    /// Where the first frame was.
    begin_secs: Option<f64>,
    /// What comes next is other media, which may begin before that.
    is_joined: bool,
    /// The newest frames are silence beside a picture.
    is_silent: bool,
    /// Of the newest frames.
    config: Option<AudioConfig>,
}

/// Where a segment's frames belong.
#[derive(Debug, Clone, Copy)]
pub(super) struct AudioPlace {
    /// Timestamp of presentation time zero.
    pub zero_ticks: i64,
    /// Where frames without any timestamp begin, if they follow nothing.
    pub fallback_ticks: i64,
    /// Where the segment has a picture, so far.
    pub picture: Option<Span>,
    pub max_silence_secs: f64,
}

/// From where to where, on the presentation timeline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub start_ticks: i64,
    pub end_ticks: i64,
}

/// A fragment and what must be said of it.
#[derive(Debug)]
pub(super) struct PlannedAudio {
    pub config: AudioConfig,
    pub fragment: Fragment,
    pub start_secs: f64,
    pub end_secs: f64,
}

/// A segment's fragments.
#[derive(Debug, Default)]
pub(super) struct AudioPlan {
    pub fragments: Vec<PlannedAudio>,
    /// Silence put in.
    pub silent_secs: f64,
    /// The part of it that takes the place of lost frames.
    pub filled: i64,
    /// Frames left out because they overlapped earlier ones, or came too far behind them.
    pub misplaced: usize,
}

/// Frames in a row.
struct Row {
    /// In samples.
    start: i64,
    end: i64,
    payload: Vec<u8>,
    payload_start: usize,
    /// Samples of a frame.
    frame: i64,
    /// Length and duration of each.
    frames: Vec<(usize, i64)>,
}

impl AudioTimeline {
    /// What comes next does not follow on; `is_adjacent`: but no hole is to be noticed.
    pub(super) fn break_off(&mut self, is_adjacent: bool) {
        if is_adjacent {
            self.is_joined = true;
        } else {
            *self = Self { config: self.config, ..Self::default() };
        }
    }

    /// Where the last segment ended, if the next one follows on.
    pub(super) fn end_ticks(&self) -> Option<i64> {
        self.due_secs.filter(|_| !self.is_joined).map(ticks_of)
    }

    /// Where the sound began.
    pub(super) fn begin_ticks(&self) -> Option<i64> {
        self.begin_secs.map(ticks_of)
    }

    /// Plans a segment, or its next piece.
    pub(super) fn plan(&mut self, runs: Vec<FrameRun>, place: AudioPlace) -> AudioPlan {
        let mut plan = AudioPlan::default();
        for run in runs {
            let rate_hz = f64::from(run.config.sample_rate_hz());
            let samples_of = |ticks: i64| (ticks as f64 * rate_hz / TICKS_HZ).round() as i64;
            let position_of = |pts: i64| samples_of(pts - place.zero_ticks);
            let due = self.due_secs.map(|secs| (secs * rate_hz).round() as i64);
            let first = earliest(core::slice::from_ref(&run))
                .map(position_of)
                .or(due)
                .unwrap_or_else(|| samples_of(place.fallback_ticks));
            let is_late = |start: &i64| (first - start) as f64 > MAX_OFFSET_SECS * rate_hz;
            let start = RowStart {
                first,
                due: match due {
                    Some(due) => (!self.is_joined || due <= first).then_some(due),
                    None => place.picture.map(|it| samples_of(it.start_ticks)).filter(is_late),
                },
                is_begin: due.is_none() || self.is_joined || self.is_silent,
                max_silence: ((place.max_silence_secs - plan.silent_secs) * rate_hz) as i64,
            };
            let config = run.config;
            if let Some(row) = row(run, start, position_of, &mut plan) {
                plan.fragments.push(self.advance(row, config));
                self.is_silent = false;
            }
        }
        plan
    }

    /// Silence for a picture without sound, up to its end; `usual` where no sound came before.
    pub(super) fn lay_silence(
        &mut self,
        picture: Span,
        usual: Option<AacConfig>,
        max_secs: f64,
    ) -> Option<PlannedAudio> {
        let end_secs = secs_of(picture.end_ticks);
        let due_secs = *self.due_secs.get_or_insert(secs_of(picture.start_ticks));
        let usual = usual.map(AudioConfig::Aac);
        let last = self.config.or(usual)?;
        // Where a codec's silence cannot be written, that of AAC takes its place.
        let (config, silence) = match last.silent_frame() {
            Some(silence) => (last, silence),
            None => (AudioConfig::Aac(AacConfig::USUAL), AacConfig::USUAL.silent_frame()),
        };
        if !self.is_silent && end_secs - due_secs < MAX_LAG_SECS {
            return None;
        }
        let rate_hz = f64::from(config.sample_rate_hz());
        let start = (due_secs.max(end_secs - max_secs).max(0.0) * rate_hz).round() as i64;
        let frame = i64::from(config.frame_samples());
        let mut row = Row::new(start, frame, vec![0; HEAD_ROOM_LEN], HEAD_ROOM_LEN);
        while (row.end as f64) < end_secs * rate_hz {
            row.payload.extend_from_slice(&silence);
            row.push(silence.len());
        }
        self.is_silent = true;
        (!row.frames.is_empty()).then(|| self.advance(row, config))
    }

    fn advance(&mut self, row: Row, config: AudioConfig) -> PlannedAudio {
        let rate_hz = f64::from(config.sample_rate_hz());
        let start_secs = row.start as f64 / rate_hz;
        let end_secs = row.end as f64 / rate_hz;
        self.begin_secs.get_or_insert(start_secs);
        self.due_secs = Some(end_secs);
        self.is_joined = false;
        self.config = Some(config);
        PlannedAudio { config, start_secs, end_secs, fragment: fragment(row) }
    }
}

/// Where a row begins, in samples.
struct RowStart {
    /// By the timestamps.
    first: i64,
    /// Where a frame is due.
    due: Option<i64>,
    /// A difference of the two is nobody's fault.
    is_begin: bool,
    max_silence: i64,
}

/// Puts a run's frames into a row.
fn row(
    run: FrameRun,
    start: RowStart,
    position_of: impl Fn(i64) -> i64,
    plan: &mut AudioPlan,
) -> Option<Row> {
    let RowStart { first, due, is_begin, mut max_silence } = start;
    let frame = i64::from(run.config.frame_samples());
    let mut row: Option<Row> = None;
    let mut stamped = first;
    // The payload stays where it is while every frame is kept.
    let mut source = Source { bytes: run.payload, position: HEAD_ROOM_LEN, frame };
    let mut next = due.filter(|due| (first - due).abs() <= max_silence).map(|due| due.max(0));
    let silence = run.config.silent_frame();

    for (len, pts) in run.frames {
        stamped = pts.map_or(stamped, &position_of);
        let expected = *next.get_or_insert(stamped.max(0));
        let late = stamped - expected;
        let is_told = row.is_some() || !is_begin;
        if late <= -frame || stamped <= -frame || late > max_silence.max(frame) {
            plan.misplaced += usize::from(is_told);
            source.skip(len, &mut row);
            stamped += frame;
            continue;
        }
        let mut start = expected;
        if late >= frame {
            let missing = (late + frame / 2) / frame;
            match (&silence, &mut row) {
                (Some(silence), row) => {
                    (0..missing)
                        .for_each(|index| source.insert(silence, row, start + index * frame));
                }
                (None, Some(row)) => row.prolong(missing * frame),
                (None, None) => {}
            }
            start += missing * frame;
            max_silence -= missing * frame;
            plan.silent_secs += (missing * frame) as f64 / f64::from(run.config.sample_rate_hz());
            plan.filled += if is_told { missing } else { 0 };
        }
        source.take(len, &mut row, start);
        next = Some(start + frame);
        stamped += frame;
    }
    row
}

/// A run's payload as it is handed over to a row.
struct Source {
    bytes: Vec<u8>,
    position: usize,
    /// Samples of a frame.
    frame: i64,
}

impl Source {
    /// Leaves a frame out. What was already in a row has to part from what follows.
    fn skip(&mut self, len: usize, row: &mut Option<Row>) {
        self.detach(row);
        self.position += len;
    }

    fn insert(&mut self, frame: &[u8], row: &mut Option<Row>, start: i64) {
        self.detach(row);
        let row = row.get_or_insert_with(|| {
            Row::new(start, self.frame, vec![0; HEAD_ROOM_LEN], HEAD_ROOM_LEN)
        });
        row.payload.extend_from_slice(frame);
        row.push(frame.len());
    }

    fn take(&mut self, len: usize, row: &mut Option<Row>, start: i64) {
        let from = self.position;
        self.position += len;
        match row {
            // An attached row owns no bytes yet: its frames lie in the source.
            Some(row) => {
                if !row.is_attached() {
                    row.payload.extend_from_slice(&self.bytes[from..from + len]);
                }
                row.push(len);
            }
            None => {
                let mut attached = Row::new(start, self.frame, Vec::new(), from);
                attached.push(len);
                *row = Some(attached);
            }
        }
        if self.position == self.bytes.len()
            && let Some(row) = row
            && row.is_attached()
        {
            row.payload = core::mem::take(&mut self.bytes);
        }
    }

    /// Copies an attached row's frames into a buffer of its own.
    fn detach(&self, row: &mut Option<Row>) {
        if let Some(row) = row
            && row.is_attached()
        {
            let frames = &self.bytes[row.payload_start..self.position];
            let mut payload = Vec::with_capacity(HEAD_ROOM_LEN + self.bytes.len());
            payload.resize(HEAD_ROOM_LEN, 0);
            payload.extend_from_slice(frames);
            row.payload = payload;
            row.payload_start = HEAD_ROOM_LEN;
        }
    }
}

impl Row {
    fn new(start: i64, frame: i64, payload: Vec<u8>, payload_start: usize) -> Self {
        Self { start, end: start, payload, payload_start, frame, frames: Vec::new() }
    }

    fn is_attached(&self) -> bool {
        self.payload.is_empty()
    }

    fn push(&mut self, len: usize) {
        self.frames.push((len, self.frame));
        self.end += self.frame;
    }

    /// The last frame lasts until the next one comes, where silence cannot be written.
    fn prolong(&mut self, samples: i64) {
        if let Some((_, duration)) = self.frames.last_mut() {
            *duration += samples;
            self.end += samples;
        }
    }
}

fn fragment(row: Row) -> Fragment {
    let samples = row
        .frames
        .iter()
        .map(|(len, duration)| Sample {
            len: *len,
            duration: u32::try_from(*duration).unwrap_or(u32::MAX),
            is_key: true,
            composition_offset: 0,
        })
        .collect();
    Fragment {
        track_id: AUDIO_TRACK_ID,
        sequence_number: 0,
        base_decode_time: u64::try_from(row.start).unwrap_or(0),
        samples,
        payload: row.payload,
        payload_start: row.payload_start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_begins_no_earlier_than_time_zero() {
        let picture = Span { start_ticks: -900, end_ticks: 90_000 };
        let usual = Some(AacConfig::USUAL);
        let silence = AudioTimeline::default().lay_silence(picture, usual, 10.0);
        let silence = silence.expect("a picture without sound has silence");
        assert_eq!(silence.start_secs, 0.0);
        assert!(silence.end_secs >= 1.0);
    }
}
