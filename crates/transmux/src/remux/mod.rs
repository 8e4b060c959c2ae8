//! From access units to fMP4 for Media Source Extensions (ISO/IEC 14496-12, -14, -15).
//!
//! In: a TS or packed-audio segment in chunks, and where it belongs on the presentation timeline.
//! Out: init segments and media segments ready to append, one track each: at the segment's end, or,
//! for a segment that is still being written, for each tenth of a second as it comes. It buffers
//! one segment at most and appends nothing.

mod audio;
mod bounds;
mod boxes;
mod emit;
mod fragment_bytes;
mod init_segment;
mod media_segment;
mod pending_segment;
mod report;
mod side_data;
mod timestamps;
mod video;

pub use bounds::max_span_secs;
pub use fragment_bytes::FragmentBytes;
pub use side_data::SideData;
pub use timestamps::TimestampMapping;

use crate::Error;
use crate::TrackKind;
use crate::demux::audio_config::{AudioCodec, AudioConfig};
use crate::demux::container::Format;
use crate::demux::h264::AvcConfig;
use crate::demux::packed_audio::PackedAudio;
use crate::demux::sample_aes::{SampleCipher, SampleKey};
use crate::demux::ts::TsDemuxer;
use audio::AudioTimeline;
use bounds::Bounds;
use init_segment::AudioExtension;
use pending_segment::PendingSegment;
use side_data::SideQueue;
use std::collections::VecDeque;
use timestamps::{Mappings, secs_of};
use video::VideoTimeline;

/// What one segment holds at most; the rest is dropped.
pub const MAX_SEGMENT_LEN: usize = 64 * 1024 * 1024;

/// What the transmuxer must know before a segment's bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentStart {
    /// What its bytes are; [`Format::of`] tells it of a whole segment,
    /// [`Container::sniff`](crate::demux::container::Container::sniff) by the first bytes.
    pub format: Format,
    /// Where the playlist puts it on the presentation timeline.
    pub timeline_start_secs: f64,
    /// EXTINF, for the last frame's duration where nothing better is known.
    pub duration_secs: f64,
    /// Its discontinuity sequence number: timestamps of one number share one mapping to the
    /// presentation timeline (RFC 8216bis 6.2.4), whatever the variant.
    pub discontinuity_sequence: u64,
    /// What it has to do with the segment before.
    pub succession: Succession,
    /// It is still being written: fragments are given out as its bytes come. Else there is one for
    /// each track and configuration, at its end.
    pub is_growing: bool,
}

/// How a segment follows the one that was taken in before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Succession {
    /// Not at all, as after a seek or a lost segment: nothing carries over but the mapping.
    Apart,
    /// It begins where that one ended, over a discontinuity or in another variant: it is other
    /// media, but the viewer is to notice no hole.
    Adjacent,
    /// It carries on the same elementary streams.
    Contiguous,
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
        /// Presentation time of the earliest frame; inside a segment still being written, where the
        /// fragment before it ended.
        start_secs: f64,
        /// Presentation time at which the last frame ends, or up to which there is no gap where
        /// frames shown earlier are still to come.
        end_secs: f64,
        /// Begins with a sync sample.
        is_independent: bool,
        /// The bytes.
        bytes: FragmentBytes,
    },
    /// Something was repaired or dropped ([`Error::DamagedMedia`]), or cannot be played at all.
    Problem(Error),
}

/// TS or packed audio in, fMP4 out.
#[derive(Debug, Default)]
pub struct Transmuxer {
    segment: Option<Segment>,
    ts: TsDemuxer,
    packed: PackedAudio,
    mappings: Mappings,
    video: TrackOutput<AvcConfig>,
    audio: TrackOutput<AudioConfig>,
    video_timeline: VideoTimeline,
    audio_timeline: AudioTimeline,
    audio_extension: AudioExtension,
    is_sound_promised: bool,
    sample_key: Option<SampleKey>,
    bounds: Bounds,
    results: VecDeque<Transmuxed>,
    reads_side_data: bool,
    side_data: SideQueue,
}

/// What a track's init segment last said, and its count of fragments.
#[derive(Debug)]
struct TrackOutput<C> {
    config: Option<C>,
    sequence_number: u32,
}

impl<C> Default for TrackOutput<C> {
    fn default() -> Self {
        Self { config: None, sequence_number: 0 }
    }
}

/// The segment being taken in.
#[derive(Debug)]
struct Segment {
    start: SegmentStart,
    pending: PendingSegment,
}

