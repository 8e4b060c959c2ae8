//! Sound of every codec that transport streams and packed audio may have: the same frames at the same times, as
//! ffmpeg and ffprobe find them, and sample entries that mp4-atom reads.

use crate::tools::*;
use mp4_atom::{Any, Decode};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use videosphere_transmux::remux::{SegmentStart, Transmuxed, Transmuxer};
use videosphere_transmux::{Error, TrackKind};

/// How ffmpeg makes such a stream, what it is called, and its sample entry.
struct Coded {
    arguments: &'static [&'static str],
    codec: &'static str,
    frame_samples: f64,
    rate_hz: f64,
}

const AC3: Coded =
    Coded { arguments: &["-c:a", "ac3"], codec: "ac-3", frame_samples: 1536.0, rate_hz: 48_000.0 };
const EAC3: Coded = Coded { arguments: &["-c:a", "eac3"], codec: "ec-3", ..AC3 };
const SURROUND: Coded = Coded { arguments: &["-c:a", "eac3", "-ac", "6"], codec: "ec-3", ..AC3 };
const ODD_RATE: Coded =
    Coded { arguments: &["-c:a", "ac3", "-ar", "44100"], rate_hz: 44_100.0, ..AC3 };
const MP3: Coded =
    Coded { arguments: &["-c:a", "libmp3lame"], codec: "mp4a.6B", frame_samples: 1152.0, ..AC3 };
const LOW_MP3: Coded = Coded {
    arguments: &["-c:a", "libmp3lame", "-ar", "22050", "-ac", "1"],
    codec: "mp4a.69",
    frame_samples: 576.0,
    rate_hz: 22_050.0,
};
const OPUS: Coded =
    Coded { arguments: &["-c:a", "libopus"], codec: "opus", frame_samples: 960.0, ..AC3 };
const OPUS_SURROUND: Coded = Coded { arguments: &["-c:a", "libopus", "-ac", "6"], ..OPUS };

/// Two seconds of a rising tone, with a picture where it is a transport stream; made once for all tests.
fn stream(coded: &Coded, extension: &str) -> PathBuf {
    static MAKING: Mutex<()> = Mutex::new(());
    let name = format!("{}.{extension}", coded.arguments.concat().replace(':', ""));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _one_at_a_time = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    if path.exists() {
        return path;
    }
    // Under another name until it is whole.
    let unfinished = path.with_extension(format!("part.{extension}"));
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y"]);
    if extension == "ts" {
        command.args(["-f", "lavfi", "-i", "testsrc=size=64x32:rate=25:duration=2"]);
    }
    command
        .args(["-f", "lavfi", "-i", "aevalsrc=sin(600*t*t):s=48000:d=2", "-pix_fmt", "yuv420p"])
        .args(["-c:v", "libx264", "-preset", "ultrafast"])
        .args(coded.arguments)
        .arg(&unfinished);
    assert!(command.status().expect("ffmpeg runs").success());
    std::fs::rename(unfinished, &path).expect("a file of ffmpeg");
    path
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a file of ffmpeg")
}

/// The bytes of each packet, as MD5.
fn packet_hashes(path: &Path) -> Vec<String> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-map", "0:a", "-c", "copy", "-f", "framemd5", "-"])
        .output()
        .expect("ffmpeg runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(',').nth(5).map(|hash| hash.trim().to_owned()))
        .collect()
}

fn assert_same_sound(coded: &Coded, source: &Path, results: &[Transmuxed]) {
    assert_eq!(problems(results), [] as [&Error; 0], "{}", coded.codec);
    assert_eq!(codecs(results, TrackKind::Audio), [coded.codec]);
    let remuxed = TempFile::new("mp4", &track_bytes(results, TrackKind::Audio));
    let hashes = packet_hashes(source);
    assert!(hashes.len() > 50, "{} packets", hashes.len());
    assert_eq!(packet_hashes(remuxed.path()), hashes, "packets of {}", coded.codec);
    for field in ["codec_name", "sample_rate", "channels"] {
        // ffprobe lists the stream once more with its programme, and leaves commas behind.
        let probe = |path| {
            let found = probe_stream(path, "a", field);
            found.lines().next().unwrap_or_default().trim_end_matches(',').to_owned()
        };
        assert_eq!(probe(remuxed.path()), probe(source), "{field} of {}", coded.codec);
    }
    let packets = probe_packets(remuxed.path(), "a");
    let steps = packets.windows(2).map(|pair| (pair[1].pts - pair[0].pts) as f64);
    assert!(steps.into_iter().all(|step| step == coded.frame_samples), "{}", coded.codec);
    let spans = fragments(results, TrackKind::Audio);
    let span_secs: f64 = spans.iter().map(|(start, end, _)| end - start).sum();
    let expected_secs = hashes.len() as f64 * coded.frame_samples / coded.rate_hz;
    assert!((span_secs - expected_secs).abs() < 0.001, "{span_secs} of {expected_secs} s");
}

#[test]
fn transport_streams_keep_every_frame_of_every_codec() {
    for coded in [AC3, EAC3, SURROUND, ODD_RATE, MP3, LOW_MP3, OPUS, OPUS_SURROUND] {
        let source = stream(&coded, "ts");
        let results = transmux(&read(&source));
        assert_same_sound(&coded, &source, &results);
        // The sound begins as far from the picture as it did.
        let first = |path: &Path, kind| probe_packets(path, kind)[0].pts as f64 / 90_000.0;
        let apart_secs = first(&source, "a") - first(&source, "v");
        let start = |track| fragments(&results, track)[0].0;
        let ours_secs = start(TrackKind::Audio) - start(TrackKind::Video);
        assert!((ours_secs - apart_secs).abs() < 0.001, "{ours_secs} for {apart_secs} s");
    }
}

