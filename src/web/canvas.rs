//! The size of the canvas, in both kinds of pixels.
//!
//! In: ResizeObserver, with `device-pixel-content-box` where the browser has it: there no pixel of
//! ours straddles two of the screen's. Out: [`CanvasSize`]s. Elsewhere the CSS size times the
//! device pixel ratio has to do, and that ratio is looked at with every frame, since moving a
//! window to another screen changes it without an event.

use super::dom::{Callback, device_pixel_ratio, first_of, property};
use super::quirks;
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = ResizeObserver)]
    type Observer;
    #[wasm_bindgen(constructor, js_class = "ResizeObserver")]
    fn new(callback: &JsValue) -> Observer;
    #[wasm_bindgen(method, catch)]
    fn observe(this: &Observer, target: &JsValue, options: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn disconnect(this: &Observer);
}

/// How large the canvas is on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CanvasSize {
    /// Layout's pixels, those of pointers.
    pub(super) css_width_px: f64,
    /// As above.
    pub(super) css_height_px: f64,
    /// The screen's pixels, those to paint.
    pub(super) width_px: u32,
    /// As above.
    pub(super) height_px: u32,
}

impl CanvasSize {
    /// By layout and ratio. Zero while the canvas is not laid out.
    pub(super) fn measured(canvas: &HtmlCanvasElement) -> Self {
        let (css_width_px, css_height_px) =
            (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        Self::scaled(css_width_px, css_height_px)
    }

    fn scaled(css_width_px: f64, css_height_px: f64) -> Self {
        let ratio = device_pixel_ratio();
        Self {
            css_width_px,
            css_height_px,
            width_px: (css_width_px * ratio).round() as u32,
            height_px: (css_height_px * ratio).round() as u32,
        }
    }

    pub(super) fn is_visible(&self) -> bool {
        self.width_px > 0 && self.height_px > 0
    }
}

/// Watches one canvas; dropping it ends that.
pub(super) struct SizeWatch {
    observer: Observer,
    _callback: Callback,
    is_exact: bool,
}

impl SizeWatch {
    /// The callback gets the observer's entries, for [`SizeWatch::size`].
    pub(super) fn new(canvas: &HtmlCanvasElement, callback: Callback) -> Self {
        let observer = Observer::new(callback.as_ref());
        let lacks_box = quirks::lacks_device_pixel_box(|options| observer.observe(canvas, options));
        if lacks_box {
            // Without options this cannot fail.
            let _ = observer.observe(canvas, &JsValue::UNDEFINED);
        }
        Self { observer, _callback: callback, is_exact: !lacks_box }
    }

    /// Whether the browser tells of every change, or the ratio must be watched.
    pub(super) const fn is_exact(&self) -> bool {
        self.is_exact
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The size in the newest of a ResizeObserver's entries.
pub(super) fn entry_size(entries: &JsValue) -> Option<CanvasSize> {
    let entries = entries.dyn_ref::<js_sys::Array>()?;
    let entry = entries.get(entries.length().checked_sub(1)?);
    let rect = property(&entry, "contentRect");
    let size =
        CanvasSize::scaled(property(&rect, "width").as_f64()?, property(&rect, "height").as_f64()?);
    let Some(exact) = first_of(&entry, "devicePixelContentBoxSize") else { return Some(size) };
    Some(CanvasSize {
        width_px: property(&exact, "inlineSize").as_f64()? as u32,
        height_px: property(&exact, "blockSize").as_f64()? as u32,
        ..size
    })
}
