//! The seam between the page's view and what paints it.
//!
//! In: a video's current frame, then views of a [`SphericalFormat`]. Out: pixels on the canvas. Two
//! renderers stand behind it, [`super::webgl2::WebGl2Renderer`] and [`super::webgpu::WebGpuRenderer`];
//! [`super::canvas_renderer`] says which of them a wasm module holds. A renderer owns its context or device and the
//! frame's texture, brings both back by itself after a loss, and knows neither camera nor input:
//! *when* to draw is the caller's.

use crate::error::Error;
use crate::render::{EyeView, SphericalFormat};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, HtmlCanvasElement, HtmlMediaElement, HtmlVideoElement};

/// What happens to a renderer between two calls.
#[derive(Debug, Clone, PartialEq)]
pub enum RendererEvent {
    /// The context or device is gone and the canvas black; the renderer is waiting for, or making,
    /// a new one. `upload` and `paint` answer [`Error::ContextLost`] meanwhile.
    Lost,
    /// Everything is built again: upload the frame again and paint.
    Restored,
    /// The video is larger than any texture here and is drawn smaller than it is.
    Downscaled {
        /// Width of the video.
        from_width_px: u32,
        /// Width of the texture.
        to_width_px: u32,
    },
    /// This renderer can never paint again (no device comes back, or the browser cannot import
    /// video into it after all): take another renderer, on a fresh canvas.
    Failed(Error),
}

/// Who receives [`RendererEvent`]s. May be called from inside `upload` or `paint`: do not call
/// the renderer from it, schedule a frame.
pub type RendererEvents = Rc<dyn Fn(RendererEvent)>;

/// Draws views of a video frame on one canvas.
pub trait Renderer: Sized {
    /// `webgl2` or `webgpu`.
    const RENDERER: &'static str;

    /// Takes the canvas's context. Fails with [`Error::RendererUnavailable`], and then leaves the
    /// canvas without a context if it can: adapter and device come before the context.
    fn create(
        canvas: &HtmlCanvasElement,
        events: RendererEvents,
    ) -> impl Future<Output = Result<Self, Error>>;

    /// Imports the video's current frame. `Ok(false)`: the video has no frame yet, and what was
    /// there stays.
    fn upload(&mut self, video: &HtmlVideoElement) -> Result<bool, Error>;

    /// Sets the size of the canvas's pixels (its `width` and `height`); what it showed is gone.
    fn resize(&mut self, width_px: u32, height_px: u32);

    /// Draws `views` on the canvas, black before the first upload.
    fn paint(&mut self, picture: SphericalFormat, views: &[EyeView]) -> Result<(), Error>;
}

/// Size of the frame that the video shows now; `None` without one.
pub(super) fn frame_size(video: &HtmlVideoElement) -> Option<(u32, u32)> {
    let size = (video.video_width(), video.video_height());
    let has_frame = video.ready_state() >= HtmlMediaElement::HAVE_CURRENT_DATA;
    (has_frame && size.0 > 0 && size.1 > 0).then_some(size)
}

/// What an import of a video frame threw.
pub(super) fn import_error(thrown: &JsValue) -> Error {
    let thrown: &DomException = thrown.unchecked_ref();
    if thrown.name() == "SecurityError" {
        Error::VideoTainted
    } else {
        Error::Internal { detail: thrown.message() }
    }
}

/// A renderer that cannot be had, with a message of ours or of the driver.
pub(super) fn unavailable(detail: &str) -> Error {
    Error::RendererUnavailable { detail: detail.into() }
}
