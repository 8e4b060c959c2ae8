//! From what the viewer does to where the camera looks: one machine for every input.
//!
//! In: pointers, wheel, keys and sensor angles, each with the time of its event, and
//! [`Orientation::advance`] once a frame. Out: the [`Camera`], and whether it is still in motion.
//! Sensor angles follow W3C Device Orientation (intrinsic Z-X'-Y''). Inputs hand over without a
//! jump: a finger stops a fling, a sensor takes over from where the camera looks, and dragging
//! while a sensor leads turns the world beneath it. It reads no device and no clock, and refuses
//! to tilt the horizon by hand.

pub mod drag;
pub mod gyro;
pub mod inertia;
pub mod keys;
pub mod pinch;
pub mod wheel;

use super::camera::{Camera, Point, Size};
use super::trig::{limited, wrap_rad};
use drag::{Drag, Turn};
use glam::Quat;
use gyro::Gyro;
use inertia::{Inertia, decay};
use keys::{KeyAction, Keys};
use pinch::{Pointers, Stroke};
use wheel::Zoom;

/// Longest step one frame may take: a tab that slept does not leap.
const STEP_MAX_SECS: f32 = 0.1;
/// How fast the horizon levels out once no sensor leads.
const LEVEL_TIME_SECS: f32 = 0.12;
const LEVEL_STOP_RAD: f32 = 0.0005;

/// One pointer, at the time of its event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointerInput {
    /// As the browser numbers them.
    pub id: i32,
    /// On the target.
    pub at: Point,
    /// Of the event.
    pub now_secs: f64,
}

/// The machine. See the module.
#[derive(Debug, Clone)]
pub struct Orientation {
    camera: Camera,
    size: Size,
    pointers: Pointers,
    /// What the only pointer so far has turned.
    dragged: Option<Turn>,
    inertia: Inertia,
    zoom: Zoom,
    keys: Keys,
    gyro: Gyro,
    last_secs: Option<f64>,
    reduced_motion: bool,
}

