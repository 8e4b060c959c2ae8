//! Nothing changes on the way from TS to fMP4 but the container.

use crate::tools::*;
use mp4_atom::{Any, Decode};
use videosphere_transmux::TrackKind;
use videosphere_transmux::demux::fmp4::{InitInfo, SegmentHead};
use videosphere_transmux::remux::{Transmuxed, Transmuxer};

/// Every decoded frame of every kind is bit for bit the same.
fn assert_same_frames(segments: &[&str]) {
    let inputs: Vec<_> = segments.iter().map(|name| fixture(name)).collect();
    let whole = TempFile::new("ts", &inputs.concat());
    let results = transmux_all(&inputs);
    assert_eq!(problems(&results), [] as [&videosphere_transmux::Error; 0]);
    for (kind, track) in [("v", TrackKind::Video), ("a", TrackKind::Audio)] {
        let bytes = track_bytes(&results, track);
        if bytes.is_empty() {
            assert_eq!(probe_stream(whole.path(), kind, "codec_name"), "", "{kind} was lost");
            continue;
        }
        let remuxed = TempFile::new("mp4", &bytes);
        let before = frame_hashes(whole.path(), kind);
        let after = frame_hashes(remuxed.path(), kind);
        assert!(before.len() > 20, "{} frames", before.len());
        assert_eq!(before, after, "frames of {kind} in {segments:?}");
    }
}

#[test]
fn frames_with_reordering_are_bit_exact_over_two_segments() {
    assert_same_frames(&["vod_0.ts", "vod_1.ts"]);
}

#[test]
fn frames_of_an_open_gop_are_bit_exact_over_two_segments() {
    assert_same_frames(&["open_gop_0.ts", "open_gop_1.ts"]);
}

#[test]
fn frames_over_the_33_bit_wrap_are_bit_exact() {
    assert_same_frames(&["wrap.ts"]);
}

#[test]
fn a_change_of_size_inside_a_segment_makes_a_second_init_segment() {
    let input = fixture("two_sizes.ts");
    let results = transmux(&input);
    assert_eq!(codecs(&results, TrackKind::Video).len(), 2);
    assert_eq!(fragments(&results, TrackKind::Video).len(), 2);

    let mut sizes = Vec::new();
    let mut hashes = Vec::new();
    let mut part = Vec::new();
    let mut decode = |part: &mut Vec<u8>| {
        if !part.is_empty() {
            let file = TempFile::new("mp4", &std::mem::take(part));
            sizes.push(probe_stream(file.path(), "v", "width,height"));
            hashes.extend(frame_hashes(file.path(), "v"));
        }
    };
    for result in &results {
        match result {
            Transmuxed::Init { bytes, .. } => {
                decode(&mut part);
                part.extend_from_slice(bytes.as_slice());
            }
            Transmuxed::Fragment { bytes, .. } => part.extend_from_slice(bytes.as_slice()),
            Transmuxed::Problem(problem) => panic!("{problem}"),
        }
    }
    decode(&mut part);
    assert_eq!(sizes, ["320,160", "160,80"]);
    assert_eq!(hashes.len(), 60);
    assert_eq!(hashes, frame_hashes(&fixture_path("two_sizes.ts"), "v"));
}

#[test]
fn packets_keep_their_times_sizes_and_flags() {
    for name in ["vod_0.ts", "vod_1.ts", "open_gop_0.ts", "wrap.ts"] {
        let input = fixture_path(name);
        let results = transmux(&fixture(name));
        // What may not stand in an avc1 sample is taken out by ffmpeg itself, for the sizes.
        let filtered = ffmpeg_file(
            &input,
            &["-c", "copy", "-bsf:v", "filter_units=remove_types=7-9|12"],
            "mp4",
        );
        for (kind, track) in [("v", TrackKind::Video), ("a", TrackKind::Audio)] {
            let ours = TempFile::new("mp4", &track_bytes(&results, track));
            let ours = probe_packets(ours.path(), kind);
            let theirs = probe_packets(&input, kind);
            let sizes = probe_packets(filtered.path(), kind);
            assert_eq!(ours.len(), theirs.len(), "{name} {kind}");
            // Ticks of 90 kHz, except for audio, which counts samples.
            let scale = if kind == "v" { 1.0 } else { 90_000.0 / 48_000.0 };
            for (index, (our, their)) in ours.iter().zip(&theirs).enumerate() {
                let ours_since = |value: i64, first: i64| ((value - first) as f64 * scale) as i64;
                let pts = (ours_since(our.pts, ours[0].pts), their.pts - theirs[0].pts);
                let dts = (ours_since(our.dts, ours[0].dts), their.dts - theirs[0].dts);
                assert_eq!(pts.0, pts.1, "pts of {kind} packet {index} of {name}");
                assert_eq!(dts.0, dts.1, "dts of {kind} packet {index} of {name}");
                assert_eq!(our.is_key, their.is_key, "flags of {kind} packet {index} of {name}");
            }
            let our_sizes: Vec<_> = ours.iter().map(|packet| packet.size).collect();
            let their_sizes: Vec<_> = sizes.iter().map(|packet| packet.size).collect();
            assert_eq!(our_sizes, their_sizes, "sizes of {kind} packets of {name}");
        }
    }
}

