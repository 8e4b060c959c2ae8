//! The few things of a JavaScript global that the engine module uses, with the guards that give
//! them back.
//!
//! In: nothing. Out: the clock, a timer that ends when dropped, plain objects for messages, and
//! the one `unsafe` function of the engine's half: a view of wasm memory. Global functions are
//! bound by name, so the same module runs in a worker and in a page. It knows no HLS.

use core::cell::Cell;

use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::time::Instant;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, delay_millis: f64) -> f64;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: f64);
}

/// The longest delay `setTimeout` keeps: above 2³¹ − 1 ms it fires at once.
const MAX_DELAY_MILLIS: f64 = 2_147_483_647.0;

/// This thread's monotonic clock.
pub(super) fn now() -> Instant {
    Instant::from_millis(performance_now())
}

/// One wake-up of this thread, re-armed at will; dropping it cancels.
pub(super) struct Timer {
    callback: Closure<dyn FnMut()>,
    armed: Cell<Option<(Instant, f64)>>,
}

impl Timer {
    /// A timer that is not armed. `callback` runs once for each time it goes off.
    pub(super) fn new(callback: impl FnMut() + 'static) -> Self {
        Self { callback: Closure::new(callback), armed: Cell::new(None) }
    }

    /// Makes the callback run at `at`, or earlier where it was armed for earlier: going off early
    /// is harmless to both users, and a deadline that moves away with every chunk of a body then
    /// costs no call.
    pub(super) fn arm_at_latest(&self, at: Instant) {
        if self.armed.get().is_some_and(|(armed_at, _)| armed_at <= at) {
            return;
        }
        self.cancel();
        // Rounded up: waking a fraction of a millisecond early would only wake us again.
        let delay_millis = (at.as_millis() - performance_now()).ceil().clamp(0.0, MAX_DELAY_MILLIS);
        let id = set_timeout(self.callback.as_ref().unchecked_ref(), delay_millis);
        self.armed.set(Some((at, id)));
    }

    /// Says that the callback is running, so that it can be armed again.
    pub(super) fn went_off(&self) {
        self.armed.set(None);
    }

    fn cancel(&self) {
        if let Some((_, id)) = self.armed.take() {
            clear_timeout(id);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// Lends `bytes` to JavaScript without a copy, for the length of one call.
#[allow(unsafe_code)]
pub(super) fn with_view<T>(bytes: &[u8], lend: impl FnOnce(&Uint8Array) -> T) -> T {
    // SAFETY: the view points into wasm memory and is detached when that memory grows or dangles
    // when `bytes` is freed. `bytes` is borrowed for the whole call, so it is not freed, and the
    // one caller (`media_source::append`) gives the view to a function that copies out of it
    // before it returns and never calls back into this module, so nothing can grow the memory.
    let view = unsafe { Uint8Array::view(bytes) };
    lend(&view)
}

/// A plain object.
pub(super) fn object<const N: usize>(fields: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, &value);
    }
    object
}

/// Sets one field of a plain object.
pub(super) fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting an own field of an object made here cannot fail.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// A finite number field of an object given by the page, `None` for anything else.
pub(super) fn number(object: &JsValue, name: &str) -> Option<f64> {
    field(object, name)?.as_f64().filter(|number| number.is_finite())
}

/// A field of an object given by the page, `None` where either is missing.
pub(super) fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}
