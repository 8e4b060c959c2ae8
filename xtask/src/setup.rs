//! `cargo xtask setup`: every tool a verb needs, found, installed, or named with the command that
//! installs it.
//!
//! On Debian and its kin missing packages are installed where that needs no password; elsewhere
//! the command is printed. What is already there is left alone, whoever put it there.

use crate::{shell, tools};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// What the tools are for. Each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The wasm modules and the npm package.
    Build,
    /// And the samples.
    Demo,
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

const NEEDS: &[Need] = &[
    Need::new("Node.js", Purpose::Build, || shell::find("node"))
        .packages("nodejs", "nodejs", "nodejs")
        .brew("node"),
    Need::new("npm", Purpose::Build, || shell::find("npm"))
        .packages("npm", "npm", "npm")
        .brew("node"),
    Need::new("ffmpeg", Purpose::Demo, || shell::find("ffmpeg"))
        .packages("ffmpeg", "ffmpeg-free", "ffmpeg")
        .brew("ffmpeg"),
    Need::new("Chromium", Purpose::Test, chromium)
        .packages("chromium", "chromium", "chromium")
        .brew("--cask google-chrome"),
    Need::new("chromedriver", Purpose::Test, || shell::find("chromedriver"))
        .packages("chromium-driver", "chromedriver", "chromium")
        .brew("--cask chromedriver"),
    Need::new("Firefox", Purpose::Test, firefox)
        .packages("firefox-esr", "firefox", "firefox")
        .brew("--cask firefox"),
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
    Need::new("Vulkan in software", Purpose::Test, lavapipe)
        .packages("mesa-vulkan-drivers", "mesa-vulkan-drivers", "vulkan-swrast")
        .linux_only(),
];

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

/// A file below one of the system's library folders.
fn library(relative: &str) -> Option<PathBuf> {
    let mut folders = vec![PathBuf::from("/usr/lib"), PathBuf::from("/usr/lib64")];
    if let Ok(entries) = std::fs::read_dir("/usr/lib") {
        folders.extend(entries.flatten().map(|entry| entry.path()));
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

/// Makes sure of every tool for this purpose.
pub fn setup(purpose: Purpose) -> Result<()> {
    tools::wasm_target()?;
    let missing: Vec<&Need> = NEEDS
        .iter()
        .filter(|need| need.purpose <= purpose)
        .filter(|need| !need.linux_only || cfg!(target_os = "linux"))
        .filter(|need| (need.find)().is_none())
        .collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    tools::node_modules()?;
    if purpose >= Purpose::Test {
        tools::geckodriver()?;
    }
    Ok(())
}

/// `cargo xtask setup`: the same, and a table of what was found.
pub fn report(purpose: Purpose) -> Result<()> {
    setup(purpose)?;
    for need in NEEDS.iter().filter(|need| need.purpose <= purpose) {
        match (need.find)() {
            Some(path) => println!("  {:<26} {}", need.what, path.display()),
            None => println!("  {:<26} not on this system", need.what),
        }
    }
    if purpose >= Purpose::Test {
        println!("  {:<26} {}", "geckodriver", tools::geckodriver()?.display());
    }
    Ok(())
}

/// A system's package manager, as far as we know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Apt,
    Brew,
    Dnf,
    Pacman,
}

impl Manager {
    fn of_this_system() -> Option<Self> {
        [("apt-get", Self::Apt), ("brew", Self::Brew), ("dnf", Self::Dnf), ("pacman", Self::Pacman)]
            .into_iter()
            .find(|(program, _)| shell::find(program).is_some())
            .map(|(_, manager)| manager)
    }

    fn packages(self, needs: &[&Need]) -> Vec<&'static str> {
        let of = |need: &&Need| match self {
            Self::Apt => need.apt,
            Self::Brew => need.brew,
            Self::Dnf => need.dnf,
            Self::Pacman => need.pacman,
        };
        let mut packages: Vec<_> = needs.iter().map(of).filter(|name| !name.is_empty()).collect();
        packages.dedup();
        packages
    }

    /// The command a person would type.
    fn command(self, packages: &[&str]) -> String {
        let list = packages.join(" ");
        match self {
            Self::Apt => {
                format!(
                    "sudo apt-get update && sudo apt-get install --no-install-recommends {list}"
                )
            }
            Self::Brew => format!("brew install {}", packages.join(" && brew install ")),
            Self::Dnf => format!("sudo dnf install {list}"),
            Self::Pacman => format!("sudo pacman -S --needed {list}"),
        }
    }
}

fn install(missing: &[&Need]) -> Result<()> {
    let names: Vec<_> = missing.iter().map(|need| need.what).collect();
    let names = names.join(", ");
    let Some(manager) = Manager::of_this_system() else {
        bail!("missing: {names}. Install them with your system's package manager");
    };
    let packages = manager.packages(missing);
    if manager != Manager::Apt || !tools::is_root_without_password() {
        bail!("missing: {names}. This installs them:\n  {}", manager.command(&packages));
    }
    shell::say(format!("missing: {names}"));
    tools::apt_install(&packages)?;
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
            assert!(!need.apt.is_empty() && !need.dnf.is_empty(), "{}", need.what);
            assert!(!need.pacman.is_empty(), "{}", need.what);
            assert_eq!(need.brew.is_empty(), need.linux_only, "{}", need.what);
        }
    }

    #[test]
    fn commands_are_complete() {
        let needs: Vec<&Need> = NEEDS.iter().filter(|need| need.purpose <= Purpose::Demo).collect();
        let command = Manager::Brew.command(&Manager::Brew.packages(&needs));
        assert_eq!(command, "brew install node && brew install ffmpeg");
        let command = Manager::Pacman.command(&Manager::Pacman.packages(&needs));
        assert_eq!(command, "sudo pacman -S --needed nodejs npm ffmpeg");
    }
}
