//! Live streams: following the edge, the window, the end.

use std::cell::Cell;

use videosphere::engine::{Command, LoadOptions, Selection};

use crate::bed::Bed;
use crate::origin::{Growth, Origin};
use crate::{BASE, SEEDS, ladder, master};

#[test]
fn a_list_first_asked_for_at_a_bad_moment_is_soon_asked_for_as_segments_come() {
    const SEGMENT_SECS: f64 = 4.0;
    let mut origin = Origin::live(BASE, ladder());
    origin.segment_secs = SEGMENT_SECS;
    let listed_from_secs = origin.listed(0.0).0 as f64 * SEGMENT_SECS;
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    // Three seconds after a segment came; asked for each four seconds all would be seen so late.
    bed.run(35.0);
    bed.command(Command::Select(Selection::Variant(1)));
    bed.run(10.0);
    let (steps, late) = (Cell::new(0), Cell::new(0));
    bed.run_until(40.0, |bed| {
        let there_secs = bed.origins[0].listed(bed.now_secs()).1 as f64 * SEGMENT_SECS;
        let known_secs = bed.timeline.map_or(0.0, |timeline| timeline.end_secs);
        steps.set(steps.get() + 1);
        late.set(late.get() + i32::from(known_secs + listed_from_secs < there_secs - 0.01));
        false
    });
    assert_eq!(bed.changes.last().map(|change| change.1), Some(1));
    assert!(late.get() * 10 < steps.get(), "late in {} of {}", late.get(), steps.get());
}

#[test]
fn follows_the_edge_for_ten_minutes_without_a_stall() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![Origin::live(BASE, ladder())]);
        bed.play(&master());
        bed.run(600.0);
        assert_eq!(bed.codes(), Vec::<&str>::new());
        assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
        let timeline = bed.timeline.expect("a timeline");
        assert!(timeline.is_live);
        assert!(timeline.zero_unix_millis.is_some());
        let latency_secs = timeline.end_secs - bed.at_secs();
        assert!((3.5..9.0).contains(&latency_secs), "{latency_secs} s behind");
        let (_, stats) = bed.stats.last().expect("figures");
        assert!(stats.live_latency_secs.is_some_and(|secs| (secs - latency_secs).abs() < 2.5));
        assert!(bed.element.seekable.is_some());
        assert_eq!(bed.element.duration_secs, f64::INFINITY);
        let reloads = bed.origins[0].requests.iter().filter(|(path, _)| path.contains("m3u8"));
        let reloads: u32 = reloads.map(|(_, count)| count).sum();
        // One every target duration or half of one, of one variant at a time.
        assert!((280..700).contains(&reloads), "{reloads} playlists");
        assert!(bed.outstanding().1 <= 2);
    }
}

#[test]
fn follows_over_a_lossy_link() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![Origin::live(BASE, ladder())]);
        bed.link.truncation = 0.03;
        bed.link.loss = 0.005;
        bed.play(&master());
        bed.run(300.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        let timeline = bed.timeline.expect("a timeline");
        assert!(timeline.end_secs - bed.at_secs() < 30.0, "at {}", bed.at_secs());
        assert!(bed.element.stalled_secs < 25.0, "{} s stalled", bed.element.stalled_secs);
    }
}

#[test]
fn falling_out_of_the_window_leads_back_to_the_live_point() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![Origin::live(BASE, ladder())]);
        bed.play(&master());
        bed.run(20.0);
        bed.element.state.is_paused = true;
        bed.run(120.0);
        bed.element.state.is_paused = false;
        // First what is buffered, a minute and a half, then what is live.
        bed.run(105.0);
        assert_eq!(bed.codes(), ["behind-live-window"]);
        let timeline = bed.timeline.expect("a timeline");
        let latency_secs = timeline.end_secs - bed.at_secs();
        assert!((3.5..12.0).contains(&latency_secs), "{latency_secs} s behind");
        let before_secs = bed.at_secs();
        bed.run(60.0);
        assert!((bed.at_secs() - before_secs - 60.0).abs() < 0.5, "and plays on");
    }
}

