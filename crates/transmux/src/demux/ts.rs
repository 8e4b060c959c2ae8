//! The transport stream demultiplexer (ISO/IEC 13818-1 2.4.3).
//!
//! In: a segment's bytes in any chunking. Out: video and audio runs at the flush, and what was
//! wrong. mpeg2ts-reader reads packet, section and PES headers; framing, duplicates, continuity
//! and PES headers that straddle packets are seen to by ourselves, since it loses data over each of them.
//! Packets before the program map are kept, up to a limit, and read again once it is there.

use super::TrackProblems;
use super::audio_config::AudioCodec;
use super::audio_track::{AUDIO_GROUP_FRAMES, AudioRun, AudioTrack};
use super::framer::{Flushed, Framer, PACKET_LEN, PacketBytes};
use super::h264::{VideoRun, VideoTrack};
use super::metadata::{MetadataTrack, TimedTag};
use super::pes::{HeaderParse, Pes, PesState, Succession, parse_header};
use super::program::{Pat, Pmt, Program, Table, association_table, map_table};
use super::sample_aes::SampleCipher;
use mpeg2ts_reader::packet::Packet;

/// Bytes of packets kept while waiting for the program map.
const MAX_EARLY_LEN: usize = 2 * 1024 * 1024;
/// What may become of them at once: far more than of pictures and sound.
const MAX_EARLY_HELD_LEN: usize = 4 * MAX_EARLY_LEN;
const PAT_PID: u16 = 0;
const NULL_PID: u16 = 0x1fff;

/// What one segment gave.
#[derive(Debug, Default)]
pub struct Demuxed {
    /// In decoding order.
    pub video: Vec<VideoRun>,
    /// In order.
    pub audio: Vec<AudioRun>,
    /// What was wrong.
    pub report: TsReport,
}

/// What was wrong with a segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TsReport {
    /// Bytes outside any packet.
    pub skipped_bytes: u64,
    /// Places where packets are missing, by the continuity counter.
    pub continuity_gaps: u32,
    /// The last packet broke off.
    pub is_truncated: bool,
    /// No program map came.
    pub has_no_program: bool,
    /// Packets were scrambled, or streams encrypted with SAMPLE-AES.
    pub encryption: Option<&'static str>,
    /// Codecs that cannot be played, of which there was no playable stream of the same kind.
    pub unsupported_codecs: Vec<&'static str>,
    /// PES packets of timed ID3.
    pub metadata_packets: u32,
    /// Access units left out.
    pub video: TrackProblems,
    /// Frames left out.
    pub audio: TrackProblems,
}

/// The demultiplexer.
#[derive(Debug)]
pub struct TsDemuxer {
    framer: Framer,
    streams: Streams,
}

impl Default for TsDemuxer {
    fn default() -> Self {
        Self { framer: Framer::default(), streams: Streams::new() }
    }
}

impl TsDemuxer {
    /// Takes the segment's next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let streams = &mut self.streams;
        self.framer.push(bytes, |packet| streams.push(packet));
    }

    /// Whether [`Self::take_finished`] gives anything before the segment is over.
    pub fn set_growing(&mut self, is_growing: bool) {
        self.streams.video.set_growing(is_growing);
    }

    /// What came so far and is worth a fragment, while the segment goes on: the video's closed
    /// runs, and the audio frames that came with them.
    pub fn take_finished(&mut self) -> (Vec<VideoRun>, Vec<AudioRun>) {
        let streams = &mut self.streams;
        streams.video_runs.extend(streams.video.take_finished());
        if !streams.video_runs.is_empty() || streams.audio.finished_frames() >= AUDIO_GROUP_FRAMES {
            streams.audio_runs.extend(streams.audio.take_finished());
        }
        (core::mem::take(&mut streams.video_runs), core::mem::take(&mut streams.audio_runs))
    }

    /// Whether timed ID3 is kept for [`Self::take_tags`].
    pub fn set_reads_tags(&mut self, reads_tags: bool) {
        self.streams.metadata.set_read(reads_tags);
    }

    /// The ID3 tags that came whole since the last call.
    pub fn take_tags(&mut self) -> Vec<TimedTag> {
        self.streams.metadata.take()
    }

    /// Whether the program map announces both video and audio.
    #[must_use]
    pub fn announces_both(&self) -> bool {
        self.streams
            .program
            .as_ref()
            .is_some_and(|program| program.video.is_some() && program.audio.is_some())
    }

    /// What decrypts the streams that are encrypted (SAMPLE-AES), from the next segment on.
    pub fn set_cipher(&mut self, cipher: Option<SampleCipher>) {
        let streams = &mut self.streams;
        streams.cipher = cipher;
        if let Some(program) = &streams.program {
            streams.video.set_cipher(streams.cipher.clone().filter(|_| program.is_video_encrypted));
            streams.audio.set_cipher(streams.cipher.clone().filter(|_| program.is_audio_encrypted));
        }
    }

    /// Which frames the sound has, by the newest program map.
    #[must_use]
    pub const fn audio_codec(&self) -> AudioCodec {
        self.streams.audio.codec()
    }

    /// The segment is over.
    pub fn flush(&mut self) -> Demuxed {
        let streams = &mut self.streams;
        let flushed = self.framer.flush(|packet| streams.push(packet));
        streams.flush(flushed)
    }

    /// What follows has nothing to do with what came: forgets all.
    pub fn reset(&mut self) {
        self.framer = Framer::default();
        self.streams.reset();
    }

    /// Bytes held.
    #[must_use]
    pub fn held_len(&self) -> usize {
        self.streams.held_len()
    }
}

