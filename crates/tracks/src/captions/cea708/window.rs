//! A CEA-708 window: its text, its pen and its place (ANSI/CTA-708-E 8.4, 8.10.5.2).
//!
//! In: commands as they were read, and characters. Out: what is to be seen of it. Text runs in rows from the
//! left, and rows scroll up: other directions, borders and effects are not drawn.

use crate::captions::color::of_cea708 as color;
use crate::captions::display::Sight;
use crate::captions::pen::{self, Cell, Pen};
use crate::cue::{Align, Color, Cue, LinePosition, Placement, Region};

/// A row is as wide as the widest grid (8.2), whatever the window says.
const MAX_COLUMNS: usize = 42;
const MAX_ROWS: usize = 15;
/// The grid of anchors: the middle 80 percent of a wide picture.
const ANCHORS_DOWN: f32 = 75.0;
const ANCHORS_ACROSS: f32 = 210.0;

/// DefineWindow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition {
    is_visible: bool,
    is_relative: bool,
    down: u8,
    across: u8,
    anchor: u8,
    rows: usize,
    columns: usize,
    window_style: u8,
    pen_style: u8,
}

impl Definition {
    pub(super) fn new(arguments: &[u8]) -> Option<Self> {
        let [first, down, across, size, columns, styles] = *arguments else { return None };
        Some(Self {
            is_visible: first & 0x20 != 0,
            is_relative: down & 0x80 != 0,
            down: down & 0x7f,
            across,
            anchor: size >> 4,
            rows: usize::from(size & 0x0f).min(MAX_ROWS - 1) + 1,
            columns: (usize::from(columns & 0x3f) + 1).min(MAX_COLUMNS),
            window_style: styles >> 3 & 7,
            pen_style: styles & 7,
        })
    }
}

/// SetWindowAttributes, what is drawn of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes {
    fill: Option<Color>,
    align: Align,
    has_word_wrap: bool,
}

impl Attributes {
    pub(super) fn new(fill: u8, layout: u8) -> Self {
        let align = match layout & 3 {
            1 => Align::Right,
            2 => Align::Center,
            _ => Align::Left,
        };
        let fill = Some(color(fill)).filter(|fill| fill.alpha > 0);
        Self { fill, align, has_word_wrap: layout & 0x40 != 0 }
    }

    /// The seven predefined ones (table 26).
    fn of_style(style: u8) -> Self {
        let is_clear = matches!(style, 2 | 5);
        let align = if matches!(style, 3 | 6) { Align::Center } else { Align::Left };
        let fill = (!is_clear).then(|| color(0));
        Self { fill, align, has_word_wrap: matches!(style, 4..=6) }
    }
}

#[derive(Debug)]
pub(super) struct Window {
    definition: Definition,
    pub(super) is_visible: bool,
    pub(super) attributes: Attributes,
    pub(super) pen: Pen,
    rows: Vec<Vec<Cell>>,
    row: usize,
    column: usize,
    /// What it shows is no continuation of what it showed.
    is_other: bool,
}

impl Window {
    pub(super) fn new(mut definition: Definition) -> Self {
        definition.window_style = definition.window_style.max(1);
        definition.pen_style = definition.pen_style.max(1);
        let mut window = Self {
            definition,
            is_visible: false,
            attributes: Attributes::of_style(1),
            pen: Pen::default(),
            rows: Vec::new(),
            row: 0,
            column: 0,
            is_other: true,
        };
        window.define(definition);
        window
    }

    /// Defined again it keeps its text, and with style 0 its attributes.
    pub(super) fn define(&mut self, definition: Definition) {
        self.is_visible = definition.is_visible;
        if definition.window_style > 0 {
            self.attributes = Attributes::of_style(definition.window_style);
        }
        if definition.pen_style > 0 {
            self.pen = Pen::default();
            // Styles 6 and 7 have no background (table 27).
            self.pen.background = (definition.pen_style >= 6).then(|| color(0xc0));
        }
        self.definition = definition;
        self.rows.truncate(definition.rows);
        self.row = self.row.min(definition.rows - 1);
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        (self.row, self.column) = (0, 0);
        self.is_other = true;
    }

    pub(super) fn go_to(&mut self, row: usize, column: usize) {
        self.row = row.min(self.definition.rows - 1);
        self.column = column.min(self.definition.columns - 1);
    }

    pub(super) fn write(&mut self, character: char) {
        if self.column >= self.definition.columns && self.attributes.has_word_wrap {
            self.wrap(character);
        }
        let cell = Cell { character: Some(character), pen: self.pen };
        let column = self.column;
        if column >= MAX_COLUMNS {
            return;
        }
        let row = self.current_row();
        if row.len() <= column {
            row.resize(column + 1, Cell::default());
        }
        if let Some(place) = row.get_mut(column) {
            *place = cell;
        }
        self.column += 1;
    }

