//! What playlists say of the test source alone: its captions, and an event each minute.
//!
//! In: a span of time. Out: tags (RFC 8216bis 4.4.5.1, 4.4.6.1), the same from every origin. What a
//! camera carries nobody here knows, so nothing is said of it.

use super::clock::iso_8601;
use std::fmt::Write as _;

/// The group of [`CAPTIONS`], for EXT-X-STREAM-INF.
pub const CAPTIONS_GROUP: &str = "captions";
/// As `captions.rs` writes them.
pub const CAPTIONS: &str = "\
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"captions\",NAME=\"English\",LANGUAGE=\"en\",AUTOSELECT=YES,INSTREAM-ID=\"CC1\"
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"captions\",NAME=\"Deutsch\",LANGUAGE=\"de\",AUTOSELECT=YES,INSTREAM-ID=\"CC3\"
";
const MINUTE_MILLIS: i64 = 60_000;

/// An EXT-X-DATERANGE for each full minute from `first_millis` to before `end_millis`, since 1970.
#[must_use]
pub fn events(first_millis: i64, end_millis: i64) -> String {
    let minutes =
        |millis: i64| millis.div_euclid(MINUTE_MILLIS) + i64::from(millis % MINUTE_MILLIS != 0);
    let mut text = String::new();
    for minute in minutes(first_millis)..minutes(end_millis) {
        let date = iso_8601(minute * MINUTE_MILLIS);
        let time = date.get(11..16).unwrap_or_default();
        let _ = writeln!(
            text,
            "#EXT-X-DATERANGE:ID=\"minute-{minute}\",CLASS=\"org.videosphere.minute\",\
             START-DATE=\"{date}\",DURATION=5,X-TEXT=\"{time} UTC\""
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_full_minute_is_told_once() {
        assert_eq!(events(60_001, 119_999), "");
        assert_eq!(
            events(119_000, 121_000),
            "#EXT-X-DATERANGE:ID=\"minute-2\",CLASS=\"org.videosphere.minute\",\
             START-DATE=\"1970-01-01T00:02:00.000Z\",DURATION=5,X-TEXT=\"00:02 UTC\"\n"
        );
        // Windows that follow one another share none.
        assert_eq!((events(0, 60_000) + &events(60_000, 120_001)).lines().count(), 3);
        assert!(CAPTIONS.contains(&format!("GROUP-ID=\"{CAPTIONS_GROUP}\"")));
    }
}
