//! Timestamps and timing lines (W3C WebVTT 6.1, "collect a WebVTT timestamp").
//!
//! In: text. Out: seconds. It refuses minutes and seconds above 59.

use crate::number::leading_digits;

/// `00:01.000 --> 00:02.000 settings` as start, end and settings.
pub(super) fn timing_line(line: &str) -> Option<(f64, f64, &str)> {
    let (start, rest) = leading_timestamp(line.trim_ascii_start())?;
    let rest = rest.trim_ascii_start().strip_prefix("-->")?;
    let (end, settings) = leading_timestamp(rest.trim_ascii_start())?;
    Some((start, end, settings))
}

/// A timestamp and nothing else.
pub(in crate::text) fn timestamp(text: &str) -> Option<f64> {
    leading_timestamp(text).filter(|(_, rest)| rest.is_empty()).map(|(secs, _)| secs)
}

/// Of `hours:minutes:seconds.fraction`, hours and fraction may be missing.
fn leading_timestamp(text: &str) -> Option<(f64, &str)> {
    let (first, first_len, rest) = leading_digits(text);
    let (second, rest) = two_digits(rest.strip_prefix(':')?)?;
    let has_hours = first_len != 2 || first > 59 || rest.starts_with(':');
    let (hours, minutes, secs, rest) = if has_hours {
        let (third, rest) = two_digits(rest.strip_prefix(':')?)?;
        (first, second, third, rest)
    } else {
        (0, first, second, rest)
    };
    let (fraction, rest) = fraction(rest);
    let is_time = first_len > 0 && minutes <= 59 && secs <= 59;
    // Whole milliseconds, divided once: sums of rounded parts would not be equal in two segments.
    let millis = (f64::from(hours) * 3600.0 + f64::from(minutes * 60 + secs)) * 1000.0;
    is_time.then_some(((millis + fraction) / 1000.0, rest))
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    let (value, len, rest) = leading_digits(text);
    (len == 2).then_some((value, rest))
}

/// Digits behind the point as milliseconds.
fn fraction(text: &str) -> (f64, &str) {
    let Some(digits) = text.strip_prefix(['.', ',']) else { return (0.0, text) };
    let (_, len, rest) = leading_digits(digits);
    let mut unit = 100.0;
    let mut millis = 0.0;
    for digit in digits.bytes().take(len.min(9)) {
        millis += unit * f64::from(digit - b'0');
        unit /= 10.0;
    }
    if len == 0 { (0.0, text) } else { (millis, rest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_with_and_without_hours() {
        for (text, secs) in [
            ("00:00.000", 0.0),
            ("00:01.500", 1.5),
            ("59:59.999", 3599.999),
            ("01:00:00.000", 3600.0),
            ("1:00:00.000", 3600.0),
            ("123:00:00.001", 442_800.001),
            ("00:01.5", 1.5),
            ("00:01,250", 1.25),
            ("00:07", 7.0),
        ] {
            assert_eq!(timestamp(text), Some(secs), "{text}");
        }
    }

    #[test]
    fn what_is_no_timestamp() {
        for text in [
            "",
            ":",
            "1:00",
            "60:00",
            "00:60.000",
            "00:60:00.000",
            "0:1:00.000",
            "00.000",
            "00:00:000",
            "-00:01.000",
            "00:01.",
            "00:01.000x",
            "99999999999999999999:00",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn timing_lines() {
        let expected = Some((1.0, 2.0, " align:start"));
        assert_eq!(timing_line("00:01.000 --> 00:02.000 align:start"), expected);
        assert_eq!(timing_line("\t00:01.000-->00:02.000 align:start"), expected);
        for line in
            ["00:01.000", "00:01.000 -> 00:02.000", "00:01.000 --> ", "x00:01.000 --> 00:02.000"]
        {
            assert_eq!(timing_line(line), None, "{line}");
        }
    }
}
