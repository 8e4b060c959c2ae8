//! Prefetch streams, as Amazon IVS and Twitch make them: segments listed while they are written.

use videosphere::error::Error;

use crate::BASE;
use crate::bed::Bed;
use crate::low_latency::{assert_live, latency_secs, played, requested};
use crate::low_latency_origin::Prefetch;
use crate::origin::Origin;

/// What went wrong, but that the fixtures' sound is a frame and a half longer than their picture.
fn troubles(bed: &Bed) -> Vec<&'static str> {
    let is_trouble = |error: &&Error| !error.to_string().contains("overlapping frames");
    bed.errors.iter().filter(is_trouble).map(Error::code).collect()
}

#[test]
fn plays_a_little_behind_what_is_being_written() {
    for seed in [1, 42] {
        let mut bed = Bed::new(seed, vec![Origin::prefetch(BASE, &[])]);
        played(&mut bed, 120.0);
        assert_eq!(troubles(&bed), Vec::<&str>::new());
        assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
        let latency_secs = latency_secs(&bed);
        assert!((0.6..1.0).contains(&latency_secs), "{latency_secs} s behind");
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        for (path, count) in &bed.origins[0].requests {
            assert!(path.contains("m3u8") || *count == 1, "{path} was asked for {count} times");
        }
        // By the pace of the segments, not by TARGETDURATION.
        let lists = requested(&bed, "index.m3u8");
        assert!((50..130).contains(&lists), "{lists} lists");
    }
}

fn faulty(seed: u64, discontinuities: &[u64], fault: impl FnOnce(&mut Prefetch)) -> Bed {
    let mut origin = Origin::prefetch(BASE, discontinuities);
    fault(origin.prefetch.as_mut().expect("a prefetch origin"));
    Bed::new(seed, vec![origin])
}

/// How much there is of the segments between two moments of server time, holes left out.
fn held_secs(bed: &Bed) -> f64 {
    bed.element.playable().iter().map(|range| range.end_secs - range.start_secs).sum()
}

#[test]
fn a_body_that_breaks_off_is_replaced_by_the_listed_segment() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, &[], |prefetch| prefetch.broken = vec![36]);
        played(&mut bed, 40.0);
        assert_eq!(troubles(&bed), Vec::<&str>::new());
        assert_eq!(requested(&bed, "live36.ts"), 2);
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        assert!(bed.element.stalled_secs < 2.5, "{} s stalled", bed.element.stalled_secs);
        assert_live(&mut bed, 4.0);
    }
}

#[test]
fn a_list_that_once_announces_nothing_takes_nothing_back() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, &[], |prefetch| prefetch.unannounced = vec![(20.0, 22.5)]);
        played(&mut bed, 40.0);
        assert_eq!(troubles(&bed), Vec::<&str>::new());
        for (path, count) in &bed.origins[0].requests {
            assert!(path.contains("m3u8") || *count == 1, "{path} was asked for {count} times");
        }
        assert_live(&mut bed, 4.0);
    }
}

#[test]
fn a_body_that_stops_coming_is_given_up() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, &[], |prefetch| prefetch.stalled = vec![36]);
        played(&mut bed, 60.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        assert!(bed.element.stalled_secs < 5.0, "{} s stalled", bed.element.stalled_secs);
        assert_live(&mut bed, 4.0);
    }
}

#[test]
fn a_body_that_ends_early_is_fetched_as_listed() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, &[], |prefetch| prefetch.short = vec![36]);
        played(&mut bed, 40.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert!(requested(&bed, "live36.ts") >= 2);
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        assert_live(&mut bed, 4.0);
    }
}

#[test]
fn what_is_listed_instead_of_what_was_announced_is_played() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, &[], |prefetch| prefetch.replaced = vec![36, 37]);
        played(&mut bed, 40.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert_eq!((requested(&bed, "other36.ts"), requested(&bed, "other37.ts")), (1, 1));
        assert_eq!(requested(&bed, "other38.ts"), 0);
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        assert_live(&mut bed, 5.0);
    }
}

#[test]
fn a_discontinuity_before_what_is_being_written_is_crossed() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, &[36, 42], |_| {});
        played(&mut bed, 40.0);
        assert_eq!(troubles(&bed), Vec::<&str>::new());
        assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
        let held_secs = held_secs(&bed);
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        assert!(held_secs > 25.0, "{held_secs}");
        assert_live(&mut bed, 3.0);
    }
}

#[test]
fn an_outage_leads_back_to_what_is_being_written() {
    for seed in [1, 42] {
        let mut bed = faulty(seed, &[], |_| {});
        bed.link.outages = vec![(20.0, 27.0)];
        played(&mut bed, 90.0);
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert!(requested(&bed, "live60.ts") == 1);
        assert_live(&mut bed, 4.0);
    }
}
