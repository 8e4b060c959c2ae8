//! A rung too large to encode on the spot: pictures encoded once, repeated without end at the time
//! that is theirs.
//!
//! In: an MP4 file of whole segments, closed groups of pictures. Out: calls of a [`Sink`]. Which
//! picture comes when is a function of the time since the Unix epoch, so that it lies on the same
//! segments as what is encoded beside it, on every origin.

use super::encoder::{Gate, Sink, time_of};
use super::fmp4::{Event, Header, Read, Reader};
use super::samples::Sample;
use anyhow::{Context, Result, ensure};
use machine::shell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

/// Pictures in memory.
pub struct Looped {
    /// Of the one track.
    pub header: Header,
    samples: Vec<Read>,
    frame_rate: u32,
}

impl Looped {
    /// Reads the video of an MP4 file.
    pub fn read(file: &Path, frame_rate: u32) -> Result<Self> {
        let mut ffmpeg = shell::command("ffmpeg");
        ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(file);
        ffmpeg.args(["-map", "0:v:0", "-c", "copy", "-video_track_timescale", "90000"]);
        ffmpeg.args(["-f", "mp4", "-movflags", "+frag_every_frame+empty_moov+default_base_moof"]);
        let output = shell::capture(ffmpeg.arg("pipe:1"))?;
        let (mut header, mut samples) = (None, Vec::new());
        for event in Reader::default().push(&output.stdout)? {
            match event {
                Event::Header(it) => header = Some(it),
                Event::Samples(some) => samples.extend(some.into_iter().map(|(_, read)| read)),
            }
        }
        let header = header.with_context(|| format!("{} has no video", file.display()))?;
        ensure!(
            samples.first().is_some_and(|first| first.is_sync),
            "it begins without a key frame"
        );
        Ok(Self { header, samples, frame_rate })
    }

    /// How much earlier than it is shown a picture may have to be decoded, in ticks: the first
    /// picture's offset. Taken from all offsets, that picture is shown when it is decoded.
    pub fn reordering(&self) -> u32 {
        self.samples.first().map_or(0, |first| first.composition_offset.max(0) as u32)
    }

    /// Sends the pictures from this second since the Unix epoch on, as the track of this id, until
    /// the gate is closed.
    pub fn start(
        self,
        (id, start_secs): (u32, u64),
        gate: Arc<Gate>,
        sink: Arc<dyn Sink>,
    ) -> Result<Playing> {
        let rate = u64::from(self.frame_rate);
        let duration = self.header.tracks.first().context("no track")?.timescale / self.frame_rate;
        let reordering = self.reordering() as i32;
        let stop = Arc::clone(&gate);
        let thread = std::thread::Builder::new().name("looped".to_owned()).spawn(move || {
            // The encoder says what there is to write into.
            while !sink.is_ready() {
                if !gate.wait_for(Duration::ZERO) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            for number in start_secs * rate.. {
                if !gate.wait_for(time_of(number, rate)) {
                    return;
                }
                let read = &self.samples[(number % self.samples.len() as u64) as usize];
                let sample = Sample {
                    dts: number * u64::from(duration),
                    composition_offset: read.composition_offset - reordering,
                    duration,
                    is_sync: read.is_sync,
                    data: read.data.clone(),
                };
                sink.sample(id, sample);
            }
        })?;
        Ok(Playing { gate: stop, thread: Some(thread) })
    }
}

/// Pictures being sent; ends when dropped.
pub struct Playing {
    gate: Arc<Gate>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.gate.stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
