//! How much later than its time stamps a stream's media was taken: what dates are made of.
//!
//! In: segments, by the time at which nginx-rtmp wrote the last of each. Out: milliseconds to add to
//! time stamps, the same for all rungs of a publication, for both origins, and from one playlist to the
//! next. The ingest starts time stamps in the middle of a slot (`src/restamp.rs`), seconds off, and
//! cannot tell by how much: its encoder's first key frame is still to come. What is measured here has
//! the way from the ingest in it, some tenths of a second.

use super::agree::OriginReport;
use super::folder::Tail;
use std::collections::HashMap;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Streams remembered.
const MAX_STREAMS: usize = 64;

/// What is known of each stream's present publication.
#[derive(Debug, Default)]
pub struct Lateness(HashMap<String, Known>);

#[derive(Debug, Clone, Copy)]
struct Known {
    millis: i64,
    /// Of the publication's slots, the first and the newest seen.
    slots: (u64, u64),
}

impl Lateness {
    /// What was dated, if anything was.
    #[must_use]
    pub fn of(&self, stream: &str) -> Option<i64> {
        self.0.get(stream).map(|known| known.millis)
    }

    /// What to date this tail by. `measure` is asked where a publication has just begun. Where the two
    /// origins began at the same moment, each by its own measure, the smaller one holds.
    pub fn agree(
        &mut self,
        stream: &str,
        own: OriginReport,
        other: Option<OriginReport>,
        measure: impl FnOnce() -> Option<i64>,
    ) -> i64 {
        let known = self.0.get(stream).copied().filter(|known| own.first <= known.slots.1 + 1);
        if let Some(known) = known.filter(|known| own.newest < known.slots.0) {
            // A rung whose encoder has not yet brought the new publication.
            return known.millis;
        }
        let (first, newest) = known.map_or((own.first, own.newest), |known| known.slots);
        let known = known.map(|known| known.millis);
        let said = other.filter(|other| other.overlaps(own)).and_then(|other| other.late_millis);
        let millis = match (known, said) {
            (Some(known), Some(said)) => known.min(said),
            (Some(millis), None) | (None, Some(millis)) => millis,
            // Without a measure time stamps stand for themselves, this once.
            (None, None) => match measure() {
                Some(millis) => millis,
                None => return 0,
            },
        };
        if self.0.len() < MAX_STREAMS || self.0.contains_key(stream) {
            self.0.insert(
                stream.to_owned(),
                Known { millis, slots: (first, newest.max(own.newest)) },
            );
        }
        millis
    }
}

/// The least that any segment was late: none is early, and some are held up on their way.
#[must_use]
pub fn measure(folder: &Path, tail: &Tail) -> Option<i64> {
    let late = tail.segments().iter().filter_map(|segment| {
        let file = folder.join(format!("{}.ts", segment.ticks));
        let written = file.metadata().ok()?.modified().ok()?;
        let written = i64::try_from(written.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
        let end = segment.unix_millis + (segment.duration_secs * 1000.0).round() as i64;
        Some(written - end)
    });
    late.min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playlists::agree::HighWaterMark;
    use crate::playlists::folder::{Grid, tail};
    use std::fs::File;
    use std::time::Duration;

    fn report(first: u64, newest: u64, late_millis: Option<i64>) -> OriginReport {
        let high_water_mark = HighWaterMark::default();
        OriginReport { first, newest, high_water_mark, late_millis, target_secs: None }
    }

    #[test]
    fn the_promptest_segment_tells() {
        let folder = std::env::temp_dir().join(format!("lateness-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        // Written 700 ms before, and 900 ms before, what their time stamps say.
        for (millis, written) in [(901_000_u64, 902_300), (903_000, 904_100)] {
            let file = File::create(folder.join(format!("{}.ts", millis * 90))).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_millis(written)).unwrap();
        }
        let text = "#EXTINF:2,\n81090000.ts\n#EXTINF:2,\n81270000.ts\n#EXTINF:2,\n81450000.ts\n";
        let tail = tail(text, Grid { segment_millis: 2000, now_unix_millis: 900_000 }).unwrap();
        let late = measure(&folder, &tail);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(late, Some(-900));
    }

    #[test]
    fn a_publication_keeps_its_dates_and_the_next_has_others() {
        let mut lateness = Lateness::default();
        let never = || -> Option<i64> { panic!("measured twice") };
        assert_eq!(lateness.agree("a", report(10, 12, None), None, || None), 0);
        assert_eq!(lateness.agree("a", report(10, 12, None), None, || Some(-700)), -700);
        assert_eq!(lateness.agree("a", report(11, 14, None), None, never), -700);
        assert_eq!(lateness.of("a"), Some(-700));
        // After a hole: a camera that came back.
        assert_eq!(lateness.agree("a", report(17, 19, None), None, || Some(40)), 40);
        // A rung that still shows what was before changes nothing.
        assert_eq!(lateness.agree("a", report(11, 14, None), None, never), 40);
        assert_eq!(lateness.agree("a", report(18, 20, None), None, never), 40);
    }

    #[test]
    fn both_origins_have_the_same_dates() {
        let (mut one, mut other) = (Lateness::default(), Lateness::default());
        let never = || -> Option<i64> { panic!("the other knows") };
        assert_eq!(one.agree("a", report(10, 12, None), None, || Some(-700)), -700);
        // One that was started later, or lost what it had.
        let said = Some(report(10, 13, one.of("a")));
        assert_eq!(other.agree("a", report(12, 13, None), said, never), -700);
        // Both by themselves, then each hears of the other.
        let mut third = Lateness::default();
        assert_eq!(third.agree("a", report(12, 14, None), None, || Some(-690)), -690);
        let said = Some(report(10, 14, one.of("a")));
        assert_eq!(third.agree("a", report(12, 14, None), said, never), -700);
        let said = Some(report(12, 14, Some(-690)));
        assert_eq!(one.agree("a", report(10, 14, None), said, never), -700);
        // What the other says of an earlier publication is not about this one.
        let said = Some(report(10, 14, Some(-700)));
        assert_eq!(third.agree("a", report(20, 22, None), said, || Some(5)), 5);
    }
}
