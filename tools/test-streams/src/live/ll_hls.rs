//! Low-Latency HLS (RFC 8216bis): samples in, parts and playlists out.
//!
//! Parts are a sixth of a segment; each rendition's are cut at the same times, so that players
//! change between variants at any of them. A request for a playlist may wait (6.2.5.2), ask for
//! the difference only (6.2.5.1), and learns where the other renditions are (4.4.5.4). What
//! EXT-X-PRELOAD-HINT names is answered as it is made. Sections are those of
//! draft-pantos-hls-rfc8216bis.

use super::answers::{self, LONGEST_WAIT, media_name, playlist, refusal};
use super::samples::{SEGMENT_SECS, Sample, Track};
use super::window::{Health, Segment, Window};
use super::{cmaf, date, picture};
use bytes::Bytes;
use dev_server::{Answered, Answering, Asked, Origin};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

/// Parts of a segment.
const PARTS: u64 = 6;
/// Longest part: video's last a third of a second, audio's up to a frame more.
const PART_TARGET_SECS: f64 = 0.35;
/// "MUST be at least twice the Part Target Duration … SHOULD be at least three times" (4.4.3.8).
const PART_HOLD_BACK_SECS: f64 = 3.0 * PART_TARGET_SECS;
/// At least three target durations (4.4.3.8).
const HOLD_BACK_SECS: u64 = 3 * SEGMENT_SECS;
/// At least six target durations (4.4.3.8).
const SKIP_UNTIL_SECS: u64 = 6 * SEGMENT_SECS;
/// How far past the end of a playlist a part may be asked for (6.2.5.2).
const ADVANCE_PARTS: usize = (3.0 / PART_TARGET_SECS) as usize + 1;
/// Audio frames to a chunk: their `moof`s would otherwise outweigh them.
const AUDIO_FRAMES_A_CHUNK: usize = 4;

/// Cuts one track's samples into parts and segments.
pub struct Writer {
    track: Track,
    window: Arc<Window>,
    pending: Vec<Sample>,
    /// The next sample's time; earlier ones were sent before the encoder started again.
    next: Option<u64>,
    open: Option<Open>,
}

struct Open {
    segment: u64,
    segment_start: u64,
    part_start: u64,
    is_independent: bool,
}

impl Writer {
    /// Writes this track into this window.
    pub fn new(track: Track, window: Arc<Window>) -> Self {
        Self { track, window, pending: Vec::new(), next: None, open: None }
    }

    /// Takes the next sample.
    pub fn push(&mut self, sample: Sample) {
        if self.next.is_some_and(|next| sample.dts < next) {
            return;
        }
        let timescale = u64::from(self.track.timescale);
        let per_segment = SEGMENT_SECS * timescale;
        let number = sample.segment(self.track.timescale);
        let follows = self.next == Some(sample.dts);
        self.next = Some(sample.end());
        if self.open.as_ref().is_none_or(|open| !follows || open.segment != number) {
            self.pending.clear();
            let is_first = sample.dts - number * per_segment < u64::from(sample.duration);
            self.open = (is_first && sample.is_sync).then_some(Open {
                segment: number,
                segment_start: sample.dts,
                part_start: sample.dts,
                is_independent: true,
            });
            if self.open.is_some() {
                self.window.begin(number, sample.dts * 1000 / timescale);
            }
        }
        let Some(open) = &mut self.open else { return };
        if sample.dts == open.part_start {
            open.is_independent = sample.is_sync;
        }
        let part = |dts: u64| dts.saturating_sub(number * per_segment) * PARTS / per_segment;
        let (end, is_last) = (sample.end(), part(sample.end()) != part(sample.dts));
        self.pending.push(sample);
        let enough = if self.track.is_video() { 1 } else { AUDIO_FRAMES_A_CHUNK };
        if is_last || self.pending.len() >= enough {
            self.window.append(cmaf::chunk(&self.track, &self.pending));
            self.pending.clear();
        }
        if is_last {
            // Nothing is waited for: the next sample's time is known.
            let secs = |from: u64| (end - from) as f64 / timescale as f64;
            let segment_secs = (part(end) >= PARTS).then(|| secs(open.segment_start));
            self.window.end_part(secs(open.part_start), open.is_independent, segment_secs);
            open.part_start = end;
            if segment_secs.is_some() {
                self.open = None;
            }
        }
    }
}

