//! From a URL's path to a file, from a `Range` header to a part of it.

use super::Mount;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// `Content-Type` by extension.
pub fn mime_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|text| text.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" | "webmanifest" => "application/json",
        "wasm" => "application/wasm",
        "m3u8" => "application/vnd.apple.mpegurl",
        "ts" => "video/mp2t",
        "m4s" | "mp4" | "cmfv" => "video/mp4",
        "m4a" | "cmfa" => "audio/mp4",
        "aac" => "audio/aac",
        "vtt" => "text/vtt; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The file a URL path names; nothing for one that leaves its folder.
pub(super) fn find(mounts: &[Mount], url_path: &str) -> Option<PathBuf> {
    let path = percent_decode(url_path)?;
    let mount = mounts
        .iter()
        .filter(|mount| path.starts_with(&mount.url))
        .max_by_key(|mount| mount.url.len())?;
    let rest = Path::new(&path[mount.url.len()..]);
    let inside = rest.components().all(|part| matches!(part, Component::Normal(_)));
    if !inside || path.contains(['\0', '\\']) {
        return None;
    }
    let file = mount.folder.join(rest);
    Some(if file.is_dir() { file.join("index.html") } else { file })
}

/// Where the compressed form of a file lies.
pub(super) fn compressed(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// Which bytes a request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All: no `Range`, or one this server does not understand (RFC 9110 14.2 lets it).
    Whole,
    /// From, to (exclusive).
    Part(u64, u64),
    /// None of these bytes exist.
    Unsatisfiable,
}

/// Reads a `Range` header of one range; several are answered by the whole file.
pub(super) fn wanted(range: Option<&str>, length: u64) -> Wanted {
    let Some(spec) = range.and_then(|range| range.trim().strip_prefix("bytes=")) else {
        return Wanted::Whole;
    };
    let Some((first, last)) = spec.split_once('-') else { return Wanted::Whole };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            Some(0) => Wanted::Unsatisfiable,
            Some(_) if length == 0 => Wanted::Unsatisfiable,
            Some(count) => Wanted::Part(length.saturating_sub(count), length),
            None => Wanted::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (None, _) => Wanted::Whole,
            (Some(_), None) if !last.is_empty() => Wanted::Whole,
            (Some(from), _) if from >= length => Wanted::Unsatisfiable,
            (Some(from), Some(to)) if to < from => Wanted::Whole,
            (Some(from), to) => {
                Wanted::Part(from, to.map_or(length, |to| to.saturating_add(1).min(length)))
            }
        },
    }
}

/// Changes when the file does.
pub(super) fn etag(modified: SystemTime, length: u64) -> String {
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("\"{:x}-{length:x}\"", since.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_rfc_9110_14_1_2_has_them() {
        let cases = [
            (None, Wanted::Whole),
            (Some("bytes=0-499"), Wanted::Part(0, 500)),
            (Some("bytes=500-999"), Wanted::Part(500, 1000)),
            (Some("bytes=-500"), Wanted::Part(500, 1000)),
            (Some("bytes=9500-"), Wanted::Unsatisfiable),
            (Some("bytes=990-5000"), Wanted::Part(990, 1000)),
            (Some("bytes=-5000"), Wanted::Part(0, 1000)),
            (Some("bytes=-0"), Wanted::Unsatisfiable),
            (Some("bytes=0-1,5-6"), Wanted::Whole),
            (Some("bytes=7-3"), Wanted::Whole),
            (Some("lines=1-2"), Wanted::Whole),
        ];
        for (range, expected) in cases {
            assert_eq!(wanted(range, 1000), expected, "{range:?}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_found() {
        let mounts = [Mount::new("/", "page"), Mount::new("/media/", "samples")];
        let found = |path| find(&mounts, path);
        assert_eq!(found("/a/b.js"), Some(PathBuf::from("page/a/b.js")));
        assert_eq!(found("/media/ts/a%20b.ts"), Some(PathBuf::from("samples/ts/a b.ts")));
        for path in ["/../x", "/%2e%2e/x", "/a/../../x", "//etc/passwd", "/a\\b", "/%zz", "/%00"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
