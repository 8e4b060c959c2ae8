//! What to remove from a source buffer.
//!
//! In: `buffered`, the playhead, how much to keep. Out: a span to remove, or nothing. A removal
//! runs on to the next random access point (Media Source Extensions 3.5.9), so the end of every
//! span given here stays a whole group of pictures away from the playhead.

use crate::media::TimeRange;

/// Routine eviction waits until this much has gathered: removals are not free.
const WORTHWHILE_SECS: f64 = 8.0;

/// What a removal must leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keep {
    /// `currentTime`, or where a seek is on its way to, if that is earlier.
    pub from_secs: f64,
    /// The later of both.
    pub to_secs: f64,
    /// Media wanted behind the playhead.
    pub behind_secs: f64,
    /// Media wanted ahead of the playhead.
    pub ahead_secs: f64,
    /// The longest group of pictures to expect: the target duration.
    pub group_secs: f64,
}

/// Routine: what lies further behind than wanted, once it is worth the removal.
#[must_use]
pub fn behind(buffered: &[TimeRange], keep: Keep) -> Option<TimeRange> {
    let end_secs = keep.from_secs - keep.behind_secs.max(keep.group_secs);
    let first = buffered.first()?;
    (end_secs - first.start_secs >= WORTHWHILE_SECS)
        .then_some(TimeRange { start_secs: 0.0, end_secs })
}

/// In need of room, behind the playhead: all but one group of pictures.
#[must_use]
pub fn all_behind(buffered: &[TimeRange], keep: Keep) -> Option<TimeRange> {
    let end_secs = keep.from_secs - keep.group_secs;
    let first = buffered.first()?;
    (first.start_secs + 0.5 < end_secs).then_some(TimeRange { start_secs: 0.0, end_secs })
}

/// In need of room, ahead of the playhead: what lies further ahead than wanted.
#[must_use]
pub fn far_ahead(buffered: &[TimeRange], keep: Keep) -> Option<TimeRange> {
    let start_secs = keep.to_secs + keep.ahead_secs.max(2.0 * keep.group_secs);
    let last = buffered.last()?;
    (last.end_secs > start_secs + 0.5).then_some(TimeRange { start_secs, end_secs: f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Keep = Keep {
        from_secs: 100.0,
        to_secs: 100.0,
        behind_secs: 30.0,
        ahead_secs: 10.0,
        group_secs: 4.0,
    };

    fn buffered(start_secs: f64, end_secs: f64) -> [TimeRange; 1] {
        [TimeRange { start_secs, end_secs }]
    }

    #[test]
    fn routine_eviction_waits_until_it_is_worth_it() {
        assert_eq!(behind(&buffered(65.0, 130.0), KEEP), None);
        let removed = behind(&buffered(60.0, 130.0), KEEP).expect("10 s gathered");
        assert_eq!((removed.start_secs, removed.end_secs), (0.0, 70.0));
        assert_eq!(behind(&[], KEEP), None);
    }

    #[test]
    fn in_need_the_playheads_own_group_of_pictures_stays() {
        let removed = all_behind(&buffered(60.0, 130.0), KEEP).expect("40 s behind");
        assert_eq!(removed.end_secs, 96.0);
        assert_eq!(all_behind(&buffered(96.0, 130.0), KEEP), None);
        let removed = far_ahead(&buffered(60.0, 130.0), KEEP).expect("20 s too far");
        assert_eq!(removed.start_secs, 110.0);
        assert_eq!(far_ahead(&buffered(60.0, 110.0), KEEP), None);
    }

    #[test]
    fn where_playback_is_and_where_it_goes_both_stay() {
        let keep = Keep { to_secs: 120.0, ..KEEP };
        assert_eq!(all_behind(&buffered(60.0, 150.0), keep).map(|it| it.end_secs), Some(96.0));
        assert_eq!(far_ahead(&buffered(60.0, 150.0), keep).map(|it| it.start_secs), Some(130.0));
    }
}
