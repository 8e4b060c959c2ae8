//! The subtitle renditions that the viewer chose, and which of their segments are there.
//!
//! In: the page's choice, timelines, how far playback and the picture have come. Out: the segment to ask
//! for next, of each. They have no cursor: what lies ahead of the playhead and was not loaded is next, so
//! that seeks, live windows and resets need no rule of their own. It requests nothing, and nothing here
//! ever holds up the picture (RFC 8216bis 4.4.6.1).

use std::sync::Arc;

use super::keys::KeySlot;
use super::playlists::PlaylistId;
use crate::playlist::timeline::{Timeline, TimelineSegment};
use crate::playlist::{InitSection, Keys};
use crate::time::Instant;

/// Renditions loaded at once at most: a viewer reads two languages at best.
const MAX_TRACKS: usize = 4;

/// Those chosen.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub list: Vec<TextStream>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct TextStream {
    /// What the page calls it: [`super::output::TextTrackInfo::id`].
    pub track: usize,
    pub playlist: Option<PlaylistId>,
    /// The segments that are there, or never will be, in order.
    done: Vec<SegmentName>,
    /// What is on its way.
    pub loading: Option<LoadingText>,
    /// The EXT-X-MAP resource that was handed on last.
    pub init: Option<Arc<InitSection>>,
    /// The key that its next body waits for.
    pub awaited_key: Option<KeySlot>,
    pub paused_until: Option<Instant>,
}

/// A segment's epoch and number.
pub(super) type SegmentName = (u32, u64);

/// A segment on its way, or the EXT-X-MAP resource that it is in need of.
#[derive(Debug, Clone)]
pub(super) struct LoadingText {
    pub name: SegmentName,
    /// Set while that is on its way.
    pub awaited_init: Option<Arc<InitSection>>,
    /// Of what is on its way.
    pub keys: Keys,
    pub start_secs: f64,
    pub end_secs: f64,
    /// Added to a media time it gives the presentation time, where that is known.
    pub offset_secs: Option<f64>,
}

/// What of the timeline is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// The playhead.
    pub from_secs: f64,
    /// As far as text is loaded.
    pub to_secs: f64,
}

impl Texts {
    /// The page's choice; gives those that are no longer loaded.
    pub fn select(&mut self, tracks: &[usize]) -> Vec<usize> {
        let (kept, dropped) = core::mem::take(&mut self.list)
            .into_iter()
            .partition(|stream: &TextStream| tracks.contains(&stream.track));
        self.list = kept;
        for track in tracks {
            let is_new = self.list.iter().all(|stream| stream.track != *track);
            if is_new && self.list.len() < MAX_TRACKS {
                self.list.push(TextStream::new(*track));
            }
        }
        dropped.into_iter().map(|stream: TextStream| stream.track).collect()
    }

    /// The playlists they are loaded from.
    pub fn playlists(&self) -> impl Iterator<Item = PlaylistId> {
        self.list.iter().filter_map(|stream| stream.playlist)
    }

    /// A key came, or cannot be had: those that waited for it go on, now or then. Says whether any did.
    pub fn stop_waiting(&mut self, slot: KeySlot, paused_until: Option<Instant>) -> bool {
        let mut has_waited = false;
        for stream in &mut self.list {
            if stream.awaited_key.take_if(|it| *it == slot).is_some() {
                stream.paused_until = paused_until;
                has_waited = true;
            }
        }
        has_waited
    }

    pub fn get_mut(&mut self, track: usize) -> Option<&mut TextStream> {
        self.list.iter_mut().find(|stream| stream.track == track)
    }

    /// When one of them goes on after a pause.
    pub fn next_wake(&self, now: Instant) -> Option<Instant> {
        self.list.iter().filter_map(|it| it.paused_until).filter(|until| *until > now).min()
    }
}

impl TextStream {
    fn new(track: usize) -> Self {
        Self {
            track,
            playlist: None,
            done: Vec::new(),
            loading: None,
            init: None,
            awaited_key: None,
            paused_until: None,
        }
    }

