//! The sphere by wgpu, on any backend: WebGPU on the web, Vulkan, Metal or DX12 natively.
//!
//! In: a device, a texture that holds the video frame, views. Out: one render pass into a target
//! view. It owns the pipeline and the uniforms; device, surface and frame are its caller's, and it
//! names nothing of a browser.

use super::{EyeView, SphericalFormat, UNIFORM_BYTES, uniform_bytes};

/// The most views one pass can draw: two eyes, and as many again for a second resolution of each.
pub const MAX_VIEWS: usize = 4;

/// Format of the frame texture: the video's own R′G′B′ values, unconverted. With a target that is
/// no `-srgb` format either, what the browser decoded is what it shows.
pub const FRAME_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// `shaders/sphere.wgsl` without its comments.
const SHADER: &str = include_str!(concat!(env!("OUT_DIR"), "/sphere.wgsl"));

/// From one view's uniforms to the next: WebGPU's greatest `minUniformBufferOffsetAlignment`.
const UNIFORM_STRIDE_BYTES: usize = 256;

/// What is drawn where, in one pass.
#[derive(Debug, Clone, Copy)]
pub struct Draw<'a> {
    /// Cleared to black, then drawn on; of the format given to [`SpherePipeline::new`].
    pub target: &'a wgpu::TextureView,
    /// What the frame shows.
    pub picture: SphericalFormat,
    /// The views, in viewports that lie inside the target; those past [`MAX_VIEWS`] are left out.
    pub views: &'a [EyeView],
}

/// Draws views of a video frame.
#[derive(Debug)]
pub struct SpherePipeline {
    pipeline: wgpu::RenderPipeline,
    bind_group_layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    uniforms: wgpu::Buffer,
    frame: Option<wgpu::BindGroup>,
}

impl SpherePipeline {
    /// Compiles the shader for targets of `target_format`.
    #[must_use]
    pub fn new(device: &wgpu::Device, target_format: wgpu::TextureFormat) -> Self {
        let shader = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("shaders/sphere.wgsl"),
            source: wgpu::ShaderSource::Wgsl(SHADER.into()),
        });
        let bind_group_layout = device.create_bind_group_layout(&BIND_GROUP_LAYOUT);
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&bind_group_layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("sphere"),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: &shader,
                entry_point: Some("vertex"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[],
            },
            primitive: wgpu::PrimitiveState::default(),
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &shader,
                entry_point: Some("fragment"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState::from(target_format))],
            }),
            multiview_mask: None,
            cache: None,
        });
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..wgpu::SamplerDescriptor::default()
        });
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("views"),
            size: (MAX_VIEWS * UNIFORM_STRIDE_BYTES) as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self { pipeline, bind_group_layout, sampler, uniforms, frame: None }
    }

    /// From now on draws this texture ([`FRAME_FORMAT`], `TEXTURE_BINDING`), whatever it holds at
    /// the time. Before the first call, [`Self::draw`] only clears.
    pub fn set_frame(&mut self, device: &wgpu::Device, frame: &wgpu::TextureView) {
        self.frame = Some(device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.bind_group_layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                        buffer: &self.uniforms,
                        offset: 0,
                        size: wgpu::BufferSize::new(UNIFORM_BYTES as u64),
                    }),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(frame),
                },
                wgpu::BindGroupEntry {
                    binding: 2,
                    resource: wgpu::BindingResource::Sampler(&self.sampler),
                },
            ],
        }));
    }

    /// Encodes the pass. Views without pixels or without a ray ([`uniform_bytes`]) stay black.
    pub fn draw(&self, queue: &wgpu::Queue, encoder: &mut wgpu::CommandEncoder, draw: Draw<'_>) {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("sphere"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: draw.target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..wgpu::RenderPassDescriptor::default()
        });
        let Some(frame) = &self.frame else { return };
        pass.set_pipeline(&self.pipeline);
        for (slot, view) in draw.views.iter().take(MAX_VIEWS).enumerate() {
            let port = view.viewport;
            let Some(uniforms) = uniform_bytes(view, draw.picture) else { continue };
            if port.width_px == 0 || port.height_px == 0 {
                continue;
            }
            let offset = slot * UNIFORM_STRIDE_BYTES;
            queue.write_buffer(&self.uniforms, offset as u64, &uniforms);
            pass.set_bind_group(0, frame, &[offset as u32]);
            let [x, y] = [port.x_px as f32, port.y_px as f32];
            pass.set_viewport(x, y, port.width_px as f32, port.height_px as f32, 0.0, 1.0);
            pass.draw(0..3, 0..1);
        }
    }
}

/// `@group(0)` of the shader.
const BIND_GROUP_LAYOUT: wgpu::BindGroupLayoutDescriptor<'static> =
    wgpu::BindGroupLayoutDescriptor {
        label: None,
        entries: &[
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: true,
                    min_binding_size: wgpu::BufferSize::new(UNIFORM_BYTES as u64),
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: true },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 2,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                count: None,
            },
        ],
    };
