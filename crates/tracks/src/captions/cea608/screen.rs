//! A CEA-608 channel's two memories of 15 rows and 32 columns (ANSI/CTA-608-E annex B).
//!
//! In: commands and characters. Out: what is to be seen, as blocks of neighbouring rows. It knows no time.

use crate::captions::color::of_cea608 as color;
use crate::captions::display::Sight;
use crate::captions::pen::{self, Cell, Pen};
use crate::cue::{Align, Color, Cue, LinePosition, Placement};

const ROWS: usize = 15;
const COLUMNS: usize = 32;

type Memory = [[Cell; COLUMNS]; ROWS];
const EMPTY_ROW: [Cell; COLUMNS] =
    [Cell { character: None, pen: Pen { color: None, ..NO_PEN } }; COLUMNS];
const NO_PEN: Pen = Pen {
    is_italic: false,
    is_underlined: false,
    is_flashing: false,
    color: None,
    background: None,
    size: pen::Size::Standard,
};

/// How characters get on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    /// Nobody said yet, or it is text, which is no caption: characters are dropped.
    #[default]
    Text,
    PopOn,
    /// With so many rows.
    RollUp(usize),
    PaintOn,
}

#[derive(Debug)]
pub(super) struct Screen {
    mode: Mode,
    displayed: Memory,
    hidden: Memory,
    row: usize,
    /// May lie behind the last one.
    column: usize,
    pen: Pen,
    is_changed: bool,
    /// What is displayed is no continuation of what was.
    is_other: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            displayed: [EMPTY_ROW; ROWS],
            hidden: [EMPTY_ROW; ROWS],
            row: ROWS - 1,
            column: 0,
            pen: NO_PEN,
            is_changed: false,
            is_other: false,
        }
    }
}

impl Screen {
    pub(super) fn set_mode(&mut self, mode: Mode) {
        let was_rolling = matches!(self.mode, Mode::RollUp(_));
        if let Mode::RollUp(rows) = mode {
            if was_rolling {
                // Fewer rows than before: the upper ones go.
                let top = (self.row + 1).saturating_sub(rows);
                self.displayed.iter_mut().take(top).for_each(|row| *row = EMPTY_ROW);
                self.is_changed = true;
            } else {
                self.erase_displayed();
                self.erase_hidden();
                (self.row, self.column) = (ROWS - 1, 0);
            }
        }
        self.mode = mode;
    }

    pub(super) fn write(&mut self, character: char) {
        let pen = self.pen;
        self.put(Cell { character: Some(character), pen });
    }

    /// A preamble address code (table 53): row, indent or colour, and all attributes anew.
    pub(super) fn address(&mut self, group: u8, next: u8) {
        // Row numbers less one, by the first byte's last three bits and the second's sixth.
        const ROW_OF: [u8; 16] = [10, 10, 0, 1, 2, 3, 11, 12, 13, 14, 4, 5, 6, 7, 8, 9];
        let index = usize::from(group << 1 | next >> 5 & 1);
        let row = ROW_OF.get(index).copied().map_or(ROWS - 1, usize::from);
        if let Mode::RollUp(rows) = self.mode {
            self.move_base(row.max(rows - 1), rows);
        } else {
            self.row = row;
        }
        self.pen = Pen { is_underlined: next & 1 == 1, ..NO_PEN };
        let value = next >> 1 & 0x0f;
        self.column = 0;
        match value {
            8.. => self.column = usize::from(value - 8) * 4,
            7 => self.pen.is_italic = true,
            _ => self.pen.color = foreground(value),
        }
    }

    /// A mid-row code: a space, and how the text goes on (table 51).
    pub(super) fn mid_row(&mut self, next: u8) {
        let value = next >> 1 & 7;
        self.pen.is_flashing = false;
        self.pen.is_underlined = next & 1 == 1;
        self.pen.is_italic = value == 7;
        if value != 7 {
            self.pen.color = foreground(value);
        }
        self.write(' ');
    }

    pub(super) fn flash(&mut self) {
        self.pen.is_flashing = true;
        self.write(' ');
    }

    /// A background stands in the place of the space before it (6.2).
    pub(super) fn set_background(&mut self, background: Option<Color>) {
        self.back_space();
        self.pen.background = background;
        self.write(' ');
    }

    pub(super) fn set_black(&mut self, is_underlined: bool) {
        self.back_space();
        self.pen.color = Some(color(7));
        self.pen.is_underlined = is_underlined;
        self.write(' ');
    }

    pub(super) fn tab(&mut self, columns: usize) {
        self.column = (self.column + columns).min(COLUMNS - 1);
    }

