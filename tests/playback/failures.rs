//! What goes wrong: each failure has its code, and loses nothing already playing.

use std::rc::Rc;

use videosphere::engine::{Command, Input, LoadOptions, Selection, SinkEvent};
use videosphere::media::TrackKind;

use crate::bed::Bed;
use crate::origin::{FaultKind, Origin, Rung};
use crate::{BASE, SEEDS, ladder, master};

fn one_rung() -> Vec<Rung> {
    vec![Rung::new(1_000_000, 480)]
}

#[test]
fn a_garbage_url_is_fatal_at_once() {
    for url in ["", "garbage", "javascript:alert(1)", "master.m3u8", "https://"] {
        let mut bed = Bed::new(1, vec![]);
        bed.play(url);
        assert_eq!(bed.codes(), ["invalid-url"], "{url}");
        assert_eq!(bed.requests, 0);
        bed.command(Command::Unload);
    }
}

#[test]
fn a_garbage_second_source_costs_nothing_but_itself() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.play_with(LoadOptions {
        url: master(),
        high_quality_url: Some("ftp://high.example/x.m3u8".to_owned()),
        start_secs: None,
        selection: Selection::Max,
    });
    bed.run(5.0);
    assert_eq!(bed.codes(), ["variant-excluded"]);
    assert!(bed.errors[0].to_string().contains("ftp://"), "{}", bed.errors[0]);
    assert!(bed.at_secs() > 3.0, "at {}", bed.at_secs());
}

#[test]
fn a_missing_manifest_is_fatal_and_named() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.play(&format!("{BASE}nowhere/x.m3u8"));
    bed.run(2.0);
    assert_eq!(bed.codes(), ["network-status"]);
    let error = bed.fatal().expect("fatal");
    assert_eq!(error.url(), Some("https://origin.example/nowhere/x.m3u8"));
}

#[test]
fn a_page_instead_of_a_playlist_is_named() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.fault("master", FaultKind::Html, u32::MAX);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(2.0);
    assert_eq!(bed.codes(), ["not-a-playlist"]);
    assert!(bed.fatal().expect("fatal").to_string().contains("HTML"));
}

#[test]
fn a_server_that_comes_back_is_waited_for() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.fault("master", FaultKind::Status(503), 2);
    origin.fault("v0/2.m4s", FaultKind::Status(500), 1);
    origin.fault("index", FaultKind::Silence, 1);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    assert!(bed.run_until(120.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!(bed.fatal().is_none());
    let (_, stats) = bed.stats.last().expect("figures");
    assert!(stats.retries >= 3, "{stats:?}");
}

#[test]
fn a_variant_without_its_playlist_is_excluded() {
    for seed in SEEDS {
        let mut origin = Origin::vod(BASE, ladder());
        origin.fault("v3/index", FaultKind::Status(404), u32::MAX);
        origin.fault("v1/index", FaultKind::Html, u32::MAX);
        let mut bed = Bed::new(seed, vec![origin]);
        bed.play(&master());
        assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert!(bed.codes().contains(&"variant-excluded"));
        assert_eq!(bed.element.stalls, 0);
    }
}

#[test]
fn a_missing_segment_is_taken_from_another_variant() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.fault("v3/5.m4s", FaultKind::Status(404), u32::MAX);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert!(bed.fatal().is_none());
    assert!(bed.codes().contains(&"variant-excluded"), "{:?}", bed.codes());
    assert_eq!(bed.element.stalls, 0);
    assert!((bed.at_secs() - bed.now_secs()).abs() < 4.0, "nothing was skipped");
}

#[test]
fn a_segment_missing_everywhere_is_skipped() {
    for seed in SEEDS {
        let mut origin = Origin::vod(BASE, one_rung());
        origin.fault("/5.m4s", FaultKind::Status(404), u32::MAX);
        let mut bed = Bed::new(seed, vec![origin]);
        bed.play(&master());
        assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
        assert!(bed.codes().contains(&"segment-skipped"), "{:?}", bed.codes());
        let (_, stats) = bed.stats.last().expect("figures");
        assert_eq!(stats.gaps_jumped, 1);
        assert!((bed.now_secs() - 57.0).abs() < 3.0, "4 s fewer to play: {}", bed.now_secs());
    }
}

