//! Low-latency streams from the origin of `tools/test-streams`, played by others and by us. In: Chromium, ffmpeg,
//! hls.js and Shaka from npm. How late they are is read from a clock in the picture: a quantity of
//! the media, not of the test.

mod others;
mod ours;

use anyhow::{Context, Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::Value;
use test_streams::live::LowLatencyOptions;
use webdriver::Browser::Chromium;

/// Played for at least so many samples of a tenth of a second.
const SAMPLES: u32 = 80;

fn scene(options: LowLatencyOptions) -> Scene {
    let page = machine::shell::root().join("benches/latency");
    Scene::new(Chromium)
        .with_low_latency(options)
        .mounting("/latency/", page)
        .on("/latency/index.html")
}

/// Plays with these players until each has shown enough, and gives their figures.
fn figures(page: &PlayerPage, players: &[&str], url: &str) -> Result<Vec<Value>> {
    page.wait("window.isReady")?;
    let names = serde_json::to_string(players)?;
    page.act_async(&format!("await start({names}, '{url}')"))?;
    // The first seconds are the start, not the play.
    page.wait("report().every((it) => it.samples > 20)")?;
    page.act("reset()")?;
    page.wait(&format!("report().every((it) => it.samples > {SAMPLES})"))?;
    let report = page.get("report()")?;
    eprintln!("{report:#}");
    Ok(report.as_array().context("no figures")?.clone())
}

fn median(figures: &Value) -> Result<f64> {
    figures["median"].as_f64().with_context(|| format!("no latency: {figures}"))
}

/// Plays well, and not later than this.
fn plays_within(figures: &Value, latency_secs: f64) -> Result<()> {
    let median = median(figures)?;
    ensure!((0.2..latency_secs).contains(&median), "{median} s late: {figures}");
    let is_fatal = |error: &Value| error.as_str().is_none_or(|text| text.starts_with("fatal"));
    ensure!(!figures["errors"].as_array().is_some_and(|all| all.iter().any(is_fatal)), "{figures}");
    Ok(())
}
