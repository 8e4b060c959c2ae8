//! Which variant plays: by throughput, by wish, and from a second source.

use videosphere::config::EngineConfig;
use videosphere::engine::{Command, LoadOptions, Selection};
use videosphere::error::Error;
use videosphere::media::TrackKind;
use videosphere::playlist::{SessionData, SessionValue};

use crate::bed::Bed;
use crate::origin::{FaultKind, Origin, Rung};
use crate::{BASE, HIGH_QUALITY_BASE, SEEDS, ladder, master};

fn long_vod() -> Origin {
    Origin { segments: 200, ..Origin::vod(BASE, ladder()) }
}

fn high_quality() -> Origin {
    let rungs = vec![Rung::new(16_000_000, 2160)];
    Origin { segments: 200, first_variant: 10, ..Origin::vod(HIGH_QUALITY_BASE, rungs) }
}

fn playing_variant(bed: &Bed) -> Option<u32> {
    let at_secs = bed.at_secs();
    let track = bed.element.tracks.get(&TrackKind::Video)?;
    let span = track
        .spans
        .iter()
        .find(|span| span.start_secs <= at_secs + 1e-6 && at_secs < span.end_secs);
    span.map(|span| span.variant)
}

#[test]
fn a_pinned_quality_plays_soon_and_auto_takes_it_back_without_a_gap() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![long_vod()]);
        bed.link.rates = vec![(0.0, 2e6), (20.0, 40e6)];
        bed.play(&master());
        bed.run(20.0);
        assert_ne!(playing_variant(&bed), Some(3), "the link does not carry it yet");
        bed.command(Command::Select(Selection::Height(1920)));
        assert!(
            bed.run_until(14.0, |bed| playing_variant(bed) == Some(3)),
            "what is far ahead was replaced: {:?}",
            bed.buffered_variants(TrackKind::Video)
        );
        bed.command(Command::Select(Selection::Height(240)));
        bed.run(100.0);
        assert_eq!(playing_variant(&bed), Some(0), "down from the next segment on");
        bed.command(Command::Select(Selection::Auto));
        bed.run(120.0);
        assert_eq!(playing_variant(&bed), Some(3));
        bed.command(Command::Select(Selection::Variant(1)));
        bed.run(100.0);
        assert_eq!(playing_variant(&bed), Some(1));
        assert_eq!(bed.element.stalls, 0);
        assert_eq!(bed.element.playable().len(), 1);
        assert_eq!(bed.codes(), Vec::<&str>::new());
        let at_secs = bed.at_secs();
        assert!((at_secs - bed.now_secs()).abs() < 2.0, "no time lost: {at_secs}");
    }
}

/// Plays the best variant, whatever the link carries.
fn play_best(bed: &mut Bed) {
    bed.play_with(LoadOptions {
        url: master(),
        high_quality_url: None,
        start_secs: None,
        selection: Selection::Max,
    });
}

#[test]
fn a_forced_quality_on_a_link_of_half_its_rate_plays_a_good_while_at_a_time_and_says_so() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![long_vod()]);
        bed.link.rates = vec![(0.0, 4e6)];
        play_best(&mut bed);
        bed.run(300.0);
        assert!((3..=6).contains(&bed.element.stalls), "{} stalls", bed.element.stalls);
        assert!(bed.at_secs() > 110.0, "no time is lost: {}", bed.at_secs());
        assert_eq!(bed.buffered_variants(TrackKind::Video), [3]);
        assert!(!bed.element.state.is_paused && bed.element.seeks.is_empty());
        let [Error::LinkTooSlow { needed_bps, had_bps }] = bed.errors[..] else {
            panic!("told once, with figures: {:?}", bed.errors)
        };
        assert!((7_500_000..8_500_000).contains(&needed_bps), "{needed_bps}");
        assert!((3_000_000..4_500_000).contains(&had_bps), "{had_bps}");

        // Auto, amid a wait: what was loaded plays at once, and all goes on without a stall.
        let stalls = bed.element.stalls;
        assert!(bed.run_until(60.0, |bed| bed.element.stalls > stalls));
        bed.run(4.0);
        bed.command(Command::Select(Selection::Auto));
        bed.run(20.0);
        let at_secs = bed.at_secs();
        bed.run(60.0);
        assert!((bed.at_secs() - at_secs - 60.0).abs() < 0.5, "at {}", bed.at_secs());
        assert_eq!(bed.errors.len(), 1, "{:?}", bed.errors);
    }
}