#[derive(Debug)]
struct Streams {
    association: Table<Pat>,
    map: Table<Pmt>,
    map_pid: Option<u16>,
    program: Option<Program>,
    cipher: Option<SampleCipher>,
    /// Whole packets that came before the program map.
    early: Vec<u8>,
    video_pes: Pes,
    audio_pes: Pes,
    video: VideoTrack,
    audio: AudioTrack,
    metadata: MetadataTrack,
    video_runs: Vec<VideoRun>,
    audio_runs: Vec<AudioRun>,
    report: TsReport,
}

impl Streams {
    fn new() -> Self {
        Self {
            association: association_table(),
            map: map_table(),
            map_pid: None,
            program: None,
            cipher: None,
            early: Vec::new(),
            video_pes: Pes::default(),
            audio_pes: Pes::default(),
            video: VideoTrack::default(),
            audio: AudioTrack::default(),
            metadata: MetadataTrack::default(),
            video_runs: Vec::new(),
            audio_runs: Vec::new(),
            report: TsReport::default(),
        }
    }

    fn reset(&mut self) {
        let mut video = core::mem::take(&mut self.video);
        let mut audio = core::mem::take(&mut self.audio);
        video.reset();
        audio.flush();
        audio.take_problems();
        audio.take_refused();
        let mut metadata = core::mem::take(&mut self.metadata);
        metadata.reset();
        let cipher = self.cipher.take();
        *self = Self { video, audio, metadata, cipher, ..Self::new() };
    }

    fn push(&mut self, bytes: &PacketBytes) {
        let packet = Packet::new(bytes);
        let pid = u16::from(packet.pid());
        if pid == NULL_PID || packet.transport_error_indicator() {
            // A damaged packet counts as lost: its counter will be missed.
            return;
        }
        if pid == PAT_PID {
            self.association.push(&mut self.map_pid, &packet);
        } else if self.map_pid == Some(pid) {
            self.push_map(&packet);
        } else if self.program.is_none() {
            if self.early.len() + PACKET_LEN <= MAX_EARLY_LEN {
                self.early.extend_from_slice(bytes);
            } else {
                self.report.skipped_bytes += PACKET_LEN as u64;
            }
        } else {
            self.push_stream(pid, &packet);
        }
    }

    fn push_map(&mut self, packet: &Packet<'_>) {
        let mut found = None;
        self.map.push(&mut found, packet);
        let Some(program) = found else { return };
        if self.program.as_ref() == Some(&program) {
            return;
        }
        if self.program.is_some() {
            self.flush_tracks();
        }
        self.video_pes = Pes::default();
        self.audio_pes = Pes::default();
        self.metadata.flush();
        for refused in &program.unsupported {
            let has_other =
                if refused.is_video { program.video.is_some() } else { program.audio.is_some() };
            if refused.is_encrypted {
                self.report.encryption = Some("SAMPLE-AES");
            } else if !has_other && !self.report.unsupported_codecs.contains(&refused.codec) {
                self.report.unsupported_codecs.push(refused.codec);
            }
        }
        let mut program = program;
        self.audio.set_codec(program.audio_codec);
        self.video.set_cipher(self.cipher.clone().filter(|_| program.is_video_encrypted));
        self.audio.set_cipher(self.cipher.clone().filter(|_| program.is_audio_encrypted));
        if self.cipher.is_none() && (program.is_video_encrypted || program.is_audio_encrypted) {
            self.report.encryption = Some("SAMPLE-AES");
            program.video = program.video.filter(|_| !program.is_video_encrypted);
            program.audio = program.audio.filter(|_| !program.is_audio_encrypted);
        }
        self.program = Some(program);
        let early = core::mem::take(&mut self.early);
        for bytes in early.chunks_exact(PACKET_LEN) {
            if self.held_len() > MAX_EARLY_HELD_LEN {
                self.report.skipped_bytes += PACKET_LEN as u64;
                continue;
            }
            let packet = Packet::new(bytes);
            let pid = u16::from(packet.pid());
            if self.map_pid != Some(pid) {
                self.push_stream(pid, &packet);
            }
        }
    }

