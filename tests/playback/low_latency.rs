//! Low-latency HLS (RFC 8216bis): parts, hints, held answers, delta updates, reports; and servers
//! that do it wrong.

use videosphere::engine::Command;
use videosphere::media::TrackKind;

use crate::bed::Bed;
use crate::low_latency_origin::{Hints, LowLatency};
use crate::origin::{FaultKind, Growth, Origin};
use crate::{BASE, SEEDS, ladder, master};

/// How far playback is behind what the encoder has made.
pub fn latency_secs(bed: &Bed) -> f64 {
    /// 2026-01-01, where the origin's dates begin.
    const ORIGIN_MILLIS: f64 = 1_767_225_600_000.0;
    let zero_millis = bed.timeline.and_then(|timeline| timeline.zero_unix_millis);
    let zero_secs = (zero_millis.expect("dates") - ORIGIN_MILLIS) / 1000.0;
    60.0 + bed.now_secs() - zero_secs - bed.at_secs()
}

pub fn requested(bed: &Bed, part: &str) -> u32 {
    let requests = bed.origins[0].requests.iter();
    requests.filter(|(path, _)| path.contains(part)).map(|(_, count)| count).sum()
}

pub fn played(bed: &mut Bed, secs: f64) {
    bed.play(&master());
    bed.run(secs);
}

#[test]
fn plays_at_part_hold_back_for_five_minutes() {
    for seed in [1, 42] {
        let mut bed = Bed::new(seed, vec![Origin::low_latency(BASE, ladder())]);
        played(&mut bed, 300.0);
        assert_eq!(bed.codes(), Vec::<&str>::new());
        assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
        let latency_secs = latency_secs(&bed);
        assert!((1.1..2.0).contains(&latency_secs), "{latency_secs} s behind");
        let timeline = bed.timeline.expect("a timeline");
        let ahead_secs = timeline.end_secs - bed.at_secs();
        assert!((latency_secs - ahead_secs).abs() < 0.6, "the edge is the last part: {ahead_secs}");
        // One held request for each part, no more.
        let lists = requested(&bed, "index.m3u8");
        assert!((700..1000).contains(&lists), "{lists} lists");
        assert!(requested(&bed, "_HLS_skip=YES") > 600);
        let variants = bed.buffered_variants(TrackKind::Video);
        assert_eq!(variants.last(), Some(&3), "{variants:?}");
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
    }
}

#[test]
fn playback_stands_where_the_list_says_to_a_few_hundredths_of_a_second() {
    for seed in [1, 42] {
        let mut bed = Bed::new(seed, vec![Origin::low_latency(BASE, ladder())]);
        bed.step_millis = 4;
        bed.link.latency_secs = 0.01;
        played(&mut bed, 30.0);
        for _ in 0..20 {
            bed.run(5.0);
            let off_secs = latency_secs(&bed) - 1.2;
            assert!((-0.03..0.04).contains(&off_secs), "{off_secs} s off the hold-back");
        }
        assert!(bed.element.rates.len() < 10, "{:?}", bed.element.rates);
        // A stall moves it back a little; there it is soon.
        bed.link.outages = vec![(bed.now_secs(), bed.now_secs() + 3.0)];
        bed.run(23.0);
        assert_eq!(bed.element.stalls, 1);
        let target_secs = bed.stats.last().and_then(|stats| stats.1.target_latency_secs);
        let off_secs = latency_secs(&bed) - target_secs.expect("live");
        assert!(off_secs.abs() < 0.25, "{off_secs} s off the target");
        bed.run(120.0);
        let off_secs = latency_secs(&bed) - 1.2;
        assert!(off_secs.abs() < 0.04, "{off_secs} s off the hold-back");
    }
}

/// A stream with one fault of its server, or none.
fn faulty(seed: u64, fault: impl FnOnce(&mut Origin)) -> Bed {
    let mut origin = Origin::low_latency(BASE, ladder());
    fault(&mut origin);
    Bed::new(seed, vec![origin])
}

fn settings(origin: &mut Origin) -> &mut LowLatency {
    origin.low_latency.as_mut().expect("a low-latency origin")
}

