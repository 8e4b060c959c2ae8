//! A skin made for `<video>`, media-chrome as it is published, around `<video-sphere>`.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use test_streams::live::Options;
use webdriver::{Actions, Browser::Chromium};

const PAGE: &str = "/pages/skin.html";

/// Opens the menu as a click does, and takes the item whose text holds `word`.
fn choose(page: &PlayerPage, word: &str) -> Result<()> {
    page.act("document.querySelector('media-rendition-menu-button').click()")?;
    page.wait(&format!("renditionItems().some(({{ text }}) => text.includes('{word}'))"))?;
    page.act(&format!(
        "renditionItems().find(({{ text }}) => text.includes('{word}')).item.click()"
    ))
}

/// Gives the picture the focus for good: a menu that closes takes it back to its button.
fn focus_canvas(page: &PlayerPage) -> Result<()> {
    page.wait(
        "sphere.shadowRoot.activeElement === sphere.canvas
           ? (window.held = (window.held ?? 0) + 1) > 3 : (window.held = 0, sphere.canvas.focus(), false)",
    )?;
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn its_quality_menu_chooses_and_one_arrow_only_turns() -> Result<()> {
    Scene::new(Chromium).on(PAGE).play(|page| {
        page.wait("window.isReady")?;
        page.play("/media/ts/master.m3u8")?;
        page.wait("sphere.videoRenditions.length > 1 && sphere.streamType === 'on-demand'")?;
        let heights = page.get("sphere.videoRenditions[0].height")?;
        let heights = [heights, page.get("sphere.videoRenditions[sphere.videoRenditions.length - 1].height")?];
        ensure!(heights[0] != heights[1], "one height alone: {heights:?}");
        for height in &heights {
            choose(page, &format!("{height}p"))?;
            page.wait(&format!(
                "sphere.variants.find(({{ id }}) => id === sphere.stats.variant)?.height === {height}"
            ))?;
            page.wait(&format!(
                "renditionItems().some(({{ text, checked }}) => checked && text.includes('{height}p'))"
            ))?;
        }
        choose(page, "Auto")?;
        page.wait("sphere.videoRenditions.selectedIndex === -1")?;
        assert_eq!(page.get("sphere.quality")?, json!("auto"));

        page.act("sphere.pause(); sphere.yaw = 0")?;
        focus_canvas(page)?;
        let before = page.get("sphere.currentTime")?;
        page.session.perform(&Actions::new().key(Actions::RIGHT, 300))?;
        page.wait("sphere.yaw > 1")?;
        assert_eq!(page.get("sphere.currentTime")?, before, "the skin took the key as well");
        // A key that the page keeps for the skin seeks and does not turn.
        page.act("sphere.hotkeys = 'all noarrowright'; sphere.yaw = 0")?;
        page.at_rest()?;
        page.act("sphere.yaw = 0; sphere.currentTime = 0.5")?;
        page.session.perform(&Actions::new().key(Actions::RIGHT, 30))?;
        page.wait("sphere.currentTime > 3")?;
        assert_eq!(page.get("Math.round(sphere.yaw)")?, json!(0));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn its_live_button_says_live() -> Result<()> {
    Scene::new(Chromium).on(PAGE).with_live(Options { window_segments: 8 }).play(|page| {
        page.wait("window.isReady")?;
        page.play("/live/master.m3u8")?;
        page.wait("sphere.streamType === 'live' && sphere.isAtLiveEdge")?;
        page.wait("liveButton().streamType === 'live' && liveButton().isLive")?;
        page.wait(
            "sphere.seekable.length && sphere.timeline.liveEdge - sphere.timeline.start > 8",
        )?;
        page.act("sphere.currentTime = sphere.timeline.start + 1")?;
        page.wait("!sphere.isAtLiveEdge && !liveButton().isLive")?;
        page.act("document.querySelector('media-live-button').click()")?;
        page.wait("sphere.isAtLiveEdge && liveButton().isLive")?;
        Ok(())
    })
}
