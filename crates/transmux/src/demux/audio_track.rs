//! Frames of sound from an elementary stream, whatever their codec.
//!
//! In: an elementary stream in pieces, with timestamps, and its [`AudioCodec`]. Out: [`AudioRun`]s: frames of one
//! configuration, laid out as an `mdat` wants them. Frames may be cut anywhere. Garbage between frames is passed
//! over; a frame found after garbage counts only once another header follows it. It decodes nothing and moves no
//! timestamp.

use super::aac::AacConfig;
use super::audio_config::{AudioCodec, AudioConfig};
use super::frame_header::FrameHeader;
use super::h264::HEAD_ROOM_LEN;
use super::mpeg_audio;
use super::sample_aes::SampleCipher;
use super::{SAMPLE_COST_LEN, TrackProblems};

/// Frames worth a fragment of their own while the stream goes on: a fifth of a second.
pub(super) const AUDIO_GROUP_FRAMES: usize = 10;

/// One frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioFrame {
    /// Bytes in the payload.
    pub len: usize,
    /// 33-bit PTS, where a PES packet gave it to this very frame.
    pub pts: Option<u64>,
}

/// Frames with one configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioRun {
    /// Their configuration.
    pub config: AudioConfig,
    /// [`HEAD_ROOM_LEN`] bytes to write over, then the frames one after the other.
    pub payload: Vec<u8>,
    /// In order.
    pub frames: Vec<AudioFrame>,
}

impl AudioRun {
    /// What it costs to hold it.
    pub(super) fn held_len(&self) -> usize {
        self.payload.len() + self.frames.len() * SAMPLE_COST_LEN
    }
}

/// Makes frames of a byte stream.
#[derive(Debug, Default)]
pub struct AudioTrack {
    /// A header not yet whole.
    header: Vec<u8>,
    /// Bytes of the present frame still to come.
    frame_left: usize,
    /// Where the present frame begins in the payload.
    frame_start: usize,
    frame_pts: Option<u64>,
    /// For the next frame to begin.
    next_pts: Option<u64>,
    /// The newest frame came after garbage and awaits a header behind it.
    is_last_unproven: bool,
    is_synced: bool,
    config: Option<AudioConfig>,
    payload: Vec<u8>,
    frames: Vec<AudioFrame>,
    runs: Vec<AudioRun>,
    problems: TrackProblems,
    capacity_hint: usize,
    /// What came instead of frames that can be played.
    refused: Option<&'static str>,
    codec: AudioCodec,
    /// The present frame belongs to the sample before it.
    is_extension: bool,
    cipher: Option<SampleCipher>,
}

impl AudioTrack {
    /// A PES packet begins.
    pub fn begin_pes(&mut self, pts: Option<u64>) {
        self.next_pts = pts.or(self.next_pts);
    }

    /// More of the payload.
    pub fn push(&mut self, piece: &[u8]) {
        let mut rest = if self.is_refused() { &[] } else { piece };
        while !rest.is_empty() {
            if self.frame_left > 0 {
                let (now, later) = rest.split_at(rest.len().min(self.frame_left));
                self.payload.extend_from_slice(now);
                self.frame_left -= now.len();
                if self.frame_left == 0 {
                    self.end_frame();
                }
                rest = later;
            } else {
                rest = self.push_header(rest);
            }
        }
    }

    /// Which frames it has, from here on.
    pub fn set_codec(&mut self, codec: AudioCodec) {
        if self.codec != codec {
            let next_pts = self.next_pts;
            self.lose_bytes();
            self.end_run();
            self.config = None;
            self.codec = codec;
            // It belongs to what comes.
            self.next_pts = next_pts;
        }
    }

    /// Which frames it has.
    #[must_use]
    pub const fn codec(&self) -> AudioCodec {
        self.codec
    }

    /// Nothing of it can be played until it is flushed, where it has this name.
    pub(super) fn refuse(&mut self, name: Option<&'static str>) {
        self.refused = self.refused.or(name);
    }

    /// What decrypts its frames.
    pub fn set_cipher(&mut self, cipher: Option<SampleCipher>) {
        self.cipher = cipher;
    }

    /// Bytes of the stream are missing here: the frame they belonged to is dropped.
    pub fn lose_bytes(&mut self) {
        if self.frame_left > 0 {
            self.payload.truncate(self.frame_start);
            self.frame_left = 0;
            self.problems.dropped += 1;
        }
        self.header.clear();
        self.is_synced = false;
        self.next_pts = None;
    }

    /// Whether the newest frame lacks bytes.
    #[must_use]
    pub fn is_inside_frame(&self) -> bool {
        self.frame_left > 0 || !self.header.is_empty()
    }

    /// Whole frames held.
    #[must_use]
    pub fn finished_frames(&self) -> usize {
        self.frames.len()
    }

