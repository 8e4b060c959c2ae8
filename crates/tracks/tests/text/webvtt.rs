//! WebVTT by its rules (W3C WebVTT 6.1), and what breaks them.

use crate::{fixture, shown};
use videosphere_tracks::cue::{Align, Color, LinePosition};
use videosphere_tracks::text::Error;
use videosphere_tracks::text::cue_list::{Change, CueList};
use videosphere_tracks::text::webvtt::timestamp_map::{MediaClock, SegmentPlace, place};
use videosphere_tracks::text::webvtt::{parse, parse_header};

fn cues(text: &str) -> Vec<String> {
    shown(&parse(text.as_bytes()).expect("WebVTT").cues)
}

#[test]
fn a_file_with_everything() {
    let file = parse(&fixture("en.vtt")).expect("WebVTT");
    let texts = shown(&file.cues);
    assert_eq!(texts[0], "0.500 2.500 First cue & one");
    assert_eq!(texts[1], "3.000 5.000 Second cue|two lines");
    assert_eq!(texts[2], "5.500 8.500 Crosses a segment border");
    assert_eq!(texts[3], "9.000 11.500 Last cue");
    let first = &file.cues[0];
    assert_eq!(first.id, "1");
    assert_eq!(first.placement.line, LinePosition::Percent(10.0));
    assert_eq!(first.placement.text_align, Some(Align::Start));
    let yellow = Some(Color { red: 255, green: 255, blue: 0, alpha: 255 });
    let spans = &first.lines[0].spans;
    assert_eq!(spans[1].text, "cue");
    assert!(spans[1].style.is_italic && !spans[0].style.is_italic);
    assert!(spans.iter().all(|span| span.style.color == yellow));
    assert_eq!(file.cues[1].lines[1].spans[0].style.voice.as_deref(), Some("Ann"));
    let red = file.cues[2].lines[0].spans[1].style.color;
    assert_eq!(red, Some(Color { red: 255, green: 0, blue: 0, alpha: 255 }));
}

#[test]
fn headers_that_are_one() {
    for head in [
        "WEBVTT",
        "WEBVTT\n",
        "\u{feff}WEBVTT",
        "WEBVTT comment",
        "WEBVTT\tcomment\nmore",
        "WEBVTT\r\n",
    ] {
        assert_eq!(parse(head.as_bytes()).map(|file| file.cues.len()), Ok(0), "{head}");
    }
}

#[test]
fn headers_that_are_none() {
    for head in [
        "",
        "WEB",
        "webvtt",
        " WEBVTT",
        "\nWEBVTT",
        "WEBVTTx",
        "WEBVTT-",
        "1\n00:01.000 --> 00:02.000\na",
    ] {
        assert_eq!(parse(head.as_bytes()), Err(Error::NotWebVtt), "{head}");
        assert!(parse_header(head.as_bytes()).is_err());
    }
    assert_eq!(parse(&vec![b'W'; 5 << 20]), Err(Error::TooLarge));
    assert!(Error::NotWebVtt.to_string().contains("WEBVTT"));
}

#[test]
fn lines_end_in_every_way() {
    let text = "WEBVTT\n\n1\n00:01.000 --> 00:02.000\na\nb\n\n2\n00:03.000 --> 00:04.000\nc";
    let expected = ["1.000 2.000 a|b", "3.000 4.000 c"];
    assert_eq!(cues(text), expected);
    assert_eq!(cues(&text.replace('\n', "\r\n")), expected);
    assert_eq!(cues(&text.replace('\n', "\r")), expected);
    assert_eq!(cues(&text.replace("\n\n", "\n\n\n\n")), expected);
    assert_eq!(cues(&format!("\u{feff}{text}\n\n\n")), expected);
}

#[test]
fn blocks_that_are_no_cues() {
    let text = "WEBVTT - x\nKind: captions\n\nNOTE one\nmore\n\nNOTE\n\nSTYLE\n::cue { color: red }\n\n\
        REGION\nid:r\n\nan orphan\n\n00:01.000 --> 00:02.000 region:r\na\n\nNOTE a --> b\n\n\
        STYLE\n::cue { color: blue }\n\n00:02.000 --> 00:03.000\nb\n";
    let file = parse(text.as_bytes()).expect("WebVTT");
    assert_eq!(shown(&file.cues), ["1.000 2.000 a", "2.000 3.000 b"]);
    assert_eq!(file.cues[0].placement.region.as_ref().map(|it| it.id.as_str()), Some("r"));
    // Styles below the first cue do not count (6.1).
    let colors = file.cues.iter().map(|cue| cue.lines[0].spans[0].style.color);
    let red = Some(Color { red: 255, green: 0, blue: 0, alpha: 255 });
    assert!(colors.clone().all(|color| color == red), "{:?}", colors.collect::<Vec<_>>());
}

