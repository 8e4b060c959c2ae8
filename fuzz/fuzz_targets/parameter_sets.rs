//! Sequence parameter sets of any bytes, by themselves and in a stream with a picture.
//!
//! Judged: what is read is within what H.264 allows; a set that was escaped (7.3.1) says the same; an init segment
//! made of it can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere::demux::container::Format;
use videosphere::demux::fmp4::InitInfo;
use videosphere::demux::h264::Sps;
use videosphere::remux::{SegmentStart, Succession, Transmuxed, Transmuxer};
use videosphere_fuzz::stream::{KEY_PICTURE, PICTURE_SET, Stream};

fuzz_target!(|input: &[u8]| {
    let nal = [&[0x67], input].concat();
    let Some(sps) = Sps::parse(&nal) else { return };
    assert!(sps.width_px > 0 && sps.height_px > 0);
    assert!(sps.chroma_format <= 3);
    assert!((8..=14).contains(&sps.luma_bit_depth) && (8..=14).contains(&sps.chroma_bit_depth));
    assert!(sps.sample_aspect_ratio.0 > 0 && sps.sample_aspect_ratio.1 > 0);
    assert!(sps.frame_rate.is_none_or(|(count, per)| count > 0 && per > 0));
    assert_eq!(sps.codec_string().len(), "avc1.640028".len());
    if !has_escapes(&nal) {
        assert_eq!(Sps::parse(&escaped(&nal)).as_ref(), Some(&sps));
    }

    let mut stream = Stream::new();
    for pts in [90_000, 93_000] {
        stream.video(pts, &[&escaped(&nal), PICTURE_SET, KEY_PICTURE]);
    }
    let mut transmuxer = Transmuxer::new();
    transmuxer.begin_segment(SegmentStart {
        format: Format::MpegTs,
        timeline_start_secs: 0.0,
        duration_secs: 2.0,
        discontinuity_sequence: 0,
        succession: Succession::Apart,
        is_growing: false,
    });
    transmuxer.push(&stream.bytes);
    transmuxer.end_segment();
    while let Some(result) = transmuxer.poll() {
        match result {
            Transmuxed::Init { bytes, .. } => {
                let init = InitInfo::parse(bytes.as_slice()).expect("an init segment we wrote");
                assert_eq!(init.tracks[0].kind, videosphere::media::TrackKind::Video);
            }
            Transmuxed::Fragment { start_secs, end_secs, .. } => assert!(start_secs < end_secs),
            Transmuxed::Problem(_) => {}
        }
    }
});

fn has_escapes(nal: &[u8]) -> bool {
    nal.windows(3).any(|window| window == [0, 0, 3])
}

/// With emulation prevention, and no zero at its end.
fn escaped(nal: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(nal.len());
    let mut zeros = 0;
    for byte in nal {
        if zeros == 2 && *byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}
