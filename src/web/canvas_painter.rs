//! Which [`super::painter::Painter`] this wasm module draws on the page's canvas with: exactly one.

/// The painter of this module.
#[cfg(all(feature = "webgl2", not(feature = "webgpu")))]
pub(super) type CanvasPainter = super::webgl2::WebGl2Painter;

/// The painter of this module.
#[cfg(feature = "webgpu")]
pub(super) type CanvasPainter = super::webgpu::WebGpuPainter;
