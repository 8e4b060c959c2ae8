//! The shader, drawn off-screen by wgpu, judged twice: each pixel against the mapping on the CPU
//! (`view::projection`), and each image against a golden one.
//!
//! The picture is direction-coded: red is the share of the way across, green of the way down, so
//! that any pixel tells the direction it shows; blue tells the eye.

mod golden;
mod offscreen;
mod pattern;

use glam::{Mat4, Vec3};
use offscreen::{Image, Offscreen};
use std::f32::consts::PI;
use videosphere_sphere::render::{EyeView, SphericalFormat, Viewport};
use videosphere_sphere::view::camera::{Camera, Point, Size};
use videosphere_sphere::view::projection::frame_uv;
use videosphere_sphere::view::{Eye, Projection, StereoLayout};

const WIDTH_PX: u32 = 160;
const HEIGHT_PX: u32 = 96;
/// What 8 bits of colour, and the filter across a jump of a texel, leave of a direction.
const TOLERANCE_DEG: f32 = 2.0;

/// One image to draw.
struct Case {
    name: &'static str,
    picture: SphericalFormat,
    eye: Eye,
    yaw_deg: f32,
    pitch_deg: f32,
    fov_deg: f32,
}

const MONO_360: Case = Case {
    name: "mono-360",
    picture: SphericalFormat { projection: Projection::Equirect360, stereo: StereoLayout::Mono },
    eye: Eye::Left,
    yaw_deg: 0.0,
    pitch_deg: 0.0,
    fov_deg: 75.0,
};

impl Case {
    fn camera(&self) -> Camera {
        let mut camera = Camera::default();
        camera.set_yaw_rad(self.yaw_deg.to_radians());
        camera.set_pitch_rad(self.pitch_deg.to_radians());
        camera.set_fov_rad(self.fov_deg.to_radians());
        camera
    }

    fn view(&self) -> EyeView {
        EyeView {
            eye: self.eye,
            viewport: whole(),
            clip_from_view: self.camera().clip_from_view(size()),
            view_from_world: self.camera().view_from_world(),
        }
    }
}

fn whole() -> Viewport {
    Viewport { x_px: 0, y_px: 0, width_px: WIDTH_PX, height_px: HEIGHT_PX }
}

fn size() -> Size {
    Size::new(WIDTH_PX as f32, HEIGHT_PX as f32)
}

/// Each pixel shows the direction that the CPU says, or black where the picture does not reach.
#[track_caller]
fn assert_mapping(case: &Case, image: &Image) {
    let camera = case.camera();
    let frame_px = pattern::size_px(case.picture.stereo);
    for y in 0..HEIGHT_PX {
        for x in 0..WIDTH_PX {
            let centre = Point { x_px: x as f32 + 0.5, y_px: y as f32 + 0.5 };
            let world = camera.world_ray(centre, size());
            let place = (case.picture.stereo, case.eye);
            let [red, green, blue, _] = image.pixel(x, y);
            let Some(uv) = case.picture.projection.uv_from_direction(world) else {
                assert_eq!([red, green, blue], [0; 3], "{} at {x}, {y} is outside", case.name);
                continue;
            };
            let frame_uv = frame_uv(case.picture.projection, place, world).expect("inside");
            let blue_there = pattern::blue(case.picture.stereo, frame_uv);
            let name = case.name;
            assert!(blue.abs_diff(blue_there) <= 1, "{name} at {x}, {y} shows the other eye");
            // Within a texel of the seam red goes from 255 to 0: the seam has tests of its own.
            let to_seam = uv.x.min(1.0 - uv.x) * frame_px.0 as f32;
            if case.picture.projection == Projection::Equirect360 && to_seam < 1.0 {
                continue;
            }
            let shown = glam::Vec2::new(f32::from(red) / 255.0, f32::from(green) / 255.0);
            let shown = case.picture.projection.direction_from_uv(shown);
            let off_deg = shown.angle_between(world).to_degrees();
            assert!(off_deg <= TOLERANCE_DEG, "{name} at {x}, {y} is {off_deg}° off");
        }
    }
}

#[track_caller]
fn check(case: &Case) -> Image {
    let mut screen = Offscreen::new(WIDTH_PX, HEIGHT_PX);
    screen.set_frame(&pattern::direction_coded(case.picture.stereo));
    let image = screen.draw(case.picture, &[case.view()]);
    assert_mapping(case, &image);
    golden::assert_matches(case.name, &image);
    image
}

#[test]
fn straight_ahead() {
    let image = check(&MONO_360);
    // The claim in words: the middle is the middle, the left half lies to the left, up is up.
    let [red, green, ..] = image.pixel(WIDTH_PX / 2, HEIGHT_PX / 2);
    assert!(red.abs_diff(128) <= 2 && green.abs_diff(128) <= 2, "{red} {green}");
    assert!(image.pixel(10, 48)[0] < 110 && image.pixel(80, 5)[1] < 110);
}

