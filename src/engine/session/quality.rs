//! Which variant's segments to load: the viewer's selection, else throughput, buffer and viewport.
//!
//! In: the selection, the variant set, the state of the buffer. Out: the variant to load from, and the
//! change to it once its playlist is there. What is chosen is [`crate::engine::choice`]'s to say.

use super::Session;
use crate::abr::{Reading, Selection};
use crate::buffer::time_ranges;
use crate::engine::choice;
use crate::engine::context::Context;
use crate::engine::given_up::GivenUp;
use crate::engine::kinds::StreamKind;
use crate::engine::output::Event;
use crate::engine::segment_loader::{SegmentLoader, resume_at};
use crate::engine::slow_link::SlowLink;
use crate::engine::variant_set::{RenditionId, VariantId};
use crate::engine::wanted::Purpose;
use crate::error::Error;
use crate::loader::abandon::{Progress, lower_limit_bps, should_abandon, window_secs};
use crate::time::Duration;

/// With less than this ahead the present variant goes on while the next one's playlist is fetched.
const SAFE_AHEAD_SECS: f64 = 8.0;
/// With more than this ahead, or to go down, an answer is waited for so long at first: a live playlist
/// is stale when it is needed, and one more segment of the present variant would take longer.
const THIN_AHEAD_SECS: f64 = 2.0;
const PLAYLIST_WAIT: Duration = Duration::from_secs(1);

impl Session {
    pub(super) fn select(&mut self, context: &mut Context, selection: Selection) {
        if let Selection::Variant(id) = selection
            && self.sources.variant_set.find(id).is_none()
        {
            let detail = format!("there is no variant {id}");
            // Not fatal by its nature, but there is nothing to play it with either.
            let cause = Box::new(Error::Internal { detail });
            return context.error(Error::VariantExcluded { variant: Some(id), cause });
        }
        if self.selector.selection != selection {
            self.playback.slow_link = SlowLink::default();
        }
        if let Some(target) = self.selector.select(selection)
            && let Some(id) = self.sources.playlist_of(target)
        {
            self.downloads.cancel(context, Purpose::MediaPlaylist(id));
        }
    }

    /// The variant to load the next segment from.
    fn choose(&mut self, context: &Context) -> Option<VariantId> {
        let situation = choice::Situation {
            ahead_secs: self.ahead_secs(),
            ahead_limit_secs: self.playback.ahead_limit_secs,
            live_target_secs: self.target_latency_secs(context),
            step_secs: self.current_entry().map_or(6.0, |entry| entry.step_secs()),
            playback_rate: self.playback.playhead.state.playback_rate,
        };
        self.selector.choose(context, &self.sources.variant_set, situation)
    }

    /// Settles on the variant to load from now: the present one, or a change to another once its
    /// playlist is there. `None` where loading has to wait for it.
    pub(super) fn settle_variant(&mut self, context: &mut Context) -> Option<VariantId> {
        // The first choice waits for the second source.
        if self.selector.variant.is_none() && self.sources.is_high_quality_coming() {
            return None;
        }
        // A download given up would only begin again where it was.
        let is_urgent = self.selector.emergency_variant.is_some();
        let chosen = self.choose(context).or(self.selector.variant)?;
        if self.selector.variant == Some(chosen) {
            self.selector.target = None;
            self.selector.is_selection_fresh &= self.sources.is_high_quality_coming();
            return Some(chosen);
        }
        let id = self.sources.playlist_of(chosen)?;
        let is_usable =
            self.sources.playlists.get(id).is_some_and(|entry| entry.is_usable(context.now));
        let present = self
            .selector
            .variant
            .filter(|variant| self.sources.variant_set.is_available(context, *variant));
        if is_usable
            && (present.is_none()
                || is_urgent
                || self.streams.main().is_at_seam(&self.sources.playlists, id))
        {
            self.change_variant(context, chosen);
            return Some(chosen);
        }
        self.selector.target = Some(chosen);
        if is_usable {
            return present;
        }
        // Loaded and still of no use, as one without a segment, it is asked for at its pace.
        if self.sources.playlists.get(id).is_some_and(|entry| entry.is_due(context.now)) {
            self.fetch_playlist(context, id);
        }
        let current = self.selector.variant?;
        // Near a live edge a buffer is always thin, and one more segment that the link does not carry
        // would cost more of it than the playlist does.
        let is_at_edge =
            self.target_latency_secs(context).is_some_and(|secs| secs < SAFE_AHEAD_SECS);
        let bandwidth = |id: VariantId| self.sources.variant_set.bandwidth_bps(id);
        let is_down = bandwidth(chosen) < bandwidth(current);
        if is_at_edge && self.selector.is_auto() && is_down {
            return None;
        }
        let flight = self.downloads.flight(Purpose::MediaPlaylist(id));
        let is_soon_there =
            flight.is_some_and(|flight| flight.elapsed(context.now) < PLAYLIST_WAIT);
        let may_wait = is_down || self.ahead_secs() > THIN_AHEAD_SECS;
        if self.selector.is_auto() && is_soon_there && may_wait {
            return None;
        }
        let is_thin = self.ahead_secs() < SAFE_AHEAD_SECS;
        (is_thin && self.sources.variant_set.is_available(context, current)).then_some(current)
    }

