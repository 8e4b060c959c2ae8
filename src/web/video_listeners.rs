//! The events of a video that a canvas draws.
//!
//! In: the callback for its frames, where there is one, and the media element's events. Out: a
//! [`VideoFrames`] that knows of them, and frames of the page asked for. What they mean is for that to
//! say.

use super::canvas_view::CanvasView;
use super::dom::{VideoFrameCallback, property, window};
use super::video_frames::VideoFrames;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Watches the canvas view's video.
pub(super) fn watch(canvas_view: &Rc<CanvasView>) -> VideoFrames {
    let video = canvas_view.video();
    let listen = |kind, f| canvas_view.listen(video, kind, f);
    // A paused video shows another frame after these, callback or not.
    let listeners = vec![
        listen("loadeddata", on_change),
        listen("seeked", on_change),
        listen("resize", on_change),
        listen("playing", on_change),
        listen("timeupdate", on_time),
    ];
    let callback = VideoFrameCallback::new(video, canvas_view.callback(on_frame));
    VideoFrames::new(video, callback, listeners)
}

fn on_frame(canvas_view: &Rc<CanvasView>, _: JsValue) {
    canvas_view.with_video_frames(|frames| frames.called_back(!canvas_view.is_suspended()));
    canvas_view.request_frame();
}

fn on_change(canvas_view: &Rc<CanvasView>, _: JsValue) {
    canvas_view.with_video_frames(VideoFrames::mark_new);
    canvas_view.request_frame();
}

fn on_time(canvas_view: &Rc<CanvasView>, _: JsValue) {
    // A hidden page has no frames, a suspended view asks for none.
    if canvas_view.is_suspended()
        || property(&property(&window(), "document"), "hidden").is_truthy()
    {
        return;
    }
    canvas_view.with_video_frames(VideoFrames::time_updated);
    if canvas_view.with_video_frames(VideoFrames::needs_frames) == Some(true) {
        canvas_view.request_frame();
    }
}
