//! What hls.js and Shaka read of the same files, in Node.js.

use crate::{fixture, shown};
use std::process::Command;
use videosphere_tracks::text::webvtt::timestamp_map::{MediaClock, SegmentPlace, place};
use videosphere_tracks::text::{imsc, webvtt};

/// A peer's cues of a fixture, as [`shown`] writes them.
fn peer(name: &str, format: &str, start_secs: f64, clock_ticks: u64, file: &str) -> Vec<String> {
    let here = env!("CARGO_MANIFEST_DIR");
    let output = Command::new("node")
        .arg(format!("{here}/tests/text/peers.mjs"))
        .args([name, format, &start_secs.to_string(), &clock_ticks.to_string()])
        .arg(format!("{here}/../../tests/fixtures/tracks/{file}"))
        .output()
        .expect("node, and `npm ci` in the repository's root");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} of {file}: {message}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn ours(start_secs: f64, clock_ticks: u64, file: &str) -> Vec<String> {
    let mut file = webvtt::parse(&fixture(file)).expect("WebVTT");
    let clock = Some(MediaClock { mpegts_ticks: clock_ticks, presentation_secs: 0.0 });
    let segment = SegmentPlace { start_secs, duration_secs: 2.0, clock };
    place(&mut file.cues, file.timestamp_map, &segment);
    shown(&file.cues)
}

#[test]
fn webvtt_as_hls_js_and_shaka_read_it() {
    for (file, start_secs, clock_ticks) in [
        ("en_1.vtt", 0.0, 9_000),
        ("en_2.vtt", 2.0, 9_000),
        ("en_3.vtt", 4.0, 9_000),
        ("en_6.vtt", 10.0, 9_000),
        ("de_2.vtt", 4.0, 9_000),
        ("en_3.vtt", 3.0, 99_000),
    ] {
        let ours = ours(start_secs, clock_ticks, file);
        assert!(!ours.is_empty(), "{file}");
        for name in ["hls.js", "shaka"] {
            let theirs = peer(name, "vtt", start_secs, clock_ticks, file);
            assert_eq!(ours, theirs, "{name} of {file}");
        }
    }
}

#[test]
fn imsc_as_shaka_reads_it() {
    for file in ["en.ttml", "wide.ttml"] {
        let document = imsc::parse(&fixture(file)).expect("TTML");
        assert_eq!(shown(&document.cues), peer("shaka", "ttml", 0.0, 0, file), "{file}");
    }
}
