//! Live lists that misbehave: dates that step, tags that are missing, one damaged answer. The number
//! and the name make a segment, a date only maps it to the wall clock (RFC 8216bis 6.2.1), and what
//! one answer said wrongly the next one puts right: one visible hiccup at most, no lasting offset.

use videosphere::engine::{Command, Selection};

use crate::bed::Bed;
use crate::origin::{Answer, Edit, FaultKind, Growth, Origin, Reply};
use crate::{BASE, ladder, master};

const TOP: Selection = Selection::Max;
const LOW: Selection = Selection::Height(480);

/// A bed that plays the top variant for half a minute.
fn playing(origin: Origin) -> Bed {
    let mut bed = Bed::new(1, vec![origin]);
    bed.link.rates = vec![(0.0, 60e6)];
    bed.play(&master());
    bed.command(Command::Select(TOP));
    bed.run(30.0);
    bed
}

/// What a viewer saw go wrong so far: stops and jumps, the first seek to the live edge left out.
fn hiccups(bed: &Bed) -> usize {
    bed.element.stalls as usize + bed.element.seeks.len() - 1
}

/// Plays on for a minute and a half with changes of variants, without another hiccup.
fn assert_settled(bed: &mut Bed, name: &str) {
    let before = hiccups(bed);
    for quality in [LOW, TOP, Selection::Height(240), TOP] {
        bed.command(Command::Select(quality));
        bed.run(22.0);
        let edge_secs = bed.timeline.expect("a timeline").end_secs;
        let latency_secs = edge_secs - bed.at_secs();
        let least_secs = if bed.origins[0].low_latency.is_some() { 0.3 } else { 3.0 };
        assert!((least_secs..11.0).contains(&latency_secs), "{name}: {latency_secs} s behind");
    }
    assert_eq!(hiccups(bed), before, "{name}: {:?} {:?}", bed.element.seeks, bed.codes());
    assert!(bed.fatal().is_none(), "{name}: {:?}", bed.fatal());
}

/// No segment of a variant was fetched twice.
fn assert_fetched_once(bed: &Bed, name: &str) {
    for (path, count) in &bed.origins[0].requests {
        assert!(path.contains("m3u8") || path.contains("init") || *count == 1, "{name}: {path}");
    }
}

#[test]
fn dates_that_step_repeat_nothing() {
    for steps in [&[3.0][..], &[3600.0], &[-3600.0], &[0.9], &[3.0, -3.0, 3.0]] {
        let name = format!("{steps:?}");
        let date_offset_secs = 7200.0;
        let mut bed = playing(Origin { date_offset_secs, ..Origin::live(BASE, ladder()) });
        for step_secs in steps {
            bed.origins[0].date_offset_secs += step_secs;
            bed.run(8.0);
        }
        assert_eq!(hiccups(&bed), 0, "{name}: {:?}", bed.element.seeks);
        assert_fetched_once(&bed, &name);
        assert_settled(&mut bed, &name);
        assert_eq!(hiccups(&bed), 0, "{name}: {:?}", bed.element.seeks);
    }
}

/// The clock is five seconds ahead from segment 50 on, which is made forty seconds after the start.
fn with_clock_jump(jump_secs: f64) -> Origin {
    Origin { clock_jumps: vec![(50, jump_secs)], ..Origin::live(BASE, ladder()) }
}

#[test]
fn a_discontinuity_without_its_sequence_number_stays_one_when_its_tag_is_gone() {
    for (is_dated, jump_secs) in [(true, 5.0), (false, 5.0), (true, -5.0)] {
        let name = format!("dated: {is_dated}, {jump_secs}");
        let edit = Edit::new(|_: &Answer, text: String| {
            let lines = text.lines().filter(|line| !line.contains("DISCONTINUITY-SEQUENCE"));
            let text: String = lines.map(|line| format!("{line}\n")).collect();
            text.replace("#EXTINF:2,\n50.m4s", "#EXT-X-DISCONTINUITY\n#EXTINF:2,\n50.m4s")
        });
        let origin =
            Origin { edit: Some(edit), has_date_time: is_dated, ..with_clock_jump(jump_secs) };
        let mut bed = playing(origin);
        bed.run(40.0);
        assert_eq!(hiccups(&bed), 0, "{name}: {:?}", bed.element.seeks);
        assert_fetched_once(&bed, &name);
        assert_settled(&mut bed, &name);
        assert_eq!(hiccups(&bed), 0, "{name}: {:?}", bed.element.seeks);
    }
}

