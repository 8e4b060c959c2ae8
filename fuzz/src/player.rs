//! An engine with its media element, and a network of which the fuzzer decides everything.
//!
//! In: what happens, and when. Judged: it neither panics nor loops; times are numbers, and no
//! negative ones where there are none; it asks for no more than a bounded number of things in a
//! time; what it appends, removes and releases is there. The element judges the rest.

use std::collections::BTreeMap;
use std::rc::Rc;

use videosphere::config::EngineConfig;
use videosphere::engine::{
    Command, Delivery, Engine, Event, HELD_HEAD_LEN, Input, LoadOptions, Output, Payload, Request,
    RequestId, ResponseEvent, SinkCommand,
};
use videosphere::error::NetworkFailure;
use videosphere::time::Instant;

use crate::element::Element;

/// Outputs after one input.
const MAX_OUTPUTS: usize = 5000;
/// Wake-ups that are due at one and the same moment.
const MAX_WAKES: usize = 100;
/// Requests at once, for each stream that is opened, and in each second from then on.
const BURST: f64 = 400.0;
const REQUESTS_PER_SEC: f64 = 120.0;

/// A request under way.
#[derive(Debug)]
pub struct Pending {
    /// As it was made.
    pub request: Request,
    body: Option<Rc<Vec<u8>>>,
    sent: usize,
}

/// Everything on one virtual clock.
#[derive(Debug)]
pub struct Player {
    engine: Engine,
    /// The media element.
    pub element: Element,
    /// What it waits for, oldest first.
    pub pending: Vec<Pending>,
    held: BTreeMap<RequestId, Rc<Vec<u8>>>,
    now_millis: f64,
    requests: f64,
    loads: f64,
    /// Print what comes and goes: for a finding, with `TRACE=1`.
    is_traced: bool,
}

impl Player {
    /// Nothing is open.
    #[must_use]
    pub fn new() -> Self {
        Self {
            engine: Engine::new(EngineConfig { seed: 1, ..EngineConfig::default() }),
            element: Element::default(),
            pending: Vec::new(),
            held: BTreeMap::new(),
            now_millis: 1000.0,
            requests: 0.0,
            loads: 0.0,
            is_traced: std::env::var_os("TRACE").is_some(),
        }
    }

    /// Opens a stream.
    pub fn load(&mut self, options: LoadOptions) {
        self.loads += 1.0;
        self.input(Input::Command(Command::Load(options)));
    }

    /// Something happens now.
    pub fn input(&mut self, input: Input<'_>) {
        self.trace(&input);
        self.engine.handle_input(Instant::from_millis(self.now_millis), input);
        self.drain();
    }

    fn trace(&self, what: &impl core::fmt::Debug) {
        if self.is_traced {
            eprintln!("{:9.3} {:.200}", self.now_millis / 1000.0, format!("{what:?}"));
        }
    }

    /// The element tells how it is.
    pub fn tell_state(&mut self) {
        let state = self.element.state;
        self.input(Input::Playback(state));
    }

    /// Time passes; wake-ups come when they were asked for.
    pub fn pass(&mut self, millis: f64) {
        let until = self.now_millis + millis;
        let mut wakes = 0;
        while let Some(due) = self.engine.poll_timeout().map(Instant::as_millis) {
            if due > until {
                break;
            }
            wakes = if due > self.now_millis { 0 } else { wakes + 1 };
            assert!(wakes < MAX_WAKES, "it wants to be woken for ever, now");
            self.advance_to(due.max(self.now_millis));
            self.input(Input::Wake);
        }
        self.advance_to(until);
        self.tell_state();
    }

    fn advance_to(&mut self, millis: f64) {
        self.element.advance((millis - self.now_millis) / 1000.0);
        self.now_millis = millis;
    }

    /// The media source answers, if it was asked something.
    pub fn answer_sink(&mut self) -> bool {
        let Some(answer) = self.element.next_answer() else { return false };
        self.input(Input::Sink(answer));
        true
    }

