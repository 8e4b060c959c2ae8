//! The timeline over successive loads.

use super::*;
use crate::{Playlist, Upcoming, parse};

/// A media playlist: header lines, then one line a segment (`4 a.ts`), other lines as tags.
fn media(header: &str, body: &str) -> MediaPlaylist {
    let mut text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:4\n{header}\n");
    for line in body.split(';').map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_once(' ') {
            Some((secs, uri)) if !line.starts_with('#') => {
                text.push_str(&format!("#EXTINF:{secs},\n{uri}\n"));
            }
            _ => text.push_str(&format!("{line}\n")),
        }
    }
    match parse(&text, "https://h/v/m.m3u8") {
        Ok(Playlist::Media(playlist)) => playlist,
        other => panic!("not a media playlist: {other:?}\n{text}"),
    }
}

/// A live window of four-second segments `first..end`.
fn live(first: u64, end: u64) -> MediaPlaylist {
    let body: Vec<String> = (first..end).map(|number| format!("4 {number}.ts")).collect();
    media(&format!("#EXT-X-MEDIA-SEQUENCE:{first}"), &body.join(";"))
}

/// As [`live`], with dates: number `n` began at `n * 4` seconds after `zero_millis`.
fn dated(first: u64, end: u64, zero_millis: f64) -> MediaPlaylist {
    let mut playlist = live(first, end);
    for segment in &mut playlist.segments {
        let date = zero_millis + segment.media_sequence as f64 * 4000.0;
        segment.program_date_time_millis = Some(date);
    }
    playlist
}

fn merged(playlists: impl IntoIterator<Item = MediaPlaylist>) -> Timeline {
    let mut timeline = Timeline::new();
    for playlist in playlists {
        assert_ne!(timeline.merge(playlist, None), Merge::NeedsFullPlaylist);
    }
    timeline
}

fn starts(timeline: &Timeline) -> Vec<f64> {
    timeline.segments().iter().map(|placed| placed.start_secs).collect()
}

const CHANGED: Merge = Merge::Applied { is_changed: true, is_reset: false };
const UNCHANGED: Merge = Merge::Applied { is_changed: false, is_reset: false };
const RESET: Merge = Merge::Applied { is_changed: true, is_reset: true };

#[test]
fn vod_begins_at_zero_and_is_searched_by_time_and_number() {
    let timeline = merged([media("#EXT-X-MEDIA-SEQUENCE:7", "4 a;3.5 b;4 c;#EXT-X-ENDLIST")]);
    assert_eq!(starts(&timeline), [0.0, 4.0, 7.5]);
    assert!(!timeline.is_live());
    assert_eq!(timeline.live_secs(Some(2.0)), None);
    assert_eq!((timeline.start_secs(), timeline.end_secs()), (0.0, 11.5));
    let number_at = |secs| timeline.segment_at(secs).map(|placed| placed.segment.media_sequence);
    assert_eq!(number_at(-1.0), Some(7));
    assert_eq!(number_at(0.0), Some(7));
    assert_eq!(number_at(4.0), Some(8));
    assert_eq!(number_at(11.49), Some(9));
    assert_eq!(number_at(11.5), None);
    assert_eq!(number_at(f64::NAN), None);
    let after = |number| timeline.next_after(number).map(|placed| placed.segment.media_sequence);
    assert_eq!(after(0), Some(7));
    assert_eq!(after(8), Some(9));
    assert_eq!(after(9), None);
    assert_eq!(after(u64::MAX), None);
}

