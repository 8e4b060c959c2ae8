//! The walls of `ARCHITECTURE.md`, held by a test: which crate and which module imports which, that
//! no files import each other, where the browser may be touched, what every module says of itself,
//! and that the page's types know every error code.

#[path = "architecture/circles.rs"]
mod circles;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates below this one, and which of ours each may import: the table of `ARCHITECTURE.md`.
const CRATES: [(&str, &[&str]); 6] = [
    ("dash", &["hls", "xml"]),
    ("hls", &[]),
    ("sphere", &[]),
    ("tracks", &["xml"]),
    ("transmux", &[]),
    ("xml", &[]),
];

/// The crates that tests, the stage and `xtask` share, and which of ours each may import. None of them
/// imports `xtask`, and neither does anything else.
const TOOLS: [(&str, &[&str]); 5] = [
    ("dev-server", &[]),
    ("machine", &[]),
    ("recording", &["machine"]),
    ("test-streams", &["dev-server", "machine"]),
    ("webdriver", &["machine"]),
];

/// Files of this package that may name those crates; all others know them as modules of its root.
const JOINTS: [&str; 3] = ["src/lib.rs", "src/media.rs", "src/error/crates.rs"];

/// What each module may import of its package, besides itself: the table of `ARCHITECTURE.md`.
/// `None` where a package is small enough to be one storey.
fn allowed(package: &str) -> Option<BTreeMap<&'static str, Vec<&'static str>>> {
    match package {
        "videosphere" => Some(allowed_in_root()),
        "sphere" => Some(BTreeMap::from([("view", vec![]), ("render", vec!["view"])])),
        "transmux" => Some(BTreeMap::from([
            ("error", vec![]),
            ("track", vec![]),
            ("demux", vec!["Error", "TrackKind"]),
            ("remux", vec!["Error", "TrackKind", "demux"]),
        ])),
        _ => None,
    }
}

fn allowed_in_root() -> BTreeMap<&'static str, Vec<&'static str>> {
    let streaming = ["playlist", "config", "time", "error", "media"];
    let engine = [
        &["error", "time", "config", "media", "playlist", "abr", "loader", "buffer"][..],
        &["demux", "remux"],
    ];
    BTreeMap::from([
        ("error", vec![]),
        ("media", vec![]),
        ("config", vec!["time"]),
        ("abr", streaming.to_vec()),
        ("loader", streaming.to_vec()),
        ("buffer", streaming.to_vec()),
        ("engine", engine.concat()),
    ])
}

