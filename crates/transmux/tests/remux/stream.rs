//! Writes transport streams that no encoder would: one PES packet after the other, of any bytes.
//!
//! In: program maps, elementary stream bytes with their timestamps. Out: packets of 188 bytes with
//! right checksums and counters (ISO/IEC 13818-1 2.4).

use std::collections::BTreeMap;

pub const VIDEO_PID: u16 = 0x100;
pub const AUDIO_PID: u16 = 0x101;
const MAP_PID: u16 = 0x1000;

/// A sequence parameter set of 640×352 in the baseline profile.
pub const SEQUENCE_SET: &[u8] = &[0x67, 0x42, 0xc0, 0x1e, 0xda, 0x08, 0x84, 0x6a];
pub const PICTURE_SET: &[u8] = &[0x68, 0xce, 0x38, 0x80];
/// The start of a key picture: as much as a demuxer reads.
pub const KEY_PICTURE: &[u8] = &[0x65, 0x88, 0x84, 0x21, 0x43, 0x11, 0x22, 0x33, 0x44, 0x80];

/// Packets so far.
#[derive(Debug, Default)]
pub struct Stream {
    pub bytes: Vec<u8>,
    counters: BTreeMap<u16, u8>,
}

impl Stream {
    /// Begins with an association table and a map of both tracks.
    pub fn new() -> Self {
        let mut stream = Self::default();
        stream.section(0, 0, 0, &[0, 1, 0xe0 | (MAP_PID >> 8) as u8, MAP_PID as u8]);
        stream.map(0, true);
        stream
    }

    /// Another program map: of video, and of audio too or not.
    pub fn map(&mut self, version: u8, has_audio: bool) {
        let mut body = vec![0xe0 | (VIDEO_PID >> 8) as u8, VIDEO_PID as u8, 0xf0, 0];
        for (kind, pid) in [(0x1b, VIDEO_PID), (0x0f, AUDIO_PID)] {
            if pid == VIDEO_PID || has_audio {
                body.extend([kind, 0xe0 | (pid >> 8) as u8, pid as u8, 0xf0, 0]);
            }
        }
        self.section(MAP_PID, 2, version & 31, &body);
    }

    /// Access units as a byte stream.
    pub fn video(&mut self, pts: u64, nals: &[&[u8]]) {
        let bytes: Vec<u8> =
            nals.iter().flat_map(|nal| [0, 0, 0, 1].iter().chain(*nal)).copied().collect();
        self.pes(VIDEO_PID, 0xe0, pts, &bytes);
    }

    /// ADTS frames.
    pub fn audio(&mut self, pts: u64, frames: &[u8]) {
        self.pes(AUDIO_PID, 0xc0, pts, frames);
    }

    fn pes(&mut self, pid: u16, stream_id: u8, pts: u64, data: &[u8]) {
        let len = if stream_id == 0xe0 { 0 } else { (data.len() + 8) as u16 };
        let mut pes = vec![0, 0, 1, stream_id, (len >> 8) as u8, len as u8, 0x80, 0x80, 5];
        pes.extend([
            0x21 | (pts >> 29) as u8 & 0x0e,
            (pts >> 22) as u8,
            (pts >> 14) as u8 | 1,
            (pts >> 7) as u8,
            (pts << 1) as u8 | 1,
        ]);
        pes.extend(data);
        self.packets(pid, &pes);
    }

    fn section(&mut self, pid: u16, table: u8, version: u8, body: &[u8]) {
        let len = body.len() + 9;
        let mut section = vec![table, 0xb0 | (len >> 8) as u8, len as u8, 0, 1];
        section.extend([0xc1 | version << 1, 0, 0]);
        section.extend(body);
        let sum = section.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
                if sum >> 31 == 1 { sum << 1 ^ 0x04c1_1db7 } else { sum << 1 }
            })
        });
        section.extend(sum.to_be_bytes());
        section.insert(0, 0);
        self.packets(pid, &section);
    }

    fn packets(&mut self, pid: u16, data: &[u8]) {
        for (index, piece) in data.chunks(184).enumerate() {
            let counter = self.counters.entry(pid).or_default();
            let stuffing = 184 - piece.len();
            let begins = if index == 0 { 0x40 } else { 0 };
            let has_field = if stuffing > 0 { 0x30 } else { 0x10 };
            let head = [0x47, begins | (pid >> 8) as u8, pid as u8, has_field | *counter];
            *counter = (*counter + 1) & 15;
            self.bytes.extend(head);
            if stuffing > 0 {
                self.bytes.push(stuffing as u8 - 1);
            }
            if stuffing > 1 {
                self.bytes.push(0);
                self.bytes.extend(std::iter::repeat_n(0xff, stuffing - 2));
            }
            self.bytes.extend(piece);
        }
    }
}

/// An ADTS frame of AAC-LC in stereo.
pub fn adts(rate_index: u8, payload: &[u8]) -> Vec<u8> {
    let len = payload.len() + 7;
    let mut frame = vec![0xff, 0xf1, 0x40 | rate_index << 2, 0x80 | (len >> 11) as u8];
    frame.extend([(len >> 3) as u8, (len << 5) as u8 | 0x1f, 0xfc]);
    frame.extend(payload);
    frame
}
