//! From access units to fMP4 for Media Source Extensions (ISO/IEC 14496-12, -14, -15).
//!
//! In: a TS or packed-audio segment in chunks, and where it belongs on the presentation timeline.
//! Out: init segments and media segments ready to append, one track each. It buffers one segment
//! at most and appends nothing.

use crate::error::Error;
use crate::media::TrackKind;

/// Bytes ready to append: a `moof` written right-aligned in head room before its `mdat`, so that
/// the payload is copied once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FragmentBytes {
    buffer: Vec<u8>,
    start: usize,
}

impl FragmentBytes {
    /// `buffer[start..]`, without copying.
    #[must_use]
    pub fn new(buffer: Vec<u8>, start: usize) -> Self {
        debug_assert!(start <= buffer.len());
        Self { buffer, start }
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.buffer[self.start..]
    }
}

/// What the transmuxer is told before a segment's bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentStart {
    /// Where the playlist puts it on the presentation timeline.
    pub timeline_start_secs: f64,
    /// EXTINF, for the last frame's duration where nothing better is known.
    pub duration_secs: f64,
    /// Its discontinuity sequence number: timestamps of one number share one mapping to the
    /// presentation timeline (RFC 8216bis 6.2.4), whatever the variant.
    pub discontinuity_sequence: u64,
    /// False after a seek, a variant switch or a lost segment: nothing carries over from the
    /// previous segment but the mapping above.
    pub is_contiguous: bool,
}

/// What the transmuxer gives, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Transmuxed {
    /// Before the first fragment of a track, and whenever its parameters changed.
    Init {
        /// `Video` or `Audio`.
        track: TrackKind,
        /// RFC 6381, such as `avc1.640028` or `mp4a.40.2`.
        codec: String,
        /// `ftyp` + `moov`.
        bytes: FragmentBytes,
    },
    /// One `moof` + `mdat`.
    Fragment {
        /// `Video` or `Audio`.
        track: TrackKind,
        /// Presentation time of the earliest frame.
        start_secs: f64,
        /// Presentation time at which the last frame ends.
        end_secs: f64,
        /// Begins with a sync sample.
        is_independent: bool,
        /// The bytes.
        bytes: FragmentBytes,
    },
    /// Something was repaired or dropped, or cannot be played at all (see its severity).
    Problem(Error),
}

/// TS or packed AAC in, fMP4 out.
#[derive(Debug, Default)]
pub struct Transmuxer {}

impl Transmuxer {
    /// With no history.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a segment. An unfinished one before it is dropped.
    pub fn begin_segment(&mut self, start: SegmentStart) {
        let _ = start;
    }

    /// Takes the segment's next bytes, in any chunking.
    pub fn push(&mut self, bytes: &[u8]) {
        let _ = bytes;
    }

    /// The segment is complete: flushes what was held for it.
    pub fn end_segment(&mut self) {}

    /// The next result, or `None` when all is given.
    pub fn poll(&mut self) -> Option<Transmuxed> {
        None
    }
}
