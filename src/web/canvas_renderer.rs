//! Which [`super::renderer::Renderer`] this wasm module draws on the page's canvas with: exactly one.

/// The renderer of this module.
#[cfg(all(feature = "webgl2", not(feature = "webgpu")))]
pub(super) type CanvasRenderer = super::webgl2::WebGl2Renderer;

/// The renderer of this module.
#[cfg(feature = "webgpu")]
pub(super) type CanvasRenderer = super::webgpu::WebGpuRenderer;
