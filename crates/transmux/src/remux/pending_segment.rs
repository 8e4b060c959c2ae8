//! How far a segment has come on its way to the presentation timeline.
//!
//! In: runs as the demuxers close them. Out: whether they can be placed yet, and what had to be
//! repaired, told once at the end. Where they belong is [`super::emit`]'s to say.

use super::audio::Span;
use super::timestamps::{Jumps, TimestampUnwrapper};
use super::video::{PlannedVideo, VideoClock};
use crate::demux::audio_config::AudioCodec;
use crate::demux::audio_track::AudioRun;
use crate::demux::h264::VideoRun;
use crate::demux::metadata::TimedTag;

/// The other track is waited for during so many pieces of the one that came: about a second. Which
/// of the two begins earlier says where time zero lies.
const MAX_WAITING_RUNS: usize = 10;

/// How far a segment has come.
#[derive(Debug, Default)]
pub(super) struct PendingSegment {
    pub(super) video: Vec<VideoRun>,
    pub(super) audio: Vec<AudioRun>,
    pub(super) tags: Vec<TimedTag>,
    pub(super) clocks: Option<Clocks>,
    pub(super) zero_ticks: Option<i64>,
    pub(super) has_video: bool,
    pub(super) has_audio: bool,
    /// Some of its video was placed.
    pub(super) is_video_begun: bool,
    pub(super) undecodable: usize,
    /// Where it has a picture.
    pub(super) picture: Option<Span>,
    pub(super) silent_secs: f64,
    pub(super) filled: i64,
    pub(super) misplaced: usize,
}

/// Timestamps unwrapped so far.
#[derive(Debug)]
pub(super) struct Clocks {
    pub(super) near: i64,
    pub(super) video: VideoClock,
    pub(super) audio: Option<TimestampUnwrapper>,
    pub(super) jumps: Jumps,
}

impl PendingSegment {
    /// Takes in what comes next.
    pub(super) fn add(&mut self, video: Vec<VideoRun>, audio: Vec<AudioRun>) {
        self.has_video |= !video.is_empty();
        self.has_audio |= !audio.is_empty();
        self.video.extend(video);
        self.audio.extend(audio);
    }

    pub(super) fn note_picture(&mut self, planned: &PlannedVideo) {
        let PlannedVideo { start_ticks, end_ticks, .. } = *planned;
        let picture = self.picture.get_or_insert(Span { start_ticks, end_ticks });
        picture.start_ticks = picture.start_ticks.min(start_ticks);
        picture.end_ticks = picture.end_ticks.max(end_ticks);
    }

    /// Whether anything came yet.
    pub(super) fn has_media(&self) -> bool {
        self.has_video || self.has_audio
    }

    /// Whether what came can be placed. `has_both`: both tracks are announced.
    pub(super) fn is_ready(&self, has_both: bool) -> bool {
        let is_waiting = has_both
            && self.zero_ticks.is_none()
            && !(self.has_video && self.has_audio)
            && self.video.len() + self.audio.len() < MAX_WAITING_RUNS;
        let is_empty = self.video.is_empty() && self.audio.is_empty();
        !is_waiting && !is_empty
    }

    /// Tells what was repaired or left out.
    pub(super) fn tell_problems(
        &self,
        codec: AudioCodec,
        mut tell: impl FnMut(&'static str, String),
    ) {
        if self.clocks.as_ref().is_some_and(|clocks| clocks.jumps.count() > 0) {
            tell("MPEG-TS", "timestamps that jump inside a segment".to_owned());
        }
        if self.undecodable > 0 {
            tell("H.264", format!("{} pictures before a key frame, left out", self.undecodable));
        }
        if self.filled > 0 {
            tell(codec.name(), format!("{} missing frames, filled with silence", self.filled));
        }
        if self.misplaced > 0 {
            tell(
                codec.name(),
                format!("{} overlapping frames, or too far apart, left out", self.misplaced),
            );
        }
    }

    /// The first timestamp as it stands in the stream.
    pub(super) fn first_raw(&self) -> Option<u64> {
        let by_video = self.video.first().and_then(|run| {
            run.units.iter().find_map(|unit| unit.timestamps).map(|stamps| stamps.dts)
        });
        by_video.or_else(|| {
            self.audio.first().and_then(|run| run.frames.iter().find_map(|frame| frame.pts))
        })
    }
}
