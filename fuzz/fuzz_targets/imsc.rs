//! IMSC of any bytes: a document, and a sample of fMP4.
//!
//! In: bytes. Judged: nothing panics; cues are in order within themselves and bounded; comments between
//! lines do not matter. Memory is bounded by the command line's limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere_tracks::Cue;
use videosphere_tracks::text::imsc::parse;
use videosphere_tracks::text::mp4::{SampleTime, stpp_cues};

const MAX_HELD_BYTES: usize = 32 << 20;

fuzz_target!(|body: &[u8]| {
    if let Ok(document) = parse(body) {
        check(&document.cues);
        let marked = [b"\xef\xbb\xbf<!-- > --><?x?>", body].concat();
        let is_marked = body.starts_with(&[0xef]) || body.starts_with(&[0xff]);
        if !is_marked && !body.starts_with(&[0xfe]) {
            assert_eq!(parse(&marked).map(|document| document.cues), Ok(document.cues));
        }
    }
    let time = SampleTime { start_secs: 4.0, duration_secs: 2.0 };
    if let Ok(cues) = stpp_cues(body, time) {
        check(&cues);
        assert!(cues.iter().all(|cue| cue.start_secs < 6.0 && cue.end_secs > Some(4.0)));
    }
});

fn check(cues: &[Cue]) {
    for cue in cues {
        let end_secs = cue.end_secs.unwrap_or(f64::INFINITY);
        assert!(cue.start_secs.is_finite() && end_secs > cue.start_secs, "{cue:?}");
        assert!(cue.lines.iter().any(|line| !line.spans.is_empty()), "{cue:?}");
        let spans = cue.lines.iter().flat_map(|line| &line.spans);
        let ratios = spans.filter_map(|span| span.style.size_ratio);
        assert!(ratios.into_iter().all(|ratio| (0.1..=10.0).contains(&ratio)), "{cue:?}");
    }
    assert!(cues.iter().map(Cue::held_bytes).sum::<usize>() < MAX_HELD_BYTES);
}
