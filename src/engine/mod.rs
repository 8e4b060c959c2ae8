//! The machine that turns a stream URL into appends: sans-I/O, one thread, no clock.
//!
//! In: [`Input`]s with the time at which they happened. Out: [`Output`]s, drained by
//! [`Engine::poll_output`] until it is empty, and the moment of the next wake-up,
//! [`Engine::poll_timeout`]. It refuses to fetch, to touch a media source, or to know a browser:
//! `web/` does that on its behalf, and a virtual clock and a lossy link do it in tests.

mod input;
mod output;

pub use input::{
    Command, Input, LoadOptions, PlaybackState, Quality, RequestId, ResponseEvent, SinkEvent,
};
pub use output::{
    Delivery, Event, FragmentId, HELD_HEAD_LEN, Output, Payload, Request, SinkCommand, Stats,
    TimelineInfo, VariantInfo,
};

use crate::config::EngineConfig;
use crate::time::Instant;

/// One stream at a time, from its URL to its appends.
#[derive(Debug)]
pub struct Engine {
    _config: EngineConfig,
}

impl Engine {
    /// An idle engine.
    #[must_use]
    pub fn new(config: EngineConfig) -> Self {
        Self { _config: config }
    }

    /// Takes in one event that happened at `now`. Never blocks; `now` must not run backwards.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        let _ = (now, input);
    }

    /// The next thing to do, or `None` when all is said for now.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// When to send [`Input::Wake`], unless something else comes first.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// The bytes of a fragment, valid until its append is confirmed.
    #[must_use]
    pub fn fragment(&self, id: FragmentId) -> Option<&[u8]> {
        let _ = id;
        None
    }
}
