//! `cargo xtask VERB`.

use anyhow::{Context, Result, bail};
use std::os::unix::process::CommandExt;
use std::process::ExitCode;
use xtask::setup::Purpose;
use xtask::test::Which;
use xtask::{bench, build, demo, fuzz, lint, package, sample, setup, shell, size, test};

/// A verb: its name, its arguments and its job in a line.
struct Verb {
    name: &'static str,
    usage: &'static str,
    job: &'static str,
    run: fn(&[String]) -> Result<()>,
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
        job: "the wasm modules of wasm-pack.toml, into www/wasm",
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
        job: "format, clippy natively and for wasm, types",
        run: verb_lint,
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
        name: "bench",
        usage: "transmux|playlist|latency|soak|abr [--json] [--seconds N] [--traces DIR] [--seed N]",
        job: "ours beside hls.js, mux.js and Shaka, in one Chromium session; abr without",
        run: verb_bench,
    },
];

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
            eprintln!("\u{2717} cargo xtask {name}: {error:#}");
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

fn verb_sample(arguments: &[String]) -> Result<()> {
    for recipe in [sample::Recipe::demo(), sample::Recipe::test()] {
        if arguments.is_empty() || arguments.iter().any(|name| name == recipe.name) {
            println!("{}", sample::make(&recipe)?.folder.display());
        }
    }
    Ok(())
}

fn verb_setup(arguments: &[String]) -> Result<()> {
    let (mut purpose, mut plan) = (Purpose::Test, false);
    for argument in arguments {
        match argument.as_str() {
            "--plan" => plan = true,
            "build" => purpose = Purpose::Build,
            "demo" => purpose = Purpose::Demo,
            "stage" => purpose = Purpose::Stage,
            "test" => purpose = Purpose::Test,
            unknown => bail!("setup takes [--plan] [build|demo|stage|test], not {unknown}"),
        }
    }
    if plan {
        setup::plan(purpose);
        return Ok(());
    }
    setup::report(purpose)
}

fn verb_demo(arguments: &[String]) -> Result<()> {
    let mut options = demo::Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--live" => options.live = Some(demo::LiveKind::Sliding),
            kind if kind.starts_with("--live=") => {
                options.live = demo::LiveKind::parse(&kind["--live=".len()..]);
                if options.live.is_none() {
                    bail!("--live takes sliding (the default), ll or ivs, not {kind}");
                }
            }
            "--open" => options.open = true,
            "--dev" => options.dev = true,
            "--port" => match rest.next().and_then(|text| text.parse().ok()) {
                Some(port) => options.port = port,
                None => bail!("--port wants a number"),
            },
            unknown => bail!(
                "demo takes [--live[=sliding|ll|ivs]] [--open] [--port N] [--dev], not {unknown}"
            ),
        }
    }
    demo::demo(&options)
}

/// The stage is a program of its own, which leans on this one's library.
fn verb_stage(arguments: &[String]) -> Result<()> {
    setup::setup(Purpose::Stage)?;
    let verb = ["stage", "load"];
    let (verb, rest) = match arguments.split_first() {
        Some((first, rest)) if verb.contains(&first.as_str()) => (first.as_str(), rest),
        _ => ("stage", arguments),
    };
    let mut cargo = shell::cargo();
    cargo.args(["run", "--quiet", "--package", "live-origin", "--", verb]).args(rest);
    // In our place, so that Ctrl-C is for the stage alone.
    Err(cargo.exec()).context("cargo cannot be started")
}

fn verb_package(_: &[String]) -> Result<()> {
    setup::setup(Purpose::Build)?;
    build::build(&build::Options::default())?;
    println!("{}", package::package()?.display());
    Ok(())
}

fn verb_test(arguments: &[String]) -> Result<()> {
    test::test(match arguments {
        [] => Which::All,
        [list] if list == "--list" => Which::List,
        parts if !parts.iter().any(|part| part.starts_with('-')) => Which::Holding(parts.to_vec()),
        _ => bail!("test takes [--list] [STEP…]"),
    })
}

fn verb_lint(_: &[String]) -> Result<()> {
    setup::setup(Purpose::Build)?;
    lint::lint()
}

fn verb_size(arguments: &[String]) -> Result<()> {
    setup::setup(Purpose::Build)?;
    build::build(&build::Options::default())?;
    size::report(arguments.iter().any(|argument| argument == "--json"))
}

fn verb_fuzz(arguments: &[String]) -> Result<()> {
    let (mut targets, mut seconds) = (Vec::new(), 60);
    for argument in arguments {
        match argument.parse() {
            Ok(number) => seconds = number,
            Err(_) if argument.starts_with('-') => {
                bail!("fuzz takes [TARGET] [SECONDS], not {argument}")
            }
            Err(_) => targets.push(argument.clone()),
        }
    }
    if targets.is_empty() {
        targets = fuzz::targets()?;
    }
    targets.iter().try_for_each(|target| fuzz::fuzz(target, seconds))
}

fn verb_bench(arguments: &[String]) -> Result<()> {
    let (mut name, mut how) = (None, bench::How::default());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--json" => how.json = true,
            "--seconds" => match rest.next().and_then(|text| text.parse().ok()) {
                Some(seconds) if seconds > 0 => how.seconds = Some(seconds),
                _ => bail!("--seconds wants a number above 0"),
            },
            "--traces" => match rest.next() {
                Some(folder) => how.traces = Some(folder.into()),
                None => bail!("--traces wants a folder"),
            },
            "--seed" => match rest.next().and_then(|text| text.parse().ok()) {
                Some(seed) => how.seed = Some(seed),
                None => bail!("--seed wants a whole number"),
            },
            unknown if unknown.starts_with('-') => {
                bail!(
                    "bench takes NAME [--json] [--seconds N] [--traces DIR] [--seed N], not {unknown}"
                )
            }
            other => name = Some(other),
        }
    }
    let Some(name) = name else { bail!("bench takes one of {}", bench::NAMES.join(", ")) };
    setup::setup(Purpose::Build)?;
    bench::bench(name, how)
}
