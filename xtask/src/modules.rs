//! `wasm-pack.toml`: which wasm modules there are, how each is built, how large it may become.

use anyhow::{Context, Result, bail};
use machine::shell;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One wasm module: the library, or another package of the workspace, built with certain features.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Names its files, `NAME.js` and `NAME_bg.wasm`.
    pub name: String,
    /// The package it is made of.
    #[serde(default = "library")]
    pub package: String,
    /// Where its files go, from the root of the repository.
    #[serde(default = "wasm_folder")]
    pub folder: String,
    /// The features of the library it is built with, and no others.
    pub features: Vec<String>,
    /// As in a cargo profile: `3`, `s`, `z`.
    pub opt_level: String,
    /// Packages below it that are built otherwise: speed where it is worth its bytes.
    #[serde(default)]
    pub opt_levels: BTreeMap<String, String>,
    /// wasm features beyond the compiler's defaults, such as `simd128`.
    #[serde(default)]
    pub target_features: Vec<String>,
    /// Whether the standard library is built from source with it, for size; where that cannot be,
    /// the module is larger.
    #[serde(default)]
    pub build_std: bool,
    /// Arguments for wasm-opt.
    #[serde(default)]
    pub wasm_opt: Vec<String>,
    /// Most bytes it may take after brotli, its JavaScript included.
    pub budget_brotli: Option<u64>,
    /// Whether it ships; the others are built only when named.
    #[serde(default = "yes")]
    pub packaged: bool,
}

fn yes() -> bool {
    true
}

/// The package at the root, of which all that ships is made.
const LIBRARY: &str = "videosphere";

fn library() -> String {
    LIBRARY.to_owned()
}

fn wasm_folder() -> String {
    "www/wasm".to_owned()
}

impl Module {
    /// Whether it is made of the library, not of another package.
    pub fn is_library(&self) -> bool {
        self.package == LIBRARY
    }

    /// Where its files go.
    pub fn directory(&self) -> PathBuf {
        shell::root().join(&self.folder)
    }

    /// Where cargo compiles it. Modules whose dependencies are compiled alike share a target directory: the
    /// standard library and what else lies below them is compiled once, and none throws another's work
    /// away. Another package built for trial shares clippy's, where what its build needs natively (naga,
    /// macros) has been compiled.
    pub fn target_dir(&self, is_dev: bool) -> PathBuf {
        if is_dev && !self.is_library() {
            return shell::target().join("lint");
        }
        let mut alike = format!("opt-{}", self.opt_level);
        for feature in &self.target_features {
            alike += &format!("-{feature}");
        }
        alike += if self.build_std { "-std" } else { "" };
        shell::target().join("wasm").join(alike)
    }

    /// What cargo calls its wasm.
    pub fn compiled_name(&self) -> String {
        format!("{}.wasm", self.package.replace('-', "_"))
    }

    /// What tells cargo of `opt_levels`; in a profile `s` and `z` are texts, the others numbers.
    pub fn cargo_config(&self) -> Vec<String> {
        let literal = |level: &String| match level.parse::<u8>() {
            Ok(number) => number.to_string(),
            Err(_) => format!("{level:?}"),
        };
        let levels = self.opt_levels.iter();
        levels
            .map(|(name, level)| {
                format!("profile.release.package.{name}.opt-level={}", literal(level))
            })
            .collect()
    }

    /// The JavaScript that loads it.
    pub fn js_path(&self) -> PathBuf {
        self.directory().join(format!("{}.js", self.name))
    }

    /// The wasm itself.
    pub fn wasm_path(&self) -> PathBuf {
        self.directory().join(format!("{}_bg.wasm", self.name))
    }
}

#[derive(Deserialize)]
struct File {
    module: Vec<Module>,
}

/// Every module of `wasm-pack.toml`, in its order.
pub fn all() -> Result<Vec<Module>> {
    let path = shell::root().join("wasm-pack.toml");
    let text = std::fs::read_to_string(&path).context("wasm-pack.toml cannot be read")?;
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<Module>> {
    let file: File = toml::from_str(text).context("wasm-pack.toml is not what this build reads")?;
    for (index, module) in file.module.iter().enumerate() {
        if file.module[..index].iter().any(|earlier| earlier.name == module.name) {
            bail!("wasm-pack.toml names the module {} twice", module.name);
        }
        if module.packaged && module.budget_brotli.is_none() {
            bail!("wasm-pack.toml gives no budget_brotli for {}, which ships", module.name);
        }
    }
    Ok(file.module)
}

/// The modules that ship, or those named.
pub fn chosen(names: &[String]) -> Result<Vec<Module>> {
    let modules = all()?;
    if names.is_empty() {
        return Ok(modules.into_iter().filter(|module| module.packaged).collect());
    }
    names
        .iter()
        .map(|name| {
            modules.iter().find(|module| module.name == *name).cloned().with_context(|| {
                let known: Vec<_> = modules.iter().map(|module| module.name.as_str()).collect();
                format!("no module {name}; wasm-pack.toml has {}", known.join(", "))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "[[module]]\nname='a'\nfeatures=['x']\nopt_level='z'\n";

    #[test]
    fn a_module_that_ships_needs_a_budget() {
        assert!(parse(ONE).is_err());
        assert!(parse(&format!("{ONE}packaged=false")).is_ok());
        assert!(parse(&format!("{ONE}budget_brotli=1")).is_ok());
    }

    #[test]
    fn packages_may_have_levels_of_their_own() {
        let text = format!("{ONE}packaged=false\nopt_levels={{a='s',b='2'}}");
        assert_eq!(
            parse(&text).unwrap()[0].cargo_config(),
            ["profile.release.package.a.opt-level=\"s\"", "profile.release.package.b.opt-level=2"]
        );
    }

    #[test]
    fn what_is_compiled_alike_lies_together() {
        let at = |text: &str| parse(text).unwrap()[0].target_dir(false);
        let one = format!("{ONE}packaged=false");
        let other = one.replace("'a'", "'b'").replace("'x'", "'y'");
        assert_eq!(at(&one), at(&other));
        for more in ["\ntarget_features=['simd128']", "\nbuild_std=true"] {
            assert_ne!(at(&one), at(&format!("{one}{more}")), "{more}");
        }
        assert_ne!(at(&one), at(&one.replace("'z'", "'3'")));
    }

    #[test]
    fn names_are_unique_and_keys_known() {
        let twice = format!("{ONE}budget_brotli=1\n{ONE}budget_brotli=1");
        assert!(parse(&twice).is_err());
        assert!(parse(&format!("{ONE}budget_brotli=1\nbudget_brotly=1")).is_err());
    }

    #[test]
    fn the_file_in_this_checkout_is_read() {
        let modules = all().expect("wasm-pack.toml");
        assert!(modules.iter().any(|module| module.name == "engine" && module.packaged));
    }
}
