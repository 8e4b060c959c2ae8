//! The thin WebGL2 painter.

use super::painter::{Painter, PainterEvents};
use crate::error::Error;
use crate::render::{EyeView, Picture};
use web_sys::{HtmlCanvasElement, HtmlVideoElement, WebGl2RenderingContext, WebGlFramebuffer};

/// Draws on a canvas by WebGL2, and into the framebuffer of an XRWebGLLayer.
pub struct WebGl2Painter {
    gl: WebGl2RenderingContext,
}

impl WebGl2Painter {
    /// The context, to make an XRWebGLLayer of.
    #[must_use]
    pub fn context(&self) -> &WebGl2RenderingContext {
        &self.gl
    }

    /// Moves the context to the headset's adapter where it is not there yet
    /// (`makeXRCompatible`). May lose and restore the context, with the events of that.
    pub async fn make_xr_compatible(&self) -> Result<(), Error> {
        todo!()
    }

    /// Draws `views` into a framebuffer (null: the canvas), each in its own viewport, and leaves
    /// no vertex array bound, the framebuffer null and the scissor test off.
    pub fn paint_into(
        &mut self,
        _framebuffer: Option<&WebGlFramebuffer>,
        _picture: Picture,
        _views: &[EyeView],
    ) -> Result<(), Error> {
        todo!()
    }
}

impl Painter for WebGl2Painter {
    const RENDERER: &'static str = "webgl2";

    async fn create(_canvas: &HtmlCanvasElement, _events: PainterEvents) -> Result<Self, Error> {
        todo!()
    }

    fn upload(&mut self, _video: &HtmlVideoElement) -> Result<bool, Error> {
        todo!()
    }

    fn resize(&mut self, _width_px: u32, _height_px: u32) {
        todo!()
    }

    fn paint(&mut self, picture: Picture, views: &[EyeView]) -> Result<(), Error> {
        self.paint_into(None, picture, views)
    }
}
