//! One request, one answer.

use super::body::{Answer, Source, send};
use super::console_hook;
use super::faults::Fault;
use super::files::{self, Wanted};
use super::{Asked, Payload, Request as Logged, Route, Rule, Shared, lock};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncSeekExt;
use tokio::sync::mpsc;

/// What is posted may have so much.
const MAX_CONTROL_BYTES: usize = 64 * 1024;

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
        token: text(header::HeaderName::from_static("x-token")),
        cookie: text(header::COOKIE),
        cmcd: cmcd_of(request.headers()),
        body: String::new(),
        status: 0,
    };
    let path = logged.path.clone();
    // To a request with credentials a browser lets nothing be answered but its own origin.
    let with_cookies =
        request.headers().get(header::ORIGIN).filter(|_| logged.cookie.is_some()).cloned();
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
        None if request.method() == Method::POST => {
            let body = Limited::new(request.into_body(), MAX_CONTROL_BYTES).collect().await;
            let body = body.map_err(Error::other)?.to_bytes();
            logged.body = String::from_utf8_lossy(&body).into_owned();
            Ok(plain(StatusCode::NO_CONTENT, "text/plain", ""))
        }
        Some(fault) => match in_place(fault, &asked) {
            Some(instead) => instead,
            None => right(&request, &path, shared, Some(fault)).await,
        },
        None => right(&request, &path, shared, None).await,
    };
    let result = result.map(|mut response| {
        if fault != Some(Fault::NoCors) {
            let headers = response.headers_mut();
            allow_other_origins(headers);
            if let Some(origin) = with_cookies {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                headers.insert(
                    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                    HeaderValue::from_static("true"),
                );
            }
        }
        response
    });
    logged.status = result.as_ref().map_or(0, |response| response.status().as_u16());
    shared.log(logged);
    result
}

fn cmcd_of(headers: &hyper::HeaderMap) -> String {
    let mut lines: Vec<_> = headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("cmcd-"))
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    lines.sort();
    lines.concat()
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
        _ => return Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET and POST only\n")),
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
    let routes = shared.options.routes.iter();
    if let Some(route) =
        routes.filter(|route| path.starts_with(&route.url)).max_by_key(|it| it.url.len())
    {
        return routed(request, route, path, fault).await;
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
    serve(request, &file, fault, shared.options.compressed).await
}

/// The answer of what answers by itself.
async fn routed(
    request: &Request<Incoming>,
    route: &Route,
    path: &str,
    fault: Option<&Fault>,
) -> Result<Response<Answer>, Error> {
    let range = request.headers().get(header::RANGE).and_then(|value| value.to_str().ok());
    let range = range.filter(|_| fault != Some(&Fault::IgnoreRange)).map(str::to_owned);
    let asked = Asked {
        path: path[route.url.len()..].to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        range: range.clone(),
    };
    let answered = Arc::clone(&route.origin).answer(asked).await?;
    let mut response = Response::new(Answer::Whole(None));
    *response.status_mut() = StatusCode::from_u16(answered.status).map_err(Error::other)?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answered.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(answered.cache_control));
    let (source, length) = match answered.payload {
        Payload::Growing(pieces) => {
            if let Some(range) = &answered.content_range {
                insert_content_range(&mut response, range)?;
            }
            (Source::Growing(Bytes::new(), pieces), None)
        }
        Payload::Whole(bytes) => {
            let bytes = match fault {
                Some(Fault::Shorten { bytes: most }) => {
                    bytes.slice(..bytes.len().min(*most as usize))
                }
                _ => bytes,
            };
            let range = range.as_deref().filter(|_| answered.status == 200);
            let Some((from, to)) = take_range(&mut response, range, bytes.len() as u64)? else {
                return Ok(response);
            };
            (Source::Bytes(bytes.slice(from as usize..to as usize)), Some(to - from))
        }
    };
    Ok(with_body(
        response,
        source,
        length.filter(|_| fault != Some(&Fault::Chunked)),
        fault,
        request,
    ))
}

/// Gives a response its body, unless only the head was asked for.
fn with_body(
    mut response: Response<Answer>,
    source: Source,
    length: Option<u64>,
    fault: Option<&Fault>,
    request: &Request<Incoming>,
) -> Response<Answer> {
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    if request.method() != Method::HEAD {
        let (sender, pieces) = mpsc::channel(2);
        tokio::spawn(send(source, fault.cloned(), sender));
        *response.body_mut() = Answer::Pieces { pieces, left: length };
    }
    response
}

/// From and to of what a `Range` header wants, the response made so; nothing where the response is
/// ready without a body.
fn take_range(
    response: &mut Response<Answer>,
    range: Option<&str>,
    length: u64,
) -> Result<Option<(u64, u64)>, Error> {
    Ok(match files::wanted(range, length) {
        Wanted::Whole => Some((0, length)),
        Wanted::Part(from, to) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            insert_content_range(response, &format!("bytes {from}-{}/{length}", to - 1))?;
            Some((from, to))
        }
        Wanted::Unsatisfiable => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            insert_content_range(response, &format!("bytes */{length}"))?;
            None
        }
    })
}

async fn serve(
    request: &Request<Incoming>,
    path: &Path,
    fault: Option<&Fault>,
    compressed: bool,
) -> Result<Response<Answer>, Error> {
    let mut response = Response::new(Answer::Whole(None));
    let headers = response.headers_mut();
    let mut opened = None;
    if compressed && takes_brotli(request) {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        opened = tokio::fs::File::open(files::compressed(path)).await.ok();
    }
    if opened.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    } else {
        opened = tokio::fs::File::open(path).await.ok();
    }
    let Some(mut file) = opened else { return Ok(not_found()) };
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
    let Some((from, to)) = take_range(&mut response, range, length)? else { return Ok(response) };
    file.seek(std::io::SeekFrom::Start(from)).await?;
    let length = Some(to - from).filter(|_| fault != Some(&Fault::Chunked));
    Ok(with_body(response, Source::File(file, to - from), length, fault, request))
}

fn takes_brotli(request: &Request<Incoming>) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING);
    let mut accepted =
        accepted.and_then(|it| it.to_str().ok()).into_iter().flat_map(|it| it.split(','));
    accepted.any(|coding| coding.split(';').next().unwrap_or_default().trim() == "br")
}

fn insert_content_range(response: &mut Response<Answer>, text: &str) -> Result<(), Error> {
    let value = HeaderValue::from_str(text).map_err(Error::other)?;
    response.headers_mut().insert(header::CONTENT_RANGE, value);
    Ok(())
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
