//! What is known of the streams of an origin, and the manifest that follows from it.
//!
//! In: what it lists and what is in that ([`super::hls`]). Out: a [`Presentation`], and the bytes it
//! names. Each segment is read once for its times, and again when a viewer wants it; what is remembered
//! are the times. Listed is what all rungs have, back to where something changed that must not change
//! inside a period.

use super::hls::{Failure, Listed, Origin};
use super::manifest::{Kind, Presentation, Representation, Span};
use super::segment::Piece;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use videosphere::playlist::Variant;

/// Rungs remembered; beyond them all are forgotten, and read again.
const MAX_RUNGS: usize = 256;
/// Segments remembered of a rung beyond those listed.
const KEPT_SEGMENTS: usize = 32;
/// Init segments remembered of a rung.
const MAX_INITS: usize = 8;
/// The bandwidth of sound is a multiple of this, so that it stays the same.
const RATE_STEP_BPS: u64 = 32_000;

/// Which track of a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Track {
    Video,
    Audio,
}

/// All that is known.
#[derive(Debug)]
pub(super) struct Catalogue {
    origin: Origin,
    rungs: HashMap<String, Rung>,
}

#[derive(Debug, Default)]
struct Rung {
    segments: BTreeMap<u64, Segment>,
    /// By their names, the newest last.
    inits: Vec<(String, Bytes)>,
}

#[derive(Debug)]
struct Segment {
    listed: Listed,
    /// Once it was read.
    content: Option<Content>,
}

#[derive(Debug)]
struct Content {
    video: Summary,
    audio: Option<Summary>,
}

/// A piece without its bytes.
#[derive(Debug)]
struct Summary {
    init: String,
    codec: String,
    timescale_hz: u32,
    start: u64,
    end: u64,
    channels: u16,
    len: usize,
}

impl Catalogue {
    pub(super) fn new(origin: SocketAddr) -> Self {
        Self { origin: Origin::new(origin), rungs: HashMap::new() }
    }

    /// What a stream is now.
    pub(super) async fn presentation(&mut self, name: &str) -> Result<Presentation, Failure> {
        let rungs = self.origin.rungs(name).await?;
        let (mut first, mut last) = (0, u64::MAX);
        for (folder, _) in &rungs {
            let listed = self.list(folder).await?;
            (first, last) = (first.max(*listed.start()), last.min(*listed.end()));
        }
        let numbers = self.one_period(&rungs, first..=last).await?;
        let video = rungs.iter().map(|(folder, variant)| self.video(folder, variant, &numbers));
        // All rungs have the same sound; the lowest is the quickest to read.
        let audio = rungs.last().and_then(|(folder, _)| self.audio(folder, &numbers));
        Ok(Presentation {
            first_number: *numbers.start(),
            video: video.collect::<Option<_>>().ok_or_else(Failure::unknown)?,
            audio,
        })
    }

    /// A track of a segment.
    pub(super) async fn media(
        &mut self,
        folder: &str,
        number: u64,
        track: Track,
    ) -> Result<Bytes, Failure> {
        if self.segment(folder, number).is_none() {
            self.list(folder).await?;
        }
        let segment = self.segment(folder, number).ok_or_else(Failure::unknown)?;
        let listed = segment.listed.clone();
        let pieces = self.origin.package(&listed).await?;
        let piece = if track == Track::Video { Some(pieces.video) } else { pieces.audio };
        piece.map(|piece| piece.media.into()).ok_or_else(Failure::unknown)
    }

    /// An init segment, by its name.
    pub(super) async fn init(&mut self, folder: &str, name: &str) -> Result<Bytes, Failure> {
        if self.rungs.get(folder).is_none_or(|rung| rung.init(name).is_none()) {
            // The other origin's manifest may have named it.
            let newest = *self.list(folder).await?.end();
            self.read(folder, newest).await?;
        }
        let init = self.rungs.get(folder).and_then(|rung| rung.init(name));
        init.ok_or_else(Failure::unknown)
    }

    /// Reads a rung's playlist; gives its numbers.
    async fn list(&mut self, folder: &str) -> Result<RangeInclusive<u64>, Failure> {
        let listed = self.origin.segments(folder).await?;
        let number = |segment: Option<&Listed>| segment.map_or(0, |segment| segment.number);
        let numbers = number(listed.first())..=number(listed.last());
        if self.rungs.len() >= MAX_RUNGS && !self.rungs.contains_key(folder) {
            self.rungs.clear();
        }
        let known = &mut self.rungs.entry(folder.to_owned()).or_default().segments;
        let kept = listed.len() + KEPT_SEGMENTS;
        for listed in listed {
            // Its first date holds: the origins may still have been agreeing on the stream's.
            let same = |known: &Segment| known.listed.place.ticks == listed.place.ticks;
            if !known.get(&listed.number).is_some_and(same) {
                known.insert(listed.number, Segment { listed, content: None });
            }
        }
        while known.len() > kept {
            known.pop_first();
        }
        Ok(numbers)
    }

