//! Recordings as video on demand (`examples/live-origin/vod`, a Node.js program): its packages, the
//! Python tools that stand in for AWS, and the whole of it as a process beside us.
//!
//! In: the lock file and `requirements.txt` beside that program. Out: a virtual environment in
//! `target/tools`, `node_modules` beside the program, processes that end with us. What the program
//! does, and how, is its own affair; its README says it.

use anyhow::{Context, Result, bail};
use machine::processes::Process;
use machine::{shell, tools};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a verb needs of it.
#[derive(Debug, Clone)]
pub struct Tools {
    /// S3, SQS and CloudFormation on loopback.
    pub moto_server: PathBuf,
    /// Checks CloudFormation templates.
    pub cfn_lint: PathBuf,
}

/// The program's folder.
pub fn folder() -> PathBuf {
    shell::root().join("examples/live-origin/vod")
}

/// Makes sure of all of it.
pub fn tools() -> Result<Tools> {
    let bin = virtual_environment()?.join("bin");
    node_modules()?;
    Ok(Tools { moto_server: bin.join("moto_server"), cfn_lint: bin.join("cfn-lint") })
}

/// The Python tools, installed when they are not those of `requirements.txt`.
fn virtual_environment() -> Result<PathBuf> {
    let requirements = folder().join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).context("requirements.txt is missing")?;
    let made = shell::target().join("tools/python");
    let stamp = made.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(made);
    }
    let Some(python) = tools::python() else {
        bail!(
            "Python 3 with its venv module is missing; `cargo xtask setup` installs it or says how"
        );
    };
    shell::say("installing moto_server and cfn-lint into target/tools/python; half a minute");
    shell::run(shell::command(python).args(["-m", "venv", "--clear"]).arg(&made))?;
    let mut pip = shell::command(made.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    shell::run(pip.arg(&requirements)).context("pip could not install the Python tools")?;
    // Last: what is half installed is installed anew.
    std::fs::write(stamp, wanted)?;
    Ok(made)
}

/// The program's npm packages, installed when they are not those of its lock file.
fn node_modules() -> Result<()> {
    let lock = std::fs::read_to_string(folder().join("package-lock.json"))?;
    let stamp = folder().join("node_modules/.installed-lock.json");
    if std::fs::read_to_string(&stamp).is_ok_and(|present| present == lock) {
        return Ok(());
    }
    tools::require("npm")?;
    shell::say("installing the AWS SDK for examples/live-origin/vod");
    let mut npm = shell::command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder());
    shell::run(&mut npm).context("npm could not install the AWS SDK")?;
    std::fs::write(stamp, lock)?;
    Ok(())
}

/// Buckets, queues and a worker on loopback; they end, and forget everything, when this is dropped.
#[derive(Debug)]
pub struct Local {
    /// Settings for `node --env-file=…`, which the upload of a recording wants.
    pub env_file: PathBuf,
    /// Where S3 and SQS are.
    pub endpoint: String,
    /// The worker's log.
    pub log: PathBuf,
    process: Process,
}

impl Local {
    /// Starts them, their files and logs in this folder, and waits until they are ready.
    pub fn start(tools: &Tools, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let log = folder.join("worker.log");
        let mut node = node_program("local.mjs");
        node.arg("--folder").arg(folder).env("MOTO_SERVER", &tools.moto_server);
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(&log)?);
        let mut process = Process::start(&mut node)?;
        let output = process.child().stdout.take().context("its standard output is a pipe")?;
        let mut line = String::new();
        // It prints when it is ready, or ends.
        BufReader::new(output).read_line(&mut line)?;
        let Some(endpoint) = line.trim().strip_prefix("ready ") else {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("recording is not ready: {}", said.trim());
        };
        let endpoint = endpoint.to_owned();
        Ok(Self { env_file: folder.join("vod.env"), endpoint, log, process })
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.process.ended().is_none()
    }

    /// The command that hands a recording over: a file and its stream's name are to follow, as
    /// `FILE --name STREAM`.
    pub fn upload(&self) -> Command {
        let mut node = shell::command("node");
        let mut settings = std::ffi::OsString::from("--env-file=");
        settings.push(&self.env_file);
        node.arg(settings).arg(folder().join("upload.mjs"));
        node
    }

    /// The addresses of the videos published so far.
    pub fn published(&self) -> Vec<String> {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let addresses = log.lines().filter_map(|line| line.split_once(" published "));
        addresses.map(|(_, url)| url.trim().to_owned()).collect()
    }
}

/// One of its programs.
fn node_program(name: &str) -> Command {
    let mut node = shell::command("node");
    node.arg(folder().join(name));
    node
}

/// The command that runs its tests and those of `examples/aws`, services included.
pub fn tests(tools: &Tools) -> Result<Command> {
    // What the machines of examples/aws run.
    shell::run(shell::cargo().args(["build", "--quiet", "--package", "live-origin"]))?;
    let mut node = shell::command("node");
    // By itself Node takes one core less than there are; these wait for services most of the time, and
    // each file has its own.
    node.args(["--test", "--test-reporter=tap", "--test-concurrency=3"]);
    for folder in [folder().join("test"), shell::root().join("examples/aws/test")] {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .with_context(|| format!("{} cannot be read", folder.display()))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
            .collect();
        files.sort();
        node.args(files);
    }
    node.env("MOTO_SERVER", &tools.moto_server).env("CFN_LINT", &tools.cfn_lint);
    node.env("LIVE_ORIGIN", shell::target().join("debug/live-origin"));
    Ok(node)
}
