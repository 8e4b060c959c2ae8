//! Lengths in percent of the picture (TTML 2, 10.3.8).
//!
//! In: text, and what the document's root says of its size. Out: percentages and ratios. Pixels are
//! refused where the root has no `tts:extent` in pixels.

use videosphere_xml::Element;

use crate::number::{decimal, leading_decimal};

/// Of letters, over the size of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub ratio: f32,
    /// It is of what is inherited.
    pub is_relative: bool,
}

/// Percent of the picture, from the left and from the top.
pub(super) type Point = (f32, f32);

/// What lengths are measured in (TTML 2, 10.3.8).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    columns: f64,
    rows: f64,
    /// `tts:extent` of `tt`.
    pixels: Option<(f64, f64)>,
}

impl Grid {
    /// Of the attributes of `tt`.
    pub(super) fn of(tt: &Element<'_>) -> Self {
        let pair = |name: &str, unit: &str| {
            let (x, y) = tt.attribute(name)?.trim_ascii().split_once(' ')?;
            let number = |text: &str| decimal(text.trim_ascii().strip_suffix(unit)?);
            Some((number(x)?, number(y)?)).filter(|(x, y)| *x > 0.0 && *y > 0.0)
        };
        let (columns, rows) = pair("cellResolution", "").unwrap_or((32.0, 15.0));
        Self { columns, rows, pixels: pair("extent", "px") }
    }

    /// A length in percent of the picture; percentages are of that.
    fn percent(&self, text: &str, is_vertical: bool) -> Option<f32> {
        let (is_negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text),
        };
        let (value, unit) = leading_decimal(unsigned)?;
        let of = |(x, y): (f64, f64)| value * 100.0 / if is_vertical { y } else { x };
        let percent = match unit {
            "%" | "rw" | "rh" => value,
            "c" => of((self.columns, self.rows)),
            "px" => of(self.pixels?),
            _ => return None,
        };
        let percent = if is_negative { -percent } else { percent };
        Some(percent.clamp(-1000.0, 1000.0) as f32)
    }

    /// `10% 80%`.
    pub(super) fn point(&self, text: &str) -> Option<Point> {
        let mut words = text.split_ascii_whitespace();
        let point = (self.percent(words.next()?, false)?, self.percent(words.next()?, true)?);
        words.next().is_none().then_some(point)
    }

    /// `center bottom`, `50% 90%`: how much of the room that is left lies before. Offsets from other
    /// edges are left out.
    pub(super) fn position(&self, text: &str) -> Option<Point> {
        let mut point = (50.0, 50.0);
        for (index, word) in text.split_ascii_whitespace().enumerate() {
            match (word, index) {
                ("left", _) => point.0 = 0.0,
                ("right", _) => point.0 = 100.0,
                ("top", _) => point.1 = 0.0,
                ("bottom", _) => point.1 = 100.0,
                ("center", _) => {}
                (_, 0) => point.0 = self.percent(word, false)?,
                (_, 1) => point.1 = self.percent(word, true)?,
                _ => return None,
            }
        }
        Some(point)
    }

    /// Of letters; the second of two is their height.
    pub(super) fn size(&self, text: &str) -> Option<Size> {
        let (value, unit) = leading_decimal(text.split_ascii_whitespace().last()?)?;
        let (ratio, is_relative) = match unit {
            "%" => (value / 100.0, true),
            "em" => (value, true),
            "c" => (value, false),
            "rh" => (value * self.rows / 100.0, false),
            "px" => (value * self.rows / self.pixels?.1, false),
            _ => return None,
        };
        Some(Size { ratio: ratio as f32, is_relative })
    }
}
