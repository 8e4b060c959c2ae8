//! The stage: every part started, watched, started again, and ended together.
//!
//! In: [`Options`]. Out: a running [`Stage`] with its addresses, its logs in one folder, and, for
//! tests, a way to kill, freeze and bring back an origin. A part that ends by itself is started
//! again; all end when the handle is dropped or the program is interrupted. It plays nothing.

mod addresses;
mod cameras;
mod configure;
pub mod node;
mod parts;
mod table;

pub use addresses::Addresses;
pub use table::{Running, print_table};

use crate::http;
use crate::ladder::Ladder;
use crate::nginx::Nginx;
use crate::source::{self, Source};
use crate::{keys, playlists};
use anyhow::{Context, Result, bail};
use cameras::Cameras;
use configure::Site;
use machine::shell;
use parts::{Part, Parts};
use std::collections::BTreeSet;
use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How to build it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The `live-origin` program, which also serves the playlists.
    pub program: PathBuf,
    /// The rungs.
    pub ladder: Ladder,
    /// What is on air.
    pub source: Source,
    /// A segment's length, and the distance of key frames.
    pub segment_millis: u64,
    /// Segments in a playlist.
    pub window: u64,
    /// DASH and Smooth Streaming of the same source.
    pub with_dash: bool,
    /// Recordings become video on demand.
    pub with_recording: bool,
    /// 0 asks the system for a free one.
    pub rtmp_port: u16,
    /// 0 asks the system for a free one.
    pub edge_port: u16,
    /// What publishers have to know, as [`keys::read`] takes it; made up where it is not given.
    pub key: Option<String>,
}

impl Options {
    /// A stage with this ladder and this source.
    #[must_use]
    pub fn new(program: PathBuf, ladder: Ladder, source: Source) -> Self {
        Self {
            program,
            ladder,
            source,
            segment_millis: 2000,
            window: 15,
            with_dash: false,
            with_recording: false,
            rtmp_port: 0,
            edge_port: 0,
            key: None,
        }
    }
}

/// The name under which the test source is published.
pub const STREAM: &str = "camera";

/// Which origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The one the edge asks.
    Primary,
    /// The one it asks otherwise.
    Backup,
}

impl Origin {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Primary, Self::Backup];

    /// As in folders and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Backup => "backup",
        }
    }

    /// Its nginx, its playlists, its DASH where there is some.
    fn parts(self) -> [String; 3] {
        ["", " playlists", " dash"].map(|part| format!("{}{part}", self.name()))
    }
}

/// A running stage; ends when dropped.
pub struct Stage {
    folder: PathBuf,
    addresses: Addresses,
    options: Options,
    key: String,
    own_key: String,
    /// `None` once the stage is being ended.
    cameras: Option<Cameras>,
    /// What the origins' logs say of cameras, as far as it was told.
    told: Mutex<BTreeSet<String>>,
    parts: Parts,
    vod: Option<recording::Local>,
}

impl Stage {
    /// Starts every part, and waits until each listens.
    pub fn start(options: Options) -> Result<Self> {
        machine::processes::end_with_us();
        let nginx = Nginx::find()?;
        machine::tools::require("ffmpeg")?;
        let folder = own_folder()?;
        let addresses = Addresses::choose(options.rtmp_port, options.edge_port)?;
        let key = options.key.clone().map_or_else(keys::random, Ok)?;
        let own_key = keys::random()?;
        let vod = match options.with_recording {
            true => Some(recording::Local::start(&recording::tools()?, &folder.join("vod"))?),
            false => None,
        };
        let site = Site {
            vod: vod.as_ref(),
            nginx: &nginx,
            folder: &folder,
            addresses: &addresses,
            options: &options,
            key: &key,
            own_key: &own_key,
        };
        configure::write(&site)?;
        source::prepare(&options.source, &folder)?;

        let parts = Parts::new();
        for name in ["ingest", "primary", "backup", "edge"] {
            parts.add(nginx_part(&nginx, &folder, name))?;
        }
        for origin in Origin::BOTH {
            parts.add(playlists_part(&site, origin))?;
            if options.with_dash {
                parts.add(dash_part(&site, origin))?;
            }
        }
        let cameras = Cameras::watch(&folder, &addresses, options.segment_millis, &key);
        let cameras = Some(cameras);
        let told = Mutex::default();
        let stage = Self { folder, addresses, options, key, own_key, cameras, told, parts, vod };
        stage.wait_until_it_listens()?;
        stage.start_source()?;
        Ok(stage)
    }

