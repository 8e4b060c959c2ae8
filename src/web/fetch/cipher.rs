//! Bodies that are encrypted as a whole, decrypted by the browser (`www/cipher.js`).
//!
//! In: a key, an initialization vector, a body. Out: its clear bytes in pieces, or why there are none.
//! It knows neither URL nor playlist.

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::engine::Decryption;

/// Clear bytes lent to the engine at a time: it copies them, and keeps the room.
const CHUNK_LEN: u32 = 1 << 20;

/// Why a body stays encrypted.
pub(super) enum Undeciphered {
    /// By its padding it was encrypted with another key.
    WrongKey,
    /// There is no cipher here; a sentence.
    NoCipher(String),
}

/// The cipher's promise: beside the request, as its script may have to be loaded.
pub(super) fn open(open_cipher: &Function, decryption: &Decryption) -> Result<Promise, JsValue> {
    let bytes = |bytes: &[u8; 16]| Uint8Array::from(&bytes[..]);
    let (key, iv) = (bytes(&decryption.key), bytes(&decryption.iv));
    open_cipher.call2(&JsValue::NULL, &key, &iv).map(JsCast::unchecked_into)
}

/// The clear bytes of a whole body.
pub(super) async fn decrypt(
    cipher: Result<Promise, JsValue>,
    body: &Uint8Array,
) -> Result<Uint8Array, Undeciphered> {
    let sentence = |value: JsValue| Undeciphered::NoCipher(value.as_string().unwrap_or_default());
    let cipher = cipher.map_err(sentence)?.await.map_err(sentence)?;
    let Some(cipher) = cipher.dyn_ref::<Function>() else { return Err(sentence(cipher)) };
    let clear = cipher.call1(&JsValue::NULL, body).map(|it| it.unchecked_into::<Promise>());
    match clear {
        Ok(clear) => {
            clear.await.map(|clear| Uint8Array::new(&clear)).map_err(|_| Undeciphered::WrongKey)
        }
        Err(_) => Err(Undeciphered::WrongKey),
    }
}

/// In pieces.
pub(super) fn chunks(bytes: &Uint8Array) -> impl Iterator<Item = Uint8Array> {
    let len = bytes.byte_length();
    let starts = (0..len).step_by(CHUNK_LEN as usize);
    starts.map(move |start| bytes.subarray(start, len.min(start.saturating_add(CHUNK_LEN))))
}
