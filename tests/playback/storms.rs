//! How often servers are asked that answer at once with nothing new, and what becomes of a player
//! that stands still: requests at the pace of RFC 8216bis 6.3.4, a warning, an end.

use std::rc::Rc;

use videosphere::engine::LoadOptions;

use crate::bed::Bed;
use crate::origin::{Answer, Edit, FaultKind, Growth, Origin};
use crate::{BASE, ladder, master};

/// A list that is always the same, played for a minute: requests in the minute.
fn requests_for(list: &str) -> (Bed, u64) {
    let mut origin = Origin::live(BASE, Vec::new());
    origin.files.insert("live.m3u8".to_owned(), Rc::new(list.as_bytes().to_vec()));
    let mut bed = Bed::new(1, vec![origin]);
    bed.link.latency_secs = 0.0;
    bed.play(&format!("{BASE}live.m3u8"));
    bed.run(60.0);
    let requests = bed.requests;
    (bed, requests)
}

#[test]
fn a_live_list_without_a_segment_is_asked_for_at_its_pace() {
    let empty = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n";
    let parts = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:6\n\
        #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5\n\
        #EXT-X-PART-INF:PART-TARGET=0.5\n#EXT-X-MEDIA-SEQUENCE:0\n\
        #EXT-X-PART:DURATION=0.5,INDEPENDENT=YES,URI=\"0.ts\"\n";
    let delta = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:6\n\
        #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=36\n\
        #EXT-X-MEDIA-SEQUENCE:1000\n#EXT-X-SKIP:SKIPPED-SEGMENTS=500\n#EXTINF:6,\n1500.ts\n";
    for (name, list) in [("empty", empty), ("parts", parts), ("delta", delta)] {
        let (mut bed, requests) = requests_for(list);
        // Every three to six seconds.
        assert!((9..=24).contains(&requests), "{name}: {requests} requests a minute");
        assert!(bed.fatal().is_none(), "{name}: {:?}", bed.fatal());
        assert!(!bed.codes().is_empty(), "{name}: somebody is told");
        bed.run(120.0);
        assert!(bed.fatal().is_some(), "{name}: {:?}", bed.codes());
        let requests = bed.requests;
        bed.run(60.0);
        assert_eq!(bed.requests, requests, "{name}: nothing more is asked for");
    }
}

#[test]
fn an_encoder_that_begins_late_is_played_when_it_does() {
    let mut origin = Origin::live(BASE, ladder());
    origin.growth = Growth::Live { window: 8, already_secs: -30.0, ends_at_secs: f64::INFINITY };
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(60.0);
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
    assert!(bed.at_secs() > 15.0, "at {}", bed.at_secs());
}

#[test]
fn a_server_that_holds_no_answer_is_not_asked_without_end() {
    // One more part of no length in each answer; then nothing new at all, at once.
    for is_growing in [true, false] {
        let mut origin = Origin::low_latency(BASE, ladder()[..1].to_vec());
        let low_latency = origin.low_latency.as_mut().expect("parts");
        low_latency.blocks = false;
        low_latency.skips = None;
        origin.edit = Some(Edit::new(move |answer: &Answer, text: String| {
            if answer.now_secs < 20.0 || !is_growing {
                return text;
            }
            let part = "#EXT-X-PART:DURATION=0,URI=\"none.m4s\"\n".repeat(answer.count as usize);
            text.replace("#EXT-X-PRELOAD-HINT", &format!("{part}#EXT-X-PRELOAD-HINT"))
        }));
        let mut bed = Bed::new(1, vec![origin]);
        bed.link.latency_secs = 0.0;
        bed.play(&master());
        bed.run(30.0);
        let requests = bed.requests;
        bed.run(60.0);
        // Parts of 0.4 s and their segments come with lists at that pace.
        let requests = bed.requests - requests;
        assert!(requests < 700, "growing: {is_growing}: {requests} requests a minute");
    }
}

#[test]
fn an_answer_that_drips_is_given_up() {
    for (part, code) in [("live.m3u8", "network-timeout"), ("0.m4s", "network-timeout")] {
        let mut origin = Origin::vod(BASE, ladder()[..1].to_vec());
        origin.fault(
            if part == "live.m3u8" { "index" } else { part },
            FaultKind::Drip(3.0),
            u32::MAX,
        );
        let mut bed = Bed::new(1, vec![origin]);
        bed.step_millis = 240;
        bed.play(&format!("{BASE}v0/index.m3u8"));
        bed.run(75.0);
        assert!(bed.codes().contains(&code), "{part}: {:?}", bed.codes());
        bed.run(400.0);
        assert!(bed.fatal().is_some(), "{part}: {:?}", bed.codes());
    }
}

#[test]
fn a_stream_of_no_length_ends_with_an_error() {
    let list = "#EXTM3U\n#EXT-X-TARGETDURATION:0\n#EXTINF:0,\n0.ts\n#EXT-X-ENDLIST\n";
    let (mut bed, requests) = requests_for(list);
    assert!(requests < 20, "{requests} requests a minute");
    bed.run(120.0);
    assert!(bed.fatal().is_some(), "{:?}", bed.codes());
}

#[test]
fn times_without_end_never_reach_the_element() {
    let huge = "9".repeat(308);
    let list =
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:{huge},\n0.ts\n#EXTINF:{huge},\n1.ts\n");
    // The bed's element refuses what is not finite.
    let (bed, _) = requests_for(&list);
    assert!(bed.at_secs().is_finite());
}

#[test]
fn retry_after_is_heard() {
    let mut origin = Origin::live(BASE, ladder()[..1].to_vec());
    origin.fault("master", FaultKind::Busy(7.0), 1);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play_with(LoadOptions {
        url: master(),
        high_quality_url: None,
        start_secs: None,
        selection: videosphere::engine::Selection::Auto,
    });
    bed.run(6.9);
    assert_eq!(bed.requests, 1, "not before it is due");
    bed.run(10.0);
    assert!(bed.at_secs() > 5.0, "at {}", bed.at_secs());
}
