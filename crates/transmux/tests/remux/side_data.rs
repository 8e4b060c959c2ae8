//! What a segment carries beside picture and sound.

use crate::tools::{alone_at, fixture, transmux_segment};
use videosphere_transmux::demux::container::Format;
use videosphere_transmux::remux::{SegmentStart, SideData, Transmuxed, Transmuxer};

/// A segment's side data and fragments.
fn read(bytes: &[u8], start: SegmentStart, chunk_len: usize) -> (Vec<SideData>, Vec<Transmuxed>) {
    let mut transmuxer = Transmuxer::new();
    transmuxer.set_reads_side_data(true);
    let results = transmux_segment(&mut transmuxer, start, bytes, chunk_len);
    (std::iter::from_fn(|| transmuxer.poll_side_data()).collect(), results)
}

#[test]
fn id3_is_due_when_its_packet_says() {
    let bytes = fixture("side_data.ts");
    let (tags, _) = read(&bytes, alone_at(100.0), 4096);
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
    assert_eq!(read(&bytes, growing, 1000).0, whole);
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
    let bytes = [tag(b"PRIV", &[1; 60_000]), fixture("low_rate.aac")].concat();
    let mut transmuxer = Transmuxer::new();
    transmuxer.set_reads_side_data(true);
    for index in 0..100 {
        transmux_segment(&mut transmuxer, alone_at(f64::from(index)), &bytes, usize::MAX);
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
    assert_eq!(data.len(), 1);
    let scrambled: Vec<u8> = packets
        .iter()
        .flat_map(|packet| {
            let mut packet = packet.to_vec();
            packet[3] |= if is_metadata(&packet) { 0x80 } else { 0 };
            packet
        })
        .collect();
    let (data, _) = read(&scrambled, alone_at(0.0), 4096);
    assert_eq!(data, []);
}

/// An ID3 tag of one frame.
fn tag(frame: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let size = |len: usize| [21, 14, 7, 0].map(|shift| (len >> shift) as u8 & 0x7f);
    let framed = [&frame[..], &size(payload.len()), &[0, 0], payload].concat();
    [&b"ID3\x04\0\0"[..], &size(framed.len()), &framed].concat()
}

#[test]
fn tags_of_packed_audio_are_due_where_they_stand() {
    let stamp =
        tag(b"PRIV", b"com.apple.streaming.transportStreamTimestamp\0\0\0\0\0\0\x01\x5f\x90");
    let title = tag(b"TIT2", b"\x03A title");
    let audio = fixture("low_rate.aac");
    let (data, _) = read(&[&stamp[..], &title, &audio].concat(), alone_at(7.0), 100);
    let [only] = &data[..] else { panic!("{data:?}") };
    assert_eq!((only.start_secs, &only.bytes), (7.0, &title));
    assert_eq!(Format::of(&stamp).map(|(format, _)| format), Ok(Format::PackedAudio));
}
