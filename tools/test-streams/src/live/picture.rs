//! What the camera sees: a 360° pattern with a clock in it, drawn as a function of the frame's
//! number alone, so that every origin of the source sends the same.
//!
//! Out: planar YUV 4:2:0 frames (BT.709, limited range). In the middle of the picture lies a strip
//! of twelve by two boxes, each a fortieth of the picture wide. The first column is white over
//! black. The next ten columns hold twenty bits, the highest first, the upper row before the lower:
//! hundredths of seconds since the Unix epoch, without what twenty bits cannot hold. The last
//! column makes the white bits of each row even. `clock.js` reads it. Below it is the time of day
//! (UTC) for people. A little noise gives the encoder something to do.

use crate::pattern;
use crate::sample::Picture;
use anyhow::{Context, Result};
use std::path::Path;

/// The reader of the clock, for pages: `readClock(video)`.
pub const CLOCK_JS: &str = include_str!("clock.js");

const COLUMNS: u32 = 12;
/// Boxes to a picture's width.
const BOXES_ACROSS: u32 = 40;
/// Grounds with different noise, shown in turn.
const GROUNDS: u32 = 8;
const NOISE: i32 = 5;
const WHITE: u8 = 235;
const BLACK: u8 = 16;

/// Draws frames.
pub struct Painter {
    width_px: u32,
    frame_rate: u32,
    grounds: Vec<Vec<u8>>,
    frame: Vec<u8>,
    digits: Ppm,
}

impl Painter {
    /// Prepares the grounds. `folder` takes the drawings they are made from.
    pub fn new(picture: Picture, width_px: u32, frame_rate: u32, folder: &Path) -> Result<Self> {
        let (ground, digits) = (folder.join("ground.ppm"), folder.join("digits.ppm"));
        match picture {
            Picture::Labelled => pattern::labelled(&ground, width_px)?,
            Picture::Directions => pattern::directions(&ground, width_px)?,
        }
        pattern::digits(&digits)?;
        let (plain, digits) = (Ppm::read(&ground)?.to_yuv(), Ppm::read(&digits)?);
        let luma_len = (width_px * width_px / 2) as usize;
        let mut state = 1u32;
        let grounds = (0..GROUNDS)
            .map(|_| {
                let mut ground = plain.clone();
                for luma in &mut ground[..luma_len] {
                    // A linear congruential generator; its low bits are poor.
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let noise = (state >> 16) as i32 % (2 * NOISE + 1) - NOISE;
                    *luma = (i32::from(*luma) + noise).clamp(16, 235) as u8;
                }
                ground
            })
            .collect();
        Ok(Self { width_px, frame_rate, grounds, frame: plain, digits })
    }

    /// The frame of this number since the Unix epoch.
    pub fn frame(&mut self, number: u64) -> &[u8] {
        let ground = &self.grounds[(number % u64::from(GROUNDS)) as usize];
        self.frame.copy_from_slice(ground);
        let centis = number * 100 / u64::from(self.frame_rate);
        self.draw_clock((centis & 0xf_ffff) as u32);
        self.draw_time_of_day(centis);
        &self.frame
    }

    fn draw_clock(&mut self, centis: u32) {
        let size = self.width_px / BOXES_ACROSS;
        let left = (self.width_px - COLUMNS * size) / 2;
        let top = self.width_px / 4 - size;
        for row in 0..2 {
            let bits = centis >> (10 * (1 - row)) & 0x3ff;
            for column in 0..COLUMNS {
                let is_white = match column {
                    0 => row == 0,
                    11 => bits.count_ones() % 2 == 1,
                    _ => bits >> (10 - column) & 1 == 1,
                };
                let luma = if is_white { WHITE } else { BLACK };
                self.fill([left + column * size, top + row * size, size, size], luma);
            }
        }
    }

    /// Hours, minutes, seconds and tenths, below the clock.
    fn draw_time_of_day(&mut self, centis: u64) {
        let (width, height) = (self.width_px / 40, self.width_px * 3 / 80);
        let secs = centis / 100;
        let numbers = [secs / 3600 % 24, secs / 60 % 60, secs % 60];
        let digits = numbers.iter().flat_map(|number| [number / 10, number % 10]);
        let left = self.width_px / 2 - width * 4;
        let top = self.width_px / 4 + width * 2;
        for (at, digit) in digits.chain([centis / 10 % 10]).enumerate() {
            // A third of a digit between the numbers.
            let left = left + at as u32 * width + at as u32 / 2 * (width / 3);
            for y in 0..height {
                for x in 0..width {
                    let from_x = (digit as u32 * width + x) * pattern::DIGIT_WIDTH_PX / width;
                    let from_y = y * pattern::DIGIT_HEIGHT_PX / height;
                    let is_ink = self.digits.pixel(from_x, from_y)[0] > 127;
                    let at = ((top + y) * self.width_px + left + x) as usize;
                    self.frame[at] = if is_ink { WHITE } else { BLACK };
                }
            }
        }
    }

