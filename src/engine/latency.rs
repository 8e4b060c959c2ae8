//! Staying at the live point: how far from the edge, and what to do when playback is elsewhere.
//!
//! In: the end of the live timeline, the wanted distance from it, the media element, the buffer.
//! Out: a playback rate within bounds, or a jump to live where no rate would do in reasonable time.
//! Stalls move the wanted point back by steps, calm brings it forward again. Pure: it asks nobody,
//! and never acts while the viewer is elsewhere, paused, seeking, or plays at a rate of their own.

use super::edge::Edge;
use super::input::PlaybackState;
use crate::config::LiveConfig;
use crate::time::{Duration, Instant};

/// Off the target by this share of it nothing is done yet, within these bounds.
const TOLERANCE_SHARE: f64 = 0.15;
const TOLERANCE_SECS: (f64, f64) = (0.15, 1.0);
/// A correction ends within this share of the tolerance.
const SETTLED_SHARE: f64 = 0.25;
/// So near to the edge little counts too: a correction ends within the one, and begins beyond the
/// other where that lasts.
const NEAR_SECS: f64 = 2.0;
const NEAR_SETTLED_SECS: f64 = 0.01;
const NEAR_OFF_SECS: f64 = 0.03;
const NEAR_OFF_FOR: Duration = Duration::from_secs(4);
/// Change of rate for each second off the target.
const RATE_PER_SEC: f64 = 0.25;
/// Smaller changes of rate are not worth the media element's trouble.
const RATE_STEP: f64 = 0.02;
/// Nothing is caught up with less than this ahead, or this share of the target if that is less.
const GUARD_SECS: f64 = 1.0;
const GUARD_SHARE: f64 = 0.35;
/// A stall with more than this ahead is no lack of buffer.
const DRY_SECS: f64 = 0.5;
/// What a stall adds to the target, as a share of it and within these bounds, and the most of all.
const STALL_SHARE: f64 = 0.25;
const STALL_SECS: (f64, f64) = (0.3, 1.5);
const MAX_STALL_STEPS: f64 = 6.0;
/// So long after a start or a seek the buffer is thin by itself; a stall moves nothing but playback.
const START_UP: Duration = Duration::from_secs(3);
/// Without a stall for so long, a step is taken back; twice as long where that brought a stall.
const MIN_CALM: Duration = Duration::from_secs(30);
const MAX_CALM: Duration = Duration::from_secs(600);
/// Jumps are this far apart at least: a sender that cannot keep up is not jumped after.
const JUMP_INTERVAL: Duration = Duration::from_secs(10);
/// Nearer to the live point than this, or half the target if that is more, is "live".
const LIVE_SECS: f64 = 2.0;

/// What is kept beyond the latest that media came, and the least of both: decoders want some, and
/// the playhead is reported but four times a second.
const RESERVE_SECS: f64 = 0.25;
const MIN_RESERVE_SECS: f64 = 0.7;

/// How far things reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    /// The live timeline.
    pub edge_secs: f64,
    /// By so much it grows at a time, as a rule.
    pub step_secs: f64,
    /// What the source buffers have of it.
    pub playable_secs: f64,
}

/// What there is to know at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation {
    pub now: Instant,
    /// Where the live timeline ends.
    pub edge_secs: f64,
    /// Wanted distance from there, as the page or the playlist says.
    pub target_secs: f64,
    pub playhead_secs: f64,
    pub ahead_secs: f64,
    pub state: PlaybackState,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Act {
    /// Play at this rate.
    SetRate(f64),
    /// Play on here.
    Jump { to_secs: f64 },
}

/// A correction under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Drive {
    #[default]
    Steady,
    CatchUp,
    FallBack,
}

/// Whether playback moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Motion {
    /// It has not played since it was sent elsewhere; the buffer is thin by itself.
    #[default]
    Starting,
    Running,
    /// It ran dry.
    Stalled,
    /// It ran dry, and was then sent elsewhere.
    Restarting,
}

impl Motion {
    /// Playback is sent elsewhere.
    const fn interrupted(self) -> Self {
        match self {
            Self::Starting | Self::Running => Self::Starting,
            Self::Stalled | Self::Restarting => Self::Restarting,
        }
    }

    const fn is_stalled(self) -> bool {
        matches!(self, Self::Stalled | Self::Restarting)
    }
}

/// Whether playback is paused, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pause {
    #[default]
    Playing,
    ByViewer,
    /// It began in a page that cannot be seen: it need not be the viewer's.
    ByBrowser,
}

/// What stalls added to the target.
#[derive(Debug, Default)]
struct StallAllowance {
    steps: f64,
    /// For how long there must be no stall before a step is taken back; the shortest at first.
    calm: Option<Duration>,
    calm_since: Option<Instant>,
    /// A step was taken back, and since then there was no stall.
    is_step_back_on_trial: bool,
}

