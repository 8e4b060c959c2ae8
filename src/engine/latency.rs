//! Staying at the live point: how far from the edge, and what to do when playback is elsewhere.
//!
//! In: the end of the live timeline, the wanted distance from it, the media element, the buffer.
//! Out: a playback rate within bounds, or a jump to live where no rate would do in reasonable time.
//! Stalls move the wanted point back by steps, calm brings it forward again. Pure: it asks nobody,
//! and never acts while the viewer is elsewhere, paused, seeking, or plays at a rate of their own.

use super::input::PlaybackState;
use crate::config::LiveConfig;
use crate::time::{Duration, Instant};

/// The edge's course is taken from the newest this long, and as long before it.
const EDGE_WINDOW: Duration = Duration::from_secs(30);
/// An edge that is late for so many of its steps, each of at least so long, will stay late.
const DELAY_STEPS: f64 = 4.0;
const MIN_STEP_SECS: f64 = 0.5;
/// Off the target by this share of it nothing is done yet, within these bounds.
const TOLERANCE_SHARE: f64 = 0.15;
const TOLERANCE_SECS: (f64, f64) = (0.15, 1.0);
/// A correction ends within this share of the tolerance.
const SETTLED_SHARE: f64 = 0.25;
/// Change of rate for each second off the target.
const RATE_PER_SEC: f64 = 0.12;
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
const JUMP_REST: Duration = Duration::from_secs(10);
/// Nearer to the live point than this, or half the target if that is more, is "live".
const LIVE_SECS: f64 = 2.0;

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
    /// By so much the edge moves at a time, as a rule.
    pub step_secs: f64,
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

/// Keeps playback at the live point.
#[derive(Debug, Default)]
pub(super) struct LatencyControl {
    /// The viewer wants to be live.
    pub is_following: bool,
    /// Times the media element ran dry.
    pub stalls: u64,
    edge: Edge,
    drive: Drive,
    /// Steps of the target's stall allowance.
    extra_steps: f64,
    calm: Option<Duration>,
    calm_since: Option<Instant>,
    is_calm_tried: bool,
    /// Has played since the last seek, and ever.
    is_running: bool,
    running_since: Option<Instant>,
    has_played: bool,
    is_stalled: bool,
    was_paused: bool,
    /// The pause under way began in a page that cannot be seen: it need not be the viewer's.
    is_browsers_pause: bool,
    jumped_at: Option<Instant>,
}

/// Where the edge is at any moment, though a playlist moves it by whole segments: the furthest that
/// it has been of late, relative to the clock.
#[derive(Debug, Default)]
struct Edge {
    /// Ahead of the clock by; when this stretch began; the same of the stretch before.
    newest: Option<(f64, Instant)>,
    before: Option<f64>,
    /// The same of the last few steps, and how often it moved in them.
    recent: Option<(f64, Instant)>,
    moves: u32,
    last_secs: f64,
}

impl Edge {
    fn note(&mut self, now: Instant, edge_secs: f64, step_secs: f64) {
        let lead_secs = edge_secs - secs_of(now);
        self.newest = Some(match self.newest {
            Some((known, since)) if now - since < EDGE_WINDOW => (known.max(lead_secs), since),
            last => {
                self.before = last.map(|(known, _)| known);
                (lead_secs, now)
            }
        });
        self.note_delay(now, (lead_secs, edge_secs), step_secs);
    }

    /// A sender that stopped and then goes on later than before stays so: what it once was ahead is
    /// not waited for. One that stands still, or catches up, is left out of this.
    fn note_delay(&mut self, now: Instant, (lead_secs, edge_secs): (f64, f64), step_secs: f64) {
        let has_moved = edge_secs > self.last_secs + 1e-3;
        self.last_secs = edge_secs;
        let Some((recent_secs, since)) = &mut self.recent else {
            self.recent = Some((lead_secs, now));
            return;
        };
        *recent_secs = recent_secs.max(lead_secs);
        self.moves += u32::from(has_moved);
        let span_secs = DELAY_STEPS * step_secs.max(MIN_STEP_SECS);
        if (now - *since).as_secs_f64() < span_secs || self.moves < 2 {
            return;
        }
        let recent_secs = *recent_secs;
        (self.recent, self.moves) = (Some((lead_secs, now)), 0);
        let known_secs = self.lead_secs().unwrap_or(recent_secs);
        if recent_secs < known_secs - 1.5 * step_secs.max(MIN_STEP_SECS) {
            (self.newest, self.before) = (Some((recent_secs, now)), None);
        }
    }