    /// It is loaded from this playlist now; another one numbers its segments by itself. Says whether it is another.
    pub fn follow(&mut self, playlist: PlaylistId) -> bool {
        let is_other = self.playlist != Some(playlist);
        if is_other {
            self.playlist = Some(playlist);
            self.done.clear();
        }
        is_other
    }

    /// The segment to ask for next.
    pub fn next<'a>(
        &mut self,
        timeline: &'a Timeline,
        reach: Reach,
    ) -> Option<&'a TimelineSegment> {
        let segments = timeline.segments();
        self.forget_before(name_of(segments.first()?));
        let from = segments.partition_point(|placed| placed.end_secs <= reach.from_secs);
        let ahead = segments.get(from..)?.iter();
        let mut ahead = ahead.take_while(|placed| placed.start_secs < reach.to_secs);
        ahead.find(|placed| self.done.binary_search(&name_of(placed)).is_err())
    }

    /// What left a live window comes back no more.
    fn forget_before(&mut self, first: SegmentName) {
        self.done.drain(..self.done.partition_point(|name| *name < first));
    }

    /// It is there, or never will be.
    pub fn note_done(&mut self, name: SegmentName) {
        if let Err(place) = self.done.binary_search(&name) {
            self.done.insert(place, name);
        }
    }
}

/// What a segment is called here.
pub(super) fn name_of(placed: &TimelineSegment) -> SegmentName {
    (placed.epoch, placed.segment.media_sequence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playlist::{Playlist, parse};

    fn timeline(first: u64, count: u64) -> Timeline {
        let mut text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:{first}\n");
        (first..first + count).for_each(|number| text += &format!("#EXTINF:2,\n{number}.vtt\n"));
        let Ok(Playlist::Media(media)) = parse(&text, "https://h/s.m3u8") else { panic!("{text}") };
        let mut timeline = Timeline::new();
        timeline.merge(media, None);
        timeline
    }

    fn next(stream: &mut TextStream, timeline: &Timeline, from_secs: f64) -> Option<u64> {
        let reach = Reach { from_secs, to_secs: from_secs + 5.0 };
        stream.next(timeline, reach).map(|placed| placed.segment.media_sequence)
    }

    #[test]
    fn what_is_ahead_and_missing_is_next_wherever_playback_goes() {
        let list = timeline(0, 10);
        let mut stream = TextStream::new(0);
        assert_eq!(next(&mut stream, &list, 0.0), Some(0));
        stream.note_done((0, 0));
        assert_eq!(next(&mut stream, &list, 0.0), Some(1));
        // A seek forth, and back.
        assert_eq!(next(&mut stream, &list, 12.5), Some(6));
        stream.note_done((0, 6));
        assert_eq!(next(&mut stream, &list, 1.0), Some(1));
        stream.note_done((0, 1));
        stream.note_done((0, 2));
        assert_eq!(next(&mut stream, &list, 0.0), None, "no further than its reach");
        assert_eq!(next(&mut stream, &list, 30.0), None, "behind the end");
    }

    #[test]
    fn a_live_window_forgets_what_left_it() {
        let mut list = timeline(0, 5);
        let mut stream = TextStream::new(0);
        (0..5).for_each(|number| stream.note_done((0, number)));
        assert_eq!(next(&mut stream, &list, 4.0), None);
        let text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:3\n\
            #EXTINF:2,\n3.vtt\n#EXTINF:2,\n4.vtt\n#EXTINF:2,\n5.vtt\n";
        let Ok(Playlist::Media(media)) = parse(text, "https://h/s.m3u8") else { panic!("{text}") };
        list.merge(media, None);
        assert_eq!(next(&mut stream, &list, 8.0), Some(5));
        assert_eq!(stream.done, [(0, 3), (0, 4)]);
    }

    #[test]
    fn a_choice_keeps_what_goes_on_and_is_bounded() {
        let mut texts = Texts::default();
        texts.select(&[3, 5]);
        texts.get_mut(5).expect("chosen").note_done((0, 7));
        assert_eq!(texts.select(&[5, 6]), [3]);
        assert_eq!(texts.get_mut(5).expect("kept").done, [(0, 7)]);
        texts.select(&[1, 2, 3, 4, 5, 6]);
        assert_eq!(texts.list.len(), MAX_TRACKS);
    }
}
