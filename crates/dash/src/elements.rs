//! What many elements have (ISO/IEC 23009-1, 5.6 and 5.8.2).
//!
//! In: an element. Out: its descriptors, and the addresses that what is in it is relative to.

use crate::model::Descriptor;
use crate::tree::{Node, decode};
use crate::values::resolve;

/// More addresses of one thing than any service gives.
const MAX_BASES: usize = 4;

/// Schemes and values of elements of this name.
pub(crate) fn descriptors(node: &Node<'_>, name: &str) -> Vec<Descriptor> {
    let descriptor = |node: &Node<'_>| Descriptor {
        scheme: node.owned("schemeIdUri").unwrap_or_default(),
        value: node.owned("value").unwrap_or_default(),
    };
    node.all(name).map(descriptor).collect()
}

/// BaseURL, each against each of the level above (5.6).
pub(crate) fn bases(node: &Node<'_>, above: &[String]) -> Vec<String> {
    let mut bases = Vec::new();
    for base in node.all("BaseURL") {
        for above in above {
            if bases.len() < MAX_BASES {
                bases.push(resolve(above, &decode(base.text)));
            }
        }
    }
    if bases.is_empty() { above.to_vec() } else { bases }
}