#[test]
fn a_cue_directly_below_the_header_or_another_cue() {
    assert_eq!(cues("WEBVTT\n00:01.000 --> 00:02.000\na"), ["1.000 2.000 a"]);
    let glued = "WEBVTT\n\n00:01.000 --> 00:02.000\na\n00:03.000 --> 00:04.000\nb";
    assert_eq!(cues(glued), ["1.000 2.000 a", "3.000 4.000 b"]);
    let glued = "WEBVTT\n\n00:01.000 --> 00:02.000\n00:03.000 --> 00:04.000\nb";
    assert_eq!(cues(glued), ["1.000 2.000 ", "3.000 4.000 b"]);
}

#[test]
fn damaged_cues_cost_themselves_alone() {
    for damaged in [
        "00:01.000 -> 00:02.000\na",
        "00:01.000 --> \na",
        "--> 00:02.000\na",
        "00:60.000 --> 00:61.000\na",
        "00:02.000 --> 00:02.000\na",
        "00:03.000 --> 00:02.000\na",
        "1\nx\n00:01.000\na",
        "00:01.000 --> 1:00\na",
        "x --> y",
        "<b>&amp;",
        "STYLE\n}}}{{{",
        "REGION\nid:\nwidth:x",
    ] {
        let text = format!("WEBVTT\n\n{damaged}\n\n00:05.000 --> 00:06.000\ngood\n");
        assert_eq!(cues(&text), ["5.000 6.000 good"], "{damaged}");
    }
    let dropped = parse(b"WEBVTT\n\n1 --> 2\na\n\n00:02.000 --> 00:01.000\nb").expect("WebVTT");
    assert_eq!(dropped.dropped_cues, 2);
}

#[test]
fn bytes_that_are_no_text() {
    let file = parse(b"WEBVTT\n\n00:01.000 --> 00:02.000\na\xff\0b\n").expect("WebVTT");
    assert_eq!(file.cues[0].text(), "a\u{fffd}\u{fffd}b");
}

#[test]
fn a_file_of_many_cues_is_cut_before_memory_is() {
    let cue = "00:01.000 --> 00:02.000\n".to_owned() + &"<c.a.b.c.d.e.f.g.h>x</c>y".repeat(300);
    let text = format!("WEBVTT\n\n{}", format!("{cue}\n\n").repeat(300));
    let file = parse(text.as_bytes()).expect("WebVTT");
    let held: usize = file.cues.iter().map(|cue| cue.held_bytes()).sum();
    assert!(held < 20 << 20, "{held}");
    assert!(file.dropped_cues > 0);
    assert_eq!(file.cues.len() + file.dropped_cues as usize, 300);
}

/// The packager's segments, which begin at 9000 ticks, in any order: the cues of the whole file.
#[test]
fn segments_make_the_whole_file() {
    let whole = parse(&fixture("en.vtt")).expect("WebVTT");
    for order in [[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [3, 6, 1, 4, 2, 5], [2, 2, 1, 3, 5, 6]] {
        let mut list = CueList::default();
        let mut changes = Vec::new();
        for number in order {
            let mut file = parse(&fixture(&format!("en_{number}.vtt"))).expect("WebVTT");
            let clock = Some(MediaClock { mpegts_ticks: 9_000 + 90_000, presentation_secs: 1.0 });
            let start_secs = f64::from(number - 1) * 2.0;
            let segment = SegmentPlace { start_secs, duration_secs: 2.0, clock };
            place(&mut file.cues, file.timestamp_map, &segment);
            file.cues.into_iter().for_each(|cue| list.add(cue, &mut changes));
        }
        assert_eq!(shown(list.iter().map(|(_, cue)| cue)), shown(&whole.cues), "{order:?}");
        assert_eq!(changes.len(), whole.cues.len(), "{changes:?}");
        assert!(changes.iter().all(|change| matches!(change, Change::Added(_))));
    }
}

#[test]
fn a_map_behind_a_blank_line_counts() {
    let text =
        "WEBVTT\n\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\na";
    let file = parse(text.as_bytes()).expect("WebVTT");
    assert_eq!(file.timestamp_map.map(|map| map.mpegts_ticks), Some(900_000));
    let text = text.replace("\n\nX-", "\nother: x\nX-");
    let file = parse(text.as_bytes()).expect("WebVTT");
    assert_eq!(file.timestamp_map.map(|map| map.mpegts_ticks), Some(900_000));
}
