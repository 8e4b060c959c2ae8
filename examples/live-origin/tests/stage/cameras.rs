//! Cameras as people have them: what is on air while another has no playlist yet, is set wrongly, or
//! knows no key.

use crate::failover::WATCH;
use crate::repair::time_in_picture;
use crate::{LIMIT, get, media_playlist, on_air, path_of, playlist_of, quick, wait};
use anyhow::{Context, Result, ensure};
use browser_tests::Scene;
use live_origin::rtmp::Client;
use live_origin::rtmp::chunks::kind;
use live_origin::stage::{Origin, STREAM, Stage};
use machine::processes::Process;
use machine::shell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use videosphere::playlist::Segment;
use webdriver::Browser::Chromium;
use webdriver::Session;

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg, Chromium"]
fn what_others_ask_for_and_send_disturbs_nobody() -> Result<()> {
    on_air(quick(), |stage| {
        served_by(stage, "primary")?;
        let viewer = Viewer::start(stage);
        names_of_nothing_are_not_found(stage)?;
        viewer.was_served_by("primary")?;

        who_is_refused_is_told(stage)?;

        the_target_duration_stands(stage)?;

        let viewer = Viewer::start(stage);
        let _camera = as_obs_is_installed(stage, "obs")?;
        let seldom = "no key frame for ";
        what_to_set_is_told(stage, "obs", seldom, "Keyframe Interval 1 s")?;
        viewer.was_served_by("primary")?;
        another_codec_is_told(stage)?;
        for (killed, left) in [(Origin::Backup, "primary"), (Origin::Primary, "backup")] {
            stage.kill(killed)?;
            served_by(stage, left)?;
            let viewer = Viewer::start(stage);
            let statuses = polled_for(stage, "obs", 4)?;
            ensure!(statuses == BTreeSet::from([503]), "{statuses:?} by the {left} alone");
            viewer.was_served_by(left)?;
            // One that fills its window says 404 meanwhile, and the other's answers are kept.
            let viewer = Viewer::start(stage);
            stage.bring_back(killed)?;
            let path = playlist_of(stage, 0);
            let (own, _) = stage.addresses().of(killed);
            wait("both origins", || media_playlist(own.http, &path).ok())?;
            viewer.ends()?;
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg, Chromium"]
fn a_camera_that_is_back_at_once_is_hardly_missed() -> Result<()> {
    let mut options = quick();
    options.segment_millis = 2000;
    on_air(options, |stage| {
        served_by(stage, "primary")?;
        let viewer = Viewer::start(stage);
        let path = playlist_of(stage, 0);
        let edge = stage.addresses().edge;
        let listed = || Some(media_playlist(edge, &path).ok()?.segments);
        let newest = |segments: &[Segment]| segments.last().map(|it| it.media_sequence);
        Scene::new(Chromium).play(|scene| {
            scene.play(&stage.viewer_url())?;
            scene.wait("sphere.isLive && bufferedEnd() - sphere.currentTime > 2.5")?;
            scene.act("forget()")?;
            scene.act(WATCH)?;
            let before = listed().as_deref().and_then(newest).context("a segment")?;
            stage.publish(false)?;
            stage.publish(true)?;
            let mut starts_secs = BTreeMap::new();
            wait("six more segments", || {
                let segments = listed()?;
                for segment in segments.iter().filter(|segment| segment.media_sequence >= before) {
                    let number = segment.media_sequence;
                    if let Entry::Vacant(unknown) = starts_secs.entry(number) {
                        let file = path_of(&segment.url).ok()?;
                        unknown.insert(time_in_picture(stage, file).ok()?);
                    }
                }
                (newest(&segments)? >= before + 6).then_some(())
            })?;
            let (still, lost) = (scene.number("gap.still")?, scene.number("gap.lost")?);
            println!("longest standstill {still:.3} s, longest jump {lost:.3} s of media");
            ensure!(still <= 4.0 && lost <= 4.0, "a standstill of {still} s, a jump of {lost} s");
            // The sound that is missing is told, as a warning.
            ensure!(scene.get("sphere.error")?.is_null(), "{}", scene.get("sphere.error.message")?);
            // What lies between two pictures that a segment and the next begin with.
            let numbers: Vec<u64> = starts_secs.keys().copied().collect();
            ensure!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
            println!("segments begin at {starts_secs:?}");
            let starts: Vec<f64> = starts_secs.into_values().collect();
            let longest_secs = starts
                .windows(2)
                .map(|pair| (pair[1] - pair[0]).rem_euclid(86_400.0))
                .fold(0.0, f64::max);
            ensure!(longest_secs < 6.0, "{longest_secs} s from one to the next");
            Ok(())
        })?;
        viewer.was_served_by("primary")
    })
}

/// A wrong key, none, and a key in the name's place: told once, and no key in it.
fn who_is_refused_is_told(stage: &Stage) -> Result<()> {
    let url = stage.publish_url();
    let (door, key) = url.split_once("camera?key=").context("a key")?;
    let mut told = String::new();
    for (entered, wanted) in [
        ("visitor?key=wrongwrong".to_owned(), "camera visitor from 127.0.0.1"),
        ("visitor".to_owned(), "sent no publish key"),
        (key.to_owned(), ""),
        (format!("{key}?key={key}0"), "name or its key is wrong"),
    ] {
        let mut ffmpeg = shell::command("ffmpeg");
        ffmpeg.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-f", "flv"]);
        let refused = shell::capture(ffmpeg.arg(format!("{door}{entered}")));
        ensure!(refused.is_err(), "{entered} was let in");
        wait(wanted, || {
            told += &stage.news().join("\n");
            told.contains(wanted).then_some(())
        })?;
    }
    ensure!(!told.contains(key) && !told.contains("wrongwrong"), "{told}");
    ensure!(told.matches("sent no publish key").count() == 1, "{told}");
    Ok(())
}

/// HEVC by enhanced RTMP, of which the ingest records nothing; and as some encoders sent it before.
fn another_codec_is_told(stage: &Stage) -> Result<()> {
    let wanted = "set the encoder to H.264";
    let _enhanced = Hevc::publish(stage, "enhanced", Hevc::ENHANCED)?;
    what_to_set_is_told(stage, "enhanced", "the camera's pictures are not H.264", wanted)?;
    let _old = Hevc::publish(stage, "old", Hevc::OLD)?;
    what_to_set_is_told(stage, "old", "the camera sends HEVC", wanted)
}

/// A camera that sends HEVC, as far as the ingest looks at it: the heads of its frames.
struct Hevc {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Hevc {
    /// Coded frames that are shown as they come (`PacketTypeCodedFramesX`): a key frame, and others.
    const ENHANCED: [&[u8]; 2] = [b"\x93hvc1", b"\xa3hvc1"];
    /// CodecID 12, which no specification has.
    const OLD: [&[u8]; 2] = [b"\x1c\x01\0\0\0", b"\x2c\x01\0\0\0"];

    fn publish(stage: &Stage, name: &str, heads: [&'static [u8]; 2]) -> Result<Self> {
        let url = stage.publish_url().replace(&format!("/{STREAM}?"), &format!("/{name}?"));
        let (door, _) = url.rsplit_once('/').context("an address")?;
        let mut client = Client::publish(&url, door)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let [key, other] = heads;
            for number in 0_u32.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let head = if number % 10 == 0 { key } else { other };
                client.send(kind::VIDEO, number * 100, [head, &[0; 100]].concat());
                client.read(Duration::from_millis(100))?;
            }
            Ok(())
        });
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Hevc {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// In the terminal, by every list, and on the statistics' page; of key frames before the second one.
fn what_to_set_is_told(stage: &Stage, name: &str, found: &str, wanted: &str) -> Result<()> {
    let mut told = String::new();
    wait("news of the camera", || {
        told += &stage.news().join("\n");
        told.contains(wanted).then_some(())
    })?;
    ensure!(told.contains(&format!("camera {name}: {found}")), "{told}");
    let addresses = stage.addresses();
    for path in lists(stage, name) {
        for address in [addresses.edge, addresses.primary.http, addresses.backup.http] {
            let answer = get(address, &path)?;
            ensure!(String::from_utf8_lossy(&answer.body).contains(wanted), "{path}: {answer:?}");
        }
    }
    let session = Session::start(Chromium)?;
    session.goto(&format!("http://{}/stat", addresses.ingest_http))?;
    let shown = format!(
        "[...document.querySelectorAll('p.live')].some(({{ textContent }}) =>
           textContent.startsWith('{name}: ') && textContent.includes('{wanted}'))"
    );
    session.wait_until(&shown, LIMIT)?;
    ensure!(session.console_errors()?.is_empty(), "{:?}", session.console_errors()?);
    Ok(())
}

/// Key frames every 0.875 s, in segments of a second: each seventh lasts twice as long.
fn the_target_duration_stands(stage: &Stage) -> Result<()> {
    let _camera =
        camera(stage, "odd", 24, &["-g", "21", "-sc_threshold", "0", "-preset", "ultrafast"])?;
    let mut said = BTreeSet::new();
    let path = format!("/hls/odd_{}/index.m3u8", stage.options().ladder.rungs[0].name);
    wait("a long segment", || {
        let list = media_playlist(stage.addresses().edge, &path).ok()?;
        said.insert(list.target_duration_secs as u64);
        list.segments.iter().any(|segment| segment.duration_secs > 1.5).then_some(())
    })?;
    ensure!(said == BTreeSet::from([2]), "EXT-X-TARGETDURATION was {said:?}");
    Ok(())
}

/// OBS's x264 with no key-frame interval set, at 30 frames a second: `keyint=250`, one in 8.3 s.
fn as_obs_is_installed(stage: &Stage, name: &str) -> Result<Process> {
    let encoder = "-preset veryfast -x264-params keyint=250:nal-hrd=cbr -b:v 400k -maxrate 400k \
                   -bufsize 400k";
    camera(stage, name, 30, &encoder.split_whitespace().collect::<Vec<_>>())
}

/// One more camera.
fn camera(stage: &Stage, name: &str, frame_rate: u32, encoder: &[&str]) -> Result<Process> {
    let url = stage.publish_url().replace(&format!("/{STREAM}?"), &format!("/{name}?"));
    let picture = format!("testsrc2=s=480x240:r={frame_rate}");
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", &picture]);
    ffmpeg.args(["-f", "lavfi", "-i", "sine=r=48000", "-c:v", "libx264", "-pix_fmt", "yuv420p"]);
    ffmpeg.args(encoder).args(["-c:a", "aac", "-f", "flv", &url]);
    Process::start(&mut ffmpeg)
}

/// Asks for what there is not, by names that could be and names that could not, until three segments
/// have come.
fn names_of_nothing_are_not_found(stage: &Stage) -> Result<()> {
    let addresses = stage.addresses();
    let rung = &stage.options().ladder.rungs[0].name;
    let long = "a".repeat(300);
    let paths = [
        format!("/hls/{long}.m3u8"),
        format!("/hls/{long}_{rung}/index.m3u8"),
        format!("/hls/{}.m3u8", &long[..65]),
        format!("/hls/{}_{rung}/index.m3u8", &long[..64]),
        format!("/hls/nobody_{rung}/index.m3u8"),
        "/hls/nobody.top.m3u8".to_owned(),
        "/hls/no%20body.m3u8".to_owned(),
        format!("/hls/{long}_{rung}/1.ts"),
        format!("/hls/{STREAM}_{rung}/{}.ts", "1".repeat(300)),
        format!("/hls/{STREAM}_{rung}/1.ts"),
        format!("/hls/{STREAM}_{rung}/{long}"),
    ];
    while_segments_come(stage, 3, || {
        for path in &paths {
            for address in [addresses.edge, addresses.primary.http] {
                let answer = get(address, path)?;
                ensure!(answer.status == 404, "{path}: {} at {address}", answer.status);
            }
        }
        Ok(())
    })
}

/// Statuses of all lists of a stream that is not ready, each with what a viewer needs.
fn polled(stage: &Stage, name: &str) -> Result<BTreeSet<u16>> {
    let mut statuses = BTreeSet::new();
    for path in lists(stage, name) {
        let answer = get(stage.addresses().edge, &path)?;
        ensure!([404, 503].contains(&answer.status), "{path}: {answer:?}");
        ensure!(answer.header("content-type") == Some("text/plain"), "{path}: {answer:?}");
        if answer.status == 503 {
            ensure!(answer.header("retry-after") == Some("1"), "{path}: {answer:?}");
            ensure!(answer.body.len() > 20, "{path}: {answer:?}");
        }
        statuses.insert(answer.status);
    }
    Ok(statuses)
}

fn polled_for(stage: &Stage, name: &str, segments: u64) -> Result<BTreeSet<u16>> {
    let mut statuses = BTreeSet::new();
    while_segments_come(stage, segments, || {
        statuses.append(&mut polled(stage, name)?);
        Ok(())
    })?;
    Ok(statuses)
}

/// Acts again and again until the good stream has so many more segments.
fn while_segments_come(
    stage: &Stage,
    segments: u64,
    mut act: impl FnMut() -> Result<()>,
) -> Result<()> {
    let path = playlist_of(stage, 0);
    let newest = || -> Result<u64> {
        let list = media_playlist(stage.addresses().edge, &path)?;
        Ok(list.segments.last().context("a segment")?.media_sequence)
    };
    let from = newest()?;
    wait("more segments", || match act().and_then(|()| newest()) {
        Ok(now) => (now >= from + segments).then_some(Ok(())),
        Err(error) => Some(Err(error)),
    })?
}

/// Waits until the good stream comes from this origin.
fn served_by(stage: &Stage, origin: &str) -> Result<()> {
    let is_by = |path: &String| {
        get(stage.addresses().edge, path)
            .is_ok_and(|answer| answer.status == 200 && answer.header("x-origin") == Some(origin))
    };
    let lists = lists(stage, STREAM);
    wait(&format!("answers by the {origin}"), || lists.iter().all(is_by).then_some(()))
}

/// The paths of all lists of a stream.
fn lists(stage: &Stage, name: &str) -> Vec<String> {
    let rungs = stage.options().ladder.names();
    let media = rungs.iter().map(|rung| format!("/hls/{name}_{rung}/index.m3u8"));
    std::iter::once(format!("/hls/{name}.m3u8")).chain(media).collect()
}

/// How often an origin was too late for the edge.
fn timeouts(edge_log: &Path) -> usize {
    let log = std::fs::read_to_string(edge_log).unwrap_or_default();
    log.matches("upstream timed out").count()
}

/// Watches the good stream: every list of it, at the edge.
struct Viewer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
    edge_log: PathBuf,
    timeouts: usize,
}

#[derive(Default)]
struct Seen {
    answers: u32,
    from_cache: u32,
    origins: BTreeSet<String>,
}

impl Viewer {
    fn start(stage: &Stage) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let (edge, paths) = (stage.addresses().edge, lists(stage, STREAM));
        let thread = std::thread::spawn(move || {
            let mut seen = Seen::default();
            while !stopped.load(Ordering::Relaxed) {
                for path in &paths {
                    seen.origins.insert(match get(edge, path) {
                        Ok(answer) if answer.status == 200 => {
                            let state = answer.header("x-cache-status");
                            let is_kept = matches!(state, Some("HIT" | "UPDATING" | "STALE"));
                            seen.from_cache += u32::from(is_kept);
                            answer.header("x-origin").unwrap_or_default().to_owned()
                        }
                        Ok(answer) => format!("{path}: {answer:?}"),
                        Err(error) => format!("{path}: {error:#}"),
                    });
                    seen.answers += 1;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            seen
        });
        let edge_log = stage.folder().join("edge/error.log");
        let timeouts = timeouts(&edge_log);
        Self { stop, thread, edge_log, timeouts }
    }

    /// Ends it: all answers were 200, and most of them from the cache. The origins that they came from.
    fn ends(self) -> Result<BTreeSet<String>> {
        self.stop.store(true, Ordering::Relaxed);
        let Seen { answers, from_cache, origins } =
            self.thread.join().ok().context("the viewer fell")?;
        println!("{answers} lists, {from_cache} of them from the cache, by {origins:?}");
        let is_origin = |seen: &String| ["primary", "backup"].contains(&seen.as_str());
        ensure!(origins.iter().all(is_origin), "{origins:?}");
        ensure!(answers > 20 && from_cache * 2 > answers, "{from_cache} cached of {answers}");
        Ok(origins)
    }

    /// Ends it: besides, all came from this origin, unless the machine is so busy that it really was too
    /// late for the edge.
    fn was_served_by(self, origin: &str) -> Result<()> {
        let (edge_log, before) = (self.edge_log.clone(), self.timeouts);
        let origins = self.ends()?;
        let is_excused = timeouts(&edge_log) > before;
        let is_alone = origins == BTreeSet::from([origin.to_owned()]);
        ensure!(is_alone || is_excused, "{origins:?}, not the {origin} alone");
        Ok(())
    }
}
