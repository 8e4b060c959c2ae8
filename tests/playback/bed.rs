//! The test bed: an engine, an element, origins, and a link between them, on a virtual clock.
//!
//! In: a scenario's set-up and what the viewer does. Out: what was played, every event, how often
//! it stalled. Time is a number that steps by twenty milliseconds; chance comes from a seed.

use std::collections::BTreeMap;
use std::rc::Rc;

use videosphere::config::EngineConfig;
use videosphere::engine::{
    AudioTrackInfo, Command, Delivery, Engine, Event, HELD_HEAD_LEN, Input, LoadOptions,
    MediaFacts, Output, Payload, PlaybackState, Request, RequestId, ResponseEvent, Selection,
    SinkCommand, Stats, TextPiece, TextTrackInfo, TimelineInfo, VariantInfo,
};
use videosphere::error::{Error, NetworkFailure, Severity};
use videosphere::media::TrackKind;
use videosphere::playlist::SessionData;
use videosphere::time::Instant;

use crate::cbc;
use crate::element::Element;
use crate::elsewhere;
use crate::origin::{Origin, Pace, Reply};

const STEP_MILLIS: u64 = 20;
/// A media element fires `timeupdate` about this often.
const TICK_MILLIS: u64 = 240;

/// The network between the engine and the origins.
#[derive(Debug, Clone)]
pub struct Link {
    /// From which second on (of virtual time) how many bits per second, all transfers together.
    pub rates: Vec<(f64, f64)>,
    pub latency_secs: f64,
    /// Share of requests that die without an answer.
    pub loss: f64,
    /// Share of bodies that break off.
    pub truncation: f64,
    /// What comes from a cache: requests whose URL contains one of these.
    pub cached: Vec<String>,
    /// Spans of virtual seconds without a network.
    pub outages: Vec<(f64, f64)>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            rates: vec![(0.0, 20e6)],
            latency_secs: 0.05,
            loss: 0.0,
            truncation: 0.0,
            cached: Vec::new(),
            outages: Vec::new(),
        }
    }
}

#[derive(Debug)]
struct Transfer {
    request: Request,
    asked_secs: f64,
    reply: Reply,
    sent_head: bool,
    sent: usize,
    credit: f64,
    dies_at: Option<usize>,
    last_news_secs: f64,
}

/// Everything of one scenario.
pub struct Bed {
    pub engine: Engine,
    pub element: Element,
    pub origins: Vec<Origin>,
    pub link: Link,
    /// Codecs the browser does not play.
    pub refused_codecs: Vec<String>,
    pub errors: Vec<Error>,
    pub audio_tracks: Vec<AudioTrackInfo>,
    /// The audio track that is heard, or will be: when, which, and whether the page chose it.
    pub audio_changes: Vec<(f64, usize, bool)>,
    /// Subtitles that the manifest names, and what came of them.
    pub text_tracks: Vec<TextTrackInfo>,
    pub session_data: Vec<SessionData>,
    pub texts: Vec<(TextPiece, String)>,
    pub variants: Vec<VariantInfo>,
    pub changes: Vec<(f64, usize, bool)>,
    pub timeline: Option<TimelineInfo>,
    pub stats: Vec<(f64, Stats)>,
    /// The wall clock's time at the start, where the machine has one.
    pub clock_unix_millis: Option<f64>,
    /// How finely time passes; a divisor of [`TICK_MILLIS`].
    pub step_millis: u64,
    now_millis: u64,
    transfers: BTreeMap<u64, Transfer>,
    held: BTreeMap<RequestId, Rc<Vec<u8>>>,
    random: u64,
    was_online: bool,
    pub largest_held_bytes: usize,
    pub requests: u64,
    /// Of downloads that the engine gave up.
    pub wasted_bytes: u64,
    /// What was asked for as something that may have to be transmuxed.
    pub perhaps_transmuxed: Vec<String>,
    /// What was said of the media of each request for some.
    pub media: Vec<(String, MediaFacts)>,
}

impl Bed {
    pub fn new(seed: u64, origins: Vec<Origin>) -> Self {
        let config = EngineConfig { seed, ..EngineConfig::default() };
        Self::with_config(config, origins)
    }

