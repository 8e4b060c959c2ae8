//! Keys of encrypted media as plain data (RFC 8216bis 4.4.4.4, 4.4.6.5).
//!
//! In: EXT-X-KEY tags in file order. Out: [`Keys`], those in force at some place of the list, one for
//! each KEYFORMAT. It fetches no key and decrypts nothing.

use std::sync::Arc;

/// KEYFORMAT where none is given.
pub(super) const IDENTITY: &str = "identity";

/// More key systems than there are; further ones are passed over.
const MAX_KEYS: usize = 16;

/// EXT-X-KEY (RFC 4.4.4.4), and EXT-X-SESSION-KEY (4.4.6.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// METHOD as it stood: `AES-128`, `SAMPLE-AES`, …
    pub method: String,
    /// Absolute URL.
    pub url: Option<String>,
    /// IV, as 16 bytes.
    pub iv: Option<[u8; 16]>,
    /// KEYFORMAT, `identity` where absent.
    pub key_format: String,
    /// KEYFORMATVERSIONS as it stood, such as `1/2/5`; it means `1` where absent.
    pub key_format_versions: Option<String>,
    /// KEYID, 16 bytes, which packagers add where the key is for Common Encryption. No attribute of the
    /// RFC's.
    pub key_id: Option<[u8; 16]>,
}

impl Key {
    /// The URL leads to the key itself, 16 bytes, and no key system is needed.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.key_format == IDENTITY
    }

    /// The initialization vector of a segment: IV, else its media sequence number, big-endian (RFC 5.2).
    /// Each part of the segment begins with it anew.
    #[must_use]
    pub fn iv_of(&self, media_sequence: u64) -> [u8; 16] {
        self.iv.unwrap_or_else(|| u128::from(media_sequence).to_be_bytes())
    }
}

/// The keys in force, of which any will do: one for each KEYFORMAT, in file order. None where the media
/// is clear. Cheap to copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(Option<Arc<[Key]>>);

impl Keys {
    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Key] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The media is clear.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The one that needs no key system.
    #[must_use]
    pub fn identity(&self) -> Option<&Key> {
        self.as_slice().iter().find(|key| key.is_identity())
    }

    /// What is in force after another EXT-X-KEY: it takes the place of the one of its KEYFORMAT.
    pub(super) fn with(&self, key: Key) -> Self {
        let mut keys = self.as_slice().to_vec();
        match keys.iter().position(|known| known.key_format == key.key_format) {
            Some(index) => keys[index] = key,
            None if keys.len() < MAX_KEYS => keys.push(key),
            None => {}
        }
        Self(Some(keys.into()))
    }
}
