//! Packed audio: frames of AAC, MP3, AC-3 or E-AC-3 behind ID3 tags (RFC 8216bis 3.4, ID3v2.4 structure 3 and 4.27).
//!
//! In: a segment's bytes in any chunking. Out: audio runs, the first frame of which carries the
//! timestamp of the PRIV frame `com.apple.streaming.transportStreamTimestamp`. What else the tags
//! say is handed on where anybody asked; what cannot be played is named and refused.

use super::TrackProblems;
use super::audio_config::AudioCodec;
use super::audio_track::{AUDIO_GROUP_FRAMES, AudioRun, AudioTrack};
use super::metadata::TimedTag;
use super::mpeg_audio;
use super::sample_aes::SampleCipher;

pub(super) const ID3_HEADER_LEN: usize = 10;
/// Which codec it is shows in its first bytes.
const SIGNATURE_LEN: usize = 2;
/// Longer tags (cover art) are passed over without being read.
const MAX_TAG_LEN: usize = 256 * 1024;
const TIMESTAMP_OWNER: &[u8] = b"com.apple.streaming.transportStreamTimestamp\0";
/// A tag of that frame alone.
const TIMESTAMP_TAG_LEN: usize = 2 * ID3_HEADER_LEN + TIMESTAMP_OWNER.len() + 8;
/// Of a segment so many are kept.
const MAX_TAGS: usize = 64;
const TIMESTAMP_MASK: u64 = (1 << 33) - 1;

/// The reader of packed audio.
#[derive(Debug, Default)]
pub struct PackedAudio {
    state: State,
    /// The present tag so far, or the bytes that may become one.
    held: Vec<u8>,
    audio: AudioTrack,
    reads_tags: bool,
    tags: Vec<TimedTag>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a tag or of the audio.
    #[default]
    Start,
    /// Inside a tag of this whole length.
    Tag { len: usize },
    /// Inside a tag too long to be read.
    SkipTag { left: usize },
    /// In the audio.
    Audio,
}

impl PackedAudio {
    /// Takes the segment's next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.state {
                State::Start => self.push_start(rest),
                State::Tag { len } => {
                    let (now, later) = rest.split_at(rest.len().min(len - self.held.len()));
                    self.held.extend_from_slice(now);
                    if self.held.len() == len {
                        self.end_tag();
                        self.state = State::Start;
                    }
                    later
                }
                State::SkipTag { left } => {
                    let (now, later) = rest.split_at(rest.len().min(left));
                    self.state = match left - now.len() {
                        0 => State::Start,
                        left => State::SkipTag { left },
                    };
                    later
                }
                State::Audio => {
                    self.audio.push(rest);
                    &[]
                }
            };
        }
    }

    /// What decrypts its frames (SAMPLE-AES).
    pub fn set_cipher(&mut self, cipher: Option<SampleCipher>) {
        self.audio.set_cipher(cipher);
    }

    /// The frames that came so far, once there are enough of them for a fragment.
    pub fn take_finished(&mut self) -> Vec<AudioRun> {
        if self.audio.finished_frames() < AUDIO_GROUP_FRAMES {
            return Vec::new();
        }
        self.audio.take_finished()
    }

    /// The segment is over. Returns its runs, what was left out, and the codec that was refused.
    pub fn flush(&mut self) -> (Vec<AudioRun>, TrackProblems, Option<&'static str>) {
        let runs = self.audio.flush();
        let problems = self.audio.take_problems();
        let mut audio = core::mem::take(&mut self.audio);
        let refused = audio.take_refused();
        let tags = core::mem::take(&mut self.tags);
        *self = Self { audio, tags, reads_tags: self.reads_tags, ..Self::default() };
        (runs, problems, refused)
    }

    /// Which frames it has.
    #[must_use]
    pub const fn codec(&self) -> AudioCodec {
        self.audio.codec()
    }

    /// Bytes held.
    #[must_use]
    pub fn held_len(&self) -> usize {
        let tags_len: usize = self.tags.iter().map(|tag| tag.bytes.len()).sum();
        self.held.len() + tags_len + self.audio.held_len()
    }

    /// Whether ID3 tags are kept for [`Self::take_tags`].
    pub fn set_reads_tags(&mut self, reads_tags: bool) {
        self.reads_tags = reads_tags;
    }

    /// The tags that came since the last call, but for those with the timestamp alone.
    pub fn take_tags(&mut self) -> Vec<TimedTag> {
        core::mem::take(&mut self.tags)
    }

    fn end_tag(&mut self) {
        let pts = timestamp(&self.held);
        if pts.is_some() {
            self.audio.begin_pes(pts);
        }
        let says_more = pts.is_none() || self.held.len() > TIMESTAMP_TAG_LEN;
        if self.reads_tags && says_more && self.tags.len() < MAX_TAGS {
            self.tags.push(TimedTag { pts, bytes: self.held.clone() });
        }
        self.held.clear();
    }

    fn push_start<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let taken = rest.len().min(ID3_HEADER_LEN - self.held.len());
        let (now, later) = rest.split_at(taken);
        self.held.extend_from_slice(now);
        let is_tag = self.held.starts_with(&b"ID3"[..self.held.len().min(3)]);
        // As many bytes as it takes to tell, whatever the chunk brought.
        if self.held.len() < if is_tag { ID3_HEADER_LEN } else { SIGNATURE_LEN } {
            return later;
        }
        if let [b'I', b'D', b'3', _, _, flags, size @ ..] = self.held.as_slice() {
            let has_footer = flags & 0x10 != 0;
            let len = ID3_HEADER_LEN + syncsafe(size) + if has_footer { ID3_HEADER_LEN } else { 0 };
            if len > MAX_TAG_LEN {
                self.state = State::SkipTag { left: len - ID3_HEADER_LEN };
                self.held.clear();
            } else if len == ID3_HEADER_LEN {
                self.held.clear();
            } else {
                self.state = State::Tag { len };
            }
        } else {
            self.state = State::Audio;
            let held = core::mem::take(&mut self.held);
            self.audio.set_codec(match held.as_slice() {
                [0x0b, 0x77, ..] => AudioCodec::Ac3,
                // Layer bits other than 00.
                bytes if mpeg_audio::layer(bytes).is_some() => AudioCodec::Mp3,
                _ => AudioCodec::Aac,
            });
            self.audio.refuse(mpeg_audio::refused_layer(&held));
            self.audio.push(&held);
        }
        later
    }
}