impl StallAllowance {
    fn on_stall(&mut self) {
        self.steps = (self.steps + 1.0).min(MAX_STALL_STEPS);
        if core::mem::take(&mut self.is_step_back_on_trial) {
            // It was too early.
            self.calm = Some((self.calm.unwrap_or(MIN_CALM) * 2).min(MAX_CALM));
        }
    }

    fn on_calm(&mut self, now: Instant) {
        let since = *self.calm_since.get_or_insert(now);
        if now - since >= self.calm.unwrap_or(MIN_CALM) {
            self.calm_since = Some(now);
            // The step taken back before this one has stood the test.
            self.is_step_back_on_trial = self.steps > 0.0;
            self.steps = (self.steps - 1.0).max(0.0);
        }
    }

    const fn end_calm(&mut self) {
        self.calm_since = None;
    }
}

/// Keeps playback at the live point.
#[derive(Debug, Default)]
pub(super) struct LatencyControl {
    /// The viewer wants to be live.
    pub is_following: bool,
    /// Times the media element ran dry.
    pub stalls: u64,
    edge: Edge,
    drive: Drive,
    /// Since when playback has been a little behind the target, or before it.
    off: Option<(bool, Instant)>,
    allowance: StallAllowance,
    motion: Motion,
    /// Since it last began to play; `None` until it has played at all.
    running_since: Option<Instant>,
    pause: Pause,
    jumped_at: Option<Instant>,
}

impl LatencyControl {
    /// Takes in where the timeline ends, and what can be played.
    pub fn note_edge(&mut self, now: Instant, ends: Ends) {
        self.edge.note(now, ends.edge_secs, ends.step_secs);
        let is_settled = self.running_since.is_some_and(|since| now - since >= START_UP);
        let has_begun = matches!(self.motion, Motion::Running | Motion::Stalled);
        let is_playing = has_begun && self.pause == Pause::Playing;
        let is_telling = self.is_following && is_playing && is_settled;
        self.edge.note_playable(now, ends.playable_secs, is_telling);
    }

    /// How far behind the edge playback has to be for what comes late; no more than this.
    pub fn reserve_secs(&self, now: Instant, most_secs: f64) -> f64 {
        self.edge.late_secs(now).map_or(most_secs, |late_secs| {
            (late_secs + RESERVE_SECS).max(MIN_RESERVE_SECS).min(most_secs)
        })
    }

    /// The wanted distance from the edge, what stalls added included.
    pub fn target_secs(&self, target_secs: f64) -> f64 {
        let (least, most) = STALL_SECS;
        target_secs + self.allowance.steps * (target_secs * STALL_SHARE).max(least).min(most)
    }

    /// How far playback is behind the live point; negative where it is ahead of it.
    pub fn behind_secs(&self, situation: &Situation) -> f64 {
        let edge_secs = self.edge.at(situation.now).unwrap_or(situation.edge_secs);
        edge_secs - self.target_secs(situation.target_secs) - situation.playhead_secs
    }

    /// Whether the viewer sees what is live.
    pub fn is_at_live_edge(&self, situation: &Situation) -> bool {
        self.behind_secs(situation) <= LIVE_SECS.max(situation.target_secs / 2.0)
    }

    /// The machine slept: what stalls now stalls for that, and playback may jump at once.
    pub fn on_woken(&mut self) {
        self.motion = Motion::Starting;
        self.allowance.end_calm();
        self.jumped_at = None;
    }

    /// The viewer went elsewhere: near the live point they want to be live.
    pub fn on_seek(&mut self, situation: &Situation) {
        self.motion = self.motion.interrupted();
        self.is_following = self.is_at_live_edge(situation);
    }

