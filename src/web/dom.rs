//! The few things of a page that the view modules use, bound by name.
//!
//! In: nothing. Out: events with the fields we read, the video's frame callback, the page's sizes
//! and angles, and the guards that take a listener away when dropped. Hand-written, since typed
//! casts between the many event classes would cost more code than all the rest of the input.

use core::cell::{Cell, RefCell};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::HtmlVideoElement;

#[wasm_bindgen]
extern "C" {
    /// Any event; what a kind of event lacks reads as nothing, zero or false.
    #[derive(Clone)]
    pub(super) type DomEvent;
    #[wasm_bindgen(method, getter, js_name = timeStamp)]
    fn time_stamp(this: &DomEvent) -> f64;
    #[wasm_bindgen(method, js_name = preventDefault)]
    pub(super) fn prevent_default(this: &DomEvent);
    #[wasm_bindgen(method, getter, js_name = defaultPrevented)]
    pub(super) fn default_prevented(this: &DomEvent) -> bool;
    #[wasm_bindgen(method, js_name = stopPropagation)]
    pub(super) fn stop_propagation(this: &DomEvent);
    #[wasm_bindgen(method, getter, js_name = pointerId)]
    pub(super) fn pointer_id(this: &DomEvent) -> i32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn button(this: &DomEvent) -> i32;
    #[wasm_bindgen(method, getter, js_name = offsetX)]
    pub(super) fn offset_x(this: &DomEvent) -> f32;
    #[wasm_bindgen(method, getter, js_name = offsetY)]
    pub(super) fn offset_y(this: &DomEvent) -> f32;
    #[wasm_bindgen(method, getter, js_name = deltaY)]
    pub(super) fn delta_y(this: &DomEvent) -> f32;
    #[wasm_bindgen(method, getter, js_name = deltaMode)]
    pub(super) fn delta_mode(this: &DomEvent) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn key(this: &DomEvent) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = ctrlKey)]
    pub(super) fn ctrl_key(this: &DomEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = altKey)]
    pub(super) fn alt_key(this: &DomEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = metaKey)]
    pub(super) fn meta_key(this: &DomEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = shiftKey)]
    pub(super) fn shift_key(this: &DomEvent) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(super) fn alpha(this: &DomEvent) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn beta(this: &DomEvent) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn gamma(this: &DomEvent) -> Option<f64>;

    type Target;
    #[wasm_bindgen(method, js_name = addEventListener)]
    fn add_event_listener(this: &Target, kind: &str, callback: &JsValue, options: &JsValue);
    #[wasm_bindgen(method, js_name = removeEventListener)]
    fn remove_event_listener(this: &Target, kind: &str, callback: &JsValue);

    type FrameSource;
    #[wasm_bindgen(method, js_name = requestVideoFrameCallback)]
    fn request_video_frame_callback(this: &FrameSource, callback: &JsValue) -> f64;
    #[wasm_bindgen(method, js_name = cancelVideoFrameCallback)]
    fn cancel_video_frame_callback(this: &FrameSource, handle: f64);

    #[wasm_bindgen(js_name = requestAnimationFrame)]
    fn request_animation_frame(callback: &JsValue) -> f64;
    #[wasm_bindgen(js_name = cancelAnimationFrame)]
    fn cancel_animation_frame(handle: f64);
}

impl DomEvent {
    /// The event's time on the clock of animation frames.
    pub(super) fn now_secs(&self) -> f64 {
        self.time_stamp() / 1000.0
    }
}

/// The one shape of callback here: one argument, of which some have no use.
pub(super) type Callback = Closure<dyn Fn(JsValue)>;

/// A property, or `undefined` where there is none to be had.
pub(super) fn property(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

/// The global object of a page.
pub(super) fn window() -> JsValue {
    js_sys::global().into()
}

/// Device pixels to a CSS pixel.
pub(super) fn device_pixel_ratio() -> f64 {
    property(&window(), "devicePixelRatio").as_f64().filter(|ratio| *ratio > 0.0).unwrap_or(1.0)
}

/// How far the screen is turned: the old property where the new one is not (iOS before 16.4).
pub(super) fn screen_angle_deg() -> f64 {
    let screen = property(&window(), "screen");
    property(&property(&screen, "orientation"), "angle")
        .as_f64()
        .or_else(|| property(&window(), "orientation").as_f64())
        .unwrap_or(0.0)
}

/// A listener that ends when dropped.
pub(super) struct Listener {
    target: Target,
    kind: &'static str,
    callback: Callback,
}

impl Listener {
    /// Listens on anything that has events. The page must not scroll by an event we take, so no
    /// listener is passive.
    pub(super) fn new(target: &JsValue, kind: &'static str, callback: Callback) -> Self {
        let options = Object::new();
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&options, &"passive".into(), &false.into());
        let target: Target = target.clone().unchecked_into();
        target.add_event_listener(kind, callback.as_ref(), &options);
        Self { target, kind, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.target.remove_event_listener(self.kind, self.callback.as_ref());
    }
}

/// Animation frames, asked for one at a time; dropping it cancels.
pub(super) struct AnimationFrame {
    callback: RefCell<Option<Callback>>,
    handle: Cell<Option<f64>>,
}

impl AnimationFrame {
    /// Calls nothing yet: what is called may have to be made with this in hand.
    pub(super) fn new() -> Self {
        Self { callback: RefCell::new(None), handle: Cell::new(None) }
    }

    /// What to call with the frame's time.
    pub(super) fn set_callback(&self, callback: Callback) {
        self.callback.replace(Some(callback));
    }

    /// One frame, however often asked.
    pub(super) fn request(&self) {
        if self.handle.get().is_none()
            && let Some(callback) = &*self.callback.borrow()
        {
            self.handle.set(Some(request_animation_frame(callback.as_ref())));
        }
    }

    /// The frame is here: the next request is a new one.
    pub(super) fn arrived(&self) {
        self.handle.set(None);
    }

    /// No frame after all, nor any later.
    pub(super) fn close(&self) {
        if let Some(handle) = self.handle.take() {
            cancel_animation_frame(handle);
        }
        self.callback.take();
    }
}

impl Drop for AnimationFrame {
    fn drop(&mut self) {
        self.close();
    }
}

/// The video's own frame callback, where the browser has it; dropping it cancels.
pub(super) struct VideoFrameCallback {
    source: FrameSource,
    callback: Callback,
    handle: Cell<Option<f64>>,
}

impl VideoFrameCallback {
    /// Asks for the next frame; nothing where the browser has no such callback.
    pub(super) fn new(video: &HtmlVideoElement, callback: Callback) -> Option<Self> {
        if !property(video, "requestVideoFrameCallback").is_function() {
            return None;
        }
        let source: FrameSource = video.clone().unchecked_into();
        let requested = Self { source, callback, handle: Cell::new(None) };
        requested.request();
        Some(requested)
    }

    /// One frame, however often asked.
    pub(super) fn request(&self) {
        if self.handle.get().is_none() {
            let handle = self.source.request_video_frame_callback(self.callback.as_ref());
            self.handle.set(Some(handle));
        }
    }

    /// The frame is here: the next request is a new one.
    pub(super) fn arrived(&self) {
        self.handle.set(None);
    }
}

impl Drop for VideoFrameCallback {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.get() {
            self.source.cancel_video_frame_callback(handle);
        }
    }
}

/// The first object of an array property, such as `devicePixelContentBoxSize`.
pub(super) fn first_of(of: &JsValue, name: &str) -> Option<JsValue> {
    let first = property(of, name).dyn_into::<Array>().ok()?.get(0);
    first.is_object().then_some(first)
}
