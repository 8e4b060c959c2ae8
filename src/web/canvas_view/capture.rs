//! A still of the view, for `captureFrame`.
//!
//! In: a size, and a function that reads the canvas. Out: a call of it while the canvas holds the
//! view at that size; then the canvas is as it was. All in one task: no browser shows what is
//! between, and none keeps a shown canvas's pixels any longer.

use super::{CanvasView, device_size};
use crate::error::Error;
use crate::web::canvas::CanvasSize;
use crate::web::renderer::Renderer;
use js_sys::Function;
use wasm_bindgen::JsValue;

impl CanvasView {
    /// Draws the newest frame, in an immersive session too, and lets `read` have the canvas.
    pub(in crate::web) fn capture(
        &self,
        width_px: u32,
        height_px: u32,
        read: &Function,
    ) -> Result<(), JsValue> {
        self.draw_for(width_px, height_px, read).map_err(|error| self.host.error(&error))
    }

    fn draw_for(&self, width_px: u32, height_px: u32, read: &Function) -> Result<(), Error> {
        let mut state = self.state.borrow_mut();
        state.has_frame |= state.renderer.upload(&self.video)?;
        if !state.has_frame {
            return Err(Error::NoFrame);
        }
        let shown = state.size;
        let still = CanvasSize { width_px, height_px, ..shown };
        let is_resized = still != shown;
        if is_resized {
            state.renderer.resize(width_px, height_px);
        }
        let drawn = state.draw(device_size(still)).map(|()| {
            // Our own function, which calls no page; what it throws, the page finds a blank still.
            let _ = read.call0(&JsValue::NULL);
        });
        if is_resized && shown.is_visible() {
            state.renderer.resize(shown.width_px, shown.height_px);
            // Fails as the drawing before it did, if at all.
            let _ = state.draw(device_size(shown));
        }
        drawn
    }
}
