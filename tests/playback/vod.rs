//! Video on demand: from the start to the end, seeks, renditions, discontinuities.

use videosphere::engine::{Command, LoadOptions, Selection};
use videosphere::media::TrackKind;

use crate::bed::Bed;
use crate::origin::{FaultKind, Origin, Rung};
use crate::{BASE, SEEDS, ladder, master};

#[test]
fn plays_to_the_end_without_a_stall() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![Origin::vod(BASE, ladder())]);
        bed.play(&master());
        assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        assert_eq!(bed.codes(), Vec::<&str>::new());
        assert_eq!(bed.element.stalls, 0);
        assert!((bed.at_secs() - 60.0).abs() < 0.1, "ended at {}", bed.at_secs());
        assert!(bed.now_secs() < 64.0, "took {} s", bed.now_secs());
        assert_eq!(bed.variants.len(), 4);
        assert!(bed.variants.iter().all(|variant| variant.is_playable));
        assert_eq!(bed.changes.last().map(|(_, id, is_auto)| (*id, *is_auto)), Some((3, true)));
        assert_eq!(bed.outstanding(), (0, 0), "no request and no body is left");
        let timeline = bed.timeline.expect("a timeline");
        assert!(!timeline.is_live);
        assert!((timeline.end_secs - 60.0).abs() < 0.1);
    }
}

#[test]
fn a_media_playlist_alone_plays_too() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.play(&format!("{BASE}v1/index.m3u8"));
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert_eq!(bed.codes(), Vec::<&str>::new());
    assert_eq!(bed.element.stalls, 0);
    assert_eq!(bed.variants.len(), 1);
}

#[test]
fn buffers_as_far_as_the_goal_and_no_further() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.segments = 200;
    let mut bed = Bed::new(1, vec![origin]);
    bed.element.state.is_paused = true;
    bed.play(&master());
    bed.run(60.0);
    let ahead_secs = bed.element.buffered_until();
    assert!((90.0..=98.1).contains(&ahead_secs), "{ahead_secs}");
    let requests = bed.requests;
    bed.run(60.0);
    assert_eq!(bed.requests, requests, "nothing is fetched for a paused player with a full buffer");
}

#[test]
fn a_variant_about_to_be_left_is_not_loaded_far_ahead() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.segments = 40;
    // The first choice is the second rung; the link carries the top one, whose list takes its time.
    origin.fault("v3/index", FaultKind::Silence, 1);
    let mut bed = Bed::new(1, vec![origin]);
    bed.link.rates = vec![(0.0, 100e6)];
    bed.play(&master());
    bed.run(8.0);
    assert!(bed.element.state.current_time_secs > 5.0, "it plays meanwhile");
    let ahead_secs = bed.element.buffered_until() - bed.at_secs();
    assert!(ahead_secs < 8.0, "{ahead_secs} s of what is about to be left");
    bed.run(15.0);
    assert_eq!(bed.element.stalls, 0);
    assert_eq!(bed.buffered_variants(TrackKind::Video).last(), Some(&3));
}

#[test]
fn a_media_source_that_opens_late_keeps_nobody_at_the_first_variant() {
    for has_separate_audio in [false, true] {
        let mut origin = Origin::vod(BASE, ladder());
        (origin.segments, origin.segment_secs) = (10, 2.0);
        origin.has_separate_audio = has_separate_audio;
        let mut bed = Bed::new(1, vec![origin]);
        (bed.link.rates, bed.link.latency_secs) = (vec![(0.0, 200e6)], 0.0);
        bed.element.opens_after_secs = 3.0;
        bed.play(&master());
        bed.run(6.0);
        let spans = &bed.element.tracks[&TrackKind::Video].spans;
        let first = spans.iter().find(|span| span.variant == 3).map(|span| span.start_secs);
        assert!(first.is_some_and(|secs| secs < 8.5), "{has_separate_audio}: {first:?}");
    }
}

#[test]
fn keeps_no_more_behind_than_wanted() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.segments = 60;
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(200.0);
    let start_secs = bed.element.playable().first().map_or(0.0, |first| first.start_secs);
    let behind_secs = bed.at_secs() - start_secs;
    assert!((29.0..45.0).contains(&behind_secs), "{behind_secs}");
    assert_eq!(bed.element.stalls, 0);
}

