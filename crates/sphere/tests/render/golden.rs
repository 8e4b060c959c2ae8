//! Comparison with `tests/golden/*.png`.
//!
//! `BLESS=1 cargo test -p videosphere-sphere --features webgpu --test render` writes them anew; look at what it wrote.

use crate::offscreen::Image;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;

/// What another driver's arithmetic may change of a channel.
const TOLERANCE: u8 = 3;
/// Pixels in a thousand that may differ by more: those on the seam and on the edge of a half
/// sphere, where the last bit of an angle decides.
const OUTLIERS_PER_MILLE: usize = 4;

#[track_caller]
pub fn assert_matches(name: &str, image: &Image) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.png"));
    if std::env::var_os("BLESS").is_some() {
        write(&path, image);
    }
    let golden = read(&path);
    assert_eq!(golden.size_px(), image.size_px(), "{name}");
    let differs =
        |(a, b): &([u8; 4], [u8; 4])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > TOLERANCE);
    let pairs = image.pixels().zip(golden.pixels());
    let outliers = pairs.filter(differs).count();
    let allowed = image.pixels().count() * OUTLIERS_PER_MILLE / 1000;
    if outliers > allowed {
        let shown = std::env::temp_dir().join(format!("videosphere-{name}.png"));
        write(&shown, image);
        panic!(
            "{name}: {outliers} pixels differ from {}, {allowed} may; drawn: {}",
            path.display(),
            shown.display()
        );
    }
}

fn read(path: &PathBuf) -> Image {
    let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().expect("a PNG");
    let mut rgba = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut rgba).expect("an image");
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgba, png::BitDepth::Eight));
    Image::new(info.width, info.height, rgba)
}

fn write(path: &PathBuf, image: &Image) {
    let file = File::create(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let (width_px, height_px) = image.size_px();
    let mut encoder = png::Encoder::new(BufWriter::new(file), width_px, height_px);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::High);
    let bytes: Vec<u8> = image.pixels().flatten().collect();
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&bytes).expect("an image");
}
