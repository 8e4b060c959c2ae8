//! The stage as a person has it: the program started by its name, the table it prints, the commands
//! and addresses in it, the commands of the workshop, and Ctrl-C.

use crate::{get, media_playlist, wait};
use anyhow::{Context, Result, anyhow, ensure};
use live_origin::stage::{Addresses, Running};
use machine::processes::Process;
use machine::shell;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg"]
fn a_person_starts_it_uses_it_and_ends_it() -> Result<()> {
    let home = shell::target().join("tmp/by-hand");
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home)?;
    let mut person = Person::start(&home)?;
    let result = person.steps().and_then(|()| person.ends_it());
    let said = || std::fs::read_to_string(home.join("said")).unwrap_or_default();
    result.map_err(|error| anyhow!("{error:#}\n{}", said()))?;
    Ok(std::fs::remove_dir_all(&home)?)
}

struct Person {
    home: PathBuf,
    stage: Process,
    table: String,
    running: Running,
}

impl Person {
    /// Types the command, and waits for the table.
    fn start(home: &Path) -> Result<Self> {
        let mut command = program(home);
        command.args([
            "stage",
            "--ladder",
            "small",
            "--source",
            "clock",
            "--segment-millis",
            "1000",
        ]);
        command.args(["--no-page", "--no-recording"]);
        let [shown, said] = ["shown", "said"].map(|name| home.join(name));
        command.stdout(File::create(&shown)?).stderr(File::create(&said)?);
        let mut stage = Process::start(&mut command)?;
        let said = || std::fs::read_to_string(&said).unwrap_or_default();
        let mut ended = None;
        let table = wait("the table", || {
            ended = stage.ended();
            let table = std::fs::read_to_string(&shown).ok().filter(|text| text.ends_with("'\n\n"));
            table.or_else(|| ended.map(|status| format!("ended with {status}")))
        })
        .with_context(said)?;
        let running = home.join("target/stage/running.json");
        let running = std::fs::read_to_string(running).with_context(said)?;
        Ok(Self { home: home.to_owned(), stage, table, running: serde_json::from_str(&running)? })
    }

    fn addresses(&self) -> &Addresses {
        &self.running.addresses
    }

    fn steps(&self) -> Result<()> {
        self.opens_every_address()?;
        self.sends_a_film()?;
        self.hears_what_does_not_play()?;
        self.loads_it()?;
        self.follows_the_labs()
    }

    fn opens_every_address(&self) -> Result<()> {
        let urls: Vec<&str> =
            self.table.split_whitespace().filter(|word| word.starts_with("http://")).collect();
        ensure!(urls.len() == 8, "{}", self.table);
        for url in urls {
            let (address, path) =
                url["http://".len()..].split_once('/').with_context(|| url.to_owned())?;
            let (address, path) = (address.parse()?, format!("/{path}"));
            // On air is what the edge says; the second origin may follow a moment later.
            wait(url, || get(address, &path).ok()?.text().ok())?;
        }
        Ok(())
    }

    /// The printed command with a film of 20 frames a second, under another name.
    fn sends_a_film(&self) -> Result<()> {
        let mut camera = self.camera("film", |printed| printed)?;
        let mut ended = None;
        let list = wait("the film's playlist", || {
            ended = camera.ended();
            let list = media_playlist(self.addresses().edge, "/hls/film_480p/index.m3u8").ok();
            list.map(Ok).or_else(|| ended.map(Err))
        })?;
        let list = list.ok().with_context(|| format!("the camera ended with {ended:?}"))?;
        let is_second = |secs: f64| (secs - 1.0).abs() < 0.06;
        ensure!(list.segments.iter().all(|it| is_second(it.duration_secs)), "{:?}", list.segments);
        // The film itself is 4:4:4, which no browser would play.
        let listed = wait("the film's rungs", || {
            get(self.addresses().primary.http, "/hls/film.m3u8").ok()?.text().ok()
        })?;
        ensure!(listed.contains("\nfilm_480p/index.m3u8\n"), "{listed}");
        Ok(())
    }

    /// The same without what makes it 4:2:0: the terminal says so.
    fn hears_what_does_not_play(&self) -> Result<()> {
        let _camera = self.camera("odd", |printed| printed.replace("-pix_fmt yuv420p ", ""))?;
        wait("a word on the terminal", || {
            let said = std::fs::read_to_string(self.home.join("said")).ok()?;
            said.contains("odd_480p is not listed: the camera sends 4:4:4").then_some(())
        })
    }

    /// The printed command, changed, with a film and this name.
    fn camera(&self, name: &str, change: impl FnOnce(String) -> String) -> Result<Process> {
        let film = self.home.join("film.mp4");
        let mut ffmpeg = shell::command("ffmpeg");
        ffmpeg.args(["-nostdin", "-v", "error", "-y", "-f", "lavfi"]);
        ffmpeg.args(["-i", "testsrc2=s=480x240:r=20", "-f", "lavfi", "-i", "sine", "-t", "20"]);
        shell::capture(ffmpeg.args(["-preset", "ultrafast", "-pix_fmt", "yuv444p"]).arg(&film))?;
        let (_, printed) = self.table.split_once("ffmpeg    ").context("a command for ffmpeg")?;
        let film = format!("'{}'", film.display());
        let place = format!("/live/{name}?");
        let printed = change(printed.replace("FILE", &film).replace("/live/camera?", &place));
        ensure!(printed.contains(&film) && printed.contains(&place), "{printed}");
        let mut camera = shell::command("sh");
        camera.args(["-c", &format!("exec {}", printed.trim())]).stdin(Stdio::null());
        let log = File::create(self.home.join(format!("{name}.log")))?;
        Process::start(camera.stderr(log))
    }

