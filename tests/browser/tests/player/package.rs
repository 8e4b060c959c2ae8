//! The npm tarball in a fresh Vite app: installed, built, and played from a folder of some server.

use anyhow::{Context, Result, ensure};
use browser_tests::Scene;
use machine::shell::{self, root};
use machine::tools;
use serde_json::json;
use std::path::PathBuf;
use webdriver::Browser::Chromium;

/// Where the app stands on the server: not at its root.
const BASE: &str = "/some/where/";

/// Builds the app with the tarball as its only dependency; its `dist`.
fn build() -> Result<PathBuf> {
    tools::node_modules()?;
    // The last line it prints is where the tarball is.
    let printed = shell::read(shell::cargo().args(["xtask", "package"]))?;
    let tarball = printed.lines().next_back().context("`cargo xtask package` printed nothing")?;
    let app = shell::target().join("vite-app");
    if app.exists() {
        std::fs::remove_dir_all(&app)?;
    }
    std::fs::create_dir_all(&app)?;
    for name in ["package.json", "index.html", "main.js"] {
        std::fs::copy(root().join("tests/browser/vite-app").join(name), app.join(name))?;
    }
    let mut npm = shell::command("npm");
    npm.current_dir(&app).args(["install", "--no-audit", "--no-fund", "--loglevel=error"]);
    shell::capture(npm.arg(tarball))?;
    // The Vite that package-lock.json pins.
    let mut vite = shell::command("node");
    vite.current_dir(&app).arg(root().join("node_modules/vite/bin/vite.js"));
    shell::capture(vite.args(["build", "--base", BASE, "--logLevel", "warn"]))?;
    Ok(app.join("dist"))
}

#[test]
#[ignore = "needs npm and Chromium"]
fn the_packed_package_plays_from_a_vite_build() -> Result<()> {
    let dist = build()?;
    let page = format!("{BASE}index.html?url=/media/ts/master.m3u8");
    Scene::new(Chromium).mounting(BASE, dist).on(&page).play(|page| {
        assert_eq!(page.get("isPlayerTheSame")?, json!(true));
        page.act_async(
            "await import('/pages/watch.js'); watch(document.querySelector('#sphere'))",
        )?;
        page.act("sphere.play().catch(() => {})")?;
        page.wait("sphere.renderer && sphere.currentTime > 1")?;
        page.see_on_screen(0.0, 0.0)?;
        page.act("sphere.yaw = 60")?;
        page.see_on_screen(60.0, 0.0)?;
        assert_eq!(page.get("[sphere.stats.mseInWorker, sphere.error]")?, json!([true, null]));
        // All of it came out of the build.
        let requests = page.server.requests();
        let player: Vec<&str> = requests
            .iter()
            .map(|request| request.path.as_str())
            .filter(|path| path.ends_with(".wasm") || path.contains("worker"))
            .collect();
        ensure!(
            player.len() >= 3 && player.iter().all(|path| path.starts_with(BASE)),
            "{player:?}"
        );
        Ok(())
    })
}
