//! The requests under way, and those that wait to be made again.
//!
//! In: what to fetch and why; the events of each request. Out: `Fetch` and `CancelFetch` outputs,
//! and [`DownloadEvent`] for the rest of the engine: chunks, a finished body, or a failure once nothing
//! more will be tried. The one owner of retries: their number, their delay, and waiting for the
//! network to come back; and of how long a whole answer may take. How often a server is asked is
//! [`super::allowance`]'s to say. It reads no body.

use super::allowance::Allowance;
use super::context::Context;
use super::input::{RequestId, ResponseEvent};
use super::kinds::StreamKind;
use super::load_timeouts::LoadTimeouts;
use super::output::{Output, Request};
use super::wanted::{Purpose, Wanted};
use crate::abr::{BurstMeter, ThroughputSample};
use crate::error::{Error, NetworkFailure};
use crate::loader::retry::retry_delay;
use crate::time::{Duration, Instant, seconds};

/// Retry-After is obeyed up to this.
const MAX_RETRY_AFTER_SECS: f64 = 60.0;
/// A segment that comes so fast may take its time.
const MIN_SEGMENT_BPS: f64 = 100_000.0;

#[derive(Debug)]
struct Download {
    wanted: Wanted,
    retries_made: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    InFlight(Box<Flight>),
    Waiting { until: Instant, is_for_network: bool },
}

/// One request on its way.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub id: RequestId,
    pub sent_at: Instant,
    pub first_byte_at: Option<Instant>,
    last_byte_at: Option<Instant>,
    pub received_bytes: u64,
    /// How its bytes came, where the sender may be slower than the link.
    pub bursts: BurstMeter,
    pub expected_bytes: Option<u64>,
    final_url: Option<String>,
    retry_after: Duration,
    /// Clear bytes of what was encrypted have come.
    has_decrypted: bool,
    body: Vec<u8>,
}

/// What became of a download.
#[derive(Debug)]
pub(super) enum DownloadEvent<'a> {
    /// Bytes of a segment; the first of a try when `is_first`.
    Chunk { purpose: Purpose, bytes: &'a [u8], is_first: bool },
    /// A held body grew.
    Progress,
    /// The body is whole.
    Done { purpose: Purpose, finished: Finished<'a> },
    /// Nothing more will be tried.
    Failed { purpose: Purpose, error: Error },
}

/// A whole body.
#[derive(Debug)]
pub(super) struct Finished<'a> {
    pub id: RequestId,
    pub final_url: String,
    pub sent_at: Instant,
    /// Of playlists and init segments.
    pub body: Vec<u8>,
    /// Of held bodies.
    pub head: &'a [u8],
    pub body_len: u64,
    pub sample: ThroughputSample,
    pub bursts: Box<BurstMeter>,
}

/// All downloads of a session: a handful.
#[derive(Debug, Default)]
pub(super) struct Downloads {
    list: Vec<Download>,
    allowance: Allowance,
}

impl Downloads {
    /// Begins a download; one of the same purpose is cancelled first.
    pub fn start(&mut self, context: &mut Context, wanted: Wanted) {
        self.cancel(context, wanted.purpose);
        let until = self.allowance.earliest(&wanted, context.now);
        let state = if until > context.now {
            State::Waiting { until, is_for_network: false }
        } else {
            State::InFlight(send(context, &wanted))
        };
        self.list.push(Download { wanted, retries_made: 0, state });
    }

    /// Gives up the answers that take too long as a whole, even if bytes still come. Gives the first for
    /// which no retry is left.
    pub fn expire(&mut self, context: &mut Context) -> Option<(Purpose, Error)> {
        loop {
            let (now, limit) = (context.now, context.config.retry.total_timeout);
            let index = self.list.iter().position(|download| match &download.state {
                State::InFlight(flight) => flight.is_overdue(download.wanted.purpose, now, limit),
                State::Waiting { .. } => false,
            })?;
            let download = self.list.get(index)?;
            let purpose = download.wanted.purpose;
            if let State::InFlight(flight) = &download.state {
                context.output(Output::CancelFetch(flight.id));
            }
            if let Some(error) = self.fail(context, index, NetworkFailure::Timeout) {
                return Some((purpose, error));
            }
        }
    }

