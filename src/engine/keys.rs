//! Keys that are fetched: 16 bytes from a URL, once (RFC 8216bis 4.4.4.4, 5.2).
//!
//! In: the keys in force for a segment or an init section, bodies of key requests. Out: what decrypts
//! them, or the URL to ask first, or why nothing here can. A key stays known while it is used, and is
//! asked for again once something did not decrypt with it. It makes no request and decrypts nothing.

use super::output::Decryption;
use crate::demux::sample_aes::SampleKey;
use crate::error::Error;
use crate::playlist::{Key, Keys};

/// METHOD of keys for samples: in MPEG-TS and packed audio the transmuxer's to decrypt, in fMP4 a key system's.
const SAMPLE_AES: &str = "SAMPLE-AES";

/// Keys known at a time; the one not used for longest makes room.
const MAX_KEYS: usize = 32;

/// Names a key while it is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeySlot(u8);

#[derive(Debug)]
struct Slot {
    url: String,
    bytes: Option<[u8; 16]>,
    used: u32,
}

/// The keys of a session.
#[derive(Debug, Default)]
pub(super) struct KeyStore {
    slots: Vec<Slot>,
    uses: u32,
}

/// What is known of the key of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The body is not encrypted as a whole.
    Clear,
    Key(Decryption),
    /// The samples in it are, each by itself.
    SampleKey(SampleKey),
    /// It is to be fetched first.
    Missing(KeySlot),
}

impl KeyStore {
    /// The same of a segment of fMP4, whose samples only a key system decrypts.
    pub fn check_fmp4(keys: &Keys) -> Result<(), Error> {
        let of_samples = keys.as_slice().iter().find(|key| key.method == SAMPLE_AES);
        of_samples.map_or(Ok(()), |key| Err(refused(key)))
    }

    /// What decrypts a body that these keys are in force for.
    pub fn look_up(&mut self, keys: &Keys, media_sequence: u64) -> Result<Known, Error> {
        let Some(first) = keys.as_slice().first() else { return Ok(Known::Clear) };
        let usable = keys.identity().filter(|key| is_usable(key));
        let Some((key, url)) = usable.and_then(|key| Some((key, key.url.as_deref()?))) else {
            return Err(refused(first));
        };
        let is_of_samples = key.method == SAMPLE_AES;
        let slot = self.slot_of(url);
        let iv = key.iv_of(media_sequence);
        let bytes = self.slots.get(usize::from(slot.0)).and_then(|slot| slot.bytes);
        Ok(match bytes {
            None => Known::Missing(slot),
            Some(key) if is_of_samples => Known::SampleKey(SampleKey { key, iv }),
            Some(key) => Known::Key(Decryption { key, iv }),
        })
    }

    /// A key that may be asked for before anything needs it; `None` for one that is known, or not fetched
    /// by this.
    pub fn missing(&mut self, key: &Key) -> Option<KeySlot> {
        let url = key.url.as_deref().filter(|_| key.is_identity() && is_usable(key))?;
        let slot = self.slot_of(url);
        let known = self.slots.get(usize::from(slot.0));
        known.is_some_and(|slot| slot.bytes.is_none()).then_some(slot)
    }

    fn slot_of(&mut self, url: &str) -> KeySlot {
        self.uses = self.uses.wrapping_add(1);
        let known = self.slots.iter().position(|slot| slot.url == url);
        let index = known.unwrap_or_else(|| {
            let slot = Slot { url: url.to_owned(), bytes: None, used: 0 };
            if self.slots.len() < MAX_KEYS {
                self.slots.push(slot);
                return self.slots.len() - 1;
            }
            let ages = self.slots.iter().map(|slot| self.uses.wrapping_sub(slot.used)).enumerate();
            let oldest = ages.max_by_key(|(_, age)| *age).map_or(0, |(index, _)| index);
            self.slots[oldest] = slot;
            oldest
        });
        self.slots[index].used = self.uses;
        KeySlot(index as u8)
    }

    /// Where a key is to be had.
    pub fn url(&self, slot: KeySlot) -> Option<&str> {
        self.slots.get(usize::from(slot.0)).map(|slot| slot.url.as_str())
    }

