//! The seam to the transmuxer, which need not be in this module.
//!
//! In: a segment in chunks, and where it belongs. Out: init segments, fragments, what was wrong. Natively it
//! is [`Transmuxer`] itself; in the browser `web/transmuxer.rs` hands all of it to a wasm module that pages
//! with fMP4 never load, and what comes of a segment stays there until it is appended.

use core::fmt;

use crate::demux::sample_aes::SampleKey;
use crate::error::Error;
use crate::media::TrackKind;
use crate::remux::{self, FragmentBytes, SegmentStart, TimestampMapping, Transmuxer};

/// How a [`Transmux`] is made, one for each stream.
pub type MakeTransmuxer = fn() -> Box<dyn Transmux>;

/// TS or packed AAC in, fMP4 out: the methods of [`Transmuxer`], which has them explained. None is called
/// with bytes before a request with [`super::Request::may_need_transmuxer`] brought them.
pub trait Transmux: fmt::Debug + Send + Sync {
    /// See [`Transmuxer::begin_segment`].
    fn begin_segment(&mut self, start: SegmentStart);
    /// See [`Transmuxer::push`].
    fn push(&mut self, bytes: &[u8]);
    /// See [`Transmuxer::end_segment`].
    fn end_segment(&mut self);
    /// See [`Transmuxer::poll`].
    fn poll(&mut self) -> Option<Transmuxed>;
    /// See [`Transmuxer::announces_both`].
    fn announces_both(&self) -> bool;
    /// See [`Transmuxer::mapping`].
    fn mapping(&self, discontinuity_sequence: u64) -> Option<TimestampMapping>;
    /// See [`Transmuxer::adopt_mapping`].
    fn adopt_mapping(&mut self, mapping: TimestampMapping);
    /// See [`Transmuxer::set_audio_codec`].
    fn set_audio_codec(&mut self, codec: Option<&str>);
    /// See [`Transmuxer::set_sample_key`].
    fn set_sample_key(&mut self, key: Option<SampleKey>);
}

/// What comes of a segment; as [`remux::Transmuxed`], but that a fragment may lie elsewhere.
#[derive(Debug)]
pub enum Transmuxed {
    /// Before the first fragment of a track, and whenever its parameters changed.
    Init {
        /// `Video` or `Audio`.
        track: TrackKind,
        /// RFC 6381.
        codec: String,
        /// `ftyp` + `moov`.
        bytes: FragmentBytes,
    },
    /// One `moof` + `mdat`.
    Fragment {
        /// `Video` or `Audio`.
        track: TrackKind,
        /// Presentation time of its begin.
        start_secs: f64,
        /// And of its end.
        end_secs: f64,
        /// The bytes.
        bytes: MediaBytes,
    },
    /// Something was repaired or dropped, or cannot be played at all.
    Problem(Error),
}

/// A media segment's bytes, wherever they lie.
#[derive(Debug)]
pub enum MediaBytes {
    /// In this module.
    Here(FragmentBytes),
    /// In the transmuxer's.
    Elsewhere(Elsewhere),
}

/// Bytes that another module keeps for as long as this is there.
#[derive(Debug)]
pub struct Elsewhere {
    /// Their name there.
    pub number: u32,
    /// How many they are.
    pub byte_len: u32,
    /// Frees them.
    pub free: fn(u32),
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        (self.free)(self.number);
    }
}

impl MediaBytes {
    /// How many.
    #[must_use]
    pub fn byte_len(&self) -> u64 {
        match self {
            Self::Here(bytes) => bytes.as_slice().len() as u64,
            Self::Elsewhere(elsewhere) => u64::from(elsewhere.byte_len),
        }
    }
}

/// The transmuxer of this module.
#[must_use]
pub fn transmuxer() -> Box<dyn Transmux> {
    Box::new(Transmuxer::new())
}

impl Transmux for Transmuxer {
    fn begin_segment(&mut self, start: SegmentStart) {
        self.begin_segment(start);
    }

    fn push(&mut self, bytes: &[u8]) {
        self.push(bytes);
    }

    fn end_segment(&mut self) {
        self.end_segment();
    }

    fn poll(&mut self) -> Option<Transmuxed> {
        Some(match self.poll()? {
            remux::Transmuxed::Init { track, codec, bytes } => {
                Transmuxed::Init { track, codec, bytes }
            }
            remux::Transmuxed::Fragment { track, start_secs, end_secs, bytes, .. } => {
                Transmuxed::Fragment { track, start_secs, end_secs, bytes: MediaBytes::Here(bytes) }
            }
            remux::Transmuxed::Problem(problem) => Transmuxed::Problem(problem.into()),
        })
    }

    fn announces_both(&self) -> bool {
        self.announces_both()
    }

    fn mapping(&self, discontinuity_sequence: u64) -> Option<TimestampMapping> {
        self.mapping(discontinuity_sequence)
    }

    fn adopt_mapping(&mut self, mapping: TimestampMapping) {
        self.adopt_mapping(mapping);
    }

    fn set_audio_codec(&mut self, codec: Option<&str>) {
        self.set_audio_codec(codec);
    }

    fn set_sample_key(&mut self, key: Option<SampleKey>) {
        self.set_sample_key(key);
    }
}
