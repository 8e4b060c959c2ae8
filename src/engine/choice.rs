//! What is put to [`crate::abr`] for the choice of a variant.
//!
//! In: the selection, the variant set, the state of the buffer. Out: the variant to load the next
//! segment from. Variants of the second source, one given up again and again, and a download given up
//! just now are seen to here; the choice itself is `abr`'s.

use super::context::Context;
use super::kinds::SourceKind;
use super::ladder;
use super::selector::Selector;
use super::variant_set::{VariantId, VariantSet};
use crate::abr::{Candidate, ChooseInput, Selection, choose_variant};

/// What there is to know at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation {
    pub ahead_secs: f64,
    /// What is kept ahead at most.
    pub ahead_limit_secs: f64,
    /// Wanted distance from a live edge.
    pub live_target_secs: Option<f64>,
    /// In what steps loading goes.
    pub step_secs: f64,
    pub playback_rate: f64,
}

impl Selector {
    /// The variant to load the next segment from.
    pub fn choose(
        &mut self,
        context: &Context,
        set: &VariantSet,
        situation: Situation,
    ) -> Option<VariantId> {
        let emergency = self.emergency_variant.take().filter(|_| self.is_auto());
        if let Some(variant) = emergency.filter(|variant| set.is_available(context, *variant)) {
            return Some(variant);
        }
        let mut candidates = self.candidates(context, set);
        let given_up = self.given_up.filter(|it| self.is_auto() && context.now < it.until);
        if let Some(given_up) = given_up {
            let is_lower = |it: &Candidate| it.bandwidth_bps < given_up.bandwidth_bps;
            if candidates.iter().any(|it| it.is_playable && is_lower(it)) {
                candidates.iter_mut().for_each(|it| it.is_playable &= is_lower(it));
            }
        }
        let rate = situation.playback_rate;
        // Of another pathway, or another server, the same goes on.
        let twin = |index: usize| {
            let wanted = candidates.get(index).filter(|it| !it.is_playable);
            let is_it = |it: &Candidate| {
                wanted.is_some_and(|wanted| Candidate { is_playable: true, ..*wanted } == *it)
            };
            candidates.iter().position(is_it).unwrap_or(index)
        };
        let selection = match self.selection {
            Selection::Variant(index) => Selection::Variant(twin(index)),
            other => other,
        };
        let chosen = choose_variant(&ChooseInput {
            candidates: &candidates,
            current: self.variant.map(|it| twin(it.index())),
            fast_bps: context.bandwidth.fast_bps(),
            slow_bps: context.bandwidth.slow_bps(),
            spread: context.bandwidth.spread(),
            buffer_ahead_secs: situation.ahead_secs,
            step_secs: situation.step_secs,
            buffer_goal_secs: situation.live_target_secs,
            buffer_limit_secs: situation.ahead_limit_secs,
            playback_rate: if rate > 0.0 { rate } else { 1.0 },
            viewport_width_px: context.viewport_width_px,
            selection,
            config: &context.config.abr,
        })?;
        set.find(chosen)
    }

    /// The second source is the viewer's to ask for: left to itself the engine stays with the
    /// first. Where the second does not say how large it is, it is as large as was asked for.
    pub fn candidates(&self, context: &Context, set: &VariantSet) -> Vec<Candidate> {
        let is_auto = self.is_auto();
        let mut candidates =
            set.candidates(context, |entry| !is_auto || entry.source == SourceKind::Main);
        if !candidates.iter().any(|candidate| candidate.is_playable) {
            candidates = set.candidates(context, |_| true);
        }
        let rungs: Vec<_> = candidates
            .iter()
            .zip(set.iter())
            .map(|(candidate, entry)| entry.rung().filter(|_| candidate.is_playable))
            .collect();
        for (index, is_aside) in ladder::left_aside(&rungs).into_iter().enumerate() {
            let is_wanted = self.selection == Selection::Variant(index);
            if let Some(candidate) = candidates.get_mut(index).filter(|_| is_aside && !is_wanted) {
                candidate.is_playable = false;
            }
        }
        let asked_px = match self.selection {
            Selection::Height(height_px) => height_px,
            _ => u32::from(u16::MAX),
        };
        for (candidate, entry) in candidates.iter_mut().zip(set.iter()) {
            if entry.source == SourceKind::HighQuality && candidate.height_px == 0 {
                candidate.height_px = asked_px;
                candidate.width_px = asked_px.saturating_mul(2);
            }
        }
        candidates
    }
}
