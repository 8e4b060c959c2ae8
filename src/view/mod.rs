//! Where the viewer looks and which part of the picture that shows: pure geometry.
//!
//! In: drags, keys, sensor angles, projection and stereo layout. Out: view matrices and the
//! mapping from a direction to texture coordinates. World space is right-handed, +Y up, −Z the
//! centre of the picture (as WebXR); `yaw_rad` grows to the viewer's right, `pitch_rad` upwards.
//! It draws nothing and reads no device.

/// How the picture covers the sphere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Projection {
    /// Equirectangular, the whole turn: yaw −180°…180° left to right, pitch 90°…−90° downwards.
    #[default]
    Equirect360,
    /// Equirectangular, the front half: yaw −90°…90°.
    Equirect180,
}

/// Where each eye's picture lies in the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StereoLayout {
    /// One picture for both eyes.
    #[default]
    Mono,
    /// Left eye above right eye.
    TopBottom,
    /// Left eye left of right eye.
    SideBySide,
}

/// Whose picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Eye {
    /// Left, and the only one on a screen.
    #[default]
    Left,
    /// Right.
    Right,
}