#[test]
fn all_segments_missing_is_fatal_and_what_is_buffered_plays() {
    let mut origin = Origin::vod(BASE, one_rung());
    for number in 3..15 {
        origin.fault(&format!("/{number}.m4s"), FaultKind::Status(404), u32::MAX);
    }
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(60.0);
    let fatal = bed.fatal().expect("fatal in the end");
    assert_eq!(fatal.code(), "network-status");
    assert!((bed.at_secs() - 12.0).abs() < 0.2, "played what there was: {}", bed.at_secs());
}

#[test]
fn broken_off_segments_are_fetched_again() {
    for seed in SEEDS {
        let mut origin = Origin::vod(BASE, ladder());
        origin.fault("/2.m4s", FaultKind::Truncate, 1);
        origin.fault("/7.m4s", FaultKind::Truncate, 2);
        let mut bed = Bed::new(seed, vec![origin]);
        bed.play(&master());
        assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        assert!(bed.fatal().is_none());
        assert_eq!(bed.codes().iter().filter(|code| **code == "network-truncated").count(), 3);
        assert_eq!(bed.element.stalls, 0);
        assert_eq!(bed.element.playable().len(), 1);
    }
}

#[test]
fn a_page_instead_of_a_segment_is_skipped() {
    let mut origin = Origin::vod(BASE, one_rung());
    // Without EXT-X-MAP, so that the bytes are looked at: a playlist of bare segments.
    let mut text = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:VOD\n".to_owned();
    for number in 0..6 {
        text += &format!("#EXTINF:4,\nself{number}.mp4\n");
        let media = crate::mp4::segment(crate::mp4::SegmentSpec {
            is_video: true,
            start_secs: 30.0 + 4.0 * f64::from(number),
            duration_secs: 4.0,
            payload_len: 100_000,
            variant: 0,
        });
        let whole = [crate::mp4::init(true, false), media].concat();
        origin.files.insert(format!("bare/self{number}.mp4"), Rc::new(whole));
    }
    text += "#EXT-X-ENDLIST\n";
    origin.files.insert("bare/index.m3u8".to_owned(), Rc::new(text.into_bytes()));
    origin.fault("bare/self3", FaultKind::Html, u32::MAX);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}bare/index.m3u8"));
    assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
    assert_eq!(bed.codes(), ["damaged-media", "segment-skipped"]);
    assert!((bed.at_secs() - 24.0).abs() < 0.1);
}

#[test]
fn no_codec_the_browser_plays_is_fatal() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.refused_codecs = vec!["avc1".to_owned()];
    bed.play(&master());
    bed.run(2.0);
    assert_eq!(bed.codes(), ["no-playable-variant"]);
    // Found out from the media itself where no manifest says so.
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.refused_codecs = vec!["avc1".to_owned()];
    bed.play(&format!("{BASE}v0/index.m3u8"));
    bed.run(5.0);
    assert_eq!(bed.codes(), ["unsupported-codec"]);
    assert!(bed.element.tracks.is_empty());
    assert_eq!(bed.outstanding(), (0, 0));
}

#[test]
fn encryption_is_named() {
    let mut origin = Origin::vod(BASE, one_rung());
    origin.key_method = Some("SAMPLE-AES".to_owned());
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.run(2.0);
    assert_eq!(bed.codes(), ["encrypted"]);
}

#[test]
fn twenty_seconds_without_a_network_cost_nothing_buffered() {
    for seed in SEEDS {
        let mut origin = Origin::vod(BASE, ladder());
        origin.segments = 40;
        let mut bed = Bed::new(seed, vec![origin]);
        bed.link.outages = vec![(20.0, 40.0)];
        bed.play(&master());
        bed.run(39.9);
        assert!(bed.at_secs() > 38.0, "the buffer carried it: {}", bed.at_secs());
        let requests = bed.requests;
        bed.run(0.5);
        assert!(bed.requests > requests, "back at once");
        assert!(bed.run_until(150.0, |bed| bed.element.state.is_ended));
        assert!(bed.fatal().is_none());
        assert_eq!(bed.element.stalls, 0);
    }
}

