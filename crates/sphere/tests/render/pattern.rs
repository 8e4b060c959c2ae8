//! The direction-coded picture: red 0…255 across each eye's picture, green 0…255 down it, blue by
//! eye.

use crate::offscreen::Image;
use glam::Vec2;
use videosphere_sphere::view::StereoLayout;

/// Texels in each eye's picture, across; half as many down.
const EYE_WIDTH_PX: u32 = 512;

/// Size of the whole frame.
pub fn size_px(stereo: StereoLayout) -> (u32, u32) {
    let [width_px, height_px] = [EYE_WIDTH_PX, EYE_WIDTH_PX / 2];
    match stereo {
        StereoLayout::Mono => (width_px, height_px),
        StereoLayout::TopBottom => (width_px, height_px * 2),
        StereoLayout::SideBySide => (width_px * 2, height_px),
    }
}

/// Blue at a place in the frame.
pub fn blue(stereo: StereoLayout, uv: Vec2) -> u8 {
    let second = match stereo {
        StereoLayout::Mono => return 128,
        StereoLayout::TopBottom => uv.y >= 0.5,
        StereoLayout::SideBySide => uv.x >= 0.5,
    };
    if second { 192 } else { 64 }
}

/// The frame.
pub fn direction_coded(stereo: StereoLayout) -> Image {
    let (width_px, height_px) = size_px(stereo);
    let share = |px: u32, of_px: u32| (255.0 * (px as f32 + 0.5) / of_px as f32).round() as u8;
    Image::from_fn(width_px, height_px, |x, y| {
        let centre =
            Vec2::new((x as f32 + 0.5) / width_px as f32, (y as f32 + 0.5) / height_px as f32);
        let red = share(x % EYE_WIDTH_PX, EYE_WIDTH_PX);
        let green = share(y % (EYE_WIDTH_PX / 2), EYE_WIDTH_PX / 2);
        [red, green, blue(stereo, centre), 255]
    })
}
