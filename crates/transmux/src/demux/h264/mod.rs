//! H.264 from an Annex B byte stream to length-prefixed access units (ITU-T H.264 7.4.1.2,
//! ISO/IEC 14496-15 5).
//!
//! In: PES payloads in pieces, with their timestamps. Out: [`VideoRun`]s: access units decoded
//! with the same parameter sets, already laid out as an `mdat` wants them. Each byte is copied
//! once, from the piece into its final place. Access unit delimiters, filler and parameter sets
//! stay out of the payload. It decodes nothing and moves no timestamp.

mod access_unit;
mod groups;
mod nal;
mod parameter_sets;
mod sps;
mod start_code;
#[cfg(test)]
mod tests;

pub use access_unit::AccessUnit;
pub use parameter_sets::AvcConfig;
pub use sps::Sps;

use super::sample_aes::SampleCipher;
use super::{PesTimestamps, SAMPLE_COST_LEN, TrackProblems};
use groups::Groups;
use nal::NalKind;
use parameter_sets::PendingSets;
use start_code::{NalSink, Splitter};

/// Bytes kept free before a payload, for the boxes that go before it.
pub const HEAD_ROOM_LEN: usize = 8 * 1024;

/// NAL units are prefixed with their length in this many bytes.
const LENGTH_LEN: usize = 4;
/// Bytes of a NAL unit after which its kind is surely known; shorter ones are judged at their end.
const CLASSIFY_LEN: usize = 8;

/// Access units with one configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoRun {
    /// Their parameter sets.
    pub config: AvcConfig,
    /// [`HEAD_ROOM_LEN`] bytes to write over, then the access units one after the other.
    pub payload: Vec<u8>,
    /// In decoding order.
    pub units: Vec<AccessUnit>,
    /// Of the access unit that follows in the stream, where it was known when the run was closed:
    /// it says how long the last one lasts.
    pub next: Option<PesTimestamps>,
}

impl VideoRun {
    /// What it costs to hold it.
    pub(super) fn held_len(&self) -> usize {
        self.payload.len() + self.units.len() * SAMPLE_COST_LEN + self.config.byte_len()
    }
}

/// Makes access units of a byte stream.
#[derive(Debug, Default)]
pub struct VideoTrack {
    splitter: Splitter,
    writer: Writer,
}

impl VideoTrack {
    /// A PES packet begins.
    pub fn begin_pes(&mut self, timestamps: Option<PesTimestamps>, is_random_access: bool) {
        self.writer.timestamps = timestamps.or(self.writer.timestamps);
        self.writer.is_random_access = is_random_access;
    }

    /// More of the present PES packet's payload.
    pub fn push(&mut self, piece: &[u8]) {
        self.splitter.push(piece, &mut self.writer);
    }

    /// Bytes of the stream are missing here: the access unit they belonged to is dropped.
    pub fn lose_bytes(&mut self) {
        self.writer.is_nal_damaged = true;
        self.splitter.flush(&mut self.writer);
        if let Some(unit) = &mut self.writer.unit {
            unit.is_damaged = true;
        }
    }

    /// Whether runs are closed every so often while the stream goes on, for
    /// [`Self::take_finished`]; else only where the parameter sets change.
    pub fn set_growing(&mut self, is_growing: bool) {
        self.writer.groups = is_growing.then(Groups::default);
    }

    /// What decrypts its slices.
    pub fn set_cipher(&mut self, cipher: Option<SampleCipher>) {
        self.writer.cipher = cipher;
    }

    /// The runs closed so far.
    pub fn take_finished(&mut self) -> Vec<VideoRun> {
        core::mem::take(&mut self.writer.runs)
    }

    /// The stream is over. Parameter sets stay known for what follows.
    pub fn flush(&mut self) -> Vec<VideoRun> {
        self.splitter.flush(&mut self.writer);
        self.writer.end_unit();
        self.writer.end_run(None);
        self.writer.timestamps = None;
        core::mem::take(&mut self.writer.runs)
    }

    /// Forgets parameter sets and everything held.
    pub fn reset(&mut self) {
        let capacity_hint = self.writer.capacity_hint;
        *self = Self { writer: Writer { capacity_hint, ..Writer::default() }, ..Self::default() };
    }

