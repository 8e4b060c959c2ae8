//! The WebDriver client against the real engines. They have to be installed, so these run only
//! when asked for: `cargo xtask test` does, and `cargo test -p webdriver -- --ignored`.

use anyhow::Result;
use dev_server::{Mount, Options, Server};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use webdriver::{Actions, Browser, Level, Pointer, Session};

const LIMIT: Duration = Duration::from_secs(20);

const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>page</title>
<style>body{margin:0}#pad{width:300px;height:200px;background:rgb(255,0,0);touch-action:none}</style>
<div id="pad"></div><button id="button">go</button>
<script>
window.seen = [];
for (const type of ['pointerdown', 'pointermove', 'pointerup', 'wheel']) {
  pad.addEventListener(type, event => seen.push({ type, kind: event.pointerType, x: event.clientX }));
}
addEventListener('keydown', event => seen.push({ type: 'key', key: event.key }));
button.addEventListener('click', event => seen.push({ type: 'click', trusted: event.isTrusted }));
console.log('a plain word');
console.error('a bad word');
new Worker('worker.js', { type: 'module' });
setTimeout(() => { throw new Error('an uncaught word'); });
</script>"#;

/// A server with the page, in a folder to be removed.
fn serve(name: &str) -> Result<(Server, PathBuf)> {
    let name = format!("webdriver-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("index.html"), PAGE)?;
    std::fs::write(folder.join("worker.js"), "console.error('a worker word');")?;
    let mounts = vec![Mount::new("/", &folder)];
    Ok((Server::start(Options { mounts, control: true, ..Options::default() })?, folder))
}

fn every_verb_works(browser: Browser) -> Result<()> {
    let (server, folder) = serve(browser.name())?;
    let session = Session::start(browser)?;
    eprintln!("{} {}", browser.name(), session.version());
    session.goto(&server.url("/"))?;
    assert_eq!(session.evaluate("document.title")?, "page");
    assert_eq!(session.evaluate("[innerWidth, innerHeight]")?, json!([1280, 720]));
    let answer =
        session.execute_async("return await Promise.resolve(arguments[0] + 1)", &[41.into()])?;
    assert_eq!(answer, 42);
    let thrown = session.execute_async("throw new Error('on purpose')", &[]);
    assert!(thrown.expect_err("it throws").to_string().contains("on purpose"));

    session.click(&session.find("#button")?)?;
    session.wait_until("seen.some(event => event.type === 'click' && event.trusted)", LIMIT)?;
    let drag = Pointer::mouse().to(50, 50, 0).down().by(80, 0, 100).up();
    session.perform(&Actions::new().pointer(drag))?;
    session
        .wait_until("seen.some(event => event.type === 'pointerup' && event.x === 130)", LIMIT)?;
    session.perform(&Actions::new().key(Actions::LEFT, 20))?;
    session.wait_until("seen.some(event => event.key === 'ArrowLeft')", LIMIT)?;
    session.perform(&Actions::new().wheel((50, 50), (0, 40)))?;
    session.wait_until("seen.some(event => event.type === 'wheel')", LIMIT)?;
    // WebKitGTK's driver takes touches and delivers none.
    if browser != Browser::WebKit {
        let touch = Pointer::finger(1).to(20, 20, 0).down().by(30, 0, 50).up();
        session.perform(&Actions::new().pointer(touch))?;
        session.wait_until("seen.some(event => event.kind === 'touch')", LIMIT)?;
    }

    let picture = session.screenshot()?;
    assert!(picture.starts_with(b"\x89PNG"), "no PNG");
    let deadline = std::time::Instant::now() + LIMIT;
    let expected = ["a plain word", "a bad word", "a worker word", "an uncaught word"];
    loop {
        let console = session.console()?;
        let missing: Vec<_> = expected
            .iter()
            .filter(|word| !console.iter().any(|message| message.text.contains(**word)))
            .collect();
        if missing.is_empty() {
            break;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "missing {missing:?} in {console:#?}\n{}",
            session.last_words()
        );
        std::thread::yield_now();
    }
    let errors = session.console_errors()?;
    assert!(errors.iter().all(|message| message.level == Level::Error));
    assert!(errors.iter().any(|message| message.text.contains("a bad word")), "{errors:?}");
    assert!(errors.iter().any(|message| message.text.contains("an uncaught word")), "{errors:?}");
    assert!(!errors.iter().any(|message| message.text.contains("a plain word")), "{errors:?}");
    drop(session);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// What one page leaves behind, the next does not find.
#[test]
#[ignore = "needs Chromium and chromedriver"]
fn a_renewed_browser_knows_nothing_of_the_last_page() -> Result<()> {
    let (server, folder) = serve("renewed")?;
    let session = Session::start(Browser::Chromium)?;
    session.goto(&server.url("/"))?;
    session.emulate_screen((390, 700), 2.0, true)?;
    session.execute("document.cookie = 'left=behind'; open('/')", &[])?;
    session.perform(&Actions::new().pointer(Pointer::mouse().to(50, 50, 0).down()))?;
    assert!(session.is_reusable());
    session.renew()?;
    assert_eq!(session.evaluate("[location.href, devicePixelRatio]")?, json!(["about:blank", 1]));
    session.goto(&server.url("/"))?;
    session.set_size(640, 480)?;
    let found = session.evaluate("[document.cookie, opener, innerWidth, innerHeight]")?;
    assert_eq!(found, json!(["", null, 640, 480]));
    // In sight, and its own console is heard.
    session.wait_until("document.visibilityState === 'visible'", LIMIT)?;
    session.perform(&Actions::new().pointer(Pointer::mouse().to(60, 60, 0).down().up()))?;
    session.wait_until("seen.some((event) => event.type === 'pointerup')", LIMIT)?;
    assert!(session.console_errors()?.iter().any(|message| message.text.contains("a bad word")));
    session.renew()?;
    assert_eq!(session.console()?, [], "the last page's");

    session.cdp("Browser.getVersion", json!({}))?;
    assert!(!session.is_reusable() && session.renew().is_err(), "more than a page was touched");
    drop(session);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[test]
#[ignore = "needs Chromium and chromedriver"]
fn chromium() -> Result<()> {
    every_verb_works(Browser::Chromium)
}

#[test]
#[ignore = "needs Firefox, geckodriver and Xvfb"]
fn firefox() -> Result<()> {
    every_verb_works(Browser::Firefox)
}

#[test]
#[ignore = "needs WebKitGTK's driver and Xvfb"]
fn webkit() -> Result<()> {
    every_verb_works(Browser::WebKit)
}