/// Plays on, at most this far behind.
pub fn assert_live(bed: &mut Bed, most_secs: f64) {
    let before_secs = bed.at_secs();
    bed.run(10.0);
    // A little faster or slower, to be where it should.
    let played_secs = bed.at_secs() - before_secs;
    assert!((9.3..11.2).contains(&played_secs), "{played_secs} s in ten");
    let latency_secs = latency_secs(bed);
    assert!((0.6..most_secs).contains(&latency_secs), "{latency_secs} s behind");
    let at_secs = bed.at_secs();
    let holes = bed.element.playable().iter().filter(|range| range.end_secs > at_secs).count();
    assert_eq!(holes, 1, "{:?}", bed.element.playable());
}

#[test]
fn parts_that_cannot_be_had_are_replaced_by_whole_segments() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, |origin| {
            settings(origin).without_parts = vec![(20.0, 26.0)];
        });
        played(&mut bed, 40.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert!(bed.codes().iter().all(|code| *code == "network-status"), "{:?}", bed.codes());
        assert!(requested(&bed, "41.m4s") > 0, "the whole segment took the parts' place");
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        assert_live(&mut bed, 6.0);
    }
}

#[test]
fn hints_that_lead_nowhere_cost_nothing() {
    for hints in [Hints::None, Hints::Wrong, Hints::Missing] {
        let mut bed = faulty(1, |origin| settings(origin).hints = hints);
        played(&mut bed, 60.0);
        assert_eq!(bed.codes(), Vec::<&str>::new(), "{hints:?}");
        assert_eq!(bed.element.stalls, 0, "{hints:?} at {}", bed.at_secs());
        let wrong = requested(&bed, "wrong") + requested(&bed, "missing");
        assert_eq!(wrong > 0, hints != Hints::None, "{hints:?}: {wrong} tried");
        assert!(bed.outstanding().0 <= 3, "what was wrong is not waited for");
        assert_live(&mut bed, 2.2);
    }
}

#[test]
fn hinted_parts_are_fetched_once() {
    let mut bed = faulty(1, |_| {});
    played(&mut bed, 30.0);
    for (path, count) in &bed.origins[0].requests {
        assert!(path.contains("m3u8") || *count == 1, "{path} was asked for {count} times");
    }
}

#[test]
fn parts_that_are_ranges_of_their_segment_play() {
    for (are_hints_open, omits_start) in [(false, false), (true, false), (true, true)] {
        let mut bed = faulty(1, |origin| {
            origin.rungs.truncate(1);
            settings(origin).are_ranges = true;
            settings(origin).are_hints_open = are_hints_open;
            settings(origin).omits_start = omits_start;
        });
        played(&mut bed, 60.0);
        assert_eq!(bed.codes(), Vec::<&str>::new());
        assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        // Of an open range all of a segment comes at one go.
        let requests = requested(&bed, "v0/45.m4s");
        assert_eq!(requests, if are_hints_open { 1 } else { 5 });
        assert_live(&mut bed, 2.2);
    }
}

#[test]
fn another_init_section_is_there_before_it_is_needed() {
    let mut bed = faulty(1, |origin| {
        origin.rungs.truncate(1);
        settings(origin).next_map_from = Some(40);
    });
    bed.play(&master());
    // Segment 40 begins at 20 s, and is announced with its init section two seconds before.
    bed.run(19.5);
    assert_eq!(requested(&bed, "next.mp4"), 1);
    bed.run(20.0);
    assert_eq!(requested(&bed, "next.mp4"), 1, "once");
    assert_eq!(bed.codes(), Vec::<&str>::new());
    assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
    assert_live(&mut bed, 2.2);
}

#[test]
fn delta_updates_that_do_not_fit_are_replaced_by_whole_lists() {
    let mut bed = faulty(1, |origin| settings(origin).skips_too_much = true);
    played(&mut bed, 60.0);
    assert_eq!(bed.codes(), Vec::<&str>::new());
    assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
    assert_live(&mut bed, 2.2);
}

