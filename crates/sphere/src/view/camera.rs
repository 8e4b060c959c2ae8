//! The camera in the middle of the sphere: two angles, a tilt and a field of view.
//!
//! In: angles in radians and the size of the target. Out: the matrices a renderer needs, the
//! direction under a pixel, and how many pixels a full turn would take. Clip space is that of
//! WebGL and WebXR (x right, y up, z −1…1). The field of view is that across the shorter side: the
//! height in landscape, as everywhere, and the width in portrait, so that a phone shows as much
//! when it is turned, and upright no slit. It refuses what no viewer wants: pitch beyond the poles,
//! a field of view that shows a keyhole or a fisheye.

use super::trig::{about_x, about_y, about_z, limited, sin_cos, tan, wrap_rad};
use core::f32::consts::{FRAC_PI_2, PI, TAU};
use glam::{Mat4, Quat, Vec3, Vec4};

/// Narrowest field of view across the shorter side.
pub const FOV_MIN_RAD: f32 = PI / 6.0;
/// Widest field of view across the shorter side.
pub const FOV_MAX_RAD: f32 = PI * 2.0 / 3.0;
/// Field of view to begin with: 75°.
pub const FOV_DEFAULT_RAD: f32 = PI * 75.0 / 180.0;

/// The sphere is infinitely far, so these only need to hold any ray.
const NEAR_M: f32 = 0.1;
const FAR_M: f32 = 10.0;

/// A width and a height, both at least a fraction of a pixel; CSS or device pixels as the caller
/// has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Left to right.
    pub width_px: f32,
    /// Top to bottom.
    pub height_px: f32,
}

impl Size {
    /// A size that can be divided by, whatever the layout says for the moment.
    #[must_use]
    pub fn new(width_px: f32, height_px: f32) -> Self {
        // `max` also turns NaN into one pixel.
        Self { width_px: width_px.max(1.0), height_px: height_px.max(1.0) }
    }

    /// Width and height in units of the shorter side.
    fn in_shorter_sides(self) -> [f32; 2] {
        let shorter_px = self.width_px.min(self.height_px);
        [self.width_px / shorter_px, self.height_px / shorter_px]
    }
}

/// A place on the target, in pixels from its top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right.
    pub x_px: f32,
    /// Downwards.
    pub y_px: f32,
}

/// Where the viewer looks and how much is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    yaw_rad: f32,
    pitch_rad: f32,
    roll_rad: f32,
    fov_rad: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self { yaw_rad: 0.0, pitch_rad: 0.0, roll_rad: 0.0, fov_rad: FOV_DEFAULT_RAD }
    }
}

impl Camera {
    /// To the viewer's right from the centre of the picture, in (−π, π].
    #[must_use]
    pub const fn yaw_rad(&self) -> f32 {
        self.yaw_rad
    }

    /// Upwards from the horizon, −π/2…π/2.
    #[must_use]
    pub const fn pitch_rad(&self) -> f32 {
        self.pitch_rad
    }

    /// Tilt of the head to the left; only a motion sensor makes one.
    #[must_use]
    pub const fn roll_rad(&self) -> f32 {
        self.roll_rad
    }

    /// Field of view across the shorter side.
    #[must_use]
    pub const fn fov_rad(&self) -> f32 {
        self.fov_rad
    }

    /// Turns to a yaw, wrapped to (−π, π]. What is not a number changes nothing.
    pub fn set_yaw_rad(&mut self, yaw_rad: f32) {
        if yaw_rad.is_finite() {
            self.yaw_rad = wrap_rad(yaw_rad);
        }
    }

    /// Turns to a pitch, at most to a pole.
    pub fn set_pitch_rad(&mut self, pitch_rad: f32) {
        if !pitch_rad.is_nan() {
            self.pitch_rad = limited(pitch_rad, -FRAC_PI_2, FRAC_PI_2);
        }
    }

    /// Tilts.
    pub fn set_roll_rad(&mut self, roll_rad: f32) {
        if roll_rad.is_finite() {
            self.roll_rad = wrap_rad(roll_rad);
        }
    }

    /// Zooms, within the limits.
    pub fn set_fov_rad(&mut self, fov_rad: f32) {
        if !fov_rad.is_nan() {
            self.fov_rad = limited(fov_rad, FOV_MIN_RAD, FOV_MAX_RAD);
        }
    }

    /// The rotation that carries view space into world space.
    #[must_use]
    pub fn world_from_view(&self) -> Quat {
        about_y(-self.yaw_rad) * about_x(self.pitch_rad) * about_z(self.roll_rad)
    }

    /// Takes over a rotation, as a motion sensor gives it; the field of view stays.
    pub fn set_world_from_view(&mut self, world_from_view: Quat) {
        if !world_from_view.is_finite() {
            return;
        }
        let yaw_rad = heading_rad(world_from_view);
        let forward = world_from_view * Vec3::NEG_Z;
        let pitch_rad = limited(forward.y, -1.0, 1.0).asin();
        // What is left once yaw and pitch are undone is a turn about the line of sight.
        let level = about_y(-yaw_rad) * about_x(pitch_rad);
        let right = level.inverse() * (world_from_view * Vec3::X);
        self.set_yaw_rad(yaw_rad);
        self.set_pitch_rad(pitch_rad);
        self.set_roll_rad(right.y.atan2(right.x));
    }

