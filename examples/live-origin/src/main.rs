//! `live-origin VERB`: what `cargo xtask stage` and the stage itself call.

use anyhow::{Context, Result, bail};
use dev_server::{Mount, Server, Stream};
use live_origin::captions::Captions;
use live_origin::keys;
use live_origin::ladder::Ladder;
use live_origin::load::{self, Target};
use live_origin::nginx::Nginx;
use live_origin::source::Source;
use live_origin::stage::node::{self, Part};
use live_origin::stage::{Options, Origin, Running, Stage, print_table};
use live_origin::{dash, playlists};
use machine::shell;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;
use test_streams::sample;

const USAGE: &str = "live-origin VERB

  stage      the whole chain on loopback, until Ctrl-C
             [--ladder full|small|tiny] [--source clock|loop|none] [--with-dash] [--no-recording]
             [--no-page]
             [--port N] [--rtmp-port N] [--key-file FILE] [--segment-millis N]
  load       HLS clients against a running stage, or against one of its own
             [--clients N] [--ramp SECONDS] [--seconds N] [--url URL]… [--ladder …]
  playlists  an origin's playlists; the stage starts it
             --listen ADDRESS --hls FOLDER --rungs A,B,… [--segment-millis N] [--window N]
             [--peer ADDRESS] [--cameras FILE] [--test-source NAME]
  restamp    this machine's clock in a camera's time stamps; the ingest's nginx starts it
             SOURCE DESTINATION (RTMP) SEGMENT_MILLIS FILE (its memory) PRESET (with our own key)
             [--test-source NAME]: which stream gets captions
  dash       DASH of what an origin lists; the stage starts it
             --listen ADDRESS --origin ADDRESS
  configure  one part's nginx.conf, for a machine of its own (examples/aws)
             ingest --dir FOLDER --primary HOST --backup HOST --key-file FILE [--upload COMMAND]
             primary|backup --dir FOLDER --ingest ADDRESSES [--ladder …]; prints the rungs
             edge --dir FOLDER --primary HOST --backup HOST";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let verb = if arguments.is_empty() { String::new() } else { arguments.remove(0) };
    let mut arguments = Arguments(arguments);
    let result = match verb.as_str() {
        "stage" => stage(&mut arguments),
        "load" => load(&mut arguments),
        "playlists" => serve_playlists(&mut arguments),
        "restamp" => restamp(&mut arguments),
        "dash" => serve_dash(&mut arguments),
        "configure" => configure(&mut arguments),
        _ => {
            println!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\u{2717} {verb}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What was typed after the verb.
struct Arguments(Vec<String>);

impl Arguments {
    /// Whether a switch is there.
    fn has(&mut self, name: &str) -> bool {
        let at = self.0.iter().position(|argument| argument == name);
        at.map(|at| self.0.remove(at)).is_some()
    }

    /// The value after a name, every time it is there.
    fn texts(&mut self, name: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        while let Some(at) = self.0.iter().position(|argument| argument == name) {
            self.0.remove(at);
            if at >= self.0.len() {
                bail!("{name} wants a value");
            }
            found.push(self.0.remove(at));
        }
        Ok(found)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>> {
        Ok(self.texts(name)?.pop())
    }

    fn value<T: FromStr>(&mut self, name: &str, default: T) -> Result<T> {
        match self.text(name)? {
            None => Ok(default),
            Some(text) => text.parse().ok().with_context(|| format!("{name} does not take {text}")),
        }
    }

    fn end(&self) -> Result<()> {
        match self.0.first() {
            Some(unknown) => bail!("{unknown} is not understood\n\n{USAGE}"),
            None => Ok(()),
        }
    }
}

fn options(arguments: &mut Arguments) -> Result<Options> {
    let ladder = Ladder::named(arguments.text("--ladder")?.as_deref())?;
    let kind = arguments.text("--source")?;
    let source = match kind.as_deref() {
        Some("none") => Source::None,
        Some("loop") => loop_of(&ladder)?,
        Some("clock") => Source::Clock { width_px: ladder.source_width_px },
        // Beyond this, encoding as it goes takes more cores than most have to spare.
        None if ladder.source_width_px <= 960 => Source::Clock { width_px: ladder.source_width_px },
        None => loop_of(&ladder)?,
        Some(other) => bail!("there is no source {other}; there are clock, loop and none"),
    };
    let mut options = Options::new(std::env::current_exe()?, ladder, source);
    options.segment_millis = arguments.value("--segment-millis", options.segment_millis)?;
    if !(500..=20_000).contains(&options.segment_millis) {
        bail!("--segment-millis lies between 500 and 20000");
    }
    options.with_dash = arguments.has("--with-dash");
    options.with_recording = !arguments.has("--no-recording");
    options.rtmp_port = arguments.value("--rtmp-port", 0)?;
    options.edge_port = arguments.value("--port", 0)?;
    options.key = arguments.text("--key-file")?.map(|file| keys::read(&file)).transpose()?;
    Ok(options)
}

/// The sample's rung of this width, or the next narrower one.
fn loop_of(ladder: &Ladder) -> Result<Source> {
    let recipe =
        if ladder.source_width_px > 480 { sample::Recipe::demo() } else { sample::Recipe::test() };
    let widths = recipe.rungs.iter().map(|rung| rung.width_px);
    let width_px = widths.filter(|width| *width <= ladder.source_width_px).max();
    let made = sample::make(&recipe)?;
    Ok(Source::Loop(made.rung(width_px.context("the sample has no such rung")?)))
}

fn stage(arguments: &mut Arguments) -> Result<()> {
    let options = options(arguments)?;
    let has_page = !arguments.has("--no-page");
    arguments.end()?;
    if Running::find().is_some() {
        shell::say("another stage runs already; `load` will find this one");
    }
    let module = shell::root().join("www/wasm/engine_bg.wasm");
    if has_page && !module.is_file() {
        bail!("the page's player is not built: cargo xtask build, or --no-page");
    }
    let names = options.ladder.names().join(", ");
    shell::say(format!("starting ingest, two origins ({names}) and edge"));
    let stage = Stage::start(options)?;
    let server = if has_page { Some(page(&stage)?) } else { None };
    if stage.options().source != Source::None {
        stage.wait_until_on_air(Duration::from_secs(60))?;
    }
    let running = Running::of(&stage);
    running.announce()?;
    print_table(&stage, server.as_ref().map(|server| server.url("/demo/")).as_deref());
    shell::say("on air until Ctrl-C");
    // A recording becomes a video some time after its camera has stopped.
    let mut told = 0;
    loop {
        for url in stage.published().into_iter().skip(told) {
            shell::say(format!("recorded: {url}"));
            told += 1;
        }
        stage.news().into_iter().for_each(shell::say);
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// The demo page, with this stage in its picker.
fn page(stage: &Stage) -> Result<Server> {
    let edge = stage.addresses().edge;
    let stream = |name: &str, file: &str| Stream {
        name: name.to_owned(),
        url: format!("http://{edge}/hls/{file}.m3u8"),
        hq: None,
        live: true,
    };
    Server::start(dev_server::Options {
        mounts: vec![Mount::new("/", shell::root().join("www"))],
        streams: vec![
            stream("The stage, by its edge", "camera"),
            Stream {
                hq: Some(format!("http://{edge}/hls/camera.top.m3u8")),
                ..stream("The stage, its top rung by the switch", "camera.main")
            },
        ],
        home: Some("/demo/".to_owned()),
        ..dev_server::Options::default()
    })
}

fn load(arguments: &mut Arguments) -> Result<()> {
    let plan = load::Plan {
        clients: arguments.value("--clients", 150)?,
        ramp: Duration::from_secs(arguments.value("--ramp", 15)?),
        steady: Duration::from_secs(arguments.value("--seconds", 30)?),
    };
    let urls = arguments.texts("--url")?;
    if !urls.is_empty() {
        arguments.end()?;
        for url in urls {
            println!("{}", load::run(&Target::new(&url, &url)?, plan)?);
        }
        return Ok(());
    }
    let found = Running::find();
    let own = match &found {
        Some(_) => None,
        None => {
            shell::say("no stage runs: one is started for the test");
            let options = Options { with_recording: false, ..options(arguments)? };
            let stage = Stage::start(options)?;
            stage.wait_until_on_air(Duration::from_secs(60))?;
            Some(stage)
        }
    };
    arguments.end()?;
    let running = match (found, &own) {
        (Some(running), _) => running,
        (None, Some(stage)) => Running::of(stage),
        (None, None) => bail!("no stage"),
    };
    for report in load::compare(&running, plan)? {
        println!("{report}");
    }
    Ok(())
}

fn serve_playlists(arguments: &mut Arguments) -> Result<()> {
    let listen = arguments.text("--listen")?.context("--listen is needed")?;
    let hls = arguments.text("--hls")?.context("--hls is needed")?;
    let rungs = arguments.text("--rungs")?.context("--rungs is needed")?;
    let peer = arguments.text("--peer")?;
    let options = playlists::Options {
        listen: listen.parse().context("--listen wants an address and a port")?,
        hls: hls.into(),
        rungs: rungs.split(',').map(str::to_owned).collect(),
        segment_millis: arguments.value("--segment-millis", 2000)?,
        window: arguments.value("--window", 15)?,
        peer: peer
            .map(|peer| peer.parse().context("--peer wants an address and a port"))
            .transpose()?,
        cameras: arguments.text("--cameras")?.map(Into::into),
        test_source: arguments.text("--test-source")?,
    };
    arguments.end()?;
    playlists::serve(options)
}

fn restamp(arguments: &mut Arguments) -> Result<()> {
    let test_source = arguments.text("--test-source")?;
    let [source, destination, segment_millis, memory, preset] = &arguments.0[..] else {
        bail!("{USAGE}")
    };
    let name = source.rsplit('/').next();
    let captions = test_source.filter(|it| Some(&it[..]) == name).map(|_| Captions::default());
    let segment_millis = segment_millis.parse().context("milliseconds are a number")?;
    let key = keys::of_own_preset(preset.as_ref())?;
    let memory = memory.as_ref();
    live_origin::restamp::run(source, destination, segment_millis, memory, &key, captions)
}

fn serve_dash(arguments: &mut Arguments) -> Result<()> {
    let mut address = |name: &str| -> Result<SocketAddr> {
        let text = arguments.text(name)?.with_context(|| format!("{name} is needed"))?;
        text.parse().with_context(|| format!("{name} wants an address and a port"))
    };
    let options = dash::Options { listen: address("--listen")?, origin: address("--origin")? };
    arguments.end()?;
    dash::serve(options)
}

fn configure(arguments: &mut Arguments) -> Result<()> {
    let needed = |arguments: &mut Arguments, name: &str| {
        arguments.text(name)?.with_context(|| format!("{name} is needed\n\n{USAGE}"))
    };
    let folder = needed(arguments, "--dir")?;
    let role = if arguments.0.is_empty() { String::new() } else { arguments.0.remove(0) };
    let origin = match role.as_str() {
        "primary" => Some(Origin::Primary),
        "backup" => Some(Origin::Backup),
        _ => None,
    };
    let part = match (origin, role.as_str()) {
        (Some(origin), _) => {
            let ladder = Ladder::named(arguments.text("--ladder")?.as_deref())?;
            println!("{}", ladder.names().join(","));
            Part::Origin { origin, ingest: needed(arguments, "--ingest")?, ladder }
        }
        (None, "ingest") => {
            let key = keys::read(&needed(arguments, "--key-file")?)?;
            Part::Ingest {
                primary: needed(arguments, "--primary")?,
                backup: needed(arguments, "--backup")?,
                key,
                upload: arguments.text("--upload")?,
            }
        }
        (None, "edge") => Part::Edge {
            primary: needed(arguments, "--primary")?,
            backup: needed(arguments, "--backup")?,
        },
        _ => bail!("there is no part {role}\n\n{USAGE}"),
    };
    arguments.end()?;
    node::configure(&part, folder.as_ref(), &Nginx::find()?)
}
