//! Random viewers on random links: whatever they do, the engine keeps its word to the media source,
//! holds a bounded amount of memory, and plays once they leave it alone.

use videosphere::engine::{Command, LoadOptions, Selection};

use crate::bed::{Bed, Link};
use crate::low_latency_origin::Hints;
use crate::origin::{FaultKind, Growth, Origin, Rung};
use crate::{BASE, HIGH_QUALITY_BASE, ladder, master};

struct Dice(u64);

impl Dice {
    /// 0 to `sides` - 1.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % sides
    }

    fn unit(&mut self) -> f64 {
        self.roll(1 << 20) as f64 / f64::from(1 << 20)
    }
}

fn origin(dice: &mut Dice) -> Origin {
    let mut origin = match dice.roll(3) {
        0 => Origin::live(BASE, ladder()),
        1 => Origin { segments: 100, ..Origin::vod(BASE, ladder()) },
        _ => Origin {
            growth: Growth::Event { already_secs: 60.0, ends_at_secs: 400.0 },
            ..Origin::live(BASE, ladder())
        },
    };
    origin.has_separate_audio = dice.roll(2) == 0;
    origin.has_date_time = dice.roll(2) == 0;
    if dice.roll(2) == 0 {
        origin.discontinuities = vec![33, 36, 50, 51];
    }
    for _ in 0..dice.roll(4) {
        let number = 25 + dice.roll(60);
        let kind = match dice.roll(4) {
            0 => FaultKind::Status(404),
            1 => FaultKind::Status(503),
            2 => FaultKind::Truncate,
            _ => FaultKind::Silence,
        };
        origin.fault(&format!("/{number}.m4s"), kind, 1 + dice.roll(3) as u32);
    }
    origin
}

fn act(bed: &mut Bed, dice: &mut Dice) {
    match dice.roll(9) {
        0 | 1 => {
            let (start_secs, end_secs) = bed
                .timeline
                .map_or((0.0, 60.0), |timeline| (timeline.start_secs, timeline.end_secs));
            if bed.element.tracks.is_empty() {
                return;
            }
            bed.seek(start_secs + dice.unit() * (end_secs - start_secs));
        }
        2 => bed.command(Command::Select(Selection::Height(100 + dice.roll(2200) as u32))),
        3 => bed.command(Command::Select(Selection::Max)),
        4 => bed.command(Command::Select(Selection::Auto)),
        5 => bed.command(Command::Select(Selection::Variant(dice.roll(4) as usize))),
        6 => bed.element.state.is_paused = !bed.element.state.is_paused,
        7 => bed.command(Command::GoLive),
        _ => {
            let now_secs = bed.now_secs();
            bed.link.rates.push((now_secs, 0.5e6 + dice.unit() * 30e6));
        }
    }
}

/// An origin with parts, or with segments listed while they are written, and some of its faults.
fn low_latency_origin(dice: &mut Dice) -> Origin {
    let numbers = |dice: &mut Dice| (0..dice.roll(4)).map(|_| 32 + dice.roll(50)).collect();
    if dice.roll(3) == 0 {
        let discontinuities = [&[][..], &[40, 44, 60]][dice.roll(2) as usize];
        let mut origin = Origin::prefetch(BASE, discontinuities);
        let prefetch = origin.prefetch.as_mut().expect("a prefetch origin");
        prefetch.broken = numbers(dice);
        prefetch.stalled = numbers(dice);
        prefetch.short = numbers(dice);
        prefetch.replaced = numbers(dice);
        return origin;
    }
    let mut origin = Origin::low_latency(BASE, ladder());
    origin.has_separate_audio = dice.roll(2) == 0;
    origin.has_date_time = dice.roll(2) == 0;
    let settings = origin.low_latency.as_mut().expect("a low-latency origin");
    settings.independent_every = 1 + dice.roll(5);
    settings.says_it_blocks = dice.roll(4) > 0;
    settings.blocks = dice.roll(4) > 0;
    settings.refusal = (dice.roll(6) == 0).then_some(503);
    settings.skips = (dice.roll(3) > 0).then_some(6);
    settings.skips_too_much = dice.roll(6) == 0;
    let hints = [Hints::Right, Hints::Right, Hints::Wrong, Hints::Missing, Hints::None];
    settings.hints = hints[dice.roll(5) as usize];
    settings.are_ranges = dice.roll(3) == 0;
    settings.are_hints_open = dice.roll(2) == 0;
    settings.next_map_from = (dice.roll(2) == 0).then_some(50);
    settings.listed_segments = 1 + dice.roll(4);
    for spans in [&mut settings.without_parts, &mut settings.standstills] {
        if dice.roll(3) == 0 {
            let from_secs = 5.0 + dice.unit() * 60.0;
            spans.push((from_secs, from_secs + dice.unit() * 10.0));
        }
    }
    origin
}

