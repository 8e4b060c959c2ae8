//! What a multivariant playlist says of its renditions, of the session and of its servers.

use videosphere_hls::{SessionData, SessionValue};

use super::multivariant;

#[test]
fn all_that_is_said_of_a_rendition() {
    let playlist = multivariant(
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"Described\",LANGUAGE=\"en\",\
         ASSOC-LANGUAGE=\"en-GB\",CHARACTERISTICS=\"public.accessibility.describes-video, x.y\",\
         CHANNELS=\"16/JOC\",BIT-DEPTH=24,SAMPLE-RATE=96000,STABLE-RENDITION-ID=\"r/1\",\
         URI=\"a.m3u8\"\n\
         #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"Signs\",FORCED=YES,URI=\"s.m3u8\"\n\
         #EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"c\",NAME=\"CC\",INSTREAM-ID=\"SERVICE3\",\
         CHANNELS=\"\",BIT-DEPTH=4294967296\n\
         #EXT-X-STREAM-INF:BANDWIDTH=1,SCORE=2.5,PATHWAY-ID=\"CDN-A\",STABLE-VARIANT-ID=\"v1\",\
         HDCP-LEVEL=TYPE-1,ALLOWED-CPC=\"x\"\nv.m3u8\n",
    );
    let [audio, signs, captions] = playlist.renditions.as_slice() else { panic!("{playlist:?}") };
    assert_eq!(audio.assoc_language.as_deref(), Some("en-GB"));
    assert_eq!(audio.characteristics, ["public.accessibility.describes-video", "x.y"]);
    assert_eq!((audio.channels.as_deref(), audio.channel_count()), (Some("16/JOC"), Some(16)));
    assert_eq!((audio.bit_depth, audio.sample_rate_hz), (Some(24), Some(96_000)));
    assert_eq!((audio.stable_id.as_deref(), audio.is_forced), (Some("r/1"), false));
    assert!(signs.is_forced && signs.characteristics.is_empty());
    assert_eq!(captions.instream_id.as_deref(), Some("SERVICE3"));
    assert_eq!((captions.channel_count(), captions.bit_depth), (None, None));
    let [variant] = playlist.variants.as_slice() else { panic!("{playlist:?}") };
    assert_eq!((variant.score, variant.pathway_id.as_deref()), (Some(2.5), Some("CDN-A")));
    assert_eq!((variant.stable_id.as_deref(), variant.name.as_deref()), (Some("v1"), Some("v1")));
    assert_eq!(variant.hdcp_level.as_deref(), Some("TYPE-1"));
    assert_eq!(variant.other_attributes, [("ALLOWED-CPC".to_owned(), "x".to_owned())]);
}

#[test]
fn data_of_the_session_and_who_steers_it() {
    let text = "#EXTM3U\n#EXT-X-DEFINE:NAME=\"of\",VALUE=\"Lake\"\n\
        #EXT-X-SESSION-DATA:DATA-ID=\"com.example.title\",LANGUAGE=\"en\",VALUE=\"The {$of}\"\n\
        #EXT-X-SESSION-DATA:DATA-ID=\"com.example.shots\",URI=\"shots.json\"\n\
        #EXT-X-SESSION-DATA:DATA-ID=\"com.example.mesh\",URI=\"mesh.bin\",FORMAT=RAW\n\
        #EXT-X-SESSION-DATA:DATA-ID=\"com.example.nothing\"\n\
        #EXT-X-SESSION-DATA:VALUE=\"of nobody\"\n\
        #EXT-X-CONTENT-STEERING:PATHWAY-ID=\"CDN-A\"\n\
        #EXT-X-CONTENT-STEERING:SERVER-URI=\"/steering?v=1\",PATHWAY-ID=\"CDN-B\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n";
    let playlist = multivariant(text);
    let data = |id: &str, language: Option<&str>, value| SessionData {
        id: id.to_owned(),
        language: language.map(str::to_owned),
        value,
    };
    let at = |file: &str| format!("https://h.example/dir/{file}");
    assert_eq!(
        playlist.session_data,
        [
            data("com.example.title", Some("en"), SessionValue::Text("The Lake".to_owned())),
            data("com.example.shots", None, SessionValue::JsonAt(at("shots.json"))),
            data("com.example.mesh", None, SessionValue::BytesAt(at("mesh.bin"))),
        ]
    );
    let lines: Vec<u32> = playlist.unknown_tags.iter().map(|tag| tag.line).collect();
    assert_eq!(lines, [6, 7], "what makes no sense is kept as it stood");
    let steering = playlist.content_steering.expect("the second has a server");
    assert_eq!(steering.server_url, "https://h.example/steering?v=1");
    assert_eq!(steering.pathway_id.as_deref(), Some("CDN-B"));
}
