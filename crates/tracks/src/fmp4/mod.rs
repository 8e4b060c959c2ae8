//! What fragmented MP4 carries beside picture and sound: `emsg` boxes, caption data in SEI, samples of subtitles
//! (ISO/IEC 14496-12, -15, -30, ISO/IEC 23009-1 5.10.3).
//!
//! In: an init segment, then segments, whole or in any chunking. Out: [`Item`]s in the order they stand in. Of
//! the media only SEI and subtitles are touched. It ends where something is no box, and holds no more than a
//! `moof` and what it gives out.

mod boxes;
mod fragment;
mod init;
mod nal_walk;
#[cfg(test)]
mod tests;

use boxes::{MAX_HEADER_LEN, header};
use fragment::Sample;
pub use init::Subtitles;
use init::{Track, TrackKind};
use nal_walk::NalWalk;

use crate::sei::caption_data;

/// A `moof` or `emsg` beyond this is passed over.
const MAX_BOX_LEN: usize = 1 << 20;
/// A sample of subtitles beyond this is passed over.
const MAX_SUBTITLES_LEN: usize = 1 << 20;
/// Events that wait for the first `moof`, in bytes.
const MAX_EVENTS_LEN: usize = 4 << 20;

/// Something found. Times are of the media timeline: whoever appends the segment knows the offset from there.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<'a> {
    /// An `emsg` box, header included.
    Event {
        /// When the segment's first fragment begins, which version 0 counts from; `None` where no `moof` came.
        segment_start_secs: Option<f64>,
        /// The box.
        bytes: &'a [u8],
    },
    /// Caption data of one picture, for [`Captions::push`](crate::captions::Captions::push).
    CaptionData {
        /// When it is shown.
        pts_secs: f64,
        /// When it is decoded.
        decode_secs: f64,
        /// Of `cc_data`.
        triplets: &'a [u8],
    },
    /// A sample of a subtitle track.
    Subtitles {
        /// What it is.
        kind: Subtitles,
        /// Of its track.
        track_id: u32,
        /// When it is shown.
        start_secs: f64,
        /// For how long.
        duration_secs: f64,
        /// The sample.
        bytes: &'a [u8],
    },
}

/// What a reader gives: [`Item::Event`].
pub const EVENTS: u8 = 1;
/// [`Item::CaptionData`].
pub const CAPTIONS: u8 = 2;
/// [`Item::Subtitles`].
pub const SUBTITLES: u8 = 4;

/// A reader that gives all there is.
pub type Reader = ReaderOf<{ EVENTS | CAPTIONS | SUBTITLES }>;

/// A reader of one rendition's segments, for some kinds of [`Item`] and with no code for the others: added up,
/// [`EVENTS`], [`CAPTIONS`], [`SUBTITLES`].
#[derive(Debug, Default)]
pub struct ReaderOf<const KINDS: u8> {
    tracks: Vec<Track>,
    /// Whole events, waiting to be told when the segment begins.
    events: Vec<Vec<u8>>,
    events_len: usize,
    start_secs: Option<f64>,
    /// Of the next byte, in the segment.
    offset: u64,
    state: State,
    /// A header or box that is not whole, or a sample of subtitles.
    held: Vec<u8>,
    /// Of the newest `moof`, for each track the next one last.
    samples: Vec<Vec<Sample>>,
    /// The next one's first byte was there.
    is_in_sample: bool,
    nal_walk: NalWalk,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Header,
    /// Inside a box that is read, of this kind and length.
    Box([u8; 4], usize),
    /// Inside one that is not, or in media, up to this offset.
    Media(u64),
    /// Something was no box.
    Lost,
}

impl<const KINDS: u8> ReaderOf<KINDS> {
    /// For segments that go with this init segment; one that cannot be read leaves events alone to be found.
    #[must_use]
    pub fn new(init: &[u8]) -> Self {
        Self { tracks: init::tracks(init), ..Self::default() }
    }

    /// Whether it is an init segment, for [`Self::new`].
    #[must_use]
    pub fn is_init(bytes: &[u8]) -> bool {
        bytes.get(4..8).is_some_and(|kind| kind == b"ftyp" || kind == b"moov")
    }