    #[inline]
    fn push_stream(&mut self, pid: u16, packet: &Packet<'_>) {
        let Some(program) = &self.program else { return };
        let is_video = program.video == Some(pid);
        let is_audio = program.audio == Some(pid);
        if !is_video && !is_audio {
            if program.metadata == Some(pid) {
                self.report.metadata_packets += u32::from(packet.payload_unit_start_indicator());
                self.metadata.push(packet);
            }
            return;
        }
        let Some(payload) = packet.payload() else { return };
        if packet.transport_scrambling_control().is_scrambled() {
            self.report.encryption = Some("transport stream scrambling");
            return;
        }
        let pes = if is_video { &mut self.video_pes } else { &mut self.audio_pes };
        let begins_unit = packet.payload_unit_start_indicator();
        let is_carried_over = core::mem::take(&mut pes.is_carried_over);
        let is_broken_off = is_carried_over && begins_unit && pes.state.lacks_bytes();
        match pes.continuity.advance(packet, payload) {
            Succession::Duplicate => return,
            Succession::Next if !is_broken_off => {}
            // A segment may count from 0 again: nothing is wrong, but that the packet does not go on.
            Succession::Gap | Succession::Next => {
                self.report.continuity_gaps += u32::from(!is_carried_over);
                pes.header.clear();
                pes.state = PesState::Idle;
                if is_video { self.video.lose_bytes() } else { self.audio.lose_bytes() }
            }
        }
        if begins_unit {
            pes.header.clear();
            pes.state = PesState::Header;
            pes.is_random_access =
                packet.adaptation_field().is_some_and(|field| field.random_access_indicator());
        }
        let payload = match &mut pes.state {
            PesState::Idle => return,
            PesState::Payload { left: None } => payload,
            PesState::Payload { left: Some(left) } => {
                let piece = &payload[..payload.len().min(*left)];
                *left -= piece.len();
                piece
            }
            PesState::Header => {
                let is_straddling = !pes.header.is_empty();
                if is_straddling {
                    pes.header.extend_from_slice(payload);
                }
                let bytes = if is_straddling { pes.header.as_slice() } else { payload };
                match parse_header(bytes) {
                    HeaderParse::NeedMore => {
                        if !is_straddling {
                            pes.header.extend_from_slice(payload);
                        }
                        return;
                    }
                    HeaderParse::Broken => {
                        pes.state = PesState::Idle;
                        return;
                    }
                    HeaderParse::Parsed(header) => {
                        let piece_len = header
                            .left
                            .map_or(header.payload.len(), |left| left.min(header.payload.len()));
                        let piece = &header.payload[..piece_len];
                        pes.state =
                            PesState::Payload { left: header.left.map(|left| left - piece_len) };
                        if is_video {
                            self.video.begin_pes(header.timestamps, pes.is_random_access);
                            self.video.push(piece);
                        } else {
                            self.audio.begin_pes(header.timestamps.map(|stamps| stamps.pts));
                            self.audio.push(piece);
                        }
                        return;
                    }
                }
            }
        };
        if is_video { self.video.push(payload) } else { self.audio.push(payload) }
    }

    fn held_len(&self) -> usize {
        let video_len: usize = self.video_runs.iter().map(VideoRun::held_len).sum();
        let audio_len: usize = self.audio_runs.iter().map(AudioRun::held_len).sum();
        let runs_len = video_len + audio_len;
        let tracks_len = self.video.held_len() + self.audio.held_len() + self.metadata.held_len();
        self.early.len() + runs_len + tracks_len
    }

    fn flush_tracks(&mut self) {
        self.video_runs.extend(self.video.flush());
        self.audio_runs.extend(self.audio.flush());
    }

    fn flush(&mut self, flushed: Flushed) -> Demuxed {
        if flushed.is_truncated {
            // The packet broke off inside some stream's data: whichever it was, the newest access
            // unit and frame cannot be trusted to be whole.
            self.video.lose_bytes();
            self.audio.lose_bytes();
        }
        self.video_runs.extend(self.video.flush());
        // A frame of sound may go on in the next segment, whose stream carries this one on (RFC
        // 8216bis 3); a picture does not, as segments begin with one.
        let goes_on = !flushed.is_truncated
            && (self.audio.is_inside_frame() || self.audio_pes.state.lacks_bytes());
        self.audio_runs.extend(if goes_on {
            self.audio.take_finished()
        } else {
            self.audio.flush()
        });
        self.metadata.flush();
        let mut report = core::mem::take(&mut self.report);
        report.skipped_bytes += flushed.skipped_bytes;
        report.is_truncated = flushed.is_truncated;
        report.has_no_program = self.program.is_none();
        report.video = self.video.take_problems();
        report.audio = self.audio.take_problems();
        report.unsupported_codecs.extend(self.audio.take_refused());
        self.early.clear();
        self.video_pes = Pes::default();
        if !goes_on {
            self.audio_pes = Pes::default();
        }
        self.audio_pes.is_carried_over = goes_on;
        Demuxed {
            video: core::mem::take(&mut self.video_runs),
            audio: core::mem::take(&mut self.audio_runs),
            report,
        }
    }
}
