//! Programs that run beside us and end with us.
//!
//! Each gets a process group of its own, so that what it started ends with it, and is remembered,
//! so that Ctrl-C and an ordinary kill end it as well as a drop does.

use crate::shell;
use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

/// How long a program may take to end when asked to.
const GRACE: Duration = Duration::from_secs(3);

/// Process groups to end when we are ended; nothing, once that has begun: then none may start.
static RUNNING: Mutex<Option<Vec<i32>>> = Mutex::new(Some(Vec::new()));

/// What to do when we are ended, after those groups.
static AT_END: Mutex<Vec<Box<dyn FnOnce() + Send>>> = Mutex::new(Vec::new());

/// A running program; ends, with all it started, when dropped. Where it ends by itself, what it
/// started is ended as soon as that is seen: it would hold its ports, and nobody would know it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    group: Pid,
    name: String,
    /// Whether its group is gone: another program's may have the number by now.
    is_over: bool,
}

impl Process {
    /// Starts it. Where its output goes is the command's affair.
    pub fn start(command: &mut Command) -> Result<Self> {
        end_with_us();
        let name = command.get_program().to_string_lossy().into_owned();
        let mut running = running();
        let groups = running.as_mut().context("this program is being ended")?;
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let group = Pid::from_raw(child.id().try_into().context("a process id beyond i32")?);
        groups.push(group.as_raw());
        Ok(Self { child, group, name, is_over: false })
    }

    /// What was started.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The child itself, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Stops it with all it started, as a machine that goes to sleep does, or lets it go on.
    pub fn set_asleep(&self, is_asleep: bool) -> Result<()> {
        let signal = if is_asleep { Signal::SIGSTOP } else { Signal::SIGCONT };
        killpg(self.group, signal).with_context(|| format!("{} takes no {signal}", self.name))
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().ok().flatten();
        if status.is_some() {
            self.end_group();
        }
        status
    }

    /// Kills what is left of its group, and forgets it.
    fn end_group(&mut self) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        let _ = killpg(self.group, Signal::SIGKILL);
        if let Some(groups) = running().as_mut() {
            groups.retain(|group| *group != self.group.as_raw());
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        let _ = killpg(self.group, Signal::SIGTERM);
        let asked = Instant::now();
        while self.ended().is_none() && asked.elapsed() < GRACE {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.end_group();
        let _ = self.child.wait();
    }
}

/// What a [`Warden`] runs, with a process group and a folder as its arguments: its input ends when
/// we do.
const WARDEN: &str = r#"
read -r _
kill -s TERM -- "-$1"
for _ in 1 2 3; do
  kill -s 0 -- "-$1" || break
  sleep 1
done
kill -s KILL -- "-$1"
rm -rf -- "$2"
"#;

/// Ends a program, and removes its folder, once this process is gone, in whatever way: for a
/// program in a static, which is never dropped. A dropped warden lets the program be.
#[derive(Debug)]
pub struct Warden {
    _shell: Process,
}

impl Warden {
    /// For this program with all it started.
    pub fn of(process: &Process, folder: &Path) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", WARDEN, "warden", &process.group.to_string()]).arg(folder);
        // Whoever reads our output is not kept waiting.
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { _shell: Process::start(&mut shell)? })
    }
}

/// A fresh folder's path under `target/KIND` for this process, not yet made; those of processes
/// that are gone are cleared away.
pub fn own_folder(kind: &str) -> Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let all = shell::target().join(kind);
    std::fs::create_dir_all(&all)?;
    for entry in std::fs::read_dir(&all)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.split('-').next().and_then(|id| id.parse().ok());
        let is_gone = |id| nix::sys::signal::kill(Pid::from_raw(id), None).is_err();
        if owner.is_some_and(is_gone) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Ok(all.join(format!("{}-{number}", std::process::id())))
}

fn running() -> MutexGuard<'static, Option<Vec<i32>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has this done, after all programs are gone, when Ctrl-C or an ordinary kill ends us.
pub fn at_end(act: impl FnOnce() + Send + 'static) {
    end_with_us();
    AT_END.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(act));
}

/// Installs, once, the handler that ends them all.
pub fn end_with_us() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where a handler stands already, it is its owner's affair.
        let _ = ctrlc::set_handler(|| {
            let groups = running().take().unwrap_or_default();
            for signal in [Signal::SIGTERM, Signal::SIGKILL] {
                for group in &groups {
                    let _ = killpg(Pid::from_raw(*group), signal);
                }
                if !groups.is_empty() {
                    std::thread::sleep(Duration::from_millis(300));
                }
            }
            let acts = std::mem::take(&mut *AT_END.lock().unwrap_or_else(PoisonError::into_inner));
            acts.into_iter().for_each(|act| act());
            std::process::exit(130);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};

    /// A shell that tells of a `sleep` it has started, then does the rest of its script.
    fn with_grandchild(rest: &str) -> (Process, Pid) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("sleep 600 & echo $!; {rest}")]).stdout(Stdio::piped());
        let mut process = Process::start(&mut shell).unwrap();
        let mut line = String::new();
        BufReader::new(process.child().stdout.take().unwrap()).read_line(&mut line).unwrap();
        (process, Pid::from_raw(line.trim().parse().unwrap()))
    }

    fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
        let asked = Instant::now();
        while !is_so() {
            assert!(asked.elapsed() < Duration::from_secs(10), "not yet: {what}");
            std::thread::yield_now();
        }
    }

    /// Killed, it may wait as a zombie for init to take notice.
    fn is_gone(pid: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        nix::sys::signal::kill(pid, None).is_err() || stat.is_ok_and(|s| s.contains(") Z "))
    }

    #[test]
    fn a_dropped_program_takes_its_children_along() {
        let (process, grandchild) = with_grandchild("wait");
        assert!(!is_gone(grandchild), "it runs");
        drop(process);
        wait_until("the grandchild is gone", || is_gone(grandchild));
    }

    #[test]
    fn a_warden_ends_a_program_when_we_are_gone() {
        let folder = own_folder("tmp/warden").unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        let (process, grandchild) = with_grandchild("wait");
        drop(Warden::of(&process, &folder).unwrap());
        assert!(!is_gone(grandchild) && folder.exists(), "a dropped one lets it be");
        let mut warden = Warden::of(&process, &folder).unwrap();
        // As the system closes it at our end.
        drop(warden._shell.child().stdin.take());
        wait_until("the grandchild is gone", || is_gone(grandchild));
        wait_until("the folder is gone", || !folder.exists());
    }

    #[test]
    fn a_program_that_ends_by_itself_takes_its_children_along() {
        let (mut process, grandchild) = with_grandchild("wait");
        let group = process.group.as_raw();
        let is_known = || running().as_ref().is_some_and(|groups| groups.contains(&group));
        assert!(!is_gone(grandchild) && is_known());
        // The shell alone, not its group.
        nix::sys::signal::kill(process.group, Signal::SIGKILL).unwrap();
        wait_until("the shell has ended", || process.ended().is_some());
        wait_until("the grandchild is gone", || is_gone(grandchild));
        assert!(!is_known(), "Ctrl-C would signal whoever has the number next");
    }
}
