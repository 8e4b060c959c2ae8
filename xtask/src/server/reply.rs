//! One request, one answer.

use super::console_hook;
use super::faults::Fault;
use super::files::{self, Wanted};
use super::{Request as Logged, Rule, Shared, lock};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::mpsc;

/// A file is read and sent in pieces of this size.
const PIECE: usize = 64 * 1024;
/// Throttled bodies get so many pieces a second.
const THROTTLE_STEPS: u64 = 20;
/// `/__faults` takes no more than this.
const MAX_CONTROL_BYTES: usize = 64 * 1024;

/// What an answer carries: bytes in hand, or pieces of a file as they are read.
pub(super) enum Answer {
    Whole(Option<Bytes>),
    Pieces { pieces: mpsc::Receiver<Result<Bytes, Error>>, left: Option<u64> },
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut *self {
            Answer::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Answer::Pieces { pieces, left } => pieces.poll_recv(context).map(|piece| {
                if let (Some(left), Some(Ok(piece))) = (left, &piece) {
                    *left = left.saturating_sub(piece.len() as u64);
                }
                piece.map(|piece| piece.map(Frame::data))
            }),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Answer::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Answer::Pieces { left: Some(left), .. } => SizeHint::with_exact(*left),
            Answer::Pieces { left: None, .. } => SizeHint::default(),
        }
    }
}

/// Answers; an error closes the connection without one.
pub(super) async fn reply(
    request: Request<Incoming>,
    port: u16,
    shared: &Arc<Shared>,
) -> Result<Response<Answer>, Error> {
    let text = |name: header::HeaderName| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let mut logged = Logged {
        at_millis: shared.started.elapsed().as_millis() as u64,
        port,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        range: text(header::RANGE),
        origin: text(header::ORIGIN),
        status: 0,
    };
    let path = logged.path.clone();
    if shared.options.control && path.starts_with("/__") {
        return control(request, &path, shared).await;
    }
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str()).to_owned();
    let preflight = request.method() == Method::OPTIONS;
    let fault = if preflight { None } else { shared.faults.strike(&asked) };
    if let Some(Fault::Delay { millis }) = fault {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
    let result = match &fault {
        Some(fault) => match in_place(fault, &asked) {
            Some(instead) => instead,
            None => right(&request, &path, shared, Some(fault)).await,
        },
        None => right(&request, &path, shared, None).await,
    };
    let result = result.map(|mut response| {
        if fault != Some(Fault::NoCors) {
            allow_other_origins(response.headers_mut());
        }
        response
    });
    logged.status = result.as_ref().map_or(0, |response| response.status().as_u16());
    shared.log(logged);
    result
}

/// Faults that need no file.
fn in_place(fault: &Fault, asked: &str) -> Option<Result<Response<Answer>, Error>> {
    let html = "<!doctype html><title>Welcome</title><p>Please sign in to the network.</p>";
    Some(match fault {
        Fault::Status { status } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::IM_A_TEAPOT);
            Ok(plain(status, "text/plain; charset=utf-8", "a fault on purpose\n"))
        }
        Fault::Html => Ok(plain(StatusCode::OK, "text/html; charset=utf-8", html)),
        Fault::Replace { content_type, body } => {
            Ok(plain(StatusCode::OK, content_type, body.clone()))
        }
        Fault::Redirect { to } => {
            let mut response = plain(StatusCode::FOUND, "text/plain; charset=utf-8", "");
            if let Ok(value) = HeaderValue::from_str(&to.replace("{path}", asked)) {
                response.headers_mut().insert(header::LOCATION, value);
            }
            Ok(response)
        }
        Fault::Reset => Err(Error::new(ErrorKind::ConnectionReset, "a fault on purpose")),
        Fault::Truncate { .. }
        | Fault::Shorten { .. }
        | Fault::Delay { .. }
        | Fault::Throttle { .. }
        | Fault::Stall { .. }
        | Fault::NoCors
        | Fault::Chunked
        | Fault::IgnoreRange => return None,
    })
}

