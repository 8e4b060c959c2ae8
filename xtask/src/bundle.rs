//! `dist/`, what the npm package ships: made of `www/` and the wasm modules by `xtask/bundle.mjs`.
//!
//! In: the files of `www/`, all modules built. Out: whether `dist/` was made anew; it is left alone
//! while it is newer than what it is made of.

use anyhow::{Context, Result};
use machine::{shell, tools};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Folders below `www/` whose files go into `dist/`.
const FOLDERS: [&str; 4] = ["", "compat", "controls", "wasm"];

/// Makes `dist/`, if need be.
pub fn bundle() -> Result<bool> {
    let root = shell::root();
    tools::node_modules()?;
    let script = root.join("xtask/bundle.mjs");
    let others = ["xtask/element_data.mjs", "package-lock.json"].map(|name| root.join(name));
    let mut sources = vec![script.clone()];
    sources.extend(others);
    for folder in FOLDERS {
        sources.extend(files(&root.join("www").join(folder))?);
    }
    // A file that was taken away leaves its folder changed.
    sources.extend(FOLDERS.map(|folder| root.join("www").join(folder)));
    let newest = sources.iter().map(|file| shell::modified(file)).max();
    if newest < oldest(&root.join("dist"))? {
        return Ok(false);
    }
    shell::say("bundling dist");
    shell::run(shell::command("node").arg(&script)).context("dist was not made")?;
    Ok(true)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("{} is not there: cargo xtask build", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect())
}

/// When the first of its files was written; `None` where there is none.
fn oldest(dist: &Path) -> Result<Option<SystemTime>> {
    if !dist.is_dir() {
        return Ok(None);
    }
    Ok(files(dist)?.iter().map(|file| shell::modified(file)).min())
}
