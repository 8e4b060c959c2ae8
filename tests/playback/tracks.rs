//! Tracks that end, pause, come late or change: playback goes on, nothing is fetched twice.

use std::fmt::Write;
use std::rc::Rc;

use videosphere::media::TrackKind;

use crate::BASE;
use crate::bed::Bed;
use crate::origin::Origin;
use crate::ts_clock::{self, AUDIO_PID, VIDEO_PID};

fn fixture(name: &str) -> Rc<Vec<u8>> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    Rc::new(std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// Two-second segments in parts, a discontinuity between the parts.
fn recorded(parts: &[&[Rc<Vec<u8>>]]) -> Origin {
    let mut origin = Origin::vod(BASE, Vec::new());
    let mut text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n".to_owned();
    let mut number = 0;
    for (index, part) in parts.iter().enumerate() {
        text += if index > 0 { "#EXT-X-DISCONTINUITY\n" } else { "" };
        for segment in *part {
            let _ = write!(text, "#EXTINF:2,\n{number}.ts\n");
            origin.files.insert(format!("{number}.ts"), Rc::clone(segment));
            number += 1;
        }
    }
    text += "#EXT-X-ENDLIST\n";
    origin.files.insert("index.m3u8".to_owned(), Rc::new(text.into_bytes()));
    let master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000,CODECS=\"avc1.64000c,mp4a.40.2\"\n\
                  index.m3u8\n";
    origin.files.insert("master.m3u8".to_owned(), Rc::new(master.into()));
    origin
}

/// All that was told, but for the frame and a half by which the fixture's sound is too long.
fn troubles(bed: &Bed) -> Vec<String> {
    let told = bed.errors.iter().map(ToString::to_string);
    told.filter(|words| !words.contains("overlapping frames")).collect()
}

fn fetched_once(bed: &Bed) -> bool {
    let mut segments = bed.origins[0].requests.iter().filter(|(path, _)| path.ends_with(".ts"));
    segments.all(|(_, count)| *count == 1)
}

/// From start to end without a stall, a jump, a warning or a second request.
fn plays_smoothly(list: &str, parts: &[&[Rc<Vec<u8>>]]) -> Bed {
    let mut bed = Bed::new(1, vec![recorded(parts)]);
    bed.play(&format!("{BASE}{list}"));
    let secs = 2.0 * parts.iter().map(|part| part.len()).sum::<usize>() as f64;
    let is_ended = bed.run_until(secs + 10.0, |bed| bed.element.state.is_ended);
    assert!(is_ended, "at {} {:?}", bed.at_secs(), troubles(&bed));
    assert!((bed.at_secs() - secs).abs() < 0.2, "at {}", bed.at_secs());
    assert_eq!(troubles(&bed), Vec::<String>::new());
    assert_eq!((bed.element.stalls, bed.element.seeks.as_slice()), (0, &[][..]));
    assert!(fetched_once(&bed), "{:?}", bed.origins[0].requests);
    let playable = bed.element.playable();
    assert!(playable.len() == 1 && playable[0].start_secs < 0.1, "{playable:?}");
    assert_eq!(bed.element.tracks.len(), 2);
    bed
}

#[test]
fn sound_that_ends_before_its_picture_is_followed_by_silence() {
    let part = [fixture("short_sound_0.ts"), fixture("short_sound_1.ts")];
    plays_smoothly("index.m3u8", &[&part, &part, &part]);
}

#[test]
fn sound_may_change_its_channels_and_its_rate() {
    let [mono, stereo] = ["short_sound_0.ts", "vod_0.ts"].map(|name| [fixture(name)]);
    let [other_rate, surround] = ["rate_44100.ts", "surround.ts"].map(|name| [fixture(name)]);
    plays_smoothly("index.m3u8", &[&mono, &stereo, &other_rate, &surround, &mono]);
}

#[test]
fn a_part_without_sound_is_shown_in_silence() {
    let sound = [fixture("short_sound_0.ts")];
    let silent = [fixture("no_sound_0.ts"), fixture("no_sound_1.ts")];
    plays_smoothly("index.m3u8", &[&sound, &silent, &sound]);
    // The list says that there will be sound.
    plays_smoothly("master.m3u8", &[&silent, &sound]);
    // A seek into it, with nothing buffered before.
    let mut bed = Bed::new(1, vec![recorded(&[&sound, &silent, &silent, &silent, &sound])]);
    bed.element.opens_after_secs = 0.1;
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(5.0, |bed| bed.at_secs() > 0.2));
    bed.seek(9.0);
    assert!(bed.run_until(9.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(troubles(&bed), Vec::<String>::new());
}

#[test]
fn a_track_that_comes_late_is_played_from_the_start() {
    let all = ts_clock::segments(4, &[]);
    for unwanted in [VIDEO_PID, AUDIO_PID] {
        for list in ["index.m3u8", "master.m3u8"] {
            let mut segments = all.clone();
            segments[0] = ts_clock::without(&all[0], unwanted);
            plays_smoothly(list, &[&segments]);
        }
    }
}

#[test]
fn a_picture_that_a_browser_shows_for_a_moment_only_is_fetched_once() {
    let mut segments = ts_clock::segments(4, &[]);
    segments[0] = ts_clock::without(&segments[0], VIDEO_PID);
    let mut bed = Bed::new(1, vec![recorded(&[&segments])]);
    bed.element.longest_ticks = Some(9_000);
    bed.play(&format!("{BASE}index.m3u8"));
    assert!(bed.run_until(12.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(troubles(&bed), Vec::<String>::new());
    // To where the picture goes on: no second try would show more.
    let seeks: Vec<_> = bed.element.seeks.iter().map(|secs| secs.round()).collect();
    assert_eq!(seeks, [2.0]);
    assert!(fetched_once(&bed), "{:?}", bed.origins[0].requests);
}

/// To the end, by way of new media sources where playback comes to what does not fit.
fn plays_anew(origin: Origin, secs: f64, anew_at_secs: &[f64]) {
    let mut bed = Bed::new(1, vec![origin]);
    bed.play(&format!("{BASE}index.m3u8"));
    let is_ended = bed.run_until(secs + 10.0, |bed| bed.element.state.is_ended);
    assert!(is_ended, "at {} {:?}", bed.at_secs(), troubles(&bed));
    assert!((bed.at_secs() - secs).abs() < 0.2, "at {}", bed.at_secs());
    assert_eq!(troubles(&bed), Vec::<String>::new());
    // A frame's gap where a media source begins is jumped over.
    let mut seeks: Vec<_> = bed.element.seeks.iter().map(|secs| secs.round()).collect();
    seeks.dedup();
    seeks.retain(|secs| *secs > 0.0);
    assert_eq!(seeks, anew_at_secs);
    assert!(bed.element.stalled_secs < 1.5, "for {} s", bed.element.stalled_secs);
    // What did not fit is asked for again, and nothing else.
    let asked: u32 = bed.origins[0].requests.values().sum();
    let files = bed.origins[0].requests.len() as u32;
    assert!(asked <= files + 2 * anew_at_secs.len() as u32, "{:?}", bed.origins[0].requests);
    // Back into the first part, and over the joint once more.
    bed.seek(1.0);
    assert!(bed.run_until(secs + 10.0, |bed| bed.element.state.is_ended), "at {}", bed.at_secs());
    assert_eq!(troubles(&bed), Vec::<String>::new());
}

#[test]
fn sound_that_nobody_announced_is_played_when_it_comes() {
    let sound = [fixture("short_sound_0.ts")];
    let silent = [fixture("no_sound_0.ts"), fixture("no_sound_1.ts")];
    plays_anew(recorded(&[&silent, &sound]), 6.0, &[4.0]);
}

#[test]
fn transport_streams_and_muxed_fmp4_follow_one_another() {
    let ts = ["vod_0.ts", "vod_1.ts"];
    let mp4 = ["cmaf_0.mp4", "cmaf_1.mp4"];
    for (parts, joints) in [
        (&[ts, mp4][..], &[4.0][..]),
        (&[mp4, ts], &[4.0]),
        (&[ts, mp4, ts, mp4], &[4.0, 8.0, 12.0]),
    ] {
        let mut origin = Origin::vod(BASE, Vec::new());
        let mut text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n".to_owned();
        for (index, part) in parts.iter().enumerate() {
            text += if index > 0 { "#EXT-X-DISCONTINUITY\n" } else { "" };
            text += if *part == mp4 { "#EXT-X-MAP:URI=\"cmaf_init.mp4\"\n" } else { "" };
            for name in part {
                let _ = write!(text, "#EXTINF:2,\n{name}?{index}\n");
                origin.files.insert(format!("{name}?{index}"), fixture(name));
            }
        }
        text += "#EXT-X-ENDLIST\n";
        origin.files.insert("index.m3u8".to_owned(), Rc::new(text.into_bytes()));
        origin.files.insert("cmaf_init.mp4".to_owned(), fixture("cmaf_init.mp4"));
        plays_anew(origin, 4.0 * parts.len() as f64, joints);
    }
}

/// A live list of five segments, one more every two seconds; from the seventh on without this stream.
fn live_without(unwanted: u16, returns_at: usize) -> Bed {
    let segments = ts_clock::segments(24, &[]);
    let mut origin = Origin::vod(BASE, Vec::new());
    for (number, segment) in segments.iter().enumerate() {
        let has_all = number < 7 || number >= returns_at;
        let segment =
            if has_all { Rc::clone(segment) } else { ts_clock::without(segment, unwanted) };
        origin.files.insert(format!("{number}.ts"), segment);
    }
    let mut bed = Bed::new(1, vec![origin]);
    for first in 0..18 {
        let mut text = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:{first}\n");
        for number in first..first + 5 {
            let _ = write!(text, "#EXTINF:2,\n{number}.ts\n");
        }
        bed.origins[0].files.insert("index.m3u8".to_owned(), Rc::new(text.into_bytes()));
        if first == 0 {
            bed.play(&format!("{BASE}index.m3u8"));
        }
        bed.run(2.0);
    }
    assert_eq!(troubles(&bed), Vec::<String>::new());
    assert_eq!(bed.element.stalls, 0, "for {} s", bed.element.stalled_secs);
    assert!(fetched_once(&bed), "{:?}", bed.origins[0].requests);
    // 36 s of playing, from 4 s on: the start takes a moment.
    assert!(bed.at_secs() > 38.0, "at {}", bed.at_secs());
    bed
}

#[test]
fn a_live_microphone_that_is_switched_off_stops_no_picture() {
    live_without(AUDIO_PID, usize::MAX);
    live_without(AUDIO_PID, 15);
}

#[test]
fn a_live_camera_that_is_switched_off_stops_no_sound() {
    live_without(VIDEO_PID, usize::MAX);
    let bed = live_without(VIDEO_PID, 15);
    assert_eq!(bed.element.tracks[&TrackKind::Video].buffered().len(), 1);
}
