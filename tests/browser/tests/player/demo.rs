//! The demo page: its addresses, and how it looks on a phone and on a desktop (for people to judge,
//! in `target/screenshots`).

use anyhow::{Result, ensure};
use browser_tests::Scene;
use serde_json::json;
use xtask::shell;
use xtask::webdriver::Browser::Chromium;

#[test]
#[ignore = "needs Chromium"]
fn the_demo_page_switches_to_the_4k_stream_and_back() -> Result<()> {
    let page = "/demo/?url=/media/ts/main.m3u8&hq=/media/ts/top.m3u8&quality=120";
    Scene::new(Chromium).on(page).play(|stage| {
        stage.act("window.sphere = document.querySelector('video-sphere')")?;
        stage.wait("sphere.renderer && sphere.currentTime > 0.2")?;
        // A height is neither of the two.
        let state = "[sphere.quality, document.querySelector('[name=source]:checked')?.value ?? null]";
        assert_eq!(stage.get(state)?, json!([120, null]));
        assert_eq!(stage.get("sphere.videoWidth")?, json!(240));
        let choose = |value: &str| {
            let radio = format!("label:has([name=source][value={value}])");
            stage.session.click(&stage.session.find(&radio)?)
        };
        choose("max")?;
        stage.wait("sphere.videoWidth === 480")?;
        assert_eq!(stage.get(state)?, json!(["max", "max"]));
        assert_eq!(stage.get("sphere.variants.at(-1).highQualitySource")?, json!(true));
        choose("auto")?;
        stage.wait("sphere.quality === 'auto'")?;
        assert_eq!(stage.get(state)?, json!(["auto", "auto"]));

        // The figures are the player's.
        stage.wait(
            "(() => {
               const rows = [...document.querySelectorAll('#figures div')].map(({ children }) =>
                 [...children].map(({ textContent }) => textContent));
               const figures = Object.fromEntries(rows);
               return figures.Renderer === 'WebGL2' && figures.Video === '480 × 240'
                 && /^\\d+p · [\\d.]+ Mbit\\/s$/.test(figures.Variant) && Number(figures['Frames drawn']) > 0
                 && /^[\\d.]+ s$/.test(document.querySelector('#buffer').value)
                 && document.querySelector('#buffer-line path.line').getAttribute('d').includes('L');
             })()",
        )?;
        // Without a headset there is no button for one, and a figure of live streams alone is left out.
        let hidden = "[sphere.shadowRoot.querySelector('[data-icon=headset]').hidden,
            document.querySelector('#latency').hidden,
            document.querySelector('#figures').textContent.includes('Behind live')]";
        assert_eq!(stage.get(hidden)?, json!([true, true, false]));
        assert_eq!(stage.get("sphere.error")?, json!(null));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn the_demo_page_plays_what_its_address_says() -> Result<()> {
    let page = "/demo/?url=/media/ts/master.m3u8&quality=max";
    Scene::new(Chromium).on(page).play(|stage| {
        stage.act("window.sphere = document.querySelector('video-sphere')")?;
        stage.wait("sphere.renderer && sphere.currentTime > 1")?;
        assert_eq!(stage.get("[sphere.quality, sphere.videoWidth, sphere.error]")?, json!(["max", 480, null]));
        assert_eq!(stage.get("document.querySelector('[name=source]:checked').value")?, json!("max"));
        let folder = shell::target().join("screenshots");
        std::fs::create_dir_all(&folder)?;
        for (name, size, ratio, mobile) in [("phone", (390, 844), 2.0, true), ("desktop", (1280, 800), 1.0, false)] {
            stage.session.emulate_screen(size, ratio, mobile)?;
            stage.act("sphere.currentTime = 0; sphere.play().catch(() => {})")?;
            stage.wait(&format!("innerWidth === {} && sphere.currentTime > 0.5", size.0))?;
            stage.act_async("const { framesDrawn } = sphere.stats; while (sphere.stats.framesDrawn < framesDrawn + 3) await new Promise(requestAnimationFrame)")?;
            // Nothing hangs over the edge.
            ensure!(stage.number("document.documentElement.scrollWidth - innerWidth")? <= 0.0, "{name}: it scrolls sideways");
            std::fs::write(folder.join(format!("demo-{name}.png")), stage.session.screenshot()?)?;
        }
        Ok(())
    })
}
