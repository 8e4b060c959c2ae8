//! One video on one canvas: the loop that draws, and only when something changed.
//!
//! In: inputs by [`CanvasView::steer`], frames of the video, sizes of the canvas, [`RendererEvent`]s.
//! Out: a painted canvas and calls on the [`Host`]. One animation frame is asked for when there is
//! a reason: a new video frame, a camera that moved or still moves, a new size, a restored
//! context, a source that has gone. Nothing is uploaded or drawn that nobody sees: a hidden page
//! gets no animation frames, out of sight the view is suspended (`www/sight.js`), and a style that
//! hides the canvas is asked for with each frame.
//!
//! No borrow of the state is held while the page is called, and the page is called from events
//! and frames alone, never from within a call of its own. (`isShown` runs none of the page's code.)

mod capture;

use super::canvas::{CanvasSize, SizeWatch, entry_size};
use super::canvas_renderer::CanvasRenderer;
use super::dom::{AnimationFrame, Callback, Listener};
use super::host::Host;
use super::renderer::{Renderer, RendererEvent, RendererEvents};
use super::video_frames::VideoFrames;
use crate::error::Error;
use crate::render::{EyeView, SphericalFormat, Viewport};
use crate::view::Eye;
use crate::view::camera::{Camera, Size};
use crate::view::orientation::Orientation;
use core::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlCanvasElement, HtmlVideoElement};

/// What a renderer says between two frames, and the frame in which we hear it.
struct Mailbox {
    frame: AnimationFrame,
    events: RefCell<Vec<RendererEvent>>,
}

/// See the module.
pub(super) struct CanvasView {
    canvas: HtmlCanvasElement,
    video: HtmlVideoElement,
    host: Host,
    mailbox: Rc<Mailbox>,
    state: RefCell<State>,
    guards: RefCell<Guards>,
    /// Paintings so far: a test sees by it that nothing is drawn while nothing changes.
    frames_drawn: Cell<u32>,
}

struct State {
    renderer: CanvasRenderer,
    orientation: Orientation,
    picture: SphericalFormat,
    size: CanvasSize,
    /// The camera of the last painting.
    painted: Option<Camera>,
    /// The camera that was last reported to the page.
    told: Camera,
    needs_paint: bool,
    has_frame: bool,
    /// Out of sight, or an immersive session has the viewer's eyes.
    is_suspended: bool,
    /// The code of the last failure reported, so that it is not reported sixty times a second.
    reported: &'static str,
}

/// Everything that listens.
#[derive(Default)]
struct Guards {
    video_frames: Option<VideoFrames>,
    size_watch: Option<SizeWatch>,
    motion: Option<Listener>,
    input: Vec<Listener>,
}

impl CanvasView {
    /// Takes the canvas, makes the renderer, and watches the canvas's size. What else there is to
    /// listen to, its caller brings ([`Self::follow`], [`Self::keep`]).
    pub(super) async fn new(
        canvas: HtmlCanvasElement,
        video: HtmlVideoElement,
        host: Host,
    ) -> Result<Rc<Self>, JsValue> {
        let mailbox = Rc::new(Mailbox { frame: AnimationFrame::new(), events: RefCell::default() });
        let events: RendererEvents = {
            let mailbox = Rc::downgrade(&mailbox);
            Rc::new(move |event| {
                if let Some(mailbox) = mailbox.upgrade() {
                    mailbox.events.borrow_mut().push(event);
                    mailbox.frame.request();
                }
            })
        };
        let size = CanvasSize::measured(&canvas);
        let renderer = match CanvasRenderer::create(&canvas, events).await {
            Ok(renderer) => renderer,
            Err(error) => return Err(host.error(&error)),
        };
        let orientation = Orientation::new(css_size(size));
        let state = State {
            renderer,
            told: *orientation.camera(),
            orientation,
            picture: SphericalFormat::default(),
            size,
            painted: None,
            needs_paint: true,
            has_frame: false,
            is_suspended: false,
            reported: "",
        };
        let canvas_view = Rc::new(Self {
            canvas,
            video,
            host,
            mailbox,
            state: RefCell::new(state),
            guards: RefCell::default(),
            frames_drawn: Cell::new(0),
        });
        canvas_view.mailbox.frame.set_callback(canvas_view.callback(on_animation_frame));
        canvas_view.resize(size);

        let size_watch = SizeWatch::new(&canvas_view.canvas, canvas_view.callback(on_resize));
        canvas_view.guards.borrow_mut().size_watch = Some(size_watch);
        canvas_view.request_frame();
        Ok(canvas_view)
    }

    /// Draws the video's frames from now on.
    pub(super) fn follow(&self, video_frames: VideoFrames) {
        self.guards.borrow_mut().video_frames = Some(video_frames);
    }

    /// Keeps what listens, until the view is closed.
    pub(super) fn keep(&self, listeners: impl IntoIterator<Item = Listener>) {
        self.guards.borrow_mut().input.extend(listeners);
    }

