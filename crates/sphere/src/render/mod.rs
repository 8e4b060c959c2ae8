//! The seam between the picture and what paints it: draw these views of this projection of this
//! video frame into this target.
//!
//! In: [`EyeView`]s and a [`SphericalFormat`]. Out: pixels, by one of two renderers that share one WGSL
//! source (`shaders/sphere.wgsl`): wgpu (`render::gpu`, feature `webgpu`, native and web) and a thin
//! WebGL2 renderer (`render::glsl` has its shader). Owns no device, no canvas and no video.

use crate::view::{Eye, Projection, StereoLayout};
use glam::Mat4;

#[cfg(feature = "webgl2")]
pub mod glsl;
#[cfg(feature = "webgpu")]
pub mod gpu;
mod uniforms;

pub use uniforms::{UNIFORM_BYTES, uniform_bytes};

/// What a video frame shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SphericalFormat {
    /// How it covers the sphere.
    pub projection: Projection,
    /// Where each eye's half lies.
    pub stereo: StereoLayout,
}

/// A rectangle of the target, in pixels from its top left (WebGPU) or bottom left (WebGL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// Left.
    pub x_px: i32,
    /// Top or bottom, as the target has it.
    pub y_px: i32,
    /// Width.
    pub width_px: u32,
    /// Height.
    pub height_px: u32,
}

/// One view to draw: the page's camera, or one eye of a headset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EyeView {
    /// Whose half of a stereo picture.
    pub eye: Eye,
    /// Where on the target.
    pub viewport: Viewport,
    /// Projection matrix, WebGL/WebXR clip conventions.
    pub clip_from_view: Mat4,
    /// Inverse of the head's or camera's pose; translation is ignored, the sphere is infinitely
    /// far.
    pub view_from_world: Mat4,
}

/// The size at which a `width_px` × `height_px` frame is uploaded where a texture's side may have
/// `max_px`: its own, or the largest of the same shape (but for rounding down).
#[must_use]
pub fn texture_size(width_px: u32, height_px: u32, max_px: u32) -> (u32, u32) {
    let longest = width_px.max(height_px);
    if longest <= max_px {
        return (width_px, height_px);
    }
    let scaled = |px: u32| (u64::from(px) * u64::from(max_px) / u64::from(longest)).max(1) as u32;
    (scaled(width_px), scaled(height_px))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_larger_than_a_texture_keeps_its_shape() {
        assert_eq!(texture_size(3840, 1920, 4096), (3840, 1920));
        assert_eq!(texture_size(7680, 3840, 4096), (4096, 2048));
        assert_eq!(texture_size(4320, 4321, 2048), (2047, 2048));
        assert_eq!(texture_size(u32::MAX, 1, 2048), (2048, 1));
    }
}
