//! A colour in a picture of a page.
//!
//! In: a PNG, and where to look. Out: red, green and blue from 0 to 255. It refuses places at the edge.

use anyhow::{Context, Result};

/// The mean of 9 × 9 pixels around a place.
pub(crate) fn at(png: &[u8], (x, y): (f64, f64)) -> Result<[f64; 3]> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("a screenshot too large")?];
    let info = reader.next_frame(&mut pixels)?;
    let channels = info.color_type.samples();
    let mut sum = [0.0; 3];
    for row in y as usize - 4..=y as usize + 4 {
        for column in x as usize - 4..=x as usize + 4 {
            let at = row * info.line_size + column * channels;
            let pixel = pixels.get(at..at + 3).context("outside the screenshot")?;
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += f64::from(*value) / 81.0;
            }
        }
    }
    Ok(sum)
}