    /// The newest of these numbers that make one period: the same parameters in all of them.
    async fn one_period(
        &mut self,
        rungs: &[(String, Variant)],
        numbers: RangeInclusive<u64>,
    ) -> Result<RangeInclusive<u64>, Failure> {
        let (last, mut first) = (*numbers.end(), None);
        for number in numbers.rev() {
            for (folder, _) in rungs {
                match self.read(folder, number).await {
                    // It has just been deleted, and what is before it too.
                    Err(_) if first.is_some() => return Ok(first.unwrap_or(last)..=last),
                    result => result?,
                }
            }
            let is_same = |(folder, _): &(String, Variant)| {
                let of = |number| self.segment(folder, number).and_then(Segment::identity);
                of(number).is_some_and(|identity| Some(identity) == of(last))
            };
            if !rungs.iter().all(is_same) {
                break;
            }
            first = Some(number);
        }
        let first = first.ok_or_else(|| Failure::unready("the rungs have no segment in common"))?;
        Ok(first..=last)
    }

    /// Remembers what is in a listed segment.
    async fn read(&mut self, folder: &str, number: u64) -> Result<(), Failure> {
        let segment = self.segment(folder, number).ok_or_else(Failure::unknown)?;
        if segment.content.is_some() {
            return Ok(());
        }
        let listed = segment.listed.clone();
        let pieces = self.origin.package(&listed).await?;
        let rung = self.rungs.entry(folder.to_owned()).or_default();
        let content = Content {
            video: rung.summary(pieces.video),
            audio: pieces.audio.map(|piece| rung.summary(piece)),
        };
        if let Some(segment) = rung.segments.get_mut(&number) {
            segment.content = Some(content);
        }
        Ok(())
    }

    fn segment(&self, folder: &str, number: u64) -> Option<&Segment> {
        self.rungs.get(folder)?.segments.get(&number)
    }

    fn video(
        &self,
        folder: &str,
        variant: &Variant,
        numbers: &RangeInclusive<u64>,
    ) -> Option<Representation> {
        let kind = Kind::Video {
            width_px: variant.width_px,
            height_px: variant.height_px,
            frame_rate: variant.frame_rate.unwrap_or_default(),
        };
        let span = |segment: &Segment| {
            let video = &segment.content.as_ref()?.video;
            // As the list has it, to where the next one begins: a last frame's length is a guess.
            let duration = segment.listed.place.duration_secs * f64::from(video.timescale_hz);
            Some(Span { start: video.start, duration: duration.round() as u64 })
        };
        let spans = self.listed(folder, numbers).map(|segment| span(segment?));
        let spans = spans.collect::<Option<_>>()?;
        let newest = self.segment(folder, *numbers.end())?.content.as_ref()?;
        Some(newest.video.representation(folder, kind, variant.bandwidth_bps, spans))
    }

    fn audio(&self, folder: &str, numbers: &RangeInclusive<u64>) -> Option<Representation> {
        let all = self.listed(folder, numbers).map(|segment| segment?.audio());
        let all: Vec<&Summary> = all.collect::<Option<_>>()?;
        let span = |audio: &&Summary| Span { start: audio.start, duration: audio.units() };
        let newest = *all.last()?;
        let rate_bps = all.iter().map(|audio| audio.rate_bps()).max()?;
        let bandwidth_bps = rate_bps.div_ceil(RATE_STEP_BPS) * RATE_STEP_BPS;
        let kind = Kind::Audio { channels: newest.channels };
        Some(newest.representation(folder, kind, bandwidth_bps, all.iter().map(span).collect()))
    }

    fn listed<'a>(
        &'a self,
        folder: &'a str,
        numbers: &RangeInclusive<u64>,
    ) -> impl Iterator<Item = Option<&'a Segment>> {
        numbers.clone().map(move |number| self.segment(folder, number))
    }
}

impl Rung {
    fn init(&self, name: &str) -> Option<Bytes> {
        self.inits.iter().find_map(|(known, bytes)| (known == name).then(|| bytes.clone()))
    }

    /// Keeps what has to be remembered of a piece.
    fn summary(&mut self, piece: Piece) -> Summary {
        let (init, channels) = (name_of(&piece.init), piece.channels().unwrap_or_default());
        if self.init(&init).is_none() {
            if self.inits.len() == MAX_INITS {
                self.inits.remove(0);
            }
            self.inits.push((init.clone(), piece.init.into()));
        }
        Summary {
            init,
            codec: piece.codec,
            timescale_hz: piece.timescale_hz,
            start: piece.start,
            end: piece.end,
            channels,
            len: piece.media.len(),
        }
    }
}

impl Segment {
    fn audio(&self) -> Option<&Summary> {
        self.content.as_ref()?.audio.as_ref()
    }

    /// What is the same for all segments of a period.
    fn identity(&self) -> Option<(&str, Option<&str>)> {
        let video = &self.content.as_ref()?.video;
        Some((&video.init, self.audio().map(|audio| audio.init.as_str())))
    }
}

impl Summary {
    fn units(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    fn rate_bps(&self) -> u64 {
        self.len as u64 * 8 * u64::from(self.timescale_hz) / self.units().max(1)
    }

    fn representation(
        &self,
        folder: &str,
        kind: Kind,
        bandwidth_bps: u64,
        spans: Vec<Span>,
    ) -> Representation {
        Representation {
            folder: folder.to_owned(),
            init: self.init.clone(),
            codec: self.codec.clone(),
            bandwidth_bps,
            timescale_hz: self.timescale_hz,
            kind,
            spans,
        }
    }
}

/// A name that changes with the content, so that caches may keep it (FNV-1a).
fn name_of(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
