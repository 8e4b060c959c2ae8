//! Files that import each other.
//!
//! In: the files of one package, as text. Out: a circle of them, if there is one. An import is any path
//! in the code (macros too, tests aside) that leads to another file, through whatever re-exports it
//! takes. A parent may declare its children and re-export them; what it does with them beyond that
//! counts, as does what they take from it. It knows files only: inline modules count to theirs.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

/// `["remux", "audio"]` for `remux/audio.rs`, nothing for `lib.rs`.
type Module = Vec<String>;
/// `["super", "media", "Segment"]`.
type Path = Vec<String>;

/// Re-exports followed from one file to the next, at most.
const MAX_HOPS: u32 = 16;

/// What one file says of others.
#[derive(Default)]
struct File {
    paths: Vec<Path>,
    /// What its `use` declarations name, and where that is from.
    names: BTreeMap<String, Path>,
}

/// All files of a package.
pub struct Package {
    files: BTreeMap<Module, File>,
}

impl Package {
    /// From paths below `src/`, with their text.
    pub fn read<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let sources = sources.into_iter().map(|(name, text)| (module_of(name), text));
        let sources: BTreeMap<Module, &str> = sources.collect();
        let read = |(module, text): (&Module, &&str)| {
            let tokens: TokenStream = text.parse().expect("Rust");
            let mut file = File::default();
            let is_child = |name: &str| sources.contains_key(&child(module, name));
            file.take_in(&tokens.into_iter().collect::<Vec<_>>(), &is_child);
            (module.clone(), file)
        };
        Self { files: sources.iter().map(read).collect() }
    }

    /// Files of which each imports the next, and the last the first.
    pub fn circle(&self) -> Option<Vec<String>> {
        let mut edges: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
        for (module, file) in &self.files {
            let targets = file.paths.iter().filter_map(|path| self.file_of(module, path, 0));
            edges.insert(module, targets.filter(|target| target != module).collect());
        }
        // What imports nothing that is left is in no circle.
        while let Some(done) = edges
            .iter()
            .find(|(_, targets)| !targets.iter().any(|target| edges.contains_key(target)))
            .map(|(module, _)| *module)
        {
            edges.remove(done);
        }
        let mut way: Vec<&Module> = vec![edges.keys().next()?];
        loop {
            let (next, _) = edges.get_key_value(
                edges[way[way.len() - 1]].iter().find(|target| edges.contains_key(target))?,
            )?;
            if let Some(at) = way.iter().position(|module| module == next) {
                return Some(way[at..].iter().map(|module| shown(module)).collect());
            }
            way.push(next);
        }
    }

    /// The file in which what a path in `module` names is defined; `None` outside the package.
    fn file_of(&self, module: &Module, path: &[String], hops: u32) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        let mut rest = rest;
        let mut at = match first.as_str() {
            _ if hops > MAX_HOPS => return None,
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => {
                let mut at = module.clone();
                at.pop()?;
                while let Some((next, others)) = rest.split_first().filter(|it| it.0 == "super") {
                    debug_assert_eq!(next, "super");
                    at.pop()?;
                    rest = others;
                }
                at
            }
            name if self.files.contains_key(&child(module, name)) => child(module, name),
            name => {
                let named = self.files.get(module)?.names.get(name).filter(|it| *it != path)?;
                return self.file_of(module, &joined(named, rest), hops + 1);
            }
        };
        while let Some((name, others)) = rest.split_first() {
            if self.files.contains_key(&child(&at, name)) {
                (at, rest) = (child(&at, name), others);
            } else if let Some(named) = self.files.get(&at)?.names.get(name) {
                return self.file_of(&at, &joined(named, others), hops + 1);
            } else {
                break;
            }
        }
        Some(at)
    }
}

impl File {
    /// Reads tokens; `is_child` tells the modules below this file.
    fn take_in(&mut self, tokens: &[TokenTree], is_child: &dyn Fn(&str) -> bool) {
        let mut index = 0;
        while index < tokens.len() {
            let rest = &tokens[index..];
            if let Some(len) = test_module_len(rest) {
                index += len;
            } else if is_word(&rest[0], "use") {
                let end = rest.iter().position(|token| is_punct(token, ';'));
                let len = end.unwrap_or(rest.len());
                let is_public = index > 0 && is_visibility(&tokens[..index]);
                let mut found = Vec::new();
                paths_of(&rest[1..len], &[], &mut found);
                for (name, path) in found {
                    if !(is_public && is_child(path_head(&path))) {
                        self.paths.push(path.clone());
                    }
                    self.names.insert(name, path);
                }
                index += len;
            } else if let TokenTree::Group(group) = &rest[0] {
                self.take_in(&group.stream().into_iter().collect::<Vec<_>>(), is_child);
                index += 1;
            } else if let (path, len @ 2..) = path_at(rest) {
                self.paths.push(path);
                index += len;
            } else {
                index += 1;
            }
        }
    }
}

