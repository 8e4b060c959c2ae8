//! `cargo xtask lint`: format, the JavaScript's rules and types, the report of what is public, the
//! links and the spelling of the documents, clippy natively and for every wasm module, the Rust
//! documentation, and the licences of what we depend on where cargo-deny is installed.

use crate::modules;
use anyhow::{Context, Result};
use machine::{shell, tools, wasm_target};
use std::process::Command;

/// Everything; the first that fails ends it.
pub fn lint() -> Result<()> {
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))
        .context("the code is not formatted: cargo fmt --all")?;
    // Before clippy: they take seconds.
    scripts()?;
    documents()?;
    let clippy = |arguments: &[&str]| {
        let mut cargo = shell::cargo();
        cargo.args(["clippy", "--quiet"]).args(arguments).args(["--", "-D", "warnings"]);
        shell::run(&mut cargo)
    };
    clippy(&["--workspace", "--all-targets"])?;
    clippy(&["--package", "videosphere-sphere", "--all-targets", "--all-features"])?;
    let target = wasm_target::wasm_target()?;
    let modules = if target.has_clippy() { modules::all()? } else { Vec::new() };
    if modules.is_empty() {
        shell::say("the compiler for the web has no clippy here: only native code is linted");
    }
    for module in modules {
        let mut cargo = target.cargo("clippy");
        cargo
            .args(["--quiet", "--package", &module.package, "--lib"])
            .args(["--no-default-features", "--features", &module.features.join(",")])
            // Beside the build's, whose flags differ.
            .arg("--target-dir")
            .arg(shell::target().join("lint"))
            .args(["--", "-D", "warnings"]);
        shell::run(&mut cargo).with_context(|| format!("the module {}", module.name))?;
    }
    rustdoc()?;
    if shell::find("cargo-deny").is_some() {
        shell::run(shell::cargo().args([
            "deny",
            "--offline",
            "check",
            "bans",
            "licenses",
            "sources",
        ]))?;
    }
    Ok(())
}

/// What docs.rs will show: no link that leads nowhere, or to what is private; and the report of what
/// the crates offer, which is read off it.
fn rustdoc() -> Result<()> {
    // The crates with all they have; the root as it is natively: what it draws is of its web half.
    for which in
        [&["--all-features", "--package", "videosphere-*"][..], &["--package", "videosphere"]]
    {
        let mut cargo = shell::cargo();
        cargo.args(["doc", "--quiet", "--no-deps"]).args(which);
        shell::run(cargo.env("RUSTDOCFLAGS", "-Dwarnings")).context("the Rust documentation")?;
    }
    let mut report = shell::command("node");
    report.arg("xtask/public_api.mjs");
    report.arg(format!("--doc={}", shell::target().join("doc").display()));
    shell::run(&mut report).context("docs/public-api.txt is not what the crates offer")
}

/// The documents' links, without the network (`.markdownlint-cli2.jsonc`), and their spelling
/// (`cspell.json`; words of ours: `docs/words.txt`).
fn documents() -> Result<()> {
    shell::run(&mut node_program("markdownlint-cli2")).context("a link that leads nowhere")?;
    let mut spelling = node_program("cspell");
    shell::run(spelling.args(["lint", "--no-progress", "--no-summary"]))
        .context("a word is misspelt, or missing in docs/words.txt")
}

/// A program of the npm development dependencies.
fn node_program(name: &str) -> Command {
    shell::command(shell::root().join("node_modules/.bin").join(name))
}

/// The JavaScript's format and rules (`biome.json`), its types with the published ones
/// (`tsconfig.json`), the report of what is public, and whose code ships.
fn scripts() -> Result<()> {
    tools::node_modules()?;
    shell::run(node_program("biome").args(["check", "--error-on-warnings"]))
        .context("the JavaScript is not formatted or breaks a rule: npm run format")?;
    shell::run(&mut node_program("tsc")).context("the types of the JavaScript do not hold")?;
    shell::run(shell::command("node").arg("xtask/public_types.mjs"))
        .context("docs/public-types.txt is not what www/*.d.ts say")?;
    shell::run(shell::command("node").arg("xtask/third_party.mjs"))
        .context("THIRD-PARTY.txt is not what the modules hold")
}
