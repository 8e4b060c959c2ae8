//! The first picture of a page with the package's built files: what is asked for and when, and from
//! where.

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use dev_server::{Fault, Rule};
use machine::shell::root;
use serde_json::json;
use webdriver::Browser::Chromium;

const PLAYLIST: &str = "/media/ts/master.m3u8";
const TRANSMUXER: &str = "/wasm/transmux_bg.wasm";

fn scene() -> Scene {
    Scene::new(Chromium).mounting("/dist/", root().join("dist")).on("/pages/start.html?script=none")
}

/// How often each file was asked for, by the end of its path.
fn asked(page: &PlayerPage, end: &str) -> usize {
    page.server.requests().iter().filter(|it| it.path.ends_with(end)).count()
}

/// Waits until the page has asked for all of these.
fn wait_for_requests(page: &PlayerPage, ends: &[&str]) -> Result<()> {
    let started = std::time::Instant::now();
    while ends.iter().any(|end| asked(page, end) == 0) {
        ensure!(started.elapsed() < browser_tests::LIMIT, "{:?}", page.server.requests());
        std::thread::yield_now();
    }
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn after_one_script_everything_is_asked_for_side_by_side() -> Result<()> {
    let beside = ["worker.js", "engine_bg.wasm", PLAYLIST];
    let view = ["view_webgl2.js", "view_webgl2_bg.wasm"];
    scene().expecting(&["start.js"]).play(|page| {
        // None of them waits for another, the engine included.
        page.server.faults().add(Rule::new("engine_bg.wasm", Fault::Stall { bytes: 9 }).times(1));
        page.goto("/pages/start.html?script=/dist/element.js")?;
        wait_for_requests(page, &[&beside[..], &view[..]].concat())?;
        // Of the part that came Chromium would ask for the rest.
        page.goto("/pages/start.html?script=none")?;
        page.session.cdp("Network.clearBrowserCache", json!({}))?;
        page.server.clear_requests();
        page.goto("/pages/start.html?script=/dist/element.js")?;
        page.wait("sphere.readyState >= 2 && sphere.renderer")?;
        page.see_on_screen(0.0, 0.0)?;
        let once = [&beside[..], &view[..], &["/dist/element.js", TRANSMUXER]].concat();
        for end in once {
            ensure!(asked(page, end) == 1, "{end}: {:?}", page.server.requests());
        }
        let scripts = page.server.requests();
        let scripts = scripts.iter().filter(|it| it.path.starts_with("/dist/"));
        assert_eq!(scripts.filter(|it| it.path.ends_with(".js")).count(), 3);
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn the_transmuxer_is_loaded_once_and_only_for_what_is_transmuxed() -> Result<()> {
    scene().expecting(&["start.js", "transmux_bg.wasm"]).play(|page| {
        page.goto("/pages/start.html?script=/dist/element.js&src=/media/cmaf/master.m3u8")?;
        page.act_async("await customElements.whenDefined('video-sphere')")?;
        page.act("sphere.play()")?;
        page.wait("sphere.currentTime > 1")?;
        assert_eq!(asked(page, TRANSMUXER), 0);
        page.act(&format!("sphere.src = '{PLAYLIST}'; sphere.play().catch(() => {{}})"))?;
        page.wait("sphere.currentTime > 1 && sphere.stats.segmentsLoaded > 1")?;
        page.act(&format!("sphere.src = '{PLAYLIST}?again'; sphere.play().catch(() => {{}})"))?;
        page.wait("sphere.currentSrc.endsWith('again') && sphere.currentTime > 1")?;
        assert_eq!(asked(page, TRANSMUXER), 1, "{:?}", page.server.requests());

        page.server.faults().add(Rule::new(TRANSMUXER, Fault::Status { status: 404 }));
        page.session.cdp("Network.clearBrowserCache", json!({}))?;
        page.goto("/pages/start.html?script=/dist/element.js")?;
        page.wait("sphere.error")?;
        let told = page.get("[sphere.error.name, sphere.error.message]")?.to_string();
        for word in ["internal", "transmux_bg.wasm", "wasm-unsafe-eval", "404"] {
            ensure!(told.contains(word), "{told} lacks {word}");
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn what_a_page_preloads_is_asked_for_once() -> Result<()> {
    scene().expecting(&["start.js"]).play(|page| {
        page.session.cdp("Network.clearBrowserCache", json!({}))?;
        page.server.clear_requests();
        page.goto("/pages/start.html?preload&script=/dist/element.js")?;
        page.wait("sphere.readyState >= 2 && sphere.renderer")?;
        page.see_on_screen(0.0, 0.0)?;
        for end in ["engine_bg.wasm", PLAYLIST] {
            ensure!(asked(page, end) == 1, "{end}: {:?}", page.server.requests());
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn the_package_plays_from_another_origin_under_a_strict_policy() -> Result<()> {
    scene().expecting(&["start.js"]).play(|page| {
        page.goto(&format!(
            "/pages/start.html?script={}",
            page.server.second_url("/dist/element.js")
        ))?;
        page.act_async("await customElements.whenDefined('video-sphere')")?;
        page.act("sphere.play()")?;
        page.wait("sphere.renderer && sphere.currentTime > 1")?;
        page.see_on_screen(0.0, 0.0)?;
        assert_eq!(page.get("[sphere.stats.mseInWorker, sphere.error]")?, json!([true, null]));
        let ours = page.server.requests();
        let ours: Vec<_> = ours.iter().filter(|it| it.path.starts_with("/dist/")).collect();
        let port = ours.first().map(|it| it.port);
        ensure!(ours.len() == 6 && ours.iter().all(|it| Some(it.port) == port), "{ours:?}");
        ensure!(page.server.second_url("").ends_with(&format!(":{}", port.unwrap_or(0))));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn one_file_plays_under_a_strict_policy() -> Result<()> {
    scene().expecting(&["start.js"]).play(|page| {
        page.goto("/pages/start.html?script=/dist/standalone.js")?;
        page.act_async("await customElements.whenDefined('video-sphere')")?;
        page.act("sphere.play()")?;
        page.wait("sphere.renderer && sphere.currentTime > 1")?;
        page.see_on_screen(0.0, 0.0)?;
        assert_eq!(page.get("[sphere.stats.mseInWorker, sphere.error]")?, json!([true, null]));
        let requests = page.server.requests();
        let ours = requests.iter().map(|it| it.path.as_str());
        let ours: Vec<_> = ours.filter(|it| it.contains("/dist/") || it.contains("wasm")).collect();
        assert_eq!(ours, ["/dist/standalone.js"]);
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn the_playground_plays_what_its_address_says() -> Result<()> {
    let folder = machine::shell::target().join("playground");
    std::fs::create_dir_all(&folder)?;
    for file in ["docs/public/play.html", "docs/public/play.js", "dist/standalone.js"] {
        let path = root().join(file);
        std::fs::copy(&path, folder.join(path.file_name().unwrap_or_default()))?;
    }
    let page = format!("/play/play.html?yaw=60&src={PLAYLIST}");
    Scene::new(Chromium).mounting("/play/", folder).on(&page).play(|page| {
        page.wait("sphere.renderer && sphere.currentTime > 1")?;
        assert_eq!(page.get("[sphere.yaw, sphere.error]")?, json!([60, null]));
        page.see_on_screen(60.0, 0.0)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_first_playlist_that_fails_is_asked_for_again_as_any_other() -> Result<()> {
    scene().expecting(&["start.js", "master.m3u8"]).play(|page| {
        page.server.faults().add(Rule::new(PLAYLIST, Fault::Truncate { bytes: 20 }).times(1));
        page.server.faults().add(Rule::new(PLAYLIST, Fault::Status { status: 503 }).times(1));
        page.goto("/pages/start.html?script=/dist/element.js")?;
        page.wait("sphere.readyState >= 2")?;
        let statuses: Vec<u16> = page
            .server
            .requests()
            .iter()
            .filter(|it| it.path == PLAYLIST)
            .map(|it| it.status)
            .collect();
        assert_eq!(statuses, [200, 503, 200]);
        Ok(())
    })
}
