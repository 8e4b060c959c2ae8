//! Which audio track plays, and changes of it: without silence, a stall or a removal, soon, and back
//! to what played where the new one fails.

use std::rc::Rc;

use videosphere::config::EngineConfig;
use videosphere::engine::{Command, MediaFacts};
use videosphere::media::TrackKind;

use crate::bed::Bed;
use crate::origin::{FaultKind, LANGUAGE, Origin};
use crate::ts_clock;
use crate::{BASE, SEEDS, ladder, master};

/// English, the author's choice, German and French: tracks 0, 1 and 2.
fn languages(origin: Origin) -> Origin {
    let languages = ["de", "fr"].map(str::to_owned).to_vec();
    Origin { has_separate_audio: true, languages, ..origin }
}

fn vod() -> Origin {
    languages(Origin { segments: 40, ..Origin::vod(BASE, ladder()) })
}

/// The track whose sound is where playback is.
fn heard(bed: &Bed) -> Option<u32> {
    let at_secs = bed.at_secs();
    let spans = &bed.element.tracks.get(&TrackKind::Audio)?.spans;
    let span = spans.iter().find(|it| it.start_secs <= at_secs + 1e-6 && at_secs < it.end_secs)?;
    Some(span.variant.saturating_sub(LANGUAGE as u32))
}

/// Chooses a track and waits until it is heard; gives how long that took.
fn switch(bed: &mut Bed, track: usize) -> f64 {
    let before_secs = bed.now_secs();
    bed.command(Command::SelectAudio(track));
    let is_heard = bed.run_until(6.0, |bed| heard(bed) == Some(track as u32));
    assert!(is_heard, "{track} at {}: {:?} {:?}", bed.at_secs(), heard(bed), bed.errors);
    bed.now_secs() - before_secs
}

#[test]
fn each_request_for_media_says_what_it_brings() {
    let mut bed = Bed::new(1, vec![vod()]);
    bed.play(&master());
    bed.run(6.0);
    assert!(
        bed.media.iter().all(|(_, it)| (it.duration_secs - 4.0).abs() < 0.1),
        "{:?}",
        bed.media
    );
    let bandwidths: Vec<_> = bed.variants.iter().map(|it| it.bandwidth_bps).collect();
    let (sound, picture): (Vec<&MediaFacts>, Vec<&MediaFacts>) =
        bed.media.iter().map(|(_, it)| it).partition(|it| it.object == "a");
    assert!(sound.len() > 3 && sound.iter().all(|it| it.bandwidth_bps == 0), "{sound:?}");
    assert!(picture.len() > 3);
    assert!(picture.iter().all(|it| it.object == "v" && bandwidths.contains(&it.bandwidth_bps)));

    let mut bed = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    bed.play(&master());
    bed.run(6.0);
    assert!(bed.media.len() > 3 && bed.media.iter().all(|(_, it)| it.object == "av"));
}

/// The longest hole in the sound between two moments.
fn silence_secs(bed: &Bed, from_secs: f64, to_secs: f64) -> f64 {
    let spans = &bed.element.tracks[&TrackKind::Audio].spans;
    let mut spans = spans.iter().filter(|it| it.end_secs > from_secs && it.start_secs < to_secs);
    let mut end_secs = spans.next().expect("sound").end_secs;
    let mut longest_secs = 0.0_f64;
    for span in spans {
        longest_secs = longest_secs.max(span.start_secs - end_secs);
        end_secs = span.end_secs;
    }
    longest_secs
}

