//! One WebGPU device with its surface on the canvas: all that dies with the device.

use super::frame::Frame;
use crate::error::Error;
use crate::render::gpu::{Draw, SpherePipeline};
use crate::render::{EyeView, SphericalFormat};
use crate::web::renderer::{RendererEvents, unavailable};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{HtmlCanvasElement, HtmlVideoElement};

#[wasm_bindgen]
extern "C" {
    /// `navigator.gpu`, or undefined.
    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = gpu)]
    static GPU: Option<RawGpu>;

    type RawGpu;
    #[wasm_bindgen(method, js_name = getPreferredCanvasFormat)]
    fn preferred_canvas_format(this: &RawGpu) -> String;

    type RawDevice;
    #[wasm_bindgen(method, getter)]
    fn lost(this: &RawDevice) -> js_sys::Promise;
}

/// A device, the canvas's surface on it, and what is drawn there.
pub(super) struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    pipeline: SpherePipeline,
    frame: Frame,
}

impl Gpu {
    /// Adapter, device, and only then the canvas's context.
    pub(super) async fn new(canvas: &HtmlCanvasElement) -> Result<Self, Error> {
        let format = GPU
            .with(|gpu| gpu.as_ref().map(RawGpu::preferred_canvas_format))
            .ok_or_else(|| unavailable("no WebGPU"))?;
        // Neither is an sRGB format: the video's values reach the screen as they are.
        let format = if format == "rgba8unorm" {
            wgpu::TextureFormat::Rgba8Unorm
        } else {
            wgpu::TextureFormat::Bgra8Unorm
        };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..wgpu::RequestAdapterOptions::default()
            })
            .await
            .map_err(|_| unavailable("no WebGPU adapter"))?;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                // The greatest textures there are: an 8K frame is 7680 wide.
                required_limits: wgpu::Limits::downlevel_webgl2_defaults()
                    .using_resolution(adapter.limits()),
                ..wgpu::DeviceDescriptor::default()
            })
            .await
            .map_err(|_| unavailable("no WebGPU device"))?;
        let surface = instance
            .create_surface(wgpu::SurfaceTarget::Canvas(canvas.clone()))
            .map_err(|_| unavailable("the canvas gives no WebGPU context"))?;
        let config = wgpu::SurfaceConfiguration {
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            format,
            color_space: wgpu::SurfaceColorSpace::Auto,
            width: canvas.width().max(1),
            height: canvas.height().max(1),
            present_mode: wgpu::PresentMode::Fifo,
            desired_maximum_frame_latency: 2,
            alpha_mode: wgpu::CompositeAlphaMode::Opaque,
            view_formats: Vec::new(),
        };
        surface.configure(&device, &config);
        let pipeline = SpherePipeline::new(&device, format);
        let frame = Frame::new(&device);
        Ok(Self { device, queue, surface, config, pipeline, frame })
    }

    /// Fulfilled when the device is gone, by `destroy` too.
    pub(super) fn lost(&self) -> js_sys::Promise {
        match self.device.as_webgpu() {
            Some(device) => device.unchecked_ref::<RawDevice>().lost(),
            None => js_sys::Promise::new(&mut |_, _| {}),
        }
    }

    /// Imports the current frame; `Ok(false)` without one.
    pub(super) fn upload(
        &mut self,
        video: &HtmlVideoElement,
        events: &RendererEvents,
    ) -> Result<bool, Error> {
        let Some(is_new_texture) = self.frame.upload((&self.device, &self.queue), video, events)?
        else {
            return Ok(false);
        };
        if let Some(view) = is_new_texture {
            self.pipeline.set_frame(&self.device, &view);
        }
        Ok(true)
    }

    /// Sets the canvas's size too.
    pub(super) fn resize(&mut self, width_px: u32, height_px: u32) {
        self.config.width = width_px.max(1);
        self.config.height = height_px.max(1);
        self.surface.configure(&self.device, &self.config);
    }

    /// Draws on the canvas.
    pub(super) fn paint(&self, picture: SphericalFormat, views: &[EyeView]) -> Result<(), Error> {
        let (wgpu::CurrentSurfaceTexture::Success(target)
        | wgpu::CurrentSurfaceTexture::Suboptimal(target)) = self.surface.get_current_texture()
        else {
            return Err(Error::ContextLost);
        };
        let view = target.texture.create_view(&wgpu::TextureViewDescriptor::default());
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.pipeline.draw(&self.queue, &mut encoder, Draw { target: &view, picture, views });
        self.queue.submit([encoder.finish()]);
        Ok(())
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        // Frees the texture now, not when the garbage collector finds it.
        self.device.destroy();
    }
}
