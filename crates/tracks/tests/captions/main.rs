//! Captions in fMP4 of H.264 and HEVC, beside what hls.js and ffmpeg make of the same.

use std::io::Write as _;
use std::process::{Command, Stdio};

use videosphere_tracks::captions::{CaptionEvent, Captions, Channel};
use videosphere_tracks::fmp4::{Item, Reader};

/// Of a caption whose pictures were shown.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    channel: Channel,
    number: u32,
    start_secs: f64,
    end_secs: Option<f64>,
    text: String,
}

/// The bytes of a file in `tests/fixtures` of the repository.
fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a fixture")
}

/// Caption data in decoding order: presentation time, decode time, triplets.
fn caption_data(file: &[u8], chunk_len: usize) -> Vec<(f64, f64, Vec<u8>)> {
    let mut reader = Reader::new(file);
    let mut found = Vec::new();
    let mut give = |item: Item<'_>| {
        if let Item::CaptionData { pts_secs, decode_secs, triplets } = item {
            found.push((pts_secs, decode_secs, triplets.to_vec()));
        }
    };
    for chunk in file.chunks(chunk_len) {
        reader.push(chunk, &mut give);
    }
    reader.end_segment(&mut give);
    found
}

/// Every cue as it was last told, in the order they were first shown; and how long after its start, in caption
/// data, each was told.
fn decode(data: &[(f64, f64, Vec<u8>)]) -> Vec<Shown> {
    let mut captions = Captions::new();
    let mut cues: Vec<Shown> = Vec::new();
    let take = |captions: &mut Captions, cues: &mut Vec<Shown>| {
        while let Some(event) = captions.poll() {
            match event {
                CaptionEvent::Found(_) => {}
                CaptionEvent::Shown { channel, number, cue } => {
                    assert_eq!(cue.end_secs, None);
                    let text = cue.text();
                    let start_secs = cue.start_secs;
                    let shown = Shown { channel, number, start_secs, end_secs: None, text };
                    match cues.iter_mut().find(|known| known.number == number) {
                        Some(known) => *known = shown,
                        None => cues.push(shown),
                    }
                }
                CaptionEvent::Ended { number, end_secs, .. } => {
                    let cue = cues.iter_mut().find(|known| known.number == number);
                    cue.expect("one that was shown").end_secs = Some(end_secs);
                }
            }
        }
    };
    for (pts_secs, decode_secs, triplets) in data {
        captions.push(*pts_secs, *decode_secs, triplets);
        take(&mut captions, &mut cues);
    }
    captions.flush();
    take(&mut captions, &mut cues);
    cues
}

/// What hls.js makes of the first field: start, end, text.
fn hls_js(data: &[(f64, f64, Vec<u8>)]) -> Vec<(f64, f64, String)> {
    let mut data = data.to_vec();
    data.sort_by(|a, b| a.0.total_cmp(&b.0));
    let pairs = data.iter().map(|(pts_secs, _, triplets)| {
        let field = triplets.chunks(3).filter(|triplet| triplet[0] == 0xfc);
        let bytes: Vec<u8> = field.flat_map(|triplet| triplet[1..].to_vec()).collect();
        format!("[{pts_secs}, {bytes:?}]")
    });
    let input = format!("[{}]", pairs.collect::<Vec<_>>().join(","));
    let mut node = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captions/peer.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node");
    let mut stdin = node.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).expect("node takes it");
    drop(stdin);
    let output = node.wait_with_output().expect("node ends");
    assert!(output.status.success(), "npm ci was run");
    let output = String::from_utf8(output.stdout).expect("text");
    let cues = output.trim_start_matches("[[").trim_end_matches("]]").split("],[");
    cues.map(|cue| {
        let mut fields = cue.splitn(3, ',');
        let mut next = || fields.next().expect("three fields");
        let (start, end) = (next().parse(), next().parse());
        let text = next().trim_matches('"').replace("\\n", "\n");
        (start.expect("seconds"), end.expect("seconds"), text)
    })
    .collect()
}

/// `ffmpeg -f lavfi -i movie=cc.mp4[out+subcc] -map 0:1 -c:s srt -f srt -` of the file that the fixture was cut
/// from, without markup.
const BY_FFMPEG: [&str; 5] = [
    "HELLO POP-ON\nline 2 ♪ italic",
    "ROLL ONE",
    "ROLL ONE\nROLL TWO",
    "ROLL TWO\nROLL THREE",
    "PAINT ON",
];