/// Nothing that a viewer would notice but the sound; the start, of a live stream too, is no change.
fn assert_unseen(bed: &Bed) {
    let starts = usize::from(bed.origins[0].has_date_time);
    assert!(bed.element.seeks.len() <= starts, "{:?} at {}", bed.element.seeks, bed.at_secs());
    assert_eq!(bed.element.stalls, 0, "at {}", bed.at_secs());
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn tracks_are_listed_once_and_chosen_by_language() {
    let chosen = |languages: &[&str], viewer: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
        let mut config = EngineConfig::default();
        config.audio.languages = owned(languages);
        config.audio.viewer_languages = owned(viewer);
        let mut bed = Bed::with_config(config, vec![vod()]);
        bed.play(&master());
        bed.run(3.0);
        assert_unseen(&bed);
        let labels: Vec<_> = bed.audio_tracks.iter().map(|it| (it.id, it.label.as_str())).collect();
        assert_eq!(labels, [(0, "en"), (1, "de"), (2, "fr")]);
        let [(_, told, true)] = bed.audio_changes[..] else { panic!("{:?}", bed.audio_changes) };
        assert_eq!(heard(&bed), Some(told as u32));
        told
    };
    assert_eq!(chosen(&[], &[]), 0);
    assert_eq!(chosen(&[], &["fr-CA", "de"]), 2);
    assert_eq!(chosen(&["de"], &["fr"]), 1);
}

#[test]
fn a_change_is_heard_soon_and_leaves_no_silence() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![vod()]);
        bed.play(&master());
        bed.run(10.0);
        for track in [1, 2, 0, 2] {
            let secs = switch(&mut bed, track);
            assert!(secs < 0.7, "after {secs} s");
            bed.run(3.0);
        }
        assert_unseen(&bed);
        assert!(silence_secs(&bed, 0.1, bed.at_secs() + 5.0) < 0.022);
        let told: Vec<_> = bed.audio_changes.iter().map(|it| (it.1, it.2)).collect();
        assert_eq!(told, [(0, true), (1, false), (2, false), (0, false), (2, false)]);
    }
}

#[test]
fn fifty_changes_in_a_row_and_the_last_one_is_heard() {
    let mut bed = Bed::new(7, vec![vod()]);
    bed.play(&master());
    bed.run(6.0);
    for change in 0..50 {
        bed.command(Command::SelectAudio((change + 1) % 3));
        bed.run(if change % 2 == 0 { 0.04 } else { 0.3 });
    }
    bed.run(1.0);
    assert_eq!(heard(&bed), Some(2));
    bed.run(8.0);
    assert_unseen(&bed);
    assert_eq!(heard(&bed), Some(2));
    assert!(silence_secs(&bed, 0.1, bed.at_secs() + 5.0) < 0.022);
    for change in 0..50 {
        switch(&mut bed, change % 3);
    }
    assert_unseen(&bed);
    assert!(silence_secs(&bed, 0.1, bed.at_secs() + 5.0) < 0.022);
}

#[test]
fn a_change_with_all_buffered_is_heard_to_the_end_and_the_stream_ends() {
    let mut bed = Bed::new(1, vec![languages(Origin::vod(BASE, ladder()))]);
    bed.link.rates = vec![(0.0, 200e6)];
    bed.play(&master());
    assert!(bed.run_until(30.0, |bed| bed.element.is_ended), "all is there");
    switch(&mut bed, 1);
    bed.run(2.0);
    switch(&mut bed, 2);
    bed.run(3.0);
    let first_french = bed.at_secs() - 2.5;
    assert!(bed.element.is_ended, "all is there again");
    let spans = &bed.element.tracks[&TrackKind::Audio].spans;
    let later = spans.iter().filter(|span| span.start_secs > first_french);
    assert!(later.clone().count() > 3);
    assert!(later.into_iter().all(|span| span.variant == LANGUAGE as u32 + 2));
    assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_unseen(&bed);
}

#[test]
fn a_seek_finds_the_track_that_was_chosen() {
    let mut bed = Bed::new(1, vec![vod()]);
    bed.play(&master());
    bed.run(20.0);
    switch(&mut bed, 1);
    for to_secs in [2.0, 60.0, 19.0] {
        bed.seek(to_secs);
        assert!(bed.run_until(2.0, |bed| heard(bed) == Some(1)), "{to_secs}: {:?}", heard(&bed));
        bed.run(3.0);
        assert_eq!(heard(&bed), Some(1));
    }
    assert_eq!(bed.codes(), Vec::<&str>::new());
}

