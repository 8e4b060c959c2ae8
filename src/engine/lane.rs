//! A cursor that runs along the timeline and loads one segment after another: one for the variant,
//! one for a separate audio rendition.
//!
//! In: timelines, the bytes of the segment under way. Out: which segment is next, and [`Media`]
//! ready to queue. It chooses no variant and makes no request.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::downloads::Finished;
use super::media::{Body, Init, InitResource, Media, Offsets, unsupported};
use super::playlists::{PlaylistId, Playlists};
use crate::demux::container::Container;
use crate::demux::fmp4::{InitInfo, SegmentHead};
use crate::error::Error;
use crate::media::{TimeRange, TrackKind};
use crate::playlist::timeline::PlacedSegment;
use crate::remux::{FragmentBytes, SegmentStart, Transmuxed, Transmuxer};
use crate::time::Instant;

/// Added to the end of what is loaded when looking for what comes next: rounding must not fetch a
/// whole segment for its last frame.
const ROUNDING_SECS: f64 = 0.1;

/// Where a lane goes on.
#[derive(Debug, Clone)]
pub(super) enum Cursor {
    /// With the segment that covers this time.
    At(f64),
    /// After this segment of this playlist.
    After(Box<PlacedSegment>, PlaylistId),
}

/// What [`Lane::next`] found.
#[derive(Debug)]
pub(super) enum Next {
    /// Load this.
    Segment(Box<PlacedSegment>),
    /// Nothing yet: the playlist will bring more.
    NotYet,
    /// The live window slid past the cursor; its first segment would be this.
    SlidPast(Box<PlacedSegment>),
    /// The stream ends here.
    End,
}

/// The segment being loaded.
#[derive(Debug)]
pub(super) struct Loading {
    pub placed: PlacedSegment,
    pub playlist: PlaylistId,
    pub variant: Option<usize>,
    /// BANDWIDTH times duration, until the server says.
    pub estimated_bytes: u64,
    is_contiguous: bool,
    timestamp_key: u64,
    stage: Stage,
    /// What the media said of its times: earliest and latest.
    found: Option<TimeRange>,
    /// The same of its audio, which counts where there is no picture.
    found_audio: Option<TimeRange>,
}

#[derive(Debug)]
enum Stage {
    /// Its EXT-X-MAP resource is on the way.
    AwaitingInit,
    /// What is it? The first bytes, behind what EXT-X-MAP gave.
    Sniffing(Vec<u8>),
    /// MPEG-TS or packed audio goes through the transmuxer.
    Transmuxing,
    /// fMP4 that brings its own `moov` is gathered whole.
    Gathering(Vec<u8>),
    /// fMP4 stays outside.
    Held { info: Arc<InitInfo>, init: Arc<Init> },
}

/// One cursor.
#[derive(Debug)]
pub(super) struct Lane {
    pub cursor: Cursor,
    pub loading: Option<Loading>,
    /// Segments completed since the media source was opened.
    pub segments_done: u32,
    pub skipped_in_row: u32,
    /// Nothing is requested before this.
    pub paused_until: Option<Instant>,
    variant: Option<usize>,
    transmuxer: Transmuxer,
    transmuxed_inits: BTreeMap<TrackKind, Arc<Init>>,
    /// EXT-X-MAP bytes that go before every try of the segment.
    prefix: Arc<Vec<u8>>,
}

/// How a chunk or the end of a segment went.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub media: Vec<Media>,
    pub warnings: Vec<Error>,
    /// The segment, and likely its variant, cannot be played.
    pub failure: Option<Error>,
}

impl Lane {
    pub fn new(at_secs: f64) -> Self {
        Self {
            cursor: Cursor::At(at_secs),
            loading: None,
            segments_done: 0,
            skipped_in_row: 0,
            paused_until: None,
            variant: None,
            transmuxer: Transmuxer::new(),
            transmuxed_inits: BTreeMap::new(),
            prefix: Arc::default(),
        }
    }

