//! What is closed, and what mends itself: doors without a key, processes that are killed one by one.

use crate::{on_air, quick};
use anyhow::{Result, ensure};
use live_origin::stage::Stage;
use std::net::SocketAddr;
use xtask::shell;

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg"]
fn doors_are_locked_and_what_is_killed_comes_back() -> Result<()> {
    on_air(quick(), |stage| {
        nobody_publishes_without_a_key(stage)?;
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
