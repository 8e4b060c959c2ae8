//! What one playlist's server is asked for, and whether it does as it says (RFC 8216bis 6.2.5).
//!
//! In: the timeline so far, answers, failures. Out: the [`Directives`] of the next request and its
//! earliest moment. A server that answers at once with nothing new, or with an error, is asked
//! without directives for a while. It makes no request.

use crate::playlist::directives::{Directives, Skip};
use crate::playlist::reload::{self, LastLoad};
use crate::playlist::timeline::{Merge, Timeline};
use crate::time::{Duration, Instant, seconds};

/// Answers without what was waited for, before the server counts as one that ignores it.
const MAX_MISSES: u32 = 3;
/// Answers with it that clear one without it. Until then requests are made no sooner than
/// something new can be there, whether they are held or not.
const RECOVERED_AFTER: u32 = 8;
/// For how long it then is asked as any other.
const PLAIN_FOR: Duration = Duration::from_secs(30);
/// The same after an error: it may have been a busy moment.
const PLAIN_AFTER_ERROR: Duration = Duration::from_secs(5);
/// The shortest interval of requests that are not held.
const MIN_PACE_SECS: f64 = 0.25;

#[derive(Debug, Default)]
pub(super) struct BlockingReload {
    /// Of the request under way.
    asked: Directives,
    /// Recent answers without what was waited for, and how many with it clear them.
    misses: u32,
    hits_needed: u32,
    plain_until: Option<Instant>,
    /// A delta update did not fit.
    needs_whole: bool,
    /// Somebody plays near its live edge.
    pub is_followed: bool,
}

impl BlockingReload {
    /// What the next request should ask for; it counts as made.
    pub fn ask(&mut self, timeline: &Timeline, last: Option<LastLoad>, now: Instant) -> Directives {
        let mut directives = match self.is_held(timeline, now) {
            true => Directives::next_of(timeline).unwrap_or_default(),
            false => Directives::default(),
        };
        if let Some(last) = last
            && !core::mem::take(&mut self.needs_whole)
            && !self.is_plain(now)
        {
            directives.skip = Directives::skip_of(timeline, now - last.requested_at);
        }
        self.asked = directives;
        directives
    }

    /// The first request of a playlist that another one reports of.
    pub fn ask_for(&mut self, directives: Directives) {
        self.asked = directives;
    }

    /// The answer was taken in.
    pub fn answered(&mut self, timeline: &Timeline, merge: Merge, now: Instant) {
        let asked = core::mem::take(&mut self.asked);
        // Who skips without being asked to would do it again at once.
        self.needs_whole = merge == Merge::NeedsFullPlaylist && asked.skip != Skip::Nothing;
        if asked.wait_for.is_none() || self.needs_whole {
            return;
        }
        if asked.is_met_by(timeline) {
            self.hits_needed = self.hits_needed.saturating_sub(1);
            if self.hits_needed == 0 {
                self.misses = 0;
            }
            return;
        }
        self.misses += 1;
        self.hits_needed = RECOVERED_AFTER;
        if self.misses >= MAX_MISSES {
            self.misses = 0;
            self.plain_until = Some(now + PLAIN_FOR);
        }
    }

    /// The request failed. True where that may be for its directives: it will be made without.
    pub fn refused(&mut self, now: Instant) -> bool {
        let asked = core::mem::take(&mut self.asked);
        if asked == Directives::default() {
            return false;
        }
        self.plain_until = Some(now + PLAIN_AFTER_ERROR);
        true
    }

    /// When to ask again.
    pub fn next(&self, timeline: &Timeline, last: LastLoad, now: Instant) -> Option<Instant> {
        let due = reload::next_reload(timeline, last)?;
        let is_at_once = self.needs_whole || self.misses == 0 && self.is_held(timeline, now);
        if is_at_once {
            return Some(last.requested_at);
        }
        let Some(part_secs) = timeline.part_secs().filter(|_| self.is_followed) else {
            return Some(due);
        };
        // It lists parts and does not hold its answers: as often as parts come.
        Some(due.min(last.requested_at + seconds(part_secs.max(MIN_PACE_SECS))))
    }

    /// Requests are held until something is new.
    fn is_held(&self, timeline: &Timeline, now: Instant) -> bool {
        self.is_followed && !self.is_plain(now) && Directives::next_of(timeline).is_some()
    }

