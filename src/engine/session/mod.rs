//! One stream from its URL to its last append: the order in which its parts move on.
//!
//! In: every input but `Load` and `Unload`. Out: outputs, by way of [`Context`]. The parts own their
//! state and stand in the files of `engine/`; they decide and know nothing of a session. The files here
//! gather what a part needs to know of the others and carry out what it says. After each input
//! [`Session::step`] asks every part once what it wants next; nothing is remembered that can be
//! found out by asking again.

mod audio;
mod delivery;
mod encrypted;
mod failures;
mod live;
mod loading;
mod manifests;
mod playing;
mod quality;
mod texts;
mod watch;

use super::context::Context;
use super::downloads::{DownloadEvent, Downloads};
use super::input::{Command, Input, LoadOptions, SinkEvent};
use super::kinds::{SourceKind, StreamKind};
use super::output::{SinkCommand, Stats};
use super::playback::Playback;
use super::recovery::Recovery;
use super::reports::Reports;
use super::selector::Selector;
use super::sink::Sink;
use super::sources::Sources;
use super::standstill::Standstill;
use super::streams::Streams;
use super::texts::Texts;
use super::variant_set::VariantId;
use super::wanted::Purpose;
use crate::error::Error;
use crate::time::{Duration, Instant};

/// Rounds of [`Session::step`] for one input: each settles what the one before brought up.
const MAX_ROUNDS: u32 = 16;

/// One stream.
#[derive(Debug)]
pub(super) struct Session {
    sources: Sources,
    selector: Selector,
    streams: Streams,
    downloads: Downloads,
    sink: Sink,
    playback: Playback,
    recovery: Recovery,
    reports: Reports,
    texts: Texts,
}

impl Session {
    /// Opens a stream.
    pub fn open(context: &mut Context, options: LoadOptions) -> Self {
        let LoadOptions { url, high_quality_url, start_secs, selection } = options;
        let mut session = Self {
            sources: Sources::new(url, high_quality_url),
            selector: Selector::new(selection),
            streams: Streams::new(start_secs.unwrap_or(0.0).max(0.0), (context.make_transmuxer)()),
            downloads: Downloads::default(),
            sink: Sink::default(),
            playback: Playback::new(context, start_secs),
            recovery: Recovery::default(),
            reports: Reports::default(),
            texts: Texts::default(),
        };
        context.sink(SinkCommand::Open);
        for source in [SourceKind::HighQuality, SourceKind::Main] {
            if let Err(error) = session.sources.check_url(source) {
                session.on_source_failed(context, source, error);
            }
        }
        if !session.recovery.is_over {
            session.sources.fetch_manifest(context, &mut session.downloads, SourceKind::Main);
        }
        session
    }

