//! The programs a verb leans on: found where they are, installed where they can be, and otherwise
//! a sentence with the command to run.

use crate::build::TARGET;
use crate::shell;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// How this machine builds for the web.
#[derive(Debug, Clone, Default)]
pub struct WasmTarget {
    /// Environment of the inner cargo.
    environment: Vec<(String, String)>,
}

impl WasmTarget {
    /// Makes a cargo command use it.
    pub fn configure(&self, cargo: &mut Command) {
        cargo.envs(self.environment.iter().map(|(name, value)| (name, value)));
    }
}

/// The wasm target: what is installed, else what rustup can add, else Debian's compiler.
pub fn wasm_target() -> Result<WasmTarget> {
    let sysroot = shell::read(shell::command("rustc").args(["--print", "sysroot"]))?;
    let library = PathBuf::from(sysroot).join("lib/rustlib").join(TARGET).join("lib");
    if library.is_dir() {
        return Ok(WasmTarget::default());
    }
    if shell::find("rustup").is_some() {
        shell::say(format!("adding the Rust target {TARGET} (rustup)"));
        if shell::run(shell::command("rustup").args(["target", "add", TARGET])).is_ok() {
            return Ok(WasmTarget::default());
        }
    }
    bail!("this Rust has no {TARGET}, and rustup cannot add it")
}

/// The version of wasm-bindgen this program links.
pub fn wasm_bindgen_version() -> String {
    wasm_bindgen_shared_version().unwrap_or_else(|| "unknown".to_owned())
}

fn wasm_bindgen_shared_version() -> Option<String> {
    let lock = std::fs::read_to_string(shell::root().join("Cargo.lock")).ok()?;
    let (_, rest) = lock.split_once("name = \"wasm-bindgen-cli-support\"\nversion = \"")?;
    rest.split('"').next().map(str::to_owned)
}

/// binaryen's wasm-opt, a JavaScript program of the npm development dependencies.
pub fn wasm_opt() -> Result<PathBuf> {
    node_modules()?;
    let path = shell::root().join("node_modules/binaryen/bin/wasm-opt");
    if !path.is_file() {
        bail!("package.json has no binaryen among its devDependencies");
    }
    Ok(path)
}

/// The npm development dependencies, installed when they are older than package.json.
pub fn node_modules() -> Result<()> {
    let root = shell::root();
    let stamp = root.join("node_modules/.package-lock.json");
    let wanted = shell::modified(&root.join("package-lock.json"))
        .max(shell::modified(&root.join("package.json")));
    if shell::modified(&stamp) >= wanted {
        return Ok(());
    }
    if shell::find("npm").is_none() {
        bail!("Node.js 20 or newer with npm is needed: https://nodejs.org/");
    }
    shell::say("installing the npm development dependencies");
    let verb = if root.join("package-lock.json").is_file() { "ci" } else { "install" };
    shell::run(shell::command("npm").args([verb, "--no-audit", "--no-fund", "--loglevel=error"]))
        .context("npm could not install the development dependencies")?;
    // npm leaves the stamp alone when nothing was to be done.
    std::fs::OpenOptions::new()
        .append(true)
        .open(&stamp)?
        .set_modified(wanted.max(std::time::SystemTime::now()))?;
    Ok(())
}

/// A program that must be there.
pub fn require(program: &str) -> Result<PathBuf> {
    shell::find(program).with_context(|| {
        format!("{program} is missing; `cargo xtask setup` installs it or says how")
    })
}

/// Firefox's driver, which Debian does not package: on the path, or built once into
/// `target/tools`.
pub fn geckodriver() -> Result<PathBuf> {
    if let Some(path) = shell::find("geckodriver") {
        return Ok(path);
    }
    let root = shell::target().join("tools");
    let own = root.join("bin/geckodriver");
    if !own.is_file() {
        shell::say("building geckodriver from the Rust registry, once; a minute or two");
        // Without optimisation: it waits for Firefox all the time anyway.
        shell::run(shell::cargo().args(["install", "geckodriver", "--debug", "--root"]).arg(&root))
            .context("geckodriver could not be built; install it from your package manager")?;
    }
    Ok(own)
}

/// Whether system packages can be installed without asking anyone.
pub fn is_root_without_password() -> bool {
    nix::unistd::Uid::effective().is_root()
        || shell::find("sudo").is_some()
            && shell::command("sudo")
                .args(["-n", "true"])
                .output()
                .is_ok_and(|it| it.status.success())
}

/// Installs Debian packages, saying which.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    shell::say(format!("apt-get install {}", packages.join(" ")));
    let apt = || {
        if nix::unistd::Uid::effective().is_root() {
            let mut apt = shell::command("apt-get");
            apt.env("DEBIAN_FRONTEND", "noninteractive");
            return apt;
        }
        let mut sudo = shell::command("sudo");
        sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    shell::run(apt().args(["-q", "update"]))?;
    let packages = packages.iter().flat_map(|names| names.split(' '));
    shell::run(apt().args(["-q", "install", "-y", "--no-install-recommends"]).args(packages))
}

/// WebKitGTK's small browser, which lies beside its library.
pub fn mini_browser() -> Option<PathBuf> {
    let mut folders = vec![PathBuf::from("/usr/libexec"), PathBuf::from("/usr/lib")];
    if let Ok(entries) = std::fs::read_dir("/usr/lib") {
        folders.extend(entries.flatten().map(|entry| entry.path()));
    }
    let versions = ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"];
    folders
        .iter()
        .flat_map(|folder| versions.map(|version| folder.join(version).join("MiniBrowser")))
        .find(|path| path.is_file())
}
