//! A short stream whose picture tells the moment, with all that a seek bar may show of it.
//!
//! In: ffmpeg and ffprobe. Out: `target/media/moments` with `ts/` and `cmaf/` (each with `index.m3u8` and, made by
//! ourselves, the I-frame playlist `iframes.m3u8`), `images.m3u8` with sheets of 2 × 2 tiles, and a multivariant
//! playlist for each of the three, `NAME.m3u8`; `plain.m3u8` offers no pictures. The middle of the sphere is grey, as
//! light as [`grey`] says, its sides are blue.

use crate::sample::SEGMENT_SECS;
use anyhow::{Context, Result, ensure};
use machine::shell::{self, Key};
use machine::tools;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Of the whole stream.
pub const DURATION_SECS: u32 = 12;
const FRAME_RATE: u32 = 10;
const WIDTH_PX: u32 = 480;
const TILES_A_SIDE: u32 = 2;
/// Main profile, level 2.1, as ffmpeg is told.
const CODEC: &str = "avc1.4d4015";

/// How light (0 to 255) the middle is in a segment: every two seconds lighter.
pub fn grey(segment: u32) -> f64 {
    f64::from(luma(segment) - 16) * 255.0 / 219.0
}

fn luma(segment: u32) -> u32 {
    40 + 30 * segment
}

/// Makes it, unless it is there.
pub fn make() -> Result<PathBuf> {
    let media = shell::target().join("media");
    let folder = media.join("moments");
    let key = Key::default().with(include_str!("moments.rs")).to_string();
    let is_made = || std::fs::read_to_string(folder.join("key")).is_ok_and(|made| made == key);
    if is_made() {
        return Ok(folder);
    }
    for program in ["ffmpeg", "ffprobe"] {
        tools::require(program)?;
    }
    let work = media.join(format!("moments.{}", std::process::id()));
    std::fs::create_dir_all(&work)?;
    encode(&work)?;
    for kind in ["ts", "cmaf"] {
        package(&work, kind)?;
        std::fs::write(work.join(kind).join("iframes.m3u8"), iframes(&work, kind)?)?;
    }
    tiles(&work)?;
    multivariant(&work)?;
    std::fs::write(work.join("key"), &key)?;
    // Whole or not at all; what another test has made meanwhile is as good.
    let _ = std::fs::remove_dir_all(&folder);
    if std::fs::rename(&work, &folder).is_err() {
        std::fs::remove_dir_all(&work)?;
    }
    ensure!(is_made(), "{} could not be made", folder.display());
    Ok(folder)
}

fn ffmpeg(folder: &Path) -> std::process::Command {
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.current_dir(folder).args(["-v", "error", "-nostdin", "-y"]);
    ffmpeg
}

fn encode(work: &Path) -> Result<()> {
    let (step, base) = (luma(1) - luma(0), luma(0));
    let source = format!(
        "color=black:s={WIDTH_PX}x{}:r={FRAME_RATE}:d={DURATION_SECS},\
         geq=lum='{base}+{step}*floor(T/{SEGMENT_SECS})':cb=128:cr=128,\
         drawbox=x=0:w=iw/4:h=ih:color=blue:t=fill,drawbox=x=iw*3/4:w=iw/4:h=ih:color=blue:t=fill",
        WIDTH_PX / 2
    );
    let mut ffmpeg = ffmpeg(work);
    ffmpeg
        .args(["-f", "lavfi", "-i", &source, "-c:v", "libx264", "-preset", "veryfast"])
        .args(["-profile:v", "main", "-level", "2.1", "-bf", "2", "-pix_fmt", "yuv420p"])
        .args(["-g", &(FRAME_RATE * SEGMENT_SECS).to_string(), "-sc_threshold", "0"])
        .arg("moments.mp4");
    shell::capture(&mut ffmpeg).map(drop)
}

