//! The segment under way: what it is, how far it has come, where its media belongs.
//!
//! In: whole fMP4 segments, or chunks of one still being written, and the timestamp offsets. Out:
//! [`Media`] with its place on the timeline. Its bytes are [`super::segment`]'s to read.

use std::sync::Arc;

use super::first_segment::FirstSegment;
use super::keys::KeySlot;
use super::media::{Body, Init, Media, Offsets};
use super::playlists::PlaylistId;
use super::transmux::MediaBytes;
use super::variant_set::VariantId;
use crate::abr::{BurstMeter, Reading};
use crate::demux::fmp4::{ChunkSplitter, Chunks, InitInfo};
use crate::media::{TimeRange, TrackKind};
use crate::playlist::timeline::PlacedSegment;
use crate::remux::{FragmentBytes, Succession, max_span_secs};

/// Added to the end of what is loaded when looking for what comes next: rounding must not fetch a
/// whole segment for its last frame.
pub(super) const ROUNDING_SECS: f64 = 0.1;

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
    /// Where it is the stream's first, and played while it comes.
    pub first: Option<FirstSegment>,
    pub timestamp_key: u64,
    /// The key it waits for.
    pub awaited_key: Option<KeySlot>,
    pub state: LoadState,
    /// What the media said of its times: earliest and latest.
    pub found: Option<TimeRange>,
    /// The same of its audio, which counts where there is no picture.
    pub found_audio: Option<TimeRange>,
}

#[derive(Debug)]
pub(super) enum LoadState {
    /// Its EXT-X-MAP resource, or a key, is on the way.
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

/// A whole fMP4 segment, not yet placed.
pub(super) struct Fmp4 {
    pub init: Arc<Init>,
    pub body: Body,
    pub byte_len: u64,
    pub media_secs: Option<f64>,
}

impl Loading {
    /// Whether its body, which is asked for next, may have to be transmuxed.
    pub fn may_need_transmuxer(&self) -> bool {
        matches!(self.state, LoadState::Sniffing(_))
    }

    pub fn place(&mut self, fmp4: Fmp4, offsets: &mut Offsets) -> Media {
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
    pub fn place_chunks(
        &mut self,
        chunks: Chunks,
        init: Arc<Init>,
        offsets: &mut Offsets,
    ) -> Media {
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
        let body = Body::Fragment(MediaBytes::Here(FragmentBytes::new(bytes, 0)));
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
        if self.placed.kind.part().is_some() && bursts.is_one_burst(self.media_secs()) {
            return Reading::Link(bursts.whole());
        }
        bursts.reading(self.media_secs())
    }

    pub fn note_found(&mut self, track: TrackKind, span: TimeRange) {
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