    fn lead_secs(&self) -> Option<f64> {
        let (newest, _) = self.newest?;
        Some(self.before.map_or(newest, |before| before.max(newest)))
    }

    fn at(&self, now: Instant) -> Option<f64> {
        Some(self.lead_secs()? + secs_of(now))
    }
}

fn secs_of(at: Instant) -> f64 {
    at.as_millis() / 1000.0
}

impl LatencyControl {
    /// The wanted distance from the edge, what stalls added included.
    pub fn target_secs(&self, target_secs: f64) -> f64 {
        let (least, most) = STALL_SECS;
        target_secs + self.extra_steps * (target_secs * STALL_SHARE).max(least).min(most)
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
        self.is_running = false;
        self.is_stalled = false;
        self.calm_since = None;
        self.jumped_at = None;
    }

    /// The viewer went elsewhere: near the live point they want to be live.
    pub fn on_seek(&mut self, situation: &Situation) {
        self.is_running = false;
        self.is_following = self.is_at_live_edge(situation);
    }

    /// Takes in the present moment.
    pub fn observe(&mut self, config: &LiveConfig, situation: &Situation) -> Option<Act> {
        let Situation { now, edge_secs, step_secs, state, .. } = *situation;
        self.edge.note(now, edge_secs, step_secs);
        let has_played = self.has_played;
        self.watch_for_stalls(situation);
        let behind_secs = self.behind_secs(situation);
        let patience_secs =
            config.jump_behind_secs.unwrap_or((2.0 * situation.target_secs).max(4.0));

        // A pause that leads far away was the viewer's wish to be there; what was never played was
        // never live.
        let was_paused = core::mem::replace(&mut self.was_paused, state.is_paused);
        let is_resumed = was_paused && !state.is_paused;
        if !was_paused {
            self.is_browsers_pause = state.is_hidden;
        }
        let is_viewers = is_resumed && !self.is_browsers_pause;
        if is_viewers && has_played && behind_secs > patience_secs {
            self.is_following = false;
        }
        let is_idle = state.is_paused || state.is_seeking || state.is_ended;
        let is_idle = is_idle || self.is_stalled && behind_secs <= patience_secs;
        if is_idle {
            return None;
        }
        let is_pages_rate = state.playback_rate != 1.0 && !state.is_own_rate;
        if is_pages_rate {
            self.drive = Drive::Steady;
            return None;
        }
        if !self.is_following {
            self.drive = Drive::Steady;
            return self.at_rate(1.0, state);
        }
        // By the edge as it is listed: it may stand still.
        let listed_behind_secs =
            edge_secs - self.target_secs(situation.target_secs) - situation.playhead_secs;
        let is_rested = self.jumped_at.is_none_or(|at| now - at >= JUMP_REST);
        if listed_behind_secs > patience_secs && is_rested {
            self.jumped_at = Some(now);
            self.drive = Drive::Steady;
            self.is_running = false;
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

    fn next_drive(&self, situation: &Situation, behind_secs: f64) -> Drive {
        let target_secs = self.target_secs(situation.target_secs);
        let (least, most) = TOLERANCE_SECS;
        let tolerance_secs = (target_secs * TOLERANCE_SHARE).max(least).min(most);
        let settled_secs = tolerance_secs * SETTLED_SHARE;
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
            self.is_running &= !state.is_seeking;
            self.calm_since = None;
            return;
        }
        if state.ready_state >= HAVE_FUTURE_DATA {
            if !self.is_running {
                self.running_since = Some(now);
            }
            self.is_running = true;
            self.has_played = true;
            self.is_stalled = false;
        } else if self.is_running && !self.is_stalled {
            self.is_stalled = true;
            self.stalls += 1;
            let is_young = self.running_since.is_some_and(|since| now - since < START_UP);
            if self.is_following && situation.ahead_secs < DRY_SECS && !is_young {
                self.extra_steps = (self.extra_steps + 1.0).min(MAX_STALL_STEPS);
                if self.is_calm_tried {
                    // It was too early.
                    self.calm = Some((self.calm.unwrap_or(MIN_CALM) * 2).min(MAX_CALM));
                }
                self.is_calm_tried = false;
            }
        }
        if self.is_stalled {
            self.calm_since = None;
            return;
        }
        let since = *self.calm_since.get_or_insert(now);
        if now - since >= self.calm.unwrap_or(MIN_CALM) {
            self.calm_since = Some(now);
            // The step taken back before this one has stood the test.
            self.is_calm_tried = self.extra_steps > 0.0;
            self.extra_steps = (self.extra_steps - 1.0).max(0.0);
        }
    }
}

#[cfg(test)]
mod tests;
