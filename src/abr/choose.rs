//! The choice of a variant: a pure function of what is known at this moment.
//!
//! In: [`ChooseInput`]. Out: an index into its candidates. In `Auto` the variant that [`super::plan`]
//! finds best over the buffer, but never a picture much larger than the page shows of it; a selection
//! overrides all but playability. It refuses to remember: what was chosen before comes in as
//! `current`.

use super::plan;
use super::situation::{Candidate, ChooseInput, Selection};

/// Which variant to load next: an index into `candidates`, or `None` where none is playable.
#[must_use]
pub fn choose_variant(input: &ChooseInput<'_>) -> Option<usize> {
    match input.selection {
        Selection::Auto => choose_auto(input),
        Selection::Variant(index) => {
            let is_playable = input.candidates.get(index).is_some_and(|it| it.is_playable);
            if is_playable { Some(index) } else { choose_auto(input) }
        }
        Selection::Height(height_px) => choose_height(input, height_px),
        Selection::Max => playable(input).max_by_key(|(_, it)| rank(it)).map(|(index, _)| index),
    }
}

fn playable<'a>(input: &ChooseInput<'a>) -> impl Iterator<Item = (usize, &'a Candidate)> + use<'a> {
    input.candidates.iter().enumerate().filter(|(_, candidate)| candidate.is_playable)
}

/// Better variants are greater: as their author says, else their pictures.
fn worth(candidate: &Candidate) -> (u64, (u64, u64)) {
    (candidate.score, rank(candidate))
}

/// Better pictures are greater: by pixels, then by bit rate.
fn rank(candidate: &Candidate) -> (u64, u64) {
    (u64::from(candidate.width_px) * u64::from(candidate.height_px), candidate.bandwidth_bps)
}

fn choose_auto(input: &ChooseInput<'_>) -> Option<usize> {
    let cap_px = viewport_cap(input);
    let allowed =
        || playable(input).filter(move |(_, it)| cap_px.is_none_or(|cap| it.width_px <= cap));
    let current = input.current.and_then(|index| allowed().find(|(it, _)| *it == index));
    let Some((_, current)) = current else {
        // Start-up, or the current one may no longer be chosen: nothing to be loyal to.
        let limit_bps = budget_bps(input) * input.config.up_factor;
        return allowed()
            .filter(|(_, it)| it.bandwidth_bps as f64 <= limit_bps)
            .max_by_key(|(_, it)| worth(it))
            .or_else(|| allowed().min_by_key(|(_, it)| it.bandwidth_bps))
            .map(|(index, _)| index);
    };
    // A better picture that costs no more leaves nothing to be said for a worse one.
    let is_worth_having = |(_, it): &(usize, &Candidate)| {
        !allowed()
            .any(|(_, other)| worth(other) > worth(it) && other.bandwidth_bps <= it.bandwidth_bps)
    };
    let variants: Vec<_> = allowed().filter(is_worth_having).collect();
    plan::best(input, &variants, current.bandwidth_bps.max(1) as f64)
}

/// The throughput in bits per second of media: faster playback needs more of it.
fn budget_bps(input: &ChooseInput<'_>) -> f64 {
    let rate = if input.playback_rate > 1.0 { input.playback_rate } else { 1.0 };
    let estimate_bps = input.fast_bps.min(input.slow_bps);
    if estimate_bps.is_finite() { estimate_bps / rate } else { 0.0 }
}

/// The width of the smallest playable picture that fills the viewport; `None` where none does or
/// nothing is known.
fn viewport_cap(input: &ChooseInput<'_>) -> Option<u32> {
    let viewport_px = input.viewport_width_px.filter(|_| input.config.cap_to_viewport)?;
    playable(input).map(|(_, it)| it.width_px).filter(|width_px| *width_px >= viewport_px).min()
}

fn choose_height(input: &ChooseInput<'_>, wanted_px: u32) -> Option<usize> {
    let heights = || playable(input).map(|(_, it)| it.height_px).filter(|height_px| *height_px > 0);
    let below = heights().filter(|height_px| *height_px <= wanted_px).max();
    let Some(height_px) = below.or_else(|| heights().min()) else { return choose_auto(input) };
    let of_height = || playable(input).filter(|(_, it)| it.height_px == height_px);
    let limit_bps = budget_bps(input) * input.config.up_factor;
    let carried = of_height().filter(|(_, it)| it.bandwidth_bps as f64 <= limit_bps);
    carried
        .max_by_key(|(_, it)| worth(it))
        .or_else(|| of_height().min_by_key(|(_, it)| it.bandwidth_bps))
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abr::bandwidth::USUAL_SPREAD;
    use crate::config::AbrConfig;

    fn ladder() -> [Candidate; 4] {
        [(400_000, 480), (1_200_000, 960), (4_000_000, 1920), (16_000_000, 3840)].map(
            |(bandwidth_bps, width_px)| Candidate {
                bandwidth_bps,
                width_px,
                height_px: width_px / 2,
                score: 0,
                is_playable: true,
            },
        )
    }

    /// A case of the ladder above with four-second segments.
    struct Case {
        current: Option<usize>,
        estimate_bps: f64,
        buffer_ahead_secs: f64,
        buffer_goal_secs: Option<f64>,
        viewport_width_px: Option<u32>,
        selection: Selection,
    }

    impl Default for Case {
        fn default() -> Self {
            Self {
                current: Some(1),
                estimate_bps: 2e6,
                buffer_ahead_secs: 10.0,
                buffer_goal_secs: None,
                viewport_width_px: None,
                selection: Selection::Auto,
            }
        }
    }

    fn choose_from(candidates: &[Candidate], case: Case) -> Option<usize> {
        choose_variant(&ChooseInput {
            candidates,
            current: case.current,
            fast_bps: case.estimate_bps,
            slow_bps: case.estimate_bps,
            spread: USUAL_SPREAD,
            buffer_ahead_secs: case.buffer_ahead_secs,
            step_secs: 4.0,
            buffer_goal_secs: case.buffer_goal_secs,
            buffer_limit_secs: 60.0,

            playback_rate: 1.0,
            viewport_width_px: case.viewport_width_px,
            selection: case.selection,
            config: &AbrConfig::default(),
        })
    }

    fn choose(case: Case) -> Option<usize> {
        choose_from(&ladder(), case)
    }

    #[test]
    fn start_up_takes_what_the_estimate_carries_with_a_margin() {
        let start = |estimate_bps| {
            choose(Case { current: None, estimate_bps, buffer_ahead_secs: 0.0, ..Case::default() })
        };
        assert_eq!(start(1e4), Some(0));
        assert_eq!(start(1.5e6), Some(0));
        assert_eq!(start(1.8e6), Some(1));
        assert_eq!(start(1e9), Some(3));
        assert_eq!(start(f64::NAN), Some(0));
        assert_eq!(start(f64::INFINITY), Some(0));
    }

    #[test]
    fn no_larger_than_the_viewport_needs() {
        let with = |viewport_width_px, current| {
            choose(Case { current, estimate_bps: 1e9, viewport_width_px, ..Case::default() })
        };
        assert_eq!(with(Some(900), Some(1)), Some(1));
        assert_eq!(with(Some(961), Some(1)), Some(2));
        assert_eq!(with(Some(900), Some(3)), Some(1));
        assert_eq!(with(Some(10_000), None), Some(3));
        assert_eq!(with(None, None), Some(3));
    }

    #[test]
    fn selections_override_all_but_playability() {
        let selected = |selection| {
            let viewport_width_px = Some(500);
            choose(Case {
                selection,
                estimate_bps: 1e5,
                buffer_ahead_secs: 0.0,
                viewport_width_px,
                ..Case::default()
            })
        };
        assert_eq!(selected(Selection::Max), Some(3));
        assert_eq!(selected(Selection::Variant(2)), Some(2));
        assert_eq!(selected(Selection::Variant(9)), Some(0));
        assert_eq!(selected(Selection::Height(1920)), Some(3));
        assert_eq!(selected(Selection::Height(1919)), Some(2));
        assert_eq!(selected(Selection::Height(1)), Some(0));

        let mut candidates = ladder();
        candidates[3].is_playable = false;
        let max = Case { selection: Selection::Max, ..Case::default() };
        assert_eq!(choose_from(&candidates, max), Some(2));
        candidates.iter_mut().for_each(|candidate| candidate.is_playable = false);
        assert_eq!(choose_from(&candidates, Case::default()), None);
        assert_eq!(
            choose_from(&[], Case { selection: Selection::Height(480), ..Case::default() }),
            None
        );
    }

    #[test]
    fn of_one_height_the_one_that_the_throughput_carries() {
        let candidates = [6_000_000, 3_000_000, 2_000_000].map(|bandwidth_bps| Candidate {
            bandwidth_bps,
            width_px: 1920,
            height_px: 960,
            score: 0,
            is_playable: true,
        });
        let at = |estimate_bps| {
            choose_from(
                &candidates,
                Case { selection: Selection::Height(960), estimate_bps, ..Case::default() },
            )
        };
        assert_eq!(at(1e9), Some(0));
        assert_eq!(at(5e6), Some(1));
        assert_eq!(at(1e5), Some(2));
    }

    #[test]
    fn a_score_goes_before_the_size_of_the_picture() {
        let scored = |scores: [u64; 4]| {
            let mut candidates = ladder();
            candidates.iter_mut().zip(scores).for_each(|(it, score)| it.score = score);
            candidates
        };
        let start = Case { current: None, estimate_bps: 1e9, ..Case::default() };
        assert_eq!(choose_from(&scored([1, 3, 2, 2]), start), Some(1), "at the start");
        let later = |scores, estimate_bps| {
            let case = Case { estimate_bps, buffer_ahead_secs: 40.0, ..Case::default() };
            choose_from(&scored(scores), case)
        };
        assert_eq!(later([1, 3, 2, 2], 1e9), Some(1), "what costs more and is worth less is left");
        assert_eq!(later([1, 2, 3, 4], 1e9), Some(3));
        let start = Case { current: None, estimate_bps: 1e9, ..Case::default() };
        let max = Case { selection: Selection::Max, ..start };
        assert_eq!(choose_from(&scored([1, 3, 2, 2]), max), Some(3), "the largest is the largest");
    }

    #[test]
    fn double_speed_needs_double_the_throughput() {
        let candidates = ladder();
        let config = AbrConfig::default();
        let at_rate = |playback_rate| {
            choose_variant(&ChooseInput {
                candidates: &candidates,
                current: None,
                fast_bps: 6e6,
                slow_bps: 6e6,
                spread: USUAL_SPREAD,
                buffer_ahead_secs: 0.0,
                step_secs: 4.0,
                buffer_goal_secs: None,
                buffer_limit_secs: 60.0,
                playback_rate,
                viewport_width_px: None,
                selection: Selection::Auto,
                config: &config,
            })
        };
        assert_eq!(at_rate(1.0), Some(2));
        assert_eq!(at_rate(2.0), Some(1));
        assert_eq!(at_rate(0.0), Some(2));
        assert_eq!(at_rate(f64::NAN), Some(2));
    }
}
