//! Samples of fMP4: the packager's tracks of `en.vtt`, and what breaks them.

use crate::{fixture, shown};
use videosphere_tracks::cue::Cue;
use videosphere_tracks::text::Error;
use videosphere_tracks::text::cue_list::CueList;
use videosphere_tracks::text::mp4::{SampleTime, stpp_cues, wvtt_cues};
use videosphere_tracks::text::webvtt::{self, Header, parse_header};

const TIME: SampleTime = SampleTime { start_secs: 10.0, duration_secs: 2.0 };

/// Samples of a segment of one fragment, at 1000 ticks a second, as the packager writes it: durations and
/// sizes are of the samples, or of `tfhd`.
fn samples(segment: &[u8]) -> Vec<(SampleTime, Vec<u8>)> {
    let at = |kind: &[u8]| {
        segment.windows(4).position(|it| it == kind).unwrap_or_else(|| panic!("no {kind:?}")) + 4
    };
    let number = |at: usize| u32::from_be_bytes(segment[at..at + 4].try_into().expect("a number"));
    let (tfhd, tfdt, trun) = (at(b"tfhd"), at(b"tfdt"), at(b"trun"));
    let mut start = number(tfdt + if segment[tfdt] == 1 { 8 } else { 4 });
    let is_each = number(trun) & 0x300 == 0x300;
    let mut body = at(b"mdat");
    let mut samples = Vec::new();
    for index in 0..number(trun + 4) as usize {
        let said = if is_each { trun + 12 + index * 8 } else { tfhd + 12 };
        let (duration, len) = (number(said), number(said + 4));
        let secs = |ticks: u32| f64::from(ticks) / 1000.0;
        let time = SampleTime { start_secs: secs(start), duration_secs: secs(duration) };
        samples.push((time, segment[body..body + len as usize].to_vec()));
        start += duration;
        body += len as usize;
    }
    samples
}

/// All segments of a track, in an order.
fn track(name: &str, order: [u32; 6], read: impl Fn(&[u8], SampleTime) -> Vec<Cue>) -> Vec<String> {
    let mut list = CueList::default();
    let mut changes = Vec::new();
    for number in order {
        for (time, sample) in samples(&fixture(&format!("{name}_{number}.m4s"))) {
            read(&sample, time).into_iter().for_each(|cue| list.add(cue, &mut changes));
        }
    }
    shown(list.iter().map(|(_, cue)| cue))
}

const ORDERS: [[u32; 6]; 3] = [[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [3, 1, 5, 2, 6, 4]];

#[test]
fn wvtt_is_the_file_it_was_made_of() {
    let whole = webvtt::parse(&fixture("en.vtt")).expect("WebVTT");
    let header = Header::default();
    for order in ORDERS {
        let cues =
            track("wvtt", order, |sample, time| wvtt_cues(&header, sample, time).expect("cues"));
        assert_eq!(cues, shown(&whole.cues), "{order:?}");
    }
}

#[test]
fn stpp_is_the_file_it_was_made_of() {
    // The packager writes the tags and references of WebVTT out as text.
    let expected = [
        "0.500 2.500 First <i>cue</i> &amp; one",
        "3.000 5.000 <v Ann>Second cue|two lines</v>",
        "5.500 8.500 Crosses a segment <c.red>border</c>",
        "9.000 11.500 Last cue",
    ];
    for order in ORDERS {
        let cues = track("stpp", order, |sample, time| stpp_cues(sample, time).expect("cues"));
        assert_eq!(cues, expected, "{order:?}");
    }
}

fn boxed(kind: &str, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).expect("small").to_be_bytes();
    [&size[..], kind.as_bytes(), body].concat()
}

fn wvtt(boxes: &[Vec<u8>]) -> Result<Vec<Cue>, Error> {
    let header = parse_header(b"WEBVTT\n\nSTYLE\n::cue(#a) { color: red }\n").expect("a header");
    wvtt_cues(&header, &boxes.concat(), TIME)
}

#[test]
fn every_box_of_a_wvtt_cue() {
    let first = [
        boxed("vsid", &[0; 4]),
        boxed("iden", b"a"),
        boxed("ctim", b"00:00:05.000"),
        boxed("sttg", b"align:left"),
        boxed("payl", b"one <00:06.000>two\0"),
    ];
    let cues = wvtt(&[
        boxed("vttc", &first.concat()),
        boxed("vtta", b"NOTE"),
        boxed("vttc", &boxed("payl", b"other")),
    ]);
    let cues = cues.expect("cues");
    assert_eq!(shown(&cues), ["10.000 12.000 one two", "10.000 12.000 other"]);
    assert_eq!(cues[0].id, "a");
    assert!(cues[0].placement.text_align.is_some());
    let spans = &cues[0].lines[0].spans;
    assert!(spans[0].style.color.is_some() && cues[1].lines[0].spans[0].style.color.is_none());
    // A second behind what was 5 s in the file, and is 10 s of the media.
    assert_eq!(spans[1].from_secs, Some(11.0));
}

#[test]
fn samples_without_cues() {
    assert_eq!(wvtt(&[]), Ok(vec![]));
    assert_eq!(wvtt(&[boxed("vtte", b"")]), Ok(vec![]));
    assert_eq!(wvtt(&[boxed("free", &[1; 9])]), Ok(vec![]));
}

#[test]
fn damaged_samples_are_refused() {
    let good = boxed("vttc", &boxed("payl", b"a"));
    let mut long = good.clone();
    long[3] += 1;
    let mut short = good.clone();
    short[3] = 7;
    let mut long_inside = good.clone();
    long_inside[11] += 1;
    let cut = good[..good.len() - 1].to_vec();
    for damaged in [long, short, long_inside, cut, vec![0; 5]] {
        assert_eq!(wvtt(std::slice::from_ref(&damaged)), Err(Error::CutSample), "{damaged:?}");
    }
    assert!(Error::CutSample.to_string().contains("cut"));
    assert_eq!(wvtt(&[boxed("free", &vec![0; 5 << 20])]), Err(Error::TooLarge));
    assert_eq!(wvtt(&vec![good; 1000]).map(|cues| cues.len()), Ok(100));
    assert_eq!(stpp_cues(b"", TIME), Err(Error::NotTtml));
}

#[test]
fn documents_that_count_from_their_sample() {
    let document = |begin: &str, end: &str| {
        let text = format!("<tt><body><div><p begin='{begin}' end='{end}'>a</p></div></body></tt>");
        shown(&stpp_cues(text.as_bytes(), TIME).expect("cues"))
    };
    assert_eq!(document("10.5s", "11s"), ["10.500 11.000 a"]);
    assert_eq!(document("9s", "15s"), ["9.000 15.000 a"]);
    assert_eq!(document("0.5s", "1s"), ["10.500 11.000 a"]);
    assert!(document("50s", "60s").is_empty());
    let untimed = b"<tt><body><div><p>a</p></div></body></tt>\0\xffimage";
    let cues = stpp_cues(untimed, TIME).expect("cues");
    assert_eq!(shown(&cues), ["10.000 12.000 a"]);
}
