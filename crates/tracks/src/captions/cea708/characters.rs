//! The characters of CEA-708 (ANSI/CTA-708-E 7.1: G0 to G3).
//!
//! In: codes. Out: characters of Unicode; those that are not assigned are `_`, as 7.1.9 has it.

/// G0 and G1: ASCII and Latin-1, but for the music note.
pub(super) fn basic(code: u8) -> char {
    if code == 0x7f { '♪' } else { char::from(code) }
}

/// G2 and G3, behind EXT1.
pub(super) fn extended(code: u8) -> char {
    match code {
        0x20 => ' ',
        0x21 => '\u{a0}',
        0x25 => '…',
        0x2a => 'Š',
        0x2c => 'Œ',
        0x30 => '█',
        0x31 => '‘',
        0x32 => '’',
        0x33 => '“',
        0x34 => '”',
        0x35 => '•',
        0x39 => '™',
        0x3a => 'š',
        0x3c => 'œ',
        0x3d => '℠',
        0x3f => 'Ÿ',
        0x76 => '⅛',
        0x77 => '⅜',
        0x78 => '⅝',
        0x79 => '⅞',
        0x7a => '│',
        0x7b => '┐',
        0x7c => '└',
        0x7d => '─',
        0x7e => '┘',
        0x7f => '┌',
        // The icon of closed captions is all that G3 has.
        0xa0 => '🅲',
        _ => '_',
    }
}
