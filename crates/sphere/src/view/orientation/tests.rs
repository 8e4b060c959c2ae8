//! The inputs together: hand-over without jumps, rest when nothing is done.

use super::gyro::{DeviceAngles, world_from_view};
use super::wheel::WheelTurn;
use super::*;
use crate::view::trig::wrap_rad;

const SIZE: Size = Size { width_px: 800.0, height_px: 600.0 };
const FRAME_SECS: f64 = 1.0 / 60.0;

fn pointer(id: i32, x_px: f32, y_px: f32, now_secs: f64) -> PointerInput {
    PointerInput { id, at: Point { x_px, y_px }, now_secs }
}

fn angle_rad(a: &Camera, b: &Camera) -> f32 {
    a.world_from_view().angle_between(b.world_from_view())
}

/// Runs frames until rest; the largest turn of one frame, and the time it is then.
fn settle(orientation: &mut Orientation, mut now_secs: f64) -> (f32, f64) {
    let mut largest_rad = 0.0_f32;
    for _ in 0..2000 {
        let before = *orientation.camera();
        now_secs += FRAME_SECS;
        let moving = orientation.advance(now_secs);
        largest_rad = largest_rad.max(angle_rad(&before, orientation.camera()));
        if !moving {
            assert!(!orientation.is_moving());
            return (largest_rad, now_secs);
        }
    }
    panic!("never comes to rest");
}

/// Drags 200 px to the left within 200 ms, beginning at a time.
fn fling(orientation: &mut Orientation, start_secs: f64) -> f64 {
    orientation.pointer_down(pointer(1, 500.0, 300.0, start_secs));
    let mut now_secs = start_secs;
    for step in 1..=12_u8 {
        now_secs += FRAME_SECS;
        orientation.pointer_move(pointer(1, 500.0 - 16.0 * f32::from(step), 300.0, now_secs));
    }
    orientation.pointer_up(1, now_secs);
    now_secs
}

fn held(heading_deg: f64, beta_deg: f64) -> Quat {
    world_from_view(DeviceAngles { alpha_deg: heading_deg, beta_deg, ..DeviceAngles::default() })
}

#[test]
fn a_fling_glides_on_and_a_finger_stops_it() {
    let mut orientation = Orientation::new(SIZE);
    let now_secs = fling(&mut orientation, 10.0);
    let released = orientation.camera().yaw_rad();
    assert!(released > 0.2);
    assert!(orientation.advance(now_secs + FRAME_SECS));
    settle(&mut orientation, now_secs + FRAME_SECS);
    let rested = orientation.camera().yaw_rad();
    assert!(wrap_rad(rested - released) > 0.1);

    let now_secs = fling(&mut orientation, 20.0);
    orientation.pointer_down(pointer(2, 100.0, 100.0, now_secs));
    let caught = *orientation.camera();
    assert!(!orientation.advance(now_secs + FRAME_SECS));
    assert_eq!(*orientation.camera(), caught);
}

#[test]
fn less_motion_means_no_glide() {
    let mut orientation = Orientation::new(SIZE);
    orientation.set_reduced_motion(true);
    let now_secs = fling(&mut orientation, 10.0);
    let released = *orientation.camera();
    assert!(!orientation.advance(now_secs + FRAME_SECS));
    assert_eq!(*orientation.camera(), released);
    orientation.wheel(WheelTurn { delta_y: 100.0, mode: 0, pinch: false }, 11.0);
    assert!(orientation.camera().fov_rad() > released.fov_rad());
    assert!(!orientation.is_moving());
}

#[test]
fn a_pinch_zooms_and_holds_its_middle() {
    let mut orientation = Orientation::new(SIZE);
    orientation.pointer_down(pointer(1, 300.0, 300.0, 0.0));
    orientation.pointer_down(pointer(2, 420.0, 300.0, 0.0));
    let middle = |a: f32, b: f32| Point { x_px: (a + b) * 0.5, y_px: 300.0 };
    let grabbed = orientation.camera().world_ray(middle(300.0, 420.0), SIZE);
    for step in 1..=20_u8 {
        let right_px = 420.0 + 6.0 * f32::from(step);
        orientation.pointer_move(pointer(2, right_px, 300.0, f64::from(step) * FRAME_SECS));
        let now = orientation.camera().world_ray(middle(300.0, right_px), SIZE);
        assert!(grabbed.angle_between(now).to_degrees() < 0.1);
    }
    let fov_ratio =
        (75.0_f32.to_radians() * 0.5).tan() / (orientation.camera().fov_rad() * 0.5).tan();
    assert!((fov_ratio - 2.0).abs() < 1e-3, "{fov_ratio}");
    // The first finger leaves and the second drags on: nothing jumps, nothing flings from a pinch.
    let before = *orientation.camera();
    orientation.pointer_up(1, 1.0);
    assert_eq!(*orientation.camera(), before);
    orientation.pointer_up(2, 1.0);
    assert!(!orientation.is_moving());
}

