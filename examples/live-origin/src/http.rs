//! A small HTTP client: one connection, kept open, no TLS, no redirects. And a server as small.
//!
//! In: an address and paths. Out: status, headers, the whole body, and how long it took. The load
//! test's clients and the origins' questions to one another go through it.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONNECTION, HOST, HeaderMap};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

/// Larger answers are errors.
const MAX_BODY_LEN: usize = 64 << 20;

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    /// As they came.
    pub headers: HeaderMap,
    /// All of it.
    pub body: Bytes,
    /// From the question to the last byte.
    pub took: Duration,
}

impl Answer {
    /// The body as text; an error where the status is not 200.
    pub fn text(&self) -> Result<String> {
        if self.status != 200 {
            let body = String::from_utf8_lossy(&self.body);
            bail!("status {}: {}", self.status, body.lines().next().unwrap_or_default());
        }
        Ok(String::from_utf8_lossy(&self.body).into_owned())
    }

    /// A header, where it is there and text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    limit: Duration,
    connection: Option<SendRequest<Empty<Bytes>>>,
}

impl Client {
    /// Nothing is connected yet. `limit`: for connecting and the whole answer.
    #[must_use]
    pub fn new(address: SocketAddr, limit: Duration) -> Self {
        Self { address, limit, connection: None }
    }

    /// GET. A kept connection that the server has closed is opened once more.
    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        let is_kept = self.connection.is_some();
        match self.try_get(path).await {
            Err(_) if is_kept => self.try_get(path).await,
            result => result,
        }
    }

    async fn try_get(&mut self, path: &str) -> Result<Answer> {
        let limit = self.limit;
        match tokio::time::timeout(limit, self.exchange(path)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.connection = None;
                Err(error)
            }
            Err(_) => {
                self.connection = None;
                bail!("no answer to {path} in {limit:?}")
            }
        }
    }

    async fn exchange(&mut self, path: &str) -> Result<Answer> {
        let started = Instant::now();
        let mut sender = match self.connection.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        sender.ready().await?;
        let request = hyper::Request::get(path)
            .header(HOST, self.address.to_string())
            .body(Empty::new())
            .with_context(|| format!("{path} is no path"))?;
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, MAX_BODY_LEN).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("{path} broke off: {error}"))?.to_bytes();
        let closes = head.headers.get(CONNECTION).is_some_and(|value| value == "close");
        if !closes {
            self.connection = Some(sender);
        }
        let (status, headers) = (head.status.as_u16(), head.headers);
        Ok(Answer { status, headers, body, took: started.elapsed() })
    }

    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // Its errors come back with the request they broke.
            let _ = connection.await;
        });
        Ok(sender)
    }
}

/// GET from a thread that runs nothing else.
pub fn get_blocking(address: SocketAddr, path: &str, limit: Duration) -> Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(Client::new(address, limit).get(path))
}

/// Answers requests until the program ends.
pub async fn serve<F, A>(listen: SocketAddr, answer: F) -> Result<()>
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Response<Full<Bytes>>> + Send,
{
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("{listen} is taken: choose another --listen"))?;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Most often too many are open.
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let answer = answer.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let answer = answer(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}
