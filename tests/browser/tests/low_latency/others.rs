//! The origin, judged by players that are not ours.

use super::{figures, plays_within, scene};
use anyhow::{Result, ensure};
use test_streams::live::LowLatencyOptions;

#[test]
#[ignore = "needs Chromium and ffmpeg"]
fn others_play_its_ll_hls_at_low_latency() -> Result<()> {
    scene(LowLatencyOptions::test()).play(|page| {
        for player in figures(page, &["hls.js", "shaka"], "/ll/master.m3u8")? {
            plays_within(&player, 4.0)?;
        }
        // They waited for playlists and asked for parts.
        let requests = page.server.requests();
        let asked = |what: &dyn Fn(&dev_server::Request) -> bool| requests.iter().any(what);
        ensure!(asked(&|it| it.query.contains("_HLS_part=")), "nobody waited for a part");
        ensure!(asked(&|it| it.path.ends_with(".2.m4s") && it.status == 200), "no part was taken");
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium and ffmpeg"]
fn others_play_parts_that_are_byte_ranges() -> Result<()> {
    let options = LowLatencyOptions { byte_ranges: true, ..LowLatencyOptions::test() };
    scene(options).play(|page| {
        for player in figures(page, &["hls.js"], "/ll/master.m3u8")? {
            plays_within(&player, 4.0)?;
        }
        Ok(())
    })
}

#[test]
#[ignore = "needs Chromium and ffmpeg"]
fn others_play_its_prefetch_stream() -> Result<()> {
    // They go by the target duration.
    let options = LowLatencyOptions { prefetch_target_secs: 2, ..LowLatencyOptions::test() };
    scene(options).play(|page| {
        for player in figures(page, &["hls.js"], "/ivs/master.m3u8")? {
            // They do not know the prefetch tags.
            plays_within(&player, 12.0)?;
        }
        Ok(())
    })
}
