//! The programs a verb leans on: found where they are, installed where they can be, and otherwise
//! a sentence with the command to run.

use crate::{packages, shell};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::SystemTime;

/// The oldest Node.js that the development dependencies run on.
pub const OLDEST_NODE: u32 = 20;

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

/// What npm writes last, and the time it must not be older than.
fn node_modules_stamp() -> (PathBuf, SystemTime) {
    let root = shell::root();
    let manifests = ["package-lock.json", "package.json"];
    let wanted = manifests.map(|name| shell::modified(&root.join(name)));
    (root.join("node_modules/.package-lock.json"), wanted[0].max(wanted[1]))
}

/// Whether the npm development dependencies are those of package.json.
pub fn has_node_modules() -> bool {
    let (stamp, wanted) = node_modules_stamp();
    shell::modified(&stamp) >= wanted
}

/// The npm development dependencies, installed when they are older than package.json.
pub fn node_modules() -> Result<()> {
    if has_node_modules() {
        return Ok(());
    }
    let root = shell::root();
    let (stamp, wanted) = node_modules_stamp();
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
        .set_modified(wanted.max(SystemTime::now()))?;
    Ok(())
}

/// A program that must be there.
pub fn require(program: &str) -> Result<PathBuf> {
    shell::find(program).with_context(|| {
        format!("{program} is missing; `cargo xtask setup` installs it or says how")
    })
}

/// Firefox's driver, which Debian does not package, where it is already.
pub fn present_geckodriver() -> Option<PathBuf> {
    let own = geckodriver_root().join("bin/geckodriver");
    shell::find("geckodriver").or_else(|| Some(own).filter(|path| path.is_file()))
}

fn geckodriver_root() -> PathBuf {
    shell::target().join("tools")
}

/// Firefox's driver: on the path, or built once into `target/tools`.
pub fn geckodriver() -> Result<PathBuf> {
    if let Some(path) = present_geckodriver() {
        return Ok(path);
    }
    shell::say("building geckodriver from the Rust registry, once; a minute or two");
    let mut cargo = shell::cargo();
    // Without optimisation: it waits for Firefox all the time anyway.
    cargo.args(["install", "geckodriver", "--locked", "--debug", "--root"]).arg(geckodriver_root());
    shell::run(&mut cargo)
        .context("geckodriver could not be built; install it from your package manager")?;
    present_geckodriver().context("cargo installed geckodriver, yet it is not there")
}

/// Node.js, when it is recent enough.
pub fn node() -> Option<PathBuf> {
    let path = shell::find("node")?;
    let version = shell::read(shell::command(&path).arg("--version")).ok()?;
    packages::major_minor(&version).filter(|(major, _)| *major >= OLDEST_NODE).map(|_| path)
}

/// A Python that can make virtual environments; Debian packages that part by itself.
pub fn python() -> Option<PathBuf> {
    let path = shell::find("python3")?;
    let output = shell::command(&path).args(["-c", "import ensurepip, venv"]).output().ok()?;
    output.status.success().then_some(path)
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