    fn change_variant(&mut self, context: &mut Context, chosen: VariantId) {
        let bandwidth = |id: VariantId| self.sources.variant_set.bandwidth_bps(id);
        let is_upgrade =
            self.selector.variant.is_some_and(|before| bandwidth(before) < bandwidth(chosen));
        self.selector.variant = Some(chosen);
        self.selector.target = None;
        context.needs_another_pass = true;
        if is_upgrade && self.selector.is_selection_fresh && !self.selector.is_auto() {
            let playhead_secs = self.playback.playhead.secs();
            if let Some(entry) = self.selector.current_entry(&self.sources) {
                self.streams.main_mut().replace_far_ahead(&entry.timeline, playhead_secs);
            }
        }
        self.selector.is_selection_fresh = false;
        context
            .event(Event::VariantChange { id: chosen.index(), is_auto: self.selector.is_auto() });
        self.follow_variant(context, chosen);
    }

    /// Gives a stream another rendition, or ends it.
    pub(super) fn change_rendition(
        &mut self,
        context: &mut Context,
        kind: StreamKind,
        rendition: Option<RenditionId>,
    ) {
        let url = |rendition: Option<RenditionId>| {
            self.sources.variant_set.rendition_url(rendition?).map(str::to_owned)
        };
        let is_same = url(rendition) == url(self.selector.rendition(kind));
        self.selector.set_rendition(kind, rendition);
        if is_same {
            return;
        }
        self.downloads.cancel_stream(context, kind);
        let before = self.streams.remove_rendition(kind);
        let mut done = before.map_or(0, |loader| loader.segments_done);
        if let Some(track) = kind.track().filter(|_| !self.sink.has_started()) {
            self.sink.drop_waiting_of(context, track);
            done = 0;
        }
        let is_in_variant = url(rendition).is_none();
        if rendition.is_none() {
            return;
        }
        let playhead_secs = self.playback.playhead.secs();
        let track = kind.track().and_then(|track| self.sink.tracks.get(&track));
        let ranges = track.map(|track| track.queue.buffered_soon()).unwrap_or_default();
        let covered_secs = time_ranges::covered_until(&ranges, playhead_secs);
        // Of sound in the variant the loader of that has left out what it has loaded so far.
        if is_in_variant && self.streams.main().end_secs() <= covered_secs + 0.1 {
            return;
        }
        let mut loader = SegmentLoader::new(playhead_secs, (context.make_transmuxer)());
        loader.segments_done = done;
        if covered_secs > playhead_secs {
            loader.cursor = resume_at(covered_secs);
        }
        self.streams.add_rendition(kind, loader);
    }

    /// Gives up a download that would starve the buffer, for one of a lower variant.
    pub(super) fn abandon_if_starving(&mut self, context: &mut Context) {
        let purpose = Purpose::Segment(StreamKind::Main);
        let (Some(loading), Some(flight)) =
            (&self.streams.main().loading, self.downloads.flight(purpose))
        else {
            return;
        };
        let Some(variant) = loading.variant.filter(|_| self.selector.is_auto()) else { return };
        let bandwidth = |id: VariantId| self.sources.variant_set.bandwidth_bps(id);
        let candidates = self.selector.candidates(context, &self.sources.variant_set);
        let present_bps = bandwidth(variant);
        let lower = self
            .sources
            .variant_set
            .ids()
            .zip(&candidates)
            .filter(|(_, candidate)| candidate.is_playable)
            .map(|(id, _)| id)
            .filter(|id| bandwidth(*id) < present_bps);
        let media_secs = loading.media_secs();
        // What is still being written comes no faster than that, which is no reason to give it up.
        if loading.is_growing && !flight.bursts.is_link_limited(media_secs, false) {
            return;
        }
        let sample = if loading.is_growing {
            flight.bursts.whole()
        } else {
            let buffer_secs = loading.placed.start_secs - self.playback.playhead.secs();
            flight.bursts.recent(context.now, window_secs(buffer_secs))
        };
        let receiving_secs = sample.transfer.as_secs_f64();
        let rate_bps = if receiving_secs > 0.25 {
            sample.bytes as f64 * 8.0 / receiving_secs
        } else {
            context.bandwidth.estimate_bps()
        };
        // The best that this download's own rate carries in time, else the least.
        let duration_secs = loading.placed.duration_secs();
        let buffer_secs = loading.placed.start_secs - self.playback.playhead.secs();
        let up_factor = context.config.abr.up_factor;
        let limit_bps = lower_limit_bps(rate_bps, up_factor, buffer_secs, duration_secs);
        let Some(lower) = lower.max_by_key(|id| {
            let bps = bandwidth(*id);
            let fits = bps as f64 <= limit_bps;
            (fits, if fits { bps } else { u64::MAX - bps })
        }) else {
            return;
        };
        let (expected_bytes, begins_secs) = if loading.is_growing {
            // It plays while it comes, up to its end.
            let share = duration_secs / media_secs.min(duration_secs).max(0.1);
            ((flight.received_bytes as f64 * share) as u64, loading.placed.end_secs)
        } else {
            (flight.expected_bytes.unwrap_or(loading.estimated_bytes), loading.placed.start_secs)
        };
        let progress = Progress {
            elapsed_secs: flight.elapsed(context.now).as_secs_f64(),
            received_bytes: flight.received_bytes,
            expected_bytes,
            recent_bps: rate_bps,
            usual_bps: context.bandwidth.slow_bps(),
            buffer_secs: begins_secs - self.playback.playhead.secs(),
            lower_bytes: (bandwidth(lower) as f64 * duration_secs / 8.0) as u64,
        };
        if should_abandon(progress) {
            if loading.is_growing {
                context.bandwidth.add_reading(context.now, Reading::Link(sample));
            } else {
                context.bandwidth.add_given_up(sample);
            }
            self.downloads.cancel(context, purpose);
            self.streams.main_mut().loading = None;
            self.selector.emergency_variant = Some(lower);
            self.selector.given_up =
                Some(GivenUp::again(self.selector.given_up, context.now, present_bps));
        }
    }
}
