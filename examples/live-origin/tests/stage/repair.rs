//! What is closed, and what mends itself: doors without a key, processes that are killed one by one.

use crate::{get, media_playlist, on_air, path_of, playlist_of, quick};
use anyhow::{Context, Result, ensure};
use live_origin::stage::Stage;
use std::net::SocketAddr;
use std::path::Path;
use xtask::{pattern, shell};

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg"]
fn doors_are_locked_and_what_is_killed_comes_back() -> Result<()> {
    on_air(quick(), |stage| {
        nobody_publishes_without_a_key(stage)?;
        dates_are_those_in_the_picture(stage)?;
        Ok(())
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
    for (door, right, other) in
        [((ingest, "live"), camera, own), ((ingest, "stamped"), own, camera)]
            .into_iter()
            .chain([(primary, "hls"), (backup, "hls")].map(|door| (door, own, camera)))
    {
        for key in ["", "?key=", "?key=wrong", &format!("?key={other}")] {
            ensure!(publish(door, key, "").is_err(), "{door:?} opens for {key:?}");
        }
        publish(door, &format!("?key={right}"), "")?;
    }
    for door in [(primary, "live"), (backup, "live")] {
        for (key, connection) in
            [("", ""), ("?key=wrong", "wrong"), (&format!("?key={camera}"), camera)]
        {
            ensure!(publish(door, key, connection).is_err(), "{door:?} opens for {key:?}");
        }
        publish(door, "", own)?;
    }
    Ok(())
}

/// Sends a second of sound; an error where it is not let in. `connection`: what it connects with,
/// as one nginx does to another.
fn publish((rtmp, door): (SocketAddr, &str), key: &str, connection: &str) -> Result<()> {
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-f", "flv"]);
    if !connection.is_empty() {
        ffmpeg.args(["-rtmp_tcurl", connection]);
    }
    ffmpeg.arg(format!("rtmp://{rtmp}/{door}/visitor{key}"));
    shell::capture(&mut ffmpeg).map(drop)
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
fn time_in_picture(stage: &Stage, path: &str) -> Result<f64> {
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
