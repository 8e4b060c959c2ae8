//! Decimals as captions and playlists write them.
//!
//! In: text. Out: finite numbers, or `None` where there is none. `str::parse::<f64>` is not used: its
//! tables for exponents and hundreds of digits are 13 KB of a wasm module.

/// Digits that count; what follows them is far below a microsecond.
const EXACT: u64 = 900_000_000_000_000;

/// The unsigned decimal at the beginning (`12`, `1.5`), and what follows it.
pub(crate) fn leading_decimal(text: &str) -> Option<(f64, &str)> {
    let (mut mantissa, mut divisor, mut scale) = (0_u64, 1.0, 1.0);
    let (mut len, mut digits, mut is_fraction) = (0, 0, false);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if !is_fraction => {
                is_fraction = true;
                len += 1;
                continue;
            }
            _ => break,
        }
        len += 1;
        if mantissa < EXACT {
            mantissa = mantissa * 10 + u64::from(byte - b'0');
            divisor *= if is_fraction { 10.0 } else { 1.0 };
        } else if !is_fraction {
            scale *= 10.0;
        }
    }
    let value = mantissa as f64 * scale / divisor;
    (digits > 0 && value.is_finite()).then(|| (value, text.get(len..).unwrap_or("")))
}

/// A decimal with an optional sign, and nothing else.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    match leading_decimal(unsigned)? {
        (value, "") => Some(if is_negative { -value } else { value }),
        _ => None,
    }
}

/// A percentage from 0 to 100, such as `12.5%` (W3C WebVTT 6.3).
pub(crate) fn percentage(text: &str) -> Option<f32> {
    let value = decimal(text.strip_suffix('%')?)?;
    (0.0..=100.0).contains(&value).then_some(value as f32)
}

/// Digits at the beginning as a whole number, how many they are, and what follows them. What does not
/// fit is the greatest there is.
pub(crate) fn leading_digits(text: &str) -> (u32, usize, &str) {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(len);
    let add = |value: u32, digit: u8| value.saturating_mul(10).saturating_add(u32::from(digit));
    (digits.bytes().fold(0, |value, byte| add(value, byte - b'0')), len, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_the_nearest_f64() {
        for text in ["0", "1.5", "86399.999", "0.001", "123456789.123456"] {
            assert_eq!(decimal(text), text.parse().ok(), "{text}");
        }
        let third = decimal("33.3333333333333333333").expect("a number");
        assert!((third - 100.0 / 3.0).abs() < 1e-12);
        assert_eq!(decimal("-.5"), Some(-0.5));
        assert_eq!(leading_decimal("12.5px"), Some((12.5, "px")));
        for text in ["", "-", ".", "1.2.3", "1e3", "--1", "nan", &"9".repeat(400)] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn percentages_are_of_a_whole() {
        assert_eq!(percentage("12.5%"), Some(12.5));
        for text in ["12", "101%", "-1%", "%", "1%%"] {
            assert_eq!(percentage(text), None, "{text}");
        }
    }
}
