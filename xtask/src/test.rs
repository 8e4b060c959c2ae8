//! `cargo xtask test`: every check there is, in the order in which they are cheap.
//!
//! In: which of the steps; without a word, all. Out: the checks' own output, each step's time at its
//! end, then a table of the steps with their times, then what each failed test said, then the line
//! `N passed, M failed`: whoever sees the end of a log alone knows what broke. A step that
//! fails does not keep the later ones from running, except where they need what it makes; one that
//! was not asked for counts as done before.

mod output;

use crate::build::{self, Options};
use crate::{docs, fuzz, lint, package, size};
use anyhow::{Result, anyhow, bail};
use machine::setup::{self, Purpose};
use machine::{shell, tools};
use output::{Format, Report, counted, counted_aside};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use test_streams::sample;

/// A step that is over.
struct Done {
    name: String,
    report: Report,
    took: Duration,
    error: Option<String>,
}

/// Which steps to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Every step.
    All,
    /// Those whose name holds one of these, in small letters or large.
    Holding(Vec<String>),
    /// None; their names are listed.
    List,
}

impl Which {
    fn has(&self, name: &str) -> bool {
        match self {
            Which::All => true,
            Which::Holding(parts) => parts.iter().any(|part| holds(name, part)),
            Which::List => false,
        }
    }
}

fn holds(name: &str, part: &str) -> bool {
    name.to_lowercase().contains(&part.to_lowercase())
}

struct Run {
    which: Which,
    /// Of every step, run or not.
    names: Vec<String>,
    done: Vec<Done>,
}

impl Run {
    fn new(which: Which) -> Self {
        Self { which, names: Vec::new(), done: Vec::new() }
    }

    /// Runs a step, if it is wanted; whether it went well.
    fn step(&mut self, name: &str, step: impl FnOnce() -> Result<Report>) -> bool {
        self.names.push(name.to_owned());
        if !self.which.has(name) {
            return true;
        }
        shell::say(format!("── {name}"));
        let started = Instant::now();
        let result = step();
        self.over(name, result, started.elapsed())
    }

    /// Runs a step beside others: one that waits for most of its time, and is told when it is over.
    fn beside(
        &mut self,
        name: &str,
        step: impl FnOnce() -> Result<Report> + Send,
        others: impl FnOnce(&mut Self),
    ) {
        let is_wanted = self.which.has(name);
        std::thread::scope(|scope| {
            let thread = is_wanted.then(|| {
                shell::say(format!("── {name}, beside what follows"));
                let started = Instant::now();
                scope.spawn(move || (step(), started.elapsed()))
            });
            others(self);
            self.names.push(name.to_owned());
            if let Some(thread) = thread {
                let panicked = |_| (Err(anyhow!("it has panicked")), Duration::ZERO);
                let (result, took) = thread.join().unwrap_or_else(panicked);
                self.over(name, result, took);
            }
        });
    }

    /// Notes how a step went; whether well.
    fn over(&mut self, name: &str, result: Result<Report>, took: Duration) -> bool {
        let (report, error) = match result {
            Ok(report) if report.failed == 0 => (report, None),
            Ok(report) => {
                let error = format!("{} tests failed", report.failed);
                (report, Some(error))
            }
            // What broke before it counted anything is one failure.
            Err(error) => (Report { failed: 1, ..Report::default() }, Some(format!("{error:#}"))),
        };
        if let Some(error) = &error {
            shell::say(format!("{name}: {error}"));
        }
        let went_well = error.is_none();
        shell::say(format!("── {name}: {:.1} s", took.as_secs_f64()));
        self.done.push(Done { name: name.to_owned(), report, took, error });
        went_well
    }

    /// A step that has no tests in it: itself one that passes or fails.
    fn check(&mut self, name: &str, check: impl FnOnce() -> Result<()>) -> bool {
        self.step(name, || check().map(|()| Report { passed: 1, ..Report::default() }))
    }
}

/// Runs these.
pub fn test(which: Which) -> Result<()> {
    let names = names();
    match &which {
        Which::All => {}
        Which::Holding(parts) => {
            for part in parts {
                if !names.iter().any(|name| holds(name, part)) {
                    bail!("no step's name holds {part:?}: {}", names.join(", "));
                }
            }
        }
        Which::List => {
            println!("{}", names.join("\n"));
            return Ok(());
        }
    }
    let mut run = Run::new(which);
    steps(&mut run);
    summary(&run.done)
}

/// Every step's.
fn names() -> Vec<String> {
    let mut run = Run::new(Which::List);
    steps(&mut run);
    run.names
}

