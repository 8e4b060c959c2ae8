//! Which variant's segments to load: the viewer's wish, else throughput, buffer and viewport.
//!
//! In: the wish, the catalogue, the state of the buffer. Out: the variant to load from, and the
//! change to it once its playlist is there. The choice itself is [`crate::abr`]'s.

use super::context::Context;
use super::downloads::{LaneKind, Purpose, SourceKind};
use super::input::Quality;
use super::lane::{Cursor, Lane, resume_at};
use super::output::Event;
use super::playlists::PlaylistId;
use super::session::{Session, SourceState, Wish};
use super::slow_link::SlowLink;
use crate::abr::{Candidate, ChooseInput, Pin, Reading, choose_variant};
use crate::buffer::time_ranges;
use crate::error::Error;
use crate::loader::abandon::{Progress, lower_limit_bps, should_abandon, window_secs};
use crate::media::TrackKind;
use crate::time::{Duration, Instant};

/// With less than this ahead the present variant goes on while the next one's playlist is fetched.
const SAFE_AHEAD_SECS: f64 = 8.0;
/// With more than this ahead, or to go down, an answer is waited for so long at first: a live playlist
/// is stale when it is needed, and one more segment of the present variant would take longer.
const THIN_AHEAD_SECS: f64 = 2.0;
const PLAYLIST_PATIENCE: Duration = Duration::from_secs(1);
/// With more than this ahead a wish for a better picture replaces what is far ahead.
const REPLACE_AHEAD_SECS: f64 = 10.0;
/// What stays of it: time enough to load the better segments.
const KEEP_AHEAD_SECS: f64 = 6.0;

/// A variant whose segment was given up. Where that happens again and again before one of its
/// segments, or of a better one, came whole, it rests, each time for longer: where the lower ones
/// come from a cache, they look as if the link carried all.
#[derive(Debug, Clone, Copy)]
pub(super) struct GivenUp {
    bandwidth_bps: u64,
    until: Instant,
    times: u32,
}

impl GivenUp {
    /// So often it is the link that swings.
    const FREE_TIMES: u32 = 6;
    const FIRST_REST_SECS: u64 = 8;
    /// So long after a rest the next time is a first one again.
    const MEMORY: Duration = Duration::from_secs(15);

    fn again(before: Option<Self>, now: Instant, bandwidth_bps: u64) -> Self {
        let before = before.filter(|before| now < before.until + Self::MEMORY);
        let times = before.map_or(1, |before| before.times.saturating_add(1));
        let rest_secs = match times.checked_sub(Self::FREE_TIMES) {
            Some(more) => Self::FIRST_REST_SECS << more.min(3),
            None => 0,
        };
        Self { bandwidth_bps, until: now + Duration::from_secs(rest_secs), times }
    }
}

impl Session {
    pub(super) fn set_wish(&mut self, context: &mut Context, wish: Wish) {
        if let Wish::Variant(id) = wish
            && id >= self.catalogue.variants.len()
        {
            let detail = format!("there is no variant {id}");
            // Not fatal by its nature, but there is nothing to play it with either.
            let cause = Box::new(Error::Internal { detail });
            return context.error(Error::VariantSetAside { variant: Some(id), cause });
        }
        if self.wish != wish {
            self.wish = wish;
            self.is_wish_fresh = true;
            self.forced_down = None;
            self.slow_link = SlowLink::default();
            if let Some(target) = self.target.take()
                && let Some(id) = self.playlist_of(target)
            {
                self.downloads.cancel(context, Purpose::MediaPlaylist(id));
            }
        }
    }

    pub(super) const fn is_auto(&self) -> bool {
        matches!(self.wish, Wish::Quality(Quality::Auto))
    }

    /// True while the first choice should wait for the second source.
    pub(super) fn awaits_high_quality_source(&self) -> bool {
        self.variant.is_none()
            && matches!(self.high_quality_source, SourceState::Loading | SourceState::Probing)
    }

    /// The variant to load the next segment from.
    pub(super) fn choose(&mut self, context: &Context) -> Option<usize> {
        if let Some(forced) = self.forced_down.take()
            && self.is_auto()
            && self.catalogue.is_available(context, forced)
        {
            return Some(forced);
        }
        let mut candidates = self.candidates(context);
        if let Some(given_up) = self.given_up.filter(|it| self.is_auto() && context.now < it.until)
            && candidates
                .iter()
                .any(|it| it.is_playable && it.bandwidth_bps < given_up.bandwidth_bps)
        {
            for candidate in &mut candidates {
                candidate.is_playable &= candidate.bandwidth_bps < given_up.bandwidth_bps;
            }
        }
        let header_secs = self.current_entry().map_or(6.0, |entry| entry.step_secs());
        let playback_rate = self.playhead.state.playback_rate;
        choose_variant(&ChooseInput {
            candidates: &candidates,
            current: self.variant,
            fast_bps: context.bandwidth.fast_bps(),
            slow_bps: context.bandwidth.slow_bps(),
            spread: context.bandwidth.spread(),
            buffer_ahead_secs: self.ahead_secs(),
            segment_secs: header_secs,
            buffer_goal_secs: self.target_latency_secs(context),
            buffer_limit_secs: self.ahead_limit_secs,
            playback_rate: if playback_rate > 0.0 { playback_rate } else { 1.0 },
            viewport_width_px: context.viewport_width_px,
            pin: match self.wish {
                Wish::Quality(Quality::Auto) => Pin::Auto,
                Wish::Quality(Quality::Height(height_px)) => Pin::Height(height_px),
                Wish::Quality(Quality::Max) => Pin::Max,
                Wish::Variant(id) => Pin::Index(id),
            },
            config: &context.config.abr,
        })
    }

