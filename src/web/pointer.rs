//! Mouse, pen, fingers and wheel on the canvas.
//!
//! In: Pointer Events with capture, so that a drag may leave the canvas, and wheel events, those
//! that are not the page's (`www/gestures.js` decides, also which fingers the browser takes away).
//! Out: inputs of [`crate::view::orientation`]. A wheel that moves nothing more scrolls the page.

use super::canvas_view::CanvasView;
use super::dom::{DomEvent, Listener};
use crate::view::camera::Point;
use crate::view::orientation::PointerInput;
use crate::view::orientation::wheel::WheelTurn;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Capturing;
    // Throws for a pointer that is gone already, and for one that a script made up.
    #[wasm_bindgen(method, catch, js_name = setPointerCapture)]
    fn set_pointer_capture(this: &Capturing, pointer_id: i32) -> Result<(), JsValue>;
}

pub(super) fn listen(canvas_view: &Rc<CanvasView>) -> [Listener; 6] {
    let listen = |kind, f| canvas_view.listen(canvas_view.canvas(), kind, f);
    [
        listen("pointerdown", on_down),
        listen("pointermove", on_move),
        listen("pointerup", on_up),
        listen("pointercancel", on_cancel),
        listen("lostpointercapture", on_lost),
        listen("wheel", on_wheel),
    ]
}

fn input(event: &DomEvent) -> PointerInput {
    PointerInput {
        id: event.pointer_id(),
        at: Point { x_px: event.offset_x(), y_px: event.offset_y() },
        now_secs: event.now_secs(),
    }
}

fn on_down(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    // The main button, or any finger: other buttons are the page's and the browser's.
    if event.button() != 0 || !canvas_view.host().takes(&event) {
        return;
    }
    let canvas: &Capturing = canvas_view.canvas().unchecked_ref();
    // Without capture a drag ends at the edge, no more.
    let _ = canvas.set_pointer_capture(event.pointer_id());
    canvas_view.steer(|orientation| orientation.pointer_down(input(&event)));
}

fn on_move(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    canvas_view.steer(|orientation| {
        if orientation.is_grabbed() {
            orientation.pointer_move(input(&event));
        }
    });
}

fn on_up(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    canvas_view.steer(|orientation| orientation.pointer_up(event.pointer_id(), event.now_secs()));
}

fn on_cancel(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    canvas_view.steer(|orientation| orientation.pointer_cancel(event.pointer_id()));
}

fn on_lost(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    canvas_view.steer(|orientation| orientation.pointer_lost(event.pointer_id()));
}

fn on_wheel(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    if event.default_prevented() || !canvas_view.host().takes(&event) {
        return;
    }
    let turn =
        WheelTurn { delta_y: event.delta_y(), mode: event.delta_mode(), pinch: event.ctrl_key() };
    let has_zoomed = canvas_view.steer(|orientation| orientation.wheel(turn, event.now_secs()));
    // With these keys the browser would not scroll the page but zoom it.
    if has_zoomed || event.ctrl_key() || event.meta_key() {
        event.prevent_default();
    }
}