#[test]
fn to_the_right_and_up() {
    let image =
        check(&Case { name: "yaw-90-pitch-30", yaw_deg: 90.0, pitch_deg: 30.0, ..MONO_360 });
    let [red, green, ..] = image.pixel(WIDTH_PX / 2, HEIGHT_PX / 2);
    assert!(red.abs_diff(191) <= 2 && green.abs_diff(85) <= 2, "{red} {green}");
}

#[test]
fn narrow_to_the_left_and_down() {
    check(&Case {
        name: "yaw-minus-120-pitch-minus-45-fov-30",
        yaw_deg: -120.0,
        pitch_deg: -45.0,
        fov_deg: 30.0,
        ..MONO_360
    });
}

#[test]
fn wide() {
    check(&Case { name: "fov-120", fov_deg: 120.0, ..MONO_360 });
}

#[test]
fn the_poles() {
    check(&Case { name: "zenith", pitch_deg: 90.0, fov_deg: 100.0, ..MONO_360 });
    check(&Case { name: "nadir", pitch_deg: -90.0, yaw_deg: 45.0, ..MONO_360 });
}

#[test]
fn behind() {
    check(&Case { name: "seam", yaw_deg: 180.0, ..MONO_360 });
}

#[test]
fn top_bottom_shows_each_eye_its_half() {
    for (name, eye) in [("top-bottom-left", Eye::Left), ("top-bottom-right", Eye::Right)] {
        let picture = SphericalFormat {
            projection: Projection::Equirect360,
            stereo: StereoLayout::TopBottom,
        };
        // Upwards and downwards, to where the halves meet.
        check(&Case { name, picture, eye, pitch_deg: 60.0, ..MONO_360 });
        let name = if eye == Eye::Left { "top-bottom-left-down" } else { "top-bottom-right-down" };
        check(&Case { name, picture, eye, pitch_deg: -60.0, ..MONO_360 });
    }
}

#[test]
fn side_by_side_shows_each_eye_its_half_round_the_seam() {
    for (name, eye) in [("side-by-side-left", Eye::Left), ("side-by-side-right", Eye::Right)] {
        let picture = SphericalFormat {
            projection: Projection::Equirect360,
            stereo: StereoLayout::SideBySide,
        };
        check(&Case { name, picture, eye, yaw_deg: 180.0, ..MONO_360 });
    }
}

#[test]
fn half_a_sphere_ends_in_black() {
    let picture =
        SphericalFormat { projection: Projection::Equirect180, stereo: StereoLayout::Mono };
    check(&Case { name: "mono-180", picture, ..MONO_360 });
    check(&Case { name: "mono-180-edge", picture, yaw_deg: 80.0, ..MONO_360 });
    let image = check(&Case { name: "mono-180-behind", picture, yaw_deg: 180.0, ..MONO_360 });
    assert_eq!(image.pixel(WIDTH_PX / 2, HEIGHT_PX / 2), [0, 0, 0, 255]);
    let picture =
        SphericalFormat { projection: Projection::Equirect180, stereo: StereoLayout::SideBySide };
    check(&Case { name: "side-by-side-180-right", picture, eye: Eye::Right, ..MONO_360 });
}

/// Across the seam the filter goes on as it does everywhere else: from the last column's colour to
/// the first one's in a straight ramp, here 12 pixels to a texel, with neither step nor line.
#[test]
fn the_seam_is_filtered_like_any_other_place() {
    let mut screen = Offscreen::new(WIDTH_PX, HEIGHT_PX);
    let (width_px, height_px) = (64, 32);
    let rgba = |x: u32| if x < width_px / 2 { [200, 200, 200, 255] } else { [40, 40, 40, 255] };
    screen.set_frame(&Image::from_fn(width_px, height_px, |x, _| rgba(x)));
    let case = |yaw_deg| Case { name: "", yaw_deg, fov_deg: 30.0, ..MONO_360 };
    // The same edge lies in the middle of the picture, mirrored.
    let row = |screen: &Offscreen, yaw_deg| -> Vec<u8> {
        let image = screen.draw(MONO_360.picture, &[case(yaw_deg).view()]);
        (0..WIDTH_PX).map(|x| image.pixel(x, HEIGHT_PX / 2)[0]).collect()
    };
    let seam = row(&screen, 180.0);
    let mut middle = row(&screen, 0.0);
    middle.reverse();
    assert_eq!((seam[0], seam[WIDTH_PX as usize - 1]), (40, 200));
    assert!(seam.is_sorted(), "{seam:?}");
    assert!(seam.iter().zip(&middle).all(|(a, b)| a.abs_diff(*b) <= 2), "{seam:?}\n{middle:?}");
    assert!(seam.iter().filter(|level| (60..=180).contains(*level)).count() >= 8, "{seam:?}");
}

