//! What test programs print, read as it comes: how many tests passed, and what those that failed say.
//!
//! In: lines of libtest (`cargo test`), or of TAP (`node --test`). Out: a [`Report`], whose failures are
//! the beginnings of the tests' own words, without what leads up to them and without backtraces: a log of
//! an hour is read from its end. It judges nothing but what these two formats say.

use anyhow::{Context, Result, bail};
use machine::shell;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Lines kept of what a failed test said.
const MAX_LINES: usize = 15;
/// Characters kept of a line.
const MAX_LINE_CHARS: usize = 400;
/// Failed tests whose words are kept; the others are counted.
const MAX_FAILURES: usize = 40;

/// Tests counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub passed: u64,
    pub failed: u64,
    pub failures: Vec<Failure>,
}

/// A test that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// As its program names it.
    pub name: String,
    /// Its error, or the last that it said.
    pub lines: Vec<String>,
}

/// Whose lines they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `test result: ok. 5 passed; 0 failed; 1 ignored; …`, and a block for each failed test.
    Libtest,
    /// `# pass 5`, `# fail 0`, and a block of YAML behind each result.
    Tap,
}

/// Runs it, passes its output on, and counts by its lines.
pub fn counted(command: Command, format: Format) -> Result<Report> {
    counted_into(command, format, &mut std::io::stdout())
}

/// The same beside another: what it printed comes in one piece, at its end.
pub fn counted_aside(command: Command, format: Format) -> Result<Report> {
    let mut printed = Vec::new();
    let report = counted_into(command, format, &mut printed);
    std::io::stdout().write_all(&printed)?;
    report
}

fn counted_into(mut command: Command, format: Format, to: &mut dyn Write) -> Result<Report> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", shell::describe(&command)))?;
    let mut reader = Reader::new(format);
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            writeln!(to, "{line}")?;
            reader.read(&line);
        }
        to.flush()?;
    }
    let report = reader.end();
    let status = child.wait()?;
    if !status.success() && report.failed == 0 {
        bail!("{} ended with {status}", shell::describe(&command));
    }
    if (report.passed, report.failed) == (0, 0) {
        bail!("{} ran no test at all", shell::describe(&command));
    }
    Ok(report)
}

struct Reader {
    format: Format,
    report: Report,
    block: Option<Block>,
}

/// What one failed test says, while it is being read.
struct Block {
    name: String,
    lines: VecDeque<String>,
    state: State,
}

#[derive(PartialEq)]
enum State {
    /// Nothing yet that looks like the error: the last lines are kept.
    Before,
    /// The first lines are kept.
    Error,
    /// Whatever follows is left out.
    Behind,
    /// Others inside this one failed, and speak for themselves.
    Others,
}

impl Reader {
    fn new(format: Format) -> Self {
        Self { format, report: Report::default(), block: None }
    }

    fn read(&mut self, line: &str) {
        match self.format {
            Format::Libtest => self.libtest(line),
            Format::Tap => self.tap(line),
        }
    }

    fn libtest(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            let number = |word: &str| {
                let (before, _) = rest.split_once(word)?;
                before.trim().rsplit([' ', ';']).next()?.parse().ok()
            };
            self.report.passed += number(" passed").unwrap_or(0);
            self.report.failed += number(" failed").unwrap_or(0);
            self.close();
        } else if let Some(name) = line.strip_prefix("---- ")
            && let Some(name) = name.strip_suffix(" stdout ----")
        {
            self.open(name);
        } else if line == "failures:" {
            self.close();
        } else if let Some(block) = &mut self.block {
            let begins = line.starts_with("Error: ")
                || (line.starts_with("thread '") && line.contains(" panicked at "));
            let ends = line.eq_ignore_ascii_case("stack backtrace:")
                || line.starts_with("note: run with `RUST_BACKTRACE");
            block.take(line, begins, ends);
        }
    }

    fn tap(&mut self, line: &str) {
        let number = |word: &str| line.strip_prefix(word)?.trim().parse().ok();
        self.report.passed += number("# pass ").unwrap_or(0);
        self.report.failed += number("# fail ").unwrap_or(0) + number("# cancelled ").unwrap_or(0);
        let inner = line.trim_start();
        if let Some(result) = inner.strip_prefix("not ok ") {
            self.open(result.split_once(" - ").map_or(result, |(_, name)| name));
        } else if inner == "..." || inner.starts_with("ok ") {
            self.close();
        } else if let Some(block) = &mut self.block {
            if inner == "failureType: 'subtestsFailed'" {
                block.state = State::Others;
            }
            block.take(inner, inner.starts_with("error:"), inner.starts_with("stack:"));
        }
    }

    fn open(&mut self, name: &str) {
        self.close();
        let (name, lines) = (name.to_owned(), VecDeque::new());
        self.block = Some(Block { name, lines, state: State::Before });
    }

    fn close(&mut self) {
        let Some(block) = self.block.take() else { return };
        if block.state == State::Others || self.report.failures.len() == MAX_FAILURES {
            return;
        }
        let mut lines = Vec::from(block.lines);
        while lines.last().is_some_and(|line| line.trim().is_empty()) {
            lines.pop();
        }
        self.report.failures.push(Failure { name: block.name, lines });
    }

    fn end(mut self) -> Report {
        self.close();
        self.report
    }
}

