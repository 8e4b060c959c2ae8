//! The HTTP server of the playlists; see the folder's head.

use super::agree::{HighWaterMark, LEAST_SEGMENTS, OriginReport, Refusal, agree, agree_unheard};
use super::etag;
use super::folder::{self, Grid, Tail};
use super::lateness::{self, Lateness};
use super::measure::{Measured, measure};
use super::mender::Mender;
use super::peer::{FRESH, INTERVAL, OriginReports, PATIENCE, Peer, PeerReply};
use super::target::Targets;
use super::update_tick::UpdateTick;
use super::write;
use crate::name;
use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::ETAG;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;

/// How long a playlist may be kept, by viewers and the edge. Half a segment: the answer is at
/// most that old, and however many ask, the origin is asked once. An edge may go on showing it for as
/// long as it waits for the next one, a dead origin's time-out included; and where both origins fail,
/// for as long as it takes them to be sure of one another, or a part to be started again. Not longer: by
/// another edge viewers have seen the next one, and numbers must not sink.
const MEDIA_CACHE: &str = "public, max-age=1, stale-while-revalidate=2, stale-if-error=10";
/// Rungs do not change while a camera stays.
const MULTIVARIANT_CACHE: &str = "public, max-age=5, stale-while-revalidate=5, stale-if-error=60";
const NO_CACHE: &str = "no-store";
/// Why there is no playlist yet, for the edge to tell: it drops the text of an answer that it does not
/// pass on.
const REASON: &str = "x-reason";
/// How a line of the log begins that the stage shows on the terminal.
pub const NEWS: &str = "! ";
/// Streams × rungs remembered.
const MAX_RUNGS: usize = 256;
/// Segments that failed to come, after which what there is counts as old.
const STALE_SEGMENTS: u64 = 3;
/// How often rungs are looked at, and how long a measurement holds.
const MEASURE_EVERY: Duration = Duration::from_secs(1);
const MEASURED_FOR: Duration = Duration::from_secs(30);

/// An origin's playlist service.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What nginx-rtmp calls `hls_path`.
    pub hls: PathBuf,
    /// Suffixes of a stream's rungs, from high to low.
    pub rungs: Vec<String>,
    /// A slot of the sequence, and what nginx-rtmp calls `hls_fragment`.
    pub segment_millis: u64,
    /// Segments listed.
    pub window: u64,
    /// The other origin's HTTP address.
    pub peer: Option<SocketAddr>,
    /// A file that says what is wrong with which camera, as JSON.
    pub cameras: Option<PathBuf>,
    /// The stream that is the stage's own ([`super::test_source`]).
    pub test_source: Option<String>,
}

struct Service {
    options: Options,
    peer: Option<Peer>,
    high_water_marks: Mutex<HashMap<String, HighWaterMark>>,
    lateness: Mutex<Lateness>,
    targets: Mutex<Targets>,
    /// What each rung's playlist is in the present tick.
    lists: Mutex<HashMap<String, (UpdateTick, String)>>,
    measured: Mutex<HashMap<String, (Instant, Measured)>>,
    mender: Mender,
}

/// Serves until the program ends.
pub fn serve(options: Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen)
            .await
            .with_context(|| format!("{} is taken: choose another --listen", options.listen))?;
        let service = Arc::new(Service {
            peer: options.peer.map(Peer::new),
            high_water_marks: Mutex::default(),
            lateness: Mutex::default(),
            targets: Mutex::default(),
            lists: Mutex::default(),
            measured: Mutex::default(),
            mender: Mender::default(),
            options,
        });
        let asking = Arc::clone(&service);
        tokio::spawn(async move {
            while let Some(peer) = &asking.peer {
                peer.ask().await;
                // Early in each tick, so that the other hears of it before the tick is over.
                for folder in asking.folders() {
                    let _ = asking.media(&folder).await;
                }
                tokio::time::sleep(INTERVAL).await;
            }
        });
        // In a thread of its own: reading a segment takes longer than the edge waits.
        let measuring = Arc::clone(&service);
        std::thread::Builder::new().name("measure".to_owned()).spawn(move || {
            loop {
                measuring.measure_all();
                std::thread::sleep(MEASURE_EVERY);
            }
        })?;
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(INTERVAL).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let service = Arc::clone(&service);
            tokio::spawn(async move {
                let answer = service_fn(move |request| {
                    let service = Arc::clone(&service);
                    async move { Ok::<_, Infallible>(service.answer(request).await) }
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), answer)
                    .await;
            });
        }
    })
}