    /// Bytes held, and what it costs to hold them.
    #[must_use]
    pub fn held_len(&self) -> usize {
        let Writer { runs, payload, units, .. } = &self.writer;
        let finished: usize = runs.iter().map(VideoRun::held_len).sum();
        finished + payload.len() + units.len() * SAMPLE_COST_LEN
    }

    /// What had to be left out since the last call.
    pub fn take_problems(&mut self) -> TrackProblems {
        core::mem::take(&mut self.writer.problems)
    }
}

/// The access unit being written.
#[derive(Debug, Default)]
struct Unit {
    /// Where it begins in the payload.
    start: usize,
    timestamps: Option<PesTimestamps>,
    is_random_access: bool,
    has_picture: bool,
    is_key: bool,
    has_recovery_point: bool,
    is_damaged: bool,
}

#[derive(Debug, Default)]
struct Writer {
    payload: Vec<u8>,
    units: Vec<AccessUnit>,
    config: Option<AvcConfig>,
    runs: Vec<VideoRun>,
    unit: Option<Unit>,
    /// Where the present NAL unit's length goes.
    nal_start: usize,
    nal_kind: Option<NalKind>,
    is_nal_damaged: bool,
    pending_sets: PendingSets,
    /// For the next access unit to begin.
    timestamps: Option<PesTimestamps>,
    is_random_access: bool,
    /// A key frame was lost: what follows cannot be decoded.
    needs_key: bool,
    problems: TrackProblems,
    /// Payload length of the last run, so that a buffer seldom has to grow.
    capacity_hint: usize,
    groups: Option<Groups>,
    cipher: Option<SampleCipher>,
}

impl NalSink for Writer {
    fn begin_nal(&mut self) {
        self.open_payload();
        self.nal_start = self.payload.len();
        self.nal_kind = None;
        self.is_nal_damaged = false;
        self.payload.extend_from_slice(&[0; LENGTH_LEN]);
    }

    fn extend_nal(&mut self, bytes: &[u8]) {
        self.payload.extend_from_slice(bytes);
        if self.nal_kind.is_none()
            && self.payload.len() >= self.nal_start + LENGTH_LEN + CLASSIFY_LEN
        {
            self.classify();
        }
    }

    fn end_nal(&mut self) {
        let first = self.nal_start + LENGTH_LEN;
        while self.payload.len() > first && self.payload.last() == Some(&0) {
            self.payload.pop();
        }
        if self.nal_kind.is_none() && self.payload.len() > first {
            self.classify();
        }
        // Classifying may have put parameter sets before it.
        let first = self.nal_start + LENGTH_LEN;
        if let (Some(cipher), Some(NalKind::Slice | NalKind::IdrSlice)) =
            (&self.cipher, self.nal_kind)
        {
            cipher.decrypt_slice(&mut self.payload, first);
        }
        let nal = self.payload.get(first..).unwrap_or_default();
        let mut is_kept = !nal.is_empty() && !self.is_nal_damaged;
        match self.nal_kind {
            Some(NalKind::SequenceSet) if is_kept => {
                self.pending_sets.add_sequence_set(nal);
                is_kept = false;
            }
            Some(NalKind::PictureSet) if is_kept => {
                self.pending_sets.add_picture_set(nal);
                is_kept = false;
            }
            Some(NalKind::Sei) if nal::has_recovery_point(nal) => {
                if let Some(unit) = &mut self.unit {
                    unit.has_recovery_point = true;
                }
            }
            Some(NalKind::Delimiter | NalKind::Filler) | None => is_kept = false,
            _ => {}
        }
        if is_kept {
            let len = (nal.len() as u32).to_be_bytes();
            self.payload[self.nal_start..first].copy_from_slice(&len);
        } else {
            self.payload.truncate(self.nal_start);
        }
    }
}

impl Writer {
    fn open_payload(&mut self) {
        if self.payload.is_empty() {
            self.payload.reserve_exact((HEAD_ROOM_LEN + self.capacity_hint) / 4 * 5);
            self.payload.resize(HEAD_ROOM_LEN, 0);
        }
    }

