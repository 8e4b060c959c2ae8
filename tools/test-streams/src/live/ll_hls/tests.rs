//! Playlists and directives, on a window filled by hand.

use super::*;

/// Ten complete segments from number 100 on, and two parts of the next.
fn served(byte_ranges: bool) -> (LlHls, Arc<Window>) {
    let window = Arc::new(Window::new(10, Arc::default()));
    for number in 100..111 {
        window.begin(number, number * 2000);
        let parts = if number < 110 { PARTS } else { 2 };
        for part in 0..parts {
            window.append(Bytes::from_static(b"chunk"));
            let segment_secs = (part + 1 == PARTS).then_some(2.0);
            window.end_part(1.0 / 3.0, part % 3 == 0, segment_secs);
        }
    }
    let track = Track {
        id: 1,
        timescale: 48_000,
        codec: super::super::samples::Codec::Aac { config: Bytes::from_static(&[0x11, 0x90]) },
        trak: Bytes::new(),
    };
    let rendition = |name: &str| Rendition {
        name: name.to_owned(),
        window: Arc::clone(&window),
        made: {
            let made = Made { init: Bytes::new(), track: track.clone(), frame_rate: 0 };
            OnceLock::from(made)
        },
    };
    let renditions = vec![rendition("640"), rendition("audio")];
    (LlHls { renditions, byte_ranges }, window)
}

fn text(answered: &Answered) -> &str {
    let dev_server::Payload::Whole(bytes) = &answered.payload else { panic!("it grows") };
    std::str::from_utf8(bytes).unwrap()
}

async fn ask(ll_hls: &LlHls, query: &str) -> Answered {
    let (path, query) = ("640/index.m3u8".to_owned(), query.to_owned());
    ll_hls.answer_well(&Asked { path, query, range: None }).await
}

#[tokio::test]
async fn a_playlist_ends_with_what_comes_next() {
    let (ll_hls, _) = served(false);
    let answered = ask(&ll_hls, "").await;
    let tail = "#EXTINF:2.00000,\n109.m4s\n#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:03:40.000Z\n\
        #EXT-X-PART:DURATION=0.33333,URI=\"110.0.m4s\",INDEPENDENT=YES\n\
        #EXT-X-PART:DURATION=0.33333,URI=\"110.1.m4s\"\n\
        #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"110.2.m4s\"\n\
        #EXT-X-RENDITION-REPORT:URI=\"../audio/index.m3u8\",LAST-MSN=110,LAST-PART=1\n";
    assert!(text(&answered).ends_with(tail), "{}", text(&answered));
    assert!(!text(&answered).contains("106.0.m4s"), "parts far from the live edge");
    assert_eq!(answered.cache_control, "max-age=1");
}

#[tokio::test]
async fn parts_can_be_ranges_of_their_segment() {
    let (ll_hls, _) = served(true);
    let answered = ask(&ll_hls, "").await;
    let tail = "#EXT-X-PART:DURATION=0.33333,URI=\"110.m4s\",BYTERANGE=\"5@0\",INDEPENDENT=YES\n\
        #EXT-X-PART:DURATION=0.33333,URI=\"110.m4s\",BYTERANGE=\"5@5\"\n\
        #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"110.m4s\",BYTERANGE-START=10\n";
    assert!(text(&answered).contains(tail), "{}", text(&answered));
}

#[tokio::test]
async fn the_difference_leaves_out_what_is_older_than_skip_until() {
    let (ll_hls, _) = served(false);
    for query in ["_HLS_skip=YES", "_HLS_skip=v2"] {
        let answered = ask(&ll_hls, query).await;
        let (head, _) = text(&answered).split_once("#EXT-X-PROGRAM-DATE-TIME").unwrap();
        assert!(
            head.ends_with("#EXT-X-MEDIA-SEQUENCE:100\n#EXT-X-SKIP:SKIPPED-SEGMENTS=5\n"),
            "{head}"
        );
        assert!(
            text(&answered).contains("\n105.m4s\n") && !text(&answered).contains("\n104.m4s\n")
        );
    }
    assert!(!text(&ask(&ll_hls, "_HLS_skip=no").await).contains("EXT-X-SKIP"));
}

#[tokio::test]
async fn directives_that_make_no_sense_are_bad_requests() {
    let (ll_hls, _) = served(false);
    let bad = [
        "_HLS_part=1",
        "_HLS_msn=x",
        "_HLS_msn=-1",
        "_HLS_msn=110&_HLS_part=x",
        "_HLS_msn=113",
        "_HLS_msn=110&_HLS_part=99",
        "_HLS_msn=99999999999999999999999",
    ];
    for query in bad {
        assert_eq!(ask(&ll_hls, query).await.status, 400, "{query}");
    }
    // What is there already is answered at once.
    for query in
        ["_HLS_msn=0", "_HLS_msn=109", "_HLS_msn=110&_HLS_part=1", "_HLS_msn=109&_HLS_part=7"]
    {
        let answered = ask(&ll_hls, query).await;
        assert_eq!((answered.status, answered.cache_control), (200, "max-age=12"), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_blocking_request_is_answered_by_the_part_it_asked_for() {
    let (ll_hls, window) = served(false);
    let (asked, made) = tokio::join!(ask(&ll_hls, "_HLS_msn=110&_HLS_part=2"), async {
        tokio::task::yield_now().await;
        window.append(Bytes::from_static(b"chunk"));
        window.end_part(1.0 / 3.0, false, None);
    });
    let ((), answered) = (made, asked);
    assert!(
        text(&answered)
            .contains("URI=\"110.2.m4s\"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"110.3.m4s\"")
    );
    // Nothing more comes: the clock runs on by itself.
    assert_eq!(ask(&ll_hls, "_HLS_msn=110").await.status, 503);
}

#[tokio::test]
async fn a_hinted_part_is_sent_while_it_is_made() {
    let (ll_hls, window) = served(false);
    let path = "640/110.2.m4s".to_owned();
    window.append(Bytes::from_static(b"first"));
    let answered = ll_hls.answer_well(&Asked { path, ..Asked::default() }).await;
    let dev_server::Payload::Growing(mut body) = answered.payload else { panic!("{answered:?}") };
    assert_eq!(body.recv().await.unwrap().unwrap(), "first");
    window.append(Bytes::from_static(b"second"));
    assert_eq!(body.recv().await.unwrap().unwrap(), "second");
    window.end_part(1.0 / 3.0, false, None);
    window.append(Bytes::from_static(b"of the next part"));
    assert!(body.recv().await.is_none());
    let path = "640/110.5.m4s".to_owned();
    assert_eq!(ll_hls.answer_well(&Asked { path, ..Asked::default() }).await.status, 404);
}
