//! What the shader gets of one view: the bytes of `View` in `shaders/sphere.wgsl`.
//!
//! In: an [`EyeView`] and a [`SphericalFormat`]. Out: 80 bytes, laid out as WGSL's uniform address space
//! and GLSL's std140 both have them. Knows no graphics API.

use super::{EyeView, SphericalFormat};
use crate::view::projection::EyeRect;
use core::f32::consts::TAU;
use glam::{Mat3, Vec3};

/// Size of the shader's `View`.
pub const UNIFORM_BYTES: usize = 80;

/// The bytes of `View`, or `None` where no ray can be made of the matrices (one of them cannot be
/// inverted or is not finite, as with a canvas of no height): such a view shows nothing.
#[must_use]
pub fn uniform_bytes(view: &EyeView, picture: SphericalFormat) -> Option<[u8; UNIFORM_BYTES]> {
    let ray_from_clip = ray_from_clip(view)?;
    let mut floats = [0_f32; UNIFORM_BYTES / 4];
    // A column of a mat3x3 takes the room of four floats.
    for (column, to) in floats.chunks_exact_mut(4).take(3).enumerate() {
        to[..3].copy_from_slice(&ray_from_clip.col(column).to_array());
    }
    let EyeRect { offset, scale } = picture.stereo.eye_rect(view.eye);
    floats[12..16].copy_from_slice(&[offset.x, offset.y, scale.x, scale.y]);
    floats[16] = picture.projection.horizontal_extent_rad() / TAU;

    let mut bytes = [0; UNIFORM_BYTES];
    for (float, to) in floats.iter().zip(bytes.chunks_exact_mut(4)) {
        to.copy_from_slice(&float.to_le_bytes());
    }
    Some(bytes)
}

/// From (clip x, clip y, 1) to a ray in the world.
///
/// A point *v* of view space, seen from the origin, lands on clip x, y, w = *H* *v*, where *H* is
/// the projection without its depth row and without its (for a perspective, empty) last column; so
/// rays are *H*⁻¹ (x, y, 1), whatever the depth range, an infinite far plane included, and however
/// skewed a headset's frustum is.
fn ray_from_clip(view: &EyeView) -> Option<Mat3> {
    let p = view.clip_from_view;
    let without_depth = |column: glam::Vec4| Vec3::new(column.x, column.y, column.w);
    let clip_from_view =
        Mat3::from_cols(without_depth(p.x_axis), without_depth(p.y_axis), without_depth(p.z_axis));
    let clip_from_ray = clip_from_view * Mat3::from_mat4(view.view_from_world);
    let determinant = clip_from_ray.determinant();
    if determinant == 0.0 || !determinant.is_finite() {
        return None;
    }
    let ray_from_clip = clip_from_ray.inverse();
    ray_from_clip.is_finite().then_some(ray_from_clip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Eye, Projection, StereoLayout};
    use glam::Mat4;
    use glam::camera::rh::proj::{directx, opengl};

    fn floats(bytes: &[u8]) -> Vec<f32> {
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    }

    fn ray(bytes: &[u8], x: f32, y: f32) -> Vec3 {
        let f = floats(bytes);
        let column = |i: usize| Vec3::new(f[i * 4], f[i * 4 + 1], f[i * 4 + 2]);
        (column(0) * x + column(1) * y + column(2)).normalize()
    }

    fn front(clip_from_view: Mat4) -> EyeView {
        EyeView {
            eye: Eye::Left,
            viewport: super::super::Viewport::default(),
            clip_from_view,
            view_from_world: Mat4::IDENTITY,
        }
    }

    #[test]
    fn the_centre_is_minus_z_and_edges_lie_at_half_the_field_of_view() {
        let view = front(opengl::perspective(60_f32.to_radians(), 2.0, 0.1, 100.0));
        let bytes = uniform_bytes(&view, SphericalFormat::default()).expect("a perspective");
        assert!(ray(&bytes, 0.0, 0.0).abs_diff_eq(Vec3::NEG_Z, 1e-6));
        let top = ray(&bytes, 0.0, 1.0);
        assert!((top.y.asin().to_degrees() - 30.0).abs() < 1e-3, "{top}");
        let right = ray(&bytes, 1.0, 0.0);
        let half_width = (2.0 * 30_f32.to_radians().tan()).atan();
        assert!(((right.x).atan2(-right.z) - half_width).abs() < 1e-5, "{right}");
    }

    #[test]
    fn depth_range_and_translation_do_not_matter() {
        let picture = SphericalFormat::default();
        let near_far = front(opengl::perspective(1.2, 1.5, 0.1, 1000.0));
        let mut infinite = front(directx::perspective_infinite_reverse(1.2, 1.5, 0.1));
        infinite.view_from_world = Mat4::from_translation(Vec3::new(3.0, -2.0, 5.0));
        let a = uniform_bytes(&near_far, picture).expect("finite");
        let b = uniform_bytes(&infinite, picture).expect("infinite");
        for (x, y) in [(0.0, 0.0), (-1.0, 1.0), (0.7, -0.3)] {
            assert!(ray(&a, x, y).abs_diff_eq(ray(&b, x, y), 1e-6));
        }
    }

    #[test]
    fn a_skewed_frustum_and_a_turned_head() {
        // Left, right, bottom, top tangents of a headset's left eye.
        let [l, r, b, t, near] = [-1.2_f32, 0.8, -1.1, 0.9, 0.1];
        let frustum = opengl::frustum(l * near, r * near, b * near, t * near, near, 10.0);
        let mut view = front(frustum);
        let bytes = uniform_bytes(&view, SphericalFormat::default()).expect("a frustum");
        assert!(ray(&bytes, -1.0, -1.0).abs_diff_eq(Vec3::new(l, b, -1.0).normalize(), 1e-6));
        assert!(ray(&bytes, 1.0, 1.0).abs_diff_eq(Vec3::new(r, t, -1.0).normalize(), 1e-6));
        // The head turned 90° to its right sees +X.
        view.view_from_world = Mat4::from_rotation_y(90_f32.to_radians());
        view.clip_from_view = opengl::perspective(1.0, 1.0, 0.1, 10.0);
        let bytes = uniform_bytes(&view, SphericalFormat::default()).expect("a perspective");
        assert!(ray(&bytes, 0.0, 0.0).abs_diff_eq(Vec3::X, 1e-6));
    }

    #[test]
    fn eyes_have_their_halves_and_180_half_a_turn() {
        let mut view = front(opengl::perspective(1.0, 1.0, 0.1, 10.0));
        view.eye = Eye::Right;
        let picture = SphericalFormat {
            projection: Projection::Equirect180,
            stereo: StereoLayout::SideBySide,
        };
        let f = floats(&uniform_bytes(&view, picture).expect("a perspective"));
        assert_eq!(&f[12..17], &[0.5, 0.0, 0.5, 1.0, 0.5]);
        let picture =
            SphericalFormat { projection: Projection::Equirect360, stereo: StereoLayout::Mono };
        let f = floats(&uniform_bytes(&view, picture).expect("a perspective"));
        assert_eq!(&f[12..17], &[0.0, 0.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn no_view_of_matrices_that_cannot_be_inverted() {
        for bad in [Mat4::ZERO, Mat4::NAN, opengl::perspective(1.0, f32::NAN, 0.1, 1.0)] {
            assert_eq!(uniform_bytes(&front(bad), SphericalFormat::default()), None);
        }
    }
}