#[test]
fn a_forced_quality_that_the_link_carries_is_never_held_back() {
    let mut bed = Bed::new(1, vec![long_vod()]);
    // A blip that runs the buffer dry says nothing of the link.
    bed.link.rates = vec![(0.0, 10e6), (50.0, 1e5), (75.0, 10e6)];
    play_best(&mut bed);
    bed.run(75.0);
    assert_eq!(bed.element.stalls, 1, "at {}", bed.at_secs());
    let stalled_secs = bed.element.stalled_secs;
    bed.run(125.0);
    assert_eq!(bed.element.stalls, 1, "at {}", bed.at_secs());
    // Up to the end of one segment.
    let stalled_secs = bed.element.stalled_secs - stalled_secs;
    assert!(stalled_secs < 3.5, "{stalled_secs} s more");
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn who_seeks_or_pauses_while_playback_waits_sees_what_is_there() {
    let mut bed = Bed::new(1, vec![long_vod()]);
    bed.link.rates = vec![(0.0, 4e6)];
    play_best(&mut bed);
    assert!(bed.run_until(60.0, |bed| bed.element.stalls == 1));
    bed.run(10.0);
    bed.seek(400.0);
    assert!(bed.run_until(12.0, |bed| bed.at_secs() > 400.5), "at {}", bed.at_secs());
    assert!(bed.run_until(60.0, |bed| bed.element.stalls == 2));
    bed.run(20.0);
    bed.element.state.is_paused = true;
    bed.run(1.0);
    assert!(bed.element.buffered_until() - bed.at_secs() > 4.0, "at {}", bed.at_secs());
}

#[test]
fn of_a_forced_quality_no_more_waits_than_there_is_room_for() {
    let mut bed =
        Bed::new(1, vec![Origin { rungs: vec![Rung::new(40_000_000, 2160)], ..long_vod() }]);
    bed.link.rates = vec![(0.0, 20e6)];
    play_best(&mut bed);
    bed.run(120.0);
    assert!(bed.largest_held_bytes < 100 << 20, "{}", bed.largest_held_bytes);
    assert!((2..=5).contains(&bed.element.stalls), "{} stalls", bed.element.stalls);
    assert_eq!(bed.codes(), ["link-too-slow"]);
}

#[test]
fn a_forced_quality_of_a_live_stream_stays_in_the_window_and_says_so() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![Origin::live(BASE, ladder())]);
        bed.link.rates = vec![(0.0, 4e6)];
        play_best(&mut bed);
        bed.run(300.0);
        assert_eq!(bed.codes(), ["link-too-slow"]);
        let behind_secs = bed.timeline.expect("a timeline").end_secs - bed.at_secs();
        assert!(behind_secs < 20.0, "{behind_secs} s behind");
        // Without the wait it stalls 71 times, and skips what it does not stall for.
        assert!(bed.element.stalls < 30, "{} stalls", bed.element.stalls);
        assert!(bed.element.stalled_secs < 200.0, "{} s", bed.element.stalled_secs);
    }
}

#[test]
fn a_wish_from_the_start_holds_from_the_first_segment() {
    let mut bed = Bed::new(1, vec![long_vod()]);
    bed.play_with(LoadOptions {
        url: master(),
        high_quality_url: None,
        start_secs: None,
        selection: Selection::Max,
    });
    bed.run(10.0);
    assert_eq!(bed.buffered_variants(TrackKind::Video), [3]);
    assert_eq!(bed.changes.len(), 1);
    assert_eq!(bed.changes.first().map(|(_, id, is_auto)| (*id, *is_auto)), Some((3, false)));
}

#[test]
fn throughput_down_and_up_again() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![long_vod()]);
        bed.link.rates = vec![(0.0, 20e6), (60.0, 1.6e6), (240.0, 20e6)];
        bed.play(&master());
        bed.run(60.0);
        assert_eq!(bed.changes.last().map(|change| change.1), Some(3));
        // A minute and a half lasts a while.
        bed.run(160.0);
        assert_eq!(bed.element.stalls, 0, "went down before it starved");
        assert!(bed.changes.last().is_some_and(|change| change.1 <= 1), "{:?}", bed.changes);
        bed.run(120.0);
        assert_eq!(bed.changes.last().map(|change| change.1), Some(3), "{:?}", bed.changes);
        assert_eq!(bed.element.stalls, 0);
        assert!(bed.changes.len() < 14, "it does not flutter: {:?}", bed.changes);
    }
}

#[test]
fn a_collapse_amid_a_segment_gives_it_up() {
    for seed in SEEDS {
        let mut origin = long_vod();
        origin.segment_secs = 10.0;
        let mut bed = Bed::new(seed, vec![origin]);
        // The first megabytes come fast, then hardly anything, while the buffer is short.
        bed.link.rates = vec![(0.0, 20e6), (3.0, 0.9e6)];
        bed.play(&master());
        bed.run(120.0);
        assert!(bed.element.stalled_secs < 1.0, "{} s", bed.element.stalled_secs);
        assert_eq!(bed.changes.last().map(|change| change.1), Some(0), "{:?}", bed.changes);
    }
}

