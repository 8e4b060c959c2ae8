//! The media playlists of a session: one timeline for each URL, and when each was loaded.
//!
//! In: parsed playlists with the time of their request. Out: timelines that share one axis, the
//! moment of the next reload, stall warnings. It requests nothing.

use super::context::Context;
use crate::error::Error;
use crate::playlist::MediaPlaylist;
use crate::playlist::reload::{self, LastLoad};
use crate::playlist::timeline::{Merge, PlacedSegment, Timeline};
use crate::time::Instant;

/// Index into [`Playlists`], stable for the life of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlaylistId(usize);

#[derive(Debug)]
pub(super) struct Entry {
    pub url: String,
    pub timeline: Timeline,
    last_load: Option<LastLoad>,
    last_changed_at: Instant,
    is_stall_reported: bool,
    /// Not asked for before this: it could not be had, and the buffer lasts.
    pub paused_until: Option<Instant>,
    /// Added to the epochs of this timeline so that they compare with those of the others.
    epoch_base: u32,
}

#[derive(Debug, Default)]
pub(super) struct Playlists {
    entries: Vec<Entry>,
}

impl Playlists {
    /// The playlist of this URL, known or new.
    pub fn id_of(&mut self, url: &str) -> PlaylistId {
        let known = self.entries.iter().position(|entry| entry.url == url);
        PlaylistId(known.unwrap_or_else(|| {
            self.entries.push(Entry {
                url: url.to_owned(),
                timeline: Timeline::new(),
                last_load: None,
                last_changed_at: Instant::ZERO,
                is_stall_reported: false,
                paused_until: None,
                epoch_base: 0,
            });
            self.entries.len() - 1
        }))
    }

    /// The playlist of this URL, if known.
    pub fn find(&self, url: &str) -> Option<PlaylistId> {
        self.entries.iter().position(|entry| entry.url == url).map(PlaylistId)
    }

    pub fn get(&self, id: PlaylistId) -> Option<&Entry> {
        self.entries.get(id.0)
    }

    pub fn get_mut(&mut self, id: PlaylistId) -> Option<&mut Entry> {
        self.entries.get_mut(id.0)
    }

    pub fn timeline(&self, id: PlaylistId) -> Option<&Timeline> {
        self.get(id).map(|entry| &entry.timeline)
    }

    /// Takes in a load of `id`, placed by the reference where it cannot tell by itself.
    pub fn accept(
        &mut self,
        id: PlaylistId,
        playlist: MediaPlaylist,
        load: Load,
    ) -> Result<(), Error> {
        let reference = load.reference.filter(|reference| *reference != id);
        let reference = reference.and_then(|reference| self.get(reference));
        let reference_timeline = reference.map(|entry| entry.timeline.clone());
        let reference_epoch = reference.map(Entry::newest_epoch);
        let Some(entry) = self.get_mut(id) else { return Ok(()) };
        if playlist.segments.is_empty() && entry.timeline.segments().is_empty() && playlist.is_ended
        {
            return Err(Error::Playlist {
                url: entry.url.clone(),
                line: 1,
                problem: "it ends without a segment".to_owned(),
            });
        }
        let is_first = entry.last_load.is_none();
        let is_changed = match entry.timeline.merge(playlist, reference_timeline.as_ref()) {
            Merge::Applied { is_changed, .. } => is_changed || is_first,
            Merge::NeedsFullPlaylist => false,
        };
        if is_first && let Some(epoch) = reference_epoch {
            entry.epoch_base = epoch.wrapping_sub(entry.newest_epoch());
        }
        if is_changed {
            entry.last_changed_at = load.now;
            entry.is_stall_reported = false;
        }
        entry.last_load = Some(LastLoad { requested_at: load.requested_at, is_changed });
        Ok(())
    }
}

/// The circumstances of a load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub requested_at: Instant,
    pub now: Instant,
    pub reference: Option<PlaylistId>,
}

impl Entry {
    /// True once it was loaded, and for a live one not too long ago to choose segments from.
    pub fn is_usable(&self, now: Instant) -> bool {
        self.last_load.is_some()
            && !self.timeline.segments().is_empty()
            && self.next_reload().is_none_or(|due| {
                // One missed reload is what a slow answer costs; more is stale.
                now <= due || now - due < core::time::Duration::from_secs_f64(self.target_secs())
            })
    }

    pub fn is_loaded(&self) -> bool {
        self.last_load.is_some()
    }

    /// EXT-X-TARGETDURATION within reason.
    pub fn target_secs(&self) -> f64 {
        let target = self.timeline.playlist().map_or(0.0, |header| header.target_duration_secs);
        if target.is_nan() { 0.5 } else { target.clamp(0.5, 60.0) }
    }

    /// When it should be loaded again.
    pub fn next_reload(&self) -> Option<Instant> {
        let due = reload::next_reload(self.timeline.playlist()?, self.last_load?)?;
        Some(self.paused_until.map_or(due, |until| until.max(due)))
    }

    /// Warns once for each stall.
    pub fn report_stall(&mut self, context: &mut Context) {
        let Some(header) = self.timeline.playlist() else { return };
        let stalled = reload::stalled_for(header, self.last_changed_at, context.now);
        // Unchanged only counts where it was looked at again.
        let was_unchanged = self.last_load.is_some_and(|load| !load.is_changed);
        if let Some(stalled) = stalled
            && was_unchanged
            && !self.is_stall_reported
        {
            self.is_stall_reported = true;
            let for_secs = stalled.as_secs_f64();
            context.error(Error::LivePlaylistStalled { url: self.url.clone(), for_secs });
        }
    }

    fn newest_epoch(&self) -> u32 {
        self.timeline.segments().last().map_or(0, |last| last.epoch).wrapping_add(self.epoch_base)
    }

    /// Names the stretch of media whose timestamps compare with those of `placed`, the same for
    /// every variant and rendition.
    pub fn timestamp_key(&self, placed: &PlacedSegment) -> u64 {
        let epoch = u64::from(self.epoch_base.wrapping_add(placed.epoch));
        (epoch << 40) ^ placed.segment.discontinuity_sequence
    }
}
