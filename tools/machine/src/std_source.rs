//! The standard library as source, so that a module is built with one made small for it.
//!
//! In: the compiler for the web. Out: what its cargo is to be told; nothing, and a sentence on what
//! that costs, where the source cannot be had or the compiler does not know the flags. A module
//! without it is larger and otherwise the same.

use crate::shell;
use crate::wasm_target::WasmTarget;
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// Compiler flags for every crate of a module, the standard library included.
///
/// A panic becomes a bare wasm trap, which `www/worker.js` tells the page of. The words and numbers
/// of panics would keep `core::fmt` alive.
const FLAGS: [&str; 4] =
    ["-Zlocation-detail=none", "-Zfmt-debug=none", "-Zunstable-options", "-Cpanic=immediate-abort"];

/// The source of the standard library is there, and the compiler knows [`FLAGS`].
#[derive(Debug, Clone, Copy)]
pub struct StdSource {
    /// Not where the compiler has no other way to a standard library and asks for it anyway.
    is_to_be_asked_for: bool,
}

impl StdSource {
    /// Makes a `cargo rustc` build the standard library too.
    pub fn configure(self, cargo: &mut Command) {
        // Stable compilers know the -Z options, and take them under this name.
        cargo.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std-features=optimize_for_size");
        if self.is_to_be_asked_for {
            cargo.arg("-Zbuild-std=std,panic_abort");
        }
    }

    /// Compiler flags for every crate of the module.
    pub fn rust_flags(self) -> impl Iterator<Item = String> {
        FLAGS.into_iter().map(str::to_owned)
    }
}

/// The source: what is there, else what rustup can add, which is announced.
///
/// # Errors
/// There is no compiler at all.
pub fn std_source(target: &WasmTarget) -> Result<Option<StdSource>> {
    let dearer = "; the modules will be about 15 % larger";
    let rustc = target.rustc();
    let probe = shell::command(rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .args(FLAGS)
        .args(["--print", "sysroot"])
        .output()?;
    if !probe.status.success() {
        shell::say(format!("{rustc} cannot build a small standard library{dearer}"));
        return Ok(None);
    }
    let is_to_be_asked_for = *target == WasmTarget::Own;
    let found = Some(StdSource { is_to_be_asked_for });
    let sysroot = PathBuf::from(String::from_utf8_lossy(&probe.stdout).trim_end());
    let is_there = || sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file();
    if !is_to_be_asked_for || is_there() {
        return Ok(found);
    }
    if shell::find("rustup").is_some() {
        shell::say("adding the source of the standard library (rustup component add rust-src)");
        let added = shell::run(shell::command("rustup").args(["component", "add", "rust-src"]));
        if added.is_ok() && is_there() {
            return Ok(found);
        }
    }
    shell::say(format!("this Rust has no rust-src, and rustup cannot add it{dearer}"));
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(is_to_be_asked_for: bool) -> Vec<String> {
        let mut cargo = Command::new("cargo");
        StdSource { is_to_be_asked_for }.configure(&mut cargo);
        cargo.get_args().map(|it| it.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_library_is_asked_for_once() {
        let asks = |arguments: &[String]| {
            arguments.iter().filter(|it| it.starts_with("-Zbuild-std=")).count()
        };
        assert_eq!(asks(&arguments(true)), 1);
        assert_eq!(asks(&arguments(false)), 0);
    }
}