#[test]
fn short_blips_of_a_fast_link_cost_no_quality() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![long_vod()]);
        bed.link.rates = (0..30)
            .flat_map(|at| [20.0, 22.0].map(|on| 22.0 * f64::from(at) + on))
            .zip([80e4, 80e6].into_iter().cycle())
            .collect();
        bed.link.rates.insert(0, (0.0, 80e6));
        bed.play(&master());
        bed.run(30.0);
        let settled = bed.changes.len();
        bed.run(300.0);
        assert_eq!(bed.changes.last().map(|change| change.1), Some(3), "{:?}", bed.changes);
        assert_eq!(bed.changes.len(), settled, "{:?}", bed.changes);
        assert_eq!(bed.element.stalls, 0);
    }
}

#[test]
fn a_link_that_swings_about_a_mean_does_not_swing_the_picture() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![long_vod()]);
        // A token bucket: two seconds at 16 Mbit/s, ten at 2.
        bed.link.rates = (0..60)
            .flat_map(|at| [(12.0 * f64::from(at), 16e6), (12.0 * f64::from(at) + 2.0, 2e6)])
            .collect();
        bed.play(&master());
        bed.run(60.0);
        let settled = bed.changes.len();
        bed.run(480.0);
        assert!(bed.changes.len() - settled <= 12, "{:?}", bed.changes);
        assert!(bed.changes.last().is_some_and(|change| change.1 >= 2), "{:?}", bed.changes);
        assert_eq!(bed.element.stalls, 0);
    }
}

#[test]
fn lower_variants_from_a_cache_do_not_make_it_ask_for_the_best_again_and_again() {
    for seed in SEEDS {
        // Live, where no buffer outlasts a segment of the best.
        let mut origin = Origin::live(BASE, ladder());
        origin.segment_secs = 4.0;
        let mut bed = Bed::new(seed, vec![origin]);
        bed.link.rates = vec![(0.0, 1e6)];
        bed.link.cached = ["v0/", "v1/", "v2/"].map(str::to_owned).to_vec();
        bed.play(&master());
        bed.run(600.0);
        let ups = bed.changes.iter().filter(|change| change.1 == 3).count();
        assert!(ups <= 20, "{ups}: {:?}", bed.changes);
        assert!(bed.wasted_bytes < 10_000_000, "thrown away: {}", bed.wasted_bytes);
    }
}

#[test]
fn a_live_stream_held_back_less_than_two_segments_climbs_on_a_fast_link() {
    for seed in SEEDS {
        let mut origin = Origin::live(BASE, ladder());
        origin.segment_secs = 4.0;
        let mut config = EngineConfig { seed, ..EngineConfig::default() };
        config.live.target_latency_secs = Some(6.0);
        let mut bed = Bed::with_config(config, vec![origin]);
        bed.link.rates = vec![(0.0, 50e6)];
        bed.play(&master());
        bed.run(60.0);
        assert_eq!(bed.changes.last().map(|change| change.1), Some(3), "{:?}", bed.changes);
    }
}

#[test]
fn a_segment_of_a_live_stream_that_was_given_up_is_not_asked_for_again() {
    for seed in SEEDS {
        let mut origin = Origin::live(BASE, ladder());
        origin.segment_secs = 4.0;
        let mut bed = Bed::new(seed, vec![origin]);
        // The lower variants' lists are stale by then.
        bed.link.rates = vec![(0.0, 20e6), (60.5, 2e6)];
        bed.play(&master());
        bed.run(60.0);
        assert_eq!(bed.changes.last().map(|change| change.1), Some(3), "{:?}", bed.changes);
        let asked = |bed: &Bed| -> u32 {
            let of_best = |path: &str| path.starts_with("v3/") && !path.ends_with("m3u8");
            let requests = bed.origins[0].requests.iter();
            requests.filter(|(path, _)| of_best(path)).map(|(_, count)| count).sum()
        };
        let before = asked(&bed);
        bed.run(20.0);
        assert!(bed.changes.last().is_some_and(|change| change.1 < 3), "{:?}", bed.changes);
        assert_eq!(asked(&bed) - before, 1, "{:?}", bed.changes);
    }
}

#[test]
fn the_viewport_caps_the_choice() {
    let mut bed = Bed::new(1, vec![long_vod()]);
    bed.link.rates = vec![(0.0, 80e6)];
    bed.command(Command::SetViewport { width_px: 900 });
    bed.play(&master());
    bed.run(60.0);
    let best = bed.changes.iter().map(|change| change.1).max();
    assert!(best < Some(3), "a picture far larger than shown: {:?}", bed.changes);
}

