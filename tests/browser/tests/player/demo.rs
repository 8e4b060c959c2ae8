//! The demo page: its addresses, and how it looks on a phone and on a desktop (for people to judge,
//! in `target/screenshots`).

use anyhow::{Result, ensure};
use browser_tests::Scene;
use machine::shell;
use serde_json::json;
use webdriver::{Actions, Browser::Chromium};

#[test]
#[ignore = "needs Chromium"]
fn the_demo_page_switches_to_the_4k_stream_and_back() -> Result<()> {
    let page = "/demo/?url=/media/ts/main.m3u8&hq=/media/ts/top.m3u8&quality=120";
    Scene::new(Chromium).on(page).play(|page| {
        page.act("window.sphere = document.querySelector('video-sphere')")?;
        page.wait("sphere.renderer && sphere.currentTime > 0.2")?;
        // A height is neither of the two.
        let state = "[sphere.quality, document.querySelector('[name=source]:checked')?.value ?? null]";
        assert_eq!(page.get(state)?, json!([120, null]));
        assert_eq!(page.get("sphere.videoWidth")?, json!(240));
        let choose = |value: &str| {
            let radio = format!("label:has([name=source][value={value}])");
            page.session.click(&page.session.find(&radio)?)
        };
        choose("max")?;
        page.wait("sphere.videoWidth === 480")?;
        assert_eq!(page.get(state)?, json!(["max", "max"]));
        assert_eq!(page.get("sphere.variants.at(-1).highQualitySource")?, json!(true));
        choose("auto")?;
        page.wait("sphere.quality === 'auto'")?;
        assert_eq!(page.get(state)?, json!(["auto", "auto"]));

        // The figures are the player's.
        page.wait(
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
        assert_eq!(page.get(hidden)?, json!([true, true, false]));
        assert_eq!(page.get("sphere.error")?, json!(null));

        // D copies what a bug report wants, of what played here.
        page.act("navigator.clipboard.writeText = async (text) => { window.report = JSON.parse(text) }")?;
        page.session.perform(&Actions::new().key('d', 30))?;
        page.wait("document.querySelector('#copied').value === 'Copied.'")?;
        let told = "[report.decisions.renderer, report.decisions.variant.width > 0, report.events.length > 5,
            report.source.highQualitySrc.endsWith('/media/ts/top.m3u8')]";
        assert_eq!(page.get(told)?, json!(["webgl2", true, true, true]));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn the_demo_page_plays_what_its_address_says() -> Result<()> {
    let page = "/demo/?url=/media/ts/master.m3u8&quality=max";
    Scene::new(Chromium).on(page).play(|page| {
        page.act("window.sphere = document.querySelector('video-sphere')")?;
        page.wait("sphere.renderer && sphere.currentTime > 1")?;
        assert_eq!(page.get("[sphere.quality, sphere.videoWidth, sphere.error]")?, json!(["max", 480, null]));
        assert_eq!(page.get("document.querySelector('[name=source]:checked').value")?, json!("max"));
        let folder = shell::target().join("screenshots");
        std::fs::create_dir_all(&folder)?;
        for (name, size, ratio, mobile) in [("phone", (390, 844), 2.0, true), ("desktop", (1280, 800), 1.0, false)] {
            page.session.emulate_screen(size, ratio, mobile)?;
            page.act("sphere.currentTime = 0; sphere.play().catch(() => {})")?;
            page.wait(&format!("innerWidth === {} && sphere.currentTime > 0.5", size.0))?;
            page.act_async("const { framesDrawn } = sphere.stats; while (sphere.stats.framesDrawn < framesDrawn + 3) await new Promise(requestAnimationFrame)")?;
            // Nothing hangs over the edge.
            ensure!(page.number("document.documentElement.scrollWidth - innerWidth")? <= 0.0, "{name}: it scrolls sideways");
            std::fs::write(folder.join(format!("demo-{name}.png")), page.session.screenshot()?)?;
        }
        Ok(())
    })
}
