//! A recorded sample in two languages: its own low tones, and a high one apart from the picture, as
//! CMAF and as transport stream.
//!
//! In: a [`Sample`], and ffmpeg. Out: a folder with the high tone and a master playlist of each kind, in
//! which the pictures are those of the sample. What is heard is told by its pitch.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use machine::shell;

use crate::sample::Sample;

/// Of the second language; the sample's own are lower.
pub const HIGH_HZ: u32 = 880;

/// Makes the playlists `cmaf.m3u8` and `ts.m3u8`, for a server that has the sample at `/media/`.
pub fn make(sample: &Sample, duration_secs: u32) -> Result<PathBuf> {
    let folder = sample.folder.join("languages");
    for (kind, format, entry) in [
        ("cmaf", &["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4"][..], "m4s"),
        ("ts", &[], "ts"),
    ] {
        let high = folder.join(kind);
        if !high.join("index.m3u8").exists() {
            std::fs::create_dir_all(&high)?;
            let tone = format!("sine=f={HIGH_HZ}:r=48000:d={duration_secs}");
            let mut ffmpeg = shell::command("ffmpeg");
            ffmpeg
                .current_dir(&high)
                .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", &tone])
                .args(["-ac", "2", "-c:a", "aac", "-b:a", "96k"])
                .args(["-f", "hls", "-hls_playlist_type", "vod", "-hls_time", "2"])
                .args(format)
                .args(["-hls_segment_filename", &format!("%03d.{entry}"), "index.m3u8"]);
            shell::capture(&mut ffmpeg)?;
        }
        let text = master(sample, kind)?;
        std::fs::write(folder.join(format!("{kind}.m3u8")), text)?;
    }
    Ok(folder)
}

/// The sample's own master playlist with one audio rendition more; of the sound that is in the variants
/// the first is made.
fn master(sample: &Sample, kind: &str) -> Result<String> {
    let pictures = if kind == "cmaf" { "cmaf" } else { "ts" };
    let path = sample.folder.join(pictures).join("master.m3u8");
    let list = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let base = format!("/media/{pictures}/");
    let own =
        if kind == "cmaf" { format!(",URI=\"{base}audio/index.m3u8\"") } else { String::new() };
    let mut text = String::new();
    for line in list.lines().filter(|line| !line.starts_with("#EXT-X-MEDIA:")) {
        if line.starts_with("#EXT-X-STREAM-INF:") {
            let bare = line.replace(",AUDIO=\"tone\"", "");
            writeln!(text, "{bare},AUDIO=\"tone\"")?;
        } else if line.starts_with('#') {
            writeln!(text, "{line}")?;
        } else {
            writeln!(text, "{base}{line}")?;
        }
    }
    let media = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"tone\",AUTOSELECT=YES,CHANNELS=\"2\"";
    writeln!(text, "{media},NAME=\"Low\",LANGUAGE=\"en\",DEFAULT=YES{own}")?;
    writeln!(text, "{media},NAME=\"High\",LANGUAGE=\"de\",URI=\"{kind}/index.m3u8\"")?;
    Ok(text)
}
