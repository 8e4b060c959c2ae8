//! A stream as Amazon IVS and Twitch send it: samples in, transport-stream segments and playlists
//! with prefetch tags out.
//!
//! Version 3, segments of two seconds under a longer target duration, a date on each, and behind
//! the last one two EXT-X-PREFETCH URLs: of the segment being written, answered as it is written,
//! and of the next, answered once it begins. No specification has these tags; their shape is what
//! the services send.

use super::answers::{self, media_name, playlist, refusal};
use super::date;
use super::mpegts::Muxer;
use super::picture;
use super::samples::{SEGMENT_SECS, Sample, Track};
use super::window::{Segment, Window};
use bytes::Bytes;
use dev_server::{Answered, Answering, Asked, Origin};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

/// Samples held while the other track is late; beyond, something is broken and they go.
const MAX_HELD: usize = 2000;

/// Which service is spoken like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spelling {
    /// `EXT-X-PREFETCH`, `EXT-X-NET-LIVE-VIDEO-…`.
    #[default]
    Ivs,
    /// `EXT-X-TWITCH-PREFETCH`, `EXT-X-TWITCH-…`.
    Twitch,
}

/// Samples of one track that wait for their turn.
struct Held {
    timescale: u64,
    samples: VecDeque<Sample>,
    /// Where the samples taken so far end.
    next: Option<u64>,
}

impl Held {
    fn new(track: &Track) -> Self {
        Self { timescale: track.timescale.into(), samples: VecDeque::new(), next: None }
    }

    /// Takes a sample, unless it was there before the encoder started again.
    fn push(&mut self, sample: Sample) {
        if self.next.is_none_or(|next| sample.dts >= next) && self.samples.len() < MAX_HELD {
            self.next = Some(sample.end());
            self.samples.push_back(sample);
        }
    }

    /// The earliest time a sample of this track can still have, in nanoseconds.
    fn earliest(&self) -> Option<u128> {
        let ticks = self.samples.front().map_or(self.next, |first| Some(first.dts))?;
        Some(u128::from(ticks) * 1_000_000_000 / u128::from(self.timescale))
    }
}

/// Puts a video and an audio track together into segments.
pub struct Writer {
    muxer: Muxer,
    window: Arc<Window>,
    video: Held,
    audio: Held,
    open: Option<u64>,
    next_video: Option<u64>,
}

impl Writer {
    /// Writes these tracks into this window.
    pub fn new(video: &Track, audio: &Track, reordering: u64, window: Arc<Window>) -> Option<Self> {
        let muxer = Muxer::new(video, audio, reordering)?;
        let (video, audio) = (Held::new(video), Held::new(audio));
        Some(Self { muxer, window, video, audio, open: None, next_video: None })
    }

    /// Takes a sample and writes what has its turn: samples of both tracks in the order of their
    /// times, whichever came first.
    pub fn push(&mut self, is_video: bool, sample: Sample) {
        if is_video {
            self.video.push(sample)
        } else {
            self.audio.push(sample)
        }
        while let (Some(video), Some(audio)) = (self.video.earliest(), self.audio.earliest()) {
            let taken = if video <= audio { &mut self.video } else { &mut self.audio };
            let Some(sample) = taken.samples.pop_front() else { break };
            if video <= audio {
                self.write_video(&sample)
            } else {
                self.write_audio(&sample)
            }
            self.end_if_over();
        }
        // What came may not have its turn yet, and still be behind the end.
        self.end_if_over();
    }

    fn write_video(&mut self, sample: &Sample) {
        let number = sample.dts / (SEGMENT_SECS * self.video.timescale);
        let follows = self.next_video == Some(sample.dts);
        self.next_video = Some(sample.end());
        if self.open.is_some() && !follows {
            self.open = None;
        }
        if self.open.is_none() {
            let start = number * SEGMENT_SECS * self.video.timescale;
            if !sample.is_sync || sample.dts - start >= u64::from(sample.duration) {
                return;
            }
            self.open = Some(number);
            self.window.begin(number, sample.dts * 1000 / self.video.timescale);
            self.window.append(self.muxer.tables());
        }
        self.window.append(self.muxer.video(sample));
    }

    fn write_audio(&mut self, sample: &Sample) {
        if self.open.is_some() {
            self.window.append(self.muxer.audio(sample));
        }
    }

    /// Completes the segment when neither track can have more of it.
    fn end_if_over(&mut self) {
        let Some(open) = self.open else { return };
        let end = u128::from((open + 1) * SEGMENT_SECS) * 1_000_000_000;
        if [&self.video, &self.audio].iter().all(|held| held.earliest() >= Some(end)) {
            self.window.complete(SEGMENT_SECS as f64);
            self.open = None;
        }
    }
}

