//! One live list, loaded again and again, whole or as delta updates, from a server that may number
//! it anew, go back, or skip more than anybody knows.
//!
//! In: choices (`videosphere_fuzz::script`). Judged: numbers without holes or repetitions, places
//! finite and in order; what is known keeps its place while the server does nothing wrong; a delta
//! update says the same as the whole list, or that the whole list is needed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere::playlist::timeline::{Merge, Timeline, TimelineSegment};
use videosphere::playlist::{ParseOptions, Playlist, parse_bytes};
use videosphere_fuzz::list::{Kind, List};
use videosphere_fuzz::script::Script;

fuzz_target!(|input: &[u8]| {
    let mut script = Script::new(input);
    let mut list = List::new(Kind::Mp4, &mut script);
    let mut timeline = Timeline::new();
    merge(&mut timeline, &list, 0);
    for _ in 0..60 {
        let Some(choice) = script.choice() else { break };
        (0..choice % 4).for_each(|_| list.change(&mut script));
        let before = timeline.clone();
        let skipped = if choice & 0x10 == 0 { 0 } else { script.below(list.len() + 3) };
        let outcome = merge(&mut timeline, &list, skipped);
        check(&timeline);
        if outcome == Some(Merge::NeedsFullPlaylist) {
            assert!(timeline.segments() == before.segments(), "a delta that was refused");
        }
        if !list.is_upset {
            for placed in timeline.segments() {
                let known = before.segment(placed.segment.media_sequence);
                assert!(
                    known.is_none_or(|known| is_same_place(known, placed)),
                    "{known:?} is now {placed:?}"
                );
            }
            if skipped > 0 && outcome != Some(Merge::NeedsFullPlaylist) {
                let mut by_whole = before.clone();
                merge(&mut by_whole, &list, 0);
                assert_eq!(names(&by_whole), names(&timeline));
            }
        }
        if choice & 0x20 != 0
            && let Some(placed) = timeline.segments().get(script.below(8)).cloned()
        {
            // What the media says of its times.
            let shift_secs = f64::from(script.byte()) / 100.0 - 1.0;
            let (start_secs, end_secs) = (placed.start_secs + shift_secs, placed.end_secs + 0.3);
            timeline.correct_start(placed.segment.media_sequence, start_secs, end_secs);
            timeline.note_loaded(end_secs);
            timeline.note_seen(end_secs + 1.0);
            check(&timeline);
        }
    }
});

fn is_same_place(known: &TimelineSegment, placed: &TimelineSegment) -> bool {
    known.epoch != placed.epoch || (known.start_secs - placed.start_secs).abs() < 1e-3
}

fn names(timeline: &Timeline) -> Vec<(u64, Option<String>)> {
    let named =
        |placed: &TimelineSegment| (placed.segment.media_sequence, placed.segment.url.clone());
    timeline.segments().iter().map(named).collect()
}

fn merge(timeline: &mut Timeline, list: &List, skipped: usize) -> Option<Merge> {
    let options = ParseOptions { url: "https://h/d/m.m3u8", imported_variables: &[] };
    match parse_bytes(list.text(skipped).as_bytes(), options) {
        Ok(Playlist::Media(playlist)) => Some(timeline.merge(playlist, None)),
        _ => None,
    }
}

fn check(timeline: &Timeline) {
    let all: Vec<_> = timeline.segments().iter().chain(timeline.upcoming()).collect();
    for pair in all.windows(2) {
        let numbers = [pair[0], pair[1]].map(|placed| placed.segment.media_sequence);
        assert_eq!(numbers[0].checked_add(1), Some(numbers[1]));
        assert!(pair[0].start_secs <= pair[1].start_secs && pair[0].end_secs <= pair[1].end_secs);
    }
    for placed in all {
        assert!(placed.start_secs.is_finite() && placed.end_secs.is_finite());
        assert!(placed.start_secs <= placed.end_secs);
        assert!(placed.unix_millis.is_none_or(f64::is_finite));
        assert_eq!(timeline.placed(placed.segment.media_sequence), Some(placed));
    }
    let ends = [timeline.start_secs(), timeline.end_secs()];
    assert!(ends.into_iter().all(f64::is_finite));
    assert!(timeline.live_secs(None).is_none_or(f64::is_finite));
    // From piece to piece it comes to an end, and never back.
    let mut piece = timeline.piece_at(timeline.start_secs());
    let mut count = 0;
    while let Some(now) = piece {
        piece = timeline.piece_after(&now);
        let next = piece.as_ref().map(|next| (next.segment.media_sequence, next.kind.part()));
        assert!(next.is_none_or(|next| next > (now.segment.media_sequence, now.kind.part())));
        count += 1;
        assert!(count < 1000, "pieces without an end");
    }
}