    /// A grey rectangle: left, top, width, height, all of them even.
    fn fill(&mut self, [left, top, width, height]: [u32; 4], luma: u8) {
        let across = self.width_px as usize;
        let luma_len = across * across / 2;
        let (left, width) = (left as usize, width as usize);
        for y in top as usize..(top + height) as usize {
            let at = y * across + left;
            self.frame[at..at + width].fill(luma);
        }
        for plane in 0..2 {
            for y in top as usize / 2..(top + height) as usize / 2 {
                let at = luma_len + plane * luma_len / 4 + y * across / 2 + left / 2;
                self.frame[at..at + width / 2].fill(128);
            }
        }
    }
}

/// A binary PPM of eight bits a channel.
struct Ppm {
    width_px: u32,
    height_px: u32,
    rgb: Vec<u8>,
}

impl Ppm {
    fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path)?;
        Self::parse(&bytes).with_context(|| format!("{} is no picture", path.display()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"P6\n")?;
        let mut line = || {
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            let text = std::str::from_utf8(&rest[..end]).ok()?;
            rest = &rest[end + 1..];
            Some(text)
        };
        let (width, height) = line()?.split_once(' ')?;
        let (width_px, height_px) = (width.parse().ok()?, height.parse().ok()?);
        line()?;
        let wanted = usize::checked_mul(width_px as usize, height_px as usize)?.checked_mul(3)?;
        (rest.len() == wanted).then(|| Self { width_px, height_px, rgb: rest.to_vec() })
    }

    fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = ((y * self.width_px + x) * 3) as usize;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// BT.709, limited range, the chroma of each two by two pixels from the first of them.
    fn to_yuv(&self) -> Vec<u8> {
        let scaled = |[red, green, blue]: [u8; 3], [r, g, b]: [f64; 3]| {
            f64::from(red) * r + f64::from(green) * g + f64::from(blue) * b
        };
        let mut yuv = Vec::with_capacity(self.rgb.len() / 2);
        for y in 0..self.height_px {
            for x in 0..self.width_px {
                let luma = scaled(self.pixel(x, y), [0.2126, 0.7152, 0.0722]);
                yuv.push((16.5 + luma * 219.0 / 255.0) as u8);
            }
        }
        let blue_difference = [-0.2126 / 1.8556, -0.7152 / 1.8556, 0.5];
        let red_difference = [0.5, -0.7152 / 1.5748, -0.0722 / 1.5748];
        for weights in [blue_difference, red_difference] {
            for y in (0..self.height_px).step_by(2) {
                for x in (0..self.width_px).step_by(2) {
                    let chroma = scaled(self.pixel(x, y), weights);
                    yuv.push((128.5 + chroma * 224.0 / 255.0) as u8);
                }
            }
        }
        yuv
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painter(name: &str) -> Painter {
        let folder = std::env::temp_dir().join(format!("streams-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let painter = Painter::new(Picture::Directions, 320, 30, &folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        painter
    }

    #[test]
    fn the_clock_shows_hundredths_and_its_parity() {
        let mut painter = painter("clock");
        let number = 1_795_201_600 * 30 + 17;
        let frame = painter.frame(number).to_vec();
        let white = |column: usize, row: usize| {
            let (x, y) = (112 + column * 8 + 4, 72 + row * 8 + 4);
            match frame[y * 320 + x] {
                WHITE => true,
                BLACK => false,
                other => panic!("{other} in column {column}"),
            }
        };
        assert!(white(0, 0) && !white(0, 1));
        let mut read = 0;
        for row in 0..2 {
            let bits =
                (1..=10).fold(0u64, |bits, column| bits << 1 | u64::from(white(column, row)));
            assert_eq!(bits.count_ones() % 2 == 1, white(11, row));
            read = read << 10 | bits;
        }
        assert_eq!(read, (number * 100 / 30) & 0xf_ffff);
    }

    #[test]
    fn a_frame_is_a_function_of_its_number() {
        let (mut one, mut other) = (painter("one"), painter("other"));
        one.frame(5);
        assert_eq!(one.frame(1234).to_vec(), other.frame(1234));
        assert_ne!(one.frame(1234).to_vec(), other.frame(1235));
    }

    #[test]
    fn greys_are_grey() {
        let ppm = Ppm { width_px: 2, height_px: 2, rgb: vec![255; 12] };
        assert_eq!(ppm.to_yuv(), [235, 235, 235, 235, 128, 128]);
        let ppm = Ppm { width_px: 2, height_px: 2, rgb: [0, 0, 255].repeat(4) };
        assert_eq!(ppm.to_yuv(), [32, 32, 32, 32, 240, 118]);
    }
}
