//! Live: what the clock says can be had, and numbers that stay over reloads.

use videosphere_dash::Playlists;
use videosphere_hls::{PlaylistKind, Upcoming};

use crate::{URL, durations, media, name, names};

/// 2026-11-20T18:40:00Z.
const START_MILLIS: f64 = 1_795_200_000_000.0;

fn numbered(extra: &str, attributes: &str) -> String {
    format!(
        "<MPD type='dynamic' availabilityStartTime='2026-11-20T18:40:00Z' timeShiftBufferDepth='PT10S' \
         minimumUpdatePeriod='PT2S' {attributes}><Period id='p' start='PT0S'><AdaptationSet \
         mimeType='video/mp4'><SegmentTemplate duration='180180' timescale='90000' startNumber='5' \
         initialization='i.mp4' media='$Number$.m4s' {extra}/><Representation id='v' bandwidth='5'/>\
         </AdaptationSet></Period></MPD>"
    )
}

#[test]
fn numbers_by_the_clock() {
    let mut playlists = Playlists::new(&numbered("", ""), URL).expect("a manifest");
    let list = media(&mut playlists, 0, START_MILLIS + 20_100.0);
    // Ten of 2.002 s are whole; ten seconds of it can be had, and the one cut by that.
    assert_eq!(names(&list).last(), Some(&"14.m4s"));
    assert_eq!(list.media_sequence, 5 + 5);
    let date = list.segments[0].program_date_time_millis;
    assert_eq!(date, Some(START_MILLIS + 5.0 * 2002.0));
    assert!(!list.is_ended && durations(&list).iter().all(|secs| *secs == 2.002));
    let later = media(&mut playlists, 0, START_MILLIS + 22_100.0);
    let at = |list: &videosphere_hls::MediaPlaylist, number: u64| {
        list.segments.iter().find(|it| it.media_sequence == number).map(|it| name(it).to_owned())
    };
    for number in 11..15 {
        assert_eq!(at(&list, number), at(&later, number));
        assert_eq!(at(&list, number), Some(format!("{number}.m4s")));
    }
    // Before it began there is nothing, and nothing breaks.
    assert!(media(&mut playlists, 0, START_MILLIS - 5000.0).segments.is_empty());
}

#[test]
fn chunks_ahead_of_time_are_announced() {
    let early = "availabilityTimeOffset='1.5' availabilityTimeComplete='false'";
    let mut playlists = Playlists::new(&numbered(early, ""), URL).expect("a manifest");
    let list = media(&mut playlists, 0, START_MILLIS + 20_600.0);
    assert_eq!(names(&list).last(), Some(&"14.m4s"));
    let Upcoming::Prefetched(ahead) = &list.upcoming else { panic!("{:?}", list.upcoming) };
    assert_eq!(ahead.iter().map(name).collect::<Vec<_>>(), ["15.m4s"]);
    // Whole ones ahead of time are plain segments.
    let mut playlists =
        Playlists::new(&numbered("availabilityTimeOffset='1.5'", ""), URL).expect("a manifest");
    let list = media(&mut playlists, 0, START_MILLIS + 20_600.0);
    assert_eq!(names(&list).last(), Some(&"15.m4s"));
}

fn timeline(starts: &[(u64, u64, i64)], number: Option<u64>) -> String {
    let runs: String =
        starts.iter().map(|(t, d, r)| format!("<S t='{t}' d='{d}' r='{r}'/>")).collect();
    let number = number.map_or(String::new(), |number| format!("startNumber='{number}'"));
    format!(
        "<MPD type='dynamic' availabilityStartTime='2026-11-20T18:40:00Z' minimumUpdatePeriod='PT2S' \
         suggestedPresentationDelay='PT10S'><Period id='p' start='PT0S'><AdaptationSet \
         mimeType='video/mp4'><SegmentTemplate timescale='1000' {number} media='$Time$.m4s'>\
         <SegmentTimeline>{runs}</SegmentTimeline></SegmentTemplate>\
         <Representation id='v' bandwidth='5'/><Representation id='w' bandwidth='9'/>\
         </AdaptationSet></Period></MPD>"
    )
}

