//! Programs that are kept running.
//!
//! In: [`Part`]s, each of which knows how to make its command. Out: their processes, started again
//! where they end by themselves. A part that was killed or frozen on purpose stays so until it is
//! brought back.

use anyhow::{Context, Result};
use machine::processes::Process;
use machine::shell;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::process::Command;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the watchman looks.
const WATCH: Duration = Duration::from_millis(100);
/// Between two starts of a part that ends at once.
const PAUSE: Duration = Duration::from_secs(1);

type Make = Box<dyn Fn() -> Result<Command> + Send>;

/// A program and how it is started.
pub struct Part {
    name: String,
    make: Make,
    process: Option<Process>,
    started: Instant,
    /// Whether the watchman leaves it alone.
    is_held: bool,
    is_frozen: bool,
    restarts: u32,
}

impl Part {
    /// Not started yet.
    pub fn new(name: &str, make: impl Fn() -> Result<Command> + Send + 'static) -> Self {
        Self {
            name: name.to_owned(),
            make: Box::new(make),
            process: None,
            started: Instant::now(),
            is_held: false,
            is_frozen: false,
            restarts: 0,
        }
    }

    fn start(&mut self) -> Result<()> {
        let mut command = (self.make)()?;
        self.started = Instant::now();
        self.process = Some(Process::start(&mut command).with_context(|| self.name.clone())?);
        Ok(())
    }

    /// To it and everything it started.
    fn signal(&self, signal: Signal) -> Result<()> {
        let process =
            self.process.as_ref().with_context(|| format!("{} is not running", self.name))?;
        let group = i32::try_from(process.id()).context("a process id beyond i32")?;
        killpg(Pid::from_raw(group), signal).with_context(|| format!("{signal} to {}", self.name))
    }

    /// Starts it again where it ended.
    fn look(&mut self) {
        if self.is_held {
            return;
        }
        if let Some(status) = self.process.as_mut().and_then(Process::ended) {
            self.process = None;
            self.restarts += 1;
            shell::say(format!("{} ended with {status}; it is started again", self.name));
        }
        if self.process.is_none()
            && self.started.elapsed() > PAUSE
            && let Err(error) = self.start()
        {
            shell::say(format!("{error:#}"));
        }
    }

    fn end(&mut self) {
        if self.is_frozen {
            // Else it would not hear that it shall end.
            let _ = self.signal(Signal::SIGCONT);
        }
        self.process = None;
    }
}

/// All of them, and the watchman.
pub struct Parts {
    parts: Arc<Mutex<Vec<Part>>>,
    stop: Option<Sender<()>>,
    watchman: Option<JoinHandle<()>>,
}

impl Parts {
    /// None yet.
    pub fn new() -> Self {
        let parts: Arc<Mutex<Vec<Part>>> = Arc::default();
        let (stop, stopped) = mpsc::channel();
        let watched = Arc::clone(&parts);
        let watchman = std::thread::spawn(move || {
            while stopped.recv_timeout(WATCH) == Err(RecvTimeoutError::Timeout) {
                lock(&watched).iter_mut().for_each(Part::look);
            }
        });
        Self { parts, stop: Some(stop), watchman: Some(watchman) }
    }

    /// Starts one more.
    pub fn add(&self, mut part: Part) -> Result<()> {
        part.start()?;
        lock(&self.parts).push(part);
        Ok(())
    }

    /// `kill -9`, and it stays down.
    pub fn kill(&self, name: &str) -> Result<()> {
        self.with(name, |part| {
            part.signal(Signal::SIGKILL)?;
            part.is_held = true;
            part.process = None;
            Ok(())
        })
    }

    /// It stands still.
    pub fn freeze(&self, name: &str) -> Result<()> {
        self.with(name, |part| {
            part.signal(Signal::SIGSTOP)?;
            (part.is_held, part.is_frozen) = (true, true);
            Ok(())
        })
    }

    /// It goes on, or is started.
    pub fn bring_back(&self, name: &str) -> Result<()> {
        self.with(name, |part| {
            part.is_held = false;
            match std::mem::take(&mut part.is_frozen) {
                true => part.signal(Signal::SIGCONT),
                false if part.process.is_none() => part.start(),
                false => Ok(()),
            }
        })
    }

    /// Starts that nobody asked for.
    pub fn restarts(&self) -> u32 {
        lock(&self.parts).iter().map(|part| part.restarts).sum()
    }

    /// Ends them all, the last started first.
    pub fn end(&mut self) {
        self.stop.take();
        if let Some(watchman) = self.watchman.take() {
            let _ = watchman.join();
        }
        let mut parts = lock(&self.parts);
        while let Some(mut part) = parts.pop() {
            part.end();
        }
    }

    fn with(&self, name: &str, act: impl FnOnce(&mut Part) -> Result<()>) -> Result<()> {
        let mut parts = lock(&self.parts);
        let part = parts.iter_mut().find(|part| part.name == name);
        act(part.with_context(|| format!("there is no {name} on this stage"))?)
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.end();
    }
}

fn lock(parts: &Mutex<Vec<Part>>) -> MutexGuard<'_, Vec<Part>> {
    parts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(mut is_so: impl FnMut() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < Duration::from_secs(20));
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_ends_is_started_again_unless_it_was_killed() {
        let parts = Parts::new();
        let shell = |script: &'static str| {
            move || {
                let mut command = Command::new("sh");
                command.args(["-c", script]);
                Ok(command)
            }
        };
        parts.add(Part::new("short", shell("exit 0"))).unwrap();
        parts.add(Part::new("long", shell("sleep 600"))).unwrap();
        wait(|| parts.restarts() >= 2);
        parts.kill("long").unwrap();
        assert!(parts.freeze("long").is_err(), "it does not run");
        parts.bring_back("long").unwrap();
        parts.freeze("long").unwrap();
        assert!(parts.kill("nobody").is_err());
    }
}
