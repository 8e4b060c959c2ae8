//! Delivery directives: what to ask a server for beyond the playlist as it is (RFC 8216bis 6.2.5).
//!
//! In: a [`Timeline`], how old its playlist is, a rendition report. Out: [`Directives`], and the
//! URL that carries them. A server that does not know them ignores them; whether it does is for the
//! caller to find out, by [`Directives::is_met_by`].

use core::fmt::Write;

use super::RenditionReport;
use super::timeline::Timeline;
use crate::time::Duration;

/// `_HLS_skip`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Skip {
    /// The whole playlist.
    #[default]
    Nothing,
    /// `YES`: segments that are known.
    Segments,
    /// `v2`: date ranges too.
    DateRanges,
}

/// What a request for a media playlist asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Directives {
    /// `_HLS_msn` and `_HLS_part`: answer once the playlist has this segment, or this part of it.
    pub wait_for: Option<(u64, Option<u64>)>,
    /// `_HLS_skip`.
    pub skip: Skip,
}

impl Directives {
    /// Waits for the first thing that `timeline` does not have. `None` where its server does not
    /// offer that, or nothing more can come.
    #[must_use]
    pub fn next_of(timeline: &Timeline) -> Option<Self> {
        let playlist = timeline.playlist()?;
        let can_block = playlist.server_control.can_block_reload && timeline.is_next_known();
        if !can_block || !playlist.is_growing() {
            return None;
        }
        let newest = timeline.segments().last().map(|placed| placed.segment.media_sequence);
        let next = newest.map_or(Some(playlist.media_sequence), |newest| newest.checked_add(1))?;
        let listed = timeline.upcoming().first().map_or(0, |placed| placed.segment.parts.len());
        let part = timeline.part_secs().map(|_| listed as u64);
        Some(Self { wait_for: Some((next, part)), skip: Skip::Nothing })
    }

    /// What another playlist of the stream reports of this one.
    #[must_use]
    pub fn of_report(report: &RenditionReport) -> Option<Self> {
        Some(Self {
            wait_for: Some((report.last_media_sequence?, report.last_part)),
            skip: Skip::Nothing,
        })
    }

    /// How much may be left out of an answer, where what is known is `age` old: at most half of what
    /// may be skipped at all (RFC 6.2.5.1).
    #[must_use]
    pub fn skip_of(timeline: &Timeline, age: Duration) -> Skip {
        let Some(playlist) = timeline.playlist() else { return Skip::Nothing };
        let control = &playlist.server_control;
        let is_fresh =
            control.can_skip_until_secs.is_some_and(|secs| age.as_secs_f64() < secs / 2.0);
        match control.can_skip_date_ranges {
            _ if !is_fresh || timeline.segments().is_empty() => Skip::Nothing,
            true => Skip::DateRanges,
            false => Skip::Segments,
        }
    }

    /// Whether `timeline` has what was waited for.
    #[must_use]
    pub fn is_met_by(&self, timeline: &Timeline) -> bool {
        let Some((number, part)) = self.wait_for else { return true };
        let is_listed = |placed: &super::timeline::TimelineSegment| {
            let parts = placed.segment.parts.len() as u64;
            placed.segment.media_sequence > number
                || placed.segment.media_sequence == number && part.is_some_and(|part| part < parts)
        };
        let newest = timeline.segments().last();
        newest.is_some_and(|newest| newest.segment.media_sequence >= number)
            || timeline.upcoming().first().is_some_and(is_listed)
            || !timeline.is_live()
    }

