//! The bytes of one segment, from whatever container to media ready to queue.
//!
//! In: chunks, the end of the body, what EXT-X-MAP gave. Out: [`Media`] with its place on the
//! timeline, warnings, or the reason why the segment cannot be played. MPEG-TS and packed audio go
//! through the transmuxer; fMP4 stays whole, but for a segment still being written, of which each
//! chunk is media. It moves no cursor and requests nothing.

use std::sync::Arc;

use super::downloads::Finished;
use super::input::RequestId;
use super::media::{Body, Init, InitResource, Media, Offsets, unsupported};
use super::playlists::PlaylistId;
use super::segment_loader::{ROUNDING_SECS, SegmentLoader};
use super::variant_set::VariantId;
use crate::abr::{BurstMeter, Reading};
use crate::demux::container::{Container, id3_len};
use crate::demux::fmp4::{ChunkSplitter, Chunks, InitInfo, SegmentHead};
use crate::error::{Error, Severity};
use crate::media::{TimeRange, TrackKind};
use crate::playlist::timeline::PlacedSegment;
use crate::remux::{FragmentBytes, SegmentStart, Succession, Transmuxed, max_span_secs};

/// The segment being loaded.
#[derive(Debug)]
pub(super) struct Loading {
    pub placed: PlacedSegment,
    pub playlist: PlaylistId,
    pub variant: Option<VariantId>,
    /// BANDWIDTH times duration, until the server says.
    pub estimated_bytes: u64,
    pub succession: Succession,
    /// It was still being written when it was asked for: its bytes come at the pace at which they are
    /// made, and what comes of it is given out at once.
    pub is_growing: bool,
    pub timestamp_key: u64,
    pub state: LoadState,
    /// What the media said of its times: earliest and latest.
    pub found: Option<TimeRange>,
    /// The same of its audio, which counts where there is no picture.
    pub found_audio: Option<TimeRange>,
}

#[derive(Debug)]
pub(super) enum LoadState {
    /// Its EXT-X-MAP resource is on the way.
    AwaitingInit,
    /// What is it? The first bytes, behind what EXT-X-MAP gave.
    Sniffing(Vec<u8>),
    /// MPEG-TS or packed audio goes through the transmuxer.
    Transmuxing,
    /// fMP4 that brings its own `moov` is gathered whole.
    Gathering(Vec<u8>),
    /// fMP4 still being written is appended chunk by chunk.
    Chunking { info: Arc<InitInfo>, init: Arc<Init>, splitter: ChunkSplitter },
    /// fMP4 stays outside.
    Held { info: Arc<InitInfo>, init: Arc<Init> },
}

/// How a chunk or the end of a segment went.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub media: Vec<Media>,
    pub warnings: Vec<Error>,
    /// The segment, and likely its variant, cannot be played.
    pub failure: Option<Error>,
    /// A body held outside that nothing will come of.
    pub unused: Option<RequestId>,
    /// The segment is none of those that its EXT-X-MAP is for.
    pub is_map_stale: bool,
}

impl SegmentLoader {
    pub fn is_awaiting_init(&self) -> bool {
        self.loading
            .as_ref()
            .is_some_and(|loading| matches!(loading.state, LoadState::AwaitingInit))
    }

    /// What EXT-X-MAP gave, or `None` where there is none. True where the segment's body is to be
    /// held outside.
    pub fn set_init(&mut self, resource: Option<InitResource>) -> bool {
        let Some(loading) = &mut self.loading else { return false };
        loading.state = match resource {
            Some(InitResource::Fmp4 { info, init }) if loading.is_growing => {
                LoadState::Chunking { info, init, splitter: ChunkSplitter::default() }
            }
            Some(InitResource::Fmp4 { info, init }) => LoadState::Held { info, init },
            Some(InitResource::Prefix(bytes)) => {
                self.prefix = bytes;
                LoadState::Sniffing(Vec::new())
            }
            None => LoadState::Sniffing(Vec::new()),
        };
        matches!(loading.state, LoadState::Held { .. })
    }

