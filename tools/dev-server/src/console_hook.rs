//! Lets tests see the console of WebKitGTK, whose driver neither keeps a log nor lets the
//! browser's output through: a script that goes in front of pages and workers, for that engine
//! alone and only where tests asked for control.

use hyper::HeaderMap;
use hyper::header::{HeaderName, USER_AGENT};

/// Where the script is served.
pub(super) const URL: &str = "/__console.js";
/// The script.
pub(super) const SCRIPT: &str = include_str!("console_hook.js");

/// What a request is for, if the script belongs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Page,
    Worker,
}

/// Whether this request's answer gets the script.
pub(super) fn place(headers: &HeaderMap) -> Option<Place> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let agent = text(USER_AGENT)?;
    if !agent.contains("AppleWebKit") || agent.contains("Chrome") {
        return None;
    }
    match text(HeaderName::from_static("sec-fetch-dest"))? {
        "document" | "iframe" => Some(Place::Page),
        "worker" => Some(Place::Worker),
        _ => None,
    }
}

/// The file with the script in front; a page keeps its doctype first.
pub(super) fn insert(place: Place, file: &str) -> String {
    match place {
        Place::Worker => format!("{SCRIPT}\n{file}"),
        Place::Page => {
            let lower = file.to_ascii_lowercase();
            let after = |tag: &str| {
                let start = lower.find(tag)?;
                Some(start + lower[start..].find('>')? + 1)
            };
            let at = after("<head").or_else(|| after("<html")).or_else(|| after("<!doctype"));
            let (before, rest) = file.split_at(at.unwrap_or(0));
            format!("{before}<script src=\"{URL}\"></script>{rest}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_comes_first_but_after_the_doctype() {
        let page = insert(Place::Page, "<!doctype html><p>x");
        assert!(page.starts_with("<!doctype html><script src"), "{page}");
        let page = insert(Place::Page, "<!DOCTYPE html><html lang=en><Head><title>x");
        assert!(page.starts_with("<!DOCTYPE html><html lang=en><Head><script src"), "{page}");
        assert!(insert(Place::Worker, "import 'x';").ends_with("import 'x';"));
    }
}
