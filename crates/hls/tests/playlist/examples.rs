//! RFC 8216bis section 9, and playlists as servers write them.

use videosphere_hls::Error;
use videosphere_hls::timeline::{Merge, Timeline};
use videosphere_hls::{
    ByteRange, ParseOptions, Playlist, PlaylistKind, RenditionKind, Upcoming, parse, parse_bytes,
    parse_with,
};

use super::{URL, fixture, media, multivariant};

fn range(offset: u64, length: u64) -> Option<ByteRange> {
    Some(ByteRange { offset, length: Some(length) })
}

#[test]
fn a_simple_media_playlist() {
    let playlist = media(&fixture("rfc_simple"));
    assert_eq!((playlist.version, playlist.target_duration_secs), (3, 10.0));
    assert_eq!((playlist.kind, playlist.is_ended), (PlaylistKind::Vod, true));
    let durations: Vec<f64> = playlist.segments.iter().map(|it| it.duration_secs).collect();
    assert_eq!(durations, [9.009, 9.009, 3.003]);
    assert_eq!(playlist.segments[2].url, "http://media.example.com/third.ts");
    assert_eq!(playlist.segments[2].media_sequence, 2);
    assert_eq!(playlist.url, URL);
}

#[test]
fn a_live_window() {
    let playlist = media(&fixture("rfc_live"));
    assert_eq!((playlist.kind, playlist.is_ended), (PlaylistKind::Live, false));
    assert!(playlist.is_growing());
    assert_eq!(playlist.media_sequence, 2680);
    let numbers: Vec<u64> = playlist.segments.iter().map(|it| it.media_sequence).collect();
    assert_eq!(numbers, [2680, 2681, 2682]);
}

#[test]
fn keys_apply_until_the_next() {
    let playlist = media(&fixture("rfc_encrypted"));
    let keys: Vec<_> = playlist
        .segments
        .iter()
        .map(|it| it.keys.identity().and_then(|key| key.url.as_deref()).unwrap_or(""))
        .collect();
    let (first, second) =
        ("https://priv.example.com/key.php?r=52", "https://priv.example.com/key.php?r=53");
    assert_eq!(keys, [first, first, first, second]);
    let key = playlist.segments[0].keys.identity().expect("a key");
    // The media sequence number, big-endian, where no IV is given.
    assert_eq!(key.iv_of(7794)[12..], [0, 0, 0x1e, 0x72]);
    assert_eq!(
        (key.method.as_str(), key.key_format.as_str(), key.iv),
        ("AES-128", "identity", None)
    );
}

#[test]
fn variants() {
    let playlist = multivariant(&fixture("rfc_multivariant"));
    let rates: Vec<_> =
        playlist.variants.iter().map(|it| (it.bandwidth_bps, it.average_bandwidth_bps)).collect();
    assert_eq!(
        rates,
        [
            (1_280_000, Some(1_000_000)),
            (2_560_000, Some(2_000_000)),
            (7_680_000, Some(6_000_000)),
            (65_000, None)
        ]
    );
    assert_eq!(playlist.variants[3].codecs, ["mp4a.40.5"]);
    assert_eq!(playlist.variants[0].url, "http://example.com/low.m3u8");
}

#[test]
fn iframe_variants_stand_apart() {
    let playlist = multivariant(&fixture("rfc_iframes"));
    assert_eq!((playlist.variants.len(), playlist.iframe_variants.len()), (4, 3));
    assert_eq!(playlist.variants[1].url, "https://h.example/dir/mid/audio-video.m3u8");
    assert_eq!(playlist.iframe_variants[2].url, "https://h.example/dir/hi/iframe.m3u8");
}

#[test]
fn audio_renditions() {
    let playlist = multivariant(&fixture("rfc_audio_groups"));
    let audio = &playlist.renditions;
    assert_eq!(audio.len(), 3);
    assert!(audio.iter().all(|it| it.kind == RenditionKind::Audio && it.group == "aac"));
    let flags: Vec<_> = audio.iter().map(|it| (it.is_default, it.is_autoselect)).collect();
    assert_eq!(flags, [(true, true), (false, true), (false, false)]);
    assert_eq!(audio[1].language.as_deref(), Some("de"));
    assert_eq!(audio[1].url.as_deref(), Some("https://h.example/dir/main/german-audio.m3u8"));
    assert!(playlist.variants.iter().all(|it| it.audio_group.as_deref() == Some("aac")));
    assert_eq!(playlist.variants[0].codecs, ["avc1.64001f", "mp4a.40.2"]);
}

