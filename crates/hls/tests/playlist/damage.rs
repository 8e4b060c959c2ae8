//! Damaged and hostile playlists: never a panic, never more memory than the body explains.

use videosphere_hls::Error;
use videosphere_hls::timeline::{PlacedSegment, Timeline, TimelineSegment};
use videosphere_hls::{MediaPlaylist, ParseOptions, Playlist, parse, parse_bytes};

use super::{Random, URL, fixtures};

/// One random change of a text: bytes or whole lines lost, doubled, swapped, or replaced.
fn damage(text: &mut Vec<u8>, random: &mut Random) {
    const SPICES: [&[u8]; 12] = [
        b"18446744073709551615",
        b"-1",
        b"99999999999999999999999999999",
        b"\"",
        b",",
        b"=",
        b"@",
        b"\r",
        b"\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n",
        b"\n#EXT-X-DISCONTINUITY\n",
        b"\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{$a}\"\n{$a}\n",
        "é\u{feff}".as_bytes(),
    ];
    let at = random.below(text.len() + 1);
    let end = (at + random.below(24)).min(text.len());
    match random.below(5) {
        0 => drop(text.drain(at..end)),
        1 => drop(text.splice(at..at, SPICES[random.below(SPICES.len())].iter().copied())),
        2 => drop(text.splice(at..end, SPICES[random.below(SPICES.len())].iter().copied())),
        3 => text[at..end].iter_mut().for_each(|byte| *byte = random.next() as u8),
        _ => {
            let copy = text[at..end].to_vec();
            let to = random.below(text.len() + 1);
            drop(text.splice(to..to, copy));
        }
    }
}

fn check_order(segments: &[TimelineSegment]) {
    for placed in segments {
        assert!(placed.start_secs.is_finite() && placed.end_secs.is_finite());
        assert!(placed.start_secs <= placed.end_secs);
    }
    for pair in segments.windows(2) {
        assert_eq!(pair[0].segment.media_sequence + 1, pair[1].segment.media_sequence);
        assert!(pair[0].start_secs <= pair[1].start_secs, "{pair:?}");
        assert!(pair[0].end_secs <= pair[1].end_secs, "{pair:?}");
    }
}

/// Loading piece by piece comes to an end, and never goes back.
fn check_pieces(timeline: &Timeline) {
    let place = |piece: &PlacedSegment| {
        (piece.segment.media_sequence, piece.kind.part().unwrap_or(usize::MAX))
    };
    let mut next = timeline.piece_at(timeline.start_secs());
    while let Some(piece) = next {
        assert!(piece.start_secs <= piece.end_secs, "{piece:?}");
        assert!(!piece.segment.url.is_empty(), "{piece:?}");
        let _ = timeline.piece_after_foreign(&piece);
        next = timeline.piece_after(&piece);
        assert!(next.as_ref().is_none_or(|next| place(next) > place(&piece)), "{piece:?} {next:?}");
    }
}

/// Everything that a player asks of a timeline.
fn exercise(timeline: &mut Timeline, random: &mut Random) {
    let before = timeline.clone();
    check_order(timeline.segments());
    for placed in before.segments() {
        let number = placed.segment.media_sequence;
        assert_eq!(timeline.segment(number), Some(placed));
        if placed.duration_secs() > 0.0 {
            let middle_secs = (placed.start_secs + placed.end_secs) / 2.0;
            let found = timeline.segment_at(middle_secs).expect("covered");
            assert!(found.end_secs > middle_secs);
        }
        assert!(
            timeline.next_after(number).is_none_or(|next| next.segment.media_sequence > number)
        );
        let _ = timeline.whole_segment(number).map(|whole| timeline.piece_after_foreign(&whole));
        let _ = timeline.unix_millis_at(placed.start_secs);
    }
    check_order(&[before.segments(), before.upcoming()].concat());
    check_pieces(timeline);
    let _ = (timeline.live_secs(None), timeline.preferred_start_secs());
    let _ = timeline.time_at_unix_millis(0.0);
    if !before.segments().is_empty() {
        let placed = &before.segments()[random.below(before.segments().len())];
        let shift_secs = random.below(4000) as f64 / 1000.0 - 2.0;
        let start_secs = placed.start_secs + shift_secs;
        timeline.correct_start(placed.segment.media_sequence, start_secs, placed.end_secs);
        check_order(timeline.segments());
    }
}

#[test]
fn damaged_examples_never_panic() {
    let mut kinds = [0_u32; 4];
    for (index, (_, text)) in fixtures().into_iter().enumerate() {
        let random = &mut Random(index as u64);
        let mut timeline = Timeline::new();
        let mut other = Timeline::new();
        for _ in 0..600 {
            let mut body = text.clone().into_bytes();
            for _ in 0..random.below(6) {
                damage(&mut body, random);
            }
            let options = ParseOptions { url: URL, imported_variables: &[] };
            match parse_bytes(&body, options) {
                Ok(Playlist::Media(playlist)) => {
                    kinds[0] += 1;
                    let reference = random.one_in(2).then(|| other.clone());
                    timeline.merge(playlist, reference.as_ref());
                    exercise(&mut timeline, random);
                    if random.one_in(5) {
                        core::mem::swap(&mut timeline, &mut other);
                    }
                }
                Ok(Playlist::Multivariant(_)) => kinds[1] += 1,
                Err(Error::Invalid { line, .. }) => {
                    kinds[2] += 1;
                    let lines = body.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
                    assert!(line <= lines);
                }
                Err(Error::NotAPlaylist { .. }) => kinds[3] += 1,
            }
        }
    }
    // All ways out were taken, so the damage was neither too little nor too much.
    assert!(kinds.iter().all(|count| *count > 50), "{kinds:?}");
}

fn parse_error(text: &str, url: &str) -> String {
    match parse(text, url) {
        Err(Error::Invalid { problem, .. }) => problem,
        other => panic!("accepted: {:?}", other.map(|_| ())),
    }
}

#[test]
fn what_is_built_from_a_body_is_bounded() {
    let segments = |count| "#EXTINF:1,\na\n".repeat(count);
    let too_many = format!("#EXTM3U\n{}", segments(200_001));
    assert!(parse_error(&too_many, URL).contains("200000 segments"));
    // A long URL before each short line.
    let url = format!("https://h/{}/m.m3u8", "d".repeat(100_000));
    assert!(parse_error(&format!("#EXTM3U\n{}", segments(1000)), &url).contains("URLs"));
    // Each definition is compared with those before.
    let define = |number| format!("#EXT-X-DEFINE:NAME=\"{number}\",VALUE=\"\"\n");
    let definitions: String = (0..500_000).map(define).collect();
    assert!(parse_error(&format!("#EXTM3U\n{definitions}"), URL).contains("1000 variables"));
}

#[test]
fn a_timeline_holds_no_more_than_the_newest_list() {
    let mut timeline = Timeline::new();
    for first in 0..5000_u64 {
        let text = format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:{first}\n{}",
            "#EXTINF:2,\na.ts\n".repeat(5)
        );
        let Ok(Playlist::Media(playlist)) = parse(&text, URL) else { panic!("{text}") };
        let _: &MediaPlaylist = &playlist;
        timeline.merge(playlist, None);
        assert_eq!(timeline.segments().len(), 5);
    }
    assert_eq!(timeline.end_secs(), 10.0 + 4999.0 * 2.0);
}
