//! The thin WebGL2 renderer: one triangle, one texture, one uniform block.
//!
//! In: the video element's current frame, views. Out: pixels on the canvas, or in the framebuffer
//! of an XRWebGLLayer. The shader is `shaders/sphere.wgsl` in GLSL ES 3.00. A lost context is
//! prepared to be restored and everything is built again when it is (WebGL 1.0, 5.15.2–4). Whoever
//! drops the renderer has the context lost, and so frees all that is in it: `www/webgl_contexts.js`,
//! and the immersive session for its own.

mod frame;
mod loss;
mod program;

use self::frame::Frame;
use self::loss::LossListeners;
use self::program::Program;
use super::renderer::{Renderer, RendererEvents, unavailable};
use crate::error::Error;
use crate::render::{EyeView, SphericalFormat, uniform_bytes};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    HtmlCanvasElement, HtmlVideoElement, WebGl2RenderingContext as Gl, WebGlContextAttributes,
    WebGlFramebuffer, WebGlPowerPreference,
};

#[wasm_bindgen]
extern "C" {
    /// What web-sys holds back as unstable.
    #[wasm_bindgen(extends = Gl)]
    type XrGl;
    #[wasm_bindgen(method, js_name = makeXRCompatible)]
    fn make_xr_compatible(this: &XrGl) -> js_sys::Promise;
}

/// Draws on a canvas by WebGL2, and into the framebuffer of an XRWebGLLayer.
pub struct WebGl2Renderer {
    canvas: HtmlCanvasElement,
    gl: Gl,
    resources: Resources,
    /// Set by a restored context: `resources` belong to the lost one.
    is_stale: Rc<Cell<bool>>,
    events: RendererEvents,
    _listeners: LossListeners,
}

/// All that dies with the context.
struct Resources {
    program: Program,
    frame: Frame,
}

impl Resources {
    fn new(gl: &Gl) -> Result<Self, Error> {
        Ok(Self { program: Program::new(gl)?, frame: Frame::new(gl)? })
    }
}

impl WebGl2Renderer {
    /// Takes the canvas's WebGL2 context.
    ///
    /// # Errors
    /// [`Error::RendererUnavailable`] where there is none.
    pub fn new(canvas: &HtmlCanvasElement, events: RendererEvents) -> Result<Self, Error> {
        let attributes = WebGlContextAttributes::new();
        // One triangle over the whole canvas: nothing to smooth, nothing to sort.
        attributes.set_alpha(false);
        attributes.set_antialias(false);
        attributes.set_depth(false);
        attributes.set_power_preference(WebGlPowerPreference::HighPerformance);
        let gl: Gl = canvas
            .get_context_with_context_options("webgl2", &attributes)
            .ok()
            .flatten()
            .ok_or_else(|| unavailable("no WebGL2 context"))?
            .unchecked_into();
        let is_stale = Rc::new(Cell::new(false));
        Ok(Self {
            resources: Resources::new(&gl)?,
            _listeners: LossListeners::new(canvas, &is_stale, &events),
            canvas: canvas.clone(),
            gl,
            is_stale,
            events,
        })
    }

    /// The context, to make an XRWebGLLayer of.
    #[must_use]
    pub fn context(&self) -> &Gl {
        &self.gl
    }

    /// Moves the context to the headset's adapter where it is not there yet
    /// (`makeXRCompatible`). May lose and restore the context, with the events of that.
    ///
    /// # Errors
    /// [`Error::ImmersiveUnavailable`] where the browser refuses.
    pub fn make_xr_compatible(&self) -> impl Future<Output = Result<(), Error>> + use<> {
        let promise = self.gl.unchecked_ref::<XrGl>().make_xr_compatible();
        async move {
            match JsFuture::from(promise).await {
                Ok(_) => Ok(()),
                Err(thrown) => {
                    let thrown: web_sys::DomException = thrown.unchecked_into();
                    Err(Error::ImmersiveUnavailable { detail: thrown.message() })
                }
            }
        }
    }

    /// Draws `views` into a framebuffer (`None`: the canvas), each in its own viewport, and leaves
    /// no vertex array bound, the framebuffer null and the scissor test off.
    ///
    /// # Errors
    /// [`Error::ContextLost`] until the context is restored.
    pub fn paint_into(
        &mut self,
        framebuffer: Option<&WebGlFramebuffer>,
        picture: SphericalFormat,
        views: &[EyeView],
    ) -> Result<(), Error> {
        self.ensure_resources()?;
        let gl = &self.gl;
        gl.bind_framebuffer(Gl::FRAMEBUFFER, framebuffer);
        // Others may have drawn in this context: the page, or an emulated headset.
        for capability in [Gl::SCISSOR_TEST, Gl::DEPTH_TEST, Gl::CULL_FACE, Gl::BLEND] {
            gl.disable(capability);
        }
        gl.clear_color(0.0, 0.0, 0.0, 1.0);
        gl.clear(Gl::COLOR_BUFFER_BIT);
        if self.resources.frame.bind(gl) {
            self.resources.program.bind(gl);
            for view in views {
                let port = view.viewport;
                let Some(uniforms) = uniform_bytes(view, picture) else { continue };
                gl.viewport(port.x_px, port.y_px, port.width_px as i32, port.height_px as i32);
                self.resources.program.draw(gl, &uniforms);
            }
        }
        gl.bind_framebuffer(Gl::FRAMEBUFFER, None);
        Ok(())
    }

    /// Builds again what a lost context took with it.
    fn ensure_resources(&mut self) -> Result<(), Error> {
        if self.gl.is_context_lost() {
            return Err(Error::ContextLost);
        }
        if self.is_stale.get() {
            self.resources = Resources::new(&self.gl)?;
            self.is_stale.set(false);
        }
        Ok(())
    }
}

impl Renderer for WebGl2Renderer {
    const RENDERER: &'static str = "webgl2";

    async fn create(canvas: &HtmlCanvasElement, events: RendererEvents) -> Result<Self, Error> {
        Self::new(canvas, events)
    }

    fn upload(&mut self, video: &HtmlVideoElement) -> Result<bool, Error> {
        self.ensure_resources()?;
        self.resources.frame.upload(&self.gl, video, &self.events)
    }

    fn resize(&mut self, width_px: u32, height_px: u32) {
        self.canvas.set_width(width_px);
        self.canvas.set_height(height_px);
    }

    fn paint(&mut self, picture: SphericalFormat, views: &[EyeView]) -> Result<(), Error> {
        self.paint_into(None, picture, views)
    }
}