    /// The rotation a renderer applies to world directions.
    #[must_use]
    pub fn view_from_world(&self) -> Mat4 {
        Mat4::from_quat(self.world_from_view().inverse())
    }

    /// The perspective of a target of this size.
    #[must_use]
    pub fn clip_from_view(&self, size: Size) -> Mat4 {
        let [right, up] = self.reach(size);
        let depth = NEAR_M - FAR_M;
        Mat4::from_cols(
            Vec4::new(1.0 / right, 0.0, 0.0, 0.0),
            Vec4::new(0.0, 1.0 / up, 0.0, 0.0),
            Vec4::new(0.0, 0.0, (NEAR_M + FAR_M) / depth, -1.0),
            Vec4::new(0.0, 0.0, 2.0 * NEAR_M * FAR_M / depth, 0.0),
        )
    }

    /// Horizontal field of view on a target of this size.
    #[must_use]
    pub fn horizontal_fov_rad(&self, size: Size) -> f32 {
        let [right, _] = self.reach(size);
        2.0 * right.atan()
    }

    /// How far right and up a target of this size reaches, one unit ahead.
    fn reach(&self, size: Size) -> [f32; 2] {
        size.in_shorter_sides().map(|sides| sides * tan(self.fov_rad * 0.5))
    }

    /// The direction through a point of the target, in view space; unit length.
    #[must_use]
    pub fn view_ray(&self, point: Point, size: Size) -> Vec3 {
        let [right, up] = self.reach(size);
        let across = 2.0 * point.x_px / size.width_px - 1.0;
        let upwards = 1.0 - 2.0 * point.y_px / size.height_px;
        Vec3::new(right * across, up * upwards, -1.0).normalize()
    }

    /// The direction through a point of the target, in world space: what the viewer points at.
    #[must_use]
    pub fn world_ray(&self, point: Point, size: Size) -> Vec3 {
        self.world_from_view() * self.view_ray(point, size)
    }

    /// Pixels a full turn would take at this zoom: the width beyond which a wider picture shows
    /// no more detail.
    #[must_use]
    pub fn panorama_width_px(&self, size: Size) -> f32 {
        size.width_px * TAU / self.horizontal_fov_rad(size)
    }
}

/// The direction of two angles, unit length.
#[must_use]
pub fn direction(yaw_rad: f32, pitch_rad: f32) -> Vec3 {
    let (sin_yaw, cos_yaw) = sin_cos(yaw_rad);
    let (sin_pitch, cos_pitch) = sin_cos(pitch_rad);
    Vec3::new(sin_yaw * cos_pitch, sin_pitch, -cos_yaw * cos_pitch)
}

/// The yaw of a direction; zero straight up or down.
#[must_use]
pub fn azimuth_rad(direction: Vec3) -> f32 {
    direction.x.atan2(-direction.z)
}

