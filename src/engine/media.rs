//! Bytes on their way to the source buffers, and what must be known about them.
//!
//! In: init segments, fragments, start times. Out: [`Media`] ready to queue, each with the init
//! segment it needs; cached init sections; one timestamp offset for each stretch of fMP4 whose
//! timestamps compare. All three are bounded.

use std::sync::Arc;

use super::input::RequestId;
use super::transmux::MediaBytes;
use crate::demux::container::Container;
use crate::demux::fmp4::InitInfo;
use crate::error::Error;
use crate::media::{TimeRange, TrackKind};
use crate::playlist::InitSection;
use crate::remux::FragmentBytes;

/// An init segment ready to append. Two are the same if they are the same allocation.
#[derive(Debug)]
pub(super) struct Init {
    pub kind: TrackKind,
    pub mime: String,
    pub codecs: Vec<String>,
    /// Empty where each media segment brings its own.
    pub bytes: FragmentBytes,
}

impl Init {
    /// As the transmuxer gives it.
    pub fn of_transmuxed(kind: TrackKind, codec: String, bytes: FragmentBytes) -> Self {
        let family = if kind == TrackKind::Audio { "audio" } else { "video" };
        let mime = format!("{family}/mp4; codecs=\"{codec}\"");
        Self { kind, mime, codecs: vec![codec], bytes }
    }

    /// Of an fMP4 init segment.
    pub fn of_fmp4(info: &InitInfo, bytes: Vec<u8>) -> Self {
        Self {
            kind: info.kind(),
            mime: info.mime(),
            codecs: info.tracks.iter().map(|track| track.codec.clone()).collect(),
            bytes: FragmentBytes::new(bytes, 0),
        }
    }
}

/// Where the bytes of a media segment are.
#[derive(Debug)]
pub(super) enum Body {
    /// Here, or in the transmuxer's module.
    Fragment(MediaBytes),
    /// With whoever fetched it.
    Held(RequestId),
}

/// A media segment ready to append.
#[derive(Debug)]
pub(super) struct Media {
    pub init: Arc<Init>,
    pub body: Body,
    pub byte_len: u64,
    pub offset_secs: f64,
    pub span: TimeRange,
    /// So much earlier than where the list has it.
    pub early_secs: f64,
}

/// What an EXT-X-MAP resource turned out to be.
#[derive(Debug, Clone)]
pub(super) enum InitResource {
    /// An fMP4 init segment.
    Fmp4 { info: Arc<InitInfo>, init: Arc<Init> },
    /// PAT and PMT, to be read before the segment (RFC 8216bis 3.2).
    Prefix(Arc<Vec<u8>>),
}

impl InitResource {
    /// Reads the body of an EXT-X-MAP resource.
    pub fn read(url: &str, body: Vec<u8>) -> Result<Self, Error> {
        match Container::sniff(&body, true) {
            Some(Container::Fmp4) => {
                let info = InitInfo::parse(&body)?;
                if info.is_encrypted() {
                    return Err(Error::Encrypted { method: "Common Encryption".to_owned() });
                }
                let init = Arc::new(Init::of_fmp4(&info, body));
                Ok(Self::Fmp4 { info: Arc::new(info), init })
            }
            Some(Container::MpegTs) => Ok(Self::Prefix(Arc::new(body))),
            other => Err(unsupported(url, other)),
        }
    }

    fn byte_len(&self) -> usize {
        match self {
            Self::Fmp4 { init, .. } => init.bytes.as_slice().len(),
            Self::Prefix(bytes) => bytes.len(),
        }
    }
}

/// The error for a container this library does not play.
pub(super) fn unsupported(url: &str, container: Option<Container>) -> Error {
    let found = match container {
        Some(Container::Other(found)) => found,
        Some(Container::WebVtt) => "WebVTT",
        Some(Container::PackedAudio) => "packed audio",
        Some(Container::Fmp4) => "fMP4",
        Some(Container::MpegTs) => "MPEG-TS",
        None => "unknown",
    };
    Error::UnsupportedContainer { url: url.to_owned(), found }
}

/// The EXT-X-MAP resources used recently.
#[derive(Debug, Default)]
pub(super) struct InitCache {
    entries: Vec<(Arc<InitSection>, InitResource)>,
}

impl InitCache {
    const MAX_ENTRIES: usize = 32;
    const MAX_BYTES: usize = 8 << 20;

    pub fn get(&mut self, section: &InitSection) -> Option<InitResource> {
        let index = self.entries.iter().position(|(known, _)| **known == *section)?;
        let entry = self.entries.remove(index);
        let found = entry.1.clone();
        self.entries.push(entry);
        Some(found)
    }

