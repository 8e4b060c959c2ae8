//! The sample streams: one 360° picture encoded as a ladder, packaged as HLS in transport streams
//! and in CMAF.
//!
//! In: a [`Recipe`] and ffmpeg. Out: a folder with `ts/` (video and audio together) and `cmaf/`
//! (audio as a rendition of its own), each with `master.m3u8` for the whole ladder, `main.m3u8`
//! for all but its top and `top.m3u8` for that alone. Every rung has its key frames at the same
//! times; both packages hold the same encoded frames. BANDWIDTH is measured, CODECS read from what
//! the encoder wrote. Made once; the name of the folder's `key` file says from what.

use crate::pattern;
use anyhow::{Context, Result, bail};
use machine::shell::{self, Key};
use machine::tools;
use nix::fcntl::{Flock, FlockArg};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// What the picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// For people: named faces, a graticule, a running clock, a marker going round the equator.
    Labelled,
    /// For tests: any pixel tells its direction, `r = 255 · x / width`, `g = 255 · y / height`,
    /// `b = 128`; nothing moves.
    Directions,
}

/// One variant.
#[derive(Debug, Clone, Copy)]
pub struct Rung {
    /// Twice the height.
    pub width_px: u32,
    /// Aimed at.
    pub kilobits_per_second: u32,
}

/// How a sample is made.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Its folder in `target/media`.
    pub name: &'static str,
    /// What the picture shows.
    pub picture: Picture,
    /// From low to high.
    pub rungs: Vec<Rung>,
    /// Frames per second.
    pub frame_rate: u32,
    /// Whole segments: an even number.
    pub duration_secs: u32,
}

/// Every segment's length, and the distance of key frames.
pub const SEGMENT_SECS: u32 = 2;

impl Recipe {
    /// What `cargo xtask demo` shows: up to 3840 × 1920.
    pub fn demo() -> Self {
        let rung = |width_px, kilobits_per_second| Rung { width_px, kilobits_per_second };
        Self {
            name: "demo",
            picture: Picture::Labelled,
            rungs: vec![rung(480, 500), rung(960, 1_400), rung(1920, 4_000), rung(3840, 12_000)],
            frame_rate: 24,
            duration_secs: 20,
        }
    }

    /// What the tests play: small, and its pixels tell directions.
    pub fn test() -> Self {
        let rung = |width_px, kilobits_per_second| Rung { width_px, kilobits_per_second };
        Self {
            name: "test",
            picture: Picture::Directions,
            rungs: vec![rung(240, 150), rung(480, 400)],
            frame_rate: 25,
            duration_secs: 16,
        }
    }

    fn key(&self) -> Key {
        Key::default()
            .with(format!("{self:?}"))
            .with(include_str!("sample.rs"))
            .with(include_str!("pattern.rs"))
    }

    fn widest(&self) -> u32 {
        self.rungs.iter().map(|rung| rung.width_px).max().unwrap_or(0)
    }
}

/// A sample on disk.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Holds `ts/`, `cmaf/` and the encoded ladder.
    pub folder: PathBuf,
}

impl Sample {
    /// One rung as MP4, its tone included: what live mode sends.
    pub fn rung(&self, width_px: u32) -> PathBuf {
        self.folder.join(format!("{width_px}.mp4"))
    }
}

/// Makes the sample, unless it is there.
pub fn make(recipe: &Recipe) -> Result<Sample> {
    let media = shell::target().join("media");
    let folder = media.join(recipe.name);
    let sample = Sample { folder: folder.clone() };
    let key = recipe.key().to_string();
    let is_made = || std::fs::read_to_string(folder.join("key")).is_ok_and(|made| made == key);
    if is_made() {
        return Ok(sample);
    }
    std::fs::create_dir_all(&media)?;
    // Tests run side by side; one makes it, the others wait.
    let lock = File::create(media.join(format!("{}.lock", recipe.name)))?;
    let Ok(_lock) = Flock::lock(lock, FlockArg::LockExclusive) else {
        bail!("{} cannot be locked", media.display());
    };
    if is_made() {
        return Ok(sample);
    }
    tools::require("ffmpeg")?;
    let work = media.join(format!("{}.new", recipe.name));
    remove_folder(&work)?;
    std::fs::create_dir_all(&work)?;
    encode(recipe, &work)?;
    package(recipe, &work)?;
    std::fs::write(work.join("key"), &key)?;
    remove_folder(&folder)?;
    std::fs::rename(&work, &folder)?;
    Ok(sample)
}

