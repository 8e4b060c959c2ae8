//! SAMPLE-AES as shaka-packager 3.4 writes it, against what it makes of the same media in clear.

use crate::tools::*;
use videosphere_transmux::demux::sample_aes::SampleKey;
use videosphere_transmux::remux::{Transmuxed, Transmuxer};
use videosphere_transmux::{Error, TrackKind};

/// The payloads of the `mdat` boxes.
fn media(boxes: &[u8]) -> Vec<u8> {
    let (mut rest, mut media) = (boxes, Vec::new());
    while let Some(size) = rest.first_chunk() {
        let (whole, after) = rest.split_at(u32::from_be_bytes(*size) as usize);
        if whole[4..].starts_with(b"mdat") {
            media.extend(&whole[8..]);
        }
        rest = after;
    }
    media
}

/// Slices alone: parameter sets and SEI stand elsewhere in each container.
fn slices(media: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut slices) = (media, Vec::new());
    while let Some((len, tail)) = rest.split_first_chunk() {
        let (nal, after) = tail.split_at(u32::from_be_bytes(*len) as usize);
        if matches!(nal[0] & 31, 1 | 5) {
            slices.push(nal);
        }
        rest = after;
    }
    slices
}

fn decrypted(name: &str, chunk_len: usize) -> Vec<Transmuxed> {
    let bytes = fixture(&format!("sample_aes/{name}"));
    let key = fixture("sample_aes/k.key").try_into().expect("16 bytes");
    let mut transmuxer = Transmuxer::new();
    transmuxer.set_sample_key(Some(SampleKey { key, iv: 1_u128.to_be_bytes() }));
    transmux_segment(&mut transmuxer, alone_at(0.0), &bytes, chunk_len)
}

#[test]
fn every_slice_is_as_it_was_in_clear() {
    let clear = media(&fixture("sample_aes/v_clear.m4s"));
    for chunk_len in [1 << 20, 188, 61] {
        let results = decrypted("v.ts", chunk_len);
        assert_eq!(problems(&results), [] as [&Error; 0]);
        let media = media(&track_bytes(&results, TrackKind::Video));
        let (ours, clear) = (slices(&media), slices(&clear));
        assert_eq!((ours.len(), ours.len()), (50, clear.len()));
        let longer = ours.iter().filter(|nal| nal.len() > 48).count();
        assert!(longer > 20, "only {longer} of them were encrypted");
        assert!(ours == clear, "in chunks of {chunk_len}");
    }
}

#[test]
fn every_frame_of_sound_is_as_it_was_in_clear() {
    let results = decrypted("a.ts", 1000);
    assert_eq!(problems(&results), [] as [&Error; 0]);
    let (ours, clear) = (
        media(&track_bytes(&results, TrackKind::Audio)),
        media(&fixture("sample_aes/a_clear.m4s")),
    );
    let len = ours.len().min(clear.len());
    assert!(len > 10_000, "{len} bytes");
    assert!(ours[..len] == clear[..len]);
}

#[test]
fn without_a_key_it_is_named_and_with_a_wrong_one_nothing_panics() {
    for name in ["sample_aes/v.ts", "sample_aes/a.ts"] {
        let results = transmux(&fixture(name));
        let is_named =
            |it: &&Error| matches!(it, Error::Encrypted { method } if method == "SAMPLE-AES");
        assert!(problems(&results).iter().any(is_named), "{:?}", problems(&results));
        let mut transmuxer = Transmuxer::new();
        transmuxer.set_sample_key(Some(SampleKey { key: [0; 16], iv: [0; 16] }));
        let bytes = fixture(name);
        assert!(!transmux_segment(&mut transmuxer, alone_at(0.0), &bytes, 500).is_empty());
    }
    // What the program map calls clear stays as it is, whatever the playlist says.
    let bytes = fixture("vod_0.ts");
    let mut transmuxer = Transmuxer::new();
    transmuxer.set_sample_key(Some(SampleKey { key: [0; 16], iv: [0; 16] }));
    let len = bytes.len();
    assert!(transmux_segment(&mut transmuxer, alone_at(0.0), &bytes, len) == transmux(&bytes));
}