/// Why a request got no playlist.
enum Failure {
    /// There is no such stream, or no such address.
    Unknown,
    /// A segment that is still being written, or not whole.
    Forbidden,
    /// There is, and nothing to stand by.
    Unready(String),
}

impl Service {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let mut expires = None;
        let result = match path.strip_prefix("/hls/") {
            _ if path == "/playlists.json" => Ok((self.reports(), NO_CACHE)),
            _ if path.starts_with("/finished/hls/") => {
                self.finished(path).map(|()| (String::new(), NO_CACHE))
            }
            Some(rest) => match rest.split_once('/') {
                Some((folder, "index.m3u8")) => self.media(folder).await.map(|(tick, text)| {
                    expires = Some(tick.expires());
                    (text, MEDIA_CACHE)
                }),
                None => self.multivariant(rest).map(|text| (text, MULTIVARIANT_CACHE)),
                _ => Err(Failure::Unknown),
            },
            None => Err(Failure::Unknown),
        };
        let mut reason = None;
        let (status, kind, cache, text) = match result {
            Ok((text, NO_CACHE)) => (200, "application/json", NO_CACHE, text),
            Ok((text, cache)) => (200, "application/vnd.apple.mpegurl", cache, text),
            // No word on caching: nginx would heed it in the other origin's answer too, and keep none.
            Err(Failure::Unknown) => {
                (404, "text/plain", "", "no such stream is being published\n".to_owned())
            }
            Err(Failure::Forbidden) => (403, "text/plain", "", String::new()),
            // Not 503, which edges hold against the whole origin.
            Err(Failure::Unready(why)) => {
                let text = format!("{why}\n");
                reason = Some(why);
                (404, "text/plain", "", text)
            }
        };
        let tag = (status == 200).then(|| etag::of(&text));
        // The edges see to their viewers; this is for those who ask here.
        let (status, text) =
            match tag.as_ref().is_some_and(|tag| etag::is_known(request.headers(), tag)) {
                true => (304, String::new()),
                false => (status, text),
            };
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
        if let Some(tag) = tag.and_then(|tag| tag.parse().ok()) {
            response.headers_mut().insert(ETAG, tag);
        }
        for (name, value) in [("content-type", kind), ("cache-control", cache)] {
            if let Some(value) = value.parse().ok().filter(|_| !value.is_empty()) {
                response.headers_mut().insert(name, value);
            }
        }
        if let Some(value) = reason.and_then(|reason| reason.parse().ok()) {
            response.headers_mut().insert(REASON, value);
            let retry_secs = self.options.segment_millis.div_ceil(1000);
            response.headers_mut().insert("retry-after", retry_secs.into());
        }
        // After Cache-Control, of which nginx 1.22 would else not read the rest.
        if let Some(value) = expires.and_then(|value| value.parse().ok()) {
            response.headers_mut().insert("x-accel-expires", value);
        }
        response
    }

    /// `/finished/hls/NAME_RUNG/TICKS.ts`: whether this may be served.
    fn finished(&self, path: &str) -> Result<(), Failure> {
        let rest = path.strip_prefix("/finished/hls/").ok_or(Failure::Unknown)?;
        let (folder, file) = rest.split_once('/').ok_or(Failure::Unknown)?;
        let ticks = file.strip_suffix(".ts").and_then(|name| name.parse().ok());
        let tail = self.tail(folder)?;
        if !tail.has(ticks.ok_or(Failure::Unknown)?) {
            return Err(Failure::Forbidden);
        }
        self.mender.mend(&self.options.hls, folder, &tail);
        Ok(())
    }

    /// The same for a whole tick: edges that renew their answer at its end never contradict one
    /// another.
    async fn media(&self, folder: &str) -> Result<(UpdateTick, String), Failure> {
        let tick = self.tick();
        let known = lock(&self.lists).get(folder).filter(|(at, _)| *at == tick).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let text = self.new_media(folder).await?;
        let mut lists = lock(&self.lists);
        if lists.len() < MAX_RUNGS || lists.contains_key(folder) {
            lists.insert(folder.to_owned(), (tick, text.clone()));
        }
        Ok((tick, text))
    }

    async fn new_media(&self, folder: &str) -> Result<String, Failure> {
        let reply = match &self.peer {
            Some(peer) => peer.report(folder).await,
            None => PeerReply::Gone,
        };
        let tail = self.tail(folder)?;
        // One that was frozen, or whose encoder is, must not answer by what it had before.
        let limit = Duration::from_millis(self.options.segment_millis * STALE_SEGMENTS);
        if folder::age(&self.options.hls.join(folder)).is_ok_and(|age| age > limit) {
            return Err(self.unready(folder, Refusal::Stale));
        }
        let mut high_water_marks = lock(&self.high_water_marks);
        let high_water_mark = high_water_marks.get(folder).copied().unwrap_or_default();
        let own = self.report(folder, &tail, high_water_mark);
        let window = self.options.window;
        let (other, list) = match reply {
            // What is listed now the other would hear of too late.
            PeerReply::Said(_) if self.tick().left(now_unix_millis()) < FRESH => {
                (None, Err(Refusal::Unsure))
            }
            PeerReply::Said(other) => (other, agree(own, other, window)),
            PeerReply::Silent(heard) => {
                let moment_millis = PATIENCE.as_millis() as u64;
                let grown = moment_millis.div_ceil(self.options.segment_millis.max(1));
                (heard, agree_unheard(own, heard, window, grown))
            }
            PeerReply::Gone => (None, agree(own, None, window)),
        };
        let list = list.map_err(|refusal| self.unready(folder, refusal))?;
        if high_water_marks.len() < MAX_RUNGS || high_water_marks.contains_key(folder) {
            high_water_marks.insert(folder.to_owned(), high_water_mark.and(list));
        }
        let late_millis = self.late_millis(folder, own, other);
        let segments = tail.between(list.first, list.last);
        let segment_millis = self.options.segment_millis;
        let target_secs = lock(&self.targets).agree(folder, segments, segment_millis, own, other);
        let is_test_source = self.is_test_source(self.stream_of(folder));
        Ok(write::media(segments, target_secs, late_millis, is_test_source))
    }

    /// What to add to the time stamps of a rung for dates. Its stream's highest rung is measured,
    /// which waits for no encoder.
    fn late_millis(&self, folder: &str, own: OriginReport, other: Option<OriginReport>) -> i64 {
        let stream = self.stream_of(folder);
        let measure = || {
            let rungs = self.options.rungs.iter().map(|rung| format!("{stream}_{rung}"));
            rungs
                .filter_map(|rung| Some((self.tail(&rung).ok()?, rung)))
                .find_map(|(tail, rung)| lateness::measure(&self.options.hls.join(rung), &tail))
        };
        lock(&self.lateness).agree(stream, own, other, measure)
    }

    /// `NAME` of `NAME_RUNG`.
    fn stream_of<'a>(&self, folder: &'a str) -> &'a str {
        let rungs = self.options.rungs.iter();
        let mut names = rungs
            .filter_map(|rung| folder.strip_suffix(rung.as_str())?.strip_suffix('_'))
            .filter(|name| !name.is_empty());
        names.next().unwrap_or(folder)
    }

    fn is_test_source(&self, stream: &str) -> bool {
        self.options.test_source.as_deref() == Some(stream)
    }

    fn report(&self, folder: &str, tail: &Tail, high_water_mark: HighWaterMark) -> OriginReport {
        let (first, newest) = tail.span();
        let late_millis = lock(&self.lateness).of(self.stream_of(folder));
        let target_secs = lock(&self.targets).of(folder);
        OriginReport { first, newest, high_water_mark, late_millis, target_secs }
    }

    /// A refusal, with the commonest reason of all where that is it.
    fn unready(&self, folder: &str, refusal: Refusal) -> Failure {
        let path = self.options.hls.join(folder).join("index.m3u8");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let segment_millis = self.options.segment_millis;
        let seen = || folder::key_frame_trouble(&text, segment_millis);
        let trouble = self.camera_trouble(self.stream_of(folder));
        let trouble = trouble.or_else(|| Some(seen()?.advice(segment_millis)));
        Failure::Unready(trouble.unwrap_or_else(|| refusal.reason().to_owned()))
    }

    /// What is wrong with a camera, by who watches them; it is known before the first segment is.
    fn camera_trouble(&self, stream: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.options.cameras.as_ref()?).ok()?;
        serde_json::from_str::<HashMap<String, String>>(&text).ok()?.remove(stream)
    }

    /// `NAME.m3u8`, `NAME.main.m3u8` or `NAME.top.m3u8`.
    fn multivariant(&self, file: &str) -> Result<String, Failure> {
        let stem = file.strip_suffix(".m3u8").ok_or(Failure::Unknown)?;
        let (name, rungs) = match (stem.strip_suffix(".main"), stem.strip_suffix(".top")) {
            (Some(name), _) => (name, self.options.rungs.get(1..).unwrap_or_default()),
            (_, Some(name)) => (name, self.options.rungs.get(..1).unwrap_or_default()),
            _ => (stem, &self.options.rungs[..]),
        };
        let mut variants = Vec::new();
        for rung in rungs {
            let folder = format!("{name}_{rung}");
            variants.push((folder.clone(), self.measured(&folder)?));
        }
        let mut troubles = variants.iter().map(|(_, measured)| &measured.trouble);
        match troubles.clone().next() {
            None => Err(Failure::Unknown),
            Some(Some(trouble)) if troubles.all(Option::is_some) => {
                Err(Failure::Unready(trouble.clone()))
            }
            Some(_) => Ok(write::multivariant(&variants, self.is_test_source(name))),
        }
    }

    /// What a rung is, as last measured.
    fn measured(&self, folder: &str) -> Result<Measured, Failure> {
        self.tail(folder)?;
        let known = lock(&self.measured).get(folder).map(|(_, measured)| measured.clone());
        known.ok_or_else(|| self.unready(folder, Refusal::TooShort))
    }

    fn measure_all(&self) {
        let folders = self.folders();
        lock(&self.measured).retain(|folder, _| folders.contains(folder));
        self.mender.forget_all_but(&folders);
        for folder in folders {
            // Before anybody asks for them.
            if let Ok(tail) = self.tail(&folder) {
                self.mender.mend(&self.options.hls, &folder, &tail);
            }
            let is_known = |(at, _): &(Instant, Measured)| at.elapsed() < MEASURED_FOR;
            if lock(&self.measured).get(&folder).is_some_and(is_known) {
                continue;
            }
            let Ok(tail) = self.tail(&folder) else { continue };
            if (tail.segments().len() as u64) < LEAST_SEGMENTS {
                continue;
            }
            match measure(&self.options.hls.join(&folder), &tail) {
                Ok(measured) => {
                    let trouble = measured.trouble.clone();
                    let before =
                        lock(&self.measured).insert(folder.clone(), (Instant::now(), measured));
                    let told = before.and_then(|(_, before)| before.trouble);
                    if let Some(trouble) = trouble.filter(|it| Some(it) != told.as_ref()) {
                        eprintln!("{NEWS}{folder} is not listed: {trouble}");
                    }
                }
                Err(error) => eprintln!("{folder}: {error:#}"),
            }
        }
    }

    /// Rungs that are, or were, on air here.
    fn folders(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.options.hls).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.take(MAX_RUNGS).collect()
    }

    fn tail(&self, folder: &str) -> Result<Tail, Failure> {
        let stream = self.stream_of(folder);
        if stream == folder || !name::is_valid(stream) {
            return Err(Failure::Unknown);
        }
        match folder::read(&self.options.hls.join(folder), self.grid()) {
            Ok(Some(tail)) => Ok(tail),
            Ok(None) => Err(self.unready(folder, Refusal::TooShort)),
            // The edge asks the other origin then, and does not hold it against this one.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(self.camera_trouble(stream).map_or(Failure::Unknown, Failure::Unready))
            }
            Err(error) => Err(Failure::Unready(format!("{folder}: {error}"))),
        }
    }

    fn grid(&self) -> Grid {
        let now_unix_millis = i64::try_from(now_unix_millis()).unwrap_or(i64::MAX);
        Grid { segment_millis: self.options.segment_millis, now_unix_millis }
    }

    fn tick(&self) -> UpdateTick {
        UpdateTick::at(now_unix_millis(), self.options.segment_millis)
    }

    /// What the other origin asks for.
    fn reports(&self) -> String {
        let mut reports = OriginReports::new();
        for folder in self.folders() {
            if let Ok(tail) = self.tail(&folder) {
                let high_water_mark =
                    lock(&self.high_water_marks).get(&folder).copied().unwrap_or_default();
                let report = self.report(&folder, &tail, high_water_mark);
                reports.insert(folder, report);
            }
        }
        serde_json::to_string(&reports).unwrap_or_else(|_| "{}".to_owned())
    }
}

fn now_unix_millis() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// A panic while one of these is held leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
