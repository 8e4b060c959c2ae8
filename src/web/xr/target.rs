//! Where the picture goes in a headset: the seam between the session and what shows the video.
//!
//! In: a session that has just begun. Out: the best [`Target`] that works here. In the order of
//! preference (`ARCHITECTURE.md`, principle 8): the browser's media layer; *between the two, a
//! WebGPU projection layer (XRGPUBinding) would be a third variant, to be tried second: a session
//! has to be asked for it at its start, since it then forbids an XRWebGLLayer*; an XRWebGLLayer
//! under the WebGL2 renderer, which every browser with WebXR has.

use super::externs::{Thrown, XrSession, XrViewerPose, XrWebGlLayer, object};
use super::media_layer::{MediaLayer, Scene};
use super::views::eye_views;
use crate::error::Error;
use crate::render::SphericalFormat;
use crate::view::headset::RecenterOffset;
use crate::web::dom::VideoFrameCallback;
use crate::web::quirks;
use crate::web::renderer::{Renderer, RendererEvent, RendererEvents};
use crate::web::webgl2::WebGl2Renderer;
use core::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlCanvasElement, HtmlMediaElement, HtmlVideoElement};

/// Called when the graphics context is gone. It may be called before the session runs, since a
/// context may be lost, and come back, on its way to the headset's adapter.
pub(super) type OnLost = Box<dyn Fn()>;

/// What shows the video in the headset.
pub(super) enum Target {
    /// The browser's compositor.
    MediaLayer(MediaLayer),
    /// We, a view an eye and a frame.
    WebGlLayer(Box<WebGlTarget>),
}

impl Target {
    /// The first way that works.
    pub(super) async fn new(scene: &Scene<'_>, on_lost: OnLost) -> Result<Self, Error> {
        match MediaLayer::new(scene) {
            Ok(layer) => Ok(Self::MediaLayer(layer)),
            // Absent, not granted, or not able to show this video: the next way is for all.
            Err(_) => {
                let target = WebGlTarget::new(scene.session, on_lost).await?;
                Ok(Self::WebGlLayer(Box::new(target)))
            }
        }
    }

    /// For the page and its tests.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::MediaLayer(_) => "media-layer",
            Self::WebGlLayer(_) => "webgl-layer",
        }
    }
}

/// An XRWebGLLayer, and the renderer with a context of its own behind it.
pub(super) struct WebGlTarget {
    layer: XrWebGlLayer,
    renderer: WebGl2Renderer,
    frames: FrameWatch,
    has_frame: bool,
}

impl WebGlTarget {
    async fn new(session: &XrSession, on_lost: OnLost) -> Result<Self, Error> {
        let events: RendererEvents = Rc::new(move |event| {
            if event == RendererEvent::Lost {
                on_lost();
            }
        });
        let made = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.create_element("canvas").ok());
        let canvas: HtmlCanvasElement =
            made.ok_or_else(|| unavailable(&JsValue::NULL))?.unchecked_into();
        let renderer = WebGl2Renderer::new(&canvas, events)?;
        renderer.make_xr_compatible().await?;
        // One triangle for each eye: nothing to smooth, nothing to sort.
        let no = JsValue::FALSE;
        let init = object(&[("antialias", no.clone()), ("depth", no.clone()), ("alpha", no)]);
        let layer = XrWebGlLayer::new(session, renderer.context(), &init)
            .map_err(|thrown| unavailable(&thrown))?;
        session
            .update_render_state(&object(&[("baseLayer", (&layer).into())]))
            .map_err(|thrown| unavailable(&thrown))?;
        Ok(Self { layer, renderer, frames: FrameWatch::default(), has_frame: false })
    }

    /// Draws one frame for each eye.
    ///
    /// # Errors
    /// The renderer's: nothing is to be seen, now.
    pub(super) fn draw(
        &mut self,
        pose: &XrViewerPose,
        video: &HtmlVideoElement,
        (picture, recenter_offset): (SphericalFormat, RecenterOffset),
    ) -> Result<(), Error> {
        // A source's last frame goes with it.
        self.has_frame &= video.ready_state() != HtmlMediaElement::HAVE_NOTHING;
        if self.frames.take_new(video) {
            if self.renderer.upload(video)? {
                self.has_frame = true;
            } else {
                self.frames.forget();
            }
        }
        let mut views = eye_views(pose, &self.layer, recenter_offset.local_from_world());
        if !self.has_frame {
            views.clear();
        }
        self.renderer.paint_into(self.layer.framebuffer().as_ref(), picture, &views)
    }
}

impl Drop for WebGlTarget {
    fn drop(&mut self) {
        // A page has only so many contexts, and a collector takes its time.
        if let Ok(Some(extension)) = self.renderer.context().get_extension("WEBGL_lose_context") {
            let lose = crate::web::dom::property(&extension, "loseContext");
            if let Some(lose) = lose.dyn_ref::<js_sys::Function>() {
                let _ = lose.call0(&extension);
            }
        }
    }
}

/// Whether the video shows another frame than the one uploaded: `requestVideoFrameCallback` while
/// it fires; else `currentTime`.
struct FrameWatch {
    callback: Option<VideoFrameCallback>,
    has_arrived: Rc<Cell<bool>>,
    seen_secs: f64,
    is_mute: bool,
}

impl Default for FrameWatch {
    fn default() -> Self {
        let has_arrived = Rc::new(Cell::new(false));
        Self { callback: None, has_arrived, seen_secs: -1.0, is_mute: true }
    }
}

impl FrameWatch {
    fn take_new(&mut self, video: &HtmlVideoElement) -> bool {
        if self.callback.is_none() {
            let has_arrived = Rc::clone(&self.has_arrived);
            let callback = Closure::<dyn Fn(JsValue)>::new(move |_| has_arrived.set(true));
            self.callback = VideoFrameCallback::new(video, callback);
        }
        let now_secs = video.current_time();
        if self.has_arrived.take() {
            self.is_mute = false;
            self.seen_secs = now_secs;
            if let Some(callback) = &self.callback {
                callback.arrived();
                callback.request();
            }
            return true;
        }
        let since_secs = (now_secs - self.seen_secs).abs();
        // While it seeks, the old frame still stands at the new time.
        let is_due = if self.is_mute {
            since_secs > 0.0
        } else {
            quirks::is_frame_callback_mute_since(since_secs)
        };
        if video.seeking() || !is_due {
            return false;
        }
        self.is_mute = true;
        self.seen_secs = now_secs;
        true
    }

    /// There was none after all.
    fn forget(&mut self) {
        self.seen_secs = -1.0;
        self.is_mute = true;
    }
}

/// With the browser's words.
pub(super) fn unavailable(thrown: &JsValue) -> Error {
    let detail = if thrown.is_object() {
        thrown.unchecked_ref::<Thrown>().message().unwrap_or_default()
    } else {
        String::from("the browser does not say why")
    };
    Error::ImmersiveUnavailable { detail }
}
