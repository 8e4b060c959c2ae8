//! The camera and its encoder: frames drawn at their time, sent through ffmpeg, and read again as
//! samples.
//!
//! In: a [`Recipe`]. Out: calls of a [`Sink`], from a thread of its own. Frame `n` is drawn `n`
//! frame durations after the Unix epoch; audio frames lie on a grid that begins there too. The
//! encoder starts at a time that both grids share, a little in the past, and catches up, so that
//! the stream has a past when it begins. Where ffmpeg ends it is started again, and what was sent
//! already is left out by whoever takes the samples: with the picture a function of time, a crash
//! leaves no trace.

use super::date;
use super::fmp4::{Event, Header, Reader};
use super::picture::Painter;
use super::samples::{Codec, Sample};
use crate::sample::Picture;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use machine::processes::Process;
use machine::shell;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Samples a second of audio.
const AUDIO_RATE: u64 = 48_000;
/// Samples in an AAC frame.
const AUDIO_FRAME: u64 = 1024;
/// Whole numbers of video frames, of audio frames (375) and of segments fit in it.
pub const GRID_SECS: u64 = 8;
/// Lag from which on catching up is given up and the encoder started anew: the machine slept.
const HOPELESS: Duration = Duration::from_secs(30);

/// What is encoded.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// What the camera sees.
    pub picture: Picture,
    /// Of each rung, each twice as wide as high, a multiple of 80.
    pub widths_px: Vec<u32>,
    /// Frames a second: a divisor of 240 and a multiple of 6, so that parts are whole frames.
    pub frame_rate: u32,
    /// Since the Unix epoch, a multiple of [`GRID_SECS`]; what is past by then is encoded at once.
    pub start_secs: u64,
}

/// Where samples go.
pub trait Sink: Send + Sync {
    /// Whether the header has come.
    fn is_ready(&self) -> bool;
    /// What the encoder makes: the same each time it starts.
    fn header(&self, header: &Header);
    /// One sample of one track.
    fn sample(&self, track_id: u32, sample: Sample);
}

/// Stops and freezes what makes a stream.
#[derive(Debug, Default)]
pub struct Gate {
    pub stopped: AtomicBool,
    pub frozen: AtomicBool,
}

impl Gate {
    /// Waits until this time has come and the gate is not frozen; false when it is stopped.
    pub fn wait_for(&self, time: Duration) -> bool {
        loop {
            if self.stopped.load(Ordering::Relaxed) {
                return false;
            }
            let left = time.saturating_sub(date::now());
            let is_frozen = self.frozen.load(Ordering::Relaxed);
            if left.is_zero() && !is_frozen {
                return true;
            }
            let step = if is_frozen { Duration::from_millis(10) } else { left };
            std::thread::sleep(step.min(Duration::from_millis(100)));
        }
    }
}

/// A running encoder; ends when dropped.
pub struct Encoder {
    gate: Arc<Gate>,
    ffmpeg: Arc<Mutex<Option<Process>>>,
    thread: Option<JoinHandle<()>>,
}

impl Encoder {
    /// Starts it.
    pub fn start(
        recipe: &Recipe,
        folder: &Path,
        gate: Arc<Gate>,
        sink: Arc<dyn Sink>,
    ) -> Result<Self> {
        let widest = recipe.widths_px.iter().max().copied().context("a ladder without rungs")?;
        let painter = Painter::new(recipe.picture, widest, recipe.frame_rate, folder)?;
        let painter = Arc::new(Mutex::new(painter));
        let ffmpeg = Arc::new(Mutex::new(None));
        let first = Run::start(recipe, recipe.start_secs, &ffmpeg)?;
        let (recipe, running, run_gate) = (recipe.clone(), Arc::clone(&ffmpeg), Arc::clone(&gate));
        let thread = std::thread::Builder::new().name("encoder".to_owned()).spawn(move || {
            let mut run = Some(first);
            while !run_gate.stopped.load(Ordering::Relaxed) {
                let ended = match run.take() {
                    Some(run) => run.feed_and_read(&painter, &run_gate, &*sink),
                    None => {
                        // Far enough back that the grid's next line cannot lie between what was
                        // sent last and what comes first.
                        let overlapping = date::now().as_secs() - GRID_SECS / 2;
                        let start_secs = overlapping / GRID_SECS * GRID_SECS;
                        Run::start(&recipe, start_secs, &running).map(|again| run = Some(again))
                    }
                };
                if run.is_none() && !run_gate.stopped.load(Ordering::Relaxed) {
                    let why = ended.err().map(|error| format!(": {error:#}")).unwrap_or_default();
                    shell::say(format!("live: the encoder ended and is started again{why}"));
                    std::thread::sleep(Duration::from_millis(200));
                }
            }
        })?;
        Ok(Self { gate, ffmpeg, thread: Some(thread) })
    }

