//! `cargo xtask build`: from Rust to `NAME.js` and `NAME_bg.wasm`, in `www/wasm` for what ships, and all
//! of `www/` to `dist/` (`bundle.rs`).
//!
//! In: `wasm-pack.toml`. Per module: cargo (a target directory for all that are compiled alike, each of
//! those directories in a thread of its own, as half of the time only one core has something to do; with
//! the standard library from source where the module asks for it) → wasm-bindgen (as a library, its version held to the crate's by
//! Cargo.lock) → short names → wasm-opt (npm `binaryen`) and Vite's minifier for the JavaScript. The later steps
//! are left out when the compiler's output and the recipe are the ones already bound.

use crate::bundle;
use crate::modules::{self, Module};
use crate::short_names;
use anyhow::{Context, Result, bail};
use machine::shell::{self, Key};
use machine::std_source::{self, StdSource};
use machine::tools;
use machine::wasm_target::{self, TARGET, WasmTarget};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What to build.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Module names; none means all that ship.
    pub names: Vec<String>,
    /// Quick and large: no optimisation, no wasm-opt, names kept.
    pub dev: bool,
}

/// Builds the modules; returns those whose files changed.
pub fn build(options: &Options) -> Result<Vec<String>> {
    let modules = modules::chosen(&options.names)?;
    let target = wasm_target::wasm_target()?;
    let wants_std = !options.dev && modules.iter().any(|module| module.build_std);
    let std = if wants_std { std_source::std_source(&target)? } else { None };
    let minifiers = if options.dev { None } else { Some(Minifiers::find()?) };
    let mut alike: BTreeMap<PathBuf, Vec<&Module>> = BTreeMap::new();
    for module in &modules {
        alike.entry(module.target_dir(options.dev)).or_default().push(module);
    }
    let build = |module: &Module| {
        let started = Instant::now();
        let std = std.as_ref().filter(|_| module.build_std);
        let compiled = compile(module, options.dev, &target, std)?;
        let is_changed = bind(module, &compiled, minifiers.as_ref())?;
        if is_changed {
            let size = module.wasm_path().metadata()?.len();
            shell::say(format!(
                "{} \u{2192} {} bytes of wasm in {:.1} s",
                module.name,
                size,
                started.elapsed().as_secs_f64()
            ));
        }
        Ok(is_changed.then(|| module.name.clone()))
    };
    let build_all =
        |modules: Vec<&Module>| -> Result<Vec<_>> { modules.into_iter().map(&build).collect() };
    let changed: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            alike.into_values().map(|modules| scope.spawn(|| build_all(modules))).collect();
        let built = threads.into_iter().map(|thread| thread.join());
        built
            .map(|built| built.unwrap_or_else(|_| bail!("the build of a module has panicked")))
            .collect::<Result<_>>()
    })?;
    if options.names.is_empty() {
        bundle::bundle()?;
    }
    Ok(changed.into_iter().flatten().flatten().collect())
}

