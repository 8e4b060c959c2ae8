//! One immersive session: from the click to the end, whether page, viewer or browser ends it.
//!
//! In: the video, the page's [`ImmersiveHost`], the headset's frames and events. Out: a [`Target`]
//! that shows the video, and calls on the host. WebXR Device API, 4 and 11. The session asks for
//! nothing but `layers`; it keeps the `local` space as the browser gives it and turns the picture
//! in it ([`RecenterOffset`]). Visibility is left to the browser: a session that is hidden gets no frames,
//! one that is blurred goes on, and the video's sound is left alone.
//!
//! No borrow of the state is held while the page is called.

use super::externs::{XrFrame, XrSession, XrSystem, XrViewerPose, object};
use super::media_layer::Scene;
use super::stick::{SEEK_STEP_SECS, stick_x};
use super::target::{Target, unavailable};
use super::views::rotation;
use crate::error::Error;
use crate::render::SphericalFormat;
use crate::view::camera::Camera;
use crate::view::headset::{RecenterOffset, Stick, Trigger};
use crate::view::{Projection, StereoLayout};
use crate::web::dom::{Callback, Listener, property, window};
use crate::web::host::Host;
use core::cell::{Cell, RefCell};
use glam::Quat;
use js_sys::{Array, Promise};
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlVideoElement;

#[wasm_bindgen]
extern "C" {
    /// A [`Host`] of which nothing but `viewChanged`, `report` and `makeError` is called, with
    /// `{projection, stereo, yaw, granted(session), started(), ended(), togglePlayback(),
    /// seekBy(secs)}`.
    #[wasm_bindgen(extends = Host)]
    pub type ImmersiveHost;
    #[wasm_bindgen(method, getter)]
    fn projection(this: &ImmersiveHost) -> String;
    #[wasm_bindgen(method, getter)]
    fn stereo(this: &ImmersiveHost) -> String;
    /// Where the page looks, in degrees: it comes to lie ahead.
    #[wasm_bindgen(method, getter)]
    fn yaw(this: &ImmersiveHost) -> f64;
    /// The browser's session, before anything has been made of it: the page ends it should this
    /// module fall.
    #[wasm_bindgen(method)]
    fn granted(this: &ImmersiveHost, session: &XrSession);
    /// The session shows the video from now on.
    #[wasm_bindgen(method)]
    fn started(this: &ImmersiveHost);
    /// It does no more. Only after `started`, and once.
    #[wasm_bindgen(method)]
    fn ended(this: &ImmersiveHost);
    #[wasm_bindgen(method, js_name = togglePlayback)]
    pub(super) fn toggle_playback(this: &ImmersiveHost);
    #[wasm_bindgen(method, js_name = seekBy)]
    fn seek_by(this: &ImmersiveHost, secs: f64);
}

type FrameCallback = Closure<dyn Fn(f64, XrFrame)>;

/// See the module.
pub(super) struct Session {
    xr: XrSession,
    space: JsValue,
    video: HtmlVideoElement,
    host: ImmersiveHost,
    state: RefCell<State>,
    guards: RefCell<Guards>,
    is_ending: Cell<bool>,
    is_over: Cell<bool>,
}

struct State {
    /// Gone when the session is over.
    target: Option<Target>,
    picture: SphericalFormat,
    recenter_offset: RecenterOffset,
    /// The head of the last frame.
    head: Quat,
    /// What the page last heard that it looks at.
    told: Camera,
    now_secs: f64,
    trigger: Trigger,
    stick: Stick,
    /// The code of the last failure reported, so that it is not reported at every frame.
    reported: &'static str,
}

/// Everything that is called by the browser.
#[derive(Default)]
struct Guards {
    listeners: Vec<Listener>,
    on_frame: Option<FrameCallback>,
}

/// Asks for a session at once, in the caller's click.
pub(super) fn request() -> Result<Promise, JsValue> {
    let xr = property(&property(&window(), "navigator"), "xr");
    let layers = Array::of1(&"layers".into());
    let init = object(&[("optionalFeatures", layers.into())]);
    xr.unchecked_ref::<XrSystem>().request_session("immersive-vr", &init)
}