    /// Ends ffmpeg as a crash would; it is started again.
    pub fn crash(&self) {
        lock(&self.ffmpeg).take();
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.gate.stopped.store(true, Ordering::Relaxed);
        lock(&self.ffmpeg).take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// When a frame of this number since the Unix epoch is due.
pub fn time_of(number: u64, frame_rate: u64) -> Duration {
    let within = number % frame_rate * 1_000_000_000 / frame_rate;
    Duration::from_secs(number / frame_rate) + Duration::from_nanos(within)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One life of ffmpeg.
struct Run {
    start_secs: u64,
    frame_rate: u32,
    input: std::process::ChildStdin,
    output: std::process::ChildStdout,
}

impl Run {
    fn start(recipe: &Recipe, start_secs: u64, ffmpeg: &Mutex<Option<Process>>) -> Result<Self> {
        let mut command = command(recipe);
        let mut process = Process::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let input = process.child().stdin.take().context("ffmpeg without an input")?;
        let output = process.child().stdout.take().context("ffmpeg without an output")?;
        *lock(ffmpeg) = Some(process);
        Ok(Self { start_secs, frame_rate: recipe.frame_rate, input, output })
    }

    /// Feeds and reads until ffmpeg ends.
    fn feed_and_read(self, painter: &Mutex<Painter>, gate: &Gate, sink: &dyn Sink) -> Result<()> {
        let (start_secs, frame_rate) = (self.start_secs, u64::from(self.frame_rate));
        let mut counted = Counted { start_secs, frame_rate, tracks: HashMap::new() };
        let (mut input, mut output) = (self.input, self.output);
        std::thread::scope(|scope| {
            let feeder = std::thread::Builder::new().name("camera".to_owned());
            feeder.spawn_scoped(scope, move || {
                let mut painter = lock(painter);
                for number in start_secs * frame_rate.. {
                    let time = time_of(number, frame_rate);
                    let is_open = gate.wait_for(time);
                    let is_hopeless = date::now().saturating_sub(time) > HOPELESS;
                    if !is_open || is_hopeless || input.write_all(painter.frame(number)).is_err() {
                        // Without input ffmpeg ends, and the reading below with it.
                        return;
                    }
                }
            })?;
            let (mut reader, mut buffer) = (Reader::default(), vec![0; 64 * 1024]);
            loop {
                let length = output.read(&mut buffer)?;
                if length == 0 {
                    return Ok(());
                }
                for event in reader.push(&buffer[..length])? {
                    counted.take(event, sink)?;
                }
            }
        })
    }
}

/// Gives samples their times by counting them.
struct Counted {
    start_secs: u64,
    frame_rate: u64,
    /// By id: whether it is video, ticks a sample, the next sample's time.
    tracks: HashMap<u32, (bool, u64, u64)>,
}

impl Counted {
    fn take(&mut self, event: Event, sink: &dyn Sink) -> Result<()> {
        let samples = match event {
            Event::Header(header) => {
                for track in &header.tracks {
                    let timescale = u64::from(track.timescale);
                    let begin = self.start_secs * timescale;
                    let (duration, next) = match track.codec {
                        Codec::Avc { .. } => (timescale / self.frame_rate, begin),
                        // The encoder's first frame holds what comes before the sound's begin.
                        Codec::Aac { .. } => (AUDIO_FRAME, begin - AUDIO_FRAME),
                    };
                    self.tracks.insert(track.id, (track.is_video(), duration, next));
                }
                sink.header(&header);
                return Ok(());
            }
            Event::Samples(samples) => samples,
        };
        for (id, read) in samples {
            let Some((is_video, duration, next)) = self.tracks.get_mut(&id) else {
                bail!("samples of track {id}, which the header lacks");
            };
            let sample = Sample {
                dts: *next,
                composition_offset: read.composition_offset,
                duration: *duration as u32,
                is_sync: read.is_sync,
                data: if *is_video { without_sei(read.data) } else { read.data },
            };
            *next += *duration;
            sink.sample(id, sample);
        }
        Ok(())
    }
}

/// A picture without supplemental information: in its first picture the encoder introduces itself,
/// and that picture would be another one than the same picture of another origin.
fn without_sei(data: Bytes) -> Bytes {
    const SEI: u8 = 6;
    let mut units = Vec::new();
    let mut rest = data.clone();
    while let Some(&[a, b, c, d]) = rest.first_chunk() {
        let length = (u32::from_be_bytes([a, b, c, d]) as usize).saturating_add(4);
        if length > rest.len() {
            return data;
        }
        units.push(rest.split_to(length));
    }
    let is_sei = |unit: &Bytes| unit.get(4).is_some_and(|byte| byte & 31 == SEI);
    if !units.iter().any(is_sei) {
        return data;
    }
    units.retain(|unit| !is_sei(unit));
    units.concat().into()
}

/// ffmpeg from raw frames to one fragment a frame, every rung and the tone in one pipe.
fn command(recipe: &Recipe) -> Command {
    let widest = recipe.widths_px.iter().max().copied().unwrap_or_default();
    let rate = recipe.frame_rate.to_string();
    let mut graph = format!("[0:v]split={}", recipe.widths_px.len());
    for index in 0..recipe.widths_px.len() {
        graph.push_str(&format!("[s{index}]"));
    }
    for (index, width) in recipe.widths_px.iter().enumerate() {
        graph.push_str(&format!(";[s{index}]scale={width}:{}:flags=area[v{index}]", width / 2));
    }
    let mut ffmpeg = shell::command("ffmpeg");
    ffmpeg
        .args(["-v", "fatal", "-probesize", "32", "-fflags", "nobuffer"])
        .args(["-f", "rawvideo", "-pixel_format", "yuv420p", "-framerate", &rate])
        .args(["-video_size", &format!("{widest}x{}", widest / 2), "-i", "pipe:0"])
        // Whole periods fit into the grid, so that every start is in phase; a beep each second.
        .args(["-f", "lavfi", "-i", &format!("sine=f=440:beep_factor=4:r={AUDIO_RATE}")])
        .args(["-filter_complex", &graph]);
    for index in 0..recipe.widths_px.len() {
        ffmpeg.args(["-map", &format!("[v{index}]")]);
    }
    ffmpeg
        .args(["-map", "1:a", "-ac", "2", "-c:a", "aac", "-b:a", "64k"])
        .args(["-vsync", "passthrough", "-c:v", "libx264", "-preset", "ultrafast"])
        // One thread and a fixed quantiser: each group of pictures depends on itself alone.
        .args(["-tune", "zerolatency", "-threads", "1", "-qp", "28"])
        // A key frame each second: parts can be joined there, segments begin at every second one.
        .args(["-g", &rate, "-keyint_min", &rate, "-sc_threshold", "0"])
        .args(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"])
        .args(["-color_range", "tv", "-video_track_timescale", "90000"])
        .args(["-f", "mp4", "-movflags", "+frag_every_frame+empty_moov+default_base_moof"])
        .args(["-flush_packets", "1", "pipe:1"]);
    ffmpeg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sei_is_left_out() {
        let unit = |kind: u8, length: u8| {
            [&[0, 0, 0, length + 1, kind][..], &vec![9; length.into()]].concat()
        };
        let data = Bytes::from([unit(0x06, 3), unit(0x65, 5)].concat());
        assert_eq!(without_sei(data), unit(0x65, 5));
        let damaged = Bytes::from_static(&[0, 0, 0, 9, 6]);
        assert_eq!(without_sei(damaged.clone()), damaged);
    }

    #[test]
    fn frames_are_due_on_their_grid() {
        assert_eq!(time_of(1_795_201_600 * 30, 30), Duration::from_secs(1_795_201_600));
        assert_eq!(time_of(46, 30), Duration::from_nanos(1_533_333_333));
    }
}
