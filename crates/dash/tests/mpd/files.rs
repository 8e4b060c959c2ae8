//! On demand: every way of addressing.

use videosphere_dash::{Playlists, Step, sidx};
use videosphere_hls::ByteRange;

use crate::{URL, durations, fixture, media, multivariant, name, names, of_fixture};

#[test]
fn ffmpeg_with_a_timeline() {
    let mut playlists = of_fixture("ffmpeg-timeline.mpd");
    let list = multivariant(&playlists);
    let variants: Vec<_> = list.variants.iter().map(|it| (it.width_px, it.bandwidth_bps)).collect();
    assert_eq!(variants, [(160, 108_000), (320, 198_000)]);
    assert_eq!(list.variants[0].codecs, ["avc1.42d00b", "mp4a.40.2"]);
    assert_eq!(list.variants[1].url, format!("{URL}#dash-track=1.0"));
    assert_eq!(
        list.renditions[0].url.as_deref(),
        Some("https://a.example/x/main.mpd#dash-track=2.0")
    );
    let video = media(&mut playlists, 1, 0.0);
    assert!(video.is_ended && video.target_duration_secs == 2.0);
    assert_eq!(durations(&video), [2.0, 2.0, 2.0, 2.0, 1.0]);
    assert_eq!(
        (name(&video.segments[4]), video.segments[0].media_sequence),
        ("chunk-stream1-00005.m4s", 1)
    );
    let map = video.segments[0].map.as_ref().map(|map| map.url.as_str());
    assert_eq!(map, Some("https://a.example/x/init-stream1.m4s"));
    let audio = media(&mut playlists, 2, 0.0);
    // 95232, 96256 three times and 48000 ticks of 48 kHz; to a microsecond, and without drift.
    let starts =
        [95_232.0, 191_488.0, 287_744.0, 384_000.0, 432_000.0].map(|ticks| ticks / 48_000.0);
    let mut end = 0.0;
    for (secs, expected) in durations(&audio).iter().zip(starts) {
        end += secs;
        assert!((end - expected).abs() < 2e-6, "{end} {expected}");
    }
}

#[test]
fn ffmpeg_with_numbers_and_with_ranges() {
    let mut playlists = of_fixture("ffmpeg-number.mpd");
    let video = media(&mut playlists, 0, 0.0);
    let expected: Vec<String> = (1..=5).map(|number| format!("n-0-{number:05}.m4s")).collect();
    assert_eq!(names(&video), expected);
    assert_eq!(durations(&video), [2.0, 2.0, 2.0, 2.0, 1.0]);

    let mut playlists = of_fixture("ffmpeg-list.mpd");
    let video = media(&mut playlists, 0, 0.0);
    assert_eq!(names(&video), ["list-stream0.mp4"; 5]);
    let map = video.segments[0].map.as_ref().expect("an init segment");
    assert_eq!(map.byte_range, Some(ByteRange { offset: 0, length: Some(827) }));
    let range = video.segments[4].byte_range;
    assert_eq!(range, Some(ByteRange { offset: 70_663, length: Some(78_128 - 70_663 + 1) }));
}

/// Where the boxes of a kind are in a file.
fn boxes(file: &[u8], kind: &[u8; 4]) -> Vec<u64> {
    let (mut at, mut found) = (0, Vec::new());
    while at + 8 <= file.len() {
        if &file[at + 4..at + 8] == kind {
            found.push(at as u64);
        }
        at += u32::from_be_bytes(file[at..at + 4].try_into().expect("four")) as usize;
    }
    found
}