/// The yaw of a rotation, well defined even where it looks straight up or down: there the top of
/// the view says which way it faces.
#[must_use]
pub fn heading_rad(world_from_view: Quat) -> f32 {
    let forward = world_from_view * Vec3::NEG_Z;
    if forward.y.abs() < 0.999 {
        return azimuth_rad(forward);
    }
    let up = world_from_view * Vec3::Y;
    azimuth_rad(if forward.y > 0.0 { -up } else { up })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width_px: 1280.0, height_px: 720.0 };

    fn close(a: Vec3, b: Vec3) -> bool {
        (a - b).length() < 1e-5
    }

    fn looking(yaw_deg: f32, pitch_deg: f32) -> Camera {
        let mut camera = Camera::default();
        camera.set_yaw_rad(yaw_deg.to_radians());
        camera.set_pitch_rad(pitch_deg.to_radians());
        camera
    }

    #[test]
    fn yaw_turns_right_and_pitch_upwards() {
        assert!(close(direction(0.0, 0.0), Vec3::NEG_Z));
        assert!(close(direction(FRAC_PI_2, 0.0), Vec3::X));
        assert!(close(direction(0.0, FRAC_PI_2), Vec3::Y));
        for (yaw_deg, pitch_deg) in [(0.0, 0.0), (30.0, 10.0), (-120.0, -80.0), (180.0, 45.0)] {
            let forward = looking(yaw_deg, pitch_deg).world_from_view() * Vec3::NEG_Z;
            assert!(close(forward, direction(yaw_deg.to_radians(), pitch_deg.to_radians())));
        }
    }

    #[test]
    fn angles_are_wrapped_clamped_and_finite() {
        let mut camera = looking(190.0, 100.0);
        assert!((camera.yaw_rad().to_degrees() + 170.0).abs() < 1e-3);
        assert_eq!(camera.pitch_rad(), FRAC_PI_2);
        camera.set_fov_rad(9.0);
        assert_eq!(camera.fov_rad(), FOV_MAX_RAD);
        camera.set_fov_rad(0.0);
        assert_eq!(camera.fov_rad(), FOV_MIN_RAD);
        let before = camera;
        camera.set_yaw_rad(f32::NAN);
        camera.set_yaw_rad(f32::INFINITY);
        camera.set_pitch_rad(f32::NAN);
        camera.set_fov_rad(f32::NAN);
        camera.set_world_from_view(Quat::from_xyzw(f32::NAN, 0.0, 0.0, 1.0));
        assert_eq!(camera, before);
    }

    #[test]
    fn matrices_agree_with_rays() {
        let camera = looking(40.0, -25.0);
        let clip_from_world = camera.clip_from_view(SIZE) * camera.view_from_world();
        for (x_px, y_px) in [(640.0, 360.0), (0.0, 0.0), (1280.0, 100.0), (77.0, 719.0)] {
            let ray = camera.world_ray(Point { x_px, y_px }, SIZE);
            let clip = clip_from_world * ray.extend(1.0);
            let (x, y) = (clip.x / clip.w, clip.y / clip.w);
            assert!(clip.w > 0.0);
            assert!((x - (2.0 * x_px / SIZE.width_px - 1.0)).abs() < 1e-4, "{x}");
            assert!((y - (1.0 - 2.0 * y_px / SIZE.height_px)).abs() < 1e-4, "{y}");
        }
        // Depth runs from −1 to 1, as WebGL has it.
        let depth = |z_m: f32| {
            let clip = camera.clip_from_view(SIZE) * Vec4::new(0.0, 0.0, -z_m, 1.0);
            clip.z / clip.w
        };
        assert!((depth(NEAR_M) + 1.0).abs() < 1e-4 && (depth(FAR_M) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn a_rotation_is_taken_over_whole_even_at_the_poles() {
        for (yaw_deg, pitch_deg, roll_deg) in
            [(10.0, 20.0, 30.0), (-170.0, -60.0, 90.0), (45.0, 90.0, 0.0), (45.0, -90.0, 10.0)]
        {
            let mut camera = looking(yaw_deg, pitch_deg);
            camera.set_roll_rad(f32::to_radians(roll_deg));
            let rotation = camera.world_from_view();
            let mut other = Camera::default();
            other.set_world_from_view(rotation);
            // Twice the sine of half the angle between them.
            let angle = 2.0 * (rotation.conjugate() * other.world_from_view()).xyz().length();
            assert!(angle < 2e-3, "{yaw_deg} {pitch_deg} {roll_deg}: {angle}");
        }
        // Looking straight down, the heading is where the top of the view points.
        let down = looking(45.0, -90.0).world_from_view();
        assert!((heading_rad(down).to_degrees() - 45.0).abs() < 0.1);
        let up = looking(-60.0, 90.0).world_from_view();
        assert!((heading_rad(up).to_degrees() + 60.0).abs() < 0.1);
    }

    #[test]
    fn a_turned_phone_shows_as_much() {
        let camera = Camera::default();
        let [tall, wide] = [Size::new(390.0, 844.0), Size::new(844.0, 390.0)];
        let edge = |x_px, y_px, size| camera.view_ray(Point { x_px, y_px }, size);
        let off_axis = |ray: Vec3| 2.0 * ray.angle_between(Vec3::NEG_Z).to_degrees();
        assert!((off_axis(edge(390.0, 422.0, tall)) - 75.0).abs() < 0.01, "across");
        assert!((off_axis(edge(422.0, 0.0, wide)) - 75.0).abs() < 0.01, "upwards");
        let longer = [off_axis(edge(195.0, 0.0, tall)), off_axis(edge(844.0, 195.0, wide))];
        assert!((longer[0] - longer[1]).abs() < 0.01 && longer[0] > 115.0, "{longer:?}");
        assert!((camera.horizontal_fov_rad(tall) - camera.fov_rad()).abs() < 1e-6);
        // The matrix the renderers take says the same.
        for (size, x_px, y_px) in [(tall, 390.0, 0.0), (wide, 0.0, 390.0)] {
            let clip = camera.clip_from_view(size) * edge(x_px, y_px, size).extend(1.0);
            let [x, y] = [clip.x / clip.w, clip.y / clip.w].map(f32::abs);
            assert!((x - 1.0).abs() < 1e-4 && (y - 1.0).abs() < 1e-4, "{x} {y}");
        }
    }

    #[test]
    fn a_full_turn_in_pixels() {
        // A square target: horizontal and vertical fields are one.
        let camera = Camera::default();
        let square = Size::new(500.0, 500.0);
        assert!((camera.horizontal_fov_rad(square) - camera.fov_rad()).abs() < 1e-6);
        assert!((camera.panorama_width_px(square) - 500.0 * 360.0 / 75.0).abs() < 0.1);
        assert!(camera.panorama_width_px(Size::new(0.0, f32::NAN)).is_finite());
    }
}
