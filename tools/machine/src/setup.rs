//! `cargo xtask setup`: every tool a verb needs, found, installed, or named with the command that
//! installs it.
//!
//! On Debian and its kin missing packages are installed where that needs no password; elsewhere
//! the command is printed. What is already there is left alone, whoever put it there.
//! `cargo xtask setup --plan` says what would be done, and does nothing.

use crate::packages::{self, Manager};
use crate::{shell, std_source, tools, wasm_target};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// What the tools are for. Each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The wasm modules and the npm package.
    Build,
    /// And the samples.
    Demo,
    /// And the servers of the live stage.
    Stage,
    /// And three browser engines.
    Test,
}

/// Something that has to be on the machine.
struct Need {
    what: &'static str,
    purpose: Purpose,
    find: fn() -> Option<PathBuf>,
    /// Names in the package managers; empty where it has none.
    apt: &'static str,
    brew: &'static str,
    dnf: &'static str,
    pacman: &'static str,
    /// Only Linux can have it.
    linux_only: bool,
}

impl Need {
    const fn new(what: &'static str, purpose: Purpose, find: fn() -> Option<PathBuf>) -> Self {
        Self { what, purpose, find, apt: "", brew: "", dnf: "", pacman: "", linux_only: false }
    }

    const fn packages(
        mut self,
        apt: &'static str,
        dnf: &'static str,
        pacman: &'static str,
    ) -> Self {
        (self.apt, self.dnf, self.pacman) = (apt, dnf, pacman);
        self
    }

    const fn brew(mut self, brew: &'static str) -> Self {
        self.brew = brew;
        self
    }

    const fn linux_only(mut self) -> Self {
        self.linux_only = true;
        self
    }
}

/// The one thing that most systems do not package.
const RTMP_MODULE: &str = "nginx's RTMP module";

const NEEDS: &[Need] = &[
    Need::new("Node.js, 20 or newer", Purpose::Build, tools::node)
        .packages("nodejs", "nodejs", "nodejs")
        .brew("node"),
    Need::new("npm", Purpose::Build, || shell::find("npm"))
        .packages("npm", "npm", "npm")
        .brew("node"),
    Need::new("ffmpeg with libx264", Purpose::Demo, ffmpeg)
        // Fedora's own, ffmpeg-free, has no libx264; RPM Fusion's has.
        .packages("ffmpeg", "ffmpeg", "ffmpeg")
        .brew("ffmpeg"),
    // Only Debian and its kin package the module.
    Need::new("nginx", Purpose::Stage, nginx).packages("nginx", "nginx", "nginx").brew("nginx"),
    Need::new(RTMP_MODULE, Purpose::Stage, nginx_rtmp).packages("libnginx-mod-rtmp", "", ""),
    Need::new("Chromium", Purpose::Test, chromium)
        .packages("chromium", "chromium", "chromium")
        .brew("--cask google-chrome"),
    Need::new("chromedriver", Purpose::Test, || shell::find("chromedriver"))
        .packages("chromium-driver", "chromedriver", "chromium")
        .brew("--cask chromedriver"),
    Need::new("Firefox", Purpose::Test, firefox)
        .packages("firefox-esr", "firefox", "firefox")
        .brew("--cask firefox"),
    Need::new("Python 3 with venv", Purpose::Stage, tools::python)
        .packages("python3-venv", "python3", "python")
        .brew("python"),
    Need::new("Xvfb", Purpose::Test, || shell::find("Xvfb"))
        .packages("xvfb xauth", "xorg-x11-server-Xvfb", "xorg-server-xvfb")
        .linux_only(),
    Need::new("WebKitGTK's driver", Purpose::Test, || shell::find("WebKitWebDriver"))
        .packages("webkit2gtk-driver", "webkit2gtk4.1", "webkit2gtk-4.1")
        .linux_only(),
    Need::new("GStreamer's ffmpeg plugin", Purpose::Test, || gstreamer("libgstlibav.so"))
        .packages("gstreamer1.0-libav", "gstreamer1-plugin-libav", "gst-libav")
        .linux_only(),
    Need::new("GStreamer's good plugins", Purpose::Test, || gstreamer("libgstisomp4.so"))
        .packages("gstreamer1.0-plugins-good", "gstreamer1-plugins-good", "gst-plugins-good")
        .linux_only(),
    Need::new("GStreamer's bad plugins", Purpose::Test, || gstreamer("libgstvideoparsersbad.so"))
        .packages("gstreamer1.0-plugins-bad", "gstreamer1-plugins-bad-free", "gst-plugins-bad")
        .linux_only(),
    Need::new("OpenGL in software", Purpose::Test, || library("dri/swrast_dri.so"))
        .packages("libgl1-mesa-dri", "mesa-dri-drivers", "mesa")
        .linux_only(),
    Need::new("Vulkan's loader", Purpose::Test, || library("libvulkan.so.1"))
        .packages("libvulkan1", "vulkan-loader", "vulkan-icd-loader")
        .linux_only(),
    Need::new("Vulkan in software", Purpose::Test, lavapipe)
        .packages("mesa-vulkan-drivers", "mesa-vulkan-drivers", "vulkan-swrast")
        .linux_only(),
];

