//! An encoder that begins again at number 0: the new stream plays as the old one did, from two
//! minutes after it at the latest.

use crate::bed::Bed;
use crate::origin::{FaultKind, Growth, Origin, Rung};
use crate::{BASE, ladder, master};

/// When it goes, for how long, and how much of the new stream there is when it comes back.
struct Restart {
    at_secs: f64,
    away_secs: f64,
    already_secs: f64,
}

/// Two rungs of the ladder, at 2 Mbit/s. How many of the 36 spans of ten seconds that begin two
/// minutes after it are short or long; catching up plays at 1.1 at most.
fn bad_spans(make: fn(&str, Vec<Rung>) -> Origin, is_dated: bool, restart: &Restart) -> usize {
    let origin = || Origin { has_date_time: is_dated, ..make(BASE, ladder()[..2].to_vec()) };
    let mut bed = Bed::new(1, vec![origin()]);
    bed.link.rates = vec![(0.0, 2e6)];
    bed.play(&master());
    bed.run(restart.at_secs);
    bed.origins[0].fault("", FaultKind::Refused, u32::MAX);
    bed.run(restart.away_secs);
    bed.origins[0].faults.clear();
    let already_secs = restart.already_secs - bed.now_secs();
    bed.origins[0] = Origin {
        growth: Growth::Live { window: 8, already_secs, ends_at_secs: f64::INFINITY },
        // At the same time of day.
        date_offset_secs: 60.0 - already_secs,
        clock_secs: 777.0,
        ..origin()
    };
    bed.run(120.0);
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
    let spans: Vec<f64> = (0..36)
        .map(|_| {
            let from_secs = bed.at_secs();
            bed.run(10.0);
            bed.at_secs() - from_secs
        })
        .collect();
    let bad = spans.iter().filter(|secs| !(9.0..11.1).contains(*secs)).count();
    if bad > 0 {
        println!("{bad} bad, {} seeks, {:?}, {spans:.1?}", bed.element.seeks.len(), bed.codes());
    }
    bad
}

fn assert_followed(make: fn(&str, Vec<Rung>) -> Origin, restart: &Restart) {
    for is_dated in [false, true] {
        assert_eq!(bad_spans(make, is_dated, restart), 0, "dated: {is_dated}");
    }
}

#[test]
fn of_parts_is_followed() {
    let restart = Restart { at_secs: 45.0, away_secs: 2.0, already_secs: 0.0 };
    assert_followed(Origin::low_latency, &restart);
}

#[test]
fn of_announced_segments_is_followed() {
    for already_secs in [0.0, 6.0] {
        let restart = Restart { at_secs: 45.0, away_secs: 2.0, already_secs };
        assert_followed(Origin::chunked, &restart);
    }
}

#[test]
fn of_plain_segments_is_followed() {
    let restart = Restart { at_secs: 20.0, away_secs: 30.0, already_secs: 0.0 };
    assert_followed(Origin::live, &restart);
}
