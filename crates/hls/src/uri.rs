//! Resolution of URI references (RFC 3986 section 5).
//!
//! In: an absolute base URL, once, and any number of references. Out: target URLs, as text. It
//! refuses to normalise or to escape: what comes out is requested as the playlist wrote it, and the
//! browser's own URL parser does the rest.

use super::byte_search;

/// A base URL, split once for any number of references.
#[derive(Debug, Clone)]
pub(crate) struct Resolver<'a> {
    base: Parts<'a>,
    /// The base up to and with the last slash of its path: what a plain relative reference is
    /// put behind.
    directory: String,
}

/// The five components of a reference (RFC 3986 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Self {
        let (text, fragment) = split_at_byte(text, b'#');
        let (text, query) = split_at_byte(text, b'?');
        let (scheme, text) = match scheme_len(text) {
            Some(len) => (text.get(..len), text.get(len + 1..).unwrap_or("")),
            None => (None, text),
        };
        let (authority, path) = match text.strip_prefix("//") {
            Some(rest) => {
                let len = rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
                let (authority, path) = rest.split_at(len);
                (Some(authority), path)
            }
            None => (None, text),
        };
        Self { scheme, authority, path, query, fragment }
    }
}

/// The target of a reference (RFC 3986 5.2.2).
#[must_use]
pub fn resolve(base_url: &str, reference: &str) -> String {
    Resolver::new(base_url).resolve(reference)
}

/// A URL without its query and fragment: tokens in them change from one list to the next.
#[must_use]
pub fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// Host and port of a URL; empty where it has none.
#[must_use]
pub fn authority(url: &str) -> &str {
    Parts::split(url).authority.unwrap_or("")
}

fn split_at_byte(text: &str, byte: u8) -> (&str, Option<&str>) {
    match byte_search::split_once(text, byte) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// The length of the scheme before its colon, where the text begins with one.
fn scheme_len(text: &str) -> Option<usize> {
    let len = text
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')))?;
    let is_scheme = text.as_bytes().get(len) == Some(&b':')
        && text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    is_scheme.then_some(len)
}

impl<'a> Resolver<'a> {
    /// Splits the base.
    pub(crate) fn new(base: &'a str) -> Self {
        let base = Parts::split(base);
        let mut directory = String::new();
        push_origin(&mut directory, base.scheme, base.authority);
        push_path_without_dots(&mut directory, "", directory_of(base.path, base.authority));
        Self { base, directory }
    }

    /// The target of a reference (RFC 3986 5.2.2).
    pub(crate) fn resolve(&self, reference: &str) -> String {
        if is_plain_relative(reference) {
            let mut target = String::with_capacity(self.directory.len() + reference.len());
            target.push_str(&self.directory);
            target.push_str(reference);
            return target;
        }
        let parts = Parts::split(reference);
        let base = &self.base;
        let mut target = String::with_capacity(self.directory.len() + reference.len());
        let query = if parts.scheme.is_some() || parts.authority.is_some() {
            let scheme = parts.scheme.or(base.scheme);
            push_origin(&mut target, scheme, parts.authority);
            push_path_without_dots(&mut target, "", parts.path);
            parts.query
        } else {
            push_origin(&mut target, base.scheme, base.authority);
            if parts.path.is_empty() {
                target.push_str(base.path);
                parts.query.or(base.query)
            } else {
                let directory = if parts.path.starts_with('/') {
                    ""
                } else {
                    directory_of(base.path, base.authority)
                };
                push_path_without_dots(&mut target, directory, parts.path);
                parts.query
            }
        };
        for (mark, part) in [('?', query), ('#', parts.fragment)] {
            if let Some(part) = part {
                target.push(mark);
                target.push_str(part);
            }
        }
        target
    }
}

/// Whether a reference is surely its base's directory plus itself: no scheme, authority, absolute
/// path, bare query or fragment, and no dot segment. Nearly all references are. (One with `:` or
/// `/.` in its query goes the long way to the same target.)
fn is_plain_relative(reference: &str) -> bool {
    let bytes = reference.as_bytes();
    if matches!(bytes.first(), None | Some(b'/' | b'?' | b'#' | b'.')) {
        return false;
    }
    let mut rest = bytes;
    while let Some(at) = byte_search::find_either(rest, b':', b'.') {
        let (before, found) = rest.split_at(at);
        if found.first() == Some(&b':') || before.last() == Some(&b'/') {
            return false;
        }
        rest = found.get(1..).unwrap_or_default();
    }
    true
}

fn push_origin(target: &mut String, scheme: Option<&str>, authority: Option<&str>) {
    if let Some(scheme) = scheme {
        target.push_str(scheme);
        target.push(':');
    }
    if let Some(authority) = authority {
        target.push_str("//");
        target.push_str(authority);
    }
}

/// The path up to and with its last slash (RFC 3986 5.2.3).
fn directory_of<'a>(path: &'a str, authority: Option<&str>) -> &'a str {
    if path.is_empty() && authority.is_some() {
        return "/";
    }
    path.get(..path.len() - last_segment(path).len()).unwrap_or("")
}

