//! The first picture of a transport stream: played while its segment still comes, where the link carries that.

use videosphere::media::TrackKind;

use crate::BASE;
use crate::bed::{Bed, Link};
use crate::origin::FaultKind;
use crate::transport_stream::origin_of;

/// Of the first segment.
const SEGMENT_BITS: f64 = 58_844.0 * 8.0;
/// Before the first byte of each of playlist and segment; the playlist's own are few.
const LATENCY_SECS: f64 = 0.1;

fn bed_at(rate_bps: f64) -> Bed {
    let mut bed = Bed::new(1, vec![origin_of(5, ["vod_0.ts", "vod_1.ts"], "")]);
    bed.link = Link { rates: vec![(0.0, rate_bps)], latency_secs: LATENCY_SECS, ..Link::default() };
    bed.play(&format!("{BASE}index.m3u8"));
    bed
}

/// What share of the segment had come when something of it could be played first.
fn share_at_begin(rate_bps: f64) -> f64 {
    let mut bed = bed_at(rate_bps);
    assert!(bed.run_until(20.0, |bed| !bed.element.playable().is_empty()));
    (bed.now_secs() - 2.0 * LATENCY_SECS) * rate_bps / SEGMENT_BITS
}

#[test]
fn a_fast_link_shows_it_before_the_segment_is_whole() {
    let share = share_at_begin(1e6);
    assert!((0.2..0.6).contains(&share), "{share}");
}

#[test]
fn a_link_that_only_just_carries_it_shows_it_when_it_is_whole() {
    let share = share_at_begin(3e5);
    assert!((1.0..1.2).contains(&share), "{share}");
}

#[test]
fn it_costs_no_stall_at_any_rate_that_carries_the_stream() {
    for rate_bps in [3.3e5, 4e5, 5e5, 6e5, 8e5, 1e6, 2e6, 8e6] {
        let mut bed = bed_at(rate_bps);
        assert!(bed.run_until(40.0, |bed| bed.element.state.is_ended), "{rate_bps}");
        assert_eq!((bed.element.stalls, bed.codes()), (0, vec![]), "{rate_bps}");
        assert_eq!(bed.element.playable().len(), 1, "{rate_bps}");
    }
}

#[test]
fn what_is_buffered_in_the_end_is_the_same() {
    let spans = |rate_bps| {
        let mut bed = bed_at(rate_bps);
        assert!(bed.run_until(20.0, |bed| bed.at_secs() > 1.0));
        [TrackKind::Video, TrackKind::Audio].map(|kind| {
            let buffered = bed.element.tracks[&kind].buffered();
            assert_eq!(buffered.len(), 1, "{kind:?} {buffered:?}");
            buffered[0].start_secs
        })
    };
    assert_eq!(spans(3e5), spans(4e6));
}

#[test]
fn one_that_breaks_off_is_fetched_again_and_leaves_no_hole() {
    let mut origin = origin_of(5, ["vod_0.ts", "vod_1.ts"], "");
    origin.fault("vod_0.ts?pair=0", FaultKind::Truncate, 1);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(40.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.codes(), ["network-truncated"]);
    assert_eq!(bed.element.playable().len(), 1, "{:?}", bed.element.playable());
}