#[test]
fn seeks_forward_and_back() {
    for seed in SEEDS {
        let mut origin = Origin::vod(BASE, ladder());
        origin.segments = 100;
        let mut bed = Bed::new(seed, vec![origin]);
        bed.play(&master());
        bed.run(10.0);
        bed.seek(300.5);
        assert!(bed.run_until(4.0, |bed| bed.at_secs() > 300.6), "forward: {}", bed.at_secs());
        bed.run(10.0);
        let requests = bed.requests;
        bed.seek(302.0);
        assert!(bed.run_until(1.0, |bed| bed.at_secs() > 302.5), "within the buffer");
        assert!(bed.requests - requests <= 1, "what is buffered is not fetched again");
        bed.seek(3.0);
        assert!(bed.run_until(4.0, |bed| bed.at_secs() > 3.5), "back: {}", bed.at_secs());
        for target in [120.0, 40.0, 399.0, 77.7] {
            bed.seek(target);
            bed.run(0.1);
        }
        assert!(bed.run_until(4.0, |bed| bed.at_secs() > 78.0), "last of many: {}", bed.at_secs());
        bed.run(20.0);
        assert_eq!(bed.element.stalled_secs, 0.0);
        assert_eq!(bed.codes(), Vec::<&str>::new());
        bed.seek(390.0);
        assert!(bed.run_until(20.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        bed.seek(200.0);
        assert!(bed.run_until(5.0, |bed| bed.at_secs() > 201.0), "back from the end");
    }
}

#[test]
fn a_seek_to_the_very_end_ends() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.segments = 100;
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(5.0);
    bed.seek(400.0);
    assert!(bed.run_until(10.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn begins_where_the_page_says() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.segments = 100;
    let mut bed = Bed::new(1, vec![origin]);
    bed.play_with(LoadOptions {
        url: master(),
        high_quality_url: None,
        start_secs: Some(123.4),
        selection: Selection::Height(480),
    });
    assert!(bed.run_until(5.0, |bed| bed.at_secs() > 124.0), "at {}", bed.at_secs());
    assert_eq!(bed.origins[0].requests.keys().filter(|path| path.contains("/0.m4s")).count(), 0);
    assert_eq!(bed.buffered_variants(TrackKind::Video), [1]);
}

#[test]
fn separate_audio_stays_with_the_video() {
    for seed in SEEDS {
        let mut origin = Origin::vod(BASE, ladder());
        origin.has_separate_audio = true;
        origin.segments = 40;
        let mut bed = Bed::new(seed, vec![origin]);
        bed.play(&master());
        let kinds = |bed: &Bed| bed.element.tracks.keys().copied().collect::<Vec<_>>();
        for _ in 0..40 {
            bed.run(1.0);
            let ends: Vec<f64> = bed
                .element
                .tracks
                .values()
                .filter_map(|track| Some(track.buffered().last()?.end_secs))
                .collect();
            if let [video, audio] = ends[..] {
                assert!((video - audio).abs() < 9.0, "video to {video}, audio to {audio}");
            }
        }
        assert_eq!(kinds(&bed), [TrackKind::Video, TrackKind::Audio]);
        assert_eq!(bed.element.tracks[&TrackKind::Audio].mime, "audio/mp4; codecs=\"mp4a.40.2\"");
        bed.seek(100.0);
        bed.run(5.0);
        assert!(bed.at_secs() > 103.0, "at {}", bed.at_secs());
        assert!(bed.run_until(70.0, |bed| bed.element.state.is_ended));
        assert_eq!(bed.element.stalled_secs, 0.0);
        assert_eq!(bed.codes(), Vec::<&str>::new());
    }
}

#[test]
fn a_sound_or_picture_a_little_late_neither_delays_the_start_nor_costs_anything() {
    let started_secs = |audio_late_secs: f64, at_secs: f64| {
        let mut origin = Origin::vod(BASE, ladder());
        origin.has_separate_audio = true;
        origin.audio_late_secs = audio_late_secs;
        let mut bed = Bed::new(1, vec![origin]);
        bed.play_with(LoadOptions {
            url: master(),
            high_quality_url: None,
            start_secs: (at_secs > 0.0).then_some(at_secs),
            selection: Selection::Auto,
        });
        assert!(bed.run_until(10.0, |bed| bed.at_secs() > at_secs + 0.5), "at {}", bed.at_secs());
        let started_secs = bed.now_secs() - (bed.at_secs() - at_secs);
        // Which of the two came first is the link's; nothing of the picture may be left out for it.
        let playable = bed.element.playable();
        let lost_secs = playable[0].start_secs - at_secs;
        assert!(lost_secs <= audio_late_secs.max(0.04) + 1e-6, "{audio_late_secs}: {playable:?}");
        assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        assert_eq!(bed.element.stalls, 0);
        assert_eq!(bed.codes(), Vec::<&str>::new());
        let media = bed.origins[0].requests.iter().filter(|(path, _)| path.ends_with(".m4s"));
        assert!(media.into_iter().all(|(_, times)| *times == 1), "nothing is fetched twice");
        started_secs
    };
    for at_secs in [0.0, 8.0] {
        let usual_secs = started_secs(0.0, at_secs);
        for late_millis in [-300, -100, -50, -20, -2, 2, 20, 50, 100, 300] {
            let secs = started_secs(f64::from(late_millis) / 1000.0, at_secs);
            assert!(secs < usual_secs + 0.5, "{late_millis} ms: {secs} instead of {usual_secs} s");
        }
    }
}

#[test]
fn timestamps_that_start_again_join_without_a_hole() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.discontinuities = vec![4, 9];
    origin.segments = 20;
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(30.0);
    assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
    // From the middle, across a reset nothing was loaded from before, and back.
    bed.seek(62.0);
    bed.run(3.0);
    bed.seek(5.0);
    bed.run(3.0);
    assert!((5.5..=8.1).contains(&bed.at_secs()), "at {}", bed.at_secs());
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert!((bed.at_secs() - 80.0).abs() < 0.1);
    assert_eq!(bed.element.stalled_secs, 0.0);
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn marked_gaps_are_passed_over() {
    let mut origin = Origin::vod(BASE, vec![Rung::new(1_000_000, 480)]);
    origin.gaps = vec![3, 4];
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.codes(), ["segment-skipped", "segment-skipped"]);
    assert!(bed.now_secs() < 60.0, "the gap was jumped, not waited for");
}

#[test]
fn a_byte_quota_holds_and_playback_goes_on() {
    for seed in SEEDS {
        let mut origin = Origin::vod(BASE, vec![Rung::new(8_000_000, 1920)]);
        origin.segments = 60;
        let mut bed = Bed::new(seed, vec![origin]);
        bed.link.rates = vec![(0.0, 60e6)];
        // Five segments of 4 MB: far less than the goals ahead and behind.
        bed.element.quota_bytes = 20_000_000;
        bed.play(&master());
        bed.run(120.0);
        assert!(bed.element.quota_hits > 0, "the quota was met");
        assert!(bed.element.quota_hits < 60, "{} hits", bed.element.quota_hits);
        assert!(bed.at_secs() > 117.0, "at {}", bed.at_secs());
        assert_eq!(bed.element.stalls, 0);
        assert!(bed.fatal().is_none());
        assert!(bed.run_until(140.0, |bed| bed.element.state.is_ended));
    }
}

#[test]
fn unloading_frees_everything() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    for millis in [0.0, 0.1, 0.3, 1.0, 5.0] {
        bed.play(&master());
        bed.run(millis);
        bed.command(Command::Unload);
        assert_eq!(bed.outstanding(), (0, 0), "after {millis}");
        assert!(bed.engine.poll_output().is_none());
        assert!(bed.engine.poll_timeout().is_none());
        assert!(!bed.element.is_open);
        let requests = bed.requests;
        bed.run(5.0);
        assert_eq!(bed.requests, requests);
    }
    bed.play(&master());
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended), "and it loads again");
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn a_load_over_another_starts_afresh() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.segments = 5;
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(2.0);
    bed.play(&format!("{BASE}v0/index.m3u8"));
    assert!(bed.run_until(40.0, |bed| bed.element.state.is_ended));
    assert_eq!(bed.buffered_variants(TrackKind::Video), [0]);
    assert_eq!(bed.codes(), Vec::<&str>::new());
}
