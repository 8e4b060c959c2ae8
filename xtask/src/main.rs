//! `cargo xtask VERB`: verbs and nothing else; what the tests share with them is below `tools/`.
//!
//! In: the checkout this was compiled in and the tools of the machine. Out: files under
//! `www/wasm/` and `target/`, and lines on the terminal. Nothing here is in the npm package.

mod bench;
mod build;
mod bundle;
mod demo;
mod docs;
mod fuzz;
mod lint;
mod modules;
mod msrv;
mod package;
mod short_names;
mod size;
mod steps;
mod test;

use anyhow::{Context, Result, bail};
use lexopt::Parser;
use lexopt::prelude::*;
use machine::setup::{self, Purpose};
use machine::shell;
use std::num::NonZeroU32;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;
use test::Which;
use test_streams::sample;

/// A verb: its name, its arguments and its job in a line.
struct Verb {
    name: &'static str,
    usage: &'static str,
    job: &'static str,
    run: fn(&mut Parser) -> Result<()>,
}

const VERBS: &[Verb] = &[
    Verb {
        name: "setup",
        usage: "[--plan] [build|demo|stage|test]",
        job: "finds or installs every tool; with --plan says what it would do",
        run: verb_setup,
    },
    Verb {
        name: "demo",
        usage: "[--live[=sliding|ll|ivs]] [--open] [--port N] [--dev]",
        job: "everything up to a page on loopback, and its URL",
        run: verb_demo,
    },
    Verb {
        name: "stage",
        usage: "[load] [--ladder full|small|tiny] [--source clock|loop|none] [--with-dash] …",
        job: "the live chain on loopback: RTMP ingest, two origins, an edge; or its load test",
        run: verb_stage,
    },
    Verb {
        name: "build",
        usage: "[--dev] [MODULE…]",
        job: "the wasm modules of wasm-pack.toml, into www/wasm, and the package's files, into dist",
        run: verb_build,
    },
    Verb {
        name: "package",
        usage: "",
        job: "the npm tarball, into target/package",
        run: verb_package,
    },
    Verb {
        name: "sample",
        usage: "[demo] [test]",
        job: "the 360° sample streams, into target/media",
        run: verb_sample,
    },
    Verb {
        name: "test",
        usage: "[--list] [STEP…]",
        job: "every check there is, browsers included; or the steps whose names hold a word",
        run: verb_test,
    },
    Verb {
        name: "lint",
        usage: "",
        job: "formats, types, reports of what is public, documents, clippy natively and for wasm",
        run: verb_lint,
    },
    Verb {
        name: "msrv",
        usage: "",
        job: "what is published compiles with the oldest Rust that Cargo.toml names",
        run: verb_msrv,
    },
    Verb {
        name: "size",
        usage: "[--json]",
        job: "bytes of each module and of a flat page, against the budgets",
        run: verb_size,
    },
    Verb {
        name: "fuzz",
        usage: "[TARGET] [SECONDS]",
        job: "a bounded run of a fuzz target, or of each",
        run: verb_fuzz,
    },
    Verb {
        name: "docs",
        usage: "",
        job: "the documents as a site, in target/docs, with the reference and a playground",
        run: verb_docs,
    },
    Verb {
        name: "bench",
        usage: "transmux|playlist|latency|soak|abr|start [--json] [--seconds N] [--rounds N] [--traces DIR] [--seed N]",
        job: "ours beside hls.js, mux.js, Shaka, three and A-Frame, in one Chromium session; abr without",
        run: verb_bench,
    },
];

fn main() -> ExitCode {
    let mut arguments = Parser::from_env();
    let name = match arguments.next() {
        Ok(Some(Value(name))) => name.to_string_lossy().into_owned(),
        Ok(Some(Short('h') | Long("help")) | None) => {
            print_verbs();
            return ExitCode::SUCCESS;
        }
        Ok(Some(other)) => return complain(&other.unexpected().to_string()),
        Err(error) => return complain(&error.to_string()),
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        return complain(&format!("no verb {name}"));
    };
    match (verb.run)(&mut arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\u{2717} cargo xtask {name}: {error:#}");
            if error.is::<lexopt::Error>() {
                eprintln!("  usage: cargo xtask {name} {}", verb.usage);
                return ExitCode::from(2);
            }
            ExitCode::FAILURE
        }
    }
}

fn complain(what: &str) -> ExitCode {
    eprintln!("{what}\n");
    print_verbs();
    ExitCode::from(2)
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

/// For a verb that takes no arguments.
fn takes_none(arguments: &mut Parser) -> Result<()> {
    match arguments.next()? {
        None => Ok(()),
        Some(argument) => Err(argument.unexpected().into()),
    }
}

fn verb_build(arguments: &mut Parser) -> Result<()> {
    let mut options = build::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("dev") => options.dev = true,
            Value(name) => options.names.push(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    build::build(&options).map(drop)
}

fn verb_sample(arguments: &mut Parser) -> Result<()> {
    let recipes = [sample::Recipe::demo(), sample::Recipe::test()];
    let mut names = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(name) if recipes.iter().any(|recipe| name == *recipe.name) => names.push(name),
            other => return Err(other.unexpected().into()),
        }
    }
    for recipe in recipes {
        if names.is_empty() || names.iter().any(|name| *name == *recipe.name) {
            println!("{}", sample::make(&recipe)?.folder.display());
        }
    }
    Ok(())
}

