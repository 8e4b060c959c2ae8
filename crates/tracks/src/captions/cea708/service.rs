//! One CEA-708 service: commands and text for its eight windows (ANSI/CTA-708-E 8.10).
//!
//! In: service blocks. Out: what is to be seen. What waits for a delay is bounded by the service's input
//! buffer, as the standard has it.

use super::window::{Attributes, Definition, Window};
use super::{characters, commands};
use crate::captions::color::of_cea708 as color;
use crate::captions::display::Sight;
use crate::captions::pen::{Pen, Size};

/// The input buffer (9.8): with more in it, a delay is over.
const MAX_WAITING_LEN: usize = 128;
const WINDOWS: usize = 8;
const CANCEL_DELAY: u8 = 0x8e;
const RESET: u8 = 0x8f;

#[derive(Debug, Default)]
pub(super) struct Service {
    windows: [Option<Window>; WINDOWS],
    current: usize,
    /// A command that is not whole, or all that came during a delay.
    waiting: Vec<u8>,
    /// Nothing is obeyed before.
    delay_until_secs: Option<f64>,
    is_changed: bool,
}

impl Service {
    /// Takes a block.
    pub(super) fn push(&mut self, block: &[u8], at_secs: f64) {
        let begin = self.waiting.len();
        self.waiting.extend_from_slice(block);
        if self.delay_until_secs.is_some() {
            if self.waiting.len() < MAX_WAITING_LEN && !self.cancels_delay(begin) {
                return;
            }
            self.delay_until_secs = None;
        }
        self.run(at_secs);
    }

    /// Obeys what waited, where the delay is over by then; gives when it was. To be called until it gives nothing.
    pub(super) fn pass_delay(&mut self, at_secs: f64) -> Option<f64> {
        let passed_secs = self.delay_until_secs.filter(|until| *until <= at_secs)?;
        self.delay_until_secs = None;
        self.run(passed_secs);
        Some(passed_secs)
    }

    /// What came before is not whole.
    pub(super) fn lose_bytes(&mut self) {
        if self.delay_until_secs.is_none() {
            self.waiting.clear();
        }
    }

    /// What is to be seen, where that may have changed since it was asked for.
    pub(super) fn changed_sights(&mut self) -> Option<Vec<Sight>> {
        if !core::mem::take(&mut self.is_changed) {
            return None;
        }
        let windows = self.windows.iter_mut().enumerate();
        Some(windows.filter_map(|(index, window)| window.as_mut()?.sight(index as u8)).collect())
    }

    /// Whether a command that ends the delay stands from there on, though not obeyed in its turn.
    fn cancels_delay(&self, begin: usize) -> bool {
        let mut at = 0;
        while let Some(rest) = self.waiting.get(at..) {
            let Some(len) = commands::len(rest) else { return false };
            if at >= begin && matches!(rest.first(), Some(&(CANCEL_DELAY | RESET))) {
                return true;
            }
            at += len;
        }
        false
    }

    /// Obeys what is whole, up to a delay.
    fn run(&mut self, at_secs: f64) {
        let bytes = core::mem::take(&mut self.waiting);
        let mut rest = bytes.as_slice();
        while self.delay_until_secs.is_none()
            && let Some(len) = commands::len(rest)
        {
            let (command, tail) = rest.split_at(len.min(rest.len()));
            self.obey(command, at_secs);
            rest = tail;
        }
        self.waiting = rest.to_vec();
    }

    fn obey(&mut self, command: &[u8], at_secs: f64) {
        self.is_changed = true;
        match *command {
            [commands::EXTEND, code @ (0x20..=0x7f | 0xa0..), ..] => {
                self.write(characters::extended(code));
            }
            [code @ (0x20..=0x7f | 0xa0..)] => self.write(characters::basic(code)),
            [0x18, high, low] => {
                let code = u32::from(high) << 8 | u32::from(low);
                self.write(char::from_u32(code).unwrap_or('_'));
            }
            [code @ (0x08 | 0x0c..=0x0e)] => self.with_current(|window| match code {
                0x08 => window.back_space(),
                0x0c => window.clear(),
                0x0d => window.carriage_return(),
                _ => window.return_and_erase(),
            }),
            [code @ 0x80..=0x87] => self.current = usize::from(code & 7),
            [code @ 0x88..=0x8c, which] => self.with_each(code, which),
            [0x8d, tenths] if tenths > 0 => {
                self.delay_until_secs = Some(at_secs + f64::from(tenths) / 10.0);
            }
            [RESET] => self.windows = Default::default(),
            [0x90, first, second] => self.with_current(|window| {
                window.pen.size = match first & 3 {
                    0 => Size::Small,
                    2 => Size::Large,
                    _ => Size::Standard,
                };
                window.pen.is_italic = second & 0x80 != 0;
                window.pen.is_underlined = second & 0x40 != 0;
            }),
            [0x91, foreground, background, _] => self.with_current(|window| {
                set_colors(&mut window.pen, foreground, background);
            }),
            [0x92, row, column] => self.with_current(|window| {
                window.go_to(usize::from(row & 0x0f), usize::from(column & 0x3f));
            }),
            [0x97, fill, _, layout, _] => self.with_current(|window| {
                window.attributes = Attributes::new(fill, layout);
            }),
            [code @ 0x98..=0x9f, ref arguments @ ..] => {
                self.current = usize::from(code & 7);
                let Some(definition) = Definition::new(arguments) else { return };
                if let Some(window) = self.windows.get_mut(self.current) {
                    match window {
                        Some(window) => window.define(definition),
                        None => *window = Some(Window::new(definition)),
                    }
                }
            }
            _ => {}
        }
    }

    fn write(&mut self, character: char) {
        self.with_current(|window| window.write(character));
    }

    /// Nothing is done where the window is not defined.
    fn with_current(&mut self, change: impl FnOnce(&mut Window)) {
        if let Some(Some(window)) = self.windows.get_mut(self.current) {
            change(window);
        }
    }

    /// ClearWindows to DeleteWindows, of those in the mask.
    fn with_each(&mut self, code: u8, which: u8) {
        for (index, slot) in self.windows.iter_mut().enumerate() {
            let Some(window) = slot.as_mut().filter(|_| which >> index & 1 == 1) else { continue };
            match code {
                0x88 => window.clear(),
                0x89 => window.is_visible = true,
                0x8a => window.is_visible = false,
                0x8b => window.is_visible = !window.is_visible,
                _ => *slot = None,
            }
        }
    }
}

/// Two bits each of opacity, red, green, blue; solid white on black is the viewer's own.
fn set_colors(pen: &mut Pen, foreground: u8, background: u8) {
    const WHITE: u8 = 0x3f;
    const BLACK: u8 = 0;
    const FLASH: u8 = 1;
    pen.is_flashing = foreground >> 6 == FLASH;
    pen.color = Some(foreground).filter(|bits| *bits != WHITE).map(color);
    pen.background = Some(background).filter(|bits| *bits != BLACK).map(color);
}
