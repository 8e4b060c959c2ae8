//! What the page is shown of a stream: its timeline and its figures.
//!
//! In: the timeline, counters, the state of the buffer. Out: `Timeline` on each change that counts,
//! `Stats` twice a second at most and only while inputs come. It measures nothing itself.

use super::context::Context;
use super::output::{Event, PlacedDateRange, Stats, TimelineInfo};
use crate::playlist::DateRange;
use crate::playlist::timeline::Timeline;
use crate::time::Duration;

const INTERVAL: Duration = Duration::from_millis(500);

/// An edge that moved by this much is reported: not every picture that is written.
const EDGE_STEP_SECS: f64 = 0.25;

/// What was reported last.
#[derive(Debug, Default)]
pub(super) struct Reports {
    timeline: Option<TimelineInfo>,
    date_ranges: Vec<DateRange>,
}

impl Reports {
    /// Whether the page should see this.
    pub fn is_news(&self, info: TimelineInfo) -> bool {
        let Some(before) = self.timeline else { return true };
        let TimelineInfo { end_secs, live_secs, .. } = info;
        let is_near = |now: f64, then: f64| (now - then).abs() < EDGE_STEP_SECS;
        let is_small = info.is_live
            && is_near(end_secs, before.end_secs)
            && live_secs.zip(before.live_secs).is_some_and(|(now, then)| is_near(now, then));
        let is_edge_alone = TimelineInfo { end_secs, live_secs, ..before } == info;
        before != info && !(is_small && is_edge_alone)
    }

    pub fn timeline(&mut self, context: &mut Context, info: TimelineInfo) {
        self.timeline = Some(info);
        context.event(Event::Timeline(info));
    }

    /// Tells of EXT-X-DATERANGE that are new, or say something else than before (RFC 8216bis 4.4.5.1).
    /// Without a date in the playlist they stand nowhere, and wait for one.
    pub fn date_ranges(&mut self, context: &mut Context, timeline: &Timeline) {
        let Some((list, zero_millis)) = timeline.playlist().zip(timeline.zero_unix_millis()) else {
            return;
        };
        self.date_ranges.retain(|known| list.date_ranges.iter().any(|range| range.id == known.id));
        let mut news = Vec::new();
        for range in list.date_ranges.iter().filter(|range| !self.date_ranges.contains(range)) {
            let place = |millis: f64| {
                let secs = timeline.time_at_unix_millis(millis);
                secs.unwrap_or((millis - zero_millis) / 1000.0)
            };
            let Some(start_secs) = range.start_millis.map(place) else { continue };
            let by_duration = range.duration_secs.map(|secs| start_secs + secs);
            let end_secs = range.end_millis.map(place).or(by_duration);
            news.push(PlacedDateRange { range: range.clone(), start_secs, end_secs });
        }
        self.date_ranges.retain(|known| news.iter().all(|it| it.range.id != known.id));
        self.date_ranges.extend(news.iter().map(|it| it.range.clone()));
        if !news.is_empty() {
            context.event(Event::DateRanges(news));
        }
    }

    /// Gives the timeline last reported, and forgets it: it will be reported again.
    pub fn take_timeline(&mut self) -> Option<TimelineInfo> {
        self.timeline.take()
    }

    /// Figures are due.
    pub fn is_stats_due(context: &Context) -> bool {
        context.stats_sent_at.is_none_or(|at| context.now - at >= INTERVAL)
    }

    /// Reports figures; those that the context counts are added.
    pub fn stats(context: &mut Context, stats: Stats) {
        context.stats_sent_at = Some(context.now);
        let counters = context.counters;
        context.event(Event::Stats(Stats {
            bandwidth_bps: context.bandwidth.measured_bps(),
            bytes_received: counters.bytes_received,
            segments_loaded: counters.segments_loaded,
            retries: counters.retries,
            gaps_jumped: counters.gaps_jumped,
            ..stats
        }));
    }
}
