//! What a person is told, and what `load` finds a running stage by.

use super::{Addresses, STREAM, Stage};
use anyhow::Result;
use machine::{processes, shell};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::PathBuf;

/// A running stage, as written to `target/stage/running.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Running {
    /// Where it listens.
    pub addresses: Addresses,
    /// Its folder.
    pub folder: PathBuf,
    /// Names of the rungs, from high to low.
    pub rungs: Vec<String>,
}

impl Running {
    /// Of a stage.
    #[must_use]
    pub fn of(stage: &Stage) -> Self {
        Self {
            addresses: stage.addresses().clone(),
            folder: stage.folder().to_owned(),
            rungs: stage.options().ladder.names(),
        }
    }

    fn path() -> PathBuf {
        shell::target().join("stage/running.json")
    }

    /// Says that it runs, until this program is ended.
    pub fn announce(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        std::fs::write(Self::path(), &text)?;
        processes::at_end(move || {
            // Another stage may have announced itself since.
            if std::fs::read_to_string(Self::path()).is_ok_and(|found| found == text) {
                let _ = std::fs::remove_file(Self::path());
            }
        });
        Ok(())
    }

    /// The stage that runs, if one does.
    #[must_use]
    pub fn find() -> Option<Self> {
        let running: Self =
            serde_json::from_str(&std::fs::read_to_string(Self::path()).ok()?).ok()?;
        super::is_listening(running.addresses.edge).then_some(running)
    }
}

/// URLs and commands.
pub fn print_table(stage: &Stage, page: Option<&str>) {
    println!("{}", table(stage, page));
}

fn table(stage: &Stage, page: Option<&str>) -> String {
    let addresses = stage.addresses();
    let (edge, key) = (addresses.edge, &stage.key);
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<22} {value}");
    };
    if let Some(page) = page {
        row("the player", page);
    }
    row("for viewers (edge)", &stage.viewer_url());
    row("  without the top rung", &format!("http://{edge}/hls/{STREAM}.main.m3u8"));
    row("  the top rung alone", &format!("http://{edge}/hls/{STREAM}.top.m3u8"));
    if stage.options().with_dash {
        row("  DASH", &format!("http://{edge}/dash/{STREAM}.mpd"));
        row("  Smooth Streaming", &format!("http://{edge}/smooth/{STREAM}.isml/Manifest"));
    }
    row("primary origin", &format!("http://{}/hls/{STREAM}.m3u8", addresses.primary.http));
    row("backup origin", &format!("http://{}/hls/{STREAM}.m3u8", addresses.backup.http));
    row("statistics: ingest", &format!("http://{}/stat", addresses.ingest_http));
    row("  primary", &format!("http://{}/stat", addresses.primary.http));
    row("  backup", &format!("http://{}/stat", addresses.backup.http));
    if stage.options().with_recording {
        row("recordings", "become video on demand when a camera stops; told here");
    }
    row("logs", &stage.folder().display().to_string());
    let rtmp = addresses.ingest_rtmp;
    let interval_secs = stage.options().segment_millis as f64 / 1000.0;
    let _ = write!(
        text,
        "\n  a camera of your own (H.264 and AAC, a key frame every {interval_secs} s); start the stage with\n  \
         --source none, or publish under another name than {STREAM}:\n    \
         OBS       Settings, Stream: Custom; server rtmp://{rtmp}/live, key {STREAM}?key={key}\n              \
         Settings, Output: keyframe interval {interval_secs} s\n    \
         ffmpeg    ffmpeg -re -i FILE -c:v libx264 -pix_fmt yuv420p -sc_threshold 0 \\\n                \
         -force_key_frames 'expr:gte(t,n_forced*{interval_secs})' -c:a aac -f flv \\\n                '{}'\n",
        stage.publish_url(),
    );
    text
}