    fn loads_it(&self) -> Result<()> {
        let mut load = program(&self.home);
        load.args(["load", "--clients", "3", "--ramp", "1", "--seconds", "1"]);
        let told = shell::read(&mut load)?;
        for part in ["1 client at the edge", "3 clients at the edge", "3 clients at the origin"] {
            ensure!(told.contains(part), "{part} in {told}");
        }
        let errors: Vec<&str> = told.lines().filter(|line| line.contains("errors ")).collect();
        ensure!(errors.len() == 3 && errors.iter().all(|line| line.ends_with(" 0")), "{told}");
        ensure!(!told.contains("backwards"), "{told}");
        Ok(())
    }

    /// Labs 1 and 3, as far as they are typed into a second terminal: each address answers as the text
    /// says, and the edge asks the origin that the text says.
    fn follows_the_labs(&self) -> Result<()> {
        let names = blocks("README.md")?.pop().context("the names of folder and edge")?;
        let mut told = String::new();
        for lab in ["1-live.md", "3-caching-and-scale.md"] {
            let mut known = names.clone();
            // Other verbs are other tests' affair; on AWS there is another machine.
            let typed = blocks(lab)?.into_iter().filter(|block| !block.starts_with("cargo xtask"));
            for block in typed {
                told += &self.types(&known, &block).with_context(|| block.clone())?;
                let is_name = |line: &&str| {
                    line.split_once('=')
                        .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase()))
                };
                known.extend(block.lines().filter(is_name).map(|line| line.to_owned() + "\n"));
                let answers_by = [("kill -9", "backup"), ("-STOP", "backup"), ("-CONT", "primary")];
                for (_, origin) in answers_by.iter().filter(|(part, _)| block.contains(part)) {
                    self.is_answered_by(origin).with_context(|| block.clone())?;
                }
            }
        }
        let count = |status: &str| told.lines().filter(|line| line.starts_with(status)).count();
        let (good, refused) = (count("HTTP 200 "), count("HTTP 403 "));
        ensure!(good >= 9 && refused == 1 && good + refused == count("HTTP "), "{told}");
        Ok(())
    }

    /// Runs a block where `target` is the stage's; loops for ever are gone through once. Returns how
    /// every address answered.
    fn types(&self, known: &str, block: &str) -> Result<String> {
        let curl =
            "curl() { command curl -w '%{stderr}HTTP %{http_code} %{url_effective}\n' \"$@\"; }";
        let block = block.replace("while sleep 0.5;", "for once in 1;");
        let mut sh = Command::new("sh");
        sh.args(["-c", &format!("set -eu\n{curl}\n{known}\n{block}")]).current_dir(&self.home);
        Ok(String::from_utf8_lossy(&shell::capture(&mut sh)?.stderr).into_owned())
    }

    fn is_answered_by(&self, origin: &str) -> Result<()> {
        wait(&format!("an answer by the {origin}"), || {
            let answer = get(self.addresses().edge, "/hls/camera_480p/index.m3u8").ok()?;
            (answer.status == 200 && answer.header("x-origin") == Some(origin)).then_some(())
        })
    }

    /// Ctrl-C: everything is gone, and nothing says that it runs.
    fn ends_it(&mut self) -> Result<()> {
        ensure!(!users_of(&self.home)?.is_empty(), "nothing to be ended");
        kill(Pid::from_raw(self.stage.id().try_into()?), Signal::SIGINT)?;
        let status = wait("the program's end", || self.stage.ended())?;
        ensure!(status.code() == Some(130), "{status}");
        let left = users_of(&self.home)?;
        ensure!(left.is_empty(), "still there: {left:?}");
        ensure!(!self.home.join("target/stage/running.json").exists(), "it says that it runs");
        Ok(())
    }
}

/// What a page of the workshop has one type.
fn blocks(page: &str) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(shell::root().join("docs/workshop").join(page))?;
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
    Ok(blocks.map(str::to_owned).collect())
}

/// The program, with a `target` folder of its own, in which a stage finds and leaves its traces.
fn program(home: &Path) -> Command {
    let mut command = shell::command(env!("CARGO_BIN_EXE_live-origin"));
    command.env("CARGO_TARGET_DIR", home.join("target")).stdin(Stdio::null());
    command
}

/// Processes that have a file in this folder open, by name: what a stage started writes logs there.
fn users_of(folder: &Path) -> Result<Vec<String>> {
    let mut users = Vec::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let process = entry.path();
        let is_us = entry.file_name().to_str() == Some(&std::process::id().to_string());
        let files = std::fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        let mut files = files.filter_map(|file| std::fs::read_link(file.path()).ok());
        if !is_us && files.any(|file| file.starts_with(folder)) {
            let name = std::fs::read_to_string(process.join("cmdline")).unwrap_or_default();
            users.push(name.replace('\0', " "));
        }
    }
    Ok(users)
}
