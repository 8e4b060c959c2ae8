//! Encrypted streams: AES-128 by the browser's own cipher, and what is said where it fails.

use anyhow::Result;
use browser_tests::{PlayerPage, Scene};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use webdriver::Browser;

const HEAD: &str = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n";

/// Begins to play a list, at an address of its own.
fn begin(page: &PlayerPage, list: &str) -> Result<()> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let url = format!("/made/{}.m3u8", COUNT.fetch_add(1, Ordering::Relaxed));
    page.serve_playlist(&url, &format!("{HEAD}{list}#EXT-X-ENDLIST\n"));
    page.server.clear_requests();
    page.act(&format!("forget(); sphere.src = '{url}'; sphere.play().catch(() => {{}})"))
}

/// Plays a list to its end, at 4 s.
fn plays(page: &PlayerPage, list: &str) -> Result<()> {
    begin(page, list)?;
    // The stream before this one has ended too.
    page.wait("seen.loadedmetadata && sphere.ended")?;
    assert_eq!(page.get("[details.failure, Math.round(sphere.duration)]")?, json!([[], 4]));
    Ok(())
}

/// What a list ends in.
fn failure(page: &PlayerPage, list: &str) -> Result<(String, String)> {
    begin(page, list)?;
    page.wait("seen.failure && sphere.error")?;
    let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
    Ok((text(page.get("sphere.error.name")?), text(page.get("sphere.error.message")?)))
}

fn asked(page: &PlayerPage, part: &str) -> usize {
    page.server.requests().iter().filter(|request| request.path.contains(part)).count()
}

fn keys(browser: Browser) -> Result<()> {
    Scene::new(browser).play(|page| {
        // A page whose stream is clear loads nothing of this.
        plays(page, "#EXTINF:2,\n/fixtures/vod_0.ts\n#EXTINF:2,\n/fixtures/vod_1.ts\n")?;
        assert_eq!(asked(page, "cipher.js"), 0);
        // Two keys in turn, each segment's number its initialization vector.
        plays(
            page,
            "#EXT-X-MEDIA-SEQUENCE:300\n\
             #EXT-X-KEY:METHOD=AES-128,URI=\"/fixtures/aes128/a.key\"\n#EXTINF:2,\n/fixtures/aes128/0.ts\n\
             #EXT-X-KEY:METHOD=AES-128,URI=\"/fixtures/aes128/b.key\"\n#EXTINF:2,\n/fixtures/aes128/1.ts\n",
        )?;
        assert_eq!((asked(page, "a.key"), asked(page, "b.key"), asked(page, "cipher.js")), (1, 1, 1));
        // fMP4 that stays outside of the engine, its init section encrypted too.
        plays(
            page,
            "#EXT-X-KEY:METHOD=AES-128,URI=\"/fixtures/aes128/a.key\",IV=0x7\n\
             #EXT-X-MAP:URI=\"/fixtures/aes128/cmaf_init.mp4\"\n#EXTINF:2,\n/fixtures/aes128/cmaf_0.mp4\n\
             #EXTINF:2,\n/fixtures/aes128/cmaf_1.mp4\n",
        )?;
        assert_eq!(asked(page, "a.key"), 1);

        for (key, code, word) in [
            ("/fixtures/aes128/b.key", "decryption-failed", "EXT-X-KEY"),
            ("/pages/player.html", "key-invalid", "web page"),
            ("/fixtures/packed.aac", "key-invalid", "bytes long"),
            ("/fixtures/missing.key", "network-status", "decryption key"),
        ] {
            let tags = format!("#EXT-X-KEY:METHOD=AES-128,URI=\"{key}\"\n");
            let list = format!("{tags}#EXTINF:2,\n/fixtures/aes128/0.ts\n");
            let (name, message) = failure(page, &list)?;
            assert_eq!(name, code, "{message}");
            assert!(message.contains(word), "{message}");
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium"]
fn keys_of_aes_128() -> Result<()> {
    keys(Browser::Chromium)
}

#[test]
#[ignore = "needs Firefox"]
fn firefox_keys_of_aes_128() -> Result<()> {
    keys(Browser::Firefox)
}

#[test]
#[ignore = "needs WebKitGTK"]
fn webkit_keys_of_aes_128() -> Result<()> {
    keys(Browser::WebKit)
}