    /// Ends every listener and frame; what is left draws nothing and says nothing.
    pub(super) fn close(&self) {
        self.mailbox.frame.close();
        // Taken out first: a guard's drop may look at the others.
        drop(self.guards.take());
    }

    pub(super) fn video(&self) -> &HtmlVideoElement {
        &self.video
    }

    pub(super) fn canvas(&self) -> &HtmlCanvasElement {
        &self.canvas
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// A callback that does nothing once the view is gone, and does not keep it.
    pub(super) fn callback(self: &Rc<Self>, f: fn(&Rc<Self>, JsValue)) -> Callback {
        let weak: Weak<Self> = Rc::downgrade(self);
        Closure::new(move |argument| {
            if let Some(canvas_view) = weak.upgrade() {
                f(&canvas_view, argument);
            }
        })
    }

    /// Listens with such a callback.
    pub(super) fn listen(
        self: &Rc<Self>,
        target: &JsValue,
        kind: &'static str,
        f: fn(&Rc<Self>, JsValue),
    ) -> Listener {
        Listener::new(target, kind, self.callback(f))
    }

    /// An input moves the camera, perhaps; then there is a frame to come.
    pub(super) fn steer<T>(&self, input: impl FnOnce(&mut Orientation) -> T) -> T {
        let answer = input(&mut self.state.borrow_mut().orientation);
        self.request_frame_if_due();
        answer
    }

    /// Apart from `steer`, and not inlined, since every kind of input makes its own copy of that.
    #[inline(never)]
    fn request_frame_if_due(&self) {
        let state = self.state.borrow();
        let is_due = state.orientation.is_moving() || *state.orientation.camera() != state.told;
        drop(state);
        if is_due {
            self.request_frame();
        }
    }

    /// Reads the camera and the size it looks on.
    pub(super) fn read<T>(&self, question: impl FnOnce(&Orientation, Size) -> T) -> T {
        let state = self.state.borrow();
        question(&state.orientation, device_size(state.size))
    }

    pub(super) fn picture(&self) -> SphericalFormat {
        self.state.borrow().picture
    }

    pub(super) fn set_picture(&self, picture: SphericalFormat) {
        {
            let mut state = self.state.borrow_mut();
            state.needs_paint |= state.picture != picture;
            state.picture = picture;
        }
        self.request_frame();
    }

    /// While suspended, nothing is drawn; afterwards the newest frame is.
    pub(super) fn set_suspended(&self, is_suspended: bool) {
        let mut state = self.state.borrow_mut();
        state.is_suspended = is_suspended;
        state.needs_paint = true;
        drop(state);
        if !is_suspended {
            self.with_video_frames(VideoFrames::resume);
        }
        self.request_frame();
    }

    /// The source has changed or gone: its last frame must not stay, as it does not in a `<video>`.
    pub(super) fn forget_frame(&self) {
        let mut state = self.state.borrow_mut();
        state.needs_paint |= state.has_frame;
        state.has_frame = false;
        drop(state);
        self.request_frame();
    }

    pub(super) fn is_suspended(&self) -> bool {
        self.state.borrow().is_suspended
    }

    /// Follows the motion sensor for as long as something listens to it.
    pub(super) fn set_motion(&self, listener: Option<Listener>) {
        let follow = listener.is_some();
        let former = core::mem::replace(&mut self.guards.borrow_mut().motion, listener);
        drop(former);
        self.steer(|orientation| orientation.set_motion(follow));
    }

    pub(super) fn frames_drawn(&self) -> u32 {
        self.frames_drawn.get()
    }

    pub(super) fn request_frame(&self) {
        self.mailbox.frame.request();
    }

    /// Nothing until the view is whole, and after it is closed.
    pub(super) fn with_video_frames<T>(&self, f: impl FnOnce(&VideoFrames) -> T) -> Option<T> {
        self.guards.borrow().video_frames.as_ref().map(f)
    }

    fn resize(&self, size: CanvasSize) {
        let mut state = self.state.borrow_mut();
        state.size = size;
        state.orientation.set_size(css_size(size));
        if size.is_visible() {
            state.renderer.resize(size.width_px, size.height_px);
            state.needs_paint = true;
        }
    }

    /// A new frame of the video to the renderer; the failure, if it is news.
    fn upload(&self, state: &mut State) -> Option<Error> {
        match state.renderer.upload(&self.video) {
            Ok(has_frame) => {
                state.has_frame |= has_frame;
                state.needs_paint |= has_frame;
                state.reported = "";
                None
            }
            Err(error) => state.news(error),
        }
    }

    /// Whether anybody sees what is drawn now.
    fn is_seen(&self, state: &State) -> bool {
        !state.is_suspended && state.size.is_visible() && self.host.is_shown()
    }

    /// Paints if there is anything new to see, or black if the frame is gone; the failure, if it is
    /// news.
    #[inline(never)]
    fn paint(&self, state: &mut State) -> Option<Error> {
        if !state.is_due() {
            return None;
        }
        state.needs_paint = false;
        state.painted = Some(*state.orientation.camera());
        let count = u32::from(state.has_frame);
        match state.draw(device_size(state.size)) {
            Ok(()) => {
                self.frames_drawn.set(self.frames_drawn.get().wrapping_add(count));
                None
            }
            Err(error) => state.news(error),
        }
    }

    /// Takes in what the renderer reported since. False: it was the last.
    fn hear(&self) -> bool {
        // Taken out, so that the page may do as it likes meanwhile.
        for event in self.mailbox.events.take() {
            match event {
                RendererEvent::Lost => self.host.report_error(&Error::ContextLost),
                RendererEvent::Restored => {
                    self.with_video_frames(VideoFrames::mark_new);
                    self.state.borrow_mut().needs_paint = true;
                    self.host.context_restored();
                }
                RendererEvent::Downscaled { from_width_px, to_width_px } => {
                    self.host.downscaled(from_width_px, to_width_px);
                }
                RendererEvent::Failed(error) => {
                    self.close();
                    self.host.report_failed(&error);
                    return false;
                }
            }
        }
        true
    }
}

impl State {
    /// Whether there is anything new to see.
    fn is_due(&self) -> bool {
        let has_moved = self.has_frame && self.painted != Some(*self.orientation.camera());
        self.needs_paint || has_moved
    }

