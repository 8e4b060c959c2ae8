//! A manifest as HLS playlists, over all its reloads.
//!
//! In: manifests as they come, the time, and indexes of files where they are asked for. Out: the multivariant
//! playlist, once, and a media playlist of a track whenever one is wanted. Those lists have made-up addresses:
//! the manifest's with `#dash-track=`, the track's place and the base's behind it.

use crate::Error;
use crate::listing::{Source, Stretch};
use crate::media_playlist;
use crate::model::{Addressing, ByteRange, Kind, Mpd, Resource};
use crate::multivariant;
use crate::numbering::{Discontinuities, Numbering};
use crate::read::read;
use crate::sidx::{self, Subsegment};
use crate::tracks::{self, Track};

/// Where a file does not say where its index is, it is looked for in so many bytes.
const GUESSED_INDEX_BYTES: u64 = 64 << 10;
/// Files whose index is kept.
const MAX_INDEXES: usize = 256;

/// A media playlist, or what is needed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The playlist's text.
    Text(String),
    /// These bytes are asked for, for [`Playlists::give_index`].
    NeedsIndex(Resource),
}

/// The playlists of a manifest.
#[derive(Debug, Clone)]
pub struct Playlists {
    mpd: Mpd,
    tracks: Vec<Track>,
    numbering: Vec<Numbering>,
    periods: Discontinuities,
    indexes: Vec<(String, Option<Vec<Subsegment>>)>,
}

impl Playlists {
    /// Those of a manifest, `url` being where it came from after redirects.
    ///
    /// # Errors
    /// As [`read`]; [`Error::NoMedia`].
    pub fn new(text: &str, url: &str) -> Result<Self, Error> {
        let mpd = read(text, url)?;
        let tracks = tracks::of(&mpd);
        if !tracks.iter().any(|track| track.set.kind <= Kind::Audio && !track.set.is_trick_play) {
            return Err(Error::NoMedia);
        }
        let numbering = vec![Numbering::default(); tracks.len()];
        let mut periods = Discontinuities::default();
        periods.note(mpd.periods.iter().map(|period| period.start_micros));
        Ok(Self { mpd, tracks, numbering, periods, indexes: Vec::new() })
    }

    /// The manifest came again.
    ///
    /// # Errors
    /// As [`read`]; what was known stays.
    pub fn update(&mut self, text: &str, url: &str) -> Result<(), Error> {
        self.mpd = read(text, url)?;
        self.periods.note(self.mpd.periods.iter().map(|period| period.start_micros));
        Ok(())
    }

    /// What the manifest said last.
    #[must_use]
    pub fn mpd(&self) -> &Mpd {
        &self.mpd
    }

    /// The multivariant playlist (RFC 8216bis 4.4.6). `url` is what the manifest is asked for by.
    #[must_use]
    pub fn multivariant(&self, url: &str) -> String {
        multivariant::write(&self.tracks, url)
    }

    /// The media playlist of a track (RFC 8216bis 4.4.3), from one of its bases, at this time: milliseconds since
    /// 1970, by the server's clock.
    ///
    /// # Errors
    /// [`Error::NoSuchTrack`], [`Error::TooManySegments`], [`Error::Unsupported`].
    pub fn media(&mut self, track: usize, base: usize, now_millis: f64) -> Result<Step, Error> {
        let wanted = self.tracks.get(track).ok_or(Error::NoSuchTrack)?;
        let now_millis = (now_millis as i64).saturating_sub(self.mpd.availability_start_millis);
        let now_micros = u64::try_from(now_millis).unwrap_or(0).saturating_mul(1000);
        let mut stretches = Vec::new();
        for period in &self.mpd.periods {
            if self.mpd.is_dynamic && period.start_micros > now_micros && !stretches.is_empty() {
                break;
            }
            let Some(representation) = wanted.within(period) else {
                stretches.push(Stretch::without(period.start_micros, period.duration_micros));
                continue;
            };
            let source = Source { mpd: &self.mpd, period, representation, base, now_micros };
            let (mut init, entries) = match &representation.addressing {
                Addressing::Segments(segments) => (source.init(), source.segments(segments)?),
                Addressing::File { url, .. } if representation.mime.starts_with("text/") => {
                    (None, source.whole_file(url))
                }
                Addressing::File { url, index_range, .. } => {
                    let Some((_, index)) = self.indexes.iter().find(|(known, _)| known == url)
                    else {
                        let guessed = ByteRange { offset: 0, length: Some(GUESSED_INDEX_BYTES) };
                        let range = Some(index_range.unwrap_or(guessed));
                        return Ok(Step::NeedsIndex(Resource { url: url.clone(), range }));
                    };
                    let entries = index
                        .as_ref()
                        .map_or_else(|| source.whole_file(url), |index| source.indexed(url, index));
                    (
                        source.init().or_else(|| head_of(url, index.as_deref(), *index_range)),
                        entries,
                    )
                }
            };
            if representation.mime == "video/mp2t" {
                init = None;
            }
            let protection = representation.protection.as_ref();
            stretches.push(Stretch {
                start_micros: period.start_micros,
                init,
                protection,
                entries,
            });
        }
        media_playlist::fill_holes(&mut stretches);
        let first = self.first_number(track, &stretches);
        let Some(numbering) = self.numbering.get_mut(track) else { return Err(Error::NoSuchTrack) };
        if self.mpd.is_dynamic {
            let entries = stretches.iter().flat_map(|it| &it.entries);
            numbering.set(first, entries.map(|entry| entry.start_micros));
        }
        let discontinuity = stretches.first().map_or(0, |it| self.periods.of(it.start_micros));
        let text = media_playlist::write(&self.mpd, &stretches, first, discontinuity, now_micros);
        Ok(Step::Text(text))
    }

    fn first_number(&self, track: usize, stretches: &[Stretch<'_>]) -> u64 {
        let mut entries = stretches.iter().flat_map(|it| &it.entries);
        let Some(first) = entries.next() else { return 0 };
        let own = self.numbering.get(track).and_then(|it| it.of(first.start_micros));
        own.or_else(|| {
            let kind = self.tracks.get(track)?.set.kind;
            let mut alike = self.tracks.iter().zip(&self.numbering);
            let (_, other) = alike.find(|(it, known)| it.set.kind == kind && !known.is_empty())?;
            other.of(first.start_micros)
        })
        .unwrap_or(first.number)
    }

    /// Bytes of a file that were asked for by [`Step::NeedsIndex`].
    ///
    /// # Errors
    /// As [`sidx::read`], where the manifest says that the index is there.
    pub fn give_index(&mut self, asked: &Resource, bytes: &[u8]) -> Result<(), Error> {
        let offset = asked.range.map_or(0, |range| range.offset);
        let is_guessed = offset == 0;
        let index = match sidx::read(bytes, offset) {
            Ok(index) => Some(index),
            Err(Error::BadIndex) if is_guessed => None,
            Err(error) => return Err(error),
        };
        if self.indexes.len() >= MAX_INDEXES {
            self.indexes.remove(0);
        }
        self.indexes.push((asked.url.clone(), index));
        Ok(())
    }
}

/// What stands before a file's first segment is its init segment, where it says nothing else.
fn head_of(
    url: &str,
    index: Option<&[Subsegment]>,
    index_range: Option<ByteRange>,
) -> Option<Resource> {
    let first = index?.first()?.range.offset;
    let length = index_range.map_or(first, |range| range.offset);
    let range = ByteRange { offset: 0, length: Some(length) };
    (length > 0).then(|| Resource { url: url.to_owned(), range: Some(range) })
}
