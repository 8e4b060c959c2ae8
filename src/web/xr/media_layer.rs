//! The browser's own equirect layer (WebXR Layers 1, XRMediaBinding): the compositor samples the
//! video itself, at the display's rate and resolution, and we draw nothing.
//!
//! In: the session, the video, how it covers the sphere, which way it faces. Out: a layer in the
//! session's render state. The radius stays the default 0, which is infinitely far. Whatever is
//! missing or thrown is the caller's sign to draw by WebGL.

use super::externs::{XrEquirectLayer, XrMediaBinding, XrRigidTransform, XrSession, object};
use crate::render::SphericalFormat;
use crate::view::headset::RecenterOffset;
use crate::view::{Projection, StereoLayout};
use core::f64::consts::{FRAC_PI_2, PI, TAU};
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::HtmlVideoElement;

/// The layer that shows now; given back when dropped.
pub(super) struct MediaLayer {
    binding: XrMediaBinding,
    layer: XrEquirectLayer,
}

impl MediaLayer {
    /// Shows the video in a session.
    pub(super) fn new(scene: &Scene) -> Result<Self, JsValue> {
        let binding = XrMediaBinding::new(scene.session)?;
        let layer = scene.show(&binding)?;
        Ok(Self { binding, layer })
    }

    /// A layer's layout is for life, so another picture is another layer.
    pub(super) fn show(&mut self, scene: &Scene) -> Result<(), JsValue> {
        let layer = scene.show(&self.binding)?;
        let former = core::mem::replace(&mut self.layer, layer);
        let _ = former.destroy();
        Ok(())
    }

    /// Turns the picture about the viewer.
    pub(super) fn turn(&self, recenter_offset: RecenterOffset) {
        if let Ok(transform) = transform(recenter_offset) {
            self.layer.set_transform(&transform);
        }
    }
}

impl Drop for MediaLayer {
    fn drop(&mut self) {
        // Throws only if the session has taken it along already.
        let _ = self.layer.destroy();
    }
}

/// What is to be seen, and where.
pub(super) struct Scene<'a> {
    pub(super) session: &'a XrSession,
    pub(super) space: &'a JsValue,
    pub(super) video: &'a HtmlVideoElement,
    pub(super) picture: SphericalFormat,
    pub(super) recenter_offset: RecenterOffset,
}

impl Scene<'_> {
    fn show(&self, binding: &XrMediaBinding) -> Result<XrEquirectLayer, JsValue> {
        let layout = match self.picture.stereo {
            StereoLayout::Mono => "mono",
            StereoLayout::TopBottom => "stereo-top-bottom",
            StereoLayout::SideBySide => "stereo-left-right",
        };
        let extent_rad = match self.picture.projection {
            Projection::Equirect360 => TAU,
            Projection::Equirect180 => PI,
        };
        let init = object(&[
            ("space", self.space.clone()),
            ("layout", layout.into()),
            ("transform", transform(self.recenter_offset)?.into()),
            ("centralHorizontalAngle", extent_rad.into()),
            ("upperVerticalAngle", FRAC_PI_2.into()),
            ("lowerVerticalAngle", (-FRAC_PI_2).into()),
        ]);
        let layer = binding.create_equirect_layer(self.video, &init)?;
        let layers = Array::of1(&layer);
        if let Err(thrown) = self.session.update_render_state(&object(&[("layers", layers.into())]))
        {
            let _ = layer.destroy();
            return Err(thrown);
        }
        Ok(layer)
    }
}

fn transform(recenter_offset: RecenterOffset) -> Result<XrRigidTransform, JsValue> {
    let rotation = recenter_offset.local_from_world();
    let orientation = object(&[
        ("x", rotation.x.into()),
        ("y", rotation.y.into()),
        ("z", rotation.z.into()),
        ("w", rotation.w.into()),
    ]);
    // No position: the origin.
    XrRigidTransform::new(&JsValue::UNDEFINED, &orientation)
}
