//! The engine in its worker: JavaScript messages in, calls and messages out.
//!
//! In: messages (see [`super::messages`]), the news of requests, the timer. Out: requests, calls of
//! the media sink, events for the page. It holds no playback logic, only the loop: one input, then
//! all outputs, then the timer for the next wake-up.
//!
//! Re-entrancy: no borrow of the engine's cell is held for writing across a call that leaves this
//! module; an input that arrives while another is being worked off waits in the inbox.

use core::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use js_sys::Function;
use js_sys::futures::spawn_local;
use wasm_bindgen::prelude::*;

use super::fetch::{Calls, Deliver, FetchOptions, Fetches};
use super::js::{self, Timer};
use super::media_source::{self, Sink};
use super::messages::{self, Message};
use super::transmuxer;
use crate::engine::{Command, Engine, Event, Input, Output, Request, RequestId, ResponseEvent};
use crate::error::Error;

/// One engine with the browser's hands. `free()` ends everything it has under way.
#[wasm_bindgen]
pub struct EngineWorker {
    host: Rc<Host>,
}

struct Host {
    engine: RefCell<Engine>,
    fetches: Rc<Fetches>,
    sink: Sink,
    post: Function,
    timer: Timer,
    /// Inputs that own their data, waiting for the one being worked off.
    inbox: RefCell<VecDeque<Input<'static>>>,
    is_busy: Cell<bool>,
}

#[wasm_bindgen]
impl EngineWorker {
    /// `sink` is the media sink, `post` takes each event of the page as an object, `fetch` is the
    /// browser's or does as it does, `load_transmuxer` gives a promise for the functions of the
    /// transmuxer's module, `open_cipher` what decrypts a body (`Cipher` in `www/protocol.d.ts`), `options` is `{config, request: {headers, origins, credentials}}`.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(
        sink: Sink,
        post: Function,
        fetch: Function,
        load_transmuxer: Function,
        open_cipher: Function,
        options: &JsValue,
    ) -> Self {
        report_panics(post.clone());
        let part = |name| js::field(options, name).unwrap_or(JsValue::UNDEFINED);
        let config = messages::config_of(&part("config"));
        let calls = Calls { fetch, load_transmuxer, open_cipher };
        let fetches = Rc::new(Fetches::new(calls, FetchOptions::from_js(&part("request"))));
        let host = Rc::new_cyclic(|host: &Weak<Host>| {
            let host = Weak::clone(host);
            let timer = Timer::new(move || {
                if let Some(host) = host.upgrade() {
                    host.wake();
                }
            });
            Host {
                engine: RefCell::new(Engine::with_transmuxer(config, transmuxer::make)),
                fetches,
                sink,
                post,
                timer,
                inbox: RefCell::default(),
                is_busy: Cell::new(false),
            }
        });
        Self { host }
    }

    /// Takes in one message. Messages of other kinds than the engine's are ignored.
    #[wasm_bindgen(js_name = handleMessage)]
    pub fn handle_message(&self, message: &Message) {
        if let Some(input) = messages::input_of(message) {
            if let Input::Command(Command::Load(options)) = &input {
                self.host.fetches.set_home(options);
            }
            self.host.handle_owned(input);
        }
    }
}

impl Host {
    fn handle_owned(self: &Rc<Self>, input: Input<'static>) {
        if self.is_busy.get() {
            self.inbox.borrow_mut().push_back(input);
        } else {
            self.handle(input);
        }
    }

    /// One input and all that follows from it. Never entered twice: data of a response can only
    /// come when the stack is empty, and all else goes through the inbox.
    fn handle(self: &Rc<Self>, input: Input<'_>) {
        self.is_busy.set(true);
        self.engine.borrow_mut().handle_input(js::now(), input);
        self.drain();
        while let Some(input) = self.take_from_inbox() {
            self.engine.borrow_mut().handle_input(js::now(), input);
            self.drain();
        }
        self.is_busy.set(false);
        self.arm();
    }

    // A function of its own, so that the borrow ends before the input is worked off.
    fn take_from_inbox(&self) -> Option<Input<'static>> {
        self.inbox.borrow_mut().pop_front()
    }

    fn poll_output(&self) -> Option<Output> {
        self.engine.borrow_mut().poll_output()
    }

    fn drain(self: &Rc<Self>) {
        while let Some(output) = self.poll_output() {
            match output {
                Output::Fetch(request) => self.fetch(request),
                Output::CancelFetch(id) => self.fetches.cancel(id),
                Output::ProbeCodecs(codecs) => media_source::probe(&self.sink, &codecs),
                Output::Sink(command) => {
                    let engine = self.engine.borrow();
                    let event = media_source::perform(&self.sink, &engine, &self.fetches, command);
                    if let Some(event) = event {
                        self.inbox.borrow_mut().push_back(Input::Sink(event));
                    }
                }
                Output::Text(piece) => {
                    if let Some(body) = self.fetches.held(piece.request) {
                        self.fetches.release(piece.request);
                        let message = messages::text_to_js(&piece, &body);
                        let _ = self.post.call1(&JsValue::NULL, &message);
                    }
                }
                Output::Event(event) => {
                    // What a listener of the page throws must not stop the engine.
                    let _ = self.post.call1(&JsValue::NULL, &messages::event_to_js(&event));
                }
            }
        }
    }

    fn fetch(self: &Rc<Self>, request: Request) {
        match self.fetches.register(&request) {
            Ok(init) => {
                let news = News { host: Rc::downgrade(self), request: request.id };
                let fetches = Rc::clone(&self.fetches);
                spawn_local(async move { fetches.run(request, init, &news).await });
            }
            Err(failure) => {
                let event = ResponseEvent::Failed(failure);
                self.inbox.borrow_mut().push_back(Input::Response { request: request.id, event });
            }
        }
    }

    fn wake(self: &Rc<Self>) {
        self.timer.went_off();
        self.fetches.expire(js::now());
        self.handle_owned(Input::Wake);
    }

    /// The timer goes off for whatever comes first: the engine's wake-up or a silent request.
    fn arm(&self) {
        let engine_at = self.engine.borrow().poll_timeout();
        let fetch_at = self.fetches.next_deadline();
        if let Some(at) = engine_at.into_iter().chain(fetch_at).min() {
            self.timer.arm_at_latest(at);
        }
    }
}

thread_local! {
    static PANIC_POST: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// A panic ends the module without unwinding: tell the console and the page first.
fn report_panics(post: Function) {
    PANIC_POST.set(Some(post));
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        if let Some(post) = PANIC_POST.take() {
            let error = Event::Error(Error::Internal { detail: info.to_string() });
            let _ = post.call1(&JsValue::NULL, &messages::event_to_js(&error));
        }
    }));
}

impl Drop for EngineWorker {
    fn drop(&mut self) {
        self.host.fetches.cancel_all();
    }
}

/// Where the news of one request goes; nowhere once the engine is gone.
struct News {
    host: Weak<Host>,
    request: RequestId,
}

impl Deliver for News {
    fn deliver(&self, event: ResponseEvent<'_>) {
        if let Some(host) = self.host.upgrade() {
            host.handle(Input::Response { request: self.request, event });
        }
    }
}