impl Transmuxer {
    /// With no history.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a segment. An unfinished one before it is dropped.
    pub fn begin_segment(&mut self, start: SegmentStart) {
        let is_unfinished = self.segment.is_some() || self.bounds.is_exceeded();
        if is_unfinished || start.succession != Succession::Contiguous {
            let is_adjacent = !is_unfinished && start.succession == Succession::Adjacent;
            self.ts.reset();
            self.packed = PackedAudio::default();
            self.packed.set_reads_tags(self.reads_side_data);
            self.packed.set_cipher(self.sample_key.map(SampleCipher::new));
            self.video_timeline.break_off(is_adjacent);
            self.audio_timeline.break_off(is_adjacent);
            self.video.config = None;
            self.audio.config = None;
        }
        self.ts.set_growing(start.is_growing);
        let pending = PendingSegment::default();
        self.bounds = Bounds::new(start.duration_secs);
        self.segment = Some(Segment { start, pending });
    }

    /// Takes the segment's next bytes, in any chunking.
    pub fn push(&mut self, bytes: &[u8]) {
        self.push_to_demuxer(bytes);
        if self.segment.as_ref().is_some_and(|segment| segment.start.is_growing) {
            self.emit_finished();
        }
    }

    /// Gives out what came of a segment that is still being written.
    fn emit_finished(&mut self) {
        let Some(mut segment) = self.segment.take() else { return };
        let (video, audio) = match segment.start.format {
            Format::MpegTs => self.ts.take_finished(),
            Format::PackedAudio => (Vec::new(), self.packed.take_finished()),
        };
        segment.pending.add(video, audio);
        self.take_tags(&mut segment);
        let may_come = segment.start.format == Format::MpegTs && self.ts.announces_both();
        if segment.pending.is_ready(may_come) {
            self.emit(&mut segment);
        }
        self.segment = Some(segment);
    }

    /// The segment is complete: flushes what was held for it.
    pub fn end_segment(&mut self) {
        let Some(mut segment) = self.segment.take() else { return };
        let had_media = segment.pending.has_media();
        let (video, audio) = match segment.start.format {
            Format::MpegTs => {
                let demuxed = self.ts.flush();
                let codec = self.ts.audio_codec();
                report::transport_stream(&demuxed, codec, had_media, |problem| {
                    self.results.push_back(Transmuxed::Problem(problem));
                });
                (demuxed.video, demuxed.audio)
            }
            Format::PackedAudio => {
                let (runs, problems, refused) = self.packed.flush();
                let has_audio = had_media || !runs.is_empty();
                let codec = self.packed.codec();
                report::packed_audio(codec, has_audio, problems, refused, |problem| {
                    self.results.push_back(Transmuxed::Problem(problem));
                });
                (Vec::new(), runs)
            }
        };
        segment.pending.add(video, audio);
        self.take_tags(&mut segment);
        self.emit(&mut segment);
        let codec = self.audio_codec(segment.start.format);
        segment.pending.tell_problems(codec, |format, problem| self.report(format, problem));
        if self.bounds.is_exceeded() {
            let problem = "out of proportion: a segment that takes far more memory, or plays far \
                           longer, than its bytes and its EXTINF say; the rest is left out";
            self.report("media", problem.to_owned());
        }
    }

    /// Whether the program map of the newest segment announces both sound and picture.
    #[must_use]
    pub fn announces_both(&self) -> bool {
        self.ts.announces_both()
    }

    /// The next result, or `None` when all is given.
    pub fn poll(&mut self) -> Option<Transmuxed> {
        self.results.pop_front()
    }

    /// Whether [`Self::poll_side_data`] gives anything, from the next segment on. It is off at first, and then costs
    /// nothing.
    pub fn set_reads_side_data(&mut self, reads_side_data: bool) {
        self.reads_side_data = reads_side_data;
        self.ts.set_reads_tags(reads_side_data);
        self.packed.set_reads_tags(reads_side_data);
    }

    /// The next of what the segments carry beside picture and sound: ID3 tags. It comes with the fragments it belongs
    /// to; 4 MB of it are kept.
    pub fn poll_side_data(&mut self) -> Option<SideData> {
        self.side_data.pop()
    }

    /// Which timestamps mean which presentation times, once a segment of that discontinuity
    /// sequence number is through: for the transmuxer of another track or variant.
    #[must_use]
    pub fn mapping(&self, discontinuity_sequence: u64) -> Option<TimestampMapping> {
        self.mappings.get(discontinuity_sequence)
    }

    /// Takes over another transmuxer's mapping. Before [`Self::end_segment`] is soon enough, for a
    /// segment still being written before its first bytes.
    pub fn adopt_mapping(&mut self, mapping: TimestampMapping) {
        self.mappings.set(mapping);
    }

