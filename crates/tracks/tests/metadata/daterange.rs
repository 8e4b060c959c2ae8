//! EXT-X-DATERANGE: the sample's ranges, ends, interstitials, and damage.

use crate::{fixture, number, shown};
use videosphere_tracks::metadata::daterange::{DateRange, INTERSTITIAL_CLASS, SCHEME, events};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_ranges_of_a_stream() {
    let view = pairs(&[("X-YAW", "90"), ("X-TITLE", "Look right")]);
    let section = "0xFC302F000000000000FFFFF014054800008F7FEFFE7369C02EFE0052CCF500000000000A0008435545490000013562DBA30A";
    let advert = pairs(&[("SCTE35-OUT", section)]);
    let interstitial = pairs(&[
        ("X-ASSET-URI", "../aes128/v.m3u8"),
        ("X-RESUME-OFFSET", "0"),
        ("X-RESTRICT", "SKIP,JUMP"),
    ]);
    let range = DateRange::default();
    let ranges = [
        DateRange {
            id: "view1",
            class: Some("com.example.view"),
            start_secs: 1.5,
            duration_secs: Some(2.0),
            attributes: &view,
            ..range
        },
        DateRange {
            id: "ad1",
            start_secs: 4.0,
            planned_duration_secs: Some(4.0),
            attributes: &advert,
            ..range
        },
        DateRange {
            id: "int1",
            class: Some(INTERSTITIAL_CLASS),
            start_secs: 8.0,
            end_secs: Some(10.0),
            attributes: &interstitial,
            ..range
        },
    ];
    let events = events(&ranges);
    assert!(events.iter().all(|event| event.scheme == SCHEME));
    let [view, advert, interstitial] = &events[..] else { panic!("{events:?}") };
    assert_eq!((view.id.as_str(), view.start_secs, view.end_secs), ("view1", 1.5, Some(3.5)));
    let expected = r#"CLASS="com.example.view" X-YAW="90" X-TITLE="Look right""#;
    assert_eq!(shown(&view.fields), expected);
    assert_eq!((advert.start_secs, advert.end_secs), (4.0, None));
    assert_eq!(number(&advert.fields, &["PLANNED-DURATION"]), Some(4.0));
    assert_eq!(number(&advert.fields, &["SCTE35-OUT", "pts_time"]), Some(1_936_310_318.0));
    assert_eq!(advert.data, fixture("splice_insert.scte35"));
    assert_eq!(interstitial.end_secs, Some(10.0));
    let expected = r#"CLASS="com.apple.hls.interstitial" X-ASSET-URI="../aes128/v.m3u8" X-RESUME-OFFSET=0 X-RESTRICT=[SKIP=true JUMP=true]"#;
    assert_eq!(shown(&interstitial.fields), expected);
}

#[test]
fn what_an_interstitial_may_say() {
    let said = pairs(&[
        ("X-ASSET-LIST", "https://a.example/list"),
        ("X-RESUME-OFFSET", "-1.5"),
        ("X-PLAYOUT-LIMIT", "30"),
        ("X-SNAP", "OUT, IN"),
        ("CUE", "PRE,ONCE"),
        ("X-CONTENT-MAY-VARY", "NO"),
        ("X-TIMELINE-OCCUPIES", "RANGE"),
        ("X-TIMELINE-STYLE", "HIGHLIGHT"),
        ("X-SKIP-CONTROL-OFFSET", "5"),
        ("X-SKIP-CONTROL-DURATION", "2.5"),
    ]);
    let class = Some(INTERSTITIAL_CLASS);
    let events = events(&[DateRange { class, attributes: &said, ..DateRange::default() }]);
    let expected = r#"CLASS="com.apple.hls.interstitial" X-ASSET-LIST="https://a.example/list" X-RESUME-OFFSET=-1.5 X-PLAYOUT-LIMIT=30 X-SNAP=[OUT=true IN=true] CUE=[PRE=true ONCE=true] X-CONTENT-MAY-VARY=false X-TIMELINE-OCCUPIES="RANGE" X-TIMELINE-STYLE="HIGHLIGHT" X-SKIP-CONTROL-OFFSET=5 X-SKIP-CONTROL-DURATION=2.5"#;
    assert_eq!(shown(&events[0].fields), expected);
}

#[test]
fn a_range_may_end_when_the_next_begins() {
    let on_next = pairs(&[("END-ON-NEXT", "YES")]);
    let range = |class, start_secs| DateRange {
        class,
        start_secs,
        attributes: &on_next,
        ..DateRange::default()
    };
    let (a, b) = (Some("a"), Some("b"));
    let said = DateRange { duration_secs: Some(1.0), ..range(a, 1.0) };
    let ranges =
        [range(a, 9.0), range(b, 2.0), range(a, 5.0), range(a, 1.0), range(None, 3.0), said];
    let ends: Vec<_> = events(&ranges).iter().map(|event| event.end_secs).collect();
    assert_eq!(ends, [None, None, Some(9.0), Some(5.0), None, Some(2.0)]);
}

#[test]
fn what_cannot_be_read_stays_text() {
    let damaged = pairs(&[
        ("SCTE35-CMD", "0xFC3"),
        ("SCTE35-IN", "FC30"),
        ("SCTE35-OUT", "0xFC00"),
        ("X-RESUME-OFFSET", "soon"),
        ("END-ON-NEXT", "MAYBE"),
        ("X-SNAP", ""),
    ]);
    let events = events(&[DateRange { attributes: &damaged, ..DateRange::default() }]);
    let expected = r#"SCTE35-CMD="0xFC3" SCTE35-IN="FC30" SCTE35-OUT=[error="the metadata are cut: they end before they should" section=[fc00]] X-RESUME-OFFSET="soon" END-ON-NEXT="MAYBE" X-SNAP=[]"#;
    assert_eq!(shown(&events[0].fields), expected);
}