fn remove_folder(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Every rung and the tone, by one ffmpeg, so that the largest picture is composed only once.
fn encode(recipe: &Recipe, work: &Path) -> Result<()> {
    shell::say(format!(
        "encoding the {} sample: {} s, {} variants up to {} px wide, once",
        recipe.name,
        recipe.duration_secs,
        recipe.rungs.len(),
        recipe.widest()
    ));
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.current_dir(work).args(["-v", "error", "-nostdin", "-y", "-progress", "pipe:1"]);
    // Without it a picture counts as 25 frames a second, whatever its time stamps say.
    let rate = recipe.frame_rate.to_string();
    let mut graph = match recipe.picture {
        Picture::Labelled => {
            pattern::labelled(&work.join("pattern.ppm"), recipe.widest())?;
            pattern::digits(&work.join("digits.ppm"))?;
            pattern::marker(&work.join("marker.ppm"))?;
            for name in ["pattern.ppm", "digits.ppm", "marker.ppm"] {
                ffmpeg.args(["-framerate", &rate, "-i", name]);
            }
            labelled_graph(recipe)
        }
        Picture::Directions => {
            for rung in &recipe.rungs {
                let name = format!("{}.ppm", rung.width_px);
                pattern::directions(&work.join(&name), rung.width_px)?;
                ffmpeg.args(["-framerate", &rate, "-i", &name]);
            }
            directions_graph(recipe)
        }
    };
    let duration_secs = recipe.duration_secs;
    // Two channels that differ, and a beep each second to hear the sync by.
    write!(
        graph,
        "sine=f=330:beep_factor=4:r=48000:d={duration_secs}[left];\
         sine=f=440:r=48000:d={duration_secs}[right];\
         [left][right]join=inputs=2:channel_layout=stereo,volume=0.5,asplit={}",
        recipe.rungs.len()
    )?;
    for index in 0..recipe.rungs.len() {
        write!(graph, "[a{index}]")?;
    }
    ffmpeg.args(["-filter_complex", &graph]);
    for (index, rung) in recipe.rungs.iter().enumerate() {
        let rate = rung.kilobits_per_second;
        ffmpeg
            .args(["-map", &format!("[v{index}]"), "-map", &format!("[a{index}]")])
            .args(["-c:a", "aac", "-b:a", "96k", "-c:v", "libx264", "-preset", "ultrafast"])
            .args(["-bf", "2", "-refs", "2", "-pix_fmt", "yuv420p"])
            .args(["-g", &(recipe.frame_rate * SEGMENT_SECS).to_string()])
            .args(["-sc_threshold", "0", "-x264-params", "open-gop=0:scenecut=0"])
            .args(["-b:v", &format!("{rate}k"), "-maxrate", &format!("{}k", rate * 5 / 4)])
            .args(["-bufsize", &format!("{}k", rate * 2)])
            .args(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"])
            .args(["-color_range", "tv", "-t", &duration_secs.to_string()])
            .arg(format!("{}.mp4", rung.width_px));
    }
    with_progress(ffmpeg, duration_secs)?;
    for entry in std::fs::read_dir(work)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ppm") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Converts to what the encoder takes, and repeats the one picture.
fn still(recipe: &Recipe) -> String {
    format!(
        "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,loop=loop=-1:size=1,\
         settb=1/{0},setpts=N",
        recipe.frame_rate
    )
}

fn labelled_graph(recipe: &Recipe) -> String {
    let still = still(recipe);
    let (width, height) = (recipe.widest(), recipe.widest() / 2);
    let (digit_width, digit_height) = (pattern::DIGIT_WIDTH_PX, pattern::DIGIT_HEIGHT_PX);
    let mut graph = format!("[0:v]{still}[ground];[1:v]{still},split=3[n0][n1][n2];");
    // Tens, units and tenths of seconds, above the middle of the picture.
    for (index, digit) in ["floor(t/10)", "floor(t)", "floor(t*10)"].iter().enumerate() {
        let _ = write!(
            graph,
            "[n{index}]crop=w={digit_width}:h={digit_height}:y=0:\
             x='{digit_width}*mod({digit},10)'[d{index}];"
        );
    }
    let x = |index: u32| width / 2 - digit_width * 2 + index * (digit_width + 8) + index / 2 * 24;
    let y = height / 2 - digit_height * 2;
    let _ = write!(
        graph,
        "[ground][d0]overlay=x={}:y={y}[g0];[g0][d1]overlay=x={}:y={y}[g1];\
         [g1][d2]overlay=x={}:y={y}[g2];[2:v]{still}[marker];\
         [g2][marker]overlay=x='mod(t*W/10,W)':y={},noise=alls=4:allf=t,split={}",
        x(0),
        x(1),
        x(2),
        height / 2 - 24,
        recipe.rungs.len(),
    );
    for index in 0..recipe.rungs.len() {
        let _ = write!(graph, "[s{index}]");
    }
    graph.push(';');
    for (index, rung) in recipe.rungs.iter().enumerate() {
        let (width, height) = (rung.width_px, rung.width_px / 2);
        let _ = write!(graph, "[s{index}]scale={width}:{height}:flags=bilinear[v{index}];");
    }
    graph
}

fn directions_graph(recipe: &Recipe) -> String {
    let still = still(recipe);
    (0..recipe.rungs.len()).map(|index| format!("[{index}:v]{still}[v{index}];")).collect()
}

/// Runs ffmpeg and shows how far it is.
fn with_progress(mut ffmpeg: std::process::Command, duration_secs: u32) -> Result<()> {
    let mut child = ffmpeg
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("ffmpeg cannot be started")?;
    let shown = std::io::stderr().is_terminal();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let micros = line.strip_prefix("out_time_us=").and_then(|text| text.parse().ok());
            if let (true, Some(micros)) = (shown, micros) {
                let micros: f64 = micros;
                let share = (micros / 1e6 / f64::from(duration_secs)).clamp(0.0, 1.0);
                eprint!("\r  {:3.0} %", share * 100.0);
                let _ = std::io::stderr().flush();
            }
        }
    }
    let status = child.wait()?;
    if shown {
        eprintln!("\r  100 %");
    }
    if !status.success() {
        bail!("{} ended with {status}", shell::describe(&ffmpeg));
    }
    Ok(())
}

/// Both packages from the same encoded frames.
fn package(recipe: &Recipe, work: &Path) -> Result<()> {
    for rung in &recipe.rungs {
        let video = format!("{}.mp4", rung.width_px);
        let ts = work.join(format!("ts/{}", rung.width_px));
        segment(work, &ts, &["-i", &video], "ts")?;
        let cmaf = work.join(format!("cmaf/{}", rung.width_px));
        segment(work, &cmaf, &["-i", &video, "-map", "0:v"], "m4s")?;
    }
    let rungs: Vec<&Rung> = recipe.rungs.iter().collect();
    let (top, main) = rungs.split_last().context("a recipe without rungs")?;
    // The tone is the same in every rung.
    let any = format!("{}.mp4", top.width_px);
    segment(work, &work.join("cmaf/audio"), &["-i", &any, "-map", "0:a"], "m4s")?;
    for kind in ["ts", "cmaf"] {
        for (name, rungs) in [("master", &rungs[..]), ("main", main), ("top", &[*top])] {
            let text = multivariant(recipe, work, kind, rungs)?;
            std::fs::write(work.join(kind).join(format!("{name}.m3u8")), text)?;
        }
    }
    Ok(())
}

fn segment(work: &Path, folder: &Path, inputs: &[&str], extension: &str) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg
        .current_dir(work)
        .args(["-v", "error", "-nostdin", "-y"])
        .args(inputs)
        .args(["-c", "copy", "-f", "hls", "-hls_playlist_type", "vod"])
        .args(["-hls_time", &SEGMENT_SECS.to_string(), "-hls_flags", "independent_segments"]);
    if extension == "m4s" {
        ffmpeg.args(["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4"]);
        // Signed composition offsets instead of an edit list (ISO/IEC 23000-19 7.3.4).
        ffmpeg.args(["-hls_segment_options", "movflags=+cmaf"]);
    }
    ffmpeg
        .arg("-hls_segment_filename")
        .arg(folder.join(format!("%03d.{extension}")))
        .arg(folder.join("index.m3u8"));
    shell::capture(&mut ffmpeg).map(drop)
}

