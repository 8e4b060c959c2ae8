//! The sticks of the controllers: to a side they seek.
//!
//! In: the session's gamepads. Out: how far the stick is out. Which way is a step is for
//! [`crate::view::headset`] to say.

use super::externs::XrSession;
use crate::web::dom::property;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// One step of the stick.
pub(super) const SEEK_STEP_SECS: f64 = 10.0;

/// The stick's place in `axes` (WebXR Gamepads, "xr-standard").
const STICK_X_AXIS: u32 = 2;

/// The stick that is furthest out, −1 left … 1 right.
pub(super) fn stick_x(xr: &XrSession) -> f64 {
    let sources = xr.input_sources();
    let count = property(&sources, "length").as_f64().unwrap_or_default() as u32;
    let mut furthest = 0.0_f64;
    for index in 0..count {
        let gamepad = at(&sources, index).map(|source| property(&source, "gamepad"));
        let axes = gamepad.map(|gamepad| property(&gamepad, "axes"));
        let x = axes.and_then(|axes| at(&axes, STICK_X_AXIS)?.as_f64()).unwrap_or_default();
        if x.abs() > furthest.abs() {
            furthest = x;
        }
    }
    furthest
}

fn at(array: &JsValue, index: u32) -> Option<JsValue> {
    Reflect::get_u32(array, index).ok()
}
