//! Shortens the names by which a wasm module and its own JavaScript know each other.
//!
//! In: what wasm-bindgen wrote. Out: the same files, where imports, and the exports that carry
//! closures, have names of a few letters for ones like `__wbg_setTimestampOffset_00d6329acaef2f1b`:
//! a hash is what no compression can make smaller, and each stands in both files. What a page or a
//! bundler may name (classes, `memory`, `__wbindgen_start`) keeps its name.

use crate::modules::Module;
use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use walrus::Module as Wasm;

/// Part of what says whether a build is fresh.
pub const RECIPE: &str = "short names 1";

/// How wasm-bindgen begins the names of closures.
const CLOSURE: &str = "wasm_bindgen_";

/// Renames in a module's files.
pub fn shorten(module: &Module) -> Result<()> {
    let wasm_path = module.wasm_path();
    let bytes = std::fs::read(&wasm_path)
        .with_context(|| format!("wasm-bindgen wrote no {}", wasm_path.display()))?;
    let mut wasm = Wasm::from_buffer(&bytes)
        .map_err(|error| anyhow!("{} is no wasm module: {error:#}", wasm_path.display()))?;
    let names = rename(&mut wasm);
    std::fs::write(&wasm_path, wasm.emit_wasm())?;
    for path in [module.js_path(), wasm_path.with_extension("wasm.d.ts")] {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("wasm-bindgen wrote no {}", path.display()))?;
        std::fs::write(&path, with_names(&text, &names))?;
    }
    Ok(())
}

/// Long names and what they are now.
type Names = BTreeMap<String, String>;

fn rename(wasm: &mut Wasm) -> Names {
    let kept: Vec<String> = wasm
        .exports
        .iter()
        .map(|export| export.name.clone())
        .filter(|name| !name.starts_with(CLOSURE))
        .collect();
    let mut names = Names::new();
    let mut short = |name: &mut String| {
        if !kept.contains(name) {
            // No name of Rust's or wasm-bindgen's begins so.
            let next = format!("${}", names.len());
            names.entry(name.clone()).or_insert(next).clone_into(name);
        }
    };
    wasm.imports.iter_mut().for_each(|import| short(&mut import.name));
    wasm.exports.iter_mut().for_each(|export| short(&mut export.name));
    names
}

/// Replaces whole identifiers.
fn with_names(text: &str, names: &Names) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        out.push_str(&rest[..start]);
        let word = &rest[start..];
        let (word, after) = word.split_at(word.find(|it| !is_part(it)).unwrap_or(word.len()));
        out.push_str(names.get(word).map_or(word, String::as_str));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::{FunctionBuilder, ModuleConfig, ValType};

    #[test]
    fn imports_and_closures_get_short_names_and_what_is_public_keeps_its_own() {
        let mut wasm = Wasm::with_config(ModuleConfig::new());
        let kind = wasm.types.add(&[ValType::I32], &[]);
        wasm.add_import_func("./engine_bg.js", "__wbg_seek_00d6329acaef2f1b", kind);
        for name in ["engineworker_new", "wasm_bindgen_c3__invoke", "wasm_bindgen_c3__invoke_2"] {
            let body = FunctionBuilder::new(&mut wasm.types, &[], &[]);
            let function = body.finish(Vec::new(), &mut wasm.funcs);
            wasm.exports.add(name, function);
        }
        let names = rename(&mut wasm);
        let again = Wasm::from_buffer(&wasm.emit_wasm()).unwrap();
        let imports: Vec<_> = again.imports.iter().map(|import| import.name.as_str()).collect();
        let exports: Vec<_> = again.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!((imports, exports), (vec!["$0"], vec!["engineworker_new", "$1", "$2"]));

        let js = "({ __wbg_seek_00d6329acaef2f1b(at) {} }); wasm.wasm_bindgen_c3__invoke_2();\n\
                  wasm.engineworker_new(wasm.wasm_bindgen_c3__invoke)";
        let short = "({ $0(at) {} }); wasm.$2();\nwasm.engineworker_new(wasm.$1)";
        assert_eq!(with_names(js, &names), short);
    }
}
