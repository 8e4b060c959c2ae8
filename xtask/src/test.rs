//! `cargo xtask test`: every check there is, in the order in which they are cheap.
//!
//! In: which of the steps; without a word, all. Out: the checks' own output, each step's time at its
//! end, then a table of the steps with their times, then the line `N passed, M failed`. A step that
//! fails does not keep the later ones from running, except where they need what it makes; one that
//! was not asked for counts as done before.

use crate::build::{self, Options};
use crate::{docs, fuzz, lint, package, size};
use anyhow::{Context, Result, bail};
use machine::setup::{self, Purpose};
use machine::{shell, tools};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use test_streams::sample;

/// Tests counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
}

/// A step that is over.
struct Done {
    name: String,
    counts: Counts,
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
    fn step(&mut self, name: &str, step: impl FnOnce() -> Result<Counts>) -> bool {
        self.names.push(name.to_owned());
        if !self.which.has(name) {
            return true;
        }
        shell::say(format!("── {name}"));
        let started = Instant::now();
        let (counts, error) = match step() {
            Ok(counts) if counts.failed == 0 => (counts, None),
            Ok(counts) => (counts, Some(format!("{} tests failed", counts.failed))),
            // What broke before it counted anything is one failure.
            Err(error) => (Counts { passed: 0, failed: 1 }, Some(format!("{error:#}"))),
        };
        if let Some(error) = &error {
            shell::say(format!("{name}: {error}"));
        }
        let (went_well, took) = (error.is_none(), started.elapsed());
        shell::say(format!("── {name}: {:.1} s", took.as_secs_f64()));
        self.done.push(Done { name: name.to_owned(), counts, took, error });
        went_well
    }

    /// A step that has no tests in it: itself one that passes or fails.
    fn check(&mut self, name: &str, check: impl FnOnce() -> Result<()>) -> bool {
        self.step(name, || check().map(|()| Counts { passed: 1, failed: 0 }))
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
    let built = run.check("build", || build::build(&Options::default()).map(drop));
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
    if tools {
        run.step("recording, AWS", || counted(recording::tests(&recording::tools()?)?, tap_line));
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

/// The browser tests: Chromium by file, then the other engines, whose tests bear their names, and
/// last the package as npm packs it.
fn browsers(run: &mut Run) {
    let test = |which: &[&str], filters: &[&str]| {
        let cargo = ["--package", "browser-tests", "--no-fail-fast"];
        let how = ["--", "--include-ignored", "--test-threads=1"];
        cargo_test(&[&cargo[..], which, &how, filters].concat())
    };
    match test_files(&shell::root().join("tests/browser/tests")) {
        Ok(files) => {
            for file in files {
                let name = format!("Chromium: {file}");
                let others = ["--skip", "firefox", "--skip", "webkit", "--skip", "package::"];
                run.step(&name, || test(&["--test", &file], &others));
            }
        }
        Err(error) => {
            run.check("Chromium", || Err(error));
        }
    }
    run.step("Firefox", || test(&["--tests"], &["firefox"]));
    run.step("WebKitGTK", || test(&["--tests"], &["webkit"]));
    run.step("packed package", || test(&["--tests"], &["package::"]));
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
    let mut total = Counts::default();
    for step in done {
        let mark = if step.error.is_none() { "ok" } else { "FAILED" };
        println!(
            "{:<22} {:>6.1} s {:>6} passed {:>4} failed  {mark}",
            step.name,
            step.took.as_secs_f64(),
            step.counts.passed,
            step.counts.failed
        );
        if let Some(error) = &step.error {
            println!("    {}", error.replace('\n', "\n    "));
        }
        total.passed += step.counts.passed;
        total.failed += step.counts.failed;
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        bail!("{} failed", total.failed);
    }
    Ok(())
}

fn cargo_test(arguments: &[&str]) -> Result<Counts> {
    let mut cargo = shell::cargo();
    cargo.arg("test").args(arguments);
    counted(cargo, cargo_line)
}

/// The JavaScript that runs without a browser.
fn node_test() -> Result<Counts> {
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
        tap_line,
    )
}

/// Runs it, passes its output on, and counts by its lines.
fn counted(mut command: Command, line_counts: fn(&str) -> Counts) -> Result<Counts> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", shell::describe(&command)))?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            let more = line_counts(&line);
            counts.passed += more.passed;
            counts.failed += more.failed;
        }
        std::io::stdout().flush()?;
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        bail!("{} ended with {status}", shell::describe(&command));
    }
    if counts == Counts::default() {
        bail!("{} ran no test at all", shell::describe(&command));
    }
    Ok(counts)
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; …`
fn cargo_line(line: &str) -> Counts {
    let Some(rest) = line.strip_prefix("test result: ") else { return Counts::default() };
    let number = |word: &str| {
        let (before, _) = rest.split_once(word)?;
        before.trim().rsplit([' ', ';']).next()?.parse().ok()
    };
    Counts { passed: number(" passed").unwrap_or(0), failed: number(" failed").unwrap_or(0) }
}

/// `# pass 5` and `# fail 0`.
fn tap_line(line: &str) -> Counts {
    let number = |word: &str| line.strip_prefix(word).and_then(|text| text.trim().parse().ok());
    Counts {
        passed: number("# pass ").unwrap_or(0),
        failed: number("# fail ").unwrap_or(0) + number("# cancelled ").unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        let line =
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 4 filtered out";
        assert_eq!(cargo_line(line), Counts { passed: 12, failed: 3 });
        assert_eq!(cargo_line("test a ... ok"), Counts::default());
        assert_eq!(tap_line("# pass 7"), Counts { passed: 7, failed: 0 });
        assert_eq!(tap_line("# fail 2"), Counts { passed: 0, failed: 2 });
    }

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
    fn test_files_are_those_cargo_finds() {
        let files = test_files(&shell::root().join("tests/browser/tests")).unwrap();
        assert!(files.iter().any(|name| name == "player"), "a folder: {files:?}");
        assert!(files.iter().any(|name| name == "face"), "a file: {files:?}");
        let without_main = test_files(&shell::root().join("tests")).unwrap();
        assert!(!without_main.iter().any(|name| name == "fixtures"), "{without_main:?}");
    }

    #[test]
    fn a_program_that_fails_or_tests_nothing_is_an_error() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            counted(command, tap_line)
        };
        assert!(shell("exit 3").is_err());
        assert!(shell("true").is_err());
        assert_eq!(shell("echo '# pass 2'").unwrap(), Counts { passed: 2, failed: 0 });
        assert_eq!(shell("echo '# fail 2'; exit 1").unwrap().failed, 2);
    }
}
