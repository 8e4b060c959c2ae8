//! How a character looks, and lines made of such characters.
//!
//! In: cells of a CEA-608 row or a CEA-708 window. Out: [`Line`]s of spans. It places nothing.

use crate::cue::{Color, Line, Span, Style};

/// Colours and attributes of one character; the default is white on the viewer's own background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pen {
    pub is_italic: bool,
    pub is_underlined: bool,
    pub is_flashing: bool,
    pub color: Option<Color>,
    pub background: Option<Color>,
    pub size: Size,
}

/// CTA-708-E 8.5.1; CEA-608 knows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Size {
    Small,
    #[default]
    Standard,
    Large,
}

/// A place for a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    /// `None` where nothing was written.
    pub character: Option<char>,
    pub pen: Pen,
}

impl Cell {
    fn is_blank(&self) -> bool {
        self.character.is_none_or(|character| character == ' ')
    }
}

/// How far in a row begins, and `None` where nothing of it is to be seen.
pub(super) fn indent(cells: &[Cell]) -> Option<usize> {
    cells.iter().position(|cell| !cell.is_blank())
}

/// The line that a row shows, from that column on. Columns in front of its text are kept as spaces that do
/// not collapse.
pub(super) fn line(cells: &[Cell], from: usize) -> Line {
    let mut spans: Vec<Span> = Vec::new();
    let begin = indent(cells).unwrap_or(0);
    let end = cells.iter().rposition(|cell| !cell.is_blank()).map_or(0, |last| last + 1);
    let mut last_pen = None;
    for (column, cell) in cells.iter().enumerate().take(end).skip(from) {
        let is_in_front = column < begin;
        let pen = if is_in_front { Pen::default() } else { cell.pen };
        if last_pen != Some(pen) {
            spans.push(Span { style: style(pen), ..Span::default() });
            last_pen = Some(pen);
        }
        if let Some(span) = spans.last_mut() {
            let blank = if is_in_front { '\u{a0}' } else { ' ' };
            span.text.push(cell.character.filter(|_| !is_in_front).unwrap_or(blank));
        }
    }
    Line { spans }
}

fn style(pen: Pen) -> Style {
    Style {
        is_italic: pen.is_italic,
        is_underlined: pen.is_underlined,
        is_flashing: pen.is_flashing,
        color: pen.color,
        background: pen.background,
        size_ratio: match pen.size {
            Size::Small => Some(0.75),
            Size::Standard => None,
            Size::Large => Some(1.25),
        },
        ..Style::default()
    }
}