impl Block {
    fn take(&mut self, line: &str, begins: bool, ends: bool) {
        match self.state {
            State::Before if begins => {
                self.lines.clear();
                self.state = State::Error;
            }
            State::Before if self.lines.len() == MAX_LINES => drop(self.lines.pop_front()),
            State::Error if ends || self.lines.len() == MAX_LINES => self.state = State::Behind,
            State::Before | State::Error | State::Behind | State::Others => {}
        }
        if matches!(self.state, State::Before | State::Error) {
            self.lines.push_back(shortened(line));
        }
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(MAX_LINE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Format, text: &str) -> Report {
        let mut reader = Reader::new(format);
        text.lines().for_each(|line| reader.read(line));
        reader.end()
    }

    #[test]
    fn results_are_counted() {
        let text = "test a ... ok\n\
                    test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 4 filtered out\n\
                    test result: ok. 2 passed; 0 failed; 0 ignored";
        let report = read(Format::Libtest, text);
        assert_eq!((report.passed, report.failed, report.failures), (14, 3, vec![]));
        let report = read(Format::Tap, "# pass 7\n# fail 2\n# cancelled 1");
        assert_eq!((report.passed, report.failed), (7, 3));
    }

    #[test]
    fn a_failed_test_is_told_by_its_error() {
        let said = "said before\n".repeat(30);
        let caused = "    0: the real cause\n".repeat(30);
        let long = "x".repeat(1000);
        let text = format!(
            "running 3 tests\ntest one ... FAILED\n\nfailures:\n\n---- one stdout ----\n{said}\
             Error: it broke {long}\n\nCaused by:\n{caused}\n\n\
             ---- two stdout ----\n\nthread 'two' (7) panicked at tests/two.rs:1:2:\nnot so\n\
             stack backtrace:\n   0: nobody\nError: not this one\n\n\
             ---- three stdout ----\n{said}the last word\n\n\n\
             failures:\n    one\n    two\n    three\n\n\
             test result: FAILED. 0 passed; 3 failed; 0 ignored"
        );
        let report = read(Format::Libtest, &text);
        assert_eq!((report.passed, report.failed), (0, 3));
        let [one, two, three] = &report.failures[..] else { panic!("{report:?}") };
        assert_eq!((one.name.as_str(), one.lines.len()), ("one", MAX_LINES));
        assert!(one.lines[0].starts_with("Error: it broke xxx") && one.lines[0].ends_with('…'));
        assert_eq!(one.lines[3..5], ["    0: the real cause", "    0: the real cause"]);
        assert_eq!(two.lines, ["thread 'two' (7) panicked at tests/two.rs:1:2:", "not so"]);
        assert_eq!(three.lines.last().map(String::as_str), Some("the last word"));
        assert!(three.lines.len() <= MAX_LINES, "{three:?}");
    }

    #[test]
    fn a_failed_test_of_node_is_told_by_its_error() {
        let text = "TAP version 13\n# Subtest: outer\n    # Subtest: inner\n    not ok 1 - inner\n      \
                    ---\n      duration_ms: 1\n      type: 'test'\n      \
                    failureType: 'testCodeFailure'\n      error: |-\n        Expected values\n      \
                    code: 'ERR_ASSERTION'\n      stack: |-\n        at nowhere\n      ...\n    \
                    1..1\nnot ok 1 - outer\n  ---\n  failureType: 'subtestsFailed'\n  \
                    error: '1 subtest failed'\n  ...\n# Subtest: fine\nok 2 - fine\n# pass 1\n# fail 2";
        let report = read(Format::Tap, text);
        assert_eq!((report.passed, report.failed), (1, 2));
        let lines = ["error: |-", "Expected values", "code: 'ERR_ASSERTION'"].map(str::to_owned);
        let inner = Failure { name: "inner".to_owned(), lines: lines.to_vec() };
        assert_eq!(report.failures, [inner]);
    }

    #[test]
    fn a_program_that_fails_or_tests_nothing_is_an_error() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            counted(command, Format::Tap)
        };
        assert!(shell("exit 3").is_err());
        assert!(shell("true").is_err());
        assert_eq!(shell("echo '# pass 2'").unwrap().passed, 2);
        assert_eq!(shell("echo '# fail 2'; exit 1").unwrap().failed, 2);
    }
}
