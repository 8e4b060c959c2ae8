//! Time stamps as moments.
//!
//! In: the name of a segment, which is its first time stamp in ticks of 90 kHz. Out: when that was,
//! in milliseconds since 1970, and the number of the slot it falls into. The ingest's clock is in
//! the time stamps, modulo 2²⁰ s (`src/restamp.rs`); which of the periods is meant, the present
//! says: up to six days off it may be, in either direction.

use std::time::{SystemTime, UNIX_EPOCH};

/// The period of the ingest's clock: 2²⁰ s, about twelve days.
pub const PERIOD_MILLIS: i64 = (1 << 20) * 1000;

/// When a time stamp was, nearest to `now`.
#[must_use]
pub fn unix_millis(ticks: u64, now_unix_millis: i64) -> i64 {
    let within = i64::try_from(ticks / 90).unwrap_or(0) % PERIOD_MILLIS;
    let guess = now_unix_millis - now_unix_millis.rem_euclid(PERIOD_MILLIS) + within;
    [guess - PERIOD_MILLIS, guess, guess + PERIOD_MILLIS]
        .into_iter()
        .min_by_key(|millis| (millis - now_unix_millis).abs())
        .unwrap_or(guess)
}

/// This moment.
#[must_use]
pub fn now_unix_millis() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(0)
}

/// The time stamp of this moment.
#[must_use]
pub fn within_period_millis() -> i64 {
    now_unix_millis() % PERIOD_MILLIS
}

/// The media sequence number of a time stamp that was then: slots of a segment's length, counted as
/// nginx-rtmp counts them, from the beginning of the period; periods before it have as many each.
#[must_use]
pub fn slot(ticks: u64, unix_millis: i64, segment_millis: u64) -> u64 {
    let (millis, length) = (ticks / 90, segment_millis.max(1));
    let begins = unix_millis.saturating_sub(i64::try_from(millis).unwrap_or(i64::MAX));
    let periods = u64::try_from(begins / PERIOD_MILLIS).unwrap_or(0);
    periods * (PERIOD_MILLIS as u64).div_ceil(length) + millis / length
}

/// ISO 8601, as EXT-X-PROGRAM-DATE-TIME has it.
#[must_use]
pub fn iso_8601(unix_millis: i64) -> String {
    let (days, of_day) = (unix_millis.div_euclid(86_400_000), unix_millis.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, milli) = (of_day / 1000 % 60, of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Days since 1970 as a date: years are counted from March, so that a leap day ends one.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_stamp_is_the_nearest_moment_of_its_period() {
        let now = 1_795_200_000_123;
        let ticks = |millis: i64| (millis.rem_euclid(PERIOD_MILLIS) * 90) as u64;
        for apart in [0, -5_000, 5_000, -400_000_000, 400_000_000] {
            assert_eq!(unix_millis(ticks(now + apart), now), now + apart);
        }
        // A publication that has run past the period's end goes on counting.
        let past = (now.rem_euclid(PERIOD_MILLIS) + PERIOD_MILLIS) as u64 * 90;
        assert_eq!(unix_millis(past, now), now);
    }

    #[test]
    fn slots_and_dates() {
        let slot_at = |millis: i64, length| {
            slot((millis.rem_euclid(PERIOD_MILLIS) * 90) as u64, millis, length)
        };
        let now = 1_795_200_001_000;
        assert_eq!(slot_at(5_999, 2_000), 2);
        assert_eq!(slot_at(now, 2_000), 897_600_000);
        // Also a length that does not divide the period goes on from slot to slot, and from the
        // time stamps of one publication to those of the next.
        let middle = now / PERIOD_MILLIS * PERIOD_MILLIS + 2002 * 500 + 1001;
        for next in 1..2000 {
            assert_eq!(slot_at(middle + 2002 * next, 2002), slot_at(middle, 2002) + next as u64);
        }
        let end = now / PERIOD_MILLIS * PERIOD_MILLIS + PERIOD_MILLIS - 5_000;
        let long =
            |millis: i64| slot(((millis - end + PERIOD_MILLIS - 5_000) * 90) as u64, millis, 2002);
        assert!(slot_at(end + 8_000, 2002).abs_diff(long(end + 8_000)) <= 1);
        assert_eq!(iso_8601(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso_8601(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(iso_8601(1_795_201_871_500), "2026-11-20T19:11:11.500Z");
        assert_eq!(iso_8601(1_798_761_599_999), "2026-12-31T23:59:59.999Z");
    }
}
