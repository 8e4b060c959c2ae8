//! What `packagings` holds DASH against: the manifest against the segments, and what viewers see.

use crate::{answer, get, media_playlist, playlist_of, wait};
use anyhow::{Context, Result, ensure};
use browser_tests::Scene;
use live_origin::stage::{STREAM, Stage};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};
use webdriver::Browser::Chromium;

/// How much of the media has to be played.
const PLAYED_SECS: f64 = 60.0;

/// Holds each segment that a manifest lists against what it says of it.
pub(crate) fn tells_the_truth(stage: &Stage, name: &str) -> Result<()> {
    let edge = stage.addresses().edge;
    let path = format!("/dash/{name}.mpd");
    let manifest = wait(&format!("segments in {path}"), || get(edge, &path).ok()?.text().ok())?;
    let now = unix_secs()?;
    let tracks: Vec<&str> = manifest.split("<Representation ").skip(1).collect();
    ensure!(tracks.len() == stage.options().ladder.rungs.len() + 1, "{manifest}");
    for track in tracks {
        let at = |attribute: &str| text(track, attribute).context("no such attribute");
        let (timescale, first): (f64, u64) =
            (at("timescale")?.parse()?, at("startNumber")?.parse()?);
        let init = answer(edge, &format!("/dash/{}", at("initialization")?))?;
        ensure!(find(&init.body, b"moov").is_some(), "{track}");
        ensure!(find(&init.body, b"elst").is_none(), "an edit list moves times: {track}");
        let mut due = None;
        let spans = track.split("<S").filter(|span| span.starts_with(' '));
        for (number, span) in (first..).zip(spans) {
            let of = |attribute: &str| text(span, attribute)?.parse::<u64>().ok();
            let (start, duration) = (of("t").context("S@t")?, of("d").context("S@d")?);
            let secs = |units: u64| units as f64 / timescale;
            ensure!(secs(start + duration) < now, "segment {number} ends in the future: {track}");
            // A unit is what rounding takes.
            let is_next = due.is_none_or(|due: u64| start.abs_diff(due) <= 1);
            ensure!(is_next, "{number} does not follow on: {track}");
            due = Some(start + duration);
            let url = at("media")?.replace("$Number$", &number.to_string());
            // What has left the list since may be gone; a busy origin may ask to be asked again.
            let media = wait(&url, || {
                let answer = get(edge, &format!("/dash/{url}")).ok()?;
                let list = || get(edge, &path).ok()?.text().ok();
                match answer.status {
                    200 => Some(Some(answer.body)),
                    _ => (number < first_number(&list()?).ok()?).then_some(None),
                }
            })?;
            let Some(media) = media else { continue };
            let tfdt = find(&media, b"tfdt").with_context(|| format!("{url} is no fragment"))?;
            // Behind version and flags.
            let decode = media.get(tfdt + 8..tfdt + 16).and_then(|it| it.try_into().ok());
            let decode = u64::from_be_bytes(decode.context("a tfdt cut short")?);
            // The camera's own frames may be shown later than they are decoded.
            let reordered =
                if track.contains(&format!("{}-video", stage.options().ladder.rungs[0].name)) {
                    0.5
                } else {
                    0.0
                };
            let late_secs = secs(start) - secs(decode);
            ensure!((0.0..=reordered).contains(&late_secs), "{url} says {decode}, not {start}");
        }
    }
    if name == STREAM {
        as_hls_has_it(stage, &manifest)?;
    }
    Ok(())
}

/// Of the oldest segment listed.
fn first_number(manifest: &str) -> Result<u64> {
    Ok(text(manifest, "startNumber").context("no number")?.parse()?)
}

/// Now, as media times count.
pub(crate) fn unix_secs() -> Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64())
}

/// The dates of HLS are those of DASH.
fn as_hls_has_it(stage: &Stage, manifest: &str) -> Result<()> {
    let list = media_playlist(stage.addresses().edge, &playlist_of(stage, 0))?;
    let first = first_number(manifest)?;
    let start: f64 = text(manifest, "t").context("S@t")?.parse()?;
    let same = list.segments.iter().find(|segment| segment.media_sequence == first);
    let date = same.and_then(|segment| segment.program_date_time_millis);
    let Some(date) = date else { return Ok(()) };
    ensure!((start / 90.0 - date).abs() < 300.0, "segment {first}: {start} ticks, {date} ms");
    Ok(())
}

/// The first attribute of this name.
fn text<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn find(bytes: &[u8], kind: &[u8; 4]) -> Option<usize> {
    bytes.windows(4).position(|four| four == kind)
}

/// dash.js and Shaka, side by side, in a browser whose clock is wrong.
pub(crate) struct Viewers<'a>(&'a browser_tests::PlayerPage);

impl<'a> Viewers<'a> {
    pub fn scene(stage: &Stage) -> Scene {
        let pages = live_origin::folder().join("tests/pages");
        let url = format!("http://{}/dash/{STREAM}.mpd", stage.addresses().edge);
        let page = format!("/stage/dash.html?url={url}");
        Scene::new(Chromium).mounting("/stage/", pages).on(&page)
    }

    pub fn new(scene: &'a browser_tests::PlayerPage) -> Result<Self> {
        scene.wait("players.every((it) => it.video.videoWidth && it.seen.secs > 2)")?;
        let asked =
            "performance.getEntriesByType('resource').some((it) => it.name.endsWith('/dash/time'))";
        ensure!(scene.get(asked)? == true, "nobody asked for the time");
        // What a slow start may have cost is over.
        scene.act("forget()")?;
        Ok(Self(scene))
    }

    /// Down and up the ladder; then nothing may have been noticed.
    pub fn watch_for_a_minute(&self) -> Result<()> {
        let scene = self.0;
        let mut switches = 0;
        for width in [240, 480].into_iter().cycle() {
            if scene.number("Math.min(...players.map((it) => it.seen.secs))")? >= PLAYED_SECS {
                break;
            }
            scene.act(&format!("choose({width})"))?;
            scene.wait(&format!("players.every((it) => it.video.videoWidth === {width})"))?;
            switches += 1;
        }
        println!("{switches} switches; {}", scene.get("JSON.stringify(told())")?);
        ensure!(switches >= 4, "only {switches} switches");
        for player in 0..2 {
            let of = |what: &str| scene.get(&format!("players[{player}].{what}"));
            ensure!(of("errors")? == json!([]) && of("seen.starved")? == json!([]), "a freeze");
            ensure!(of("seen.framesBack")? == json!([]), "frames run backwards");
            let number = |what: &str| scene.number(&format!("players[{player}].{what}"));
            let (still, back) = (number("seen.stillSecs")?, number("seen.backSecs")?);
            ensure!(still < 1.0 && back <= 0.0, "{still} s of standstill, {back} s back");
            // A machine short of cores loses some of it without a standstill.
            let pace = number("seen.secs")? / number("seen.wallSecs")?;
            ensure!((0.85..1.1).contains(&pace), "{pace} s a second");
            // By the media's own times.
            let latency_secs = number("latencySecs")?;
            ensure!((4.0..30.0).contains(&latency_secs), "{latency_secs} s behind");
        }
        Ok(())
    }

    /// Once the camera, which was away until this moment, can be seen again: a player may be dry by then,
    /// or yet to come to the hole. Frames of their own time, and more of them than one picture.
    pub fn go_on(&self, back_secs: f64) -> Result<()> {
        self.0.act(&format!("expect({back_secs})"))?;
        self.0.wait("players.some((it) => it.seen.newFrames > 0)")?;
        self.0.wait("players.every((it) => it.seen.newFrames > 40)")?;
        Ok(())
    }
}
