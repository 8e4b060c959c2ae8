//! Low-latency playlists as RFC 8216bis's appendix and the streaming services write them, down to
//! what a player would load next.

use videosphere_hls::directives::{Directives, Skip};
use videosphere_hls::time::Duration;
use videosphere_hls::timeline::{Merge, Timeline, TimelineSegment};

use super::{fixture, media};

fn timeline(names: &[&str]) -> Timeline {
    let mut timeline = Timeline::new();
    for name in names {
        let merge = timeline.merge(media(&fixture(name)), None);
        assert_ne!(merge, Merge::NeedsFullPlaylist, "{name}");
    }
    timeline
}

/// The names of the pieces from `secs` on.
fn pieces(timeline: &Timeline, secs: f64) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = timeline.piece_at(secs);
    while let Some(piece) = next {
        let range = piece.segment.byte_range;
        let range = range.map_or(String::new(), |range| format!("@{}", range.offset));
        let mark = if piece.kind.is_hinted() { "?" } else { "" };
        let name = piece.segment.url.rsplit('/').next().unwrap_or_default().to_owned();
        names.push(format!("{name}{range}{mark}"));
        next = timeline.piece_after(&piece);
    }
    names
}

#[test]
fn parts_have_their_places_and_are_loaded_near_the_edge() {
    let timeline = timeline(&["rfc_low_latency"]);
    let edge_secs = 3.0 * 4.00008 + 4.0 * 0.33334;
    assert!((timeline.end_secs() - edge_secs).abs() < 1e-9, "{}", timeline.end_secs());
    let live_secs = timeline.live_secs(None).expect("live");
    assert!((live_secs - (edge_secs - 1.0)).abs() < 1e-9, "{live_secs}");
    // From the start: whole segments, and parts where they are new.
    let all = pieces(&timeline, 0.0);
    let newest = ["segment268.mp4@0", "segment268.mp4@90000"];
    let in_progress = ["part269.a.mp4", "part269.b.mp4", "part269.c.mp4", "part269.d.mp4"];
    let hinted = ["part269.e.mp4?"];
    let expected =
        [&["segment266.mp4", "segment267.mp4"][..], &newest, &in_progress, &hinted].concat();
    assert_eq!(all, expected);
    // Live: from the last part before it that can be decoded by itself.
    assert_eq!(pieces(&timeline, live_secs), [&in_progress[..], &hinted].concat());
    assert_eq!(pieces(&timeline, edge_secs - 0.2), ["part269.d.mp4", "part269.e.mp4?"]);
    assert!(pieces(&timeline, edge_secs + 0.1).is_empty());

    let in_progress = &timeline.upcoming()[0];
    assert_eq!((in_progress.segment.media_sequence, &in_progress.segment.url), (269, &None));
    assert!(in_progress.kind.is_hinted() && timeline.whole_segment(269).is_none());
    let piece = timeline.piece_at(edge_secs - 0.2).expect("the fourth part");
    assert_eq!((piece.kind.part(), piece.segment.media_sequence), (Some(3), 269));
    assert!((piece.start_secs - (edge_secs - 0.33334)).abs() < 1e-9);
    assert!(piece.segment.map.is_some() && !piece.is_discontinuous);
    let millis = piece.unix_millis.expect("a date");
    assert!((millis - 1_550_110_428_106.0).abs() < 2.0, "{millis}");

    let next = Directives::next_of(&timeline).expect("its server holds answers");
    assert_eq!(next.wait_for, Some((269, Some(4))));
    assert_eq!(Directives::skip_of(&timeline, Duration::from_secs(1)), Skip::Segments);
    let header = timeline.playlist().expect("a header");
    assert!(header.preload_hints[1].is_map);
    assert_eq!(header.preload_hints[1].url, "https://h.example/dir/init2.mp4");
}

#[test]
fn a_delta_update_moves_the_edge_and_what_was_announced_is_known_again() {
    let mut timeline = timeline(&["rfc_low_latency"]);
    let hinted = timeline
        .piece_at(12.0 + 4.0 * 0.33334 - 0.1)
        .and_then(|last| timeline.piece_after(&last))
        .expect("a hint");
    assert!(hinted.kind.is_hinted());
    let delta = media(&fixture("rfc_low_latency_delta"));
    assert_eq!(delta.removed_date_ranges, ["old", "older"]);
    assert_eq!(timeline.merge(delta, None), Merge::Applied { is_changed: true, is_reset: false });
    let listed = timeline.piece_in_place_of(&hinted).expect("listed");
    assert!(hinted.is_announcing(&listed) && !listed.kind.is_hinted());
    let after = timeline.piece_after(&hinted).expect("the next hint");
    assert!(after.kind.is_hinted() && after.segment.url.ends_with("part269.f.mp4"));
    assert!(after.segment.map.is_some(), "EXT-X-MAP stands in the skipped lines");
    assert_eq!(timeline.segments().len(), 3);

    // A hint that was wrong: what is listed in its place is loaded after all.
    let wrong_url = hinted.segment.url.replace("part269.e", "part269.x");
    let mut wrong = hinted.clone();
    wrong.segment.url = wrong_url;
    let instead = timeline.piece_after(&wrong).expect("what is listed");
    assert!(instead.segment.url.ends_with("part269.e.mp4"));

    // An older copy of the list changes nothing.
    let old = media(&fixture("rfc_low_latency"));
    let unchanged = Merge::Applied { is_changed: false, is_reset: false };
    assert_eq!(timeline.merge(old, None), unchanged);
    assert!(timeline.piece_in_place_of(&hinted).is_some_and(|piece| !piece.kind.is_hinted()));
}

