//! The characters of CEA-608 (ANSI/CTA-608-E 4.2, tables 49 to 51).
//!
//! In: codes. Out: characters of Unicode.

/// 0x20 to 0x7f: ASCII but for these.
pub(super) fn basic(code: u8) -> char {
    match code {
        0x27 => '’',
        0x2a => 'á',
        0x5c => 'é',
        0x5e => 'í',
        0x5f => 'ó',
        0x60 => 'ú',
        0x7b => 'ç',
        0x7c => '÷',
        0x7d => 'Ñ',
        0x7e => 'ñ',
        0x7f => '█',
        _ => char::from(code),
    }
}

/// 0x30 to 0x3f behind 0x11. The space in it is transparent.
pub(super) fn special(code: u8) -> char {
    of("®°½¿™¢£♪à\u{a0}èâêîôû", code & 0x0f)
}

/// 0x20 to 0x3f behind 0x12, or behind 0x13.
pub(super) fn extended(is_second: bool, code: u8) -> char {
    let table = if is_second {
        "ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘"
    } else {
        "ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»"
    };
    of(table, code & 0x1f)
}

fn of(table: &str, index: u8) -> char {
    table.chars().nth(usize::from(index)).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_character() {
        assert_eq!((special(0x30), special(0x37), special(0x3f)), ('®', '♪', 'û'));
        assert_eq!((extended(false, 0x20), extended(false, 0x3f)), ('Á', '»'));
        assert_eq!((extended(true, 0x20), extended(true, 0x3f)), ('Ã', '┘'));
        assert_eq!((basic(0x41), basic(0x7f)), ('A', '█'));
    }
}
