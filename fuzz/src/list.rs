//! A media playlist as a server has it over time, right or wrong.
//!
//! In: choices. Out: its text, whole or as a delta update. Segments are added, leave, are numbered
//! anew, come back; parts, hints, dates and the end come and go.

use crate::script::Script;
use std::fmt::Write;

/// No more are listed.
const MAX_LISTED: usize = 12;
/// Seconds of a part.
const PART_SECS: f64 = 0.5;

/// What segments are, by which their files end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// MPEG-TS.
    Ts,
    /// fMP4 with EXT-X-MAP.
    Mp4,
    /// Packed AAC.
    Aac,
}

/// One listed segment.
#[derive(Debug, Clone)]
struct Listed {
    /// Names its file.
    name: u64,
    duration_secs: f64,
    is_discontinuous: bool,
    is_gap: bool,
}

/// The list.
#[derive(Debug, Clone)]
pub struct List {
    kind: Kind,
    /// Where its first segment stands in the stream.
    first_secs: f64,
    first_number: u64,
    discontinuities: u64,
    segments: Vec<Listed>,
    next_name: u64,
    parts: usize,
    has_parts: bool,
    is_prefetched: bool,
    is_dated: bool,
    is_ended: bool,
    date_shift_secs: f64,
    /// It was numbered anew, or went back: nothing can be said of what a player makes of it.
    pub is_upset: bool,
}

impl List {
    /// A live list of some segments.
    pub fn new(kind: Kind, script: &mut Script<'_>) -> Self {
        let first_number = script.one_of(&[0, 7, 1 << 32, u64::MAX - 40]);
        let mut list = Self {
            kind,
            first_secs: 0.0,
            first_number,
            discontinuities: 0,
            segments: Vec::new(),
            next_name: 0,
            parts: 0,
            has_parts: false,
            is_prefetched: false,
            is_dated: false,
            is_ended: false,
            date_shift_secs: 0.0,
            is_upset: false,
        };
        let flags = script.byte();
        list.has_parts = flags & 1 != 0;
        list.is_dated = flags & 2 != 0;
        list.is_prefetched = flags & 4 != 0 && !list.has_parts;
        list.is_ended = flags & 8 != 0;
        (0..1 + script.below(6)).for_each(|_| list.add(script));
        list
    }

    /// How many segments are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The server does something.
    pub fn change(&mut self, script: &mut Script<'_>) {
        match script.below(20) {
            0..=6 => self.add(script),
            7 => (0..script.below(8)).for_each(|_| self.add(script)),
            8 => self.drop_first(script.below(4)),
            9 => self.parts = (self.parts + 1) % 5,
            10 => self.has_parts = !self.has_parts,
            11 => self.is_prefetched = !self.is_prefetched,
            12 => self.is_dated = !self.is_dated,
            13 => self.is_ended = !self.is_ended,
            14 => {
                self.is_upset = true;
                self.first_number = script.one_of(&[0, 1, 1000, u64::MAX - 3]);
            }
            15 => {
                self.is_upset = true;
                self.segments.pop();
            }
            16 => {
                self.is_upset = true;
                self.first_number = self.first_number.wrapping_add(u64::from(script.short()));
            }
            17 => {
                self.is_upset = true;
                self.next_name += u64::from(script.short());
                self.segments.clear();
                self.add(script);
            }
            18 => self.date_shift_secs += f64::from(script.short()) - 30_000.0,
            _ => self.discontinuities += 1,
        }
    }

    fn add(&mut self, script: &mut Script<'_>) {
        let choice = script.byte();
        // Where all are of no length, they are taken for as long as the target duration.
        self.is_upset |= choice % 8 == 5;
        let durations = [2.0, 2.0, 2.0, 2.0, 2.002, 0.0, 0.04, 12.0];
        self.segments.push(Listed {
            name: self.next_name,
            duration_secs: durations[usize::from(choice % 8)],
            is_discontinuous: choice & 0x70 == 0x10,
            is_gap: choice & 0x70 == 0x20,
        });
        self.next_name += 1;
        self.parts = 0;
        // Behind the last number there is, it begins anew.
        self.is_upset |= self.first_number > u64::MAX - 2 * MAX_LISTED as u64;
        self.drop_first(self.segments.len().saturating_sub(MAX_LISTED));
    }

    fn drop_first(&mut self, count: usize) {
        for dropped in self.segments.drain(..count.min(self.segments.len())) {
            self.first_secs += dropped.duration_secs;
            self.first_number = self.first_number.saturating_add(1);
            self.discontinuities += u64::from(dropped.is_discontinuous);
        }
    }

    /// As it is sent, so many of its segments skipped.
    #[must_use]
    pub fn text(&self, skipped: usize) -> String {
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:{}\n\
             #EXT-X-DISCONTINUITY-SEQUENCE:{}\n#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=12",
            self.first_number, self.discontinuities
        );
        if self.has_parts {
            let _ = write!(
                text,
                ",CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5\n#EXT-X-PART-INF:PART-TARGET={PART_SECS}"
            );
        }
        text.push('\n');
        if skipped > 0 {
            let _ = writeln!(text, "#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}");
        }
        let ending = match self.kind {
            Kind::Ts => "ts",
            Kind::Mp4 => "mp4",
            Kind::Aac => "aac",
        };
        let mut has_map = self.kind != Kind::Mp4;
        let mut at_secs = self.first_secs;
        for (index, listed) in self.segments.iter().enumerate() {
            let begin_secs = at_secs;
            at_secs += listed.duration_secs;
            if index < skipped {
                continue;
            }
            if listed.is_discontinuous {
                text += "#EXT-X-DISCONTINUITY\n";
            }
            if !core::mem::replace(&mut has_map, true) {
                text += "#EXT-X-MAP:URI=\"init.mp4\"\n";
            }
            if self.is_dated {
                let date_secs = (begin_secs + self.date_shift_secs).rem_euclid(86_400.0);
                let (whole, millis) = (date_secs as u64, (date_secs.fract() * 1000.0) as u64);
                let (hour, minute, second) = (whole / 3600, whole / 60 % 60, whole % 60);
                let _ = writeln!(
                    text,
                    "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
                );
            }
            if listed.is_gap {
                text += "#EXT-X-GAP\n";
            }
            let _ = writeln!(text, "#EXTINF:{},\n{}.{ending}", listed.duration_secs, listed.name);
        }
        let next = self.next_name;
        if self.has_parts && !self.is_ended {
            for part in 0..self.parts {
                let _ = writeln!(
                    text,
                    "#EXT-X-PART:DURATION={PART_SECS},INDEPENDENT=YES,URI=\"{next}-{part}.{ending}\""
                );
            }
            let _ = writeln!(
                text,
                "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{next}-{}.{ending}\"",
                self.parts
            );
        }
        if self.is_prefetched {
            let _ = writeln!(text, "#EXT-X-PREFETCH:{next}.{ending}");
        }
        if self.is_ended {
            text += "#EXT-X-ENDLIST\n";
        }
        text
    }
}
