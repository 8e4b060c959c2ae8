//! The motion sensor leads the camera.
//!
//! In: alpha, beta and gamma of W3C Device Orientation (intrinsic Z-X'-Y'', device to Earth: x
//! east, y north, z up) and the angle of the screen. Out: the rotation from view to world. Where
//! the sensor's north lies means nothing to a viewer, so the first reading is taken to look where
//! the camera already looks, and pitch and tilt glide over to the sensor's.

use crate::view::camera::{Camera, heading_rad};
use crate::view::trig::{about_x, about_y, about_z, limited, wrap_rad};
use core::f32::consts::FRAC_PI_2;
use glam::Quat;

/// How long the sensor takes to take over.
const BLEND_SECS: f32 = 0.35;
/// Readings this near to the last are noise of a device at rest.
const NOISE_RAD: f32 = 0.0006;

/// A `deviceorientation` event, and how the screen is turned in its case.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DeviceAngles {
    /// About the Earth's vertical, 0…360.
    pub alpha_deg: f64,
    /// Front to back, −180…180.
    pub beta_deg: f64,
    /// Left to right, −90…90.
    pub gamma_deg: f64,
    /// `screen.orientation.angle`: 0, 90, 180 or 270.
    pub screen_deg: f64,
}

/// The view through the back of a device held like this: its horizon level in the world, its
/// heading that of the sensor.
#[must_use]
pub fn world_from_view(angles: DeviceAngles) -> Quat {
    let [alpha, beta, gamma, screen] =
        [angles.alpha_deg, angles.beta_deg, angles.gamma_deg, angles.screen_deg]
            .map(|angle_deg| (angle_deg as f32).to_radians());
    let earth_from_device = about_z(alpha) * about_x(beta) * about_y(gamma);
    // The Earth's z is our y, its north our −z.
    let world_from_earth = about_x(-FRAC_PI_2);
    // A screen turned by this angle has its content turned back by it.
    let device_from_view = about_z(-screen);
    world_from_earth * earth_from_device * device_from_view
}

/// Off, waiting for a first reading, or leading.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gyro {
    state: State,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Off,
    Waiting,
    Leading(Leading),
}

#[derive(Debug, Clone, Copy)]
struct Leading {
    sensor: Quat,
    /// Added to the sensor's heading.
    yaw_offset_rad: f32,
    /// Where the camera was when the sensor took over, until it has.
    blend: Option<Blend>,
}

#[derive(Debug, Clone, Copy)]
struct Blend {
    from: Quat,
    since_secs: f64,
}

impl Gyro {
    /// Waits for a reading.
    pub fn start(&mut self) {
        if matches!(self.state, State::Off) {
            self.state = State::Waiting;
        }
    }

    /// Leads no more.
    pub fn stop(&mut self) {
        self.state = State::Off;
    }

