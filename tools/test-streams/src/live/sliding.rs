//! A live stream: an encoded sample, repeated without end and sent in real time by ffmpeg as a
//! sliding-window HLS ladder with PROGRAM-DATE-TIME.
//!
//! The frames are encoded once and only copied here, so that even the 3840 px rung costs a small
//! machine next to nothing. ffmpeg is watched, and started again where it ends; it goes when the
//! handle does.

use crate::sample::{Recipe, SEGMENT_SECS, Sample};
use anyhow::{Result, bail};
use machine::processes::Process;
use machine::shell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the watchman looks.
const WATCH: Duration = Duration::from_millis(500);

/// How the stream looks.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Segments in the playlist.
    pub window_segments: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { window_segments: 15 }
    }
}

/// A running live stream; ends when dropped.
pub struct Live {
    folder: PathBuf,
    widths_px: Vec<u32>,
    stop: Option<Sender<()>>,
    watchman: Option<JoinHandle<()>>,
}

impl Live {
    /// Starts sending. The first segment is complete after its length has passed.
    pub fn start(sample: &Sample, recipe: &Recipe, options: Options) -> Result<Self> {
        let folder = own_folder()?;
        let widths_px: Vec<u32> = recipe.rungs.iter().map(|rung| rung.width_px).collect();
        for width in &widths_px {
            std::fs::create_dir_all(folder.join(width.to_string()))?;
        }
        // The same rungs at the same rates as in the recorded package.
        std::fs::copy(sample.folder.join("ts/master.m3u8"), folder.join("master.m3u8"))?;
        let sent = Sent { sample: sample.clone(), widths_px: widths_px.clone(), options };
        let first = sent.start(&folder, false)?;
        let (stop, stopped) = mpsc::channel();
        let watched = folder.clone();
        let watchman = std::thread::Builder::new().name("live".to_owned()).spawn(move || {
            let mut ffmpeg = Some(first);
            while stopped.recv_timeout(WATCH) == Err(RecvTimeoutError::Timeout) {
                if let Some(status) = ffmpeg.as_mut().and_then(Process::ended) {
                    ffmpeg = None;
                    shell::say(format!("live: ffmpeg ended with {status}"));
                }
                if ffmpeg.is_none() {
                    // Not while this program is being ended.
                    ffmpeg = sent.start(&watched, true).ok();
                }
            }
        })?;
        Ok(Self { folder, widths_px, stop: Some(stop), watchman: Some(watchman) })
    }

    /// Holds `master.m3u8`: what the server mounts.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits until every rung has so many segments.
    pub fn wait_for_segments(&self, count: usize, limit: Duration) -> Result<()> {
        let started = Instant::now();
        let has = |width: &u32| {
            let path = self.folder.join(format!("{width}/index.m3u8"));
            let text = std::fs::read_to_string(path).unwrap_or_default();
            text.matches("#EXTINF").count() >= count
        };
        while !self.widths_px.iter().all(has) {
            if started.elapsed() > limit {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("no {count} live segments after {limit:?}: {log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(watchman) = self.watchman.take() {
            let _ = watchman.join();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What ffmpeg is told, each time it is started.
struct Sent {
    sample: Sample,
    widths_px: Vec<u32>,
    options: Options,
}

impl Sent {
    fn start(&self, folder: &Path, again: bool) -> Result<Process> {
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.current_dir(folder).args(["-v", "warning", "-nostdin", "-y"]);
        for width in &self.widths_px {
            // Sound and picture from one file, so that they repeat together.
            ffmpeg.args(["-re", "-stream_loop", "-1", "-i"]).arg(self.sample.rung(*width));
        }
        let mut flags =
            "delete_segments+program_date_time+temp_file+independent_segments".to_owned();
        if again {
            flags.push_str("+append_list+discont_start");
        }
        for (index, width) in self.widths_px.iter().enumerate() {
            ffmpeg
                .args(["-map", &index.to_string(), "-c", "copy", "-f", "hls"])
                // Less than the distance of key frames: each of them begins a segment.
                .args(["-hls_time", &(SEGMENT_SECS - 1).to_string(), "-hls_flags", &flags])
                .args(["-hls_list_size", &self.options.window_segments.to_string()])
                .args(["-hls_delete_threshold", "5"])
                .args(["-hls_segment_filename", &format!("{width}/%06d.ts")])
                .arg(format!("{width}/index.m3u8"));
        }
        let log = File::options().create(true).append(true).open(folder.join("log"))?;
        Process::start(ffmpeg.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log))
    }
}

/// A folder for this process's stream; those of processes that are gone are cleared away.
pub(super) fn own_folder() -> Result<PathBuf> {
    machine::processes::own_folder("live")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    #[ignore = "needs ffmpeg: cargo test -p test-streams -- --ignored"]
    fn a_sliding_window_with_dates_that_ends_with_its_handle() {
        let recipe = Recipe::test();
        let sample = sample::make(&recipe).unwrap();
        let live = Live::start(&sample, &recipe, Options { window_segments: 3 }).unwrap();
        let path = live.folder().join("240/index.m3u8");
        let started = Instant::now();
        loop {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            if text.contains("#EXT-X-MEDIA-SEQUENCE:1") {
                assert_eq!(text.matches("#EXT-X-PROGRAM-DATE-TIME").count(), 3, "{text}");
                assert!(!text.contains("#EXT-X-ENDLIST"));
                assert!(text.contains("#EXT-X-TARGETDURATION:2\n"), "{text}");
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{text}");
            std::thread::sleep(Duration::from_millis(100));
        }
        let folder = live.folder().to_owned();
        drop(live);
        assert!(!folder.exists());
    }
}
