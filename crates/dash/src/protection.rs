//! Common Encryption in manifests (ISO/IEC 23009-1, 5.8.4.1; ISO/IEC 23001-7, 11.2).
//!
//! In: ContentProtection of a set and of a representation. Out: the scheme, the key, and the key systems.

use crate::model::{KeySystem, Protection};
use crate::tree::Node;
use crate::values::uuid;

const COMMON: &str = "urn:mpeg:dash:mp4protection:2011";
/// More than there are.
const MAX_SYSTEMS: usize = 16;

pub(crate) fn read(set: &Node<'_>, representation: &Node<'_>) -> Option<Protection> {
    let mut protection = Protection::default();
    let mut is_protected = false;
    for node in representation.all("ContentProtection").chain(set.all("ContentProtection")) {
        is_protected = true;
        let scheme = node.get("schemeIdUri").unwrap_or_default().to_ascii_lowercase();
        let key_id = node.get("default_KID").and_then(|text| uuid(&text));
        protection.default_key_id = protection.default_key_id.or(key_id);
        if scheme == COMMON {
            if protection.scheme.is_empty() {
                protection.scheme = node.owned("value").unwrap_or_default().to_ascii_lowercase();
            }
        } else if let Some(uuid) = scheme.strip_prefix("urn:uuid:") {
            let is_known = protection.systems.iter().any(|system| system.uuid == uuid);
            if !is_known && protection.systems.len() < MAX_SYSTEMS {
                let base64 = |name: &str| {
                    let text = node.first(name)?.text;
                    let text: String = text.split_ascii_whitespace().collect();
                    is_base64(&text).then_some(text)
                };
                protection.systems.push(KeySystem {
                    uuid: uuid.to_owned(),
                    pssh: base64("pssh"),
                    playready_object: base64("pro"),
                });
            }
        }
    }
    is_protected.then_some(protection)
}

fn is_base64(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}
