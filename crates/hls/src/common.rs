//! What playlists of both kinds have (RFC 8216bis 4.4.2), as plain data.

/// A tag this library does not interpret, kept as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTag {
    /// 1-based line.
    pub line: u32,
    /// The whole line, without its line end.
    pub text: String,
}

/// EXT-X-START (RFC 4.4.2.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StartOffset {
    /// From the start where positive, from the end of the last segment where negative.
    pub offset_secs: f64,
    /// PRECISE.
    pub is_precise: bool,
}
