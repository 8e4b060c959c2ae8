//! The low-latency side of the simulated origin (RFC 8216bis): parts, hints, answers that are held,
//! delta updates, rendition reports; and the prefetch streams that list segments still being
//! written.
//!
//! In: what was asked for and when. Out: playlists, when to answer, bodies that come as they are
//! made. What its server does wrong is set up by fields.

use std::fmt::Write;
use std::rc::Rc;

use crate::mp4;
use crate::origin::{Growth, Origin, Pace, Reply};

/// How an origin offers parts.
#[derive(Debug, Clone)]
pub struct LowLatency {
    pub part_secs: f64,
    /// Every how many parts one can be decoded by itself.
    pub independent_every: u64,
    /// It says that it holds answers.
    pub says_it_blocks: bool,
    /// And does it.
    pub blocks: bool,
    /// It answers requests that wait with this status.
    pub refusal: Option<u16>,
    /// CAN-SKIP-UNTIL in segments.
    pub skips: Option<u64>,
    /// Delta updates skip more than any client can know.
    pub skips_too_much: bool,
    pub hints: Hints,
    /// Parts are ranges of their segment.
    pub are_ranges: bool,
    /// Their hints do not say how long they are: the answer ends with the segment.
    pub are_hints_open: bool,
    /// From this segment on EXT-X-MAP names `next.mp4`; a hint says so a segment before.
    pub next_map_from: Option<u64>,
    /// Spans of server time in which parts are listed but cannot be had.
    pub without_parts: Vec<(f64, f64)>,
    /// Spans of server time in which nothing new is listed or made.
    pub standstills: Vec<(f64, f64)>,
    /// Parts stay listed for this many segments.
    pub listed_segments: u64,
    /// A part that is asked for before it is whole is sent as it is made, picture by picture.
    pub sends_as_made: bool,
    /// At this server time the encoder stops for so long, and goes on later by that for good.
    pub late: Option<(f64, f64)>,
    /// BYTERANGE-START=0 is left out of hints, which is what it means.
    pub omits_start: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    None,
    Right,
    /// They lead to something that will never be listed.
    Wrong,
    /// Of a part that can never be had.
    Missing,
}

impl Default for LowLatency {
    fn default() -> Self {
        Self {
            part_secs: 0.4,
            independent_every: 1,
            says_it_blocks: true,
            blocks: true,
            refusal: None,
            skips: Some(6),
            skips_too_much: false,
            hints: Hints::Right,
            are_ranges: false,
            are_hints_open: false,
            next_map_from: None,
            without_parts: Vec::new(),
            standstills: Vec::new(),
            listed_segments: 3,
            sends_as_made: false,
            late: None,
            omits_start: false,
        }
    }
}

impl LowLatency {
    /// Up to when the encoder has come.
    pub fn made_secs(&self, now_secs: f64) -> f64 {
        match self.late {
            Some((stop_secs, late_secs)) if now_secs > stop_secs => {
                (now_secs - late_secs).max(stop_secs)
            }
            _ => now_secs,
        }
    }

    /// The same the other way round, for when something will be there.
    pub fn delayed(&self, reply: Reply) -> Reply {
        let Some((stop_secs, late_secs)) = self.late else { return reply };
        let delayed =
            |at_secs: f64| if at_secs > stop_secs { at_secs + late_secs } else { at_secs };
        match reply {
            Reply::NotBefore(at_secs) => Reply::NotBefore(delayed(at_secs)),
            reply => reply,
        }
    }
}

/// How an origin lists segments still being written.
#[derive(Debug, Clone, Default)]
pub struct Prefetch {
    /// TARGETDURATION, which says nothing of the segments' length.
    pub target_secs: f64,
    /// From this segment on others are listed than were announced.
    pub replaced: Vec<u64>,
    /// Spans of server time in which nothing is announced.
    pub unannounced: Vec<(f64, f64)>,
    /// Segments whose bodies break off in the middle.
    pub broken: Vec<u64>,
    /// Segments whose bodies stop coming in the middle, without an end.
    pub stalled: Vec<u64>,
    /// Segments whose bodies end early, as if they were whole.
    pub short: Vec<u64>,
    /// Before these EXT-X-PREFETCH-DISCONTINUITY stands, and their clock begins anew.
    pub discontinuities: Vec<u64>,
    /// The segments, by their numbers.
    pub files: Vec<Rc<Vec<u8>>>,
    /// In their place CMAF, chunks of this length sent as each is made.
    pub chunk_secs: Option<f64>,
}

