//! What a stream of sound is, whatever its codec.
//!
//! In: the begin of a frame, and which codec it is of. Out: its [`AudioConfig`] and length. What it means is for the
//! module of each codec.

use super::aac::{self, AacConfig};
use super::ac3::{self, Ac3Config};
use super::frame_header::FrameHeader;
use super::mpeg_audio::{self, Mp3Config};
use super::opus::{self, OpusConfig};

/// Which frames a stream has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AudioCodec {
    /// AAC in ADTS.
    #[default]
    Aac,
    /// AC-3 or E-AC-3: the frames tell.
    Ac3,
    /// MP3.
    Mp3,
    /// Opus behind the control headers of a transport stream, with so many channels.
    Opus(u8),
}

/// What frames say about their stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioConfig {
    /// AAC.
    Aac(AacConfig),
    /// AC-3 and E-AC-3.
    Ac3(Ac3Config),
    /// MP3.
    Mp3(Mp3Config),
    /// Opus.
    Opus(OpusConfig),
}

impl AudioCodec {
    /// The name that errors have.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "AAC",
            Self::Ac3 => "AC-3",
            Self::Mp3 => "MP3",
            Self::Opus(_) => "Opus",
        }
    }

    /// A frame may begin with this byte.
    pub(super) const fn first_byte(self) -> u8 {
        match self {
            Self::Aac | Self::Mp3 => 0xff,
            Self::Ac3 => 0x0b,
            Self::Opus(_) => 0x7f,
        }
    }

    /// Bytes of a header, as far as those that came can tell.
    pub(super) fn header_len(self, bytes: &[u8]) -> usize {
        match self {
            Self::Aac => aac::header_len(bytes),
            Self::Ac3 => ac3::HEADER_LEN,
            Self::Mp3 => mpeg_audio::HEADER_LEN,
            Self::Opus(_) => opus::wanted_len(bytes),
        }
    }

    pub(super) fn parse(self, bytes: &[u8]) -> Option<FrameHeader<AudioConfig>> {
        Some(match self {
            Self::Aac => aac::parse(bytes)?.map(AudioConfig::Aac),
            Self::Ac3 => ac3::parse(bytes)?.map(AudioConfig::Ac3),
            Self::Mp3 => mpeg_audio::parse(bytes)?.map(AudioConfig::Mp3),
            Self::Opus(channels) => opus::parse(bytes, channels)?.map(AudioConfig::Opus),
        })
    }
}

impl AudioConfig {
    /// Which frames these are.
    #[must_use]
    pub const fn codec(&self) -> AudioCodec {
        match self {
            Self::Aac(_) => AudioCodec::Aac,
            Self::Ac3(_) => AudioCodec::Ac3,
            Self::Mp3(_) => AudioCodec::Mp3,
            Self::Opus(config) => AudioCodec::Opus(config.channels),
        }
    }

    /// Samples of each channel a second.
    #[must_use]
    pub fn sample_rate_hz(&self) -> u32 {
        match self {
            Self::Aac(config) => config.sample_rate_hz(),
            Self::Ac3(config) => config.sample_rate_hz(),
            Self::Mp3(config) => config.sample_rate_hz,
            Self::Opus(_) => opus::SAMPLE_RATE_HZ,
        }
    }

    /// Samples of each channel in a frame.
    #[must_use]
    pub fn frame_samples(&self) -> u32 {
        match self {
            Self::Aac(_) => aac::FRAME_SAMPLES,
            Self::Ac3(config) => config.frame_samples(),
            Self::Mp3(config) => config.frame_samples(),
            Self::Opus(config) => config.packet_samples,
        }
    }

    /// Number of channels.
    #[must_use]
    pub fn channel_count(&self) -> u16 {
        match self {
            Self::Aac(config) => config.channel_count(),
            Self::Ac3(config) => config.channel_count(),
            Self::Mp3(config) => 2 - u16::from(config.is_mono),
            Self::Opus(config) => u16::from(config.channels),
        }
    }

    /// One frame of silence, where it can be written without an encoder: not for AC-3.
    #[must_use]
    pub fn silent_frame(&self) -> Option<Vec<u8>> {
        match self {
            Self::Aac(config) => Some(config.silent_frame()),
            Self::Ac3(_) => None,
            Self::Mp3(config) => Some(config.silent_frame()),
            Self::Opus(config) => config.silent_frame(),
        }
    }
}
