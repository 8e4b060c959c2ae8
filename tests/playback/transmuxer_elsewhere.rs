//! A transmuxer that is another module: what it makes is freed, and when it is needed at all.

use std::rc::Rc;

use videosphere::config::EngineConfig;
use videosphere::engine::{Command, Engine};

use crate::bed::Bed;
use crate::elsewhere::{keeping, kept_count, made_count};
use crate::origin::Origin;
use crate::transport_stream::{fixture, origin_of};
use crate::{BASE, ladder, master};

#[test]
fn what_is_kept_elsewhere_plays_and_is_freed_once_appended() {
    let names = ["vod_0.ts", "vod_1.ts"];
    let mut bed = Bed::new(1, vec![origin_of(5, names, "")]);
    bed.engine =
        Engine::with_transmuxer(EngineConfig { seed: 1, ..EngineConfig::default() }, keeping);
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(30.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert!((bed.at_secs() - 20.0).abs() < 0.2, "at {}", bed.at_secs());
    assert_eq!(bed.codes(), Vec::<&str>::new());
    assert!(made_count() >= 20, "each segment has sound and picture");
    assert_eq!(kept_count(), 0);
    assert_eq!(bed.perhaps_transmuxed.len(), 10);
}

#[test]
fn what_was_never_appended_is_freed_with_the_stream() {
    let mut bed = Bed::new(1, vec![origin_of(5, ["vod_0.ts", "vod_1.ts"], "")]);
    bed.engine = Engine::with_transmuxer(EngineConfig::default(), keeping);
    // A media source that never opens: all that is loaded waits.
    bed.element.opens_after_secs = f64::INFINITY;
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(10.0, |_| kept_count() > 2));
    bed.command(Command::Unload);
    assert_eq!(kept_count(), 0);
}

#[test]
fn a_stream_with_init_sections_never_asks_for_a_transmuxer() {
    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.play(&master());
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert_eq!(bed.perhaps_transmuxed, Vec::<String>::new());
}

#[test]
fn bytes_before_a_transport_stream_do_not_hide_it() {
    // EXT-X-MAP may name a program map, which says nothing of fMP4.
    let map = "#EXT-X-MAP:URI=\"map.ts\"\n";
    let mut origin = origin_of(1, ["vod_0.ts", "vod_1.ts"], map);
    let head = fixture("vod_0.ts").iter().copied().take(3 * 188).collect();
    origin.files.insert("map.ts".to_owned(), Rc::new(head));
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(10.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.perhaps_transmuxed.len(), 2, "the two segments");
}
