//! The whole engine over time: lists that change, answers that come, fail or dawdle, a media
//! element that plays, refuses and is sought in, a machine that sleeps.
//!
//! In: choices (`videosphere_fuzz::script`). Judged by `videosphere_fuzz::player`. Memory is
//! bounded by the command line's limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use videosphere::engine::{Command, Input, Request, Selection, SinkEvent};
use videosphere::error::{NetworkFailure, Resource};
use videosphere::media::TrackKind;
use videosphere_fuzz::list::{Kind, List};
use videosphere_fuzz::player::{Player, init, media, stream};
use videosphere_fuzz::script::Script;

const MASTER: &str = "#EXTM3U\n\
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"en\",DEFAULT=YES,URI=\"sound.m3u8\"\n\
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"de\",LANGUAGE=\"de\",URI=\"other.m3u8\"\n\
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"inside\",LANGUAGE=\"fr\"\n\
    #EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=640x352,CODECS=\"avc1.42c01e,mp4a.40.2\"\nlow.m3u8\n\
    #EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1280x720,CODECS=\"avc1.42c01e,mp4a.40.2\"\nhigh.m3u8\n\
    #EXT-X-STREAM-INF:BANDWIDTH=700000,RESOLUTION=640x352,CODECS=\"avc1.42c01e,mp4a.40.2\",AUDIO=\"a\"\napart.m3u8\n";
const BASE: &str = "https://origin.example/";

fuzz_target!(|input: &[u8]| {
    let mut script = Script::new(input);
    let kind = script.one_of(&[Kind::Ts, Kind::Mp4, Kind::Aac]);
    let mut list = List::new(kind, &mut script);
    let mut player = Player::new();
    open(&mut player, &mut script);
    for _ in 0..400 {
        let Some(choice) = script.choice() else { break };
        let index = script.below(player.pending.len().max(1));
        match choice % 32 {
            0..=9 => {
                player.send(index, usize::MAX, |request| body(request, &list, kind, &mut script))
            }
            10..=11 => {
                let len = usize::from(script.short());
                player.send(index, len, |request| body(request, &list, kind, &mut script));
            }
            12 => {
                let failure = script.one_of(&[
                    NetworkFailure::Unreachable,
                    NetworkFailure::Timeout,
                    NetworkFailure::Status(404),
                    NetworkFailure::Status(503),
                    NetworkFailure::Truncated { received: 10, expected: 20 },
                    NetworkFailure::TooLarge { limit: 1 },
                ]);
                let secs = [None, Some(0.0), Some(7.0), Some(-1.0), Some(f64::NAN), Some(1e300)];
                let retry_after_secs = script.one_of(&secs);
                player.fail(index, failure, retry_after_secs);
            }
            13..=17 => drop(player.answer_sink()),
            18..=20 => player.pass(f64::from(script.byte()) * 10.0),
            21 => player.pass(f64::from(script.short()) * 10.0),
            22 => {
                list.change(&mut script);
                player.pass(500.0);
            }
            23 => list.change(&mut script),
            24 => seek(&mut player, &mut script),
            25 => {
                player.element.state.is_paused = !player.element.state.is_paused;
                player.tell_state();
            }
            26 => {
                player.element.state.is_hidden = !player.element.state.is_hidden;
                player.tell_state();
            }
            27 => player.input(Input::Command(command(&mut script))),
            28 => player.input(Input::Online(script.byte() % 2 == 0)),
            29 => trouble(&mut player, &mut script),
            30 if script.once_in(8) => open(&mut player, &mut script),
            31 if script.once_in(8) => {
                player.input(Input::Command(Command::Unload));
                assert!(player.pending.is_empty(), "requests of a stream that is closed");
            }
            // Everything that is waited for comes at once.
            _ => {
                for _ in 0..20 {
                    player.send(0, usize::MAX, |request| {
                        body(request, &list, kind, &mut Script::new(&[]))
                    });
                    while player.answer_sink() {}
                }
            }
        }
    }
    player.input(Input::Command(Command::Unload));
    assert!(player.pending.is_empty(), "requests of a stream that is closed");
});

fn open(player: &mut Player, script: &mut Script<'_>) {
    let choice = script.byte();
    let name = ["list.m3u8", "master.m3u8"][usize::from(choice & 1)];
    let mut options = stream(&format!("{BASE}{name}"));
    options.start_secs = [None, None, Some(5.0), Some(f64::NAN)][usize::from(choice >> 1 & 3)];
    if choice & 0x38 == 0x38 {
        options.high_quality_url = Some(format!("{BASE}best.m3u8"));
    }
    player.load(options);
}

