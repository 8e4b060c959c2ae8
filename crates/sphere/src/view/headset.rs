//! What a headset adds to geometry and input: which way the picture faces, and what a controller
//! means.
//!
//! In: the head's rotation and the trigger's and the stick's state, with the time. Out: the
//! rotation of the picture in the headset's space, and what the viewer asked for. That space is
//! WebXR's `local`: +Y up, −Z where the system says ahead is. It reads no device.

use super::camera::{Camera, heading_rad};
use super::trig::{about_y, wrap_rad};
use glam::Quat;

/// Which way the picture lies around the viewer: turned about the vertical, never tilted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecenterOffset {
    /// The picture's yaw that lies ahead, at −Z of the headset's space.
    ahead_yaw_rad: f32,
}

impl RecenterOffset {
    /// With this yaw of the picture ahead; what is not a number is the picture's centre.
    #[must_use]
    pub fn new(ahead_yaw_rad: f32) -> Self {
        Self {
            ahead_yaw_rad: if ahead_yaw_rad.is_finite() { wrap_rad(ahead_yaw_rad) } else { 0.0 },
        }
    }

    /// The picture's centre comes to where the head is turned; its pitch and tilt do not matter,
    /// the horizon stays level.
    #[must_use]
    pub fn recentred(head: Quat) -> Self {
        Self::turned(head, 0.0)
    }

    /// This yaw of the picture comes to where the head is turned, as above.
    #[must_use]
    pub fn turned(head: Quat, yaw_rad: f32) -> Self {
        Self::new(yaw_rad - heading_rad(head))
    }

    /// What the head looks at in the picture.
    #[must_use]
    pub fn seen_by(&self, head: Quat) -> Camera {
        let mut camera = Camera::default();
        camera.set_world_from_view(self.local_from_world().inverse() * head);
        camera
    }

    /// The rotation that carries the picture's directions into the headset's space.
    #[must_use]
    pub fn local_from_world(&self) -> Quat {
        about_y(self.ahead_yaw_rad)
    }
}

/// Seconds that the trigger is held to recentre.
const LONG_PRESS_SECS: f64 = 0.7;

/// One controller's trigger, a hand's pinch, or the button of a headset's side.
///
/// A press is one that WebXR calls a `select` as well, which a press taken away never is; that is
/// told before the release, by some emulators even before the press.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trigger {
    pressed_at_secs: Option<f64>,
    is_selected: bool,
}

impl Trigger {
    /// It is pressed.
    pub fn press(&mut self, now_secs: f64) {
        self.pressed_at_secs = Some(now_secs);
    }

    /// It is pressed in earnest.
    pub fn select(&mut self) {
        self.is_selected = true;
    }

    /// Once for each time it is held long enough: recentre.
    pub fn is_held_long(&mut self, now_secs: f64) -> bool {
        let is_long = self.pressed_at_secs.is_some_and(|at| now_secs - at >= LONG_PRESS_SECS);
        if is_long {
            self.pressed_at_secs = None;
        }
        is_long
    }

    /// It is let go, or taken away: whether that was a short press.
    pub fn release(&mut self) -> bool {
        let is_selected = core::mem::take(&mut self.is_selected);
        self.pressed_at_secs.take().is_some() && is_selected
    }
}

/// How far out a stick is a wish, and how far in it is at rest again.
const STICK_OUT: f64 = 0.7;
const STICK_IN: f64 = 0.3;

/// A controller's stick, sideways: each push is one step.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stick {
    is_out: bool,
}

impl Stick {
    /// One step to the left (−1) or to the right (1), if this is the moment of one.
    pub fn step(&mut self, x: f64) -> Option<f64> {
        let far = x.abs();
        if self.is_out {
            // Also true of what is not a number.
            self.is_out = far > STICK_IN;
            return None;
        }
        self.is_out = far > STICK_OUT;
        self.is_out.then(|| x.signum())
    }
}

#[cfg(test)]
mod tests {
    use super::super::camera::{azimuth_rad, direction};
    use super::super::trig::{about_x, about_z};
    use super::*;
    use glam::Vec3;

    #[track_caller]
    fn assert_ahead(recenter_offset: RecenterOffset, head: Quat, yaw_deg: f32) {
        let world = recenter_offset.local_from_world().inverse() * head * Vec3::NEG_Z;
        let apart = wrap_rad(azimuth_rad(world) - yaw_deg.to_radians());
        assert!(apart.abs() < 1e-4, "{} is not {yaw_deg}", azimuth_rad(world).to_degrees());
    }

    #[test]
    fn what_the_page_looked_at_lies_ahead() {
        for yaw_deg in [0.0, 40.0, -130.0, 180.0] {
            assert_ahead(RecenterOffset::new(f32::to_radians(yaw_deg)), Quat::IDENTITY, yaw_deg);
        }
        // The head turned 30° to its right sees 30° further right.
        assert_ahead(RecenterOffset::new(40_f32.to_radians()), about_y(-30_f32.to_radians()), 70.0);
        assert_eq!(RecenterOffset::new(f32::NAN), RecenterOffset::new(0.0));
    }

    #[test]
    fn recentred_the_centre_is_where_the_head_is_turned_and_the_horizon_level() {
        for (yaw_deg, pitch_deg, roll_deg) in
            [(35.0_f32, 20.0_f32, 5.0_f32), (-150.0, -70.0, -20.0)]
        {
            let head = about_y(-yaw_deg.to_radians())
                * about_x(pitch_deg.to_radians())
                * about_z(roll_deg.to_radians());
            let recenter_offset = RecenterOffset::recentred(head);
            assert_ahead(recenter_offset, head, 0.0);
            let up = recenter_offset.local_from_world() * Vec3::Y;
            assert!(up.abs_diff_eq(Vec3::Y, 1e-6));
            let centre = recenter_offset.local_from_world() * direction(0.0, 0.0);
            assert!((azimuth_rad(centre) - yaw_deg.to_radians()).abs() < 1e-4);

            // Another yaw comes there likewise, and is what the head is said to look at.
            let recenter_offset = RecenterOffset::turned(head, 2.0);
            assert_ahead(recenter_offset, head, 2_f32.to_degrees());
            let seen = recenter_offset.seen_by(head);
            assert!((seen.yaw_rad() - 2.0).abs() < 1e-4);
            assert!((seen.pitch_rad() - pitch_deg.to_radians()).abs() < 1e-4);
        }
    }

    #[test]
    fn a_short_press_is_one_thing_and_a_long_one_another() {
        let mut trigger = Trigger::default();
        assert!(!trigger.release());
        trigger.press(1.0);
        assert!(!trigger.is_held_long(1.2));
        trigger.select();
        assert!(trigger.release());
        assert!(!trigger.is_held_long(9.0));
        trigger.select();
        trigger.press(1.0);
        assert!(trigger.release(), "in the other order");

        trigger.press(2.0);
        assert!(trigger.is_held_long(2.8));
        assert!(!trigger.is_held_long(2.9), "once");
        trigger.select();
        assert!(!trigger.release(), "it has had its meaning");
        trigger.press(4.0);
        assert!(!trigger.release(), "taken away");
    }

    #[test]
    fn a_push_of_the_stick_is_one_step() {
        let mut stick = Stick::default();
        let steps: Vec<_> =
            [0.0, 0.6, 0.8, 1.0, 0.5, 0.8, 0.1, -0.9, f64::NAN, -0.9].map(|x| stick.step(x)).into();
        let none = None;
        assert_eq!(
            steps,
            [none, none, Some(1.0), none, none, none, none, Some(-1.0), none, Some(-1.0)]
        );
    }
}
