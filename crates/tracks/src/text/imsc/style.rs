//! Style attributes (TTML 2, 10; IMSC 1.2, 7).
//!
//! In: attributes of an element. Out: what they say, and what it becomes with what is inherited.

use super::lengths::{Grid, Point, Size};
use crate::cue::{Align, Color, Style, Writing};
use crate::text::color::{self, Opaque};

/// What an element says of its style; what is `None` is inherited, or initial.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Attributes {
    pub color: Option<Color>,
    pub background: Option<Color>,
    pub is_italic: Option<bool>,
    pub is_bold: Option<bool>,
    pub is_underlined: Option<bool>,
    pub size: Option<Size>,
    pub text_align: Option<Align>,
    pub display_align: Option<Align>,
    pub writing: Option<Writing>,
    pub origin: Option<Point>,
    pub extent: Option<Point>,
    pub position: Option<Point>,
    pub ruby: Option<Ruby>,
    /// `display="none"` or `visibility="hidden"`.
    pub is_hidden: Option<bool>,
}

/// `tts:ruby`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruby {
    /// Holds the others.
    Container,
    /// What stands below.
    Base,
    /// What stands above.
    Text,
    /// Shown only where ruby is not.
    Delimiter,
}

impl Attributes {
    /// Takes one attribute in, if it is of style. What cannot be read is as if it were not there.
    pub(super) fn set(&mut self, name: &str, value: &str, grid: &Grid) {
        let value = value.trim_ascii();
        match name {
            "color" => self.color = color::parse(value, Opaque::Byte).or(self.color),
            "backgroundColor" => {
                self.background = color::parse(value, Opaque::Byte).or(self.background);
            }
            "fontStyle" => self.is_italic = Some(matches!(value, "italic" | "oblique")),
            "fontWeight" => self.is_bold = Some(value == "bold"),
            "textDecoration" => {
                let is_there = |word| value.split_ascii_whitespace().any(|it| it == word);
                if is_there("underline") || is_there("noUnderline") || is_there("none") {
                    self.is_underlined = Some(is_there("underline"));
                }
            }
            "fontSize" => self.size = grid.size(value).or(self.size),
            "textAlign" => self.text_align = text_align(value).or(self.text_align),
            "displayAlign" => {
                self.display_align = Some(match value {
                    "center" => Align::Center,
                    "after" => Align::End,
                    _ => Align::Start,
                });
            }
            "writingMode" => {
                self.writing = Some(match value {
                    "tbrl" | "tb" => Writing::VerticalRightToLeft,
                    "tblr" => Writing::VerticalLeftToRight,
                    _ => Writing::Horizontal,
                });
            }
            "origin" => self.origin = grid.point(value).or(self.origin),
            "extent" => self.extent = grid.point(value).or(self.extent),
            "position" => self.position = grid.position(value).or(self.position),
            "ruby" => {
                self.ruby = match value {
                    "container" | "baseContainer" | "textContainer" => Some(Ruby::Container),
                    "base" => Some(Ruby::Base),
                    "text" => Some(Ruby::Text),
                    "delimiter" => Some(Ruby::Delimiter),
                    _ => None,
                };
            }
            "display" => self.is_hidden = Some(value == "none").or(self.is_hidden),
            "visibility" if value == "hidden" => self.is_hidden = Some(true),
            _ => {}
        }
    }

    /// What these say, and where they say nothing, those.
    pub(super) fn or(&self, those: &Self) -> Self {
        Self {
            color: self.color.or(those.color),
            background: self.background.or(those.background),
            is_italic: self.is_italic.or(those.is_italic),
            is_bold: self.is_bold.or(those.is_bold),
            is_underlined: self.is_underlined.or(those.is_underlined),
            size: self.size.or(those.size),
            text_align: self.text_align.or(those.text_align),
            display_align: self.display_align.or(those.display_align),
            writing: self.writing.or(those.writing),
            origin: self.origin.or(those.origin),
            extent: self.extent.or(those.extent),
            position: self.position.or(those.position),
            ruby: self.ruby.or(those.ruby),
            is_hidden: self.is_hidden.or(those.is_hidden),
        }
    }

    /// With what an element inherits from the one around it. A background is no inherited style, but
    /// lies behind all that is within.
    pub(super) fn within(&self, outer: &Self) -> Self {
        let size = match (self.size, outer.size) {
            (Some(size), Some(outer)) if size.is_relative => {
                Some(Size { ratio: size.ratio * outer.ratio, ..outer })
            }
            (size, outer) => size.or(outer),
        };
        let outer = Self { ruby: None, ..outer.clone() };
        Self { size, ..self.or(&outer) }
    }

    /// As a span has it.
    pub(super) fn style(&self, language: &str) -> Style {
        let ratio = self.size.map(|size| size.ratio.clamp(0.1, 10.0));
        Style {
            is_bold: self.is_bold.unwrap_or(false),
            is_italic: self.is_italic.unwrap_or(false),
            is_underlined: self.is_underlined.unwrap_or(false),
            color: self.color,
            background: self.background.filter(|color| color.alpha > 0),
            size_ratio: ratio.filter(|ratio| (ratio - 1.0).abs() > 0.001),
            language: Some(language).filter(|it| !it.is_empty()).map(String::from),
            ..Style::default()
        }
    }
}

fn text_align(value: &str) -> Option<Align> {
    Some(match value {
        "left" => Align::Left,
        "center" => Align::Center,
        "right" => Align::Right,
        "end" => Align::End,
        "start" | "justify" => Align::Start,
        _ => return None,
    })
}
