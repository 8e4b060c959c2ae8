//! `cargo xtask size`: what every module, and a flat page, makes a visitor download.
//!
//! In: the files as built. Out: raw, gzip -9 and brotli 11 bytes, each file compressed by itself as
//! a server does, against the budgets of `wasm-pack.toml`; what is over its budget is an error.

use crate::modules;
use anyhow::{Context, Result, bail};
use machine::shell;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Bytes of some files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// As they lie there.
    pub raw: u64,
    /// gzip -9.
    pub gzip: u64,
    /// Brotli 11.
    pub brotli: u64,
}

/// One line of the report.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// A wasm module with its JavaScript, or a page: `flat_page` with a stream of fMP4,
    /// [`TRANSMUXING_PAGE`], [`CAPTIONED_PAGE`].
    pub module: String,
    /// Its bytes.
    #[serde(flatten)]
    pub size: Size,
    /// What it may take, if it is held to anything.
    pub budget_brotli: Option<u64>,
}

/// Most bytes, gzip, that a page without a headset downloads, JavaScript included, what it loads only
/// when needed too. Built as one script and one worker it takes 199 KB: the engine's wasm 110, the
/// larger view 45.9 (WebGL2's 36.0), the page's script and the worker's 30, the bar, stills and the hint 9,
/// diagnostics, Media Session and a look at unknown sources, which few pages load, 2.5. To 201.8 with requests that
/// the page is asked about (1.2, loaded by those that have such a function; 0.8 in the scripts and the engine), and with
/// scripts in modules of one job each (0.5). To 202.7 with picture-in-picture, which is loaded when asked for. To 222.0 with keys, audio tracks,
/// subtitle renditions and early playlists: 16 of it in the engine. To 219.4 by what wasm-opt is told, and without
/// boxes that the engine read in passing. To 221.5 with a storyboard over the seek bar (1.1, of which 0.9 is loaded
/// where a page has one), and with where the worker turns to DASH and to modules of text. Without that 0.9, which became
/// 8.9 of pictures for the seek bar that only pages load whose viewers see some (`LOADED_FOR_FEW`), and with
/// `getThumbnail`. To 222.0 with `cmcd` as a property and an attribute (0.3). To 223.3 with pathways that a server
/// chooses (1.3, in the engine). To 228.6 with several codecs, session data and encrypted text in the engine (3.3), and
/// in the scripts with a look at what says how the picture lies on the sphere (1.2), a button for picture-in-picture
/// (0.6), and properties and events of all these.
const FLAT_PAGE_BUDGET_GZIP: u64 = 228_800;
/// The same where the stream is transmuxed: 44.6 KB more.
const FLAT_PAGE_TS_BUDGET_GZIP: u64 = 273_500;

/// The same with fMP4 and captions that somebody wants: the module `captions` and its scripts.
const CAPTIONED_PAGE_BUDGET_GZIP: u64 = 258_100;

/// The line of a page whose stream is transmuxed.
const TRANSMUXING_PAGE: &str = "flat_page_ts";
/// The line of a page that shows captions.
const CAPTIONED_PAGE: &str = "flat_page_captions";
/// How the files begin that few pages load: those with a DASH manifest, with pictures for the seek bar, that report
/// to servers or are steered by one, whose streams say how their picture lies on the sphere or come in several codecs,
/// and that read session data.
const LOADED_FOR_FEW: [&str; 10] = [
    "dash_",
    "decoding",
    "session_data",
    "key_frames",
    "preview",
    "stream_pictures",
    "thumbnails",
    "cmcd",
    "steering",
    "spherical_",
];
/// How the files begin that only a page with captions loads.
const OF_CAPTIONS: [&str; 3] = ["caption", "text_tracks", "tracks_worker"];
/// And those that a page with such captions does not load: they are for subtitles and metadata.
const OF_OTHER_TEXT: [&str; 3] = ["metadata", "webvtt_", "imsc_"];

/// Node's zlib compresses: it is there anyway, and fast.
const COMPRESS: &str = "
import { readFileSync } from 'node:fs';
import { gzipSync, brotliCompressSync, constants as c } from 'node:zlib';
const total = { raw: 0, gzip: 0, brotli: 0 };
for (const file of process.argv.slice(1)) {
  const data = readFileSync(file);
  total.raw += data.length;
  total.gzip += gzipSync(data, { level: 9 }).length;
  total.brotli += brotliCompressSync(data, { params: {
    [c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_SIZE_HINT]: data.length } }).length;
}
console.log(JSON.stringify(total));";