    /// Where fragments are.
    pub fn sink(&self) -> &Sink {
        &self.sink
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

    /// The machine slept for so long: no server was silent then, nothing stalled.
    pub fn on_woken(&mut self, context: &Context, slept: Duration) {
        if !self.playback.playhead.is_playing() {
            return;
        }
        self.downloads.on_woken(slept);
        self.playback.playhead.on_woken(context);
        self.playback.latency.on_woken();
        self.recovery.standstill = Standstill::default();
    }

    fn on_command(&mut self, context: &mut Context, command: Command) {
        match command {
            Command::Select(selection) => self.select(context, selection),
            Command::SelectAudio(track) => self.select_audio(context, track),
            Command::GoLive => self.go_live(context),
            Command::Reread => self.reread(context),
            Command::Steer { pathways, clones } => self.sources.steer(context, pathways, &clones),
            Command::SelectText(tracks) => self.select_text(context, &tracks),
            Command::SetTargetLatency(_) => self.keep_latency(context),
            // The context has taken these in already.
            Command::CodecSupport(_) | Command::SetViewport { .. } => {}
            Command::Decoding(answers) => self.sources.variant_set.learn_decoding(&answers),
            Command::Load(_) | Command::Unload => {}
        }
    }

    fn on_download(&mut self, context: &mut Context, event: DownloadEvent<'_>) {
        match event {
            DownloadEvent::Chunk { purpose: Purpose::Segment(stream), bytes, is_first } => {
                self.on_chunk(context, stream, bytes, is_first);
            }
            DownloadEvent::Chunk { .. } | DownloadEvent::Progress => {}
            DownloadEvent::Done { purpose, finished } => match purpose {
                Purpose::Manifest(source) => self.on_manifest(context, source, finished),
                Purpose::MediaPlaylist(id) => self.on_media_playlist(context, id, finished),
                Purpose::Init(stream) => self.on_init(context, stream, finished),
                Purpose::HintedInit => self.streams.init_sections.accept_hinted(finished),
                Purpose::Segment(stream) => self.on_segment(context, stream, finished),
                Purpose::Key(slot) => self.on_key(context, slot, &finished.body),
                Purpose::Text(track) => self.on_text(context, track, finished.id),
            },
            DownloadEvent::Failed { purpose, error } => self.on_failed(context, purpose, error),
        }
    }

    fn on_sink(&mut self, context: &mut Context, event: SinkEvent) {
        match event {
            SinkEvent::Opened => self.sink.is_open = true,
            SinkEvent::Updated { track, buffered } => {
                if let Some(gap) = self.sink.updated(context, track, buffered)
                    && gap.end_secs - gap.start_secs > self.playback.max_gap_secs
                {
                    self.playback.note_gap(gap);
                }
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
            SinkEvent::Streaming(is_streaming) => self.playback.is_streaming = is_streaming,
            SinkEvent::Unsupported => self.fail_for_good(context, Error::MediaSourceUnsupported),
        }
    }

    /// Moves everything on as far as it goes.
    pub fn step(&mut self, context: &mut Context) {
        for _ in 0..MAX_ROUNDS {
            context.needs_another_pass = false;
            if !self.recovery.is_over {
                while let Some((purpose, error)) = self.downloads.expire(context) {
                    self.on_failed(context, purpose, error);
                }
                self.downloads.resume(context, false);
                self.advance_sources(context);
                self.reload_playlists(context);
                self.choose_start(context);
                self.follow_window(context);
                self.join_variant();
                self.load_main(context);
                for (kind, _) in StreamKind::OF_RENDITIONS {
                    self.load_rendition(context, kind);
                }
                self.load_new_audio(context);
                self.start_sink(context);
                self.load_texts(context);
            }
            if !context.needs_another_pass {
                break;
            }
        }
        self.report_audio(context);
        // The seekable range before the first append: a seek made before there is metadata is
        // forgotten by Chromium where, when it comes, nothing can be sought to.
        self.report_timeline(context);
        if let Some(entry) = self.selector.current_entry(&self.sources) {
            let playable_secs = self.sink.playable_end_secs();
            self.playback.watch_edge(context, entry, playable_secs);
            self.reports.date_ranges(context, &entry.timeline);
        }
        self.hold_for_slow_link(context);
        self.sink.run(context, self.playback.slow_link.is_holding);
        self.end_stream(context);
        self.watch_standstill(context);
        if self.playback.start_secs.is_some() && Reports::is_stats_due(context) {
            let entry = self.selector.current_entry(&self.sources);
            let stats = self.playback.stats(context, entry, self.ahead_secs());
            let variant = self.selector.variant.map(VariantId::index);
            Reports::stats(context, Stats { variant, ..stats });
        }
    }

    /// When to be woken.
    pub fn next_wake(&self, context: &Context) -> Option<Instant> {
        if self.recovery.is_over {
            return None;
        }
        let watched = self.streams.iter().filter_map(|(_, loader)| {
            let paused = loader.paused_until.filter(|until| *until > context.now);
            let slow = loader.loading.is_some().then(|| context.now + Duration::from_secs(1));
            paused.or(slow)
        });
        let reloads = self.followed_playlists().into_iter().filter_map(|id| {
            let is_loading = self.downloads.is_running(Purpose::MediaPlaylist(id));
            if is_loading { None } else { self.sources.playlists.get(id)?.next_reload(context.now) }
        });
        let due = [
            self.downloads.next_wake(context),
            self.recovery.standstill.next_wake(),
            self.texts.next_wake(context.now),
        ];
        watched.chain(reloads).chain(due.into_iter().flatten()).min()
    }
}
