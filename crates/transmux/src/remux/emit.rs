//! A segment's media put on the presentation timeline, whole or piece by piece.
//!
//! In: the runs that a segment's [`PendingSegment`] holds. Out: planned fragments, given to the transmuxer to
//! write. Where presentation time zero lies is settled with the first piece and holds for the segment.

use super::audio::{self, AudioPlace};
use super::pending_segment::{Clocks, PendingSegment};
use super::timestamps::{
    Jumps, TimestampMapping, TimestampUnwrapper, is_out_of_place, secs_of, ticks_of,
};
use super::video::{self, Place, VideoClock};
use super::{Segment, SegmentStart, Transmuxer};
use crate::demux::aac::AacConfig;

/// A segment that follows on continues its predecessor over a discontinuity, unless the playlist
/// disagrees by more than this.
const MAX_JOIN_TICKS: i64 = 90_000;
impl Transmuxer {
    /// Puts what came of a segment on the timeline and writes its fragments.
    pub(super) fn emit(&mut self, segment: &mut Segment) {
        let Segment { start, pending, .. } = segment;
        let timeline_ticks = ticks_of(start.timeline_start_secs);
        let known = self.mappings.get(start.discontinuity_sequence);
        let first_raw = pending.first_raw();
        let clocks = pending.clocks.get_or_insert_with(|| {
            let near = match known {
                Some(mapping) => mapping.zero_ticks + timeline_ticks,
                None => first_raw.map_or(0, |raw| raw as i64),
            };
            let video = VideoClock::new(near);
            Clocks { near, video, audio: None, jumps: Jumps::default() }
        });
        let video = core::mem::take(&mut pending.video);
        let video = clocks.video.unwrap_runs(video, &mut clocks.jumps);
        let first_video = video::earliest(&video);
        let audio = core::mem::take(&mut pending.audio);
        let audio_clock =
            clocks.audio.get_or_insert(TimestampUnwrapper::new(first_video.unwrap_or(clocks.near)));
        let audio = audio::unwrap_runs(audio, audio_clock, &mut clocks.jumps);
        let first_audio = audio::earliest(&audio);
        let zero_ticks = pending.zero_ticks.unwrap_or_else(|| {
            let firsts = Firsts { video: first_video, audio: first_audio };
            self.zero_ticks(start, firsts, known)
        });
        pending.zero_ticks = Some(zero_ticks);
        let near = first_video.or(first_audio).unwrap_or(zero_ticks + timeline_ticks);
        for tag in pending.tags.drain(..) {
            self.side_data.push_tag(tag, near, zero_ticks);
        }

        let sound_begin = first_audio.map(|first| first - zero_ticks);
        let place = Place {
            zero_ticks,
            duration_ticks: ticks_of(start.duration_secs),
            sound_ticks: self.audio_timeline.begin_ticks().or(sound_begin),
            is_first: !pending.is_video_begun,
            is_growing: start.is_growing,
        };
        let plan = self.video_timeline.plan(video, place);
        pending.undecodable += plan.undecodable;
        pending.is_video_begun |= !plan.fragments.is_empty();
        for planned in plan.fragments {
            if self.bounds.includes(secs_of(planned.start_ticks), secs_of(planned.end_ticks)) {
                pending.note_picture(&planned);
                self.emit_video(planned);
            } else {
                self.video_timeline.break_off(false);
            }
        }
        let max_silence_secs = audio::max_silence_secs(start.duration_secs) - pending.silent_secs;
        let place = AudioPlace {
            zero_ticks,
            fallback_ticks: timeline_ticks,
            picture: pending.picture,
            max_silence_secs,
        };
        let plan = self.audio_timeline.plan(audio, place);
        pending.silent_secs += plan.silent_secs;
        pending.filled += plan.filled;
        pending.misplaced += plan.misplaced;
        for planned in plan.fragments {
            if self.bounds.includes(planned.start_secs, planned.end_secs) {
                self.emit_audio(planned);
            } else {
                self.audio_timeline.break_off(false);
            }
        }
        self.keep_both(pending, max_silence_secs);
    }

    /// Where a segment has one track alone, the other one goes on beside it, so far as there was one:
    /// as silence, or as the last key picture.
    fn keep_both(&mut self, pending: &mut PendingSegment, max_silence_secs: f64) {
        if let Some(picture) = pending.picture.filter(|_| !pending.has_audio) {
            let is_promised = self.is_sound_promised || self.ts.announces_both();
            let usual = is_promised.then_some(AacConfig::USUAL);
            let silence = self.audio_timeline.lay_silence(picture, usual, max_silence_secs);
            if let Some(planned) = silence {
                pending.silent_secs += planned.end_secs - planned.start_secs;
                self.emit_audio(planned);
            }
        }
        if pending.has_audio
            && !pending.has_video
            && let Some(end_ticks) = self.audio_timeline.end_ticks()
            && let Some(planned) = self.video_timeline.hold_picture(end_ticks)
        {
            self.emit_video(planned);
        }
    }

    /// The timestamp of presentation time zero: as known for this discontinuity sequence number,
    /// or so that this segment begins where its predecessor ended or the playlist says.
    fn zero_ticks(
        &mut self,
        start: &SegmentStart,
        firsts: Firsts,
        known: Option<TimestampMapping>,
    ) -> i64 {
        let timeline_ticks = ticks_of(start.timeline_start_secs);
        let Some(first) = firsts.earliest() else {
            return known.map_or(0, |mapping| mapping.zero_ticks);
        };
        // Where the track that decides ends now, and where it goes on.
        let end = match firsts {
            Firsts { video: Some(video), .. } => {
                self.video_timeline.end_ticks().map(|end| (end, video))
            }
            Firsts { audio: Some(audio), .. } => {
                self.audio_timeline.end_ticks().map(|end| (end, audio))
            }
            Firsts { .. } => None,
        };
        let is_near = |a: i64, b: i64| (a - b).abs() < MAX_JOIN_TICKS;
        if let Some(mapping) = known {
            // A segment that follows on may leave a hole, but never begins before its predecessor
            // ended.
            let goes_on = end.is_some_and(|(end, next)| is_near(next - mapping.zero_ticks, end));
            let goes_back =
                end.is_some_and(|(end, next)| next - mapping.zero_ticks < end - MAX_JOIN_TICKS);
            let is_in_place = !is_out_of_place(first - mapping.zero_ticks, timeline_ticks);
            if goes_on || is_in_place && !goes_back {
                return mapping.zero_ticks;
            }
            self.report("MPEG-TS", "timestamps that jump between segments".to_owned());
        }
        let zero_ticks = match end {
            Some((end, next)) if is_near(end, timeline_ticks) => next - end,
            _ => first - timeline_ticks,
        };
        self.mappings.set(TimestampMapping {
            discontinuity_sequence: start.discontinuity_sequence,
            zero_ticks,
        });
        zero_ticks
    }
}

/// The earliest timestamps of a segment, before mapping.
#[derive(Debug, Clone, Copy)]
struct Firsts {
    video: Option<i64>,
    audio: Option<i64>,
}

impl Firsts {
    fn earliest(self) -> Option<i64> {
        match (self.video, self.audio) {
            (Some(video), Some(audio)) => Some(video.min(audio)),
            (video, audio) => video.or(audio),
        }
    }
}