/// Measures the modules that ship and the flat page.
pub fn measure() -> Result<Vec<Line>> {
    let modules = modules::chosen(&[])?;
    let mut lines = Vec::new();
    for module in &modules {
        let size = size_of(&[module.js_path(), module.wasm_path()])?;
        lines.push(Line { module: module.name.clone(), size, budget_brotli: module.budget_brotli });
    }
    // A page loads one painter; the larger one is counted.
    let views = lines.iter().filter(|line| line.module.starts_with("view_"));
    let larger = views.max_by_key(|line| line.size.gzip).map(|line| line.module.clone());
    let is_left_out = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("view_") && larger.as_ref().is_some_and(|it| !name.starts_with(it))
    };
    // As the package ships them; a page's script names all the others.
    let dist = shell::root().join("dist");
    let mut files = reachable(&[dist.join("element.js")])?;
    files.retain(|file| !is_left_out(file));
    for name in ["flat_page", TRANSMUXING_PAGE, CAPTIONED_PAGE] {
        let is_loaded = |file: &&PathBuf| {
            let is_of_transmuxer = file.ends_with("transmux_bg.wasm");
            (name == TRANSMUXING_PAGE || !is_of_transmuxer)
                && (name == CAPTIONED_PAGE || !begins_as(file, &OF_CAPTIONS))
                && !begins_as(file, &OF_OTHER_TEXT)
                && !begins_as(file, &LOADED_FOR_FEW)
        };
        let files: Vec<PathBuf> = files.iter().filter(is_loaded).cloned().collect();
        lines.push(Line { module: name.to_owned(), size: size_of(&files)?, budget_brotli: None });
    }
    Ok(lines)
}

/// Whether its name begins with one of these.
fn begins_as(file: &Path, begins: &[&str]) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_prefix("page-").unwrap_or(&name);
    begins.iter().any(|begin| name.starts_with(begin))
}

fn size_of(files: &[PathBuf]) -> Result<Size> {
    if let Some(missing) = files.iter().find(|file| !file.is_file()) {
        bail!("{} is not built: cargo xtask build", missing.display());
    }
    let mut node = shell::command("node");
    serde_json::from_str(&shell::read(
        node.args(["--input-type=module", "--eval", COMPRESS, "--"]).args(files),
    )?)
    .context("node said no sizes")
}

/// A file and all it names by relative path: imports, lazy imports and `new URL('x', …)`.
fn reachable(entries: &[PathBuf]) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut waiting = entries.to_vec();
    while let Some(file) = waiting.pop() {
        if !found.insert(file.clone()) || file.extension().is_none_or(|it| it != "js") {
            continue;
        }
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        waiting.extend(
            named(&text).map(|name| normal(&folder.join(name))).filter(|path| path.is_file()),
        );
    }
    Ok(found)
}

/// Quoted names that end like a module; what is only spoken of is no file and drops out later.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with('*') && !line.starts_with("//") && !line.starts_with("/*")
    });
    code.flat_map(|line| line.split(['\'', '"', '`'])).filter(|part| {
        (part.ends_with(".js") || part.ends_with(".wasm")) && !part.contains([' ', '$'])
    })
}

/// Without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    use std::path::Component;
    path.components().fold(PathBuf::new(), |mut normal, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
        normal
    })
}

/// Prints the lines; an error names what is too large.
pub fn report(json: bool) -> Result<()> {
    let lines = measure()?;
    if !json {
        println!("{:<18} {:>9} {:>9} {:>9} {:>9}", "module", "raw", "gzip", "brotli", "budget");
    }
    for line in &lines {
        if json {
            println!("{}", serde_json::to_string(line)?);
        } else {
            let budget = line.budget_brotli.map_or(String::new(), |budget| budget.to_string());
            let Size { raw, gzip, brotli } = line.size;
            println!("{:<18} {raw:>9} {gzip:>9} {brotli:>9} {budget:>9}", line.module);
        }
    }
    check(&lines)
}

fn check(lines: &[Line]) -> Result<()> {
    let over = |line: &&Line| match line.budget_brotli {
        Some(budget) => line.size.brotli > budget,
        None if line.module == TRANSMUXING_PAGE => line.size.gzip > FLAT_PAGE_TS_BUDGET_GZIP,
        None if line.module == CAPTIONED_PAGE => line.size.gzip > CAPTIONED_PAGE_BUDGET_GZIP,
        None => line.size.gzip > FLAT_PAGE_BUDGET_GZIP,
    };
    let over: Vec<_> = lines.iter().filter(over).map(|line| line.module.as_str()).collect();
    if !over.is_empty() {
        bail!("over their size budget: {}", over.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_every_kind_are_named() {
        let text = "// './not.js'\n * import './nor.js'\nimport { a } from './a.js';\n\
                    const b = await import(\"../b.js\");\nnew URL('wasm/c_bg.wasm', import.meta.url)";
        let names: Vec<&str> = named(text).collect();
        assert_eq!(names, ["./a.js", "../b.js", "wasm/c_bg.wasm"]);
        assert_eq!(normal(Path::new("/w/x/../wasm/./c")), Path::new("/w/wasm/c"));
    }

    #[test]
    fn budgets_are_kept() {
        let page = Line {
            module: TRANSMUXING_PAGE.to_owned(),
            size: Size { raw: 1, gzip: FLAT_PAGE_BUDGET_GZIP + 1, brotli: 1 },
            budget_brotli: None,
        };
        assert!(check(&[page]).is_ok(), "a page that transmuxes may take more");
        let line = |brotli, budget_brotli| Line {
            module: "m".to_owned(),
            size: Size { raw: 1, gzip: FLAT_PAGE_BUDGET_GZIP + 1, brotli },
            budget_brotli,
        };
        assert!(check(&[line(10, Some(10))]).is_ok());
        assert!(check(&[line(11, Some(10))]).is_err());
        assert!(check(&[line(1, None)]).is_err(), "the flat page is held to gzip");
    }
}
