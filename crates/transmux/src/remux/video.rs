//! Where each picture belongs in time, and the fragments that say so.
//!
//! In: [`VideoRun`]s of one segment. Out: fragments on the presentation timeline. Decode times
//! are made to rise; pictures that cannot be decoded after a jump are left out; a hole before a
//! segment that follows on, or beside sound, is closed: no browser plays over it. Presentation times
//! otherwise stay as they are.

use super::audio::{MAX_LAG_SECS, MAX_OFFSET_SECS};
use super::init_segment::{VIDEO_TIMESCALE, VIDEO_TRACK_ID};
use super::media_segment::{Fragment, Sample};
use super::timestamps::{Jumps, TimestampUnwrapper, ticks_of, unwrap_timestamp};
use crate::demux::h264::{AvcConfig, HEAD_ROOM_LEN, VideoRun};

/// Used for a lone picture of a stream that says nothing of its rate.
const USUAL_STEP_TICKS: i64 = 3000;
/// Pictures further apart are a hole, not a slow frame rate.
const MAX_STEP_TICKS: i64 = 90_000;
/// A picture is shown so much earlier or longer at most.
const MAX_HOLD_TICKS: i64 = 12 * 90_000;
/// A composition offset beyond this is a broken timestamp.
const MAX_REORDER_TICKS: i64 = 10 * 90_000;

/// A picture with unwrapped timestamps.
#[derive(Debug, Clone, Copy)]
pub(super) struct AccessUnit {
    len: usize,
    pts: i64,
    dts: i64,
    is_key: bool,
}

/// One configuration's pictures in decoding order.
#[derive(Debug)]
pub(super) struct AccessUnitRun {
    config: AvcConfig,
    payload: Vec<u8>,
    units: Vec<AccessUnit>,
    /// DTS of the picture that follows in the stream, where it is known.
    next_dts: Option<i64>,
}

/// Unrolls the timestamps of one segment's pictures and makes decode times rise.
#[derive(Debug)]
pub(super) struct VideoClock {
    unwrapper: TimestampUnwrapper,
    near: i64,
    last: Option<AccessUnit>,
    last_dts: i64,
    step: Option<i64>,
}

impl VideoClock {
    /// The first timestamp will be the nearest to `near`.
    pub(super) const fn new(near: i64) -> Self {
        let unwrapper = TimestampUnwrapper::new(near);
        Self { unwrapper, near, last: None, last_dts: i64::MIN, step: None }
    }

    /// The segment's next runs.
    pub(super) fn unwrap_runs(
        &mut self,
        runs: Vec<VideoRun>,
        jumps: &mut Jumps,
    ) -> Vec<AccessUnitRun> {
        runs.into_iter().map(|run| self.unwrap_run(run, jumps)).collect()
    }

    fn unwrap_run(&mut self, run: VideoRun, jumps: &mut Jumps) -> AccessUnitRun {
        let usual = step_by_rate(&run.config);
        let mut units: Vec<AccessUnit> = Vec::with_capacity(run.units.len());
        for unit in &run.units {
            let expected_step = self.step.unwrap_or(usual);
            let (pts, dts) = match unit.timestamps {
                Some(stamps) => {
                    let dts = self.unwrapper.next(stamps.dts, expected_step, jumps);
                    let offset =
                        unwrap_timestamp(stamps.pts, stamps.dts as i64) - stamps.dts as i64;
                    (dts + if offset.abs() > MAX_REORDER_TICKS { 0 } else { offset }, dts)
                }
                // One of several in a PES packet: the best guess is a steady rate.
                None => self.last.map_or((self.near, self.near), |last| {
                    (last.pts + expected_step, last.dts + expected_step)
                }),
            };
            if let Some(last) = self.last
                && (1..=MAX_STEP_TICKS).contains(&(dts - last.dts))
            {
                self.step = Some(dts - last.dts);
            }
            let picture = AccessUnit { len: unit.len, pts, dts, is_key: unit.is_key };
            self.last = Some(picture);
            units.push(picture);
        }
        self.last_dts = make_decode_times_rise(&mut units, self.last_dts);
        let next_dts = run.next.and_then(|next| self.unwrapper.peek(next.dts));
        AccessUnitRun { config: run.config, payload: run.payload, units, next_dts }
    }
}

fn step_by_rate(config: &AvcConfig) -> i64 {
    config.sps.frame_rate.map_or(USUAL_STEP_TICKS, |(count, per)| {
        let step = i64::from(VIDEO_TIMESCALE) * i64::from(per) / i64::from(count);
        step.clamp(1, MAX_STEP_TICKS)
    })
}

