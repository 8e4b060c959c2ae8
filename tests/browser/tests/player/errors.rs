//! What goes wrong on the way: the right name, words for the viewer, and nothing lost that plays.

use std::path::Path;

use anyhow::{Result, ensure};
use browser_tests::{PlayerPage, Scene};
use dev_server::{Fault, Rule};
use serde_json::{Value, json};
use webdriver::Browser::Chromium;

/// Chromium's own word for a request that came to nothing.
const LOAD: &[&str] = &["Failed to load resource", "blocked by CORS policy", "net::ERR_"];

/// Loads it, and gives the fatal error once it is shown in the element.
fn fails(page: &PlayerPage, url: &str) -> Result<Value> {
    page.act(&format!("forget(); sphere.src = '{url}'; sphere.play().catch(() => {{}})"))?;
    page.wait("sphere.error")?;
    let shown = page.get(
        "(({ hidden, textContent }) => ({ hidden, textContent }))(sphere.shadowRoot.querySelector('.failure'))",
    )?;
    let error = page.get("sphere.error.toJSON()")?;
    assert_eq!(shown["hidden"], json!(false), "{error}");
    let text = shown["textContent"].to_string();
    ensure!(text.contains(name(&error)), "{text} lacks {error}");
    assert_eq!(error["severity"], json!("fatal"));
    assert_eq!(page.get("details.error.length")?, json!(1));
    Ok(error)
}

fn name(error: &Value) -> &str {
    error["name"].as_str().unwrap_or("?")
}

