//! `cargo xtask fuzz [TARGET] [SECONDS]`: a bounded run of a fuzz target, or of each, on the stable
//! compiler.
//!
//! The flags are those of cargo-fuzz without the address sanitizer, which stable Rust does not
//! have: coverage guides the fuzzer, panics, overflows and memory beyond a limit end it.

use anyhow::{Context, Result, bail};
use machine::shell;

const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Clink-dead-code";

/// Targets whose input is a row of choices, not a file: what a long input reaches a short one does
/// not, so inputs grow soon.
const CHOICES: [&str; 3] = ["engine", "packed_audio", "reloads"];

/// Every target there is.
pub fn targets() -> Result<Vec<String>> {
    let files = std::fs::read_dir(shell::root().join("fuzz/fuzz_targets"))?;
    let names = files.flatten().filter_map(|file| {
        file.file_name().to_str().and_then(|name| name.strip_suffix(".rs")).map(str::to_owned)
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// Builds every target, without the flags, and runs what was found before: `fuzz/findings/TARGET`
/// holds an input for each.
pub fn replay() -> Result<()> {
    let target_dir = shell::target().join("fuzz");
    let mut cargo = shell::cargo();
    cargo.args(["build", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--target-dir"]);
    shell::run(cargo.arg(&target_dir))?;
    let findings = shell::root().join("fuzz/findings");
    for folder in std::fs::read_dir(findings)?.flatten() {
        let inputs = std::fs::read_dir(folder.path())?.flatten().map(|input| input.path());
        let mut program = shell::command(target_dir.join("debug").join(folder.file_name()));
        let output = shell::read(program.args(inputs).env("RUST_BACKTRACE", "0"));
        output.with_context(|| format!("{:?} was found before", folder.file_name()))?;
    }
    Ok(())
}

/// Fuzzes for so long.
pub fn fuzz(target: &str, seconds: u32) -> Result<()> {
    let fuzz = shell::root().join("fuzz");
    if !fuzz.join(format!("fuzz_targets/{target}.rs")).is_file() {
        bail!("there is no fuzz target {target}, but {}", targets()?.join(", "));
    }
    // Naming the target keeps the flags from build scripts.
    let version = shell::read(shell::command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc did not name its host")?;
    let target_dir = shell::target().join("fuzz");
    shell::run(
        shell::cargo()
            .args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--bin", target])
            .args(["--target", host, "--target-dir"])
            .arg(&target_dir)
            .env("RUSTFLAGS", FLAGS),
    )?;
    let corpus = fuzz.join("corpus").join(target);
    let artifacts = fuzz.join("artifacts").join(target);
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(&artifacts)?;
    let mut program = shell::command(target_dir.join(host).join("release").join(target));
    program
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-rss_limit_mb=1024", "-malloc_limit_mb=512"]);
    if CHOICES.contains(&target) {
        program.args(["-len_control=5", "-max_len=3000"]).arg(&corpus);
    } else {
        program.args([&corpus, &shell::root().join("tests/fixtures")]);
    }
    shell::run(&mut program).with_context(|| format!("{target} found something"))
}
