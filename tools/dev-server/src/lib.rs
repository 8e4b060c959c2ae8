//! The development server: the page, the samples and the live stream, on loopback only.
//!
//! In: folders mounted under URLs, and [`Origin`]s that answer by themselves. Out: HTTP/1.1 with byte ranges, the right MIME types, CORS and
//! ETags; a log of every request; and, where a test asked for it, the [`faults`] of a bad network.
//! A second port serves the same as another origin. It is no server for the open network: no TLS,
//! no uploads, no listing of folders.

mod body;
mod console_hook;
pub mod faults;
mod files;
pub mod link;
mod origin;
mod reply;

pub use faults::{Fault, Faults, Rule};
pub use files::mime_type;
pub use origin::{Answered, Answering, Asked, Origin, Payload, Route};

use anyhow::{Context, Result};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A folder and where it appears.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Starts and ends with a slash. The longest one that fits is taken.
    pub url: String,
    /// What is served there.
    pub folder: PathBuf,
}

impl Mount {
    /// This folder at this URL.
    pub fn new(url: &str, folder: impl Into<PathBuf>) -> Self {
        Self { url: url.to_owned(), folder: folder.into() }
    }
}

/// One line of `/streams.json`, which the demo page offers.
#[derive(Debug, Clone, Serialize)]
pub struct Stream {
    /// For people.
    pub name: String,
    /// Its multivariant playlist.
    pub url: String,
    /// A stream of the highest quality only, for the page's switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hq: Option<String>,
    /// A sliding window.
    pub live: bool,
}

/// How to serve.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// 0 asks the system for a free one.
    pub port: u16,
    /// What to serve.
    pub mounts: Vec<Mount>,
    /// What answers by itself; goes before the mounts.
    pub routes: Vec<Route>,
    /// What `/streams.json` lists.
    pub streams: Vec<Stream>,
    /// Where `/` leads, such as `/demo/`.
    pub home: Option<String>,
    /// Sends `NAME.br` for `NAME`, where there is one and the browser takes it.
    pub compressed: bool,
    /// Lets pages and scripts use `/__faults` and `/__requests`, and WebKitGTK's console be read;
    /// only for tests.
    pub control: bool,
}

/// A request that was answered.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// Since the server started.
    pub at_millis: u64,
    /// The port it came to: which of the two origins.
    pub port: u16,
    /// `GET` and so on.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// What followed the question mark.
    pub query: String,
    /// The `Range` header.
    pub range: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// The `X-Token` header, which tests give as a secret.
    pub token: Option<String>,
    /// The `Cookie` header.
    pub cookie: Option<String>,
    /// The `CMCD-…` headers, one a line, in the order of their names.
    pub cmcd: String,
    /// What was posted, and is answered with 204.
    pub body: String,
    /// The status answered; 0 where a fault cut the connection.
    pub status: u16,
}

/// What every connection needs.
struct Shared {
    options: Options,
    faults: Faults,
    requests: Mutex<Vec<Request>>,
    streams: Mutex<Vec<Stream>>,
    started: Instant,
}

/// Most requests remembered; older ones go first.
const MAX_REQUESTS: usize = 20_000;

impl Shared {
    fn log(&self, request: Request) {
        let mut requests = lock(&self.requests);
        if requests.len() >= MAX_REQUESTS {
            requests.drain(..MAX_REQUESTS / 2);
        }
        requests.push(request);
    }
}

/// A panic while one of these is held leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running server; stops when dropped.
pub struct Server {
    port: u16,
    second_port: u16,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on loopback, in a thread of its own.
    pub fn start(options: Options) -> Result<Self> {
        let first = listen(options.port)?;
        let second = listen(0)?;
        let (port, second_port) = (first.local_addr()?.port(), second.local_addr()?.port());
        let shared = Arc::new(Shared {
            faults: Faults::default(),
            requests: Mutex::default(),
            streams: Mutex::new(options.streams.clone()),
            started: Instant::now(),
            options,
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread =
            std::thread::Builder::new().name("dev server".to_owned()).spawn(move || {
                runtime.block_on(async {
                    tokio::spawn(accept(first, Arc::clone(&served)));
                    tokio::spawn(accept(second, served));
                    let _ = stopped.await;
                });
                // A file read that hangs must not hold the end of the program.
                runtime.shutdown_background();
            })?;
        Ok(Self { port, second_port, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port of the other origin.
    pub fn second_port(&self) -> u16 {
        self.second_port
    }

    /// A full URL; `path` starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The same from another origin.
    pub fn second_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.second_port)
    }

    /// What goes wrong on purpose.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Every request so far, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        lock(&self.shared.requests).clear();
    }

    /// Changes what `/streams.json` lists.
    pub fn set_streams(&self, streams: Vec<Stream>) {
        *lock(&self.shared.streams) = streams;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen(port: u16) -> Result<std::net::TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = std::net::TcpListener::bind(address)
        .with_context(|| format!("port {port} is taken; --port 0 finds a free one"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(port) = listener.local_addr().map(|address| address.port()) else { return };
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: let some be given back.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { reply::reply(request, port, &shared).await }
            });
            // A page that goes away mid-answer is an error here and of no interest.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

#[cfg(test)]
mod tests;
