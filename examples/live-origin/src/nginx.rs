//! nginx and its RTMP module, found on this machine.
//!
//! In: the path, and the folders distributions put modules into. Out: what a configuration has to
//! say to load it. It installs nothing; `cargo xtask stage` does, or says how.

use anyhow::{Result, bail};
use machine::{setup, shell};
use std::path::PathBuf;

/// An nginx that can do RTMP.
#[derive(Debug, Clone)]
pub struct Nginx {
    /// The program.
    pub program: PathBuf,
    /// The directive that loads the module; empty where it is built in.
    pub load_rtmp: String,
}

impl Nginx {
    /// Finds it.
    pub fn find() -> Result<Self> {
        let Some(program) = setup::nginx() else {
            bail!("nginx is missing; `cargo xtask setup stage` installs it or says how");
        };
        // It says so on standard error.
        let output = shell::capture(shell::command(&program).arg("-V"))?;
        if String::from_utf8_lossy(&output.stderr).contains("nginx-rtmp-module") {
            return Ok(Self { program, load_rtmp: String::new() });
        }
        match setup::nginx_rtmp_module() {
            Some(module) => {
                Ok(Self { program, load_rtmp: format!("load_module {};", module.display()) })
            }
            None => bail!(
                "{} has no RTMP module; `cargo xtask setup stage` installs it or says how",
                program.display()
            ),
        }
    }
}

/// As root, nginx would hand its work to an account that cannot read our folder.
#[must_use]
pub fn user_directive() -> &'static str {
    if nix::unistd::Uid::effective().is_root() { "user root;" } else { "" }
}
