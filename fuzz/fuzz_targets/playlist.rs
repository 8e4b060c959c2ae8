//! Successive loads of one playlist, merged into a timeline.
//!
//! In: bytes, cut into loads at each NUL. Judged: no panic; numbers without holes, times finite and
//! in order. Memory is bounded by the command line's limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere::playlist::timeline::Timeline;
use videosphere::playlist::{ParseOptions, Playlist, parse_bytes};

fuzz_target!(|data: &[u8]| {
    let variables = [("auth".to_owned(), "t".to_owned())];
    let options =
        ParseOptions { url: "https://h/d/m.m3u8?session=s", imported_variables: &variables };
    let mut timelines = [Timeline::new(), Timeline::new()];
    for (index, body) in data.split(|byte| *byte == 0).take(16).enumerate() {
        let Ok(Playlist::Media(playlist)) = parse_bytes(body, options) else { continue };
        // Every third load belongs to another variant, placed beside the first.
        let [main, other] = &mut timelines;
        let (timeline, reference) = if index % 3 == 2 { (other, main) } else { (main, other) };
        timeline.merge(playlist, Some(reference));
        check(timeline);
        if let Some(placed) = timeline.segments().get(body.len() % 5).cloned() {
            let number = placed.segment.media_sequence;
            let _ = timeline.whole_segment(number).map(|it| reference.piece_after_foreign(&it));
            timeline.correct_start(number, placed.start_secs - 0.3, placed.end_secs + 0.4);
            check(timeline);
        }
    }
});

fn check(timeline: &Timeline) {
    let segments = timeline.segments();
    for pair in segments.windows(2) {
        assert_eq!(pair[0].segment.media_sequence + 1, pair[1].segment.media_sequence);
        assert!(pair[0].start_secs <= pair[1].start_secs && pair[0].end_secs <= pair[1].end_secs);
    }
    for placed in segments {
        assert!(placed.start_secs.is_finite() && placed.end_secs.is_finite());
        assert!(placed.start_secs <= placed.end_secs);
        assert_eq!(timeline.segment(placed.segment.media_sequence), Some(placed));
    }
    let _ =
        (timeline.live_secs(None), timeline.preferred_start_secs(), timeline.zero_unix_millis());
    let mut piece = timeline.piece_at(timeline.live_secs(None).unwrap_or(0.0));
    for _ in 0..100 {
        piece = piece.and_then(|piece| timeline.piece_after(&piece));
    }
    let _ = timeline.segment_at((timeline.start_secs() + timeline.end_secs()) / 2.0);
}
