//! Subtitle renditions: loaded where playback is, never in the picture's way.

use std::rc::Rc;

use videosphere::engine::{Command, TextTrackInfo};

use crate::bed::Bed;
use crate::low_latency::requested;
use crate::origin::{Edit, FaultKind, Origin, Rung};
use crate::{BASE, cbc, ladder, master};

const ENGLISH: usize = 0;
const SIGNS: usize = 1;

fn origin() -> Origin {
    Origin { has_text: true, ..Origin::vod(BASE, vec![Rung::new(400_000, 240)]) }
}

/// Which segments' text has come, of a track.
fn loaded(bed: &Bed, track: usize) -> Vec<u64> {
    let of_track = bed.texts.iter().filter(|(piece, _)| piece.track == track);
    let number = |text: &String| text.rsplit('\n').next().and_then(|it| it.parse().ok());
    of_track.map(|(_, text)| number(text).expect("a number")).collect()
}

/// No piece came twice, and each said where it stands.
fn assert_placed(bed: &Bed, track: usize) {
    let mut numbers = loaded(bed, track);
    for (piece, text) in bed.texts.iter().filter(|(piece, _)| piece.track == track) {
        let number: f64 =
            text.rsplit('\n').next().and_then(|it| it.parse().ok()).expect("a number");
        let duration_secs = piece.end_secs - piece.start_secs;
        assert!((piece.start_secs - number * duration_secs).abs() < 0.01, "{piece:?} {text}");
    }
    numbers.sort_unstable();
    let count = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "text loaded twice");
}

#[test]
fn what_is_listed_is_told_and_nothing_is_loaded_unasked() {
    let mut bed = Bed::new(1, vec![origin()]);
    bed.play(&master());
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    let english = TextTrackInfo {
        id: ENGLISH,
        label: "English".to_owned(),
        language: "en".to_owned(),
        channel: None,
        is_default: true,
        is_autoselect: true,
        is_forced: false,
        is_for_deaf: false,
    };
    let signs = TextTrackInfo {
        id: SIGNS,
        label: "Signs".to_owned(),
        is_default: false,
        is_autoselect: false,
        is_forced: true,
        ..english.clone()
    };
    assert_eq!(bed.text_tracks, [english, signs]);
    assert!(bed.texts.is_empty());
    assert!(bed.origins[0].requests.keys().all(|path| !path.starts_with("text")));
    let mut plain = Bed::new(1, vec![Origin::vod(BASE, ladder())]);
    plain.play(&master());
    plain.run(5.0);
    assert!(plain.text_tracks.is_empty(), "no tracks, no event");
}

#[test]
fn all_of_it_comes_once_and_says_what_its_times_count_from() {
    let mut bed = Bed::new(1, vec![origin()]);
    bed.play(&master());
    bed.command(Command::SelectText(vec![ENGLISH]));
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert_eq!(loaded(&bed, ENGLISH), (0..15).collect::<Vec<u64>>());
    assert_placed(&bed, ENGLISH);
    // The origin's media times begin at ten seconds.
    assert!(bed.texts.iter().all(|(piece, _)| piece.offset_secs == Some(-10.0)));
    assert_eq!((bed.codes(), bed.element.stalls), (Vec::<&str>::new(), 0));
    assert_eq!(bed.outstanding(), (0, 0));
}

#[test]
fn each_stretch_of_timestamps_has_its_own_offset() {
    let mut bed = Bed::new(1, vec![Origin { discontinuities: vec![5], ..origin() }]);
    bed.play(&master());
    bed.command(Command::SelectText(vec![ENGLISH]));
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert_placed(&bed, ENGLISH);
    for (piece, _) in &bed.texts {
        let offset_secs = if piece.start_secs < 20.0 { -10.0 } else { 20.0 - 5000.0 };
        assert_eq!(piece.offset_secs, Some(offset_secs), "at {}", piece.start_secs);
    }
}

#[test]
fn a_choice_in_the_middle_and_a_seek_load_what_is_there() {
    let mut bed = Bed::new(1, vec![Origin { segments: 100, ..origin() }]);
    bed.play(&master());
    assert!(bed.run_until(30.0, |bed| bed.at_secs() > 9.0));
    bed.command(Command::SelectText(vec![SIGNS]));
    bed.run(3.0);
    assert_eq!(loaded(&bed, SIGNS).first(), Some(&2), "what plays comes first");
    assert!(loaded(&bed, SIGNS).len() > 15, "as far ahead as the picture");
    bed.seek(300.0);
    bed.run(3.0);
    let numbers = loaded(&bed, SIGNS);
    assert!(numbers.contains(&75) && !numbers.contains(&74), "{numbers:?}");
    bed.seek(1.0);
    bed.run(3.0);
    assert!(loaded(&bed, SIGNS).contains(&0));
    assert_placed(&bed, SIGNS);

    let asked = bed.requests;
    bed.command(Command::SelectText(Vec::new()));
    bed.element.state.is_paused = true;
    bed.run(10.0);
    let texts = bed.origins[0].requests.keys().filter(|path| path.starts_with("other")).count();
    assert_eq!(texts, loaded(&bed, SIGNS).len() + 1, "and its list, after {asked} requests");
}

