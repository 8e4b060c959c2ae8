//! Starting a driver and what it needs: a free port, a profile folder, a virtual display; and the
//! capabilities each engine wants to be asked for.

use super::{Browser, Options};
use anyhow::{Context, Result, bail};
use machine::processes::{Process, Warden};
use machine::{shell, tools};
use serde_json::{Map, Value, json};
use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a driver may take to listen.
const START_LIMIT: Duration = Duration::from_secs(30);
/// WebDriver's own limits, as capabilities.
const SCRIPT_LIMIT_MILLIS: u64 = 150_000;
const LOAD_LIMIT_MILLIS: u64 = 60_000;

/// Faults of browsers, or of what is below them, that end them now and then: what is said of each, and
/// what it is. Only what was seen in a core dump to have nothing to do with the page belongs here.
const OWN_FAULTS: &[(&str, &str)] = &[
    // `g_check_setuid` clears errno, asks, and ends the program where errno is set; the signal by which
    // JavaScriptCore stops a thread may come between, and leaves EINTR. WebKit calls it with each source
    // that a media element gets, as it looks for the session's D-Bus.
    ("getauxval () failed: Interrupted system call", "GLib takes a signal for a failure"),
];

/// What runs for a session. Fields are dropped in this order.
pub(super) struct Running {
    driver: Process,
    _display: Option<Process>,
    folder: Folder,
    port: u16,
    capabilities: Value,
}

impl Running {
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Stops the driver and the browser, or lets them go on.
    pub(super) fn set_asleep(&self, is_asleep: bool) -> Result<()> {
        self.driver.set_asleep(is_asleep)
    }

    pub(super) fn capabilities(&self) -> &Value {
        &self.capabilities
    }

    /// Ends the driver and the browser when we are gone.
    pub(super) fn warden(&self) -> Result<Warden> {
        Warden::of(&self.driver, &self.folder.0)
    }

    /// Where the driver's and, through it, the browser's output goes.
    pub(super) fn output(&self) -> PathBuf {
        self.folder.0.join("output")
    }

    /// What is known to end this browser whatever its page does, if that is what it said last.
    pub(super) fn own_fault(&self) -> Option<&'static str> {
        let words = self.last_words();
        OWN_FAULTS.iter().find_map(|(said, fault)| words.contains(said).then_some(*fault))
    }

    /// The end of that output.
    pub(super) fn last_words(&self) -> String {
        let output = std::fs::read(self.output()).unwrap_or_default();
        String::from_utf8_lossy(&output[output.len().saturating_sub(3000)..]).into_owned()
    }
}