    pub fn is_running(&self, purpose: Purpose) -> bool {
        self.list.iter().any(|download| download.wanted.purpose == purpose)
    }

    /// The request on its way for this purpose; `None` also while it waits for a retry.
    pub fn flight(&self, purpose: Purpose) -> Option<&Flight> {
        self.list.iter().find_map(|download| match &download.state {
            State::InFlight(flight) if download.wanted.purpose == purpose => Some(&**flight),
            _ => None,
        })
    }

    pub fn cancel(&mut self, context: &mut Context, purpose: Purpose) {
        self.cancel_where(context, |download| download.wanted.purpose == purpose);
    }

    /// Gives up what a stream is loading.
    pub fn cancel_stream(&mut self, context: &mut Context, kind: StreamKind) {
        self.cancel(context, Purpose::Segment(kind));
        self.cancel(context, Purpose::Init(kind));
    }

    /// What one stream is loading is another's from now on.
    pub fn hand_over(&mut self, from: StreamKind, to: StreamKind) {
        for download in &mut self.list {
            let purpose = &mut download.wanted.purpose;
            match *purpose {
                Purpose::Segment(kind) if kind == from => *purpose = Purpose::Segment(to),
                Purpose::Init(kind) if kind == from => *purpose = Purpose::Init(to),
                _ => {}
            }
        }
    }

    pub fn cancel_all(&mut self, context: &mut Context) {
        self.cancel_where(context, |_| true);
    }

    fn cancel_where(&mut self, context: &mut Context, is_meant: impl Fn(&Download) -> bool) {
        self.list.retain(|download| {
            let is_meant = is_meant(download);
            if is_meant && let State::InFlight(flight) = &download.state {
                context.output(Output::CancelFetch(flight.id));
            }
            !is_meant
        });
    }

    /// The next moment at which a retry, or the end of an answer's time, is due.
    pub fn next_wake(&self, context: &Context) -> Option<Instant> {
        self.list
            .iter()
            .filter_map(|download| match &download.state {
                State::Waiting { until, .. } => Some(*until),
                State::InFlight(flight) => flight
                    .first_byte_at
                    .map(|at| at + context.config.retry.total_timeout)
                    // A segment is looked at each second.
                    .filter(|at| *at > context.now),
            })
            .min()
    }

    /// Makes the requests whose wait is over; all that wait for the network when it is back.
    pub fn resume(&mut self, context: &mut Context, is_network_back: bool) {
        for download in &mut self.list {
            if let State::Waiting { until, is_for_network } = download.state
                && (until <= context.now || (is_for_network && is_network_back))
            {
                context.counters.retries += 1;
                download.state = State::InFlight(send(context, &download.wanted));
            }
        }
    }

    /// The machine slept: what is on its way was not slow meanwhile.
    pub fn on_woken(&mut self, slept: Duration) {
        for download in &mut self.list {
            if let State::InFlight(flight) = &mut download.state {
                flight.sent_at += slept;
                for at in [&mut flight.first_byte_at, &mut flight.last_byte_at] {
                    *at = at.map(|at| at + slept);
                }
                flight.bursts.forget_recent();
            }
        }
    }