    /// `url` with these directives, in the order the RFC wants them.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        let (base, fragment) = match url.split_once('#') {
            Some((base, _)) => (base, url.get(base.len()..).unwrap_or_default()),
            None => (url, ""),
        };
        let mut text = base.to_owned();
        let mut separator = if base.contains('?') { '&' } else { '?' };
        let mut add = |name: &str, value: &dyn core::fmt::Display| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{separator}_HLS_{name}={value}");
            separator = '&';
        };
        if let Some((number, part)) = self.wait_for {
            add("msn", &number);
            if let Some(part) = part {
                add("part", &part);
            }
        }
        match self.skip {
            Skip::Nothing => {}
            Skip::Segments => add("skip", &"YES"),
            Skip::DateRanges => add("skip", &"v2"),
        }
        text.push_str(fragment);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Playlist, parse};

    fn timeline(control: &str, body: &str) -> Timeline {
        let text = format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-SERVER-CONTROL:{control}\n\
             #EXT-X-PART-INF:PART-TARGET=1\n#EXT-X-MEDIA-SEQUENCE:7\n{body}"
        );
        let mut timeline = Timeline::new();
        match parse(&text, "https://h/v/m.m3u8") {
            Ok(Playlist::Media(playlist)) => timeline.merge(playlist, None),
            other => panic!("{other:?}"),
        };
        timeline
    }

    const BODY: &str = "#EXTINF:4,\n7.mp4\n#EXT-X-PART:DURATION=1,URI=\"8.0.mp4\"\n";

    #[test]
    fn waits_for_the_next_part_and_knows_when_it_is_there() {
        let known = timeline("CAN-BLOCK-RELOAD=YES", BODY);
        let next = Directives::next_of(&known).expect("offered");
        assert_eq!(next.wait_for, Some((8, Some(1))));
        assert!(!next.is_met_by(&known));
        let more = format!("{BODY}#EXT-X-PART:DURATION=1,URI=\"8.1.mp4\"\n");
        assert!(next.is_met_by(&timeline("CAN-BLOCK-RELOAD=YES", &more)));
        let whole = format!("{BODY}#EXTINF:4,\n8.mp4\n");
        assert!(next.is_met_by(&timeline("CAN-BLOCK-RELOAD=YES", &whole)));
        assert!(
            next.is_met_by(&timeline("CAN-BLOCK-RELOAD=YES", &format!("{BODY}#EXT-X-ENDLIST")))
        );
        assert_eq!(Directives::next_of(&timeline("CAN-SKIP-UNTIL=24", BODY)), None);
        let first = timeline("CAN-BLOCK-RELOAD=YES", "");
        let next = Directives::next_of(&first).and_then(|next| next.wait_for);
        assert_eq!(next, Some((7, None)), "without parts the segment is waited for");
    }

    #[test]
    fn skips_only_what_is_fresh() {
        let age = crate::time::seconds;
        let known = timeline("CAN-SKIP-UNTIL=24", BODY);
        assert_eq!(Directives::skip_of(&known, age(11.0)), Skip::Segments);
        assert_eq!(Directives::skip_of(&known, age(12.0)), Skip::Nothing);
        let known = timeline("CAN-SKIP-UNTIL=24,CAN-SKIP-DATERANGES=YES", BODY);
        assert_eq!(Directives::skip_of(&known, age(1.0)), Skip::DateRanges);
        assert_eq!(Directives::skip_of(&timeline("", BODY), age(0.0)), Skip::Nothing);
    }

    #[test]
    fn directives_stand_in_order_before_the_fragment() {
        let all = Directives { wait_for: Some((8, Some(1))), skip: Skip::DateRanges };
        assert_eq!(all.url("https://h/m"), "https://h/m?_HLS_msn=8&_HLS_part=1&_HLS_skip=v2");
        let whole = Directives { wait_for: Some((8, None)), skip: Skip::Nothing };
        assert_eq!(whole.url("https://h/m?a=b#c"), "https://h/m?a=b&_HLS_msn=8#c");
        assert_eq!(Directives::default().url("https://h/m?a"), "https://h/m?a");
        let skip = Directives { wait_for: None, skip: Skip::Segments };
        assert_eq!(skip.url("https://h/m"), "https://h/m?_HLS_skip=YES");
    }
}
