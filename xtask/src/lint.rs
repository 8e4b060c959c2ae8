//! `cargo xtask lint`: format, the JavaScript's rules and types, the report of what is public,
//! clippy natively and for every wasm module, the crates' documents, and the licences of what we
//! depend on where cargo-deny is installed.

use crate::modules;
use anyhow::{Context, Result};
use machine::{shell, tools, wasm_target};

/// Everything; the first that fails ends it.
pub fn lint() -> Result<()> {
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))
        .context("the code is not formatted: cargo fmt --all")?;
    // Before clippy: they take seconds.
    scripts()?;
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

/// The JavaScript's format and rules (`biome.json`), its types with the published ones
/// (`tsconfig.json`), and the report of what is public.
fn scripts() -> Result<()> {
    tools::node_modules()?;
    let program = |name: &str| shell::command(shell::root().join("node_modules/.bin").join(name));
    shell::run(program("biome").args(["check", "--error-on-warnings"]))
        .context("the JavaScript is not formatted or breaks a rule: npm run format")?;
    shell::run(&mut program("tsc")).context("the types of the JavaScript do not hold")?;
    shell::run(shell::command("node").arg("xtask/public_types.mjs"))
        .context("docs/public-types.txt is not what www/*.d.ts say")
}