/// What the server has under this name.
fn body(request: &Request, list: &List, kind: Kind, script: &mut Script<'_>) -> Vec<u8> {
    let url = request.url.strip_prefix(BASE).unwrap_or(&request.url);
    let path = url.split('?').next().unwrap_or_default();
    if script.once_in(32) {
        return script.take(64).to_vec();
    }
    match request.resource {
        _ if path == "master.m3u8" => MASTER.as_bytes().to_vec(),
        Resource::Manifest | Resource::MediaPlaylist => {
            let may_skip = url.contains("_HLS_skip");
            let skipped = if may_skip { script.below(list.len() + 2) } else { 0 };
            list.text(skipped).into_bytes()
        }
        Resource::InitSegment => init(),
        Resource::Key => vec![0; usize::from(script.byte() % 18)],
        Resource::Segment => {
            let name = path.split('.').next().unwrap_or_default();
            let (number, part) = name.split_once('-').unwrap_or((name, ""));
            let number: f64 = number.parse().unwrap_or(0.0);
            let part: Option<f64> = part.parse().ok();
            let start_secs = number * 2.0 + part.unwrap_or(0.0) * 0.5;
            let duration_secs = if part.is_some() { 0.5 } else { 2.0 };
            let jump_secs = if script.once_in(16) { f64::from(script.short()) } else { 0.0 };
            let mut bytes = media(kind, start_secs + jump_secs, duration_secs);
            // What is held outside goes to the element as it is: broken boxes are its affair.
            if kind != Kind::Mp4 && script.once_in(16) {
                for _ in 0..script.below(8) {
                    let at = usize::from(script.short()) % bytes.len().max(1);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= script.byte();
                    }
                }
            }
            bytes
        }
    }
}

fn seek(player: &mut Player, script: &mut Script<'_>) {
    // Without metadata an element only takes note of it.
    if player.element.tracks.is_empty() {
        return;
    }
    let to_secs = script.one_of(&[0.0, 1.0, 3.5, 8.0, 15.0, 30.0, 1e6]);
    player.element.seek(to_secs);
    player.tell_state();
}

fn command(script: &mut Script<'_>) -> Command {
    match script.below(8) {
        0 => Command::GoLive,
        1 => Command::Select(Selection::Max),
        2 => Command::Select(Selection::Auto),
        3 => Command::Select(Selection::Height(u32::from(script.short()))),
        4 => Command::Select(Selection::Variant(script.below(5))),
        5 => Command::SetViewport { width_px: u32::from(script.short()) },
        6 => Command::SelectAudio(script.below(4)),
        _ => Command::SetTargetLatency(script.one_of(&[
            None,
            Some(0.0),
            Some(2.0),
            Some(50.0),
            Some(f64::NAN),
            Some(-1.0),
        ])),
    }
}

/// The media source does not do as it was told.
fn trouble(player: &mut Player, script: &mut Script<'_>) {
    let track = script.one_of(&[TrackKind::Video, TrackKind::Audio, TrackKind::Muxed]);
    match script.below(6) {
        0 => player.element.quota_bytes = 2000 + u64::from(script.short()),
        1 => {
            let from_secs = f64::from(script.byte());
            player.element.refuses.push((
                from_secs,
                from_secs + 3.0,
                1 + u32::from(script.byte() % 4),
            ));
        }
        2 => {
            let from_secs = f64::from(script.byte());
            player.element.undecodable.push((from_secs, from_secs + 1.0));
        }
        3 => player.input(Input::Sink(SinkEvent::Streaming(script.byte() % 2 == 0))),
        4 => {
            // A browser that throws away what it likes, where nothing is under way.
            let at_secs = player.element.state.current_time_secs;
            let is_idle = player.element.answers.is_empty();
            if player.element.tracks.contains_key(&track) && is_idle && at_secs > 1.0 {
                player.element.remove(track, 0.0, at_secs / 2.0);
                player.answer_sink();
            }
        }
        _ => {
            let message = "as it pleases".to_owned();
            let code = u16::from(script.byte() % 6);
            player.input(Input::Sink(SinkEvent::MediaError { code, message }));
        }
    }
}
