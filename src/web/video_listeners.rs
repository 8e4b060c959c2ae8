//! The events of a video that the screen draws.
//!
//! In: the callback for its frames, where there is one, and the media element's events. Out: a
//! [`VideoFrames`] that knows of them, and frames of the page asked for. What they mean is for that to
//! say.

use super::dom::{VideoFrameCallback, property, window};
use super::screen::Screen;
use super::video_frames::VideoFrames;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Watches the screen's video.
pub(super) fn watch(screen: &Rc<Screen>) -> VideoFrames {
    let video = screen.video();
    let listen = |kind, f| screen.listen(video, kind, f);
    // A paused video shows another frame after these, callback or not.
    let listeners = vec![
        listen("loadeddata", on_change),
        listen("seeked", on_change),
        listen("resize", on_change),
        listen("playing", on_change),
        listen("timeupdate", on_time),
    ];
    let callback = VideoFrameCallback::new(video, screen.callback(on_frame));
    VideoFrames::new(video, callback, listeners)
}

fn on_frame(screen: &Rc<Screen>, _: JsValue) {
    screen.with_video_frames(|frames| frames.called_back(!screen.is_suspended()));
    screen.request_frame();
}

fn on_change(screen: &Rc<Screen>, _: JsValue) {
    screen.with_video_frames(VideoFrames::mark_new);
    screen.request_frame();
}

fn on_time(screen: &Rc<Screen>, _: JsValue) {
    // A hidden page has no frames, a suspended screen asks for none.
    if screen.is_suspended() || property(&property(&window(), "document"), "hidden").is_truthy() {
        return;
    }
    screen.with_video_frames(VideoFrames::time_updated);
    if screen.with_video_frames(VideoFrames::needs_frames) == Some(true) {
        screen.request_frame();
    }
}
