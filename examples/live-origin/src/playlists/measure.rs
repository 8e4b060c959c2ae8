//! What a rung is, read from its segments: RESOLUTION, CODECS, FRAME-RATE and BANDWIDTH.
//!
//! In: the segments of a tail. Out: a [`Measured`]. The player's own demultiplexer reads the newest
//! segment; sizes of files give the rates. The result is rounded up, so that it stays the same
//! from one request to the next.

use super::folder::Tail;
use anyhow::{Context, Result};
use std::path::Path;
use videosphere::demux::audio_config::AudioConfig;
use videosphere::demux::ts::TsDemuxer;

/// Segments larger than this are not read: 2 s at 250 Mbit/s.
const MAX_SEGMENT_LEN: u64 = 64 << 20;
/// BANDWIDTH is a multiple of this.
const RATE_STEP_BPS: u64 = 50_000;

/// What an EXT-X-STREAM-INF says.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// RFC 6381, video first.
    pub codecs: String,
    /// Luma samples.
    pub width_px: u16,
    /// Luma samples.
    pub height_px: u16,
    /// Frames a second.
    pub frame_rate: f64,
    /// The largest of any segment.
    pub peak_bps: u64,
    /// Over all of them.
    pub average_bps: u64,
    /// Why browsers do not play it, where that is so, and what to do.
    pub trouble: Option<String>,
}

/// Measures a rung.
pub fn measure(folder: &Path, tail: &Tail) -> Result<Measured> {
    let (mut peak, mut bits, mut secs) = (0.0_f64, 0.0, 0.0);
    for segment in tail.segments() {
        // One that was just deleted says nothing.
        let Ok(meta) = folder.join(format!("{}.ts", segment.ticks)).metadata() else { continue };
        let segment_bits = meta.len() as f64 * 8.0;
        // A short last segment is no peak (RFC 8216 4.3.4.2).
        if segment.duration_secs >= 0.5 {
            peak = peak.max(segment_bits / segment.duration_secs);
        }
        (bits, secs) = (bits + segment_bits, secs + segment.duration_secs);
    }
    let newest = tail.segments().last().context("a tail without segments")?;
    let path = folder.join(format!("{}.ts", newest.ticks));
    anyhow::ensure!(path.metadata()?.len() <= MAX_SEGMENT_LEN, "a segment beyond 64 MiB");
    let mut demuxer = TsDemuxer::default();
    demuxer.push(&std::fs::read(&path)?);
    let found = demuxer.flush();
    let video = found.video.first().context("the segment holds no H.264")?;
    let sps = &video.config.sps;
    let mut codecs = sps.codec_string();
    // RTMP brings no other sound here.
    if let Some(AudioConfig::Aac(config)) = found.audio.first().map(|run| run.config) {
        codecs += &format!(",mp4a.40.{}", config.object_type);
    }
    let frames: usize = found.video.iter().map(|run| run.units.len()).sum();
    let rate_by_count = frames as f64 / newest.duration_secs;
    let frame_rate = match sps.frame_rate {
        Some((frames, secs)) if secs > 0 => f64::from(frames) / f64::from(secs),
        _ => rate_by_count,
    };
    let step = |bps: f64| ((bps / RATE_STEP_BPS as f64).ceil() as u64).max(1) * RATE_STEP_BPS;
    Ok(Measured {
        codecs,
        width_px: sps.width_px,
        height_px: sps.height_px,
        frame_rate: (frame_rate * 1000.0).round() / 1000.0,
        // A live encoder's next peak may be higher than its last.
        peak_bps: step(peak * 1.1),
        average_bps: step(bits / secs.max(0.001)),
        trouble: trouble(sps.chroma_format, sps.luma_bit_depth.max(sps.chroma_bit_depth)),
    })
}

/// Decoders of phones and headsets know 4:2:0 with eight bits, browsers little more.
fn trouble(chroma_format: u8, bits: u8) -> Option<String> {
    let chroma = match chroma_format {
        0 | 1 => "4:2:0",
        2 => "4:2:2",
        _ => "4:4:4",
    };
    (chroma != "4:2:0" || bits > 8).then(|| {
        format!(
            "the camera sends {chroma} with {bits} bits, which browsers do not play: \
             set its colour format to NV12 or I420 (4:2:0, 8 bits)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playlists::folder::{Grid, tail};

    #[test]
    fn what_browsers_do_not_play_is_told() {
        assert_eq!(trouble(1, 8), None);
        for (chroma_format, bits, told) in
            [(3, 8, "4:4:4 with 8"), (2, 8, "4:2:2 with 8"), (1, 10, "4:2:0 with 10")]
        {
            let trouble = trouble(chroma_format, bits);
            assert!(trouble.is_some_and(|it| it.contains(told)), "{told}");
        }
    }

    #[test]
    fn a_segment_says_what_it_holds() {
        let folder = std::env::temp_dir().join(format!("measure-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let fixture = machine::shell::root().join("tests/fixtures/vod_0.ts");
        std::fs::copy(&fixture, folder.join("180000.ts")).unwrap();
        let grid = Grid { segment_millis: 2000, now_unix_millis: 0 };
        let tail = tail("#EXTINF:2.000,\n180000.ts\n", grid).unwrap();
        let measured = measure(&folder, &tail);
        std::fs::remove_dir_all(&folder).unwrap();
        let measured = measured.unwrap();
        assert!(measured.codecs.starts_with("avc1.") && measured.codecs.contains(",mp4a.40.2"));
        assert!(measured.width_px > 0 && measured.frame_rate > 1.0, "{measured:?}");
        let bits = fixture.metadata().unwrap().len() * 8;
        assert!(measured.peak_bps >= bits / 2 && measured.peak_bps.is_multiple_of(RATE_STEP_BPS));
    }
}