    /// Tells which AAC the playlist's CODECS announces, if any: where no sound comes, silence is laid.
    /// ADTS headers cannot say HE-AAC; players that do not look for it by themselves then play half
    /// the bandwidth.
    pub fn set_audio_codec(&mut self, codec: Option<&str>) {
        self.is_sound_promised = codec.is_some();
        self.audio_extension = match codec.unwrap_or_default().trim_ascii() {
            "mp4a.40.5" => AudioExtension::BandReplication,
            "mp4a.40.29" => AudioExtension::ParametricStereo,
            _ => AudioExtension::None,
        };
    }

    /// What the samples of the segment that begins next, and of those after it, are encrypted with: METHOD=SAMPLE-AES
    /// (RFC 8216bis 4.4.4.4). Streams that their program map calls clear are left alone.
    pub fn set_sample_key(&mut self, key: Option<SampleKey>) {
        if self.sample_key != key {
            self.sample_key = key;
            let cipher = key.map(SampleCipher::new);
            self.packed.set_cipher(cipher.clone());
            self.ts.set_cipher(cipher);
        }
    }

    fn push_to_demuxer(&mut self, bytes: &[u8]) {
        let Some(segment) = &self.segment else { return };
        let mut rest = bytes;
        while !rest.is_empty() && !self.bounds.is_exceeded() {
            let (piece, later) = self.bounds.piece(rest);
            rest = later;
            let held_len = match segment.start.format {
                Format::MpegTs => {
                    self.ts.push(piece);
                    self.ts.held_len()
                }
                Format::PackedAudio => {
                    self.packed.push(piece);
                    self.packed.held_len()
                }
            };
            self.bounds.check(held_len, MAX_SEGMENT_LEN);
        }
    }

    fn audio_codec(&self, format: Format) -> AudioCodec {
        match format {
            Format::MpegTs => self.ts.audio_codec(),
            Format::PackedAudio => self.packed.codec(),
        }
    }

    fn take_tags(&mut self, segment: &mut Segment) {
        if self.reads_side_data {
            let tags = match segment.start.format {
                Format::MpegTs => self.ts.take_tags(),
                Format::PackedAudio => self.packed.take_tags(),
            };
            segment.pending.tags.extend(tags);
        }
    }

    fn emit_video(&mut self, planned: video::PlannedVideo) {
        if self.video.config.as_ref() != Some(&planned.config) {
            let bytes = init_segment::video(&planned.config);
            self.give(Transmuxed::Init {
                track: TrackKind::Video,
                codec: planned.config.sps.codec_string(),
                bytes: FragmentBytes::new(bytes, 0),
            });
            self.video.config = Some(planned.config);
        }
        self.video.sequence_number = self.video.sequence_number.wrapping_add(1);
        let mut fragment = planned.fragment;
        fragment.sequence_number = self.video.sequence_number;
        self.give(Transmuxed::Fragment {
            track: TrackKind::Video,
            start_secs: secs_of(planned.start_ticks),
            end_secs: secs_of(planned.end_ticks),
            is_independent: planned.is_independent,
            bytes: media_segment::write(fragment),
        });
    }

    fn emit_audio(&mut self, planned: audio::PlannedAudio) {
        if self.audio.config != Some(planned.config) {
            let bytes = init_segment::audio(&planned.config, self.audio_extension);
            self.give(Transmuxed::Init {
                track: TrackKind::Audio,
                codec: init_segment::audio_codec_string(&planned.config, self.audio_extension),
                bytes: FragmentBytes::new(bytes, 0),
            });
            self.audio.config = Some(planned.config);
        }
        self.audio.sequence_number = self.audio.sequence_number.wrapping_add(1);
        let mut fragment = planned.fragment;
        fragment.sequence_number = self.audio.sequence_number;
        self.give(Transmuxed::Fragment {
            track: TrackKind::Audio,
            start_secs: planned.start_secs,
            end_secs: planned.end_secs,
            is_independent: true,
            bytes: media_segment::write(fragment),
        });
    }

    fn give(&mut self, result: Transmuxed) {
        if let Transmuxed::Init { bytes, .. } | Transmuxed::Fragment { bytes, .. } = &result {
            self.bounds.note_made(bytes.held_len());
        }
        self.results.push_back(result);
    }

    fn report(&mut self, format: &'static str, problem: String) {
        self.results.push_back(Transmuxed::Problem(Error::DamagedMedia { format, problem }));
    }
}