/// Crates that only `src/web/` may name; `wgpu` also the sphere's `render`, `glam` all of the sphere.
const BROWSER_CRATES: [&str; 6] = [
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "gloo_net",
    "console_error_panic_hook",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of sources");
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// A file of ours.
struct Source {
    /// Its path from the root, such as `crates/transmux/src/demux/ts.rs`.
    name: String,
    /// `videosphere`, or the folder of its crate.
    package: String,
    /// The folder below `src/`, or the file's own name.
    module: String,
    text: String,
}

impl Source {
    fn read(path: &Path) -> Self {
        let name = path.strip_prefix(root()).expect("below the root").to_string_lossy();
        let name = name.replace('\\', "/");
        let (package, inside) = match name.split_once("/src/") {
            Some((folder, inside)) => (folder.trim_start_matches("crates/"), inside),
            None => ("videosphere", name.trim_start_matches("src/")),
        };
        let module = inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs");
        let (package, module) = (package.to_owned(), module.to_owned());
        Self { name, package, module, text: read(path) }
    }

    fn code(&self) -> String {
        code_of(&self.text)
    }

    /// Whether it is of the root's `src/web/`.
    fn is_web(&self) -> bool {
        self.package == "videosphere" && self.module == "web"
    }
}

/// All of this package and of the crates below it.
fn sources() -> Vec<Source> {
    let mut folders = vec![root().join("src")];
    folders.extend(CRATES.map(|(folder, _)| root().join("crates").join(folder).join("src")));
    let files: Vec<_> = folders.iter().flat_map(|folder| rust_files(folder)).collect();
    assert!(files.len() > 100, "the sources were not found");
    files.iter().map(|path| Source::read(path)).collect()
}

/// Code without comments: documentation may point anywhere.
fn code_of(text: &str) -> String {
    let lines = text.lines().map(|line| match line.find("//") {
        Some(at) if line[..at].matches('"').count() % 2 == 0 => &line[..at],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Names that follow `crate::` in code, those in braces too.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let (mut depth, mut word, mut is_head) = (1, String::new(), true);
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    if depth == 1 && (c.is_alphanumeric() || c == '_') && is_head {
                        word.push(c);
                    } else {
                        is_head =
                            depth == 1 && (c == ',' || (c.is_whitespace() && word.is_empty()));
                        if !word.is_empty() {
                            found.push(std::mem::take(&mut word));
                        }
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            None => found.push(
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>(),
            ),
        }
    }
    found
}

#[test]
fn imports_are_read_as_they_are_written() {
    let code = "use crate::time::Instant;\nuse crate::{error::{Error, Severity}, media};\n\
                fn f() -> crate::config::EngineConfig { other_crate::x() }";
    assert_eq!(imports(code), ["time", "error", "media", "config"]);
    let code = "pub use videosphere_hls as x; videosphere::f(\"videosphere has\")";
    assert_eq!(crates_named(code), ["hls", "videosphere"]);
    assert_eq!(code_of("a // crate::web\nb \"http://x\""), "a \nb \"http://x\"");
}

/// Crates of ours that code names: `videosphere_hls::…` as `hls`, the root's as `videosphere`.
fn crates_named(code: &str) -> Vec<String> {
    let is_of_name = |c: &char| c.is_alphanumeric() || *c == '_';
    let mut found = Vec::new();
    for (at, _) in code.match_indices("videosphere") {
        let (before, rest) = code.split_at(at);
        let name: String = rest.chars().take_while(is_of_name).collect();
        let is_path = rest[name.len()..].starts_with("::") || before.ends_with("use ");
        if is_path && !before.chars().next_back().is_some_and(|last| is_of_name(&last)) {
            found.push(name.trim_start_matches("videosphere_").to_owned());
        }
    }
    found
}

/// The names of the folders in one.
fn folders_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder of packages");
    let entries = entries.map(|entry| entry.expect("an entry"));
    let entries = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What a package's manifest takes from this checkout, by folder; what its tests take, too.
fn paths_of(folder: &str) -> (Vec<String>, Vec<String>) {
    let manifest = read(&root().join(folder).join("Cargo.toml"));
    let (own, of_tests) = manifest.split_once("[dev-dependencies]").unwrap_or((&manifest, ""));
    let paths = |text: &str| {
        let paths =
            text.lines().filter_map(|line| line.split_once("path = \"")?.1.split('"').next());
        paths.map(|path| path.rsplit('/').next().unwrap_or(path).to_owned()).collect()
    };
    (paths(own), paths(of_tests))
}

#[test]
fn tools_import_only_what_the_table_allows_and_nobody_xtask() {
    assert_eq!(folders_in("tools"), TOOLS.map(|(folder, _)| folder), "the tools of the table");
    for (tool, may) in TOOLS {
        let (own, _) = paths_of(&format!("tools/{tool}"));
        assert_eq!(own, may, "what {tool} takes of this checkout");
    }
    let mut packages = vec!["fuzz".to_owned(), "tests/browser".to_owned()];
    packages.push("examples/live-origin".to_owned());
    packages.extend(TOOLS.map(|(folder, _)| format!("tools/{folder}")));
    packages.extend(CRATES.map(|(folder, _)| format!("crates/{folder}")));
    for package in packages {
        let (own, of_tests) = paths_of(&package);
        let takes_verbs = own.iter().chain(&of_tests).any(|name| name == "xtask");
        assert!(!takes_verbs, "{package} imports xtask");
    }
}

#[test]
fn crates_import_only_what_the_table_allows() {
    let mut known = CRATES.map(|(folder, _)| folder);
    known.sort_unstable();
    assert_eq!(folders_in("crates"), known, "the crates of the table");

    let mut wrong = Vec::new();
    for source in sources() {
        let allowed = CRATES.iter().find(|(folder, _)| *folder == source.package);
        let names = crates_named(&source.code()).into_iter();
        let is_wrong = |name: &String| match allowed {
            Some((_, may)) => !may.contains(&name.as_str()),
            None => !JOINTS.contains(&source.name.as_str()),
        };
        wrong.extend(names.filter(is_wrong).map(|name| format!("{}: {name}", source.name)));
    }
    assert!(wrong.is_empty(), "against ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for source in sources() {
        if source.module == "lib" || source.is_web() {
            continue;
        }
        let Some(allowed) = allowed(&source.package) else { continue };
        let Some(may) = allowed.get(source.module.as_str()) else {
            wrong.push(format!("{}: the module is not in the table", source.name));
            continue;
        };
        for import in imports(&source.code()) {
            if import != source.module && !may.contains(&import.as_str()) {
                wrong.push(format!("{}: crate::{import}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "against ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other() {
    let sources = sources();
    let packages = CRATES.map(|(folder, _)| folder).into_iter().chain(["videosphere"]);
    for package in packages {
        let own = sources.iter().filter(|source| source.package == package);
        let own = own.map(|source| {
            let at = source.name.find("src/").map_or(0, |at| at + "src/".len());
            (&source.name[at..], source.text.as_str())
        });
        let circle = circles::Package::read(own).circle();
        assert!(circle.is_none(), "{package}: {}", circle.unwrap_or_default().join(" → "));
    }
}

#[test]
fn only_web_touches_the_browser() {
    let mut wrong = Vec::new();
    for source in sources() {
        let code = source.code();
        let names = |crate_name: &str| code.contains(&format!("{crate_name}::"));
        let mut refuse = |crate_name: &str| wrong.push(format!("{}: {crate_name}", source.name));
        if !source.is_web() {
            BROWSER_CRATES.iter().filter(|found| names(found)).for_each(|found| refuse(found));
        }
        let is_sphere = source.package == "sphere";
        if names("wgpu") && !source.is_web() && !(is_sphere && source.module == "render") {
            refuse("wgpu");
        }
        if names("glam") && !source.is_web() && !is_sphere {
            refuse("glam");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_reads_no_clock() {
    for source in sources().iter().filter(|source| !source.is_web()) {
        let code = source.code();
        for clock in ["std::time::Instant", "SystemTime", "Instant::now"] {
            assert!(!code.contains(clock), "{}: {clock}", source.name);
        }
    }
}

#[test]
fn no_part_of_the_engine_knows_the_session() {
    let is_part = |name: &str| {
        let below = name.strip_prefix("src/engine/");
        below.is_some_and(|below| !below.starts_with("session/") && below != "mod.rs")
    };
    let parts: Vec<_> = sources().into_iter().filter(|source| is_part(&source.name)).collect();
    assert!(parts.len() > 20, "the parts were not found");
    for source in parts {
        assert!(!source.code().contains("session::"), "{} reaches into the session", source.name);
    }
}

#[test]
fn every_module_says_what_it_is_and_none_is_too_long() {
    for Source { name, text, .. } in sources() {
        assert!(text.starts_with("//! "), "{name} has no head: what comes in, what goes out");
        let lines = text.lines().count();
        assert!(lines <= 500, "{name} has {lines} lines: which of its two jobs should leave?");
    }
}

#[test]
fn every_error_code_stands_once_and_in_the_types_of_the_package() {
    let types = read(&root().join("www/index.d.ts"));
    let source = read(&root().join("src/error.rs"));
    let (_, body) = source.split_once("pub const fn code(&self)").expect("Error::code");
    let (body, _) = body.split_once("\n    }\n").expect("its end");
    let mut codes: Vec<&str> = body.split('"').skip(1).step_by(2).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert!(codes.len() == count && codes.contains(&"invalid-url"), "{codes:?}");
    for code in codes {
        let stands = types.contains(&format!("'{code}'")) || types.contains(&format!("\"{code}\""));
        assert!(stands, "www/index.d.ts does not list '{code}'");
    }
}