fn verb_setup(arguments: &mut Parser) -> Result<()> {
    let (mut purpose, mut plan) = (Purpose::Test, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("plan") => plan = true,
            Value(name) if name == "build" => purpose = Purpose::Build,
            Value(name) if name == "demo" => purpose = Purpose::Demo,
            Value(name) if name == "stage" => purpose = Purpose::Stage,
            Value(name) if name == "test" => purpose = Purpose::Test,
            other => return Err(other.unexpected().into()),
        }
    }
    if plan {
        setup::plan(purpose);
        return Ok(());
    }
    setup::report(purpose)
}

fn verb_demo(arguments: &mut Parser) -> Result<()> {
    let mut options = demo::Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("live") => {
                options.live = Some(match arguments.optional_value() {
                    None => demo::LiveKind::Sliding,
                    Some(kind) => kind.parse()?,
                });
            }
            Long("open") => options.open = true,
            Long("dev") => options.dev = true,
            Long("port") => options.port = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    demo::demo(&options)
}

/// The stage is a program of its own; the page that it shows is built first.
fn verb_stage(arguments: &mut Parser) -> Result<()> {
    setup::setup(Purpose::Stage)?;
    let mut rest: Vec<_> = arguments.raw_args()?.collect();
    let verb = match rest.first().and_then(|first| first.to_str()) {
        Some("load") => "load",
        _ => "stage",
    };
    rest.drain(..usize::from(verb == "load"));
    if verb == "stage" && !rest.iter().any(|argument| argument == "--no-page") {
        build::build(&build::Options::default())?;
    }
    let mut cargo = shell::cargo();
    cargo.args(["run", "--quiet", "--package", "live-origin", "--", verb]).args(rest);
    // In our place, so that Ctrl-C is for the stage alone.
    Err(cargo.exec()).context("cargo cannot be started")
}

fn verb_package(arguments: &mut Parser) -> Result<()> {
    takes_none(arguments)?;
    setup::setup(Purpose::Build)?;
    build::build(&build::Options::default())?;
    let tarball = package::package()?;
    package::check(&tarball)?;
    println!("{}", tarball.display());
    Ok(())
}

fn verb_test(arguments: &mut Parser) -> Result<()> {
    let (mut parts, mut is_list) = (Vec::new(), false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("list") => is_list = true,
            Value(part) => parts.push(part.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    test::test(match (is_list, parts.is_empty()) {
        (true, _) => Which::List,
        (false, true) => Which::All,
        (false, false) => Which::Holding(parts),
    })
}

fn verb_lint(arguments: &mut Parser) -> Result<()> {
    takes_none(arguments)?;
    setup::setup(Purpose::Build)?;
    lint::lint()
}

fn verb_docs(arguments: &mut Parser) -> Result<()> {
    takes_none(arguments)?;
    setup::setup(Purpose::Build)?;
    build::build(&build::Options::default())?;
    println!("{}", docs::docs()?.display());
    Ok(())
}

fn verb_msrv(arguments: &mut Parser) -> Result<()> {
    takes_none(arguments)?;
    msrv::msrv()
}

fn verb_size(arguments: &mut Parser) -> Result<()> {
    let mut json = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("json") => json = true,
            other => return Err(other.unexpected().into()),
        }
    }
    setup::setup(Purpose::Build)?;
    build::build(&build::Options::default())?;
    size::report(json)
}

fn verb_fuzz(arguments: &mut Parser) -> Result<()> {
    let (mut targets, mut seconds) = (Vec::new(), 60);
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(value) => match value.parse() {
                Ok(number) => seconds = number,
                Err(_) => targets.push(value.string()?),
            },
            other => return Err(other.unexpected().into()),
        }
    }
    if targets.is_empty() {
        targets = fuzz::targets()?;
    }
    targets.iter().try_for_each(|target| fuzz::fuzz(target, seconds))
}

fn verb_bench(arguments: &mut Parser) -> Result<()> {
    let (mut name, mut how) = (None, bench::How::default());
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("json") => how.json = true,
            Long("seconds") => how.seconds = Some(arguments.value()?.parse::<NonZeroU32>()?.get()),
            Long("rounds") => how.rounds = Some(arguments.value()?.parse::<NonZeroU32>()?.get()),
            Long("traces") => how.traces = Some(arguments.value()?.into()),
            Long("seed") => how.seed = Some(arguments.value()?.parse()?),
            Value(value) if name.is_none() => name = Some(value.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let Some(name) = name else { bail!("bench takes one of {}", bench::NAMES.join(", ")) };
    setup::setup(Purpose::Build)?;
    bench::bench(&name, how)
}
