//! One field of CEA-608: pairs of bytes become commands and characters of its two channels.
//!
//! In: byte pairs with their parity. Out: calls of a [`Speaker`]'s screen (ANSI/CTA-608-E 4, 6 and annex B).
//! XDS packets are passed over; what fails the parity check is not obeyed, and shows as a block where it was a
//! character.

mod characters;
mod screen;
#[cfg(test)]
mod tests;

use super::color::of_cea608 as color;
use super::display::Display;
use super::events::{Channel, Events};
use crate::cue::Color;
use screen::{Mode, Screen};

/// Shown for a character that came damaged.
const BLOCK: u8 = 0x7f;

/// The decoder of one field.
#[derive(Debug, Default)]
pub(super) struct Field {
    speakers: [Option<Box<Speaker>>; 2],
    /// Characters are for this one.
    current: Option<usize>,
    /// A command comes twice; the second is no other one.
    last_command: Option<(u8, u8)>,
    is_in_xds: bool,
}

/// One channel.
#[derive(Debug)]
struct Speaker {
    channel: Channel,
    screen: Screen,
    display: Display,
}

impl Field {
    /// Takes a pair.
    pub(super) fn push(&mut self, field: u8, first: u8, second: u8, events: &mut Events) {
        let is_odd = |byte: u8| byte.count_ones() % 2 == 1;
        let (code, next) = (first & 0x7f, second & 0x7f);
        if (code, next) == (0, 0) {
            return;
        }
        match code {
            0x10..=0x1f => {
                self.is_in_xds = false;
                if !is_odd(first) || !is_odd(second) {
                    return;
                }
                let command = Some((code, next));
                if self.last_command == command {
                    self.last_command = None;
                    return;
                }
                self.last_command = command;
                self.obey(field, code, next, events);
            }
            // XDS is of the second field alone (9.2).
            1..=0x0f if field == 1 => self.is_in_xds = code != 0x0f,
            _ => {
                self.last_command = None;
                if self.is_in_xds {
                    return;
                }
                let Some(screen) = self.current() else { return };
                for (byte, character) in [(first, code), (second, next)] {
                    if character >= 0x20 {
                        let character = if is_odd(byte) { character } else { BLOCK };
                        screen.write(characters::basic(character));
                    }
                }
            }
        }
    }

    /// What is on screen after a picture.
    pub(super) fn show(&mut self, at_secs: f64, events: &mut Events) {
        for speaker in self.speakers.iter_mut().flatten() {
            if let Some(sights) = speaker.screen.changed_sights() {
                speaker.display.show(at_secs, speaker.channel, sights, events);
            }
        }
    }

    pub(super) fn reset(&mut self, end_secs: f64, events: &mut Events) {
        for speaker in self.speakers.iter_mut().flatten() {
            speaker.display.show(end_secs, speaker.channel, Vec::new(), events);
        }
        *self = Self::default();
    }

    fn current(&mut self) -> Option<&mut Screen> {
        let speaker = self.speakers.get_mut(self.current?)?;
        speaker.as_mut().map(|speaker| &mut speaker.screen)
    }

    /// The channel's screen, which is made with its first command.
    fn choose(&mut self, field: u8, index: usize, events: &mut Events) -> Option<&mut Screen> {
        self.current = Some(index);
        let speaker = self.speakers.get_mut(index)?;
        let speaker = speaker.get_or_insert_with(|| {
            let channel = Channel::Cc(field * 2 + index as u8 + 1);
            events.find(channel);
            Box::new(Speaker { channel, screen: Screen::default(), display: Display::default() })
        });
        Some(&mut speaker.screen)
    }

    /// A command: the fourth bit of its first byte says whose it is.
    fn obey(&mut self, field: u8, code: u8, next: u8, events: &mut Events) {
        let Some(screen) = self.choose(field, usize::from(code >> 3 & 1), events) else { return };
        match (code & 7, next) {
            (_, 0x40..) => screen.address(code & 7, next),
            (1, 0x20..=0x2f) => screen.mid_row(next),
            (1, 0x30..=0x3f) => screen.write(characters::special(next)),
            (2 | 3, 0x20..=0x3f) => {
                // Decoders that do not know it show the character before it.
                screen.back_space();
                screen.write(characters::extended(code & 1 == 1, next));
            }
            (4 | 5, 0x20..=0x2f) => miscellaneous(screen, next),
            (0, 0x20..=0x2f) => {
                let alpha = if next & 1 == 1 { 0x80 } else { 0xff };
                screen.set_background(Some(Color { alpha, ..color(next >> 1 & 7) }));
            }
            (7, 0x21..=0x23) => screen.tab(usize::from(next & 3)),
            (7, 0x2d) => screen.set_background(Some(Color { alpha: 0, ..color(7) })),
            (7, 0x2e | 0x2f) => screen.set_black(next & 1 == 1),
            _ => {}
        }
    }
}

/// The sixteen of table 49.
fn miscellaneous(screen: &mut Screen, next: u8) {
    match next & 0x0f {
        0x0 => screen.set_mode(Mode::PopOn),
        0x1 => screen.back_space(),
        0x4 => screen.erase_to_end(),
        0x5 => screen.set_mode(Mode::RollUp(2)),
        0x6 => screen.set_mode(Mode::RollUp(3)),
        0x7 => screen.set_mode(Mode::RollUp(4)),
        0x8 => screen.flash(),
        0x9 => screen.set_mode(Mode::PaintOn),
        0xa | 0xb => screen.set_mode(Mode::Text),
        0xc => screen.erase_displayed(),
        0xd => screen.carriage_return(),
        0xe => screen.erase_hidden(),
        0xf => screen.flip(),
        _ => {}
    }
}
