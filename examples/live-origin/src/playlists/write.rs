//! The text of playlists (RFC 8216).
//!
//! In: segments and measurements. Out: a media playlist with PROGRAM-DATE-TIME on each segment, or
//! a multivariant playlist. Nothing in it depends on which origin wrote it, or on when.

use super::clock::iso_8601;
use super::folder::Segment;
use super::measure::Measured;
use super::test_source;
use std::fmt::Write as _;

/// A sliding window. The segments' slots must be consecutive. `late_millis`: how much later than their
/// time stamps they were taken. `is_test_source`: whether it has an event each minute.
#[must_use]
pub fn media(
    segments: &[Segment],
    target_secs: u64,
    late_millis: i64,
    is_test_source: bool,
) -> String {
    let first = segments.first().map_or(0, |segment| segment.slot);
    let date_millis = |segment: &Segment| segment.unix_millis.saturating_add(late_millis);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n\
         #EXT-X-TARGETDURATION:{target_secs}\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
    );
    if let (true, Some(first), Some(last)) = (is_test_source, segments.first(), segments.last()) {
        text += &test_source::events(date_millis(first), date_millis(last));
    }
    for segment in segments {
        let _ = write!(
            text,
            "#EXT-X-PROGRAM-DATE-TIME:{}\n#EXTINF:{:.3},\n{}.ts\n",
            iso_8601(date_millis(segment)),
            segment.duration_secs,
            segment.ticks
        );
    }
    text
}

/// All variants of a stream, and why others are left out. `rungs`: the folder of each, and what is in
/// it. `is_test_source`: whether it has captions.
#[must_use]
pub fn multivariant(rungs: &[(String, Measured)], is_test_source: bool) -> String {
    let mut text = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-INDEPENDENT-SEGMENTS\n".to_owned();
    let mut captions = String::new();
    if is_test_source {
        text += test_source::CAPTIONS;
        captions = format!(",CLOSED-CAPTIONS=\"{}\"", test_source::CAPTIONS_GROUP);
    }
    for (folder, measured) in rungs {
        if let Some(trouble) = &measured.trouble {
            let _ = writeln!(text, "# {folder} is left out: {trouble}");
            continue;
        }
        let _ = write!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={}x{},\
             FRAME-RATE={:.3}{captions}\n{folder}/index.m3u8\n",
            measured.peak_bps,
            measured.average_bps,
            measured.codecs,
            measured.width_px,
            measured.height_px,
            measured.frame_rate,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use videosphere::playlist::{self, Playlist};

    #[test]
    fn a_parser_reads_back_what_was_written() {
        let segment = |slot: u64| Segment {
            slot,
            ticks: slot * 180_000,
            unix_millis: slot as i64 * 2000 + 1000,
            duration_secs: 2.0,
        };
        let segments: Vec<Segment> = (897_600_000..897_600_004).map(segment).collect();
        let text = media(&segments, 2, -1500, false);
        let Ok(Playlist::Media(read)) = playlist::parse(&text, "http://h/a/index.m3u8") else {
            panic!("{text}");
        };
        assert_eq!(read.segments.len(), 4);
        assert_eq!(read.segments[0].media_sequence, 897_600_000);
        assert_eq!(read.segments[3].program_date_time_millis, Some(1_795_200_005_500.0));
        assert!(text.contains("TARGETDURATION:2\n"), "{text}");
        assert_eq!(read.date_ranges.len(), 0);
        // From 19:59:59.5 on, for eight seconds.
        let text = media(&segments, 2, -1500, true);
        let Ok(Playlist::Media(read)) = playlist::parse(&text, "http://h/a/index.m3u8") else {
            panic!("{text}");
        };
        assert_eq!(read.date_ranges.len(), 1, "{text}");

        let measured = Measured {
            codecs: "avc1.640028,mp4a.40.2".to_owned(),
            width_px: 960,
            height_px: 480,
            frame_rate: 24.0,
            peak_bps: 1_500_000,
            average_bps: 1_000_000,
            trouble: None,
        };
        let refused = Measured { trouble: Some("it is green".to_owned()), ..measured.clone() };
        let rungs = [("camera_1920", refused), ("camera_960", measured)];
        let rungs = rungs.map(|(folder, measured)| (folder.to_owned(), measured));
        let text = multivariant(&rungs, false);
        assert!(text.contains("\n# camera_1920 is left out: it is green\n"), "{text}");
        let Ok(Playlist::Multivariant(read)) = playlist::parse(&text, "http://h/hls/camera.m3u8")
        else {
            panic!("{text}");
        };
        assert_eq!(read.variants.len(), 1);
        assert_eq!(read.variants[0].url, "http://h/hls/camera_960/index.m3u8");
        let text = multivariant(&rungs, true);
        let Ok(Playlist::Multivariant(read)) = playlist::parse(&text, "http://h/hls/camera.m3u8")
        else {
            panic!("{text}");
        };
        let channels: Vec<_> = read.renditions.iter().map(|it| it.instream_id.as_deref()).collect();
        assert_eq!(channels, [Some("CC1"), Some("CC3")]);
    }
}