#[test]
fn a_long_outage_out_of_the_window_is_told() {
    let mut bed = Bed::new(3, vec![Origin::live(BASE, ladder())]);
    bed.link.outages = vec![(20.0, 80.0)];
    bed.play(&master());
    bed.run(120.0);
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
    assert!(bed.codes().contains(&"behind-live-window"), "{:?}", bed.codes());
    let timeline = bed.timeline.expect("a timeline");
    assert!(timeline.end_secs - bed.at_secs() < 20.0, "at {}", bed.at_secs());
}

#[test]
fn the_end_of_a_live_stream_is_the_end() {
    let mut origin = Origin::live(BASE, ladder());
    origin.growth = Growth::Live { window: 8, already_secs: 60.0, ends_at_secs: 30.0 };
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!(bed.timeline.is_some_and(|timeline| !timeline.is_live));
    assert_eq!(bed.element.stalls, 0);
    assert_eq!(bed.codes(), Vec::<&str>::new());
    let requests = bed.requests;
    bed.run(30.0);
    assert_eq!(bed.requests, requests, "nothing is asked for after the end");
}

#[test]
fn seeks_in_the_window_and_back_to_live() {
    let mut origin = Origin::live(BASE, ladder());
    origin.growth = Growth::Live { window: 60, already_secs: 300.0, ends_at_secs: f64::INFINITY };
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(10.0);
    let timeline = bed.timeline.expect("a timeline");
    assert!(timeline.end_secs - timeline.start_secs > 115.0);
    bed.seek(timeline.start_secs + 30.0);
    bed.run(10.0);
    assert!((bed.at_secs() - timeline.start_secs - 39.0).abs() < 1.5, "at {}", bed.at_secs());
    bed.command(Command::GoLive);
    bed.run(5.0);
    let timeline = bed.timeline.expect("a timeline");
    assert!(timeline.end_secs - bed.at_secs() < 10.0, "at {} of {timeline:?}", bed.at_secs());
    bed.run(60.0);
    assert_eq!(bed.element.stalled_secs, 0.0);
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn an_event_begins_at_the_edge_and_keeps_its_start() {
    let mut origin = Origin::live(BASE, ladder());
    origin.growth = Growth::Event { already_secs: 100.0, ends_at_secs: 40.0 };
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(10.0);
    assert!(bed.at_secs() > 95.0, "at {}", bed.at_secs());
    assert!(bed.timeline.is_some_and(|timeline| timeline.start_secs == 0.0));
    bed.seek(10.0);
    bed.run(5.0);
    assert!((11.0..=15.1).contains(&bed.at_secs()), "at {}", bed.at_secs());
    bed.seek(130.0);
    assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn a_stalled_playlist_is_told_and_survived() {
    let mut bed = Bed::new(1, vec![Origin::live(BASE, ladder())]);
    bed.play_with(LoadOptions {
        url: master(),
        high_quality_url: None,
        start_secs: None,
        selection: Selection::Height(480),
    });
    bed.run(20.0);
    // The encoder hangs: the playlist stays as it is.
    let text = freeze(&bed);
    bed.origins[0].files.insert("v1/index.m3u8".to_owned(), std::rc::Rc::new(text));
    bed.run(20.0);
    assert!(bed.codes().contains(&"live-playlist-stalled"), "{:?}", bed.codes());
    bed.origins[0].files.clear();
    bed.run(40.0);
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
    let timeline = bed.timeline.expect("a timeline");
    assert!(timeline.end_secs - bed.at_secs() < 30.0, "at {} of {timeline:?}", bed.at_secs());
}

/// The playlist as it is now, to be served unchanged.
fn freeze(bed: &Bed) -> Vec<u8> {
    let mut origin = bed.origins[0].clone();
    match origin.reply(&format!("{BASE}v1/index.m3u8"), bed.now_secs()) {
        Some(crate::origin::Reply::Body { body, .. }) => body.to_vec(),
        other => panic!("{other:?}"),
    }
}