    /// Takes in the present moment.
    pub fn observe(&mut self, config: &LiveConfig, situation: &Situation) -> Option<Act> {
        let Situation { now, edge_secs, state, .. } = *situation;
        let has_played = self.running_since.is_some();
        self.watch_for_stalls(situation);
        let behind_secs = self.behind_secs(situation);
        let max_behind_secs =
            config.max_latency_secs.unwrap_or((2.0 * situation.target_secs).max(4.0));

        // A pause that leads far away was the viewer's wish to be there; what was never played was
        // never live.
        let pause = match self.pause {
            _ if !state.is_paused => Pause::Playing,
            Pause::Playing if state.is_hidden => Pause::ByBrowser,
            Pause::Playing => Pause::ByViewer,
            known => known,
        };
        let before = core::mem::replace(&mut self.pause, pause);
        let is_resumed = before == Pause::ByViewer && pause == Pause::Playing;
        if is_resumed && has_played && behind_secs > max_behind_secs {
            self.is_following = false;
        }
        let is_idle = state.is_paused || state.is_seeking || state.is_ended;
        let is_idle = is_idle || self.motion.is_stalled() && behind_secs <= max_behind_secs;
        if is_idle {
            return None;
        }
        let is_pages_rate = state.playback_rate != 1.0 && !state.is_catchup_rate;
        if is_pages_rate {
            self.drive = Drive::Steady;
            return None;
        }
        if !self.is_following {
            self.drive = Drive::Steady;
            return self.at_rate(1.0, state);
        }
        // By the edge as it is listed: it may not move.
        let listed_behind_secs =
            edge_secs - self.target_secs(situation.target_secs) - situation.playhead_secs;
        let is_jump_allowed = self.jumped_at.is_none_or(|at| now - at >= JUMP_INTERVAL);
        if listed_behind_secs > max_behind_secs && is_jump_allowed {
            self.jumped_at = Some(now);
            self.drive = Drive::Steady;
            self.motion = self.motion.interrupted();
            return Some(Act::Jump { to_secs: situation.playhead_secs + listed_behind_secs });
        }
        self.drive = self.next_drive(situation, behind_secs);
        let change = behind_secs * RATE_PER_SEC;
        let rate = match self.drive {
            Drive::Steady => 1.0,
            Drive::CatchUp => (1.0 + change.max(RATE_STEP)).min(config.max_playback_rate.max(1.0)),
            Drive::FallBack => {
                (1.0 + change.min(-RATE_STEP)).max(config.min_playback_rate.min(1.0))
            }
        };
        self.at_rate((rate * 100.0).round() / 100.0, state)
    }

    fn at_rate(&self, rate: f64, state: PlaybackState) -> Option<Act> {
        let is_worth_it = (rate - state.playback_rate).abs() > RATE_STEP - 1e-6
            || (rate == 1.0) != (state.playback_rate == 1.0);
        is_worth_it.then_some(Act::SetRate(rate))
    }

    fn next_drive(&mut self, situation: &Situation, behind_secs: f64) -> Drive {
        let target_secs = self.target_secs(situation.target_secs);
        let (least, most) = TOLERANCE_SECS;
        let tolerance_secs = (target_secs * TOLERANCE_SHARE).max(least).min(most);
        let is_near = target_secs < NEAR_SECS;
        let settled_secs = if is_near { NEAR_SETTLED_SECS } else { tolerance_secs * SETTLED_SHARE };
        // Seen now and then it is the grain of the playhead reports; all the time, it is so.
        let is_behind = behind_secs > 0.0;
        let off = self.off.filter(|(was_behind, _)| *was_behind == is_behind);
        let is_off = is_near && behind_secs.abs() > NEAR_OFF_SECS;
        self.off = is_off.then(|| off.unwrap_or((is_behind, situation.now)));
        let is_lasting = self.off.is_some_and(|(_, since)| situation.now - since >= NEAR_OFF_FOR);
        let tolerance_secs = if is_lasting { settled_secs } else { tolerance_secs };
        let guard_secs = GUARD_SECS.min(target_secs * GUARD_SHARE);
        let (from_secs, guard_secs) = match self.drive {
            Drive::CatchUp => (settled_secs, guard_secs * 0.6),
            _ => (tolerance_secs, guard_secs),
        };
        if behind_secs > from_secs && situation.ahead_secs > guard_secs {
            return Drive::CatchUp;
        }
        let to_secs = if self.drive == Drive::FallBack { settled_secs } else { tolerance_secs };
        if behind_secs < -to_secs { Drive::FallBack } else { Drive::Steady }
    }

    fn watch_for_stalls(&mut self, situation: &Situation) {
        const HAVE_FUTURE_DATA: u8 = 3;
        let Situation { now, state, .. } = *situation;
        if state.is_paused || state.is_seeking || state.is_ended {
            if state.is_seeking {
                self.motion = self.motion.interrupted();
            }
            return self.allowance.end_calm();
        }
        let has_data = state.ready_state >= HAVE_FUTURE_DATA;
        match self.motion {
            Motion::Starting | Motion::Restarting if has_data => {
                self.running_since = Some(now);
                self.motion = Motion::Running;
            }
            Motion::Stalled if has_data => self.motion = Motion::Running,
            Motion::Running if !has_data => {
                self.motion = Motion::Stalled;
                self.stalls += 1;
                let is_young = self.running_since.is_some_and(|since| now - since < START_UP);
                if self.is_following && situation.ahead_secs < DRY_SECS && !is_young {
                    self.allowance.on_stall();
                }
            }
            _ => {}
        }
        if self.motion.is_stalled() {
            self.allowance.end_calm();
        } else {
            self.allowance.on_calm(now);
        }
    }
}

#[cfg(test)]
mod tests;