/// One rendition as it is served.
pub struct Rendition {
    /// Its folder.
    pub name: String,
    /// Its segments.
    pub window: Arc<Window>,
    /// What is known once the encoder has started.
    pub made: OnceLock<Made>,
}

/// What the encoder says of a rendition.
pub struct Made {
    /// The Media Initialization Section.
    pub init: Bytes,
    /// The track.
    pub track: Track,
    /// Frames a second, of video.
    pub frame_rate: u32,
}

/// Serves the renditions; the audio is a rendition of its own.
pub struct LlHls {
    /// Video from low to high, and audio.
    pub renditions: Vec<Rendition>,
    /// Parts as byte ranges of their segment instead of resources of their own.
    pub byte_ranges: bool,
}

impl Origin for LlHls {
    fn answer(self: Arc<Self>, asked: Asked) -> Answering {
        Box::pin(async move {
            let Some(first) = self.renditions.first() else { return Ok(not_found()) };
            super::low_latency::pass(first.window.changes()).await?;
            Ok(self.answer_well(&asked).await)
        })
    }
}

fn not_found() -> Answered {
    refusal(404, "Here are master.m3u8, NAME/index.m3u8, NAME/init.mp4 and their media.")
}

impl LlHls {
    async fn answer_well(&self, asked: &Asked) -> Answered {
        match asked.path.as_str() {
            "master.m3u8" => {
                return self
                    .multivariant(&[""])
                    .map_or_else(early, |text| playlist(text, "max-age=1"));
            }
            "clock.js" => return clock(),
            _ => {}
        }
        let Some((name, file)) = asked.path.split_once('/') else { return not_found() };
        let found = self.renditions.iter().find(|rendition| rendition.name == name);
        let Some(rendition) = found else { return not_found() };
        let Some(made) = rendition.made.get() else { return early() };
        match file {
            "index.m3u8" => self.media_playlist(rendition, &asked.query).await,
            "init.mp4" => Answered::new(200, "video/mp4", made.init.clone()).cached("max-age=60"),
            _ => match media_name(file, "m4s") {
                Some(media) => {
                    answers::media(&rendition.window, media, 1, asked, "video/mp4").await
                }
                None => not_found(),
            },
        }
    }

    /// The multivariant playlist, its variants repeated under each of these prefixes (redundant
    /// streams, 6.2.4). Nothing before every rendition has three segments.
    pub fn multivariant(&self, prefixes: &[&str]) -> Option<String> {
        let ready = |rendition: &Rendition| rendition.window.complete_segments() >= 3;
        if !self.renditions.iter().all(ready) {
            return None;
        }
        let (audio, video): (Vec<_>, Vec<_>) = self
            .renditions
            .iter()
            .partition(|it| it.made.get().is_some_and(|it| !it.track.is_video()));
        let audio = audio.first()?;
        let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS\n");
        for (index, prefix) in prefixes.iter().enumerate() {
            let _ = writeln!(
                text,
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"tone{index}\",NAME=\"Tone\",LANGUAGE=\"zxx\",\
                 DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"{prefix}{}/index.m3u8\"",
                audio.name
            );
        }
        let codec = |rendition: &Rendition| rendition.made.get().map(|it| it.track.codec_name());
        for rendition in video {
            let made = rendition.made.get()?;
            let super::samples::Codec::Avc { width_px, height_px, .. } = made.track.codec else {
                continue;
            };
            // A little more than was seen: an encoder with a fixed quantiser promises nothing.
            let bps = (rendition.window.peak_bps() + audio.window.peak_bps()) * 5 / 4;
            for (index, prefix) in prefixes.iter().enumerate() {
                let _ = write!(
                    text,
                    "#EXT-X-STREAM-INF:BANDWIDTH={},CODECS=\"{},{}\",RESOLUTION={width_px}x{height_px},\
                     FRAME-RATE={}.000,AUDIO=\"tone{index}\"\n{prefix}{}/index.m3u8\n",
                    bps.div_ceil(10_000) * 10_000,
                    codec(rendition)?,
                    codec(audio)?,
                    made.frame_rate,
                    rendition.name
                );
            }
        }
        Some(text)
    }

