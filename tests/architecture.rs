//! The walls of `ARCHITECTURE.md`, held by a test: who imports whom, where the browser may be
//! touched, what every module says of itself, and that the page's types know every error code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may import of ours, besides itself: the table of `ARCHITECTURE.md`.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let streaming = ["playlist", "config", "time", "error", "media"];
    let demux = ["error", "time", "media"];
    let remux = [demux.as_slice(), &["demux"]].concat();
    let engine = [
        &["error", "time", "config", "media", "playlist", "abr", "loader", "buffer"][..],
        &["demux", "remux"],
    ];
    BTreeMap::from([
        ("error", vec![]),
        ("time", vec![]),
        ("media", vec![]),
        ("config", vec!["time"]),
        ("playlist", vec!["error", "time"]),
        ("abr", streaming.to_vec()),
        ("loader", streaming.to_vec()),
        ("buffer", streaming.to_vec()),
        ("demux", demux.to_vec()),
        ("remux", remux),
        ("engine", engine.concat()),
        ("view", vec!["error"]),
        ("render", vec!["view", "error"]),
    ])
}

/// Crates that only `src/web/` may name; `wgpu` also `src/render/`, `glam` also `src/view/`.
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

fn sources() -> Vec<(String, String)> {
    let folder = root().join("src");
    let files = rust_files(&folder);
    assert!(files.len() > 40, "the sources were not found");
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&folder).expect("below src").to_string_lossy();
            (name.replace('\\', "/"), read(&path))
        })
        .collect()
}

/// The module a file of `src/` belongs to: the folder, or the file's own name.
fn module_of(name: &str) -> &str {
    name.split('/').next().unwrap_or(name).trim_end_matches(".rs")
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
    assert_eq!(code_of("a // crate::web\nb \"http://x\""), "a \nb \"http://x\"");
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let module = module_of(&name);
        if ["lib", "web"].contains(&module) {
            continue;
        }
        let Some(may) = allowed.get(module) else {
            wrong.push(format!("{name}: the module is not in the table"));
            continue;
        };
        for import in imports(&code_of(&text)) {
            if import != module && !may.contains(&import.as_str()) {
                wrong.push(format!("{name}: crate::{import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "against ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn only_web_touches_the_browser() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let module = module_of(&name);
        let code = code_of(&text);
        let names = |crate_name: &str| code.contains(&format!("{crate_name}::"));
        if module != "web" {
            wrong.extend(
                BROWSER_CRATES
                    .iter()
                    .filter(|found| names(found))
                    .map(|found| format!("{name}: {found}")),
            );
        }
        if names("wgpu") && !["web", "render"].contains(&module) {
            wrong.push(format!("{name}: wgpu"));
        }
        if names("glam") && !["web", "render", "view"].contains(&module) {
            wrong.push(format!("{name}: glam"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_reads_no_clock() {
    for (name, text) in sources() {
        if module_of(&name) != "web" {
            let code = code_of(&text);
            for clock in ["std::time::Instant", "SystemTime", "Instant::now"] {
                assert!(!code.contains(clock), "{name}: {clock}");
            }
        }
    }
}

#[test]
fn no_part_of_the_engine_knows_the_session() {
    let files: Vec<(String, String)> = sources()
        .into_iter()
        .filter(|(name, _)| name.starts_with("engine/") && !name.starts_with("engine/session/"))
        .filter(|(name, _)| name != "engine/mod.rs")
        .collect();
    assert!(files.len() > 20, "the parts were not found");
    for (name, text) in files {
        assert!(!code_of(&text).contains("session::"), "{name} reaches into the session");
    }
}

#[test]
fn every_module_says_what_it_is_and_none_is_too_long() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name} has no head: what comes in, what goes out");
        let lines = text.lines().count();
        assert!(lines <= 500, "{name} has {lines} lines: which of its two jobs should leave?");
    }
}

#[test]
fn every_error_code_stands_in_the_types_of_the_package() {
    let types = read(&root().join("www/index.d.ts"));
    for code in videosphere::error::Error::CODES {
        let stands = types.contains(&format!("'{code}'")) || types.contains(&format!("\"{code}\""));
        assert!(stands, "www/index.d.ts does not list '{code}'");
    }
}
