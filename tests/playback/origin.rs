//! A simulated origin server: playlists and segments of one stream, by URL and by time.
//!
//! In: a URL, the byte range, the time. Out: a [`Reply`]. What it serves is set up by fields; what
//! goes wrong, by [`Fault`]s that match on a part of the URL.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;

use crate::low_latency_origin::{LowLatency, Prefetch};
use crate::{cbc, mp4};

/// One rung of the ladder.
#[derive(Debug, Clone)]
pub struct Rung {
    pub bandwidth_bps: u64,
    pub width_px: u32,
    pub height_px: u32,
    pub codecs: String,
    /// More of EXT-X-STREAM-INF, with a comma before each.
    pub attributes: String,
}

impl Rung {
    pub fn new(bandwidth_bps: u64, height_px: u32) -> Self {
        let codecs = "avc1.640028".to_owned();
        Self {
            bandwidth_bps,
            width_px: height_px * 2,
            height_px,
            codecs,
            attributes: String::new(),
        }
    }
}

/// How a stream grows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Growth {
    Vod,
    /// Segments appear as they end; `window` of them are listed. At `ends_at_secs` (server time)
    /// EXT-X-ENDLIST appears.
    Live {
        window: u64,
        already_secs: f64,
        ends_at_secs: f64,
    },
    /// All stay listed.
    Event {
        already_secs: f64,
        ends_at_secs: f64,
    },
}

/// Something wrong with URLs that contain `part`.
#[derive(Debug, Clone)]
pub struct Fault {
    pub part: String,
    pub kind: FaultKind,
    /// How many requests it hits.
    pub times: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    Status(u16),
    Html,
    Truncate,
    /// The connection dies without an answer.
    Silence,
    /// There is no connection.
    Refused,
    Redirect(String),
    /// 503, to be asked again after so many seconds.
    Busy(f64),
    /// One byte in so many seconds.
    Drip(f64),
}

/// Variants of sound in other languages count from here.
pub const LANGUAGE: usize = 100;

/// `audio` is 0, `audio1` and so on the others.
fn audio_number(directory: &str) -> Option<usize> {
    let number = directory.strip_prefix("audio")?;
    if number.is_empty() { Some(0) } else { number.parse().ok() }
}

type EditText = dyn Fn(&Answer, String) -> String;

/// Changes a media playlist on its way out.
#[derive(Clone)]
pub struct Edit(Rc<EditText>);

/// Which answer is changed.
#[derive(Debug)]
pub struct Answer {
    /// As `v3/index.m3u8`.
    pub path: String,
    /// How often it was asked for, this time included.
    pub count: u32,
    pub now_secs: f64,
}

impl std::fmt::Debug for Edit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Edit")
    }
}

impl Edit {
    pub fn new(edit: impl Fn(&Answer, String) -> String + 'static) -> Self {
        Self(Rc::new(edit))
    }
}

/// What the server answers.
#[derive(Debug, Clone)]
pub enum Reply {
    Status(u16),
    /// 503 with Retry-After.
    Busy(f64),
    Silence,
    Refused,
    /// It is held: ask again at this server time.
    NotBefore(f64),
    Body {
        /// As asked for where empty.
        final_url: String,
        body: Rc<Vec<u8>>,
        truncate_at: Option<usize>,
        pace: Option<Pace>,
    },
}

/// A body that comes as it is made.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Server time of its first byte.
    pub begins_secs: f64,
    pub bytes_per_sec: f64,
    /// Then it stops coming.
    pub most: usize,
    /// It comes in pieces of this many bytes, each when it is whole.
    pub grain: usize,
}

impl Pace {
    /// How much there is of it.
    pub fn available(&self, now_secs: f64) -> usize {
        let made = ((now_secs - self.begins_secs).max(0.0) * self.bytes_per_sec + 1e-3) as usize;
        let whole = if made >= self.most { made } else { made / self.grain * self.grain };
        whole.min(self.most)
    }
}

