//! One stream from its URL to its last append: the state, and the order in which it moves on.
//!
//! In: every input but `Load` and `Unload`. Out: outputs, by way of [`Context`]. After each input
//! [`Session::step`] asks every part once what it wants next; nothing is remembered that can be
//! found out by asking again. The parts stand in the files beside this one.

use std::sync::Arc;

use super::context::Context;
use super::downloads::{DownloadEvent, Downloads, Purpose, SourceKind};
use super::input::{Command, Input, LoadOptions, SinkEvent};
use super::latency::LatencyControl;
use super::media::{InitCache, Offsets};
use super::media_errors::MediaErrors;
use super::misfit::Misfit;
use super::output::{SinkCommand, TimelineInfo};
use super::playhead::Playhead;
use super::playlists::Playlists;
use super::quality::GivenUp;
use super::segment_loader::SegmentLoader;
use super::sink::Sink;
use super::slow_link::SlowLink;
use super::standstill::Standstill;
use super::variant_set::VariantSet;
use crate::abr::Selection;
use crate::error::Error;
use crate::media::TimeRange;
use crate::playlist::InitSection;
use crate::time::{Duration, Instant};

/// Rounds of [`Session::step`] for one input: each settles what the one before brought up.
const MAX_ROUNDS: u32 = 16;

/// How far a source has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceState {
    /// Not asked for, or not there.
    Idle,
    /// Its playlist is on the way.
    Loading,
    /// Its variants wait for the browser's word on their codecs.
    Probing,
    /// Its variants can be chosen.
    Ready,
    /// It cannot be had.
    Failed,
}

/// One stream.
#[derive(Debug)]
pub(super) struct Session {
    pub options: LoadOptions,
    pub selection: Selection,
    pub main_source: SourceState,
    pub high_quality_source: SourceState,
    pub variant_set: VariantSet,
    pub playlists: Playlists,
    pub downloads: Downloads,
    pub init_cache: InitCache,
    /// The newest that a hint announced.
    pub hinted_init: Option<Arc<InitSection>>,
    pub offsets: Offsets,
    pub main: SegmentLoader,
    pub audio: Option<SegmentLoader>,
    /// The rendition the audio loader plays.
    pub rendition: Option<usize>,
    /// The variant whose segments are being loaded.
    pub variant: Option<usize>,
    /// The variant to change to once its playlist is there.
    pub target: Option<usize>,
    pub sink: Sink,
    pub playhead: Playhead,
    pub latency: LatencyControl,
    /// Where playback began; `None` until it is known.
    pub start_secs: Option<f64>,
    /// Spans that nothing will fill: missing segments.
    pub gaps: Vec<TimeRange>,
    /// The goal ahead, less than the settings' where the browser's quota is less.
    pub ahead_limit_secs: f64,
    pub is_buffer_full_reported: bool,
    pub is_stray_track_reported: bool,
    /// The selection was not yet acted on.
    pub is_selection_fresh: bool,
    /// A download was given up for this lower variant.
    pub emergency_variant: Option<usize>,
    pub given_up: Option<GivenUp>,
    pub slow_link: SlowLink,
    pub max_gap_secs: f64,
    /// ManagedMediaSource wants data.
    pub is_streaming: bool,
    /// A fatal error: nothing more is loaded, what is there plays on.
    pub is_over: bool,
    pub media_errors: MediaErrors,
    pub misfit: Misfit,
    /// Waits since the last segment, as everything there is had failed.
    pub back_offs: u32,
    pub standstill: Standstill,
    pub timeline_info: Option<TimelineInfo>,
    pub probed: Vec<String>,
    /// Something changed in this round of [`Session::step`].
    pub needs_another_pass: bool,
}