    /// The first bytes of the present NAL unit are there: is it the first of an access unit
    /// (7.4.1.2.3)? Is it the first of a picture?
    fn classify(&mut self) {
        let nal = &self.payload[self.nal_start + LENGTH_LEN..];
        let kind = NalKind::of(nal);
        let slice = nal::SliceStart::parse(nal);
        self.nal_kind = Some(kind);
        let has_picture = self.unit.as_ref().is_some_and(|unit| unit.has_picture);
        let is_first = match kind {
            NalKind::Slice | NalKind::IdrSlice => {
                // The second field of a frame shares the first one's PES packet, and its sample.
                let may_be_field = self.timestamps.is_none()
                    && self.config.as_ref().is_some_and(|config| !config.sps.frame_mbs_only);
                slice.is_first && !may_be_field
            }
            NalKind::Delimiter | NalKind::SequenceSet | NalKind::PictureSet | NalKind::Sei => true,
            NalKind::Prefix => true,
            NalKind::Filler | NalKind::Other => false,
        };
        if self.unit.is_none() || is_first && has_picture {
            self.begin_unit();
        }
        let is_slice = matches!(kind, NalKind::Slice | NalKind::IdrSlice);
        if let Some(unit) = &mut self.unit
            && is_slice
            && !unit.has_picture
        {
            unit.has_picture = true;
            unit.is_key = kind == NalKind::IdrSlice
                || unit.has_recovery_point
                || unit.is_random_access && slice.is_intra;
            if unit.is_key {
                self.adopt_sets();
            } else {
                self.insert_unknown_sets();
            }
        }
    }

    /// A new access unit begins with the present NAL unit, of which a few bytes are there.
    fn begin_unit(&mut self) {
        let tail = self.payload.split_off(self.nal_start);
        self.end_unit();
        if let (Some(groups), Some(next)) = (&mut self.groups, self.timestamps)
            && !self.units.is_empty()
            && groups.ends_before(next)
        {
            self.end_run(Some(next));
            self.open_payload();
        }
        self.unit = Some(Unit {
            start: self.payload.len(),
            timestamps: self.timestamps.take(),
            is_random_access: core::mem::take(&mut self.is_random_access),
            ..Unit::default()
        });
        self.nal_start = self.payload.len();
        self.payload.extend_from_slice(&tail);
    }

    fn end_unit(&mut self) {
        let Some(unit) = self.unit.take() else { return };
        if !unit.has_picture {
            // A delimiter alone loses nothing, but its timestamps belong to what comes.
            self.timestamps = self.timestamps.or(unit.timestamps);
            self.payload.truncate(unit.start);
            return;
        }
        if unit.is_damaged || self.config.is_none() || self.needs_key && !unit.is_key {
            self.payload.truncate(unit.start);
            self.problems.dropped += 1;
            self.needs_key |= unit.is_key;
            return;
        }
        self.needs_key = false;
        let unit = AccessUnit {
            len: self.payload.len() - unit.start,
            timestamps: unit.timestamps,
            is_key: unit.is_key,
        };
        if let Some(groups) = &mut self.groups {
            groups.note(&unit);
        }
        self.units.push(unit);
    }

    /// At a key frame: a new configuration begins a new run.
    fn adopt_sets(&mut self) {
        let Some(config) = self.pending_sets.take_config(self.config.as_ref()) else { return };
        if let Some(unit) = &mut self.unit {
            let moved = self.payload.split_off(unit.start);
            let nal_offset = self.nal_start - unit.start;
            let next = unit.timestamps;
            self.end_run(next);
            self.open_payload();
            if let Some(unit) = &mut self.unit {
                unit.start = self.payload.len();
            }
            self.nal_start = self.payload.len() + nal_offset;
            self.payload.extend_from_slice(&moved);
        }
        self.config = Some(config);
    }

    /// Before another picture: sets it needs and the init segment lacks go with it.
    fn insert_unknown_sets(&mut self) {
        for nal in self.pending_sets.take_unknown(self.config.as_ref()) {
            let len = (nal.len() as u32).to_be_bytes();
            let prefixed: Vec<u8> = len.into_iter().chain(nal).collect();
            let inserted_len = prefixed.len();
            self.payload.splice(self.nal_start..self.nal_start, prefixed);
            self.nal_start += inserted_len;
        }
    }

    fn end_run(&mut self, next: Option<PesTimestamps>) {
        if self.units.is_empty() {
            return;
        }
        let payload = core::mem::take(&mut self.payload);
        self.capacity_hint = payload.len() - HEAD_ROOM_LEN;
        let units = core::mem::take(&mut self.units);
        if let Some(config) = self.config.clone() {
            self.runs.push(VideoRun { config, payload, units, next });
        }
    }
}