#[test]
fn decoders_hear_the_same() {
    for coded in [AC3, EAC3, SURROUND, MP3] {
        let source = stream(&coded, "ts");
        let results = transmux(&read(&source));
        let remuxed = TempFile::new("mp4", &track_bytes(&results, TrackKind::Audio));
        let (before, after) = (frame_hashes(&source, "a"), frame_hashes(remuxed.path(), "a"));
        assert!(before.len() > 50);
        assert_eq!(before, after, "decoded frames of {}", coded.codec);
    }
}

#[test]
fn packed_audio_is_known_by_its_frames() {
    for (coded, extension) in [(AC3, "ac3"), (EAC3, "eac3")] {
        let source = stream(&coded, extension);
        assert_same_sound(&coded, &source, &transmux(&read(&source)));
    }
    // Without the frame that tells players how long it is.
    let mp3 = Coded { arguments: &["-c:a", "libmp3lame", "-write_xing", "0"], ..MP3 };
    let source = stream(&mp3, "mp3");
    assert_same_sound(&mp3, &source, &transmux(&read(&source)));
}

#[test]
fn another_reader_finds_the_sample_entries() {
    for (coded, kind) in [(AC3, "Ac3"), (EAC3, "Eac3"), (MP3, "Mp4a"), (OPUS, "Opus")] {
        let results = transmux(&read(&stream(&coded, "ts")));
        let init = results.iter().find_map(|result| match result {
            Transmuxed::Init { track: TrackKind::Audio, bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        });
        let mut rest = init.expect("an init segment");
        let mut entries = Vec::new();
        while !rest.is_empty() {
            if let Any::Moov(moov) = Any::decode(&mut rest).expect("a box") {
                entries = moov.trak[0].mdia.minf.stbl.stsd.codecs.clone();
            }
        }
        assert_eq!(entries.len(), 1);
        assert!(format!("{:?}", entries[0]).starts_with(kind), "{:?}", entries[0]);
    }
}

#[test]
fn a_stream_that_grows_has_the_same_sound() {
    for coded in [AC3, MP3, OPUS] {
        let source = stream(&coded, "ts");
        let mut transmuxer = Transmuxer::new();
        let start = SegmentStart { is_growing: true, ..alone_at(0.0) };
        let results = transmux_segment(&mut transmuxer, start, &read(&source), 1000);
        assert!(fragments(&results, TrackKind::Audio).len() > 3);
        assert_same_sound(&coded, &source, &results);
    }
}

/// With these packets of the sound left out, counted from its tenth.
fn without_packets(bytes: &[u8], lost: std::ops::Range<usize>) -> Vec<u8> {
    const AUDIO_PID: u16 = 0x101;
    let pid = |packet: &[u8]| u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]);
    let mut count = 0;
    let mut kept = Vec::new();
    for packet in bytes.chunks_exact(188) {
        count += usize::from(pid(packet) == AUDIO_PID);
        if pid(packet) != AUDIO_PID || !lost.contains(&count) {
            kept.extend_from_slice(packet);
        }
    }
    kept
}

#[test]
fn what_is_lost_leaves_the_rest_in_its_place() {
    for coded in [AC3, MP3, OPUS] {
        let source = read(&stream(&coded, "ts"));
        let whole = transmux(&source);
        let damaged = transmux(&without_packets(&source, 20..24));
        let told = problems(&damaged);
        assert!(told.iter().all(|error| matches!(error, Error::DamagedMedia { .. })), "{told:?}");
        assert!(!told.is_empty());
        let end = |results: &[Transmuxed]| fragments(results, TrackKind::Audio).last().unwrap().1;
        assert!((end(&whole) - end(&damaged)).abs() < 0.001, "{}", coded.codec);
        // No hole: fragments go on where the one before ended.
        let spans = fragments(&damaged, TrackKind::Audio);
        assert!(spans.windows(2).all(|pair| (pair[1].0 - pair[0].1).abs() < 0.001));
        let file = TempFile::new("mp4", &track_bytes(&damaged, TrackKind::Audio));
        let packets = probe_packets(file.path(), "a").len();
        assert!(packets > packet_hashes(&stream(&coded, "ts")).len() - 12);
    }
}

#[test]
fn noise_in_each_codec_never_panics() {
    let mut state = 7_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize
    };
    let originals: Vec<_> =
        [AC3, SURROUND, MP3, OPUS].iter().map(|coded| read(&stream(coded, "ts"))).collect();
    let mut transmuxer = Transmuxer::new();
    for round in 0..80 {
        let mut bytes = originals[round % originals.len()].clone();
        for _ in 0..1 + random() % 300 {
            let at = random() % bytes.len();
            bytes[at] = random() as u8;
        }
        let start = SegmentStart { is_growing: round % 2 == 0, ..alone_at(round as f64) };
        for result in transmux_segment(&mut transmuxer, start, &bytes, 1 + random() % 5000) {
            if let Transmuxed::Fragment { track, start_secs, end_secs, .. } = result {
                assert!(end_secs > start_secs, "{round}: {track:?} {start_secs} {end_secs}");
                assert!(start_secs >= 0.0 || track == TrackKind::Video, "{round}: {start_secs}");
            }
        }
    }
}

#[test]
fn layers_that_nobody_plays_are_named() {
    let layer_2 = Coded { arguments: &["-c:a", "mp2"], ..MP3 };
    let results = transmux(&read(&stream(&layer_2, "ts")));
    let codec = "MPEG audio layer 2 (mp2)".to_owned();
    assert_eq!(problems(&results), [&Error::UnsupportedCodec { codec }]);
    assert!(!fragments(&results, TrackKind::Video).is_empty(), "the picture goes on");
}
