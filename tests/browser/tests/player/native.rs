//! What the browser plays by itself, in the same sphere: files, `<source>` children, objects.

use anyhow::{Context, Result, ensure};
use browser_tests::{PlayerPage, Scene};
use machine::shell::root;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use webdriver::Browser::Chromium;

/// A folder with one MP4 under three names: as it is called, with none, and as what it is not.
fn files() -> Result<PathBuf> {
    let fixtures = root().join("tests/fixtures");
    let mut clip = Vec::new();
    for name in ["cmaf_init.mp4", "cmaf_0.mp4", "cmaf_1.mp4"] {
        clip.extend(fs::read(fixtures.join(name)).context(name)?);
    }
    let folder = root().join("target/tests/native");
    fs::create_dir_all(&folder)?;
    for name in ["clip.mp4", "clip", "other"] {
        fs::write(folder.join(name), &clip)?;
    }
    Ok(folder)
}

fn has_played(page: &PlayerPage) -> Result<()> {
    page.act("sphere.play().catch(() => {})")?;
    page.wait("sphere.currentTime > 0.2 && sphere.stats.framesDrawn > 2 && sphere.stats.native")?;
    Ok(())
}

/// Whether the engine, or its worker, was asked for.
fn asked_for_engine(page: &PlayerPage) -> bool {
    let is_engine = |path: &str| path.contains("worker.js") || path.contains("engine_bg.wasm");
    page.server.requests().iter().any(|it| is_engine(&it.path))
}

/// A fresh element in the place of the one before, with its content.
fn place(page: &PlayerPage, attributes: &str, children: &str) -> Result<()> {
    page.server.clear_requests();
    page.act(&format!(
        "sphere.outerHTML = `<video-sphere muted {attributes}>{children}</video-sphere>`;
         forget(); watch(document.querySelector('video-sphere'))"
    ))
}

#[test]
#[ignore = "needs Chromium"]
fn files_and_objects_play_without_the_engine() -> Result<()> {
    // A source that is not there is part of the test, and so is the last one.
    let missing = "none.webm";
    Scene::new(Chromium).expecting(&[missing]).mounting("/files/", files()?).play(|page| {
        place(page, "src=\"/files/clip.mp4\"", "")?;
        has_played(page)?;
        assert_eq!(page.get("[sphere.isLive, sphere.streamType, sphere.variants]")?, json!([false, "on-demand", []]));
        // As with a <video>: it is sought in, ends, and plays again.
        page.act("sphere.currentTime = sphere.duration - 0.3")?;
        page.wait("sphere.ended && seen.ended && seen.seeked")?;
        ensure!(!asked_for_engine(page), "the engine was asked for");

        // Children: the first is of a type that no browser plays, the second is not there.
        // `play()` is called before any of them failed, and waits for the one that plays.
        page.server.clear_requests();
        let children = "<source src='/files/x.nut' type='video/x-nut'><source src='/files/none.webm'><source src='/files/other' type='video/mp4'><track src='data:text/vtt,WEBVTT' kind='captions' srclang='en'>";
        let played = page.act_async(&format!(
            "sphere.outerHTML = `<video-sphere muted>{children}</video-sphere>`;
             forget();
             watch(document.querySelector('video-sphere'));
             return sphere.play().then(() => 'played', ({{ name }}) => name)"
        ))?;
        assert_eq!(played, json!("played"));
        has_played(page)?;
        ensure!(page.get("sphere.currentSrc")?.as_str().is_some_and(|it| it.ends_with("/files/other")));
        assert_eq!(page.get("[sphere.error, sphere.src, sphere.textTracks.length]")?, json!([null, "", 1]));
        ensure!(!asked_for_engine(page), "the engine was asked for by children");

        // A playlist comes after a file, and an object after that.
        page.act("sphere.src = '/media/ts/master.m3u8'")?;
        page.play("/media/ts/master.m3u8")?;
        page.wait("sphere.variants.length && !sphere.stats.native")?;
        page.act_async("sphere.srcObject = await (await fetch('/files/clip.mp4')).blob()")?;
        has_played(page)?;
        assert_eq!(page.get("[sphere.srcObject instanceof Blob, sphere.currentSrc, sphere.variants]")?, json!([true, "", []]));
        page.act(
            "const canvas = document.createElement('canvas');
             canvas.getContext('2d').fillRect(0, 0, 9, 9);
             const paint = () => { canvas.getContext('2d').fillRect(0, 0, 9, 9); requestAnimationFrame(paint) };
             paint();
             sphere.srcObject = canvas.captureStream()",
        )?;
        has_played(page)?;
        assert_eq!(page.get("sphere.streamType")?, json!("live"));
        page.act("sphere.srcObject = null")?;
        page.wait("sphere.variants.length && !sphere.stats.native")?;
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_file_that_its_address_does_not_show_plays_too() -> Result<()> {
    Scene::new(Chromium).mounting("/files/", files()?).play(|page| {
        place(page, "src=\"/files/clip\"", "")?;
        has_played(page)?;
        assert_eq!(page.get("seen.error")?, json!(0));
        // What is neither is said as before.
        page.act("sphere.src = '/pages/player.html?none'")?;
        page.wait("seen.error")?;
        assert_eq!(page.get("sphere.error.name")?, json!("not-a-playlist"));
        Ok(())
    })
}
