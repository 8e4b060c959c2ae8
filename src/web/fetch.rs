//! Requests by `fetch`, on the engine's behalf (Fetch Standard; RFC 9110 for ranges).
//!
//! In: a [`Request`]. Out: its [`ResponseEvent`]s in order: a head, data or held progress, and
//! one end or failure; or nothing further once it is cancelled. A body is streamed chunk by chunk;
//! for [`Delivery::Held`] the chunks stay JavaScript arrays and wasm sees the first
//! [`HELD_HEAD_LEN`] bytes. What is encrypted is delivered once it is whole and clear. It never retries and
//! decides nothing, not even how much is too much: the loader does.

mod body;
mod cipher;

use core::cell::RefCell;

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials,
    RequestInit, Response,
};

use super::{js, transmuxer};
use crate::engine::{
    ASLEEP, Delivery, HELD_HEAD_LEN, LoadOptions, Request, RequestId, ResponseEvent,
};
use crate::error::{NetworkFailure, Resource};
use crate::time::Instant;
use body::{Body, header};
use cipher::Undeciphered;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = URL)]
    type ParsedUrl;
    #[wasm_bindgen(constructor, js_class = "URL", catch)]
    fn new(url: &str) -> Result<ParsedUrl, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn origin(this: &ParsedUrl) -> String;
}

/// As the browser reads it, which is what a header must not pass by.
fn origin_of(url: &str) -> Option<String> {
    ParsedUrl::new(url).ok().map(|url| url.origin())
}

/// What the page wants of every request.
#[derive(Default)]
pub(super) struct FetchOptions {
    headers: Vec<(String, String)>,
    /// Beside the stream's own, where the headers may go; `*` is everywhere.
    origins: Vec<String>,
    credentials: Option<RequestCredentials>,
}

impl FetchOptions {
    /// From `{headers: {name: value}, origins: [origin], credentials}`; anything else in it is ignored.
    pub(super) fn from_js(options: &JsValue) -> Self {
        let text = |value: Option<JsValue>| value.and_then(|value| value.as_string());
        let credentials = match text(js::field(options, "credentials")).as_deref() {
            Some("omit") => Some(RequestCredentials::Omit),
            Some("include") => Some(RequestCredentials::Include),
            Some("same-origin") => Some(RequestCredentials::SameOrigin),
            _ => None,
        };
        let mut headers = Vec::new();
        if let Some(given) = js::field(options, "headers").filter(JsValue::is_object) {
            let given: Object = given.unchecked_into();
            for name in Object::keys(&given).iter().filter_map(|name| name.as_string()) {
                if let Some(value) = text(js::field(&given, &name)) {
                    headers.push((name, value));
                }
            }
        }
        let origins = js::field(options, "origins").map(|it| Array::from(&it)).unwrap_or_default();
        let origins = origins.iter().filter_map(|origin| origin.as_string()).collect();
        Self { headers, origins, credentials }
    }
}

/// A request under way. Dropping it aborts it.
struct Live {
    id: RequestId,
    abort: AbortController,
    deadline: Instant,
    is_timed_out: bool,
}

impl Drop for Live {
    fn drop(&mut self) {
        // Nothing happens where the body has been read to its end.
        self.abort.abort();
    }
}

/// What the worker gives; see [`super::engine_worker::EngineWorker::new`].
pub(super) struct Calls {
    /// `fetch` of the Fetch Standard; as a third argument it is told what is asked for.
    pub fetch: Function,
    pub load_transmuxer: Function,
    pub open_cipher: Function,
}

/// All requests under way, and the bodies held for the media source.
pub(super) struct Fetches {
    calls: Calls,
    options: FetchOptions,
    /// The origins of the stream that the page named.
    home: RefCell<Vec<String>>,
    live: RefCell<Vec<Live>>,
    held: RefCell<Vec<(RequestId, Uint8Array)>>,
    /// Reused for every chunk that goes into the engine.
    scratch: RefCell<Vec<u8>>,
}

