//! The WebGPU renderer: wgpu on a canvas.
//!
//! In: the video element's current frame, views. Out: pixels on the canvas. Adapter and device are
//! asked for before the canvas's context is, so that a canvas without a device stays free for
//! WebGL2. A lost device is replaced by a new one on the same canvas (WebGPU 22.1). It refuses
//! what the browser cannot do after all: the first import of a video frame runs in an error scope,
//! and its failure ends the renderer with [`RendererEvent::Failed`].

mod device;
mod frame;

use self::device::Gpu;
use super::renderer::{Renderer, RendererEvent, RendererEvents, unavailable};
use crate::error::Error;
use crate::render::{EyeView, SphericalFormat};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlCanvasElement, HtmlVideoElement};

/// Devices that may be lost in a row before one has painted a frame.
const MAX_LOSSES_IN_A_ROW: u32 = 3;

/// Draws on a canvas by WebGPU.
pub struct WebGpuRenderer {
    shared: Rc<Shared>,
}

/// What the renderer shares with the tasks that wait for its device's loss.
struct Shared {
    canvas: HtmlCanvasElement,
    events: RendererEvents,
    /// `None` from a loss to the next device.
    gpu: RefCell<Option<Gpu>>,
    losses_in_a_row: Cell<u32>,
}

impl Shared {
    /// Takes a device into use, and waits for its end.
    fn install(self: &Rc<Self>, gpu: Gpu) {
        let lost = gpu.lost();
        *self.gpu.borrow_mut() = Some(gpu);
        let shared = Rc::downgrade(self);
        spawn_local(async move {
            // Always fulfilled, never rejected. No renderer left: it was `destroy` that ended it.
            let _ = JsFuture::from(lost).await;
            Self::replace_lost(&shared).await;
        });
    }

    async fn replace_lost(shared: &Weak<Self>) {
        let Some(this) = shared.upgrade() else { return };
        this.gpu.replace(None);
        (this.events)(RendererEvent::Lost);
        let losses = this.losses_in_a_row.get() + 1;
        this.losses_in_a_row.set(losses);
        let made = if losses > MAX_LOSSES_IN_A_ROW {
            Err(unavailable("the device is lost again and again"))
        } else {
            Gpu::new(&this.canvas).await
        };
        match made {
            // Nobody else holds it: the renderer was dropped meanwhile.
            _ if Rc::strong_count(&this) == 1 => {}
            Ok(gpu) => {
                this.install(gpu);
                (this.events)(RendererEvent::Restored);
            }
            Err(error) => (this.events)(RendererEvent::Failed(error)),
        }
    }
}

impl Renderer for WebGpuRenderer {
    const RENDERER: &'static str = "webgpu";

    async fn create(canvas: &HtmlCanvasElement, events: RendererEvents) -> Result<Self, Error> {
        let gpu = Gpu::new(canvas).await?;
        let shared = Rc::new(Shared {
            canvas: canvas.clone(),
            events,
            gpu: RefCell::new(None),
            losses_in_a_row: Cell::new(0),
        });
        shared.install(gpu);
        Ok(Self { shared })
    }

    fn upload(&mut self, video: &HtmlVideoElement) -> Result<bool, Error> {
        match &mut *self.shared.gpu.borrow_mut() {
            Some(gpu) => gpu.upload(video, &self.shared.events),
            None => Err(Error::ContextLost),
        }
    }

    fn resize(&mut self, width_px: u32, height_px: u32) {
        match &mut *self.shared.gpu.borrow_mut() {
            Some(gpu) => gpu.resize(width_px, height_px),
            // The next device takes the canvas as it finds it.
            None => {
                self.shared.canvas.set_width(width_px);
                self.shared.canvas.set_height(height_px);
            }
        }
    }

    fn paint(&mut self, picture: SphericalFormat, views: &[EyeView]) -> Result<(), Error> {
        match &*self.shared.gpu.borrow() {
            Some(gpu) => gpu.paint(picture, views)?,
            None => return Err(Error::ContextLost),
        }
        self.shared.losses_in_a_row.set(0);
        Ok(())
    }
}
