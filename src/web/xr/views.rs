//! From a headset's pose to the views a renderer draws.
//!
//! In: an XRViewerPose, the layer it is for, the picture's rotation. Out: one [`EyeView`] an eye.
//! The sphere is infinitely far, so only the rotations count, and both eyes of a mono picture see
//! the same.

use super::externs::{Point, XrView, XrViewerPose, XrWebGlLayer};
use crate::render::{EyeView, Viewport};
use crate::view::Eye;
use glam::{Mat4, Quat};
use js_sys::Float32Array;
use wasm_bindgen::JsCast;

/// The views of this frame; one without a place on the layer is left out.
pub(super) fn eye_views(
    pose: &XrViewerPose,
    layer: &XrWebGlLayer,
    local_from_world: Quat,
) -> Vec<EyeView> {
    let local_from_world = Mat4::from_quat(local_from_world);
    let views = pose.views();
    let eye_view = |view: &XrView| {
        let viewport = layer.viewport(view)?;
        let view_from_local = matrix(&view.transform().inverse().matrix());
        Some(EyeView {
            // A single view is `none`; it is shown what a screen is.
            eye: if view.eye() == "right" { Eye::Right } else { Eye::Left },
            viewport: Viewport {
                x_px: viewport.x(),
                y_px: viewport.y(),
                width_px: viewport.width(),
                height_px: viewport.height(),
            },
            clip_from_view: matrix(&view.projection_matrix()),
            view_from_world: view_from_local * local_from_world,
        })
    };
    (0..views.length()).filter_map(|index| eye_view(views.get(index).unchecked_ref())).collect()
}

/// Column by column. Too short an array gives NaN, of which the renderer makes nothing.
fn matrix(columns: &Float32Array) -> Mat4 {
    let mut floats = [0.0; 16];
    for (index, float) in (0..).zip(&mut floats) {
        *float = columns.get_index(index);
    }
    Mat4::from_cols_array(&floats)
}

/// A rotation as WebXR has it.
pub(super) fn rotation(orientation: &Point) -> Quat {
    Quat::from_xyzw(orientation.x(), orientation.y(), orientation.z(), orientation.w())
}