    /// Up to where this lane has loaded, the segment under way not counted.
    pub fn end_secs(&self) -> f64 {
        match &self.cursor {
            Cursor::At(secs) => *secs,
            Cursor::After(placed, _) => placed.end_secs,
        }
    }

    /// The segment to load next from `id`.
    pub fn next(&self, playlists: &Playlists, id: PlaylistId) -> Next {
        let Some(timeline) = playlists.timeline(id) else { return Next::NotYet };
        let found = match &self.cursor {
            Cursor::At(secs) => timeline.segment_at(*secs),
            Cursor::After(last, from) if *from != id => timeline.next_after_foreign(last),
            Cursor::After(last, _) => {
                let is_reset =
                    timeline.segments().last().is_some_and(|newest| newest.epoch != last.epoch);
                if is_reset {
                    timeline.segment_at(last.end_secs + ROUNDING_SECS)
                } else {
                    timeline.next_after(last.segment.media_sequence)
                }
            }
        };
        let Some(found) = found else {
            return if timeline.is_live() { Next::NotYet } else { Next::End };
        };
        let found = Box::new(found.clone());
        // Half a segment of hole before the first segment of a live window: it slid past.
        let is_first = timeline
            .segments()
            .first()
            .is_some_and(|first| first.segment.media_sequence == found.segment.media_sequence);
        let hole_secs = found.start_secs - self.end_secs();
        if timeline.is_live() && is_first && hole_secs > found.duration_secs() / 2.0 {
            return Next::SlidPast(found);
        }
        Next::Segment(found)
    }

    /// Begins a segment; what came of its EXT-X-MAP follows by [`Self::set_init`].
    pub fn begin(&mut self, segment: NextSegment) {
        let NextSegment { placed, playlist, variant, timestamp_key, .. } = segment;
        let estimated_bytes = segment.estimated_bytes;
        if let Some(codec) = &segment.audio_codec {
            self.transmuxer.set_audio_codec(codec);
        }
        let is_contiguous = variant == self.variant
            && self.skipped_in_row == 0
            && matches!(&self.cursor, Cursor::After(_, from) if *from == playlist)
            && !placed.is_discontinuous;
        self.variant = variant;
        self.prefix = Arc::default();
        self.loading = Some(Loading {
            placed,
            playlist,
            variant,
            estimated_bytes,
            is_contiguous,
            timestamp_key,
            stage: Stage::AwaitingInit,
            found: None,
            found_audio: None,
        });
    }

    pub fn is_awaiting_init(&self) -> bool {
        self.loading.as_ref().is_some_and(|loading| matches!(loading.stage, Stage::AwaitingInit))
    }

    /// What EXT-X-MAP gave, or `None` where there is none. True where the segment's body is to be
    /// held outside.
    pub fn set_init(&mut self, resource: Option<InitResource>) -> bool {
        let Some(loading) = &mut self.loading else { return false };
        loading.stage = match resource {
            Some(InitResource::Fmp4 { info, init }) => Stage::Held { info, init },
            Some(InitResource::Prefix(bytes)) => {
                self.prefix = bytes;
                Stage::Sniffing(Vec::new())
            }
            None => Stage::Sniffing(Vec::new()),
        };
        matches!(loading.stage, Stage::Held { .. })
    }