fn steps(run: &mut Run) {
    let tools = run.check("set-up", || setup::setup(Purpose::Test));
    run.check("lint", lint::lint);
    run.step("native tests", || {
        cargo_test(&["--workspace", "--exclude", "browser-tests", "--no-fail-fast"])
    });
    // What the features add; the rest has just been tested.
    let drawing = ["--package", "videosphere-sphere", "--features", "webgpu,webgl2"];
    run.step("drawing", || cargo_test(&[&drawing[..], &["--lib", "render::"]].concat()));
    run.step("golden images", || cargo_test(&[&drawing[..], &["--test", "render"]].concat()));
    run.check("fuzz findings", fuzz::replay);
    let mut built = false;
    let mut build =
        |run: &mut Run| built = run.check("build", || build::build(&Options::default()).map(drop));
    if tools {
        // It waits for services, the compiler for nobody.
        let tests = || counted_aside(recording::tests(&recording::tools()?)?, Format::Tap);
        run.beside("recording, AWS", tests, build);
    } else {
        build(run);
    }
    if built {
        run.check("size budgets", || size::report(false));
        run.step("JavaScript tests", node_test);
        run.check("package", || package::check(&package::package()?));
        run.check("documents", || docs::docs().map(drop));
    }
    if tools {
        run.step("the harness", || {
            let tools = ["--package", "webdriver", "--package", "test-streams"];
            cargo_test(&[&tools[..], &["--", "--ignored", "--test-threads=1"]].concat())
        });
    }
    if tools && built {
        run.check("samples", || sample::make(&sample::Recipe::test()).map(drop));
        browsers(run);
        run.step("live stage", || {
            let stage = ["--package", "live-origin", "--test", "stage", "--no-fail-fast"];
            cargo_test(&[&stage[..], &["--", "--ignored", "--test-threads=1"]].concat())
        });
    }
}

/// Files of `player` whose tests wait for a page, or for a stream to get somewhere, and judge neither by
/// sound nor by stalls: two of them at a time only wait a little longer. A new file's tests run alone.
const IN_PAIRS: [&str; 16] = [
    "capture",
    "demo",
    "errors",
    "gestures",
    "headset",
    "keys",
    "picture",
    "picture_in_picture",
    "refused",
    "request",
    "sight",
    "skin",
    "sound_codecs",
    "spherical",
    "start",
    "texts",
];

/// The browser tests: Chromium by file, then the other engines side by side, whose tests bear their
/// names, and last the package as npm packs it.
fn browsers(run: &mut Run) {
    const OTHERS: [&str; 6] = ["--skip", "firefox", "--skip", "webkit", "--skip", "package::"];
    match test_files(&shell::root().join("tests/browser/tests")) {
        Ok(files) => {
            for file in files {
                let name = format!("Chromium: {file}");
                let test = ["--test", &file];
                match file.as_str() {
                    "player" => {
                        let modules = IN_PAIRS.map(|module| format!("{module}::"));
                        let modules: Vec<_> = modules.iter().map(String::as_str).collect();
                        let pairs = [&modules[..], &OTHERS].concat();
                        run.step(&format!("{name}, pairs"), || counted_browser(&test, 2, &pairs));
                        let alone = modules.iter().flat_map(|module| ["--skip", module]);
                        let alone: Vec<_> = alone.chain(OTHERS).collect();
                        run.step(&name, || counted_browser(&test, 1, &alone));
                    }
                    // It looks at pixels of what stands still.
                    "xr" => drop(run.step(&name, || counted_browser(&test, 2, &OTHERS))),
                    _ => drop(run.step(&name, || counted_browser(&test, 1, &OTHERS))),
                }
            }
        }
        Err(error) => {
            run.check("Chromium", || Err(error));
        }
    }
    let webkit = || counted_aside(browser_tests(&["--tests"], 1, &["webkit"]), Format::Libtest);
    run.beside("WebKitGTK", webkit, |run| {
        run.step("Firefox", || counted_browser(&["--tests"], 1, &["firefox"]));
    });
    run.step("packed package", || counted_browser(&["--tests"], 1, &["package::"]));
}

fn counted_browser(which: &[&str], at_a_time: usize, filters: &[&str]) -> Result<Report> {
    counted(browser_tests(which, at_a_time, filters), Format::Libtest)
}

fn browser_tests(which: &[&str], at_a_time: usize, filters: &[&str]) -> Command {
    let cargo = ["--package", "browser-tests", "--no-fail-fast"];
    let threads = format!("--test-threads={at_a_time}");
    let how = ["--", "--include-ignored", &threads];
    cargo_test_command(&[&cargo[..], which, &how, filters].concat())
}