fn package(work: &Path, kind: &str) -> Result<()> {
    let folder = work.join(kind);
    std::fs::create_dir_all(&folder)?;
    let mut ffmpeg = ffmpeg(&folder);
    ffmpeg
        .args(["-i", "../moments.mp4", "-c", "copy", "-f", "hls", "-hls_playlist_type", "vod"])
        .args(["-hls_time", &SEGMENT_SECS.to_string(), "-hls_flags", "independent_segments"]);
    if kind == "cmaf" {
        ffmpeg
            .args(["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4"])
            .args(["-hls_segment_options", "movflags=+cmaf"]);
    }
    let name = format!("%03d.{}", extension(kind));
    ffmpeg.args(["-hls_segment_filename", &name, "index.m3u8"]);
    shell::capture(&mut ffmpeg).map(drop)
}

fn extension(kind: &str) -> &str {
    if kind == "cmaf" { "m4s" } else { "ts" }
}

/// EXT-X-I-FRAMES-ONLY over the segments (RFC 8216bis 4.4.3.6).
fn iframes(work: &Path, kind: &str) -> Result<String> {
    let folder = work.join(kind);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{SEGMENT_SECS}\n#EXT-X-I-FRAMES-ONLY\n"
    );
    if kind == "cmaf" {
        text.push_str("#EXT-X-MAP:URI=\"init.mp4\"\n");
    }
    for segment in 0..DURATION_SECS / SEGMENT_SECS {
        let name = format!("{segment:03}.{}", extension(kind));
        let (first, end) = key_frame(&folder, &name)?;
        // With the program's tables at the head of the segment, and without, as some packagers have it.
        let start = if kind == "ts" && segment % 2 == 1 { first } else { 0 };
        writeln!(
            text,
            "#EXTINF:{SEGMENT_SECS},\n#EXT-X-BYTERANGE:{}@{start}\n{name}",
            end - start
        )?;
    }
    text.push_str("#EXT-X-ENDLIST\n");
    Ok(text)
}

/// Where the first frame of a segment, a key frame, begins and ends, as ffprobe sees it.
fn key_frame(folder: &Path, name: &str) -> Result<(u64, u64)> {
    let init = std::fs::read(folder.join("init.mp4")).unwrap_or_default();
    let whole = folder.join("probed");
    std::fs::write(&whole, [init.clone(), std::fs::read(folder.join(name))?].concat())?;
    let mut ffprobe = shell::command("ffprobe");
    ffprobe
        .args(["-v", "error", "-show_entries", "packet=pos,size,flags", "-of", "csv=p=0"])
        .arg(&whole);
    let packets = shell::read(&mut ffprobe)?;
    std::fs::remove_file(whole)?;
    let mut lines = packets
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split(',').collect::<Vec<_>>());
    let (first, second) = (lines.next(), lines.next());
    let number = |text: Option<&&str>| text.and_then(|it| it.parse::<u64>().ok());
    let [Some(first), Some(second)] = [first, second] else {
        anyhow::bail!("{name} holds fewer than two frames: {packets}");
    };
    ensure!(first.iter().any(|it| it.starts_with('K')), "{name} begins with no key frame");
    let head = init.len() as u64;
    let start = number(first.get(1)).context("no place of the first frame")? - head;
    let end = if init.is_empty() {
        number(second.get(1)).context("no place of the second frame")?
    } else {
        start + number(first.first()).context("no size of the first frame")?
    };
    Ok((start, end))
}

