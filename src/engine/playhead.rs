//! Where playback is, where it was sent, and whether it is stuck.
//!
//! In: the media element as it is. Out: where playback is or will be, jumps that were not ours, and
//! what to do about a standstill. It never seeks but over a hole, to the start, or to the live
//! point.

use super::context::Context;
use super::input::PlaybackState;
use super::output::SinkCommand;
use crate::buffer::gaps::{Remedy, Situation, StallWatch};
use crate::media::TimeRange;
use crate::time::{Duration, Instant};

/// A seek of ours counts as done within this of its target.
const ARRIVED_SECS: f64 = 0.3;
/// After this the element went somewhere else.
const SEEK_TIMEOUT: Duration = Duration::from_secs(3);
/// Full source buffers are tried again once playback has moved on by so much.
const RELIEF_SECS: f64 = 1.0;

/// The media element, and a seek of ours it has not yet confirmed.
#[derive(Debug, Default)]
pub(super) struct Playhead {
    pub state: PlaybackState,
    seen_at: Option<Instant>,
    sent_to: Option<(f64, Instant)>,
    stall: StallWatch,
    /// The hole fetched last: fetching it again would give the same.
    fetched_hole_secs: Option<f64>,
    /// Where the playhead was when a full buffer was last tried.
    pub tried_full_at_secs: f64,
}

impl Playhead {
    /// Where playback is, or is on its way to.
    pub fn secs(&self) -> f64 {
        self.sent_to.map_or(self.state.current_time_secs, |(target, _)| target)
    }

    /// The same now: it has played on since it reported, for so long at most.
    pub fn secs_now(&self, now: Instant) -> f64 {
        const LONGEST: Duration = Duration::from_secs(1);
        const HAVE_FUTURE_DATA: u8 = 3;
        let state = &self.state;
        let is_moving = self.sent_to.is_none()
            && !state.is_paused
            && !state.is_seeking
            && state.ready_state >= HAVE_FUTURE_DATA;
        let elapsed = self.seen_at.filter(|_| is_moving).map_or(Duration::ZERO, |at| now - at);
        self.secs() + most_played_secs(elapsed.min(LONGEST), *state)
    }

    /// The element reported, and plays or wants to.
    pub fn is_playing(&self) -> bool {
        self.seen_at.is_some() && !self.state.is_paused
    }

    /// Sends the media element somewhere.
    pub fn seek(&mut self, context: &mut Context, to_secs: f64) {
        self.sent_to = Some((to_secs, context.now));
        context.sink(SinkCommand::Seek { to_secs });
    }

    /// The machine slept: the element did not play then, and a seek has had no time to arrive.
    pub fn on_woken(&mut self, context: &Context) {
        self.stall = StallWatch::default();
        if let Some((_, since)) = &mut self.sent_to {
            *since = context.now;
        }
    }

    /// Takes in the element's state; gives where it jumped to, if it did.
    pub fn observe(
        &mut self,
        context: &mut Context,
        state: PlaybackState,
        has_media: bool,
    ) -> Option<Jumped> {
        let before_secs = self.secs();
        let was_seeking = self.state.is_seeking;
        let elapsed = self.seen_at.map_or(Duration::ZERO, |at| context.now - at);
        self.state = state;
        self.seen_at = Some(context.now);
        let now_secs = state.current_time_secs;
        if let Some((target_secs, since)) = self.sent_to {
            // A hidden page reports rarely: it has played on by then.
            let played_secs =
                if state.is_seeking { 0.0 } else { most_played_secs(context.now - since, state) };
            if (-ARRIVED_SECS..ARRIVED_SECS + played_secs).contains(&(now_secs - target_secs)) {
                self.sent_to = None;
                return None;
            }
            if !has_media {
                return None;
            }
            if context.now - since < SEEK_TIMEOUT {
                return None;
            }
            // Some elements forget a seek made before they had data.
            if now_secs < ARRIVED_SECS && target_secs > 1.0 && !state.is_seeking {
                self.seek(context, target_secs);
                return None;
            }
            self.sent_to = None;
        }
        let moved_secs = now_secs - before_secs;
        let most_secs = most_played_secs(elapsed, state) + 1.0;
        let has_jumped = moved_secs < -0.1 || moved_secs > most_secs;
        (has_jumped || (state.is_seeking && (!was_seeking || moved_secs.abs() > 0.01)))
            .then_some(Jumped { to_secs: now_secs, is_seek: state.is_seeking })
    }

