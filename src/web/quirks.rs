//! Where browsers differ about what the view modules use: one function each, named as a question.
//! Those met in JavaScript are in `www/compat/`.
//!
//! In: what was observed of this browser. Out: whether it has the fault; what to do then is the
//! caller's. No function asks which browser it is.

use wasm_bindgen::JsValue;

/// `timeupdate`s (four a second) without a frame, while time passes.
const MUTE_UPDATES: u32 = 2;
/// Seconds of the video without a frame.
#[cfg(feature = "webgl2")]
const MUTE_SECS: f64 = 0.25;

/// Whether `requestVideoFrameCallback` exists, but never fires though the video plays: WebKitGTK
/// without DMABUF. See <https://wicg.github.io/video-rvfc/>.
pub(super) const fn is_frame_callback_mute(silent_updates: u32) -> bool {
    silent_updates > MUTE_UPDATES
}

/// The same in an immersive session, where not all browsers fire it, by the time that the video has
/// gone on since its last frame. See <https://wicg.github.io/video-rvfc/>.
#[cfg(feature = "webgl2")]
pub(super) fn is_frame_callback_mute_since(silent_secs: f64) -> bool {
    silent_secs > MUTE_SECS
}

/// Whether a ResizeObserver knows no `device-pixel-content-box`: WebKit throws a `TypeError`. See
/// <https://drafts.csswg.org/resize-observer/#dom-resizeobserverboxoptions-device-pixel-content-box>.
pub(super) fn lacks_device_pixel_box(
    observe: impl FnOnce(&js_sys::Object) -> Result<(), JsValue>,
) -> bool {
    let options = js_sys::Object::new();
    let (name, value) = ("box".into(), "device-pixel-content-box".into());
    let _ = js_sys::Reflect::set(&options, &name, &value);
    observe(&options).is_err()
}