#[test]
fn another_reader_finds_every_box() {
    let results = transmux_all(&[fixture("vod_0.ts"), fixture("vod_1.ts")]);
    let mut kinds = Vec::new();
    for result in &results {
        let (bytes, is_init) = match result {
            Transmuxed::Init { bytes, .. } => (bytes.as_slice(), true),
            Transmuxed::Fragment { bytes, .. } => (bytes.as_slice(), false),
            Transmuxed::Problem(problem) => panic!("{problem}"),
        };
        let mut rest = bytes;
        let mut payload_len = None;
        while !rest.is_empty() {
            match Any::decode(&mut rest).expect("well-formed boxes") {
                Any::Ftyp(_) => kinds.push("ftyp"),
                Any::Moov(moov) => {
                    assert_eq!(moov.trak.len(), 1);
                    assert!(moov.mvex.is_some());
                    kinds.push("moov");
                }
                Any::Moof(moof) => {
                    let traf = &moof.traf[0];
                    assert!(traf.tfhd.default_base_is_moof);
                    assert!(traf.tfdt.is_some());
                    let run = &traf.trun[0];
                    let sizes = run.samples.iter().filter_map(|sample| sample.size);
                    payload_len = Some(sizes.map(|size| size as usize).sum::<usize>());
                    let offset = run.data_offset.expect("a data offset") as usize;
                    assert_eq!(offset + payload_len.unwrap_or(0), bytes.len());
                    kinds.push("moof");
                }
                Any::Mdat(mdat) => {
                    assert_eq!(Some(mdat.data.len()), payload_len);
                    kinds.push("mdat");
                }
                other => panic!("a box nobody wrote: {other:?}"),
            }
        }
        assert_eq!(is_init, payload_len.is_none());
    }
    let expected = ["ftyp", "moov", "moof", "mdat"].repeat(2);
    assert_eq!(kinds[..8], expected);
    assert_eq!(kinds[8..], ["moof", "mdat", "moof", "mdat"]);
}

#[test]
fn our_own_probe_reads_what_we_and_ffmpeg_write() {
    let results =
        transmux_segment(&mut Transmuxer::new(), alone_at(20.0), &fixture("vod_0.ts"), 1000);
    let bytes = track_bytes(&results, TrackKind::Video);
    let init = InitInfo::parse(&bytes).expect("an init segment");
    assert_eq!((init.tracks[0].width_px, init.tracks[0].height_px), (320, 160));
    assert_eq!([init.tracks[0].codec.as_str()].as_slice(), codecs(&results, TrackKind::Video));
    let head = SegmentHead::parse(&bytes, &init).expect("a fragment");
    let start_secs = head.start_secs(&init).expect("a known track");
    // Two frames of reordering earlier than the first is shown.
    assert!((start_secs - (20.0 + 1920.0 / 90_000.0 - 6000.0 / 90_000.0)).abs() < 1e-6);
    assert_eq!(head.fragments[0].duration, 180_000);

    let init = InitInfo::parse(&fixture("cmaf_init.mp4")).expect("an init segment");
    assert_eq!(init.kind(), TrackKind::Muxed);
    assert_eq!(init.mime(), "video/mp4; codecs=\"avc1.64000c,mp4a.40.2\"");
    let head = SegmentHead::parse(&fixture("cmaf_1.mp4"), &init).expect("a fragment");
    let start_secs = head.start_secs(&init).expect("a known track");
    assert!((1.9..2.1).contains(&start_secs), "{start_secs}");
}

#[test]
fn the_outcome_does_not_depend_on_the_chunks() {
    for name in ["vod_0.ts", "two_sizes.ts", "packed.aac"] {
        let bytes = fixture(name);
        let whole = transmux(&bytes);
        for chunk_len in [1, 7, 187, 188, 189, 376, 1000, 65_536] {
            let mut transmuxer = Transmuxer::new();
            let chunked = transmux_segment(&mut transmuxer, alone_at(0.0), &bytes, chunk_len);
            assert!(chunked == whole, "{name} in chunks of {chunk_len}");
        }
    }
}

#[test]
fn packed_audio_is_bit_exact_and_its_timestamp_counts() {
    let input = fixture("packed.aac");
    let results = transmux(&input);
    assert!(problems(&results).is_empty());
    let remuxed = TempFile::new("mp4", &track_bytes(&results, TrackKind::Audio));
    assert_eq!(frame_hashes(&fixture_path("packed.aac"), "a"), frame_hashes(remuxed.path(), "a"));

    // Beside a video whose mapping says that 900 000 ticks are two seconds.
    let mut transmuxer = Transmuxer::new();
    transmuxer.adopt_mapping(videosphere_transmux::remux::TimestampMapping {
        discontinuity_sequence: 0,
        zero_ticks: 900_000 - 2 * 90_000,
    });
    let results = transmux_segment(&mut transmuxer, alone_at(1.5), &input, 100);
    assert_eq!(fragments(&results, TrackKind::Audio)[0].0, 2.0);
}

#[test]
fn high_efficiency_aac_is_announced_where_the_playlist_says_so() {
    let input = fixture("low_rate.aac");
    // Band replication doubles the rate that decoders give out.
    for (announced, rate_hz) in [("mp4a.40.2", "24000"), ("mp4a.40.5", "48000")] {
        let mut transmuxer = Transmuxer::new();
        transmuxer.set_audio_codec(Some(announced));
        let results = transmux_segment(&mut transmuxer, alone_at(0.0), &input, 100);
        assert_eq!(codecs(&results, TrackKind::Audio), [announced]);
        let remuxed = TempFile::new("mp4", &track_bytes(&results, TrackKind::Audio));
        assert_eq!(probe_stream(remuxed.path(), "a", "sample_rate"), rate_hz);
        let info = InitInfo::parse(&track_bytes(&results, TrackKind::Audio));
        // The core's object type comes first: decoders that know no more play that.
        assert_eq!(info.expect("an init segment").tracks[0].codec, "mp4a.40.2");
        let (start, end, _) = fragments(&results, TrackKind::Audio)[0];
        assert!((end - start - 1.0).abs() < 0.1, "{}", end - start);
    }
}