#[test]
fn the_sensor_takes_over_without_a_jump() {
    let mut orientation = Orientation::new(SIZE);
    orientation.set_yaw_rad(1.0);
    orientation.set_pitch_rad(0.5);
    orientation.set_motion(true);
    let before = *orientation.camera();
    orientation.sensor(held(200.0, 90.0), 5.0);
    assert!(angle_rad(&before, orientation.camera()) < 1e-3);
    let (largest_rad, now_secs) = settle(&mut orientation, 5.0);
    assert!(largest_rad < 0.06, "{largest_rad}");
    assert!((orientation.camera().yaw_rad() - 1.0).abs() < 1e-2, "the heading means yaw 1");
    assert!(orientation.camera().pitch_rad().abs() < 1e-2, "the pitch is the sensor's");

    // The viewer turns by 30° to the right (alpha falls) and looks up by 10°.
    orientation.sensor(held(170.0, 100.0), now_secs);
    assert!((orientation.camera().yaw_rad() - 1.0 - 30_f32.to_radians()).abs() < 1e-2);
    assert!((orientation.camera().pitch_rad() - 10_f32.to_radians()).abs() < 1e-2);

    // Dragging turns the world, and cannot tip it.
    let before = *orientation.camera();
    orientation.pointer_down(pointer(1, 400.0, 300.0, now_secs));
    orientation.pointer_move(pointer(1, 300.0, 200.0, now_secs));
    orientation.pointer_lost(1);
    let turned = orientation.camera().yaw_rad();
    assert!(turned > before.yaw_rad() + 0.1);
    assert_eq!(orientation.camera().pitch_rad(), before.pitch_rad());
    orientation.sensor(held(169.0, 100.0), now_secs + 0.1);
    assert!((orientation.camera().yaw_rad() - turned - 1_f32.to_radians()).abs() < 1e-2);

    // Recentring makes this heading the centre and leaves the pitch to the sensor.
    orientation.recenter();
    assert!(orientation.camera().yaw_rad().abs() < 1e-6);
    orientation.sensor(held(159.0, 100.0), now_secs + 0.2);
    assert!((orientation.camera().yaw_rad() - 10_f32.to_radians()).abs() < 1e-2);
}

#[test]
fn a_finger_that_the_page_takes_has_turned_nothing() {
    let mut orientation = Orientation::new(SIZE);
    orientation.set_yaw_rad(3.1);
    let before = *orientation.camera();
    orientation.pointer_down(pointer(1, 400.0, 300.0, 1.0));
    orientation.pointer_move(pointer(1, 300.0, 260.0, 1.02));
    assert!(angle_rad(&before, orientation.camera()) > 0.1);
    let dragged = *orientation.camera();
    orientation.pointer_cancel(7);
    assert_eq!(orientation.camera(), &dragged, "another pointer's end is nothing to this one");
    orientation.pointer_cancel(1);
    assert!(angle_rad(&before, orientation.camera()) < 1e-3);
    assert!(!orientation.is_moving() && !orientation.is_grabbed());

    // Two fingers were meant; what is taken of them afterwards stays turned.
    orientation.pointer_down(pointer(1, 300.0, 300.0, 2.0));
    orientation.pointer_down(pointer(2, 500.0, 300.0, 2.0));
    orientation.pointer_move(pointer(2, 500.0, 400.0, 2.02));
    let turned = *orientation.camera();
    assert!(angle_rad(&before, &turned) > 0.05);
    orientation.pointer_up(2, 2.04);
    orientation.pointer_cancel(1);
    orientation.pointer_cancel(1);
    assert!(angle_rad(&turned, orientation.camera()) < 1e-3);
}

#[test]
fn letting_the_sensor_go_levels_the_horizon_gently() {
    let mut orientation = Orientation::new(SIZE);
    orientation.set_motion(true);
    let tilted = DeviceAngles { beta_deg: 90.0, gamma_deg: 0.0, ..DeviceAngles::default() };
    let tilted = world_from_view(tilted) * Quat::from_rotation_z(0.4);
    orientation.sensor(tilted, 0.0);
    let (_, now_secs) = settle(&mut orientation, 0.0);
    assert!((orientation.camera().roll_rad() - 0.4).abs() < 1e-2);
    let before = *orientation.camera();
    orientation.set_motion(false);
    assert_eq!(*orientation.camera(), before);
    assert!(orientation.is_moving());
    let (largest_rad, _) = settle(&mut orientation, now_secs);
    assert!(largest_rad < 0.08, "{largest_rad}");
    assert_eq!(orientation.camera().roll_rad(), 0.0);
    assert!((orientation.camera().pitch_rad() - before.pitch_rad()).abs() < 1e-3);
}

#[test]
fn keys_turn_zoom_and_recentre() {
    let mut orientation = Orientation::new(SIZE);
    assert!(orientation.key_down("ArrowRight", 0.0));
    assert!(orientation.key_up("ArrowRight"));
    let (_, now_secs) = settle(&mut orientation, 0.0);
    assert!(orientation.camera().yaw_rad() > 0.01);
    orientation.key_down("+", now_secs);
    assert!(orientation.advance(now_secs + 0.1));
    orientation.release_all();
    settle(&mut orientation, now_secs + 0.1);
    assert!(orientation.camera().fov_rad() < 75_f32.to_radians());
    assert!(orientation.key_down("Home", 9.0));
    assert_eq!((orientation.camera().yaw_rad(), orientation.camera().pitch_rad()), (0.0, 0.0));
    assert!(!orientation.key_down("a", 9.0) && !orientation.key_up("a"));
}

#[test]
fn nothing_moves_by_itself() {
    let mut orientation = Orientation::new(SIZE);
    assert!(!orientation.is_moving());
    assert!(!orientation.advance(1.0));
    // A click, a hover and a foreign pointer's end.
    orientation.pointer_down(pointer(1, 10.0, 10.0, 1.0));
    orientation.pointer_up(1, 1.05);
    orientation.pointer_move(pointer(1, 50.0, 10.0, 1.1));
    orientation.pointer_up(7, 1.2);
    assert!(!orientation.is_moving());
    assert_eq!(*orientation.camera(), Camera::default());
}