/// Gives the last decode time; the first comes after `last`.
fn make_decode_times_rise(units: &mut [AccessUnit], mut last: i64) -> i64 {
    let falls = units.windows(2).any(|pair| pair[1].dts <= pair[0].dts);
    if falls && units.iter().all(|picture| picture.pts == picture.dts) {
        // Reordered pictures without any DTS: decoding goes by the sorted presentation times,
        // early enough for the one that is furthest out of order.
        let mut sorted: Vec<i64> = units.iter().map(|picture| picture.pts).collect();
        sorted.sort_unstable();
        let delay = units.iter().zip(&sorted).map(|(picture, dts)| dts - picture.pts).max();
        for (picture, dts) in units.iter_mut().zip(&sorted) {
            picture.dts = dts - delay.unwrap_or(0);
        }
    }
    for picture in units {
        picture.dts = picture.dts.max(last.saturating_add(1));
        last = picture.dts;
    }
    last
}

/// The presentation time of the earliest picture, before mapping.
pub(super) fn earliest(runs: &[AccessUnitRun]) -> Option<i64> {
    // Reordering reaches no further than the decoded picture buffer.
    const MAX_REORDERED: usize = 32;
    runs.first()?.units.iter().take(MAX_REORDERED).map(|picture| picture.pts).min()
}

/// Video over segments that follow on.
#[derive(Debug, Default)]
pub(super) struct VideoTimeline {
    /// Where the last segment ended, in ticks.
    end: Option<End>,
    /// Decode times are late by this, so that those before the first picture's presentation do
    /// not fall before time zero, which `tfdt` cannot say. It never shrinks: decode times that
    /// follow on must rise.
    decode_delay: i64,
    /// Where a picture is due, of other media than before.
    due: Option<i64>,
    /// The newest key picture, to be shown on where the sound goes on alone.
    key: Option<Key>,
    /// It is being shown on: what comes next cannot refer to anything before.
    is_held: bool,
}

#[derive(Debug)]
struct Key {
    config: AvcConfig,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct End {
    dts: i64,
    pts: i64,
    /// How long the last picture lasts.
    step: i64,
    /// Where the last fragment was said to end.
    told: i64,
}

/// Where a segment's runs belong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Timestamp of presentation time zero.
    pub zero_ticks: i64,
    /// The playlist's, for a segment of one picture.
    pub duration_ticks: i64,
    /// Where the sound began.
    pub sound_ticks: Option<i64>,
    /// Nothing of the segment was planned before.
    pub is_first: bool,
    /// More of the segment may be planned later.
    pub is_growing: bool,
}

/// A fragment and what must be said of it.
#[derive(Debug)]
pub(super) struct PlannedVideo {
    pub config: AvcConfig,
    pub fragment: Fragment,
    pub start_ticks: i64,
    pub end_ticks: i64,
    pub is_independent: bool,
}

/// A segment's fragments.
#[derive(Debug, Default)]
pub(super) struct VideoPlan {
    pub fragments: Vec<PlannedVideo>,
    /// Pictures left out because what they refer to was never there.
    pub undecodable: usize,
}

impl VideoTimeline {
    /// What comes next does not follow on; `is_adjacent`: but no hole is to be noticed.
    pub(super) fn break_off(&mut self, is_adjacent: bool) {
        let end = self.end.take().map(|end| end.pts);
        self.due = end.or(self.due).filter(|_| is_adjacent);
        self.key = None;
        self.is_held = false;
    }

    /// Where the last segment's presentation ended.
    pub(super) fn end_ticks(&self) -> Option<i64> {
        self.end.map(|end| end.pts)
    }

    /// Plans a segment, or its next piece.
    pub(super) fn plan(&mut self, runs: Vec<AccessUnitRun>, place: Place) -> VideoPlan {
        let mut plan = VideoPlan::default();
        let Place { zero_ticks, duration_ticks, sound_ticks, mut is_first, is_growing, .. } = place;
        let count: usize = runs.iter().map(|run| run.units.len()).sum();
        let lone_ticks = (is_first && count == 1).then_some(duration_ticks);
        for mut run in runs {
            let mut payload_start = HEAD_ROOM_LEN;
            if self.end.is_none() || self.is_held {
                let count = run.units.len();
                payload_start = drop_undecodable(&mut run);
                plan.undecodable += count - run.units.len();
            }
            if run.units.is_empty() {
                continue;
            }
            for picture in &mut run.units {
                // A picture of before time zero would be thrown away, and with it all that
                // refers to it.
                picture.pts = (picture.pts - zero_ticks).max(0);
                picture.dts -= zero_ticks;
            }
            run.next_dts = run.next_dts.map(|dts| dts - zero_ticks);
            // Inside a segment pictures shown earlier may come later.
            if is_first || !is_growing {
                plan.fragments.extend(self.close_hole(&mut run, payload_start, sound_ticks));
            }
            self.is_held = false;
            // What was shown so far is known only where the segment goes on in the next piece.
            let before = self.end.filter(|_| is_growing && !is_first);
            plan.fragments.push(
                self.plan_run(run, RunPlace { payload_start, lone_ticks, before, is_growing }),
            );
            is_first = false;
        }
        plan
    }

