//! Tags of lists (RFC 9110, 8.8.3): who has a list already is not sent it again.
//!
//! In: a list, the headers of a question. Out: its tag, the same for the same list at both origins, and
//! whether the one who asks has it. The edges do this for their viewers by themselves, once a list has
//! a tag.

use hyper::header::{HeaderMap, IF_NONE_MATCH};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Of a list.
#[must_use]
pub fn of(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// Whether the one who asks has the list of this tag, compressed or not.
#[must_use]
pub fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get_all(IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let mut known = known.flat_map(|tags| tags.split(',')).map(str::trim);
    known.any(|known| known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_known_by_its_tag_alone() {
        let tag = of("#EXTM3U\n");
        assert_eq!(tag, of("#EXTM3U\n"));
        assert_ne!(tag, of("#EXTM3U\n\n"));
        let asked = |tags: &str| HeaderMap::from_iter([(IF_NONE_MATCH, tags.parse().unwrap())]);
        for known in [tag.clone(), format!("\"a\", W/{tag}"), format!("W/{tag},\"b\"")] {
            assert!(is_known(&asked(&known), &tag), "{known}");
        }
        for other in ["\"a\"", "*", "", &tag[1..]] {
            assert!(!is_known(&asked(other), &tag), "{other}");
        }
        assert!(!is_known(&HeaderMap::new(), &tag));
    }
}
