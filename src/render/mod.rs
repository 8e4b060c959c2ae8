//! The seam between the picture and what paints it: draw these views of this projection of this
//! video frame into this target.
//!
//! In: [`EyeView`]s and a [`Picture`]. Out: pixels, by one of two painters that share one WGSL
//! source (`shaders/sphere.wgsl`): wgpu (`render::gpu`, feature `webgpu`, native and web) and the
//! thin WebGL2 painter (`web/webgl2`). Owns no device, no canvas and no video.

use crate::view::{Eye, Projection, StereoLayout};
use glam::Mat4;

/// What a video frame shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Picture {
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
