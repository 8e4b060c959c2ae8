//! Whole-engine scenarios on a virtual clock: a simulated origin, a lossy link, a strict media
//! element. Every scenario is repeatable by its seed and none waits for real time.

mod audio_tracks;
mod bed;
mod cbc;
mod element;
mod elsewhere;
mod mp4;
mod origin;
#[path = "../../crates/transmux/tests/remux/stream.rs"]
#[allow(dead_code)]
mod stream;

mod chaos;
mod encrypted;
mod failures;
mod first_picture;
mod foreign_lists;
mod groups;
mod latency;
mod live;
mod live_lists;
mod low_latency;
mod low_latency_origin;
mod prefetch;
mod quality;
mod restart;
mod steering;
mod storms;
mod texts;
mod tracks;
mod transmuxer_elsewhere;
mod transport_stream;
mod ts_clock;
mod vod;

use origin::Rung;

const BASE: &str = "https://origin.example/";
const HIGH_QUALITY_BASE: &str = "https://high.example/";
const SEEDS: [u64; 4] = [1, 7, 42, 1_000_003];

fn master() -> String {
    format!("{BASE}master.m3u8")
}

/// 0.4, 1.2, 3 and 8 Mbit/s.
fn ladder() -> Vec<Rung> {
    vec![
        Rung::new(400_000, 240),
        Rung::new(1_200_000, 480),
        Rung::new(3_000_000, 960),
        Rung::new(8_000_000, 1920),
    ]
}
