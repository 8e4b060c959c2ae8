//! Reads a media playlist (RFC 8216bis 4.4.3 to 4.4.5).
//!
//! In: text that [`super::parse`] has recognised. Out: [`MediaPlaylist`]. What is missing is
//! supplied where playback can go on (a target duration from the longest segment, a segment's
//! duration from the target). A tag that makes no sense is passed over, with its segment where that
//! cannot be had without it. It refuses a playlist without segments that does not say it is one, an
//! undefined variable, and more than [`MAX_SEGMENTS`].

use std::sync::Arc;

use super::byte_search;
use super::context::Context;
use super::lines::{Line, Lines};
use super::media::Inherited;
use super::media_tags;
use super::numbers;
use super::tags;
use super::{
    ByteRange, InitSection, Keys, MediaPlaylist, Part, PlaylistKind, Segment, UnknownTag, Upcoming,
};
use crate::Error;

/// The most segments, 111 hours of two seconds each. (Memory stays below about 400 bytes a
/// segment besides its URL.)
pub(super) const MAX_SEGMENTS: usize = 200_000;

/// Segments still being written that are believed: the services list two.
const MAX_PREFETCHED: usize = 8;

/// Of tags that are kept but not needed no more than this many.
const MAX_KEPT_TAGS: usize = 10_000;

pub(super) fn parse(text: &str, context: Context<'_>) -> Result<MediaPlaylist, Error> {
    let mut reader = Reader::new(context);
    let mut lines = Lines::new(text);
    while let Some((whole, line)) = lines.next() {
        reader.context.line = lines.line_number();
        match line {
            Line::Comment => {}
            Line::Uri(uri) => reader.end_segment(uri)?,
            Line::Tag { name, value } => {
                if !reader.segment_tag(name, value)? && !reader.playlist_tag(name, value)? {
                    let line = reader.context.line;
                    reader.keep_unknown(UnknownTag { line, text: whole.into() });
                }
            }
        }
    }
    reader.finish()
}

/// The playlist so far, and what has been said of the segment to come.
struct Reader<'a> {
    context: Context<'a>,
    playlist: MediaPlaylist,
    /// Announced by EXT-X-PREFETCH.
    prefetched: Vec<Segment>,
    pending: Pending,
    has_target_duration: bool,
    has_playlist_type: bool,
    discontinuities: u64,
    map: Option<Arc<InitSection>>,
    keys: Keys,
    bitrate_bps: Option<u64>,
    /// The last title: most lists give each segment the same one.
    title: Option<Arc<str>>,
    /// Where the last segment's and the last part's byte range ended, if that is known: one without
    /// an offset begins there.
    byte_range_end: Option<u64>,
    part_range_end: Option<u64>,
    /// The first segments, to which no EXT-X-MAP (EXT-X-KEY) of this playlist applies.
    segments_before_map: Option<usize>,
    segments_before_key: Option<usize>,
}

/// What the tags before a URI said of its segment alone.
#[derive(Default)]
struct Pending {
    /// `None` where EXTINF is missing or makes no sense.
    duration_secs: Option<f64>,
    title: Option<Arc<str>>,
    byte_range: Option<ByteRange>,
    program_date_time_millis: Option<f64>,
    is_gap: bool,
    /// EXT-X-BYTERANGE makes no sense, and the whole resource is not this segment.
    is_range_lost: bool,
    parts: Vec<Part>,
}

impl<'a> Reader<'a> {
    fn new(context: Context<'a>) -> Self {
        Self {
            context,
            playlist: MediaPlaylist { version: 1, ..MediaPlaylist::default() },
            prefetched: Vec::new(),
            pending: Pending::default(),
            has_target_duration: false,
            has_playlist_type: false,
            discontinuities: 0,
            map: None,
            keys: Keys::default(),
            bitrate_bps: None,
            title: None,
            byte_range_end: Some(0),
            part_range_end: Some(0),
            segments_before_map: None,
            segments_before_key: None,
        }
    }

