//! Prefetch streams, as Amazon IVS and Twitch make them: segments listed while they are written.

use videosphere::error::Error;

use crate::bed::Bed;
use crate::low_latency::{latency_secs, played, requested};
use crate::origin::Origin;
use crate::{BASE, SEEDS};

/// What went wrong, but that the fixtures' sound is a frame and a half longer than their picture.
fn troubles(bed: &Bed) -> Vec<&'static str> {
    let is_trouble = |error: &&Error| !error.to_string().contains("overlapping frames");
    bed.errors.iter().filter(is_trouble).map(Error::code).collect()
}

#[test]
fn plays_a_little_behind_what_is_being_written() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![Origin::prefetch(BASE, &[])]);
        played(&mut bed, 120.0);
        assert_eq!(troubles(&bed), Vec::<&str>::new());
        assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
        let latency_secs = latency_secs(&bed);
        assert!((1.0..2.6).contains(&latency_secs), "{latency_secs} s behind");
        assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
        for (path, count) in &bed.origins[0].requests {
            assert!(path.contains("m3u8") || *count == 1, "{path} was asked for {count} times");
        }
        // By the pace of the segments, not by TARGETDURATION.
        let lists = requested(&bed, "index.m3u8");
        assert!((50..130).contains(&lists), "{lists} lists");
    }
}