/// Sheets of tiles, each of the first frame of a segment (EXT-X-TILES).
fn tiles(work: &Path) -> Result<()> {
    let filter = format!(
        "select='not(mod(n,{}))',scale={}:-1,tile={TILES_A_SIDE}x{TILES_A_SIDE}",
        FRAME_RATE * SEGMENT_SECS,
        WIDTH_PX / 2
    );
    let mut ffmpeg = ffmpeg(work);
    ffmpeg
        .args(["-i", "moments.mp4", "-vf", &filter, "-vsync", "0", "-q:v", "2"])
        .arg("tiles_%d.jpg");
    shell::capture(&mut ffmpeg)?;
    let sheet_secs = TILES_A_SIDE * TILES_A_SIDE * SEGMENT_SECS;
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{sheet_secs}\n#EXT-X-IMAGES-ONLY\n"
    );
    for (index, start) in (0..DURATION_SECS).step_by(sheet_secs as usize).enumerate() {
        let secs = sheet_secs.min(DURATION_SECS - start);
        writeln!(
            text,
            "#EXTINF:{secs},\n#EXT-X-TILES:RESOLUTION={}x{},LAYOUT={TILES_A_SIDE}x{TILES_A_SIDE},\
             DURATION={SEGMENT_SECS}\ntiles_{}.jpg",
            WIDTH_PX / 2,
            WIDTH_PX / 4,
            index + 1
        )?;
    }
    text.push_str("#EXT-X-ENDLIST\n");
    Ok(std::fs::write(work.join("images_list.m3u8"), text)?)
}

fn multivariant(work: &Path) -> Result<()> {
    let size = |width: u32| format!("RESOLUTION={width}x{}", width / 2);
    let iframes = |kind: &str| {
        format!(
            "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,CODECS=\"{CODEC}\",{},URI=\"{kind}/iframes.m3u8\"\n",
            size(WIDTH_PX)
        )
    };
    let images = format!(
        "#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=9000,CODECS=\"jpeg\",{},URI=\"images_list.m3u8\"\n",
        size(WIDTH_PX / 2)
    );
    for (name, kind, pictures) in [
        ("ts", "ts", iframes("ts")),
        ("cmaf", "cmaf", iframes("cmaf")),
        ("images", "ts", images),
        ("plain", "ts", String::new()),
    ] {
        let text = format!(
            "#EXTM3U\n#EXT-X-VERSION:7\n{pictures}#EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS=\"{CODEC}\",{}\n\
             {kind}/index.m3u8\n",
            size(WIDTH_PX)
        );
        std::fs::write(work.join(format!("{name}.m3u8")), text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What ffmpeg itself lists of the same frames, and what it decodes of our ranges.
    #[test]
    #[ignore = "needs ffmpeg"]
    fn each_range_holds_one_picture_that_can_be_decoded() {
        let folder = make().unwrap();
        for kind in ["ts", "cmaf"] {
            let list = std::fs::read_to_string(folder.join(kind).join("iframes.m3u8")).unwrap();
            let init = std::fs::read(folder.join(kind).join("init.mp4")).unwrap_or_default();
            let mut ranges = 0;
            for line in list.lines().filter_map(|line| line.strip_prefix("#EXT-X-BYTERANGE:")) {
                let (length, start) = line.split_once('@').unwrap();
                let [length, start] = [length, start].map(|it| it.parse::<usize>().unwrap());
                let name = format!("{ranges:03}.{}", extension(kind));
                let bytes = std::fs::read(folder.join(kind).join(name)).unwrap();
                let frame = [&init[..], &bytes[start..start + length]].concat();
                let path = folder.join(format!("range-{}-{ranges}", std::process::id()));
                std::fs::write(&path, frame).unwrap();
                ranges += 1;
                // Without tables ffmpeg knows no program.
                if start == 0 {
                    let mut ffmpeg = ffmpeg(&folder);
                    ffmpeg.arg("-i").arg(&path).args(["-f", "framemd5", "-"]);
                    let decoded = shell::read(&mut ffmpeg).unwrap();
                    let frames = decoded.lines().filter(|line| !line.starts_with('#')).count();
                    assert_eq!(frames, 1, "{kind} {line}\n{decoded}");
                }
                std::fs::remove_file(path).unwrap();
            }
            assert_eq!(ranges, 6);
        }
    }
}
