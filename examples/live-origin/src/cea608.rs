//! Captions of CEA-608 (ANSI/CTA-608-E): what a line of text is on the wire.
//!
//! In: a line, and the channel it goes to. Out: byte pairs with odd parity: those that load the line where
//! nobody sees it, and those that show it (pop-on, 608-E B.8). One pair of a field goes into each frame.
//! It writes the lowest row alone, and no letter beyond those that ASCII and 608 have in common.

/// A caption channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The first of field 1.
    Cc1,
    /// The first of field 2.
    Cc3,
}

/// Two bytes, each with its parity.
pub type Pair = [u8; 2];

/// What a frame carries that has nothing to say.
pub const PADDING: Pair = [0x80, 0x80];
/// Letters in a row.
const ROW_LEN: usize = 32;
/// Miscellaneous control codes (608-E table 52), of channel 1; the first byte is the channel's.
const RESUME_CAPTION_LOADING: u8 = 0x20;
const ERASE_NON_DISPLAYED_MEMORY: u8 = 0x2e;
const END_OF_CAPTION: u8 = 0x2f;
/// Preamble address code (table 53): row 15, white, with an indent of this many times 4 columns.
const ROW_15: u8 = 0x14;
const ROW_15_INDENT: u8 = 0x70;

/// The pairs that load a line; what is beyond a row is cut off.
#[must_use]
pub fn load(channel: Channel, line: &str) -> Vec<Pair> {
    let letters: Vec<u8> = line.bytes().map(letter).take(ROW_LEN).collect();
    let indent = (ROW_LEN - letters.len()) / 8;
    let preamble = [ROW_15, ROW_15_INDENT + 2 * indent as u8];
    let mut pairs = Vec::new();
    for control in [RESUME_CAPTION_LOADING, ERASE_NON_DISPLAYED_MEMORY] {
        pairs.extend(twice([channel.control(), control]));
    }
    pairs.extend(twice(preamble));
    let letters = letters.chunks(2).map(|two| [two[0], two.get(1).copied().unwrap_or(0)]);
    pairs.extend(letters.map(with_parity));
    pairs
}

/// The pairs that show what was loaded.
#[must_use]
pub fn show(channel: Channel) -> [Pair; 2] {
    twice([channel.control(), END_OF_CAPTION])
}

impl Channel {
    /// The first byte of its miscellaneous control codes.
    fn control(self) -> u8 {
        match self {
            Self::Cc1 => 0x14,
            Self::Cc3 => 0x15,
        }
    }
}

/// Control codes are sent twice, so that one may be lost.
fn twice(pair: Pair) -> [Pair; 2] {
    [with_parity(pair); 2]
}

/// 608 has other letters in the places of a few of ASCII's (table 50).
fn letter(byte: u8) -> u8 {
    match byte {
        b'*' | b'\\' | b'^'..=b'`' | b'{'..=b'~' => b'?',
        b' '..=b'z' => byte,
        _ => b'?',
    }
}

fn with_parity(pair: Pair) -> Pair {
    pair.map(|byte| byte | u8::from(byte.count_ones().is_multiple_of(2)) << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_loaded_into_the_lowest_row_and_shown() {
        let pairs = load(Channel::Cc1, "Hello");
        let codes = [[0x94, 0x20], [0x94, 0x20], [0x94, 0xae], [0x94, 0xae]];
        assert_eq!(pairs[..4], codes);
        // Indented by 12 of 32.
        assert_eq!(pairs[4..6], [[0x94, 0x76]; 2]);
        assert_eq!(pairs[6..], [[0xc8, 0xe5], [0xec, 0xec], [0xef, 0x80]]);
        assert_eq!(show(Channel::Cc1), [[0x94, 0x2f]; 2]);
        assert_eq!(show(Channel::Cc3), [[0x15, 0x2f]; 2]);
        let all = load(Channel::Cc3, &"ä".repeat(40)).concat();
        assert!(all.iter().all(|byte| byte.count_ones() % 2 == 1));
    }
}
