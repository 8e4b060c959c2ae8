//! A media element with its media source, simulated: what a browser does with appends, removals
//! and seeks, as far as the engine can tell.
//!
//! In: sink commands with their bytes, the passing of time. Out: sink events and the element's
//! state. It is strict: it stops at every hole, takes nothing while updating, refuses tracks after
//! the first append, and has a quota.

use std::collections::{BTreeMap, VecDeque};

use videosphere::engine::{PlaybackState, SinkEvent};
use videosphere::media::{TimeRange, TrackKind};

use crate::mp4;

/// Media in a source buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub start_secs: f64,
    pub end_secs: f64,
    pub variant: u32,
    pub bytes: u64,
}

#[derive(Debug, Default)]
pub struct SourceBuffer {
    pub mime: String,
    pub spans: Vec<Span>,
    tracks: mp4::Tracks,
    offset_secs: f64,
    window_secs: f64,
    has_init: bool,
    is_updating: bool,
}

/// Of the origins' sound.
const FRAME_SECS: f64 = 0.04;

/// Neighbouring spans closer than this touch: less than a frame at 25 fps.
const TOUCH_SECS: f64 = 0.03;

impl SourceBuffer {
    pub fn buffered(&self) -> Vec<TimeRange> {
        let mut ranges: Vec<TimeRange> = Vec::new();
        for span in &self.spans {
            match ranges.last_mut() {
                Some(last) if span.start_secs - last.end_secs < TOUCH_SECS => {
                    last.end_secs = last.end_secs.max(span.end_secs);
                }
                _ => {
                    ranges.push(TimeRange { start_secs: span.start_secs, end_secs: span.end_secs })
                }
            }
        }
        ranges
    }

    fn bytes(&self) -> u64 {
        self.spans.iter().map(|span| span.bytes).sum()
    }

    /// Cuts a piece out, as removal and overwriting do.
    fn cut(&mut self, from_secs: f64, to_secs: f64) {
        let mut kept = Vec::new();
        for span in self.spans.drain(..) {
            let rate = span.bytes as f64 / (span.end_secs - span.start_secs);
            for (start_secs, end_secs) in [
                (span.start_secs, span.end_secs.min(from_secs)),
                (span.start_secs.max(to_secs), span.end_secs),
            ] {
                if end_secs - start_secs > 1e-6 {
                    let bytes = ((end_secs - start_secs) * rate) as u64;
                    kept.push(Span { start_secs, end_secs, bytes, ..span });
                }
            }
        }
        self.spans = kept;
    }

    fn insert(&mut self, span: Span) {
        self.cut(span.start_secs, span.end_secs);
        let at = self.spans.partition_point(|other| other.start_secs < span.start_secs);
        self.spans.insert(at, span);
    }
}

/// The element.
#[derive(Debug)]
pub struct Element {
    pub tracks: BTreeMap<TrackKind, SourceBuffer>,
    pub state: PlaybackState,
    pub is_open: bool,
    pub is_ended: bool,
    pub duration_secs: f64,
    pub seekable: Option<(f64, f64)>,
    /// Bytes each source buffer holds at most.
    pub quota_bytes: u64,
    pub quota_hits: u32,
    /// A sample counts for no longer than this.
    pub longest_ticks: Option<u32>,
    /// `sourceopen` comes so late.
    pub opens_after_secs: f64,
    clock_secs: f64,
    /// Media that begins within these is refused, and how often.
    pub refuses: Vec<(f64, f64, u32)>,
    /// Media that begins within these is taken and then cannot be decoded.
    pub undecodable: Vec<(f64, f64)>,
    /// Answers not yet delivered: they come a little later, as events do.
    pub answers: VecDeque<SinkEvent>,
    pub stalled_secs: f64,
    pub stalls: u32,
    has_played: bool,
    has_failed: bool,
    is_stalled: bool,
    pub seeks: Vec<f64>,
    /// Rates the engine set, with where playback was.
    pub rates: Vec<(f64, f64)>,
}