#[test]
fn the_groups_of_a_variant_by_kind() {
    use RenditionKind::{Audio, ClosedCaptions, Subtitles, Video};
    let playlist = multivariant(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\",VIDEO=\"v\",SUBTITLES=\"s\",\
         CLOSED-CAPTIONS=\"c\"\nv.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1,CLOSED-CAPTIONS=NONE\nw.m3u8\n",
    );
    let groups = |variant: usize| {
        [Audio, Video, Subtitles, ClosedCaptions].map(|kind| playlist.variants[variant].group(kind))
    };
    assert_eq!(groups(0), [Some("a"), Some("v"), Some("s"), Some("c")]);
    assert_eq!(groups(1), [None; 4]);
}

#[test]
fn date_ranges() {
    let playlist = media(&fixture("rfc_date_ranges"));
    assert_eq!(playlist.date_ranges.len(), 2);
    let out = &playlist.date_ranges[0];
    assert_eq!(out.id, "splice-6FFFFFF0");
    assert_eq!(out.start_millis, Some(1_394_018_100_000.0));
    assert_eq!(out.planned_duration_secs, Some(59.993));
    assert_eq!(out.other_attributes[0].0, "SCTE35-OUT");
    assert!(out.other_attributes[0].1.starts_with("0xFC002F"));
    assert_eq!(playlist.date_ranges[1].duration_secs, Some(59.994));
    assert_eq!(playlist.segments[0].program_date_time_millis, Some(1_394_018_095_000.0));
}

#[test]
fn low_latency_tags_keep_their_places() {
    let playlist = media(&fixture("low_latency"));
    let control = playlist.server_control;
    assert!(control.can_block_reload && !control.can_skip_date_ranges);
    assert_eq!(control.part_hold_back_secs, Some(1.0));
    assert_eq!(control.hold_back_secs, Some(12.0));
    assert_eq!(control.can_skip_until_secs, Some(24.0));
    assert_eq!(playlist.part_target_secs, Some(0.33334));
    assert_eq!(playlist.segments.len(), 2);
    assert!(playlist.segments[0].parts.is_empty());
    let parts = &playlist.segments[1].parts;
    assert_eq!(parts.len(), 3);
    assert!(parts[0].is_independent && !parts[1].is_independent && parts[2].is_gap);
    let in_progress = playlist.upcoming.in_progress().expect("parts");
    let ranges: Vec<_> = in_progress.parts.iter().map(|it| it.byte_range).collect();
    assert_eq!(ranges, [range(0, 20_000), range(20_000, 23_000)]);
    let hint = &playlist.preload_hints[0];
    assert_eq!(hint.byte_range, Some(ByteRange { offset: 43_000, length: None }));
    assert!(!hint.is_map);
    let reports: Vec<_> =
        playlist.rendition_reports.iter().map(|it| (it.url.as_str(), it.last_part)).collect();
    assert_eq!(
        reports,
        [
            ("https://h.example/1M/waitForMSN.php", Some(1)),
            ("https://h.example/4M/waitForMSN.php", Some(1))
        ]
    );
    assert!(playlist.unknown_tags.is_empty(), "{:?}", playlist.unknown_tags);
}

#[test]
fn a_delta_update_continues_the_whole() {
    let mut timeline = Timeline::new();
    timeline.merge(media(&fixture("low_latency")), None);
    let delta = media(&fixture("low_latency_delta"));
    assert_eq!(delta.segments[0].media_sequence, 267);
    assert_eq!(timeline.merge(delta, None), Merge::Applied { is_changed: true, is_reset: false });
    let numbers: Vec<_> = timeline.segments().iter().map(|it| it.segment.media_sequence).collect();
    assert_eq!(numbers, [266, 267, 268]);
    let last = timeline.segment(268).expect("listed");
    assert!((last.start_secs - 8.00016).abs() < 1e-9);
    assert!(last.segment.map.is_some(), "EXT-X-MAP stands in the skipped lines");
    let live_secs = timeline.live_secs(None).expect("live");
    let edge_secs = 3.0 * 4.00008 + 0.33334;
    assert!((live_secs - (edge_secs - 1.0)).abs() < 1e-9, "PART-HOLD-BACK is 1 s: {live_secs}");
}

