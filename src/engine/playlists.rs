//! The media playlists of a session: one timeline for each URL, and when each was loaded.
//!
//! In: parsed playlists with the time of their request. Out: timelines that share one axis, the
//! moment of the next reload, stall warnings. It requests nothing.

use super::blocking_reload::BlockingReload;
use super::context::Context;
use super::load_timeouts::LoadTimeouts;
use crate::error::Error;
use crate::playlist::MediaPlaylist;
use crate::playlist::directives::Directives;
use crate::playlist::publishing::{Listed, Publishing};
use crate::playlist::reload::{self, LastLoad};
use crate::playlist::timeline::{Merge, PlacedSegment, Timeline};
use crate::playlist::uri::without_query;
use crate::time::{Duration, Instant, seconds};

/// Index into [`Playlists`], stable for the life of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlaylistId(usize);

#[derive(Debug)]
pub(super) struct Entry {
    pub url: String,
    pub timeline: Timeline,
    pub blocking_reload: BlockingReload,
    last_load: Option<LastLoad>,
    last_changed_at: Instant,
    is_stall_reported: bool,
    /// Not asked for before this: it could not be had, and the buffer lasts.
    pub paused_until: Option<Instant>,
    /// Something new is there from this moment on, as the server's times are known.
    news_at: Option<Instant>,
    /// They are not gone by before this: it did not keep to them.
    unpunctual_until: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Playlists {
    entries: Vec<Entry>,
    publishing: Publishing,
}

impl Playlists {
    /// The playlist of this URL, known or new.
    pub fn id_of(&mut self, url: &str) -> PlaylistId {
        let known = self.entries.iter().position(|entry| entry.url == url);
        PlaylistId(known.unwrap_or_else(|| {
            self.entries.push(Entry {
                url: url.to_owned(),
                timeline: Timeline::new(),
                blocking_reload: BlockingReload::default(),
                last_load: None,
                last_changed_at: Instant::ZERO,
                is_stall_reported: false,
                paused_until: None,
                news_at: None,
                unpunctual_until: None,
            });
            self.entries.len() - 1
        }))
    }

    /// What the newest of the other playlists reports of this one. Tokens in a query are the
    /// multivariant playlist's and rarely the report's.
    pub fn report_of(&self, id: PlaylistId) -> Option<Directives> {
        let wanted = without_query(&self.get(id)?.url);
        let report = |entry: &Entry| {
            let header = entry.timeline.playlist()?;
            let mut reports = header.rendition_reports.iter();
            let report = reports.find(|report| without_query(&report.url) == wanted)?;
            let directives = Directives::of_report(report)?;
            header
                .server_control
                .can_block_reload
                .then_some((entry.last_load?.requested_at, directives))
        };
        let newest = self.entries.iter().filter_map(report).max_by_key(|(at, _)| *at)?;
        Some(newest.1)
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

    /// Asks for none of them before this.
    pub fn pause_until(&mut self, until: Option<Instant>) {
        self.entries.iter_mut().for_each(|entry| entry.paused_until = until);
    }

    /// Takes in a load of `id`, placed by the reference where it cannot tell by itself.
    pub fn accept(
        &mut self,
        id: PlaylistId,
        playlist: MediaPlaylist,
        load: Load,
    ) -> Result<(), Error> {
        let reference = load.reference.filter(|reference| *reference != id);
        let Some(entry) = self.get_mut(id) else { return Ok(()) };
        entry.paused_until = None;
        if playlist.segments.is_empty() && entry.timeline.segments().is_empty() && playlist.is_ended
        {
            return Err(Error::Playlist {
                url: entry.url.clone(),
                line: 1,
                problem: "it ends without a segment".to_owned(),
            });
        }
        if playlist.iframes_only {
            return Err(Error::Playlist {
                url: entry.url.clone(),
                line: 1,
                problem:
                    "it lists single pictures for seeking (EXT-X-I-FRAMES-ONLY): give the URL \
                          of the multivariant playlist"
                        .to_owned(),
            });
        }
        let is_first = entry.last_load.is_none();
        // Taken out: it may be long, and is needed beside the reference.
        let mut timeline = core::mem::take(&mut entry.timeline);
        let reference = reference.and_then(|reference| self.timeline(reference));
        timeline.note_loaded(load.loaded_secs);
        let merge = timeline.merge(playlist, reference);
        let Some(entry) = self.entries.get_mut(id.0) else { return Ok(()) };
        entry.timeline = timeline;
        entry.blocking_reload.answered(&entry.timeline, merge, load.now);
        let is_changed = match merge {
            Merge::Applied { is_changed, .. } => is_changed || is_first,
            Merge::NeedsFullPlaylist => false,
        };
        if is_changed {
            entry.last_changed_at = load.now;
            entry.is_stall_reported = false;
        }
        let last_load = LastLoad { requested_at: load.requested_at, is_changed };
        entry.last_load = Some(last_load);
        if matches!(merge, Merge::Applied { is_reset: true, .. }) {
            self.publishing.reset();
        }
        entry.news_at = entry.expect_news(&mut self.publishing, last_load);
        Ok(())
    }
}

/// The circumstances of a load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub requested_at: Instant,
    pub now: Instant,
    pub reference: Option<PlaylistId>,
    /// Up to where media is loaded.
    pub loaded_secs: f64,
}

impl Entry {
    /// True once it was loaded, and for a live one not too long ago to choose segments from.
    pub fn is_usable(&self, now: Instant) -> bool {
        self.last_load.is_some()
            && !self.timeline.segments().is_empty()
            && self.next_reload(now).is_none_or(|due| {
                // One missed reload is what a slow answer costs; more is stale.
                now <= due || now - due < seconds(self.target_secs())
            })
    }