/// The answer a good server gives, its body perhaps under a fault.
async fn right(
    request: &Request<Incoming>,
    path: &str,
    shared: &Shared,
    fault: Option<&Fault>,
) -> Result<Response<Answer>, Error> {
    match *request.method() {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return Ok(plain(StatusCode::NO_CONTENT, "text/plain", "")),
        _ => return Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET only\n")),
    }
    if path == "/streams.json" {
        let streams = serde_json::to_string(&*lock(&shared.streams)).map_err(Error::other)?;
        return Ok(plain(StatusCode::OK, "application/json", streams));
    }
    if let (true, Some(home)) = (path == "/", &shared.options.home) {
        return Ok(in_place(&Fault::Redirect { to: home.clone() }, path)
            .and_then(Result::ok)
            .unwrap_or_else(not_found));
    }
    let Some(file) = files::find(&shared.options.mounts, path) else { return Ok(not_found()) };
    if path == "/favicon.ico" && !file.is_file() {
        // Browsers ask unasked, and would write its absence to the console as an error.
        return Ok(plain(StatusCode::NO_CONTENT, "image/x-icon", ""));
    }
    if file.ends_with("index.html") && !path.ends_with('/') && !path.ends_with("index.html") {
        // Relative links of the page count from the folder.
        let to = format!("{path}/");
        return Ok(in_place(&Fault::Redirect { to }, path)
            .and_then(Result::ok)
            .unwrap_or_else(not_found));
    }
    let hook = console_hook::place(request.headers()).filter(|_| shared.options.control);
    if let (Some(place), None) = (hook, fault)
        && let Ok(text) = tokio::fs::read_to_string(&file).await
    {
        let text = console_hook::insert(place, &text);
        return Ok(plain(StatusCode::OK, files::mime_type(&file), text));
    }
    serve(request, &file, fault).await
}

async fn serve(
    request: &Request<Incoming>,
    path: &Path,
    fault: Option<&Fault>,
) -> Result<Response<Answer>, Error> {
    let Ok(mut file) = tokio::fs::File::open(path).await else { return Ok(not_found()) };
    let meta = file.metadata().await?;
    if !meta.is_file() {
        return Ok(not_found());
    }
    let length = match fault {
        Some(Fault::Shorten { bytes }) => meta.len().min(*bytes),
        _ => meta.len(),
    };
    let etag = files::etag(meta.modified()?, length);
    let asked = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let mut response = Response::new(Answer::Whole(None));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(files::mime_type(path)));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Everything here may be made anew at any time; the ETag makes asking again cheap.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).map_err(Error::other)?);
    if asked(header::IF_NONE_MATCH).is_some_and(|known| known == "*" || known.contains(&etag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let range = asked(header::RANGE)
        .filter(|_| asked(header::IF_RANGE).is_none_or(|known| known == etag))
        .filter(|_| fault != Some(&Fault::IgnoreRange));
    let (from, to) = match files::wanted(range, length) {
        Wanted::Whole => (0, length),
        Wanted::Part(from, to) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            insert_content_range(&mut response, &format!("bytes {from}-{}/{length}", to - 1))?;
            (from, to)
        }
        Wanted::Unsatisfiable => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            insert_content_range(&mut response, &format!("bytes */{length}"))?;
            return Ok(response);
        }
    };
    let chunked = fault == Some(&Fault::Chunked);
    if !chunked {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
    }
    if request.method() == Method::HEAD {
        return Ok(response);
    }
    file.seek(std::io::SeekFrom::Start(from)).await?;
    let (sender, pieces) = mpsc::channel(2);
    tokio::spawn(send(file, to - from, fault.cloned(), sender));
    let left = (!chunked).then_some(to - from);
    *response.body_mut() = Answer::Pieces { pieces, left };
    Ok(response)
}

fn insert_content_range(response: &mut Response<Answer>, text: &str) -> Result<(), Error> {
    let value = HeaderValue::from_str(text).map_err(Error::other)?;
    response.headers_mut().insert(header::CONTENT_RANGE, value);
    Ok(())
}