/// A folder of the session's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("videosphere-browser-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        // WebKit refuses a runtime folder that others may enter.
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn start(options: &Options) -> Result<Running> {
    let folder = Folder::new()?;
    let needs_display = match options.browser {
        Browser::Chromium => options.presented,
        // Without one, their WebGL has no driver.
        Browser::Firefox | Browser::WebKit => true,
    };
    let mut environment = options.environment.clone();
    let display = if needs_display && cfg!(target_os = "linux") {
        let (display, name) = start_display()?;
        environment.push(("DISPLAY".to_owned(), name));
        Some(display)
    } else {
        None
    };
    let port = free_port()?;
    let output = File::options().create(true).append(true).open(folder.0.join("output"))?;
    let mut command = driver(options.browser, port)?;
    if options.browser == Browser::WebKit {
        let own = folder.0.to_string_lossy().into_owned();
        let binary = tools::mini_browser()
            .context("WebKitGTK's MiniBrowser is missing (Debian: webkit2gtk-driver)")?;
        let output = folder.0.join("output").to_string_lossy().into_owned();
        environment.push(("MINI_BROWSER".to_owned(), binary.to_string_lossy().into_owned()));
        environment.push(("BROWSER_OUTPUT".to_owned(), output));
        environment.push(("WEBKIT_GST_DISABLE_GL_SINK".to_owned(), "1".to_owned()));
        environment.push(("HOME".to_owned(), own.clone()));
        environment.push(("XDG_RUNTIME_DIR".to_owned(), own));
    }
    command
        .envs(environment)
        .env_remove("WAYLAND_DISPLAY")
        .current_dir(&folder.0)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    let mut driver = Process::start(&mut command)?;
    let started = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if let Some(status) = driver.ended() {
            let words = std::fs::read_to_string(folder.0.join("output")).unwrap_or_default();
            bail!("{} ended with {status}: {words}", driver.name());
        }
        if started.elapsed() > START_LIMIT {
            bail!("{} does not listen", driver.name());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let capabilities = capabilities(options, &folder.0)?;
    Ok(Running { driver, _display: display, folder, port, capabilities })
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn driver(browser: Browser, port: u16) -> Result<Command> {
    Ok(match browser {
        Browser::Chromium => {
            let mut command = Command::new(tools::require("chromedriver")?);
            command.arg(format!("--port={port}"));
            command
        }
        Browser::Firefox => {
            let mut command = Command::new(tools::geckodriver()?);
            command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
            // Firefox's own remote port must not be the default one twice.
            command.args(["--websocket-port", &free_port()?.to_string()]);
            command
        }
        Browser::WebKit => {
            let mut command = Command::new(tools::require("WebKitWebDriver")?);
            command.args(["--host=127.0.0.1".to_owned(), format!("--port={port}")]);
            command
        }
    })
}

/// A virtual screen, and its name for `DISPLAY`.
fn start_display() -> Result<(Process, String)> {
    let mut command = Command::new(tools::require("Xvfb")?);
    command
        .args(["-displayfd", "1", "-screen", "0", "2560x1600x24", "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut display = Process::start(&mut command)?;
    let stdout = display.child().stdout.take().context("Xvfb's output")?;
    let mut number = String::new();
    BufReader::new(stdout).read_line(&mut number)?;
    if number.trim().is_empty() {
        bail!("Xvfb found no free display");
    }
    Ok((display, format!(":{}", number.trim())))
}

fn capabilities(options: &Options, folder: &Path) -> Result<Value> {
    let mut all = json!({
        "timeouts": { "script": SCRIPT_LIMIT_MILLIS, "pageLoad": LOAD_LIMIT_MILLIS },
    });
    match options.browser {
        Browser::Chromium => {
            all["goog:chromeOptions"] = chromium(options, folder);
            all["goog:loggingPrefs"] = json!({ "browser": "ALL" });
        }
        Browser::Firefox => {
            // "always" looks like what it is; the profile itself is geckodriver's.
            all["moz:firefoxOptions"] = firefox(options);
        }
        Browser::WebKit => {
            all["webkitgtk:browserOptions"] = webkit(options, folder)?;
        }
    }
    Ok(all)
}

fn chromium(options: &Options, folder: &Path) -> Value {
    let mut arguments: Vec<String> = [
        "--no-sandbox",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "--mute-audio",
        "--force-color-profile=srgb",
    ]
    .map(str::to_owned)
    .to_vec();
    if !options.presented {
        arguments.push("--headless=new".to_owned());
    }
    arguments.push(format!("--user-data-dir={}", folder.join("profile").display()));
    arguments.push(format!("--window-size={},{}", options.width_px, options.height_px));
    arguments.extend(options.arguments.iter().cloned());
    let mut chromium = json!({ "args": arguments });
    if let Some(binary) = shell::find("chromium").or_else(|| shell::find("google-chrome")) {
        chromium["binary"] = json!(binary);
    }
    chromium
}

fn firefox(options: &Options) -> Value {
    let mut preferences = Map::new();
    for (name, value) in [
        ("media.autoplay.default", json!(0)),
        ("media.autoplay.blocking_policy", json!(0)),
        ("media.cubeb.force_mock_context", json!(true)),
        ("dom.w3c_touch_events.enabled", json!(1)),
        ("devtools.console.stdout.content", json!(true)),
        ("browser.dom.window.dump.enabled", json!(true)),
        ("browser.shell.checkDefaultBrowser", json!(false)),
        ("browser.chrome.site_icons", json!(false)),
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
    ] {
        preferences.insert(name.to_owned(), value);
    }
    preferences.extend(options.preferences.iter().cloned());
    let mut arguments = vec!["-headless".to_owned()];
    arguments.extend(options.arguments.iter().cloned());
    let mut firefox = json!({ "args": arguments, "prefs": preferences });
    if let Some(binary) = shell::find("firefox-esr").or_else(|| shell::find("firefox")) {
        firefox["binary"] = json!(binary);
    }
    firefox
}

/// Its driver drops what the browser says, which is all there is to know of one that crashed.
const MINI_BROWSER: &str = r#"#!/bin/sh
exec "$MINI_BROWSER" "$@" >>"$BROWSER_OUTPUT" 2>&1
"#;

fn webkit(options: &Options, folder: &Path) -> Result<Value> {
    let binary = folder.join("browser");
    std::fs::write(&binary, MINI_BROWSER)?;
    std::fs::set_permissions(&binary, Permissions::from_mode(0o700))?;
    let mut arguments = vec!["--automation".to_owned(), "--autoplay-policy=allow".to_owned()];
    arguments.extend(options.arguments.iter().cloned());
    Ok(json!({ "binary": binary, "args": arguments }))
}