    /// When there will be something new, where segments come one by one.
    fn expect_news(&mut self, publishing: &mut Publishing, last: LastLoad) -> Option<Instant> {
        const MEMORY: Duration = Duration::from_secs(60);
        if self.step_secs() < self.target_secs() {
            return None;
        }
        let earliest = reload::next_reload(&self.timeline, last)?;
        let placed = self.timeline.segments().last()?;
        let listed = Listed {
            requested_at: last.requested_at,
            end_secs: placed.end_secs,
            last_secs: placed.duration_secs(),
        };
        if !publishing.note(listed) {
            self.unpunctual_until = Some(earliest + MEMORY);
        }
        let is_punctual = self.unpunctual_until.is_none_or(|until| until < earliest);
        is_punctual.then(|| publishing.next(listed, earliest))
    }

    /// Since it was last asked for.
    pub fn age(&self, now: Instant) -> Duration {
        self.last_load.map_or(Duration::ZERO, |load| now - load.requested_at)
    }

    /// It is not to be asked for now.
    pub fn is_paused(&self, now: Instant) -> bool {
        self.paused_until.is_some_and(|until| now < until)
    }

    pub fn is_loaded(&self) -> bool {
        self.last_load.is_some()
    }

    /// How long its segments are, or may be, within reason.
    pub fn target_secs(&self) -> f64 {
        let target = self.timeline.interval_secs();
        if target.is_nan() { 0.5 } else { target.clamp(0.5, 60.0) }
    }

    /// In what steps loading goes near its live edge: whole segments, parts, or what comes of a
    /// segment while it is written.
    pub fn step_secs(&self) -> f64 {
        const FRAGMENT_SECS: f64 = 0.5;
        let target_secs = self.target_secs();
        match self.timeline.part_secs() {
            Some(part_secs) => part_secs.min(target_secs),
            None if self.timeline.is_prefetched() => FRAGMENT_SECS.min(target_secs),
            None => target_secs,
        }
    }

    /// When it should be loaded again; one that could not be had, for the first time.
    pub fn next_reload(&self, now: Instant) -> Option<Instant> {
        let Some(last_load) = self.last_load else { return self.paused_until };
        let due = self.blocking_reload.next(&self.timeline, last_load, now)?;
        let due = self.news_at.map_or(due, |news_at| news_at.max(due));
        Some(self.paused_until.map_or(due, |until| until.max(due)))
    }

    /// It is time to ask for it, for the first time or again.
    pub fn is_due(&self, now: Instant) -> bool {
        match self.next_reload(now) {
            Some(due) => due <= now,
            None => self.last_load.is_none(),
        }
    }

    /// The time between two requests that may pass for right, one with another: a little less than
    /// its parts are long, or half a segment, as it is asked for again when it has not changed.
    pub fn pace(&self) -> Duration {
        const MIN_PART_SECS: f64 = 0.2;
        let part_secs = self.timeline.part_secs();
        let secs = part_secs.unwrap_or(self.target_secs() / 2.0);
        seconds(0.8 * secs.max(MIN_PART_SECS).min(self.target_secs()))
    }

    /// What to ask for now, and how long to wait for an answer that is held.
    pub fn ask(
        &mut self,
        report: Option<Directives>,
        now: Instant,
    ) -> (String, Option<LoadTimeouts>) {
        let is_new = self.last_load.is_none() && !self.blocking_reload.is_plain(now);
        let directives = match report.filter(|_| is_new) {
            Some(report) => {
                self.blocking_reload.ask_for(report);
                report
            }
            None => self.blocking_reload.ask(&self.timeline, self.last_load, now),
        };
        let timeouts = directives.wait_for.map(|_| LoadTimeouts::of_held(&self.timeline));
        (directives.url(&self.url), timeouts)
    }

    /// Warns once for each stall.
    pub fn report_stall(&mut self, context: &mut Context) {
        let stalled = reload::stalled_for(&self.timeline, self.last_changed_at, context.now);
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

    /// Names the stretch of media whose timestamps compare with those of `placed`, the same for
    /// every variant and rendition.
    pub fn timestamp_key<Url>(&self, placed: &PlacedSegment<Url>) -> u64 {
        (u64::from(placed.epoch) << 40) ^ placed.segment.discontinuity_sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playlist::{Playlist, parse};

    fn load(playlists: &mut Playlists, url: &str, part: u64, at_secs: f64) {
        let text = format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1\n\
             #EXT-X-PART-INF:PART-TARGET=0.3\n#EXTINF:2,\n0.mp4\n\
             #EXT-X-RENDITION-REPORT:URI=\"../c/i.m3u8\",LAST-MSN=7,LAST-PART={part}\n"
        );
        let Ok(Playlist::Media(media)) = parse(&text, url) else { panic!("{text}") };
        let id = playlists.id_of(url);
        let requested_at = Instant::from_millis(at_secs * 1000.0);
        let load = Load { requested_at, now: requested_at, reference: None, loaded_secs: 0.0 };
        playlists.accept(id, media, load).expect("a list with a segment");
    }

    #[test]
    fn the_newest_report_counts_whatever_token_the_url_has() {
        let mut playlists = Playlists::default();
        let wanted = playlists.id_of("https://h/c/i.m3u8?token=1");
        assert_eq!(playlists.report_of(wanted), None);
        load(&mut playlists, "https://h/a/i.m3u8", 5, 20.0);
        load(&mut playlists, "https://h/b/i.m3u8", 1, 10.0);
        let report = playlists.report_of(wanted).expect("reported");
        assert_eq!(report.wait_for, Some((7, Some(5))), "the other list is ten seconds old");
    }
}
