//! The bytes of one segment, from whatever container to media ready to queue.
//!
//! In: chunks, the end of the body, what EXT-X-MAP gave. Out: [`Media`] with its place on the
//! timeline, warnings, or the reason why the segment cannot be played. MPEG-TS and packed audio go
//! through the transmuxer; fMP4 stays whole, but for a segment still being written, of which each
//! chunk is media. It moves no cursor and requests nothing.

use std::sync::Arc;

use super::downloads::Finished;
use super::first_segment::FirstSegment;
use super::input::RequestId;
use super::loading_segment::{Fmp4, LoadState};
use super::media::{Body, Init, InitResource, Media, Offsets, unsupported};
use super::segment_loader::SegmentLoader;
use super::transmux::{MediaBytes, Transmuxed};
use crate::demux::container::{Container, Format, id3_len};
use crate::demux::fmp4::{ChunkSplitter, InitInfo, SegmentHead};
use crate::error::{Error, Severity};
use crate::media::TimeRange;
use crate::remux::{FragmentBytes, SegmentStart};

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
            loading.first = loading.first.take().map(|_| FirstSegment::default());
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
        let mut head = head;
        // ID3 tags belong before packed audio alone.
        if container != Container::PackedAudio {
            head.drain(..id3_len(&head).min(head.len()));
        }
        match container {
            Container::MpegTs => self.transmux(Format::MpegTs, &head, outcome),
            Container::PackedAudio => {
                // Its sound alone begins where the whole of it says.
                loading.first = None;
                self.transmux(Format::PackedAudio, &head, outcome);
            }
            Container::Fmp4 => loading.state = LoadState::Gathering(head),
            Container::WebVtt | Container::Other(_) => {
                outcome.failure = Some(unsupported(&loading.placed.segment.url, Some(container)));
            }
        }
    }

    fn transmux(&mut self, format: Format, head: &[u8], outcome: &mut Outcome) {
        let Some(loading) = &mut self.loading else { return };
        loading.state = LoadState::Transmuxing;
        self.transmuxer.begin_segment(SegmentStart {
            format,
            timeline_start_secs: loading.placed.start_secs,
            duration_secs: loading.placed.segment.duration_secs,
            discontinuity_sequence: loading.timestamp_key,
            succession: loading.succession,
            is_growing: loading.is_growing || loading.first.is_some(),
        });
        self.transmuxer.push(head);
        self.drain(outcome);
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
                        let body = Body::Fragment(MediaBytes::Here(FragmentBytes::new(body, 0)));
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
        if let Some(cause) = outcome.failure.take_if(|_| has_picture && is_codec) {
            outcome.warnings.extend(self.note_left_out(cause));
        }
    }

    /// What says, once, that the picture goes on without its sound.
    pub fn note_left_out(&mut self, cause: Error) -> Option<Error> {
        let is_known = core::mem::replace(&mut self.is_left_out_reported, true);
        (!is_known).then(|| Error::VariantExcluded { variant: None, cause: Box::new(cause) })
    }

    /// Takes what the transmuxer has.
    fn drain(&mut self, outcome: &mut Outcome) {
        while let Some(result) = self.transmuxer.poll() {
            match result {
                Transmuxed::Init { track, codec, bytes } => {
                    let init = Init::of_transmuxed(track, codec, bytes);
                    self.transmuxed_inits.insert(track, Arc::new(init));
                }
                Transmuxed::Fragment { track, start_secs, end_secs, bytes } => {
                    let span = TimeRange { start_secs, end_secs };
                    if let Some(loading) = &mut self.loading {
                        loading.note_found(track, span);
                    }
                    let Some(init) = self.transmuxed_inits.get(&track) else { continue };
                    let byte_len = bytes.byte_len();
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
                Transmuxed::Problem(error) => match error.severity() {
                    Severity::Warning => outcome.warnings.push(error),
                    Severity::Fatal => outcome.failure = Some(error),
                },
            }
        }
    }
}
