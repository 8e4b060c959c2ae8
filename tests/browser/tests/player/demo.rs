//! The demo page: its addresses, and how it looks on a phone and on a desktop (for people to judge,
//! in `target/screenshots`).

use anyhow::{Result, ensure};
use browser_tests::Scene;
use serde_json::json;
use xtask::shell;
use xtask::webdriver::Browser::Chromium;

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
