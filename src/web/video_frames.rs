//! When the video shows a new frame.
//!
//! In: `requestVideoFrameCallback` (WICG video-rvfc) where it fires, and the media element's
//! events. Out: "there is a new frame", once each. Where the callback does not exist, or is mute
//! ([`quirks::is_frame_callback_mute`]), the frames of the page are taken instead and `currentTime`
//! is compared; the first callback after all ends that. While the screen is suspended nothing is
//! asked for, so that the browser may rest as well. It reads no pixels.

use super::dom::{Listener, VideoFrameCallback, property, window};
use super::quirks;
use super::screen::Screen;
use core::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::HtmlVideoElement;

/// The watch over one video.
pub(super) struct VideoFrames {
    video: HtmlVideoElement,
    callback: Option<VideoFrameCallback>,
    has_new: Cell<bool>,
    is_polling: Cell<bool>,
    /// `timeupdate`s since the last callback.
    silent_updates: Cell<u32>,
    seen_secs: Cell<f64>,
    _listeners: Vec<Listener>,
}

impl VideoFrames {
    /// Watches; a frame that is there already counts as new.
    pub(super) fn new(screen: &Rc<Screen>, video: &HtmlVideoElement) -> Self {
        let callback = VideoFrameCallback::new(video, screen.callback(on_frame));
        let listen = |kind, f| screen.listen(video, kind, f);
        Self {
            is_polling: Cell::new(callback.is_none()),
            callback,
            video: video.clone(),
            has_new: Cell::new(true),
            silent_updates: Cell::new(0),
            seen_secs: Cell::new(-1.0),
            // A paused video shows another frame after these, callback or not.
            _listeners: vec![
                listen("loadeddata", on_change),
                listen("seeked", on_change),
                listen("resize", on_change),
                listen("playing", on_change),
                listen("timeupdate", on_time),
            ],
        }
    }

    /// The picture is to be taken anew, changed or not.
    pub(super) fn mark_new(&self) {
        self.has_new.set(true);
    }

    /// The screen is seen again.
    pub(super) fn resume(&self) {
        self.mark_new();
        self.silent_updates.set(0);
        if let Some(callback) = &self.callback {
            callback.request();
        }
    }

    /// Whether there is a frame not yet taken; it is now.
    pub(super) fn take_new(&self) -> bool {
        if self.is_polling.get() {
            let now_secs = self.video.current_time();
            if self.seen_secs.replace(now_secs) != now_secs {
                self.has_new.set(true);
            }
        }
        self.has_new.replace(false)
    }

    /// Whether there is a frame not yet taken.
    pub(super) fn has_new(&self) -> bool {
        self.has_new.get()
    }

    /// Whether no frame will come of itself.
    pub(super) fn is_still(&self) -> bool {
        self.video.paused() || self.video.ended()
    }

    /// Whether the page's frames have to stand in for the video's.
    pub(super) fn needs_frames(&self) -> bool {
        self.is_polling.get() && !self.is_still()
    }
}

fn on_frame(screen: &Rc<Screen>, _: JsValue) {
    screen.with_video_frames(|frames| {
        frames.has_new.set(true);
        frames.is_polling.set(false);
        frames.silent_updates.set(0);
        if let Some(callback) = &frames.callback {
            callback.arrived();
            if !screen.is_suspended() {
                callback.request();
            }
        }
    });
    screen.request_frame();
}

fn on_change(screen: &Rc<Screen>, _: JsValue) {
    screen.with_video_frames(VideoFrames::mark_new);
    screen.request_frame();
}

fn on_time(screen: &Rc<Screen>, _: JsValue) {
    // A hidden page has no frames, a suspended screen asks for none.
    let hidden =
        screen.is_suspended() || property(&property(&window(), "document"), "hidden").is_truthy();
    screen.with_video_frames(|frames| {
        // A paused video has none that are new.
        if hidden || frames.video.paused() || frames.is_polling.get() {
            return;
        }
        let silent = frames.silent_updates.get() + 1;
        frames.silent_updates.set(silent);
        if quirks::is_frame_callback_mute(silent) {
            frames.is_polling.set(true);
        }
    });
    if !hidden && screen.with_video_frames(VideoFrames::needs_frames) == Some(true) {
        screen.request_frame();
    }
}
