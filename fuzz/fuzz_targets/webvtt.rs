//! WebVTT of any bytes: a file, a sample of fMP4, and the list of cues that both become.
//!
//! In: bytes, the first four of which say where the media's clock stands. Judged: nothing panics; cues are
//! in order within themselves, whatever the clock; line ends do not matter; what is repeated changes
//! nothing. Memory is bounded by the command line's limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere_tracks::Cue;
use videosphere_tracks::text::cue_list::CueList;
use videosphere_tracks::text::mp4::{SampleTime, wvtt_cues};
use videosphere_tracks::text::webvtt::timestamp_map::{MediaClock, SegmentPlace, place};
use videosphere_tracks::text::webvtt::{parse, parse_header};

const MAX_HELD_BYTES: usize = 32 << 20;

fuzz_target!(|input: &[u8]| {
    let Some((clock, body)) = input.split_first_chunk::<4>() else { return };
    if let Ok(mut file) = parse(body) {
        check(&file.cues);
        if !body.contains(&b'\r') {
            let text = String::from_utf8_lossy(body).replace('\n', "\r\n");
            assert_eq!(parse(text.as_bytes()).as_ref(), Ok(&file));
        }
        let mpegts_ticks = u64::from(u32::from_le_bytes(*clock)) * 3;
        let clock = MediaClock { mpegts_ticks, presentation_secs: f64::from(clock[0]) };
        let clock = Some(clock).filter(|clock| clock.mpegts_ticks % 2 == 0);
        let segment = SegmentPlace { start_secs: 40.0, duration_secs: 6.0, clock };
        place(&mut file.cues, file.timestamp_map, &segment);
        check(&file.cues);
        repeat(&file.cues);
    }
    let header = parse_header(body).unwrap_or_default();
    let time = SampleTime { start_secs: 4.0, duration_secs: 2.0 };
    if let Ok(cues) = wvtt_cues(&header, body, time) {
        check(&cues);
        repeat(&cues);
    }
});

fn check(cues: &[Cue]) {
    for cue in cues {
        let end_secs = cue.end_secs.unwrap_or(f64::INFINITY);
        assert!(cue.start_secs.is_finite() && end_secs >= cue.start_secs, "{cue:?}");
        let spans = cue.lines.iter().flat_map(|line| &line.spans);
        assert!(spans.clone().all(|span| !span.text.is_empty() && !span.text.contains('\0')));
        assert!(spans.filter_map(|span| span.from_secs).all(f64::is_finite));
    }
    assert!(cues.iter().map(Cue::held_bytes).sum::<usize>() < MAX_HELD_BYTES);
}

fn repeat(cues: &[Cue]) {
    let mut list = CueList::default();
    for is_again in [false, true] {
        let mut changes = Vec::new();
        for cue in cues.iter().take(500) {
            list.add(cue.clone(), &mut changes);
        }
        assert!(!is_again || changes.is_empty(), "{changes:?} of {cues:?}");
    }
    assert!(list.iter().map(|(_, cue)| cue.start_secs).is_sorted());
}
