//! What an encoder makes: tracks and samples, with times that count from the Unix epoch.

use bytes::Bytes;

/// Length of every segment, and what its number counts: segment `n` begins `n` times this after
/// the Unix epoch, on whichever origin.
pub const SEGMENT_SECS: u64 = 2;

/// What a track's decoder has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codec {
    /// H.264.
    Avc {
        /// Width of the coded picture.
        width_px: u32,
        /// Height of the coded picture.
        height_px: u32,
        /// The `avcC` box's content.
        config: Bytes,
    },
    /// AAC.
    Aac {
        /// The AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1).
        config: Bytes,
    },
}

/// One elementary stream.
#[derive(Debug, Clone)]
pub struct Track {
    /// As in the fragments it came in.
    pub id: u32,
    /// Ticks a second of its samples' times.
    pub timescale: u32,
    /// How it is coded.
    pub codec: Codec,
    /// The whole `trak` box, without an edit list.
    pub trak: Bytes,
}

impl Track {
    /// Whether it is the picture.
    pub fn is_video(&self) -> bool {
        matches!(self.codec, Codec::Avc { .. })
    }

    /// RFC 6381's name of the codec.
    pub fn codec_name(&self) -> String {
        match &self.codec {
            Codec::Avc { config, .. } => {
                let byte = |at: usize| config.get(at).copied().unwrap_or_default();
                format!("avc1.{:02x}{:02x}{:02x}", byte(1), byte(2), byte(3))
            }
            // The object type is the first five bits.
            Codec::Aac { config } => {
                format!("mp4a.40.{}", config.first().copied().unwrap_or(2 << 3) >> 3)
            }
        }
    }
}

/// One coded picture or one frame of audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Decode time in the track's timescale, since the Unix epoch.
    pub dts: u64,
    /// Presentation time less decode time; not below zero for streams without B frames.
    pub composition_offset: i32,
    /// Ticks until the next one.
    pub duration: u32,
    /// Whether decoding may begin here.
    pub is_sync: bool,
    /// The coded bytes, as MP4 has them.
    pub data: Bytes,
}

impl Sample {
    /// The segment this sample belongs to.
    pub fn segment(&self, timescale: u32) -> u64 {
        self.dts / (SEGMENT_SECS * u64::from(timescale))
    }

    /// When its presentation ends and the next one's begins, in decode order.
    pub fn end(&self) -> u64 {
        self.dts + u64::from(self.duration)
    }
}
