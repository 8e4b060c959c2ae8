//! Segments as a judge sees them who joins them: counters, tables, what ffmpeg says; and cameras that
//! send what few have in mind.

use crate::{get, media_playlist, on_air, path_of, quick, wait};
use anyhow::{Context, Result, ensure};
use live_origin::stage::{STREAM, Stage};
use machine::processes::Process;
use machine::shell;
use std::collections::BTreeMap;
use std::path::Path;

const PACKET: usize = 188;
/// How many are joined.
const JOINED: usize = 10;

#[test]
#[ignore = "needs nginx with its RTMP module, ffmpeg"]
fn segments_join_and_odd_cameras_are_told() -> Result<()> {
    on_air(quick(), |stage| {
        let _camera = odd_camera(stage)?;
        for rung in stage.options().ladder.names() {
            joins(stage, &format!("{STREAM}_{rung}"), &["video", "audio"])?;
        }
        what_browsers_do_not_play_is_left_out(stage)?;
        for rung in stage.options().ladder.names() {
            joins(stage, &format!("odd_{rung}"), &["video"])?;
        }
        Ok(())
    })
}

/// One without a microphone that sends 4:4:4.
fn odd_camera(stage: &Stage) -> Result<Process> {
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=480x240:r=24"]);
    ffmpeg.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-g", "24"]);
    let url = stage.publish_url().replace(STREAM, "odd");
    ffmpeg.args(["-sc_threshold", "0", "-flvflags", "no_duration_filesize", "-f", "flv"]).arg(url);
    Process::start(&mut ffmpeg)
}

/// Segments of one rung, taken from both origins in turn, are one transport stream.
fn joins(stage: &Stage, rung: &str, kinds: &[&str]) -> Result<()> {
    let addresses = stage.addresses();
    let origins = [addresses.primary.http, addresses.backup.http];
    let mut taken = BTreeMap::new();
    wait(&format!("{JOINED} segments of {rung}"), || {
        for origin in origins {
            let list = media_playlist(origin, &format!("/hls/{rung}/index.m3u8")).ok()?;
            for segment in list.segments {
                let number = segment.media_sequence;
                let origin = origins[(number % 2) as usize];
                let answer = || get(origin, path_of(&segment.url).ok()?).ok();
                if let std::collections::btree_map::Entry::Vacant(entry) = taken.entry(number) {
                    entry.insert(answer().filter(|answer| answer.status == 200)?.body);
                }
            }
        }
        (taken.len() >= JOINED).then_some(())
    })?;
    let (first, last) = taken.keys().next().zip(taken.keys().last()).context("segments")?;
    ensure!(last - first + 1 == taken.len() as u64, "{rung}: a number lacks");
    let joined = taken.into_values().map(|body| body.to_vec()).collect::<Vec<_>>();
    let tables = joined.iter().map(|segment| &segment[5..PACKET]).collect::<Vec<_>>();
    ensure!(tables.iter().all(|table| *table == tables[0]), "{rung}: tables change");
    let joined = joined.concat();
    counters_go_on(&joined).with_context(|| rung.to_owned())?;

    let file = stage.folder().join("joined.ts");
    std::fs::write(&file, &joined)?;
    ensure!(streams(&file)? == kinds, "{rung}: {:?}", streams(&file)?);
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "warning", "-i"]).arg(&file).args(["-f", "null", "-"]);
    let said = String::from_utf8_lossy(&shell::capture(&mut ffmpeg)?.stderr).into_owned();
    ensure!(said.is_empty(), "{rung}, joined: {said}");
    Ok(())
}

/// ISO/IEC 13818-1, 2.4.3.3: one more with each packet that has a payload, for each PID.
fn counters_go_on(stream: &[u8]) -> Result<()> {
    let mut last = BTreeMap::<u16, u8>::new();
    ensure!(stream.len().is_multiple_of(PACKET), "a packet is cut off");
    for (at, packet) in stream.chunks(PACKET).enumerate() {
        ensure!(packet[0] == 0x47, "packet {at} begins otherwise");
        let pid = u16::from_be_bytes([packet[1], packet[2]]) & 0x1fff;
        let (counter, counts) = (packet[3] & 15, packet[3] >> 4 & 1);
        if let Some(last) = last.insert(pid, counter) {
            ensure!(
                counter == (last + counts) % 16,
                "packet {at}, PID {pid:#x}: {last}, {counter}"
            );
        }
    }
    Ok(())
}

/// What a file announces, by kind.
fn streams(file: &Path) -> Result<Vec<String>> {
    let mut ffprobe = shell::command("ffprobe");
    ffprobe.args(["-v", "error", "-of", "csv=p=0", "-show_entries", "stream=codec_type"]);
    let mut kinds: Vec<String> =
        shell::read(ffprobe.arg(file))?.split_whitespace().map(str::to_owned).collect();
    kinds.sort_unstable_by(|one, other| other.cmp(one));
    // A programme's streams are told twice.
    kinds.dedup();
    Ok(kinds)
}

/// The rungs below are encoded here, and play.
fn what_browsers_do_not_play_is_left_out(stage: &Stage) -> Result<()> {
    let edge = stage.addresses().edge;
    let list = wait("the odd camera's list", || get(edge, "/hls/odd.m3u8").ok()?.text().ok())?;
    let [top, below] = &stage.options().ladder.names()[..] else { anyhow::bail!("two rungs") };
    ensure!(list.contains(&format!("\n# odd_{top} is left out: the camera sends 4:4:4")), "{list}");
    ensure!(list.contains(&format!("\nodd_{below}/index.m3u8\n")), "{list}");
    ensure!(list.matches("#EXT-X-STREAM-INF:").count() == 1, "{list}");
    let top_alone = get(stage.addresses().primary.http, "/hls/odd.top.m3u8")?;
    let said = String::from_utf8_lossy(&top_alone.body).into_owned();
    ensure!(top_alone.status == 404 && said.contains("NV12 or I420"), "{said}");
    let news = stage.news();
    let is_told = |line: &String| line.starts_with(&format!("odd_{top} is not listed: the camera"));
    ensure!(!news.is_empty() && news.len() <= 2 && news.iter().all(is_told), "{news:?}");
    Ok(())
}
