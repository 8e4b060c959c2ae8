//! The pictures the samples are made of, drawn pixel by pixel so that no font and no particular
//! ffmpeg filter is needed.
//!
//! Out: binary PPM files. [`labelled`] is a 360° picture for people: the six faces of a cube in
//! their colours with their names, a graticule, degrees along the equator. [`directions`] is one
//! for tests: any pixel tells the direction looked at. [`digits`] is a strip for a running clock.

use anyhow::Result;
use std::f64::consts::{PI, TAU};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

type Rgb = [u8; 3];

/// Width of one digit of [`digits`], at a picture 3840 px wide.
pub const DIGIT_WIDTH_PX: u32 = 64;
/// Height of one digit of [`digits`].
pub const DIGIT_HEIGHT_PX: u32 = 96;

/// The labelled pattern, twice as wide as high, −Z in the middle.
pub fn labelled(path: &Path, width_px: u32) -> Result<()> {
    let height_px = width_px / 2;
    // Trigonometry once per column and row, not once per pixel.
    let columns: Vec<_> = (0..width_px)
        .map(|x| (f64::from(x) + 0.5) / f64::from(width_px) * TAU - PI)
        .map(|yaw| (yaw.to_degrees(), yaw.sin(), yaw.cos()))
        .collect();
    let rows: Vec<_> = (0..height_px)
        .map(|y| PI / 2.0 - (f64::from(y) + 0.5) / f64::from(height_px) * PI)
        .map(|pitch| (pitch.to_degrees(), pitch.sin(), pitch.cos()))
        .collect();
    write(path, (width_px, height_px), |x, y| {
        let ((yaw, yaw_sin, yaw_cos), (pitch, up, level)) = (columns[x as usize], rows[y as usize]);
        if let Some(colour) = degrees_label(yaw, pitch) {
            return colour;
        }
        let (face, u, v) = face([yaw_sin * level, up, -yaw_cos * level]);
        if let Some(colour) = face_label(face, u, v) {
            return colour;
        }
        graticule(yaw, pitch, level).unwrap_or_else(|| tile(face, u, v))
    })
}

/// Red grows to the right, green downwards, blue stays: `r = 255 · x / width`.
pub fn directions(path: &Path, width_px: u32) -> Result<()> {
    let height_px = width_px / 2;
    write(path, (width_px, height_px), |x, y| {
        [(255 * x / width_px) as u8, (255 * y / height_px) as u8, 128]
    })
}

/// The ten digits side by side.
pub fn digits(path: &Path) -> Result<()> {
    let size_px = (DIGIT_WIDTH_PX * 10, DIGIT_HEIGHT_PX);
    write(path, size_px, |x, y| {
        let digit = char::from(b'0' + (x / DIGIT_WIDTH_PX) as u8);
        let column = (x % DIGIT_WIDTH_PX) as i32 / 10 - 1;
        let row = y as i32 / 10 - 1;
        if is_inked(digit, column, row) { [255, 255, 255] } else { [16, 20, 28] }
    })
}

/// A small square, which the samples send around the equator.
pub fn marker(path: &Path) -> Result<()> {
    write(path, (48, 48), |_, _| [255, 210, 60])
}

fn write(path: &Path, size_px: (u32, u32), pixel: impl Fn(u32, u32) -> Rgb) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    write!(file, "P6\n{} {}\n255\n", size_px.0, size_px.1)?;
    for y in 0..size_px.1 {
        for x in 0..size_px.0 {
            file.write_all(&pixel(x, y))?;
        }
    }
    Ok(file.flush()?)
}

const FACES: [(&str, Rgb); 6] = [
    ("FRONT", [38, 84, 124]),
    ("RIGHT", [46, 125, 87]),
    ("BACK", [124, 66, 60]),
    ("LEFT", [125, 96, 40]),
    ("UP", [96, 70, 130]),
    ("DOWN", [64, 68, 76]),
];

/// Which face of the cube a direction meets, and where: u to the right, v upwards, −1…1.
fn face([x, y, z]: [f64; 3]) -> (usize, f64, f64) {
    let (ax, ay, az) = (x.abs(), y.abs(), z.abs());
    if az >= ax && az >= ay {
        if z < 0.0 { (0, x / az, y / az) } else { (2, -x / az, y / az) }
    } else if ax >= ay {
        if x > 0.0 { (1, z / ax, y / ax) } else { (3, -z / ax, y / ax) }
    } else if y > 0.0 {
        (4, x / ay, z / ay)
    } else {
        (5, x / ay, -z / ay)
    }
}

/// The face's colour, a little darker towards its edges.
fn tile(face: usize, u: f64, v: f64) -> Rgb {
    let edge = u.abs().max(v.abs());
    let light = if edge > 0.985 { 1.6 } else { 1.0 - 0.25 * edge * edge };
    FACES[face].1.map(|channel| (f64::from(channel) * light).min(255.0) as u8)
}

