//! The choice of a variant by a short plan over the buffer (model predictive control, as Yin,
//! Jindal, Sekar and Sinopoli have it in SIGCOMM 2015).
//!
//! In: the variants worth having, the buffer, two averages of the throughput and how far it is from
//! them as a rule. Out: the variant whose
//! plan promises the best picture over the next segments: the logarithm of the bit rate, less what
//! stalls and changes cost (Pensieve's measure). A plan is one variant for the next segment and one
//! for the rest; the throughput begins at the fast average and returns to the slow one, and a plan
//! is judged under three guesses of how that will be. All in segments, so that parts are planned as
//! segments are. It refuses to hoard for its own sake: only a reserve is worth keeping.

use super::bandwidth::decay;
use super::situation::{Candidate, ChooseInput};

/// A second of stall in the measure.
const STALL_COST: f64 = 2.66;
/// A segment missing of the reserve after the plan.
const RESERVE_COST: f64 = 1.2;
/// The reserve, in segments; half of what can be had where that is less.
const RESERVE: f64 = 5.0;
/// In this time the throughput comes half way from the fast average to the slow one.
const RETURN_SECS: f64 = 2.3;
/// With so much ahead the fast average counts half.
const AMPLE_SECS: f64 = 20.0;

/// How a plan looks ahead.
struct Outlook {
    segments: usize,
    /// What a change costs for each step of the logarithm. More than the measure's 1: it may have to
    /// be taken back, and no plan sees the changes after its own.
    change_cost: f64,
    /// Shares of the throughput, and how likely each is.
    guesses: [(f64, f64); 3],
}

impl Outlook {
    /// Near a live edge little can be bought in advance, so that a guess far from the truth costs more
    /// than elsewhere: an even link is used to the full, one that swings is not.
    fn near_edge(spread: f64) -> Self {
        // What is no number counts as even.
        let spread = if spread > 0.0 { spread.min(1.0) } else { 0.0 };
        let usual = (-0.05 - 0.32 * spread).exp();
        let low = usual * (-0.1 - 0.96 * spread).exp();
        let guesses = [(low, 0.25), (usual, 0.5), (usual * spread.exp(), 0.25)];
        Self { segments: 5, change_cost: 3.0, guesses }
    }
}

/// Far, and with a bad guess that weighs: it can be provided for.
const FILLING: Outlook =
    Outlook { segments: 10, change_cost: 4.0, guesses: [(0.45, 0.25), (0.8, 0.5), (1.2, 0.25)] };
/// The best of `variants`, an index into the candidates.
pub(super) fn best(
    input: &ChooseInput<'_>,
    variants: &[(usize, &Candidate)],
    current_bps: f64,
) -> Option<usize> {
    let outlook = match input.buffer_goal_secs {
        Some(_) => Outlook::near_edge(input.spread),
        None => FILLING,
    };
    let mut best = (f64::NEG_INFINITY, None);
    for (index, first) in variants {
        for (_, rest) in variants {
            let [first_bps, rest_bps] = [first, rest].map(|it| it.bandwidth_bps.max(1) as f64);
            let changes = (first_bps / current_bps).ln().abs() + (rest_bps / first_bps).ln().abs();
            let picture = first_bps.ln() + (outlook.segments as f64 - 1.0) * rest_bps.ln();
            let mut promise = picture - outlook.change_cost * changes;
            for (share, likely) in outlook.guesses {
                promise -= likely * shortfall(input, outlook.segments, share, first_bps, rest_bps);
            }
            if promise > best.0 {
                best = (promise, Some(*index));
            }
        }
    }
    best.1
}

