//! Content steering: which pathway is loaded from, changes of it without a stall, and where one dies.

use std::fmt::Write;

use videosphere::engine::{Command, Selection};

use crate::bed::Bed;
use crate::origin::{FaultKind, Origin};
use crate::{BASE, SEEDS, ladder, master};

const BACKUP: &str = "https://backup.example/";
const CLONE: &str = "https://clone.example/";

/// What a multivariant playlist says of one pathway.
fn lines(pathway: &str, base: &str, has_separate_audio: bool) -> String {
    let (mut text, mut audio) = (String::new(), String::new());
    if has_separate_audio {
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{pathway}\",NAME=\"en\",DEFAULT=YES,URI=\"{base}audio/index.m3u8\""
        );
        audio = format!(",AUDIO=\"{pathway}\"");
    }
    for (index, rung) in ladder().iter().enumerate() {
        let (bps, width, height) = (rung.bandwidth_bps, rung.width_px, rung.height_px);
        let sound = if has_separate_audio { ",mp4a.40.2" } else { "" };
        let _ = writeln!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={bps},RESOLUTION={width}x{height},CODECS=\"{}{sound}\",\
             PATHWAY-ID=\"{pathway}\"{audio}\n{base}v{index}/index.m3u8",
            rung.codecs
        );
    }
    text
}

/// The same stream at three places; the list names two of them, as pathways `A` and `B`.
fn bed(origin: impl Fn(&str) -> Origin, begins: &str) -> Bed {
    let mut origins = [BASE, BACKUP, CLONE].map(origin);
    let has_sound = origins[0].has_separate_audio;
    let text = format!(
        "#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"/steering\"{begins}\n{}{}",
        lines("A", BASE, has_sound),
        lines("B", BACKUP, has_sound)
    );
    origins[0].files.insert("master.m3u8".to_owned(), text.into_bytes().into());
    Bed::new(1, origins.into())
}

fn vod(base: &str) -> Origin {
    Origin { segments: 200, ..Origin::vod(base, ladder()) }
}

fn live(base: &str) -> Origin {
    Origin { has_separate_audio: true, ..Origin::live(base, ladder()) }
}

fn steer(bed: &mut Bed, pathways: &[&str], clones: &str) {
    let pathways = pathways.iter().map(|it| (*it).to_owned()).collect();
    bed.command(Command::Steer { pathways, clones: clones.to_owned() });
}

/// How often media was asked for at each place.
fn asked(bed: &Bed) -> [u32; 3] {
    [0, 1, 2].map(|index| {
        let requests = bed.origins[index].requests.iter();
        requests.filter(|(path, _)| path.ends_with(".m4s")).map(|(_, count)| count).sum()
    })
}

#[test]
fn the_list_says_where_to_begin() {
    for (begins, used) in [("", 0), (",PATHWAY-ID=\"B\"", 1), (",PATHWAY-ID=\"nowhere\"", 0)] {
        let mut bed = bed(vod, begins);
        bed.play(&master());
        bed.run(20.0);
        let asked = asked(&bed);
        assert!(asked[used] > 4 && asked.iter().sum::<u32>() == asked[used], "{begins}: {asked:?}");
        assert_eq!(bed.variants[5].pathway, "B");
    }
}

#[test]
fn another_priority_moves_to_another_pathway_without_a_stall_or_a_change_of_picture() {
    for origin in [vod, live] {
        let mut bed = bed(origin, "");
        bed.play(&master());
        bed.run(30.0);
        for (pathways, used) in [(["B", "A"], 1), (["A", "B"], 0), (["gone", "B"], 1)] {
            let (changes, before) = (bed.changes.len(), asked(&bed));
            steer(&mut bed, &pathways, "");
            bed.run(6.0);
            let moved = asked(&bed);
            bed.run(30.0);
            let after = asked(&bed);
            assert!(moved[used] > before[used], "soon: {before:?} {moved:?}");
            assert!(after[used] > moved[used] + 4, "{moved:?} {after:?}");
            assert_eq!(after[1 - used], moved[1 - used], "the other is left alone");
            let bandwidth = |id: usize| bed.variants[id].bandwidth_bps;
            let (_, id, _) = bed.changes[changes];
            let (_, last, _) = bed.changes[changes - 1];
            assert_eq!(bandwidth(id), bandwidth(last), "the same picture goes on");
        }
        assert_eq!((bed.element.stalls, bed.codes()), (0, Vec::new()));
    }
}

#[test]
fn a_pathway_that_dies_is_left_for_the_next_and_tried_again_after_a_while() {
    let mut bed = bed(vod, "");
    bed.play(&master());
    steer(&mut bed, &["A", "B"], "");
    bed.run(20.0);
    let alive = asked(&bed);
    assert_eq!(alive[1], 0);
    bed.origins[0].fault("", FaultKind::Status(503), u32::MAX);
    bed.run(100.0);
    let [dead, other, _] = asked(&bed);
    assert!(other > 20, "{other}");
    assert!(dead - alive[0] < 5, "{dead} after {alive:?}");
    bed.origins[0].faults.clear();
    bed.run(280.0);
    assert!(asked(&bed)[0] > dead + 5, "it is wanted most");
    assert_eq!(bed.element.stalls, 0);
    assert!(bed.fatal().is_none());
}