#[test]
fn servers_that_ignore_directives_are_asked_as_often_as_parts_come() {
    let mut bed = faulty(1, |origin| settings(origin).blocks = false);
    played(&mut bed, 60.0);
    assert_eq!(bed.codes(), Vec::<&str>::new());
    let lists = requested(&bed, "index.m3u8");
    assert!((60..200).contains(&lists), "{lists} lists: no storm");
    assert!(bed.element.stalled_secs < 0.5, "{} s stalled", bed.element.stalled_secs);
    assert_live(&mut bed, 3.0);

    // One that never promised to hold answers, and knows no other directive either.
    let mut bed = faulty(1, |origin| {
        settings(origin).says_it_blocks = false;
        settings(origin).skips = None;
    });
    played(&mut bed, 60.0);
    assert_eq!(requested(&bed, "_HLS_"), 0);
    assert_live(&mut bed, 3.0);
}

#[test]
fn refused_directives_are_left_out_for_a_while() {
    for status in [400, 404, 503] {
        let mut bed = faulty(1, |origin| settings(origin).refusal = Some(status));
        played(&mut bed, 40.0);
        assert!(bed.fatal().is_none(), "{status}: {:?}", bed.fatal());
        assert_eq!(bed.codes(), Vec::<&str>::new(), "{status}");
        let lists = requested(&bed, "_HLS_msn");
        assert!((3..12).contains(&lists), "{status}: {lists} held lists");
        assert_live(&mut bed, 4.0);
        settings(&mut bed.origins[0]).refusal = None;
        bed.run(10.0);
        assert!(requested(&bed, "_HLS_msn") > lists + 15, "{status}: and tried again");
    }
}

#[test]
fn a_list_that_stands_still_is_told_and_survived() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, |origin| settings(origin).standstills = vec![(20.0, 32.0)]);
        played(&mut bed, 45.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert!(
            bed.codes().iter().all(|code| *code == "live-playlist-stalled"),
            "{:?}",
            bed.codes()
        );
        bed.run(75.0);
        assert_live(&mut bed, 2.4);
    }
}

#[test]
fn a_restarted_origin_is_followed() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, |origin| origin.rungs.truncate(2));
        played(&mut bed, 20.0);
        let mut origin = Origin::low_latency(BASE, ladder());
        origin.rungs.truncate(2);
        // It begins with number zero again, two segments ago, at the same time of day.
        let already_secs = 4.0 - bed.now_secs();
        origin.growth = Growth::Live { window: 8, already_secs, ends_at_secs: f64::INFINITY };
        origin.date_offset_secs = 60.0 - already_secs;
        origin.clock_secs = 777.0;
        bed.origins[0] = origin;
        bed.run(60.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert_live(&mut bed, 3.0);
    }
}

#[test]
fn another_variant_is_joined_at_a_part_that_can_be_decoded() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, |origin| settings(origin).independent_every = 5);
        bed.link.rates = vec![(0.0, 20e6), (20.0, 2.0e6), (50.0, 20e6)];
        played(&mut bed, 150.0);
        assert_eq!(bed.codes(), Vec::<&str>::new());
        assert!(requested(&bed, "v3/index.m3u8?_HLS_msn=") > 0, "by its report");
        let variants: Vec<usize> = bed.changes.iter().map(|(_, id, _)| *id).collect();
        assert!(variants.len() >= 3 && variants.last() == Some(&3), "{variants:?}");
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        // What begins with another variant begins with a key frame: at a segment's start.
        let spans = &bed.element.tracks[&TrackKind::Video].spans;
        let starts = spans.windows(2).filter(|pair| pair[0].variant != pair[1].variant);
        for start_secs in starts.map(|pair| pair[1].start_secs) {
            let into_secs = (start_secs + 1e-3) % 2.0;
            assert!(into_secs < 0.01, "a change {into_secs} s into a segment");
        }
        assert_live(&mut bed, 10.0);
    }
}

#[test]
fn a_separate_audio_rendition_keeps_pace() {
    let mut bed = faulty(1, |origin| origin.has_separate_audio = true);
    played(&mut bed, 60.0);
    assert_eq!(bed.codes(), Vec::<&str>::new());
    assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
    assert!(requested(&bed, "audio/index.m3u8?_HLS_msn=") > 100);
    assert_live(&mut bed, 2.2);
}