#[test]
fn live_text_follows_the_window() {
    let live = Origin::live(BASE, vec![Rung::new(400_000, 240)]);
    let mut bed = Bed::new(1, vec![Origin { has_text: true, ..live }]);
    bed.play(&master());
    bed.command(Command::SelectText(vec![ENGLISH]));
    bed.run(60.0);
    let numbers = loaded(&bed, ENGLISH);
    let in_turn = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    assert!(in_turn && numbers.len() > 28, "{numbers:?}");
    let ahead_secs = bed.texts.last().map_or(0.0, |(piece, _)| piece.end_secs) - bed.at_secs();
    assert!(ahead_secs > 0.0, "{ahead_secs}");
    assert_eq!((bed.codes(), bed.element.stalls), (Vec::<&str>::new(), 0));
}

#[test]
fn text_that_fails_costs_itself_alone() {
    let mut origin = Origin { gaps: Vec::new(), ..origin() };
    origin.fault("text/3.vtt", FaultKind::Status(404), 9);
    origin.fault("text/5.vtt", FaultKind::Status(500), 3);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.command(Command::SelectText(vec![ENGLISH]));
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert!(bed.fatal().is_none() && !bed.codes().is_empty(), "{:?}", bed.errors);
    assert_eq!(bed.element.stalls, 0);
    let missing = (0..15).filter(|number| !loaded(&bed, ENGLISH).contains(number));
    assert_eq!(missing.collect::<Vec<u64>>(), [3], "one is gone, one came later");
}

#[test]
fn a_list_that_is_not_there_is_asked_for_again_and_the_picture_plays() {
    for kind in [FaultKind::Status(404), FaultKind::Html, FaultKind::Silence, FaultKind::Refused] {
        let mut origin = origin();
        origin.fault("text/index", kind.clone(), u32::MAX);
        let mut bed = Bed::new(1, vec![origin]);
        bed.play(&master());
        bed.command(Command::SelectText(vec![ENGLISH]));
        assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended), "{kind:?}");
        assert!(bed.fatal().is_none() && bed.element.stalls == 0, "{kind:?} {:?}", bed.errors);
        assert!(bed.codes().len() < 60, "{kind:?}: {} warnings", bed.codes().len());
    }
}

/// Its English text is encrypted, with this key under this tag.
fn encrypted(tag: &'static str, key: &[u8]) -> Origin {
    let edit = Edit::new(move |answer, list| {
        let tagged = format!("#EXTM3U\n#EXT-X-KEY:{tag}\n");
        let is_text = answer.path.starts_with("text");
        if is_text { list.replacen("#EXTM3U\n", &tagged, 1) } else { list }
    });
    let mut origin = Origin { edit: Some(edit), ..origin() };
    for number in 0..15_u64 {
        let text = format!("WEBVTT\n\n{number}");
        let body = cbc::encrypt([7; 16], u128::from(number).to_be_bytes(), text.as_bytes());
        origin.files.insert(format!("text/{number}.vtt"), Rc::new(body));
    }
    origin.files.insert("text.key".to_owned(), Rc::new(key.to_vec()));
    origin
}

const AES: &str = "METHOD=AES-128,URI=\"/text.key\"";

#[test]
fn encrypted_text_is_decrypted_with_a_key_that_is_fetched_once() {
    let mut bed = Bed::new(1, vec![encrypted(AES, &[7; 16])]);
    bed.play(&master());
    bed.command(Command::SelectText(vec![ENGLISH]));
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert_eq!(loaded(&bed, ENGLISH), (0..15).collect::<Vec<u64>>());
    assert_placed(&bed, ENGLISH);
    assert_eq!(requested(&bed, "text.key"), 1);
    assert_eq!((bed.codes(), bed.element.stalls), (Vec::<&str>::new(), 0));
    assert_eq!(bed.outstanding(), (0, 0));
}

#[test]
fn a_key_of_text_that_is_broken_costs_the_text_alone() {
    let broken = [
        ("no key", AES, &b"<html>"[..], None),
        ("a wrong key", AES, &[8; 16], None),
        ("not there", AES, &[7; 16], Some(FaultKind::Status(403))),
        ("silence", AES, &[7; 16], Some(FaultKind::Silence)),
        ("of samples", "METHOD=SAMPLE-AES,URI=\"/text.key\"", &[7; 16], None),
        ("a system's", "METHOD=AES-128,URI=\"/text.key\",KEYFORMAT=\"mine\"", &[7; 16], None),
    ];
    for (name, tag, key, fault) in broken {
        let mut origin = encrypted(tag, key);
        if let Some(kind) = fault {
            origin.fault("text.key", kind, u32::MAX);
        }
        let mut bed = Bed::new(1, vec![origin]);
        bed.play(&master());
        bed.command(Command::SelectText(vec![ENGLISH]));
        assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended), "{name}");
        assert!(bed.fatal().is_none() && bed.element.stalls == 0, "{name} {:?}", bed.errors);
        assert!(bed.texts.is_empty() && !bed.errors.is_empty(), "{name} {:?}", bed.texts);
        assert!(requested(&bed, "text.key") <= 20, "{name}: no storm");
    }
    // One that comes later is used from then on.
    let mut origin = encrypted(AES, &[7; 16]);
    origin.fault("text.key", FaultKind::Status(403), 1);
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&master());
    bed.command(Command::SelectText(vec![ENGLISH]));
    assert!(bed.run_until(90.0, |bed| bed.element.state.is_ended));
    assert_eq!(loaded(&bed, ENGLISH).last(), Some(&14), "{:?}", bed.errors);
}
