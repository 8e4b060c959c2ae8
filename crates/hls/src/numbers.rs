//! Decimal numbers and dates as playlists write them (RFC 8216bis 4.2; ISO 8601).
//!
//! In: text. Out: numbers, or `None` where there is none. Decimals are read here and not by
//! `str::parse::<f64>`, whose tables for exponents and hundreds of digits no playlist needs would
//! be a noticeable share of the wasm module. Results are finite.

/// Eleven days.
const MAX_SECS: f64 = 1e6;

/// A decimal integer; what follows its digits is passed over (`BANDWIDTH=1280000.5` is met in the
/// wild). `None` where there is no digit or it does not fit.
pub(crate) fn integer(text: &str) -> Option<u64> {
    let digits = leading_digits(text.trim_ascii());
    digits.parse().ok()
}

/// The same where it is one of 32 bits.
pub(crate) fn small(text: &str) -> Option<u32> {
    u32::try_from(integer(text)?).ok()
}

/// A decimal number with an optional sign and fraction; what follows is passed over.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let text = text.trim_ascii().as_bytes();
    let (is_negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    // Up to 2^53 the mantissa is exact, and up to 10^22 so is the divisor: one division, rounded
    // once, is then the nearest f64. Digits beyond that are far below a microsecond.
    let mut mantissa: u64 = 0;
    let mut divisor = 1.0;
    let mut dropped_scale = 1.0;
    let mut has_digits = false;
    let mut is_fraction = false;
    for byte in unsigned {
        let Some(digit) = digit(*byte) else {
            if *byte != b'.' || is_fraction {
                break;
            }
            is_fraction = true;
            continue;
        };
        has_digits = true;
        if mantissa < 900_000_000_000_000 {
            mantissa = mantissa * 10 + u64::from(digit);
            if is_fraction {
                divisor *= 10.0;
            }
        } else if !is_fraction {
            dropped_scale *= 10.0;
        }
    }
    let magnitude = mantissa as f64 * dropped_scale / divisor;
    let value = if is_negative { -magnitude } else { magnitude };
    (has_digits && value.is_finite()).then_some(value)
}

/// A number of seconds, or of pictures in one: as [`decimal`], not negative, and no more than
/// anything lasts. A playlist's longest sum of them is then still exact to a microsecond.
pub(crate) fn non_negative(text: &str) -> Option<f64> {
    decimal(text).filter(|value| (0.0..=MAX_SECS).contains(value))
}

fn leading_digits(text: &str) -> &str {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..len).unwrap_or("")
}

/// `0x…` as bytes, right-aligned in 16 (an IV may leave out leading zeros).
pub(crate) fn hex_16(text: &str) -> Option<[u8; 16]> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    if digits.is_empty() || digits.len() > 32 {
        return None;
    }
    u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes)
}

