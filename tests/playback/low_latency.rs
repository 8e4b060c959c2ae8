//! Low-latency HLS (RFC 8216bis): parts, hints, held answers, delta updates, reports; and servers
//! that do it wrong.

use videosphere::media::TrackKind;

use crate::bed::Bed;
use crate::origin::Origin;
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
    for seed in SEEDS {
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