/// A multivariant playlist of these rungs (RFC 8216 4.3.4).
fn multivariant(recipe: &Recipe, work: &Path, kind: &str, rungs: &[&Rung]) -> Result<String> {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    let mut audio = Rates::default();
    if kind == "cmaf" {
        audio = measure(&work.join("cmaf/audio"))?;
        text.push_str(
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"tone\",NAME=\"Tone\",LANGUAGE=\"zxx\",DEFAULT=YES,\
             AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio/index.m3u8\"\n",
        );
    }
    for rung in rungs {
        let rates = measure(&work.join(format!("{kind}/{}", rung.width_px)))?;
        // Both packages hold the same encoded frames; only CMAF's says so apart from them.
        let init = work.join(format!("cmaf/{}/init.mp4", rung.width_px));
        let codec = avc_codec(&std::fs::read(init)?).context("the encoder wrote no avcC box")?;
        let group = if kind == "cmaf" { ",AUDIO=\"tone\"" } else { "" };
        write!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{codec},mp4a.40.2\",\
             RESOLUTION={}x{},FRAME-RATE={:.3}{group}\n{}/index.m3u8\n",
            rates.peak + audio.peak,
            rates.average + audio.average,
            rung.width_px,
            rung.width_px / 2,
            f64::from(recipe.frame_rate),
            rung.width_px,
        )?;
    }
    Ok(text)
}

