//! Playback as the engine knows it: where it is, how it keeps to the live edge, what it cannot have.
//!
//! In: the media element, the timeline being played, how far the buffer reaches. Out: the start, the
//! live point, the distance from the edge. RFC 8216bis 6.3.3 says how far to stay from it. It loads
//! nothing.

use super::context::Context;
use super::input::PlaybackState;
use super::latency::{Ends, LatencyControl, Situation};
use super::output::Stats;
use super::playhead::Playhead;
use super::playlists::Entry;
use super::slow_link::SlowLink;
use crate::buffer::time_ranges;
use crate::media::TimeRange;
use crate::playlist::timeline::Timeline;

/// Holes remembered at most; the oldest are behind the playhead by then.
const MAX_GAPS: usize = 256;

/// What is played, and how.
#[derive(Debug)]
pub(super) struct Playback {
    /// Where the page wants it to begin.
    wanted_start_secs: Option<f64>,
    /// Where playback began; `None` until it is known.
    pub start_secs: Option<f64>,
    pub playhead: Playhead,
    pub latency: LatencyControl,
    pub slow_link: SlowLink,
    /// Spans that nothing will fill: missing segments.
    pub gaps: Vec<TimeRange>,
    /// The goal ahead, less than the settings' where the browser's quota is less.
    pub ahead_limit_secs: f64,
    pub max_gap_secs: f64,
    /// ManagedMediaSource wants data.
    pub is_streaming: bool,
}

impl Playback {
    pub fn new(context: &Context, wanted_start_secs: Option<f64>) -> Self {
        Self {
            wanted_start_secs,
            start_secs: None,
            playhead: Playhead::default(),
            latency: LatencyControl::default(),
            slow_link: SlowLink::default(),
            gaps: Vec::new(),
            ahead_limit_secs: context.config.buffer.ahead_secs,
            max_gap_secs: context.config.buffer.max_gap_secs,
            is_streaming: true,
        }
    }

    /// Decides where playback begins, once the first timeline is there. Gives it then.
    pub fn choose_start(&mut self, context: &mut Context, timeline: &Timeline) -> Option<f64> {
        if self.start_secs.is_some() || timeline.segments().is_empty() {
            return None;
        }
        let preferred_secs = timeline.preferred_start_secs();
        // Not `clamp`: it panics where a playlist's times are crossed, and its message formats floats.
        let start_secs = self
            .wanted_start_secs
            .map(|secs| secs.max(timeline.start_secs()).min(timeline.end_secs()))
            .or(preferred_secs)
            .or_else(|| timeline.live_secs(context.config.live.target_latency_secs))
            .unwrap_or_else(|| timeline.start_secs());
        self.latency.is_following = self.wanted_start_secs.is_none() && preferred_secs.is_none();
        self.start_secs = Some(start_secs);
        if start_secs > 0.0 {
            self.playhead.seek(context, start_secs);
        }
        Some(start_secs)
    }

    /// The live point; `None` where it is not live.
    pub fn live_secs(&self, context: &Context, entry: &Entry) -> Option<f64> {
        let target_secs = self.target_latency_secs(context, entry)?;
        entry.timeline.live_secs(Some(target_secs))
    }

    /// The live point, with what was made since the list came.
    pub fn live_now_secs(&self, context: &Context, entry: &Entry) -> Option<f64> {
        let live_secs = self.live_secs(context, entry)?;
        // The list may be a while old: who is far behind the edge does not follow it. Where every
        // second counts, that one does.
        let is_low_latency = entry.step_secs() < entry.target_secs();
        let since_secs = if is_low_latency { entry.age(context.now).as_secs_f64() } else { 0.0 };
        let since_secs = since_secs.min(entry.target_secs());
        Some((live_secs + since_secs).min(entry.timeline.end_secs()).max(live_secs))
    }

    /// How far from the edge playback is to be, what stalls added included; `None` where it is not
    /// live.
    pub fn target_latency_secs(&self, context: &Context, entry: &Entry) -> Option<f64> {
        Some(self.latency.target_secs(self.hold_back_secs(context, entry)?))
    }

    /// The same without what stalls added: what the page says, else the playlist, else what this link
    /// was seen to need.
    pub fn hold_back_secs(&self, context: &Context, entry: &Entry) -> Option<f64> {
        let wanted_secs = context.config.live.target_latency_secs;
        let timeline = &entry.timeline;
        let hold_back_secs = timeline.hold_back_secs(wanted_secs)?;
        let is_open = wanted_secs.is_none() && timeline.is_held_back_by_guess();
        Some(match is_open {
            true => self.latency.reserve_secs(context.now, hold_back_secs),
            false => hold_back_secs,
        })
    }

    /// The live point, where playback fell out of the window with nothing buffered and nothing on its
    /// way.
    pub fn return_to_live_secs(
        &self,
        context: &Context,
        entry: &Entry,
        (soon, is_loading): (&[TimeRange], bool),
    ) -> Option<f64> {
        let live_secs = self.live_secs(context, entry)?;
        let window_start_secs = entry.timeline.start_secs();
        let playhead_secs = self.playhead.secs();
        let is_dry = time_ranges::covered_until(soon, playhead_secs) - playhead_secs < 0.1;
        // Half a segment: the rounding of EXTINF is no reason to jump.
        let is_out = playhead_secs < window_start_secs - entry.target_secs() / 2.0;
        // Loading may have gone on in the window already; then the hole is jumped over.
        let is_caught_up = soon.last().is_some_and(|last| last.end_secs > window_start_secs);
        let is_lost = is_out && is_dry && !is_loading && !is_caught_up;
        (is_lost && self.start_secs.is_some()).then_some(live_secs)
    }