impl Orientation {
    /// Looks at the centre of the picture, on a target of this size in CSS pixels.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let camera = Camera::default();
        Self {
            zoom: Zoom::new(camera.fov_rad()),
            camera,
            size,
            pointers: Pointers::default(),
            dragged: None,
            inertia: Inertia::default(),
            keys: Keys::default(),
            gyro: Gyro::default(),
            last_secs: None,
            reduced_motion: false,
        }
    }

    /// What to draw.
    #[must_use]
    pub const fn camera(&self) -> &Camera {
        &self.camera
    }

    /// The target's size in CSS pixels, the unit of pointers.
    pub fn set_size(&mut self, size: Size) {
        self.size = size;
    }

    /// Whether the viewer asked for less motion: then nothing glides.
    pub fn set_reduced_motion(&mut self, reduced: bool) {
        self.reduced_motion = reduced;
    }

    /// Looks to a yaw. While a sensor leads, its heading from now on means this yaw.
    pub fn set_yaw_rad(&mut self, yaw_rad: f32) {
        self.inertia.stop();
        let by_rad = yaw_rad - self.camera.yaw_rad();
        self.camera.set_yaw_rad(yaw_rad);
        self.gyro.turn(by_rad);
    }

    /// Looks to a pitch. While a sensor leads, it says the pitch, and this does nothing.
    pub fn set_pitch_rad(&mut self, pitch_rad: f32) {
        if !self.gyro.leads() {
            self.inertia.stop();
            self.camera.set_pitch_rad(pitch_rad);
        }
    }

    /// Zooms at once.
    pub fn set_fov_rad(&mut self, fov_rad: f32) {
        self.camera.set_fov_rad(fov_rad);
        self.zoom.settle(self.camera.fov_rad());
    }

    /// The present heading becomes the centre of the picture; without a sensor the pitch too.
    pub fn recenter(&mut self) {
        self.set_yaw_rad(0.0);
        self.set_pitch_rad(0.0);
    }

    /// Whether a motion sensor is to lead.
    pub fn set_motion(&mut self, follow: bool) {
        if follow {
            self.gyro.start();
        } else {
            self.gyro.stop();
        }
    }

    /// Whether a motion sensor is to lead.
    #[must_use]
    pub const fn motion(&self) -> bool {
        self.gyro.is_on()
    }

    /// A reading of the sensor, by [`gyro::world_from_view`].
    pub fn sensor(&mut self, world_from_view: Quat, now_secs: f64) {
        if self.gyro.reading(world_from_view, &self.camera, now_secs) {
            self.inertia.stop_pitch();
            self.wake(now_secs);
            self.follow(now_secs);
        }
    }

    /// A finger or button goes down. A fling stops under it.
    pub fn pointer_down(&mut self, input: PointerInput) {
        self.inertia.begin(input.now_secs);
        self.dragged = (!self.pointers.any()).then(Turn::default);
        self.pointers.down(input.id, input.at);
    }

    /// A pointer that is down moves.
    pub fn pointer_move(&mut self, input: PointerInput) {
        let before = self.camera;
        match self.pointers.moved(input.id, input.at) {
            None => return,
            Some(Stroke::Drag { from, to }) => self.drag(from, to),
            Some(Stroke::Pinch { from, to, spread }) => {
                let old = self.camera;
                self.camera.set_fov_rad(pinch::zoomed_fov_rad(old.fov_rad(), spread));
                self.zoom.settle(self.camera.fov_rad());
                // Both fingers keep what they hold: the zoom and the turn are one stroke.
                let held = old.view_ray(from, self.size);
                let ray = self.camera.view_ray(to, self.size);
                self.turn(drag::turn(&old, Drag { held, ray }));
                self.inertia.stop();
                return;
            }
        }
        let turned = Turn {
            yaw_rad: wrap_rad(self.camera.yaw_rad() - before.yaw_rad()),
            pitch_rad: self.camera.pitch_rad() - before.pitch_rad(),
        };
        if let Some(dragged) = &mut self.dragged {
            dragged.yaw_rad += turned.yaw_rad;
            dragged.pitch_rad += turned.pitch_rad;
        }
        self.inertia.track(turned, input.now_secs);
    }

    /// A pointer goes up; the last one may fling.
    pub fn pointer_up(&mut self, id: i32, now_secs: f64) {
        if !self.pointers.up(id) || self.pointers.any() {
            return;
        }
        if self.reduced_motion {
            self.inertia.stop();
        } else if self.inertia.release(now_secs) {
            self.wake(now_secs);
        }
    }

    /// A pointer is gone, who knows where: no fling. False: it was not down.
    pub fn pointer_lost(&mut self, id: i32) -> bool {
        let was_down = self.pointers.up(id);
        if was_down {
            self.inertia.stop();
        }
        was_down
    }

    /// The browser took a pointer for itself, to scroll the page: what it has turned so far, if it
    /// was alone, was not meant.
    pub fn pointer_cancel(&mut self, id: i32) {
        if self.pointer_lost(id)
            && let Some(Turn { yaw_rad, pitch_rad }) = self.dragged
        {
            self.turn(Turn { yaw_rad: -yaw_rad, pitch_rad: -pitch_rad });
        }
    }

    /// Whether a finger or button is down.
    #[must_use]
    pub fn is_grabbed(&self) -> bool {
        self.pointers.any()
    }

    /// The wheel turned. False: the zoom is at its end, or the wheel turned sideways.
    pub fn wheel(&mut self, turn: wheel::WheelTurn, now_secs: f64) -> bool {
        if !self.zoom.wheel(turn, self.size) {
            return false;
        }
        if self.reduced_motion {
            self.camera.set_fov_rad(self.zoom.target_rad());
        } else {
            self.wake(now_secs);
        }
        true
    }

    /// A key goes down. False: the key means nothing here.
    pub fn key_down(&mut self, name: &str, now_secs: f64) -> bool {
        match KeyAction::from_name(name) {
            Some(KeyAction::Hold(key)) => {
                self.inertia.stop();
                self.keys.down(key);
                self.wake(now_secs);
                true
            }
            Some(KeyAction::Recenter) => {
                self.recenter();
                true
            }
            None => false,
        }
    }

    /// A key goes up. False: the key means nothing here.
    pub fn key_up(&mut self, name: &str) -> bool {
        match KeyAction::from_name(name) {
            Some(KeyAction::Hold(key)) => {
                self.keys.up(key);
                true
            }
            Some(KeyAction::Recenter) => true,
            None => false,
        }
    }

    /// Focus is lost: what happens to the keys and pointers will not be told.
    pub fn release_all(&mut self) {
        self.keys.release_all();
        self.pointers = Pointers::default();
    }

    /// Moves on to the time of a frame. True: something still moves, so there must be another.
    pub fn advance(&mut self, now_secs: f64) -> bool {
        let Some(last_secs) = self.last_secs else {
            // Levelling out begins by itself, at the first frame after the sensor let go.
            let moving = self.is_moving();
            self.last_secs = moving.then_some(now_secs);
            return moving;
        };
        // A frame's time may lie before that of an event it shows.
        let step_secs = limited((now_secs - last_secs) as f32, 0.0, STEP_MAX_SECS);
        self.last_secs = Some(last_secs.max(now_secs));

        let keys = self.keys.advance(step_secs, self.camera.fov_rad());
        let fling = self.inertia.advance(step_secs);
        self.turn(Turn {
            yaw_rad: keys.yaw_rad + fling.yaw_rad,
            pitch_rad: keys.pitch_rad + fling.pitch_rad,
        });
        if self.camera.pitch_rad().abs() >= core::f32::consts::FRAC_PI_2 {
            self.inertia.stop_pitch();
        }
        self.zoom.scale(keys.zoom);
        self.camera.set_fov_rad(self.zoom.advance(step_secs));
        self.follow(now_secs);
        if !self.gyro.leads() {
            self.level(step_secs);
        }

        let moving = self.inertia.is_moving()
            || self.keys.is_moving()
            || self.zoom.is_moving()
            || self.gyro.is_blending()
            || (!self.gyro.leads() && self.camera.roll_rad() != 0.0);
        if !moving {
            self.last_secs = None;
        }
        moving
    }

    /// Whether frames are wanted though nothing new comes in.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.last_secs.is_some() || (!self.gyro.leads() && self.camera.roll_rad() != 0.0)
    }

    fn wake(&mut self, now_secs: f64) {
        self.last_secs.get_or_insert(now_secs);
    }

    fn drag(&mut self, from: Point, to: Point) {
        let held = self.camera.view_ray(from, self.size);
        let ray = self.camera.view_ray(to, self.size);
        self.turn(drag::turn(&self.camera, Drag { held, ray }));
    }

    /// Turns by hand: beneath a leading sensor only the yaw is ours.
    fn turn(&mut self, by: Turn) {
        if by.yaw_rad != 0.0 {
            self.camera.set_yaw_rad(self.camera.yaw_rad() + by.yaw_rad);
            self.gyro.turn(by.yaw_rad);
        }
        if by.pitch_rad != 0.0 && !self.gyro.leads() {
            self.camera.set_pitch_rad(self.camera.pitch_rad() + by.pitch_rad);
        }
    }

    fn follow(&mut self, now_secs: f64) {
        if let Some(world_from_view) = self.gyro.world_from_view(now_secs) {
            self.camera.set_world_from_view(world_from_view);
        }
    }

    fn level(&mut self, step_secs: f32) {
        let roll_rad = self.camera.roll_rad() * decay(step_secs, LEVEL_TIME_SECS);
        let level = self.reduced_motion || roll_rad.abs() < LEVEL_STOP_RAD;
        self.camera.set_roll_rad(if level { 0.0 } else { roll_rad });
    }
}

#[cfg(test)]
mod tests;