    /// A media playlist, when it holds what was asked for.
    async fn media_playlist(&self, rendition: &Rendition, query: &str) -> Answered {
        let directives = match Directives::parse(query) {
            Ok(directives) => directives,
            Err(why) => return refusal(400, why),
        };
        let window = &rendition.window;
        if window.complete_segments() < 3 {
            return early();
        }
        let is_blocking = directives.part.is_some();
        if let Some((number, part)) = directives.part {
            if window.listed(|all| is_absurd(all, number, part)) {
                return refusal(
                    400,
                    "_HLS_msn or _HLS_part lies too far beyond the playlist's end.",
                );
            }
            let there = window.changes().until(|| {
                let is_there = window.listed(|all| holds(all, number, part));
                (is_there && window.changes().health() == Health::Well).then_some(())
            });
            if tokio::time::timeout(LONGEST_WAIT, there).await.is_err() {
                return refusal(503, "The encoder is late, or it stands still.");
            }
        }
        let mut text = window.listed(|all| self.text(all, directives.wants_skip));
        for other in self.renditions.iter().filter(|other| other.name != rendition.name) {
            if let Some((number, part)) = other.window.listed(last_part) {
                let _ = writeln!(
                    text,
                    "#EXT-X-RENDITION-REPORT:URI=\"../{}/index.m3u8\",LAST-MSN={number},LAST-PART={part}",
                    other.name
                );
            }
        }
        // Appendix B.1: what was waited for stays right for six target durations, the rest for
        // half of one.
        playlist(text, if is_blocking { "max-age=12" } else { "max-age=1" })
    }

    fn text(&self, all: &[&Segment], wants_skip: bool) -> String {
        let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:9\n");
        let sequence = all.first().map_or(0, |first| first.number);
        let _ = write!(
            text,
            "#EXT-X-TARGETDURATION:{SEGMENT_SECS}\n#EXT-X-INDEPENDENT-SEGMENTS\n\
             #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={PART_HOLD_BACK_SECS:.3},\
             HOLD-BACK={HOLD_BACK_SECS}.0,CAN-SKIP-UNTIL={SKIP_UNTIL_SECS}.0\n\
             #EXT-X-PART-INF:PART-TARGET={PART_TARGET_SECS}\n#EXT-X-MEDIA-SEQUENCE:{sequence}\n"
        );
        // Times are counted in segments: all are equally long, but for a frame of audio.
        let behind = |index: usize| (all.len() - index) as u64 * SEGMENT_SECS;
        let skipped = (0..all.len()).take_while(|index| behind(*index) > SKIP_UNTIL_SECS).count();
        let skipped = if wants_skip { skipped } else { 0 };
        match skipped {
            0 => text.push_str("#EXT-X-MAP:URI=\"init.mp4\"\n"),
            _ => {
                let _ = writeln!(text, "#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}");
            }
        }
        for (index, segment) in all.iter().enumerate().skip(skipped) {
            let has_parts = !segment.parts.is_empty();
            if segment.duration_secs.is_some() || has_parts {
                let date = date::iso_8601(segment.start_millis);
                let _ = writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{date}");
            }
            // 6.2.2: parts are of interest near the live edge only.
            if behind(index) <= 4 * SEGMENT_SECS {
                self.parts(&mut text, segment);
            }
            if let Some(secs) = segment.duration_secs {
                let _ = write!(text, "#EXTINF:{secs:.5},\n{}.m4s\n", segment.number);
            }
        }
        if let Some(last) = all.last() {
            let next = match last.duration_secs {
                Some(_) => (last.number + 1, 0, 0),
                None => {
                    let from = last.parts.last().map_or(0, |part| part.end_byte);
                    (last.number, last.parts.len(), from)
                }
            };
            let _ = match (self.byte_ranges, next) {
                (false, (number, part, _)) => {
                    writeln!(text, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{number}.{part}.m4s\"")
                }
                (true, (number, _, from)) => writeln!(
                    text,
                    "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{number}.m4s\",BYTERANGE-START={from}"
                ),
            };
        }
        text
    }

