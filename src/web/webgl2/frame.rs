//! The video frame as a WebGL2 texture.
//!
//! Frames come by `texImage2D` into mutable storage, which browsers do on the GPU; `texStorage2D`
//! would take them off that path. The texture keeps its row 0 at the picture's top.

use crate::error::Error;
use crate::render::texture_size;
use crate::web::downscale::Downscaler;
use crate::web::renderer::{RendererEvent, RendererEvents, frame_size, import_error};
use wasm_bindgen::JsValue;
use web_sys::{HtmlVideoElement, WebGl2RenderingContext as Gl, WebGlTexture};

/// One texture, reused for every frame.
pub(super) struct Frame {
    texture: WebGlTexture,
    max_px: u32,
    /// Size of the video, (0, 0) before the first frame.
    size_px: (u32, u32),
    /// Made when a video turns out to be too large.
    downscaler: Option<Downscaler>,
}

impl Frame {
    pub(super) fn new(gl: &Gl) -> Result<Self, Error> {
        let texture = gl.create_texture().ok_or(Error::ContextLost)?;
        gl.bind_texture(Gl::TEXTURE_2D, Some(&texture));
        for (name, value) in [
            (Gl::TEXTURE_MIN_FILTER, Gl::LINEAR),
            (Gl::TEXTURE_MAG_FILTER, Gl::LINEAR),
            // The shader itself filters across the seam.
            (Gl::TEXTURE_WRAP_S, Gl::CLAMP_TO_EDGE),
            (Gl::TEXTURE_WRAP_T, Gl::CLAMP_TO_EDGE),
        ] {
            gl.tex_parameteri(Gl::TEXTURE_2D, name, value as i32);
        }
        let max_px = gl.get_parameter(Gl::MAX_TEXTURE_SIZE).ok().and_then(|px| px.as_f64());
        Ok(Self {
            texture,
            max_px: max_px.map_or(2048, |px| px as u32),
            size_px: (0, 0),
            downscaler: None,
        })
    }

    /// Imports the current frame; `Ok(false)` without one.
    pub(super) fn upload(
        &mut self,
        gl: &Gl,
        video: &HtmlVideoElement,
        events: &RendererEvents,
    ) -> Result<bool, Error> {
        let Some(size_px) = frame_size(video) else { return Ok(false) };
        let texture_px = texture_size(size_px.0, size_px.1, self.max_px);
        if texture_px == size_px {
            self.downscaler = None;
        } else if self.downscaler.is_none() {
            self.downscaler = Some(Downscaler::new()?);
        }

        gl.active_texture(Gl::TEXTURE0);
        gl.bind_texture(Gl::TEXTURE_2D, Some(&self.texture));
        // An emulated headset, or the page, may have left these on.
        gl.pixel_storei(Gl::UNPACK_FLIP_Y_WEBGL, 0);
        gl.pixel_storei(Gl::UNPACK_PREMULTIPLY_ALPHA_WEBGL, 0);
        self.tex_image(gl, video, texture_px).map_err(|thrown| import_error(&thrown))?;

        if size_px != self.size_px {
            self.size_px = size_px;
            if texture_px != size_px {
                events(RendererEvent::Downscaled {
                    from_width_px: size_px.0,
                    to_width_px: texture_px.0,
                });
            }
        }
        Ok(true)
    }

    fn tex_image(
        &self,
        gl: &Gl,
        video: &HtmlVideoElement,
        texture_px: (u32, u32),
    ) -> Result<(), JsValue> {
        let [target, format, kind] = [Gl::TEXTURE_2D, Gl::RGBA, Gl::UNSIGNED_BYTE];
        let internal = format as i32;
        match &self.downscaler {
            None => gl.tex_image_2d_with_u32_and_u32_and_html_video_element(
                target, 0, internal, format, kind, video,
            ),
            Some(downscaler) => gl.tex_image_2d_with_u32_and_u32_and_html_canvas_element(
                target,
                0,
                internal,
                format,
                kind,
                downscaler.draw(video, texture_px)?,
            ),
        }
    }

    /// Binds the texture to unit 0; false before the first frame.
    pub(super) fn bind(&self, gl: &Gl) -> bool {
        gl.active_texture(Gl::TEXTURE0);
        gl.bind_texture(Gl::TEXTURE_2D, Some(&self.texture));
        self.size_px != (0, 0)
    }
}
