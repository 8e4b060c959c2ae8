//! What an origin may list, so that a viewer who is moved from one origin to the other never sees a
//! playlist that runs backwards.
//!
//! In: the slots both origins have, and what either has promised: the highest numbers that any
//! playlist of it began and ended with. Out: the slots to list, or why none. Four rules:
//! 1. A segment is listed once both origins have it, or once the other has fallen behind or away.
//! 2. An origin that lacks what the other has promised says so, and the edge asks the other.
//! 3. So does one that came back and whose window is still shorter than the other's.
//! 4. What has left the window of one comes back in none.
//!
//! Where both fail, the edge keeps its last answer for a while, which does not run backwards either. It
//! knows neither HTTP nor files.

use serde::{Deserialize, Serialize};

/// Fewer are no playlist: players begin three segments before the end (RFC 8216 6.3.3).
pub const LEAST_SEGMENTS: u64 = 3;

/// What one origin says of one rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginReport {
    /// The oldest slot of its tail.
    pub first: u64,
    /// The newest.
    pub newest: u64,
    /// What it has listed.
    pub high_water_mark: HighWaterMark,
    /// What its playlists add to time stamps for their dates; none where nothing was dated yet, or
    /// by an origin that does not know of it.
    #[serde(default)]
    pub late_millis: Option<i64>,
    /// The target duration that its playlists have, likewise.
    #[serde(default)]
    pub target_secs: Option<u64>,
}

/// The highest numbers that playlists began and ended with; 0 where there was none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HighWaterMark {
    /// Of the oldest segment.
    pub first: u64,
    /// Of the newest.
    pub last: u64,
}

impl HighWaterMark {
    /// Both kept.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { first: self.first.max(other.first), last: self.last.max(other.last) }
    }
}

impl OriginReport {
    /// Whether both have a segment of one publication: a new one begins after a hole.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.newest && other.first <= self.newest
    }

    fn len(self) -> u64 {
        (self.newest + 1).saturating_sub(self.first)
    }
}

/// Why there is no playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The stream has just begun, or was interrupted.
    TooShort,
    /// The other origin, or this one before, listed more than there is now.
    Behind,
    /// The other origin's window is whole, and this one's is not yet.
    Shorter,
    /// The other origin is silent, and may have listed what this one does not know.
    Unsure,
    /// No segment has come for a while.
    Stale,
}

impl Refusal {
    /// For people.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::TooShort => "fewer than three segments since the stream began; try again",
            Self::Behind => "this origin lacks segments that were listed already; ask the other",
            Self::Shorter => "this origin's window is not full yet; ask the other",
            Self::Unsure => "the other origin has not answered for a moment; try again",
            Self::Stale => "no segment for a while: is the camera publishing?",
        }
    }
}

/// The slots to list, both inclusive.
pub fn agree(
    own: OriginReport,
    other: Option<OriginReport>,
    window: u64,
) -> Result<HighWaterMark, Refusal> {
    if own.len() < LEAST_SEGMENTS {
        return Err(Refusal::TooShort);
    }
    let other = other.filter(|other| other.len() >= LEAST_SEGMENTS);
    let high_water_mark =
        other.map_or(own.high_water_mark, |other| other.high_water_mark.and(own.high_water_mark));
    if own.newest < high_water_mark.last {
        return Err(Refusal::Behind);
    }
    let last = match other {
        Some(other) if other.newest + 1 >= own.newest => {
            if own.first > other.first && own.len() < window {
                return Err(Refusal::Shorter);
            }
            // What was promised stands, though the other may have lost it.
            own.newest.min(other.newest).max(high_water_mark.last)
        }
        _ => own.newest,
    };
    let oldest = own.first.max(high_water_mark.first);
    Ok(HighWaterMark { first: oldest.max((last + 1).saturating_sub(window)), last })
}

