//! The part of WebXR that we use, bound by hand.
//!
//! web-sys holds its WebXR types back as unstable and has no layers at all. What can throw is
//! caught: a session may end between any two calls, and a browser may lack any of this.

use js_sys::{Array, Float32Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlVideoElement, WebGl2RenderingContext, WebGlFramebuffer};

#[wasm_bindgen]
extern "C" {
    /// `navigator.xr`
    pub(super) type XrSystem;
    #[wasm_bindgen(method, catch, js_name = requestSession)]
    pub(super) fn request_session(
        this: &XrSystem,
        mode: &str,
        init: &Object,
    ) -> Result<Promise, JsValue>;

    #[derive(Clone)]
    pub(super) type XrSession;
    #[wasm_bindgen(method, catch, js_name = requestReferenceSpace)]
    pub(super) fn request_reference_space(this: &XrSession, kind: &str)
    -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = updateRenderState)]
    pub(super) fn update_render_state(this: &XrSession, init: &Object) -> Result<(), JsValue>;
    #[wasm_bindgen(method, js_name = requestAnimationFrame)]
    pub(super) fn request_animation_frame(this: &XrSession, callback: &JsValue) -> f64;
    #[wasm_bindgen(method, getter, js_name = inputSources)]
    pub(super) fn input_sources(this: &XrSession) -> JsValue;
    #[wasm_bindgen(method, catch)]
    pub(super) fn end(this: &XrSession) -> Result<Promise, JsValue>;

    pub(super) type XrFrame;
    #[wasm_bindgen(method, catch, js_name = getViewerPose)]
    pub(super) fn viewer_pose(
        this: &XrFrame,
        space: &JsValue,
    ) -> Result<Option<XrViewerPose>, JsValue>;

    pub(super) type XrViewerPose;
    #[wasm_bindgen(method, getter)]
    pub(super) fn transform(this: &XrViewerPose) -> XrRigidTransform;
    #[wasm_bindgen(method, getter)]
    pub(super) fn views(this: &XrViewerPose) -> Array;

    pub(super) type XrView;
    #[wasm_bindgen(method, getter)]
    pub(super) fn eye(this: &XrView) -> String;
    #[wasm_bindgen(method, getter, js_name = projectionMatrix)]
    pub(super) fn projection_matrix(this: &XrView) -> Float32Array;
    #[wasm_bindgen(method, getter)]
    pub(super) fn transform(this: &XrView) -> XrRigidTransform;

    #[wasm_bindgen(js_name = XRRigidTransform)]
    pub(super) type XrRigidTransform;
    #[wasm_bindgen(constructor, catch, js_class = "XRRigidTransform")]
    pub(super) fn new(
        position: &JsValue,
        orientation: &Object,
    ) -> Result<XrRigidTransform, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn orientation(this: &XrRigidTransform) -> Point;
    #[wasm_bindgen(method, getter)]
    pub(super) fn inverse(this: &XrRigidTransform) -> XrRigidTransform;
    #[wasm_bindgen(method, getter)]
    pub(super) fn matrix(this: &XrRigidTransform) -> Float32Array;

    /// A DOMPointReadOnly.
    pub(super) type Point;
    #[wasm_bindgen(method, getter)]
    pub(super) fn x(this: &Point) -> f32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn y(this: &Point) -> f32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn z(this: &Point) -> f32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn w(this: &Point) -> f32;

    #[wasm_bindgen(js_name = XRWebGLLayer)]
    pub(super) type XrWebGlLayer;
    #[wasm_bindgen(constructor, catch, js_class = "XRWebGLLayer")]
    pub(super) fn new(
        session: &XrSession,
        context: &WebGl2RenderingContext,
        init: &Object,
    ) -> Result<XrWebGlLayer, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn framebuffer(this: &XrWebGlLayer) -> Option<WebGlFramebuffer>;
    #[wasm_bindgen(method, js_name = getViewport)]
    pub(super) fn viewport(this: &XrWebGlLayer, view: &XrView) -> Option<XrViewport>;

    pub(super) type XrViewport;
    #[wasm_bindgen(method, getter)]
    pub(super) fn x(this: &XrViewport) -> i32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn y(this: &XrViewport) -> i32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn width(this: &XrViewport) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn height(this: &XrViewport) -> u32;

    /// Absent in most browsers: the constructor then throws like any other failure.
    #[wasm_bindgen(js_name = XRMediaBinding)]
    pub(super) type XrMediaBinding;
    #[wasm_bindgen(constructor, catch, js_class = "XRMediaBinding")]
    pub(super) fn new(session: &XrSession) -> Result<XrMediaBinding, JsValue>;
    #[wasm_bindgen(method, catch, js_name = createEquirectLayer)]
    pub(super) fn create_equirect_layer(
        this: &XrMediaBinding,
        video: &HtmlVideoElement,
        init: &Object,
    ) -> Result<XrEquirectLayer, JsValue>;

    pub(super) type XrEquirectLayer;
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_transform(this: &XrEquirectLayer, transform: &XrRigidTransform);
    #[wasm_bindgen(method, catch)]
    pub(super) fn destroy(this: &XrEquirectLayer) -> Result<(), JsValue>;

    /// Any exception, or what was thrown instead of one.
    pub(super) type Thrown;
    #[wasm_bindgen(method, getter)]
    pub(super) fn message(this: &Thrown) -> Option<String>;
}

/// A plain object.
pub(super) fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}
