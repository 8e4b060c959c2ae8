//! The machine that turns a stream URL into appends: sans-I/O, one thread, no clock.
//!
//! In: [`Input`]s with the time at which they happened. Out: [`Output`]s, drained by
//! [`Engine::poll_output`] until it is empty, and the moment of the next wake-up,
//! [`Engine::poll_timeout`]. It refuses to fetch, to touch a media source, or to know a browser:
//! `web/` does that on its behalf, and a virtual clock and a lossy link do it in tests.

mod allowance;
mod audio_choice;
mod blocking_reload;
mod choice;
mod codecs;
mod context;
mod downloads;
mod edge;
mod first_segment;
mod given_up;
mod init_sections;
mod input;
mod keys;
mod kinds;
mod ladder;
mod latency;
mod load_goals;
mod load_timeouts;
mod loading_segment;
mod media;
mod media_errors;
mod misfit;
mod output;
mod playback;
mod playhead;
mod playlist_loading;
mod playlists;
mod recovery;
mod reports;
mod room;
mod segment;
mod segment_loader;
mod selector;
mod session;
mod sink;
mod slow_link;
mod source_url;
mod sources;
mod standstill;
mod streams;
mod texts;
mod tracks_ready;
mod transmux;
mod variant_entry;
mod variant_set;
mod vec_map;
mod wanted;

pub use crate::abr::Selection;
pub use input::{Command, Input, LoadOptions, PlaybackState, RequestId, ResponseEvent, SinkEvent};
pub use ladder::Decoding;
pub use output::{
    AudioTrackInfo, Decryption, Delivery, Event, FragmentId, HELD_HEAD_LEN, MediaFacts, Output,
    Payload, PlacedDateRange, Request, SinkCommand, Stats, TextPiece, TextTrackInfo, TimelineInfo,
    VariantInfo,
};
pub use transmux::{Elsewhere, MakeTransmuxer, MediaBytes, Transmux, Transmuxed, transmuxer};

use context::Context;
use session::Session;

use crate::config::EngineConfig;
use crate::time::{Duration, Instant};

/// A media element that plays reports four times a second. Where no input came for so
/// long, the machine slept, or the browser was suspended.
pub(crate) const ASLEEP: Duration = Duration::from_millis(2500);

/// One stream at a time, from its URL to its appends.
#[derive(Debug)]
pub struct Engine {
    context: Context,
    session: Option<Session>,
}

impl Engine {
    /// An idle engine.
    #[must_use]
    pub fn new(config: EngineConfig) -> Self {
        Self::with_transmuxer(config, transmuxer)
    }

    /// The same, with a transmuxer that may be another than [`crate::remux::Transmuxer`].
    #[must_use]
    pub fn with_transmuxer(config: EngineConfig, make: MakeTransmuxer) -> Self {
        Self { context: Context::new(config.checked(), make), session: None }
    }

    /// Takes in one event that happened at `now`. Never blocks; a `now` that runs backwards counts
    /// as the latest one before it.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        let context = &mut self.context;
        let silence = now - context.now;
        context.now = context.now.max(now);
        if silence > ASLEEP
            && let Some(session) = &mut self.session
        {
            session.on_woken(context, silence);
        }
        match &input {
            Input::Command(Command::Load(options)) => {
                let options = options.clone();
                self.unload();
                let mut session = Session::open(&mut self.context, options);
                session.step(&mut self.context);
                self.session = Some(session);
                return;
            }
            Input::Command(Command::Unload) => return self.unload(),
            Input::Command(Command::SetViewport { width_px }) => {
                context.viewport_width_px = (*width_px > 0).then_some(*width_px);
            }
            Input::Command(Command::CodecSupport(answers)) => context.learn_codecs(answers.clone()),
            Input::Command(Command::SetTargetLatency(secs)) => {
                context.config.live.target_latency_secs =
                    secs.filter(|secs| secs.is_finite() && *secs >= 0.0);
            }
            Input::Online(is_online) => context.is_online = *is_online,
            _ => {}
        }
        if let Some(session) = &mut self.session {
            session.handle(context, input);
        }
    }

    /// Ends the stream: what was not yet polled is void, the media source is closed.
    fn unload(&mut self) {
        if let Some(session) = self.session.take() {
            self.context.forget_outputs();
            session.close(&mut self.context);
        }
    }

    /// The next thing to do, or `None` when all is said for now.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.context.next_output()
    }

    /// When to send [`Input::Wake`], unless something else comes first.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.session.as_ref().and_then(|session| session.next_wake(&self.context))
    }

    /// The bytes of a fragment, valid until its append is confirmed. `None` where they are elsewhere.
    #[must_use]
    pub fn fragment(&self, id: FragmentId) -> Option<&[u8]> {
        self.session.as_ref()?.sink().fragment(id)
    }

    /// The same of a fragment that its transmuxer keeps in another module: what it is called there.
    #[must_use]
    pub fn fragment_elsewhere(&self, id: FragmentId) -> Option<u32> {
        self.session.as_ref()?.sink().fragment_elsewhere(id)
    }
}