impl Session {
    /// Shows the video in the session that was asked for. If it cannot, the session is ended.
    pub(super) async fn start(
        asked: Result<Promise, JsValue>,
        video: HtmlVideoElement,
        host: ImmersiveHost,
    ) -> Result<Rc<Self>, Error> {
        let granted = match asked {
            Ok(promise) => JsFuture::from(promise).await,
            Err(thrown) => Err(thrown),
        };
        let xr: XrSession = granted.map_err(|thrown| unavailable(&thrown))?.unchecked_into();
        host.granted(&xr);
        match Self::set_up(xr.clone(), video, host).await {
            Ok(session) => Ok(session),
            Err(error) => {
                if let Ok(promise) = xr.end() {
                    // It may have ended already, which is what is wanted.
                    let _ = JsFuture::from(promise).await;
                }
                Err(error)
            }
        }
    }

    async fn set_up(
        xr: XrSession,
        video: HtmlVideoElement,
        host: ImmersiveHost,
    ) -> Result<Rc<Self>, Error> {
        let asked = xr.request_reference_space("local").map_err(|thrown| unavailable(&thrown))?;
        let space = JsFuture::from(asked).await.map_err(|thrown| unavailable(&thrown))?;
        let picture = SphericalFormat {
            projection: Projection::from_name(&host.projection()).unwrap_or_default(),
            stereo: StereoLayout::from_name(&host.stereo()).unwrap_or_default(),
        };
        let recenter_offset = RecenterOffset::new(host.yaw().to_radians() as f32);
        let scene = Scene { session: &xr, space: &space, video: &video, picture, recenter_offset };
        // Of no session until there is one.
        let running = Rc::new(RefCell::new(Weak::<Self>::new()));
        let on_lost = {
            let running = Rc::clone(&running);
            Box::new(move || {
                if let Some(session) = running.borrow().upgrade() {
                    session.give_up();
                }
            })
        };
        // The last step that waits, and it fails if the session has ended meanwhile.
        let target = Target::new(&scene, on_lost).await?;
        let state = State {
            target: Some(target),
            picture,
            recenter_offset,
            head: Quat::IDENTITY,
            told: recenter_offset.seen_by(Quat::IDENTITY),
            now_secs: 0.0,
            trigger: Trigger::default(),
            stick: Stick::default(),
            reported: "",
        };
        let session = Rc::new(Self {
            xr,
            space,
            video,
            host,
            state: RefCell::new(state),
            guards: RefCell::default(),
            is_ending: Cell::new(false),
            is_over: Cell::new(false),
        });
        running.replace(Rc::downgrade(&session));
        session.begin();
        Ok(session)
    }

    fn begin(self: &Rc<Self>) {
        let mut listeners = vec![self.listen("end", |session, _| session.finish())];
        // The viewer recentred by the system's own button: what is ahead has moved already.
        let on_reset = self.callback(|session, _| session.turn(RecenterOffset::new(0.0)));
        listeners.push(Listener::new(&self.space, "reset", on_reset));

        let weak: Weak<Self> = Rc::downgrade(self);
        let on_frame = FrameCallback::new(move |now_millis: f64, frame: XrFrame| {
            if let Some(session) = weak.upgrade() {
                session.on_frame(now_millis / 1000.0, &frame);
            }
        });
        self.xr.request_animation_frame(on_frame.as_ref());
        self.guards.replace(Guards { listeners, on_frame: Some(on_frame) });
        self.host.started();
    }

    /// Keeps what else listens, until the session is over.
    pub(super) fn keep(&self, listeners: impl IntoIterator<Item = Listener>) {
        self.guards.borrow_mut().listeners.extend(listeners);
    }

    /// The headset shows another frame: ours to draw, or only the head to follow.
    fn on_frame(&self, now_secs: f64, frame: &XrFrame) {
        if let Some(on_frame) = &self.guards.borrow().on_frame {
            self.xr.request_animation_frame(on_frame.as_ref());
        }
        // Nothing while the headset has lost its bearings.
        let pose = frame.viewer_pose(&self.space).ok().flatten();
        let stick_x = stick_x(&self.xr);

        let mut state = self.state.borrow_mut();
        state.now_secs = now_secs;
        let failure = pose.and_then(|pose| state.draw(&pose, &self.video));
        if state.trigger.is_held_long(now_secs) {
            let recenter_offset = RecenterOffset::recentred(state.head);
            state.turn(recenter_offset);
        }
        let step = state.stick.step(stick_x);
        let seen = state.recenter_offset.seen_by(state.head);
        let has_moved = core::mem::replace(&mut state.told, seen) != seen;
        drop(state);

        if let Some(step) = step {
            self.host.seek_by(step * SEEK_STEP_SECS);
        }
        if let Some(error) = failure {
            self.host.report_error(&error);
        }
        if has_moved {
            self.host.view_changed();
        }
    }

