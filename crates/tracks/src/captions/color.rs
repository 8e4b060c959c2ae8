//! The colours of both standards.
//!
//! In: their codes. Out: red, green, blue and opacity.

use crate::cue::Color;

/// CEA-608: white, green, blue, cyan, red, yellow, magenta, black: each a bit of red, green and blue.
pub(super) fn of_cea608(index: u8) -> Color {
    const BITS: [u8; 8] = [0b111, 0b010, 0b001, 0b011, 0b100, 0b110, 0b101, 0b000];
    let bits = BITS.get(usize::from(index)).copied().unwrap_or_default();
    let part = |bit: u8| if bits >> bit & 1 == 1 { 0xff } else { 0 };
    Color { red: part(2), green: part(1), blue: part(0), alpha: 0xff }
}

/// CEA-708: opacity (solid, flashing, translucent, transparent), red, green, blue.
pub(super) fn of_cea708(bits: u8) -> Color {
    let part = |shift: u8| (bits >> shift & 3) * 0x55;
    let alpha = match bits >> 6 {
        2 => 0x80,
        3 => 0,
        _ => 0xff,
    };
    Color { red: part(4), green: part(2), blue: part(0), alpha }
}