#[test]
fn a_sliding_window_keeps_its_places() {
    let mut timeline = merged([live(10, 14)]);
    assert_eq!(timeline.merge(live(10, 14), None), UNCHANGED);
    assert_eq!(timeline.merge(live(12, 16), None), CHANGED);
    assert_eq!(starts(&timeline), [8.0, 12.0, 16.0, 20.0]);
    // The next window only just follows.
    assert_eq!(timeline.merge(live(16, 18), None), CHANGED);
    assert_eq!(starts(&timeline), [24.0, 28.0]);
    assert!(timeline.segments().iter().all(|placed| !placed.is_discontinuous));
    assert_eq!(timeline.live_secs(None), Some(24.0), "three target durations, within the window");
    assert_eq!(timeline.live_secs(Some(3.0)), Some(29.0));
}

#[test]
fn missed_segments_leave_their_time() {
    let mut timeline = merged([live(10, 14)]);
    assert_eq!(timeline.merge(live(20, 22), None), CHANGED);
    assert_eq!(starts(&timeline), [40.0, 44.0]);
    // With dates the hole is exact.
    let mut timeline = merged([dated(10, 14, 0.0)]);
    let mut later = dated(20, 22, 2500.0);
    later.media_sequence = 20;
    assert_eq!(timeline.merge(later, None), CHANGED);
    assert_eq!(starts(&timeline), [42.5, 46.5]);
}

#[test]
fn an_old_copy_changes_nothing() {
    let mut timeline = merged([live(10, 14)]);
    assert_eq!(timeline.merge(live(9, 13), None), UNCHANGED);
    assert_eq!(timeline.segments().len(), 4);
    let mut timeline = merged([dated(10, 14, 0.0)]);
    assert_eq!(timeline.merge(dated(2, 6, 0.0), None), UNCHANGED);
    assert_eq!(timeline.segments().first().map(|p| p.segment.media_sequence), Some(10));
    // But a restarted encoder whose clock was set back is no old copy, if it says so twice.
    assert_eq!(timeline.merge(dated(0, 3, -9e6), None), UNCHANGED);
    assert_eq!(timeline.merge(dated(0, 3, -9e6), None), RESET);
    assert_eq!(starts(&timeline), [16.0, 20.0, 24.0]);
}

#[test]
fn a_longer_window_into_the_past_is_placed_before() {
    let mut timeline = merged([live(10, 14)]);
    assert_eq!(timeline.merge(live(8, 15), None), CHANGED);
    assert_eq!(starts(&timeline), [-8.0, -4.0, 0.0, 4.0, 8.0, 12.0, 16.0]);
    assert_eq!(timeline.start_secs(), 0.0);
}

#[test]
fn a_restarted_encoder_follows_what_was_known() {
    let mut timeline = merged([live(100, 104)]);
    assert_eq!(timeline.merge(live(0, 3), None), UNCHANGED, "once it may be damage");
    assert_eq!(timeline.merge(live(0, 3), None), RESET);
    assert_eq!(starts(&timeline), [16.0, 20.0, 24.0]);
    let first = &timeline.segments()[0];
    assert!(first.is_discontinuous);
    assert_eq!(first.epoch, 1);
    // Its next window continues.
    assert_eq!(timeline.merge(live(1, 5), None), CHANGED);
    assert_eq!(starts(&timeline), [20.0, 24.0, 28.0, 32.0]);

    // Dates say how long it was away.
    let mut timeline = merged([dated(100, 104, 0.0)]);
    assert_eq!(timeline.merge(dated(0, 3, 430_000.0), None), RESET);
    assert_eq!(starts(&timeline), [30.0, 34.0, 38.0]);
    // And are not believed where they say too much, or too little.
    for zero_millis in [1e12, 410_000.0] {
        let mut timeline = merged([dated(100, 104, 0.0)]);
        timeline.merge(dated(0, 3, zero_millis), None);
        timeline.merge(dated(0, 3, zero_millis), None);
        assert_eq!(starts(&timeline), [16.0, 20.0, 24.0], "{zero_millis}");
        assert_eq!(timeline.segments()[0].epoch, 1);
    }
}

