//! Keys while the canvas has the focus.
//!
//! In: keyboard events of UI Events. Out: inputs of [`crate::view::orientation`]. Only the keys
//! that mean something here are taken from the page, and go no further: a skin around the canvas would
//! seek by an arrow that turns the view. None is with a modifier: those belong to the browser, the
//! system, or the page's own short cuts; nor one that the page wants itself (`www/hotkeys.js` decides).

use super::canvas_view::CanvasView;
use super::dom::{DomEvent, Listener};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

pub(super) fn listen(canvas_view: &Rc<CanvasView>) -> [Listener; 3] {
    let listen = |kind, f| canvas_view.listen(canvas_view.canvas(), kind, f);
    [listen("keydown", on_down), listen("keyup", on_up), listen("blur", on_blur)]
}

fn on_down(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    let Some(name) = event.key() else { return };
    let is_modified = event.ctrl_key() || event.alt_key() || event.meta_key();
    // Shift makes a plus of an equals sign; with any longer name it is another short cut.
    if is_modified || event.default_prevented() || (event.shift_key() && name.len() > 1) {
        return;
    }
    if !canvas_view.host().takes(&event) {
        return;
    }
    if canvas_view.steer(|orientation| orientation.key_down(&name, event.now_secs())) {
        event.prevent_default();
        event.stop_propagation();
    }
}

fn on_up(canvas_view: &Rc<CanvasView>, event: JsValue) {
    let event: DomEvent = event.unchecked_into();
    if let Some(name) = event.key() {
        canvas_view.steer(|orientation| orientation.key_up(&name));
    }
}

fn on_blur(canvas_view: &Rc<CanvasView>, _: JsValue) {
    canvas_view.steer(|orientation| orientation.release_all());
}