impl Session {
    /// Opens a stream.
    pub fn open(context: &mut Context, options: LoadOptions) -> Self {
        let start_secs = options.start_secs.unwrap_or(0.0).max(0.0);
        let mut session = Self {
            selection: options.selection,
            options,
            main_source: SourceState::Idle,
            high_quality_source: SourceState::Idle,
            variant_set: VariantSet::default(),
            playlists: Playlists::default(),
            downloads: Downloads::default(),
            init_cache: InitCache::default(),
            hinted_init: None,
            offsets: Offsets::default(),
            main: SegmentLoader::new(start_secs),
            audio: None,
            rendition: None,
            variant: None,
            target: None,
            sink: Sink::default(),
            playhead: Playhead::default(),
            latency: LatencyControl::default(),
            start_secs: None,
            gaps: Vec::new(),
            ahead_limit_secs: context.config.buffer.ahead_secs,
            is_buffer_full_reported: false,
            is_stray_track_reported: false,
            is_selection_fresh: false,
            emergency_variant: None,
            given_up: None,
            slow_link: SlowLink::default(),
            max_gap_secs: context.config.buffer.max_gap_secs,
            is_streaming: true,
            is_over: false,
            media_errors: MediaErrors::default(),
            misfit: Misfit::default(),
            back_offs: 0,
            standstill: Standstill::default(),
            timeline_info: None,
            probed: Vec::new(),
            needs_another_pass: false,
        };
        context.sink(SinkCommand::Open);
        if let Some(url) = session.options.high_quality_url.take_if(|url| !is_http_url(url)) {
            session.on_source_failed(context, SourceKind::HighQuality, Error::InvalidUrl { url });
        }
        if is_http_url(&session.options.url) {
            session.fetch_manifest(context, SourceKind::Main);
        } else {
            let url = session.options.url.clone();
            session.fail_for_good(context, Error::InvalidUrl { url });
        }
        session
    }

    /// Frees everything.
    pub fn close(mut self, context: &mut Context) {
        self.downloads.cancel_all(context);
        self.sink.close(context);
    }

    /// Takes in one event.
    pub fn handle(&mut self, context: &mut Context, input: Input<'_>) {
        match input {
            Input::Command(command) => self.on_command(context, command),
            Input::Playback(state) => self.on_playback(context, state),
            Input::Response { request, event } => {
                if let Some(event) = self.downloads.respond(context, request, event) {
                    self.on_download(context, event);
                }
            }
            Input::Sink(event) => self.on_sink(context, event),
            Input::Online(true) => {
                self.pause_loading_until(None);
                self.downloads.resume(context, true);
            }
            Input::Online(false) | Input::Wake => {}
        }
        self.step(context);
    }

    /// Everything stood still for so long: no server was silent, nothing stalled.
    pub fn on_woken(&mut self, context: &Context, slept: Duration) {
        if !self.playhead.is_playing() {
            return;
        }
        self.downloads.on_woken(slept);
        self.playhead.on_woken(context);
        self.latency.on_woken();
        self.standstill = Standstill::default();
    }

    fn on_command(&mut self, context: &mut Context, command: Command) {
        match command {
            Command::Select(selection) => self.select(context, selection),
            Command::GoLive => self.go_live(context),
            Command::SetTargetLatency(_) => self.keep_latency(context),
            // The context has taken these in already.
            Command::CodecSupport(_) | Command::SetViewport { .. } => {}
            Command::Load(_) | Command::Unload => {}
        }
    }

    fn on_download(&mut self, context: &mut Context, event: DownloadEvent<'_>) {
        match event {
            DownloadEvent::Chunk { purpose: Purpose::Segment(loader), bytes, is_first } => {
                self.on_chunk(context, loader, bytes, is_first);
            }
            DownloadEvent::Chunk { .. } | DownloadEvent::Progress => {}
            DownloadEvent::Done { purpose, finished } => match purpose {
                Purpose::Manifest(source) => self.on_manifest(context, source, finished),
                Purpose::MediaPlaylist(id) => self.on_media_playlist(context, id, finished),
                Purpose::Init(loader) => self.on_init(context, loader, finished),
                Purpose::HintedInit => self.on_hinted_init(finished),
                Purpose::Segment(loader) => self.on_segment(context, loader, finished),
            },
            DownloadEvent::Failed { purpose, error } => self.on_failed(context, purpose, error),
        }
    }

