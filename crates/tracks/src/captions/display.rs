//! Which cues of one channel are on screen.
//!
//! In: all that is to be seen at a moment. Out: events for what changed. A cue stays the same one as long as
//! its text only grows; the moment something else takes its place, it ends.

use core::ops::Range;

use super::events::{Channel, Events};
use crate::Cue;

/// Something to be seen.
#[derive(Debug)]
pub(super) struct Sight {
    /// Where, in numbers of the channel's own: what shares one may be the same cue.
    pub slots: Range<u8>,
    /// It took the place of what was there, rather than growing out of it.
    pub is_other: bool,
    /// Without its times.
    pub cue: Cue,
}

/// The cues that are shown.
#[derive(Debug, Default)]
pub(super) struct Display {
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    slots: Range<u8>,
    number: u32,
    cue: Cue,
}

impl Display {
    /// From that moment on this is to be seen, and nothing else.
    pub(super) fn show(
        &mut self,
        at_secs: f64,
        channel: Channel,
        mut sights: Vec<Sight>,
        events: &mut Events,
    ) {
        let mut kept: Vec<Open> = Vec::new();
        for mut open in self.open.drain(..) {
            let is_same = |sight: &Sight| {
                let meets =
                    sight.slots.start < open.slots.end && open.slots.start < sight.slots.end;
                let looks_same =
                    sight.cue.lines == open.cue.lines && sight.cue.placement == open.cue.placement;
                meets && (!sight.is_other || looks_same || open.cue.start_secs >= at_secs)
            };
            let Some(index) = sights.iter().position(is_same) else {
                events.end(channel, open.number, at_secs);
                continue;
            };
            let sight = sights.remove(index);
            open.slots = sight.slots;
            let cue = Cue { start_secs: open.cue.start_secs, ..sight.cue };
            if cue != open.cue {
                open.cue = cue;
                events.show(channel, open.number, open.cue.clone());
            }
            kept.push(open);
        }
        for Sight { slots, cue, .. } in sights {
            let cue = Cue { start_secs: at_secs, ..cue };
            let number = events.next_number();
            events.show(channel, number, cue.clone());
            kept.push(Open { slots, number, cue });
        }
        self.open = kept;
    }
}
