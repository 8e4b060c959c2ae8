//! Tracks: what a player chooses from, over all periods (ISO/IEC 23009-1, 5.3.2.4 and 5.3.3).
//!
//! In: the manifest as it was first. Out: a track for each of its representations; and later, for each period,
//! the representation that a track goes on with: the same, or of the same kind of set the nearest in bandwidth.
//! Their order never changes, as they are known by their place in it.

use crate::model::{AdaptationSet, Kind, Mpd, Period, Representation};

/// More than a player could tell apart.
const MAX_TRACKS: usize = 512;

/// A representation, and of which set it was.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    /// Without its representations.
    pub set: AdaptationSet,
    /// Its place among the sets.
    pub set_index: usize,
    pub representation: Representation,
}

/// Of the first period that has pictures, or else sound: a short one before it may have neither.
pub(crate) fn of(mpd: &Mpd) -> Vec<Track> {
    let has = |period: &&Period, kind| period.sets.iter().any(|set| set.kind == kind);
    let first = |kind| mpd.periods.iter().find(|period| has(period, kind));
    let Some(period) = first(Kind::Video).or_else(|| first(Kind::Audio)) else { return Vec::new() };
    let mut tracks = Vec::new();
    for (set_index, set) in period.sets.iter().enumerate() {
        let bare = AdaptationSet { representations: Vec::new(), ..set.clone() };
        for representation in &set.representations {
            let representation = representation.clone();
            tracks.push(Track { set: bare.clone(), set_index, representation });
        }
    }
    tracks.truncate(MAX_TRACKS);
    tracks
}

impl Track {
    /// What of a period belongs to it.
    pub(crate) fn within<'p>(&self, period: &'p Period) -> Option<&'p Representation> {
        let sets = period
            .sets
            .iter()
            .filter(|set| set.kind == self.set.kind && set.is_trick_play == self.set.is_trick_play);
        // Sound and text in another language are another thing, pictures are not.
        let alike = |set: &&AdaptationSet| {
            self.set.kind == Kind::Video || set.language == self.set.language
        };
        let choices = sets.filter(alike).flat_map(|set| {
            set.representations.iter().map(move |representation| (set, representation))
        });
        let wanted = &self.representation;
        let (_, best) = choices.min_by_key(|(set, it)| {
            (
                family(&it.codecs) != family(&wanted.codecs),
                set.roles != self.set.roles,
                it.id != wanted.id,
                it.bandwidth_bps.abs_diff(wanted.bandwidth_bps),
            )
        })?;
        Some(best)
    }

    /// `caption` and the like mean that it stands for all sound (5.8.5.5).
    pub(crate) fn has_role(&self, role: &str) -> bool {
        self.set.roles.iter().any(|it| it == role)
    }
}

/// What a decoder is needed for: `avc1` of `avc1.64001f`.
pub(crate) fn family(codecs: &str) -> &str {
    codecs.split(['.', ',']).next().unwrap_or("").trim_ascii()
}