#[test]
fn discontinuities_are_seen_across_loads() {
    let mut timeline = merged([media("", "4 a;4 b;#EXT-X-DISCONTINUITY;4 c")]);
    let flags = |timeline: &Timeline| -> Vec<bool> {
        timeline.segments().iter().map(|placed| placed.is_discontinuous).collect()
    };
    assert_eq!(flags(&timeline), [false, false, true]);
    let next = media(
        "#EXT-X-MEDIA-SEQUENCE:3\n#EXT-X-DISCONTINUITY-SEQUENCE:1",
        "#EXT-X-DISCONTINUITY;4 d;4 e",
    );
    assert_eq!(timeline.merge(next, None), CHANGED);
    assert_eq!(flags(&timeline), [true, false]);
    assert_eq!(timeline.segments()[0].segment.discontinuity_sequence, 2);
}

#[test]
fn true_times_shift_what_follows_and_outlast_reloads() {
    let mut timeline = merged([live(10, 14)]);
    timeline.correct_start(11, 4.2, 8.5);
    assert_eq!(starts(&timeline), [0.0, 4.2, 8.5, 12.5]);
    assert_eq!(timeline.segments()[0].end_secs, 4.2, "the estimate before abuts");
    timeline.merge(live(11, 15), None);
    assert_eq!(starts(&timeline), [4.2, 8.5, 12.5, 16.5]);
    assert!(timeline.segments()[0].is_confirmed);
    // An earlier correction moves estimates only up to what is known.
    timeline.correct_start(13, 12.6, 16.6);
    timeline.correct_start(11, 4.2, 13.0);
    assert_eq!(starts(&timeline), [4.2, 12.6, 12.6, 16.6]);
    // Nonsense is ignored.
    let before = timeline.clone().segments;
    timeline.correct_start(11, f64::NAN, 3.0);
    timeline.correct_start(11, 5.0, 4.0);
    timeline.correct_start(99, 5.0, 6.0);
    assert_eq!(timeline.segments, before);
}

/// Found by the fuzz target: media whose true times overlap far.
#[test]
fn true_times_that_overlap_keep_the_order() {
    let mut timeline = merged([live(10, 15)]);
    timeline.correct_start(10, 0.0, 11.0);
    timeline.correct_start(12, 5.0, 6.0);
    timeline.correct_start(11, 3.0, 20.0);
    timeline.correct_start(14, 1.0, 2.0);
    timeline.correct_start(13, 30.0, 31.0);
    for pair in timeline.segments().windows(2) {
        assert!(pair[0].start_secs <= pair[1].start_secs, "{pair:?}");
        assert!(pair[0].end_secs <= pair[1].end_secs, "{pair:?}");
    }
    assert!(timeline.segments().iter().all(|placed| placed.start_secs <= placed.end_secs));
}

#[test]
fn delta_updates_bring_no_parts_back() {
    const INF: &str = "#EXT-X-PART-INF:PART-TARGET=2\n#EXT-X-MEDIA-SEQUENCE:0";
    let part = |name: &str| format!("#EXT-X-PART:DURATION=2,URI=\"{name}\"");
    let parts =
        |number: u32| [part(&format!("{number}.0")), part(&format!("{number}.1"))].join(";");
    let whole = format!("4 0.ts;{};4 1.ts;{};4 2.ts", parts(1), parts(2));
    let mut timeline = merged([media(INF, &whole)]);
    let delta = format!("#EXT-X-SKIP:SKIPPED-SEGMENTS=2;{};4 2.ts;{};4 3.ts", parts(2), parts(3));
    assert_eq!(timeline.merge(media(INF, &delta), None), CHANGED);
    let counts: Vec<usize> =
        timeline.segments().iter().map(|placed| placed.segment.parts.len()).collect();
    assert_eq!(counts, [0, 0, 2, 2], "the server need not have parts that it no longer lists");
}