/// The same where the other has not answered for a moment, and may have listed more since: not more
/// than both had, and so not more than this one has now, unless this one has fallen behind. `grown`:
/// segments that may have come to it in that moment.
pub fn agree_unheard(
    own: OriginReport,
    heard: Option<OriginReport>,
    window: u64,
    grown: u64,
) -> Result<HighWaterMark, Refusal> {
    let heard = heard.ok_or(Refusal::Unsure)?;
    if own.newest + 1 < heard.newest + grown {
        return Err(Refusal::Unsure);
    }
    // As if it had everything, so that nothing is held back.
    agree(own, Some(OriginReport { newest: own.newest, ..heard }), window)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: u64 = 15;

    fn report(first: u64, newest: u64, high_water_mark: u64) -> OriginReport {
        let high_water_mark = HighWaterMark { first: 0, last: high_water_mark };
        OriginReport { first, newest, high_water_mark, late_millis: None, target_secs: None }
    }

    fn listed(first: u64, last: u64) -> Result<HighWaterMark, Refusal> {
        Ok(HighWaterMark { first, last })
    }

    #[test]
    fn alone_an_origin_lists_all_it_has() {
        assert_eq!(agree(report(100, 101, 0), None, WINDOW), Err(Refusal::TooShort));
        assert_eq!(agree(report(100, 102, 0), None, WINDOW), listed(100, 102));
        assert_eq!(agree(report(100, 140, 139), None, WINDOW), listed(126, 140));
    }

    #[test]
    fn what_only_one_has_waits_for_the_other() {
        let (ahead, behind) = (report(100, 121, 120), report(100, 120, 119));
        assert_eq!(agree(ahead, Some(behind), WINDOW), listed(106, 120));
        assert_eq!(agree(behind, Some(ahead), WINDOW), listed(106, 120));
        // Not for one that does not keep up.
        let lost = report(100, 110, 110);
        assert_eq!(agree(report(100, 121, 120), Some(lost), WINDOW), listed(107, 121));
    }

    #[test]
    fn one_that_lacks_what_was_promised_refuses() {
        assert_eq!(
            agree(report(100, 119, 119), Some(report(100, 120, 120)), WINDOW),
            Err(Refusal::Behind)
        );
    }

    #[test]
    fn one_that_came_back_waits_until_its_window_is_full() {
        let other = report(100, 150, 150);
        let refused = agree(report(140, 150, 0), Some(other), WINDOW);
        assert_eq!(refused, Err(Refusal::Shorter));
        assert_eq!(agree(report(136, 150, 0), Some(other), WINDOW), listed(136, 150));
        // Unless the other is gone, or as young.
        assert_eq!(agree(report(140, 150, 0), None, WINDOW), listed(140, 150));
        let young = report(140, 150, 149);
        assert_eq!(agree(report(140, 150, 0), Some(young), WINDOW), listed(140, 150));
    }

    #[test]
    fn one_that_is_not_heard_has_listed_no_more_than_both_have() {
        let own = report(100, 121, 120);
        let unheard = |heard: OriginReport, grown| agree_unheard(own, Some(heard), WINDOW, grown);
        // It was as far, and may have promised 121 since.
        assert_eq!(unheard(report(100, 121, 120), 1), listed(107, 121));
        assert_eq!(unheard(report(100, 120, 120), 1), listed(107, 121));
        // It was ahead: it may have given this one up, and listed 123.
        assert_eq!(unheard(report(100, 122, 121), 1), Err(Refusal::Unsure));
        assert_eq!(unheard(report(100, 121, 120), 2), Err(Refusal::Unsure));
        assert_eq!(agree_unheard(own, None, WINDOW, 1), Err(Refusal::Unsure));
        // What it promised and what its window is count as ever.
        let young = report(115, 121, 0);
        let refused = agree_unheard(young, Some(report(100, 121, 121)), WINDOW, 1);
        assert_eq!(refused, Err(Refusal::Shorter));
    }

    #[test]
    fn what_left_the_window_stays_out() {
        let mut other = report(140, 150, 150);
        other.high_water_mark.first = 140;
        assert_eq!(agree(report(100, 151, 0), Some(other), WINDOW), listed(140, 150));
    }

    /// Two origins that get segments, fall away and come back at random, and an edge that asks the
    /// first of them that answers: what it sees never runs backwards.
    #[test]
    fn whatever_happens_no_playlist_runs_backwards() {
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let (mut seen, mut answers, mut switches, mut last_from) =
            (HighWaterMark::default(), 0, 0, 0);
        // First slot, newest slot, promise and whether it runs.
        let mut origins = [(report(1000, 1002, 0), true); 2];
        for now in 1003..60_000 {
            for (origin, runs) in &mut origins {
                match random(400) {
                    0 if *runs => *runs = false,
                    1..=20 if !*runs => {
                        // It comes back with nothing.
                        (*origin, *runs) = (report(now + 1, now, 0), true);
                    }
                    // Now and then a segment is late by one slot.
                    2..=380 if *runs => origin.newest = now,
                    _ => {}
                }
            }
            for from in [0, 1] {
                let [(own, runs), (other, other_runs)] = [origins[from], origins[1 - from]];
                if !runs {
                    continue;
                }
                let Ok(list) = agree(own, other_runs.then_some(other), WINDOW) else { continue };
                assert!(list.first >= seen.first && list.last >= seen.last, "{seen:?} → {list:?}");
                switches += u32::from(from != last_from);
                (seen, last_from, answers) = (list, from, answers + 1);
                origins[from].0.high_water_mark = origins[from].0.high_water_mark.and(list);
                break;
            }
        }
        assert!(answers > 50_000 && switches > 100, "{answers} answers, {switches} switches");
    }
}
