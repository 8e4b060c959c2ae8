//! The video frame as a WebGPU texture.
//!
//! In: the video. Out: its frame copied by `GPUQueue.copyExternalImageToTexture`, called directly:
//! wgpu's own call panics on a video whose pixels may not be read or that has no frame, and a
//! panic would take the module with it; the browser's throws.

use crate::error::Error;
use crate::render::gpu::FRAME_FORMAT;
use crate::render::texture_size;
use crate::web::downscale::Downscaler;
use crate::web::renderer::{RendererEvent, RendererEvents, frame_size, import_error, unavailable};
use js_sys::{Array, Object, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlVideoElement;

#[wasm_bindgen]
extern "C" {
    type RawQueue;
    #[wasm_bindgen(method, catch, js_name = copyExternalImageToTexture)]
    fn copy_external_image_to_texture(
        this: &RawQueue,
        source: &Object,
        destination: &Object,
        size: &Array,
    ) -> Result<(), JsValue>;
}

const NO_IMPORT: &str = "this browser does not import video into WebGPU";

/// One texture, created again when the video's size changes.
pub(super) struct Frame {
    max_px: u32,
    texture: Option<FrameTexture>,
    /// Made when a video turns out to be too large.
    downscaler: Option<Downscaler>,
    /// The browser has shown that it can import video into this device.
    is_proven: bool,
}

/// A texture for videos of one size, with its arguments for the copy.
struct FrameTexture {
    texture: wgpu::Texture,
    video_px: (u32, u32),
    destination: Object,
    size: Array,
}

impl Frame {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let max_px = device.limits().max_texture_dimension_2d;
        Self { max_px, texture: None, downscaler: None, is_proven: false }
    }

    /// Imports the current frame. `None`: there is no frame. `Some(Some(view))`: it lies in a new
    /// texture.
    pub(super) fn upload(
        &mut self,
        (device, queue): (&wgpu::Device, &wgpu::Queue),
        video: &HtmlVideoElement,
        events: &RendererEvents,
    ) -> Result<Option<Option<wgpu::TextureView>>, Error> {
        let Some(video_px) = frame_size(video) else { return Ok(None) };
        let queue: &RawQueue = match queue.as_webgpu() {
            Some(queue) => queue.unchecked_ref(),
            None => return Err(Error::ContextLost),
        };
        let is_same_size = |texture: &&FrameTexture| texture.video_px == video_px;
        let (fresh, kept) = match self.texture.as_ref().filter(is_same_size) {
            Some(kept) => (None, Some(kept)),
            None => (Some(FrameTexture::new(device, video_px, self.max_px)), None),
        };
        let Some(texture) = fresh.as_ref().or(kept) else { return Ok(None) };
        let texture_px = texture.size_px();
        if texture_px == video_px {
            self.downscaler = None;
        } else if self.downscaler.is_none() {
            self.downscaler = Some(Downscaler::new()?);
        }

        let scope =
            (!self.is_proven).then(|| device.push_error_scope(wgpu::ErrorFilter::Validation));
        let imported = self.import(queue, video, texture);
        if let Some(scope) = scope {
            let (report, events) = (scope.pop(), Rc::clone(events));
            spawn_local(async move {
                if report.await.is_some() {
                    events(RendererEvent::Failed(unavailable(NO_IMPORT)));
                }
            });
        }
        match imported.map_err(|thrown| import_error(&thrown)) {
            Ok(()) => self.is_proven = true,
            // Not this frame's failure but the renderer's end: another one takes over.
            Err(Error::Internal { .. }) if !self.is_proven => {
                events(RendererEvent::Failed(unavailable(NO_IMPORT)));
                return Ok(None);
            }
            Err(error) => return Err(error),
        }

        let Some(fresh) = fresh else { return Ok(Some(None)) };
        let view = fresh.texture.create_view(&wgpu::TextureViewDescriptor::default());
        if texture_px != video_px {
            events(RendererEvent::Downscaled {
                from_width_px: video_px.0,
                to_width_px: texture_px.0,
            });
        }
        // The one before goes only now: until the import succeeds it is still being drawn.
        self.texture = Some(fresh);
        Ok(Some(Some(view)))
    }

    fn import(
        &self,
        queue: &RawQueue,
        video: &HtmlVideoElement,
        texture: &FrameTexture,
    ) -> Result<(), JsValue> {
        let source: &JsValue = match &self.downscaler {
            None => video,
            Some(downscaler) => downscaler.draw(video, texture.size_px())?,
        };
        let source = object([("source", source)]);
        queue.copy_external_image_to_texture(&source, &texture.destination, &texture.size)
    }
}

impl FrameTexture {
    fn new(device: &wgpu::Device, video_px: (u32, u32), max_px: u32) -> Self {
        let (width, height) = texture_size(video_px.0, video_px.1, max_px);
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("frame"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FRAME_FORMAT,
            // The copy is a draw inside the browser, hence an attachment.
            usage: wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_DST
                | wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        let raw = texture.as_webgpu().map_or(JsValue::UNDEFINED, |raw| raw.into());
        Self {
            destination: object([("texture", &raw)]),
            size: Array::of2(&width.into(), &height.into()),
            texture,
            video_px,
        }
    }

    fn size_px(&self) -> (u32, u32) {
        (self.texture.width(), self.texture.height())
    }
}

impl Drop for FrameTexture {
    fn drop(&mut self) {
        // 29 MB at 3840 × 1920: not to be left to the garbage collector.
        self.texture.destroy();
    }
}

/// A dictionary of one member.
fn object([(name, value)]: [(&str, &JsValue); 1]) -> Object {
    let object = Object::new();
    // Throws for nothing but exotic objects.
    let _ = Reflect::set(&object, &name.into(), value);
    object
}