#[test]
fn a_clone_is_played_like_what_was_listed() {
    for origin in [vod, live] {
        let mut bed = bed(origin, "");
        bed.play(&master());
        bed.run(30.0);
        let clones = format!("#EXTM3U\n{}", lines("C", CLONE, bed.origins[0].has_separate_audio));
        steer(&mut bed, &["C", "A"], &clones);
        bed.run(30.0);
        assert_eq!(bed.variants.len(), 12);
        assert_eq!(bed.variants[8].pathway, "C");
        let used = asked(&bed);
        assert!(used[2] > 4, "{used:?}");
        // Nor is it lost when it is not named again.
        steer(&mut bed, &["B", "C"], "");
        bed.run(20.0);
        assert_eq!(bed.variants.len(), 12);
        assert!(asked(&bed)[1] > 2);
        assert_eq!((bed.element.stalls, bed.codes()), (0, Vec::new()));
    }
}

#[test]
fn what_the_viewer_has_pinned_is_pinned_on_every_pathway() {
    let mut bed = bed(vod, "");
    bed.play(&master());
    bed.run(2.0);
    bed.command(Command::Select(Selection::Variant(1)));
    bed.run(20.0);
    steer(&mut bed, &["B"], "");
    bed.run(40.0);
    let mut of_backup = bed.origins[1].requests.keys().filter(|path| path.ends_with(".m4s"));
    assert!(of_backup.all(|path| path.starts_with("v1/")), "{:?}", bed.origins[1].requests);
    assert!(asked(&bed)[1] > 4);
}

#[test]
fn nonsense_from_outside_changes_nothing() {
    let mut bed = bed(vod, "");
    bed.play(&master());
    bed.run(10.0);
    for clones in
        ["", "#EXTM3U\n", "<html>", "#EXTM3U\n#EXTINF:4,\nx.ts\n", "#EXTM3U\n#EXT-X-STREAM-INF:\nx"]
    {
        steer(&mut bed, &["A"], clones);
    }
    bed.run(10.0);
    assert_eq!((bed.element.stalls, bed.codes()), (0, Vec::new()));
    assert!(bed.variants.iter().take(8).all(|it| it.pathway == "A" || it.pathway == "B"));
}

#[test]
fn without_steering_too_the_same_picture_comes_from_the_server_that_lives() {
    let mut origins = [BASE, BACKUP].map(vod);
    let text = format!("#EXTM3U\n{}{}", lines("A", BASE, false), lines("A", BACKUP, false));
    origins[0].files.insert("master.m3u8".to_owned(), text.into_bytes().into());
    let mut bed = Bed::new(1, origins.into());
    bed.play(&master());
    bed.run(40.0);
    let (_, before, _) = *bed.changes.last().expect("a variant");
    let used = before / 4;
    bed.origins[used].fault("", FaultKind::Status(503), u32::MAX);
    let changes = bed.changes.len();
    bed.run(40.0);
    let bandwidth = |id: usize| bed.variants[id].bandwidth_bps;
    let (_, after, _) = bed.changes[changes];
    assert_eq!((after / 4, bandwidth(after)), (1 - used, bandwidth(before)));
    assert_eq!(bed.element.stalls, 0);
}

#[test]
fn whatever_the_server_says_in_whatever_order_playback_goes_on() {
    for seed in SEEDS {
        let mut bed = bed(if seed % 2 == 0 { live } else { vod }, "");
        bed.play(&master());
        let has_sound = bed.origins[0].has_separate_audio;
        let mut state = seed;
        let mut below = |count: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % count
        };
        for _ in 0..30 {
            let names = ["A", "B", "C", ".", "nowhere"];
            let pathways: Vec<_> = (0..below(4)).map(|_| names[below(5) as usize]).collect();
            let clones = match below(3) {
                0 => format!("#EXTM3U\n{}", lines("C", CLONE, has_sound)),
                1 => "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,PATHWAY-ID=\"C\"\n".to_owned(),
                _ => String::new(),
            };
            steer(&mut bed, &pathways, &clones);
            let (place, kind) = (below(3) as usize, FaultKind::Status(500 + below(5) as u16));
            bed.origins[place].fault("", kind, below(6) as u32);
            bed.run(below(8) as f64);
        }
        bed.origins.iter_mut().for_each(|origin| origin.faults.clear());
        let (at_secs, before) = (bed.at_secs(), asked(&bed));
        bed.run(60.0);
        assert!(bed.fatal().is_none(), "{seed}: {:?}", bed.fatal());
        assert!(bed.at_secs() > at_secs + 40.0, "{seed}: {} after {at_secs}", bed.at_secs());
        assert_ne!(asked(&bed), before, "{seed}");
    }
}