#[test]
#[ignore = "needs Chromium"]
fn every_failure_has_its_name_and_words() -> Result<()> {
    Scene::new(Chromium).expecting(LOAD).play(|page| {
        assert_eq!(name(&fails(page, "https://")?), "invalid-url");
        assert_eq!(name(&fails(page, "javascript:void 0")?), "invalid-url");

        let error = fails(page, "/media/nowhere.m3u8")?;
        assert_eq!((name(&error), &error["context"]["status"]), ("network-status", &json!(404)));

        let error = fails(page, "/demo/index.html")?;
        assert_eq!(name(&error), "not-a-playlist");
        ensure!(error["message"].to_string().contains("HTML"), "{error}");

        page.serve_playlist("/made/empty.m3u8", "");
        assert_eq!(name(&fails(page, "/made/empty.m3u8")?), "not-a-playlist");

        for (file, codec) in [("hevc.ts", "HEVC"), ("unsupported.ts", "MPEG-2")] {
            let path = format!("/made/{file}.m3u8");
            let text = format!(
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n/fixtures/{file}\n#EXT-X-ENDLIST\n"
            );
            page.serve_playlist(&path, &text);
            let error = fails(page, &path)?;
            assert_eq!(name(&error), "unsupported-codec", "{error}");
            ensure!(error["message"].to_string().contains(codec), "{error}");
        }

        // In the page's language, also of one that stands there; what has no translation is marked as English.
        let said = "(({ lang, textContent }) => [lang, textContent])(sphere.shadowRoot.querySelector('.failure-message'))";
        let speak = |language: &str| {
            page.act_async(&format!(
                "const {{ labels }} = await import('/labels.js');
                 globalThis.english ??= {{ ...labels }};
                 Object.assign(labels, (await import('/labels/{language}.js')).default)"
            ))
        };
        fails(page, "/media/nowhere.m3u8")?;
        ensure!(page.get(said)?[1].as_str().is_some_and(|it| it.contains("does not exist")));
        for (language, words) in [("de", "gibt es nicht"), ("fr", "n’existe pas")] {
            speak(language)?;
            let shown = page.get(said)?;
            assert_eq!(shown[0], json!(language));
            ensure!(shown[1].as_str().is_some_and(|it| it.contains(words) && it.contains("/media/nowhere.m3u8")), "{shown}");
        }
        page.act_async("Object.assign((await import('/labels.js')).labels, english)")?;
        ensure!(page.get(said)?[0] == json!("en"));

        // A good stream after a bad one.
        page.act("forget()")?;
        page.play("/media/ts/master.m3u8")?;
        assert_eq!(page.get("[sphere.error, sphere.shadowRoot.querySelector('.failure').hidden]")?, json!([null, true]));
        crate::foreign_lists::play(page)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_server_without_cors_is_told_apart_by_its_words() -> Result<()> {
    Scene::new(Chromium).expecting(LOAD).play(|page| {
        let url = page.server.second_url("/media/ts/master.m3u8");
        // With its headers it plays, pixels and all.
        page.play(&url)?;
        page.look(60.0, 0.0, 75.0)?;
        page.server.faults().add(Rule::new("?again", Fault::NoCors));
        page.act("usePlayer({ config: { retry: { maxRetries: 1, minDelayMillis: 10 } } })")?;
        // Another address: what was had with its headers before comes from the cache with them.
        page.act(&format!("sphere.src = '{url}?again'"))?;
        page.wait("sphere.error")?;
        let error = page.get("sphere.error.toJSON()")?;
        assert_eq!(name(&error), "network-unreachable");
        ensure!(error["message"].to_string().contains("CORS"), "{error}");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn play_ends_for_better_or_worse() -> Result<()> {
    Scene::new(Chromium).expecting(LOAD).play(|page| {
        // What becomes of `play()` when these statements follow it.
        let outcome = |statements: &str| {
            page.act_async(&format!(
                "const playing = sphere.play();
                 {statements}
                 return playing.then(() => sphere.readyState > 2 && 'played',
                   ({{ name }}) => name)"
            ))
        };
        page.act("sphere.src = '/media/missing.m3u8'")?;
        assert_eq!(outcome("")?, "network-status");
        assert_eq!(outcome("")?, "network-status", "again");
        page.act("sphere.src = '/media/ts/master.m3u8'")?;
        assert_eq!(outcome("sphere.src = ''")?, "AbortError");
        page.act("sphere.src = '/media/ts/master.m3u8'")?;
        assert_eq!(outcome("sphere.video.pause()")?, "AbortError");
        assert_eq!(outcome("")?, "played");
        assert_eq!(outcome("sphere.src = '/media/cmaf/master.m3u8'")?, "played");
        assert_eq!(page.get("sphere.duration > 15 && sphere.paused")?, false);
        page.act("sphere.src = '/media/ts/main.m3u8'")?;
        assert_eq!(outcome("sphere.remove()")?, "AbortError");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn damaged_and_missing_segments_cost_no_more_than_themselves() -> Result<()> {
    Scene::new(Chromium).expecting(LOAD).play(|page| {
        // Broken off twice: fetched again, nobody the wiser.
        page.server.faults().add(Rule::new("001.ts", Fault::Truncate { bytes: 3000 }).times(2));
        // Gone in every variant: left out, told, jumped over.
        page.server.faults().add(Rule::new("003.ts", Fault::Status { status: 404 }));
        page.play("/media/ts/master.m3u8")?;
        page.look(0.0, 0.0, 75.0)?;
        page.wait("sphere.ended")?;
        page.look(-60.0, 0.0, 75.0)?;
        let names = page.get("details.warning.map(({ name }) => name)")?;
        ensure!(names.as_array().is_some_and(|names| !names.is_empty()), "the hole was not told");
        assert_eq!(page.get("[sphere.error, seen.error]")?, json!([null, 0]), "{names}");
        ensure!(page.number("sphere.stats.retries")? >= 2.0, "{}", page.get("sphere.stats")?);
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn what_is_buffered_plays_on_when_all_else_is_gone() -> Result<()> {
    Scene::new(Chromium).expecting(LOAD).play(|page| {
        page.act(
            "usePlayer({ src: '/media/ts/master.m3u8', config: {
               buffer: { aheadSecs: 3 }, retry: { maxRetries: 1, minDelayMillis: 50, maxDelayMillis: 200 } } });
             sphere.play().catch(() => {})",
        )?;
        page.wait("sphere.currentTime > 0.2 && bufferedEnd() > 3")?;
        page.server.faults().add(Rule::new("/media/", Fault::Status { status: 404 }));
        let end = page.number("bufferedEnd()")?;
        page.wait(&format!("sphere.currentTime > {end} - 0.3"))?;
        page.sees(0.0, 0.0)?;
        assert_eq!(page.get("[seen.emptied, times.wentBack]")?, json!([0, []]));
        page.wait("sphere.error")?;
        assert_eq!(page.get("sphere.error.name")?, json!("network-status"));
        // The picture is still there.
        page.look(45.0, 0.0, 75.0)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_spell_without_a_network_is_survived() -> Result<()> {
    Scene::new(Chromium).expecting(LOAD).play(|page| {
        page.act("usePlayer({ src: '/media/ts/master.m3u8', config: { buffer: { aheadSecs: 3 } } }); sphere.play().catch(() => {})")?;
        page.wait("sphere.currentTime > 0.2 && bufferedEnd() > 3")?;
        let offline = |on: bool| {
            page.session.cdp("Network.enable", json!({}))?;
            page.session.cdp(
                "Network.emulateNetworkConditions",
                json!({ "offline": on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 }),
            )
        };
        offline(true)?;
        page.server.faults().add(Rule::new("/media/", Fault::Reset));
        page.wait("!navigator.onLine && seen.waiting")?;
        let at = page.number("sphere.currentTime")?;
        offline(false)?;
        page.server.faults().clear();
        page.wait(&format!("sphere.currentTime > {at} + 3"))?;
        assert_eq!(page.get("[sphere.error, seen.emptied, times.wentBack]")?, json!([null, 0, []]));
        page.sees(0.0, 0.0)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn an_engine_that_falls_is_told_and_the_next_stream_gets_another() -> Result<()> {
    Scene::new(Chromium).expecting(&["unreachable"]).play(|page| {
        page.act(
            "usePlayer({ src: '/media/ts/master.m3u8', workerUrl: '/pages/trap_worker.js' });
             sphere.play()",
        )?;
        page.wait("bufferedEnd() > 6")?;
        page.act("new BroadcastChannel('trap').postMessage('')")?;
        page.wait("sphere.error")?;
        let told = page.get("[sphere.error.name, details.error.at(-1).severity, seen.error]")?;
        assert_eq!(told, json!(["internal", "fatal", 1]));
        let words = page.get("sphere.error.message")?;
        ensure!(words.as_str().is_some_and(|words| words.contains("please report")), "{words}");
        // What is buffered still plays.
        page.wait("sphere.currentTime > 4")?;
        page.look(30.0, 0.0, 75.0)?;
        page.act("forget(); sphere.src = '/media/ts/master.m3u8'; sphere.play()")?;
        page.wait("seen.playing && sphere.currentTime > 1 && !sphere.error")?;
        page.sees(30.0, 0.0)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_renderer_that_falls_in_its_making_is_told_and_not_taken_again() -> Result<()> {
    let page = "/pages/player.html?trap=create";
    Scene::new(Chromium).on(page).expecting(&["unreachable"]).play(|page| {
        page.wait("window.isReady && sphere.error")?;
        assert_eq!(
            page.act_async("return sphere.ready.catch(({ name, severity }) => [name, severity])")?,
            json!(["internal", "fatal"])
        );
        // Not by the module that fell: it would never be ready.
        let told = page.act_async(
            "usePlayer({});
             return sphere.ready.catch(({ name, message }) => [name, message])",
        )?;
        assert_eq!(told[0], json!("renderer-unavailable"));
        ensure!(told[1].to_string().contains("reload the page"), "{told}");
        // The sound at least is there.
        page.act("sphere.src = '/media/ts/master.m3u8'; sphere.play().catch(() => {})")?;
        page.wait("sphere.currentTime > 1").map(drop)
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_renderer_that_falls_is_told_once_and_the_video_plays_on() -> Result<()> {
    Scene::new(Chromium).on("/pages/player.html?trap").expecting(&["unreachable"]).play(|page| {
        page.wait("window.isReady && sphere.renderer")?;
        page.play("/media/ts/master.m3u8")?;
        page.act("forget(); new BroadcastChannel('trap').postMessage('')")?;
        page.wait("sphere.error")?;
        assert_eq!(
            page.get("[sphere.error.name, details.error.at(-1).severity, seen.error]")?,
            json!(["internal", "fatal", 1])
        );
        page.act("window.from = sphere.currentTime")?;
        page.wait("sphere.currentTime > from + 2")?;
        assert_eq!(page.get("[seen.error, sphere.paused]")?, json!([1, false]));
        // What the page calls does not throw at it.
        page.act("sphere.yaw = 10; sphere.recenter(); sphere.remove()")
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_worker_that_is_gone_is_noticed_and_replaced() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        page.act(
            "usePlayer({ workerUrl: '/pages/mortal_worker.js', src: '/media/ts/master.m3u8' });
             sphere.play().catch(() => {})",
        )?;
        page.wait("sphere.currentTime > 1")?;
        page.act("new BroadcastChannel('mortal').postMessage('')")?;
        page.wait("sphere.error")?;
        let error = page.get("sphere.error.toJSON()")?;
        assert_eq!((name(&error), &error["severity"]), ("internal", &json!("fatal")));
        ensure!(error["message"].to_string().contains("stopped answering"), "{error}");
        page.act("forget()")?;
        page.play("/media/cmaf/master.m3u8")?;
        assert_eq!(page.get("sphere.error")?, json!(null));
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn a_worker_that_a_stream_made_large_serves_no_other() -> Result<()> {
    const MIB: usize = 1 << 20;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large");
    std::fs::create_dir_all(&folder)?;
    // Beside its map the engine gathers it whole, only to find that it cannot be read.
    let head =
        [&b"\0\0\0\x10ftypiso6\0\0\0\0"[..], &(96 * MIB as u32).to_be_bytes(), b"mdat"].concat();
    let mut segment = vec![0; head.len() - 8 + 96 * MIB];
    segment[..head.len()].copy_from_slice(&head);
    std::fs::write(folder.join("segment.mp4"), segment)?;
    std::fs::write(
        folder.join("list.m3u8"),
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nsegment.mp4\n#EXT-X-ENDLIST\n",
    )?;
    Scene::new(Chromium).mounting("/large/", folder).play(|page| {
        page.act(
            "window.started = 0;
             window.channel = new BroadcastChannel('started');
             channel.onmessage = () => started += 1;
             usePlayer({ workerUrl: '/pages/counted_worker.js', src: '/media/ts/master.m3u8' });
             sphere.play().catch(() => {})",
        )?;
        page.wait("sphere.currentTime > 1")?;
        page.act("forget()")?;
        page.play("/media/cmaf/master.m3u8")?;
        page.wait("sphere.currentTime > 1")?;
        assert_eq!(page.get("started")?, json!(1), "one worker for usual streams");
        page.act("forget(); sphere.src = '/large/list.m3u8'; sphere.play().catch(() => {})")?;
        page.wait("sphere.error")?;
        assert_eq!(page.get("started")?, json!(1));
        page.act("forget()")?;
        page.play("/media/ts/master.m3u8")?;
        page.wait("sphere.currentTime > 1 && !sphere.error")?;
        assert_eq!(page.get("started")?, json!(2), "a fresh one after it");
        Ok(())
    })
}
