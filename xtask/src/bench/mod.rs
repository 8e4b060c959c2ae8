//! `cargo xtask bench NAME`: ours beside its peers in one Chromium session.
//!
//! In: the module `bench` (the engine as it ships, with entry points), hls.js and mux.js from npm,
//! the demo sample. Out: medians of interleaved rounds; `latency` plays live streams instead, `soak`
//! ours alone for long, `abr` virtual ones without a browser, `start` whole pages over shaped links,
//! `audio-switch` changes of the sound. hls.js does not export its transmuxer,
//! so a copy of its module gets a longer export line; nothing else of it is touched.

mod abr;
mod audio_switch;
mod latency;
mod soak;
mod start;

use crate::build;
use anyhow::{Context, Result, bail};
use dev_server::{Mount, Options, Server};
use machine::{shell, tools};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use test_streams::sample::{self, Recipe};
use webdriver::{Browser, Session};

/// The benches there are.
pub const NAMES: [&str; 7] =
    ["transmux", "playlist", "latency", "soak", "abr", "start", "audio-switch"];

const ROUNDS: u32 = 15;
const PAGE: &str =
    "<!doctype html><meta charset=utf-8><title>bench</title><script src=mux.js></script>";

/// One line of the report; `ratio` is ours over theirs, more than 1 is better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Which bench.
    pub bench: String,
    /// Which input.
    pub case: String,
    /// Who else.
    pub peer: String,
    /// How many times as fast we are.
    pub ratio: f64,
}

/// How to run one.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// A line of JSON a result.
    pub json: bool,
    /// How long a bench of live streams plays each case.
    pub seconds: Option<u32>,
    /// Where other links lie for the bench of quality to play over.
    pub traces: Option<PathBuf>,
    /// How often a bench of whole pages loads each of them.
    pub rounds: Option<u32>,
    /// Seeds the links that the bench of quality makes: other links than those the rules were tuned
    /// on.
    pub seed: Option<u64>,
}

/// Runs one bench and prints it.
pub fn bench(name: &str, how: How) -> Result<()> {
    if !NAMES.contains(&name) {
        bail!("there is no bench {name}; there are {}", NAMES.join(", "));
    }
    match name {
        "latency" => return latency::run(&how),
        "soak" => return soak::run(&how),
        "abr" => return abr::run(&how),
        "start" => return start::run(&how),
        "audio-switch" => return audio_switch::run(&how),
        _ => {}
    }
    let json = how.json;
    build::build(&build::Options { names: vec!["bench".to_owned()], dev: false })?;
    let demo = sample::make(&Recipe::demo())?;
    let folder = shell::target().join("bench");
    prepare(&folder)?;
    let server = Server::start(Options {
        mounts: vec![
            Mount::new("/", &folder),
            Mount::new("/wasm/", shell::root().join("www/wasm")),
            Mount::new("/media/", &demo.folder),
        ],
        ..Options::default()
    })?;
    let session = Session::start(Browser::Chromium)?;
    session.goto(&server.url("/"))?;
    if !json {
        println!("Chromium {}, medians of {ROUNDS} interleaved rounds", session.version());
    }
    for call in calls(name) {
        let script = format!("return await (await import('/bench.js')).{name}(...arguments);");
        let result = session
            .execute_async(&script, &call)
            .with_context(|| format!("the console: {:?}", session.console()))?;
        for line in lines(name, &result)? {
            if json {
                println!("{}", serde_json::to_string(&line)?);
            } else {
                println!("{name} {}: {:.2} × {}", line.case, line.ratio, line.peer);
            }
        }
        if !json {
            print_rates(&result);
        }
    }
    Ok(())
}

/// Arguments of the page's function, case by case.
fn calls(name: &str) -> Vec<Vec<Value>> {
    match name {
        "transmux" => [("1920x960", 1920, 4), ("3840x1920", 3840, 4)]
            .into_iter()
            .map(|(case, width, count)| {
                let url = |index| format!("/media/ts/{width}/{index:03}.ts");
                let urls: Vec<String> = (0..count).map(url).collect();
                vec![json!(case), json!(urls), json!(ROUNDS)]
            })
            .collect(),
        _ => [("10000 segments", 10_000), ("15 segments", 15)]
            .into_iter()
            .map(|(case, segments)| vec![json!(case), json!(segments), json!(ROUNDS)])
            .collect(),
    }
}

fn lines(name: &str, result: &Value) -> Result<Vec<Line>> {
    let millis = result["millis"].as_object().context("a bench without times")?;
    let ours = millis.get("ours").and_then(Value::as_f64).filter(|time| *time > 0.0);
    let ours = ours.context("a bench without our time")?;
    let case = result["case"].as_str().unwrap_or_default();
    let peers = millis.iter().filter(|(peer, _)| *peer != "ours");
    Ok(peers
        .filter_map(|(peer, time)| {
            Some(Line {
                bench: name.to_owned(),
                case: case.to_owned(),
                peer: peer.clone(),
                ratio: (time.as_f64()? / ours * 1000.0).round() / 1000.0,
            })
        })
        .collect())
}

fn print_rates(result: &Value) {
    let bytes = result["bytes"].as_f64().unwrap_or(0.0);
    for (who, time) in result["millis"].as_object().into_iter().flatten() {
        let millis = time.as_f64().unwrap_or(f64::NAN);
        println!("    {who:<8} {millis:>9.3} ms {:>8.0} MB/s", bytes / millis / 1000.0);
    }
}

/// The page, and the peers as the page wants them.
fn prepare(folder: &Path) -> Result<()> {
    tools::node_modules()?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("index.html"), PAGE)?;
    std::fs::write(folder.join("bench.js"), include_str!("bench.js"))?;
    let modules = shell::root().join("node_modules");
    std::fs::copy(modules.join("mux.js/dist/mux.js"), folder.join("mux.js"))?;
    let hls = std::fs::read_to_string(modules.join("hls.js/dist/hls.mjs"))?;
    std::fs::write(folder.join("hls.mjs"), export_more(&hls)?)?;
    Ok(())
}

fn export_more(hls: &str) -> Result<String> {
    let (before, after) = hls.rsplit_once("\nexport { ").context("hls.mjs exports nothing")?;
    Ok(format!("{before}\nexport {{ Transmuxer, TransmuxConfig, TransmuxState, {after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_one_is_better() {
        let result = json!({ "case": "c", "millis": { "ours": 2.0, "hls.js": 10.0 } });
        let lines = lines("transmux", &result).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].peer.as_str(), lines[0].ratio), ("hls.js", 5.0));
    }

    #[test]
    fn only_the_export_line_grows() {
        let patched = export_more("code\nexport { A, B as default };\n").unwrap();
        let wanted =
            "code\nexport { Transmuxer, TransmuxConfig, TransmuxState, A, B as default };\n";
        assert_eq!(patched, wanted);
        assert!(export_more("code").is_err());
    }
}
