//! Media for which the media source has no source buffer: a track that turns up late, muxed fMP4
//! behind MPEG-TS or the other way round.
//!
//! In: the kind of track found, and where its segment begins. Out: once playback has come there, a
//! new media source from there on: none takes another buffer after its first append (Media Source
//! Extensions, `addSourceBuffer`). Until then nothing more is loaded. Where that did not help, the
//! track is left out.

use super::context::Context;
use super::downloads::{Purpose, StreamKind};
use super::session::Session;
use crate::buffer::time_ranges;
use crate::error::Error;
use crate::media::TrackKind;

/// With less than this left playback has come to where the media source ends.
const DRY_SECS: f64 = 0.25;

/// Tracks that begin further apart do not wait for one another.
const MAX_OFFSET_SECS: f64 = 1.0;

/// Where the present media source ends, as the next segment does not fit into it.
#[derive(Debug, Default)]
pub(super) struct Misfit {
    at_secs: Option<f64>,
    /// A media source was opened anew for what is here.
    opened_at_secs: Option<f64>,
}

impl Misfit {
    /// Loading waits for playback.
    pub fn is_waiting(&self) -> bool {
        self.at_secs.is_some()
    }

    /// Playback is elsewhere.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Session {
    /// Whether media of this kind, which begins there, has to wait for a media source of its own; the
    /// segment under way, which it belongs to, is then given up.
    pub(super) fn is_misfit(
        &mut self,
        context: &mut Context,
        stream: StreamKind,
        (kind, begin_secs): (TrackKind, f64),
    ) -> bool {
        if self.sink.takes(kind, begin_secs > self.playback.playhead.secs() + MAX_OFFSET_SECS) {
            return false;
        }
        let Some(loader) = self.streams.get_mut(stream) else { return false };
        let Some(loading) = &loader.loading else { return false };
        let at_secs = loading.placed.start_secs;
        if self.recovery.misfit.opened_at_secs.is_some_and(|secs| (secs - at_secs).abs() < DRY_SECS)
        {
            let track = kind.as_str();
            if !core::mem::replace(&mut self.recovery.is_stray_track_reported, true) {
                context.error(Error::DamagedMedia {
                    format: "stream",
                    problem: format!("a {track} track that was not there at the start is left out"),
                });
            }
            return false;
        }
        let Some(loader) = self.streams.get_mut(stream) else { return false };
        loader.loading = None;
        self.downloads.cancel(context, Purpose::Segment(stream));
        self.recovery.misfit.at_secs = Some(at_secs);
        true
    }

    /// Goes on with a new media source, once playback has come to the end of the present one.
    pub(super) fn pass_misfit(&mut self, context: &mut Context) {
        let Some(at_secs) = self.recovery.misfit.at_secs else { return };
        let state = self.playback.playhead.state;
        let playhead_secs = self.playback.playhead.secs();
        let soon = self.sink.playable_soon();
        let is_dry = time_ranges::covered_until(&soon, playhead_secs) - playhead_secs < DRY_SECS
            && (at_secs <= playhead_secs
                || time_ranges::next_range(&soon, playhead_secs + 1e-6).is_none());
        if is_dry && self.sink.has_started() && (!state.is_paused || state.is_seeking) {
            self.recovery.misfit = Misfit { at_secs: None, opened_at_secs: Some(at_secs) };
            self.reopen(context, at_secs.max(playhead_secs));
        }
    }
}
