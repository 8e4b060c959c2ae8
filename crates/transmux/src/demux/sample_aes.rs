//! Sample encryption of transport streams and packed audio ("MPEG-2 Stream Encryption Format for HTTP Live
//! Streaming", Apple; RFC 8216bis 4.4.4.4 METHOD=SAMPLE-AES).
//!
//! In: a key, an initialization vector, whole NAL units and frames of sound. Out: the same, clear, in
//! place. What is encrypted of them is AES-128 in CBC mode without padding, begun anew with each. It finds
//! no unit by itself, and cannot tell a wrong key.

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, KeyInit};
use core::fmt;

const BLOCK_LEN: usize = 16;
/// A NAL unit no longer than this is clear.
const CLEAR_NAL_LEN: usize = 48;
/// Clear bytes at the begin of a slice, and after each encrypted block: one of ten is.
const NAL_LEADER_LEN: usize = 32;
const NAL_STRIDE_LEN: usize = 10 * BLOCK_LEN;
/// Clear bytes behind the header of a frame of sound.
const FRAME_LEADER_LEN: usize = 16;

/// What samples are encrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleKey {
    /// The key.
    pub key: [u8; 16],
    /// The initialization vector.
    pub iv: [u8; 16],
}

/// Decrypts samples.
#[derive(Clone)]
pub struct SampleCipher {
    cipher: Aes128,
    iv: [u8; BLOCK_LEN],
}

impl fmt::Debug for SampleCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SampleCipher")
    }
}

impl SampleCipher {
    /// With the key schedule worked out.
    #[must_use]
    pub fn new(key: SampleKey) -> Self {
        Self { cipher: Aes128::new(&key.key.into()), iv: key.iv }
    }

    /// A slice (NAL units of type 1 and 5) that begins at `start` of `bytes` and ends with it: it may get
    /// shorter, by the emulation prevention that the encryption called for.
    pub(super) fn decrypt_slice(&self, bytes: &mut Vec<u8>, start: usize) {
        if bytes.len().saturating_sub(start) <= CLEAR_NAL_LEN {
            return;
        }
        remove_emulation_prevention(bytes, start);
        let nal = bytes.get_mut(start + NAL_LEADER_LEN..).unwrap_or_default();
        let mut previous = self.iv;
        for stride in nal.chunks_mut(NAL_STRIDE_LEN) {
            // The last block is encrypted where a byte follows it.
            if let Some((block, [_, ..])) = stride.split_first_chunk_mut() {
                self.decrypt_block(block, &mut previous);
            }
        }
    }

    /// A frame of AAC without its ADTS header, or a whole one of AC-3.
    pub(super) fn decrypt_frame(&self, frame: &mut [u8]) {
        let mut previous = self.iv;
        let encrypted = frame.get_mut(FRAME_LEADER_LEN..).unwrap_or_default();
        for block in encrypted.as_chunks_mut().0 {
            self.decrypt_block(block, &mut previous);
        }
    }

    fn decrypt_block(&self, bytes: &mut [u8; BLOCK_LEN], previous: &mut [u8; BLOCK_LEN]) {
        let mut block = (*bytes).into();
        self.cipher.decrypt_block(&mut block);
        for (clear, mask) in block.iter_mut().zip(*previous) {
            *clear ^= mask;
        }
        *previous = *bytes;
        *bytes = block.into();
    }
}

/// Takes out each 3 behind two zeros (ITU-T H.264 7.4.1).
fn remove_emulation_prevention(bytes: &mut Vec<u8>, start: usize) {
    let (mut end, mut zeros) = (start, 0);
    for index in start..bytes.len() {
        let byte = bytes[index];
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        bytes[end] = byte;
        end += 1;
    }
    bytes.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::BlockCipherEncrypt;

    const KEY: SampleKey = SampleKey { key: *b"0123456789abcdef", iv: [7; 16] };

    /// CBC over every block of `encrypted`.
    fn encrypt(blocks: &mut [&mut [u8]]) {
        let cipher = Aes128::new(&KEY.key.into());
        let mut previous = KEY.iv;
        for bytes in blocks {
            let mixed: [u8; 16] = core::array::from_fn(|index| bytes[index] ^ previous[index]);
            let mut block = mixed.into();
            cipher.encrypt_block(&mut block);
            previous = block.into();
            bytes.copy_from_slice(&previous);
        }
    }

    fn noise(len: usize) -> Vec<u8> {
        (0..len).map(|index| (index * index % 251) as u8 | 1).collect()
    }

    #[test]
    fn one_block_of_ten_of_a_slice_and_never_its_last_byte() {
        let cipher = SampleCipher::new(KEY);
        for len in (0..900).filter(|len| !(33..=48).contains(len)) {
            let clear = noise(len);
            let mut bytes = clear.clone();
            if len > 48 {
                let strides = bytes[32..].chunks_mut(160).filter(|stride| stride.len() > 16);
                let mut blocks: Vec<_> = strides.map(|stride| &mut stride[..16]).collect();
                encrypt(&mut blocks);
                assert_ne!(bytes, clear);
            }
            let mut escaped = vec![9, 9];
            let mut zeros = 0;
            for byte in bytes {
                if zeros >= 2 && byte <= 3 {
                    escaped.push(3);
                    zeros = 0;
                }
                zeros = if byte == 0 { zeros + 1 } else { 0 };
                escaped.push(byte);
            }
            cipher.decrypt_slice(&mut escaped, 2);
            assert_eq!(escaped[2..], clear, "{len} bytes");
        }
    }

    #[test]
    fn frames_of_sound_but_for_their_begin_and_end() {
        let cipher = SampleCipher::new(KEY);
        for len in 0..200 {
            let clear = noise(len);
            let mut bytes = clear.clone();
            let mut blocks: Vec<_> =
                bytes.get_mut(16..).unwrap_or_default().chunks_exact_mut(16).collect();
            encrypt(&mut blocks);
            cipher.decrypt_frame(&mut bytes);
            assert_eq!(bytes, clear, "{len} bytes");
        }
    }
}
