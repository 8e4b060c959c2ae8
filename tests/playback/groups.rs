//! One ladder of several: which codec and video range plays, and that its answer delays nothing.

use videosphere::engine::{Command, Decoding, Selection};
use videosphere::media::TrackKind;

use crate::bed::Bed;
use crate::origin::{Origin, Rung};
use crate::{BASE, master};

const SMOOTH: u8 = Decoding::SUPPORTED + Decoding::SMOOTH + Decoding::SHOWN;
const EFFICIENT: u8 = SMOOTH + Decoding::POWER_EFFICIENT;
const HEIGHTS_PX: [(u64, u32); 2] = [(400_000, 240), (1_600_000, 960)];

/// Both sizes in each, with more of EXT-X-STREAM-INF.
fn stream(groups: &[(&str, &str)]) -> Origin {
    let rungs = groups.iter().flat_map(|&(codecs, attributes)| {
        HEIGHTS_PX.map(|(bandwidth_bps, height_px)| Rung {
            codecs: codecs.to_owned(),
            attributes: attributes.to_owned(),
            ..Rung::new(bandwidth_bps, height_px)
        })
    });
    Origin { segments: 100, ..Origin::vod(BASE, rungs.collect()) }
}

fn answer(flags: &[u8]) -> Command {
    Command::Decoding(flags.iter().map(|flags| Decoding(*flags)).collect())
}

/// The variants in the buffer, of which nothing but their order is said.
fn played(bed: &Bed) -> Vec<u32> {
    bed.buffered_variants(TrackKind::Video)
}

#[test]
fn one_codec_plays_and_without_an_answer_it_is_the_first() {
    let mut bed = Bed::new(1, vec![stream(&[("avc1.640028", ""), ("av01.0.08M.08", "")])]);
    bed.play(&master());
    bed.run(60.0);
    assert_eq!(played(&bed).last(), Some(&1), "{:?}", played(&bed));
    assert!(played(&bed).iter().all(|variant| *variant < 2), "{:?}", played(&bed));
    // The viewer's word is above it.
    bed.command(Command::Select(Selection::Variant(3)));
    bed.run(100.0);
    assert_eq!(played(&bed).last(), Some(&3));
    assert_eq!((bed.element.stalls, bed.codes()), (0, Vec::new()));
}

#[test]
fn an_answer_moves_the_stream_without_a_stall_or_a_later_first_segment() {
    let groups = [("avc1.640028", ""), ("hvc1.1.6.L120.B0", ""), ("av01.0.08M.08", "")];
    let started = |answers_after_secs: Option<f64>| {
        let mut bed = Bed::new(1, vec![stream(&groups)]);
        bed.play(&master());
        let asked = |bed: &Bed| !bed.variants.is_empty();
        assert!(bed.run_until(10.0, asked), "the page knows what to ask");
        let answer_secs = bed.now_secs() + answers_after_secs.unwrap_or(f64::INFINITY);
        let mut first_secs = None;
        let mut is_answered = false;
        while bed.now_secs() < 60.0 {
            if !is_answered && bed.now_secs() >= answer_secs {
                is_answered = true;
                bed.command(answer(&[EFFICIENT, EFFICIENT, SMOOTH, SMOOTH, EFFICIENT, EFFICIENT]));
            }
            bed.run(0.02);
            first_secs = first_secs.or_else(|| (!played(&bed).is_empty()).then(|| bed.now_secs()));
        }
        let first_secs = first_secs.expect("it plays");
        assert_eq!((bed.element.stalls, bed.codes()), (0, Vec::new()));
        (first_secs, played(&bed))
    };
    let (without_secs, without) = started(None);
    assert!(without.iter().all(|variant| *variant < 2), "{without:?}");
    for after_secs in [0.0, 0.06, 0.3, 5.0] {
        let (first_secs, variants) = started(Some(after_secs));
        assert_eq!(variants.last(), Some(&5), "AV1 after {after_secs} s: {variants:?}");
        assert!(!variants.contains(&2) && !variants.contains(&3), "no HEVC: {variants:?}");
        let later_secs = first_secs - without_secs;
        assert!(later_secs < 0.1, "{later_secs} s later for an answer after {after_secs} s");
    }
}

#[test]
fn a_refused_codec_and_a_range_that_is_not_shown_are_left_aside() {
    let groups = [
        ("hvc1.2.4.L153.B0", ",VIDEO-RANGE=PQ"),
        ("dvh1.05.06", ",VIDEO-RANGE=PQ"),
        ("av01.0.08M.08", ",VIDEO-RANGE=SDR"),
    ];
    let play = |flags: Option<[u8; 6]>, refused: &[&str]| {
        let mut bed = Bed::new(1, vec![stream(&groups)]);
        bed.refused_codecs = refused.iter().map(|it| (*it).to_owned()).collect();
        bed.play(&master());
        if let Some(flags) = flags {
            assert!(bed.run_until(10.0, |bed| !bed.variants.is_empty()));
            bed.command(answer(&flags));
        }
        bed.run(60.0);
        assert_eq!((bed.element.stalls, bed.codes()), (0, Vec::new()));
        played(&bed).last().map(|variant| variant / 2)
    };
    assert_eq!(play(None, &[]), Some(2), "SDR, until the page says that HDR is shown");
    let pq = EFFICIENT;
    assert_eq!(play(Some([pq, pq, pq, pq, SMOOTH, SMOOTH]), &[]), Some(0));
    assert_eq!(play(Some([pq, pq, pq, pq, SMOOTH, SMOOTH]), &["hvc1"]), Some(1));
    assert_eq!(play(None, &["av01", "dvh1"]), Some(0), "there is nothing else");
}

#[test]
fn scores_count_where_every_variant_has_one_and_are_told() {
    let codecs = "avc1.640028";
    let scored = |scores: [&str; 2]| {
        let rungs = scores.map(|attributes| Rung {
            codecs: codecs.to_owned(),
            attributes: attributes.to_owned(),
            ..Rung::new(800_000, 480)
        });
        let larger = Rung { attributes: scores[0].to_owned(), ..Rung::new(900_000, 960) };
        let [first, second] = rungs;
        let origin = Origin::vod(BASE, vec![first, second, larger]);
        let mut bed = Bed::new(1, vec![Origin { segments: 100, ..origin }]);
        bed.play(&master());
        bed.run(60.0);
        let told = bed.variants.iter().map(|it| (it.score, it.stable_id.clone())).collect();
        (played(&bed).last().copied(), told)
    };
    let stable = ",SCORE=2.5,STABLE-VARIANT-ID=\"b\"";
    let (chosen, told): (_, Vec<_>) = scored([",SCORE=1", stable]);
    assert_eq!(chosen, Some(1), "the better one, though smaller");
    assert_eq!(told, [(Some(1.0), None), (Some(2.5), Some("b".to_owned())), (Some(1.0), None)]);
    assert_eq!(scored(["", stable]).0, Some(2), "one alone says nothing");
}