#[test]
fn date_ranges_are_kept_where_a_delta_may_leave_them_out() {
    let range = "#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2026-01-01T00:00:00Z\"";
    for (can_skip, kept) in [("", 0), (",CAN-SKIP-DATERANGES=YES", 1)] {
        let header =
            format!("#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=24{can_skip}");
        let mut timeline = merged([media(&header, &format!("{range};4 0.ts;4 1.ts"))]);
        let delta = media(&header, "#EXT-X-SKIP:SKIPPED-SEGMENTS=1;4 1.ts;4 2.ts");
        assert_eq!(timeline.merge(delta, None), CHANGED);
        let ranges = timeline.playlist().map_or(0, |playlist| playlist.date_ranges.len());
        assert_eq!(ranges, kept, "{can_skip}");
    }
}

#[test]
fn delta_updates_take_the_rest_from_what_is_known() {
    let whole = media(
        "#EXT-X-MEDIA-SEQUENCE:10",
        "#EXT-X-MAP:URI=\"i.mp4\";#EXT-X-KEY:METHOD=AES-128,URI=\"k\";4 10.ts;\
         #EXT-X-DISCONTINUITY;4 11.ts;4 12.ts;4 13.ts",
    );
    let mut timeline = merged([whole]);
    let delta = media(
        "#EXT-X-MEDIA-SEQUENCE:11\n#EXT-X-SKIP:SKIPPED-SEGMENTS=2",
        "4 13.ts;#EXT-X-KEY:METHOD=NONE;#EXT-X-DISCONTINUITY;4 14.ts",
    );
    assert_eq!(timeline.merge(delta, None), CHANGED);
    assert_eq!(starts(&timeline), [4.0, 8.0, 12.0, 16.0]);
    let at = |number| &timeline.segment(number).expect("listed").segment;
    assert_eq!(at(13).keys, at(12).keys);
    assert!(!at(13).keys.is_empty() && at(14).keys.is_empty());
    assert!(at(14).map.as_ref().is_some_and(|map| map.url == "https://h/v/i.mp4"));
    assert_eq!((at(13).discontinuity_sequence, at(14).discontinuity_sequence), (1, 2));
    // A segment skipped that was never seen.
    let gap = media("#EXT-X-MEDIA-SEQUENCE:14\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3", "4 17.ts");
    assert_eq!(timeline.merge(gap.clone(), None), Merge::NeedsFullPlaylist);
    assert_eq!(timeline.segments().len(), 4);
    assert_eq!(Timeline::new().merge(gap, None), Merge::NeedsFullPlaylist);
}

#[test]
fn the_end_and_partial_segments_are_changes() {
    let mut timeline = merged([live(10, 14)]);
    let mut with_part = live(10, 14);
    let url = "https://h/14.ts".into();
    let prefetched = Segment { url, media_sequence: 14, ..Segment::default() };
    with_part.upcoming = Upcoming::Prefetched(vec![prefetched]);
    assert_eq!(timeline.merge(with_part, None), CHANGED);
    let mut ended = live(10, 14);
    ended.is_ended = true;
    assert_eq!(timeline.merge(ended.clone(), None), CHANGED);
    assert!(timeline.is_live() && !timeline.is_next_known(), "once it may be damage");
    assert_eq!(timeline.merge(ended, None), CHANGED);
    assert!(!timeline.is_live());
}

#[test]
fn an_empty_load_keeps_what_is_known() {
    let mut timeline = Timeline::new();
    assert_eq!(timeline.merge(live(10, 10), None), CHANGED);
    assert_eq!(timeline.segment_at(0.0), None);
    assert_eq!(timeline.merge(live(10, 12), None), CHANGED);
    assert_eq!(timeline.merge(live(12, 12), None), UNCHANGED);
    assert_eq!(starts(&timeline), [0.0, 4.0]);
}

/// The start of the first segment of `playlist`, the first load of another variant.
fn start_beside(reference: &Timeline, playlist: MediaPlaylist) -> f64 {
    let mut timeline = Timeline::new();
    timeline.merge(playlist, Some(reference));
    timeline.segments()[0].start_secs
}