    fn parts(&self, text: &mut String, segment: &Segment) {
        let mut from = 0;
        for (index, part) in segment.parts.iter().enumerate() {
            let number = segment.number;
            let _ = write!(text, "#EXT-X-PART:DURATION={:.5},", part.duration_secs);
            let _ = match self.byte_ranges {
                false => write!(text, "URI=\"{number}.{index}.m4s\""),
                true => {
                    let length = part.end_byte - from;
                    write!(text, "URI=\"{number}.m4s\",BYTERANGE=\"{length}@{from}\"")
                }
            };
            text.push_str(if part.is_independent { ",INDEPENDENT=YES\n" } else { "\n" });
            from = part.end_byte;
        }
    }
}

/// Before there is anything to play.
fn early() -> Answered {
    refusal(503, "The stream has just begun; three segments are needed.")
}

fn clock() -> Answered {
    let script = Bytes::from_static(picture::CLOCK_JS.as_bytes());
    Answered::new(200, "text/javascript; charset=utf-8", script).cached("no-cache")
}

/// Delivery directives of a request (6.2.5).
#[derive(Debug, PartialEq, Eq)]
struct Directives {
    /// Media sequence number, and part, if one was asked for.
    part: Option<(u64, Option<usize>)>,
    wants_skip: bool,
}

impl Directives {
    fn parse(query: &str) -> Result<Self, &'static str> {
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let bad = "_HLS_msn and _HLS_part are decimal integers.";
        let number = value("_HLS_msn").map(|text| text.parse().map_err(|_| bad)).transpose()?;
        let part = value("_HLS_part").map(|text| text.parse().map_err(|_| bad)).transpose()?;
        let part = match (number, part) {
            (None, Some(_)) => return Err("_HLS_part needs _HLS_msn."),
            (number, part) => number.map(|number| (number, part)),
        };
        // There are no EXT-X-DATERANGEs to skip, so that v2 is the same as YES.
        let wants_skip = matches!(value("_HLS_skip"), Some("YES" | "v2"));
        Ok(Self { part, wants_skip })
    }
}

/// The last part of a playlist.
fn last_part(all: &[&Segment]) -> Option<(u64, usize)> {
    let last = all.iter().rev().find(|segment| !segment.parts.is_empty())?;
    Some((last.number, last.parts.len() - 1))
}

/// "If a client requests … a Media Sequence Number greater than the last … plus two, or … a part
/// beyond the Advance Part Limit, the server SHOULD immediately return Bad Request" (6.2.5.2).
fn is_absurd(all: &[&Segment], number: u64, part: Option<usize>) -> bool {
    let Some((last, last_part)) = last_part(all) else { return true };
    let parts_ahead = |part: usize| {
        let segments = number.saturating_sub(last) as usize * PARTS as usize;
        (segments + part).saturating_sub(last_part)
    };
    number > last + 2
        || part.is_some_and(|part| number >= last && parts_ahead(part) > ADVANCE_PARTS + 1)
}

/// Whether a playlist holds a segment or a part, or something later.
fn holds(all: &[&Segment], number: u64, part: Option<usize>) -> bool {
    let Some((last, last_part)) = last_part(all) else { return false };
    match part {
        None => all.iter().any(|it| it.number >= number && it.duration_secs.is_some()),
        // A part beyond its segment's last is the first of the next segment.
        Some(part) if part >= PARTS as usize => last > number,
        Some(part) => last > number || last == number && last_part >= part,
    }
}

#[cfg(test)]
mod tests;