impl Reply {
    pub fn whole(body: Vec<u8>) -> Self {
        Self::whole_of(Rc::new(body))
    }

    pub fn whole_of(body: Rc<Vec<u8>>) -> Self {
        Self::Body { final_url: String::new(), body, truncate_at: None, pace: None }
    }
}

/// One stream.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Prefix of all URLs.
    pub base: String,
    pub rungs: Vec<Rung>,
    pub segment_secs: f64,
    pub segments: u64,
    pub growth: Growth,
    pub has_separate_audio: bool,
    /// Languages besides English: `audio1/`, `audio2/` and so on, each variant [`LANGUAGE`] plus its number.
    pub languages: Vec<String>,
    /// Subtitles in two languages, `text/` and `other/`.
    pub has_text: bool,
    pub has_date_time: bool,
    /// Segment numbers before which timestamps start again from another clock.
    pub discontinuities: Vec<u64>,
    /// Segment numbers marked EXT-X-GAP.
    pub gaps: Vec<u64>,
    /// Segment numbers marked as encrypted.
    pub key_method: Option<String>,
    /// Each media file is encrypted, with another key after so many segments.
    pub keys_last: Option<u64>,
    /// Media timestamps begin here.
    pub clock_secs: f64,
    /// The sound of a separate rendition begins so much later than the picture.
    pub audio_late_secs: f64,
    pub faults: Vec<Fault>,
    /// The number its variants write into the payload: this plus their index.
    pub first_variant: u32,
    pub requests: BTreeMap<String, u32>,
    /// What stands in place of segments' bytes, by URL, such as a file of another format.
    pub files: BTreeMap<String, Rc<Vec<u8>>>,
    /// Added to the dates of a live stream.
    pub date_offset_secs: f64,
    pub low_latency: Option<LowLatency>,
    pub prefetch: Option<Prefetch>,
    /// Changes every media playlist.
    pub edit: Option<Edit>,
    /// From this segment on timestamps are so much later (earlier where negative); no list says so.
    pub clock_jumps: Vec<(u64, f64)>,
}

impl Origin {
    pub fn vod(base: &str, rungs: Vec<Rung>) -> Self {
        Self {
            base: base.to_owned(),
            rungs,
            segment_secs: 4.0,
            segments: 15,
            growth: Growth::Vod,
            has_separate_audio: false,
            languages: Vec::new(),
            has_text: false,
            has_date_time: false,
            discontinuities: Vec::new(),
            gaps: Vec::new(),
            key_method: None,
            keys_last: None,
            clock_secs: 10.0,
            audio_late_secs: 0.0,
            faults: Vec::new(),
            first_variant: 0,
            requests: BTreeMap::new(),
            files: BTreeMap::new(),
            date_offset_secs: 0.0,
            low_latency: None,
            prefetch: None,
            edit: None,
            clock_jumps: Vec::new(),
        }
    }

    pub fn live(base: &str, rungs: Vec<Rung>) -> Self {
        Self {
            segment_secs: 2.0,
            segments: u64::MAX,
            growth: Growth::Live { window: 8, already_secs: 60.0, ends_at_secs: f64::INFINITY },
            has_date_time: true,
            ..Self::vod(base, rungs)
        }
    }

    pub fn fault(&mut self, part: &str, kind: FaultKind, times: u32) {
        self.faults.push(Fault { part: part.to_owned(), kind, times });
    }

    /// Segments complete at this time: the first listed and the one after the last.
    pub fn listed(&self, now_secs: f64) -> (u64, u64, bool) {
        let complete = |already_secs: f64, ends_at_secs: f64| {
            let lasted_secs = already_secs + now_secs.min(ends_at_secs);
            ((lasted_secs / self.segment_secs + 1e-9) as u64, now_secs >= ends_at_secs)
        };
        match self.growth {
            Growth::Vod => (0, self.segments, true),
            Growth::Live { window, already_secs, ends_at_secs } => {
                let (end, is_over) = complete(already_secs, ends_at_secs);
                (end.saturating_sub(window), end, is_over)
            }
            Growth::Event { already_secs, ends_at_secs } => {
                let (end, is_over) = complete(already_secs, ends_at_secs);
                (0, end, is_over)
            }
        }
    }

