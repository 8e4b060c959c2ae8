//! The text of manifests (ISO/IEC 23009-1, live profile; DASH-IF IOP for live).
//!
//! In: a [`Presentation`]. Out: an MPD. Its times count from 1970, as those in the segments do: each is
//! listed with the very time that is in it, and counts as available once its last frame was taken
//! (5.3.9.5). A camera that was away leaves a hole, and only one that comes back with other parameters
//! begins another period. Nothing in it depends on which origin wrote it, or on when.

use crate::playlists::clock::iso_8601;
use std::fmt::Write as _;

/// How far behind the clock players are to stay, in segments: three, as in HLS, and two for the list
/// to be written, passed on and read.
const DELAY_SEGMENTS: f64 = 5.0;

/// What a stream is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Presentation {
    /// The number of the first segment listed, in all representations.
    pub first_number: u64,
    /// From high to low.
    pub video: Vec<Representation>,
    /// Once for all rungs.
    pub audio: Option<Representation>,
}

/// One choice of a track.
#[derive(Debug, Clone, PartialEq)]
pub struct Representation {
    /// The folder of its rung.
    pub folder: String,
    /// The name of its init segment.
    pub init: String,
    /// RFC 6381.
    pub codec: String,
    /// At most.
    pub bandwidth_bps: u64,
    /// Of the spans.
    pub timescale_hz: u32,
    /// What players choose it by.
    pub kind: Kind,
    /// Segments of consecutive numbers.
    pub spans: Vec<Span>,
}

/// What only one of the tracks has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A picture.
    Video {
        /// Luma samples.
        width_px: u32,
        /// Luma samples.
        height_px: u32,
        /// Frames a second.
        frame_rate: f64,
    },
    /// Sound.
    Audio {
        /// 2 is stereo.
        channels: u16,
    },
}

/// From when to when a segment is, in its representation's timescale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When the earliest frame is shown.
    pub start: u64,
    /// Until the next segment's.
    pub duration: u64,
}

/// Writes the manifest.
#[must_use]
pub fn write(presentation: &Presentation) -> String {
    let Some(clock) = presentation.video.first() else { return String::new() };
    let secs = |units: u64| units as f64 / f64::from(clock.timescale_hz.max(1));
    let longest_secs = secs(clock.spans.iter().map(|span| span.duration).max().unwrap_or(0));
    let listed_secs = secs(clock.spans.iter().map(|span| span.duration).sum());
    let end_secs = secs(clock.spans.last().map_or(0, |span| span.start + span.duration));
    // What is listed changed last when the newest segment was whole.
    let published = (end_secs * 1000.0).ceil() as i64;
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" \
         type=\"dynamic\" availabilityStartTime=\"{}\" publishTime=\"{}\" \
         minimumUpdatePeriod=\"PT{longest_secs:.3}S\" minBufferTime=\"PT{longest_secs:.3}S\" \
         timeShiftBufferDepth=\"PT{listed_secs:.3}S\" suggestedPresentationDelay=\"PT{:.3}S\" \
         maxSegmentDuration=\"PT{longest_secs:.3}S\">\n\
         <Period id=\"{}\" start=\"PT0S\">\n",
        iso_8601(0),
        iso_8601(published),
        longest_secs * DELAY_SEGMENTS,
        period_id(presentation),
    );
    text += "<AdaptationSet id=\"0\" contentType=\"video\" mimeType=\"video/mp4\" \
             segmentAlignment=\"true\" startWithSAP=\"1\">\n";
    for video in &presentation.video {
        representation(&mut text, video, presentation.first_number);
    }
    text += "</AdaptationSet>\n";
    if let Some(audio) = &presentation.audio {
        text += "<AdaptationSet id=\"1\" contentType=\"audio\" mimeType=\"audio/mp4\" \
                 segmentAlignment=\"true\" startWithSAP=\"1\">\n";
        representation(&mut text, audio, presentation.first_number);
        text += "</AdaptationSet>\n";
    }
    // Of the server, beside the manifest (5.8.4.11): the listener's clock may be wrong by minutes.
    text += "</Period>\n\
             <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-iso:2014\" value=\"time\"/>\n\
             </MPD>\n";
    text
}