fn in_span(spans: &[(f64, f64)], now_secs: f64) -> Option<f64> {
    spans.iter().find(|(from, to)| (*from..*to).contains(&now_secs)).map(|(from, _)| *from)
}

impl Origin {
    pub fn low_latency(base: &str, rungs: Vec<crate::origin::Rung>) -> Self {
        Self { low_latency: Some(LowLatency::default()), ..Self::live(base, rungs) }
    }

    /// As Amazon IVS: two-second transport stream segments, a TARGETDURATION of six.
    pub fn prefetch(base: &str, discontinuities: &[u64]) -> Self {
        let mut rung = crate::origin::Rung::new(400_000, 240);
        rung.codecs = "avc1.64000c,mp4a.40.2".to_owned();
        let prefetch = Prefetch {
            target_secs: 6.0,
            discontinuities: discontinuities.to_vec(),
            files: crate::ts_clock::segments(200, discontinuities),
            ..Prefetch::default()
        };
        Self { prefetch: Some(prefetch), ..Self::live(base, vec![rung]) }
    }

    /// Several variants of CMAF, sent chunk by chunk.
    pub fn chunked(base: &str, rungs: Vec<crate::origin::Rung>) -> Self {
        let prefetch = Prefetch { target_secs: 2.0, chunk_secs: Some(0.2), ..Prefetch::default() };
        Self { prefetch: Some(prefetch), ..Self::live(base, rungs) }
    }

    fn already_secs(&self) -> f64 {
        match self.growth {
            Growth::Live { already_secs, .. } => already_secs,
            other => panic!("{other:?} is not live"),
        }
    }