/// Why a transfer stopped early.
enum Stop {
    /// The engine wants no more of it.
    Cancelled,
    /// It failed.
    Failed(NetworkFailure),
    /// It came and cannot be decrypted.
    Encrypted(Undeciphered),
}

/// Receives the news of one request.
pub(super) trait Deliver {
    /// May cancel any request, this one included.
    fn deliver(&self, event: ResponseEvent<'_>);
}

impl Fetches {
    /// None yet.
    pub(super) fn new(calls: Calls, options: FetchOptions) -> Self {
        Self {
            calls,
            options,
            home: RefCell::default(),
            live: RefCell::default(),
            held: RefCell::default(),
            scratch: RefCell::default(),
        }
    }

    /// The page opens this stream: its origin and the second one's get the page's headers.
    pub(super) fn set_home(&self, options: &LoadOptions) {
        let urls = [Some(&options.url), options.high_quality_url.as_ref()];
        *self.home.borrow_mut() =
            urls.into_iter().flatten().filter_map(|it| origin_of(it)).collect();
    }

    /// Whether the page's headers may go there. What a playlist names elsewhere must not collect
    /// a viewer's token.
    fn is_trusted(&self, url: &str) -> bool {
        let is_listed = |origin: &String| {
            self.home.borrow().contains(origin) || self.options.origins.contains(origin)
        };
        self.options.origins.iter().any(|it| it == "*")
            || origin_of(url).is_some_and(|origin| is_listed(&origin))
    }

    /// Aborts a request; no further event of it is delivered.
    pub(super) fn cancel(&self, id: RequestId) {
        drop(self.take_live(id));
    }

    /// Aborts every request.
    pub(super) fn cancel_all(&self) {
        drop(self.live.take());
    }

    /// A held body.
    pub(super) fn held(&self, id: RequestId) -> Option<Uint8Array> {
        self.held.borrow().iter().find(|held| held.0 == id).map(|held| held.1.clone())
    }

    /// Frees a held body.
    pub(super) fn release(&self, id: RequestId) {
        self.held.borrow_mut().retain(|held| held.0 != id);
    }

    /// Frees every held body.
    pub(super) fn release_all(&self) {
        self.held.borrow_mut().clear();
    }

    /// When [`Self::expire`] is due.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.live.borrow().iter().filter(|live| !live.is_timed_out).map(|live| live.deadline).min()
    }

    /// Aborts each request that has been silent for too long; its transfer then reports it. Where
    /// nobody was there to look for long after that, the machine slept, and the answer may lie here
    /// unread: it is waited for a little longer.
    pub(super) fn expire(&self, now: Instant) {
        for live in self.live.borrow_mut().iter_mut() {
            if live.deadline > now || live.is_timed_out {
                continue;
            }
            // A timer that goes off so much too late says that the machine slept.
            if now - live.deadline > ASLEEP {
                live.deadline = now + ASLEEP;
                continue;
            }
            live.is_timed_out = true;
            live.abort.abort();
        }
    }

    /// Registers a request, so that it can be cancelled and its deadline counts from now on.
    /// [`Self::run`] is then to be called with what this returns.
    pub(super) fn register(&self, request: &Request) -> Result<RequestInit, NetworkFailure> {
        let abort = AbortController::new().map_err(|_| NetworkFailure::Unreachable)?;
        let init = self.init_of(request);
        if let Some(media) = &request.media {
            let facts = Array::of3(
                &media.object.into(),
                &media.duration_secs.into(),
                &(media.bandwidth_bps as f64).into(),
            );
            js::set(&init, "about", &facts);
        }
        init.set_signal(Some(&abort.signal()));
        let deadline = js::now() + request.first_byte_timeout;
        let live = Live { id: request.id, abort, deadline, is_timed_out: false };
        self.live.borrow_mut().push(live);
        Ok(init)
    }

