//! The motion sensor of a phone.
//!
//! In: `deviceorientation` events (W3C Device Orientation) and the angle of the screen. Out:
//! readings for [`crate::view::orientation`]. Asking for permission, which iOS wants inside a
//! click, is done by `www/picture.js` before this module need even be loaded. Events without
//! angles, which browsers send where there is no sensor, are ignored.

use super::canvas_view::CanvasView;
use super::dom::{DomEvent, Listener, screen_angle_deg, window};
use crate::view::orientation::gyro::{DeviceAngles, world_from_view};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// Listens for as long as the guard lives.
pub(super) fn listen(canvas_view: &Rc<CanvasView>) -> Listener {
    canvas_view.listen(&window(), "deviceorientation", on_reading)
}

fn on_reading(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    let (Some(alpha_deg), Some(beta_deg), Some(gamma_deg)) =
        (event.alpha(), event.beta(), event.gamma())
    else {
        return;
    };
    let screen_deg = screen_angle_deg();
    let reading = world_from_view(DeviceAngles { alpha_deg, beta_deg, gamma_deg, screen_deg });
    canvas_view.steer(|orientation| orientation.sensor(reading, event.now_secs()));
}