/// What the stalls of a plan cost, and what is missing of the reserve after it.
fn shortfall(
    input: &ChooseInput<'_>,
    segments: usize,
    share: f64,
    first_bps: f64,
    rest_bps: f64,
) -> f64 {
    let step_secs = input.step_secs.max(0.1);
    let goal_secs = input.buffer_goal_secs.unwrap_or(f64::INFINITY);
    let most = (input.buffer_limit_secs.min(goal_secs) / step_secs).max(1.0);
    // Faster playback needs more.
    let share = share / input.playback_rate.max(1.0);
    let mut ahead = input.buffer_ahead_secs / step_secs;
    let ample = input.buffer_ahead_secs / AMPLE_SECS;
    let mut fast = 1.0 / (1.0 + ample * ample);
    let kept = decay(step_secs, RETURN_SECS);
    let mut stalled = 0.0;
    let mut bps = first_bps;
    for _ in 0..segments {
        let link_bps = share * (input.slow_bps + (input.fast_bps - input.slow_bps) * fast);
        fast *= kept;
        ahead -= bps / link_bps.max(1.0);
        if ahead < 0.0 {
            stalled -= ahead;
            ahead = 0.0;
        }
        ahead = (ahead + 1.0).min(most);
        bps = rest_bps;
    }
    let missing = (RESERVE.min(most / 2.0) - ahead).max(0.0);
    // Short segments have as much to lose by a stall as the measure's, of four seconds.
    STALL_COST * step_secs.max(4.0) * stalled + RESERVE_COST * missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abr::bandwidth::USUAL_SPREAD;
    use crate::abr::{Selection, choose_variant};
    use crate::config::AbrConfig;

    fn ladder() -> [Candidate; 5] {
        [(600_000, 480), (1_200_000, 960), (2_400_000, 1280), (4_800_000, 1920), (8_000_000, 3840)]
            .map(|(bandwidth_bps, width_px)| Candidate {
                bandwidth_bps,
                width_px,
                height_px: width_px / 2,
                score: 0,
                is_playable: true,
            })
    }

    /// Four-second segments over these averages.
    fn choose(
        current: usize,
        averages: (f64, f64),
        buffer_ahead_secs: f64,
        buffer_goal_secs: Option<f64>,
    ) -> Option<usize> {
        choose_with(current, averages, USUAL_SPREAD, (buffer_ahead_secs, buffer_goal_secs))
    }

    fn choose_with(
        current: usize,
        (fast_bps, slow_bps): (f64, f64),
        spread: f64,
        (buffer_ahead_secs, buffer_goal_secs): (f64, Option<f64>),
    ) -> Option<usize> {
        choose_variant(&ChooseInput {
            candidates: &ladder(),
            current: Some(current),
            fast_bps,
            slow_bps,
            spread,
            buffer_ahead_secs,
            step_secs: 4.0,
            buffer_goal_secs,
            buffer_limit_secs: 90.0,
            playback_rate: 1.0,
            viewport_width_px: None,
            selection: Selection::Auto,
            config: &AbrConfig::default(),
        })
    }

    #[test]
    fn a_full_buffer_is_spent_on_the_picture_and_a_thin_one_is_filled() {
        let even = (5.5e6, 5.5e6);
        assert_eq!(choose(3, even, 60.0, None), Some(3), "a buffer outlasts what is tight");
        assert!(choose(2, even, 60.0, None) >= Some(3));
        assert!(choose(2, even, 4.0, None) <= Some(2), "nothing is risked without one");
    }

    #[test]
    fn a_dip_over_a_full_buffer_is_sat_out_and_over_a_thin_one_is_not() {
        let dip = (0.8e6, 9e6);
        assert!(choose(3, dip, 60.0, None) >= Some(3));
        assert!(choose(3, dip, 4.0, None) < Some(3));
        let collapse = (0.5e6, 0.6e6);
        assert_eq!(choose(3, collapse, 20.0, None), Some(0));
    }

    #[test]
    fn a_hold_back_of_less_than_two_segments_is_no_reason_to_stay_low() {
        // Between two segments a buffer of six seconds holds two.
        let fast = (50e6, 50e6);
        assert_eq!(choose(0, fast, 2.0, Some(6.0)), Some(4));
        let slow = (1.5e6, 1.5e6);
        assert!(choose(0, slow, 2.0, Some(6.0)) <= Some(1));
    }

    #[test]
    fn near_a_live_edge_an_even_link_is_used_to_the_full_and_a_swinging_one_is_not() {
        let with = |spread| choose_with(2, (6e6, 6e6), spread, (8.0, Some(12.0)));
        assert_eq!(with(0.02), Some(3), "4.8 of 6 Mbit/s");
        assert_eq!(with(0.6), Some(2));
        assert!(with(f64::NAN).is_some());
    }

    #[test]
    fn throughput_that_swings_about_a_mean_changes_nothing() {
        for fast_bps in [3.5e6, 5e6, 9e6] {
            assert_eq!(choose(2, (fast_bps, 4e6), 50.0, None), Some(2), "{fast_bps}");
        }
    }

    #[test]
    fn nonsense_gives_a_variant_all_the_same() {
        for bps in [f64::NAN, 0.0, f64::INFINITY, -1.0] {
            assert!(choose(1, (bps, bps), 10.0, None).is_some(), "{bps}");
        }
    }
}
