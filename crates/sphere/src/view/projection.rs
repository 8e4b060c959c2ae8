//! Which texel a direction shows: the projection and the stereo layout on the CPU.
//!
//! In: a world direction, or texture coordinates. Out: the other. This is the model the shader is
//! tested against and the one picking uses; u runs left to right, v from the top of the frame
//! downwards, both 0…1. It knows no texels, hence no filtering and no half-texel inset.

use super::camera::{azimuth_rad, direction};
use super::{Eye, Projection, StereoLayout};
use core::f32::consts::{FRAC_PI_2, PI, TAU};
use glam::{Vec2, Vec3};

/// The part of the frame that holds one eye's picture: `frame = offset + scale × eye`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EyeRect {
    /// Its top left corner.
    pub offset: Vec2,
    /// Its width and height.
    pub scale: Vec2,
}

impl StereoLayout {
    /// Where this eye's picture lies in the frame.
    #[must_use]
    pub fn eye_rect(self, eye: Eye) -> EyeRect {
        let second = if eye == Eye::Right { 0.5 } else { 0.0 };
        match self {
            Self::Mono => EyeRect { offset: Vec2::ZERO, scale: Vec2::ONE },
            Self::TopBottom => {
                EyeRect { offset: Vec2::new(0.0, second), scale: Vec2::new(1.0, 0.5) }
            }
            Self::SideBySide => {
                EyeRect { offset: Vec2::new(second, 0.0), scale: Vec2::new(0.5, 1.0) }
            }
        }
    }
}

impl Projection {
    /// How much of the turn the picture covers, left to right.
    #[must_use]
    pub const fn horizontal_extent_rad(self) -> f32 {
        match self {
            Self::Equirect360 => TAU,
            Self::Equirect180 => PI,
        }
    }

    /// Coordinates in one eye's picture, or nothing where the picture does not reach. The
    /// direction need not be of unit length.
    #[must_use]
    pub fn uv_from_direction(self, world: Vec3) -> Option<Vec2> {
        let yaw_rad = azimuth_rad(world);
        if self == Self::Equirect180 && yaw_rad.abs() > FRAC_PI_2 {
            return None;
        }
        let pitch_rad = world.y.atan2(world.x.hypot(world.z));
        Some(Vec2::new(0.5 + yaw_rad / self.horizontal_extent_rad(), 0.5 - pitch_rad / PI))
    }

    /// The direction that coordinates in one eye's picture stand for.
    #[must_use]
    pub fn direction_from_uv(self, uv: Vec2) -> Vec3 {
        direction((uv.x - 0.5) * self.horizontal_extent_rad(), (0.5 - uv.y) * PI)
    }
}

/// Coordinates in the whole frame of what one eye sees in a direction.
#[must_use]
pub fn frame_uv(
    projection: Projection,
    (stereo, eye): (StereoLayout, Eye),
    world: Vec3,
) -> Option<Vec2> {
    let rect = stereo.eye_rect(eye);
    projection.uv_from_direction(world).map(|uv| rect.offset + rect.scale * uv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_uv(got: Option<Vec2>, u: f32, v: f32) {
        let got = got.expect("inside the picture");
        assert!((got - Vec2::new(u, v)).length() < 1e-5, "{got} is not ({u}, {v})");
    }

    #[test]
    fn landmarks_of_a_full_picture() {
        let full = Projection::Equirect360;
        assert_uv(full.uv_from_direction(Vec3::NEG_Z), 0.5, 0.5);
        assert_uv(full.uv_from_direction(Vec3::X), 0.75, 0.5);
        assert_uv(full.uv_from_direction(Vec3::NEG_X), 0.25, 0.5);
        assert_uv(full.uv_from_direction(Vec3::new(-1e-9, 0.0, 1.0)), 0.0, 0.5);
        assert!((full.uv_from_direction(Vec3::Y).expect("the top").y).abs() < 1e-6);
        assert!(
            (full.uv_from_direction(Vec3::NEG_Y * 9.0).expect("the bottom").y - 1.0).abs() < 1e-6
        );
    }

    #[test]
    fn a_half_picture_ends_at_the_sides() {
        let half = Projection::Equirect180;
        assert_uv(half.uv_from_direction(Vec3::NEG_Z), 0.5, 0.5);
        assert_uv(half.uv_from_direction(direction(1.5, 0.0)), 0.5 + 1.5 / PI, 0.5);
        assert_eq!(half.uv_from_direction(direction(1.6, 0.0)), None);
        assert_eq!(half.uv_from_direction(Vec3::Z), None);
    }

    #[test]
    fn there_and_back() {
        for projection in Projection::ALL {
            for (u, v) in [(0.1, 0.1), (0.5, 0.9), (0.99, 0.5), (0.01, 0.3)] {
                let world = projection.direction_from_uv(Vec2::new(u, v));
                assert!((world.length() - 1.0).abs() < 1e-5);
                assert_uv(projection.uv_from_direction(world), u, v);
            }
        }
    }

    #[test]
    fn each_eye_has_its_half() {
        let at = |stereo, eye| frame_uv(Projection::Equirect360, (stereo, eye), Vec3::X);
        assert_uv(at(StereoLayout::Mono, Eye::Right), 0.75, 0.5);
        assert_uv(at(StereoLayout::TopBottom, Eye::Left), 0.75, 0.25);
        assert_uv(at(StereoLayout::TopBottom, Eye::Right), 0.75, 0.75);
        assert_uv(at(StereoLayout::SideBySide, Eye::Left), 0.375, 0.5);
        assert_uv(at(StereoLayout::SideBySide, Eye::Right), 0.875, 0.5);
    }
}
