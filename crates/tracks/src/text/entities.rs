//! Character references (W3C WebVTT 6.4; HTML 13.5; XML 4.1).
//!
//! In: text with `&…;`. Out: text. Known are the numbers, and the names that texts of captions use; of
//! HTML's two thousand others none, which stay as they are.

use std::borrow::Cow;

const NAMES: [(&str, char); 26] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("shy", '\u{ad}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("copy", '©'),
    ("deg", '°'),
    ("euro", '€'),
];

/// Text without references.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let (plain, mut rest) = text.split_at(first);
    let mut decoded = String::from(plain);
    while let Some(after) = rest.strip_prefix('&') {
        let (char, after) = reference(after).unwrap_or(('&', after));
        decoded.push(char);
        let next = after.find('&').unwrap_or(after.len());
        let (plain, tail) = after.split_at(next);
        decoded.push_str(plain);
        rest = tail;
    }
    Cow::Owned(decoded)
}

/// The character that the text behind `&` stands for, and what follows.
fn reference(text: &str) -> Option<(char, &str)> {
    if let Some(number) = text.strip_prefix('#') {
        return numeric(number);
    }
    let len = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, rest) = text.split_at(len);
    let (_, char) = NAMES.iter().find(|(known, _)| *known == name)?;
    match rest.strip_prefix(';') {
        Some(rest) => Some((*char, rest)),
        // As old as HTML: these need no semicolon.
        None => matches!(name, "amp" | "lt" | "gt" | "quot" | "nbsp").then_some((*char, rest)),
    }
}

fn numeric(text: &str) -> Option<(char, &str)> {
    let (radix, digits) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, text),
    };
    let len = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let (digits, rest) = digits.split_at(len);
    let char = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let char = char.filter(|char| *char != '\0').unwrap_or(char::REPLACEMENT_CHARACTER);
    (len > 0).then(|| (char, rest.strip_prefix(';').unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_characters() {
        for (text, expected) in [
            ("plain", "plain"),
            ("&amp;&lt;&gt;", "&<>"),
            ("a &amp b", "a & b"),
            ("&#233;&#xE9;&#Xe9", "ééé"),
            ("&nbsp;&lrm;&rlm;", "\u{a0}\u{200e}\u{200f}"),
            ("&#0;&#xD800;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}"),
            ("R&D, &unknown; &; &#; &#x; &", "R&D, &unknown; &; &#; &#x; &"),
            ("&ampere;", "&ampere;"),
            ("&amp;lt;", "&lt;"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }
}
