//! A video frame made smaller, for textures that cannot hold it.
//!
//! In: a video and the size of the texture. Out: a 2D canvas with the frame on it, which costs one
//! more copy a frame. Only for a video larger than the device's textures.

use crate::error::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement};

/// The 2D canvas, kept from frame to frame.
pub(super) struct Downscaler {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Downscaler {
    /// A canvas that stands in no document.
    pub(super) fn new() -> Result<Self, Error> {
        let made = || {
            let canvas = web_sys::window()?.document()?.create_element("canvas").ok()?;
            let canvas: HtmlCanvasElement = canvas.unchecked_into();
            let context = canvas.get_context("2d").ok()??.unchecked_into();
            Some(Self { canvas, context })
        };
        made().ok_or_else(|| Error::Internal { detail: "no 2D canvas".into() })
    }

    /// The frame at `width_px` × `height_px`.
    pub(super) fn draw(
        &self,
        video: &HtmlVideoElement,
        (width_px, height_px): (u32, u32),
    ) -> Result<&HtmlCanvasElement, JsValue> {
        if (self.canvas.width(), self.canvas.height()) != (width_px, height_px) {
            self.canvas.set_width(width_px);
            self.canvas.set_height(height_px);
        }
        self.context.draw_image_with_html_video_element_and_dw_and_dh(
            video,
            0.0,
            0.0,
            f64::from(width_px),
            f64::from(height_px),
        )?;
        Ok(&self.canvas)
    }
}
