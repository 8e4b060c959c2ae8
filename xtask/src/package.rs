//! `cargo xtask package`: the npm tarball, in `target/package`.
//!
//! In: `www/`, `www/wasm/` as built, and package.json, whose `files` is the list of what ships.
//! Out: the path of the tarball, after checking that nothing of that list is missing and nothing
//! beyond it went in; whether others find it all in there.

use anyhow::{Context, Result, bail};
use machine::shell;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// npm adds these without being asked.
const ALWAYS: [&str; 2] = ["package.json", "README.md"];

/// Packs, unless the tarball is newer than all that goes in.
pub fn package() -> Result<PathBuf> {
    let root = shell::root();
    let manifest: Value = serde_json::from_slice(&std::fs::read(root.join("package.json"))?)?;
    let listed = expand(&root, &wanted(&manifest)?)?;
    let missing: Vec<_> = listed.iter().filter(|file| !root.join(file).is_file()).collect();
    if !missing.is_empty() {
        bail!(
            "package.json lists files that are not there: {missing:?}; `cargo xtask build` makes those of www/wasm"
        );
    }
    let folder = shell::target().join("package");
    let (name, version) = (manifest["name"].as_str(), manifest["version"].as_str());
    let (name, version) = name.zip(version).context("package.json without name or version")?;
    let tarball = folder.join(format!("{name}-{version}.tgz"));
    let newest = listed.iter().map(|file| shell::modified(&root.join(file))).max();
    if newest.is_some_and(|newest| shell::modified(&tarball) > newest) {
        return Ok(tarball);
    }
    std::fs::create_dir_all(&folder)?;
    shell::say("packing the npm package");
    let mut npm = shell::command("npm");
    npm.args(["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination"]);
    let report: Value = serde_json::from_str(&shell::read(npm.arg(&folder))?)
        .context("npm pack reported no JSON")?;
    let packed = packed(&report)?;
    let beyond: Vec<_> = packed.iter().filter(|file| !listed.contains(file)).collect();
    if !beyond.is_empty() {
        bail!("the npm package holds files that package.json does not list: {beyond:?}");
    }
    if packed.len() != listed.len() {
        bail!("npm packed {} files, package.json lists {}", packed.len(), listed.len());
    }
    Ok(tarball)
}

/// Whether resolvers and TypeScript find all that it has (`xtask/package_check.mjs`).
pub fn check(tarball: &Path) -> Result<()> {
    let mut check = shell::command("node");
    check.arg(shell::root().join("xtask/package_check.mjs")).arg(tarball);
    shell::run(&mut check).context("the package's entries or types are wrong")
}

fn wanted(manifest: &Value) -> Result<Vec<String>> {
    let files = manifest["files"].as_array().context("package.json without files")?;
    let files = files.iter().filter_map(Value::as_str).chain(ALWAYS);
    let mut files: Vec<String> = files.map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// Patterns such as `www/*.js` become the files they mean; one that means none stays, as missing.
fn expand(root: &Path, files: &[String]) -> Result<Vec<String>> {
    let mut expanded = Vec::new();
    for file in files {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        let Some((start, end)) = name.split_once('*') else {
            expanded.push(file.clone());
            continue;
        };
        let before = expanded.len();
        for entry in std::fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let fits = name.len() >= start.len() + end.len()
                && name.starts_with(start)
                && name.ends_with(end);
            if fits && entry.path().is_file() {
                expanded.push(format!("{folder}/{name}"));
            }
        }
        if expanded.len() == before {
            expanded.push(file.clone());
        }
    }
    expanded.sort();
    expanded.dedup();
    Ok(expanded)
}

/// npm's report is a list of packages, or since version 12 an object by their names.
fn packed(report: &Value) -> Result<Vec<String>> {
    let package = match report {
        Value::Array(packages) => packages.first(),
        Value::Object(packages) => packages.values().next(),
        _ => None,
    };
    let files = package.and_then(|package| package["files"].as_array());
    let files = files.context("npm pack reported no files")?;
    Ok(files.iter().filter_map(|file| file["path"].as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_always_ships_is_counted_once() {
        let files = wanted(&json!({ "files": ["www/a.js", "README.md"] })).unwrap();
        assert_eq!(files, ["README.md", "package.json", "www/a.js"]);
    }

    #[test]
    fn patterns_mean_files() {
        let listed = ["xtask/src/bench/*.js".to_owned(), "xtask/none-*.js".to_owned()];
        let files = expand(&shell::root(), &listed).unwrap();
        assert_eq!(files, ["xtask/none-*.js", "xtask/src/bench/bench.js"]);
    }

    #[test]
    fn both_forms_of_the_report_are_read() {
        let package = json!({ "files": [{ "path": "a" }] });
        assert_eq!(packed(&json!([package])).unwrap(), ["a"]);
        assert_eq!(packed(&json!({ "name": package })).unwrap(), ["a"]);
        assert!(packed(&json!([])).is_err());
    }
}
