//! The exported class of both view modules; `www/picture.js` is its only caller.
//!
//! In: a canvas, a video, and what the page sets, angles in degrees. Out: the sphere on the
//! canvas, and calls on the [`Host`]. The same interface stands in `view_webgpu` and
//! `view_webgl2`, so that the caller need not know which it has.

use super::canvas_renderer::CanvasRenderer;
use super::canvas_view::CanvasView;
use super::host::Host;
use super::renderer::Renderer;
use super::{device_orientation, keyboard, pointer, video_listeners};
use crate::view::{Projection, StereoLayout};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlCanvasElement, HtmlVideoElement};

/// A video on the inside of a sphere, on a canvas.
#[wasm_bindgen]
pub struct View {
    canvas_view: Rc<CanvasView>,
}

#[wasm_bindgen]
impl View {
    /// Takes the canvas; rejects with an error of the host's making where it cannot be drawn on.
    ///
    /// # Errors
    /// `renderer-unavailable`.
    pub async fn create(
        canvas: HtmlCanvasElement,
        video: HtmlVideoElement,
        host: Host,
    ) -> Result<View, JsValue> {
        let canvas_view = CanvasView::new(canvas, video, host).await?;
        canvas_view.follow(video_listeners::watch(&canvas_view));
        canvas_view.keep(pointer::listen(&canvas_view));
        canvas_view.keep(keyboard::listen(&canvas_view));
        Ok(Self { canvas_view })
    }

    /// Lets go of the canvas, the video, and every listener. Call `free` afterwards.
    pub fn close(&self) {
        self.canvas_view.close();
    }

    /// `webgpu` or `webgl2`.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn renderer(&self) -> String {
        CanvasRenderer::RENDERER.into()
    }

    /// By its public name; an unknown one is refused with `false`.
    #[wasm_bindgen(js_name = setProjection)]
    pub fn set_projection(&self, name: &str) -> bool {
        let Some(projection) = Projection::from_name(name) else { return false };
        self.canvas_view.set_picture(crate::render::SphericalFormat {
            projection,
            ..self.canvas_view.picture()
        });
        true
    }

    /// By its public name; an unknown one is refused with `false`.
    #[wasm_bindgen(js_name = setStereo)]
    pub fn set_stereo(&self, name: &str) -> bool {
        let Some(stereo) = StereoLayout::from_name(name) else { return false };
        self.canvas_view
            .set_picture(crate::render::SphericalFormat { stereo, ..self.canvas_view.picture() });
        true
    }

    /// To the right, −180…180.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn yaw(&self) -> f64 {
        self.canvas_view.read(|orientation, _| degrees(orientation.camera().yaw_rad()))
    }

    #[allow(missing_docs)]
    #[wasm_bindgen(setter)]
    pub fn set_yaw(&self, yaw_deg: f64) {
        self.canvas_view.steer(|orientation| orientation.set_yaw_rad(radians(yaw_deg)));
    }

    /// Upwards, −90…90.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn pitch(&self) -> f64 {
        self.canvas_view.read(|orientation, _| degrees(orientation.camera().pitch_rad()))
    }

    #[allow(missing_docs)]
    #[wasm_bindgen(setter)]
    pub fn set_pitch(&self, pitch_deg: f64) {
        self.canvas_view.steer(|orientation| orientation.set_pitch_rad(radians(pitch_deg)));
    }

    /// Field of view across the shorter side, 30…120.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn fov(&self) -> f64 {
        self.canvas_view.read(|orientation, _| degrees(orientation.camera().fov_rad()))
    }

    #[allow(missing_docs)]
    #[wasm_bindgen(setter)]
    pub fn set_fov(&self, fov_deg: f64) {
        self.canvas_view.steer(|orientation| orientation.set_fov_rad(radians(fov_deg)));
    }

    /// The present heading becomes the centre of the picture.
    pub fn recenter(&self) {
        self.canvas_view.steer(|orientation| orientation.recenter());
    }

    /// Lets `read` have the canvas with the view drawn at this size; then it is as before.
    ///
    /// # Errors
    /// `no-frame`, `video-tainted`, `context-lost`.
    pub fn capture(
        &self,
        width_px: u32,
        height_px: u32,
        read: &js_sys::Function,
    ) -> Result<(), JsValue> {
        self.canvas_view.capture(width_px, height_px, read)
    }

    /// Whether to follow the motion sensor.
    #[wasm_bindgen(js_name = setMotion)]
    pub fn set_motion(&self, follow: bool) {
        self.canvas_view.set_motion(follow.then(|| device_orientation::listen(&self.canvas_view)));
    }

    /// Whether the viewer asked for less motion: nothing glides then.
    #[wasm_bindgen(js_name = setReducedMotion)]
    pub fn set_reduced_motion(&self, reduced: bool) {
        self.canvas_view.steer(|orientation| orientation.set_reduced_motion(reduced));
    }

    /// The stream has changed or gone: black, until the next one has a frame.
    #[wasm_bindgen(js_name = forgetFrame)]
    pub fn forget_frame(&self) {
        self.canvas_view.forget_frame();
    }

    /// Draw nothing, while a headset does.
    #[wasm_bindgen(js_name = setSuspended)]
    pub fn set_suspended(&self, is_suspended: bool) {
        self.canvas_view.set_suspended(is_suspended);
    }

    /// Device pixels a full turn would take at the present zoom.
    #[wasm_bindgen(getter, js_name = panoramaWidthPx)]
    #[must_use]
    pub fn panorama_width_px(&self) -> f64 {
        self.canvas_view.read(|orientation, size| {
            f64::from(orientation.camera().panorama_width_px(size).round())
        })
    }

    /// Paintings so far.
    #[wasm_bindgen(getter, js_name = framesDrawn)]
    #[must_use]
    pub fn frames_drawn(&self) -> u32 {
        self.canvas_view.frames_drawn()
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.canvas_view.close();
    }
}

/// To a ten-thousandth, so that what the page set in degrees reads as it was set.
pub(super) fn degrees(angle_rad: f32) -> f64 {
    (f64::from(angle_rad).to_degrees() * 1e4).round() / 1e4
}

pub(super) fn radians(angle_deg: f64) -> f32 {
    angle_deg.to_radians() as f32
}