    /// Where loading goes on when the window slid past it: the live point, and where the segment that
    /// covers that begins. `None` while much is buffered, as by then the live point would be another,
    /// and while playback is paused, which may be for hours.
    pub fn catch_up_secs(
        &self,
        context: &Context,
        entry: Option<&Entry>,
        (first_secs, ahead_secs): (f64, f64),
    ) -> Option<(f64, f64)> {
        let reserve_secs = entry.map_or(0.0, |entry| 2.0 * entry.target_secs());
        if self.playhead.state.is_paused || ahead_secs > reserve_secs {
            return None;
        }
        let live_secs = entry.and_then(|entry| self.live_secs(context, entry));
        let live_secs = live_secs.unwrap_or(first_secs).max(first_secs);
        let covering = entry.and_then(|entry| entry.timeline.segment_at(live_secs));
        Some((live_secs, covering.map_or(live_secs, |placed| placed.start_secs)))
    }

    /// Takes in how far the timeline and the buffer reach.
    pub fn watch_edge(&mut self, context: &Context, entry: &Entry, playable_secs: f64) {
        if !entry.timeline.is_live() {
            return;
        }
        let ends = Ends {
            edge_secs: entry.timeline.end_secs(),
            step_secs: entry.step_secs(),
            playable_secs,
        };
        self.latency.note_edge(context.now, ends);
    }

    /// What [`super::latency`] asks for; `None` where it is not live.
    pub fn situation(
        &self,
        context: &Context,
        entry: &Entry,
        ahead_secs: f64,
    ) -> Option<Situation> {
        let target_secs = self.hold_back_secs(context, entry)?;
        Some(Situation {
            now: context.now,
            edge_secs: entry.timeline.end_secs(),
            target_secs,
            playhead_secs: self.playhead.secs(),
            ahead_secs,
            state: self.playhead.state,
        })
    }

    /// The figures that are of playback.
    pub fn stats(&self, context: &Context, entry: Option<&Entry>, ahead_secs: f64) -> Stats {
        let PlaybackState { current_time_secs, unix_millis, playback_rate, .. } =
            self.playhead.state;
        let edge_secs =
            entry.filter(|it| it.timeline.is_live()).map(|entry| entry.timeline.end_secs());
        let situation = entry.and_then(|entry| self.situation(context, entry, ahead_secs));
        let shown_unix_millis = entry
            .filter(|_| situation.is_some())
            .and_then(|entry| entry.timeline.unix_millis_at(current_time_secs));
        Stats {
            buffer_ahead_secs: ahead_secs.max(0.0),
            live_latency_secs: edge_secs.map(|edge_secs| edge_secs - self.playhead.secs()),
            target_latency_secs: entry.and_then(|it| self.target_latency_secs(context, it)),
            is_at_live_edge: situation.is_some_and(|it| self.latency.is_at_live_edge(&it)),
            end_to_end_latency_secs: unix_millis
                .zip(shown_unix_millis)
                .map(|(now, shown)| (now - shown) / 1000.0),
            playback_rate,
            stalls: self.latency.stalls,
            ..Stats::default()
        }
    }

    /// Media ahead of the playhead in what is playable, or will be once the queues have run.
    pub fn ahead_secs(&self, ranges: &[TimeRange]) -> f64 {
        let playhead_secs = self.playhead.secs();
        // A start gap or a hole that will be jumped does not make the buffer empty.
        let from_secs = time_ranges::range_at(ranges, playhead_secs)
            .or_else(|| {
                time_ranges::next_range(ranges, playhead_secs)
                    .filter(|next| next.start_secs - playhead_secs <= self.max_gap_secs)
            })
            .map_or(playhead_secs, |range| range.start_secs.max(playhead_secs));
        time_ranges::covered_until(ranges, from_secs) - playhead_secs
    }

    /// How much between two moments will never be there.
    pub fn gap_secs_between(&self, from_secs: f64, to_secs: f64) -> f64 {
        let overlap = |gap: &TimeRange| gap.end_secs.min(to_secs) - gap.start_secs.max(from_secs);
        self.gaps.iter().map(overlap).filter(|secs| *secs > 0.0).sum()
    }

    /// Nothing will fill this span.
    pub fn note_gap(&mut self, span: TimeRange) {
        time_ranges::insert(&mut self.gaps, span);
        if self.gaps.len() > MAX_GAPS {
            self.gaps.remove(0);
        }
    }
}

/// Where to load from for playback at `at_secs`: the very end has its last segment to show.
pub(super) fn load_from_secs(entry: Option<&Entry>, at_secs: f64) -> f64 {
    let ended = entry.filter(|entry| !entry.timeline.is_live());
    let end_secs = ended.map_or(f64::INFINITY, |entry| entry.timeline.end_secs() - 0.1);
    at_secs.min(end_secs).max(0.0)
}