#[test]
fn date_ranges_outlive_delta_updates_until_they_are_removed() {
    let range = |id: &str| {
        format!("#EXT-X-DATERANGE:ID=\"{id}\",START-DATE=\"2019-02-14T02:13:40.000Z\"\n")
    };
    let ids = |timeline: &Timeline| -> Vec<String> {
        let ranges = timeline.playlist().expect("a header").date_ranges.iter();
        ranges.map(|range| range.id.clone()).collect()
    };
    let mut timeline = Timeline::new();
    let whole = fixture("rfc_low_latency") + &range("old") + &range("kept") + &range("new");
    timeline.merge(media(&whole), None);
    assert_eq!(ids(&timeline), ["old", "kept", "new"]);
    timeline.merge(media(&fixture("rfc_low_latency_delta")), None);
    assert_eq!(ids(&timeline), ["kept", "new"]);
    let header = timeline.playlist().expect("a header");
    assert_eq!(header.date_ranges[1].duration_secs, Some(3.0), "as it was redefined");
    // A whole list says all there is.
    let newer = fixture("rfc_low_latency").replace("part269.e", "part269.z");
    let newer = newer.replace("#EXT-X-PRELOAD", "#EXTINF:1.33336,\nsegment269.mp4\n#EXT-X-PRELOAD");
    timeline.merge(media(&newer), None);
    assert!(ids(&timeline).is_empty());
}

#[test]
fn a_part_with_a_gap_is_marked_and_never_begun_with() {
    let text = fixture("rfc_low_latency")
        .replace("part269.d.mp4\",INDEPENDENT=YES", "part269.d.mp4\",INDEPENDENT=YES,GAP=YES");
    let mut timeline = Timeline::new();
    timeline.merge(media(&text), None);
    let first = timeline.piece_at(timeline.end_secs() - 0.1).expect("a part");
    assert!(first.segment.url.ends_with("part269.a.mp4"));
    let last =
        [1, 2, 3].into_iter().fold(first, |piece, _| timeline.piece_after(&piece).expect("more"));
    assert!(last.segment.is_gap && last.segment.url.ends_with("part269.d.mp4"));
}

#[test]
fn segments_still_being_written_follow_the_last_one() {
    let mut timeline = timeline(&["ivs"]);
    assert!(timeline.is_prefetched());
    assert!((timeline.interval_secs() - 1.989).abs() < 1e-9, "not TARGETDURATION");
    let upcoming: Vec<&TimelineSegment> = timeline.upcoming().iter().collect();
    let starts: Vec<f64> = upcoming.iter().map(|placed| placed.start_secs).collect();
    assert!((starts[0] - 5.967).abs() < 1e-9 && (starts[1] - 7.956).abs() < 1e-9, "{starts:?}");
    assert_eq!(upcoming[1].segment.media_sequence, 2875);
    assert!((timeline.end_secs() - 5.967).abs() < 1e-9, "nobody has seen any of it");
    // Half of the hold-back is likely written by now.
    assert!((timeline.live_secs(None).expect("live") - (5.967 - 0.75)).abs() < 1e-9);
    assert_eq!(pieces(&timeline, 4.1), ["q73.ts", "q74.ts?", "q75.ts?"]);
    timeline.note_seen(7.2);
    assert!((timeline.end_secs() - 7.2).abs() < 1e-9);
    assert!((timeline.live_secs(None).expect("live") - 5.7).abs() < 1e-9);
    // Its media was a little longer, and then it is listed, a little shorter.
    timeline.correct_start(2874, 5.97, 7.98);
    let next = fixture("ivs").replace(
        "#EXT-X-PREFETCH:https://edge.example.net/v1/segment/q74.ts",
        "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T23:49:08.101Z\n#EXTINF:2.000,live\n\
         https://edge.example.net/v1/segment/q74.ts",
    );
    let loaded = timeline.piece_at(6.0).expect("the one being written");
    timeline.merge(media(&next), None);
    let known = timeline.segment(2874).expect("listed");
    assert!((known.start_secs - 5.97).abs() < 1e-9);
    assert!(!known.kind.is_hinted());
    let after = timeline.piece_after(&loaded).expect("the next");
    assert!(after.segment.url.ends_with("q75.ts"), "the same under its number: not loaded twice");
    let dates = timeline.unix_millis_at(6.97).expect("a date");
    assert!((dates - 1_700_005_749_101.0).abs() < 1.0, "{dates}");
}

#[test]
fn an_advertisement_in_place_of_what_was_announced_is_loaded() {
    let mut timeline = timeline(&["twitch"]);
    assert_eq!(pieces(&timeline, 4.1), ["c92.ts", "c93.ts?", "c94.ts?"]);
    let announced = timeline.piece_at(6.5).expect("announced");
    let text = fixture("twitch").replace(
        "#EXT-X-TWITCH-PREFETCH:https://edge.example.net/v1/segment/c93.ts",
        "#EXT-X-DISCONTINUITY\n#EXTINF:2.000,Amazon\nhttps://ads.example/9.ts",
    );
    timeline.merge(media(&text), None);
    let instead = timeline.piece_after(&announced).expect("the advertisement");
    assert!(instead.segment.url.ends_with("/9.ts") && instead.is_discontinuous);
    assert_eq!(instead.segment.media_sequence, announced.segment.media_sequence);
    let unknown = &timeline.playlist().expect("a header").unknown_tags;
    assert_eq!(unknown.len(), 3, "{unknown:?}");
}
