//! The WebGPU painter, by wgpu.

use super::painter::{Painter, PainterEvents};
use crate::error::Error;
use crate::render::{EyeView, Picture};
use web_sys::{HtmlCanvasElement, HtmlVideoElement};

/// Draws on a canvas by WebGPU.
pub struct WebGpuPainter {}

impl Painter for WebGpuPainter {
    const RENDERER: &'static str = "webgpu";

    async fn create(_canvas: &HtmlCanvasElement, _events: PainterEvents) -> Result<Self, Error> {
        todo!()
    }

    fn upload(&mut self, _video: &HtmlVideoElement) -> Result<bool, Error> {
        todo!()
    }

    fn resize(&mut self, _width_px: u32, _height_px: u32) {
        todo!()
    }

    fn paint(&mut self, _picture: Picture, _views: &[EyeView]) -> Result<(), Error> {
        todo!()
    }
}