#[test]
fn prefetched_segments_and_numbers_near_the_limit() {
    let playlist = media(&fixture("prefetch"));
    assert_eq!(playlist.media_sequence, u64::MAX - 15);
    assert_eq!(playlist.segments[1].media_sequence, u64::MAX - 14);
    assert_eq!(
        playlist.upcoming.prefetched().iter().map(|it| it.url.as_str()).collect::<Vec<_>>(),
        ["https://edge.example.net/v1/segment/c.ts", "https://h.example/dir/d.ts"]
    );
    assert_eq!(playlist.segments[0].url, "https://edge.example.net/v1/segment/a.ts?token=x:1");
    assert_eq!(playlist.segments[0].title.as_deref(), Some("live"));
    assert_eq!(playlist.date_ranges[0].class.as_deref(), Some("live-video-net-stream-source"));
    assert_eq!(playlist.unknown_tags.len(), 1);
    assert_eq!(playlist.unknown_tags[0].line, 5);
    assert_eq!(playlist.unknown_tags[0].text, "#EXT-X-NET-LIVE-VIDEO-ELAPSED-SECS:4020.008");

    // Nobody counted up to the very last number.
    let playlist = media(&fixture("prefetch").replace("551600", "551615"));
    assert_eq!((playlist.media_sequence, playlist.segments[1].media_sequence), (0, 1));
}

#[test]
fn byte_ranges_without_an_offset_follow_the_one_before() {
    let playlist = media(&fixture("cmaf_byte_ranges"));
    let ranges: Vec<_> = playlist.segments.iter().map(|it| it.byte_range).collect();
    assert_eq!(ranges, [range(719, 1_508_000), range(1_508_719, 1_510_244), range(800, 1000)]);
    let maps: Vec<_> = playlist.segments.iter().map(|it| it.map.clone().expect("a map")).collect();
    assert_eq!(maps[0], maps[1]);
    assert_eq!(maps[0].byte_range, range(0, 719));
    assert_eq!(maps[2].byte_range, range(0, 800));
    let discontinuities: Vec<_> =
        playlist.segments.iter().map(|it| it.discontinuity_sequence).collect();
    assert_eq!(discontinuities, [0, 0, 1]);
    assert!(playlist.independent_segments);
}

#[test]
fn a_discontinuity_before_the_first_segment_counts() {
    let playlist = media(&fixture("nginx_rtmp"));
    assert!(playlist.segments.iter().all(|it| it.discontinuity_sequence == 1));
}

#[test]
fn variables() {
    let playlist = multivariant(&fixture("define"));
    let variant = &playlist.variants[0];
    assert_eq!(variant.url, "https://cdn.example.com/v.m3u8?s=s+1");
    assert_eq!((variant.width_px, variant.height_px), (3840, 1920));
    assert_eq!(variant.frame_rate, Some(29.97));
    assert_eq!(variant.video_layout.as_deref(), Some("CH-STEREO/PROJ-EQUI"));
    assert_eq!(variant.video_range.as_deref(), Some("SDR"));
    assert_eq!((variant.score, variant.other_attributes.as_slice()), (Some(2.0), &[][..]));
    assert_eq!(playlist.renditions[0].name, "s+1");

    let options = ParseOptions { url: URL, imported_variables: &playlist.variables };
    let Ok(Playlist::Media(imported)) = parse_with(&fixture("define_media"), options) else {
        panic!("the variable is defined");
    };
    assert_eq!(imported.segments[0].url, "https://h.example/dir/1.ts?token=t1");
    let error = parse(&fixture("define_media"), URL).expect_err("nothing to import from");
    assert!(matches!(error, Error::Invalid { line: 4, .. }), "{error:?}");
}