/// `#[cfg(test)] mod tests { … }`, in tokens.
fn test_module_len(tokens: &[TokenTree]) -> Option<usize> {
    let [hash, TokenTree::Group(attribute), word, _, TokenTree::Group(_), ..] = tokens else {
        return None;
    };
    let is_test = attribute.stream().to_string().replace(' ', "") == "cfg(test)";
    (is_punct(hash, '#') && is_test && is_word(word, "mod")).then_some(5)
}

/// What a `use` declaration names, each with its path.
fn paths_of(tokens: &[TokenTree], above: &[String], found: &mut Vec<(String, Path)>) {
    // Behind the last comma is nothing.
    for tree in tokens.split(|token| is_punct(token, ',')).filter(|tree| !tree.is_empty()) {
        let (below, len) = path_at(tree);
        let mut path = joined(above, &below);
        match &tree[len.min(tree.len())..] {
            [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace => {
                let inside: Vec<_> = group.stream().into_iter().collect();
                paths_of(&inside, &path, found);
            }
            after => {
                path.pop_if(|last| last == "self" && !above.is_empty());
                let alias = match after {
                    [word, TokenTree::Ident(alias), ..] if is_word(word, "as") => Some(alias),
                    _ => None,
                };
                let name = alias.map(ToString::to_string).or_else(|| path.last().cloned());
                found.extend(name.map(|name| (name, path)));
            }
        }
    }
}

/// The path that tokens begin with, and how many they are: words with `::` between or behind them.
fn path_at(tokens: &[TokenTree]) -> (Path, usize) {
    let (mut path, mut len) = (Path::new(), 0);
    while let Some(TokenTree::Ident(word)) = tokens.get(len) {
        path.push(word.to_string());
        len += 1;
        let is_on = |at: usize| tokens.get(at).is_some_and(|token| is_punct(token, ':'));
        if !(is_on(len) && is_on(len + 1)) {
            break;
        }
        len += 2;
    }
    (path, len)
}

fn is_visibility(before: &[TokenTree]) -> bool {
    match before {
        [.., last] if is_word(last, "pub") => true,
        [.., word, TokenTree::Group(_)] => is_word(word, "pub"),
        _ => false,
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// The name that a path begins with, seen from its own file.
fn path_head(path: &[String]) -> &str {
    let own = path.iter().find(|name| *name != "self");
    own.map_or("", String::as_str)
}

fn child(module: &[String], name: &str) -> Module {
    joined(module, &[name.to_owned()])
}

fn joined(above: &[String], below: &[String]) -> Vec<String> {
    [above, below].concat()
}

fn module_of(name: &str) -> Module {
    let name = name.trim_end_matches(".rs");
    let name = name.strip_suffix("/mod").unwrap_or(name);
    name.split('/').filter(|part| *part != "lib").map(ToOwned::to_owned).collect()
}

fn shown(module: &Module) -> String {
    if module.is_empty() { "lib".to_owned() } else { module.join("/") }
}

fn circle_of(sources: &[(&str, &str)]) -> Option<String> {
    let circle = Package::read(sources.iter().copied()).circle();
    circle.map(|files| files.join(" → "))
}

#[test]
fn files_that_import_each_other_are_a_circle() {
    let both = [("a.rs", "use crate::b::B; pub struct A;"), ("b.rs", "pub struct B(super::a::A);")];
    assert_eq!(circle_of(&both).as_deref(), Some("a → b"));
    let by_macro = [("a.rs", "use crate::b;"), ("b.rs", "fn f() { assert!(super::a::g()) }")];
    assert_eq!(circle_of(&by_macro).as_deref(), Some("a → b"));
    // By way of what a parent re-exports, and in a group with other names.
    let parent = ("m/mod.rs", "mod a; mod b; pub use a::A; pub(crate) use self::b::{B as C, D};");
    let round = [parent, ("m/a.rs", "use super::{x::{Y}, C};"), ("m/b.rs", "use crate::m::A;")];
    assert_eq!(circle_of(&round).as_deref(), Some("m/a → m/b"));
    let used =
        [("m/mod.rs", "mod a; fn f() { a::f() } pub struct S;"), ("m/a.rs", "use super::S;")];
    assert_eq!(circle_of(&used).as_deref(), Some("m → m/a"));
}

#[test]
fn to_declare_and_to_re_export_is_none() {
    let parent = ("lib.rs", "mod a; mod b; pub use a::A; pub use other_crate as c;");
    let straight =
        [parent, ("a.rs", "pub struct A;"), ("b.rs", "use super::{A, c::D,}; use std::a;")];
    assert_eq!(circle_of(&straight), None);
    let tests = "pub struct A; #[cfg(test)] mod tests { use super::*; use crate::b::B; }";
    assert_eq!(
        circle_of(&[("a.rs", tests), ("b.rs", "//! Of [`crate::a`].\nuse crate::a::A;")]),
        None
    );
}
