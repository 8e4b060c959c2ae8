//! Everything that touches a browser; the only place where `wasm_bindgen`, `web_sys` and `js_sys`
//! may be named.

#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod downscale;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
pub mod painter;
#[cfg(feature = "webgl2")]
pub mod webgl2;
#[cfg(feature = "webgpu")]
pub mod webgpu;

#[cfg(feature = "engine")]
pub mod engine_worker;
#[cfg(feature = "engine")]
mod fetch;
#[cfg(feature = "engine")]
mod js;
#[cfg(feature = "engine")]
mod media_source;
#[cfg(feature = "engine")]
mod messages;