    /// A tag that applies to the segment to come; false where it is none.
    fn segment_tag(&mut self, name: &str, value: &str) -> Result<bool, Error> {
        match name {
            "#EXTINF" => self.duration(value),
            "#EXT-X-BYTERANGE" => {
                self.pending.byte_range = tags::byte_range(value, self.byte_range_end);
                self.pending.is_range_lost = self.pending.byte_range.is_none();
            }
            "#EXT-X-DISCONTINUITY" | "#EXT-X-PREFETCH-DISCONTINUITY" => {
                self.discontinuities = self.discontinuities.saturating_add(1);
            }
            "#EXT-X-GAP" => self.pending.is_gap = true,
            "#EXT-X-PROGRAM-DATE-TIME" => {
                self.pending.program_date_time_millis = numbers::date_millis(value);
            }
            "#EXT-X-BITRATE" => {
                self.bitrate_bps = numbers::integer(value).map(|kbps| kbps.saturating_mul(1000));
            }
            "#EXT-X-MAP" => {
                if let Some(map) = media_tags::map(&mut self.context, value)? {
                    self.segments_before_map.get_or_insert(self.playlist.segments.len());
                    self.map = Some(Arc::new(InitSection { keys: self.keys.clone(), ..map }));
                }
            }
            "#EXT-X-KEY" => self.key(value)?,
            "#EXT-X-PART" => {
                let part = media_tags::part(&mut self.context, value, self.part_range_end)?;
                if let Some(part) = part {
                    self.part_range_end = match part.byte_range {
                        None if part.is_gap => None,
                        range => Some(range.map_or(0, range_end)),
                    };
                    self.pending.parts.push(part);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A tag that applies to the whole playlist; false where it is none.
    fn playlist_tag(&mut self, name: &str, value: &str) -> Result<bool, Error> {
        let context = &mut self.context;
        let playlist = &mut self.playlist;
        match name {
            "#EXTM3U" => {}
            "#EXT-X-VERSION" => playlist.version = tags::version(value),
            "#EXT-X-TARGETDURATION" => {
                if let Some(target_secs) = numbers::non_negative(value) {
                    playlist.target_duration_secs = target_secs;
                    self.has_target_duration = true;
                }
            }
            "#EXT-X-MEDIA-SEQUENCE" => {
                playlist.media_sequence = numbers::integer(value).unwrap_or(0);
            }
            "#EXT-X-DISCONTINUITY-SEQUENCE" => {
                playlist.discontinuity_sequence = numbers::integer(value).unwrap_or(0);
            }
            "#EXT-X-PLAYLIST-TYPE" => match value {
                "VOD" => (playlist.kind, self.has_playlist_type) = (PlaylistKind::Vod, true),
                "EVENT" => (playlist.kind, self.has_playlist_type) = (PlaylistKind::Event, true),
                _ => {}
            },
            "#EXT-X-ENDLIST" => playlist.is_ended = true,
            "#EXT-X-INDEPENDENT-SEGMENTS" => playlist.independent_segments = true,
            "#EXT-X-I-FRAMES-ONLY" => playlist.iframes_only = true,
            "#EXT-X-START" => playlist.start = tags::start(context, value)?,
            "#EXT-X-DEFINE" => context.define(value)?,
            "#EXT-X-PART-INF" => playlist.part_target_secs = media_tags::part_target(value),
            "#EXT-X-SERVER-CONTROL" => playlist.server_control = media_tags::server_control(value),
            "#EXT-X-SKIP" => {
                (playlist.skipped_segments, playlist.removed_date_ranges) =
                    media_tags::skip(context, value)?;
            }
            "#EXT-X-PRELOAD-HINT" => {
                if let Some(hint) = media_tags::preload_hint(context, value)? {
                    push_kept(&mut playlist.preload_hints, hint);
                }
            }
            "#EXT-X-RENDITION-REPORT" => {
                if let Some(report) = media_tags::rendition_report(context, value)? {
                    push_kept(&mut playlist.rendition_reports, report);
                }
            }
            "#EXT-X-PREFETCH" | "#EXT-X-TWITCH-PREFETCH" => {
                let url = context.resolve(value.trim_ascii())?;
                if self.prefetched.len() < MAX_PREFETCHED {
                    let mut segment = self.take_segment(url);
                    segment.duration_secs = 0.0;
                    self.prefetched.push(segment);
                }
            }
            "#EXT-X-DATERANGE" => {
                let range = media_tags::date_range(context, value)?;
                push_kept(&mut playlist.date_ranges, range);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// EXTINF. A duration that cannot be read (or is the -1 of radio lists) is supplied later.
    fn duration(&mut self, value: &str) {
        self.pending.duration_secs = numbers::non_negative(value);
        let title =
            byte_search::split_once(value, b',').map_or("", |(_, title)| title.trim_ascii());
        self.pending.title = match &self.title {
            _ if title.is_empty() => None,
            Some(last) if **last == *title => Some(Arc::clone(last)),
            _ => {
                self.title = Some(title.into());
                self.title.clone()
            }
        };
    }

    fn key(&mut self, value: &str) -> Result<(), Error> {
        let key = media_tags::key(&mut self.context, value)?;
        self.segments_before_key.get_or_insert(self.playlist.segments.len());
        // METHOD=NONE ends them all.
        self.keys = key.map(|key| self.keys.with(key)).unwrap_or_default();
        Ok(())
    }

    /// A URI line: the segment is complete.
    fn end_segment(&mut self, uri: &str) -> Result<(), Error> {
        if self.playlist.segments.len() >= MAX_SEGMENTS {
            return Err(self.context.error(format!("it lists more than {MAX_SEGMENTS} segments")));
        }
        let url = self.context.resolve(uri)?;
        let segment = self.take_segment(url);
        self.playlist.segments.push(segment);
        Ok(())
    }

    /// The segment that the tags since the last one describe.
    fn take_segment<Url>(&mut self, url: Url) -> Segment<Url> {
        let pending = core::mem::take(&mut self.pending);
        let byte_range = pending.byte_range;
        self.byte_range_end = (!pending.is_range_lost).then(|| byte_range.map_or(0, range_end));
        self.part_range_end = Some(0);
        Segment {
            url,
            // Not given: supplied at the end of the list, as for one that is far too long.
            duration_secs: pending.duration_secs.unwrap_or(f64::INFINITY),
            media_sequence: 0,
            discontinuity_sequence: self.discontinuities,
            byte_range,
            map: self.map.clone(),
            keys: self.keys.clone(),
            program_date_time_millis: pending.program_date_time_millis,
            is_gap: pending.is_gap || pending.is_range_lost,
            // EXT-X-BITRATE does not apply to byte ranges (RFC 4.4.4.8).
            bitrate_bps: self.bitrate_bps.filter(|_| byte_range.is_none()),
            parts: pending.parts,
            title: pending.title,
        }
    }

    /// The segment whose parts stand after the last whole one, or are announced by a hint.
    fn segment_in_progress(&mut self) -> Option<Segment<()>> {
        let is_hinted = self.playlist.part_target_secs.is_some()
            && self.playlist.preload_hints.iter().any(|hint| !hint.is_map);
        let is_listed = !self.pending.parts.is_empty();
        if !(is_listed || is_hinted && self.prefetched.is_empty()) {
            return None;
        }
        let mut segment = self.take_segment(());
        segment.duration_secs = segment.parts.iter().map(|part| part.duration_secs).sum();
        Some(segment)
    }

    fn keep_unknown(&mut self, tag: UnknownTag) {
        push_kept(&mut self.playlist.unknown_tags, tag);
    }

    /// Numbers the segments and supplies what was missing.
    fn finish(mut self) -> Result<MediaPlaylist, Error> {
        let in_progress = self.segment_in_progress();
        let mut playlist = self.playlist;
        if !playlist.is_ended {
            playlist.upcoming = match in_progress {
                Some(segment) => Upcoming::InProgress(Box::new(segment)),
                None => Upcoming::Prefetched(self.prefetched),
            };
        }
        if !self.has_target_duration && playlist.segments.is_empty() {
            return Err(self.context.error(
                "it lists neither variants (EXT-X-STREAM-INF) nor segments (EXTINF), and has no \
                 EXT-X-TARGETDURATION",
            ));
        }
        let durations = playlist.segments.iter().map(|segment| segment.duration_secs);
        let told = durations.filter(|secs| secs.is_finite());
        let longest_secs = told.fold(0.0, f64::max);
        let target_secs = &mut playlist.target_duration_secs;
        if *target_secs <= 0.0 {
            *target_secs = longest_secs.round();
        }
        // No duration at all: the media will tell.
        let is_untold = longest_secs <= 0.0 && !playlist.segments.is_empty();
        if is_untold && *target_secs <= 0.0 {
            *target_secs = GUESSED_SECS;
        }
        let most_secs = MAX_TARGET_DURATIONS * target_secs.max(1.0);
        for segment in &mut playlist.segments {
            if is_untold || segment.duration_secs > most_secs {
                segment.duration_secs = *target_secs;
            }
        }
        if playlist.is_ended && !self.has_playlist_type {
            playlist.kind = PlaylistKind::Vod;
        }
        let count = (playlist.segments.len() + playlist.upcoming.count()) as u64;
        let first_number = playlist
            .media_sequence
            .checked_add(playlist.skipped_segments)
            .filter(|first| first.checked_add(count).is_some())
            .unwrap_or_else(|| {
                // Nobody counted up to there.
                playlist.media_sequence = 0;
                playlist.skipped_segments = playlist.skipped_segments.min(u64::from(u32::MAX));
                playlist.skipped_segments
            });
        let first_discontinuity = playlist.discontinuity_sequence;
        let mut next_number = first_number;
        let mut number = |media_sequence: &mut u64, discontinuity_sequence: &mut u64| {
            *media_sequence = next_number;
            *discontinuity_sequence = first_discontinuity.saturating_add(*discontinuity_sequence);
            next_number += 1;
        };
        for segment in &mut playlist.segments {
            number(&mut segment.media_sequence, &mut segment.discontinuity_sequence);
        }
        match &mut playlist.upcoming {
            Upcoming::InProgress(segment) => {
                number(&mut segment.media_sequence, &mut segment.discontinuity_sequence);
            }
            Upcoming::Prefetched(segments) => segments.iter_mut().for_each(|segment| {
                number(&mut segment.media_sequence, &mut segment.discontinuity_sequence);
            }),
        }
        playlist.inherited = Inherited {
            map_segments: self.segments_before_map.unwrap_or(usize::MAX),
            key_segments: self.segments_before_key.unwrap_or(usize::MAX),
        };
        Ok(playlist)
    }
}

/// A segment's duration where a list says nothing of any.
const GUESSED_SECS: f64 = 6.0;

/// An EXTINF of more target durations than this is none (in milliseconds, most often).
const MAX_TARGET_DURATIONS: f64 = 100.0;

fn range_end(range: ByteRange) -> u64 {
    range.offset.saturating_add(range.length.unwrap_or(0))
}

fn push_kept<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MAX_KEPT_TAGS {
        list.push(item);
    }
}
