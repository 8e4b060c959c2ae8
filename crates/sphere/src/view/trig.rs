//! The few functions of angles that a camera needs, small.
//!
//! In: angles in radians, of a few turns at most. Out: sines, cosines, rotations. The general
//! functions of the standard library bring a reduction for arguments of any size, 7 KB of
//! WebAssembly in a module that has 25 KB (brotli); no angle here is that large. Accuracy is that
//! of `f32` within a few units in the last place; a test compares both.

use core::f32::consts::{FRAC_PI_2, PI, TAU};
use glam::Quat;

/// `value`, no lower than `low` and no higher than `high`. Unlike `f32::clamp` it cannot panic, and
/// so does not bring the formatting of floating point numbers into the view modules (9 KB).
#[must_use]
#[allow(clippy::manual_clamp)]
pub(super) fn limited(value: f32, low: f32, high: f32) -> f32 {
    value.max(low).min(high)
}

/// An angle in (−π, π].
#[must_use]
pub fn wrap_rad(angle_rad: f32) -> f32 {
    if angle_rad > -PI && angle_rad <= PI {
        return angle_rad;
    }
    let wrapped = angle_rad - TAU * (angle_rad / TAU).round();
    if wrapped <= -PI { PI } else { wrapped.min(PI) }
}

/// Sine and cosine.
#[must_use]
pub fn sin_cos(angle_rad: f32) -> (f32, f32) {
    // To −π/4…π/4 about the nearest quarter turn, in double precision so that nothing cancels.
    let quarter = (angle_rad / FRAC_PI_2).round();
    let x = (f64::from(angle_rad) - f64::from(quarter) * core::f64::consts::FRAC_PI_2) as f32;
    let square = x * x;
    // Taylor's series: the first term left out is below 3e-7 (sine) and 2.5e-8 (cosine).
    let sin = x * (1.0 + square * (-1.0 / 6.0 + square * (1.0 / 120.0 - square / 5040.0)));
    let cos =
        1.0 + square * (-0.5 + square * (1.0 / 24.0 + square * (-1.0 / 720.0 + square / 40320.0)));
    match quarter as i32 & 3 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// Tangent; large, not infinite, at a quarter turn.
#[must_use]
pub fn tan(angle_rad: f32) -> f32 {
    let (sin, cos) = sin_cos(angle_rad);
    sin / cos
}

/// The rotation about x.
#[must_use]
pub fn about_x(angle_rad: f32) -> Quat {
    let (sin, cos) = sin_cos(angle_rad * 0.5);
    Quat::from_xyzw(sin, 0.0, 0.0, cos)
}

/// The rotation about y.
#[must_use]
pub fn about_y(angle_rad: f32) -> Quat {
    let (sin, cos) = sin_cos(angle_rad * 0.5);
    Quat::from_xyzw(0.0, sin, 0.0, cos)
}

/// The rotation about z.
#[must_use]
pub fn about_z(angle_rad: f32) -> Quat {
    let (sin, cos) = sin_cos(angle_rad * 0.5);
    Quat::from_xyzw(0.0, 0.0, sin, cos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_has_it() {
        for step in -4000..=4000_i16 {
            let angle_rad = f32::from(step) * 0.005;
            let (sin, cos) = sin_cos(angle_rad);
            let (exact_sin, exact_cos) = f64::from(angle_rad).sin_cos();
            assert!((f64::from(sin) - exact_sin).abs() < 5e-7, "sin {angle_rad}");
            assert!((f64::from(cos) - exact_cos).abs() < 5e-7, "cos {angle_rad}");
            assert!(about_x(angle_rad).abs_diff_eq(Quat::from_rotation_x(angle_rad), 1e-6));
            assert!(about_y(angle_rad).abs_diff_eq(Quat::from_rotation_y(angle_rad), 1e-6));
            assert!(about_z(angle_rad).abs_diff_eq(Quat::from_rotation_z(angle_rad), 1e-6));
        }
        assert!((tan(0.7) - 0.7_f32.tan()).abs() < 1e-6);
        assert!(sin_cos(f32::NAN).0.is_nan());
        assert!(tan(FRAC_PI_2).is_finite());
    }

    #[test]
    fn angles_are_wrapped() {
        assert_eq!(wrap_rad(-PI), PI);
        assert_eq!(wrap_rad(PI), PI);
        assert!((wrap_rad(3.0 * PI) - PI).abs() < 1e-5);
        for turns in -50..50_i8 {
            let wrapped = wrap_rad(f32::from(turns) * 0.77);
            assert!(wrapped > -PI && wrapped <= PI);
        }
    }
}