    /// The second source is the viewer's to ask for: left to itself the engine stays with the
    /// first. Where the second does not say how large it is, it is as large as was asked for.
    fn candidates(&self, context: &Context) -> Vec<Candidate> {
        let is_auto = self.is_auto();
        let mut candidates = self
            .catalogue
            .candidates(context, |entry| !is_auto || entry.source == SourceKind::Main);
        if !candidates.iter().any(|candidate| candidate.is_playable) {
            candidates = self.catalogue.candidates(context, |_| true);
        }
        let asked_px = match self.wish {
            Wish::Quality(Quality::Height(height_px)) => height_px,
            _ => u32::from(u16::MAX),
        };
        for (candidate, entry) in candidates.iter_mut().zip(&self.catalogue.variants) {
            if entry.source == SourceKind::HighQuality && candidate.height_px == 0 {
                candidate.height_px = asked_px;
                candidate.width_px = asked_px.saturating_mul(2);
            }
        }
        candidates
    }

    /// Settles on the variant to load from now: the present one, or a change to another once its
    /// playlist is there. `None` where loading has to wait for it.
    pub(super) fn settle_variant(&mut self, context: &mut Context) -> Option<usize> {
        if self.awaits_high_quality_source() {
            return None;
        }
        // A download given up would only begin again where it was.
        let is_urgent = self.forced_down.is_some();
        let chosen = self.choose(context).or(self.variant)?;
        if self.variant == Some(chosen) {
            self.target = None;
            self.is_wish_fresh &= self.is_high_quality_coming();
            return Some(chosen);
        }
        let id = self.playlist_of(chosen)?;
        let is_usable = self.playlists.get(id).is_some_and(|entry| entry.is_usable(context.now));
        let present = self.variant.filter(|variant| self.catalogue.is_available(context, *variant));
        if is_usable && (present.is_none() || is_urgent || self.is_at_seam(id)) {
            self.change_variant(context, chosen);
            return Some(chosen);
        }
        self.target = Some(chosen);
        if is_usable {
            return present;
        }
        // Loaded and still of no use, as one without a segment, it is asked for at its pace.
        if self.playlists.get(id).is_some_and(|entry| entry.is_due(context.now)) {
            self.fetch_playlist(context, id);
        }
        let current = self.variant?;
        // Near a live edge a buffer is always thin, and one more segment that the link does not carry
        // would cost more of it than the playlist does.
        let is_at_edge =
            self.target_latency_secs(context).is_some_and(|secs| secs < SAFE_AHEAD_SECS);
        let bandwidth = |variant: usize| {
            self.catalogue.variants.get(variant).map_or(0, |entry| entry.variant.bandwidth_bps)
        };
        if is_at_edge && self.is_auto() && bandwidth(chosen) < bandwidth(current) {
            return None;
        }
        let is_down = bandwidth(chosen) < bandwidth(current);
        let flight = self.downloads.flight(Purpose::MediaPlaylist(id));
        let is_soon_there =
            flight.is_some_and(|flight| flight.elapsed(context.now) < PLAYLIST_PATIENCE);
        if self.is_auto() && is_soon_there && (is_down || self.ahead_secs() > THIN_AHEAD_SECS) {
            return None;
        }
        let is_thin = self.ahead_secs() < SAFE_AHEAD_SECS;
        (is_thin && self.catalogue.is_available(context, current)).then_some(current)
    }

    /// Whether loading can go over to this playlist where it stands.
    fn is_at_seam(&self, id: PlaylistId) -> bool {
        match (&self.main.cursor, self.playlists.timeline(id)) {
            (Cursor::After(last, from), Some(timeline)) if *from != id => {
                timeline.has_seam_after(last)
            }
            _ => true,
        }
    }

    fn is_high_quality_coming(&self) -> bool {
        matches!(self.high_quality_source, SourceState::Loading | SourceState::Probing)
    }

    fn change_variant(&mut self, context: &mut Context, chosen: usize) {
        let bandwidth = |variant: usize| {
            self.catalogue.variants.get(variant).map_or(0, |entry| entry.variant.bandwidth_bps)
        };
        let is_upgrade = self.variant.is_some_and(|before| bandwidth(before) < bandwidth(chosen));
        self.variant = Some(chosen);
        self.target = None;
        self.is_restless = true;
        if is_upgrade && self.is_wish_fresh && !self.is_auto() {
            self.replace_far_ahead();
        }
        self.is_wish_fresh = false;
        context.event(Event::VariantChange { id: chosen, is_auto: self.is_auto() });
        let rendition = self.catalogue.audio_for(context, chosen, self.rendition);
        self.change_rendition(context, rendition);
    }