/// One variant as it is served.
pub struct Variant {
    /// Its folder.
    pub name: String,
    /// Its segments.
    pub window: Arc<Window>,
    /// Its tracks, video and audio, and frames a second, once the encoder has started.
    pub made: OnceLock<(Track, Track, u32)>,
}

/// Serves the variants.
pub struct Ivs {
    /// From low to high.
    pub variants: Vec<Variant>,
    /// Names of tags.
    pub spelling: Spelling,
    /// The target duration said.
    pub target_secs: u64,
    /// When the stream began.
    pub began_millis: u64,
}

impl Origin for Ivs {
    fn answer(self: Arc<Self>, asked: Asked) -> Answering {
        Box::pin(async move {
            let Some(first) = self.variants.first() else { return Ok(not_found()) };
            super::low_latency::pass(first.window.changes()).await?;
            Ok(self.answer_well(&asked).await)
        })
    }
}

fn not_found() -> Answered {
    refusal(404, "Here are master.m3u8, NAME/index.m3u8 and NAME/NUMBER.ts.")
}

fn early() -> Answered {
    refusal(503, "The stream has just begun; three segments are needed.")
}

impl Ivs {
    async fn answer_well(&self, asked: &Asked) -> Answered {
        match asked.path.as_str() {
            "master.m3u8" => {
                return self
                    .multivariant(&[""])
                    .map_or_else(early, |text| playlist(text, "no-cache"));
            }
            "clock.js" => {
                let script = Bytes::from_static(picture::CLOCK_JS.as_bytes());
                return Answered::new(200, "text/javascript; charset=utf-8", script);
            }
            _ => {}
        }
        let Some((name, file)) = asked.path.split_once('/') else { return not_found() };
        let found = self.variants.iter().find(|variant| variant.name == name);
        let Some(variant) = found else { return not_found() };
        if file == "index.m3u8" {
            return match variant.window.complete_segments() {
                0..3 => early(),
                _ => playlist(variant.window.listed(|all| self.text(all)), "no-cache"),
            };
        }
        match media_name(file, "ts") {
            // Between two segments both of the prefetch URLs are of segments not yet begun.
            Some(media @ (_, None)) => {
                answers::media(&variant.window, media, 2, asked, "video/mp2t").await
            }
            _ => not_found(),
        }
    }

    /// The multivariant playlist, its variants repeated under each of these prefixes. Nothing
    /// before every variant has three segments.
    pub fn multivariant(&self, prefixes: &[&str]) -> Option<String> {
        let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:3\n");
        for variant in &self.variants {
            let (video, audio, frame_rate) = variant.made.get()?;
            if variant.window.complete_segments() < 3 {
                return None;
            }
            let super::samples::Codec::Avc { width_px, height_px, .. } = video.codec else {
                continue;
            };
            let bps = (variant.window.peak_bps() * 5 / 4).div_ceil(10_000) * 10_000;
            for prefix in prefixes {
                let _ = write!(
                    text,
                    "#EXT-X-STREAM-INF:BANDWIDTH={bps},RESOLUTION={width_px}x{height_px},\
                     CODECS=\"{},{}\",FRAME-RATE={frame_rate}.000\n{prefix}{}/index.m3u8\n",
                    video.codec_name(),
                    audio.codec_name(),
                    variant.name
                );
            }
        }
        Some(text)
    }