    /// Whether readings are wanted.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        !matches!(self.state, State::Off)
    }

    /// Whether the sensor says where the camera looks.
    #[must_use]
    pub const fn leads(&self) -> bool {
        matches!(self.state, State::Leading(_))
    }

    /// Whether it is still taking over.
    #[must_use]
    pub const fn is_blending(&self) -> bool {
        matches!(self.state, State::Leading(Leading { blend: Some(_), .. }))
    }

    /// Turns the world beneath the sensor.
    pub fn turn(&mut self, by_rad: f32) {
        if let State::Leading(leading) = &mut self.state
            && by_rad.is_finite()
        {
            leading.yaw_offset_rad = wrap_rad(leading.yaw_offset_rad + by_rad);
            if let Some(blend) = &mut leading.blend {
                blend.from = about_y(-by_rad) * blend.from;
            }
        }
    }

    /// A reading. False: nothing changes by it.
    pub fn reading(&mut self, sensor: Quat, camera: &Camera, now_secs: f64) -> bool {
        if !sensor.is_finite() {
            return false;
        }
        match &mut self.state {
            State::Off => false,
            State::Waiting => {
                self.state = State::Leading(Leading {
                    sensor,
                    yaw_offset_rad: wrap_rad(camera.yaw_rad() - heading_rad(sensor)),
                    blend: Some(Blend { from: camera.world_from_view(), since_secs: now_secs }),
                });
                true
            }
            State::Leading(leading) => {
                // The vector part of what lies between: the sine of half the angle.
                let sine = (leading.sensor.conjugate() * sensor).xyz().length();
                if sine < NOISE_RAD * 0.5 {
                    return false;
                }
                leading.sensor = sensor;
                true
            }
        }
    }

    /// Where the camera looks, if the sensor leads.
    pub fn world_from_view(&mut self, now_secs: f64) -> Option<Quat> {
        let State::Leading(leading) = &mut self.state else { return None };
        let to = about_y(-leading.yaw_offset_rad) * leading.sensor;
        let Some(blend) = leading.blend else { return Some(to) };
        let part = limited((now_secs - blend.since_secs) as f32 / BLEND_SECS, 0.0, 1.0);
        if part >= 1.0 {
            leading.blend = None;
            return Some(to);
        }
        Some(blend.from.lerp(to, part * part * (3.0 - 2.0 * part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec3;

    fn camera_of(alpha_deg: f64, beta_deg: f64, gamma_deg: f64, screen_deg: f64) -> Camera {
        let mut camera = Camera::default();
        let angles = DeviceAngles { alpha_deg, beta_deg, gamma_deg, screen_deg };
        camera.set_world_from_view(world_from_view(angles));
        camera
    }

    #[track_caller]
    fn assert_looks(camera: &Camera, yaw_deg: f32, pitch_deg: f32, roll_deg: f32) {
        let off = |angle_rad: f32, deg: f32| wrap_rad(angle_rad - deg.to_radians()).to_degrees();
        assert!(off(camera.yaw_rad(), yaw_deg).abs() < 0.2, "{camera:?}");
        assert!(off(camera.pitch_rad(), pitch_deg).abs() < 0.2, "{camera:?}");
        assert!(off(camera.roll_rad(), roll_deg).abs() < 0.2, "{camera:?}");
    }

    #[test]
    fn poses_of_a_phone() {
        // Upright, its back to the north.
        assert_looks(&camera_of(0.0, 90.0, 0.0, 0.0), 0.0, 0.0, 0.0);
        // Turned to the west: alpha grows anticlockwise seen from above, yaw clockwise.
        assert_looks(&camera_of(90.0, 90.0, 0.0, 0.0), -90.0, 0.0, 0.0);
        // Leant back by 30°, the back looks up at the sky.
        assert_looks(&camera_of(0.0, 120.0, 0.0, 0.0), 0.0, 30.0, 0.0);
        // Tipped forwards, it looks at the ground.
        assert_looks(&camera_of(0.0, 50.0, 0.0, 0.0), 0.0, -40.0, 0.0);
        // On a table, screen up: straight down, its top to the north.
        assert_looks(&camera_of(0.0, 0.0, 0.0, 0.0), 0.0, -90.0, 0.0);
        // On its left long side (top to the left), the screen turned with it: level again.
        assert_looks(&camera_of(0.0, 0.0, -90.0, 90.0), 90.0, 0.0, 0.0);
        // On its right long side.
        assert_looks(&camera_of(0.0, 0.0, 90.0, 270.0), -90.0, 0.0, 0.0);
    }

    /// The specification's worked example turns alpha, beta and gamma into a compass heading: the
    /// horizontal part of −z of the device, in Earth axes.
    #[test]
    fn heading_as_in_the_specification() {
        for (alpha_deg, beta_deg, gamma_deg) in
            [(30.0_f64, 80.0_f64, 10.0_f64), (200.0, 60.0, -35.0), (331.0, 100.0, 60.0)]
        {
            let [z, x, y] = [alpha_deg, beta_deg, gamma_deg].map(f64::to_radians);
            let east = -z.cos() * y.sin() - z.sin() * x.sin() * y.cos();
            let north = -z.sin() * y.sin() + z.cos() * x.sin() * y.cos();
            let compass_deg = east.atan2(north).to_degrees() as f32;
            let camera = camera_of(alpha_deg, beta_deg, gamma_deg, 0.0);
            let off = wrap_rad(camera.yaw_rad() - compass_deg.to_radians());
            assert!(off.abs() < 1e-3, "{compass_deg}: {camera:?}");
        }
    }

    /// The same rotation matrix as the specification writes it out for Z-X'-Y''.
    #[test]
    fn rotation_as_in_the_specification() {
        let (alpha, beta, gamma) = (0.7_f32, 1.1_f32, -0.4_f32);
        let (sz, cz) = alpha.sin_cos();
        let (sx, cx) = beta.sin_cos();
        let (sy, cy) = gamma.sin_cos();
        // Third column: the device's z in Earth axes (x east, y north, z up).
        let z = Vec3::new(cy * sz * sx + cz * sy, sz * sy - cz * cy * sx, cx * cy);
        let view = world_from_view(DeviceAngles {
            alpha_deg: f64::from(alpha.to_degrees()),
            beta_deg: f64::from(beta.to_degrees()),
            gamma_deg: f64::from(gamma.to_degrees()),
            screen_deg: 0.0,
        });
        let expected = Vec3::new(z.x, z.z, -z.y);
        assert!((view * Vec3::Z - expected).length() < 1e-4);
    }

    #[test]
    fn noise_is_ignored_and_nonsense_too() {
        let mut gyro = Gyro::default();
        let camera = Camera::default();
        let level = world_from_view(DeviceAngles { beta_deg: 90.0, ..DeviceAngles::default() });
        assert!(!gyro.reading(level, &camera, 0.0), "off");
        gyro.start();
        assert!(!gyro.reading(Quat::from_xyzw(f32::NAN, 0.0, 0.0, 0.0), &camera, 0.0));
        assert!(gyro.reading(level, &camera, 0.0));
        assert!(!gyro.reading(level, &camera, 0.1));
        let turned = Quat::from_rotation_y(0.01) * level;
        assert!(gyro.reading(turned, &camera, 0.2));
    }
}
