//! AES-128 in CBC mode with PKCS#7 padding (RFC 8216bis 4.4.4.4), as a packager and a browser have it.

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

const BLOCK_LEN: usize = 16;

pub fn encrypt(key: [u8; 16], iv: [u8; 16], clear: &[u8]) -> Vec<u8> {
    let cipher = Aes128::new(&key.into());
    let padding = BLOCK_LEN - clear.len() % BLOCK_LEN;
    let mut bytes = clear.to_vec();
    bytes.resize(clear.len() + padding, padding as u8);
    let mut previous = iv;
    for chunk in bytes.as_chunks_mut::<BLOCK_LEN>().0 {
        let mixed: [u8; 16] = std::array::from_fn(|index| chunk[index] ^ previous[index]);
        let mut block = mixed.into();
        cipher.encrypt_block(&mut block);
        (*chunk, previous) = (block.into(), block.into());
    }
    bytes
}

/// `None` where the padding is none.
pub fn decrypt(key: [u8; 16], iv: [u8; 16], bytes: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes128::new(&key.into());
    let (chunks, []) = bytes.as_chunks::<BLOCK_LEN>() else { return None };
    let mut previous = iv;
    let mut clear = Vec::with_capacity(bytes.len());
    for chunk in chunks {
        let mut block = (*chunk).into();
        cipher.decrypt_block(&mut block);
        clear.extend(block.iter().zip(previous).map(|(byte, mask)| byte ^ mask));
        previous = *chunk;
    }
    let padding = usize::from(*clear.last()?);
    let len = clear.len().checked_sub(padding).filter(|_| (1..=BLOCK_LEN).contains(&padding))?;
    let is_padding = clear[len..].iter().all(|byte| usize::from(*byte) == padding);
    clear.truncate(len);
    is_padding.then_some(clear)
}

#[test]
fn as_openssl_does_it() {
    // printf 'twenty-two bytes long.' | openssl enc -aes-128-cbc -K 30313233343536373839616263646566 -iv 00000000000000000000000000000007
    let key = *b"0123456789abcdef";
    let iv = 7_u128.to_be_bytes();
    let expected = [
        0x8c, 0x86, 0xcd, 0x7a, 0xf2, 0x19, 0x1f, 0x1d, 0xf3, 0xcc, 0x64, 0x8d, 0xca, 0xff, 0x88,
        0x95, 0x73, 0x90, 0xcf, 0x73, 0xb2, 0x2d, 0xc9, 0xba, 0x0b, 0x24, 0x4f, 0xfb, 0x52, 0x59,
        0x4d, 0x29,
    ];
    assert_eq!(encrypt(key, iv, b"twenty-two bytes long."), expected);
    assert_eq!(decrypt(key, iv, &expected).as_deref(), Some(&b"twenty-two bytes long."[..]));
    assert_eq!(decrypt([0; 16], iv, &expected), None);
    assert_eq!(decrypt(key, iv, &expected[..31]), None);
}
