//! What a segment carries beside picture and sound.

use crate::tools::{alone_at, fixture, following_at, transmux_segment};
use videosphere_transmux::TrackKind;
use videosphere_transmux::demux::container::Format;
use videosphere_transmux::remux::{SegmentStart, SideData, SideDataKind, Transmuxed, Transmuxer};

/// A segment's side data and fragments.
fn read(bytes: &[u8], start: SegmentStart, chunk_len: usize) -> (Vec<SideData>, Vec<Transmuxed>) {
    let mut transmuxer = Transmuxer::new();
    transmuxer.set_reads_side_data(true);
    let results = transmux_segment(&mut transmuxer, start, bytes, chunk_len);
    (std::iter::from_fn(|| transmuxer.poll_side_data()).collect(), results)
}

fn of_kind(data: &[SideData], kind: SideDataKind) -> Vec<&SideData> {
    data.iter().filter(|data| data.kind == kind).collect()
}

#[test]
fn caption_data_lies_where_its_picture_does() {
    let bytes = fixture("side_data.ts");
    let (data, results) = read(&bytes, alone_at(100.0), 4096);
    let captions = of_kind(&data, SideDataKind::H264Sei);
    // 25 pictures a second, each with its own.
    let mut starts: Vec<f64> = captions.iter().map(|data| data.start_secs).collect();
    starts.sort_by(f64::total_cmp);
    assert!(starts.len() >= 74, "{}", starts.len());
    // Where the file was cut, pictures shown in between are missing.
    for (index, start_secs) in starts.iter().enumerate().take(74) {
        assert!((start_secs - 100.0 - index as f64 * 0.04).abs() < 1e-9, "{start_secs}");
    }
    let first = results.iter().find_map(|result| match result {
        Transmuxed::Fragment { track: TrackKind::Video, start_secs, .. } => Some(*start_secs),
        _ => None,
    });
    assert_eq!(first, Some(starts[0]));
    for data in captions {
        assert!(data.bytes.starts_with(&[6, 4]) && data.decode_secs <= data.start_secs);
        assert!(data.bytes.windows(4).any(|bytes| bytes == b"GA94"));
    }
}

#[test]
fn id3_is_due_when_its_packet_says() {
    let bytes = fixture("side_data.ts");
    let (data, _) = read(&bytes, alone_at(100.0), 4096);
    let tags = of_kind(&data, SideDataKind::Id3);
    let starts: Vec<_> = tags.iter().map(|tag| (tag.start_secs * 1e6).round() / 1e6).collect();
    assert_eq!(starts, [100.5, 101.5]);
    assert!(tags[0].bytes.len() > 300 && tags[0].bytes.windows(3).any(|bytes| bytes == b"yaw"));
    assert!(tags[1].bytes.ends_with(b"com.example.view\0\x01\x02\x03"));
}

#[test]
fn neither_chunks_nor_pieces_matter() {
    let bytes = fixture("side_data.ts");
    let (whole, _) = read(&bytes, alone_at(0.0), usize::MAX);
    let growing = SegmentStart { is_growing: true, ..alone_at(0.0) };
    for chunk_len in [1, 188, 1000] {
        assert_eq!(read(&bytes, alone_at(0.0), chunk_len).0, whole);
    }
    let (mut pieces, _) = read(&bytes, growing, 1000);
    let (mut all, by_kind) = (whole, |data: &SideData| data.kind == SideDataKind::Id3);
    // A piece's tags come before its pictures, wherever they stood.
    pieces.sort_by_key(by_kind);
    all.sort_by_key(by_kind);
    assert_eq!(pieces, all);
}

#[test]
fn nobody_asked_and_nothing_is_kept() {
    let bytes = fixture("side_data.ts");
    let mut transmuxer = Transmuxer::new();
    let without = transmux_segment(&mut transmuxer, alone_at(0.0), &bytes, 4096);
    assert_eq!(transmuxer.poll_side_data(), None);
    let (_, with) = read(&bytes, alone_at(0.0), 4096);
    assert!(without == with, "what is appended is the same");
}

#[test]
fn what_nobody_takes_is_bounded() {
    let bytes = fixture("side_data.ts");
    let mut transmuxer = Transmuxer::new();
    transmuxer.set_reads_side_data(true);
    for index in 0..700 {
        let start = if index == 0 { alone_at(0.0) } else { following_at(f64::from(index) * 3.0) };
        transmux_segment(&mut transmuxer, start, &bytes, usize::MAX);
    }
    let kept = std::iter::from_fn(|| transmuxer.poll_side_data());
    let kept_len: usize = kept.map(|data| data.bytes.len() + 64).sum();
    assert!((3 << 20..=4 << 20).contains(&kept_len), "{kept_len}");
}

#[test]
fn a_tag_that_is_not_whole_is_none() {
    let bytes = fixture("side_data.ts");
    let is_metadata = |packet: &[u8]| packet[1] & 0x1f == 1 && packet[2] == 0xf0;
    let packets: Vec<&[u8]> = bytes.chunks(188).collect();
    let first = packets.iter().position(|packet| is_metadata(packet)).expect("timed ID3");
    assert!(is_metadata(packets[first + 1]));
    let without: Vec<u8> = packets
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != first + 1)
        .flat_map(|(_, packet)| packet.to_vec())
        .collect();
    let (data, _) = read(&without, alone_at(0.0), 4096);
    assert_eq!(of_kind(&data, SideDataKind::Id3).len(), 1);
    let scrambled: Vec<u8> = packets
        .iter()
        .flat_map(|packet| {
            let mut packet = packet.to_vec();
            packet[3] |= if is_metadata(&packet) { 0x80 } else { 0 };
            packet
        })
        .collect();
    let (data, _) = read(&scrambled, alone_at(0.0), 4096);
    assert!(of_kind(&data, SideDataKind::Id3).is_empty());
}

/// An ID3 tag of one frame.
fn tag(frame: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let framed = [&frame[..], &[0, 0, 0, payload.len() as u8, 0, 0], payload].concat();
    [&b"ID3\x04\0\0\0\0\0"[..], &[framed.len() as u8], &framed].concat()
}

#[test]
fn tags_of_packed_audio_are_due_where_they_stand() {
    let stamp =
        tag(b"PRIV", b"com.apple.streaming.transportStreamTimestamp\0\0\0\0\0\0\x01\x5f\x90");
    let title = tag(b"TIT2", b"\x03A title");
    let audio = fixture("low_rate.aac");
    let (data, _) = read(&[&stamp[..], &title, &audio].concat(), alone_at(7.0), 100);
    let [only] = &data[..] else { panic!("{data:?}") };
    assert_eq!((only.kind, only.start_secs, &only.bytes), (SideDataKind::Id3, 7.0, &title));
    assert_eq!(Format::of(&stamp).map(|(format, _)| format), Ok(Format::PackedAudio));
}