    /// So many further bytes come in answer to that request, and its end when all came.
    pub fn send(&mut self, index: usize, len: usize, body: impl FnOnce(&Request) -> Vec<u8>) {
        let Some(pending) = self.pending.get_mut(index) else { return };
        let id = pending.request.id;
        if pending.body.is_none() {
            let (body, final_url) = (body(&pending.request), pending.request.url.clone());
            let content_length = Some(body.len() as u64);
            pending.body = Some(Rc::new(body));
            let head = ResponseEvent::Head { final_url, content_length, content_type: None };
            self.respond(id, head);
        }
        let Some(pending) = self.pending.iter_mut().find(|it| it.request.id == id) else { return };
        let Some(body) = pending.body.clone() else { return };
        let delivery = pending.request.delivery;
        let is_held = delivery != Delivery::Bytes;
        let until = pending.sent.saturating_add(len).min(body.len());
        let chunk = &body[core::mem::replace(&mut pending.sent, until)..until];
        let is_whole = until == body.len();
        if !chunk.is_empty() {
            self.respond(
                id,
                if delivery == Delivery::Held {
                    ResponseEvent::HeldProgress { len: chunk.len() as u64 }
                } else {
                    ResponseEvent::Data(chunk)
                },
            );
        }
        let Some(index) = self.pending.iter().position(|it| it.request.id == id) else { return };
        if is_whole {
            self.pending.remove(index);
            let body_len = body.len() as u64;
            let head = if is_held { &body[..body.len().min(HELD_HEAD_LEN)] } else { &[] };
            if is_held {
                self.held.insert(id, Rc::clone(&body));
            }
            self.respond(id, ResponseEvent::End { head, body_len });
        }
    }

    /// That request comes to nothing, and its server may say when to come again.
    pub fn fail(&mut self, index: usize, failure: NetworkFailure, retry_after_secs: Option<f64>) {
        if index >= self.pending.len() {
            return;
        }
        let id = self.pending.remove(index).request.id;
        if let Some(secs) = retry_after_secs {
            self.respond(id, ResponseEvent::RetryAfter { secs });
        }
        self.respond(id, ResponseEvent::Failed(failure));
    }

    fn respond(&mut self, request: RequestId, event: ResponseEvent<'_>) {
        self.input(Input::Response { request, event });
    }

    fn drain(&mut self) {
        let mut codecs = Vec::new();
        for count in 0.. {
            assert!(count < MAX_OUTPUTS, "outputs without an end");
            let Some(output) = self.engine.poll_output() else { break };
            self.trace(&output);
            match output {
                Output::Fetch(request) => self.begin(request),
                Output::CancelFetch(id) => {
                    self.pending.retain(|pending| pending.request.id != id);
                    self.held.remove(&id);
                }
                Output::ProbeCodecs(asked) => codecs.extend(asked),
                Output::Sink(command) => self.sink(command),
                Output::Event(event) => self.event(&event),
                Output::Text(_) => {}
            }
        }
        if !codecs.is_empty() {
            let answers = codecs.into_iter().map(|codec| (codec, true)).collect();
            self.input(Input::Command(Command::CodecSupport(answers)));
        }
    }

    fn begin(&mut self, request: Request) {
        assert!(request.url.starts_with("https://"), "{request:?}");
        assert!(!request.first_byte_timeout.is_zero() && !request.idle_timeout.is_zero());
        assert!(request.byte_range.is_none_or(|range| range.length != Some(0)), "{request:?}");
        assert!(self.pending.iter().all(|pending| pending.request.id != request.id));
        self.requests += 1.0;
        let allowed = self.loads * BURST + self.now_millis / 1000.0 * REQUESTS_PER_SEC;
        assert!(self.requests <= allowed, "{} requests: {request:?}", self.requests);
        self.pending.push(Pending { request, body: None, sent: 0 });
    }

