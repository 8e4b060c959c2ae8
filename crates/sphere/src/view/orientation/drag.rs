//! Dragging: the point of the picture under the finger stays under the finger.
//!
//! In: the ray that was held and the ray to hold it with, both in view space. Out: the turn in
//! yaw and pitch that carries the picture along. Exact wherever a level camera can do it; near a
//! pole, where a pixel would spin the world, the yaw is limited.

use crate::view::camera::{Camera, azimuth_rad};
use crate::view::trig::{about_x, about_z, limited, wrap_rad};
use core::f32::consts::{FRAC_PI_2, PI};
use glam::Vec3;

/// How many times the finger's own angle the yaw may turn: what a grab at 75° latitude takes.
const YAW_GAIN_MAX: f32 = 4.0;

/// A change of direction.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Turn {
    /// To the right.
    pub yaw_rad: f32,
    /// Upwards.
    pub pitch_rad: f32,
}

/// Two rays in view space, unit length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drag {
    /// Through the point that was grabbed, by the camera as it was.
    pub held: Vec3,
    /// Through the finger, by the camera as it will be (another zoom, when pinching).
    pub ray: Vec3,
}

/// The turn that brings what `held` showed under `ray`.
#[must_use]
pub fn turn(camera: &Camera, drag: Drag) -> Turn {
    let world = camera.world_from_view() * drag.held;
    // A tilt belongs to the view: undo it, and what is left is yaw and pitch.
    let ray = about_z(camera.roll_rad()) * drag.ray;

    // Pitched by p, the ray's height is r·sin(tilt + p): solve for the height of the held point.
    let reach = ray.y.hypot(ray.z);
    let tilt_rad = ray.y.atan2(-ray.z);
    let height_rad = limited(world.y / reach.max(1e-6), -1.0, 1.0).asin();
    let (near, beyond) = (height_rad - tilt_rad, PI - height_rad - tilt_rad);
    let off = |pitch_rad: f32| wrap_rad(pitch_rad - camera.pitch_rad()).abs();
    let pitch_rad = if off(near) <= off(beyond) { near } else { beyond };
    let solved_rad = camera.pitch_rad() + wrap_rad(pitch_rad - camera.pitch_rad());
    let pitch_rad = limited(solved_rad, -FRAC_PI_2, FRAC_PI_2);
    let pitch = pitch_rad - camera.pitch_rad();
    if pitch_rad != solved_rad {
        // Beyond a pole nothing can be held: turn as the finger moves sideways.
        return Turn { yaw_rad: azimuth_rad(drag.held) - azimuth_rad(drag.ray), pitch_rad: pitch };
    }

    let pitched = about_x(pitch_rad) * ray;
    let yaw_rad = wrap_rad(azimuth_rad(world) - azimuth_rad(pitched) - camera.yaw_rad());
    let limit = YAW_GAIN_MAX * drag.held.angle_between(drag.ray);
    Turn { yaw_rad: limited(yaw_rad, -limit, limit), pitch_rad: pitch }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::camera::{Point, Size};

    const SIZE: Size = Size { width_px: 800.0, height_px: 600.0 };

    fn apply(camera: &mut Camera, from: Point, to: Point) {
        let drag = Drag { held: camera.view_ray(from, SIZE), ray: camera.view_ray(to, SIZE) };
        let by = turn(camera, drag);
        camera.set_yaw_rad(camera.yaw_rad() + by.yaw_rad);
        camera.set_pitch_rad(camera.pitch_rad() + by.pitch_rad);
    }

    #[test]
    fn the_grabbed_point_stays_under_the_pointer() {
        for (yaw_deg, pitch_deg, fov_deg) in
            [(0.0f32, 0.0f32, 75.0f32), (170.0, 40.0, 60.0), (-90.0, -55.0, 100.0)]
        {
            let mut camera = Camera::default();
            camera.set_yaw_rad(yaw_deg.to_radians());
            camera.set_pitch_rad(pitch_deg.to_radians());
            camera.set_fov_rad(fov_deg.to_radians());
            let mut at = Point { x_px: 420.0, y_px: 280.0 };
            let grabbed = camera.world_ray(at, SIZE);
            for (dx_px, dy_px) in [(15.0, 3.0), (-40.0, 12.0), (22.0, -30.0), (5.0, 5.0)] {
                let to = Point { x_px: at.x_px + dx_px, y_px: at.y_px + dy_px };
                apply(&mut camera, at, to);
                at = to;
                let off_rad = grabbed.angle_between(camera.world_ray(at, SIZE));
                assert!(off_rad.to_degrees() < 0.1, "{yaw_deg} {pitch_deg}: {off_rad}");
            }
        }
    }

    #[test]
    fn dragging_left_looks_right_and_dragging_down_looks_up() {
        let mut camera = Camera::default();
        apply(&mut camera, Point { x_px: 400.0, y_px: 300.0 }, Point { x_px: 300.0, y_px: 300.0 });
        assert!(camera.yaw_rad() > 0.1);
        assert!(camera.pitch_rad().abs() < 1e-4);
        apply(&mut camera, Point { x_px: 400.0, y_px: 300.0 }, Point { x_px: 400.0, y_px: 400.0 });
        assert!(camera.pitch_rad() > 0.1);
    }

    #[test]
    fn the_poles_neither_flip_nor_spin() {
        let mut camera = Camera::default();
        for _ in 0..60 {
            let before = camera;
            let from = Point { x_px: 400.0, y_px: 300.0 };
            let to = Point { x_px: 402.0, y_px: 340.0 };
            apply(&mut camera, from, to);
            assert!(camera.pitch_rad() >= before.pitch_rad() - 1e-4);
            let yawed = wrap_rad(camera.yaw_rad() - before.yaw_rad()).abs();
            assert!(yawed.is_finite() && yawed < 0.1, "{yawed}");
        }
        assert!(camera.pitch_rad() > 1.4);
    }
}