/// `cargo build` of one module; returns the wasm it made.
fn compile(
    module: &Module,
    dev: bool,
    target: &WasmTarget,
    std: Option<&StdSource>,
) -> Result<PathBuf> {
    let profile = if dev { "dev" } else { "release" };
    let target_dir = module.target_dir(dev);
    // With the rlib of Cargo.toml made in the same go, cargo silently leaves out LTO.
    let mut cargo = target.cargo("rustc");
    cargo
        .args(["--lib", "--crate-type", "cdylib"])
        .args(["--package", &module.package, "--no-default-features"])
        .args(["--features", &module.features.join(",")])
        .args(["--profile", profile, "--target-dir"])
        .arg(&target_dir)
        .env_remove("RUSTFLAGS");
    let mut flags = rust_flags(module);
    if let Some(std) = std {
        std.configure(&mut cargo);
        flags.extend(std.rust_flags());
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    if !dev {
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", &module.opt_level);
        cargo.args(module.cargo_config().iter().flat_map(|config| ["--config", config]));
    }
    shell::run(&mut cargo).with_context(|| format!("the module {} was not built", module.name))?;
    let folder = if dev { "debug" } else { "release" };
    Ok(target_dir.join(TARGET).join(folder).join(module.compiled_name()))
}

/// Compiler flags of a module. Paths of this machine stay out of panic messages.
fn rust_flags(module: &Module) -> Vec<String> {
    let mut flags: Vec<String> =
        module.target_features.iter().map(|name| format!("-Ctarget-feature=+{name}")).collect();
    let home = std::env::var("CARGO_HOME").ok().or_else(|| {
        #[allow(deprecated)]
        std::env::home_dir().map(|home| home.join(".cargo").to_string_lossy().into_owned())
    });
    if let Some(home) = home {
        flags.push(format!("--remap-path-prefix={home}=cargo"));
    }
    flags.push(format!("--remap-path-prefix={}=videosphere", shell::root().display()));
    flags
}

/// wasm-bindgen, then the minifiers; false when the files are already those of this input.
fn bind(module: &Module, compiled: &Path, minifiers: Option<&Minifiers>) -> Result<bool> {
    let bytes = std::fs::read(compiled)
        .with_context(|| format!("cargo said it built {}", compiled.display()))?;
    let key = Key::default()
        .with(&bytes)
        .with(format!("{:?}", minifiers.map(|_| (&module.wasm_opt, STRIP))))
        .with(MINIFY_JS)
        .with(short_names::RECIPE)
        .with(tools::wasm_bindgen_version())
        .to_string();
    let out = module.directory();
    let stamp = shell::target().join("wasm").join(format!("{}.stamp", module.name));
    // Newer than the stamp, they are someone else's: wasm-pack's, for one.
    let stamped = shell::modified(&stamp);
    let fresh = [module.js_path(), module.wasm_path()]
        .iter()
        .all(|path| path.is_file() && shell::modified(path) <= stamped)
        && std::fs::read_to_string(&stamp).is_ok_and(|last| last == key);
    if fresh {
        return Ok(false);
    }
    std::fs::create_dir_all(&out)?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(compiled)
        .out_name(&module.name)
        // The library's scripts say where the wasm is, by addresses that bundlers find.
        .omit_default_module_path(module.is_library())
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(true)
                .remove_producers_section(minifiers.is_some())
                .remove_name_section(minifiers.is_some())
                .generate(&out)
        })
        .with_context(|| format!("wasm-bindgen of {}", module.name))?;
    if let Some(minifiers) = minifiers {
        short_names::shorten(module)?;
        optimise(module, &minifiers.wasm_opt)?;
        minify_js(module)?;
    }
    std::fs::write(&stamp, key)?;
    Ok(true)
}

/// What makes the files of a release small.
struct Minifiers {
    wasm_opt: PathBuf,
}

impl Minifiers {
    fn find() -> Result<Self> {
        // Vite is installed by the same step.
        Ok(Self { wasm_opt: tools::wasm_opt()? })
    }
}

/// Vite's minifier on one file; `.d.ts` keeps the documentation.
const MINIFY_JS: &str = "
import { minify } from 'vite';
import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv.at(-1);
const { code, errors } = await minify(file, readFileSync(file, 'utf8'), { module: true });
if (errors.length) throw new Error(errors[0].message);
writeFileSync(file, code);";

fn minify_js(module: &Module) -> Result<()> {
    shell::capture(
        shell::command("node")
            .args(["--input-type=module", "--eval", MINIFY_JS, "--"])
            .arg(module.js_path()),
    )
    .with_context(|| format!("minifying the JavaScript of {}", module.name))?;
    Ok(())
}

/// What no browser reads.
const STRIP: [&str; 3] = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/// wasm-opt in place, by way of a second file so that a failure leaves no half of one.
fn optimise(module: &Module, wasm_opt: &Path) -> Result<()> {
    let wasm = module.wasm_path();
    let smaller = wasm.with_extension("wasm.opt");
    // What the compiler emits today; without these wasm-opt refuses the module.
    let features = ["bulk-memory", "mutable-globals", "nontrapping-float-to-int", "sign-ext"];
    let features = features.into_iter().chain(["reference-types", "multivalue", "simd"]);
    shell::capture(
        shell::command("node")
            .arg(wasm_opt)
            .args(features.map(|name| format!("--enable-{name}")))
            .args(&module.wasm_opt)
            .args(STRIP)
            .arg("-o")
            .arg(&smaller)
            .arg(&wasm),
    )
    .with_context(|| format!("wasm-opt of {}", module.name))?;
    std::fs::rename(&smaller, &wasm)?;
    Ok(())
}
