//! The HTTP server of DASH; see the folder's head.

use super::catalogue::{Catalogue, Track};
use super::hls::Failure;
use super::manifest;
use crate::http;
use crate::playlists::clock::iso_8601;
use anyhow::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, StatusCode};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;

/// As a playlist's.
const MANIFEST_CACHE: &str = "public, max-age=1, stale-while-revalidate=2";
/// As segments of HLS: what is under a name never changes.
const MEDIA_CACHE: &str = "public, max-age=600, immutable";
const NO_CACHE: &str = "no-store";

/// A packager.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The origin it stands beside.
    pub origin: SocketAddr,
}

/// Serves until the program ends.
pub fn serve(options: Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // One question at a time: each takes milliseconds, and edges ask once for all their viewers.
    let catalogue = Arc::new(Mutex::new(Catalogue::new(options.origin)));
    runtime.block_on(http::serve(options.listen, move |request| {
        let catalogue = Arc::clone(&catalogue);
        async move { answer(&catalogue, &request).await }
    }))
}

async fn answer<B>(catalogue: &Mutex<Catalogue>, request: &Request<B>) -> Response<Full<Bytes>> {
    let path = request.uri().path().strip_prefix("/dash/").unwrap_or_default();
    let found = match path.split_once('/') {
        None if path == "time" => Ok(("text/plain", NO_CACHE, now().into())),
        None => match path.strip_suffix(".mpd") {
            Some(name) if is_name(name) => catalogue
                .lock()
                .await
                .presentation(name)
                .await
                .map(|it| ("application/dash+xml", MANIFEST_CACHE, manifest::write(&it).into())),
            _ => Err(Failure::unknown()),
        },
        Some((folder, file)) if is_name(folder) => {
            piece(&mut *catalogue.lock().await, folder, file)
                .await
                .map(|(kind, bytes)| (kind, MEDIA_CACHE, bytes))
        }
        Some(_) => Err(Failure::unknown()),
    };
    let (status, (kind, cache, body)) = match found {
        Ok(found) => (200, found),
        Err(failure) => (failure.status, ("text/plain", NO_CACHE, failure.text.into())),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in [("content-type", kind), ("cache-control", cache)] {
        response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
    }
    response
}

/// `video-NUMBER.m4s`, `audio-NUMBER.m4s`, and the init segments `video-NAME.mp4`, `audio-NAME.mp4`.
async fn piece(
    catalogue: &mut Catalogue,
    folder: &str,
    file: &str,
) -> Result<(&'static str, Bytes), Failure> {
    let (track, rest) = file.split_once('-').ok_or_else(Failure::unknown)?;
    let (track, kind) = match track {
        "video" => (Track::Video, "video/mp4"),
        "audio" => (Track::Audio, "audio/mp4"),
        _ => return Err(Failure::unknown()),
    };
    if let Some(name) = rest.strip_suffix(".mp4") {
        return catalogue.init(folder, name).await.map(|bytes| (kind, bytes));
    }
    let number = rest.strip_suffix(".m4s").and_then(|number| number.parse().ok());
    let number = number.ok_or_else(Failure::unknown)?;
    catalogue.media(folder, number, track).await.map(|bytes| (kind, bytes))
}

/// As the ingest takes it, and a rung's suffix.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.chars().all(is_plain)
}

fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    iso_8601(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}
