//! Everything that touches a browser; the only place where `wasm_bindgen`, `web_sys` and `js_sys`
//! may be named.

#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod canvas;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod canvas_renderer;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod canvas_view;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod device_orientation;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod dom;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod downscale;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
pub mod host;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod keyboard;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod pointer;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod quirks;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
pub mod renderer;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod video_frames;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
mod video_listeners;
#[cfg(any(feature = "webgl2", feature = "webgpu"))]
pub mod view_module;
#[cfg(feature = "webgl2")]
pub mod webgl2;
#[cfg(feature = "webgpu")]
pub mod webgpu;
#[cfg(feature = "webgl2")]
pub mod xr;

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(feature = "captions")]
pub mod captions_module;
#[cfg(feature = "dash")]
pub mod dash_module;
#[cfg(feature = "engine")]
pub mod engine_worker;
#[cfg(feature = "engine")]
mod fetch;
#[cfg(feature = "imsc")]
pub mod imsc_module;
#[cfg(feature = "engine")]
mod js;
#[cfg(feature = "engine")]
mod media_source;
#[cfg(feature = "engine")]
mod messages;
#[cfg(feature = "metadata")]
pub mod metadata_module;
#[cfg(any(feature = "imsc", feature = "webvtt"))]
mod text_rendition;
#[cfg(feature = "transmux")]
pub mod transmux_module;
#[cfg(any(feature = "engine", feature = "transmux"))]
mod transmux_words;
#[cfg(feature = "engine")]
mod transmuxer;
#[cfg(feature = "webvtt")]
pub mod webvtt_module;

/// The view modules allocate strings and closures, a handful a second and nothing large, and so do those
/// that read text: a free list serves them as well as the standard library's allocator and is 8 KB smaller.
/// The engine, which holds segments, keeps the latter.
#[cfg(all(
    any(
        feature = "webgl2",
        feature = "webgpu",
        feature = "captions",
        feature = "webvtt",
        feature = "imsc",
        feature = "metadata",
        feature = "dash"
    ),
    not(feature = "engine")
))]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