    fn sink(&mut self, command: SinkCommand) {
        let element = &mut self.element;
        match command {
            SinkCommand::Open => element.open(),
            SinkCommand::AddTrack { track, mime } => element.add_track(track, mime),
            SinkCommand::ChangeType { track, mime } => element.change_type(track, mime),
            SinkCommand::SetTimestampOffset { track, offset_secs } => {
                element.set_offset(track, offset_secs);
            }
            SinkCommand::SetAppendWindow { track, start_secs } => {
                element.set_append_window(track, start_secs);
            }
            SinkCommand::Append { track, payload } => {
                let bytes = match payload {
                    Payload::Fragment(id) => self.engine.fragment(id).map(<[u8]>::to_vec),
                    Payload::Held(id) => self.held.get(&id).map(|body| body.to_vec()),
                };
                let bytes = bytes.expect("bytes to append");
                element.append(track, &bytes);
                for range in element.tracks[&track].buffered() {
                    // A browser's times are microseconds.
                    let is_sane = range.start_secs >= -1e-6 && range.end_secs < 1e9;
                    assert!(is_sane && range.start_secs < range.end_secs, "{range:?}");
                }
            }
            SinkCommand::Remove { track, start_secs, end_secs } => {
                assert!(start_secs.is_finite() && start_secs >= 0.0);
                element.remove(track, start_secs, end_secs);
            }
            SinkCommand::Release(id) => {
                assert!(self.held.remove(&id).is_some(), "a body released that is not held");
            }
            SinkCommand::SetDuration(secs) => {
                assert!(secs >= 0.0, "a duration of {secs}");
                element.set_duration(secs);
            }
            SinkCommand::SetLiveSeekableRange { start_secs, end_secs } => {
                assert!(start_secs >= 0.0 && start_secs <= end_secs && end_secs.is_finite());
                element.seekable = Some((start_secs, end_secs));
            }
            SinkCommand::EndOfStream => element.end_of_stream(),
            SinkCommand::Close => {
                element.close();
                self.held.clear();
            }
            SinkCommand::Seek { to_secs } => element.seek(to_secs),
            SinkCommand::SetRate { rate } => element.set_catchup_rate(rate),
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Timeline(timeline) => {
                let times = [timeline.start_secs, timeline.end_secs];
                assert!(times.into_iter().all(|secs| secs.is_finite() && secs >= 0.0));
                assert!(timeline.live_secs.is_none_or(f64::is_finite), "{timeline:?}");
                assert!(timeline.zero_unix_millis.is_none_or(f64::is_finite), "{timeline:?}");
            }
            Event::Stats(stats) => {
                let latencies = [stats.live_latency_secs, stats.end_to_end_latency_secs];
                assert!(latencies.into_iter().flatten().all(f64::is_finite), "{stats:?}");
                assert!(stats.bandwidth_bps.is_none_or(|bps| bps.is_finite() && bps >= 0.0));
                assert!(stats.buffer_ahead_secs.is_finite() && stats.buffer_ahead_secs >= 0.0);
                assert!(
                    stats.target_latency_secs.is_none_or(|secs| secs.is_finite() && secs >= 0.0)
                );
            }
            Event::Error(error) => {
                assert!(!error.to_string().is_empty());
            }
            Event::DateRanges(ranges) => {
                assert!(ranges.iter().all(|it| it.start_secs.is_finite()), "{ranges:?}");
            }
            Event::Variants(_)
            | Event::VariantChange { .. }
            | Event::AudioTracks(_)
            | Event::AudioTrackChange { .. }
            | Event::SessionData(_)
            | Event::TextTracks(_) => {}
        }
    }
}

impl Default for Player {
    fn default() -> Self {
        Self::new()
    }
}

/// One playlist from its start.
#[must_use]
pub fn stream(url: &str) -> LoadOptions {
    LoadOptions {
        url: url.to_owned(),
        high_quality_url: None,
        start_secs: None,
        selection: videosphere::engine::Selection::Auto,
    }
}

/// A segment of two seconds, or a part of half a second, that stands there in its stream.
#[must_use]
pub fn media(kind: crate::list::Kind, start_secs: f64, duration_secs: f64) -> Vec<u8> {
    use crate::list::Kind;
    use crate::stream::{KEY_PICTURE, PICTURE_SET, SEQUENCE_SET, Stream, adts};
    // The first part of the clock's turn, so that it wraps where a stream is long.
    let pts = |secs: f64| ((secs * 90_000.0) as u64 + 5_000_000) & ((1 << 33) - 1);
    match kind {
        Kind::Ts => {
            let mut stream = Stream::new();
            let pictures = (duration_secs * 4.0).max(1.0) as usize;
            for index in 0..pictures {
                let at_secs = start_secs + duration_secs * index as f64 / pictures as f64;
                stream.video(pts(at_secs), &[SEQUENCE_SET, PICTURE_SET, KEY_PICTURE]);
                let frames = (48_000.0 * duration_secs / 1024.0 / pictures as f64).ceil() as usize;
                stream.audio(pts(at_secs), &adts(3, &[0x21; 4]).repeat(frames));
            }
            stream.bytes
        }
        Kind::Mp4 => crate::mp4::segment(crate::mp4::SegmentSpec {
            is_video: true,
            start_secs,
            duration_secs,
            payload_len: 300,
            variant: 1,
        }),
        Kind::Aac => adts(3, &[0x21; 4]).repeat((48_000.0 * duration_secs / 1024.0) as usize),
    }
}

/// Of [`media`] as fMP4.
#[must_use]
pub fn init() -> Vec<u8> {
    crate::mp4::init(true, false)
}
