//! How this machine compiles for the web.
//!
//! In this order: the Rust in use, when it has the target; the target by rustup; Debian's compiler
//! for browsers (`rustc-web`, which is recent on old releases too) beside the Rust in use. Debian
//! packages no standard library for this target, but its source, so there each module is built
//! together with it (`-Zbuild-std`), which costs a minute or two per module, once. Nothing of the
//! Rust in use is changed, nothing is written below `/usr` but by apt-get.

use crate::packages::{self, Manager};
use crate::shell;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The only target of the library besides the native one.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// A compiler for the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WasmTarget {
    /// The Rust in use has the target.
    Own,
    /// Debian's compiler, and the linker that goes with it.
    Debian {
        /// LLVM's `wasm-ld`.
        linker: PathBuf,
    },
}

impl WasmTarget {
    /// `cargo VERB` for this target; what follows are its arguments.
    pub fn cargo(&self, verb: &str) -> Command {
        match self {
            Self::Own => {
                let mut cargo = shell::cargo();
                cargo.args([verb, "--target", TARGET]);
                cargo
            }
            Self::Debian { linker } => {
                let mut cargo = shell::cargo_at(DEBIAN_CARGO);
                cargo
                    .args([verb, "-Zbuild-std=std,panic_abort", "--target", TARGET])
                    .env("RUSTC", DEBIAN_RUSTC)
                    // What -Z needs of a stable compiler.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    // The Rust that runs us names its own libraries there.
                    .env_remove("LD_LIBRARY_PATH");
                cargo
            }
        }
    }

    /// The compiler itself.
    pub fn rustc(&self) -> &'static str {
        match self {
            Self::Own => "rustc",
            Self::Debian { .. } => DEBIAN_RUSTC,
        }
    }

    /// Whether `cargo clippy` works for it: Debian's has none that fits.
    pub fn has_clippy(&self) -> bool {
        *self == Self::Own
    }

    /// For the table of `cargo xtask setup`.
    pub fn describe(&self) -> String {
        match self {
            Self::Own => "in the Rust in use".to_owned(),
            Self::Debian { linker } => format!("{DEBIAN_RUSTC} with {}", linker.display()),
        }
    }
}

/// What is there already, without installing anything.
pub fn present() -> Option<WasmTarget> {
    if own_has_it() {
        return Some(WasmTarget::Own);
    }
    // Only after rustup has failed once: its compiler is the one people expect.
    remembered().is_file().then(debian)?
}

/// What is there, else what can be installed; every installation is announced.
pub fn wasm_target() -> Result<WasmTarget> {
    if let Some(target) = present() {
        return Ok(target);
    }
    let why = if shell::find("rustup").is_none() {
        format!("this Rust has no {TARGET}, and there is no rustup to add it")
    } else {
        shell::say(format!("adding the Rust target {TARGET} (rustup)"));
        let added = shell::run(shell::command("rustup").args(["target", "add", TARGET]));
        if added.is_ok() && own_has_it() {
            return Ok(WasmTarget::Own);
        }
        format!("this Rust has no {TARGET}, and rustup could not add it")
    };
    shell::say(&why);
    let target = debian_installed(&why)?;
    shell::say(
        "the web modules are built by Debian's compiler, together with the standard library: a \
         minute or two more for each, the first time",
    );
    if let Some(folder) = remembered().parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(remembered(), "")?;
    Ok(target)
}

/// What a person would have to run when it is missing.
pub fn advice() -> String {
    let rustup = format!("rustup target add {TARGET}");
    match Manager::of_this_system() {
        _ if shell::find("rustup").is_some() => rustup,
        Some(Manager::Apt) if packages::apt_candidate(DEBIAN_PACKAGES[0]).is_some() => {
            Manager::Apt.command(&debian_packages(&newest_lld()))
        }
        Some(Manager::Dnf) => {
            Manager::Dnf.command(&["rust-std-static-wasm32-unknown-unknown", "lld"])
        }
        Some(Manager::Pacman) => Manager::Pacman.command(&["rust-wasm", "lld"]),
        _ => format!("{rustup}, with the Rust of https://rustup.rs"),
    }
}

