//! `cargo xtask lint`: format, clippy natively and for every wasm module, the crates' documents, the
//! published types and those of the JavaScript, and the licences of what we depend on where
//! cargo-deny is installed.

use crate::{modules, shell, tools, wasm_target};
use anyhow::{Context, Result};

/// What ships as JavaScript, by folder.
const SCRIPTS: [&str; 3] = ["www", "www/controls", "www/demo"];

/// Everything; the first that fails ends it.
pub fn lint() -> Result<()> {
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))
        .context("the code is not formatted: cargo fmt --all")?;
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
            .args(["--quiet", "--package", "videosphere", "--lib"])
            .args(["--no-default-features", "--features", &module.features.join(",")])
            // Beside the build's, whose flags differ.
            .arg("--target-dir")
            .arg(shell::target().join("lint"))
            .args(["--", "-D", "warnings"]);
        shell::run(&mut cargo).with_context(|| format!("the module {}", module.name))?;
    }
    documents()?;
    types()?;
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

/// What docs.rs will show of the crates: no link that leads nowhere.
fn documents() -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.args(["doc", "--quiet", "--no-deps", "--all-features", "--package", "videosphere-*"]);
    shell::run(cargo.env("RUSTDOCFLAGS", "-Dwarnings")).context("the crates' documents")
}

/// The published types, and the JavaScript by its own (`// @ts-check`).
fn types() -> Result<()> {
    tools::node_modules()?;
    let tsc = || {
        let mut tsc = shell::command(shell::root().join("node_modules/.bin/tsc"));
        tsc.args(["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"]);
        tsc.args(["--lib", "es2022,dom,dom.iterable", "--types", ""]);
        tsc
    };
    // A .d.ts is checked like any other file: what it publishes must be right.
    shell::run(tsc().args(["www/index.d.ts", "www/element.d.ts"]))
        .context("the published types do not hold")?;
    let mut scripts = Vec::new();
    for folder in SCRIPTS {
        let entries = std::fs::read_dir(shell::root().join(folder))?.flatten();
        scripts.extend(
            entries
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|it| it == "js")),
        );
    }
    // The types of the wasm modules, where they are built, are wasm-bindgen's affair.
    shell::run(tsc().args(["--allowJs", "--checkJs", "--skipLibCheck"]).args(scripts))
        .context("the JavaScript's types do not hold")
}
