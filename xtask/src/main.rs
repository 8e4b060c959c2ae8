//! `cargo xtask VERB`.

use anyhow::{Result, bail};
use std::process::ExitCode;
use xtask::build;

/// A verb: its name, its arguments and its job in a line.
struct Verb {
    name: &'static str,
    usage: &'static str,
    job: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const VERBS: &[Verb] = &[Verb {
    name: "build",
    usage: "[--dev] [MODULE…]",
    job: "the wasm modules of wasm-pack.toml, into www/wasm",
    run: verb_build,
}];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print_verbs();
        return ExitCode::SUCCESS;
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        if !matches!(name.as_str(), "help" | "--help" | "-h") {
            eprintln!("no verb {name}\n");
        }
        print_verbs();
        return ExitCode::from(2);
    };
    match (verb.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\u{2717} cargo xtask {name}: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn print_verbs() {
    println!("cargo xtask VERB\n");
    for verb in VERBS {
        println!("  {:<10} {}", verb.name, verb.job);
        if !verb.usage.is_empty() {
            println!("  {:<10}   {}", "", verb.usage);
        }
    }
}

fn verb_build(arguments: &[String]) -> Result<()> {
    let mut options = build::Options::default();
    for argument in arguments {
        match argument.as_str() {
            "--dev" => options.dev = true,
            name if !name.starts_with('-') => options.names.push(name.to_owned()),
            unknown => bail!("build takes [--dev] [MODULE…], not {unknown}"),
        }
    }
    build::build(&options).map(drop)
}