#[test]
fn the_second_source_is_asked_for_when_needed_and_joins_without_a_gap() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![long_vod(), high_quality()]);
        bed.link.rates = vec![(0.0, 60e6)];
        bed.play_with(LoadOptions {
            url: master(),
            high_quality_url: Some(format!("{HIGH_QUALITY_BASE}master.m3u8")),
            start_secs: None,
            selection: Selection::Auto,
        });
        bed.run(20.0);
        assert!(bed.origins[1].requests.is_empty(), "not before it is needed");
        bed.command(Command::Select(Selection::Height(2160)));
        assert!(bed.run_until(14.0, |bed| playing_variant(bed) == Some(10)));
        let added = bed.variants.last().expect("variants");
        assert!(added.is_high_quality_source && added.id == 4 && bed.variants.len() == 5);
        bed.command(Command::Select(Selection::Auto));
        bed.run(50.0);
        assert_eq!(playing_variant(&bed), Some(3), "back to the first source");
        bed.command(Command::Select(Selection::Max));
        assert!(bed.run_until(14.0, |bed| playing_variant(bed) == Some(10)));
        assert_eq!(bed.element.stalls, 0);
        assert_eq!(bed.element.playable().len(), 1);
        assert_eq!(bed.codes(), Vec::<&str>::new());
    }
}

#[test]
fn a_live_second_source_is_aligned_with_the_first() {
    for seed in SEEDS {
        let rungs = vec![Rung::new(16_000_000, 2160)];
        // Another encoder: its clock and its window are its own; the dates agree.
        let mut second = Origin { first_variant: 10, ..Origin::live(HIGH_QUALITY_BASE, rungs) };
        second.clock_secs = 777.0;
        let mut bed = Bed::new(seed, vec![Origin::live(BASE, ladder()), second]);
        bed.link.rates = vec![(0.0, 60e6)];
        bed.play_with(LoadOptions {
            url: master(),
            high_quality_url: Some(format!("{HIGH_QUALITY_BASE}v0/index.m3u8")),
            start_secs: None,
            selection: Selection::Auto,
        });
        bed.run(30.0);
        bed.command(Command::Select(Selection::Max));
        assert!(bed.run_until(20.0, |bed| playing_variant(bed) == Some(10)));
        bed.run(60.0);
        bed.command(Command::Select(Selection::Auto));
        bed.run(30.0);
        assert!(playing_variant(&bed).is_some_and(|variant| variant < 10));
        assert_eq!(bed.element.stalls, 0);
        assert_eq!(bed.codes(), Vec::<&str>::new());
    }
}

#[test]
fn a_second_source_that_cannot_be_had_costs_a_warning() {
    let mut second = high_quality();
    second.fault("master", FaultKind::Status(404), u32::MAX);
    let mut bed = Bed::new(1, vec![long_vod(), second]);
    bed.play_with(LoadOptions {
        url: master(),
        high_quality_url: Some(format!("{HIGH_QUALITY_BASE}master.m3u8")),
        start_secs: None,
        selection: Selection::Max,
    });
    bed.run(30.0);
    assert_eq!(bed.codes(), ["variant-excluded"]);
    assert_eq!(playing_variant(&bed), Some(3), "the best of the first source instead");
    assert_eq!(bed.element.stalls, 0);
}

#[test]
fn codecs_the_browser_lacks_are_left_out() {
    let mut rungs = ladder();
    rungs[3].codecs = "hvc1.1.6.L150".to_owned();
    let mut bed = Bed::new(1, vec![Origin { rungs, ..long_vod() }]);
    bed.refused_codecs = vec!["hvc1".to_owned()];
    bed.play(&master());
    bed.run(40.0);
    let playable: Vec<bool> = bed.variants.iter().map(|variant| variant.is_playable).collect();
    assert_eq!(playable, [true, true, true, false]);
    assert_eq!(playing_variant(&bed), Some(2));
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn what_is_said_of_the_whole_stream_is_told_once() {
    let tag = "#EXT-X-SESSION-DATA:DATA-ID=\"com.example.title\",LANGUAGE=\"en\",VALUE=\"Harbour\"\n\
               #EXT-X-SESSION-DATA:DATA-ID=\"com.example.shots\",URI=\"shots.json\"\n";
    let mut origin = Origin::vod(BASE, ladder());
    origin.add_to_master(tag);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(5.0);
    let said = |id: &str, language: Option<&str>, value| SessionData {
        id: id.to_owned(),
        language: language.map(str::to_owned),
        value,
    };
    let title = SessionValue::Text("Harbour".to_owned());
    let shots = SessionValue::JsonAt(format!("{BASE}shots.json"));
    let expected =
        [said("com.example.title", Some("en"), title), said("com.example.shots", None, shots)];
    assert_eq!(bed.session_data, expected);
    assert!(bed.origins[0].requests.keys().all(|path| !path.contains("shots")), "unasked");
}
