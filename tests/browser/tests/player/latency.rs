//! Staying at the live point, in a real browser and in real time: prefetch streams and parts, the
//! page's wishes, spells without a network and with too slow a one.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use dev_server::{Fault, Rule};
use serde_json::json;
use test_streams::live::{LowLatencyOptions, Spelling};
use webdriver::Browser::Chromium;

fn scene() -> Scene {
    Scene::new(Chromium).with_low_latency(LowLatencyOptions::test())
}

/// Playback is where it is meant to be, by the engine's word and by the wall clock: sender and
/// player share one.
const IS_AT_TARGET: &str = "(({ stats }) => stats.atLiveEdge && !sphere.paused
    && Math.abs(stats.liveLatencySecs - stats.targetLatencySecs) < 1
    && stats.endToEndLatencySecs > 0 && stats.endToEndLatencySecs < stats.targetLatencySecs + 3)(sphere)";

fn comes_to_target(page: &PlayerPage) -> Result<()> {
    page.wait(IS_AT_TARGET)?;
    // And plays on there.
    page.act("window.from = sphere.currentTime")?;
    page.wait("sphere.currentTime > from + 3")?;
    page.wait(IS_AT_TARGET)?;
    ensure!(page.get("sphere.isAtLiveEdge")? == json!(true), "not live");
    Ok(())
}

/// Network.emulateNetworkConditions: for the page and its workers.
fn set_offline(page: &PlayerPage, is_offline: bool) -> Result<()> {
    page.session.cdp("Network.enable", json!({}))?;
    page.session.cdp(
        "Network.emulateNetworkConditions",
        json!({ "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 }),
    )?;
    Ok(())
}

#[test]
#[ignore = "needs Chromium and ffmpeg"]
fn the_target_latency_is_kept_and_is_the_pages_to_set() -> Result<()> {
    scene().play(|page| {
        page.play("/ivs/master.m3u8")?;
        comes_to_target(page)?;
        let target = page.number("sphere.stats.targetLatencySecs")?;
        // Further away than it is, which need not be the target yet, by playing slower; the pitch stays.
        page.act(&format!(
            "sphere.targetLatency = Math.max({target}, sphere.stats.liveLatencySecs) + 1"
        ))?;
        page.wait("sphere.playbackRate < 1 && sphere.stats.playbackRate < 1")?;
        assert_eq!(page.get("sphere.video.preservesPitch")?, json!(true));
        comes_to_target(page)?;
        ensure!(page.number("sphere.stats.targetLatencySecs")? >= target + 1.0);
        // The page's own rate is its own.
        page.act("sphere.playbackRate = 0.5; window.rates = 0; sphere.addEventListener('ratechange', () => rates += 1)")?;
        page.act("sphere.targetLatency = null; window.from = sphere.currentTime")?;
        page.wait("sphere.currentTime > from + 2 && sphere.stats.playbackRate === 0.5")?;
        ensure!(page.number("rates")? <= 1.0, "the rate was changed behind the page's back");
        // Given back, playback catches up.
        page.act("sphere.playbackRate = 1")?;
        page.wait("sphere.playbackRate > 1 && sphere.stats.playbackRate > 1")?;
        comes_to_target(page)?;
        assert_eq!(page.get("seen.failure")?, json!(0));
        Ok(())
    })
}

fn comes_back_from_a_spell_without_a_network(url: &str) -> Result<()> {
    let options = LowLatencyOptions { spelling: Spelling::Twitch, ..LowLatencyOptions::test() };
    // The browser says of each request that was refused.
    Scene::new(Chromium).with_low_latency(options).expecting(&["Failed to load resource"]).play(
        |page| {
            page.play(url)?;
            comes_to_target(page)?;
            set_offline(page, true)?;
            for part in ["/ll/", "/ivs/"] {
                page.server.faults().add(Rule::new(part, Fault::Reset));
            }
            page.wait("sphere.readyState < 3 && sphere.stats.stalls > 0")?;
            set_offline(page, false)?;
            page.server.faults().clear();
            page.wait("sphere.readyState > 2")?;
            comes_to_target(page)?;
            assert_eq!(page.get("sphere.error")?, json!(null));
            Ok(())
        },
    )
}

#[test]
#[ignore = "needs Chromium and ffmpeg"]
fn parts_come_back_from_a_spell_without_a_network() -> Result<()> {
    comes_back_from_a_spell_without_a_network("/ll/master.m3u8")
}

#[test]
#[ignore = "needs Chromium and ffmpeg"]
fn a_prefetch_stream_comes_back_from_a_spell_without_a_network() -> Result<()> {
    comes_back_from_a_spell_without_a_network("/ivs/master.m3u8")
}

#[test]
#[ignore = "needs Chromium and ffmpeg"]
fn a_link_too_slow_for_the_picture_brings_a_smaller_one_and_no_lag() -> Result<()> {
    /// BANDWIDTH is so much of what a variant needs at its peak.
    const BANDWIDTH_SHARE: f64 = 1.25;
    let options = LowLatencyOptions { widths_px: vec![160, 640], ..LowLatencyOptions::test() };
    Scene::new(Chromium).with_low_latency(options).play(|page| {
        page.act("sphere.quality = 'auto'")?;
        page.play("/ivs/master.m3u8")?;
        comes_to_target(page)?;
        let top = "sphere.variants.reduce((a, b) => (a.bandwidth > b.bandwidth ? a : b))";
        page.wait(&format!("sphere.stats.variant === {top}.id"))?;
        // Of every body half-way between what the one needs and what the other does.
        let both_bps = page.number("sphere.variants.reduce((sum, it) => sum + it.bandwidth, 0)")?;
        let bytes_per_second = (both_bps / 2.0 / BANDWIDTH_SHARE / 8.0) as u64;
        let slow = Rule::new(".ts", Fault::Throttle { bytes_per_second });
        page.server.faults().add(slow);
        page.wait(&format!("sphere.stats.variant !== {top}.id"))?;
        comes_to_target(page)?;
        page.server.faults().clear();
        comes_to_target(page)?;
        assert_eq!(page.get("seen.failure")?, json!(0));
        Ok(())
    })
}
