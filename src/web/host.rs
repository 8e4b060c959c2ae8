//! What the view modules say to the page: the object `www/picture.js` hands in.
//!
//! In: an [`Error`], or that something changed. Out: calls on that object. It is told of nothing
//! from within a call of its own, so it may do anything in answer, `destroy()` included.

use super::dom::DomEvent;
use crate::error::Error;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `{isShown(), takes(event), viewChanged(), contextRestored(), downscaled(from, to),
    /// failed(error), report(error), makeError(code, severity, message, detail)}`
    pub type Host;
    /// Whether no style hides the canvas.
    #[wasm_bindgen(method, js_name = isShown)]
    pub(super) fn is_shown(this: &Host) -> bool;
    /// Whether a wheel, or a pointer or a key that goes down, is ours and not the page's.
    #[wasm_bindgen(method)]
    pub(super) fn takes(this: &Host, event: &DomEvent) -> bool;
    /// The camera has moved; its angles are to be asked for.
    #[wasm_bindgen(method, js_name = viewChanged)]
    pub(super) fn view_changed(this: &Host);
    /// The picture is back after a `context-lost`.
    #[wasm_bindgen(method, js_name = contextRestored)]
    pub(super) fn context_restored(this: &Host);
    /// The video is wider than any texture, and shown at this width.
    #[wasm_bindgen(method)]
    pub(super) fn downscaled(this: &Host, from_width_px: u32, to_width_px: u32);
    /// This module can paint no more: another one is to be taken, on a fresh canvas.
    #[wasm_bindgen(method)]
    fn failed(this: &Host, error: JsValue);
    #[wasm_bindgen(method)]
    fn report(this: &Host, error: JsValue);
    #[wasm_bindgen(method, js_name = makeError)]
    fn make_error(this: &Host, code: &str, severity: &str, message: &str, detail: &str) -> JsValue;
}

impl Host {
    /// The failure as the page's object.
    pub(super) fn error(&self, error: &Error) -> JsValue {
        let (before, detail, after) = error.picture_sentence();
        let mut message = String::from(before);
        message.push_str(detail);
        message.push_str(after);
        self.make_error(error.code(), error.severity().as_str(), &message, detail)
    }

    /// Something went wrong; the picture goes on as its severity says.
    pub(super) fn report_error(&self, error: &Error) {
        self.report(self.error(error));
    }

    /// Nothing will be painted by this module again.
    pub(super) fn report_failed(&self, error: &Error) {
        self.failed(self.error(error));
    }
}