impl Default for Element {
    fn default() -> Self {
        Self {
            tracks: BTreeMap::new(),
            state: PlaybackState { playback_rate: 1.0, ..PlaybackState::default() },
            is_open: false,
            is_ended: false,
            duration_secs: f64::NAN,
            seekable: None,
            quota_bytes: u64::MAX,
            quota_hits: 0,
            longest_ticks: None,
            opens_after_secs: 0.0,
            clock_secs: 0.0,
            refuses: Vec::new(),
            undecodable: Vec::new(),
            answers: VecDeque::new(),
            stalled_secs: 0.0,
            stalls: 0,
            has_played: false,
            has_failed: false,
            is_stalled: false,
            seeks: Vec::new(),
            rates: Vec::new(),
        }
    }
}

impl Element {
    pub fn open(&mut self) {
        assert!(!self.is_open, "a media source opened over another");
        self.is_open = true;
        self.answers.push_back(SinkEvent::Opened);
    }

    pub fn close(&mut self) {
        self.tracks.clear();
        self.is_open = false;
        self.is_ended = false;
        self.duration_secs = f64::NAN;
        self.seekable = None;
        self.answers.clear();
        self.has_failed = false;
        self.state = PlaybackState {
            playback_rate: self.state.playback_rate,
            is_paused: self.state.is_paused,
            ..PlaybackState::default()
        };
    }

    pub fn add_track(&mut self, kind: TrackKind, mime: String) {
        assert!(self.is_open, "a track before sourceopen");
        assert!(self.tracks.values().all(|track| !track.has_init), "a track after an append");
        assert!(mime.contains("codecs=\""), "{mime}");
        let tracks = mp4::Tracks::with_longest(self.longest_ticks);
        let track = SourceBuffer { mime, tracks, ..SourceBuffer::default() };
        let before = self.tracks.insert(kind, track);
        assert!(before.is_none(), "a track twice");
    }

    fn idle_track(&mut self, kind: TrackKind) -> &mut SourceBuffer {
        let track = self.tracks.get_mut(&kind).expect("an operation on a track never added");
        assert!(!track.is_updating, "an operation while updating");
        track
    }

    pub fn change_type(&mut self, kind: TrackKind, mime: String) {
        self.idle_track(kind).mime = mime;
    }

    pub fn set_offset(&mut self, kind: TrackKind, offset_secs: f64) {
        assert!(offset_secs.is_finite());
        self.idle_track(kind).offset_secs = offset_secs;
    }

    pub fn set_append_window(&mut self, kind: TrackKind, start_secs: f64) {
        assert!(start_secs.is_finite() && start_secs >= 0.0);
        self.idle_track(kind).window_secs = start_secs;
    }

