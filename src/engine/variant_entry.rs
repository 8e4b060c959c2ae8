//! One variant, and what speaks for and against it.
//!
//! In: EXT-X-STREAM-INF, codec support. Out: how likely the browser plays it, and what it promises.

use super::codecs::{Codec, Family};
use super::context::Context;
use super::kinds::SourceKind;
use super::ladder::{Decoding, Kind, Rung};
use crate::playlist::Variant;
use crate::time::Instant;

/// The last letter of `SDR`.
const SDR: u8 = b'R';

/// That of VIDEO-RANGE tells `SDR`, `PQ` and `HLG` apart; what does not say is SDR.
fn last_of_range(variant: &Variant) -> u8 {
    variant.video_range.as_ref().and_then(|range| range.bytes().last()).unwrap_or(SDR)
}

#[derive(Debug)]
pub(super) struct VariantEntry {
    pub variant: Variant,
    pub source: SourceKind,
    /// What of its CODECS has to do with source buffers.
    pub codecs: Vec<Codec>,
    pub excluded_until: Option<Instant>,
    /// What the page says of its picture.
    pub decoding: Decoding,
    /// Greater where SCORE is; 0 where it does not count.
    pub score: u64,
}

/// What a variant's codecs let hope for, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Prospect {
    /// The browser refuses what there is to see, or the sound where there is nothing else.
    None,
    /// A picture without its sound.
    Mute,
    /// Nothing is known by its name.
    Unknown,
    /// Nothing speaks against it.
    Good,
}

impl VariantEntry {
    pub fn new(variant: Variant, source: SourceKind) -> Self {
        let codecs = variant.codecs.iter().filter_map(|listed| Codec::read(listed)).collect();
        let decoding = Decoding::untold(last_of_range(&variant) == SDR);
        Self { variant, source, codecs, excluded_until: None, decoding, score: 0 }
    }

    fn has(&self, family: Family) -> bool {
        self.codecs.iter().any(|codec| codec.family == family)
    }

    /// RFC 8216bis 4.4.6.2 has all formats listed of which one is played: one that works is enough.
    fn is_refused(&self, context: &Context, family: Family) -> bool {
        let mut names = self.codecs.iter().filter(|codec| codec.family == family);
        let is_refused = |codec: &Codec| context.is_codec_supported(&codec.name) == Some(false);
        self.has(family) && names.all(is_refused)
    }

    pub fn prospect(&self, context: &Context) -> Prospect {
        let has_picture = self.has_picture();
        let is_sound_refused = self.is_refused(context, Family::Sound);
        match () {
            () if self.is_refused(context, Family::Picture) => Prospect::None,
            () if is_sound_refused && has_picture => Prospect::Mute,
            () if is_sound_refused => Prospect::None,
            () if !self.has(Family::Picture) && self.is_refused(context, Family::Unknown) => {
                Prospect::Unknown
            }
            () => Prospect::Good,
        }
    }

    /// False where its codecs and resolution say that it is audio alone.
    pub fn has_picture(&self) -> bool {
        let is_sound = |codec: &Codec| codec.family == Family::Sound;
        self.variant.width_px > 0 || self.codecs.is_empty() || !self.codecs.iter().all(is_sound)
    }

    /// Its place among variants of other codecs; `None` where no picture codec is named, or the viewer
    /// asked for what this source has.
    pub fn rung(&self) -> Option<Rung> {
        let kind_of = |family| self.codecs.iter().find(|it| it.family == family).map(Codec::kind);
        let picture = kind_of(Family::Picture).filter(|_| self.source == SourceKind::Main)?;
        // Sound that is not listed is AAC as a rule.
        let sound = kind_of(Family::Sound).unwrap_or(u16::from_be_bytes(*b"m4"));
        let kind = Kind { picture, sound, range: last_of_range(&self.variant) };
        let size_px = u64::from(self.variant.width_px) * u64::from(self.variant.height_px);
        Some(Rung { kind, decoding: self.decoding, score: self.score, size_px })
    }

    /// Kinds of track its codecs promise; 0 where it says nothing.
    pub fn promised_tracks(&self) -> usize {
        usize::from(self.has(Family::Picture)) + usize::from(self.has(Family::Sound))
    }
}
