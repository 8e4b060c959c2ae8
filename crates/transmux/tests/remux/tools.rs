//! Runs the transmuxer, and ffmpeg and ffprobe as judges.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use videosphere_transmux::Error;
use videosphere_transmux::TrackKind;
use videosphere_transmux::demux::container::Format;
use videosphere_transmux::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};

/// The bytes of a file in `tests/fixtures` of the repository.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = fixture_path(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where that file is.
pub fn fixture_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(name)
}

/// A segment that follows nothing, at that time.
pub fn alone_at(timeline_start_secs: f64) -> SegmentStart {
    SegmentStart {
        format: Format::MpegTs,
        timeline_start_secs,
        duration_secs: 2.0,
        discontinuity_sequence: 0,
        succession: Succession::Apart,
        is_growing: false,
    }
}

/// The same, following on.
pub fn following_at(timeline_start_secs: f64) -> SegmentStart {
    SegmentStart { succession: Succession::Contiguous, ..alone_at(timeline_start_secs) }
}

/// The same, over a discontinuity.
pub fn joining_at(timeline_start_secs: f64) -> SegmentStart {
    let apart = alone_at(timeline_start_secs);
    SegmentStart { succession: Succession::Adjacent, discontinuity_sequence: 1, ..apart }
}

/// Feeds one segment in chunks, as what it is; what is nothing, as a transport stream.
pub fn transmux_segment(
    transmuxer: &mut Transmuxer,
    start: SegmentStart,
    bytes: &[u8],
    chunk_len: usize,
) -> Vec<Transmuxed> {
    let (format, bytes) = Format::of(bytes).unwrap_or((start.format, bytes));
    transmuxer.begin_segment(SegmentStart { format, ..start });
    bytes.chunks(chunk_len).for_each(|chunk| transmuxer.push(chunk));
    transmuxer.end_segment();
    std::iter::from_fn(|| transmuxer.poll()).collect()
}

/// One segment alone, in one piece.
pub fn transmux(bytes: &[u8]) -> Vec<Transmuxed> {
    transmux_segment(&mut Transmuxer::new(), alone_at(0.0), bytes, bytes.len().max(1))
}

/// Several segments of four seconds' worth of one stream, one after the other.
pub fn transmux_all(segments: &[Vec<u8>]) -> Vec<Transmuxed> {
    let mut transmuxer = Transmuxer::new();
    let mut results = Vec::new();
    for (index, bytes) in segments.iter().enumerate() {
        let at = index as f64 * 2.0;
        let start = if index == 0 { alone_at(at) } else { following_at(at) };
        results.extend(transmux_segment(&mut transmuxer, start, bytes, 4096));
    }
    results
}

/// All bytes of one track, in order: a file that ffmpeg reads.
pub fn track_bytes(results: &[Transmuxed], wanted: TrackKind) -> Vec<u8> {
    let mut bytes = Vec::new();
    for result in results {
        match result {
            Transmuxed::Init { track, bytes: part, .. }
            | Transmuxed::Fragment { track, bytes: part, .. }
                if *track == wanted =>
            {
                bytes.extend_from_slice(part.as_slice());
            }
            _ => {}
        }
    }
    bytes
}

/// The fragments of one track: start, end, whether independent.
pub fn fragments(results: &[Transmuxed], wanted: TrackKind) -> Vec<(f64, f64, bool)> {
    results
        .iter()
        .filter_map(|result| match result {
            Transmuxed::Fragment { track, start_secs, end_secs, is_independent, .. }
                if *track == wanted =>
            {
                Some((*start_secs, *end_secs, *is_independent))
            }
            _ => None,
        })
        .collect()
}

/// The codecs of one track's init segments.
pub fn codecs(results: &[Transmuxed], wanted: TrackKind) -> Vec<&str> {
    results
        .iter()
        .filter_map(|result| match result {
            Transmuxed::Init { track, codec, .. } if *track == wanted => Some(codec.as_str()),
            _ => None,
        })
        .collect()
}

/// Everything that was complained about.
pub fn problems(results: &[Transmuxed]) -> Vec<&Error> {
    results
        .iter()
        .filter_map(|result| match result {
            Transmuxed::Problem(error) => Some(error),
            _ => None,
        })
        .collect()
}

/// A file that is deleted with this value.
pub struct TempFile(PathBuf);

impl TempFile {
    /// With these bytes.
    pub fn new(extension: &str, bytes: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("remux-{}-{count}.{extension}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, bytes).expect("the target folder can be written to");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A packet as a demuxer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    pub pts: i64,
    pub dts: i64,
    pub size: i64,
    pub is_key: bool,
}

/// What ffprobe says of a file's packets of one kind (`v` or `a`).
pub fn probe_packets(path: &Path, kind: &str) -> Vec<Packet> {
    let arguments = [
        "-v",
        "error",
        "-select_streams",
        kind,
        "-show_entries",
        "packet=pts,dts,size,flags",
        "-of",
        "json=compact=1",
    ];
    let output = run("ffprobe", &arguments, path, &[]);
    let number = |line: &str, key: &str| {
        let (_, rest) = line.split_once(&format!("\"{key}\": "))?;
        let digits = rest.trim_start_matches('"');
        let end = digits.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse::<i64>().ok()
    };
    output
        .lines()
        .filter_map(|line| {
            Some(Packet {
                pts: number(line, "pts")?,
                dts: number(line, "dts")?,
                size: number(line, "size")?,
                is_key: line.contains("\"flags\": \"K"),
            })
        })
        .collect()
}

/// One field of one stream, as ffprobe says it.
pub fn probe_stream(path: &Path, kind: &str, field: &str) -> String {
    let entries = format!("stream={field}");
    let arguments =
        ["-v", "error", "-select_streams", kind, "-show_entries", &entries, "-of", "csv=p=0"];
    run("ffprobe", &arguments, path, &[]).trim().to_owned()
}

/// MD5 of each decoded frame of one kind, timestamps left aside.
pub fn frame_hashes(path: &Path, kind: &str) -> Vec<String> {
    let map = format!("0:{kind}");
    // Concealing damage would make broken frames look alike.
    let before = ["-v", "error", "-xerror", "-err_detect", "explode", "-i"];
    let after =
        ["-autoscale", "0", "-map", &map, "-fps_mode", "passthrough", "-f", "framemd5", "-"];
    run("ffmpeg", &before, path, &after)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit(',').next().map(|hash| hash.trim().to_owned()))
        .collect()
}

/// Runs ffmpeg for a new file and returns its bytes.
pub fn ffmpeg_file(input: &Path, arguments: &[&str], extension: &str) -> TempFile {
    let file = TempFile::new(extension, &[]);
    let mut after = arguments.to_vec();
    let path = file.path().to_string_lossy().into_owned();
    after.push(&path);
    run("ffmpeg", &["-v", "error", "-y", "-i"], input, &after);
    file
}

fn run(tool: &str, before: &[&str], path: &Path, after: &[&str]) -> String {
    let output =
        Command::new(tool).args(before).arg(path).args(after).output().unwrap_or_else(|error| {
            panic!("these tests need {tool} on the PATH (install ffmpeg): {error}")
        });
    assert!(
        output.status.success(),
        "{tool} refuses {}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