    pub fn append(&mut self, kind: TrackKind, bytes: &[u8]) {
        // A seek made before there is metadata is forgotten where nothing can be sought to.
        let is_seekable = self.duration_secs.is_finite() || self.seekable.is_some();
        assert!(is_seekable, "an append to a live source without a seekable range");
        let quota = self.quota_bytes;
        let track = self.idle_track(kind);
        if track.bytes() + bytes.len() as u64 > quota && !track.spans.is_empty() {
            self.quota_hits += 1;
            self.answers.push_back(SinkEvent::QuotaExceeded { track: kind });
            track_updating(self, kind);
            return;
        }
        let appended = mp4::read(bytes, &mut track.tracks);
        track.has_init |= appended.has_init;
        assert!(track.has_init, "a media segment before any init segment");
        let offset_secs = track.offset_secs;
        let start_secs = appended.spans.first().map(|(start_secs, ..)| start_secs + offset_secs);
        if start_secs.is_some_and(|start_secs| self.refuses_at(start_secs)) {
            let detail = "it could not be parsed".to_owned();
            self.answers.push_back(SinkEvent::Rejected { track: kind, detail });
            track_updating(self, kind);
            return;
        }
        let track = self.idle_track(kind);
        for (start_secs, end_secs, variant, bytes) in appended.spans {
            let start_secs = start_secs + track.offset_secs;
            let end_secs = end_secs + track.offset_secs;
            // Before zero single frames of sound are left out, of a picture all up to a key frame.
            let start_secs = if kind == TrackKind::Audio && start_secs < 0.0 {
                start_secs + (-start_secs / FRAME_SECS).ceil() * FRAME_SECS
            } else {
                start_secs
            };
            // Of sound single frames are left out before the append window.
            let start_secs = if kind == TrackKind::Audio && start_secs < track.window_secs {
                let frames = ((track.window_secs - start_secs) / FRAME_SECS).ceil();
                start_secs + frames * FRAME_SECS
            } else {
                start_secs
            };
            if start_secs >= -1e-6 && start_secs < end_secs {
                track.insert(Span { start_secs, end_secs, variant, bytes });
            }
        }
        let buffered = track.buffered();
        self.is_ended = false;
        self.answers.push_back(SinkEvent::Updated { track: kind, buffered });
        track_updating(self, kind);
    }

    fn refuses_at(&mut self, secs: f64) -> bool {
        let refusal = self.refuses.iter_mut().find(|(from_secs, to_secs, times)| {
            *times > 0 && (*from_secs..*to_secs).contains(&secs)
        });
        refusal.is_some_and(|(_, _, times)| {
            *times -= 1;
            true
        })
    }

    pub fn remove(&mut self, kind: TrackKind, start_secs: f64, end_secs: f64) {
        assert!(start_secs < end_secs);
        let at_secs = self.state.current_time_secs;
        assert!(
            self.state.is_seeking || end_secs <= at_secs || start_secs > at_secs,
            "removal of what is playing: {start_secs}–{end_secs} at {at_secs}"
        );
        let track = self.idle_track(kind);
        track.cut(start_secs, end_secs);
        let buffered = track.buffered();
        self.is_ended = false;
        self.answers.push_back(SinkEvent::Updated { track: kind, buffered });
        track_updating(self, kind);
    }

    /// The next answer; its track is no longer updating.
    pub fn next_answer(&mut self) -> Option<SinkEvent> {
        let is_opening = matches!(self.answers.front(), Some(SinkEvent::Opened));
        if is_opening && self.clock_secs < self.opens_after_secs {
            return None;
        }
        let answer = self.answers.pop_front()?;
        if let SinkEvent::Updated { track, .. }
        | SinkEvent::QuotaExceeded { track }
        | SinkEvent::Rejected { track, .. } = &answer
            && let Some(track) = self.tracks.get_mut(track)
        {
            track.is_updating = false;
        }
        Some(answer)
    }

    pub fn set_duration(&mut self, secs: f64) {
        assert!(self.is_open && self.tracks.values().all(|track| !track.is_updating));
        self.duration_secs = secs;
    }

    pub fn end_of_stream(&mut self) {
        assert!(self.is_open && self.tracks.values().all(|track| !track.is_updating));
        self.is_ended = true;
        self.duration_secs = self.end_secs();
    }

    /// Where the longest track ends.
    fn end_secs(&self) -> f64 {
        let ends = self.tracks.values().filter_map(|track| track.buffered().last().copied());
        ends.map(|last| last.end_secs).fold(0.0, f64::max)
    }

    /// What all tracks have; after the end of the stream the shorter ones do without.
    pub fn playable(&self) -> Vec<TimeRange> {
        let end_secs = if self.is_ended { self.end_secs() } else { 0.0 };
        let mut tracks = self.tracks.values().map(|track| {
            let mut ranges = track.buffered();
            if let Some(last) = ranges.last_mut() {
                last.end_secs = last.end_secs.max(end_secs);
            }
            ranges
        });
        let first = tracks.next().unwrap_or_default();
        tracks.fold(first, |left, right| {
            let mut both = Vec::new();
            for l in &left {
                for r in &right {
                    let start_secs = l.start_secs.max(r.start_secs);
                    let end_secs = l.end_secs.min(r.end_secs);
                    if start_secs < end_secs {
                        both.push(TimeRange { start_secs, end_secs });
                    }
                }
            }
            both
        })
    }