    fn on_sink(&mut self, context: &mut Context, event: SinkEvent) {
        match event {
            SinkEvent::Opened => self.sink.is_open = true,
            SinkEvent::Updated { track, buffered } => {
                self.sink.updated(context, track, buffered);
            }
            SinkEvent::QuotaExceeded { track } => self.on_quota(context, track),
            SinkEvent::Rejected { track, detail } => {
                let span = self.sink.rejected(context, track);
                let track = track.as_str();
                self.on_media_error(context, Error::AppendRejected { track, detail }, span);
            }
            SinkEvent::MediaError { code, message } => {
                let detail = format!("{message} (MediaError {code})");
                self.on_media_error(context, Error::Decode { detail }, None);
            }
            SinkEvent::Streaming(is_streaming) => self.is_streaming = is_streaming,
            SinkEvent::Unsupported => self.fail_for_good(context, Error::MediaSourceUnsupported),
        }
    }

    /// Moves everything on as far as it goes.
    pub fn step(&mut self, context: &mut Context) {
        for _ in 0..MAX_ROUNDS {
            self.needs_another_pass = false;
            if !self.is_over {
                while let Some((purpose, error)) = self.downloads.expire(context) {
                    self.on_failed(context, purpose, error);
                }
                self.downloads.resume(context, false);
                self.advance_sources(context);
                self.reload_playlists(context);
                self.choose_start(context);
                self.follow_window(context);
                self.load_main(context);
                self.load_audio(context);
                self.start_sink(context);
            }
            if !self.needs_another_pass {
                break;
            }
        }
        // The seekable range before the first append: a seek made before there is metadata is
        // forgotten by Chromium where, when it comes, nothing can be sought to.
        self.report_timeline(context);
        self.watch_edge(context);
        self.hold_for_slow_link(context);
        self.sink.run(context, self.slow_link.is_holding);
        self.end_stream(context);
        self.watch_standstill(context);
        self.report_stats(context);
    }

    /// When to be woken.
    pub fn next_wake(&self, context: &Context) -> Option<Instant> {
        if self.is_over {
            return None;
        }
        let loaders = [Some(&self.main), self.audio.as_ref()];
        let watched = loaders.into_iter().flatten().filter_map(|loader| {
            let paused = loader.paused_until.filter(|until| *until > context.now);
            let slow = loader.loading.is_some().then(|| context.now + Duration::from_secs(1));
            paused.or(slow)
        });
        let reloads = self.active_playlists().into_iter().filter_map(|id| {
            let is_loading = self.downloads.is_running(Purpose::MediaPlaylist(id));
            if is_loading { None } else { self.playlists.get(id)?.next_reload(context.now) }
        });
        let due = [self.downloads.next_wake(context), self.standstill.next_wake()];
        watched.chain(reloads).chain(due.into_iter().flatten()).min()
    }
}

/// Absolute http(s) with something for a host: what can be fetched at all.
fn is_http_url(url: &str) -> bool {
    let rest = [("http://", 7), ("https://", 8)].iter().find_map(|(scheme, len)| {
        let head = url.get(..*len)?;
        head.eq_ignore_ascii_case(scheme).then(|| &url[*len..])
    });
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_http_urls_are_streams() {
        for url in ["https://a.example/x.m3u8", "HTTP://127.0.0.1:8080/?a=b", "http://[::1]/"] {
            assert!(is_http_url(url), "{url}");
        }
        for url in [
            "",
            "x.m3u8",
            "//a.example/x",
            "https://",
            "ftp://a/",
            "http:///x",
            "not a url",
            "https://a b/",
            "http",
            "ü",
        ] {
            assert!(!is_http_url(url), "{url}");
        }
    }
}
