//! The npm tarball in an app that several bundlers build: installed, built, and played from folders of
//! some server.

use anyhow::{Context, Result, ensure};
use browser_tests::{PlayerPage, Scene};
use machine::shell::{self, root};
use machine::tools;
use serde_json::json;
use std::path::PathBuf;
use webdriver::Browser::Chromium;

/// Where the apps stand on the server: not at its root.
const BASE: &str = "/some/where/";

/// Builds the app by every bundler, with the tarball as its only dependency; the folder of the builds.
fn build() -> Result<PathBuf> {
    tools::node_modules()?;
    // The last line it prints is where the tarball is.
    let printed = shell::read(shell::cargo().args(["xtask", "package"]))?;
    let tarball = printed.lines().next_back().context("`cargo xtask package` printed nothing")?;
    let app = shell::target().join("bundlers");
    if app.exists() {
        std::fs::remove_dir_all(&app)?;
    }
    std::fs::create_dir_all(&app)?;
    let sources = root().join("tests/browser/bundlers");
    for name in ["package.json", "index.html", "element.js", "standalone.js"] {
        std::fs::copy(sources.join(name), app.join(name))?;
    }
    let mut npm = shell::command("npm");
    npm.current_dir(&app).args(["install", "--no-audit", "--no-fund", "--loglevel=error"]);
    shell::capture(npm.arg(tarball))?;
    // The bundlers that package-lock.json pins.
    shell::capture(shell::command("node").arg(sources.join("build.mjs")).arg(&app))?;
    Ok(app.join("dist"))
}

#[test]
#[ignore = "needs npm and Chromium"]
fn the_packed_package_plays_from_every_bundler() -> Result<()> {
    let dist = build()?;
    let first = format!("{BASE}vite/index.html");
    let left_behind = ["/esbuild-element/"];
    Scene::new(Chromium).mounting(BASE, dist).on(&first).expecting(&left_behind).play(|page| {
        for (bundler, files) in [("vite", 3), ("webpack", 3), ("rollup", 0), ("esbuild", 0)] {
            plays(page, bundler, files).with_context(|| bundler.to_owned())?;
        }
        says_what_is_missing(page, "esbuild-element")
    })
}

fn open(page: &PlayerPage, bundler: &str) -> Result<()> {
    page.server.clear_requests();
    page.goto(&format!("{BASE}{bundler}/index.html?url=/media/ts/master.m3u8"))
}

/// Plays a build, which is made of so many files of the package's at least.
fn plays(page: &PlayerPage, bundler: &str, files: usize) -> Result<()> {
    open(page, bundler)?;
    page.wait("'isPlayerTheSame' in window")?;
    assert_eq!(page.get("isPlayerTheSame")?, json!(true));
    page.act_async("await import('/pages/watch.js'); watch(document.querySelector('#sphere'))")?;
    page.act("sphere.play().catch(() => {})")?;
    page.wait("sphere.renderer && sphere.currentTime > 1")?;
    page.see_on_screen(0.0, 0.0)?;
    page.act("sphere.yaw = 60")?;
    page.see_on_screen(60.0, 0.0)?;
    assert_eq!(page.get("[sphere.stats.mseInWorker, sphere.error]")?, json!([true, null]));
    // All of it came out of the build.
    let folder = format!("{BASE}{bundler}/");
    let requests = page.server.requests();
    let isolated = |path: &&str| !path.starts_with("/media/") && !path.starts_with("/pages/");
    let own: Vec<&str> = requests.iter().map(|it| it.path.as_str()).filter(isolated).collect();
    ensure!(own.iter().all(|path| path.starts_with(&folder)), "{own:?}");
    // Beside the page and its script.
    ensure!(own.len() >= 2 + files && (files > 0 || own.len() == 2), "{own:?}");
    Ok(())
}

/// Opens a build that left files behind: its error names the one that was missed last, and the cure.
fn says_what_is_missing(page: &PlayerPage, bundler: &str) -> Result<()> {
    open(page, bundler)?;
    page.wait("sphere.error")?;
    let message = page.get("sphere.error.message")?.to_string();
    let files = ["worker.js", "wasm/view_webgl2_bg.wasm"];
    let is_named = files.iter().any(|it| message.contains(&format!("{BASE}{bundler}/{it}")));
    ensure!(is_named && message.contains("use videosphere/standalone"), "{message}");
    Ok(())
}
