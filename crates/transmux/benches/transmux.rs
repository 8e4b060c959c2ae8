//! How fast TS becomes fMP4: `cargo bench --bench transmux`.
//!
//! In: one segment of about 5 MB, 1920×1080 at 20 Mbit/s with noise, made by ffmpeg on the first
//! run. Out: MB/s of TS input beside a plain copy of the same bytes, medians of interleaved rounds.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use videosphere_transmux::demux::container::Format;
use videosphere_transmux::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};

const ROUNDS: usize = 61;
/// As a fetch hands them over.
const CHUNK_LEN: usize = 64 * 1024;

fn main() {
    // `cargo test` runs benches too, to see that they build.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let bytes = segment();
    let megabytes = bytes.len() as f64 / 1e6;
    let mut copy = Vec::new();
    let mut transmuxer = Transmuxer::new();
    let (mut copies, mut transmuxes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        copies.push(time(|| {
            copy = black_box(bytes.clone());
        }));
        transmuxes.push(time(|| {
            assert!(transmux(&mut transmuxer, &bytes, round) > bytes.len() * 9 / 10);
        }));
    }
    println!("segment of {megabytes:.1} MB, {ROUNDS} rounds");
    println!("copy      {:7.0} MB/s", megabytes / median(&mut copies).as_secs_f64());
    println!("transmux  {:7.0} MB/s", megabytes / median(&mut transmuxes).as_secs_f64());
}

/// Returns the bytes that came out.
fn transmux(transmuxer: &mut Transmuxer, bytes: &[u8], round: usize) -> usize {
    transmuxer.begin_segment(SegmentStart {
        format: Format::MpegTs,
        timeline_start_secs: 0.0,
        duration_secs: 2.0,
        discontinuity_sequence: round as u64,
        succession: Succession::Apart,
        is_growing: false,
    });
    bytes.chunks(CHUNK_LEN).for_each(|chunk| transmuxer.push(chunk));
    transmuxer.end_segment();
    std::iter::from_fn(|| transmuxer.poll())
        .map(|result| match result {
            Transmuxed::Init { bytes, .. } | Transmuxed::Fragment { bytes, .. } => {
                black_box(bytes.as_slice()).len()
            }
            Transmuxed::Problem(problem) => panic!("{problem}"),
        })
        .sum()
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(durations: &mut [Duration]) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}

fn segment() -> Vec<u8> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench_1080p.ts");
    if !path.exists() {
        let arguments = "-v error -y -f lavfi -i testsrc2=size=1920x1080:rate=30,noise=alls=20:allf=t \
             -f lavfi -i sine=sample_rate=48000 -t 2 -c:v libx264 -preset ultrafast -b:v 20M \
             -maxrate 20M -bufsize 10M -pix_fmt yuv420p -g 30 -c:a aac -b:a 128k -f mpegts";
        let status = Command::new("ffmpeg").args(arguments.split_whitespace()).arg(&path).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "this benchmark needs ffmpeg on the PATH to make its segment"
        );
    }
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