    /// Takes in bytes of the segment. `is_first` begins a new try.
    pub fn push(&mut self, bytes: &[u8], is_first: bool) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(loading) = &mut self.loading else { return outcome };
        if is_first && !matches!(loading.stage, Stage::Held { .. } | Stage::AwaitingInit) {
            loading.stage = Stage::Sniffing(self.prefix.to_vec());
        }
        match &mut loading.stage {
            Stage::Sniffing(head) => {
                head.extend_from_slice(bytes);
                if let Some(container) = Container::sniff(head, false) {
                    let head = core::mem::take(head);
                    self.settle(container, head, &mut outcome);
                }
            }
            Stage::Transmuxing => {
                self.transmuxer.push(bytes);
                self.drain(&mut outcome);
            }
            Stage::Gathering(body) => body.extend_from_slice(bytes),
            Stage::AwaitingInit | Stage::Held { .. } => {}
        }
        outcome
    }

    /// The container is known: goes on with the bytes so far.
    fn settle(&mut self, container: Container, head: Vec<u8>, outcome: &mut Outcome) {
        let Some(loading) = &mut self.loading else { return };
        match container {
            Container::MpegTs | Container::PackedAudio => {
                loading.stage = Stage::Transmuxing;
                self.transmuxer.begin_segment(SegmentStart {
                    timeline_start_secs: loading.placed.start_secs,
                    duration_secs: loading.placed.segment.duration_secs,
                    discontinuity_sequence: loading.timestamp_key,
                    is_contiguous: loading.is_contiguous,
                });
                self.transmuxer.push(&head);
                self.drain(outcome);
            }
            Container::Fmp4 => loading.stage = Stage::Gathering(head),
            Container::WebVtt | Container::Other(_) => {
                outcome.failure = Some(unsupported(&loading.placed.segment.url, Some(container)));
            }
        }
    }

    /// The body is whole.
    pub fn finish(&mut self, finished: &Finished<'_>, offsets: &mut Offsets) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(loading) = &mut self.loading else { return outcome };
        if let Stage::Sniffing(head) = &mut loading.stage {
            let head = core::mem::take(head);
            // After `is_whole` there is always an answer.
            let container = Container::sniff(&head, true).unwrap_or(Container::Other("unknown"));
            self.settle(container, head, &mut outcome);
        }
        let Some(loading) = &mut self.loading else { return outcome };
        match &mut loading.stage {
            Stage::Transmuxing => {
                self.transmuxer.end_segment();
                self.drain(&mut outcome);
            }
            Stage::Gathering(body) => {
                let body = core::mem::take(body);
                match InitInfo::parse(&body) {
                    Ok(info) => {
                        let init = Arc::new(Init::of_fmp4(&info, Vec::new()));
                        let head = SegmentHead::parse(&body, &info);
                        let media_secs = head.and_then(|head| head.start_secs(&info));
                        let byte_len = body.len() as u64;
                        let body = Body::Fragment(FragmentBytes::new(body, 0));
                        outcome.media.push(
                            loading.place(Fmp4 { init, body, byte_len, media_secs }, offsets),
                        );
                    }
                    Err(error) => outcome.failure = Some(error),
                }
            }
            Stage::Held { info, init } => {
                let media_secs =
                    SegmentHead::parse(finished.head, info).and_then(|head| head.start_secs(info));
                if media_secs.is_none() {
                    outcome.warnings.push(Error::DamagedMedia {
                        format: "fMP4",
                        problem: "no decode time (tfdt) in the head of a segment".to_owned(),
                    });
                }
                let (init, byte_len) = (Arc::clone(init), finished.body_len);
                let body = Body::Held(finished.id);
                outcome
                    .media
                    .push(loading.place(Fmp4 { init, body, byte_len, media_secs }, offsets));
            }
            Stage::Sniffing(_) | Stage::AwaitingInit => {}
        }
        outcome
    }

    /// Takes over the other lane's mapping of the present timestamps, so that sound and picture
    /// stay together.
    pub fn adopt_timestamps(&mut self, other: &Self) {
        let Some(loading) = &self.loading else { return };
        if self.transmuxer.mapping(loading.timestamp_key).is_none()
            && let Some(mapping) = other.transmuxer.mapping(loading.timestamp_key)
        {
            self.transmuxer.adopt_mapping(mapping);
        }
    }

    /// The segment is done: the cursor moves behind it, to where its media said it is.
    pub fn complete(&mut self, playlists: &mut Playlists) {
        let Some(loading) = self.loading.take() else { return };
        let sequence = loading.placed.segment.media_sequence;
        let mut placed = loading.placed;
        if let Some(entry) = playlists.get_mut(loading.playlist) {
            if let Some(found) = loading.found.or(loading.found_audio) {
                entry.timeline.correct_start(sequence, found.start_secs, found.end_secs);
            }
            let now_known = entry.timeline.segment(sequence);
            if let Some(now_known) = now_known.filter(|known| known.epoch == placed.epoch) {
                placed = now_known.clone();
            }
        }
        self.segments_done = self.segments_done.saturating_add(1);
        self.skipped_in_row = 0;
        self.cursor = Cursor::After(Box::new(placed), loading.playlist);
    }

    /// Passes over a segment that cannot be had.
    pub fn skip(&mut self, placed: PlacedSegment, playlist: PlaylistId) {
        self.loading = None;
        self.skipped_in_row = self.skipped_in_row.saturating_add(1);
        self.cursor = Cursor::After(Box::new(placed), playlist);
    }

    /// Goes on somewhere else.
    pub fn reposition(&mut self, at_secs: f64) {
        self.loading = None;
        self.skipped_in_row = 0;
        self.paused_until = None;
        self.cursor = Cursor::At(at_secs);
    }

    /// Takes what the transmuxer has.
    fn drain(&mut self, outcome: &mut Outcome) {
        while let Some(result) = self.transmuxer.poll() {
            match result {
                Transmuxed::Init { track, codec, bytes } => {
                    let init = Init::of_transmuxed(track, codec, bytes);
                    self.transmuxed_inits.insert(track, Arc::new(init));
                }
                Transmuxed::Fragment { track, start_secs, end_secs, bytes, .. } => {
                    let span = TimeRange { start_secs, end_secs };
                    if let Some(loading) = &mut self.loading {
                        loading.note_found(track, span);
                    }
                    let Some(init) = self.transmuxed_inits.get(&track) else { continue };
                    let byte_len = bytes.as_slice().len() as u64;
                    let init = Arc::clone(init);
                    let body = Body::Fragment(bytes);
                    outcome.media.push(Media { init, body, byte_len, offset_secs: 0.0, span });
                }
                Transmuxed::Problem(error) => match error.severity() {
                    crate::error::Severity::Warning => outcome.warnings.push(error),
                    crate::error::Severity::Fatal => outcome.failure = Some(error),
                },
            }
        }
    }
}