fn ffmpeg() -> Option<PathBuf> {
    let path = shell::find("ffmpeg")?;
    let encoders = shell::read(shell::command(&path).args(["-hide_banner", "-encoders"])).ok()?;
    encoders.contains("libx264").then_some(path)
}

fn chromium() -> Option<PathBuf> {
    let application = Path::new("/Applications/Google Chrome.app").to_owned();
    ["chromium", "google-chrome", "chromium-browser"]
        .iter()
        .find_map(|name| shell::find(name))
        .or_else(|| Some(application).filter(|path| path.exists()))
}

fn firefox() -> Option<PathBuf> {
    let application = Path::new("/Applications/Firefox.app").to_owned();
    ["firefox-esr", "firefox"]
        .iter()
        .find_map(|name| shell::find(name))
        .or_else(|| Some(application).filter(|path| path.exists()))
}

/// nginx, which Debian keeps where only root's path leads.
pub fn nginx() -> Option<PathBuf> {
    let outside = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].map(PathBuf::from);
    shell::find("nginx").or_else(|| outside.into_iter().find(|path| path.is_file()))
}

/// nginx's RTMP module as a file of its own.
pub fn nginx_rtmp_module() -> Option<PathBuf> {
    let name = "ngx_rtmp_module.so";
    let folders =
        ["/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/local/lib/nginx/modules"];
    folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

/// nginx that can do RTMP: by a module, or by how it was built.
fn nginx_rtmp() -> Option<PathBuf> {
    nginx_rtmp_module().or_else(|| {
        let path = nginx()?;
        let output = shell::capture(shell::command(&path).arg("-V")).ok()?;
        String::from_utf8_lossy(&output.stderr).contains("nginx-rtmp-module").then_some(path)
    })
}

/// A file below one of the system's library folders.
fn library(relative: &str) -> Option<PathBuf> {
    let mut folders = vec![PathBuf::from("/usr/lib"), PathBuf::from("/usr/lib64")];
    if let Ok(entries) = std::fs::read_dir("/usr/lib") {
        // Debian's folders are by architecture. Those of programs hold libraries of their own.
        let of_the_system = |path: &PathBuf| path.to_string_lossy().contains("-linux-gnu");
        folders.extend(entries.flatten().map(|entry| entry.path()).filter(of_the_system));
    }
    folders.iter().map(|folder| folder.join(relative)).find(|path| path.exists())
}

fn gstreamer(plugin: &str) -> Option<PathBuf> {
    library(&format!("gstreamer-1.0/{plugin}"))
}

fn lavapipe() -> Option<PathBuf> {
    let entries = std::fs::read_dir("/usr/share/vulkan/icd.d").ok()?;
    let is_it = |path: &PathBuf| path.to_string_lossy().contains("lvp_icd");
    entries.flatten().map(|entry| entry.path()).find(is_it)
}

/// The needs of a purpose on this system.
fn needs(purpose: Purpose) -> impl Iterator<Item = &'static Need> {
    NEEDS
        .iter()
        .filter(move |need| need.purpose <= purpose)
        .filter(|need| !need.linux_only || cfg!(target_os = "linux"))
}

fn missing(purpose: Purpose) -> Vec<&'static Need> {
    needs(purpose).filter(|need| (need.find)().is_none()).collect()
}

/// Makes sure of every tool for this purpose.
pub fn setup(purpose: Purpose) -> Result<()> {
    let missing = missing(purpose);
    if !missing.is_empty() {
        install(&missing)?;
    }
    std_source::std_source(&wasm_target::wasm_target()?)?;
    tools::node_modules()?;
    if purpose >= Purpose::Test {
        tools::geckodriver()?;
    }
    Ok(())
}

/// `cargo xtask setup`: the same, and a table of what was found.
pub fn report(purpose: Purpose) -> Result<()> {
    setup(purpose)?;
    table(purpose);
    Ok(())
}

/// `cargo xtask setup --plan`: a table of what is there, and the commands that bring the rest.
pub fn plan(purpose: Purpose) {
    table(purpose);
    let commands = commands(purpose);
    if commands.is_empty() {
        println!("nothing is to be done");
        return;
    }
    let missing = missing(purpose);
    let manager = Manager::of_this_system();
    if missing.is_empty() || manager.is_some_and(Manager::installs_unasked) {
        println!("cargo xtask setup would run:");
    } else {
        println!("to be run by you, then cargo xtask setup does the rest:");
    }
    for command in commands {
        println!("  {command}");
    }
}

