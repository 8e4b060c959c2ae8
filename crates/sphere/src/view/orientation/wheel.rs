//! The wheel zooms, gliding to where it points.
//!
//! In: wheel deltas in the browser's three units (UI Events, `deltaMode`), and factors from held
//! keys. Out: the field of view, frame by frame. A trackpad's pinch arrives as a wheel with the
//! control key (a convention of every browser) and small deltas.

use super::inertia::decay;
use crate::view::camera::{FOV_MAX_RAD, FOV_MIN_RAD, Size};
use crate::view::trig::limited;

/// One line of scrolling, in pixels: what Firefox counts in where Chromium counts in pixels.
const LINE_PX: f32 = 33.0;
/// A notch of an ordinary wheel (about 100 px) changes the field of view by a tenth.
const ZOOM_PER_PX: f32 = 0.001;
/// A pinch on a trackpad gives a tenth of the pixels for the same gesture…
const PINCH_GAIN: f32 = 10.0;
/// … up to a notch: what gives more by itself is an ordinary wheel with the control key held.
const PINCH_MAX_PX: f32 = 100.0;
/// No single event zooms further than this.
const DELTA_MAX_PX: f32 = 300.0;
const GLIDE_TIME_SECS: f32 = 0.06;
const STOP_RAD: f32 = 0.0005;

/// What a wheel event says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WheelTurn {
    /// Downwards, in the unit of `mode`.
    pub delta_y: f32,
    /// `deltaMode`: 0 pixels, 1 lines, 2 pages.
    pub mode: u32,
    /// With the control key: a trackpad's pinch, or a wheel while that key is held.
    pub pinch: bool,
}

impl WheelTurn {
    fn delta_px(self, size: Size) -> f32 {
        let delta_px = match self.mode {
            1 => self.delta_y * LINE_PX,
            2 => self.delta_y * size.height_px,
            _ => self.delta_y,
        };
        let delta_px = if self.pinch {
            let most_px = PINCH_MAX_PX.max(delta_px.abs());
            limited(delta_px * PINCH_GAIN, -most_px, most_px)
        } else {
            delta_px
        };
        if delta_px.is_nan() { 0.0 } else { limited(delta_px, -DELTA_MAX_PX, DELTA_MAX_PX) }
    }
}

/// A field of view on its way to another.
#[derive(Debug, Clone, Copy)]
pub struct Zoom {
    fov_rad: f32,
    target_rad: f32,
}

impl Zoom {
    /// At rest.
    #[must_use]
    pub const fn new(fov_rad: f32) -> Self {
        Self { fov_rad, target_rad: fov_rad }
    }

    /// Something else set the field of view: rest there.
    pub fn settle(&mut self, fov_rad: f32) {
        *self = Self::new(fov_rad);
    }

    /// The wheel turned. False: there is no further to go.
    pub fn wheel(&mut self, turn: WheelTurn, size: Size) -> bool {
        let before_rad = self.target_rad;
        self.scale((turn.delta_px(size) * ZOOM_PER_PX).exp());
        self.target_rad != before_rad
    }

    /// Widens (above one) or narrows the field of view aimed at.
    pub fn scale(&mut self, factor: f32) {
        self.target_rad = limited(self.target_rad * factor, FOV_MIN_RAD, FOV_MAX_RAD);
    }

    /// Where it will rest.
    #[must_use]
    pub const fn target_rad(&self) -> f32 {
        self.target_rad
    }

    /// One frame on; the field of view to show.
    pub fn advance(&mut self, step_secs: f32) -> f32 {
        let rest_rad = (self.fov_rad - self.target_rad) * decay(step_secs, GLIDE_TIME_SECS);
        let arrived = rest_rad.abs() < STOP_RAD;
        self.fov_rad = if arrived { self.target_rad } else { self.target_rad + rest_rad };
        self.fov_rad
    }

    /// Whether it is still on its way.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.fov_rad != self.target_rad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width_px: 640.0, height_px: 320.0 };

    fn after(turn: WheelTurn) -> f32 {
        let mut zoom = Zoom::new(1.0);
        zoom.wheel(turn, SIZE);
        for _ in 0..1000 {
            zoom.advance(0.016);
        }
        assert!(!zoom.is_moving());
        zoom.target_rad()
    }

    #[test]
    fn a_notch_is_a_notch_in_every_unit() {
        let pixels = after(WheelTurn { delta_y: 99.0, mode: 0, pinch: false });
        let lines = after(WheelTurn { delta_y: 3.0, mode: 1, pinch: false });
        let pages = after(WheelTurn { delta_y: 99.0 / 320.0, mode: 2, pinch: false });
        assert!((pixels - lines).abs() < 1e-5 && (pixels - pages).abs() < 1e-5);
        assert!(pixels > 1.08 && pixels < 1.13, "down is out: {pixels}");
        let pinch = after(WheelTurn { delta_y: -9.9, mode: 0, pinch: true });
        assert!((pinch * pixels - 1.0).abs() < 1e-4, "a pinch outwards is in");
        for (delta_y, mode) in [(99.0, 0), (3.0, 1)] {
            let with_control = after(WheelTurn { delta_y, mode, pinch: true });
            assert!((with_control - pixels).abs() < 2e-3, "a notch with a key: {with_control}");
        }
    }

    #[test]
    fn at_its_end_the_wheel_turns_nothing() {
        let mut zoom = Zoom::new(1.0);
        let out = WheelTurn { delta_y: 100.0, mode: 0, pinch: false };
        let turns = (0..100).take_while(|_| zoom.wheel(out, SIZE)).count();
        assert!((5..20).contains(&turns), "{turns}");
        assert!(zoom.wheel(WheelTurn { delta_y: -100.0, ..out }, SIZE), "back in it does");
        assert!(!zoom.wheel(WheelTurn { delta_y: 0.0, ..out }, SIZE), "sideways it does not");
    }

    #[test]
    fn wild_deltas_stay_within_the_limits() {
        for delta_y in [f32::NAN, f32::INFINITY, -1e30, 1e30] {
            let mut zoom = Zoom::new(1.0);
            for _ in 0..100 {
                zoom.wheel(WheelTurn { delta_y, mode: 0, pinch: true }, SIZE);
            }
            assert!((FOV_MIN_RAD..=FOV_MAX_RAD).contains(&zoom.target_rad()));
        }
    }
}