    pub fn reply(&mut self, url: &str, now_secs: f64) -> Option<Reply> {
        let path = url.strip_prefix(&self.base)?.to_owned();
        *self.requests.entry(path.clone()).or_default() += 1;
        let hit = self
            .faults
            .iter_mut()
            .find(|fault| fault.times > 0 && path.contains(fault.part.as_str()));
        let mut final_url = url.to_owned();
        let mut truncates = false;
        let mut drip = None;
        if let Some(fault) = hit {
            fault.times -= 1;
            match fault.kind.clone() {
                FaultKind::Status(status) => return Some(Reply::Status(status)),
                FaultKind::Silence => return Some(Reply::Silence),
                FaultKind::Refused => return Some(Reply::Refused),
                FaultKind::Html => {
                    let body = Rc::new(b"<!DOCTYPE html><title>login</title>".to_vec());
                    return Some(Reply::Body { final_url, body, truncate_at: None, pace: None });
                }
                FaultKind::Truncate => truncates = true,
                FaultKind::Redirect(to) => final_url = to,
                FaultKind::Busy(secs) => return Some(Reply::Busy(secs)),
                FaultKind::Drip(secs) => drip = Some(secs),
            }
        }
        let path = final_url.strip_prefix(&self.base).unwrap_or(&path).to_owned();
        let mut reply = self.answer(&path, now_secs).unwrap_or(Reply::Status(404));
        self.edit(&path, now_secs, &mut reply);
        self.encrypt(&path, &mut reply);
        if let Reply::Body { final_url: to, body, truncate_at, pace } = &mut reply {
            *to = final_url;
            if let Some(secs) = drip {
                let (begins_secs, bytes_per_sec) = (now_secs, 1.0 / secs);
                *pace = Some(Pace { begins_secs, bytes_per_sec, most: usize::MAX, grain: 1 });
            }
            if truncates {
                *truncate_at = Some(body.len() / 2);
            }
        }
        Some(reply)
    }

    /// As [`Self::reply`], without faults and uncounted: the answer to a request that was held.
    pub fn resume(&self, url: &str, now_secs: f64) -> Option<Reply> {
        let path = url.strip_prefix(&self.base)?;
        let mut reply = self.answer(path, now_secs)?;
        self.edit(path, now_secs, &mut reply);
        self.encrypt(path, &mut reply);
        if let Reply::Body { final_url, .. } = &mut reply {
            url.clone_into(final_url);
        }
        Some(reply)
    }

    fn edit(&self, path: &str, now_secs: f64, reply: &mut Reply) {
        if let Some(edit) = &self.edit
            && let Reply::Body { body, .. } = reply
            && path.contains("index.m3u8")
        {
            let bare = path.split('?').next().unwrap_or(path);
            let counts = self.requests.iter().filter(|(asked, _)| asked.starts_with(bare));
            let count = counts.map(|(_, count)| count).sum();
            let answer = Answer { path: bare.to_owned(), count, now_secs };
            let text = String::from_utf8(body.to_vec()).expect("a playlist is text");
            *body = Rc::new(edit.0(&answer, text).into_bytes());
        }
    }

    /// The key of this segment.
    pub fn key(number: u64) -> [u8; 16] {
        u128::from(number + 1).wrapping_mul(0x1234_5678_9abc_def1_2345_6789_abcd_ef13).to_be_bytes()
    }

    fn encrypt(&self, path: &str, reply: &mut Reply) {
        let name = path.rsplit('/').next().and_then(|file| file.strip_suffix(".m4s"));
        let number = name.and_then(|name| name.split('.').next()?.parse::<u64>().ok());
        if let (Some(last), Some(number), Reply::Body { body, .. }) =
            (self.keys_last, number, reply)
        {
            let iv = u128::from(number).to_be_bytes();
            *body = Rc::new(cbc::encrypt(Self::key(number / last), iv, body));
        }
    }