    /// The layer went with its context, and the browser may send no frames any more.
    fn give_up(&self) {
        let detail = "the graphics context was lost".into();
        self.host.report_error(&Error::ImmersiveUnavailable { detail });
        let _ = self.end();
    }

    /// Ends it; the promise is the browser's, the first time.
    pub(super) fn end(&self) -> Promise {
        // Asked twice, the browser would reject.
        let is_first = !self.is_ending.replace(true) && !self.is_over.get();
        let asked = if is_first { self.xr.end().ok() } else { None };
        asked.unwrap_or_else(|| Promise::resolve(&JsValue::UNDEFINED))
    }

    /// It has ended: by us, by the viewer, by the system.
    fn finish(&self) {
        if self.is_over.replace(true) {
            return;
        }
        // Taken out first: what is dropped may look at the rest.
        let target = self.state.borrow_mut().target.take();
        drop(target);
        drop(self.guards.take());
        self.host.ended();
    }

    pub(super) fn host(&self) -> &ImmersiveHost {
        &self.host
    }

    pub(super) fn press(&self) {
        let mut state = self.state.borrow_mut();
        let now_secs = state.now_secs;
        state.trigger.press(now_secs);
    }

    pub(super) fn select(&self) {
        self.state.borrow_mut().trigger.select();
    }

    /// Whether it was a short press.
    pub(super) fn release(&self) -> bool {
        self.state.borrow_mut().trigger.release()
    }

    /// This yaw of the picture comes to where the head is turned.
    pub(super) fn turn_to(&self, yaw_rad: f32) {
        let recenter_offset = RecenterOffset::turned(self.state.borrow().head, yaw_rad);
        self.turn(recenter_offset);
    }

    /// What the head looks at.
    pub(super) fn seen(&self) -> Camera {
        let state = self.state.borrow();
        state.recenter_offset.seen_by(state.head)
    }

    fn turn(&self, recenter_offset: RecenterOffset) {
        self.state.borrow_mut().turn(recenter_offset);
    }

    /// Another projection or layout. False, and nothing changed, for an unknown name.
    pub(super) fn set_picture(&self, projection: &str, stereo: &str) -> bool {
        let names = (Projection::from_name(projection), StereoLayout::from_name(stereo));
        let (Some(projection), Some(stereo)) = names else { return false };
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.picture = SphericalFormat { projection, stereo };
        if let Some(Target::MediaLayer(layer)) = &mut state.target {
            let scene = Scene {
                session: &self.xr,
                space: &self.space,
                video: &self.video,
                picture: state.picture,
                recenter_offset: state.recenter_offset,
            };
            return layer.show(&scene).is_ok();
        }
        true
    }

    /// See [`Target::name`]; empty when the session is over.
    pub(super) fn target_name(&self) -> &'static str {
        self.state.borrow().target.as_ref().map_or("", Target::name)
    }

    /// A callback that does nothing once the session is gone, and does not keep it.
    fn callback(self: &Rc<Self>, f: fn(&Rc<Self>, JsValue)) -> Callback {
        let weak: Weak<Self> = Rc::downgrade(self);
        Closure::new(move |argument| {
            if let Some(session) = weak.upgrade() {
                f(&session, argument);
            }
        })
    }

    /// Listens on the session with such a callback.
    pub(super) fn listen(
        self: &Rc<Self>,
        kind: &'static str,
        f: fn(&Rc<Self>, JsValue),
    ) -> Listener {
        Listener::new(&self.xr, kind, self.callback(f))
    }
}

impl State {
    fn turn(&mut self, recenter_offset: RecenterOffset) {
        self.recenter_offset = recenter_offset;
        if let Some(Target::MediaLayer(layer)) = &self.target {
            layer.turn(recenter_offset);
        }
    }

    /// Follows the head and draws for it, if drawing is ours; the failure, if it is news.
    fn draw(&mut self, pose: &XrViewerPose, video: &HtmlVideoElement) -> Option<Error> {
        self.head = rotation(&pose.transform().orientation());
        let Some(Target::WebGlLayer(layer)) = &mut self.target else { return None };
        let Err(error) = layer.draw(pose, video, (self.picture, self.recenter_offset)) else {
            self.reported = "";
            return None;
        };
        let code = error.code();
        // Reported already, by `give_up`.
        if matches!(error, Error::ContextLost) {
            return None;
        }
        (core::mem::replace(&mut self.reported, code) != code).then_some(error)
    }
}