    /// The better picture begins at the first segment beyond what must stay, not behind all that
    /// is buffered; its appends overwrite.
    fn replace_far_ahead(&mut self) {
        let playhead_secs = self.playhead.secs();
        if self.main.end_secs() - playhead_secs < REPLACE_AHEAD_SECS {
            return;
        }
        let keep_secs = playhead_secs + KEEP_AHEAD_SECS;
        let from_secs = self.current_entry().and_then(|entry| {
            let starts = entry.timeline.segments().iter().map(|placed| placed.start_secs);
            starts.into_iter().find(|start_secs| *start_secs >= keep_secs)
        });
        if let Some(from_secs) = from_secs.filter(|from_secs| *from_secs < self.main.end_secs()) {
            self.main.cursor = Cursor::At(from_secs);
        }
    }

    /// Gives the audio lane another rendition, or ends it.
    pub(super) fn change_rendition(&mut self, context: &mut Context, rendition: Option<usize>) {
        let url = |rendition: Option<usize>| {
            let entry = self.catalogue.renditions.get(rendition?)?;
            entry.rendition.url.clone()
        };
        let is_same = url(rendition) == url(self.rendition);
        self.rendition = rendition;
        if is_same {
            return;
        }
        self.downloads.cancel(context, Purpose::Segment(LaneKind::Audio));
        self.downloads.cancel(context, Purpose::Init(LaneKind::Audio));
        let done = self.audio.take().map_or(0, |lane| lane.segments_done);
        if rendition.is_none() {
            return;
        }
        let playhead_secs = self.playhead.secs();
        let audio = self.sink.tracks.get(&TrackKind::Audio);
        let ranges = audio.map(|track| track.queue.buffered_soon()).unwrap_or_default();
        let covered_secs = time_ranges::covered_until(&ranges, playhead_secs);
        let mut lane = Lane::new(playhead_secs);
        lane.segments_done = done;
        if covered_secs > playhead_secs {
            lane.cursor = resume_at(covered_secs);
        }
        self.audio = Some(lane);
    }

    /// A segment came whole: the link carries its variant after all.
    pub(super) fn note_carried(&mut self, variant: Option<usize>) {
        let entry = variant.and_then(|variant| self.catalogue.variants.get(variant));
        let bandwidth_bps = entry.map_or(0, |entry| entry.variant.bandwidth_bps);
        self.given_up = self.given_up.filter(|it| bandwidth_bps < it.bandwidth_bps);
    }

    /// Gives up a download that would starve the buffer, for one of a lower variant.
    pub(super) fn abandon_if_starving(&mut self, context: &mut Context) {
        let purpose = Purpose::Segment(LaneKind::Main);
        let (Some(loading), Some(flight)) = (&self.main.loading, self.downloads.flight(purpose))
        else {
            return;
        };
        let Some(variant) = loading.variant.filter(|_| self.is_auto()) else { return };
        let bandwidth = |id: usize| {
            self.catalogue.variants.get(id).map_or(0, |entry| entry.variant.bandwidth_bps)
        };
        let candidates = self.candidates(context);
        let present_bps = bandwidth(variant);
        let lower = (0..candidates.len())
            .filter(|id| candidates.get(*id).is_some_and(|candidate| candidate.is_playable))
            .filter(|id| bandwidth(*id) < present_bps);
        let media_secs = loading.media_secs();
        // What is still being written comes no faster than that, which is no reason to give it up.
        if loading.is_in_progress && !flight.bursts.is_link_limited(media_secs, false) {
            return;
        }
        let sample = if loading.is_in_progress {
            flight.bursts.whole()
        } else {
            let buffer_secs = loading.placed.start_secs - self.playhead.secs();
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
        let buffer_secs = loading.placed.start_secs - self.playhead.secs();
        let up_factor = context.config.abr.up_factor;
        let limit_bps = lower_limit_bps(rate_bps, up_factor, buffer_secs, duration_secs);
        let Some(lower) = lower.max_by_key(|id| {
            let bps = bandwidth(*id);
            let fits = bps as f64 <= limit_bps;
            (fits, if fits { bps } else { u64::MAX - bps })
        }) else {
            return;
        };
        let (expected_bytes, begins_secs) = if loading.is_in_progress {
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
            buffer_secs: begins_secs - self.playhead.secs(),
            lower_bytes: (bandwidth(lower) as f64 * duration_secs / 8.0) as u64,
        };
        if should_abandon(progress) {
            if loading.is_in_progress {
                context.bandwidth.add_reading(context.now, Reading::Link(sample));
            } else {
                context.bandwidth.add_given_up(sample);
            }
            self.downloads.cancel(context, purpose);
            self.main.loading = None;
            self.forced_down = Some(lower);
            self.given_up = Some(GivenUp::again(self.given_up, context.now, present_bps));
        }
    }
}