    /// The frames that are whole, while the stream goes on.
    pub fn take_finished(&mut self) -> Vec<AudioRun> {
        // A frame that may yet turn out to be noise is waited for.
        if !self.frames.is_empty() && !self.is_last_unproven {
            let is_inside = self.frame_left > 0;
            let begun = is_inside.then(|| self.payload.split_off(self.frame_start));
            self.end_run();
            if let Some(begun) = begun {
                self.open_payload();
                self.frame_start = self.payload.len();
                self.payload.extend_from_slice(&begun);
            }
        }
        core::mem::take(&mut self.runs)
    }

    /// The stream is over; a frame not whole is dropped.
    pub fn flush(&mut self) -> Vec<AudioRun> {
        if self.frame_left > 0 {
            self.payload.truncate(self.frame_start);
            self.problems.dropped += 1;
        }
        self.end_run();
        let runs = core::mem::take(&mut self.runs);
        let problems = core::mem::take(&mut self.problems);
        let Self { capacity_hint, refused, codec, .. } = *self;
        let cipher = self.cipher.take();
        *self = Self { capacity_hint, refused, codec, cipher, problems, ..Self::default() };
        runs
    }

    /// Bytes held, and what it costs to hold them.
    #[must_use]
    pub fn held_len(&self) -> usize {
        let finished: usize = self.runs.iter().map(AudioRun::held_len).sum();
        finished + self.payload.len() + self.frames.len() * SAMPLE_COST_LEN
    }