    /// Takes in an event of a request. `None` where it concerns nobody else.
    pub fn respond<'a>(
        &mut self,
        context: &mut Context,
        request: RequestId,
        event: ResponseEvent<'a>,
    ) -> Option<DownloadEvent<'a>> {
        let index = self.list.iter().position(
            |download| matches!(&download.state, State::InFlight(flight) if flight.id == request),
        )?;
        let download = self.list.get_mut(index)?;
        let State::InFlight(flight) = &mut download.state else { return None };
        let purpose = download.wanted.purpose;
        let max_bytes = download.wanted.max_bytes;
        let too_large = ResponseEvent::Failed(NetworkFailure::TooLarge { limit: max_bytes });
        match event {
            ResponseEvent::Head { final_url, content_length, .. } => {
                flight.final_url = Some(final_url);
                flight.expected_bytes = content_length;
                if content_length.is_some_and(|len| len > max_bytes) {
                    context.output(Output::CancelFetch(request));
                    return self.respond(context, request, too_large);
                }
                None
            }
            ResponseEvent::Data(bytes) => {
                // What was decrypted has been counted as it came.
                let is_clear = download.wanted.decryption.is_none();
                let is_first = if is_clear {
                    flight.received_bytes == 0
                } else {
                    !core::mem::replace(&mut flight.has_decrypted, true)
                };
                if is_clear {
                    flight.note_bytes(context, bytes.len() as u64);
                }
                if flight.received_bytes > max_bytes {
                    context.output(Output::CancelFetch(request));
                    return self.respond(context, request, too_large);
                }
                if matches!(purpose, Purpose::Segment(_)) {
                    return Some(DownloadEvent::Chunk { purpose, bytes, is_first });
                }
                flight.body.extend_from_slice(bytes);
                None
            }
            ResponseEvent::HeldProgress { len } => {
                flight.note_bytes(context, len);
                if flight.received_bytes > max_bytes {
                    context.output(Output::CancelFetch(request));
                    return self.respond(context, request, too_large);
                }
                Some(DownloadEvent::Progress)
            }
            ResponseEvent::End { head, body_len } => {
                let Download { wanted, state: State::InFlight(flight), .. } =
                    self.list.swap_remove(index)
                else {
                    return None;
                };
                let finished = flight.finish(context.now, wanted.url, head, body_len);
                Some(DownloadEvent::Done { purpose, finished })
            }
            ResponseEvent::RetryAfter { secs } => {
                // A date may be past, or none.
                let secs = if secs > 0.0 { secs.min(MAX_RETRY_AFTER_SECS) } else { 0.0 };
                flight.retry_after = seconds(secs);
                None
            }
            ResponseEvent::Failed(failure) => {
                let error = self.fail(context, index, failure)?;
                Some(DownloadEvent::Failed { purpose, error })
            }
            ResponseEvent::Undecryptable => {
                let url = self.list.swap_remove(index).wanted.url;
                Some(DownloadEvent::Failed { purpose, error: Error::Undecryptable { url } })
            }
            ResponseEvent::NoDecryption { detail } => {
                self.list.swap_remove(index);
                Some(DownloadEvent::Failed { purpose, error: Error::NoDecryption { detail } })
            }
        }
    }

    /// Plans a retry, or gives the error and forgets the download.
    fn fail(
        &mut self,
        context: &mut Context,
        index: usize,
        failure: NetworkFailure,
    ) -> Option<Error> {
        let download = self.list.get_mut(index)?;
        let wanted = &download.wanted;
        let mut retry_after = Duration::ZERO;
        if let State::InFlight(flight) = &download.state {
            retry_after = flight.retry_after;
        }
        if retry_after > Duration::ZERO {
            self.allowance.close(&wanted.url, context.now + retry_after);
        }
        let is_offline = !context.is_online && failure == NetworkFailure::Unreachable;
        let budget = match failure {
            NetworkFailure::Status(404) => wanted.not_found_retries,
            _ => wanted.max_retries,
        };
        let error = Error::Network {
            resource: wanted.purpose.resource(),
            url: wanted.url.clone(),
            failure,
            exhausted: false,
        };
        if is_offline {
            // Costs no retry, and is tried now and then in case the browser is wrong about it.
            let until = context.now + context.config.retry.max_delay;
            download.state = State::Waiting { until, is_for_network: true };
            return None;
        }
        // With fewer tries than usual something else can take its place, and sooner.
        let config = &context.config.retry;
        let is_too_long = budget < config.max_retries && retry_after > config.max_delay;
        let delay = if error.is_retryable() && download.retries_made < budget && !is_too_long {
            retry_delay(config, download.retries_made, &mut context.jitter)
        } else {
            None
        };
        let Some(delay) = delay else {
            self.list.swap_remove(index);
            return Some(error);
        };
        download.retries_made += 1;
        let until = context.now + delay.max(retry_after);
        download.state = State::Waiting { until, is_for_network: false };
        context.error(error);
        None
    }
}

