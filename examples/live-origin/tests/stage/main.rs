//! The stage, small and whole: real nginx, real ffmpeg, a real browser. In: those programs, and
//! `cargo xtask build` for the player. All of it runs when asked for: `cargo xtask test` does, and
//! `cargo test -p live-origin --test stage -- --ignored --test-threads=1`.

mod air;
mod by_hand;
mod cameras;
mod dash;
mod failover;
mod full;
mod packagings;
mod repair;
mod segments;

use anyhow::{Context, Result, anyhow, bail, ensure};
use live_origin::http::{Answer, get_blocking};
use live_origin::ladder::Ladder;
use live_origin::nginx::Nginx;
use live_origin::source::Source;
use live_origin::stage::{Options, STREAM, Stage};
use machine::processes::Process;
use machine::shell;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};
use test_streams::sample::{self, Recipe};
use videosphere::playlist::{self, MediaPlaylist, Playlist};

/// How long a condition may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The smallest stage: a picture that tells directions, 480 px passed through, 240 px encoded.
fn small() -> Result<Options> {
    let sample = sample::make(&Recipe::test())?;
    let program = env!("CARGO_BIN_EXE_live-origin").into();
    let mut options = Options::new(program, Ladder::tiny(), Source::Loop(sample.rung(480)));
    options.window = 6;
    Ok(options)
}

/// The same with a picture drawn as it goes and segments of a second, which is soon back on air.
fn quick() -> Options {
    let source = Source::Clock { width_px: Ladder::tiny().source_width_px };
    let mut options =
        Options::new(env!("CARGO_BIN_EXE_live-origin").into(), Ladder::tiny(), source);
    (options.segment_millis, options.window) = (1000, 4);
    options
}

/// Runs steps on a stage that is on air; where they fail, its logs are shown.
fn on_air(options: Options, steps: impl FnOnce(&Stage) -> Result<()>) -> Result<()> {
    let stage = Stage::start(options)?;
    let result = stage.wait_until_on_air(LIMIT).and_then(|()| steps(&stage));
    // The error first: the logs are long.
    result.map_err(|error| anyhow!("{error:#}\n{}", logs(&stage)))
}

/// The last lines of every log but those of requests.
fn logs(stage: &Stage) -> String {
    let mut text = String::new();
    let folders = ["", "ingest", "primary", "backup", "edge"].map(|name| stage.folder().join(name));
    for folder in folders {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".log") || name == "access.log" {
                continue;
            }
            let log = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let last = log.lines().rev().take(8).collect::<Vec<_>>();
            let last = last.into_iter().rev().collect::<Vec<_>>().join("\n    ");
            text += &format!("{}:\n    {last}\n", entry.path().display());
        }
    }
    text
}

/// The path of a rung's playlist; 0 is the highest.
fn playlist_of(stage: &Stage, rung: usize) -> String {
    format!("/hls/{STREAM}_{}/index.m3u8", stage.options().ladder.rungs[rung].name)
}

fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    get_blocking(address, path, Duration::from_secs(5))
}

/// What it has, once it has it. An origin by itself refuses for a while what the other has already: which of
/// the two gets a segment of a new stream first is chance, and the later one waits until its window is full.
fn answer(origin: SocketAddr, path: &str) -> Result<Answer> {
    let mut seen = String::new();
    wait(&format!("{path} at {origin}"), || {
        let answer = get(origin, path).ok()?;
        seen = format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body));
        (answer.status == 200).then_some(answer)
    })
    .with_context(|| seen.chars().take(300).collect::<String>())
}

fn media_playlist(address: SocketAddr, path: &str) -> Result<MediaPlaylist> {
    let text = get(address, path)?.text().with_context(|| path.to_owned())?;
    match playlist::parse(&text, &format!("http://{address}{path}"))? {
        Playlist::Media(playlist) if !playlist.segments.is_empty() => Ok(playlist),
        _ => bail!("{path} is no media playlist: {text}"),
    }
}

/// Asks again until there is a value.
fn wait<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(value) = ask() {
            return Ok(value);
        }
        ensure!(started.elapsed() < LIMIT, "{what}: not after {LIMIT:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// An edge like the stage's own, with a cache of its own.
pub(crate) struct SecondEdge {
    pub address: SocketAddr,
    _process: Process,
}

impl SecondEdge {
    pub fn start(stage: &Stage) -> Result<Self> {
        let (own, folder) = (stage.folder().join("edge"), stage.folder().join("edge-2"));
        std::fs::create_dir_all(&folder)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let text = std::fs::read_to_string(own.join("nginx.conf"))?
            .replace(&own.display().to_string(), &folder.display().to_string())
            .replace(&stage.addresses().edge.to_string(), &address.to_string());
        std::fs::write(folder.join("nginx.conf"), text)?;
        let mut command = shell::command(Nginx::find()?.program);
        command.arg("-p").arg(&folder).arg("-c").arg(folder.join("nginx.conf"));
        command.arg("-e").arg(folder.join("error.log"));
        let process = Process::start(&mut command)?;
        wait("the second edge", || get(address, "/health").ok())?;
        Ok(Self { address, _process: process })
    }
}

/// The path of a URL.
fn path_of(url: &str) -> Result<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map(|at| &rest[at..]).with_context(|| format!("{url} has no path"))
}