    /// Makes a registered request and delivers its news, to the end.
    pub(super) async fn run(&self, request: Request, init: RequestInit, to: &impl Deliver) {
        let event = match self.transfer(&request, &init, to).await {
            Ok(()) | Err(Stop::Cancelled) => return,
            Err(Stop::Failed(failure)) => ResponseEvent::Failed(failure),
            Err(Stop::Encrypted(Undeciphered::WrongKey)) => ResponseEvent::Undecryptable,
            Err(Stop::Encrypted(Undeciphered::NoCipher(detail))) => {
                ResponseEvent::NoDecryption { detail }
            }
        };
        let Some(live) = self.take_live(request.id) else { return };
        let is_held = matches!(event, ResponseEvent::Failed(NetworkFailure::NotReleased));
        let is_timed_out = live.is_timed_out && !is_held;
        drop(live);
        to.deliver(if is_timed_out {
            ResponseEvent::Failed(NetworkFailure::Timeout)
        } else {
            event
        });
    }

    async fn transfer(
        &self,
        request: &Request,
        init: &RequestInit,
        to: &impl Deliver,
    ) -> Result<(), Stop> {
        // Cancelled before this task first ran: nothing must go out.
        self.check_wanted(request)?;
        // Loaded beside the body, not behind it.
        let wants_transmuxer = request.may_need_transmuxer;
        let loading = wants_transmuxer.then(|| transmuxer::request(&self.calls.load_transmuxer));
        let cipher = request.decryption.map(|it| cipher::open(&self.calls.open_cipher, &it));
        // `null` says that the page did not release it (`www/hooked_fetch.js`).
        let unreachable = |reason: JsValue| {
            let is_held = reason.is_null();
            let failure =
                if is_held { NetworkFailure::NotReleased } else { NetworkFailure::Unreachable };
            Stop::Failed(failure)
        };
        let resource = request.resource.as_str().into();
        let url = request.url.as_str().into();
        let asked = self.calls.fetch.call3(&JsValue::NULL, &url, init, &resource);
        let response = asked.map_err(unreachable)?.unchecked_into::<Promise>();
        let response = response.await.map_err(unreachable)?;
        let response: Response = response.unchecked_into();
        self.touch(request)?;
        if !response.ok() {
            if let Some(secs) = retry_after_secs(&response.headers()) {
                to.deliver(ResponseEvent::RetryAfter { secs });
            }
            return Err(Stop::Failed(NetworkFailure::Status(response.status())));
        }

        let headers = response.headers();
        let mut body = Body::new(request, &response, &headers);
        to.deliver(ResponseEvent::Head {
            final_url: response.url(),
            content_length: body.expected,
            content_type: header(&headers, "content-type"),
        });
        self.check_wanted(request)?;
        if let Some(loading) = loading.flatten() {
            // Without it nothing goes on: whoever loads it has said so.
            transmuxer::accept(loading.await.map_err(|_| Stop::Cancelled)?);
            self.touch(request)?;
        }

        if let Some(stream) = response.body() {
            let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
            while !body.is_whole() {
                let step = reader.read().await.map_err(|_| Stop::Failed(body.failure()))?;
                self.touch(request)?;
                let Some(chunk) = chunk_of(&step) else { break };
                let Some(chunk) = body.take(chunk) else { continue };
                if request.delivery != Delivery::Bytes || cipher.is_some() {
                    body.chunks.push(&chunk);
                }
                if request.delivery == Delivery::Held || cipher.is_some() {
                    let len = u64::from(chunk.byte_length());
                    to.deliver(ResponseEvent::HeldProgress { len });
                } else {
                    self.deliver_bytes(&chunk, to);
                }
                self.check_wanted(request)?;
            }
        }
        body.check_whole().map_err(Stop::Failed)?;
        if let Some(cipher) = cipher {
            let clear = cipher::decrypt(cipher, &body.join()).await.map_err(Stop::Encrypted)?;
            self.touch(request)?;
            body.replace(&clear);
            if request.delivery != Delivery::Held {
                for chunk in cipher::chunks(&clear) {
                    self.deliver_bytes(&chunk, to);
                    self.check_wanted(request)?;
                }
            }
        }
        drop(self.take_live(request.id).ok_or(Stop::Cancelled)?);
        self.finish(request, &body, to);
        Ok(())
    }