fn send(context: &mut Context, wanted: &Wanted) -> Box<Flight> {
    let id = context.next_request_id();
    let usual = &context.config.retry;
    let usual = LoadTimeouts { first_byte: usual.first_byte_timeout, idle: usual.idle_timeout };
    let timeouts = wanted.timeouts.unwrap_or(usual);
    let first_byte = timeouts.first_byte.max(usual.first_byte);
    context.output(Output::Fetch(Request {
        id,
        url: wanted.url.clone(),
        byte_range: wanted.byte_range,
        resource: wanted.purpose.resource(),
        delivery: wanted.delivery,
        decryption: wanted.decryption,
        may_need_transmuxer: wanted.may_need_transmuxer,
        media: wanted.media,
        first_byte_timeout: wanted.first_byte_limit.map_or(first_byte, |it| it.min(first_byte)),
        idle_timeout: timeouts.idle.min(usual.idle),
    }));
    Box::new(Flight {
        id,
        sent_at: context.now,
        first_byte_at: None,
        last_byte_at: None,
        received_bytes: 0,
        bursts: BurstMeter::default(),
        expected_bytes: None,
        final_url: None,
        retry_after: Duration::ZERO,
        has_decrypted: false,
        body: Vec::new(),
    })
}

impl Flight {
    fn note_bytes(&mut self, context: &mut Context, len: u64) {
        self.first_byte_at.get_or_insert(context.now);
        self.last_byte_at = Some(context.now);
        self.bursts.note(context.now, len);
        self.received_bytes = self.received_bytes.saturating_add(len);
        context.counters.bytes_received = context.counters.bytes_received.saturating_add(len);
    }

    /// How fast it came.
    pub fn sample(&self, now: Instant) -> ThroughputSample {
        let first_byte_at = self.first_byte_at.unwrap_or(now);
        ThroughputSample {
            bytes: self.received_bytes,
            transfer: now - first_byte_at,
            latency: first_byte_at - self.sent_at,
        }
    }

    fn finish(self, now: Instant, url: String, head: &[u8], body_len: u64) -> Finished<'_> {
        let sample = self.sample(now);
        Finished {
            id: self.id,
            final_url: self.final_url.unwrap_or(url),
            sent_at: self.sent_at,
            body: self.body,
            head,
            body_len,
            sample: ThroughputSample { bytes: sample.bytes.max(body_len), ..sample },
            bursts: Box::new(self.bursts),
        }
    }

    /// It has been coming for longer than `limit`, and is no segment that is only large.
    fn is_overdue(&self, purpose: Purpose, now: Instant, limit: Duration) -> bool {
        let Some(since) = self.first_byte_at.map(|at| now - at) else { return false };
        let is_fast = self.received_bytes as f64 * 8.0 >= MIN_SEGMENT_BPS * since.as_secs_f64();
        since >= limit && !(is_fast && matches!(purpose, Purpose::Segment(_)))
    }

    /// Since the last byte, or the request.
    pub fn idle(&self, now: Instant) -> Duration {
        now - self.last_byte_at.unwrap_or(self.sent_at)
    }

    /// Since the request was made.
    pub fn elapsed(&self, now: Instant) -> Duration {
        now - self.sent_at
    }
}

#[cfg(test)]
mod tests;
