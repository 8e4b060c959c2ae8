//! Where a live edge is at any moment, and how late what leads up to it can be played.
//!
//! In: the end of the timeline and of what the source buffers hold, at every input. Out: the edge,
//! which runs with the clock though a playlist moves it by whole segments, and the latest that media
//! came recently: what a playhead would have waited for. The encoder's own pace counts as the
//! network's does, and so does the wait between two requests. It knows of no playhead.

use crate::time::{Duration, Instant};

/// The edge's course is taken from the newest this long, and as long before it.
const EDGE_STRETCH: Duration = Duration::from_secs(30);
/// The same of what came late: the greatest of one to two minutes, as what a link does once in a
/// minute is its way, and a quantile of arrivals would count the many of one burst.
const LATE_STRETCH: Duration = Duration::from_secs(60);
/// After this much watching it is known.
const LEARNING: Duration = Duration::from_secs(10);
/// An edge that is late for so many of its steps, each of at least so long, will stay late.
const DELAY_STEPS: f64 = 4.0;
const MIN_STEP_SECS: f64 = 0.5;

/// The greatest of the newest stretch of time, and of the one before.
#[derive(Debug, Default)]
struct Peak {
    /// And when the stretch began.
    newest: Option<(f64, Instant)>,
    before: Option<f64>,
}

impl Peak {
    fn note(&mut self, now: Instant, value: f64, stretch: Duration) {
        self.newest = Some(match self.newest {
            Some((known, since)) if now - since < stretch => (known.max(value), since),
            last => {
                self.before = last.map(|(known, _)| known);
                (value, now)
            }
        });
    }

    fn value(&self) -> Option<f64> {
        let (newest, _) = self.newest?;
        Some(self.before.map_or(newest, |before| before.max(newest)))
    }
}

/// A live edge.
#[derive(Debug, Default)]
pub(super) struct Edge {
    /// How far it has been ahead of the clock.
    lead: Peak,
    /// The same of the last few steps, and how often it moved in them.
    recent: Option<(f64, Instant)>,
    moves: u32,
    last_secs: f64,
    playable_secs: f64,
    late: Peak,
}

impl Edge {
    pub fn note(&mut self, now: Instant, edge_secs: f64, step_secs: f64) {
        let lead_secs = edge_secs - secs_of(now);
        self.lead.note(now, lead_secs, EDGE_STRETCH);
        self.note_delay(now, (lead_secs, edge_secs), step_secs);
    }

    /// A sender that stopped and then goes on later than before stays so: what it once was ahead is
    /// not waited for. One that has stopped, or catches up, is left out of this.
    fn note_delay(&mut self, now: Instant, (lead_secs, edge_secs): (f64, f64), step_secs: f64) {
        let has_moved = edge_secs > self.last_secs + 1e-3;
        self.last_secs = edge_secs;
        let Some((recent_secs, since)) = &mut self.recent else {
            self.recent = Some((lead_secs, now));
            return;
        };
        *recent_secs = recent_secs.max(lead_secs);
        self.moves += u32::from(has_moved);
        let span_secs = DELAY_STEPS * step_secs.max(MIN_STEP_SECS);
        if (now - *since).as_secs_f64() < span_secs || self.moves < 2 {
            return;
        }
        let recent_secs = *recent_secs;
        (self.recent, self.moves) = (Some((lead_secs, now)), 0);
        let known_secs = self.lead.value().unwrap_or(recent_secs);
        if recent_secs < known_secs - 1.5 * step_secs.max(MIN_STEP_SECS) {
            self.lead = Peak { newest: Some((recent_secs, now)), before: None };
        }
    }

    /// Media can be played up to here. What came before ended where it did until now: so late it is,
    /// if it is of interest.
    pub fn note_playable(&mut self, now: Instant, playable_secs: f64, is_telling: bool) {
        let before_secs = core::mem::replace(&mut self.playable_secs, playable_secs);
        if let Some(edge_secs) = self.at(now).filter(|_| is_telling && playable_secs > before_secs)
        {
            self.late.note(now, edge_secs - before_secs, LATE_STRETCH);
        }
    }

    /// Where it is by now.
    pub fn at(&self, now: Instant) -> Option<f64> {
        Some(self.lead.value()? + secs_of(now))
    }

    /// The furthest that what could be played was recently behind the edge; `None` until it is known.
    pub fn late_secs(&self, now: Instant) -> Option<f64> {
        let (_, since) = self.late.newest?;
        let is_known = self.late.before.is_some() || now - since >= LEARNING;
        self.late.value().filter(|_| is_known)
    }
}

fn secs_of(at: Instant) -> f64 {
    at.as_millis() / 1000.0
}
