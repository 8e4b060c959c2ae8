//! What every part of the engine needs at hand: the time of the present input, the settings, the
//! outputs so far, and the counters.
//!
//! In: nothing by itself. Out: outputs in order and fresh names for requests and fragments. It
//! decides nothing.

use super::vec_map::VecMap;
use std::collections::VecDeque;

use super::input::RequestId;
use super::output::{Event, FragmentId, Output, SinkCommand};
use super::transmux::MakeTransmuxer;
use crate::abr::BandwidthEstimator;
use crate::config::EngineConfig;
use crate::error::Error;
use crate::loader::retry::Jitter;
use crate::time::Instant;

/// Codec strings remembered at most: a page that feeds strings without end gains nothing.
const MAX_KNOWN_CODECS: usize = 4096;

/// Figures that only grow, for [`super::Stats`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counters {
    pub bytes_received: u64,
    pub segments_loaded: u64,
    pub retries: u64,
    pub gaps_jumped: u64,
}

/// Passed down through the engine by every input.
#[derive(Debug)]
pub(super) struct Context {
    pub now: Instant,
    pub config: EngineConfig,
    pub make_transmuxer: MakeTransmuxer,
    pub jitter: Jitter,
    pub is_online: bool,
    /// Something changed in this round of [`super::session::Session::step`].
    pub needs_another_pass: bool,
    pub viewport_width_px: Option<u32>,
    pub counters: Counters,
    pub bandwidth: BandwidthEstimator,
    pub stats_sent_at: Option<Instant>,
    codec_support: VecMap<String, bool>,
    outputs: VecDeque<Output>,
    last_request: u64,
    last_fragment: u64,
}

impl Context {
    pub fn new(config: EngineConfig, make_transmuxer: MakeTransmuxer) -> Self {
        Self {
            now: Instant::ZERO,
            make_transmuxer,
            jitter: Jitter::new(config.seed),
            bandwidth: BandwidthEstimator::new(&config.abr),
            config,
            is_online: true,
            needs_another_pass: false,
            stats_sent_at: None,
            viewport_width_px: None,
            counters: Counters::default(),
            codec_support: VecMap::default(),
            outputs: VecDeque::new(),
            last_request: 0,
            last_fragment: 0,
        }
    }

    pub fn next_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Forgets what was not yet polled and names a stream no longer there; what ends it stays.
    pub fn forget_outputs(&mut self) {
        self.outputs.clear();
    }

    pub fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// A time that is no number is a foreign one, and the element would throw at it.
    pub fn sink(&mut self, command: SinkCommand) {
        let is_number = match &command {
            SinkCommand::Seek { to_secs: secs }
            | SinkCommand::SetRate { rate: secs }
            | SinkCommand::SetTimestampOffset { offset_secs: secs, .. }
            | SinkCommand::SetAppendWindow { start_secs: secs, .. }
            | SinkCommand::SetLiveSeekableRange { end_secs: secs, .. } => secs.is_finite(),
            SinkCommand::SetDuration(secs) => !secs.is_nan(),
            _ => true,
        };
        if !is_number {
            return;
        }
        self.output(Output::Sink(command));
    }

    pub fn event(&mut self, event: Event) {
        self.output(Output::Event(event));
    }

    pub fn error(&mut self, error: Error) {
        self.event(Event::Error(error));
    }

    pub fn next_request_id(&mut self) -> RequestId {
        self.last_request += 1;
        RequestId(self.last_request)
    }

    pub fn next_fragment_id(&mut self) -> FragmentId {
        self.last_fragment += 1;
        FragmentId(self.last_fragment)
    }

    /// What the browser said of these codecs.
    pub fn learn_codecs(&mut self, answers: Vec<(String, bool)>) {
        for (codec, is_supported) in answers {
            if self.codec_support.len() < MAX_KNOWN_CODECS
                || self.codec_support.get(&codec).is_some()
            {
                self.codec_support.insert(codec, is_supported);
            }
        }
    }

    /// `None` until the browser was asked and answered.
    pub fn is_codec_supported(&self, codec: &str) -> Option<bool> {
        self.codec_support.get(codec).copied()
    }
}