    pub(super) fn back_space(&mut self) {
        self.column = self.column.saturating_sub(1);
        let column = self.column;
        if let Some(place) = self.current_row().get_mut(column) {
            *place = Cell::default();
        }
    }

    pub(super) fn carriage_return(&mut self) {
        self.column = 0;
        if self.row + 1 < self.definition.rows {
            self.row += 1;
        } else if self.rows.len() >= self.definition.rows {
            self.rows.remove(0);
            self.is_other = true;
        }
    }

    pub(super) fn return_and_erase(&mut self) {
        self.column = 0;
        self.current_row().clear();
    }

    /// What is to be seen of it; its cue's region has all of its place, the placement what is known without one.
    pub(super) fn sight(&mut self, index: u8) -> Option<Sight> {
        let is_seen = |row: &Vec<Cell>| pen::indent(row).is_some();
        let first = self.rows.iter().position(is_seen).filter(|_| self.is_visible);
        let Some(first) = first else {
            self.is_other = true;
            return None;
        };
        let is_other = core::mem::take(&mut self.is_other);
        let end = self.rows.iter().rposition(is_seen).map_or(first, |last| last + 1);
        let rows = self.rows.get(first..end).unwrap_or_default();
        // What is centred or at the right has its place without the spaces in front.
        let is_left = self.attributes.align == Align::Left;
        let common = rows.iter().filter_map(|row| pen::indent(row)).min().unwrap_or(0);
        let line = |row: &Vec<Cell>| {
            let indent = pen::indent(row).unwrap_or(0);
            pen::line(row, if is_left { common } else { indent })
        };
        let lines = rows.iter().map(line).collect();
        let placement = self.placement(index, if is_left { common } else { 0 });
        let cue = Cue { placement, lines, ..Cue::default() };
        Some(Sight { slots: index..index + 1, is_other, cue })
    }

    fn current_row(&mut self) -> &mut Vec<Cell> {
        let row = self.row.min(MAX_ROWS - 1);
        if self.rows.len() <= row {
            self.rows.resize(row + 1, Vec::new());
        }
        &mut self.rows[row]
    }

    /// The word that does not fit goes to the next row.
    fn wrap(&mut self, next: char) {
        let row = self.current_row();
        let blank = row.iter().rposition(|cell| cell.character.is_none_or(|it| it == ' '));
        let word = match blank {
            Some(blank) if next != ' ' => row.split_off(blank + 1),
            _ => Vec::new(),
        };
        self.carriage_return();
        self.column = word.len();
        *self.current_row() = word;
    }

    fn placement(&self, index: u8, indent: usize) -> Placement {
        let Definition { is_relative, down, across, anchor, rows, columns, .. } = self.definition;
        let (grid_down, grid_across) =
            if is_relative { (100.0, 100.0) } else { (ANCHORS_DOWN, ANCHORS_ACROSS) };
        let in_picture = |at: u8, grid: f32| 10.0 + 80.0 * (f32::from(at) / grid).min(1.0);
        let (x, y) = (in_picture(across, grid_across), in_picture(down, grid_down));
        // Anchors are numbered from the upper left to the lower right (8.4.4).
        let sides = [Align::Start, Align::Center, Align::End];
        let part = |number: u8| sides.get(usize::from(number)).copied().unwrap_or_default();
        let percent = |number: u8| f32::from(number.min(2)) * 50.0;
        let (side, height) = (anchor % 3, (anchor / 3).min(2));
        let column_percent = 80.0 / MAX_COLUMNS as f32;
        let width_percent = columns as f32 * column_percent;
        let left = x - width_percent * percent(side) / 100.0;
        let (position, align) = match self.attributes.align {
            Align::Right => (left + width_percent, Align::Right),
            Align::Center => (left + width_percent / 2.0, Align::Center),
            _ => (left + indent as f32 * column_percent, Align::Left),
        };
        Placement {
            line: LinePosition::Percent(y),
            line_align: part(height),
            position_percent: Some(position.clamp(0.0, 100.0)),
            text_align: Some(align),
            region: Some(Region {
                id: String::from_utf8(vec![b'0' + index]).unwrap_or_default(),
                width_percent,
                lines: rows as u32,
                height_percent: None,
                region_anchor_percent: (percent(side), percent(height)),
                viewport_anchor_percent: (x, y),
                scrolls_up: false,
                background: self.attributes.fill,
                display_align: Align::Start,
            }),
            ..Placement::default()
        }
    }
}