/// Bits per second of a media playlist's segments.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Rates {
    peak: u64,
    average: u64,
}

fn measure(folder: &Path) -> Result<Rates> {
    let playlist = std::fs::read_to_string(folder.join("index.m3u8"))?;
    let mut sizes = Vec::new();
    let mut duration_secs = None;
    for line in playlist.lines() {
        if let Some(rest) = line.strip_prefix("#EXTINF:") {
            duration_secs = rest.split(',').next().and_then(|text| text.parse::<f64>().ok());
        } else if let (false, Some(secs)) = (line.starts_with('#'), duration_secs.take()) {
            sizes.push((secs, folder.join(line).metadata()?.len() * 8));
        }
    }
    rates(&sizes).with_context(|| format!("{} has no segments", folder.display()))
}

fn rates(segments: &[(f64, u64)]) -> Option<Rates> {
    let secs: f64 = segments.iter().map(|(secs, _)| secs).sum();
    let bits: u64 = segments.iter().map(|(_, bits)| bits).sum();
    // RFC 8216 4.3.4.2: the peak counts runs of at least half a target duration, so a short last
    // segment is not one.
    let peak = segments
        .iter()
        .filter(|(secs, _)| *secs >= f64::from(SEGMENT_SECS) / 2.0)
        .map(|(secs, bits)| (*bits as f64 / secs).ceil() as u64)
        .max()?;
    Some(Rates { peak, average: (bits as f64 / secs).ceil() as u64 })
}

/// RFC 6381's name of an initialization segment's H.264: profile, constraints and level as in `avcC`.
fn avc_codec(init: &[u8]) -> Option<String> {
    let at = init.windows(4).position(|four| four == b"avcC")?;
    match init.get(at + 4..at + 8)? {
        [1, profile, constraints, level] => {
            Some(format!("avc1.{profile:02x}{constraints:02x}{level:02x}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_come_from_avcc() {
        assert_eq!(avc_codec(b"....avcC\x01\x4d\x40\x1f\xff"), Some("avc1.4d401f".to_owned()));
        assert_eq!(avc_codec(b"....avcC\x02\x4d\x40\x1f\xff"), None);
        assert_eq!(avc_codec(b"....avcC\x01"), None);
    }

    #[test]
    fn a_short_last_segment_is_no_peak() {
        let rates = rates(&[(2.0, 2000), (2.0, 4000), (0.1, 1000)]).unwrap();
        assert_eq!(rates, Rates { peak: 2000, average: 1708 });
        assert_eq!(super::rates(&[]), None);
    }
}