    /// What to do about a playhead that is stuck, if it is.
    pub fn remedy(
        &mut self,
        now: Instant,
        playable: &[TimeRange],
        (gaps, max_gap_secs): (&[TimeRange], f64),
    ) -> Option<Remedy> {
        const HAVE_CURRENT_DATA: u8 = 2;
        let state = self.state;
        if playable.is_empty() || state.is_ended {
            return None;
        }
        self.stall.observe(Situation {
            now,
            playhead_secs: state.current_time_secs,
            wants_to_move: !state.is_paused
                || state.is_seeking
                || state.ready_state < HAVE_CURRENT_DATA,
            can_play: state.ready_state > HAVE_CURRENT_DATA,
            playable,
            gaps,
            max_gap_secs,
        })
    }

    /// A hole from here on is to be filled. False where that was tried: it cannot be.
    pub fn may_fetch_hole(&mut self, from_secs: f64, within_secs: f64) -> bool {
        let is_tried =
            self.fetched_hole_secs.is_some_and(|it| (it - from_secs).abs() <= within_secs);
        if !is_tried {
            self.fetched_hole_secs = Some(from_secs);
        }
        !is_tried
    }

    /// Playback is elsewhere: holes are tried again.
    pub fn forget_holes(&mut self) {
        self.fetched_hole_secs = None;
    }

    /// The element played all that it was given, of which this is the end.
    pub fn has_run_dry(&self, playable_end_secs: Option<f64>, within_secs: f64) -> bool {
        const HAVE_FUTURE_DATA: u8 = 3;
        let left_secs = |end_secs: f64| (end_secs - self.state.current_time_secs).abs();
        self.state.ready_state < HAVE_FUTURE_DATA
            && playable_end_secs.is_some_and(|end_secs| left_secs(end_secs) < within_secs)
    }

    /// It has moved on since a full buffer was last tried.
    pub fn may_relieve(&self, playhead_secs: f64) -> bool {
        (playhead_secs - self.tried_full_at_secs).abs() >= RELIEF_SECS
    }
}

/// How far playback comes in that time at most.
fn most_played_secs(elapsed: Duration, state: PlaybackState) -> f64 {
    elapsed.as_secs_f64() * state.playback_rate.abs().max(1.0)
}

/// The element is elsewhere than playing led it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jumped {
    pub to_secs: f64,
    /// The viewer sent it there. Else it skipped something, or its state was long on its way, as
    /// after the machine slept.
    pub is_seek: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EngineConfig;

    fn at(current_time_secs: f64, is_seeking: bool) -> PlaybackState {
        PlaybackState { current_time_secs, is_seeking, playback_rate: 1.0, ..Default::default() }
    }

    /// A playhead that played at 10 s and was sent to 50 s, a second ago.
    fn sent() -> (Playhead, Context) {
        let mut context = Context::new(EngineConfig::default(), crate::engine::transmuxer);
        let mut playhead = Playhead::default();
        playhead.observe(&mut context, at(10.0, false), true);
        playhead.seek(&mut context, 50.0);
        context.now += Duration::from_secs(1);
        (playhead, context)
    }

    #[test]
    fn a_seek_has_arrived_where_playback_has_gone_on_from_its_target() {
        let (mut playhead, mut context) = sent();
        assert!(playhead.observe(&mut context, at(50.9, false), true).is_none());
        let back = playhead.observe(&mut context, at(3.0, true), true);
        assert!(back.is_some_and(|it| it.is_seek && it.to_secs == 3.0), "the viewer's, at once");
    }

    #[test]
    fn a_state_from_before_a_seek_is_none_of_the_viewers() {
        let (mut playhead, mut context) = sent();
        assert!(playhead.observe(&mut context, at(10.9, false), true).is_none());
        assert_eq!(playhead.secs(), 50.0);
        assert!(playhead.observe(&mut context, at(50.9, true), true).is_none());
        assert_eq!(playhead.secs(), 50.0, "a seek that is under way has not played on");
    }
}