fn own_has_it() -> bool {
    let sysroot = shell::read(shell::command("rustc").args(["--print", "sysroot"]));
    sysroot.is_ok_and(|sysroot| {
        PathBuf::from(sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir()
    })
}

/// There once rustup has failed to add the target, so that it is not asked at every build.
fn remembered() -> PathBuf {
    shell::target().join("wasm/debian-compiler")
}

/// Debian's compiler, when all of it is there and it is recent enough.
fn debian() -> Option<WasmTarget> {
    if !Path::new(DEBIAN_STD).is_file() || !Path::new(DEBIAN_CARGO).is_file() {
        return None;
    }
    let version = shell::read(shell::command(DEBIAN_RUSTC).arg("-V").env_remove("LD_LIBRARY_PATH"));
    let version = version.ok()?;
    if !is_recent_enough(version.strip_prefix("rustc ")?) {
        return None;
    }
    let programs = std::fs::read_dir("/usr/bin").ok()?.flatten();
    let programs: Vec<_> = programs.filter_map(|it| it.file_name().into_string().ok()).collect();
    let newest = packages::newest(programs.iter().map(String::as_str), "wasm-ld-")?;
    Some(WasmTarget::Debian { linker: PathBuf::from(format!("/usr/bin/wasm-ld-{newest}")) })
}

fn is_recent_enough(version: &str) -> bool {
    let needed = packages::major_minor(concat!(env!("CARGO_PKG_RUST_VERSION"), ".0"));
    packages::major_minor(version) >= needed
}

fn newest_lld() -> String {
    packages::apt_newest("lld-").map_or_else(|| "lld".to_owned(), |newest| format!("lld-{newest}"))
}

fn debian_packages(lld: &str) -> Vec<&str> {
    DEBIAN_PACKAGES.into_iter().chain([lld]).collect()
}

/// Debian's compiler, installed if need be.
fn debian_installed(why: &str) -> Result<WasmTarget> {
    if let Some(target) = debian() {
        return Ok(target);
    }
    let unasked = Manager::of_this_system().is_some_and(Manager::installs_unasked);
    let mut candidate = packages::apt_candidate(DEBIAN_PACKAGES[0]);
    if candidate.is_none() && unasked {
        packages::apt_update()?;
        candidate = packages::apt_candidate(DEBIAN_PACKAGES[0]);
    }
    if !candidate.is_some_and(|version| is_recent_enough(&version)) {
        bail!("{why}. This would add it:\n  {}", advice());
    }
    let lld = newest_lld();
    let packages = debian_packages(&lld);
    if !unasked {
        bail!(
            "{why}. Run one of these:\n  rustup target add {TARGET}\n  {}",
            Manager::Apt.command(&packages)
        );
    }
    shell::say("Debian's compiler for browsers can do it: about 800 MB, beside the Rust in use");
    packages::apt_update()?;
    packages::apt_install(&packages)?;
    debian().with_context(|| {
        format!("apt-get installed {}, yet there is no whole compiler", packages.join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_compiler_brings_its_standard_library_along() {
        let linker = PathBuf::from("/usr/bin/wasm-ld-22");
        let cargo = WasmTarget::Debian { linker }.cargo("rustc");
        let text = shell::describe(&cargo);
        assert_eq!(
            text,
            format!("/usr/bin/cargo rustc -Zbuild-std=std,panic_abort --target {TARGET}")
        );
        let named = |name: &str| cargo.get_envs().find(|(key, _)| *key == name).map(|it| it.1);
        assert_eq!(named("RUSTC"), Some(Some(DEBIAN_RUSTC.as_ref())));
        assert_eq!(named("LD_LIBRARY_PATH"), Some(None));
    }

    #[test]
    fn old_compilers_are_refused() {
        assert!(is_recent_enough("1.96.0+dfsg1-1~deb12u2"));
        assert!(is_recent_enough("1.88.0 (6b00bc388 2025-06-23)"));
        assert!(!is_recent_enough("1.85.0+dfsg3-1~deb12u3"));
        assert!(!is_recent_enough("nonsense"));
    }
}