#[test]
fn a_change_before_the_first_sound_is_the_first_sound() {
    for after_secs in [0.0, 0.06, 0.12, 0.2, 0.3] {
        let mut bed = Bed::new(1, vec![vod()]);
        bed.element.opens_after_secs = 0.4;
        bed.play(&master());
        bed.run_until(1.0, |bed| !bed.audio_tracks.is_empty());
        bed.run(after_secs);
        bed.command(Command::SelectAudio(1));
        assert!(bed.run_until(3.0, |bed| bed.at_secs() > 0.1), "{after_secs}");
        assert_eq!(heard(&bed), Some(1), "{after_secs}");
        bed.run(8.0);
        assert_unseen(&bed);
        assert_eq!(heard(&bed), Some(1));
    }
}

#[test]
fn a_live_stream_changes_too() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![languages(Origin::live(BASE, ladder()))]);
        bed.play(&master());
        bed.run(12.0);
        for change in 0..50 {
            let secs = switch(&mut bed, (change + 1) % 3);
            assert!(secs < 1.5, "{change}: after {secs} s");
        }
        bed.run(20.0);
        assert_unseen(&bed);
    }
}

#[test]
fn a_low_latency_stream_changes_too() {
    for seed in SEEDS {
        let mut bed = Bed::new(seed, vec![languages(Origin::low_latency(BASE, ladder()))]);
        bed.play(&master());
        bed.run(12.0);
        let (stalls, seeks) = (bed.element.stalls, bed.element.seeks.len());
        for change in 0..50 {
            let secs = switch(&mut bed, (change + 1) % 3);
            assert!(secs < 1.5, "{change}: after {secs} s");
            bed.run(0.1);
        }
        bed.run(20.0);
        assert_eq!((bed.element.stalls, bed.element.seeks.len()), (stalls, seeks));
        assert_eq!(bed.codes(), Vec::<&str>::new());
        let latency_secs = bed.stats.last().and_then(|(_, stats)| stats.live_latency_secs);
        assert!(latency_secs.is_some_and(|secs| secs < 2.5), "{latency_secs:?}");
    }
}

#[test]
fn a_track_that_fails_leaves_what_played() {
    for (part, kind) in [
        ("audio1/index.m3u8", FaultKind::Status(404)),
        ("audio1/index.m3u8", FaultKind::Html),
        ("audio1/init.mp4", FaultKind::Status(500)),
        ("audio1/", FaultKind::Silence),
        ("audio1/2.m4s", FaultKind::Html),
        ("audio1/2.m4s", FaultKind::Truncate),
    ] {
        let mut bed = Bed::new(1, vec![vod()]);
        bed.origins[0].fault(part, kind.clone(), u32::MAX);
        bed.play(&master());
        bed.run(9.0);
        bed.command(Command::SelectAudio(1));
        let is_back = bed.run_until(80.0, |bed| bed.audio_changes.last().is_some_and(|it| it.2));
        assert!(is_back, "{part} {kind:?}: {:?}", bed.audio_changes);
        bed.run(2.0);
        assert_eq!(heard(&bed), Some(0), "{part} {kind:?}");
        assert_eq!((bed.element.stalls, bed.element.seeks.len()), (0, 0), "{part} {kind:?}");
        assert!(bed.fatal().is_none(), "{:?}", bed.errors);
        assert_eq!(bed.codes().last(), Some(&"variant-excluded"), "{part} {kind:?}");
        // And another one still can be had; the broken one too, once it is whole.
        switch(&mut bed, 2);
        bed.origins[0].faults.clear();
        switch(&mut bed, 1);
    }
}