#[test]
fn another_variant_is_placed_by_number_date_discontinuity_or_edge() {
    let mut reference = merged([live(10, 14)]);
    reference.correct_start(12, 8.3, 12.3);
    // By number, measured from the confirmed segment.
    assert_eq!(start_beside(&reference, live(11, 15)), 8.3 - 4.0);
    // Numbers that do not overlap: by the live edge.
    assert!((start_beside(&reference, live(500, 503)) - (16.3 - 12.0)).abs() < 1e-9);
    // Numbers that overlap and dates that contradict them: by date.
    let reference = merged([dated(10, 14, 0.0)]);
    assert_eq!(start_beside(&reference, dated(11, 15, -8_000.0)), -4.0);
    assert_eq!(start_beside(&reference, dated(500, 504, -1_952_000.0)), 8.0);
    // By a common discontinuity, however long the segments are.
    let header = "#EXT-X-DISCONTINUITY-SEQUENCE:5";
    let reference = merged([media(header, "4 a;4 b;4 c;#EXT-X-DISCONTINUITY;4 d")]);
    let other =
        media(&format!("{header}\n#EXT-X-MEDIA-SEQUENCE:70"), "2 x;#EXT-X-DISCONTINUITY;2 y;2 z");
    assert_eq!(start_beside(&reference, other), 10.0);
    // A VOD begins where all begin.
    let vod = |number, body| media(&format!("#EXT-X-MEDIA-SEQUENCE:{number}"), body);
    let reference = merged([vod(0, "4 a;4 b;#EXT-X-ENDLIST")]);
    assert_eq!(start_beside(&reference, vod(9, "2 a;2 b;2 c;2 d;#EXT-X-ENDLIST")), 0.0);
}

#[test]
fn a_guess_after_a_reset_is_put_right_by_another_timeline() {
    let reference = merged([live(10, 14), live(11, 15)]);
    let mut other = Timeline::new();
    other.merge(live(10, 14), Some(&reference));
    assert_eq!(other.merge(live(0, 3), None), UNCHANGED);
    assert_eq!(other.merge(live(0, 3), None), RESET);
    assert_eq!(starts(&other), [16.0, 20.0, 24.0]);
    other.merge(live(11, 15), Some(&reference));
    assert_eq!(starts(&other), starts(&reference));
    assert_eq!(other.segments()[0].epoch, 0, "their timestamps compare again");
    // What was loaded elsewhere comes before a new run.
    other.note_loaded(50.0);
    other.merge(live(0, 3), None);
    other.merge(live(0, 3), None);
    assert_eq!(starts(&other), [50.0, 54.0, 58.0]);
}

#[test]
fn known_segments_are_known_by_any_number() {
    let misnumbered = |first: u64, end: u64, by: i64| {
        let mut playlist = live(first, end);
        for segment in &mut playlist.segments {
            segment.media_sequence = segment.media_sequence.wrapping_add_signed(by);
        }
        playlist
    };
    for by in [1, -1, -11, 1000] {
        let mut timeline = merged([live(10, 15)]);
        assert_eq!(timeline.merge(misnumbered(11, 16, by), None), CHANGED, "{by}");
        assert_eq!(starts(&timeline), [4.0, 8.0, 12.0, 16.0, 20.0], "{by}");
        assert!(!timeline.is_next_known(), "{by}: the server cannot be asked by number");
        assert_eq!(timeline.merge(live(12, 17), None), CHANGED, "{by}");
        assert_eq!(starts(&timeline), [8.0, 12.0, 16.0, 20.0, 24.0], "{by}");
        assert!(timeline.is_next_known(), "{by}");
    }
    // A segment twice in a row is one; a list that repeats itself throughout is meant so.
    let twice = merged([media("", "4 a.ts;4 b.ts;4 b.ts;4 c.ts")]);
    assert_eq!(twice.segments().last().map(|last| last.segment.media_sequence), Some(2));
    assert_eq!(merged([media("", "4 a.ts;4 a.ts;4 a.ts")]).segments().len(), 3);
}

