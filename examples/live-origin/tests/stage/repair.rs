//! What is closed, and what mends itself: doors without a key, processes that are killed one by one.

use crate::{SecondEdge, get, media_playlist, on_air, path_of, playlist_of, quick, wait};
use anyhow::{Context, Result, ensure};
use live_origin::stage::{Origin, Stage};
use machine::shell;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use test_streams::pattern;
use videosphere::playlist::MediaPlaylist;

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg"]
fn doors_are_locked_and_what_is_killed_comes_back() -> Result<()> {
    on_air(quick(), |stage| {
        nobody_publishes_without_a_key(stage)?;
        keys_are_seen_by_their_owner_alone(stage)?;
        dates_are_those_in_the_picture(stage)?;
        let idle = SecondEdge::start(stage)?;
        edges_say_the_same(stage, &idle)?;
        let seen = media_playlist(idle.address, &playlist_of(stage, 0))?;
        what_is_killed_comes_back(stage)?;
        the_last_answer_stands_for_a_while(stage, &idle, &seen)
    })
}

/// Each door, by the same command: with its key, and with none, an empty one, a wrong one, and the
/// key of another door.
fn nobody_publishes_without_a_key(stage: &Stage) -> Result<()> {
    let addresses = stage.addresses();
    let (ingest, primary, backup) =
        (addresses.ingest_rtmp, addresses.primary.rtmp, addresses.backup.rtmp);
    let camera = stage.publish_url();
    let camera = camera.split_once("?key=").map_or("", |(_, key)| key);
    let own = stage.own_key();
    for key in ["", "?key=", "?key=wrong", &format!("?key={own}")] {
        let visitor = format!("visitor{key}");
        ensure!(
            publish((ingest, "live"), &visitor, own).is_err(),
            "the camera's opens for {key:?}"
        );
    }
    publish((ingest, "live"), &format!("visitor?key={camera}"), "")?;
    // The visitor is waited for, and stays published behind the ingest.
    let origins = [primary, backup].into_iter().flat_map(|at| [(at, "live"), (at, "hls")]);
    for door in origins.chain([(ingest, "stamped")]) {
        for (key, connection) in
            [("", ""), ("?key=wrong", "wrong"), (&format!("?key={camera}"), camera)]
        {
            let guest = format!("guest{key}");
            ensure!(publish(door, &guest, connection).is_err(), "{door:?} opens for {key:?}");
        }
        publish(door, "guest", own)?;
    }
    Ok(())
}

/// Sends a second of sound; an error where it is not let in. `connection`: what it connects with,
/// as one nginx does to another.
fn publish((rtmp, door): (SocketAddr, &str), name: &str, connection: &str) -> Result<()> {
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-f", "flv"]);
    if !connection.is_empty() {
        ffmpeg.args(["-rtmp_tcurl", connection]);
    }
    ffmpeg.arg(format!("rtmp://{rtmp}/{door}/{name}"));
    shell::capture(&mut ffmpeg).map(drop)
}

/// After publishers came, were refused and went: keys lie in files that only their owner may read, and
/// in no log and no command line, which others may.
fn keys_are_seen_by_their_owner_alone(stage: &Stage) -> Result<()> {
    let log = stage.folder().join("ingest/rtmp.log");
    wait("a line on a publisher who left", || {
        let said = std::fs::read_to_string(&log).ok()?;
        said.contains("PUBLISH \"live\" \"visitor\"").then_some(())
    })?;
    let camera = stage.publish_url();
    let camera = camera.split_once("?key=").map_or("", |(_, key)| key);
    for (whose, key) in [("the camera's", camera), ("the parts' own", stage.own_key())] {
        ensure!(running_with(key)?.is_empty(), "{whose} key is in a command line");
        let holders = holding(stage.folder(), key)?;
        ensure!(!holders.is_empty(), "{whose} key is nowhere");
        for file in holders {
            ensure!(file.extension().is_none_or(|it| it != "log"), "{whose} key in {file:?}");
            let mode = |path: &Path| path.metadata().map(|meta| meta.permissions().mode() & 0o777);
            ensure!(mode(&file)? == 0o600, "{whose} key in {file:?}, {:o}", mode(&file)?);
        }
        ensure!(stage.folder().metadata()?.permissions().mode() & 0o777 == 0o700);
    }
    Ok(())
}