#[test]
fn a_track_that_fails_later_gives_way_to_what_was_heard_before() {
    let mut bed = Bed::new(1, vec![vod()]);
    bed.play(&master());
    bed.run(6.0);
    switch(&mut bed, 2);
    switch(&mut bed, 1);
    bed.origins[0].fault("audio1/", FaultKind::Status(404), u32::MAX);
    let has_changed = bed.run_until(120.0, |bed| bed.audio_changes.last().is_some_and(|it| it.2));
    assert!(has_changed, "{:?}", bed.codes());
    assert_eq!(bed.audio_changes.last().map(|it| it.1), Some(2));
    assert!(bed.run_until(160.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(bed.element.stalls, 0);
    assert!(bed.fatal().is_none(), "{:?}", bed.errors);
}

#[test]
fn a_track_that_is_not_there_changes_nothing() {
    let mut bed = Bed::new(1, vec![vod()]);
    bed.play(&master());
    bed.run(6.0);
    bed.command(Command::SelectAudio(7));
    assert_eq!(bed.codes(), ["variant-excluded"], "there is none");
    bed.run(2.0);
    assert_eq!(heard(&bed), Some(0));
    assert_eq!(bed.audio_changes.len(), 1);
}

/// Transport streams whose own sound is one track, and packed or transport stream sound of its own another.
fn muxed_and_apart() -> Origin {
    let mut origin = Origin::vod(BASE, Vec::new());
    let segments = ts_clock::segments(30, &[]);
    let mut lists = [String::new(), String::new()];
    for (number, segment) in segments.iter().enumerate() {
        origin.files.insert(format!("v{number}.ts"), Rc::clone(segment));
        let sound = ts_clock::without(segment, ts_clock::VIDEO_PID);
        origin.files.insert(format!("a{number}.ts"), sound);
        for (list, prefix) in lists.iter_mut().zip(["v", "a"]) {
            list.push_str(&format!("#EXTINF:2,\n{prefix}{number}.ts\n"));
        }
    }
    for (list, name) in lists.iter().zip(["index.m3u8", "sound.m3u8"]) {
        let text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n{list}#EXT-X-ENDLIST\n");
        origin.files.insert(name.to_owned(), Rc::new(text.into_bytes()));
    }
    let master = "#EXTM3U\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"inside\",LANGUAGE=\"en\",DEFAULT=YES\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"apart\",LANGUAGE=\"de\",URI=\"sound.m3u8\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=400000,CODECS=\"avc1.64000c,mp4a.40.2\",AUDIO=\"a\"\n\
        index.m3u8\n";
    origin.files.insert("master.m3u8".to_owned(), Rc::new(master.into()));
    origin
}

fn asked(bed: &Bed, prefix: &str) -> u32 {
    let requests = bed.origins[0].requests.iter();
    let segments = requests.filter(|(path, _)| path.starts_with(prefix) && path.ends_with(".ts"));
    segments.map(|(_, count)| *count).sum()
}

#[test]
fn sound_that_is_in_the_variant_and_sound_that_is_not_change_places() {
    for pause_secs in [0.5, 3.0] {
        let mut bed = Bed::new(1, vec![muxed_and_apart()]);
        bed.play(&master());
        bed.run(6.0);
        assert_eq!(asked(&bed, "a"), 0);
        for _ in 0..3 {
            for track in [1, 0] {
                let (apart, inside) = (asked(&bed, "a"), asked(&bed, "v"));
                bed.command(Command::SelectAudio(track));
                bed.run(pause_secs);
                let (apart, inside) = (asked(&bed, "a") - apart, asked(&bed, "v") - inside);
                assert!(if track == 1 { apart > 0 } else { inside > 0 }, "{apart} {inside}");
            }
        }
        bed.run(5.0);
        let (apart, twice) = (asked(&bed, "a"), asked(&bed, "v"));
        assert!(bed.run_until(60.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
        assert_eq!(asked(&bed, "a"), apart, "the picture's own sound goes on");
        assert!(twice > 30, "{twice}");
        assert_eq!(bed.element.stalls, 0);
        assert!(bed.element.seeks.iter().all(|secs| *secs < 1.0), "{:?}", bed.element.seeks);
        // The fixture's own frames overlap a little.
        assert!(bed.codes().iter().all(|code| *code == "damaged-media"), "{:?}", bed.errors);
        assert!(silence_secs(&bed, 0.1, 59.0) < 0.022);
    }
}