    /// The name of what was left out since the last call, if nobody plays it.
    pub fn take_refused(&mut self) -> Option<&'static str> {
        self.refused.take()
    }

    /// What had to be left out since the last call.
    pub fn take_problems(&mut self) -> TrackProblems {
        core::mem::take(&mut self.problems)
    }

    /// Collects a header; returns what follows the bytes taken.
    fn push_header<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        if self.header.is_empty() && self.next_pts.is_some() {
            self.frame_pts = self.next_pts.take();
        }
        let wanted = self.codec.header_len(&self.header);
        let taken = rest.len().min(wanted - self.header.len().min(wanted));
        let (now, later) = rest.split_at(taken);
        self.header.extend_from_slice(now);
        if self.header.len() < self.codec.header_len(&self.header) {
            return later;
        }
        match self.codec.parse(&self.header) {
            Some(header) if self.is_plausible(&header) => {
                // Bytes of the frame itself, and what had been waiting here after garbage.
                let payload = self.header.split_off(header.skipped_len);
                self.header.clear();
                self.begin_frame(header);
                self.push(&payload);
            }
            _ => {
                self.note_refused();
                self.skip_garbage();
            }
        }
        later
    }

    /// While out of sync, a header that contradicts what was known is more likely to be noise.
    fn is_plausible(&self, header: &FrameHeader<AudioConfig>) -> bool {
        let is_known = |known: AudioConfig| known == header.config || header.is_extension;
        self.is_synced || self.config.is_none_or(is_known)
    }

    fn begin_frame(&mut self, header: FrameHeader<AudioConfig>) {
        self.is_last_unproven = !self.is_synced && !self.frames.is_empty();
        self.is_synced = true;
        self.is_extension = header.is_extension;
        if self.config != Some(header.config) && !header.is_extension {
            self.end_run();
            self.config = Some(header.config);
        }
        self.open_payload();
        self.frame_start = self.payload.len();
        self.frame_left = header.len;
    }

    fn is_refused(&self) -> bool {
        self.refused.is_some() && self.codec == AudioCodec::Mp3
    }

    /// Layers of MPEG audio that nobody plays, where nothing else came.
    fn note_refused(&mut self) {
        if self.codec == AudioCodec::Mp3 && self.config.is_none() && self.frame_pts.is_some() {
            self.refuse(mpeg_audio::refused_layer(&self.header));
        }
    }

    fn open_payload(&mut self) {
        if self.payload.is_empty() {
            self.payload.reserve_exact((HEAD_ROOM_LEN + self.capacity_hint) / 4 * 5);
            self.payload.resize(HEAD_ROOM_LEN, 0);
        }
    }

    fn end_frame(&mut self) {
        if let Some(cipher) = &self.cipher {
            cipher.decrypt_frame(self.payload.get_mut(self.frame_start..).unwrap_or_default());
        }
        let len = self.payload.len() - self.frame_start;
        if core::mem::take(&mut self.is_extension) {
            match self.frames.last_mut() {
                Some(frame) => frame.len += len,
                // What it belonged to was lost, or has been given out.
                None => {
                    self.payload.truncate(self.frame_start);
                    self.problems.dropped += 1;
                }
            }
            return;
        }
        self.frames.push(AudioFrame { len, pts: self.frame_pts.take() });
    }

    /// What is in `header` is none: on to the next byte that may begin one.
    fn skip_garbage(&mut self) {
        if self.is_synced {
            self.problems.resyncs += 1;
            if self.is_last_unproven
                && let Some(frame) = self.frames.pop()
            {
                self.payload.truncate(self.payload.len() - frame.len);
                self.frame_pts = self.frame_pts.or(frame.pts);
                self.problems.dropped += 1;
            }
        }
        self.is_synced = false;
        self.is_last_unproven = false;
        let next = self.header.iter().skip(1).position(|byte| *byte == self.codec.first_byte());
        self.header.drain(..next.map_or(self.header.len(), |offset| offset + 1));
    }

    fn end_run(&mut self) {
        let payload = core::mem::take(&mut self.payload);
        let frames = core::mem::take(&mut self.frames);
        if let Some(config) = self.config
            && !frames.is_empty()
        {
            if let AudioConfig::Aac(AacConfig { channel_config: 0, .. }) = config {
                self.refused = Some("AAC with channels laid out by a program config element");
                return;
            }
            self.capacity_hint = payload.len() - HEAD_ROOM_LEN;
            self.runs.push(AudioRun { config, payload, frames });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demux::bits::BitWriter;

    const STEREO_48: AacConfig = AacConfig { object_type: 2, rate_index: 3, channel_config: 2 };

    pub(crate) fn frame(config: AacConfig, payload: &[u8], has_crc: bool) -> Vec<u8> {
        let header_len = if has_crc { 9 } else { 7 };
        let mut writer = BitWriter::default();
        writer.put(15, 0b0111_1111_1111_1000);
        writer.put(1, u32::from(!has_crc));
        writer.put(2, u32::from(config.object_type) - 1);
        writer.put(4, u32::from(config.rate_index));
        writer.put(1, 0);
        writer.put(3, u32::from(config.channel_config));
        writer.put(4, 0);
        writer.put(13, (payload.len() + header_len) as u32);
        writer.put(11, 0x7ff);
        writer.put(2, 0);
        let mut bytes = writer.finish();
        bytes.resize(header_len, 0x55);
        bytes.extend(payload);
        bytes
    }

    fn sizes(bytes: &[u8], piece_len: usize) -> (Vec<usize>, TrackProblems) {
        let mut track = AudioTrack::default();
        bytes.chunks(piece_len).for_each(|piece| track.push(piece));
        let runs = track.flush();
        let frames = runs.iter().flat_map(|run| &run.frames).map(|frame| frame.len).collect();
        (frames, track.take_problems())
    }

    #[test]
    fn frames_are_found_whatever_the_pieces() {
        let mut bytes = Vec::new();
        for (index, len) in [300_usize, 1, 7, 8, 9, 500].into_iter().enumerate() {
            bytes.extend(frame(STEREO_48, &vec![0x21; len], index % 2 == 0));
        }
        for piece_len in 1..200 {
            let (frames, problems) = sizes(&bytes, piece_len);
            assert_eq!(frames, [300, 1, 7, 8, 9, 500], "pieces of {piece_len}");
            assert_eq!(problems, TrackProblems::default());
        }
    }

    #[test]
    fn garbage_between_frames_is_passed_over() {
        let mut bytes = frame(STEREO_48, &[1; 100], false);
        bytes.extend([0xff, 0xff, 0xf0, 3, 0xff, 0xf1, 0xff, 9]);
        bytes.extend(frame(STEREO_48, &[2; 90], false));
        bytes.extend(frame(STEREO_48, &[3; 80], false));
        for piece_len in 1..60 {
            let (frames, problems) = sizes(&bytes, piece_len);
            assert_eq!(frames, [100, 90, 80], "pieces of {piece_len}");
            assert_eq!(problems.resyncs, 1);
        }
    }

    #[test]
    fn a_timestamp_belongs_to_the_frame_that_begins_in_its_packet() {
        let bytes = [frame(STEREO_48, &[1; 50], false), frame(STEREO_48, &[2; 50], false)].concat();
        let mut track = AudioTrack::default();
        track.begin_pes(Some(9000));
        track.push(&bytes[..20]);
        track.begin_pes(Some(10_920));
        track.push(&bytes[20..]);
        let runs = track.flush();
        let stamps: Vec<_> = runs[0].frames.iter().map(|frame| frame.pts).collect();
        assert_eq!(stamps, [Some(9000), Some(10_920)]);
        assert_eq!(runs[0].payload.len(), HEAD_ROOM_LEN + 100);
    }

    #[test]
    fn a_change_of_configuration_begins_a_run_and_a_lost_piece_costs_one_frame() {
        let mono = AacConfig { channel_config: 1, ..STEREO_48 };
        let mut track = AudioTrack::default();
        track.push(&frame(STEREO_48, &[1; 50], false));
        track.push(&frame(mono, &[1; 50], false));
        track.push(&frame(mono, &[1; 50], false)[..30]);
        track.lose_bytes();
        track.push(&frame(mono, &[1; 40], false));
        let runs = track.flush();
        let shape: Vec<_> = runs.iter().map(|run| (run.config, run.frames.len())).collect();
        assert_eq!(shape, [(AudioConfig::Aac(STEREO_48), 1), (AudioConfig::Aac(mono), 2)]);
        assert_eq!(track.take_problems().dropped, 1);
    }
}