#[test]
fn bom_and_crlf() {
    let text = fixture("bom_crlf");
    assert!(text.starts_with('\u{feff}') && text.contains("\r\n"), "the example lost its point");
    let playlist = media(&text);
    assert_eq!(playlist.segments[0].url, "https://h.example/dir/video 1.ts");
    assert_eq!(playlist.segments[0].title.as_deref(), Some("title"));
    assert_eq!(playlist.segments[1].url, "https://h.example/2.ts");
    assert!(playlist.segments[1].is_gap && !playlist.segments[0].is_gap);
    let options = ParseOptions { url: URL, imported_variables: &[] };
    assert_eq!(parse_bytes(text.as_bytes(), options), Ok(Playlist::Media(playlist)));
}

#[test]
fn slips_are_repaired() {
    let playlist = media(&fixture("untidy"));
    assert_eq!(playlist.version, 99);
    // No EXT-X-TARGETDURATION: the longest segment's.
    assert_eq!(playlist.target_duration_secs, 6.0);
    let durations: Vec<f64> = playlist.segments.iter().map(|it| it.duration_secs).collect();
    assert_eq!(durations, [6.0, 5.5, 6.0, 6.0]);
    let key = playlist.segments[0].keys.identity().expect("a key");
    assert_eq!(key.iv_of(5), key.iv.expect("an IV"));
    assert_eq!(key.url.as_deref(), Some("https://h.example/dir/k.bin"), "identity before DRM");
    assert_eq!(key.iv.map(|iv| iv[0]), Some(0x9c));
    assert!(playlist.segments[3].keys.is_empty());
    assert_eq!(playlist.segments[0].bitrate_bps, None);
    assert_eq!(playlist.segments[3].bitrate_bps, Some(1_200_000));
    assert!(playlist.upcoming == Upcoming::default() && playlist.preload_hints.is_empty());
}

#[test]
fn a_malformed_tag_costs_itself_and_what_cannot_be_had_without_it() {
    let playlist = media(
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:x\n#EXT-X-DISCONTINUITY-SEQUENCE:y\n\
         #EXT-X-MAP:URI=\"init.mp4\"\n#EXT-X-MAP:BYTERANGE=1\n\
         #EXT-X-BYTERANGE:@5\n#EXTINF:4,\na\n#EXT-X-BYTERANGE:7\n#EXTINF:4,\na\n\
         #EXT-X-BYTERANGE:7@20\n#EXTINF:4,\na\n#EXT-X-BYTERANGE:9\n#EXTINF:4,\na\n\
         #EXT-X-PART:DURATION=1,URI=\"p\",BYTERANGE=\"x@20\"\n\
         #EXT-X-PART:DURATION=1,URI=\"p\",BYTERANGE=\"7\"\n\
         #EXT-X-PART:DURATION=1,URI=\"p\",BYTERANGE=\"7@40\"\n",
    );
    assert_eq!((playlist.media_sequence, playlist.discontinuity_sequence), (0, 0));
    let url = "https://h.example/dir/init.mp4";
    let map = |it: &videosphere_hls::Segment| it.map.as_ref().map(|map| map.url.clone());
    assert!(playlist.segments.iter().all(|it| map(it).as_deref() == Some(url)));
    // Where a range that follows on begins is lost with the one before.
    let ranges: Vec<_> = playlist.segments.iter().map(|it| (it.is_gap, it.byte_range)).collect();
    let expected = [(true, None), (true, None), (false, range(20, 7)), (false, range(27, 9))];
    assert_eq!(ranges, expected);
    let in_progress = playlist.upcoming.in_progress().expect("parts");
    let parts = in_progress.parts.iter().map(|it| (it.is_gap, it.byte_range));
    assert_eq!(parts.collect::<Vec<_>>(), [(true, None), (true, None), (false, range(40, 7))]);

    // How many segments a delta update leaves out it must say: else the whole list is asked for.
    let delta = |skipped: &str| {
        let skip = format!("#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n");
        media(&format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7\n{skip}#EXTINF:4,\na\n"
        ))
    };
    for skipped in ["x", "-1", "18446744073709551615", "99999999999999999999"] {
        let mut timeline = Timeline::new();
        timeline.merge(media("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:4,\na\n"), None);
        assert_eq!(timeline.merge(delta(skipped), None), Merge::NeedsFullPlaylist, "{skipped}");
    }
}