    /// Draws the view on a canvas of this size; black, where the frame is gone.
    fn draw(&mut self, size: Size) -> Result<(), Error> {
        let camera = self.orientation.camera();
        let viewport = Viewport {
            x_px: 0,
            y_px: 0,
            width_px: size.width_px as u32,
            height_px: size.height_px as u32,
        };
        let view = EyeView {
            eye: Eye::Left,
            viewport,
            clip_from_view: camera.clip_from_view(size),
            view_from_world: camera.view_from_world(),
        };
        self.renderer.paint(self.picture, &[view][..usize::from(self.has_frame)])
    }

    /// A failure worth telling: not the loss of the context, which the renderer tells itself, and
    /// not the same one again.
    fn news(&mut self, error: Error) -> Option<Error> {
        if matches!(error, Error::ContextLost) || self.reported == error.code() {
            return None;
        }
        self.reported = error.code();
        Some(error)
    }
}

fn css_size(size: CanvasSize) -> Size {
    Size::new(size.css_width_px as f32, size.css_height_px as f32)
}

fn device_size(size: CanvasSize) -> Size {
    Size::new(size.width_px as f32, size.height_px as f32)
}

fn on_animation_frame(canvas_view: &Rc<CanvasView>, now_millis: JsValue) {
    canvas_view.mailbox.frame.arrived();
    if !canvas_view.hear() {
        return;
    }
    let now_secs = now_millis.as_f64().unwrap_or_default() / 1000.0;
    watch_ratio(canvas_view);

    let mut state = canvas_view.state.borrow_mut();
    let mut is_due = state.orientation.advance(now_secs);
    let mut failure = None;
    let is_seen = canvas_view.is_seen(&state);
    if is_seen {
        if canvas_view.with_video_frames(VideoFrames::take_new) == Some(true) {
            failure = canvas_view.upload(&mut state);
        }
        failure = failure.or_else(|| canvas_view.paint(&mut state));
    }
    let camera = *state.orientation.camera();
    let has_moved = core::mem::replace(&mut state.told, camera) != camera;
    let is_suspended = state.is_suspended || !state.size.is_visible();
    let is_waiting = !is_seen && !is_suspended && state.is_due();
    drop(state);
    let needs_frame = |frames: &VideoFrames| {
        // Nothing tells when a style ceases to hide the canvas: only a frame can look.
        frames.needs_frames() || frames.is_still() && (is_waiting || !is_seen && frames.has_new())
    };
    is_due |= !is_suspended && canvas_view.with_video_frames(needs_frame) == Some(true);
    if is_due {
        canvas_view.request_frame();
    }
    if let Some(error) = failure {
        canvas_view.host.report_error(&error);
    }
    if has_moved {
        canvas_view.host.view_changed();
    }
}

/// Where the observer cannot tell device pixels, another screen means another ratio.
fn watch_ratio(canvas_view: &CanvasView) {
    let is_exact = canvas_view.guards.borrow().size_watch.as_ref().is_none_or(SizeWatch::is_exact);
    if !is_exact {
        let size = CanvasSize::measured(&canvas_view.canvas);
        if size != canvas_view.state.borrow().size {
            canvas_view.resize(size);
        }
    }
}

fn on_resize(canvas_view: &Rc<CanvasView>, entries: JsValue) {
    let Some(size) = entry_size(&entries) else { return };
    if size == canvas_view.state.borrow().size {
        return;
    }
    canvas_view.resize(size);
    // At once: a resized canvas is blank, and its next animation frame is one frame too late.
    let mut state = canvas_view.state.borrow_mut();
    let failure = if canvas_view.is_seen(&state) { canvas_view.paint(&mut state) } else { None };
    drop(state);
    if let Some(error) = failure {
        canvas_view.host.report_error(&error);
    }
    // What came while there was nothing to see.
    canvas_view.request_frame();
    // The zoom means other pixels now, which the page may want to know.
    canvas_view.host.view_changed();
}
