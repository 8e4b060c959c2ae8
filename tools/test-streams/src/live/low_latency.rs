//! One camera, served both ways: Low-Latency HLS and prefetch streams.
//!
//! In: [`Options`]. Out: two [`Origin`]s for the server, and switches for what may go wrong. The
//! numbers of segments, where they begin and what they show are functions of the time since the
//! Unix epoch: two of these beside one another are a primary and a backup.

mod options;

pub use options::{LoopedRung, Options};

use super::encoder::{self, Encoder, GRID_SECS, Gate, Sink};
use super::fmp4::Header;
use super::ivs::{self, Ivs, Variant};
use super::ll_hls::{self, LlHls, Made, Rendition};
use super::looped::{Looped, Playing};
use super::samples::{self, Track};
use super::window::{Changes, Health, Window};
use super::{cmaf, date, sliding};
use anyhow::{Result, bail};
use dev_server::Origin;
use machine::tools;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The id of the looped track among the encoder's.
const LOOPED: u32 = 1 << 16;

/// A running source with its origins; ends when dropped.
pub struct LowLatency {
    // Dropped first: they write.
    _looped: Option<Playing>,
    encoder: Encoder,
    gate: Arc<Gate>,
    changes: Arc<Changes>,
    folder: PathBuf,
    ll_hls: Arc<LlHls>,
    ivs: Arc<Ivs>,
    options: Options,
    /// Whether something was made to go wrong.
    is_altered: AtomicBool,
}

impl LowLatency {
    /// Starts sending. The past is there within seconds.
    pub fn start(options: &Options) -> Result<Self> {
        tools::require("ffmpeg")?;
        if options.widths_px.iter().any(|width| width % 80 != 0 || *width == 0) {
            bail!("widths are multiples of 80, for the boxes of the clock");
        }
        let start_secs = (date::now().as_secs() - options.past_secs) / GRID_SECS * GRID_SECS;
        let folder = sliding::own_folder()?;
        std::fs::create_dir_all(&folder)?;
        let changes = Arc::new(Changes::default());
        let window = || Arc::new(Window::new(options.window_segments, Arc::clone(&changes)));
        let widths = options.widths_px.iter().chain(options.looped.iter().map(|it| &it.width_px));
        let names: Vec<String> = widths.map(u32::to_string).collect();
        let rendition = |name: &str| Rendition {
            name: name.to_owned(),
            window: window(),
            made: OnceLock::new(),
        };
        let ll_hls = Arc::new(LlHls {
            renditions: names.iter().map(String::as_str).chain(["audio"]).map(rendition).collect(),
            byte_ranges: options.byte_ranges,
        });
        let variant =
            |name: &String| Variant { name: name.clone(), window: window(), made: OnceLock::new() };
        let ivs = Arc::new(Ivs {
            variants: names.iter().map(variant).collect(),
            spelling: options.spelling,
            target_secs: options.prefetch_target_secs,
            began_millis: start_secs * 1000,
        });
        let rung = options.looped.as_ref();
        let looped = rung.map(|rung| Looped::read(&rung.file, rung.frame_rate)).transpose()?;
        let sink = Arc::new(Distributor {
            ll_hls: Arc::clone(&ll_hls),
            ivs: Arc::clone(&ivs),
            frame_rate: options.frame_rate,
            looped: looped.as_ref().zip(rung).and_then(|(it, rung)| {
                Some((
                    it.header.tracks.first()?.clone(),
                    it.header.clone(),
                    it.reordering(),
                    rung.frame_rate,
                ))
            }),
            writers: OnceLock::new(),
        });
        let gate = Arc::new(Gate::default());
        let recipe = encoder::Recipe {
            picture: options.picture,
            widths_px: options.widths_px.clone(),
            frame_rate: options.frame_rate,
            start_secs,
        };
        let playing = looped
            .map(|it| it.start((LOOPED, start_secs), Arc::clone(&gate), sink.clone()))
            .transpose()?;
        let encoder = Encoder::start(&recipe, &folder, Arc::clone(&gate), sink)?;
        let is_altered = AtomicBool::new(false);
        let options = options.clone();
        Ok(Self {
            _looped: playing,
            encoder,
            gate,
            changes,
            folder,
            ll_hls,
            ivs,
            options,
            is_altered,
        })
    }

    /// What it was started with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Whether something was ever made to go wrong in it, made good again or not.
    pub fn is_altered(&self) -> bool {
        self.is_altered.load(Ordering::Relaxed)
    }

    /// Low-Latency HLS: `master.m3u8` and what it names; `clock.js` reads the clock.
    pub fn ll_hls(&self) -> Arc<dyn Origin> {
        self.ll_hls.clone()
    }

    /// The prefetch stream: `master.m3u8` and what it names; `clock.js` reads the clock.
    pub fn ivs(&self) -> Arc<dyn Origin> {
        self.ivs.clone()
    }

    /// A multivariant playlist that names each variant of the LL-HLS stream under each prefix.
    pub fn ll_hls_multivariant(&self, prefixes: &[&str]) -> Option<String> {
        self.ll_hls.multivariant(prefixes)
    }

    /// A multivariant playlist that names each variant of the prefetch stream under each prefix.
    pub fn ivs_multivariant(&self, prefixes: &[&str]) -> Option<String> {
        self.ivs.multivariant(prefixes)
    }