    pub fn with_config(config: EngineConfig, origins: Vec<Origin>) -> Self {
        Self {
            random: config.seed ^ 0x5eed,
            engine: Engine::new(config),
            element: Element::default(),
            origins,
            link: Link::default(),
            refused_codecs: Vec::new(),
            errors: Vec::new(),
            audio_tracks: Vec::new(),
            audio_changes: Vec::new(),
            text_tracks: Vec::new(),
            session_data: Vec::new(),
            texts: Vec::new(),
            variants: Vec::new(),
            changes: Vec::new(),
            timeline: None,
            stats: Vec::new(),
            clock_unix_millis: None,
            step_millis: STEP_MILLIS,
            now_millis: 0,
            transfers: BTreeMap::new(),
            held: BTreeMap::new(),
            was_online: true,
            largest_held_bytes: 0,
            requests: 0,
            wasted_bytes: 0,
            perhaps_transmuxed: Vec::new(),
            media: Vec::new(),
        }
    }

    fn chance(&mut self) -> f64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.random >> 33) as f64 / (1_u64 << 31) as f64
    }

    pub fn now_secs(&self) -> f64 {
        self.now_millis as f64 / 1000.0
    }

    pub fn play(&mut self, url: &str) {
        self.play_with(LoadOptions {
            url: url.to_owned(),
            high_quality_url: None,
            start_secs: None,
            selection: Selection::Auto,
        });
    }

    pub fn play_with(&mut self, options: LoadOptions) {
        self.input(Input::Command(Command::Load(options)));
    }

    pub fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    /// The viewer seeks.
    pub fn seek(&mut self, to_secs: f64) {
        self.element.seek(to_secs);
        self.element.seeks.pop();
        self.tell_state();
    }

    fn tell_state(&mut self) {
        let unix_millis = self.clock_unix_millis.map(|began| began + self.now_millis as f64);
        let state = PlaybackState { unix_millis, ..self.element.state };
        self.input(Input::Playback(state));
    }

    pub fn input(&mut self, input: Input<'_>) {
        let now = Instant::from_millis(self.now_millis as f64);
        self.engine.handle_input(now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Fetch(request) => {
                    self.media.extend(request.media.map(|it| (request.url.clone(), it)));
                    if request.may_need_transmuxer {
                        self.perhaps_transmuxed.push(request.url.clone());
                    }
                    self.begin(request);
                }
                Output::CancelFetch(id) => {
                    let given_up = self.transfers.remove(&id.0);
                    self.wasted_bytes += given_up.map_or(0, |transfer| transfer.sent as u64);
                    self.held.remove(&id);
                }
                Output::ProbeCodecs(codecs) => {
                    assert!(!codecs.is_empty());
                    let answers = codecs
                        .into_iter()
                        .map(|codec| {
                            let is_refused = self
                                .refused_codecs
                                .iter()
                                .any(|refused| codec.starts_with(refused));
                            (codec, !is_refused)
                        })
                        .collect();
                    self.input(Input::Command(Command::CodecSupport(answers)));
                }
                Output::Sink(command) => self.sink(command),
                Output::Event(event) => self.event(event),
                Output::Text(piece) => {
                    let body = self.held.remove(&piece.request).expect("a held body of text");
                    self.texts.push((piece, String::from_utf8_lossy(&body).into_owned()));
                }
            }
        }
    }

    fn event(&mut self, event: Event) {
        let now_secs = self.now_secs();
        match event {
            Event::Variants(variants) => self.variants = variants,
            Event::VariantChange { id, is_auto } => self.changes.push((now_secs, id, is_auto)),
            Event::AudioTracks(tracks) => self.audio_tracks = tracks,
            Event::AudioTrackChange { id, is_auto } => {
                self.audio_changes.push((now_secs, id, is_auto));
            }
            Event::Timeline(timeline) => self.timeline = Some(timeline),
            Event::Stats(stats) => {
                if let Some((before_secs, _)) = self.stats.last() {
                    assert!(now_secs - before_secs > 0.49, "figures more than twice a second");
                }
                self.stats.push((now_secs, stats));
            }
            Event::Error(error) => self.errors.push(error),
            Event::TextTracks(tracks) => self.text_tracks = tracks,
            Event::SessionData(data) => self.session_data = data,
            Event::DateRanges(_) => {}
        }
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
            SinkCommand::Append { track, payload } => match payload {
                Payload::Fragment(id) => match self.engine.fragment_elsewhere(id) {
                    Some(number) => element.append(track, &elsewhere::bytes(number)),
                    None => {
                        let bytes = self.engine.fragment(id).expect("bytes of a fragment");
                        element.append(track, bytes);
                    }
                },
                Payload::Held(id) => {
                    let bytes = self.held.get(&id).expect("a held body to append");
                    element.append(track, bytes);
                }
            },
            SinkCommand::Remove { track, start_secs, end_secs } => {
                element.remove(track, start_secs, end_secs);
            }
            SinkCommand::Release(id) => {
                assert!(self.held.remove(&id).is_some(), "a body released that is not held");
            }
            SinkCommand::SetDuration(secs) => element.set_duration(secs),
            SinkCommand::SetLiveSeekableRange { start_secs, end_secs } => {
                assert!(start_secs >= 0.0 && start_secs <= end_secs);
                element.seekable = Some((start_secs, end_secs));
            }
            SinkCommand::EndOfStream => element.end_of_stream(),
            SinkCommand::Close => {
                element.close();
                self.held.clear();
            }
            SinkCommand::Seek { to_secs } => {
                element.seek(to_secs);
            }
            SinkCommand::SetRate { rate } => element.set_catchup_rate(rate),
        }
    }

    fn begin(&mut self, request: Request) {
        self.requests += 1;
        let now_secs = self.now_secs();
        let is_lost = self.link.loss > 0.0 && self.chance() < self.link.loss;
        let breaks = self.link.truncation > 0.0 && self.chance() < self.link.truncation;
        let reply = self
            .origins
            .iter_mut()
            .find_map(|origin| origin.reply(&request.url, now_secs))
            .unwrap_or(Reply::Status(404));
        let reply = if is_lost { Reply::Silence } else { cut(reply, &request) };
        let dies_at = match &reply {
            Reply::Body { body, truncate_at, .. } => {
                truncate_at.or(breaks.then_some(body.len() / 3))
            }
            _ => None,
        };
        let transfer = Transfer {
            asked_secs: now_secs,
            last_news_secs: now_secs,
            reply,
            sent_head: false,
            sent: 0,
            credit: 0.0,
            dies_at,
            request,
        };
        self.transfers.insert(transfer.request.id.0, transfer);
    }

    /// A request under way whose body is encrypted.
    pub fn encrypted_request(&self) -> Option<RequestId> {
        let mut transfers = self.transfers.values();
        let encrypted = transfers.find(|transfer| transfer.request.decryption.is_some());
        encrypted.map(|transfer| transfer.request.id)
    }

    fn is_online(&self) -> bool {
        let now_secs = self.now_secs();
        !self.link.outages.iter().any(|(from, to)| (*from..*to).contains(&now_secs))
    }

    fn rate_bps(&self) -> f64 {
        let now_secs = self.now_secs();
        let begun = self.link.rates.partition_point(|(from, _)| *from <= now_secs);
        let current = begun.checked_sub(1).and_then(|index| self.link.rates.get(index));
        current.map_or(0.0, |(_, rate)| *rate)
    }

    fn respond(&mut self, id: u64, event: ResponseEvent<'_>) {
        self.input(Input::Response { request: RequestId(id), event });
    }

    fn fail(&mut self, id: u64, failure: NetworkFailure) {
        self.transfers.remove(&id);
        self.respond(id, ResponseEvent::Failed(failure));
    }

    /// Moves every transfer on by one step.
    fn transfer(&mut self) {
        let now_secs = self.now_secs();
        let is_online = self.is_online();
        let ids: Vec<u64> = self.transfers.keys().copied().collect();
        let active = self
            .transfers
            .values()
            .filter(|transfer| {
                matches!(transfer.reply, Reply::Body { .. })
                    && now_secs - transfer.asked_secs >= self.link.latency_secs
            })
            .count()
            .max(1);
        let share = self.rate_bps() / 8.0 * self.step_millis as f64 / 1000.0 / active as f64;
        for id in ids {
            if !is_online {
                self.fail(id, NetworkFailure::Unreachable);
                continue;
            }
            let Some(transfer) = self.transfers.get_mut(&id) else { continue };
            if now_secs - transfer.asked_secs < self.link.latency_secs {
                continue;
            }
            let patience = if transfer.sent == 0 {
                transfer.request.first_byte_timeout
            } else {
                transfer.request.idle_timeout
            };
            let url = transfer.request.url.clone();
            if matches!(transfer.reply, Reply::NotBefore(at_secs) if at_secs <= now_secs) {
                let mut origins = self.origins.iter();
                let reply = origins.find_map(|origin| origin.resume(&url, now_secs));
                transfer.reply = cut(reply.unwrap_or(Reply::Status(404)), &transfer.request);
            }
            let (final_url, body, pace) = match &transfer.reply {
                Reply::Status(status) => {
                    let status = *status;
                    self.fail(id, NetworkFailure::Status(status));
                    continue;
                }
                Reply::Busy(secs) => {
                    let secs = *secs;
                    self.respond(id, ResponseEvent::RetryAfter { secs });
                    self.fail(id, NetworkFailure::Status(503));
                    continue;
                }
                Reply::Refused => {
                    self.fail(id, NetworkFailure::Unreachable);
                    continue;
                }
                Reply::Silence | Reply::NotBefore(_) => {
                    if now_secs - transfer.last_news_secs >= patience.as_secs_f64() {
                        self.fail(id, NetworkFailure::Timeout);
                    }
                    continue;
                }
                Reply::Body { final_url, body, pace, .. } => {
                    (final_url.clone(), Rc::clone(body), *pace)
                }
            };
            let delivery = transfer.request.delivery;
            let is_held = delivery != Delivery::Bytes;
            if !transfer.sent_head {
                transfer.sent_head = true;
                transfer.last_news_secs = now_secs;
                let content_length = pace.is_none().then_some(body.len() as u64);
                let content_type = None;
                self.respond(id, ResponseEvent::Head { final_url, content_length, content_type });
            }
            let Some(transfer) = self.transfers.get_mut(&id) else { continue };
            let is_cached = self.link.cached.iter().any(|part| url.contains(part.as_str()));
            transfer.credit += if is_cached { share.max(1e6) } else { share };
            let made = pace.map_or(body.len(), |pace| pace.available(now_secs).min(body.len()));
            let wanted = (transfer.credit as usize).min(made.saturating_sub(transfer.sent));
            // What the link could have carried while nothing was made is gone.
            let is_starved = transfer.sent + wanted == made && made < body.len();
            transfer.credit = if is_starved { 0.0 } else { transfer.credit - wanted as f64 };
            let until = (transfer.sent + wanted).min(transfer.dies_at.unwrap_or(usize::MAX));
            let chunk = body.get(transfer.sent..until).unwrap_or_default();
            transfer.sent = until;
            let is_dead = transfer.dies_at.is_some_and(|dies_at| until >= dies_at);
            if !chunk.is_empty() {
                transfer.last_news_secs = now_secs;
                if delivery == Delivery::Held || transfer.request.decryption.is_some() {
                    self.respond(id, ResponseEvent::HeldProgress { len: chunk.len() as u64 });
                } else {
                    self.respond(id, ResponseEvent::Data(chunk));
                }
            }
            let Some(transfer) = self.transfers.get(&id) else { continue };
            if chunk.is_empty() && now_secs - transfer.last_news_secs >= patience.as_secs_f64() {
                self.fail(id, NetworkFailure::Timeout);
                continue;
            }
            if is_dead {
                let (received, expected) = (until as u64, body.len() as u64);
                self.fail(id, NetworkFailure::Truncated { received, expected });
            } else if until == body.len() {
                let decryption = transfer.request.decryption;
                let body = match decryption.map(|it| cbc::decrypt(it.key, it.iv, &body)) {
                    None => body,
                    Some(Some(clear)) => {
                        let pieces = if delivery == Delivery::Held { &[][..] } else { &clear };
                        for piece in pieces.chunks(100_000) {
                            self.respond(id, ResponseEvent::Data(piece));
                        }
                        Rc::new(clear)
                    }
                    Some(None) => {
                        self.transfers.remove(&id);
                        self.respond(id, ResponseEvent::Undecryptable);
                        continue;
                    }
                };
                // The engine may have given it up meanwhile.
                if self.transfers.remove(&id).is_none() {
                    continue;
                }
                let body_len = body.len() as u64;
                if is_held {
                    self.held.insert(RequestId(id), Rc::clone(&body));
                    let held: usize = self.held.values().map(|body| body.len()).sum();
                    self.largest_held_bytes = self.largest_held_bytes.max(held);
                    let head = &body[..body.len().min(HELD_HEAD_LEN)];
                    self.respond(id, ResponseEvent::End { head, body_len });
                } else {
                    self.respond(id, ResponseEvent::End { head: &[], body_len });
                }
            }
        }
    }

    fn step(&mut self) {
        self.now_millis += self.step_millis;
        let is_online = self.is_online();
        if is_online != self.was_online {
            self.was_online = is_online;
            self.input(Input::Online(is_online));
        }
        self.transfer();
        // One answer each step: an operation on a source buffer takes its time.
        if let Some(answer) = self.element.next_answer() {
            self.input(Input::Sink(answer));
        }
        self.element.advance(self.step_millis as f64 / 1000.0);
        if self.now_millis.is_multiple_of(TICK_MILLIS) {
            self.tell_state();
        }
        let now = Instant::from_millis(self.now_millis as f64);
        if self.engine.poll_timeout().is_some_and(|due| due <= now) {
            self.input(Input::Wake);
        }
    }

    /// Lets time pass until `is_done`; true if it came within `limit_secs`.
    pub fn run_until(&mut self, limit_secs: f64, is_done: impl Fn(&Self) -> bool) -> bool {
        let end_millis = self.now_millis + (limit_secs * 1000.0) as u64;
        while self.now_millis < end_millis {
            if is_done(self) {
                return true;
            }
            self.step();
        }
        is_done(self)
    }

    /// The engine's thread sleeps: what happens meanwhile it hears of afterwards, first of all how
    /// the element was when it fell asleep. The element plays what it has.
    pub fn sleep(&mut self, secs: f64) {
        let before = self.element.state;
        let end_millis = self.now_millis + (secs * 1000.0) as u64;
        while self.now_millis < end_millis {
            self.now_millis += self.step_millis;
            self.element.advance(self.step_millis as f64 / 1000.0);
        }
        self.input(Input::Playback(before));
        self.tell_state();
    }

    pub fn run(&mut self, secs: f64) {
        self.run_until(secs, |_| false);
    }

    pub fn at_secs(&self) -> f64 {
        self.element.state.current_time_secs
    }

    pub fn fatal(&self) -> Option<&Error> {
        self.errors.iter().find(|error| error.severity() == Severity::Fatal)
    }

    pub fn codes(&self) -> Vec<&'static str> {
        self.errors.iter().map(Error::code).collect()
    }

    /// The variants in the buffer from start to end, without repetitions.
    pub fn buffered_variants(&self, kind: TrackKind) -> Vec<u32> {
        let spans = self.element.tracks.get(&kind).map(|track| track.spans.as_slice());
        let mut variants: Vec<u32> =
            spans.unwrap_or_default().iter().map(|span| span.variant).collect();
        variants.dedup();
        variants
    }

    /// Transfers under way and bodies held outside.
    pub fn outstanding(&self) -> (usize, usize) {
        (self.transfers.len(), self.held.len())
    }
}

/// The range that was asked for.
fn cut(reply: Reply, request: &Request) -> Reply {
    let (Some(range), Reply::Body { final_url, body, pace, .. }) = (request.byte_range, &reply)
    else {
        return reply;
    };
    let from = (range.offset as usize).min(body.len());
    let to = range.length.map_or(body.len(), |len| (from + len as usize).min(body.len()));
    let body = Rc::new(body[from..to].to_vec());
    let pace = pace.map(|pace| Pace {
        begins_secs: pace.begins_secs + from as f64 / pace.bytes_per_sec,
        most: pace.most.saturating_sub(from),
        ..pace
    });
    Reply::Body { final_url: final_url.clone(), body, truncate_at: None, pace }
}
