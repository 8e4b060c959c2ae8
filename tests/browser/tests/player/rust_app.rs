//! `examples/rust-app`: the crates in a page without our JavaScript.

use anyhow::Result;
use browser_tests::Scene;
use machine::shell;
use serde_json::json;
use webdriver::Browser::Chromium;

#[test]
#[ignore = "needs Chromium"]
fn a_page_in_rust_alone_draws_a_picture_on_the_sphere() -> Result<()> {
    // Unoptimised: what is under test is that it works.
    shell::run(shell::cargo().args(["xtask", "build", "--dev", "rust_app"]))?;
    let page = "/rust-app/?url=/media/ts/master.m3u8&yaw=60";
    let app = shell::root().join("examples/rust-app");
    Scene::new(Chromium).mounting("/rust-app/", app).on(page).play(|page| {
        page.wait("document.querySelector('#status').textContent !== 'Loading'")?;
        assert_eq!(
            page.get("document.querySelector('#status').textContent")?,
            json!("A picture of 480 × 240")
        );
        let variants = page.get(
            "[...document.querySelectorAll('#variants li')].map(({ textContent }) =>
               textContent.match(/^(\\d+ × \\d+), \\d+ bit\\/s, avc1\\.\\w+, mp4a\\.40\\.2$/)?.[1])",
        )?;
        assert_eq!(variants, json!(["240 × 120", "480 × 240"]));
        page.act_async(
            "await import('/pages/watch.js');
             window.sphere = { video: document.querySelector('video'), canvas: document.querySelector('canvas') }",
        )?;
        page.sees(60.0, 0.0)
    })
}