    /// Takes a whole segment.
    pub fn read(&mut self, segment: &[u8], give: &mut impl FnMut(Item<'_>)) {
        self.begin_segment();
        self.push(segment, give);
        self.end_segment(give);
    }

    /// Whether there is a track of subtitles, or one whose pictures may have captions.
    #[must_use]
    pub fn has_tracks(&self) -> bool {
        self.tracks.iter().any(|track| track.kind != TrackKind::Other)
    }

    /// A segment begins.
    pub fn begin_segment(&mut self) {
        *self = Self { tracks: core::mem::take(&mut self.tracks), ..Self::default() };
    }

    /// Takes the segment's next bytes.
    pub fn push(&mut self, bytes: &[u8], give: &mut impl FnMut(Item<'_>)) {
        let mut rest = bytes;
        while !rest.is_empty() && self.state != State::Lost {
            let taken = match self.state {
                State::Header => self.take_header(rest),
                State::Box(kind, len) => self.take_box(kind, len, rest, give),
                State::Media(end) => self.take_media(end, rest, give),
                State::Lost => rest.len(),
            };
            self.offset += taken as u64;
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// The segment is over: events without any fragment are given too.
    pub fn end_segment(&mut self, give: &mut impl FnMut(Item<'_>)) {
        self.give_events(give);
        self.begin_segment();
    }

    /// Gives how many bytes it took, as the next two do.
    fn take_header(&mut self, rest: &[u8]) -> usize {
        let held_len = self.held.len();
        self.held.extend(rest.iter().take(MAX_HEADER_LEN - held_len));
        let Some((kind, header_len, len)) = header(&self.held) else {
            return self.held.len() - held_len;
        };
        let taken = header_len - held_len.min(header_len);
        let begin = self.offset - held_len as u64;
        let is_read = &kind == b"moof" || (KINDS & EVENTS != 0 && &kind == b"emsg");
        match usize::try_from(len) {
            _ if len < header_len as u64 => self.state = State::Lost,
            Ok(len) if is_read && len <= MAX_BOX_LEN => {
                self.held.truncate(header_len);
                self.state = State::Box(kind, len);
                return taken;
            }
            _ => self.state = State::Media(begin.saturating_add(len)),
        }
        self.held.clear();
        taken
    }

    fn take_box(
        &mut self,
        kind: [u8; 4],
        len: usize,
        rest: &[u8],
        give: &mut impl FnMut(Item<'_>),
    ) -> usize {
        let taken = rest.len().min(len - self.held.len());
        self.held.extend(rest.iter().take(taken));
        if self.held.len() == len {
            let bytes = core::mem::take(&mut self.held);
            if &kind == b"moof" {
                let end = self.offset + taken as u64;
                self.read_fragment(&bytes, end.saturating_sub(len as u64), give);
            } else if KINDS & EVENTS == 0 {
                // None is held.
            } else if self.start_secs.is_some() {
                give(Item::Event { segment_start_secs: self.start_secs, bytes: &bytes });
            } else if self.events_len + len <= MAX_EVENTS_LEN {
                self.events_len += len;
                self.events.push(bytes);
            }
            self.state = State::Header;
        }
        taken
    }

    /// Takes in a whole `moof`, which begins at that offset.
    fn read_fragment(&mut self, moof: &[u8], offset: u64, give: &mut impl FnMut(Item<'_>)) {
        let header_len = header(moof).map_or(0, |(_, header_len, _)| header_len);
        let payload = moof.get(header_len..).unwrap_or_default();
        self.samples = fragment::samples(payload, offset, &mut self.tracks);
        let starts = self
            .samples
            .iter()
            .zip(&self.tracks)
            .flat_map(|(queue, track)| queue.iter().map(|sample| sample.start_secs(track)));
        self.start_secs = self.start_secs.or(starts.reduce(f64::min));
        self.is_in_sample = false;
        self.give_events(give);
    }

    fn give_events(&mut self, give: &mut impl FnMut(Item<'_>)) {
        if KINDS & EVENTS == 0 {
            return;
        }
        for bytes in self.events.drain(..) {
            give(Item::Event { segment_start_secs: self.start_secs, bytes: &bytes });
        }
        self.events_len = 0;
    }

    fn take_media(&mut self, end: u64, rest: &[u8], give: &mut impl FnMut(Item<'_>)) -> usize {
        let left = usize::try_from(end.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let taken = rest.len().min(left);
        let from = self.offset;
        let to = from + taken as u64;
        let mut at = from;
        while let Some((track, sample)) = self.next_sample() {
            let (begin, stop) = (sample.offset.max(at), sample.end().min(to));
            if begin >= to && sample.len > 0 {
                break;
            }
            if begin == sample.offset {
                self.nal_walk.begin();
                self.held.clear();
                self.is_in_sample = true;
            }
            // One that begins inside the one before is none.
            if self.is_in_sample && begin < stop {
                let range = (begin - from) as usize..(stop - from) as usize;
                self.take_sample(track, sample, rest.get(range).unwrap_or_default(), give);
            }
            if sample.end() > to {
                break;
            }
            at = at.max(stop);
            self.samples.get_mut(track).and_then(Vec::pop);
            self.is_in_sample = false;
        }
        if taken == left {
            self.state = State::Header;
            self.held.clear();
        }
        taken
    }

    /// The one that lies next, and its track.
    fn next_sample(&self) -> Option<(usize, Sample)> {
        let queues = self.samples.iter().enumerate();
        let heads = queues.filter_map(|(track, queue)| Some((track, *queue.last()?)));
        heads.min_by_key(|(_, sample)| sample.offset)
    }

    fn take_sample(
        &mut self,
        track: usize,
        sample: Sample,
        bytes: &[u8],
        give: &mut impl FnMut(Item<'_>),
    ) {
        let Some(track) = self.tracks.get(track) else { return };
        let (start_secs, decode_secs) = (sample.start_secs(track), sample.decode_secs(track));
        match track.kind {
            TrackKind::Video(coding, len_size) if KINDS & CAPTIONS != 0 => {
                self.nal_walk.push(bytes, coding, len_size, |nal| {
                    caption_data(nal, coding, |triplets| {
                        give(Item::CaptionData { pts_secs: start_secs, decode_secs, triplets });
                    });
                });
            }
            TrackKind::Subtitles(kind) if KINDS & SUBTITLES != 0 => {
                let len = sample.len as usize;
                if len > MAX_SUBTITLES_LEN {
                    return;
                }
                self.held.extend_from_slice(bytes);
                if self.held.len() == len {
                    let duration_secs = sample.duration_secs(track);
                    let (track_id, bytes) = (track.id, self.held.as_slice());
                    give(Item::Subtitles { kind, track_id, start_secs, duration_secs, bytes });
                }
            }
            _ => {}
        }
    }
}
