//! Colours as CSS and TTML write them (CSS Color 4, 5; TTML 2, 10.3.4).
//!
//! In: text. Out: a colour. Known are `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, `rgb()`, `rgba()`, the
//! names of TTML, `orange` and `transparent`. It refuses the other names of CSS, and its other spaces.

use crate::cue::Color;
use crate::number::leading_decimal;

/// Names, and what they are as `rrggbb`.
const NAMES: [(&str, u32); 20] = [
    ("black", 0x00_00_00),
    ("silver", 0xc0_c0_c0),
    ("gray", 0x80_80_80),
    ("grey", 0x80_80_80),
    ("white", 0xff_ff_ff),
    ("maroon", 0x80_00_00),
    ("red", 0xff_00_00),
    ("purple", 0x80_00_80),
    ("fuchsia", 0xff_00_ff),
    ("magenta", 0xff_00_ff),
    ("green", 0x00_80_00),
    ("lime", 0x00_ff_00),
    ("olive", 0x80_80_00),
    ("yellow", 0xff_ff_00),
    ("navy", 0x00_00_80),
    ("blue", 0x00_00_ff),
    ("teal", 0x00_80_80),
    ("aqua", 0x00_ff_ff),
    ("cyan", 0x00_ff_ff),
    ("orange", 0xff_a5_00),
];

/// What full opacity is written as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Opaque {
    /// 1, as in CSS.
    One,
    /// 255, as in TTML.
    Byte,
}

/// A colour, or `None` where it is written in no way known here.
pub(crate) fn parse(text: &str, opaque: Opaque) -> Option<Color> {
    let text = text.trim_ascii();
    if let Some(digits) = text.strip_prefix('#') {
        return hex(digits);
    }
    if let Some((name, arguments)) = text.split_once('(') {
        let is_rgb = name.eq_ignore_ascii_case("rgb") || name.eq_ignore_ascii_case("rgba");
        return is_rgb.then(|| function(arguments.strip_suffix(')')?, opaque)).flatten();
    }
    if text.eq_ignore_ascii_case("transparent") {
        return Some(Color { red: 0, green: 0, blue: 0, alpha: 0 });
    }
    named(text)
}

/// A colour by its name alone.
pub(crate) fn named(name: &str) -> Option<Color> {
    let (_, rgb) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let [_, red, green, blue] = rgb.to_be_bytes();
    Some(Color { red, green, blue, alpha: 255 })
}

fn hex(digits: &str) -> Option<Color> {
    let is_short = digits.len() <= 4;
    let mut channels = [255; 4];
    let mut rest = digits;
    for (index, channel) in channels.iter_mut().enumerate() {
        if rest.is_empty() && index == 3 {
            break;
        }
        let digits = rest.get(..if is_short { 1 } else { 2 })?;
        let value = u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        *channel = if is_short { value * 17 } else { value };
        rest = rest.get(digits.len()..)?;
    }
    let [red, green, blue, alpha] = channels;
    rest.is_empty().then_some(Color { red, green, blue, alpha })
}

fn function(arguments: &str, opaque: Opaque) -> Option<Color> {
    let mut channels = [0, 0, 0, 255];
    let mut count = 0;
    let words = arguments.split([',', ' ', '/', '\t', '\n']).filter(|word| !word.is_empty());
    for word in words {
        let (value, unit) = leading_decimal(word)?;
        let whole = if count == 3 && opaque == Opaque::One { 1.0 } else { 255.0 };
        let of_whole = match unit {
            "" => value / whole,
            "%" => value / 100.0,
            _ => return None,
        };
        // A cast to an integer stays within its bounds.
        *channels.get_mut(count)? = (of_whole * 255.0 + 0.5) as u8;
        count += 1;
    }
    let [red, green, blue, alpha] = channels;
    (count >= 3).then_some(Color { red, green, blue, alpha })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(text: &str, opaque: Opaque) -> Option<[u8; 4]> {
        parse(text, opaque).map(|color| [color.red, color.green, color.blue, color.alpha])
    }

    #[test]
    fn all_ways_to_write_a_colour() {
        for (text, expected) in [
            ("yellow", [255, 255, 0, 255]),
            ("Lime", [0, 255, 0, 255]),
            ("transparent", [0, 0, 0, 0]),
            ("#fa0", [255, 170, 0, 255]),
            ("#fa08", [255, 170, 0, 136]),
            ("#102030", [16, 32, 48, 255]),
            ("#10203040", [16, 32, 48, 64]),
            ("rgb(1, 2, 3)", [1, 2, 3, 255]),
            ("rgb(100% 0% 0% / 50%)", [255, 0, 0, 128]),
            ("rgba(0,0,0,0.8)", [0, 0, 0, 204]),
            ("rgba(900,0,0,7)", [255, 0, 0, 255]),
        ] {
            assert_eq!(channels(text, Opaque::One), Some(expected), "{text}");
        }
        assert_eq!(channels("rgba(0,0,0,127)", Opaque::Byte), Some([0, 0, 0, 127]));
    }

    #[test]
    fn what_is_no_colour() {
        for text in [
            "",
            "#",
            "#ff",
            "#12345",
            "#+f+f+f",
            "#ägö",
            "rgb(1,2)",
            "rgb(1,2,3,4,5)",
            "rgb(1,2,3",
            "hsl(1,2,3)",
            "blurple",
        ] {
            assert_eq!(channels(text, Opaque::One), None, "{text}");
        }
    }
}