    fn answer(&self, path: &str, now_secs: f64) -> Option<Reply> {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let variant = bare.rsplit_once('/');
        if let Some((directory, file)) = variant
            // The audio rendition counts as one more.
            && let Some(rung) = match directory {
                _ if audio_number(directory).is_some() => {
                    Some(self.rungs.len() + audio_number(directory)?)
                }
                _ => directory.strip_prefix('v').and_then(|rung| rung.parse().ok()),
            }
            && !self.files.contains_key(path)
            && !matches!(file, "init.mp4" | "next.mp4")
        {
            if let Some(low_latency) = &self.low_latency {
                let made_secs = low_latency.made_secs(now_secs);
                let reply = match file {
                    "index.m3u8" => Some(self.low_latency_list(rung, query, made_secs)),
                    _ => self.low_latency_media(rung, file, made_secs),
                };
                return reply.map(|reply| low_latency.delayed(reply));
            }
            if self.prefetch.is_some() {
                return match file {
                    "index.m3u8" => {
                        Some(Reply::whole(self.prefetch_list(rung, now_secs).into_bytes()))
                    }
                    _ => self.prefetch_media(rung, file, now_secs),
                };
            }
        }
        self.body(path, now_secs).map(Reply::whole_of)
    }

    fn body(&self, path: &str, now_secs: f64) -> Option<Rc<Vec<u8>>> {
        if let Some(file) = self.files.get(path) {
            return Some(Rc::clone(file));
        }
        if path == "master.m3u8" {
            return Some(Rc::new(self.master().into_bytes()));
        }
        let (directory, file) = path.rsplit_once('/')?;
        if self.has_text && (directory == "text" || directory == "other") {
            return Some(Rc::new(self.text(file, now_secs)?.into_bytes()));
        }
        let audio = audio_number(directory);
        let is_audio = audio.is_some();
        let rung = match audio {
            Some(0) => 0,
            Some(language) => LANGUAGE + language,
            None => directory.strip_prefix('v')?.parse().ok()?,
        };
        let bandwidth_bps = if is_audio { 128_000 } else { self.rungs.get(rung)?.bandwidth_bps };
        match file {
            "index.m3u8" => Some(Rc::new(self.media(now_secs).into_bytes())),
            "init.mp4" | "next.mp4" => Some(Rc::new(mp4::init(!is_audio, is_audio))),
            _ => {
                let number: u64 = file.strip_suffix(".m4s")?.parse().ok()?;
                let (first, end, _) = self.listed(now_secs);
                // A window's worth of segments stays on the disk after it left the playlist.
                if number + 3 < first || number >= end {
                    return None;
                }
                Some(Rc::new(mp4::segment(mp4::SegmentSpec {
                    is_video: !is_audio,
                    start_secs: self.media_secs(number)
                        + if is_audio { self.audio_late_secs } else { 0.0 },
                    duration_secs: self.segment_secs,
                    payload_len: (bandwidth_bps as f64 * self.segment_secs / 8.0) as usize,
                    variant: self.first_variant + rung as u32,
                })))
            }
        }
    }

    /// A subtitle playlist, or a segment of it whose only cue is the number of the picture's.
    fn text(&self, file: &str, now_secs: f64) -> Option<String> {
        if file == "index.m3u8" {
            let list = self.media(now_secs).replace(".m4s", ".vtt");
            return Some(list.replace("#EXT-X-MAP:URI=\"init.mp4\"\n", ""));
        }
        let number: u64 = file.strip_suffix(".vtt")?.parse().ok()?;
        let (first, end, _) = self.listed(now_secs);
        (first..end).contains(&number).then(|| format!("WEBVTT\n\n{number}"))
    }

