//! Controllers, hands and the headset's own button, in three gestures: a press plays or pauses, a
//! long press recentres, the stick to a side seeks. Everything else is the system's, leaving the
//! session included.
//!
//! In: the session's select events and its gamepads. Out: calls on the [`Session`]. WebXR names one
//! primary action for every kind of input, so nothing here knows devices.

use super::externs::XrSession;
use super::session::Session;
use crate::web::dom::{Listener, property};
use js_sys::Reflect;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// One step of the stick.
pub(super) const SEEK_STEP_SECS: f64 = 10.0;

/// The stick's place in `axes` (WebXR Gamepads, "xr-standard").
const STICK_X_AXIS: u32 = 2;

/// Listens for presses.
pub(super) fn listen(session: &Rc<Session>) -> [Listener; 3] {
    [
        session.listen("selectstart", |session, _| session.press()),
        session.listen("select", |session, _| session.select()),
        session.listen("selectend", |session, _| {
            if session.release() {
                session.host().toggle_playback();
            }
        }),
    ]
}

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
