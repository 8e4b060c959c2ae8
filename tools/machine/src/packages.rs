//! The system's package manager: which one there is, what a person would type, and on Debian and
//! its kin installing without asking, where that needs no password.
//!
//! Elsewhere nothing is installed: the command is printed, and the person decides.

use crate::shell;
use anyhow::Result;
use std::process::Command;

/// A system's package manager, as far as we know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// Debian, Ubuntu and their kin.
    Apt,
    /// macOS.
    Brew,
    /// Fedora.
    Dnf,
    /// Arch.
    Pacman,
}

impl Manager {
    /// The one of this system.
    pub fn of_this_system() -> Option<Self> {
        [("apt-get", Self::Apt), ("brew", Self::Brew), ("dnf", Self::Dnf), ("pacman", Self::Pacman)]
            .into_iter()
            .find(|(program, _)| shell::find(program).is_some())
            .map(|(_, manager)| manager)
    }

    /// The command a person would type.
    pub fn command(self, packages: &[&str]) -> String {
        let list = packages.join(" ");
        match self {
            Self::Apt => {
                format!(
                    "sudo apt-get update && sudo apt-get install --no-install-recommends {list}"
                )
            }
            // Casks and formulae cannot be named together.
            Self::Brew => format!("brew install {}", packages.join(" && brew install ")),
            Self::Dnf => format!("sudo dnf install {list}"),
            Self::Pacman => format!("sudo pacman -S --needed {list}"),
        }
    }

    /// Whether we install, rather than say how.
    pub fn installs_unasked(self) -> bool {
        self == Self::Apt && is_root_without_password()
    }
}

/// Whether system packages can be installed without asking anyone.
fn is_root_without_password() -> bool {
    nix::unistd::Uid::effective().is_root()
        || shell::find("sudo").is_some()
            && shell::command("sudo")
                .args(["-n", "true"])
                .output()
                .is_ok_and(|it| it.status.success())
}

fn apt_get() -> Command {
    if nix::unistd::Uid::effective().is_root() {
        let mut apt = shell::command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        return apt;
    }
    let mut sudo = shell::command("sudo");
    sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    sudo
}

/// Fetches the lists of packages.
pub fn apt_update() -> Result<()> {
    shell::say("apt-get update");
    shell::run(apt_get().args(["-q", "update"]))
}

/// Installs Debian packages, saying which. A name may hold several, separated by spaces.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    shell::say(format!("apt-get install {}", packages.join(" ")));
    let packages = packages.iter().flat_map(|names| names.split(' '));
    shell::run(apt_get().args(["-q", "install", "-y", "--no-install-recommends"]).args(packages))
}

/// The version of a Debian package that would be installed.
pub fn apt_candidate(package: &str) -> Option<String> {
    let mut policy = shell::command("apt-cache");
    let text = shell::read(policy.args(["policy", package]).env("LC_ALL", "C")).ok()?;
    candidate(&text)
}

fn candidate(policy: &str) -> Option<String> {
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (version != "(none)").then(|| version.to_owned())
}

/// The highest N for which there is a Debian package of the name `PREFIXN`.
pub fn apt_newest(prefix: &str) -> Option<u32> {
    let text = shell::read(shell::command("apt-cache").args(["pkgnames", prefix])).ok()?;
    newest(text.lines(), prefix)
}

/// The highest number that follows the prefix, and is followed by nothing.
pub fn newest<'a>(names: impl Iterator<Item = &'a str>, prefix: &str) -> Option<u32> {
    names.filter_map(|name| name.strip_prefix(prefix)?.parse().ok()).max()
}

/// The first two numbers of a version such as `1.96.0+dfsg1`, `v20.20.2` or `7:5.1`; an epoch is
/// passed over.
pub fn major_minor(version: &str) -> Option<(u32, u32)> {
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    let mut numbers = version.trim_start_matches('v').split(|it: char| !it.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_a_person_would_type() {
        let packages = ["node", "--cask firefox"];
        assert_eq!(
            Manager::Brew.command(&packages),
            "brew install node && brew install --cask firefox"
        );
        assert_eq!(Manager::Dnf.command(&["a", "b"]), "sudo dnf install a b");
    }

    #[test]
    fn candidates_are_read() {
        let text = "rustc-web:\n  Installed: (none)\n  Candidate: 1.96.0+dfsg1-1~deb12u2\n";
        assert_eq!(candidate(text).as_deref(), Some("1.96.0+dfsg1-1~deb12u2"));
        assert_eq!(candidate("x:\n  Installed: (none)\n  Candidate: (none)\n"), None);
        assert_eq!(candidate(""), None);
    }

    #[test]
    fn the_newest_is_by_number() {
        let names = ["lld-9", "lld-22", "lld-14", "lld-22-tools", "lld"];
        assert_eq!(newest(names.into_iter(), "lld-"), Some(22));
        assert_eq!(newest(["clang"].into_iter(), "lld-"), None);
    }

    #[test]
    fn versions_are_told_apart() {
        assert_eq!(major_minor("1.96.0+dfsg1-1~deb12u2"), Some((1, 96)));
        assert_eq!(major_minor("v20.20.2"), Some((20, 20)));
        assert_eq!(major_minor("7:5.1.9"), Some((5, 1)));
        assert_eq!(major_minor("unknown"), None);
    }
}