/// Where a frame cannot be halved on a texel, the odd column or row belongs to neither eye.
#[test]
fn odd_frames_do_not_bleed() {
    for (stereo, width_px, height_px, yaw_deg, pitch_deg) in [
        (StereoLayout::SideBySide, 33, 16, 180.0, 0.0),
        (StereoLayout::TopBottom, 32, 33, 0.0, 80.0),
        (StereoLayout::TopBottom, 32, 33, 0.0, -80.0),
    ] {
        let mut screen = Offscreen::new(WIDTH_PX, HEIGHT_PX);
        screen.set_frame(&Image::from_fn(width_px, height_px, |x, y| {
            let [at, of] =
                if stereo == StereoLayout::SideBySide { [x, width_px] } else { [y, height_px] };
            match (at * 2 + 1).cmp(&of) {
                std::cmp::Ordering::Less => [255, 0, 0, 255],
                std::cmp::Ordering::Equal => [255, 255, 255, 255],
                std::cmp::Ordering::Greater => [0, 0, 255, 255],
            }
        }));
        let picture = SphericalFormat { projection: Projection::Equirect360, stereo };
        for (eye, colour) in [(Eye::Left, [255, 0, 0, 255]), (Eye::Right, [0, 0, 255, 255])] {
            let case = Case { name: "", picture, eye, yaw_deg, pitch_deg, fov_deg: 60.0 };
            let image = screen.draw(picture, &[case.view()]);
            assert!(image.pixels().all(|pixel| pixel == colour), "{stereo:?} {eye:?}");
        }
    }
}

/// Two eyes in one pass, as a headset wants them: each in its viewport, nothing outside.
#[test]
fn two_views_share_a_target() {
    let mut screen = Offscreen::new(WIDTH_PX, HEIGHT_PX);
    let picture =
        SphericalFormat { projection: Projection::Equirect360, stereo: StereoLayout::TopBottom };
    screen.set_frame(&pattern::direction_coded(picture.stereo));
    let half = |eye, x_px, yaw_deg: f32| EyeView {
        eye,
        viewport: Viewport { x_px, y_px: 8, width_px: 64, height_px: 64 },
        ..Case { name: "", picture, eye, yaw_deg, ..MONO_360 }.view()
    };
    let image = screen.draw(picture, &[half(Eye::Left, 8, -90.0), half(Eye::Right, 88, 90.0)]);
    let [red, green, blue, _] = image.pixel(8 + 32, 8 + 32);
    assert!(
        red.abs_diff(64) <= 3 && green.abs_diff(128) <= 3 && blue == 64,
        "{red} {green} {blue}"
    );
    let [red, green, blue, _] = image.pixel(88 + 32, 8 + 32);
    assert!(red.abs_diff(191) <= 3 && green.abs_diff(128) <= 3 && blue == 192);
    for (x, y) in [(7, 40), (72, 40), (87, 40), (152, 40), (40, 7), (40, 72)] {
        assert_eq!(image.pixel(x, y), [0, 0, 0, 255], "{x}, {y} is outside both");
    }
}

#[test]
fn nothing_to_show_is_black() {
    let mut screen = Offscreen::new(WIDTH_PX, HEIGHT_PX);
    let is_black = |image: &Image| image.pixels().all(|pixel| pixel == [0, 0, 0, 255]);
    assert!(is_black(&screen.draw(MONO_360.picture, &[MONO_360.view()])), "before the first frame");
    screen.set_frame(&pattern::direction_coded(StereoLayout::Mono));
    assert!(is_black(&screen.draw(MONO_360.picture, &[])), "no views");
    let flat = EyeView { clip_from_view: Mat4::ZERO, ..MONO_360.view() };
    assert!(is_black(&screen.draw(MONO_360.picture, &[flat])), "no projection");
    let empty = EyeView { viewport: Viewport::default(), ..MONO_360.view() };
    assert!(is_black(&screen.draw(MONO_360.picture, &[empty])), "no pixels");
    assert!(!is_black(&screen.draw(MONO_360.picture, &[MONO_360.view()])));
}

/// A pixel exactly at a pole has no yaw; whatever is shown must be that row's colour.
#[test]
fn the_very_pole_is_a_colour_of_the_first_row() {
    let mut screen = Offscreen::new(1, 1);
    screen.set_frame(&Image::from_fn(64, 32, |_, y| if y == 0 { [9, 8, 7, 255] } else { [0; 4] }));
    let view = EyeView {
        viewport: Viewport { x_px: 0, y_px: 0, width_px: 1, height_px: 1 },
        clip_from_view: MONO_360.camera().clip_from_view(Size::new(1.0, 1.0)),
        // Exact, as a rotation by an angle in radians would not be: −Z goes to +Y.
        view_from_world: Mat4::from_cols(
            Vec3::X.extend(0.0),
            Vec3::NEG_Z.extend(0.0),
            Vec3::Y.extend(0.0),
            glam::Vec4::W,
        ),
        ..MONO_360.view()
    };
    assert!((view.view_from_world.transform_vector3(Vec3::Y) - Vec3::NEG_Z).length() < PI * 1e-9);
    assert_eq!(screen.draw(MONO_360.picture, &[view]).pixel(0, 0), [9, 8, 7, 255]);
}
