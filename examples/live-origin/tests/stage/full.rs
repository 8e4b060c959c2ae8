//! The full ladder, not in real time: its own command, from a file to files.

use anyhow::{Context, Result, ensure};
use live_origin::ladder::Ladder;
use machine::shell;
use serde_json::Value;
use std::path::Path;

const FRAME_RATE: f64 = 24.0;

#[test]
#[ignore = "needs ffmpeg"]
fn the_full_ladder_is_cut_alike_and_never_larger_than_its_source() -> Result<()> {
    let folder = shell::target().join("tmp/full-ladder");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let sizes = |width| rungs_of(&folder, width);
    ensure!(sizes(3840)? == [(3840, 1920), (1920, 960), (960, 480), (854, 428)]);
    // A camera that sends less than the reference's.
    ensure!(sizes(900)? == [(900, 450), (900, 450), (900, 450), (854, 428)]);
    Ok(std::fs::remove_dir_all(&folder)?)
}

/// Makes the rungs of a source of this width, holds their key frames against its own, and tells their
/// sizes.
fn rungs_of(folder: &Path, width_px: u32) -> Result<Vec<(u64, u64)>> {
    let source = folder.join("source.flv");
    let mut ffmpeg = shell::command("ffmpeg");
    let picture = format!("testsrc2=s={width_px}x{}:r={FRAME_RATE}:d=2.5", width_px / 2);
    ffmpeg.args(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", &picture]);
    ffmpeg.args(["-f", "lavfi", "-i", "sine=d=2.5", "-c:v", "libx264", "-preset", "ultrafast"]);
    // Not all at the same distance.
    ffmpeg.args(["-pix_fmt", "yuv420p", "-force_key_frames", "0,1,1.75", "-sc_threshold", "0"]);
    shell::capture(ffmpeg.args(["-c:a", "aac"]).arg(&source))?;

    let ladder = Ladder::full();
    let command = ladder.command("RTMP", "PRESET");
    let mut words = command.split(' ');
    let mut ffmpeg = shell::command(words.next().context("a program")?);
    ffmpeg.current_dir(folder).arg("-y");
    while let Some(word) = words.next() {
        match word.strip_prefix("RTMP/") {
            // Of connections.
            None if ["-rw_timeout", "-fpre"].contains(&word) => _ = words.next(),
            None => _ = ffmpeg.arg(word),
            Some("live/$name") => _ = ffmpeg.arg(&source),
            Some(output) => {
                let rung = output.strip_prefix("hls/$name_");
                ffmpeg.arg(format!("{}.flv", rung.with_context(|| output.to_owned())?));
            }
        }
    }
    shell::capture(&mut ffmpeg)?;

    let (_, wanted) = probe(&source)?;
    ensure!(wanted.len() == 3, "{wanted:?}");
    let mut sizes = Vec::new();
    for rung in ladder.names() {
        let (size, keys) = probe(&folder.join(format!("{rung}.flv")))?;
        // The encoder counts in frames, RTMP in milliseconds.
        let is_same = |(one, other): (&f64, &f64)| (one - other).abs() <= 0.5 / FRAME_RATE + 0.001;
        ensure!(
            keys.len() == wanted.len() && keys.iter().zip(&wanted).all(is_same),
            "key frames of {rung}: {keys:?}, not {wanted:?}"
        );
        sizes.push(size);
    }
    println!("{width_px} px: {sizes:?}");
    Ok(sizes)
}

/// The size, and when key frames are shown.
fn probe(file: &Path) -> Result<((u64, u64), Vec<f64>)> {
    let mut ffprobe = shell::command("ffprobe");
    ffprobe.args(["-v", "error", "-of", "json", "-select_streams", "v:0", "-show_entries"]);
    ffprobe.args(["stream=width,height:packet=pts_time,flags"]).arg(file);
    let found: Value = serde_json::from_str(&shell::read(&mut ffprobe)?)?;
    let side = |name: &str| found["streams"][0][name].as_u64().context("a size");
    let packets = found["packets"].as_array().context("packets")?;
    let keys = packets
        .iter()
        .filter(|packet| packet["flags"].as_str().is_some_and(|flags| flags.starts_with('K')))
        .filter_map(|packet| packet["pts_time"].as_str()?.parse().ok());
    Ok(((side("width")?, side("height")?), keys.collect()))
}