    pub fn insert(&mut self, section: Arc<InitSection>, resource: InitResource) {
        self.entries.push((section, resource));
        let total = |entries: &[(_, InitResource)]| -> usize {
            entries.iter().map(|(_, resource)| resource.byte_len()).sum()
        };
        while self.entries.len() > 1
            && (self.entries.len() > Self::MAX_ENTRIES || total(&self.entries) > Self::MAX_BYTES)
        {
            self.entries.remove(0);
        }
    }
}

/// `timestampOffset` for fMP4, by [`super::playlists::Entry::timestamp_key`].
#[derive(Debug, Default)]
pub(super) struct Offsets {
    known: Vec<(u64, f64)>,
    is_settled: bool,
}

impl Offsets {
    const MAX_KNOWN: usize = 64;
    /// Media this far from where the playlist has it was stamped by another clock, whatever the
    /// discontinuity sequence says.
    const MAX_DRIFT_SECS: f64 = 10.0;

    /// The offset that puts media stamped `media_secs` on the timeline, where the playlist expects
    /// it near `expected_secs`. `None` for `media_secs` means that it could not be read.
    /// It may begin no more than `most_back_secs` before that place.
    pub fn offset_secs(
        &mut self,
        key: u64,
        media_secs: Option<f64>,
        (expected_secs, most_back_secs): (f64, f64),
    ) -> f64 {
        let known = self.known.iter().rposition(|(known, _)| *known == key);
        let known_offset = known.and_then(|index| self.known.get(index)).map(|entry| entry.1);
        let Some(media_secs) = media_secs else { return known_offset.unwrap_or(0.0) };
        let most_back_secs = most_back_secs.min(Self::MAX_DRIFT_SECS);
        if let Some(offset_secs) = known_offset
            && (-most_back_secs..=Self::MAX_DRIFT_SECS)
                .contains(&(media_secs + offset_secs - expected_secs))
        {
            return offset_secs;
        }
        if let Some(index) = known {
            self.known.remove(index);
        }
        if self.known.len() >= Self::MAX_KNOWN {
            self.known.remove(0);
        }
        let offset_secs = expected_secs - media_secs;
        self.known.push((key, offset_secs));
        offset_secs
    }

    /// The offset of this stretch, where it is known.
    pub fn known_secs(&self, key: u64) -> Option<f64> {
        self.known.iter().rev().find(|(known, _)| *known == key).map(|(_, secs)| *secs)
    }

    /// Before anything is appended, once: all of it stands so much later. False where it is too
    /// late for that.
    pub fn settle(&mut self, later_by_secs: f64) -> bool {
        self.known.iter_mut().filter(|_| !self.is_settled).for_each(|(_, offset_secs)| {
            *offset_secs += later_by_secs;
        });
        !core::mem::replace(&mut self.is_settled, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playlist::Keys;

    #[test]
    fn one_offset_for_each_discontinuity_shared_by_all() {
        let mut offsets = Offsets::default();
        assert_eq!(offsets.offset_secs(0, Some(100.0), (0.0, 10.0)), -100.0);
        assert_eq!(
            offsets.offset_secs(0, Some(104.02), (4.0, 10.0)),
            -100.0,
            "audio keeps its lag"
        );
        assert_eq!(offsets.offset_secs(1, Some(0.0), (8.0, 10.0)), 8.0);
        assert_eq!(offsets.offset_secs(0, None, (12.0, 10.0)), -100.0);
        assert_eq!(
            offsets.offset_secs(0, Some(900.0), (12.0, 10.0)),
            -888.0,
            "another clock, unannounced"
        );
        assert_eq!(offsets.offset_secs(1, Some(3.0), (16.0, 10.0)), 8.0);
        assert_eq!(offsets.offset_secs(1, Some(3.0), (16.0, 3.0)), 13.0, "a clock set back");
        for key in 0..1000 {
            offsets.offset_secs(key, Some(1.0), (0.0, 10.0));
        }
        assert!(offsets.known.len() <= Offsets::MAX_KNOWN);
    }

    #[test]
    fn init_sections_are_cached_within_bounds() {
        let mut cache = InitCache::default();
        let section = |index: usize| {
            Arc::new(InitSection {
                url: format!("https://a.example/{index}"),
                byte_range: None,
                keys: Keys::default(),
            })
        };
        for index in 0..100 {
            cache.insert(section(index), InitResource::Prefix(Arc::new(vec![0; 1 << 20])));
        }
        assert!(cache.entries.len() <= 8);
        assert!(cache.get(&section(99)).is_some());
        assert!(cache.get(&section(0)).is_none());
        let refused = InitResource::read("https://a.example/", b"<!DOCTYPE html>".to_vec());
        assert_eq!(refused.err().map(|error| error.code()), Some("unsupported-container"));
    }
}
