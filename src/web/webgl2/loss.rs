//! `webglcontextlost` and `webglcontextrestored` on a canvas, for as long as its renderer lives.

use crate::web::renderer::{RendererEvent, RendererEvents};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget, HtmlCanvasElement};

const LOST: &str = "webglcontextlost";
const RESTORED: &str = "webglcontextrestored";

/// Listens until dropped.
pub(super) struct LossListeners {
    canvas: EventTarget,
    listener: Closure<dyn Fn(Event)>,
}

impl LossListeners {
    /// Sets `is_stale` at a restored context, then tells `events`.
    pub(super) fn new(
        canvas: &HtmlCanvasElement,
        is_stale: &Rc<Cell<bool>>,
        events: &RendererEvents,
    ) -> Self {
        let (is_stale, events) = (Rc::clone(is_stale), Rc::clone(events));
        let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            if event.type_() == LOST {
                // The default is never to restore it.
                event.prevent_default();
                events(RendererEvent::Lost);
            } else {
                is_stale.set(true);
                events(RendererEvent::Restored);
            }
        });
        let canvas: EventTarget = canvas.clone().into();
        for name in [LOST, RESTORED] {
            // Throws for no name and no listener of ours.
            let _ =
                canvas.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
        Self { canvas, listener }
    }
}

impl Drop for LossListeners {
    fn drop(&mut self) {
        for name in [LOST, RESTORED] {
            let _ = self
                .canvas
                .remove_event_listener_with_callback(name, self.listener.as_ref().unchecked_ref());
        }
    }
}
