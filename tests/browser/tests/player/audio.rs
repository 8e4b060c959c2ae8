//! Several sounds of one picture, told apart by their pitch: changed by hand, by a skin and by our own
//! bar, while the picture goes on.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use test_streams::languages;
use test_streams::sample::{self, Recipe};
use webdriver::Browser;

fn languages() -> Result<PathBuf> {
    let recipe = Recipe::test();
    languages::make(&sample::make(&recipe)?, recipe.duration_secs)
}

fn scene(browser: Browser) -> Result<Scene> {
    Ok(Scene::new(browser).mounting("/languages/", languages()?))
}

/// From now on `tone()` says what is heard.
fn listen(page: &PlayerPage) -> Result<()> {
    page.act(
        "const context = new AudioContext();
         const analyser = context.createAnalyser();
         analyser.fftSize = 4096;
         context.createMediaElementSource(sphere.video).connect(analyser).connect(context.destination);
         context.resume();
         const levels = new Float32Array(analyser.frequencyBinCount);
         const level = (hertz) => levels[Math.round(hertz * analyser.fftSize / context.sampleRate)];
         window.tone = () => {
           analyser.getFloatFrequencyData(levels);
           const [low, high] = [Math.max(level(330), level(440)), level(880)];
           return Math.max(low, high) < -70 ? '' : high > low + 12 ? 'high' : low > high + 12 ? 'low' : '';
         };",
    )
}

/// One piece of each, no stall and no seek.
fn went_on(page: &PlayerPage) -> Result<()> {
    assert_eq!(
        page.get("[seen.waiting, seen.seeking, seen.failure, times.wentBack, ranges().length]")?,
        json!([0, 0, 0, [], 1])
    );
    ensure!(page.get("direction()")?.is_array(), "the picture is gone");
    Ok(())
}

fn changes(page: &PlayerPage, kind: &str) -> Result<()> {
    page.act("forget(); sphere.muted = false")?;
    page.play(&format!("/languages/{kind}.m3u8"))?;
    page.wait("tone() === 'low'")?;
    assert_eq!(
        page.get("[...sphere.audioTracks].map(({ label, language, kind, enabled }) => [label, language, kind, enabled])")?,
        json!([["Low", "en", "main", true], ["High", "de", "alternative", false]])
    );
    page.act(
        "forget(); window.changes = 0; sphere.audioTracks.onchange = () => (window.changes += 1)",
    )?;
    // Slowly, as a busy machine needs its time for each change and the stream has an end.
    page.act("sphere.playbackRate = 0.5")?;
    for (index, tone) in [(1, "high"), (0, "low"), (1, "high")] {
        page.act(&format!("sphere.audioTracks[{index}].enabled = true"))?;
        page.wait(&format!("tone() === '{tone}' || sphere.error"))?;
    }
    assert_eq!(page.get("[window.changes, sphere.audioTracks[1].enabled]")?, json!([3, true]));
    page.act("sphere.playbackRate = 1")?;
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn each_sound_is_heard_when_it_is_chosen_and_the_picture_goes_on() -> Result<()> {
    for kind in ["cmaf", "ts"] {
        scene(Browser::Chromium)?.play(|page| {
            listen(page)?;
            changes(page, kind)?;
            went_on(page)?;
            // Where the first one is still buffered, the chosen one is heard.
            page.act("sphere.currentTime = 1")?;
            page.wait("!sphere.seeking && sphere.currentTime > 1.5 && tone() === 'high'")?;
            page.act("sphere.currentTime = 13")?;
            page.wait("!sphere.seeking && tone() === 'high'")?;
            page.wait("sphere.ended")?;
            assert_eq!(page.get("details.failure")?, json!([]));
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
#[ignore = "needs Firefox"]
fn in_firefox_each_sound_is_heard_when_it_is_chosen() -> Result<()> {
    scene(Browser::Firefox)?.play(|page| {
        listen(page)?;
        changes(page, "cmaf")
    })
}

#[test]
#[ignore = "needs Chromium"]
fn the_language_that_the_page_wants_is_the_first_sound() -> Result<()> {
    scene(Browser::Chromium)?.play(|page| {
        listen(page)?;
        page.act("sphere.muted = false; sphere.setAttribute('audio-language', 'fr, de-AT')")?;
        page.play("/languages/cmaf.m3u8")?;
        page.wait("tone() === 'high'")?;
        assert_eq!(
            page.get("[...sphere.audioTracks].map((track) => track.enabled)")?,
            json!([false, true])
        );
        assert_eq!(page.get("details.failure")?, json!([]));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_skin_and_our_own_bar_list_the_sounds_and_choose() -> Result<()> {
    scene(Browser::Chromium)?.on("/pages/skin.html").play(|page| {
        page.wait("window.isReady")?;
        page.play("/languages/cmaf.m3u8")?;
        for (label, language) in [("High", "de"), ("Low", "en")] {
            page.act("document.querySelector('media-audio-track-menu-button').click()")?;
            page.wait(&format!("audioItems().some(({{ text }}) => text.includes('{label}'))"))?;
            page.act(&format!(
                "audioItems().find(({{ text }}) => text.includes('{label}')).item.click()"
            ))?;
            page.wait(&format!(
                "[...sphere.audioTracks].find((track) => track.enabled)?.language === '{language}'
                 && audioItems().some(({{ text, checked }}) => checked && text.includes('{label}'))"
            ))?;
        }
        page.act("sphere.controls = true")?;
        let button = "sphere.shadowRoot.querySelector('.bar [aria-label=Audio]')";
        page.wait(&format!("{button} && !{button}.parentElement.hidden"))?;
        page.act(&format!("{button}.click()"))?;
        let rows = "[...sphere.shadowRoot.querySelectorAll('[role=menu][aria-label=Audio] [role=menuitemradio]')]";
        assert_eq!(
            page.get(&format!("{rows}.map((row) => [row.textContent, row.ariaChecked])"))?,
            json!([["Low", "true"], ["High", "false"]])
        );
        page.act(&format!("{rows}[1].click()"))?;
        page.wait("sphere.audioTracks[1].enabled")?;
        // With one sound there is nothing to choose.
        page.act("sphere.src = '/media/ts/master.m3u8'")?;
        page.wait(&format!("{button}.parentElement.hidden"))?;
        Ok(())
    })
}