    pub fn buffered_until(&self) -> f64 {
        let at_secs = self.state.current_time_secs;
        let ranges = self.playable();
        let here = ranges
            .iter()
            .find(|range| range.start_secs <= at_secs + 1e-9 && at_secs < range.end_secs);
        here.map_or(at_secs, |range| range.end_secs)
    }

    pub fn seek(&mut self, to_secs: f64) {
        assert!(to_secs.is_finite() && to_secs >= 0.0);
        // Never past the end, as the HTML standard has it.
        let to_secs =
            if self.duration_secs.is_finite() { to_secs.min(self.duration_secs) } else { to_secs };
        self.seeks.push(to_secs);
        self.state.current_time_secs = to_secs;
        self.state.is_seeking = true;
        self.state.is_ended = false;
        // A stall that a seek ends is still a stall; the wait after a seek is none.
        self.is_stalled = true;
    }

    /// The engine sets the rate; the page's own goes before.
    pub fn set_catchup_rate(&mut self, rate: f64) {
        assert!((0.9..=1.2).contains(&rate), "{rate}");
        let is_pages = !self.state.is_catchup_rate && self.state.playback_rate != 1.0;
        if !is_pages {
            self.rates.push((self.state.current_time_secs, rate));
            self.state.playback_rate = rate;
            self.state.is_catchup_rate = rate != 1.0;
        }
    }

    /// Time passes.
    pub fn advance(&mut self, step_secs: f64) {
        self.clock_secs += step_secs;
        let ahead_secs = self.buffered_until() - self.state.current_time_secs;
        let is_at_end =
            self.is_ended && self.state.current_time_secs >= self.duration_secs - TOUCH_SECS;
        let has_metadata =
            !self.tracks.is_empty() && self.tracks.values().all(|track| track.has_init);
        self.state.ready_state = match ahead_secs {
            _ if !has_metadata => 0,
            _ if is_at_end => 2,
            ahead if ahead > 1.0 => 4,
            ahead if ahead > 0.05 => 3,
            ahead if ahead > 0.0 => 2,
            _ => 1,
        };
        if self.state.ready_state >= 2 {
            self.state.is_seeking = false;
        }
        if self.state.is_paused || self.state.is_ended {
            return;
        }
        if is_at_end {
            self.state.is_ended = true;
            return;
        }
        let rate = self.state.playback_rate;
        let can_move =
            self.state.ready_state >= 3 || (self.state.ready_state == 2 && self.is_ended);
        let decoded_secs = self.state.current_time_secs + 0.1;
        let is_hit =
            |(from_secs, to_secs): &(f64, f64)| (*from_secs..*to_secs).contains(&decoded_secs);
        if can_move && self.undecodable.iter().any(is_hit) {
            if !self.has_failed {
                self.has_failed = true;
                let message = "it could not be decoded".to_owned();
                self.answers.push_back(SinkEvent::MediaError { code: 3, message });
            }
            return;
        }
        if can_move {
            self.state.current_time_secs += (step_secs * rate).min(ahead_secs);
            self.has_played = true;
            self.is_stalled = false;
        } else if self.has_played {
            if !self.is_stalled {
                self.stalls += 1;
            }
            self.is_stalled = true;
            if !self.state.is_seeking {
                self.stalled_secs += step_secs;
            }
        }
    }
}

fn track_updating(element: &mut Element, kind: TrackKind) {
    if let Some(track) = element.tracks.get_mut(&kind) {
        track.is_updating = true;
    }
}