/// Files below a folder that have this in them.
fn holding(folder: &Path, text: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text)?);
        } else if std::fs::read(&path).is_ok_and(|it| String::from_utf8_lossy(&it).contains(text)) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The time of day in the picture, against PROGRAM-DATE-TIME: how long it was on its way, from the
/// camera through the ingest to the origins.
fn dates_are_those_in_the_picture(stage: &Stage) -> Result<()> {
    let edge = stage.addresses().edge;
    let list = media_playlist(edge, &playlist_of(stage, 0))?;
    for segment in list.segments.iter().rev().take(2) {
        let date = segment.program_date_time_millis.context("a date")? / 1000.0;
        let drawn_secs = time_in_picture(stage, path_of(&segment.url)?)?;
        let late_secs = (date - drawn_secs + 43_200.0).rem_euclid(86_400.0) - 43_200.0;
        println!("a date {late_secs:.2} s after the picture's");
        ensure!((-0.1..0.7).contains(&late_secs), "{late_secs} s after the picture's clock");
    }
    Ok(())
}

/// Seconds since midnight, as the first frame of a segment shows them.
pub(crate) fn time_in_picture(stage: &Stage, path: &str) -> Result<f64> {
    // As `source.rs` draws them into 480 px.
    const DIGIT_PX: (usize, usize) = (16, 24);
    const LEFT_TOP_PX: (usize, usize) = (176, 72);
    let folder = stage.folder();
    let (segment, strip) = (folder.join("dated.ts"), folder.join("strip.ppm"));
    std::fs::write(&segment, get(stage.addresses().edge, path)?.body)?;
    pattern::digits(&strip)?;
    let frame = grey(&segment, "null")?;
    let strip = grey(&strip, "scale=160:24")?;
    let digit_at = |index: usize| {
        let left = (LEFT_TOP_PX.0 + index * DIGIT_PX.0 + index / 2 * (DIGIT_PX.0 / 3)) & !1;
        let difference = |digit: &usize| -> u32 {
            let rows = 0..DIGIT_PX.1;
            let pixels = rows.flat_map(|y| (0..DIGIT_PX.0).map(move |x| (x, y)));
            let pairs = pixels.map(|(x, y)| {
                let shown = frame[(LEFT_TOP_PX.1 + y) * 480 + left + x];
                shown.abs_diff(strip[y * 160 + digit * DIGIT_PX.0 + x])
            });
            pairs.map(u32::from).sum()
        };
        (0..10).min_by_key(difference).unwrap_or(0) as f64
    };
    let weights = [36_000.0, 3600.0, 600.0, 60.0, 10.0, 1.0, 0.1];
    Ok(weights.iter().enumerate().map(|(index, weight)| digit_at(index) * weight).sum())
}

/// The first picture of a file, a byte a pixel.
fn grey(file: &Path, filter: &str) -> Result<Vec<u8>> {
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-i"]).arg(file).args(["-frames:v", "1"]);
    ffmpeg.args(["-vf", &format!("{filter},format=gray"), "-f", "rawvideo", "-"]);
    Ok(shell::capture(&mut ffmpeg)?.stdout)
}

/// Whoever is sent to one edge, then the other, as fast as they answer, sees no number sink.
fn edges_say_the_same(stage: &Stage, second: &SecondEdge) -> Result<()> {
    let path = playlist_of(stage, 0);
    let mut edges = [stage.addresses().edge, second.address].into_iter().cycle();
    let numbers = |address| -> Result<(u64, u64)> {
        let list = media_playlist(address, &path)?;
        let number = |at: usize| list.segments[at].media_sequence;
        Ok((number(0), number(list.segments.len() - 1)))
    };
    let from = numbers(second.address)?;
    let (mut last, mut answers) = (from, 0);
    wait("five segments by two edges", || {
        let result = edges.next().context("an edge").and_then(numbers).and_then(|now| {
            ensure!(now.0 >= last.0 && now.1 >= last.1, "{last:?}, then {now:?}");
            (last, answers) = (now, answers + 1);
            Ok(())
        });
        (result.is_err() || last.1 >= from.1 + 5).then_some(result)
    })??;
    ensure!(answers > 20, "only {answers} answers");
    Ok(())
}