    fn plan_run(&mut self, run: AccessUnitRun, place: RunPlace) -> PlannedVideo {
        let units = &run.units;
        let last_step = last_step(&run, place.before.map(|end| end.step), place.lone_ticks);
        let first_dts = units.first().map_or(0, |first| first.dts);
        self.decode_delay = self.decode_delay.max(-first_dts);
        let mut samples = Vec::with_capacity(units.len());
        let (mut start_ticks, mut end_ticks) = (i64::MAX, 0);
        let mut last_dts = first_dts;
        let mut key = None;
        let mut at = place.payload_start;
        for (index, picture) in units.iter().enumerate() {
            let step = units.get(index + 1).map_or(last_step, |next| next.dts - picture.dts);
            start_ticks = start_ticks.min(picture.pts);
            end_ticks = end_ticks.max(picture.pts + step);
            last_dts = picture.dts + step;
            key = if picture.is_key { Some(at..at + picture.len) } else { key };
            at += picture.len;
            samples.push(Sample {
                len: picture.len,
                duration: u32::try_from(step).unwrap_or(0),
                is_key: picture.is_key,
                composition_offset: i32::try_from(picture.pts - picture.dts - self.decode_delay)
                    .unwrap_or(0),
            });
        }
        if let Some(bytes) = key.and_then(|key| run.payload.get(key)) {
            self.key = Some(Key { config: run.config.clone(), bytes: bytes.to_vec() });
        }
        // Pieces of one segment touch, as what they show overlaps where pictures are reordered.
        let mut pts = end_ticks;
        if let Some(before) = place.before {
            start_ticks = before.told;
            pts = pts.max(before.pts);
            end_ticks = pts;
        }
        if let Some(next_dts) = run.next_dts.filter(|_| place.is_growing) {
            end_ticks = end_ticks.min(next_dts);
        }
        let end_ticks = end_ticks.max(start_ticks + 1);
        self.end = Some(End { dts: last_dts, pts, step: last_step, told: end_ticks });
        PlannedVideo {
            config: run.config,
            start_ticks,
            end_ticks,
            is_independent: units.first().is_some_and(|first| first.is_key),
            fragment: Fragment {
                track_id: VIDEO_TRACK_ID,
                sequence_number: 0,
                base_decode_time: u64::try_from(first_dts + self.decode_delay).unwrap_or(0),
                samples,
                payload: run.payload,
                payload_start: place.payload_start,
            },
        }
    }

    /// Pictures missing between two segments, or at the start beside sound, would leave a hole in the
    /// buffer over which no browser plays: the first picture is shown that much earlier. Of a long
    /// hole a copy of the key picture is all there is: WebKit decodes nothing that comes more than a
    /// second after the picture before, and at the key picture itself it can begin anew.
    fn close_hole(
        &mut self,
        run: &mut AccessUnitRun,
        payload_start: usize,
        sound_ticks: Option<i64>,
    ) -> Option<PlannedVideo> {
        let units = &mut run.units;
        let earliest = (0..units.len()).min_by_key(|index| units[*index].pts)?;
        let pts = units[earliest].pts;
        let is_late = |sound: &i64| pts - sound > ticks_of(MAX_OFFSET_SECS);
        let due = self.due.take().or_else(|| sound_ticks.filter(is_late));
        let due = self.end.map(|end| end.pts).or(due)?;
        let hole = pts - due;
        if !(2..=MAX_HOLD_TICKS).contains(&hole) {
            return None;
        }
        let first = units.first_mut()?;
        let least = self.end.map_or(i64::MIN, |end| end.dts);
        let dts = first.dts.min(least.max(first.dts - hole));
        if hole > MAX_STEP_TICKS && earliest == 0 && first.is_key {
            let shown = Shown { dts, until_dts: first.dts, pts: due, until_pts: pts };
            let bytes = run.payload.get(payload_start..payload_start + first.len)?;
            return Some(self.still(run.config.clone(), bytes, shown));
        }
        first.dts = dts;
        units[earliest].pts = due;
        None
    }