    fn text(&self, all: &[&Segment]) -> String {
        let first = all.first().map_or(0, |first| first.number);
        let elapsed = |millis: u64| millis.saturating_sub(self.began_millis) as f64 / 1000.0;
        let start_secs = elapsed(all.first().map_or(0, |first| first.start_millis));
        let total_secs = elapsed(all.last().map_or(0, |last| last.start_millis));
        let (kind, class, source, prefetch) = match self.spelling {
            Spelling::Ivs => (
                "NET-LIVE-VIDEO",
                "live-video-net-stream-source",
                "X-NET-LIVE-VIDEO-STREAM-SOURCE",
                "PREFETCH",
            ),
            Spelling::Twitch => {
                ("TWITCH", "twitch-stream-source", "X-TV-TWITCH-STREAM-SOURCE", "TWITCH-PREFETCH")
            }
        };
        let began = date::iso_8601(self.began_millis);
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{}\n\
             #EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-{kind}-ELAPSED-SECS:{start_secs:.3}\n\
             #EXT-X-{kind}-TOTAL-SECS:{total_secs:.3}\n\
             #EXT-X-DATERANGE:ID=\"source-{}\",CLASS=\"{class}\",START-DATE=\"{began}\",\
             END-ON-NEXT=YES,{source}=\"live\"\n",
            self.target_secs,
            self.began_millis / 1000
        );
        let mut next = first;
        for segment in all {
            let Some(secs) = segment.duration_secs else { continue };
            let date = date::iso_8601(segment.start_millis);
            let _ = write!(
                text,
                "#EXT-X-PROGRAM-DATE-TIME:{date}\n#EXTINF:{secs:.3},live\n{}.ts\n",
                segment.number
            );
            next = segment.number + 1;
        }
        for number in [next, next + 1] {
            let _ = writeln!(text, "#EXT-X-{prefetch}:{number}.ts");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::samples::Codec;

    #[test]
    fn segments_do_not_depend_on_which_track_comes_first() {
        let avcc = Bytes::from_static(b"\x01\x42\xc0\x1f\xff\xe1\x00\x01\x67\x01\x00\x01\x68");
        let video = Codec::Avc { width_px: 2, height_px: 2, config: avcc };
        let audio = Codec::Aac { config: Bytes::from_static(&[0x11, 0x90]) };
        let track = |timescale, codec| Track { id: 1, timescale, codec, trak: Bytes::new() };
        let (video, audio) = (track(90_000, video), track(48_000, audio));
        // Six seconds of both; key frames every second.
        let sample = |index: u64, duration: u32, is_sync| Sample {
            dts: index * u64::from(duration),
            composition_offset: 0,
            duration,
            is_sync,
            data: Bytes::from(vec![index as u8; 20]),
        };
        let pictures: Vec<_> = (0..180).map(|it| (true, sample(it, 3000, it % 30 == 0))).collect();
        let sounds: Vec<_> = (0..290).map(|it| (false, sample(it, 1024, true))).collect();
        let made = [(1, 1), (1, 7), (40, 1), (180, 290)].map(|(some, others)| {
            let window = Arc::new(Window::new(5, Arc::default()));
            let mut writer = Writer::new(&video, &audio, 0, Arc::clone(&window)).unwrap();
            let (mut pictures, mut sounds) = (pictures.iter(), sounds.iter());
            loop {
                let turn: Vec<_> =
                    pictures.by_ref().take(some).chain(sounds.by_ref().take(others)).collect();
                if turn.is_empty() {
                    break;
                }
                turn.into_iter().for_each(|(is_video, it)| writer.push(*is_video, it.clone()));
            }
            assert_eq!(window.complete_segments(), 3);
            [0, 1, 2].map(|number| window.whole(number, 0, super::super::window::End::Segment))
        });
        assert!(made[0].iter().all(Option::is_some));
        assert!(made.iter().all(|it| *it == made[0]));
    }

    fn ivs(spelling: Spelling) -> (Ivs, Arc<Window>) {
        let window = Arc::new(Window::new(3, Arc::default()));
        let began_millis = 1_700_000_000_000;
        (Ivs { variants: Vec::new(), spelling, target_secs: 6, began_millis }, window)
    }

    #[test]
    fn the_segment_being_written_is_prefetched_and_not_listed() {
        let (ivs, window) = ivs(Spelling::Ivs);
        for number in 850_000_000..850_000_005 {
            window.begin(number, number * 2000);
            window.complete(2.0);
        }
        let between = window.listed(|all| ivs.text(all));
        window.begin(850_000_005, 850_000_005 * 2000);
        window.append(Bytes::from_static(b"so far"));
        assert_eq!(window.listed(|all| ivs.text(all)).lines().last(), between.lines().last());
        let expected = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n\
            #EXT-X-MEDIA-SEQUENCE:850000002\n#EXT-X-NET-LIVE-VIDEO-ELAPSED-SECS:4.000\n\
            #EXT-X-NET-LIVE-VIDEO-TOTAL-SECS:8.000\n\
            #EXT-X-DATERANGE:ID=\"source-1700000000\",CLASS=\"live-video-net-stream-source\",\
            START-DATE=\"2023-11-14T22:13:20.000Z\",END-ON-NEXT=YES,\
            X-NET-LIVE-VIDEO-STREAM-SOURCE=\"live\"\n\
            #EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:24.000Z\n#EXTINF:2.000,live\n850000002.ts\n\
            #EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:26.000Z\n#EXTINF:2.000,live\n850000003.ts\n\
            #EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:28.000Z\n#EXTINF:2.000,live\n850000004.ts\n\
            #EXT-X-PREFETCH:850000005.ts\n#EXT-X-PREFETCH:850000006.ts\n";
        assert_eq!(between, expected);
    }

    #[test]
    fn twitch_spells_it_so() {
        let (ivs, window) = ivs(Spelling::Twitch);
        window.begin(1, 2000);
        window.complete(2.0);
        let text = window.listed(|all| ivs.text(all));
        assert!(text.ends_with("#EXT-X-TWITCH-PREFETCH:2.ts\n#EXT-X-TWITCH-PREFETCH:3.ts\n"));
        assert!(text.contains("CLASS=\"twitch-stream-source\""), "{text}");
    }
}