/// An ISO 8601 date and time, in milliseconds since the Unix epoch. Without a zone it is UTC;
/// the zone may be `Z`, `±hh:mm`, `±hhmm` or `±hh`; the fraction may have any length.
#[must_use]
pub fn date_millis(text: &str) -> Option<f64> {
    let mut cursor = Cursor { rest: text.trim_ascii().as_bytes() };
    let year = cursor.digits(4)?;
    cursor.skip(b'-', b'-');
    let month = cursor.digits(2).filter(|month| (1..=12).contains(month))?;
    cursor.skip(b'-', b'-');
    let day = cursor.digits(2).filter(|day| (1..=31).contains(day))?;
    let days = days_from_civil(year, month, day);
    let mut secs = days * 86_400;
    let mut fraction_secs = 0.0;
    if cursor.skip(b'T', b't') || cursor.skip(b' ', b' ') {
        secs += cursor.digits(2).filter(|hour| *hour <= 24)? * 3600;
        cursor.skip(b':', b':');
        secs += cursor.digits(2).filter(|minute| *minute < 60)? * 60;
        cursor.skip(b':', b':');
        // A leap second is written as 60.
        secs += cursor.digits(2).filter(|second| *second <= 60).unwrap_or(0);
        if cursor.skip(b'.', b',') {
            fraction_secs = cursor.fraction();
        }
        secs -= cursor.zone_secs();
    }
    Some(secs as f64 * 1000.0 + fraction_secs * 1000.0)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar: years are counted from March, so that
/// the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn digit(byte: u8) -> Option<u8> {
    let digit = byte.wrapping_sub(b'0');
    (digit < 10).then_some(digit)
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    /// A number of just so many digits.
    fn digits(&mut self, len: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(len)?;
        let mut number = 0;
        for byte in digits {
            number = number * 10 + i64::from(digit(*byte)?);
        }
        self.rest = rest;
        Some(number)
    }

    fn skip(&mut self, one: u8, other: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == one || *first == other => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn fraction(&mut self) -> f64 {
        let (mut mantissa, mut divisor) = (0_u64, 1_u64);
        while let Some((first, rest)) = self.rest.split_first() {
            let Some(digit) = digit(*first) else { break };
            self.rest = rest;
            if divisor < 1_000_000_000_000_000 {
                mantissa = mantissa * 10 + u64::from(digit);
                divisor *= 10;
            }
        }
        mantissa as f64 / divisor as f64
    }

    fn zone_secs(&mut self) -> i64 {
        let sign = if self.skip(b'+', b'+') {
            1
        } else if self.skip(b'-', b'-') {
            -1
        } else {
            return 0;
        };
        let hours = self.digits(2).unwrap_or(0);
        self.skip(b':', b':');
        let minutes = self.digits(2).unwrap_or(0);
        sign * (hours * 3600 + minutes * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_the_nearest_f64() {
        for text in ["0", "9.009", "10.0", "0.1", "3.3333333", "123456.789", "1e3", "007.50"] {
            let plain = text.split('e').next().and_then(|text| text.parse::<f64>().ok());
            assert_eq!(decimal(text), plain, "{text}");
        }
        assert_eq!(decimal("-18"), Some(-18.0));
        assert_eq!(decimal("+.5x"), Some(0.5));
        assert_eq!(decimal("5."), Some(5.0));
        assert_eq!(decimal("."), None);
        assert_eq!(decimal("nan"), None);
        assert_eq!(non_negative("-0.1"), None);
        assert_eq!(non_negative("1000001"), None);
        assert_eq!(non_negative("99999999999999999999"), None);
        let long = "12345678901234567890123.5";
        let (ours, exact) = (decimal(long).unwrap_or(0.0), 1.234_567_890_123_456_8e22);
        assert!((ours / exact - 1.0).abs() < 1e-14);
        assert_eq!(decimal(&"9".repeat(400)), None);
        assert!(
            decimal(&format!("0.{}", "3".repeat(400)))
                .is_some_and(|v| (v - 1.0 / 3.0).abs() < 1e-14)
        );
    }

    #[test]
    fn integers_stop_at_the_last_digit() {
        assert_eq!(integer("18446744073709551615"), Some(u64::MAX));
        assert_eq!(integer("18446744073709551616"), None);
        assert_eq!(integer("1280000.5"), Some(1_280_000));
        assert_eq!(integer("-1"), None);
    }

    #[test]
    fn initialization_vectors() {
        assert_eq!(hex_16("0x1").map(u128::from_be_bytes), Some(1));
        assert_eq!(hex_16("0X00112233445566778899aabbccddeeff").map(|iv| iv[15]), Some(0xff));
        assert_eq!(hex_16("0x"), None);
        assert_eq!(hex_16("0x1éé"), None);
        assert_eq!(hex_16(&format!("0x{}", "0".repeat(33))), None);
    }

    #[test]
    fn dates_with_zones_and_fractions() {
        assert_eq!(date_millis("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(date_millis("2010-02-19T14:54:23.031+08:00"), Some(1_266_562_463_031.0));
        assert_eq!(date_millis("2010-02-19T14:54:23.031+0800"), Some(1_266_562_463_031.0));
        assert_eq!(date_millis("2010-02-19T14:54:23.031+08"), Some(1_266_562_463_031.0));
        assert_eq!(date_millis("20100219T065423.031Z"), Some(1_266_562_463_031.0));
        assert_eq!(date_millis("2000-02-29T23:59:60-00:30"), Some(951_870_600_000.0));
        assert_eq!(date_millis("1969-12-31"), Some(-86_400_000.0));
        assert_eq!(date_millis("2024-13-01T00:00:00Z"), None);
        assert_eq!(date_millis("2024-1é-01"), None);
        assert_eq!(date_millis(""), None);
    }
}