#[test]
fn keys_of_one_format_replace_one_another_and_none_ends_all() {
    let methods = |tags: &str| {
        let playlist = media(&format!("#EXTM3U\n{tags}#EXTINF:1,\na\n#EXTINF:1,\nb\n"));
        let [first, second] = &playlist.segments[..] else { panic!("two segments") };
        assert_eq!(first.keys, second.keys, "{tags}");
        let methods: Vec<_> = first.keys.as_slice().iter().map(|key| key.method.clone()).collect();
        methods.join(" ")
    };
    let (aes, sample_aes) = ("#EXT-X-KEY:METHOD=AES-128\n", "#EXT-X-KEY:METHOD=SAMPLE-AES\n");
    let (none, drm) =
        ("#EXT-X-KEY:METHOD=NONE\n", "#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,KEYFORMAT=\"drm\"\n");
    for (tags, expected) in [
        (vec![aes, none], ""),
        (vec![drm, none], ""),
        (vec![drm, aes, none], ""),
        (vec![aes, drm, none], ""),
        (vec![none, aes], "AES-128"),
        (vec![aes, sample_aes], "SAMPLE-AES"),
        (vec![drm, aes], "SAMPLE-AES-CTR AES-128"),
        (vec![aes, drm], "AES-128 SAMPLE-AES-CTR"),
        (vec![aes, drm, sample_aes], "SAMPLE-AES SAMPLE-AES-CTR"),
        (vec![aes, none, drm], "SAMPLE-AES-CTR"),
    ] {
        assert_eq!(methods(&tags.concat()), expected, "{tags:?}");
    }
    // An init section may have a key of its own.
    let map = "#EXT-X-MAP:URI=\"i\"\n";
    let playlist = media(&format!("#EXTM3U\n{aes}{map}{none}#EXTINF:1,\na\n"));
    let segment = &playlist.segments[0];
    assert!(segment.keys.is_empty());
    assert!(segment.map.as_ref().is_some_and(|map| map.keys.identity().is_some()));
    // A key system that changes its key leaves the others in force, also behind segments.
    let playlist = media(&format!("#EXTM3U\n{sample_aes}{drm}#EXTINF:1,\na\n{drm}#EXTINF:1,\nb\n"));
    assert_eq!(playlist.segments[1].keys.as_slice().len(), 2);
}

#[test]
fn keys_are_bounded_and_say_what_they_are_of() {
    let mut tags = "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"data:text/plain;base64,AA==\",\
                    KEYFORMAT=\"urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed\",\
                    KEYFORMATVERSIONS=\"1/2\",KEYID=0x00000000000000000000000000000102\n"
        .to_owned();
    for number in 0..100 {
        tags.push_str(&format!("#EXT-X-KEY:METHOD=SAMPLE-AES,KEYFORMAT=\"{number}\"\n"));
    }
    let playlist = media(&format!("#EXTM3U\n{tags}#EXTINF:1,\na\n"));
    let keys = playlist.segments[0].keys.as_slice();
    assert_eq!(keys.len(), 16);
    assert_eq!(keys[0].url.as_deref(), Some("data:text/plain;base64,AA=="));
    assert_eq!(keys[0].key_format_versions.as_deref(), Some("1/2"));
    assert_eq!(keys[0].key_id.map(u128::from_be_bytes), Some(0x102));
    assert!(playlist.segments[0].keys.identity().is_none());

    let session_keys = multivariant(
        "#EXTM3U\n#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k.key\"\n\
         #EXT-X-SESSION-KEY:METHOD=NONE\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n",
    )
    .session_keys;
    let urls: Vec<_> = session_keys.iter().map(|key| key.url.as_deref()).collect();
    assert_eq!(urls, [Some("https://h.example/dir/k.key")]);
}

