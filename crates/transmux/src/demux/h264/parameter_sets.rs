//! The parameter sets that a run of access units is decoded with.
//!
//! In: SPS and PPS NAL units in stream order. Out: an [`AvcConfig`], which changes only at a key
//! frame. Sets of an earlier encoder do not linger: an access unit that brings both kinds
//! replaces all. It reads no PPS.

use super::sps::Sps;

/// Longer ones are not believed; real ones have tens of bytes.
const MAX_SET_LEN: usize = 4096;
/// Of each kind; `seq_parameter_set_id` is below 32 (7.4.2.1.1).
const MAX_SETS: usize = 32;

/// Parameter sets as an `avcC` box carries them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvcConfig {
    /// What the newest SPS says.
    pub sps: Sps,
    /// SPS NAL units.
    pub sequence_sets: Vec<Vec<u8>>,
    /// PPS NAL units.
    pub picture_sets: Vec<Vec<u8>>,
}

impl AvcConfig {
    /// Of all its sets.
    pub(super) fn byte_len(&self) -> usize {
        self.sequence_sets.iter().chain(&self.picture_sets).map(Vec::len).sum()
    }
}

/// Parameter sets seen since the last key frame.
#[derive(Debug, Default)]
pub(super) struct PendingSets {
    sequence_sets: Vec<Vec<u8>>,
    picture_sets: Vec<Vec<u8>>,
}

impl PendingSets {
    pub(super) fn add_sequence_set(&mut self, nal: &[u8]) {
        add(&mut self.sequence_sets, nal);
    }

    pub(super) fn add_picture_set(&mut self, nal: &[u8]) {
        add(&mut self.picture_sets, nal);
    }

    /// At a key frame: the configuration from here on, where it differs from `current`.
    pub(super) fn take_config(&mut self, current: Option<&AvcConfig>) -> Option<AvcConfig> {
        let pending = core::mem::take(self);
        if pending.sequence_sets.is_empty() && pending.picture_sets.is_empty() {
            return None;
        }
        let is_whole = !pending.sequence_sets.is_empty() && !pending.picture_sets.is_empty();
        let kept = current.filter(|_| !is_whole);
        let mut sequence_sets = kept.map_or_else(Vec::new, |kept| kept.sequence_sets.clone());
        let mut picture_sets = kept.map_or_else(Vec::new, |kept| kept.picture_sets.clone());
        pending.sequence_sets.iter().for_each(|nal| add(&mut sequence_sets, nal));
        pending.picture_sets.iter().for_each(|nal| add(&mut picture_sets, nal));
        let sps = sequence_sets.iter().rev().find_map(|nal| Sps::parse(nal))?;
        if picture_sets.is_empty() {
            return None;
        }
        let config = AvcConfig { sps, sequence_sets, picture_sets };
        (current != Some(&config)).then_some(config)
    }

    /// Before a picture that is no key frame: the sets that `current` lacks, which then have to
    /// travel inside the access unit.
    pub(super) fn take_unknown(&mut self, current: Option<&AvcConfig>) -> Vec<Vec<u8>> {
        let pending = core::mem::take(self);
        let is_known = |nal: &Vec<u8>| {
            current.is_some_and(|config| {
                config.sequence_sets.contains(nal) || config.picture_sets.contains(nal)
            })
        };
        let all = pending.sequence_sets.into_iter().chain(pending.picture_sets);
        all.filter(|nal| !is_known(nal)).collect()
    }
}

fn add(sets: &mut Vec<Vec<u8>>, nal: &[u8]) {
    if nal.len() <= MAX_SET_LEN && sets.len() < MAX_SETS && !sets.iter().any(|known| known == nal) {
        sets.push(nal.to_vec());
    }
}