    /// Takes in the answer of a key's server.
    pub fn accept(&mut self, slot: KeySlot, body: &[u8]) -> Result<(), Error> {
        let Some(slot) = self.slots.get_mut(usize::from(slot.0)) else { return Ok(()) };
        let Ok(bytes) = body.try_into() else {
            let is_markup = body.trim_ascii_start().starts_with(b"<");
            let (url, byte_len) = (slot.url.clone(), body.len());
            return Err(Error::InvalidKey { url, byte_len, is_markup });
        };
        slot.bytes = Some(bytes);
        Ok(())
    }

    /// What these keys are for did not decrypt: another key may be had under the same URL by now.
    pub fn doubt(&mut self, keys: &Keys) {
        let url = keys.identity().and_then(|key| key.url.as_deref());
        for slot in self.slots.iter_mut().filter(|slot| Some(slot.url.as_str()) == url) {
            slot.bytes = None;
        }
    }
}

/// Its 16 bytes are all that is needed.
fn is_usable(key: &Key) -> bool {
    matches!(key.method.as_str(), "AES-128" | SAMPLE_AES)
}

/// Why these keys decrypt nothing here.
fn refused(key: &Key) -> Error {
    let method = &key.method;
    let method = if key.is_identity() {
        method.clone()
    } else {
        format!("{method} (key system {})", key.key_format)
    };
    Error::Encrypted { method }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playlist::{Playlist, parse};

    fn keys(tags: &str) -> Keys {
        let text = format!("#EXTM3U\n{tags}\n#EXTINF:1,\na.ts\n");
        match parse(&text, "https://a.example/l.m3u8") {
            Ok(Playlist::Media(list)) => list.segments[0].keys.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_key_is_missing_once_and_then_known_for_each_sequence_number() {
        let mut store = KeyStore::default();
        let rotating = |number: u32| keys(&format!("#EXT-X-KEY:METHOD=AES-128,URI=\"k{number}\""));
        let Ok(Known::Missing(slot)) = store.look_up(&rotating(0), 7) else { panic!("known") };
        assert_eq!(store.url(slot), Some("https://a.example/k0"));
        assert_eq!(store.look_up(&rotating(0), 7), Ok(Known::Missing(slot)));
        store.accept(slot, &[9; 16]).expect("a key");
        let Ok(Known::Key(decryption)) = store.look_up(&rotating(0), 258) else {
            panic!("missing")
        };
        assert_eq!((decryption.key, decryption.iv[14..].to_vec()), ([9; 16], vec![1, 2]));

        // In use all the time, it outlives any number of others.
        for number in 1..1000 {
            assert!(matches!(store.look_up(&rotating(number), 0), Ok(Known::Missing(_))));
            assert!(matches!(store.look_up(&rotating(0), 0), Ok(Known::Key(_))), "{number}");
        }
        assert_eq!(store.slots.len(), MAX_KEYS);
        store.doubt(&rotating(0));
        assert_eq!(store.look_up(&rotating(0), 7), Ok(Known::Missing(slot)));
    }

    #[test]
    fn what_is_no_key_is_named() {
        let mut store = KeyStore::default();
        let aes = keys("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"");
        let Ok(Known::Missing(slot)) = store.look_up(&aes, 0) else { panic!("known") };
        for body in [&b""[..], b"0123456789abcde", b"0123456789abcdef0", b" <!DOCTYPE html><p>"] {
            let error = store.accept(slot, body).expect_err("no key");
            assert_eq!(error.code(), "key-invalid");
            assert_eq!(error.to_string().contains("web page"), body.starts_with(b" <"), "{error}");
        }
        assert_eq!(store.look_up(&Keys::default(), 0), Ok(Known::Clear));
        let samples = keys("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\",IV=0x5");
        store.accept(slot, &[4; 16]).expect("a key");
        let Ok(Known::SampleKey(known)) = store.look_up(&samples, 0) else { panic!("missing") };
        assert_eq!((known.key, known.iv[15]), ([4; 16], 5));
        assert!(KeyStore::check_fmp4(&samples).is_err() && KeyStore::check_fmp4(&aes).is_ok());
        for (tags, named) in [
            ("#EXT-X-KEY:METHOD=AES-128", "AES-128"),
            ("#EXT-X-KEY:METHOD=AES-256,URI=\"k\"", "AES-256"),
            ("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",KEYFORMAT=\"mine\"", "mine"),
            ("#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI=\"k\"", "KEYFORMAT=identity"),
        ] {
            let error = store.look_up(&keys(tags), 0).expect_err("refused");
            assert!(error.code() == "encrypted" && error.to_string().contains(named), "{error}");
        }
    }
}