#[test]
fn a_clock_that_jumps_untold_costs_one_hiccup_at_most() {
    for jump_secs in [5.0, -5.0, 60.0] {
        let name = format!("{jump_secs}");
        let mut bed = playing(with_clock_jump(jump_secs));
        bed.run(30.0);
        assert!(hiccups(&bed) <= 2, "{name}: {:?}", bed.element.seeks);
        assert_settled(&mut bed, &name);
        assert!(bed.element.stalled_secs < 1.5, "{name}: {} s", bed.element.stalled_secs);
    }
}

/// One answer for the list of the top variant, damaged.
type Damage = fn(&str) -> String;

/// Lines from a URI on, `back` segments before the last one.
fn uri_line(text: &str, back: usize) -> String {
    let uris: Vec<&str> = text.lines().filter(|line| line.ends_with(".m4s")).collect();
    uris[uris.len() - 1 - back].to_owned()
}

fn twice(text: &str, back: usize, with_tags: bool) -> String {
    let uri = uri_line(text, back);
    let tags = if with_tags { "#EXTINF:2,\n" } else { "" };
    text.replace(&format!("\n{uri}\n"), &format!("\n{uri}\n{tags}{uri}\n"))
}

fn renumbered(text: &str, number: impl Fn(u64) -> u64) -> String {
    let line = text.lines().find(|line| line.contains("MEDIA-SEQUENCE")).expect("numbered");
    let (tag, value) = line.split_once(':').expect("a value");
    text.replace(line, &format!("{tag}:{}", number(value.parse().expect("a number"))))
}

const DAMAGES: [(&str, Damage); 13] = [
    ("a line twice", |text| twice(text, 3, false)),
    ("the last line twice", |text| twice(text, 0, false)),
    ("a segment twice", |text| twice(text, 3, true)),
    ("the last segment twice", |text| twice(text, 0, true)),
    ("a line gone", |text| text.replace(&format!("{}\n", uri_line(text, 2)), "")),
    ("one more", |text| renumbered(text, |number| number + 1)),
    ("one less", |text| renumbered(text, |number| number.saturating_sub(1))),
    ("number 0", |text| renumbered(text, |_| 0)),
    ("far ahead", |text| renumbered(text, |number| number + 1000)),
    ("an unasked delta", |text| {
        text.replace("#EXT-X-MAP", "#EXT-X-SKIP:SKIPPED-SEGMENTS=500\n#EXT-X-MAP")
    }),
    ("the end", |text| format!("{text}#EXT-X-ENDLIST\n")),
    ("a VOD", |text| text.replace("#EXT-X-MAP", "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MAP")),
    ("nothing", |text| text.split_once("#EXT-X-MAP").expect("a map").0.to_owned()),
];

fn damaged(origin: Origin, nth: u32, damage: Damage) -> Origin {
    let edit = Edit::new(move |answer: &Answer, text: String| {
        let is_hit = answer.path == "v3/index.m3u8" && answer.count == nth;
        if is_hit { damage(&text) } else { text }
    });
    Origin { edit: Some(edit), ..origin }
}

#[test]
fn one_damaged_answer_leaves_nothing_behind() {
    for (name, damage) in DAMAGES {
        for is_dated in [true, false] {
            let name = format!("{name}, dated: {is_dated}");
            let origin = Origin { has_date_time: is_dated, ..Origin::live(BASE, ladder()) };
            let mut bed = playing(damaged(origin, 9, damage));
            assert!(hiccups(&bed) <= 1, "{name}: {:?} {:?}", bed.element.seeks, bed.codes());
            assert_settled(&mut bed, &name);
        }
    }
}

#[test]
fn one_damaged_answer_leaves_nothing_behind_near_the_edge() {
    for (name, damage) in DAMAGES {
        for is_dated in [true, false] {
            let name = format!("{name}, dated: {is_dated}");
            let parts = Origin::low_latency(BASE, ladder());
            let mut bed = playing(damaged(Origin { has_date_time: is_dated, ..parts }, 30, damage));
            // The reserve is a second: a stop, and a jump to catch up.
            assert!(hiccups(&bed) <= 2, "{name}: {:?} {:?}", bed.element.seeks, bed.codes());
            assert_settled(&mut bed, &name);
        }
    }
}

