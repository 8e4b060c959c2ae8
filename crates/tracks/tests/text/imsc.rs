//! IMSC by its rules (TTML 2, IMSC 1.2), and what breaks them.

use crate::{fixture, shown};
use videosphere_tracks::cue::{Align, Color, Cue, Writing};
use videosphere_tracks::text::Error;
use videosphere_tracks::text::imsc::{Document, parse};

fn document(attributes: &str, head: &str, body: &str) -> Document {
    let text = format!("<tt {attributes}><head>{head}</head>{body}</tt>");
    parse(text.as_bytes()).expect("a document")
}

fn body(body: &str) -> Vec<String> {
    shown(&document("", "", body).cues)
}

fn color(red: u8, green: u8, blue: u8) -> Option<Color> {
    Some(Color { red, green, blue, alpha: 255 })
}

#[test]
fn a_document_with_a_region_and_a_style() {
    let document = parse(&fixture("en.ttml")).expect("a document");
    assert_eq!(document.damage, None);
    let expected = [
        "0.500 2.500 First cue|second line",
        "3.000 5.000 Second & cue",
        "5.480 8.500 Third, by frames",
    ];
    assert_eq!(shown(&document.cues), expected);
    let first = &document.cues[0];
    let region = first.placement.region.as_ref().expect("a region");
    assert_eq!((region.viewport_anchor_percent, region.width_percent), ((10.0, 80.0), 80.0));
    assert_eq!((region.height_percent, region.display_align), (Some(15.0), Align::End));
    assert_eq!(first.placement.text_align, Some(Align::Center));
    let spans = &first.lines[0].spans;
    assert!(spans[1].style.is_italic && !spans[0].style.is_italic);
    assert!(spans.iter().all(|span| span.style.color == color(255, 255, 0)));
    assert_eq!(spans[0].style.language.as_deref(), Some("en"));
    assert_eq!(spans[0].style.size_ratio, None);
}

#[test]
fn styles_by_reference_nested_and_inline() {
    let document = parse(&fixture("wide.ttml")).expect("a document");
    let [bottom, top, plain] = &document.cues[..] else { panic!("{document:?}") };
    let spans = &bottom.lines[0].spans;
    assert_eq!(spans[0].style.color, color(0, 255, 255));
    assert_eq!(spans[0].style.background.map(|color| color.alpha), Some(0xc0));
    assert!(spans[1].style.is_bold && spans[1].style.background.is_some());
    let world = &bottom.lines[1].spans[0];
    assert_eq!((world.style.color, world.style.background), (color(255, 255, 255), None));
    // `ann` refers to `base`: four fifths of the body's four fifths.
    assert_eq!(world.style.size_ratio, Some(0.8));
    assert!(spans[0].style.size_ratio.is_some_and(|ratio| (ratio - 0.64).abs() < 1e-6));
    let region = top.placement.region.as_ref().expect("a region");
    assert_eq!((region.viewport_anchor_percent, region.width_percent), ((10.0, 10.0), 80.0));
    assert_eq!(region.height_percent, Some(20.0));
    assert!(top.lines[0].spans[0].style.is_italic);
    assert_eq!(plain.text(), "a  b");
}

#[test]
fn times_count_from_what_is_around() {
    let nested = "<body begin='10s'><div begin='5s' end='20s'><p begin='1s' dur='2s'>a</p>\
        <p begin='10s'>b</p><p>c</p></div></body>";
    assert_eq!(body(nested), ["16.000 18.000 a", "25.000 30.000 b", "15.000 30.000 c"]);
    let row = "<body><div timeContainer='seq'><p dur='2s'>a</p><p begin='1s' dur='2s'>b</p>\
        <p end='1s'>c</p></div></body>";
    assert_eq!(body(row), ["0.000 2.000 a", "3.000 5.000 b", "5.000 6.000 c"]);
    assert_eq!(body("<body><div><p>for ever</p></div></body>"), ["0.000 inf for ever"]);
}