/// What stands behind a path's last slash.
pub(crate) fn last_segment(path: &str) -> &str {
    let slash = path.bytes().rposition(|byte| byte == b'/');
    slash.and_then(|slash| path.get(slash + 1..)).unwrap_or(path)
}

/// Appends `directory` + `path` without `.` and `..` segments (RFC 3986 5.2.4).
fn push_path_without_dots(target: &mut String, directory: &str, path: &str) {
    let path_start = target.len();
    let is_absolute = directory.starts_with('/') || (directory.is_empty() && path.starts_with('/'));
    let mut segments = directory.split('/').collect::<Vec<_>>();
    // A directory ends with a slash (or is empty): its last piece is where the path begins.
    segments.pop();
    segments.extend(path.split('/'));
    let mut kept: Vec<&str> = Vec::with_capacity(segments.len());
    let last = segments.len().saturating_sub(1);
    for (index, segment) in segments.into_iter().enumerate() {
        match segment {
            "." | ".." => {
                // The empty piece before an absolute path's first slash is not a segment.
                if segment == ".." && kept.len() > usize::from(is_absolute) {
                    kept.pop();
                }
                if index == last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    for (index, segment) in kept.iter().enumerate() {
        if index > 0 {
            target.push('/');
        }
        target.push_str(segment);
    }
    if is_absolute && !target[path_start..].starts_with('/') {
        target.insert(path_start, '/');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(base: &str, reference: &str) -> String {
        Resolver::new(base).resolve(reference)
    }

    #[test]
    fn rfc_3986_section_5_4() {
        let base = "http://a/b/c/d;p?q";
        for (reference, target) in [
            // 5.4.1, normal
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y#s"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../", "http://a/"),
            ("../../g", "http://a/g"),
            // 5.4.2, abnormal
            ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            (".g", "http://a/b/c/.g"),
            ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("g#s/./x", "http://a/b/c/g#s/./x"),
            ("g#s/../x", "http://a/b/c/g#s/../x"),
            ("http:g", "http:g"),
        ] {
            assert_eq!(resolve(base, reference), target, "{reference}");
        }
    }

    #[test]
    fn bases_without_path_or_with_dots() {
        assert_eq!(resolve("https://h", "g"), "https://h/g");
        assert_eq!(resolve("https://h?x", "g"), "https://h/g");
        assert_eq!(resolve("https://h/a/../b/m.m3u8", "s.ts"), "https://h/b/s.ts");
        assert_eq!(resolve("https://h/m.m3u8?t=/x/", "s.ts?t=1:2"), "https://h/s.ts?t=1:2");
        assert_eq!(resolve("https://h/a/m.m3u8", "data:text/plain,x"), "data:text/plain,x");
        assert_eq!(resolve("https://h/a/m.m3u8", "12:30.ts"), "https://h/a/12:30.ts");
        assert_eq!(resolve("", "g"), "g");
    }

    /// The `url` crate also normalises, so only references that it has no reason to alter.
    #[test]
    fn agrees_with_the_url_crate() {
        let pieces =
            ["a", "b.ts", "..", ".", "/", "/", "?q=1", "#f", ";p", "%20", "c..d", "=", "//h2"];
        let bases = ["https://h/", "https://h/x/y/z.m3u8?k=v", "http://u@h:8080/x/../y/./m#frag"];
        let mut state: u64 = 1;
        for _ in 0..20_000 {
            let mut reference = String::new();
            for _ in 0..state % 6 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                reference.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            }
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(12_345);
            let base = bases[(state >> 33) as usize % bases.len()];
            // Empty hosts are errors there and legal here.
            let Ok(theirs) = url::Url::parse(base).and_then(|base| base.join(&reference)) else {
                continue;
            };
            if reference.starts_with("///")
                || reference.starts_with("//?")
                || reference.starts_with("//#")
            {
                continue;
            }
            let ours = url::Url::parse(&resolve(base, &reference));
            assert_eq!(ours.as_ref(), Ok(&theirs), "{base} + {reference}");
            // And not only after its normalisation, where there is nothing to normalise in the base.
            if !base.contains('@') && theirs.path() != "/" {
                assert_eq!(resolve(base, &reference), theirs.as_str(), "{base} + {reference}");
            }
        }
    }
}