    /// It is asked without directives for now.
    pub fn is_plain(&self, now: Instant) -> bool {
        self.plain_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playlist::{Playlist, parse};

    fn timeline(parts: usize) -> Timeline {
        let mut text = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-PART-INF:PART-TARGET=1\n\
            #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24\n#EXTINF:4,\n0.mp4\n"
            .to_owned();
        for part in 0..parts {
            text += &format!("#EXT-X-PART:DURATION=1,URI=\"1.{part}.mp4\"\n");
        }
        let mut timeline = Timeline::new();
        match parse(&text, "https://h/m.m3u8") {
            Ok(Playlist::Media(playlist)) => timeline.merge(playlist, None),
            other => panic!("{other:?}"),
        };
        timeline
    }

    const APPLIED: Merge = Merge::Applied { is_changed: true, is_reset: false };

    fn at(secs: f64) -> Instant {
        Instant::from_millis(secs * 1000.0)
    }

    fn last(secs: f64) -> LastLoad {
        LastLoad { requested_at: at(secs), is_changed: true }
    }

    #[test]
    fn a_server_that_holds_its_answers_is_asked_at_once() {
        let mut blocking_reload = BlockingReload { is_followed: true, ..BlockingReload::default() };
        let directives = blocking_reload.ask(&timeline(1), Some(last(10.0)), at(10.5));
        assert_eq!(directives.wait_for, Some((1, Some(1))));
        assert_eq!(directives.skip, Skip::Segments);
        blocking_reload.answered(&timeline(2), APPLIED, at(11.0));
        assert_eq!(blocking_reload.next(&timeline(2), last(10.5), at(11.0)), Some(at(10.5)));
        blocking_reload.is_followed = false;
        assert_eq!(blocking_reload.next(&timeline(2), last(10.5), at(11.0)), Some(at(14.5)));
    }

    #[test]
    fn one_that_ignores_directives_is_asked_at_the_pace_of_parts() {
        let mut blocking_reload = BlockingReload { is_followed: true, ..BlockingReload::default() };
        for round in 0..MAX_MISSES {
            let directives = blocking_reload.ask(&timeline(1), Some(last(10.0)), at(10.5));
            assert_eq!(directives.wait_for, Some((1, Some(1))), "round {round}");
            blocking_reload.answered(&timeline(1), APPLIED, at(10.5));
            assert_eq!(blocking_reload.next(&timeline(1), last(10.5), at(10.5)), Some(at(11.5)));
        }
        let plain = blocking_reload.ask(&timeline(1), Some(last(10.0)), at(11.5));
        assert_eq!(plain, Directives::default());
        let again = blocking_reload.ask(&timeline(1), Some(last(50.0)), at(51.0));
        assert!(again.wait_for.is_some(), "after a while it is tried again");
    }

    #[test]
    fn an_error_and_a_delta_that_does_not_fit_lead_to_the_whole_list() {
        let mut blocking_reload = BlockingReload { is_followed: true, ..BlockingReload::default() };
        blocking_reload.ask(&timeline(1), Some(last(10.0)), at(10.5));
        assert!(blocking_reload.refused(at(11.0)));
        assert_eq!(
            blocking_reload.ask(&timeline(1), Some(last(10.0)), at(11.0)),
            Directives::default()
        );
        assert!(!blocking_reload.refused(at(11.0)), "this failure is not for directives");

        let mut blocking_reload = BlockingReload { is_followed: true, ..BlockingReload::default() };
        blocking_reload.ask(&timeline(1), Some(last(10.0)), at(10.5));
        blocking_reload.answered(&timeline(1), Merge::NeedsFullPlaylist, at(11.0));
        assert_eq!(blocking_reload.next(&timeline(1), last(10.5), at(11.0)), Some(at(10.5)));
        let mut unasked = BlockingReload::default();
        unasked.ask(&timeline(1), None, at(10.5));
        unasked.answered(&timeline(1), Merge::NeedsFullPlaylist, at(11.0));
        assert_eq!(unasked.next(&timeline(1), last(10.5), at(11.0)), Some(at(14.5)), "no storm");
        assert_eq!(
            blocking_reload.ask(&timeline(1), Some(last(10.5)), at(11.0)).skip,
            Skip::Nothing
        );
        assert_eq!(
            blocking_reload.ask(&timeline(1), Some(last(10.5)), at(11.0)).skip,
            Skip::Segments
        );
    }
}