#[test]
fn back_in_the_window_and_live_again() {
    let mut bed = faulty(1, |origin| {
        origin.growth =
            Growth::Live { window: 40, already_secs: 60.0, ends_at_secs: f64::INFINITY };
    });
    played(&mut bed, 70.0);
    let edge_secs = bed.at_secs();
    let lists = requested(&bed, "index.m3u8");
    bed.seek(edge_secs - 40.0);
    bed.run(6.0);
    assert!((bed.at_secs() - edge_secs + 35.0).abs() < 1.2, "at {}", bed.at_secs());
    bed.command(Command::GoLive);
    bed.run(3.0);
    assert_live(&mut bed, 2.4);
    assert!(requested(&bed, "index.m3u8") > lists);
    bed.element.state.is_paused = true;
    bed.run(20.0);
    let lists = requested(&bed, "index.m3u8");
    bed.run(20.0);
    assert!(requested(&bed, "index.m3u8") - lists < 30, "nobody waits for parts while paused");
    bed.element.state.is_paused = false;
    bed.command(Command::GoLive);
    bed.run(3.0);
    assert_live(&mut bed, 2.4);
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
}

#[test]
fn a_lossy_link_is_survived() {
    for seed in SEEDS {
        let mut bed = faulty(seed, |_| {});
        bed.link.truncation = 0.02;
        bed.link.loss = 0.005;
        played(&mut bed, 200.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert!(bed.element.stalled_secs < 60.0, "{} s stalled", bed.element.stalled_secs);
    }
}

#[test]
fn the_end_of_the_stream_is_the_end() {
    let mut bed = faulty(1, |origin| {
        origin.growth = Growth::Live { window: 8, already_secs: 60.0, ends_at_secs: 30.0 };
    });
    bed.play(&master());
    assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.element.stalls, 0);
    assert_eq!(bed.codes(), Vec::<&str>::new());
    let requests = bed.requests;
    bed.run(30.0);
    assert_eq!(bed.requests, requests, "nothing is asked for after the end");
}

#[test]
fn a_dead_origin_costs_little_where_another_has_the_stream() {
    const BACKUP: &str = "https://backup.example/";
    for (seed, has_separate_audio, death) in [
        (1, false, FaultKind::Silence),
        (42, false, FaultKind::Status(502)),
        (1, true, FaultKind::Silence),
        (42, true, FaultKind::Status(502)),
    ] {
        let mut origins = [BASE, BACKUP].map(|base| Origin::low_latency(base, ladder()));
        let mut text = "#EXTM3U\n#EXT-X-VERSION:9\n".to_owned();
        for origin in &mut origins {
            origin.has_separate_audio = has_separate_audio;
            let (base, mut audio) = (&origin.base, String::new());
            if has_separate_audio {
                text += &format!(
                    "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{base}\",NAME=\"en\",DEFAULT=YES,\
                     URI=\"{base}audio/index.m3u8\"\n"
                );
                audio = format!(",AUDIO=\"{base}\"");
            }
            for (index, rung) in origin.rungs.iter().enumerate() {
                let (bps, width, height) = (rung.bandwidth_bps, rung.width_px, rung.height_px);
                let sound = if has_separate_audio { ",mp4a.40.2" } else { "" };
                text += &format!(
                    "#EXT-X-STREAM-INF:BANDWIDTH={bps},RESOLUTION={width}x{height},\
                     CODECS=\"{}{sound}\"{audio}\n{base}v{index}/index.m3u8\n",
                    rung.codecs
                );
            }
        }
        origins[0].files.insert("master.m3u8".to_owned(), text.into_bytes().into());
        let mut bed = Bed::new(seed, origins.into());
        played(&mut bed, 30.0);
        let stalled_secs = bed.element.stalled_secs;
        let asked = |origin: &Origin| origin.requests.values().sum::<u32>();
        let used = usize::from(asked(&bed.origins[1]) > asked(&bed.origins[0]));
        bed.origins[used].fault("", death.clone(), u32::MAX);
        bed.run(40.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        let lost_secs = bed.element.stalled_secs - stalled_secs;
        assert!(lost_secs < 3.0, "{lost_secs} s stalled by {death:?}, {has_separate_audio}");
        assert_live(&mut bed, 3.0);
    }
}