/// `kill -9` of one process, not of its group, as the workshop has it.
fn what_is_killed_comes_back(stage: &Stage) -> Result<()> {
    let [primary, edge] = [stage.addresses().primary.http, stage.addresses().edge];
    let master = |part: &str| -> Result<Pid> {
        let file = stage.folder().join(part).join("nginx.pid");
        Ok(Pid::from_raw(std::fs::read_to_string(file)?.trim().parse()?))
    };
    // The one that makes the primary's rungs.
    let ladder = || -> Result<Pid> {
        let output = format!("rtmp://{}/hls/", stage.addresses().primary.rtmp);
        let ids = running_with(&output)?;
        ensure!(ids.len() == 1, "{} processes publish to {output}", ids.len());
        Ok(ids[0])
    };
    let before = stage.restarts();
    for (what, victim, judge) in [
        ("the primary's master", master("primary")?, primary),
        ("the ingest's master", master("ingest")?, edge),
    ] {
        goes_on_after_the_death_of(stage, what, victim, judge)?;
    }
    ensure!(stage.restarts() >= before + 2, "they were not started again");
    let before = stage.restarts();
    let old = ladder()?;
    goes_on_after_the_death_of(stage, "the primary's ladder", old, primary)?;
    ensure!(ladder()? != old && stage.restarts() == before, "nginx starts it, nobody else");
    Ok(())
}

/// Waits until there are newer segments than when it died, and as many as before.
fn goes_on_after_the_death_of(
    stage: &Stage,
    what: &str,
    victim: Pid,
    judge: SocketAddr,
) -> Result<()> {
    let path = playlist_of(stage, 1);
    let newest = |address| -> Option<u64> {
        Some(media_playlist(address, &path).ok()?.segments.last()?.media_sequence)
    };
    let before = wait("a playlist", || newest(judge))?;
    kill(victim, Signal::SIGKILL)?;
    // More than what was on its way.
    wait(&format!("segments after the death of {what}"), || {
        newest(judge).filter(|newest| *newest > before + stage.options().window)
    })?;
    Ok(())
}

/// Processes with this in their command line.
fn running_with(part: &str) -> Result<Vec<Pid>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some(id) = id.filter(|_| String::from_utf8_lossy(&line).contains(part)) {
            found.push(Pid::from_raw(id));
        }
    }
    Ok(found)
}

/// Without an origin, an edge repeats what it has, unless that is so old that viewers have seen newer
/// lists by another edge.
fn the_last_answer_stands_for_a_while(
    stage: &Stage,
    idle: &SecondEdge,
    seen: &MediaPlaylist,
) -> Result<()> {
    let path = playlist_of(stage, 0);
    let edge = stage.addresses().edge;
    let seen = seen.segments[0].media_sequence;
    let first =
        |address| -> Result<u64> { Ok(media_playlist(address, &path)?.segments[0].media_sequence) };
    // Nobody has asked the second edge while so many segments came that its answer is too old.
    wait("a dozen segments and more", || first(edge).ok().filter(|first| *first > seen + 14))?;
    for origin in Origin::BOTH {
        stage.freeze(origin)?;
    }
    let last = wait("a stale answer", || {
        let answer = get(edge, &path).ok()?;
        (answer.header("x-cache-status") == Some("STALE")).then_some(answer)
    })?;
    let again = get(edge, &path)?;
    ensure!(last.status == 200 && again.status == 200, "{last:?}, {again:?}");
    ensure!(last.body == again.body, "numbers changed without an origin");
    let old = get(idle.address, &path)?;
    ensure!(old.status >= 500, "an answer of long ago: {old:?}");
    for origin in Origin::BOTH {
        stage.bring_back(origin)?;
    }
    let stood = first(edge)?;
    for address in [edge, idle.address] {
        wait("newer segments", || first(address).ok().filter(|first| *first > stood))?;
    }
    Ok(())
}