#[test]
fn random_viewers_are_served_at_low_latency() {
    for seed in seeds(12) {
        let mut dice = Dice(seed * 104_729 + 7);
        let origin = low_latency_origin(&mut dice);
        let mut bed = Bed::new(seed, vec![origin]);
        bed.link = Link { truncation: 0.005, loss: 0.001, ..Link::default() };
        bed.play(&master());
        watch(seed, bed, dice);
    }
}

/// `CHAOS_SEED=7 cargo test --test playback chaos` repeats one.
fn seeds(count: u64) -> std::ops::Range<u64> {
    let only = std::env::var("CHAOS_SEED").ok().and_then(|seed| seed.parse().ok());
    only.map_or(0..count, |seed: u64| seed..seed + 1)
}

#[test]
fn random_viewers_are_served() {
    for seed in seeds(40) {
        let mut dice = Dice(seed * 7919 + 13);
        let second = Origin {
            segments: 200,
            first_variant: 10,
            segment_secs: 3.0,
            ..Origin::vod(HIGH_QUALITY_BASE, vec![Rung::new(12_000_000, 2160)])
        };
        let mut bed = Bed::new(seed, vec![origin(&mut dice), second]);
        bed.link = Link { truncation: 0.01, loss: 0.002, ..Link::default() };
        bed.element.quota_bytes = [u64::MAX, 40_000_000][dice.roll(2) as usize];
        bed.play_with(LoadOptions {
            url: master(),
            high_quality_url: (bed.origins[0].growth == Growth::Vod)
                .then(|| format!("{HIGH_QUALITY_BASE}master.m3u8")),
            start_secs: (dice.roll(2) == 0).then_some(20.0),
            selection: Selection::Auto,
        });
        watch(seed, bed, dice);
    }
}

/// Lets a viewer do this and that, then leaves them alone.
fn watch(seed: u64, bed: Bed, dice: Dice) {
    let (mut bed, mut dice) = (bed, dice);
    for _ in 0..25 {
        bed.run(dice.unit() * 6.0);
        act(&mut bed, &mut dice);
    }
    assert!(bed.fatal().is_none(), "seed {seed}: {:?}", bed.codes());
    assert!(bed.largest_held_bytes < 48 << 20, "seed {seed}: {} B", bed.largest_held_bytes);
    // Left alone on a good link it plays.
    bed.link = Link::default();
    bed.element.state.is_paused = false;
    bed.command(Command::Select(Selection::Auto));
    bed.run(60.0);
    let before_secs = bed.at_secs();
    bed.run(10.0);
    let moved_secs = bed.at_secs() - before_secs;
    let state = bed.element.state;
    assert!(
        state.is_ended || moved_secs > 9.0,
        "seed {seed}: moved {moved_secs} s to {} in {:?}, {:?}, {state:?}\n{:?}",
        bed.at_secs(),
        bed.element.playable(),
        bed.timeline,
        bed.codes(),
    );
    bed.command(Command::Unload);
    assert_eq!(bed.outstanding(), (0, 0), "seed {seed}");
}
