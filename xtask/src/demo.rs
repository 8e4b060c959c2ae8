//! `cargo xtask demo`: from a clean clone to a URL.

use crate::live::{self, Live};
use crate::sample::{self, Recipe};
use crate::server::{self, Mount, Server, Stream};
use crate::setup::{self, Purpose};
use crate::{build, package, processes, shell};
use anyhow::Result;
use std::process::Stdio;

/// How to show it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A live stream besides the recorded ones.
    pub live: bool,
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
    setup::setup(Purpose::Demo)?;
    build::build(&build::Options { dev: options.dev, ..build::Options::default() })?;
    package::package()?;
    let recipe = Recipe::demo();
    let demo = sample::make(&recipe)?;
    let directions = sample::make(&Recipe::test())?;
    let live = match options.live {
        true => Some(Live::start(&demo, &recipe, live::Options::default())?),
        false => None,
    };
    let mut mounts = vec![
        Mount::new("/", shell::root().join("www")),
        Mount::new("/media/", &demo.folder),
        Mount::new("/media/directions/", &directions.folder),
    ];
    mounts.extend(live.iter().map(|live| Mount::new("/live/", live.folder())));
    let server = Server::start(server::Options {
        port: options.port,
        mounts,
        streams: streams(live.is_some()),
        home: Some("/demo/".to_owned()),
        control: false,
    })?;
    let url = server.url("/demo/");
    println!("{url}");
    shell::say("serving until Ctrl-C");
    if options.open {
        open(&url);
    }
    loop {
        std::thread::park();
    }
}

/// What the page's picker offers.
fn streams(live: bool) -> Vec<Stream> {
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
    if live {
        streams.insert(0, stream("Live test pattern", "/live/master.m3u8"));
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