#[test]
fn a_switch_takes_the_next_number_or_repeats_the_least() {
    let reference = merged([live(10, 14)]);
    let loaded = reference.whole_segment(11).expect("listed");
    let mut aligned = Timeline::new();
    aligned.merge(live(10, 15), Some(&reference));
    let next = |timeline: &Timeline, loaded: &PlacedSegment| {
        timeline.piece_after_foreign(loaded).map(|placed| placed.segment.media_sequence)
    };
    assert_eq!(next(&aligned, &loaded), Some(12));
    assert_eq!(next(&aligned, &aligned.whole_segment(14).expect("listed")), None);

    // Six-second segments with other numbers: 8 s lies in the second, which is then repeated.
    let mut other = merged([media("#EXT-X-MEDIA-SEQUENCE:40", "6 a;6 b;6 c")]);
    assert_eq!(next(&other, &loaded), Some(41));
    // Nearly at a seam, the next one.
    other.correct_start(40, 0.0, 8.05);
    assert_eq!(next(&other, &loaded), Some(41));
}

#[test]
fn dates_spread_within_a_discontinuity() {
    let body = "4 a;#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:01:00Z;4 b;4 c;#EXT-X-DISCONTINUITY;4 d";
    let timeline = merged([media("", body)]);
    let dates: Vec<_> = timeline.segments().iter().map(|placed| placed.unix_millis).collect();
    assert_eq!(dates, [Some(56_000.0), Some(60_000.0), Some(64_000.0), None]);
    assert_eq!(timeline.zero_unix_millis(), Some(56_000.0));
    assert_eq!(timeline.unix_millis_at(5.5), Some(61_500.0));
    assert_eq!(timeline.time_at_unix_millis(61_500.0), Some(5.5));
    assert_eq!(timeline.time_at_unix_millis(68_000.0), None);
    // The date outlives the line that held it.
    let mut timeline = merged([dated(10, 14, 0.0)]);
    timeline.merge(live(11, 15), None);
    assert_eq!(timeline.zero_unix_millis(), Some(40_000.0));
}

#[test]
fn the_preferred_start_lies_in_the_window() {
    let start_of = |offset: &str| {
        let header = format!("#EXT-X-START:TIME-OFFSET={offset}");
        merged([media(&header, "4 a;4 b;4 c")]).preferred_start_secs()
    };
    assert_eq!(start_of("5.5"), Some(5.5));
    assert_eq!(start_of("-5"), Some(7.0));
    assert_eq!(start_of("-500"), Some(0.0));
    assert_eq!(start_of("500"), Some(12.0));
    assert_eq!(start_of("x"), None);
}

#[test]
fn numbers_end_where_they_end() {
    let first = u64::MAX - 6;
    let mut timeline = merged([live(first, first + 3)]);
    // The known first segment, numbered anew, and more behind it than there are numbers.
    let body = format!("4 {first}.ts;4 b;4 c;4 d;4 e;4 f;4 g;4 h");
    for _ in 0..2 {
        timeline.merge(media("", &body), None);
    }
    let numbers = timeline.segments().iter().map(|placed| placed.segment.media_sequence);
    assert_eq!(numbers.collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
    // So it is for a delta update: what it lists comes behind what it skips.
    let first = u64::MAX - 2;
    let delta = format!("#EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-SKIP:SKIPPED-SEGMENTS=2");
    let mut timeline = merged([live(0, 3)]);
    timeline.merge(media(&delta, "4 2.ts;4 3.ts;4 4.ts"), None);
    let numbers = timeline.segments().iter().map(|placed| placed.segment.media_sequence);
    assert_eq!(numbers.collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}