    /// The list of a variant, or when it is to be answered.
    pub fn low_latency_list(&self, rung: usize, query: &str, now_secs: f64) -> Reply {
        let ll = self.low_latency.as_ref().expect("a low-latency origin");
        let number = |name: &str| -> Option<u64> {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok())
        };
        let listed_secs = in_span(&ll.standstills, now_secs).unwrap_or(now_secs);
        let (first, end, is_over) = self.listed(listed_secs);
        let end = if is_over { end } else { end.max(first) };
        if let Some(wanted) = number("_HLS_msn").filter(|_| !is_over) {
            if let Some(status) = ll.refusal {
                return Reply::Status(status);
            }
            if wanted > end + 1 {
                return Reply::Status(400);
            }
            let parts = number("_HLS_part")
                .map_or(self.segment_secs / ll.part_secs, |part| (part + 1) as f64);
            let has_secs = wanted as f64 * self.segment_secs + parts * ll.part_secs;
            let at_secs = (has_secs - self.already_secs()).min(match self.growth {
                Growth::Live { ends_at_secs, .. } => ends_at_secs,
                _ => f64::INFINITY,
            });
            if ll.blocks && (at_secs > now_secs + 1e-9 || listed_secs < now_secs) {
                let until =
                    ll.standstills.iter().find(|(from, to)| (*from..*to).contains(&at_secs));
                let at_secs = until.map_or(at_secs, |(_, to)| *to);
                return Reply::NotBefore(at_secs.max(now_secs + 0.02));
            }
        }
        let skips = query.contains("_HLS_skip=");
        Reply::whole(self.parts_list((rung, skips), listed_secs).into_bytes())
    }

    fn parts_list(&self, (rung, skips): (usize, bool), now_secs: f64) -> String {
        let ll = self.low_latency.as_ref().expect("a low-latency origin");
        let (first, end, is_over) = self.listed(now_secs);
        let per_segment = (self.segment_secs / ll.part_secs).round() as u64;
        let position_secs = now_secs + self.already_secs();
        let in_progress =
            ((position_secs - end as f64 * self.segment_secs) / ll.part_secs + 1e-9) as u64;
        let in_progress = if is_over { 0 } else { in_progress };
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:{}\n#EXT-X-PART-INF:PART-TARGET={}\n\
             #EXT-X-MEDIA-SEQUENCE:{first}\n",
            self.segment_secs.ceil(),
            ll.part_secs
        );
        let mut control = format!("PART-HOLD-BACK={}", 3.0 * ll.part_secs);
        if ll.says_it_blocks {
            control += ",CAN-BLOCK-RELOAD=YES";
        }
        if let Some(skipped) = ll.skips {
            let _ = write!(control, ",CAN-SKIP-UNTIL={}", skipped as f64 * self.segment_secs);
        }
        let _ = writeln!(text, "#EXT-X-SERVER-CONTROL:{control}");
        let mut from = first;
        if let Some(boundary) = ll.skips.filter(|_| skips) {
            from = end.saturating_sub(boundary).max(first);
            let skipped = if ll.skips_too_much { from - first + 1000 } else { from - first };
            if skipped > 0 {
                let _ = writeln!(text, "#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}");
            }
        }
        text += "#EXT-X-MAP:URI=\"init.mp4\"\n";
        // All parts of a variant weigh the same.
        let len = if ll.are_ranges { self.part_body((rung, end), 0).len() as u64 } else { 0 };
        let part_lines = |text: &mut String, number: u64, count: u64| {
            for part in 0..count {
                let independent =
                    if part % ll.independent_every == 0 { ",INDEPENDENT=YES" } else { "" };
                let place = if ll.are_ranges {
                    format!("URI=\"{number}.m4s\",BYTERANGE=\"{len}@{}\"", part * len)
                } else {
                    format!("URI=\"{number}.{part}.m4s\"")
                };
                let _ =
                    writeln!(text, "#EXT-X-PART:DURATION={},{place}{independent}", ll.part_secs);
            }
        };
        let map_line = |number: u64| match ll.next_map_from {
            Some(at) if at == number => "#EXT-X-MAP:URI=\"next.mp4\"\n",
            _ => "",
        };
        if ll.next_map_from.is_some_and(|at| at < from) {
            text += map_line(ll.next_map_from.unwrap_or_default());
        }
        for number in from..end {
            text += map_line(number);
            if self.has_date_time {
                let _ = writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{}", self.date(number));
            }
            if number + ll.listed_segments >= end {
                part_lines(&mut text, number, per_segment);
            }
            let _ = writeln!(text, "#EXTINF:{},\n{number}.m4s", self.segment_secs);
        }
        text += map_line(end);
        part_lines(&mut text, end, in_progress);
        if is_over {
            return text + "#EXT-X-ENDLIST\n";
        }
        if ll.next_map_from == Some(end + 1) {
            text += "#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"next.mp4\"\n";
        }
        if ll.are_ranges {
            let start = in_progress * len;
            let length =
                if ll.are_hints_open { String::new() } else { format!(",BYTERANGE-LENGTH={len}") };
            let start = match start {
                0 if ll.omits_start => String::new(),
                start => format!(",BYTERANGE-START={start}"),
            };
            let _ =
                writeln!(text, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{end}.m4s\"{start}{length}");
        } else {
            let uri = match ll.hints {
                Hints::None => None,
                Hints::Right => Some(format!("{end}.{in_progress}.m4s")),
                Hints::Wrong => Some(format!("{end}.{in_progress}.wrong.m4s")),
                Hints::Missing => Some(format!("{end}.{in_progress}.missing.m4s")),
            };
            if let Some(uri) = uri {
                let _ = writeln!(text, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{uri}\"");
            }
        }
        let last_part = in_progress.checked_sub(1).unwrap_or(per_segment - 1);
        let last_number = if in_progress > 0 { end } else { end.saturating_sub(1) };
        for other in (0..self.rungs.len()).filter(|other| *other != rung) {
            let _ = writeln!(
                text,
                "#EXT-X-RENDITION-REPORT:URI=\"../v{other}/index.m3u8\",LAST-MSN={last_number},\
                 LAST-PART={last_part}"
            );
        }
        text
    }

    /// What the payload says it is of.
    fn variant_of(&self, rung: usize) -> u32 {
        let language = rung.saturating_sub(self.rungs.len());
        let number = if language > 0 { crate::origin::LANGUAGE + language } else { rung };
        self.first_variant + number as u32
    }

    /// The bytes of a part.
    fn part_body(&self, (rung, number): (usize, u64), part: u64) -> Vec<u8> {
        let ll = self.low_latency.as_ref().expect("a low-latency origin");
        let bandwidth_bps = self.rungs.get(rung).map_or(128e3, |rung| rung.bandwidth_bps as f64);
        mp4::segment(mp4::SegmentSpec {
            is_video: rung < self.rungs.len(),
            start_secs: self.media_secs(number) + part as f64 * ll.part_secs,
            duration_secs: ll.part_secs,
            payload_len: (bandwidth_bps * ll.part_secs / 8.0) as usize,
            variant: self.variant_of(rung),
        })
    }

    /// A segment made of its parts, or one part `7.2.m4s`, as soon as it can be had.
    pub fn low_latency_media(&self, rung: usize, file: &str, now_secs: f64) -> Option<Reply> {
        let ll = self.low_latency.as_ref()?;
        let per_segment = (self.segment_secs / ll.part_secs).round() as u64;
        let name = file.strip_suffix(".m4s")?;
        let (number, part) = match name.split_once('.') {
            Some((number, part)) => (number.parse::<u64>().ok()?, Some(part)),
            None => (name.parse().ok()?, None),
        };
        let (first, end, _) = self.listed(now_secs);
        if number + 3 < first || number > end + 1 {
            return None;
        }
        let Some(part) = part else {
            if !ll.are_ranges && number >= end {
                return None;
            }
            let parts = (0..per_segment).flat_map(|part| self.part_body((rung, number), part));
            let mut reply = Reply::whole(parts.collect());
            if let Reply::Body { pace, body, .. } = &mut reply
                && number >= end
            {
                let begins_secs = number as f64 * self.segment_secs - self.already_secs();
                let bytes_per_sec = body.len() as f64 / self.segment_secs;
                *pace = Some(Pace { begins_secs, bytes_per_sec, most: usize::MAX, grain: 1 });
            }
            return Some(reply);
        };
        if part.ends_with("wrong") {
            // It is held, and comes as something that no list names.
            return Some(Reply::NotBefore(now_secs + 60.0));
        }
        let part: u64 = part.parse().ok()?;
        if in_span(&ll.without_parts, now_secs).is_some() || part >= per_segment {
            return None;
        }
        // Who has just read of it may still have it.
        if number + ll.listed_segments + 1 < end {
            return None;
        }
        let has_secs = number as f64 * self.segment_secs + (part + 1) as f64 * ll.part_secs;
        let at_secs = has_secs - self.already_secs();
        let mut reply = Reply::whole(self.part_body((rung, number), part));
        if at_secs > now_secs + 1e-9 {
            let (true, Reply::Body { pace, body, .. }) = (ll.sends_as_made, &mut reply) else {
                return Some(Reply::NotBefore(at_secs));
            };
            /// A part has so many pictures.
            const PICTURES: usize = 12;
            *pace = Some(Pace {
                begins_secs: at_secs - ll.part_secs,
                bytes_per_sec: body.len() as f64 / ll.part_secs,
                most: usize::MAX,
                grain: body.len().div_ceil(PICTURES),
            });
        }
        Some(reply)
    }

    /// A list that announces two segments still being written.
    pub fn prefetch_list(&self, rung: usize, now_secs: f64) -> String {
        let prefetch = self.prefetch.as_ref().expect("a prefetch origin");
        let (first, end, _) = self.listed(now_secs);
        let passed = prefetch.discontinuities.iter().filter(|at| **at < first).count();
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:{first}\n\
             #EXT-X-DISCONTINUITY-SEQUENCE:{passed}\n\
             #EXT-X-NET-LIVE-VIDEO-ELAPSED-SECS:{now_secs}\n",
            prefetch.target_secs
        );
        let kind = if prefetch.chunk_secs.is_some() { "m4s" } else { "ts" };
        if prefetch.chunk_secs.is_some() {
            text += "#EXT-X-MAP:URI=\"init.mp4\"\n";
        }
        for number in first..end {
            if prefetch.discontinuities.contains(&number) {
                text += "#EXT-X-DISCONTINUITY\n";
            }
            let name = if prefetch.replaced.contains(&number) { "other" } else { "live" };
            if self.has_date_time {
                let _ = writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{}", self.date(number));
            }
            let _ = writeln!(text, "#EXTINF:{:.3},live\n{name}{number}.{kind}", self.segment_secs);
        }
        let is_announced = in_span(&prefetch.unannounced, now_secs).is_none();
        for number in [end, end + 1].into_iter().filter(|_| is_announced) {
            if prefetch.discontinuities.contains(&number) {
                text += "#EXT-X-PREFETCH-DISCONTINUITY\n";
            }
            let _ = writeln!(text, "#EXT-X-PREFETCH:{}v{rung}/live{number}.{kind}", self.base);
        }
        text
    }

    /// A segment of a prefetch stream, at the pace at which it is made.
    pub fn prefetch_media(&self, rung: usize, file: &str, now_secs: f64) -> Option<Reply> {
        let prefetch = self.prefetch.as_ref()?;
        let (name, _) = file.split_once('.')?;
        let (is_live, number) = match name.strip_prefix("live") {
            Some(number) => (true, number.parse::<u64>().ok()?),
            None => (false, name.strip_prefix("other")?.parse::<u64>().ok()?),
        };
        let (first, end, _) = self.listed(now_secs);
        if number + 3 < first || number > end + 1 {
            return None;
        }
        let body = match prefetch.chunk_secs {
            Some(chunk_secs) => Rc::new(self.chunks((rung, number), chunk_secs)),
            None => Rc::clone(prefetch.files.get(number as usize)?),
        };
        let grain = prefetch
            .chunk_secs
            .map_or(1, |secs| (body.len() as f64 * secs / self.segment_secs).round() as usize);
        let mut reply = Reply::whole_of(Rc::clone(&body));
        let begins_secs = number as f64 * self.segment_secs - self.already_secs();
        if number < end || !is_live {
            return Some(reply);
        }
        if let Reply::Body { pace, truncate_at, body, .. } = &mut reply {
            let mut whole_len = body.len();
            if prefetch.broken.contains(&number) {
                *truncate_at = Some(whole_len / 2);
            }
            if prefetch.stalled.contains(&number) {
                whole_len /= 2;
            }
            if prefetch.short.contains(&number) {
                // At a packet's border, as an encoder that is cut off would.
                *body = Rc::new(body[..whole_len / 2 / 188 * 188].to_vec());
            }
            let bytes_per_sec = body.len() as f64 / self.segment_secs;
            *pace = Some(Pace { begins_secs, bytes_per_sec, most: whole_len, grain });
        }
        Some(reply)
    }

    /// A segment in chunks.
    fn chunks(&self, (rung, number): (usize, u64), chunk_secs: f64) -> Vec<u8> {
        let count = (self.segment_secs / chunk_secs).round() as u64;
        let bandwidth_bps = self.rungs[rung].bandwidth_bps as f64;
        let chunk = |index: u64| {
            mp4::segment(mp4::SegmentSpec {
                is_video: true,
                start_secs: self.media_secs(number) + index as f64 * chunk_secs,
                duration_secs: chunk_secs,
                payload_len: (bandwidth_bps * chunk_secs / 8.0) as usize,
                variant: self.first_variant + rung as u32,
            })
        };
        (0..count).flat_map(chunk).collect()
    }

    /// A date for a segment's number.
    pub fn date(&self, number: u64) -> String {
        let secs = number as f64 * self.segment_secs + self.date_offset_secs;
        let millis = (secs * 1000.0) as u64;
        let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
        let secs = (millis % 60_000) as f64 / 1000.0;
        format!("2026-01-01T{hours:02}:{minutes:02}:{secs:06.3}Z")
    }
}