/// Other parameters are another period (5.3.2).
fn period_id(presentation: &Presentation) -> String {
    let tracks = presentation.video.iter().chain(&presentation.audio);
    tracks.map(|track| track.init.as_str()).collect::<Vec<_>>().join("-")
}

fn representation(text: &mut String, track: &Representation, first_number: u64) {
    let Representation { folder, init, codec, bandwidth_bps, timescale_hz, kind, spans } = track;
    let (track, more, inside) = match kind {
        Kind::Video { width_px, height_px, frame_rate } => {
            let rate = frame_rate_text(*frame_rate);
            let size = format!("width=\"{width_px}\" height=\"{height_px}\" frameRate=\"{rate}\"");
            ("video", size, String::new())
        }
        Kind::Audio { channels } => (
            "audio",
            format!("audioSamplingRate=\"{timescale_hz}\""),
            format!(
                "<AudioChannelConfiguration schemeIdUri=\
                 \"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"{channels}\"/>\n"
            ),
        ),
    };
    let _ = write!(
        text,
        "<Representation id=\"{folder}-{track}\" codecs=\"{codec}\" bandwidth=\"{bandwidth_bps}\" {more}>\n\
         {inside}<SegmentTemplate timescale=\"{timescale_hz}\" startNumber=\"{first_number}\" \
         initialization=\"{folder}/{track}-{init}.mp4\" media=\"{folder}/{track}-$Number$.m4s\">\n\
         <SegmentTimeline>\n"
    );
    for span in spans {
        let _ = writeln!(text, "<S t=\"{}\" d=\"{}\"/>", span.start, span.duration);
    }
    *text += "</SegmentTimeline>\n</SegmentTemplate>\n</Representation>\n";
}

/// A whole number or a fraction (5.3.7.2).
fn frame_rate_text(frame_rate: f64) -> String {
    let thousandths = (frame_rate * 1000.0).round() as u64;
    match thousandths % 1000 {
        0 => (thousandths / 1000).to_string(),
        _ => format!("{thousandths}/1000"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(secs: u64, timescale_hz: u32) -> Span {
        let units = |secs: u64| secs * u64::from(timescale_hz);
        Span { start: units(secs), duration: units(2) }
    }

    #[test]
    fn times_are_written_as_they_are() {
        let track = |folder: &str, timescale_hz, kind| Representation {
            folder: folder.to_owned(),
            init: "0f".to_owned(),
            codec: "avc1.64001f".to_owned(),
            bandwidth_bps: 1_000_000,
            timescale_hz,
            kind,
            spans: [0, 2].map(|at| span(1_795_200_000 + at, timescale_hz)).to_vec(),
        };
        let video = Kind::Video { width_px: 960, height_px: 480, frame_rate: 29.97 };
        let text = write(&Presentation {
            first_number: 897_600_000,
            video: vec![track("camera_480p", 90_000, video)],
            audio: Some(track("camera_480p", 48_000, Kind::Audio { channels: 2 })),
        });
        for part in [
            // The end of the newest segment.
            "publishTime=\"2026-11-20T18:40:04.000Z\"",
            "timeShiftBufferDepth=\"PT4.000S\" suggestedPresentationDelay=\"PT10.000S\"",
            "<Period id=\"0f-0f\" start=\"PT0S\">",
            "<Representation id=\"camera_480p-video\"",
            "width=\"960\" height=\"480\" frameRate=\"29970/1000\"",
            "<S t=\"161568000180000\" d=\"180000\"/>",
            "timescale=\"48000\" startNumber=\"897600000\" initialization=\"camera_480p/audio-0f.mp4\"",
            "<S t=\"86169600096000\" d=\"96000\"/>",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(frame_rate_text(25.0), "25");
    }
}