#[test]
fn timelines_without_numbers_have_numbers_that_stay() {
    let now = START_MILLIS + 20_000.0;
    let mut playlists = Playlists::new(&timeline(&[(0, 2000, 4)], None), URL).expect("a manifest");
    let first = media(&mut playlists, 0, now);
    assert_eq!(names(&first), ["0.m4s", "2000.m4s", "4000.m4s", "6000.m4s", "8000.m4s"]);
    assert_eq!(first.media_sequence, 1);
    assert_eq!(first.server_control.hold_back_secs, Some(8.0));
    playlists.update(&timeline(&[(4000, 2000, 4)], None), URL).expect("a manifest");
    assert_eq!(media(&mut playlists, 0, now).media_sequence, 3);
    // A variant that is asked for later has the numbers of those before.
    assert_eq!(media(&mut playlists, 1, now).media_sequence, 3);
    // Away for a while: all that was known has left the list.
    playlists.update(&timeline(&[(40_000, 2000, 2)], None), URL).expect("a manifest");
    assert_eq!(media(&mut playlists, 0, now).media_sequence, 21);
}

#[test]
fn a_hole_keeps_its_length() {
    let text = timeline(&[(0, 2000, 1), (10_000, 2000, 0), (12_000, 2000, -1)], Some(7));
    let mut playlists = Playlists::new(&text, URL).expect("a manifest");
    let list = media(&mut playlists, 0, START_MILLIS + 16_000.0);
    assert_eq!(durations(&list).iter().sum::<f64>(), 16.0);
    let gaps: Vec<bool> = list.segments.iter().map(|it| it.is_gap).collect();
    assert_eq!(gaps, [false, false, true, true, true, false, false, false]);
}

#[test]
fn a_period_leaves_and_the_count_of_discontinuities_stays() {
    let period = |id: u64| {
        format!(
            "<Period id='{id}' start='PT{}S'><AdaptationSet mimeType='video/mp4'><SegmentTemplate \
             duration='2' media='{id}-$Number$.m4s'/><Representation id='v' bandwidth='5'/>\
             </AdaptationSet></Period>",
            id * 10
        )
    };
    let mpd = |ids: &[u64]| {
        let periods: String = ids.iter().map(|id| period(*id)).collect();
        format!("<MPD type='dynamic' availabilityStartTime='2026-11-20T18:40:00Z'>{periods}</MPD>")
    };
    let mut playlists = Playlists::new(&mpd(&[0, 1]), URL).expect("a manifest");
    let list = media(&mut playlists, 0, START_MILLIS + 18_500.0);
    assert_eq!((list.media_sequence, list.segments.len()), (1, 9));
    playlists.update(&mpd(&[1, 2]), URL).expect("a manifest");
    let list = media(&mut playlists, 0, START_MILLIS + 24_500.0);
    assert_eq!((list.media_sequence, list.discontinuity_sequence), (6, 1));
    assert_eq!(name(&list.segments[5]), "2-1.m4s");
    assert_eq!(list.segments[5].discontinuity_sequence, 2);
}

#[test]
fn it_ends_when_it_says_so() {
    let text = numbered("", "mediaPresentationDuration='PT8.008S'")
        .replace("minimumUpdatePeriod='PT2S'", "");
    let mut playlists = Playlists::new(&text, URL).expect("a manifest");
    assert!(!media(&mut playlists, 0, START_MILLIS + 6000.0).is_ended);
    let list = media(&mut playlists, 0, START_MILLIS + 9000.0);
    assert!(list.is_ended && list.kind == PlaylistKind::Vod);
    assert_eq!(names(&list), ["5.m4s", "6.m4s", "7.m4s", "8.m4s"]);
}

#[test]
fn when_periods_begin() {
    let text = "<MPD type='dynamic'><Period/><Period start='PT5S'/><Period/></MPD>";
    let mpd = videosphere_dash::read(text, URL).expect("a manifest");
    // Nobody knows yet when the third begins.
    let times: Vec<_> =
        mpd.periods.iter().map(|it| (it.start_micros, it.duration_micros)).collect();
    assert_eq!(times, [(0, Some(5_000_000)), (5_000_000, None)]);
}

#[test]
fn the_time_and_the_place() {
    let text = "<MPD type='dynamic' availabilityStartTime='2026-11-20T18:40:00Z'>\
        <Location>../live/now.mpd?a=1&amp;b=2</Location><Period start='PT0S'/>\
        <UTCTiming schemeIdUri='urn:mpeg:dash:utc:http-iso:2014' value='time'/></MPD>";
    let mpd = videosphere_dash::read(text, URL).expect("a manifest");
    assert_eq!(mpd.location.as_deref(), Some("https://a.example/live/now.mpd?a=1&b=2"));
    assert_eq!(mpd.utc_timings[0].value, "time");
    assert_eq!(mpd.availability_start_millis as f64, START_MILLIS);
}
