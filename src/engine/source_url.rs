//! Whether a URL names a stream.
//!
//! In: the page's words. Out: yes or no. It resolves nothing: what the page gives is absolute.

/// Absolute http(s) with something for a host: what can be fetched at all.
pub(super) fn is_http_url(url: &str) -> bool {
    let rest = [("http://", 7), ("https://", 8)].iter().find_map(|(scheme, len)| {
        let head = url.get(..*len)?;
        head.eq_ignore_ascii_case(scheme).then(|| &url[*len..])
    });
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_http_urls_are_streams() {
        for url in ["https://a.example/x.m3u8", "HTTP://127.0.0.1:8080/?a=b", "http://[::1]/"] {
            assert!(is_http_url(url), "{url}");
        }
        for url in [
            "",
            "x.m3u8",
            "//a.example/x",
            "https://",
            "ftp://a/",
            "http:///x",
            "not a url",
            "https://a b/",
            "http",
            "ü",
        ] {
            assert!(!is_http_url(url), "{url}");
        }
    }
}