    /// The newest key picture once more, from where the pictures end to where the sound does.
    pub(super) fn hold_picture(&mut self, until_ticks: i64) -> Option<PlannedVideo> {
        let end = self.end?;
        let hold = until_ticks - end.pts;
        let least = if self.is_held { 1 } else { ticks_of(MAX_LAG_SECS) };
        if !(least..=MAX_HOLD_TICKS).contains(&hold) {
            return None;
        }
        let key = self.key.take()?;
        self.is_held = true;
        self.end = Some(End { dts: end.dts + hold, pts: until_ticks, told: until_ticks, ..end });
        let (dts, pts) = (end.dts, end.pts);
        let shown = Shown { dts, until_dts: dts + hold, pts, until_pts: until_ticks };
        let still = self.still(key.config.clone(), &key.bytes, shown);
        self.key = Some(key);
        Some(still)
    }

    /// A fragment of one key picture, which is shown elsewhere too.
    fn still(&mut self, config: AvcConfig, bytes: &[u8], shown: Shown) -> PlannedVideo {
        self.decode_delay = self.decode_delay.max(-shown.dts);
        let mut payload = vec![0; HEAD_ROOM_LEN];
        payload.extend_from_slice(bytes);
        let composition_offset = shown.pts - shown.dts - self.decode_delay;
        PlannedVideo {
            config,
            start_ticks: shown.pts,
            end_ticks: shown.until_pts,
            is_independent: true,
            fragment: Fragment {
                track_id: VIDEO_TRACK_ID,
                sequence_number: 0,
                base_decode_time: u64::try_from(shown.dts + self.decode_delay).unwrap_or(0),
                samples: vec![Sample {
                    len: bytes.len(),
                    duration: u32::try_from(shown.until_dts - shown.dts).unwrap_or(0),
                    is_key: true,
                    composition_offset: i32::try_from(composition_offset).unwrap_or(0),
                }],
                payload,
                payload_start: HEAD_ROOM_LEN,
            },
        }
    }
}

/// From when to when a still picture is decoded and shown, in ticks.
struct Shown {
    dts: i64,
    until_dts: i64,
    pts: i64,
    until_pts: i64,
}

/// What [`VideoTimeline::plan_run`] must know beside the run.
struct RunPlace {
    payload_start: usize,
    lone_ticks: Option<i64>,
    /// The end of the segment's piece before this one.
    before: Option<End>,
    is_growing: bool,
}

/// How long the run's last picture lasts; `usual` is what the one before the run did.
fn last_step(run: &AccessUnitRun, usual: Option<i64>, lone_ticks: Option<i64>) -> i64 {
    let is_usual = |step: &i64| (1..=MAX_STEP_TICKS).contains(step);
    let last = run.units.last().map_or(0, |last| last.dts);
    let before = run.units.len().checked_sub(2).and_then(|index| run.units.get(index));
    run.next_dts
        .map(|next| next - last)
        .filter(is_usual)
        .or_else(|| before.map(|before| last - before.dts).filter(is_usual))
        .or_else(|| usual.filter(is_usual))
        .or_else(|| lone_ticks.filter(|ticks| *ticks > 0))
        .unwrap_or_else(|| step_by_rate(&run.config))
}

/// Leaves out what comes before the first key picture, and what is shown before it though decoded
/// after it (an open GOP's leading pictures). Returns where the payload now begins.
fn drop_undecodable(run: &mut AccessUnitRun) -> usize {
    let key = run.units.iter().position(|picture| picture.is_key);
    let skipped = key.unwrap_or(run.units.len());
    let skipped_len: usize = run.units.drain(..skipped).map(|picture| picture.len).sum();
    let payload_start = HEAD_ROOM_LEN + skipped_len;
    let Some(key_pts) = run.units.first().map(|key| key.pts) else { return payload_start };

    let mut is_leading = true;
    let (mut from, mut to) = (payload_start, payload_start);
    let payload = &mut run.payload;
    run.units.retain(|picture| {
        is_leading &= !picture.is_key || from == payload_start;
        let is_kept = !is_leading || picture.pts >= key_pts;
        if is_kept {
            if from != to {
                payload.copy_within(from..from + picture.len, to);
            }
            to += picture.len;
        }
        from += picture.len;
        is_kept
    });
    payload.truncate(to);
    payload_start
}
