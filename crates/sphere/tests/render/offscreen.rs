//! A target without a window: frames in, images out.

use videosphere_sphere::render::gpu::{Draw, FRAME_FORMAT, SpherePipeline};
use videosphere_sphere::render::{EyeView, SphericalFormat};
use wgpu::TextureUsages;

const TARGET_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// RGBA, 8 bits each, rows from the top.
pub struct Image {
    width_px: u32,
    height_px: u32,
    rgba: Vec<u8>,
}

impl Image {
    pub fn new(width_px: u32, height_px: u32, rgba: Vec<u8>) -> Self {
        assert_eq!(rgba.len(), (width_px * height_px * 4) as usize);
        Self { width_px, height_px, rgba }
    }

    pub fn from_fn(width_px: u32, height_px: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Self {
        let places = (0..height_px).flat_map(|y| (0..width_px).map(move |x| (x, y)));
        Self::new(width_px, height_px, places.flat_map(|(x, y)| pixel(x, y)).collect())
    }

    pub fn size_px(&self) -> (u32, u32) {
        (self.width_px, self.height_px)
    }

    pub fn pixel(&self, x: u32, y: u32) -> [u8; 4] {
        let at = ((y * self.width_px + x) * 4) as usize;
        self.rgba[at..at + 4].try_into().expect("four bytes")
    }

    pub fn pixels(&self) -> impl Iterator<Item = [u8; 4]> {
        self.rgba.chunks_exact(4).map(|pixel| pixel.try_into().expect("four bytes"))
    }
}

/// A device and a texture to draw on.
pub struct Offscreen {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: SpherePipeline,
    target: wgpu::Texture,
}

impl Offscreen {
    pub fn new(width_px: u32, height_px: u32) -> Self {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter = pollster::block_on(instance.request_adapter(&Default::default())).expect(
            "a Vulkan, Metal or DX12 adapter; without a GPU install Mesa's software one \
             (Debian: mesa-vulkan-drivers)",
        );
        // An error that no scope catches panics, which is what a test wants.
        let (device, queue) =
            pollster::block_on(adapter.request_device(&Default::default())).expect("a device");
        let usage = TextureUsages::RENDER_ATTACHMENT | TextureUsages::COPY_SRC;
        let target = texture(&device, (width_px, height_px), (TARGET_FORMAT, usage));
        let pipeline = SpherePipeline::new(&device, TARGET_FORMAT);
        Self { device, queue, pipeline, target }
    }

    pub fn set_frame(&mut self, image: &Image) {
        let usage = TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST;
        let frame = texture(&self.device, image.size_px(), (FRAME_FORMAT, usage));
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(image.width_px * 4),
            rows_per_image: None,
        };
        self.queue.write_texture(frame.as_image_copy(), &image.rgba, layout, frame.size());
        self.pipeline.set_frame(&self.device, &frame.create_view(&Default::default()));
    }

    pub fn draw(&self, picture: SphericalFormat, views: &[EyeView]) -> Image {
        let target = &self.target.create_view(&Default::default());
        let mut encoder = self.device.create_command_encoder(&Default::default());
        self.pipeline.draw(&self.queue, &mut encoder, Draw { target, picture, views });

        let (width_px, height_px) = (self.target.width(), self.target.height());
        let row_bytes = width_px * 4;
        let padded_bytes = row_bytes.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: u64::from(padded_bytes * height_px),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(padded_bytes),
            rows_per_image: None,
        };
        encoder.copy_texture_to_buffer(
            self.target.as_image_copy(),
            wgpu::TexelCopyBufferInfo { buffer: &buffer, layout },
            self.target.size(),
        );
        self.queue.submit([encoder.finish()]);
        buffer.slice(..).map_async(wgpu::MapMode::Read, |mapped| mapped.expect("mapped"));
        self.device.poll(wgpu::PollType::wait_indefinitely()).expect("drawn");
        let padded = buffer.slice(..).get_mapped_range().expect("mapped");
        let rows = padded.chunks_exact(padded_bytes as usize);
        let rgba = rows.flat_map(|row| &row[..row_bytes as usize]).copied().collect();
        Image::new(width_px, height_px, rgba)
    }
}

fn texture(
    device: &wgpu::Device,
    (width, height): (u32, u32),
    (format, usage): (wgpu::TextureFormat, TextureUsages),
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}