#[test]
fn one_file_with_an_index() {
    let file = fixture("indexed.mp4");
    let at = boxes(&file, b"sidx")[0];
    let end = boxes(&file, b"moof")[0];
    for range in [format!("<SegmentBase indexRange='{at}-{}'/>", end - 1), String::new()] {
        let text = format!(
            "<MPD mediaPresentationDuration='PT9S'><Period><AdaptationSet mimeType='video/mp4'>\
             <Representation id='v' bandwidth='1' codecs='avc1.42d00b'><BaseURL>indexed.mp4</BaseURL>\
             {range}</Representation></AdaptationSet></Period></MPD>"
        );
        let mut playlists = Playlists::new(&text, URL).expect("a manifest");
        let Ok(Step::NeedsIndex(asked)) = playlists.media(0, 0, 0.0) else { panic!() };
        let wanted = asked.range.expect("a range");
        let last = (wanted.offset + wanted.length.expect("a length")).min(file.len() as u64);
        let bytes = &file[wanted.offset as usize..last as usize];
        playlists.give_index(&asked, bytes).expect("an index");
        let list = media(&mut playlists, 0, 0.0);
        let offsets: Vec<u64> =
            list.segments.iter().filter_map(|it| Some(it.byte_range?.offset)).collect();
        assert_eq!(offsets, boxes(&file, b"moof"), "as the fragments stand");
        assert_eq!(durations(&list), [2.0, 2.0, 2.0, 2.0, 1.0]);
        let map = list.segments[0].map.as_ref().and_then(|map| map.byte_range).expect("a range");
        assert!(map.offset == 0 && map.length.is_some_and(|len| len >= at), "{map:?}");
    }
}

#[test]
fn an_index_of_indexes_is_refused() {
    let mut bytes = fixture("indexed.mp4");
    let at = boxes(&bytes, b"sidx")[0] as usize;
    bytes[at + 40] |= 0x80;
    let refused = sidx::read(&bytes[at..], at as u64).expect_err("no index");
    assert!(refused.to_string().contains("sidx of sidx"), "{refused}");
}

#[test]
fn addresses_are_nested_and_there_may_be_several() {
    let text = "<MPD mediaPresentationDuration='PT4S'><BaseURL>https://one.example/a/</BaseURL>\
        <BaseURL>https://two.example/</BaseURL><Period><BaseURL>p/</BaseURL>\
        <AdaptationSet mimeType='video/mp4'><SegmentTemplate duration='2' media='$Number$&amp;x.m4s'/>\
        <Representation id='v' bandwidth='5'><BaseURL>v/</BaseURL></Representation>\
        </AdaptationSet></Period></MPD>";
    let mut playlists = Playlists::new(text, URL).expect("a manifest");
    let variants = multivariant(&playlists).variants;
    assert_eq!(variants.len(), 2);
    for (base, expected) in ["https://one.example/a/p/v/1&x.m4s", "https://two.example/p/v/1&x.m4s"]
        .into_iter()
        .enumerate()
    {
        let Ok(Step::Text(list)) = playlists.media(0, base, 0.0) else { panic!() };
        assert!(list.contains(expected), "{list}");
    }
}

#[test]
fn periods_are_discontinuities() {
    let set = |id: &str| {
        format!(
            "<AdaptationSet mimeType='video/mp4'><SegmentTemplate duration='2' initialization='{id}.mp4' \
             media='{id}-$Number$.m4s'/><Representation id='{id}' bandwidth='5'/></AdaptationSet>"
        )
    };
    let sound = "<AdaptationSet mimeType='audio/mp4' lang='en'><SegmentTemplate duration='2' \
        media='a-$Number$.m4s'/><Representation id='a' bandwidth='5'/></AdaptationSet>";
    let text = format!(
        "<MPD mediaPresentationDuration='PT10S'><Period duration='PT3S'>{}{sound}</Period>\
         <Period>{}</Period></MPD>",
        set("a"),
        set("b")
    );
    let mut playlists = Playlists::new(&text, URL).expect("a manifest");
    let list = media(&mut playlists, 0, 0.0);
    assert_eq!(names(&list), ["a-1.m4s", "a-2.m4s", "b-1.m4s", "b-2.m4s", "b-3.m4s", "b-4.m4s"]);
    assert_eq!(durations(&list), [2.0, 1.0, 2.0, 2.0, 2.0, 1.0]);
    let of: Vec<u64> = list.segments.iter().map(|it| it.discontinuity_sequence).collect();
    assert_eq!(of, [0, 0, 1, 1, 1, 1]);
    let map = list.segments[2].map.as_ref().map(|map| map.url.as_str());
    assert_eq!(map, Some("https://a.example/x/b.mp4"));
    // No sound in the second period: a gap as long as it.
    let sound = media(&mut playlists, 1, 0.0);
    let last = sound.segments.last().expect("segments");
    assert!(last.is_gap && last.duration_secs == 7.0, "{last:?}");
}
