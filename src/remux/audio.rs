//! Where each audio frame belongs in time, and the fragments that say so.
//!
//! In: [`AudioRun`]s of one segment. Out: fragments on the presentation timeline, each a gapless
//! row of frames. Timestamps decide where a row begins; inside it frames count by themselves, and
//! timestamps only tell when a whole frame is missing (silence takes its place) or too many (it is
//! left out). Encoders' timestamps jitter by less than a frame; that must not be heard.

use super::AUDIO_TRACK_ID;
use super::media_segment::{Fragment, Sample};
use super::timestamps::{Jumps, TICKS_HZ, Unroller, ticks_of};
use crate::demux::aac::{AacConfig, AudioRun, FRAME_SAMPLES};
use crate::demux::h264::HEAD_ROOM_LEN;

/// Longer gaps stay gaps.
const MAX_SILENCE_SECS: i64 = 10;
const FRAME: i64 = FRAME_SAMPLES as i64;

/// One configuration's frames with unrolled timestamps in ticks.
#[derive(Debug)]
pub(super) struct FrameRun {
    config: AacConfig,
    payload: Vec<u8>,
    /// Length and, where known, PTS.
    frames: Vec<(usize, Option<i64>)>,
}

/// Unrolls timestamps of a segment's next runs.
pub(super) fn unroll_runs(
    runs: Vec<AudioRun>,
    unroller: &mut Unroller,
    jumps: &mut Jumps,
) -> Vec<FrameRun> {
    runs.into_iter()
        .map(|run| {
            let step = frame_ticks(&run.config) as i64;
            let frames = run
                .frames
                .iter()
                .map(|frame| {
                    let pts = frame.pts.map(|pts| unroller.next(pts, step, jumps));
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

fn frame_ticks(config: &AacConfig) -> f64 {
    f64::from(FRAME_SAMPLES) * TICKS_HZ / f64::from(config.sample_rate_hz())
}

/// Audio over segments that follow on.
#[derive(Debug, Default)]
pub(super) struct AudioTimeline {
    end_secs: Option<f64>,
}

/// A fragment and what must be said of it.
#[derive(Debug)]
pub(super) struct PlannedAudio {
    pub config: AacConfig,
    pub fragment: Fragment,
    pub start_secs: f64,
    pub end_secs: f64,
}

/// A segment's fragments.
#[derive(Debug, Default)]
pub(super) struct AudioPlan {
    pub fragments: Vec<PlannedAudio>,
    /// Silent frames put in.
    pub filled: i64,
    /// Frames left out because they overlapped earlier ones.
    pub overlapping: usize,
}

/// Frames in a row.
struct Row {
    /// In samples.
    start: i64,
    end: i64,
    payload: Vec<u8>,
    payload_start: usize,
    lens: Vec<usize>,
}

impl AudioTimeline {
    /// What comes next does not follow on.
    pub(super) fn break_off(&mut self) {
        self.end_secs = None;
    }

    /// Where the last segment ended.
    pub(super) fn end_ticks(&self) -> Option<i64> {
        self.end_secs.map(ticks_of)
    }

    /// Plans a segment, or its next piece; presentation time zero is at `zero_ticks`. Frames without any timestamp
    /// begin at `fallback_ticks` of the presentation timeline, or follow on.
    pub(super) fn plan(
        &mut self,
        runs: Vec<FrameRun>,
        zero_ticks: i64,
        fallback_ticks: i64,
    ) -> AudioPlan {
        let mut plan = AudioPlan::default();
        for run in runs {
            let rate_hz = f64::from(run.config.sample_rate_hz());
            let samples_of = |ticks: i64| (ticks as f64 * rate_hz / TICKS_HZ).round() as i64;
            let follows_on = self.end_secs.map(|secs| (secs * rate_hz).round() as i64);
            let first = earliest(core::slice::from_ref(&run))
                .map(|pts| samples_of(pts - zero_ticks))
                .or(follows_on)
                .unwrap_or_else(|| samples_of(fallback_ticks));
            let config = run.config;
            for row in rows(run, first, follows_on, |pts| samples_of(pts - zero_ticks), &mut plan) {
                let end_secs = row.end as f64 / rate_hz;
                self.end_secs = Some(end_secs);
                plan.fragments.push(PlannedAudio {
                    config,
                    start_secs: row.start as f64 / rate_hz,
                    end_secs,
                    fragment: fragment(row),
                });
            }
        }
        plan
    }
}

/// Puts a run's frames into rows. `first` is where timestamps put the first frame, `follows_on`
/// where the last segment ended.
fn rows(
    run: FrameRun,
    first: i64,
    follows_on: Option<i64>,
    position_of: impl Fn(i64) -> i64,
    plan: &mut AudioPlan,
) -> Vec<Row> {
    let max_gap = MAX_SILENCE_SECS * i64::from(run.config.sample_rate_hz());
    let mut done = Vec::new();
    let mut row: Option<Row> = None;
    let mut stamped = first;
    // The payload stays where it is while every frame is kept.
    let mut source = Source { bytes: run.payload, position: HEAD_ROOM_LEN };
    let mut next = follows_on.filter(|next| (first - next).abs() <= max_gap);

    for (len, pts) in run.frames {
        stamped = pts.map_or(stamped, &position_of);
        let expected = *next.get_or_insert(stamped.max(0));
        let late = stamped - expected;
        if late <= -FRAME || stamped <= -FRAME {
            plan.overlapping += 1;
            source.skip(len, &mut row);
            stamped += FRAME;
            continue;
        }
        let mut start = expected;
        if late > max_gap {
            source.detach(&mut row);
            done.extend(row.take());
            start = stamped;
        } else if late >= FRAME {
            let missing = (late + FRAME / 2) / FRAME;
            let silence = run.config.silent_frame();
            for _ in 0..missing {
                source.insert(&silence, &mut row, start);
                start += FRAME;
            }
            plan.filled += missing;
        }
        source.take(len, &mut row, start);
        next = Some(start + FRAME);
        stamped += FRAME;
    }
    done.extend(row);
    done
}

/// A run's payload as it is handed over to rows.
struct Source {
    bytes: Vec<u8>,
    position: usize,
}

impl Source {
    /// Leaves a frame out. What was already in a row has to part from what follows.
    fn skip(&mut self, len: usize, row: &mut Option<Row>) {
        self.detach(row);
        self.position += len;
    }

    fn insert(&mut self, frame: &[u8], row: &mut Option<Row>, start: i64) {
        self.detach(row);
        let row = row.get_or_insert_with(|| Row::new(start, vec![0; HEAD_ROOM_LEN], HEAD_ROOM_LEN));
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
                let mut attached = Row::new(start, Vec::new(), from);
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
    fn new(start: i64, payload: Vec<u8>, payload_start: usize) -> Self {
        Self { start, end: start, payload, payload_start, lens: Vec::new() }
    }

    fn is_attached(&self) -> bool {
        self.payload.is_empty()
    }

    fn push(&mut self, len: usize) {
        self.lens.push(len);
        self.end += FRAME;
    }
}

fn fragment(row: Row) -> Fragment {
    let samples = row
        .lens
        .iter()
        .map(|len| Sample {
            len: *len,
            duration: FRAME_SAMPLES,
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
