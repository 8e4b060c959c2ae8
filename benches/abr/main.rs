//! Our rules over given links: `cargo bench --profile dev --bench abr -- PLAN`, which `cargo xtask
//! bench abr` calls.
//!
//! In: a plan (its form: `xtask/src/bench/abr/plan.rs`). Out: a line of JSON a trace and case: the
//! rungs that were played, the seconds of stall, the bytes thrown away. The engine is the one that
//! ships, driven without a browser on the virtual clock of the playback tests: their bed, element
//! and origin, lists and all.

#![allow(dead_code)]

#[path = "../../tests/playback/bed.rs"]
mod bed;
#[path = "../../tests/playback/cbc.rs"]
mod cbc;
#[path = "../../tests/playback/element.rs"]
mod element;
#[path = "../../tests/playback/elsewhere.rs"]
mod elsewhere;
#[path = "../../tests/playback/low_latency_origin.rs"]
mod low_latency_origin;
#[path = "../../tests/playback/mp4.rs"]
mod mp4;
#[path = "../../tests/playback/origin.rs"]
mod origin;
#[path = "../../tests/playback/ts_clock.rs"]
mod ts_clock;

use bed::Bed;
use origin::{Growth, Origin, Rung};
use std::cell::RefCell;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use videosphere::media::TrackKind;

const BASE: &str = "https://origin.example/";

struct Plan {
    segment_secs: f64,
    length_secs: f64,
    live_already_secs: f64,
    ladder: Vec<u64>,
    traces: Vec<Trace>,
}

struct Trace {
    latency_secs: f64,
    /// Seconds, bits per second.
    steps: Vec<(f64, f64)>,
}

impl Plan {
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let head: Option<Vec<f64>> =
            lines.next()?.split(' ').map(|number| number.parse().ok()).collect();
        let [segment_secs, length_secs, live_already_secs, _, ladder @ ..] = &*head? else {
            return None;
        };
        let traces: Option<Vec<Trace>> = lines.map(Trace::read).collect();
        Some(Self {
            segment_secs: *segment_secs,
            length_secs: *length_secs,
            live_already_secs: *live_already_secs,
            ladder: ladder.iter().map(|bps| *bps as u64).collect(),
            traces: traces?,
        })
    }
}

impl Trace {
    fn read(line: &str) -> Option<Self> {
        let (latency_millis, steps) = line.split_once(' ')?;
        let step = |text: &str| {
            let (millis, kbps) = text.split_once(':')?;
            Some((millis.parse::<f64>().ok()? / 1000.0, kbps.parse::<f64>().ok()? * 1000.0))
        };
        let steps: Option<Vec<_>> = steps.split(' ').map(step).collect();
        Some(Self { latency_secs: latency_millis.parse::<f64>().ok()? / 1000.0, steps: steps? })
    }

    /// Repeated to this length.
    fn rates(&self, until_secs: f64) -> Vec<(f64, f64)> {
        let mut at_secs = 0.0;
        let mut rates = Vec::new();
        for (secs, bps) in self.steps.iter().cycle() {
            if at_secs > until_secs {
                break;
            }
            rates.push((at_secs, *bps));
            at_secs += secs;
        }
        rates
    }
}

/// What was seen on the screen.
#[derive(Default)]
struct Seen {
    levels: Vec<u32>,
    /// Where the one that is played begins.
    segment_secs: Option<f64>,
    last_at_secs: f64,
    has_begun: bool,
    stalled_steps: u32,
    /// Since it began, and how far behind its live edge the playhead was, all of these together.
    steps: u32,
    behind_secs: f64,
}

impl Seen {
    fn look(&mut self, bed: &Bed, edge_at_start_secs: f64) {
        let at_secs = bed.at_secs();
        let has_moved = at_secs != self.last_at_secs && bed.element.state.ready_state >= 2;
        self.last_at_secs = at_secs;
        self.has_begun |= has_moved;
        if self.has_begun {
            self.steps += 1;
            self.behind_secs += edge_at_start_secs + bed.now_secs() - at_secs;
        }
        if !has_moved {
            self.stalled_steps += u32::from(self.has_begun && !bed.element.state.is_ended);
            return;
        }
        let track = bed.element.tracks.get(&TrackKind::Video);
        let mut spans = track.iter().flat_map(|track| &track.spans);
        let span = spans.find(|span| span.start_secs < at_secs && at_secs <= span.end_secs);
        if let Some(span) = span
            && self.segment_secs != Some(span.start_secs)
        {
            self.segment_secs = Some(span.start_secs);
            self.levels.push(span.variant);
        }
    }
}

fn run(plan: &Plan, index: usize, is_live: bool) -> String {
    let trace = &plan.traces[index];
    let rungs = (1_u32..).zip(&plan.ladder).map(|(at, bps)| Rung::new(*bps, 240 * at)).collect();
    let origin = if is_live {
        let already_secs = plan.live_already_secs;
        let growth = Growth::Live { window: 8, already_secs, ends_at_secs: f64::INFINITY };
        Origin { segment_secs: plan.segment_secs, growth, ..Origin::live(BASE, rungs) }
    } else {
        let segments = (plan.length_secs / plan.segment_secs).round() as u64;
        Origin { segment_secs: plan.segment_secs, segments, ..Origin::vod(BASE, rungs) }
    };
    // The engine's time begins with the first segment that it is told of.
    let listed_from_secs = origin.listed(0.0).0 as f64 * plan.segment_secs;
    let edge_at_start_secs = plan.live_already_secs - listed_from_secs;
    let mut bed = Bed::new(1, vec![origin]);
    let limit_secs = if is_live { plan.length_secs } else { 3.0 * plan.length_secs };
    bed.link.rates = trace.rates(limit_secs);
    bed.link.latency_secs = trace.latency_secs;
    bed.play(&format!("{BASE}master.m3u8"));
    let seen = RefCell::new(Seen::default());
    bed.run_until(limit_secs, |bed| {
        seen.borrow_mut().look(bed, edge_at_start_secs);
        bed.element.state.is_ended || bed.fatal().is_some()
    });
    let seen = seen.into_inner();
    if std::env::var_os("VERBOSE").is_some() {
        let text = |(secs, id, _): &(f64, usize, bool)| format!("{secs:.1}:{id}");
        let changes: Vec<String> = bed.changes.iter().map(text).collect();
        eprintln!("{index} live {is_live}: {} {:?}", changes.join(" "), bed.codes());
    }
    let mut line = String::new();
    let case = if is_live { "live" } else { "vod" };
    let stalled_secs = f64::from(seen.stalled_steps) * bed.step_millis as f64 / 1000.0;
    let latency_secs = if is_live { seen.behind_secs / f64::from(seen.steps.max(1)) } else { 0.0 };
    let _ = write!(
        line,
        "{{\"trace\":{index},\"case\":\"{case}\",\"player\":\"ours\",\"levels\":{:?},\
         \"stalled_secs\":{stalled_secs:.2},\"latency_secs\":{latency_secs:.2},\
         \"wasted_bytes\":{}}}",
        seen.levels, bed.wasted_bytes
    );
    line
}

fn main() {
    // `cargo test --all-targets` runs benches too, to see that they build.
    let path = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let Some(path) = path else { return };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let plan = Plan::read(&text).unwrap_or_else(|| panic!("{path} is no plan"));
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    if job >= 2 * plan.traces.len() {
                        break;
                    }
                    println!("{}", run(&plan, job / 2, job % 2 == 1));
                }
            });
        }
    });
}
