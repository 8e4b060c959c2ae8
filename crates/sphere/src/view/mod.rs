//! Where the viewer looks and which part of the picture that shows: pure geometry.
//!
//! In: drags, keys, sensor angles, projection and stereo layout. Out: view matrices and the
//! mapping from a direction to texture coordinates. World space is right-handed, +Y up, −Z the
//! centre of the picture (as WebXR); `yaw_rad` grows to the viewer's right, `pitch_rad` upwards.
//! It draws nothing, reads no device and no clock: time is an argument, in seconds.

pub mod camera;
pub mod headset;
pub mod orientation;
pub mod projection;
pub mod trig;

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

impl Projection {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Equirect360, Self::Equirect180];

    /// By its public name, as the page writes it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|projection| projection.name() == name)
    }

    /// The public name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equirect360 => "equirect-360",
            Self::Equirect180 => "equirect-180",
        }
    }
}

impl StereoLayout {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Mono, Self::TopBottom, Self::SideBySide];

    /// By its public name, as the page writes it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.name() == name)
    }

    /// The public name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mono => "mono",
            Self::TopBottom => "top-bottom",
            Self::SideBySide => "side-by-side",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_names_name_themselves() {
        for projection in Projection::ALL {
            assert_eq!(Projection::from_name(projection.name()), Some(projection));
        }
        for stereo in StereoLayout::ALL {
            assert_eq!(StereoLayout::from_name(stereo.name()), Some(stereo));
        }
        assert_eq!(Projection::from_name("cubemap"), None);
        assert_eq!(StereoLayout::from_name(""), None);
    }
}