/// The arguments of [`Lane::begin`].
#[derive(Debug)]
pub(super) struct NextSegment {
    pub placed: PlacedSegment,
    pub playlist: PlaylistId,
    pub variant: Option<usize>,
    pub timestamp_key: u64,
    pub estimated_bytes: u64,
    /// What the manifest says of the sound: AAC in TS does not say all of it.
    pub audio_codec: Option<String>,
}

/// A whole fMP4 segment, not yet placed.
struct Fmp4 {
    init: Arc<Init>,
    body: Body,
    byte_len: u64,
    media_secs: Option<f64>,
}

impl Loading {
    fn place(&mut self, fmp4: Fmp4, offsets: &mut Offsets) -> Media {
        let Fmp4 { init, body, byte_len, media_secs } = fmp4;
        let expected_secs = self.placed.start_secs;
        let offset_secs = offsets.offset_secs(self.timestamp_key, media_secs, expected_secs);
        let start_secs = media_secs.map_or(expected_secs, |secs| secs + offset_secs);
        let end_secs = start_secs + self.placed.segment.duration_secs;
        let span = TimeRange { start_secs, end_secs };
        if media_secs.is_some() {
            self.note_found(init.kind, span);
        }
        Media { init, body, byte_len, offset_secs, span }
    }

    fn note_found(&mut self, track: TrackKind, span: TimeRange) {
        let found = match track {
            TrackKind::Audio => &mut self.found_audio,
            TrackKind::Video | TrackKind::Muxed => &mut self.found,
        };
        let found = found.get_or_insert(span);
        found.start_secs = found.start_secs.min(span.start_secs);
        found.end_secs = found.end_secs.max(span.end_secs);
    }

    /// True where its media covers this time.
    pub fn covers(&self, secs: f64) -> bool {
        self.placed.start_secs - ROUNDING_SECS <= secs && secs < self.placed.end_secs
    }
}

/// Where to go on after what is loaded up to `secs`.
pub(super) fn resume_at(secs: f64) -> Cursor {
    Cursor::At(secs + ROUNDING_SECS)
}