/// Reads the file and sends it, as a good or a bad network would. Ends when the page goes away.
async fn send(
    mut file: tokio::fs::File,
    mut left: u64,
    fault: Option<Fault>,
    sender: mpsc::Sender<Result<Bytes, Error>>,
) {
    let mut sent = 0u64;
    let (piece, pause) = match fault {
        Some(Fault::Throttle { bytes_per_second }) => {
            let piece = (bytes_per_second / THROTTLE_STEPS).clamp(1, 1024 * 1024);
            (piece, Some(Duration::from_secs_f64(piece as f64 / bytes_per_second.max(1) as f64)))
        }
        _ => (PIECE as u64, None),
    };
    let stop_at = match fault {
        Some(Fault::Truncate { bytes } | Fault::Stall { bytes }) => bytes,
        _ => u64::MAX,
    };
    let mut clock = pause.map(|pause| {
        let mut clock = tokio::time::interval(pause);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        clock
    });
    while left > 0 {
        if sent >= stop_at {
            if matches!(fault, Some(Fault::Stall { .. })) {
                sender.closed().await;
            } else {
                let broken = Error::new(ErrorKind::ConnectionReset, "a fault on purpose");
                let _ = sender.send(Err(broken)).await;
            }
            return;
        }
        if let Some(clock) = &mut clock {
            clock.tick().await;
        }
        let mut buffer = vec![0; left.min(piece).min(stop_at - sent) as usize];
        if let Err(error) = file.read_exact(&mut buffer).await {
            let _ = sender.send(Err(error)).await;
            return;
        }
        left -= buffer.len() as u64;
        sent += buffer.len() as u64;
        if sender.send(Ok(buffer.into())).await.is_err() {
            return;
        }
    }
}

/// `/__faults` and `/__requests`, for pages and scripts of tests.
async fn control(
    request: Request<Incoming>,
    path: &str,
    shared: &Shared,
) -> Result<Response<Answer>, Error> {
    let json = "application/json";
    let method = request.method().clone();
    let mut response = match (path, method) {
        ("/__requests", Method::DELETE) => {
            lock(&shared.requests).clear();
            plain(StatusCode::OK, json, "[]")
        }
        ("/__requests", _) => {
            let text = serde_json::to_string(&*lock(&shared.requests)).map_err(Error::other)?;
            plain(StatusCode::OK, json, text)
        }
        (console_hook::URL, _) => plain(StatusCode::OK, "text/javascript", console_hook::SCRIPT),
        ("/__faults", Method::POST) => {
            let body = Limited::new(request.into_body(), MAX_CONTROL_BYTES).collect().await;
            let body = body.map_err(Error::other)?.to_bytes();
            match serde_json::from_slice::<Rule>(&body) {
                Ok(rule) => {
                    shared.faults.add(rule);
                    plain(StatusCode::OK, json, "{}")
                }
                Err(error) => {
                    plain(StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", error.to_string())
                }
            }
        }
        ("/__faults", Method::DELETE) => {
            shared.faults.clear();
            plain(StatusCode::OK, json, "[]")
        }
        ("/__faults", Method::GET) => {
            let text = serde_json::to_string(&shared.faults.rules()).map_err(Error::other)?;
            plain(StatusCode::OK, json, text)
        }
        (_, Method::OPTIONS) => plain(StatusCode::NO_CONTENT, "text/plain", ""),
        _ => not_found(),
    };
    allow_other_origins(response.headers_mut());
    Ok(response)
}

fn not_found() -> Response<Answer> {
    plain(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "not here\n")
}

fn plain(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Response<Answer> {
    let body = body.into();
    let mut response = Response::new(Answer::Whole((!body.is_empty()).then_some(body)));
    *response.status_mut() = status;
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    let no_cache = HeaderValue::from_static("no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, no_cache);
    response
}

fn allow_other_origins(headers: &mut hyper::HeaderMap) {
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*, Range"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, DELETE"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "*"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("timing-allow-origin", HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
}
