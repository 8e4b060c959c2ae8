//! `cargo xtask msrv`: the oldest Rust that `Cargo.toml` names compiles what is published.
//!
//! In: `rust-version`, rustup. Out: an error where it does not; the toolchain is installed where it is
//! missing, with nothing but what compiles. Natively and, since the web half is compiled nowhere
//! else, each module for wasm. What only tests and verbs use may want a newer one.

use crate::modules;
use anyhow::{Result, bail};
use machine::shell;
use machine::wasm_target::TARGET;
use std::process::Command;

/// Of every package here.
const VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

/// Checks natively and for wasm.
pub fn msrv() -> Result<()> {
    if shell::find("rustup").is_none() {
        bail!("rustup is what finds Rust {VERSION} beside the one in use: https://rustup.rs");
    }
    let mut install = shell::command("rustup");
    install.args(["toolchain", "install", VERSION, "--profile", "minimal", "--target", TARGET]);
    shell::run(install.arg("--no-self-update"))?;
    shell::say(format!("Rust {VERSION}: natively"));
    shell::run(cargo_check().args(["--package", "videosphere", "--package", "videosphere-*"]))?;
    for module in modules::chosen(&[])? {
        shell::say(format!("Rust {VERSION}: the module {}", module.name));
        let features = module.features.join(",");
        let mut check = cargo_check();
        check.args(["--package", "videosphere", "--target", TARGET]);
        shell::run(check.args(["--no-default-features", "--features", &features]))?;
    }
    Ok(())
}

/// That Rust's `cargo check`; the one in use named itself in the environment.
fn cargo_check() -> Command {
    let mut cargo = shell::cargo_at("rustup");
    cargo.args(["run", VERSION, "cargo", "check", "--quiet", "--locked", "--target-dir"]);
    cargo.arg(shell::target().join("msrv")).env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    cargo
}