fn table(purpose: Purpose) {
    let row = |what: &str, found: Option<String>| {
        println!("  {what:<26} {}", found.as_deref().unwrap_or("missing"));
    };
    let path = |path: PathBuf| path.display().to_string();
    row("Rust for the web", wasm_target::present().map(|target| target.describe()));
    for need in needs(purpose) {
        row(need.what, (need.find)().map(path));
    }
    let modules = shell::root().join("node_modules");
    row("npm dependencies", tools::has_node_modules().then(|| path(modules)));
    if purpose >= Purpose::Test {
        row("geckodriver", tools::present_geckodriver().map(path));
    }
}

/// What brings what is missing, in the order of [`setup`].
fn commands(purpose: Purpose) -> Vec<String> {
    let mut commands = Vec::new();
    let missing = missing(purpose);
    if !missing.is_empty() {
        commands.push(match (stale_node(&missing), Manager::of_this_system()) {
            (Some(advice), _) => advice,
            (None, Some(manager)) => manager.command(&packages_of(manager, &missing)),
            (None, None) => format!("your system's package manager, for {}", names(&missing)),
        });
    }
    if wasm_target::present().is_none() {
        commands.push(wasm_target::advice());
    }
    if !tools::has_node_modules() {
        commands.push("npm ci".to_owned());
    }
    if purpose >= Purpose::Test && tools::present_geckodriver().is_none() {
        commands.push("cargo install geckodriver, into target/tools".to_owned());
    }
    commands
}

fn names(needs: &[&Need]) -> String {
    needs.iter().map(|need| need.what).collect::<Vec<_>>().join(", ")
}

fn packages_of(manager: Manager, needs: &[&Need]) -> Vec<&'static str> {
    let of = |need: &&Need| match manager {
        Manager::Apt => need.apt,
        Manager::Brew => need.brew,
        Manager::Dnf => need.dnf,
        Manager::Pacman => need.pacman,
    };
    let mut packages = Vec::new();
    for package in needs.iter().map(of).filter(|name| !name.is_empty()) {
        if !packages.contains(&package) {
            packages.push(package);
        }
    }
    packages
}

/// Debian 12's own Node.js is too old: then installing it would change nothing.
fn stale_node(missing: &[&Need]) -> Option<String> {
    let wanted = missing.iter().any(|need| need.apt == "nodejs");
    if !wanted || Manager::of_this_system() != Some(Manager::Apt) {
        return None;
    }
    let (major, _) = packages::major_minor(&packages::apt_candidate("nodejs")?)?;
    (major < tools::OLDEST_NODE).then(|| {
        format!(
            "Node.js {} or newer, from https://nodejs.org/en/download (this system packages {major})",
            tools::OLDEST_NODE
        )
    })
}

fn install(missing: &[&Need]) -> Result<()> {
    let names = names(missing);
    let Some(manager) = Manager::of_this_system() else {
        bail!("missing: {names}. Install them with your system's package manager");
    };
    let packages = packages_of(manager, missing);
    if !manager.installs_unasked() {
        let mut advice = match packages.is_empty() {
            true => String::new(),
            false => format!(" This installs them:\n  {}", manager.command(&packages)),
        };
        if let Some(node) = stale_node(missing) {
            advice = format!(" This installs them:\n  {node}");
        }
        if manager != Manager::Apt && missing.iter().any(|need| need.what == RTMP_MODULE) {
            advice += "\n  The RTMP module is not packaged here: build nginx with \
                       --add-module=nginx-rtmp-module, or use Debian or Ubuntu, in a container too";
        }
        bail!("missing: {names}.{advice}");
    }
    shell::say(format!("missing: {names}"));
    packages::apt_update()?;
    if let Some(advice) = stale_node(missing) {
        bail!("needed: {advice}");
    }
    packages::apt_install(&packages)?;
    match missing.iter().find(|need| (need.find)().is_none()) {
        Some(need) => bail!("apt-get installed {}, yet there is no {}", need.apt, need.what),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_has_a_package_where_it_can_be() {
        for need in NEEDS {
            assert!(!need.apt.is_empty(), "{}", need.what);
            if need.what == RTMP_MODULE {
                continue;
            }
            assert!(!need.dnf.is_empty() && !need.pacman.is_empty(), "{}", need.what);
            assert_eq!(need.brew.is_empty(), need.linux_only, "{}", need.what);
        }
    }

    #[test]
    fn packages_are_named_once() {
        let needs: Vec<&Need> = NEEDS.iter().filter(|need| need.purpose <= Purpose::Demo).collect();
        assert_eq!(packages_of(Manager::Brew, &needs), ["node", "ffmpeg"]);
        assert_eq!(packages_of(Manager::Pacman, &needs), ["nodejs", "npm", "ffmpeg"]);
        let all: Vec<&Need> = NEEDS.iter().collect();
        let packages = packages_of(Manager::Pacman, &all);
        assert_eq!(packages.iter().filter(|name| **name == "chromium").count(), 1);
    }
}
