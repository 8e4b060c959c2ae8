//! When the video shows a new frame.
//!
//! In: that `requestVideoFrameCallback` (WICG video-rvfc) fired, where it does, and what the media
//! element's events say, both by [`super::video_listeners`]. Out: "there is a new frame", once each. Where the callback does not exist, or is mute
//! ([`quirks::is_frame_callback_mute`]), the frames of the page are taken instead and `currentTime`
//! is compared; the first callback after all ends that. While the screen is suspended nothing is
//! asked for, so that the browser may rest as well. It reads no pixels.

use super::dom::{Listener, VideoFrameCallback};
use super::quirks;
use core::cell::Cell;
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
    /// A frame that is there already counts as new.
    pub(super) fn new(
        video: &HtmlVideoElement,
        callback: Option<VideoFrameCallback>,
        listeners: Vec<Listener>,
    ) -> Self {
        Self {
            is_polling: Cell::new(callback.is_none()),
            callback,
            video: video.clone(),
            has_new: Cell::new(true),
            silent_updates: Cell::new(0),
            seen_secs: Cell::new(-1.0),
            _listeners: listeners,
        }
    }

    /// The picture is to be taken again, changed or not.
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

    /// The callback fired, and is asked for again where more frames are wanted.
    pub(super) fn called_back(&self, wants_more: bool) {
        self.has_new.set(true);
        self.is_polling.set(false);
        self.silent_updates.set(0);
        if let Some(callback) = &self.callback {
            callback.arrived();
            if wants_more {
                callback.request();
            }
        }
    }

    /// Time went on where it can be seen. Without a callback for long, it counts as mute.
    pub(super) fn time_updated(&self) {
        // A paused video has none that are new.
        if self.video.paused() || self.is_polling.get() {
            return;
        }
        let silent = self.silent_updates.get() + 1;
        self.silent_updates.set(silent);
        if quirks::is_frame_callback_mute(silent) {
            self.is_polling.set(true);
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