#[test]
fn a_damaged_answer_for_a_variant_come_back_to_is_put_right() {
    for (name, damage) in DAMAGES {
        let mut bed = playing(Origin::live(BASE, ladder()));
        bed.command(Command::Select(LOW));
        bed.run(20.0);
        // The next answer, when the viewer goes back.
        let next = bed.origins[0].requests.get("v3/index.m3u8").map_or(0, |count| count + 1);
        bed.origins[0] = damaged(bed.origins[0].clone(), next, damage);
        bed.command(Command::Select(TOP));
        bed.run(20.0);
        assert!(hiccups(&bed) <= 2, "{name}: {:?} {:?}", bed.element.seeks, bed.codes());
        assert_settled(&mut bed, name);
    }
}

#[test]
fn an_event_list_with_a_segment_twice_plays_on() {
    let event = Growth::Event { already_secs: 60.0, ends_at_secs: f64::INFINITY };
    for (name, damage) in DAMAGES {
        let origin = Origin { growth: event, ..Origin::live(BASE, ladder()) };
        let mut bed = playing(damaged(origin, 6, damage));
        assert!(hiccups(&bed) <= 1, "{name}: {:?} {:?}", bed.element.seeks, bed.codes());
        assert_settled(&mut bed, name);
    }
}

#[test]
fn a_list_that_ends_two_segments_shorter_ends() {
    let edit = Edit::new(|answer: &Answer, text: String| {
        let cut = uri_line(&text, 1);
        match answer.now_secs > 40.0 {
            true => {
                text.split_once(&cut).expect("listed").0.to_owned() + &cut + "\n#EXT-X-ENDLIST\n"
            }
            false => text,
        }
    });
    let growth = Growth::Live { window: 8, already_secs: 60.0, ends_at_secs: 40.0 };
    let mut bed = playing(Origin { edit: Some(edit), growth, ..Origin::live(BASE, ladder()) });
    assert!(bed.run_until(40.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
}

#[test]
fn a_stream_whose_lists_are_gone_after_its_end_ends() {
    let growth = Growth::Live { window: 8, already_secs: 60.0, ends_at_secs: 32.0 };
    let mut bed = playing(Origin { growth, ..Origin::live(BASE, ladder()) });
    let ended = |bed: &Bed| {
        let mut origin = bed.origins[0].clone();
        let reply = origin.reply(&format!("{BASE}v3/index.m3u8"), bed.now_secs());
        matches!(reply, Some(Reply::Body { body, .. }) if body.ends_with(b"ENDLIST\n"))
    };
    assert!(bed.run_until(5.0, ended));
    let asked = bed.origins[0].requests["v3/index.m3u8"];
    assert!(bed.run_until(5.0, |bed| bed.origins[0].requests["v3/index.m3u8"] > asked));
    bed.origins[0].fault("index.m3u8", FaultKind::Status(404), u32::MAX);
    assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
}

#[test]
fn a_list_that_is_empty_for_a_while_keeps_its_seekable_range() {
    // The media source opens while nothing is listed: `Element` takes no append without a range.
    let mut origin = Origin::live(BASE, ladder());
    origin.edit = Some(Edit::new(|answer: &Answer, text| {
        let is_empty = (1.0..9.0).contains(&answer.now_secs);
        let listed = text.find("#EXT-X-PROGRAM-DATE-TIME").filter(|_| is_empty);
        listed.map_or(text.clone(), |from| text[..from].to_owned())
    }));
    let mut bed = Bed::new(1, vec![origin]);
    bed.element.opens_after_secs = 4.0;
    bed.play(&master());
    bed.run(30.0);
    assert!(bed.at_secs() > 15.0, "at {}: {:?}", bed.at_secs(), bed.codes());
}

#[test]
fn a_list_that_only_announces_has_a_seekable_range_in_each_media_source() {
    let mut origin = Origin::prefetch(BASE, &[]);
    origin.edit = Some(Edit::new(|answer: &Answer, text| {
        let is_kept = |line: &&str| line.starts_with('#') && !line.starts_with("#EXTINF");
        let announced = text.lines().filter(is_kept).map(|line| format!("{line}\n"));
        if answer.now_secs > 8.0 { announced.collect() } else { text }
    }));
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    for _ in 0..2 {
        bed.run(10.0);
        let at_secs = bed.at_secs();
        bed.element.undecodable.push((at_secs + 0.1, at_secs + 0.9));
    }
    bed.run(20.0);
    assert!(bed.element.seekable.is_some(), "at {}: {:?}", bed.at_secs(), bed.codes());
}
