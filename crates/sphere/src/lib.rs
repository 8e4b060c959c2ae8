//! A video frame on the inside of a sphere: where the viewer looks, and what the picture shows
//! there. [`view`] is pure geometry (camera, drag, inertia, pinch, keys, motion sensors, headset,
//! projections, stereo layouts); [`render`] is the seam to what paints it, with one shader for two
//! renderers. No clock, no device, no browser, no video.
//!
//! World space is right-handed, +Y up, −Z the centre of the picture, as in WebXR. Matrices are named
//! `to_from`; they and the vectors are [`glam`]'s.
//!
//! ```
//! use videosphere_sphere::render::{EyeView, SphericalFormat, Viewport, uniform_bytes};
//! use videosphere_sphere::view::camera::{Camera, Point, Size};
//! use videosphere_sphere::view::projection::frame_uv;
//! use videosphere_sphere::view::{Eye, Projection, StereoLayout};
//!
//! // A quarter turn to the right, on a target of 1280 by 720.
//! let mut camera = Camera::default();
//! camera.set_yaw_rad(90_f32.to_radians());
//! let size = Size::new(1280.0, 720.0);
//!
//! // What lies under the middle of the target is +X, three quarters across the frame.
//! let ray = camera.world_ray(Point { x_px: 640.0, y_px: 360.0 }, size);
//! assert!(ray.x > 0.999);
//! let uv = frame_uv(Projection::Equirect360, (StereoLayout::Mono, Eye::Left), ray);
//! assert!(uv.is_some_and(|uv| (uv.x - 0.75).abs() < 1e-3 && (uv.y - 0.5).abs() < 1e-3));
//!
//! // What a renderer draws it by: two matrices, or the shader's uniforms made of them.
//! let view = EyeView {
//!     eye: Eye::Left,
//!     viewport: Viewport { x_px: 0, y_px: 0, width_px: 1280, height_px: 720 },
//!     clip_from_view: camera.clip_from_view(size),
//!     view_from_world: camera.view_from_world(),
//! };
//! assert!(view.view_from_world.transform_vector3(ray).z < -0.999, "ahead");
//! assert!(uniform_bytes(&view, SphericalFormat::default()).is_some());
//! ```
//!
//! # Features
//! - `webgpu`: `render::gpu`, the picture drawn by wgpu: WebGPU on the web, Vulkan, Metal or DX12
//!   elsewhere.
//! - `webgl2`: `render::glsl`, the shader in GLSL ES 3.00, for a renderer of one's own.
//!
//! Nothing here can fail, so there is no error type: what has no answer, such as a direction that a
//! half sphere does not show or a view without a size, is `None`.

#![forbid(unsafe_code)]

pub mod render;
pub mod view;

pub use glam;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