/// Seven bits a byte (ID3v2.4 structure 6.2).
pub(super) fn syncsafe(bytes: &[u8]) -> usize {
    bytes.iter().take(4).fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f))
}

/// The 33-bit timestamp of a whole tag.
fn timestamp(tag: &[u8]) -> Option<u64> {
    const FRAME_HEADER_LEN: usize = 10;
    let is_version_3 = tag.get(3) == Some(&3);
    let mut rest = tag.get(ID3_HEADER_LEN..)?;
    if tag.get(5)? & 0x40 != 0 {
        // The extended header's size counts itself in version 4 and does not in version 3.
        let size = syncsafe(rest) + if is_version_3 { 4 } else { 0 };
        rest = rest.get(size..)?;
    }
    while let Some((header, tail)) = rest.split_first_chunk::<FRAME_HEADER_LEN>() {
        let len = if is_version_3 {
            u32::from_be_bytes([header[4], header[5], header[6], header[7]]) as usize
        } else {
            syncsafe(&header[4..8])
        };
        let payload = tail.get(..len)?;
        if header.starts_with(b"PRIV")
            && let Some(stamp) = payload.strip_prefix(TIMESTAMP_OWNER)
            && let Some(stamp) = stamp.first_chunk::<8>()
        {
            return Some(u64::from_be_bytes(*stamp) & TIMESTAMP_MASK);
        }
        rest = &tail[len..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(pts: u64) -> Vec<u8> {
        let payload = [TIMESTAMP_OWNER, &pts.to_be_bytes()].concat();
        let mut frame = b"PRIV\0\0\0".to_vec();
        frame.push(payload.len() as u8);
        frame.extend([0, 0]);
        frame.extend(payload);
        let mut tag = b"ID3\x04\0\0\0\0\0".to_vec();
        tag.push(frame.len() as u8);
        tag.extend(frame);
        tag
    }

    #[test]
    fn the_timestamp_reaches_the_first_frame_in_any_chunking() {
        let header = [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x7f, 0xfc];
        let mut bytes = b"ID3\x04\0\0\0\0\0\0".to_vec();
        bytes.extend(tag(0x1_2345_6789));
        bytes.extend(header);
        bytes.extend([1; 4]);
        for chunk_len in 1..bytes.len() {
            let mut audio = PackedAudio::default();
            bytes.chunks(chunk_len).for_each(|chunk| audio.push(chunk));
            let (runs, problems, refused) = audio.flush();
            assert_eq!(runs[0].frames.len(), 1, "chunks of {chunk_len}");
            assert_eq!(runs[0].frames[0].pts, Some(0x1_2345_6789));
            assert_eq!((problems, refused), (TrackProblems::default(), None));
        }
    }

    #[test]
    fn each_codec_is_known_by_its_first_bytes() {
        let mut audio = PackedAudio::default();
        audio.push(&[tag(1), vec![0x0b, 0x77, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]].concat());
        assert_eq!(audio.codec(), AudioCodec::Ac3);
        for chunk_len in 1..11 {
            let mut audio = PackedAudio::default();
            let bytes = [0xff, 0xfb, 0x90, 0, 0, 0, 0, 0, 0, 0, 0];
            bytes.chunks(chunk_len).for_each(|chunk| audio.push(chunk));
            assert_eq!(audio.codec(), AudioCodec::Mp3, "chunks of {chunk_len}");
            let mut audio = PackedAudio::default();
            let bytes = [0xff, 0xfd, 0x90, 0, 0, 0, 0, 0, 0, 0, 0];
            bytes.chunks(chunk_len).for_each(|chunk| audio.push(chunk));
            assert_eq!(audio.flush().2, Some("MPEG audio layer 2 (mp2)"), "chunks of {chunk_len}");
        }
    }
}
