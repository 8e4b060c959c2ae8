//! What the drivers are asked to play, and the best that could be had of it.
//!
//! In: traces. Out: a plan as lines of text: first `segment_secs length_secs live_already_secs
//! hold_back_secs` and the ladder in bits per second, then a trace a line, `latency_ms
//! duration_ms:kbit_per_s …`; all apart by spaces. And [`bound_mbps`].

use super::traces::Trace;
use std::fmt::Write;

pub(super) const SEGMENT_SECS: f64 = 4.0;
/// Of video on demand all of it, of a live stream as long a look.
pub(super) const LENGTH_SECS: f64 = 600.0;
/// How long the live stream has been when it is first looked at.
pub(super) const LIVE_ALREADY_SECS: f64 = 60.0;
/// Three target durations (RFC 8216bis 6.3.3).
pub(super) const HOLD_BACK_SECS: f64 = 3.0 * SEGMENT_SECS;
/// Bits per second.
pub(super) const LADDER: [f64; 8] = [0.6e6, 1.2e6, 2.4e6, 4.8e6, 8e6, 12e6, 18e6, 25e6];

/// The lines of a plan.
pub(super) fn text(traces: &[Trace]) -> String {
    let mut text = format!("{SEGMENT_SECS} {LENGTH_SECS} {LIVE_ALREADY_SECS} {HOLD_BACK_SECS}");
    for bps in LADDER {
        let _ = write!(text, " {bps}");
    }
    for trace in traces {
        let _ = write!(text, "\n{}", trace.latency_ms);
        for (millis, kbps) in &trace.steps {
            let _ = write!(text, " {millis}:{kbps}");
        }
    }
    text
}

/// The highest mean rate without a stall, for one who knows the link beforehand and whose rungs are
/// as fine as he likes: of any run of segments no more than the link carries from when its first
/// can be had until its last is due. The best of all choices keeps to the tightest of these.
pub(super) fn bound_mbps(trace: &Trace, is_live: bool) -> f64 {
    let count = (LENGTH_SECS / SEGMENT_SECS) as usize;
    let most = LADDER[LADDER.len() - 1] * SEGMENT_SECS;
    let carried = carried(trace, LENGTH_SECS + 2.0 * HOLD_BACK_SECS);
    let bits_until = |secs: f64| {
        let last = carried.len() - 1;
        carried[((secs * 10.0).max(0.0) as usize).min(last)]
    };
    // The first is waited for, as every player does: a segment's time.
    let due_secs = |index: usize| (index as f64 + 1.0) * SEGMENT_SECS;
    let from_secs = |index: usize| {
        // Three segments are there at the start.
        if is_live { (index as f64 + 1.0) * SEGMENT_SECS - HOLD_BACK_SECS } else { 0.0 }
    };
    let mut best = vec![0.0_f64; count + 1];
    for end in 1..=count {
        best[end] = best[end - 1] + most;
        for first in (0..end).rev() {
            let bits = bits_until(due_secs(end - 1)) - bits_until(from_secs(first));
            best[end] = best[end].min(best[first] + bits);
        }
    }
    best[count] / LENGTH_SECS / 1e6
}

/// Bits carried until each tenth of a second.
fn carried(trace: &Trace, until_secs: f64) -> Vec<f64> {
    let mut bits = vec![0.0];
    let (mut total, mut left_secs) = (0.0, 0.1);
    for (millis, kbps) in trace.steps.iter().cycle() {
        let mut secs = millis / 1000.0;
        while secs > 0.0 {
            let now_secs = secs.min(left_secs);
            total += now_secs * kbps * 1000.0;
            secs -= now_secs;
            left_secs -= now_secs;
            if left_secs < 1e-9 {
                bits.push(total);
                left_secs = 0.1;
            }
        }
        if bits.len() as f64 > until_secs * 10.0 {
            break;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(steps: &[(f64, f64)]) -> Trace {
        Trace { family: "x".to_owned(), latency_ms: 20.0, steps: steps.to_vec() }
    }

    #[test]
    fn no_more_than_the_link_carries_and_no_more_than_there_is() {
        let even = trace(&[(1000.0, 5000.0)]);
        assert!((bound_mbps(&even, false) - 5.0).abs() < 0.05);
        let fast = trace(&[(1000.0, 500_000.0)]);
        assert!((bound_mbps(&fast, false) - 25.0).abs() < 1e-6);
        // What comes late is no use to what is due early.
        let late = trace(&[(300_000.0, 1000.0), (300_000.0, 100_000.0)]);
        assert!((bound_mbps(&late, false) - 13.0).abs() < 0.3, "{}", bound_mbps(&late, false));
    }

    #[test]
    fn live_nothing_can_be_had_before_it_is_there() {
        let early = trace(&[(300_000.0, 100_000.0), (300_000.0, 1000.0)]);
        assert!((bound_mbps(&early, false) - 25.0).abs() < 1e-6);
        let live = bound_mbps(&early, true);
        assert!((13.0..14.0).contains(&live), "{live}");
    }

    #[test]
    fn a_plan_is_lines_of_numbers() {
        let text = text(&[trace(&[(1000.0, 5000.0), (250.0, 0.0)])]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].split(' ').count(), 4 + LADDER.len());
        assert_eq!(lines[1], "20 1000:5000 250:0");
    }
}