    /// Where everything listens.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Its folder: configuration, logs, segments.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How it was built.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Where a camera publishes, key included.
    #[must_use]
    pub fn publish_url(&self) -> String {
        format!("rtmp://{}/live/{STREAM}?key={}", self.addresses.ingest_rtmp, self.key)
    }

    /// What the parts show one another where they publish: no camera's affair.
    #[must_use]
    pub fn own_key(&self) -> &str {
        &self.own_key
    }

    /// What viewers are given.
    #[must_use]
    pub fn viewer_url(&self) -> String {
        format!("http://{}/hls/{STREAM}.m3u8", self.addresses.edge)
    }

    /// Recordings that became video on demand: their addresses.
    #[must_use]
    pub fn published(&self) -> Vec<String> {
        self.vod.as_ref().map(recording::Local::published).unwrap_or_default()
    }

    /// What a person should know of cameras, and was not told yet.
    #[must_use]
    pub fn news(&self) -> Vec<String> {
        let mut news = self.cameras.as_ref().map(Cameras::news).unwrap_or_default();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for origin in Origin::BOTH {
            let log = self.folder.join(origin.name()).join("playlists.log");
            let log = std::fs::read_to_string(log).unwrap_or_default();
            let lines = log.lines().filter_map(|line| line.strip_prefix(playlists::NEWS));
            // Both origins say the same.
            news.extend(lines.filter(|line| told.insert((*line).to_owned())).map(str::to_owned));
        }
        news
    }

