//! The glide after a drag: speed at release, fading exponentially until it stops for good.
//!
//! In: the turns of a drag with their times, and the release. Out: further turns, frame by frame;
//! any frame rate gives the same path, since each step is the exact integral of the decay.

use super::drag::Turn;

/// Time in which a glide loses all but 1/e of its speed.
const GLIDE_TIME_SECS: f32 = 0.32;
/// Slower than this counts as rest: a tenth of a pixel a frame.
const STOP_RAD_PER_SEC: f32 = 0.01;
/// Faster than this is a slip of the finger: two turns a second.
const MAX_RAD_PER_SEC: f32 = 12.6;
/// How far back the speed at release looks.
const MEMORY_SECS: f32 = 0.04;
/// A finger that rested this long before it left meant to stop.
const REST_SECS: f64 = 0.08;

/// What is left of a quantity that fades with this time constant.
#[must_use]
pub(super) fn decay(step_secs: f32, time_secs: f32) -> f32 {
    (-step_secs / time_secs).exp()
}

/// Speed during and after a drag.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inertia {
    yaw_rad_per_sec: f32,
    pitch_rad_per_sec: f32,
    /// Turned, but not yet spread over any time: events may share a time stamp.
    pending: Turn,
    tracked_secs: Option<f64>,
    gliding: bool,
}

impl Inertia {
    /// A finger comes down: whatever glided stops, and speed is measured from here.
    pub fn begin(&mut self, now_secs: f64) {
        *self = Self { tracked_secs: Some(now_secs), ..Self::default() };
    }

    /// A drag turned this far, at this time.
    pub fn track(&mut self, turned: Turn, now_secs: f64) {
        self.gliding = false;
        self.pending.yaw_rad += turned.yaw_rad;
        self.pending.pitch_rad += turned.pitch_rad;
        let Some(last_secs) = self.tracked_secs else {
            // After a pinch: this stroke has no duration to divide by.
            self.pending = Turn::default();
            self.tracked_secs = Some(now_secs);
            return;
        };
        let step_secs = (now_secs - last_secs) as f32;
        if step_secs < 0.001 {
            return;
        }
        let keep = decay(step_secs, MEMORY_SECS);
        let mix = |speed: f32, turned: f32| speed * keep + turned / step_secs * (1.0 - keep);
        self.yaw_rad_per_sec = mix(self.yaw_rad_per_sec, self.pending.yaw_rad);
        self.pitch_rad_per_sec = mix(self.pitch_rad_per_sec, self.pending.pitch_rad);
        self.pending = Turn::default();
        self.tracked_secs = Some(now_secs);
    }

    /// The finger leaves. True: a glide begins.
    pub fn release(&mut self, now_secs: f64) -> bool {
        let rested = self.tracked_secs.is_none_or(|last_secs| now_secs - last_secs > REST_SECS);
        let fastest = self.yaw_rad_per_sec.abs().max(self.pitch_rad_per_sec.abs());
        if rested || fastest < STOP_RAD_PER_SEC || !fastest.is_finite() {
            self.stop();
            return false;
        }
        let scale = (MAX_RAD_PER_SEC / fastest).min(1.0);
        self.yaw_rad_per_sec *= scale;
        self.pitch_rad_per_sec *= scale;
        self.tracked_secs = None;
        self.gliding = true;
        true
    }

    /// Forgets every speed.
    pub fn stop(&mut self) {
        *self = Self::default();
    }

    /// A pole is reached, or a sensor leads: only the yaw glides on.
    pub fn stop_pitch(&mut self) {
        self.pitch_rad_per_sec = 0.0;
    }

    /// Glides for one frame.
    pub fn advance(&mut self, step_secs: f32) -> Turn {
        if !self.gliding {
            return Turn::default();
        }
        let keep = decay(step_secs, GLIDE_TIME_SECS);
        let reach_secs = GLIDE_TIME_SECS * (1.0 - keep);
        let turn = Turn {
            yaw_rad: self.yaw_rad_per_sec * reach_secs,
            pitch_rad: self.pitch_rad_per_sec * reach_secs,
        };
        self.yaw_rad_per_sec *= keep;
        self.pitch_rad_per_sec *= keep;
        if self.yaw_rad_per_sec.abs().max(self.pitch_rad_per_sec.abs()) < STOP_RAD_PER_SEC {
            self.stop();
        }
        turn
    }

    /// Whether a glide is under way.
    #[must_use]
    pub const fn is_moving(&self) -> bool {
        self.gliding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flung(yaw_rad_per_frame: f32) -> Inertia {
        let mut inertia = Inertia::default();
        for frame in 0..12 {
            let turned = Turn { yaw_rad: yaw_rad_per_frame, pitch_rad: 0.0 };
            inertia.track(turned, 1.0 + f64::from(frame) / 60.0);
        }
        inertia
    }

    fn glide(mut inertia: Inertia, frames_per_sec: f32) -> (f32, u32) {
        assert!(inertia.release(1.0 + 12.0 / 60.0));
        let (mut turned_rad, mut frames) = (0.0, 0);
        while inertia.is_moving() {
            turned_rad += inertia.advance(1.0 / frames_per_sec).yaw_rad;
            frames += 1;
            assert!(frames < 10_000, "never stops");
        }
        (turned_rad, frames)
    }

    #[test]
    fn a_glide_stops_fully_and_is_the_same_at_any_frame_rate() {
        let (at_60, frames) = glide(flung(0.02), 60.0);
        let (at_144, _) = glide(flung(0.02), 144.0);
        assert!(at_60 > 0.25 && at_60 < 0.5, "{at_60}");
        assert!((at_60 - at_144).abs() < 0.005, "{at_60} {at_144}");
        assert!(frames < 150, "{frames} frames");
    }

    #[test]
    fn a_rested_finger_does_not_fling() {
        let mut inertia = flung(0.02);
        assert!(!inertia.release(1.5));
        assert!(!inertia.is_moving());
        assert_eq!(inertia.advance(0.016), Turn::default());
    }

    #[test]
    fn a_click_and_events_of_one_time_stamp_are_harmless() {
        assert!(!Inertia::default().release(1.0));
        let mut inertia = Inertia::default();
        for _ in 0..5 {
            inertia.track(Turn { yaw_rad: 1.0, pitch_rad: 0.0 }, 2.0);
        }
        assert!(!inertia.release(2.0));
        let mut wild = flung(3.0);
        assert!(wild.release(1.2));
        assert!(wild.advance(0.016).yaw_rad < 0.21);
    }
}
