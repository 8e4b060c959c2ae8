//! A link too slow for the quality that the viewer insists on.
//!
//! In: the selection, what the media weighs, the throughput, a playhead that ran dry. Out: appends held
//! back until a good while can be played, and one warning with the figures. An element that is given
//! nothing waits by itself: `paused`, its rate and its events stay true in every browser. It chooses
//! no variant, and lets go where the link carries what is played, nothing more comes, or the viewer
//! pauses, seeks or takes another quality.

use crate::error::Error;

/// So long playback should go on before it runs dry again.
const STRETCH_SECS: f64 = 40.0;
/// What is loaded for it, within these bounds: no viewer should wait without end either.
const LOADED_SECS: (f64, f64) = (10.0, 20.0);
/// Of the hold-back of a live stream no more than this share, or playback would be so far behind by
/// then that it jumps over what was loaded.
const LIVE_SHARE: f64 = 0.5;
/// Over how long the rate of what is under way is taken.
pub(super) const WATCHED_SECS: f64 = 3.0;
/// With less than this ahead an element that does not play has run dry.
pub(super) const DRY_SECS: f64 = 0.5;
/// A link that carries so many times what is needed is another one: if it slows down again, that is
/// reported again.
const AMPLE: f64 = 1.5;

/// What there is to know at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation {
    /// No lower variant may take over.
    pub is_forced: bool,
    /// What playback takes.
    pub needed_bps: f64,
    /// How fast the segment under way comes; `None` until it was watched for a second.
    pub coming_bps: Option<f64>,
    /// What the link carried on the average.
    pub average_bps: f64,
    /// Media is on its way to an element that waits for it where it stands.
    pub is_coming: bool,
    /// The element played all that it was given.
    pub has_run_dry: bool,
    pub ahead_secs: f64,
    /// Wanted distance from a live edge.
    pub live_target_secs: Option<f64>,
}

/// What is done about it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SlowLink {
    /// Appends wait.
    pub is_holding: bool,
    is_reported: bool,
}

impl SlowLink {
    /// Decides whether appends wait. Gives a warning, once for each slow link.
    pub fn observe(&mut self, situation: Situation) -> Option<Error> {
        let Situation { needed_bps, coming_bps, .. } = situation;
        // What comes now counts as well: after a blip the averages are low for a while.
        let had_bps = situation.average_bps.max(coming_bps.unwrap_or(0.0));
        self.is_reported &= had_bps < needed_bps * AMPLE;
        let is_seen = coming_bps.is_some() || self.is_holding;
        let is_too_slow = situation.is_forced && is_seen && had_bps < needed_bps;
        let is_dry = is_too_slow && situation.is_coming && situation.has_run_dry;
        let (least, most) = LOADED_SECS;
        let goal_secs = (STRETCH_SECS * (1.0 - had_bps / needed_bps)).max(least).min(most);
        let live_secs = situation.live_target_secs.map(|secs| secs * LIVE_SHARE);
        let goal_secs = goal_secs.min(live_secs.unwrap_or(most));
        self.is_holding = is_dry && situation.ahead_secs < goal_secs;
        let is_news = is_dry && !core::mem::replace(&mut self.is_reported, true);
        let [needed_bps, had_bps] = [needed_bps, had_bps].map(|bps| bps as u64);
        is_news.then_some(Error::LinkTooSlow { needed_bps, had_bps })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_wait_until_a_good_while_is_there_and_it_is_said_once() {
        let mut link = SlowLink::default();
        let dry = Situation {
            is_forced: true,
            needed_bps: 4e6,
            coming_bps: Some(3e6),
            average_bps: 2e6,
            is_coming: true,
            has_run_dry: true,
            ahead_secs: 1.0,
            live_target_secs: None,
        };
        let auto = Situation { is_forced: false, ..dry };
        assert_eq!((link.observe(auto), link.is_holding), (None, false));
        let warning = Some(Error::LinkTooSlow { needed_bps: 4_000_000, had_bps: 3_000_000 });
        assert_eq!((link.observe(dry), link.is_holding), (warning, true));
        assert_eq!((link.observe(dry), link.is_holding), (None, true));
        let enough = Situation { ahead_secs: 10.0, ..dry };
        assert_eq!((link.observe(enough), link.is_holding), (None, false));
        let live = Situation { live_target_secs: Some(6.0), ahead_secs: 3.0, ..dry };
        assert_eq!((link.observe(live), link.is_holding), (None, false), "half the hold-back");
        let ample = Situation { average_bps: 9e6, ..dry };
        assert_eq!((link.observe(ample), link.is_holding), (None, false));
        assert!(link.observe(dry).is_some(), "another link by then");
    }
}
