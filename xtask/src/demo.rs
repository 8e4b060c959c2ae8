//! `cargo xtask demo`: from a clean clone to a URL.
//!
//! Each step is counted and says about how long it takes; what the tools say is in `target/demo.log`.

use crate::steps::{Step, Steps};
use crate::{build, package};
use anyhow::Result;
use dev_server::{Mount, Route, Server, Stream};
use machine::setup::{self, Purpose};
use machine::{processes, shell, tools};
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;
use test_streams::live::{self, Live, LowLatency, LowLatencyOptions};
use test_streams::sample::{self, Recipe};

/// How long the first segments may take.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A live stream besides the recorded ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveKind {
    /// A sliding window of transport-stream segments.
    Sliding,
    /// Low-Latency HLS.
    LowLatency,
    /// A stream with prefetch tags, as Amazon IVS sends it.
    Ivs,
}

impl FromStr for LiveKind {
    type Err = &'static str;

    /// As `--live=NAME` names it.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "sliding" => Self::Sliding,
            "ll" => Self::LowLatency,
            "ivs" => Self::Ivs,
            _ => return Err("it is sliding (the default), ll or ivs"),
        })
    }
}

/// How to show it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A live stream besides the recorded ones.
    pub live: Option<LiveKind>,
    /// Opens the page in the person's browser.
    pub open: bool,
    /// 0 asks the system for a free one.
    pub port: u16,
    /// Modules without optimisation.
    pub dev: bool,
}

/// Serves until it is interrupted.
pub fn demo(options: &Options) -> Result<()> {
    processes::end_with_us();
    let log = shell::target().join("demo.log");
    shell::log_into(log.clone())?;
    shell::say(format!("what the tools say goes into {}", log.display()));
    let mut steps = Steps::begin(plan(options));
    steps.next();
    setup::setup(Purpose::Demo)?;
    steps.next();
    build::build(&build::Options { dev: options.dev, ..build::Options::default() })?;
    steps.next();
    package::package()?;
    steps.next();
    let recipe = Recipe::demo();
    let demo = sample::make(&recipe)?;
    steps.next();
    let directions = sample::make(&Recipe::test())?;
    if options.live.is_some() {
        steps.next();
    }
    let sliding = match options.live {
        Some(LiveKind::Sliding) => {
            let live = Live::start(&demo, &recipe, live::Options::default())?;
            live.wait_for_segments(3, START_LIMIT)?;
            Some(live)
        }
        _ => None,
    };
    let low_latency = match options.live {
        Some(LiveKind::LowLatency | LiveKind::Ivs) => {
            let live = LowLatency::start(&LowLatencyOptions::demo(&demo, &recipe))?;
            live.wait_for_segments(3, START_LIMIT)?;
            Some(live)
        }
        _ => None,
    };
    let origin = low_latency.as_ref().map(|live| match options.live {
        Some(LiveKind::Ivs) => live.ivs(),
        _ => live.ll_hls(),
    });
    let mut mounts = vec![
        Mount::new("/", shell::root().join("www")),
        Mount::new("/media/", &demo.folder),
        Mount::new("/media/directions/", &directions.folder),
    ];
    mounts.extend(sliding.iter().map(|live| Mount::new("/live/", live.folder())));
    let server = Server::start(dev_server::Options {
        port: options.port,
        mounts,
        routes: origin.map(|origin| Route::new("/live/", origin)).into_iter().collect(),
        streams: streams(options.live),
        home: Some("/demo/".to_owned()),
        ..dev_server::Options::default()
    })?;
    let url = server.url("/demo/");
    steps.next();
    println!("{url}");
    shell::say("open that address in a browser; Ctrl-C here ends it");
    if options.open {
        open(&url);
    }
    loop {
        std::thread::park();
    }
}

/// The steps of [`demo`], with what is due of each on this machine.
fn plan(options: &Options) -> Vec<Step> {
    let root = shell::root();
    let is_there = |path: &str| root.join(path).is_file();
    let sample = |recipe: &Recipe| shell::target().join("media").join(recipe.name).is_dir();
    let due = |is_done: bool, core_secs: u64| if is_done { 0 } else { core_secs };
    let is_built = is_there("www/wasm/engine_bg.wasm") && is_there("dist/element.js");
    let modules = if options.dev { 90 } else { 300 };
    let has_tools = tools::has_node_modules() && shell::find("ffmpeg").is_some();
    let step = |what, core_secs| Step { what, core_secs };
    let mut steps = vec![
        step("finding the tools, and installing what is missing", due(has_tools, 120)),
        step("building the player's wasm modules and its scripts", due(is_built, modules)),
        step("packing the npm package", 0),
        step(
            "encoding the demo's video, up to 3840 pixels wide",
            due(sample(&Recipe::demo()), 120),
        ),
        step("encoding the video that tells directions", due(sample(&Recipe::test()), 10)),
    ];
    if options.live.is_some() {
        steps.push(step("starting the camera and its encoder", 0));
    }
    steps.push(step("serving the page", 0));
    steps
}

/// What the page's picker offers.
fn streams(live: Option<LiveKind>) -> Vec<Stream> {
    let stream = |name: &str, url: &str| Stream {
        name: name.to_owned(),
        url: url.to_owned(),
        hq: None,
        live: url.starts_with("/live/"),
    };
    let mut streams = vec![
        stream("Test pattern, 480 to 3840 wide (HLS, transport stream)", "/media/ts/master.m3u8"),
        stream("Test pattern, 480 to 3840 wide (HLS, CMAF)", "/media/cmaf/master.m3u8"),
        Stream {
            hq: Some("/media/ts/top.m3u8".to_owned()),
            ..stream("Test pattern, 4K from a stream of its own", "/media/ts/main.m3u8")
        },
        stream("Directions as colours", "/media/directions/ts/master.m3u8"),
    ];
    if let Some(kind) = live {
        let name = match kind {
            LiveKind::Sliding => "Live test pattern",
            LiveKind::LowLatency => "Live test pattern with a clock (LL-HLS)",
            LiveKind::Ivs => "Live test pattern with a clock (prefetch, as Amazon IVS)",
        };
        streams.insert(0, stream(name, "/live/master.m3u8"));
    }
    streams
}

fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opened =
        shell::command(program).arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if opened.is_err() {
        shell::say(format!("{program} is missing; open {url} yourself"));
    }
}