    /// Takes in bytes of the segment. `is_first` begins a new try.
    pub fn push(&mut self, bytes: &[u8], is_first: bool, offsets: &mut Offsets) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(loading) = &mut self.loading else { return outcome };
        if is_first {
            match &mut loading.state {
                LoadState::Held { .. } | LoadState::AwaitingInit => {}
                LoadState::Chunking { splitter, .. } => *splitter = ChunkSplitter::default(),
                state => *state = LoadState::Sniffing(self.prefix.to_vec()),
            }
        }
        match &mut loading.state {
            LoadState::Sniffing(head) => {
                head.extend_from_slice(bytes);
                if let Some(container) = Container::sniff(head, false) {
                    let head = core::mem::take(head);
                    self.settle(container, head, &mut outcome);
                }
            }
            LoadState::Transmuxing => {
                self.transmuxer.push(bytes);
                self.drain(&mut outcome);
            }
            LoadState::Gathering(body) => body.extend_from_slice(bytes),
            LoadState::Chunking { info, init, splitter } => {
                outcome.failure = splitter.push(bytes).err().map(Error::from);
                let chunks = splitter.take(info).map(|chunks| (chunks, Arc::clone(init)));
                if let Some((chunks, init)) = chunks {
                    outcome.media.push(loading.place_chunks(chunks, init, offsets));
                }
            }
            LoadState::AwaitingInit | LoadState::Held { .. } => {}
        }
        outcome
    }

    /// The container is known: goes on with the bytes so far.
    fn settle(&mut self, container: Container, head: Vec<u8>, outcome: &mut Outcome) {
        let Some(loading) = &mut self.loading else { return };
        match container {
            Container::MpegTs | Container::PackedAudio => {
                loading.state = LoadState::Transmuxing;
                self.transmuxer.begin_segment(SegmentStart {
                    timeline_start_secs: loading.placed.start_secs,
                    duration_secs: loading.placed.segment.duration_secs,
                    discontinuity_sequence: loading.timestamp_key,
                    succession: loading.succession,
                    is_growing: loading.is_growing,
                });
                self.transmuxer.push(&head);
                self.drain(outcome);
            }
            Container::Fmp4 => {
                let mut body = head;
                body.drain(..id3_len(&body).min(body.len()));
                loading.state = LoadState::Gathering(body);
            }
            Container::WebVtt | Container::Other(_) => {
                outcome.failure = Some(unsupported(&loading.placed.segment.url, Some(container)));
            }
        }
    }

    /// The body is whole.
    pub fn finish(&mut self, finished: &Finished<'_>, offsets: &mut Offsets) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(loading) = &mut self.loading else { return outcome };
        if let LoadState::Sniffing(head) = &mut loading.state {
            let head = core::mem::take(head);
            // After `is_whole` there is always an answer.
            let container = Container::sniff(&head, true).unwrap_or(Container::Other("unknown"));
            self.settle(container, head, &mut outcome);
        }
        let Some(loading) = &mut self.loading else { return outcome };
        match &mut loading.state {
            LoadState::Transmuxing => {
                self.transmuxer.end_segment();
                self.drain(&mut outcome);
                self.leave_out_sound(&mut outcome);
            }
            LoadState::Gathering(body) => {
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
                    Err(error) => outcome.failure = Some(error.into()),
                }
            }
            LoadState::Held { info, init } => {
                let media_secs =
                    SegmentHead::parse(finished.head, info).and_then(|head| head.start_secs(info));
                let container = Container::sniff(finished.head, true);
                // A tag that ends EXT-X-MAP does not exist: behind a discontinuity it may be over.
                if matches!(container, Some(Container::MpegTs | Container::PackedAudio)) {
                    outcome.is_map_stale = true;
                    return outcome;
                }
                if media_secs.is_none() && container != Some(Container::Fmp4) {
                    outcome.failure = Some(unsupported(&loading.placed.segment.url, container));
                    outcome.unused = Some(finished.id);
                    return outcome;
                }
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
            LoadState::Chunking { splitter, .. } if splitter.held_len() > 0 => {
                outcome.warnings.push(Error::DamagedMedia {
                    format: "fMP4",
                    problem: format!("{} bytes behind the last chunk", splitter.held_len()),
                });
            }
            LoadState::Sniffing(_) | LoadState::AwaitingInit | LoadState::Chunking { .. } => {}
        }
        outcome
    }

    /// A picture without its sound, which is in a codec nobody here plays, is better than neither.
    fn leave_out_sound(&mut self, outcome: &mut Outcome) {
        let has_picture = self.loading.as_ref().is_some_and(|loading| loading.found.is_some());
        let is_codec = matches!(outcome.failure, Some(Error::UnsupportedCodec { .. }));
        if let Some(cause) = outcome.failure.take_if(|_| has_picture && is_codec)
            && !core::mem::replace(&mut self.is_left_out_reported, true)
        {
            let cause = Box::new(cause);
            outcome.warnings.push(Error::VariantExcluded { variant: None, cause });
        }
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
                    let (offset_secs, early_secs) = (0.0, 0.0);
                    outcome.media.push(Media {
                        init,
                        body,
                        byte_len,
                        offset_secs,
                        span,
                        early_secs,
                    });
                }
                Transmuxed::Problem(problem) => {
                    let error = Error::from(problem);
                    match error.severity() {
                        Severity::Warning => outcome.warnings.push(error),
                        Severity::Fatal => outcome.failure = Some(error),
                    }
                }
            }
        }
    }
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
        let place = (expected_secs, self.most_back_secs());
        let offset_secs = offsets.offset_secs(self.timestamp_key, media_secs, place);
        let start_secs = media_secs.map_or(expected_secs, |secs| secs + offset_secs);
        let end_secs = start_secs + self.placed.segment.duration_secs;
        let span = TimeRange { start_secs, end_secs };
        if media_secs.is_some() {
            self.note_found(init.kind, span);
        }
        let early_secs = expected_secs - start_secs;
        Media { init, body, byte_len, offset_secs, span, early_secs }
    }

    /// Chunks of a segment still being written. Where they do not say how long they are, they
    /// reach to the segment's end.
    fn place_chunks(&mut self, chunks: Chunks, init: Arc<Init>, offsets: &mut Offsets) -> Media {
        let Chunks { bytes, start_secs: media_secs, end_secs: media_end_secs } = chunks;
        // The first chunk belongs where the segment begins, the others behind it.
        let found = self.found.or(self.found_audio);
        let expected_secs = found.map_or(self.placed.start_secs, |found| found.end_secs);
        let place = (expected_secs, self.most_back_secs());
        let offset_secs = offsets.offset_secs(self.timestamp_key, media_secs, place);
        let start_secs = media_secs.map_or(expected_secs, |secs| secs + offset_secs);
        let most_secs = start_secs + max_span_secs(self.placed.duration_secs());
        let end_secs = media_end_secs
            .map_or(self.placed.end_secs, |secs| secs + offset_secs)
            .min(most_secs)
            .max(start_secs);
        let span = TimeRange { start_secs, end_secs };
        if media_secs.is_some() {
            self.note_found(init.kind, span);
        }
        let byte_len = bytes.len() as u64;
        let body = Body::Fragment(FragmentBytes::new(bytes, 0));
        let early_secs = expected_secs - start_secs;
        Media { init, body, byte_len, offset_secs, span, early_secs }
    }

    /// How far its media may reach back: what follows on begins at worst where its predecessor did,
    /// if EXTINF says too much. Beyond that the clock was set back.
    fn most_back_secs(&self) -> f64 {
        match self.succession {
            Succession::Contiguous => 1.25 * self.placed.duration_secs() + 0.5,
            Succession::Adjacent | Succession::Apart => f64::INFINITY,
        }
    }

    /// How much media came so far.
    pub fn media_secs(&self) -> f64 {
        let found = self.found.or(self.found_audio);
        found.map_or(0.0, |found| found.end_secs - found.start_secs)
    }

    /// What a body that was asked for before it was whole says of the link.
    pub fn reading(&self, bursts: &BurstMeter) -> Reading {
        if self.placed.part.is_some() && bursts.is_one_burst(self.media_secs()) {
            return Reading::Link(bursts.whole());
        }
        bursts.reading(self.media_secs())
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