    pub(super) fn back_space(&mut self) {
        let column = self.column.saturating_sub(1);
        self.column = column;
        self.put(Cell::default());
        self.column = column;
    }

    pub(super) fn erase_to_end(&mut self) {
        let (row, column) = (self.row, self.column);
        if let Some(cells) = self.memory().and_then(|memory| memory.get_mut(row)) {
            cells.iter_mut().skip(column).for_each(|cell| *cell = Cell::default());
        }
    }

    pub(super) fn erase_displayed(&mut self) {
        self.displayed = [EMPTY_ROW; ROWS];
        (self.is_changed, self.is_other) = (true, true);
    }

    pub(super) fn erase_hidden(&mut self) {
        self.hidden = [EMPTY_ROW; ROWS];
    }

    /// End of caption: the hidden memory is shown.
    pub(super) fn flip(&mut self) {
        self.mode = Mode::PopOn;
        core::mem::swap(&mut self.displayed, &mut self.hidden);
        (self.is_changed, self.is_other) = (true, true);
    }

    pub(super) fn carriage_return(&mut self) {
        let Mode::RollUp(rows) = self.mode else { return };
        let top = (self.row + 1).saturating_sub(rows);
        if let Some(window) = self.displayed.get_mut(top..=self.row) {
            window.rotate_left(1);
            if let Some(last) = window.last_mut() {
                *last = EMPTY_ROW;
            }
        }
        self.column = 0;
        (self.is_changed, self.is_other) = (true, true);
    }

    /// What is to be seen, where that may have changed since it was asked for.
    pub(super) fn changed_sights(&mut self) -> Option<Vec<Sight>> {
        let is_changed = core::mem::take(&mut self.is_changed);
        let is_other = core::mem::take(&mut self.is_other);
        if !is_changed {
            return None;
        }
        let mut sights = Vec::new();
        let mut begin = None;
        // Behind the last row nothing is seen either.
        for row in 0..=ROWS {
            let is_seen = self.displayed.get(row).is_some_and(|cells| pen::indent(cells).is_some());
            match begin {
                None if is_seen => begin = Some(row),
                Some(first) if !is_seen => {
                    begin = None;
                    sights.push(self.sight(first, row, is_other));
                }
                _ => {}
            }
        }
        Some(sights)
    }

    /// The rows from `first` to before `end`. Those of the lower half are counted from below, so that
    /// larger letters do not leave the picture.
    fn sight(&self, first: usize, end: usize, is_other: bool) -> Sight {
        let rows = self.displayed.get(first..end).unwrap_or_default();
        let indent = rows.iter().filter_map(|cells| pen::indent(cells)).min().unwrap_or(0);
        let row = first as i32;
        let placement = Placement {
            line: LinePosition::Row(if first < ROWS / 2 { row } else { row - ROWS as i32 }),
            // Columns lie in the middle 80 percent (annex B.4).
            position_percent: Some(10.0 + indent as f32 * 2.5),
            text_align: Some(Align::Left),
            ..Placement::default()
        };
        let lines = rows.iter().map(|cells| pen::line(cells, indent)).collect();
        let cue = Cue { placement, lines, ..Cue::default() };
        Sight { slots: first as u8..end as u8, is_other, cue }
    }

    /// Where characters go.
    fn memory(&mut self) -> Option<&mut Memory> {
        match self.mode {
            Mode::Text => None,
            Mode::PopOn => Some(&mut self.hidden),
            Mode::RollUp(_) | Mode::PaintOn => {
                self.is_changed = true;
                Some(&mut self.displayed)
            }
        }
    }

    fn put(&mut self, cell: Cell) {
        // The last column is written over.
        let (row, column) = (self.row, self.column.min(COLUMNS - 1));
        let place = self.memory().and_then(|memory| memory.get_mut(row)?.get_mut(column));
        if let Some(place) = place {
            *place = cell;
            self.column = column + 1;
        }
    }

    /// The rows that roll go where their lowest one goes.
    fn move_base(&mut self, base: usize, rows: usize) {
        if base == self.row {
            return;
        }
        let mut moved = [EMPTY_ROW; ROWS];
        for up in 0..rows.min(self.row + 1).min(base + 1) {
            if let (Some(to), Some(from)) =
                (moved.get_mut(base - up), self.displayed.get(self.row - up))
            {
                *to = *from;
            }
        }
        self.displayed = moved;
        self.row = base;
        self.is_changed = true;
    }
}

/// White is the viewer's own colour.
fn foreground(index: u8) -> Option<Color> {
    (index != 0).then(|| color(index))
}