    /// Waits until every rendition has so many segments, and the encoder has caught up with the
    /// present.
    pub fn wait_for_segments(&self, count: usize, limit: Duration) -> Result<()> {
        let started = Instant::now();
        let ll_hls = self.ll_hls.renditions.iter().map(|it| (&it.name, &it.window));
        let ivs = self.ivs.variants.iter().map(|it| (&it.name, &it.window));
        let windows: Vec<_> = ll_hls.chain(ivs).collect();
        loop {
            let present = date::now().as_secs() / samples::SEGMENT_SECS;
            let is_late = |(_, window): &&(&String, &Arc<Window>)| {
                window.complete_segments() < count || window.segment(present, |_| ()).is_none()
            };
            let Some((name, window)) = windows.iter().find(is_late) else { return Ok(()) };
            if started.elapsed() > limit {
                bail!(
                    "after {limit:?} rendition {name} has {} of {count} segments and is {} behind: \
                     ffmpeg is slow, or it failed",
                    window.complete_segments(),
                    present.saturating_sub(window.last_complete().unwrap_or_default()),
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until so many segments more than now are complete.
    pub fn wait_for_more(&self, count: u64, limit: Duration) -> Result<()> {
        let started = Instant::now();
        let complete = || self.ivs.variants[0].window.last_complete().unwrap_or_default();
        let wanted = complete() + count;
        while complete() < wanted {
            if started.elapsed() > limit {
                bail!("no {count} segments came in {limit:?}: ffmpeg is slow, or it failed");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Changes how both origins answer; the encoder goes on.
    pub fn set_health(&self, health: Health) {
        self.is_altered.store(true, Ordering::Relaxed);
        self.changes.set_health(health);
    }

    /// The camera stands still, or goes on and catches up.
    pub fn freeze(&self, frozen: bool) {
        self.is_altered.store(true, Ordering::Relaxed);
        self.gate.frozen.store(frozen, Ordering::Relaxed);
    }

    /// Ends ffmpeg as a crash would; it is started again.
    pub fn crash_encoder(&self) {
        self.is_altered.store(true, Ordering::Relaxed);
        self.encoder.crash();
    }
}

impl Drop for LowLatency {
    fn drop(&mut self) {
        self.gate.stopped.store(true, Ordering::Relaxed);
        self.changes.set_health(Health::Gone);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Passes when the origin answers at all.
pub(super) async fn pass(changes: &Changes) -> std::io::Result<()> {
    let health = changes.until(|| Some(changes.health()).filter(|it| *it != Health::Silent)).await;
    match health {
        Health::Gone => Err(std::io::Error::other("the origin is gone, on purpose")),
        Health::Well | Health::Silent => Ok(()),
    }
}

type Shared<T> = Mutex<T>;

/// Gives each sample to the writers that want it.
struct Distributor {
    ll_hls: Arc<LlHls>,
    ivs: Arc<Ivs>,
    frame_rate: u32,
    /// Track, header, reordering in ticks, frames a second.
    looped: Option<(Track, Header, u32, u32)>,
    writers: OnceLock<Vec<Target>>,
}

/// The writers of one track: its own rendition, and the variants it is part of.
struct Target {
    id: u32,
    is_video: bool,
    ll_hls: Shared<ll_hls::Writer>,
    ivs: Vec<Arc<Shared<ivs::Writer>>>,
}

impl Distributor {
    /// Everything that writes, from what the encoder says it makes.
    fn targets(&self, header: &Header) -> Option<Vec<Target>> {
        let (video, audio): (Vec<_>, Vec<_>) = header.tracks.iter().partition(|it| it.is_video());
        let audio = *audio.first()?;
        let encoded = video.into_iter().map(|track| (track.id, track, header, 0, self.frame_rate));
        let looped = self.looped.iter();
        let looped = looped.map(|(track, header, reordering, rate)| {
            (LOOPED, track, header, u64::from(*reordering), *rate)
        });
        let mut targets = Vec::new();
        let mut muxed = Vec::new();
        let mut renditions = self.ll_hls.renditions.iter();
        for ((id, track, header, reordering, frame_rate), variant) in
            encoded.chain(looped).zip(&self.ivs.variants)
        {
            let window = Arc::clone(&variant.window);
            let writer = ivs::Writer::new(track, audio, reordering, window)?;
            let writer = Arc::new(Mutex::new(writer));
            muxed.push(Arc::clone(&writer));
            let _ = variant.made.set((track.clone(), audio.clone(), frame_rate));
            let rendition = renditions.next()?;
            targets.push(target(id, track, (header, frame_rate), rendition, vec![writer]));
        }
        targets.push(target(audio.id, audio, (header, 0), renditions.next()?, muxed));
        Some(targets)
    }
}

fn target(
    id: u32,
    track: &Track,
    (header, frame_rate): (&Header, u32),
    rendition: &Rendition,
    ivs: Vec<Arc<Shared<ivs::Writer>>>,
) -> Target {
    let init = cmaf::init_segment(header, track);
    let _ = rendition.made.set(Made { init, track: track.clone(), frame_rate });
    let writer = ll_hls::Writer::new(track.clone(), Arc::clone(&rendition.window));
    Target { id, is_video: track.is_video(), ll_hls: Mutex::new(writer), ivs }
}

impl Sink for Distributor {
    fn is_ready(&self) -> bool {
        self.writers.get().is_some()
    }

    fn header(&self, header: &Header) {
        // The same at each start of the encoder.
        if let (None, Some(targets)) = (self.writers.get(), self.targets(header)) {
            let _ = self.writers.set(targets);
        }
    }

    fn sample(&self, track_id: u32, sample: samples::Sample) {
        let Some(targets) = self.writers.get() else { return };
        let Some(target) = targets.iter().find(|target| target.id == track_id) else { return };
        for writer in &target.ivs {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.push(target.is_video, sample.clone());
        }
        target.ll_hls.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
    }
}

#[cfg(test)]
mod tests;
