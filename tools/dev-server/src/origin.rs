//! Whatever answers requests by itself, instead of from files: answers may wait, and their bodies
//! may be made while they are sent.

use bytes::Bytes;
use std::io::Error;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Below the route's URL, as it came.
    pub path: String,
    /// What followed the question mark.
    pub query: String,
    /// The `Range` header.
    pub range: Option<String>,
}

/// The content of an answer.
#[derive(Debug)]
pub enum Payload {
    /// All of it; the server takes care of ranges.
    Whole(Bytes),
    /// Its pieces as they are made, sent in chunks. An error closes the connection.
    Growing(mpsc::Receiver<Result<Bytes, Error>>),
}

/// An answer.
#[derive(Debug)]
pub struct Answered {
    /// Such as 200.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Cache-Control`.
    pub cache_control: &'static str,
    /// `Content-Range`, of growing content.
    pub content_range: Option<String>,
    /// The content.
    pub payload: Payload,
}

impl Answered {
    /// With all of its content, not to be cached.
    pub fn new(status: u16, content_type: &'static str, bytes: Bytes) -> Self {
        let payload = Payload::Whole(bytes);
        Self { status, content_type, cache_control: "no-cache", content_range: None, payload }
    }

    /// How long caches may keep it.
    #[must_use]
    pub fn cached(mut self, cache_control: &'static str) -> Self {
        self.cache_control = cache_control;
        self
    }

    /// With other content.
    #[must_use]
    pub fn with_payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// A part of something.
    #[must_use]
    pub fn with_content_range(mut self, content_range: String) -> Self {
        self.content_range = Some(content_range);
        self
    }
}

/// An answer that may take its time. An error closes the connection without one.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answered, Error>> + Send>>;

/// What answers by itself.
pub trait Origin: Send + Sync {
    /// Answers a GET; runs in the server's thread, so it must not block.
    fn answer(self: Arc<Self>, asked: Asked) -> Answering;
}

/// An origin and where it appears.
#[derive(Clone)]
pub struct Route {
    /// Starts and ends with a slash.
    pub url: String,
    /// What answers there.
    pub origin: Arc<dyn Origin>,
}

impl Route {
    /// This origin at this URL.
    pub fn new(url: &str, origin: Arc<dyn Origin>) -> Self {
        Self { url: url.to_owned(), origin }
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Route").field("url", &self.url).finish_non_exhaustive()
    }
}