fn of_channel(cues: &[Shown], channel: Channel) -> Vec<Shown> {
    cues.iter().filter(|cue| cue.channel == channel).cloned().collect()
}

#[test]
fn cea_608_begins_and_ends_when_hls_js_says_and_reads_as_ffmpeg_says() {
    for (name, count) in [("captions_h264.mp4", 5), ("captions_hevc.mp4", 3)] {
        let data = caption_data(&fixture(name), usize::MAX);
        let cues = of_channel(&decode(&data), Channel::Cc(1));
        let texts: Vec<_> = cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(texts, BY_FFMPEG[..count], "{name}");
        // hls.js knows nothing of a cue that has not ended.
        let ended = cues.iter().filter_map(|cue| Some((cue.start_secs, cue.end_secs?)));
        let theirs: Vec<_> = hls_js(&data).iter().map(|(start, end, _)| (*start, *end)).collect();
        assert_eq!(ended.collect::<Vec<_>>(), theirs, "{name}");
        assert!(theirs.len() >= count - 1, "{name}");
    }
}

#[test]
fn a_cue_is_told_with_the_pictures_that_bring_it() {
    let data = caption_data(&fixture("captions_h264.mp4"), usize::MAX);
    let mut captions = Captions::new();
    let (mut numbers, mut last_pts_secs) = (Vec::new(), 0.0_f64);
    for (pts_secs, decode_secs, triplets) in &data {
        captions.push(*pts_secs, *decode_secs, triplets);
        last_pts_secs = last_pts_secs.max(*pts_secs);
        while let Some(event) = captions.poll() {
            if let CaptionEvent::Shown { number, cue, .. } = event
                && !numbers.contains(&number)
            {
                numbers.push(number);
                // So much more of the stream was there: pictures reordered over it, four of 40 ms.
                let late_secs = last_pts_secs - cue.start_secs;
                assert!(late_secs < 0.17, "{late_secs} s");
                assert!(decode_secs - cue.start_secs < 0.05, "as soon as it may be decoded");
            }
        }
    }
    assert_eq!(numbers.len(), 7);
}

/// Expected by CTA-708-E of the bytes that were written: DefineWindow and text at 1.0 s, 12 triplets a picture;
/// ClearWindows at 3.0; text at 3.4; DeleteWindows at 5.0. The first picture is shown at 0.08.
#[test]
fn cea_708_shows_what_its_commands_say() {
    let data = caption_data(&fixture("captions_h264.mp4"), usize::MAX);
    let cues = of_channel(&decode(&data), Channel::Service(1));
    let facts = cues.iter().map(|cue| (cue.start_secs, cue.end_secs, cue.text.as_str()));
    assert_eq!(
        facts.collect::<Vec<_>>(),
        [
            // A packet of 42 bytes, 21 triplets, ends in the second picture.
            (1.12, Some(3.08), "SEVEN OH EIGHT\nsecond row"),
            (3.48, Some(5.08), "WITH  G2"),
        ]
    );
}

#[test]
fn chunks_do_not_matter() {
    for name in ["captions_h264.mp4", "captions_hevc.mp4"] {
        let file = fixture(name);
        let whole = caption_data(&file, usize::MAX);
        assert!(whole.len() >= 150, "{name}");
        for chunk_len in [1, 2, 3, 7, 188, 1000] {
            assert_eq!(caption_data(&file, chunk_len), whole, "{name} in chunks of {chunk_len}");
        }
    }
}

/// Each byte of the headers and of the first samples turned over, one at a time: whatever comes, it ends.
#[test]
fn damage_costs_captions_and_nothing_else() {
    let file = fixture("captions_h264.mp4");
    let whole = caption_data(&file, usize::MAX).len();
    let mut fewer = 0;
    for at in (0..2400).chain(6000..6100) {
        let mut damaged = file.clone();
        damaged[at] ^= 0xff;
        let data = caption_data(&damaged, 997);
        decode(&data);
        fewer += usize::from(data.len() < whole);
    }
    assert!(fewer > 100, "some of it matters: {fewer}");
    for len in (0..file.len()).step_by(97) {
        decode(&caption_data(&file[..len], 1000));
    }
}
