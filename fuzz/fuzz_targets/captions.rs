//! Caption data of any bytes: nothing panics, and what is said of cues makes sense.
//!
//! In: pictures, each a step in time (a signed byte, hundredths of a second), how late it is decoded against the
//! one before, a count of triplets, and these. Judged: a cue is shown before it ends and ends once, no earlier
//! than it began; its text and their number are bounded; a reset ends all.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere_tracks::captions::{CaptionEvent, Captions, Channel};

/// Four channels of 15 rows apart, 63 services of eight windows.
const MAX_OPEN: usize = 4 * 8 + 63 * 8;

fuzz_target!(|input: &[u8]| {
    let mut captions = Captions::new();
    let mut open: Vec<(u32, Channel, f64)> = Vec::new();
    let mut found: Vec<Channel> = Vec::new();
    let (mut pts_secs, mut decode_secs) = (0.0, 0.0);
    let mut rest = input;
    while let [step, count, tail @ ..] = rest {
        let len = usize::from(count & 0x1f) * 3;
        let (triplets, tail) = tail.split_at(len.min(tail.len()));
        rest = tail;
        pts_secs += f64::from(*step as i8) / 100.0;
        decode_secs = f64::max(decode_secs, pts_secs - f64::from(count >> 5) / 25.0);
        captions.push(pts_secs, decode_secs, triplets);
        take(&mut captions, &mut open, &mut found);
    }
    captions.flush();
    take(&mut captions, &mut open, &mut found);
    captions.reset(pts_secs);
    take(&mut captions, &mut open, &mut found);
    assert!(open.is_empty(), "a reset ends all: {open:?}");
});

fn take(captions: &mut Captions, open: &mut Vec<(u32, Channel, f64)>, found: &mut Vec<Channel>) {
    while let Some(event) = captions.poll() {
        match event {
            CaptionEvent::Found(channel) => {
                assert!(!found.contains(&channel), "said once");
                found.push(channel);
            }
            CaptionEvent::Shown { channel, number, cue } => {
                assert!(found.contains(&channel) && cue.end_secs.is_none());
                assert!(cue.start_secs.is_finite() && cue.lines.len() <= 15);
                let text = cue.text();
                assert!(!text.trim().is_empty() && text.chars().count() <= 15 * 64, "{text}");
                match open.iter().find(|(known, ..)| *known == number) {
                    Some(known) => assert_eq!(*known, (number, channel, cue.start_secs)),
                    None => open.push((number, channel, cue.start_secs)),
                }
            }
            CaptionEvent::Ended { channel, number, end_secs } => {
                let index = open.iter().position(|(known, ..)| *known == number);
                let (_, owner, start_secs) = open.remove(index.expect("one that is shown"));
                assert!(owner == channel && end_secs >= start_secs, "{start_secs} to {end_secs}");
            }
        }
    }
    assert!(open.len() <= MAX_OPEN);
}