    fn finish(&self, request: &Request, body: &Body, to: &impl Deliver) {
        let body_len = body.received;
        match request.delivery {
            Delivery::Bytes => to.deliver(ResponseEvent::End { head: &[], body_len }),
            Delivery::Held => {
                let joined = body.join();
                let head_len = joined.byte_length().min(HELD_HEAD_LEN as u32);
                let head = joined.subarray(0, head_len).to_vec();
                self.held.borrow_mut().push((request.id, joined));
                to.deliver(ResponseEvent::End { head: &head, body_len });
            }
        }
    }

    fn deliver_bytes(&self, chunk: &Uint8Array, to: &impl Deliver) {
        let len = chunk.byte_length() as usize;
        // Taken out, so that no borrow is held while the engine works.
        let mut scratch = self.scratch.take();
        if scratch.len() < len {
            scratch.resize(len, 0);
        }
        if let Some(part) = scratch.get_mut(..len) {
            chunk.copy_to(part);
            to.deliver(ResponseEvent::Data(part));
        }
        self.scratch.replace(scratch);
    }

    /// Notes that the request made progress, or stops where it is no longer wanted.
    fn touch(&self, request: &Request) -> Result<(), Stop> {
        let mut live = self.live.borrow_mut();
        let live = live.iter_mut().find(|live| live.id == request.id).ok_or(Stop::Cancelled)?;
        live.deadline = js::now() + request.idle_timeout;
        Ok(())
    }

    fn check_wanted(&self, request: &Request) -> Result<(), Stop> {
        let is_live = self.live.borrow().iter().any(|live| live.id == request.id);
        if is_live { Ok(()) } else { Err(Stop::Cancelled) }
    }

    fn take_live(&self, id: RequestId) -> Option<Live> {
        let mut live = self.live.borrow_mut();
        let index = live.iter().position(|live| live.id == id)?;
        Some(live.swap_remove(index))
    }

    fn init_of(&self, request: &Request) -> RequestInit {
        let init = RequestInit::new();
        let headers = Object::new();
        if !self.options.headers.is_empty() && self.is_trusted(&request.url) {
            for (name, value) in &self.options.headers {
                js::set(&headers, name, &value.into());
            }
        }
        if let Some(range) = request.byte_range {
            let last = range
                .length
                .map(|length| range.offset.saturating_add(length).saturating_sub(1).to_string());
            let value = format!("bytes={}-{}", range.offset, last.unwrap_or_default());
            js::set(&headers, "Range", &value.into());
        }
        init.set_headers(&headers);
        if let Some(credentials) = self.options.credentials {
            init.set_credentials(credentials);
        }
        if matches!(request.resource, Resource::Manifest | Resource::MediaPlaylist) {
            // A live playlist is asked for again under the same URL and must bring news.
            init.set_cache(RequestCache::NoCache);
        }
        init
    }
}

/// Retry-After, seconds or a date (RFC 9110 10.2.3). Of another origin where it exposes the header.
fn retry_after_secs(headers: &Headers) -> Option<f64> {
    let text = header(headers, "retry-after")?;
    let secs = text.trim_ascii().parse::<u32>().map(f64::from);
    Some(secs.unwrap_or_else(|_| (js_sys::Date::parse(&text) - js_sys::Date::now()) / 1000.0))
}

/// The chunk of a `{done, value}`; `None` at the end.
fn chunk_of(step: &JsValue) -> Option<Uint8Array> {
    js::field(step, "value").map(JsCast::unchecked_into)
}