#[test]
fn redirects_move_the_base_of_relative_urls() {
    let mut origin = Origin::vod(BASE, ladder());
    origin.base = format!("{BASE}deep/er/");
    let mut front = Origin::vod("https://front.example/", Vec::new());
    let to = format!("{BASE}deep/er/master.m3u8");
    front.files.insert("go".to_owned(), Rc::new(Vec::new()));
    let body = match origin.clone().reply(&to, 0.0) {
        Some(crate::origin::Reply::Body { body, .. }) => body,
        other => panic!("{other:?}"),
    };
    front.files.insert("go".to_owned(), body);
    front.fault("go", FaultKind::Redirect(to.clone()), u32::MAX);
    front.files.insert(to, Rc::clone(&front.files["go"]));
    let mut bed = Bed::new(1, vec![front, origin]);
    bed.play("https://front.example/go");
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn a_lossy_link_is_survived() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![Origin::vod(BASE, ladder())]);
        bed.link.truncation = 0.1;
        bed.link.loss = 0.02;
        bed.play(&master());
        assert!(bed.run_until(200.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
    }
}

#[test]
fn a_rejected_append_opens_the_media_source_anew() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.play(&master());
    bed.run(10.0);
    bed.input(Input::Sink(SinkEvent::MediaError { code: 3, message: "decode".to_owned() }));
    bed.run(5.0);
    assert!(bed.at_secs() > 12.0, "at {}", bed.at_secs());
    assert!(bed.fatal().is_none());
    assert_eq!(bed.codes(), ["variant-excluded"]);
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
}

#[test]
fn what_is_refused_for_good_is_left_out_and_nothing_else() {
    let vod = || Origin::vod(BASE, one_rung());
    for (name, times, lost_secs) in [("once", 1, 0.0), ("each time", u32::MAX, 4.0)] {
        let mut bed = Bed::new(1, vec![vod()]);
        bed.element.refuses = vec![(23.9, 27.0, times)];
        bed.play(&master());
        assert!(
            bed.run_until(120.0, |bed| bed.element.state.is_ended),
            "{name}: {}",
            bed.at_secs()
        );
        assert!(bed.fatal().is_none(), "{name}: {:?}", bed.fatal());
        let skipped = bed.codes().iter().filter(|code| **code == "segment-skipped").count();
        assert_eq!(skipped, usize::from(lost_secs > 0.0), "{name}: {:?}", bed.codes());
        let ended_secs = bed.now_secs();
        assert!((ended_secs - 60.0 + lost_secs).abs() < 4.0, "{name}: took {ended_secs} s");
    }
    let mut bed = Bed::new(1, vec![vod()]);
    bed.element.undecodable = vec![(24.0, 28.0), (40.0, 44.0)];
    bed.play(&master());
    assert!(bed.run_until(120.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!(bed.fatal().is_none(), "{:?}", bed.fatal());
    assert_eq!(bed.codes().iter().filter(|code| **code == "damaged-media").count(), 4);
}

#[test]
fn a_stream_of_which_nothing_can_be_decoded_ends() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, one_rung())]);
    bed.element.undecodable = vec![(4.0, 100.0)];
    bed.play(&master());
    bed.run(120.0);
    assert_eq!(bed.fatal().map(|error| error.code()), Some("decode"), "{:?}", bed.codes());
}

#[test]
fn no_media_source_at_all_is_fatal() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.play(&master());
    bed.input(Input::Sink(SinkEvent::Unsupported));
    bed.run(5.0);
    assert_eq!(bed.codes(), ["media-source-unsupported"]);
    assert_eq!(bed.outstanding(), (0, 0));
}

#[test]
fn a_managed_media_source_that_wants_nothing_gets_nothing() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.play(&master());
    bed.run(3.0);
    bed.input(Input::Sink(SinkEvent::Streaming(false)));
    bed.run(1.0);
    let requests = bed.requests;
    bed.run(5.0);
    assert_eq!(bed.requests, requests);
    bed.input(Input::Sink(SinkEvent::Streaming(true)));
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert_eq!(bed.element.tracks.keys().next(), Some(&TrackKind::Video));
}