/// The names of a package's integration tests, as cargo finds them: `NAME.rs` and `NAME/main.rs`.
fn test_files(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_one =
            path.extension().is_some_and(|it| it == "rs") || path.join("main.rs").is_file();
        names.extend(path.file_stem().filter(|_| is_one).map(|it| it.to_string_lossy().into()));
    }
    names.sort();
    Ok(names)
}

fn summary(done: &[Done]) -> Result<()> {
    println!();
    for step in done {
        let mark = if step.error.is_none() { "ok" } else { "FAILED" };
        println!(
            "{:<22} {:>6.1} s {:>6} passed {:>4} failed  {mark}",
            step.name,
            step.took.as_secs_f64(),
            step.report.passed,
            step.report.failed
        );
        if let Some(error) = &step.error {
            println!("    {}", error.replace('\n', "\n    "));
        }
    }
    for step in done {
        for failure in &step.report.failures {
            println!("\n{}: {}", step.name, failure.name);
            failure.lines.iter().for_each(|line| println!("    {line}"));
        }
    }
    let sum = |count: fn(&Report) -> u64| done.iter().map(|step| count(&step.report)).sum::<u64>();
    let (passed, failed) = (sum(|report| report.passed), sum(|report| report.failed));
    println!("{passed} passed, {failed} failed");
    if failed > 0 {
        bail!("{failed} failed");
    }
    Ok(())
}

fn cargo_test(arguments: &[&str]) -> Result<Report> {
    counted(cargo_test_command(arguments), Format::Libtest)
}

fn cargo_test_command(arguments: &[&str]) -> Command {
    let mut cargo = shell::cargo();
    cargo.arg("test").args(arguments);
    // An error says what broke; sixty lines of where it was made say nothing more.
    cargo.env("RUST_LIB_BACKTRACE", "0");
    cargo
}

/// The JavaScript that runs without a browser.
fn node_test() -> Result<Report> {
    tools::node_modules()?;
    let mut node = shell::command("node");
    let folder = shell::root().join("tests/www");
    let files = std::fs::read_dir(&folder)?.flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.to_string_lossy().contains(".test."));
    counted(
        {
            node.args(["--test", "--test-reporter=tap"]).args(files);
            node
        },
        Format::Tap,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_a_part_of_their_name() {
        let names = names();
        for name in ["lint", "build", "Chromium: player", "Firefox", "live stage"] {
            assert!(names.iter().any(|it| it == name), "{name} among {names:?}");
        }
        let mut run = Run::new(Which::Holding(vec!["PLAYER".to_owned(), "fire".to_owned()]));
        for name in ["Chromium: player", "Chromium: bar", "Firefox"] {
            assert!(run.check(name, || Ok(())));
        }
        let done: Vec<_> = run.done.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(done, ["Chromium: player", "Firefox"]);
        assert!(test(Which::Holding(vec!["no such step".to_owned()])).is_err());
    }

    #[test]
    fn a_step_beside_others_is_counted_like_them() {
        let mut run = Run::new(Which::All);
        let passes = || Ok(Report { passed: 2, ..Report::default() });
        run.beside("waits", passes, |run| assert!(run.check("works", || Ok(()))));
        run.beside("breaks", || bail!("no"), |_| {});
        run.beside("panics", || panic!("on purpose"), |_| {});
        let counts = |it: &Done| (it.name.clone(), it.report.passed, it.report.failed);
        let done: Vec<_> = run.done.iter().map(counts).collect();
        let wanted = [("works", 1, 0), ("waits", 2, 0), ("breaks", 0, 1), ("panics", 0, 1)];
        assert_eq!(done, wanted.map(|(name, passed, failed)| (name.to_owned(), passed, failed)));
        assert_eq!(run.names, wanted.map(|(name, ..)| name));
    }

    #[test]
    fn test_files_are_those_cargo_finds() {
        let files = test_files(&shell::root().join("tests/browser/tests")).unwrap();
        assert!(files.iter().any(|name| name == "player"), "a folder: {files:?}");
        assert!(files.iter().any(|name| name == "face"), "a file: {files:?}");
        let player = shell::root().join("tests/browser/tests/player");
        for module in IN_PAIRS {
            assert!(player.join(format!("{module}.rs")).is_file(), "{module}");
        }
        let without_main = test_files(&shell::root().join("tests")).unwrap();
        assert!(!without_main.iter().any(|name| name == "fixtures"), "{without_main:?}");
    }
}
