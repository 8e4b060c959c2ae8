//! Names of streams: what a camera may publish under, and a viewer ask for.
//!
//! In: a name. Out: whether it is one. Letters, digits and hyphens, 64 at most: with its rung behind it
//! a name is a folder on every file system, and needs no escaping in a URL, in a log, or in a command.
//! What is none is refused at the first door, so that it costs an origin nothing.

/// The same, for nginx's configuration.
pub const PATTERN: &str = "[a-zA-Z0-9-]{1,64}";
const MAX_LEN: usize = 64;

/// Whether a stream may be called so.
#[must_use]
pub fn is_valid(name: &str) -> bool {
    (1..=MAX_LEN).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert!(is_valid("camera") && is_valid("Stage-2") && is_valid(&"a".repeat(64)));
        for name in ["", "a b", "a_b", "../a", "a\u{e9}", "a%20", &"a".repeat(65)] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
