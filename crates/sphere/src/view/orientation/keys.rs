//! Held keys turn and zoom, smoothly up to speed and smoothly to rest.
//!
//! In: `KeyboardEvent.key` names (UI Events) going down and up. Out: a turn and a zoom factor per
//! frame. A mere tap, down and up within one frame, still takes a visible step.

use super::inertia::decay;

/// Full speed at the default zoom; narrower fields turn as much slower.
const TURN_RAD_PER_SEC: f32 = 1.6;
/// Field of view halved or doubled in about a second.
const ZOOM_PER_SEC: f32 = 0.7;
/// What a tap is worth at once, as a part of full speed.
const TAP: f32 = 0.25;
const START_TIME_SECS: f32 = 0.25;
const STOP_TIME_SECS: f32 = 0.1;
/// Below this part of full speed it stands.
const STOP: f32 = 0.01;

/// A key that acts for as long as it is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Look left.
    Left,
    /// Look right.
    Right,
    /// Look up.
    Up,
    /// Look down.
    Down,
    /// Narrow the view.
    ZoomIn,
    /// Widen the view.
    ZoomOut,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAction {
    /// Acts while held.
    Hold(Key),
    /// Back to the centre of the picture.
    Recenter,
}

impl KeyAction {
    /// By `KeyboardEvent.key`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "ArrowLeft" => Self::Hold(Key::Left),
            "ArrowRight" => Self::Hold(Key::Right),
            "ArrowUp" => Self::Hold(Key::Up),
            "ArrowDown" => Self::Hold(Key::Down),
            // With and without shift, so that letting go of shift first leaves no key stuck.
            "+" | "=" => Self::Hold(Key::ZoomIn),
            "-" | "_" => Self::Hold(Key::ZoomOut),
            "Home" => Self::Recenter,
            _ => return None,
        })
    }
}

/// One frame's worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyTurn {
    /// To the right.
    pub yaw_rad: f32,
    /// Upwards.
    pub pitch_rad: f32,
    /// Factor on the field of view.
    pub zoom: f32,
}

/// The keys that are down and the speed they have given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keys {
    held: u8,
    /// Yaw, pitch, zoom, each −1…1 of full speed.
    speed: [f32; 3],
}

/// The pairs of opposite keys, in the order of `Keys::speed`: positive first.
const AXES: [[Key; 2]; 3] =
    [[Key::Right, Key::Left], [Key::Up, Key::Down], [Key::ZoomOut, Key::ZoomIn]];

impl Keys {
    /// A key goes down; repeats change nothing.
    pub fn down(&mut self, key: Key) {
        if self.is_held(key) {
            return;
        }
        self.held |= bit(key);
        for (speed, [more, less]) in self.speed.iter_mut().zip(AXES) {
            if key == more {
                *speed = speed.max(TAP);
            } else if key == less {
                *speed = speed.min(-TAP);
            }
        }
    }

    /// A key goes up.
    pub fn up(&mut self, key: Key) {
        self.held &= !bit(key);
    }

    /// All of them.
    pub fn release_all(&mut self) {
        self.held = 0;
    }

    /// One frame on.
    pub fn advance(&mut self, step_secs: f32, fov_rad: f32) -> KeyTurn {
        let mut moved = [0.0; 3];
        for (axis, [more, less]) in AXES.into_iter().enumerate() {
            let target = f32::from(self.is_held(more)) - f32::from(self.is_held(less));
            let time_secs = if target == 0.0 { STOP_TIME_SECS } else { START_TIME_SECS };
            let keep = decay(step_secs, time_secs);
            let speed = &mut self.speed[axis];
            // The exact integral, as for the glide, so that no frame rate turns faster.
            moved[axis] = target * step_secs + (*speed - target) * time_secs * (1.0 - keep);
            *speed = target + (*speed - target) * keep;
            if target == 0.0 && speed.abs() < STOP {
                *speed = 0.0;
            }
        }
        let turn_rad = TURN_RAD_PER_SEC * fov_rad / crate::view::camera::FOV_DEFAULT_RAD;
        KeyTurn {
            yaw_rad: moved[0] * turn_rad,
            pitch_rad: moved[1] * turn_rad,
            zoom: (moved[2] * ZOOM_PER_SEC).exp(),
        }
    }

    /// Whether a key is down or its motion not yet at rest.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.held != 0 || self.speed != [0.0; 3]
    }

    const fn is_held(&self, key: Key) -> bool {
        self.held & bit(key) != 0
    }
}

const fn bit(key: Key) -> u8 {
    1 << key as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOV_RAD: f32 = crate::view::camera::FOV_DEFAULT_RAD;

    fn rest(keys: &mut Keys, step_secs: f32) -> f32 {
        let mut yaw_rad = 0.0;
        for _ in 0..1000 {
            yaw_rad += keys.advance(step_secs, FOV_RAD).yaw_rad;
        }
        assert!(!keys.is_moving());
        yaw_rad
    }

    #[test]
    fn a_tap_takes_a_small_step_at_any_frame_rate() {
        for step_secs in [1.0 / 30.0, 1.0 / 144.0] {
            let mut keys = Keys::default();
            keys.down(Key::Right);
            keys.up(Key::Right);
            let step_deg = rest(&mut keys, step_secs).to_degrees();
            assert!(step_deg > 1.0 && step_deg < 6.0, "{step_deg}");
        }
    }

    #[test]
    fn a_held_key_gathers_speed_and_opposites_cancel() {
        let mut keys = Keys::default();
        keys.down(Key::Left);
        let first = keys.advance(0.016, FOV_RAD).yaw_rad;
        for _ in 0..100 {
            keys.down(Key::Left);
            keys.advance(0.016, FOV_RAD);
        }
        let last = keys.advance(0.016, FOV_RAD).yaw_rad;
        assert!(first < 0.0 && last < first * 2.0, "{first} {last}");
        assert!((last / 0.016 + TURN_RAD_PER_SEC).abs() < 0.05);
        keys.down(Key::Right);
        for _ in 0..300 {
            keys.advance(0.016, FOV_RAD);
        }
        assert!(keys.advance(0.016, FOV_RAD).yaw_rad.abs() < 1e-3);
        keys.release_all();
        rest(&mut keys, 0.016);
    }

    #[test]
    fn names_are_those_of_ui_events() {
        assert_eq!(KeyAction::from_name("ArrowUp"), Some(KeyAction::Hold(Key::Up)));
        assert_eq!(KeyAction::from_name("="), Some(KeyAction::Hold(Key::ZoomIn)));
        assert_eq!(KeyAction::from_name("Home"), Some(KeyAction::Recenter));
        assert_eq!(KeyAction::from_name("Tab"), None);
        assert_eq!(KeyAction::from_name(""), None);
    }

    #[test]
    fn plus_narrows_and_minus_widens() {
        let mut keys = Keys::default();
        keys.down(Key::ZoomIn);
        assert!(keys.advance(0.1, FOV_RAD).zoom < 1.0);
        let mut keys = Keys::default();
        keys.down(Key::ZoomOut);
        assert!(keys.advance(0.1, FOV_RAD).zoom > 1.0);
    }
}
