//! Each kind of damage: an error with a sentence, or what is left; never a panic, never without bounds.

use videosphere_dash::{Error, Playlists, Step, sidx};

use videosphere_hls::parse;

use crate::{URL, fixture};

fn refusal(text: &str) -> String {
    Playlists::new(text, URL).expect_err(text).to_string()
}

#[test]
fn what_is_no_manifest() {
    assert!(refusal("").contains("no MPD"));
    assert!(refusal("<html></html>").contains("no MPD"));
    assert!(refusal("<MPD><Period>").contains("XML"));
    assert!(refusal("<!DOCTYPE a [<!ENTITY b 'c'>]><MPD/>").contains("DOCTYPE"));
    assert!(
        refusal("<MPD><Period xmlns:xlink='x' xlink:href='https://b.example/'/></MPD>")
            .contains("xlink")
    );
    let webm = "<MPD><Period><AdaptationSet mimeType='video/webm'><Representation id='v'/>\
        </AdaptationSet></Period></MPD>";
    assert!(refusal(webm).contains("MP4"));
}

#[test]
fn bombs_are_bounded() {
    let with = |timing: &str| {
        format!(
            "<MPD mediaPresentationDuration='P9999Y'><Period><AdaptationSet mimeType='video/mp4'>\
             {timing}<Representation id='v' bandwidth='1'/></AdaptationSet></Period></MPD>"
        )
    };
    for timing in [
        "<SegmentTemplate duration='1' timescale='4294967295' media='$Number$'/>",
        "<SegmentTemplate media='$Time$'><SegmentTimeline><S t='0' d='1' r='9223372036854775807'/>\
         </SegmentTimeline></SegmentTemplate>",
        "<SegmentTemplate media='$Time$'><SegmentTimeline><S t='0' d='1' r='-1'/></SegmentTimeline>\
         </SegmentTemplate>",
    ] {
        let mut playlists = Playlists::new(&with(timing), URL).expect("a manifest");
        assert_eq!(playlists.media(0, 0, 0.0), Err(Error::TooManySegments), "{timing}");
    }
    let long = format!("<SegmentTemplate duration='1' media='$Number$-{}'/>", "x".repeat(10_000));
    let mut playlists = Playlists::new(&with(&long), URL).expect("a manifest");
    assert_eq!(playlists.media(0, 0, 0.0), Err(Error::TooManySegments));
}

#[test]
fn every_cut_and_every_flipped_byte() {
    for name in ["ffmpeg-timeline.mpd", "packager-cbcs.mpd", "ffmpeg-list.mpd"] {
        let whole = fixture(name);
        for at in (0..whole.len()).step_by(7) {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x11;
            for bytes in [&whole[..at], &flipped[..]] {
                let text = String::from_utf8_lossy(bytes);
                let Ok(mut playlists) = Playlists::new(&text, URL) else { continue };
                let list = parse(&playlists.multivariant(URL), URL);
                assert!(list.is_ok(), "{list:?} of {text}");
                for track in 0..4 {
                    if let Ok(Step::Text(media)) = playlists.media(track, 1, 1.8e12) {
                        let list = parse(&media, URL);
                        assert!(list.is_ok(), "{list:?} of {text}");
                    }
                }
            }
        }
    }
}

#[test]
fn damaged_indexes() {
    let file = fixture("indexed.mp4");
    for len in 0..2000.min(file.len()) {
        let _ = sidx::read(&file[..len], u64::MAX - 10);
    }
    assert_eq!(sidx::read(&[0; 64], 0), Err(Error::BadIndex));
    assert_eq!(sidx::read(b"\0\0\0\x08sidx", 0), Err(Error::BadIndex));
}

#[test]
fn no_such_track_and_no_time() {
    let text = String::from_utf8(fixture("packager.mpd")).expect("text");
    let mut playlists = Playlists::new(&text, URL).expect("a manifest");
    assert_eq!(playlists.media(99, 0, 0.0), Err(Error::NoSuchTrack));
    for now in [f64::NAN, f64::INFINITY, -1e300] {
        assert!(matches!(playlists.media(0, 7, now), Ok(Step::Text(_))));
    }
}
