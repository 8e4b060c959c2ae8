//! `cargo xtask docs`: the documents as a site, in `target/docs`.
//!
//! In: `docs/`, the types of `www/`, and `dist/` as built. Out: the site's folder; a link that leads nowhere
//! is an error (`xtask/docs.mjs`, VitePress).

use anyhow::{Context, Result};
use machine::{shell, tools};
use std::path::PathBuf;

/// Builds it.
pub fn docs() -> Result<PathBuf> {
    tools::node_modules()?;
    let script = shell::root().join("xtask/docs.mjs");
    shell::capture(shell::command("node").arg(script)).context("the site was not made")?;
    Ok(shell::target().join("docs"))
}
