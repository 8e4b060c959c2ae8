//! Values as manifests write them (XML Schema 1.1 part 2; ISO/IEC 23009-1, 5.3.9.4.4 and Annex E).
//!
//! In: text. Out: whole numbers: times are microseconds, so that a list of them sums up exactly. What
//! makes no sense is `None`.

use videosphere_hls::uri;

use crate::model::ByteRange;

/// 126 years; nothing lasts longer, and sums of a few of them stay far from the end of 64 bits.
const MAX_MICROS: u64 = 4_000_000_000_000_000;

/// An xs:duration such as `PT1H2M3.5S`; months have 30 days and years 365, as nobody means either.
pub(crate) fn duration_micros(text: &str) -> Option<u64> {
    let mut rest = text.trim_ascii().strip_prefix('P')?;
    let (mut micros, mut is_time) = (0_u64, false);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            (rest, is_time) = (after, true);
            continue;
        }
        let len = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, after) = rest.split_at(len);
        let unit_secs = match (after.bytes().next()?, is_time) {
            (b'Y', false) => 31_536_000,
            (b'M', false) => 2_592_000,
            (b'D', false) => 86_400,
            (b'H', true) => 3600,
            (b'M', true) => 60,
            (b'S', true) => 1,
            _ => return None,
        };
        micros = micros.saturating_add(decimal_micros(number)?.saturating_mul(unit_secs));
        rest = after.get(1..)?;
    }
    Some(micros.min(MAX_MICROS))
}

/// A decimal number of seconds, in microseconds.
pub(crate) fn decimal_micros(text: &str) -> Option<u64> {
    let text = text.trim_ascii();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().unwrap_or(MAX_MICROS) };
    let digits = fraction.bytes().chain(core::iter::repeat(b'0')).take(6);
    let fraction = digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    Some(whole.saturating_mul(1_000_000).saturating_add(fraction).min(MAX_MICROS))
}

/// Ticks of a timescale in microseconds, rounded down.
pub(crate) fn micros_of(ticks: u64, timescale_hz: u32) -> u64 {
    let hz = u64::from(timescale_hz.max(1));
    let micros = (ticks / hz).saturating_mul(1_000_000) + ticks % hz * 1_000_000 / hz;
    micros.min(MAX_MICROS)
}

/// An xs:dateTime, in milliseconds since 1970.
pub(crate) fn date_millis(text: &str) -> Option<i64> {
    videosphere_hls::time::date_millis(text).map(|millis| millis as i64)
}

/// `first-last`, both within.
pub(crate) fn byte_range(text: &str) -> Option<ByteRange> {
    let (first, last) = text.trim_ascii().split_once('-')?;
    let first = first.parse::<u64>().ok()?;
    let last = if last.is_empty() { None } else { Some(last.parse::<u64>().ok()?) };
    let length = match last {
        Some(last) => Some(last.checked_sub(first)?.checked_add(1)?),
        None => None,
    };
    Some(ByteRange { offset: first, length })
}

/// Frames in a thousand seconds, of `30`, `30000/1001`.
pub(crate) fn frame_rate_milli(text: &str) -> Option<u32> {
    let (frames, secs) = text.trim_ascii().split_once('/').unwrap_or((text, "1"));
    let frames = decimal_micros(frames)? / 1000;
    let secs = secs.parse::<u64>().ok().filter(|secs| *secs > 0)?;
    u32::try_from(frames / secs).ok().filter(|rate| *rate > 0)
}

/// 16 bytes of hexadecimal, with or without dashes: in lower case without them.
pub(crate) fn uuid(text: &str) -> Option<String> {
    let digits = text.trim_ascii().bytes().filter(|byte| *byte != b'-');
    let hex: String = digits.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    (hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hex)
}

/// A reference against a base (5.6.4).
pub(crate) fn resolve(base: &str, reference: &str) -> String {
    // As in a browser: the base itself.
    if reference.is_empty() { base.to_owned() } else { uri::resolve(base, reference) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, micros) in [
            ("PT0S", Some(0)),
            ("PT1.5S", Some(1_500_000)),
            ("PT1H2M3.0000019S", Some(3_723_000_001)),
            ("P1DT.5S", Some(86_400_500_000)),
            ("P1Y", Some(31_536_000_000_000)),
            ("P1M", Some(2_592_000_000_000)),
            ("PT9999999999999999999999S", Some(MAX_MICROS)),
            ("P1S", None),
            ("PT1", None),
            ("PTS", None),
            ("-PT1S", None),
            ("1", None),
            ("PT1é", None),
        ] {
            assert_eq!(duration_micros(text), micros, "{text}");
        }
    }

    #[test]
    fn ticks_are_exact() {
        assert_eq!(micros_of(161_568_000_180_000, 90_000), 1_795_200_002_000_000);
        assert_eq!(micros_of(1001, 30_000), 33_366);
        assert_eq!(micros_of(u64::MAX, 0), MAX_MICROS);
    }

    #[test]
    fn other_values() {
        assert_eq!(byte_range("10-19"), Some(ByteRange { offset: 10, length: Some(10) }));
        assert_eq!(byte_range("10-"), Some(ByteRange { offset: 10, length: None }));
        assert_eq!(byte_range("10-5"), None);
        assert_eq!(byte_range(&format!("0-{}", u64::MAX)), None);
        assert_eq!(frame_rate_milli("30000/1001"), Some(29_970));
        assert_eq!(frame_rate_milli("25"), Some(25_000));
        assert_eq!(frame_rate_milli("25/0"), None);
        let hex = "abba271e8bcf552bbd2e86a434a9a5d9";
        assert_eq!(uuid("ABBA271E-8bcf-552b-bd2e-86a434a9a5d9").as_deref(), Some(hex));
        assert_eq!(uuid("nothing"), None);
        assert_eq!(date_millis("1970-01-01T00:00:01.5Z"), Some(1500));
    }
}