#[test]
fn durations_without_sense_are_the_target() {
    let durations = |text: &str| -> Vec<f64> {
        media(text).segments.iter().map(|it| it.duration_secs).collect()
    };
    let nines = "9".repeat(308);
    let two = |target: &str, one: &str, other: &str| {
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:{target}\n#EXTINF:{one},\na\n#EXTINF:{other},\nb\n")
    };
    assert_eq!(durations(&two("4", "0", "0")), [4.0, 4.0]);
    assert_eq!(durations(&two("4", "0", "3.5")), [0.0, 3.5], "one zero is taken at its word");
    assert_eq!(durations(&two("4", &nines, "3.5")), [4.0, 3.5]);
    assert_eq!(durations(&two("4", "3996", "4004")), [4.0, 4.0], "milliseconds");
    assert_eq!(durations(&two("4", "30", "4")), [30.0, 4.0], "longer than it may be, and believed");
    assert_eq!(durations(&two("0", "30", "4")), [30.0, 4.0]);
    assert_eq!(durations(&two(&nines, "30", "4")), [30.0, 4.0]);
    assert_eq!(durations(&two("x", "0", "0")), [6.0, 6.0]);
}

#[test]
fn a_rendition_without_a_name_takes_another() {
    let name = |attributes: &str| {
        let playlist = multivariant(&format!(
            "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\"{attributes}\n\
             #EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"g\"\nv\n"
        ));
        playlist.renditions[0].name.clone()
    };
    assert_eq!(name(",NAME=\"n\",LANGUAGE=\"de\",URI=\"u\""), "n");
    assert_eq!(name(",LANGUAGE=\"de\",URI=\"u\""), "de");
    assert_eq!(name(",NAME=\"\",URI=\"u\""), "u");
    assert_eq!(name(""), "g");
}

#[test]
fn what_cannot_be_played_is_an_error_that_says_where() {
    let line_of = |text: &str| match parse(text, URL) {
        Err(Error::Invalid { line, url, .. }) => {
            assert_eq!(url, URL);
            Some(line)
        }
        _ => None,
    };
    assert_eq!(line_of("#EXTM3U\n# nothing\n"), Some(2));
    assert_eq!(line_of("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"), Some(2));
    let define = "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n";
    assert_eq!(line_of(&format!("#EXTM3U\n{define}#EXTINF:1,\n{{$c}}.ts")), Some(4));
    assert_eq!(line_of("#EXTM3U\n#EXTINF:1,\n{$c}.ts"), Some(3));
    assert_eq!(line_of(&format!("#EXTM3U\n{define}\n{define}#EXTINF:1,\na")), Some(4));
    assert_eq!(line_of("#EXTM3U\n#EXT-X-TARGETDURATION:1\n"), None, "a live stream about to begin");
    for (body, found) in [
        (&b"<!DOCTYPE html><html>"[..], "an HTML page"),
        (b"", "empty"),
        (b"\x47\x40\x00\x10\x00\xff\xff", "an MPEG-TS stream"),
        (b"\x89PNG\r\n", "binary data"),
    ] {
        let options = ParseOptions { url: URL, imported_variables: &[] };
        let expected = Error::NotAPlaylist { url: URL.into(), found };
        assert_eq!(parse_bytes(body, options), Err(expected));
    }
}

#[test]
fn addresses_of_an_interstitial_are_absolute_and_no_others() {
    let list = |class: &str| {
        let text = format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-DATERANGE:ID=\"a\",X-ASSET-URI=\"../ad.m3u8\",\
             CLASS=\"{class}\",START-DATE=\"2026-01-01T00:00:00Z\",X-ASSET-LIST=\"list?a=1\"\n\
             #EXTINF:2,\na.ts\n"
        );
        match parse(&text, "https://a.example/live/v/index.m3u8") {
            Ok(Playlist::Media(media)) => {
                let [range] = &media.date_ranges[..] else { panic!("{media:?}") };
                range.other_attributes.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    };
    let absolute = ["https://a.example/live/ad.m3u8", "https://a.example/live/v/list?a=1"];
    assert_eq!(list("com.apple.hls.interstitial"), absolute);
    assert_eq!(list("com.example.mine"), ["../ad.m3u8", "list?a=1"]);
}
