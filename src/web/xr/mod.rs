//! The video in a headset (WebXR Device API, WebXR Layers API).
//!
//! In: the video element, how its picture covers the sphere, a click. Out: an immersive session
//! that shows it by the best [`target`] this browser has, steered by [`input`] and [`stick`]. The page's canvas,
//! its camera and the playback itself are left alone: they belong to the page, which suspends and
//! resumes them. No augmented reality, no hand models, no scene besides the video.

mod externs;
mod input;
mod media_layer;
mod session;
mod stick;
mod target;
mod views;

use self::session::{ImmersiveHost, Session};
use crate::web::host::Host;
use crate::web::view_module::{degrees, radians};
use js_sys::Promise;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::HtmlVideoElement;

/// An immersive session; `www/headset.js` is its only caller. Dropping it ends the session.
#[wasm_bindgen]
pub struct Immersive {
    session: Rc<Session>,
}

#[wasm_bindgen]
impl Immersive {
    /// Asks for a session before it returns, so that a click still counts. The promise is one of
    /// an `Immersive`, or rejects with an error of the host's making (`immersive-unavailable`).
    pub fn request(video: HtmlVideoElement, host: ImmersiveHost) -> Promise {
        let asked = session::request();
        future_to_promise(async move {
            let host_of_errors: Host = host.clone().unchecked_into();
            match Session::start(asked, video, host).await {
                Ok(session) => {
                    session.keep(input::listen(&session));
                    Ok(Self { session }.into())
                }
                Err(error) => Err(host_of_errors.error(&error)),
            }
        })
    }

    /// Ends it. Resolves when the system has taken the screen back.
    pub fn end(&self) -> Promise {
        self.session.end()
    }

    /// The picture's centre comes to where the head is turned.
    pub fn recenter(&self) {
        self.session.turn_to(0.0);
    }

    /// What the head looks at: to the right, −180…180.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn yaw(&self) -> f64 {
        degrees(self.session.seen().yaw_rad())
    }

    /// Turns the picture, so that this is where the head is turned.
    #[wasm_bindgen(setter)]
    pub fn set_yaw(&self, yaw_deg: f64) {
        self.session.turn_to(radians(yaw_deg));
    }

    /// What the head looks at: upwards, −90…90.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn pitch(&self) -> f64 {
        degrees(self.session.seen().pitch_rad())
    }

    /// By their public names; unknown ones, or what the browser cannot show, are refused with
    /// `false`.
    #[wasm_bindgen(js_name = setPicture)]
    pub fn set_picture(&self, projection: &str, stereo: &str) -> bool {
        self.session.set_picture(projection, stereo)
    }

    /// What shows the video: `media-layer` or `webgl-layer`; empty when the session is over.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn target(&self) -> String {
        self.session.target_name().into()
    }
}

impl Drop for Immersive {
    fn drop(&mut self) {
        let _ = self.session.end();
    }
}
