//! The test source: a 360° picture with a clock and a tone, sent as a camera would.
//!
//! In: a [`Source`]. Out: the ffmpeg command. Small pictures are drawn and encoded as they go, with
//! the time of day in them; large ones were encoded once and repeat, for real-time encoding of
//! 3840 px would take two cores. A key frame every segment, H.264 and AAC, RTMP. Whoever wants a
//! real camera instead starts the stage without a source.

use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
use test_streams::pattern;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The labelled pattern with the time of day (UTC), encoded as it goes.
    Clock {
        /// Twice the height.
        width_px: u32,
    },
    /// The picture of a file, again and again; the tone is made anew.
    Loop(PathBuf),
    /// Nothing: a camera comes from elsewhere.
    None,
}

/// Frames a second of the drawn pattern.
const FRAME_RATE: u32 = 24;

/// Prepares what is drawn once, into `folder`.
pub fn prepare(source: &Source, folder: &Path) -> Result<()> {
    if let Source::Clock { width_px } = source {
        pattern::labelled(&folder.join("pattern.ppm"), *width_px)?;
        pattern::digits(&folder.join("digits.ppm"))?;
    }
    Ok(())
}

/// The command that sends it to `url`, `preset` the file with stream and key; none where there is
/// nothing to send.
#[must_use]
pub fn command(
    source: &Source,
    folder: &Path,
    (url, preset): (&str, &Path),
    segment_millis: u64,
) -> Option<Command> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.current_dir(folder).args(["-nostdin", "-v", "warning"]);
    // A tone of its own for each channel, and a beep every second.
    let tone = "sine=f=330:beep_factor=4:r=48000[l];sine=f=440:r=48000[r];\
                [l][r]join=inputs=2:channel_layout=stereo,volume=0.3";
    match source {
        Source::None => return None,
        Source::Loop(file) => {
            ffmpeg.args(["-re", "-stream_loop", "-1", "-i"]).arg(file);
            ffmpeg.args(["-filter_complex", &format!("{tone}[a]")]);
            ffmpeg.args(["-map", "0:v", "-map", "[a]", "-c:v", "copy"]);
        }
        Source::Clock { width_px } => {
            let rate = FRAME_RATE.to_string();
            for picture in ["pattern.ppm", "digits.ppm"] {
                ffmpeg.args(["-framerate", &rate, "-i", picture]);
            }
            let graph = format!("{};{tone},arealtime[a]", clock_graph(*width_px));
            let kilobits = width_px * 3 / 2;
            let gop = u64::from(FRAME_RATE) * segment_millis / 1000;
            ffmpeg
                .args(["-filter_complex", &graph, "-map", "[v]", "-map", "[a]"])
                .args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"])
                .args(["-g", &gop.to_string(), "-sc_threshold", "0", "-bf", "0"])
                .args(["-b:v", &format!("{kilobits}k"), "-maxrate", &format!("{kilobits}k")])
                .args(["-bufsize", &format!("{}k", kilobits * 2)])
                .args(["-colorspace", "bt709", "-color_primaries", "bt709"])
                .args(["-color_trc", "bt709", "-color_range", "tv"]);
        }
    }
    ffmpeg.args(["-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-fpre"]).arg(preset);
    ffmpeg.args(["-flvflags", "no_duration_filesize", "-f", "flv", url]);
    Some(ffmpeg)
}

/// Hours, minutes, seconds and tenths over the pattern's middle, from a strip of digits. Each frame has
/// the time at which it was drawn, whatever ffmpeg's start took and whatever stood still since.
fn clock_graph(width_px: u32) -> String {
    let still = format!(
        "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,loop=loop=-1:size=1,\
         settb=1/{FRAME_RATE},setpts=N"
    );
    // The seconds of a digit's time stamps are those since 1970.
    let digits =
        ["mod(t/3600,24)/10", "mod(t/3600,24)", "mod(t/600,6)", "t/60", "mod(t/10,6)", "t", "t*10"];
    // The strip was drawn for 3840 px; never smaller than can be read.
    let (digit_width, digit_height) = (
        (pattern::DIGIT_WIDTH_PX * width_px / 3840).max(16) & !1,
        (pattern::DIGIT_HEIGHT_PX * width_px / 3840).max(24) & !1,
    );
    let count = digits.len();
    let names: String = (0..count).map(|index| format!("[n{index}]")).collect();
    let mut graph = format!(
        "[0:v]{still}[g0];[1:v]scale={}:{digit_height},{still},realtime,\
         setpts=RTCTIME/(TB*1000000),split={count}{names}",
        digit_width * 10
    );
    for (index, digit) in digits.iter().enumerate() {
        graph += &format!(
            ";[n{index}]crop=w={digit_width}:h={digit_height}:y=0:\
             x='{digit_width}*floor(mod({digit},10))',setpts=N[d{index}]"
        );
    }
    // Pairs stand together: hours, minutes, seconds, and the tenth.
    let left = width_px / 2 - digit_width * 4;
    let top = width_px / 4 - digit_height * 2;
    for index in 0..count as u32 {
        let x = (left + index * digit_width + index / 2 * (digit_width / 3)) & !1;
        graph += &format!(";[g{index}][d{index}]overlay=x={x}:y={top}[g{}]", index + 1);
    }
    graph + &format!(";[g{count}]null[v]")
}