/// The face's name in its upper half.
fn face_label(face: usize, u: f64, v: f64) -> Option<Rgb> {
    const CELL: f64 = 0.04;
    let name = FACES[face].0;
    let cells = name.len() as f64 * 6.0 - 1.0;
    let column = ((u / CELL) + cells / 2.0).floor() as i32;
    let row = ((0.72 - v) / CELL).floor() as i32;
    let letter = name.chars().nth(usize::try_from(column / 6).ok()?)?;
    (column >= 0 && is_inked(letter, column % 6, row)).then_some([240, 244, 250])
}

/// Degrees along the equator, every 30 of them, just below it.
fn degrees_label(yaw_deg: f64, pitch_deg: f64) -> Option<Rgb> {
    const CELL_DEG: f64 = 0.5;
    let nearest = (yaw_deg / 30.0).round() * 30.0;
    let text = format!("{}", if nearest == -180.0 { 180.0 } else { nearest });
    let column = ((yaw_deg - nearest - 1.0) / CELL_DEG).floor() as i32;
    let row = ((-1.5 - pitch_deg) / CELL_DEG).floor() as i32;
    if !(0..7).contains(&row) || column < 0 {
        return None;
    }
    let letter = text.chars().nth(usize::try_from(column / 6).ok()?)?;
    is_inked(letter, column % 6, row).then_some([255, 210, 60])
}

/// Meridians and parallels every 15 degrees; the equator and the middle meridian are thick.
fn graticule(yaw_deg: f64, pitch_deg: f64, level: f64) -> Option<Rgb> {
    let distance = |angle: f64| (angle - (angle / 15.0).round() * 15.0).abs();
    // A meridian is as wide on the sphere near the poles as on the equator.
    let meridian = distance(yaw_deg) * level;
    let parallel = distance(pitch_deg);
    let main = pitch_deg.abs() < 0.35 || yaw_deg.abs() * level < 0.35;
    if main {
        Some([255, 255, 255])
    } else if (meridian < 0.16 && pitch_deg.abs() < 86.0) || parallel < 0.16 {
        Some([170, 184, 200])
    } else {
        None
    }
}

/// Whether a cell of a 5 × 7 letter is ink.
fn is_inked(letter: char, column: i32, row: i32) -> bool {
    if !(0..5).contains(&column) || !(0..7).contains(&row) {
        return false;
    }
    // Seven rows of five bits, the left column the highest bit.
    let rows: [u8; 7] = match letter {
        '0' => [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
        '1' => [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
        '2' => [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f],
        '3' => [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e],
        '4' => [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
        '5' => [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
        '6' => [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
        '7' => [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
        '8' => [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
        '9' => [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
        '-' => [0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00],
        'A' => [0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'B' => [0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e],
        'C' => [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e],
        'D' => [0x1c, 0x12, 0x11, 0x11, 0x11, 0x12, 0x1c],
        'E' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f],
        'F' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10],
        'G' => [0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0f],
        'H' => [0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'I' => [0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e],
        'K' => [0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11],
        'L' => [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f],
        'N' => [0x11, 0x19, 0x15, 0x13, 0x11, 0x11, 0x11],
        'O' => [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'P' => [0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10],
        'R' => [0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11],
        'T' => [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
        'U' => [0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'W' => [0x11, 0x11, 0x11, 0x15, 0x15, 0x1b, 0x11],
        _ => return false,
    };
    rows[row as usize] >> (4 - column) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_lie_where_webxr_has_them() {
        let named = |direction| FACES[face(direction).0].0;
        assert_eq!(named([0.0, 0.0, -1.0]), "FRONT");
        assert_eq!(named([1.0, 0.0, 0.0]), "RIGHT");
        assert_eq!(named([-1.0, 0.0, 0.0]), "LEFT");
        assert_eq!(named([0.0, 1.0, 0.0]), "UP");
        // To the right of the middle of each wall is further to the right.
        assert!(face([0.1, 0.0, -1.0]).1 > 0.0);
        assert!(face([1.0, 0.0, 0.1]).1 > 0.0);
        assert!(face([-0.1, 0.0, 1.0]).1 > 0.0);
        assert!(face([-1.0, 0.0, -0.1]).1 > 0.0);
    }

    #[test]
    fn every_letter_used_has_a_shape() {
        let used = FACES.iter().flat_map(|(name, _)| name.chars()).chain("-0123456789".chars());
        for letter in used {
            let ink = (0..7).flat_map(|row| (0..5).map(move |column| (column, row)));
            assert!(ink.filter(|&(x, y)| is_inked(letter, x, y)).count() > 4, "{letter}");
        }
    }

    #[test]
    fn a_ppm_has_the_size_it_says() {
        let path = std::env::temp_dir().join(format!("ppm-{}", std::process::id()));
        directions(&path, 64).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(bytes.starts_with(b"P6\n64 32\n255\n"));
        assert_eq!(bytes.len(), 13 + 64 * 32 * 3);
        assert_eq!(bytes[13..16], [0, 0, 128]);
    }
}