#[test]
fn spans_with_times_of_their_own() {
    let timed = "<body><div><p begin='1s' end='9s'><span begin='0s' end='4s'>one </span>\
        <span begin='2s' end='6s'>two</span></p></div></body>";
    assert_eq!(body(timed), ["1.000 3.000 one", "3.000 5.000 one two", "5.000 7.000 two"]);
    let untimed = "<body><div><p><span begin='1s' end='2s'>a</span><br/>\
        <span begin='3s' end='4s'>b</span></p></div></body>";
    assert_eq!(body(untimed), ["1.000 2.000 a", "3.000 4.000 |b"]);
}

#[test]
fn white_space() {
    let text = |space: &str, text: &str| {
        body(&format!("<body><div><p end='1s' xml:space='{space}'>{text}</p></div></body>"))
    };
    let spaced = "\n  a <span> b</span>\n c <br/> d\t";
    assert_eq!(text("default", spaced), ["0.000 1.000 a b c|d"]);
    assert_eq!(text("preserve", " a  b\nc "), ["0.000 1.000  a  b|c"]);
    assert!(text("default", " \n ").is_empty());
    assert!(text("default", "").is_empty());
}

#[test]
fn ruby_stands_above_its_base() {
    let ruby = "<body><div><p end='1s'>x<span tts:ruby='container'>\n\
        <span tts:ruby='base'>漢</span><span tts:ruby='delimiter'>(</span>\
        <span tts:ruby='text'>かん</span></span>y<span tts:ruby='container'>\
        <span tts:ruby='baseContainer'><span tts:ruby='base'>東</span><span tts:ruby='base'>京\
        </span></span><span tts:ruby='textContainer'><span tts:ruby='text'>とう</span>\
        <span tts:ruby='text'>きょう</span></span></span></p></div></body>";
    let document = document("", "", ruby);
    let spans = &document.cues[0].lines[0].spans;
    let shown: Vec<_> =
        spans.iter().map(|span| (span.text.as_str(), span.style.ruby.as_deref())).collect();
    let expected = [
        ("x", None),
        ("漢", Some("かん")),
        ("y", None),
        ("東", Some("とう")),
        ("京", Some("きょう")),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn lengths_and_places() {
    let placed = |attributes: &str| -> Cue {
        let head = format!("<layout><region xml:id='r' {attributes}/></layout>");
        let body = "<body><div><p region='r' end='1s'>a</p></div></body>";
        let tt = "tts:extent='1280px 720px' ttp:cellResolution='40 24'";
        document(tt, &head, body).cues.remove(0)
    };
    let region = |attributes| {
        let region = placed(attributes).placement.region.expect("a region");
        (region.viewport_anchor_percent, region.width_percent, region.height_percent)
    };
    assert_eq!(region(""), ((0.0, 0.0), 100.0, Some(100.0)));
    let pixels = region("tts:origin='128px 72px' tts:extent='640px 360px'");
    assert_eq!(pixels, ((10.0, 10.0), 50.0, Some(50.0)));
    assert_eq!(region("tts:origin='4c 6c' tts:extent='20c 12c'"), ((10.0, 25.0), 50.0, Some(50.0)));
    let bottom = region("tts:position='center bottom' tts:extent='80% 20%'");
    assert_eq!(bottom, ((10.0, 80.0), 80.0, Some(20.0)));
    assert_eq!(region("tts:origin='x' tts:extent='10%'"), ((0.0, 0.0), 100.0, Some(100.0)));
    let size = |value: &str| {
        let cue = placed(&format!("tts:fontSize='{value}'"));
        cue.lines[0].spans[0].style.size_ratio
    };
    assert_eq!(size("150%"), Some(1.5));
    assert_eq!(size("2c"), Some(2.0));
    assert_eq!(size("60px"), Some(2.0));
    assert_eq!(size("100% 50%"), Some(0.5));
    assert_eq!(size("1c"), None);
    assert_eq!(size("big"), None);
    let vertical = placed("tts:writingMode='tbrl' tts:textAlign='end' tts:backgroundColor='red'");
    assert_eq!(vertical.placement.writing, Writing::VerticalRightToLeft);
    assert_eq!(vertical.placement.text_align, Some(Align::End));
    let background = vertical.placement.region.and_then(|region| region.background);
    assert_eq!(background, color(255, 0, 0));
    // A region's background is behind it, not once more behind its text.
    assert_eq!(vertical.lines[0].spans[0].style.background, None);
}

#[test]
fn what_is_hidden_or_foreign_is_left_out() {
    let foreign = "<body><metadata><p end='1s'>no</p></metadata><div><p end='1s'>a<set/>\
        <span tts:display='none'>no</span><ttm:desc>no</ttm:desc>b<image><span>no</span></image>\
        </p><p tts:visibility='hidden'>no</p><x><p>no</p></x></div></body>";
    assert_eq!(body(foreign), ["0.000 1.000 ab"]);
}

#[test]
fn damage_costs_itself_alone() {
    for damaged in [
        "<p begin='x' end='1s'>no</p>",
        "<p begin='2s' end='1s'>no</p>",
        "<p end='1s' region='none' style='none x'>good</p>",
        "<p end='1s' tts:color='blurple' tts:fontSize='' tts:origin='1' tts:ruby='x'>good</p>",
        "<br/><span>no</span>",
    ] {
        let text = format!("<body><div>{damaged}<p begin='5s' end='6s'>good</p></div></body>");
        let document = document("", "", &text);
        assert!(!document.cues.is_empty(), "{damaged}");
        assert!(document.cues.iter().all(|cue| cue.text() == "good"), "{damaged}");
    }
    let cut = "<tt><body><div><p end='1s'>a</p><p end='2s'>b";
    let cut = parse(cut.as_bytes()).expect("a document");
    assert_eq!(shown(&cut.cues), ["0.000 1.000 a"]);
    assert!(matches!(cut.damage, Some(Error::MalformedXml { at_byte: 45 })), "{:?}", cut.damage);
}

#[test]
fn what_is_refused() {
    let refused = |text: &str| parse(text.as_bytes()).expect_err(text);
    assert_eq!(refused(""), Error::NotTtml);
    assert_eq!(refused("WEBVTT"), Error::NotTtml);
    assert_eq!(refused("<html><body/></html>"), Error::NotTtml);
    assert_eq!(refused("<!DOCTYPE tt><tt/>"), Error::DoctypeDeclared);
    assert_eq!(refused(&format!("<tt>{}", "<a>".repeat(100))), Error::TooDeep);
    assert!(matches!(refused("<tt><body></tt>"), Error::MalformedXml { .. }));
    assert_eq!(parse(&vec![b' '; 5 << 20]), Err(Error::TooLarge));
    for error in [Error::NotTtml, Error::DoctypeDeclared, Error::TooDeep, Error::TooLarge] {
        assert!(error.to_string().starts_with("the subtitle"));
    }
}

#[test]
fn utf_16_and_a_byte_order_mark() {
    let text = "<tt><body><div><p end='1s'>ä</p></div></body></tt>";
    let little: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> =
        [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [little, big, marked] {
        assert_eq!(parse(&bytes).map(|it| shown(&it.cues)), Ok(vec!["0.000 1.000 ä".to_owned()]));
    }
}

#[test]
fn what_a_document_holds_is_bounded() {
    let style = |index: usize| format!("<style xml:id='s{index}' style='s{} s{0}'/>", index + 1);
    let styles: String = (0..300).map(style).collect();
    let spans = "<span style='s0'>a<br/></span>".repeat(10_000);
    let head = format!("<styling>{styles}</styling>");
    let cue = document("", &head, &format!("<body><div><p end='1s'>{spans}</p></div></body>"));
    assert!(cue.cues[0].lines.len() <= 256);
    assert_eq!(cue.cues[0].text().matches('a').count(), 10_000);
    let times = (1..2_000).map(|at| format!("<span begin='{at}s'>a</span>")).collect::<String>();
    let timed = document("", "", &format!("<body><div><p>{times}</p></div></body>"));
    assert!(timed.cues.len() <= 129, "{}", timed.cues.len());
}
