//! Running programs and telling the person what happens.
//!
//! Progress goes to standard error, so that `--json` output stays alone on standard output.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

/// The checkout's root; `VIDEOSPHERE_ROOT` says so where it lies elsewhere than at compile time.
pub fn root() -> PathBuf {
    let named = std::env::var_os("VIDEOSPHERE_ROOT").map(PathBuf::from);
    named.unwrap_or_else(|| {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        own.ancestors().nth(2).unwrap_or(own).to_owned()
    })
}

/// Where everything that can be made again is kept.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}

/// Says what is being done, on a line of its own.
pub fn say(what: impl AsRef<str>) {
    eprintln!("\u{25b8} {}", what.as_ref());
}

/// A command whose working directory is the root.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The cargo that runs us, or the one on the path.
pub fn cargo() -> Command {
    cargo_at(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A certain cargo. What the outer cargo set for its own build must not leak into an inner build.
pub fn cargo_at(program: impl AsRef<OsStr>) -> Command {
    let mut cargo = command(program);
    let inherited = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in inherited {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Where the output of [`run`] goes in the place of the terminal.
static LOG: OnceLock<PathBuf> = OnceLock::new();

/// From now on the output of what [`run`] runs goes into this file, which is begun anew.
pub fn log_into(path: PathBuf) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    // A second one changes nothing: the first has begun.
    LOG.get_or_init(|| path);
    Ok(())
}

/// Runs to the end, its output to the terminal or the log; an exit code other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    match LOG.get() {
        Some(log) => run_into(log, command),
        None => check(command.status(), command),
    }
}

fn run_into(log: &Path, command: &mut Command) -> Result<()> {
    let mut file = File::options().append(true).open(log)?;
    writeln!(file, "$ {}", describe(command))?;
    let start = usize::try_from(file.metadata()?.len())?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    check(command.status(), command).with_context(|| {
        let bytes = std::fs::read(log).unwrap_or_default();
        let said = String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()).into_owned();
        format!("{}\nall of it is in {}", tail(&said), log.display())
    })
}

fn check(status: std::io::Result<ExitStatus>, command: &Command) -> Result<()> {
    let status = status.with_context(|| format!("{} cannot be started", name_of(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", describe(command));
    }
    Ok(())
}

/// The last lines.
fn tail(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().rev().take(20).collect();
    lines.reverse();
    lines.join("\n")
}

/// Runs to the end and keeps what it printed; an exit code other than 0 is an error that shows the
/// last lines of it.
pub fn capture(command: &mut Command) -> Result<Output> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} cannot be started", name_of(command)))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}:\n{}", describe(command), output.status, tail(&error));
    }
    Ok(output)
}

/// The standard output of a command, as text.
pub fn read(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&capture(command)?.stdout).trim().to_owned())
}

fn name_of(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// The command as a person would type it, shortened.
pub fn describe(command: &Command) -> String {
    let mut text = name_of(command);
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Where a program of this name lies on the path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let suffix = std::env::consts::EXE_SUFFIX;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{program}{suffix}")))
        .find(|candidate| is_executable(candidate))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// When a file was last written; never, for one that does not exist.
pub fn modified(path: &Path) -> SystemTime {
    path.metadata().and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// A number that changes with what went into a result: the name of a cached file.
///
/// FNV-1a, 64 bits: stable across runs and compilers, which the standard library's hashers are not.
#[derive(Debug, Clone, Copy)]
pub struct Key(u64);

impl Default for Key {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Key {
    /// This key with these bytes added; their length too, so that two parts never run together.
    #[must_use]
    pub fn with(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_shows_what_it_said() {
        let cargo = cargo().arg("no-such-verb").stdin(Stdio::null()).output();
        assert!(cargo.is_ok(), "cargo runs these tests, so it must be there");
        let error = capture(super::cargo().arg("no-such-verb")).expect_err("there is no such verb");
        assert!(error.to_string().contains("no-such-verb"), "{error}");
    }

    #[test]
    fn a_log_has_the_output_and_an_error_its_end() {
        let log = target().join("tmp").join(format!("log-{}", std::process::id()));
        std::fs::create_dir_all(log.parent().unwrap()).unwrap();
        std::fs::write(&log, "before\n").unwrap();
        let script = |script: &str| {
            let mut shell = command("sh");
            shell.args(["-c", script]);
            shell
        };
        run_into(&log, &mut script("echo said; echo told >&2")).unwrap();
        let error = run_into(&log, &mut script("echo broken; exit 3")).expect_err("it ends with 3");
        let text = std::fs::read_to_string(&log).unwrap();
        std::fs::remove_file(&log).unwrap();
        assert!(text.starts_with("before\n$ sh -c") && text.contains("said\ntold\n"), "{text}");
        let error = format!("{error:#}");
        assert!(error.starts_with("broken\nall of it is in ") && error.contains("3"), "{error}");
        assert!(!error.contains("told"), "another's output: {error}");
    }

    #[test]
    fn keys_tell_parts_apart() {
        let (one, two) = (Key::default().with("ab").with("c"), Key::default().with("a").with("bc"));
        assert_ne!(one.to_string(), two.to_string());
        assert_eq!(one.to_string(), Key::default().with("ab").with("c").to_string());
    }
}