    /// The timestamp a segment begins with.
    pub fn media_secs(&self, number: u64) -> f64 {
        let resets = self.discontinuities.iter().filter(|at| **at <= number);
        let last = resets.clone().max().copied();
        let jumps = self.clock_jumps.iter().filter(|(at, _)| *at <= number);
        let jumped_secs: f64 = jumps.map(|(_, secs)| secs).sum();
        jumped_secs
            + match last {
                // Another clock after each reset, so that an offset carried over is found out.
                Some(at) => {
                    5000.0 * resets.count() as f64 + (number - at) as f64 * self.segment_secs
                }
                None => self.clock_secs + number as f64 * self.segment_secs,
            }
    }

    /// It says something more of all its media playlists.
    pub fn add_to_master(&mut self, tags: &str) {
        let text = self.master() + tags;
        self.files.insert("master.m3u8".to_owned(), Rc::new(text.into_bytes()));
    }

    fn master(&self) -> String {
        let mut text = "#EXTM3U\n#EXT-X-VERSION:7\n".to_owned();
        let mut audio = "";
        if self.has_separate_audio {
            text += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"en\",DEFAULT=YES,\
                     URI=\"audio/index.m3u8\"\n";
            audio = ",AUDIO=\"a\"";
        }
        for (index, language) in self.languages.iter().enumerate() {
            let number = index + 1;
            let _ = writeln!(
                text,
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"{language}\",\
                 LANGUAGE=\"{language}\",AUTOSELECT=YES,URI=\"audio{number}/index.m3u8\""
            );
        }
        let mut subtitles = "";
        if self.has_text {
            text += "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"English\",LANGUAGE=\"en\",\
                     DEFAULT=YES,AUTOSELECT=YES,URI=\"text/index.m3u8\"\n\
                     #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"Signs\",LANGUAGE=\"en\",\
                     FORCED=YES,URI=\"other/index.m3u8\"\n";
            subtitles = ",SUBTITLES=\"s\"";
        }
        for (index, rung) in self.rungs.iter().enumerate() {
            let Rung { bandwidth_bps, width_px, height_px, codecs, attributes } = rung;
            let sound = if self.has_separate_audio { ",mp4a.40.2" } else { "" };
            let _ = writeln!(
                text,
                "#EXT-X-STREAM-INF:BANDWIDTH={bandwidth_bps},RESOLUTION={width_px}x{height_px},\
                 CODECS=\"{codecs}{sound}\"{audio}{subtitles}{attributes}\nv{index}/index.m3u8"
            );
        }
        text
    }

    fn media(&self, now_secs: f64) -> String {
        let (first, end, is_over) = self.listed(now_secs);
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:{first}\n",
            self.segment_secs.ceil()
        );
        let passed = self.discontinuities.iter().filter(|at| **at < first).count();
        let _ = writeln!(text, "#EXT-X-DISCONTINUITY-SEQUENCE:{passed}");
        match self.growth {
            Growth::Vod => text += "#EXT-X-PLAYLIST-TYPE:VOD\n",
            Growth::Event { .. } => text += "#EXT-X-PLAYLIST-TYPE:EVENT\n",
            Growth::Live { .. } => {}
        }
        text += "#EXT-X-MAP:URI=\"init.mp4\"\n";
        if let Some(method) = &self.key_method {
            let _ = writeln!(text, "#EXT-X-KEY:METHOD={method},URI=\"key\"");
        }
        for number in first..end {
            if self.discontinuities.contains(&number) {
                text += "#EXT-X-DISCONTINUITY\n";
            }
            if self.has_date_time {
                let _ = writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{}", self.date(number));
            }
            if self.gaps.contains(&number) {
                text += "#EXT-X-GAP\n";
            }
            let _ = writeln!(text, "#EXTINF:{},\n{number}.m4s", self.segment_secs);
        }
        if is_over {
            text += "#EXT-X-ENDLIST\n";
        }
        text
    }
}