    /// Waits until the edge has a playlist of every rung.
    pub fn wait_until_on_air(&self, limit: Duration) -> Result<()> {
        let mut paths = vec![format!("/hls/{STREAM}.m3u8")];
        let rungs = self.options.ladder.names();
        paths.extend(rungs.iter().map(|rung| format!("/hls/{STREAM}_{rung}/index.m3u8")));
        let started = Instant::now();
        let mut said = Instant::now();
        for path in paths {
            loop {
                let answer = http::get_blocking(self.addresses.edge, &path, Duration::from_secs(2));
                let Err(error) = answer.and_then(|answer| answer.text()) else { break };
                if started.elapsed() > limit {
                    bail!(
                        "{path} after {limit:?}: {error:#}; logs are in {}",
                        self.folder.display()
                    );
                }
                if said.elapsed() > Duration::from_secs(3) {
                    said = Instant::now();
                    shell::say(format!("the first three segments are being made ({path})"));
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        }
        Ok(())
    }

    /// `kill -9`: the machine is gone, whatever it was doing.
    pub fn kill(&self, origin: Origin) -> Result<()> {
        self.parts_of(origin).iter().try_for_each(|name| self.parts.kill(name))
    }

    /// Every process of it stands still; its sockets stay open.
    pub fn freeze(&self, origin: Origin) -> Result<()> {
        self.parts_of(origin).iter().try_for_each(|name| self.parts.freeze(name))
    }

    /// It goes on, or is started again.
    pub fn bring_back(&self, origin: Origin) -> Result<()> {
        self.parts_of(origin).iter().try_for_each(|name| self.parts.bring_back(name))
    }

    /// The camera's plug is pulled, or put in again.
    pub fn publish(&self, is_on: bool) -> Result<()> {
        match is_on {
            true => self.parts.bring_back("source"),
            false => self.parts.kill("source"),
        }
    }

    /// How often parts were started again after ending by themselves.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.parts.restarts()
    }

    fn parts_of(&self, origin: Origin) -> Vec<String> {
        origin.parts().into_iter().take(if self.options.with_dash { 3 } else { 2 }).collect()
    }

    fn wait_until_it_listens(&self) -> Result<()> {
        let started = Instant::now();
        for (name, address) in self.addresses.all() {
            while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
                if started.elapsed() > Duration::from_secs(20) {
                    let log = self.folder.join(name).join("out.log");
                    let log = std::fs::read_to_string(log).unwrap_or_default();
                    bail!("{name} does not listen on {address}: {log}");
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    fn start_source(&self) -> Result<()> {
        let (source, folder) = (self.options.source.clone(), self.folder.clone());
        if source == Source::None {
            return Ok(());
        }
        let preset = folder.join("camera-key.ffpreset");
        keys::write_camera_preset(&preset, STREAM, &self.key)?;
        let url = format!("rtmp://{}/live", self.addresses.ingest_rtmp);
        let segment_millis = self.options.segment_millis;
        self.parts.add(Part::new("source", move || {
            let mut command = source::command(&source, &folder, (&url, &preset), segment_millis)
                .context("there is nothing to send")?;
            log_to(&mut command, &folder.join("source.log"))?;
            Ok(command)
        }))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.cameras = None;
        // The source first, so that nobody logs that others went away.
        self.parts.end();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn nginx_part(nginx: &Nginx, folder: &Path, name: &str) -> Part {
    let (program, folder) = (nginx.program.clone(), folder.join(name));
    Part::new(name, move || {
        let mut command = Command::new(&program);
        command.arg("-p").arg(&folder).arg("-c").arg(folder.join("nginx.conf"));
        // Before the configuration is read, nginx would log to the system's folder.
        command.arg("-e").arg(folder.join("error.log"));
        log_to(&mut command, &folder.join("out.log"))?;
        Ok(command)
    })
}

fn playlists_part(site: &Site<'_>, origin: Origin) -> Part {
    let (own, other) = site.addresses.of(origin);
    let mut arguments: Vec<String> = [
        ("--listen", own.playlists.to_string()),
        ("--hls", site.folder.join(origin.name()).join("hls").display().to_string()),
        ("--rungs", site.options.ladder.names().join(",")),
        ("--segment-millis", site.options.segment_millis.to_string()),
        ("--window", site.options.window.to_string()),
        ("--peer", other.http.to_string()),
        ("--cameras", site.folder.join(cameras::FILE).display().to_string()),
    ]
    .into_iter()
    .flat_map(|(name, value)| [name.to_owned(), value])
    .collect();
    if site.options.source != Source::None {
        arguments.extend(["--test-source", STREAM].map(str::to_owned));
    }
    own_part(site, origin, "playlists", arguments)
}

fn dash_part(site: &Site<'_>, origin: Origin) -> Part {
    let (own, _) = site.addresses.of(origin);
    let [listen, of] = [own.dash, own.http].map(|address| address.to_string());
    let arguments = ["--listen".to_owned(), listen, "--origin".to_owned(), of];
    own_part(site, origin, "dash", arguments.to_vec())
}

/// A verb of our own program, beside an origin.
fn own_part(site: &Site<'_>, origin: Origin, verb: &'static str, arguments: Vec<String>) -> Part {
    let program = site.options.program.clone();
    let log = site.folder.join(origin.name()).join(format!("{verb}.log"));
    Part::new(&format!("{} {verb}", origin.name()), move || {
        let mut command = Command::new(&program);
        command.arg(verb).args(&arguments);
        log_to(&mut command, &log)?;
        Ok(command)
    })
}

/// Everything a program says goes to a file.
pub(crate) fn log_to(command: &mut Command, path: &Path) -> Result<()> {
    let log = File::options().create(true).append(true).open(path)?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(())
}

/// A folder for this stage; those of programs that are gone are cleared away.
fn own_folder() -> Result<PathBuf> {
    let folder = machine::processes::own_folder("stage")?;
    let is_plain = |c: char| !c.is_whitespace() && !"\"'`;{}$\\".contains(c);
    if !folder.to_string_lossy().chars().all(is_plain) {
        bail!(
            "{} has characters that nginx's configuration gives a meaning: move the checkout, or set CARGO_TARGET_DIR",
            folder.display()
        );
    }
    keys::private_folder(&folder)?;
    for name in ["ingest/recordings", "ingest/keys", "ingest/clock", "primary", "backup", "edge"] {
        std::fs::create_dir_all(folder.join(name))?;
    }
    Ok(folder)
}

/// Whether something answers there.
pub(crate) fn is_listening(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok()
}
