//! What a person is told of cameras: that one was refused, that one sends another codec than H.264, and
//! that one comes without the key frames that segments need.
//!
//! In: the ingest's statistics, its log of refusals, and the key frames that it recorded. Out: news for
//! the terminal, and `ingest/cameras.json`, what is wrong by the stream's name, for the page of the
//! statistics and for the origins' playlists. It changes nothing of a stream, and repeats no key.

use super::Addresses;
use crate::key_frames::{self, Recording, Verdict};
use crate::{http, name, picture_codec};
use anyhow::Result;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the watchman looks.
const WATCH: Duration = Duration::from_millis(500);
/// A camera that tries again and again is told once in this time.
const REPEAT: Duration = Duration::from_secs(60);
/// Refusals remembered; of more nothing is said.
const MAX_TOLD: usize = 64;
/// Read of the log at once.
const MAX_LOG_LEN: u64 = 1 << 16;

/// What there is to know, from whoever serves it.
pub(super) const FILE: &str = "ingest/cameras.json";
/// Refusals: the address, whether there was a key, the name.
pub(super) const REFUSED: &str = "ingest/refused.log";

/// The watchman of a stage's cameras.
pub(super) struct Cameras {
    news: Arc<Mutex<Vec<String>>>,
    stop: Option<Sender<()>>,
    watchman: Option<JoinHandle<()>>,
}

impl Cameras {
    /// Watches from now on.
    pub fn watch(folder: &Path, addresses: &Addresses, segment_millis: u64, key: &str) -> Self {
        let news: Arc<Mutex<Vec<String>>> = Arc::default();
        let (stop, stopped) = mpsc::channel();
        let mut watch = Watch {
            folder: folder.to_owned(),
            ingest: addresses.ingest_http,
            segment_millis,
            key: key.to_owned(),
            troubles: BTreeMap::new(),
            log_read_len: 0,
            told: HashMap::new(),
        };
        let told = Arc::clone(&news);
        let watchman = std::thread::spawn(move || {
            while stopped.recv_timeout(WATCH) == Err(RecvTimeoutError::Timeout) {
                let mut new = watch.refusals();
                // An ingest that is being started again says nothing; the next look tells.
                new.append(&mut watch.troubles().unwrap_or_default());
                told.lock().unwrap_or_else(PoisonError::into_inner).append(&mut new);
            }
        });
        Self { news, stop: Some(stop), watchman: Some(watchman) }
    }

    /// What has happened since it was last asked.
    pub fn news(&self) -> Vec<String> {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Cameras {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(watchman) = self.watchman.take() {
            let _ = watchman.join();
        }
    }
}

struct Watch {
    folder: PathBuf,
    ingest: std::net::SocketAddr,
    segment_millis: u64,
    key: String,
    /// By the name of a stream that is published now.
    troubles: BTreeMap<String, String>,
    log_read_len: u64,
    told: HashMap<String, Instant>,
}

impl Watch {
    fn troubles(&mut self) -> Result<Vec<String>> {
        let statistics = http::get_blocking(self.ingest, "/stat.xml", WATCH)?.text()?;
        let (mut troubles, mut news) = (BTreeMap::new(), Vec::new());
        for Publisher { name, codec } in publishing(&statistics) {
            let recording = self.folder.join("ingest/keys").join(format!("{name}.flv"));
            let Ok(recording) = key_frames::read(&recording) else { continue };
            let known = self.troubles.remove(name);
            let Some(trouble) = self.trouble(codec, &recording, known.as_ref()) else { continue };
            if known.is_none() {
                news.push(format!("camera {name}: {trouble}"));
            }
            troubles.insert(name.to_owned(), trouble);
        }
        self.troubles = troubles;
        let new = self.folder.join("ingest/cameras.new");
        std::fs::write(&new, serde_json::to_string(&self.troubles)?)?;
        std::fs::rename(new, self.folder.join(FILE))?;
        Ok(news)
    }

    /// Another codec has no key frames that count.
    fn trouble(
        &self,
        codec: Option<&str>,
        recording: &Recording,
        known: Option<&String>,
    ) -> Option<String> {
        let Recording { times_millis, silence, .. } = recording;
        if let Some(advice) = picture_codec::advice(codec, recording.codec) {
            return Some(advice);
        }
        match key_frames::judge(times_millis, *silence, self.segment_millis) {
            Some(Verdict::Good) => None,
            Some(Verdict::Bad(trouble)) => Some(trouble.advice(self.segment_millis)),
            None => known.cloned(),
        }
    }

    fn refusals(&mut self) -> Vec<String> {
        let Ok(text) = read_on(&self.folder.join(REFUSED), &mut self.log_read_len) else {
            return Vec::new();
        };
        self.told.retain(|_, at| at.elapsed() < REPEAT);
        let mut news = Vec::new();
        for refusal in text.lines().filter_map(|line| refusal(line, &self.key)) {
            if self.told.len() < MAX_TOLD && !self.told.contains_key(&refusal) {
                self.told.insert(refusal.clone(), Instant::now());
                news.push(refusal);
            }
        }
        news
    }
}

/// The whole lines that a file has grown by.
fn read_on(path: &Path, read_len: &mut u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(*read_len))?;
    let mut bytes = Vec::new();
    file.take(MAX_LOG_LEN).read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    *read_len += whole as u64;
    Ok(String::from_utf8_lossy(&bytes[..whole]).into_owned())
}

/// What a line of the log means to a person. A name without a key behind it may be a key, typed into
/// the wrong place.
fn refusal(line: &str, key: &str) -> Option<String> {
    let mut words = line.splitn(3, ' ');
    let (address, is_keyed, name) = (words.next()?, words.next()? == "key", words.next()?);
    Some(match (is_keyed, name::is_valid(name)) {
        (false, _) => format!(
            "a camera from {address} was refused: it sent no publish key; enter NAME?key=KEY as the \
             stream key, as the table says"
        ),
        (true, true) if !name.contains(key) => format!(
            "camera {name} from {address} was refused: its publish key is wrong; the right one is in \
             the table"
        ),
        (true, _) => format!(
            "a camera from {address} was refused: its stream's name or its key is wrong; a name has \
             letters, digits and hyphens, 64 at most"
        ),
    })
}

/// A stream that a camera publishes.
#[derive(Debug)]
struct Publisher<'a> {
    name: &'a str,
    /// What the statistics call its pictures' codec.
    codec: Option<&'a str>,
}

/// Those in nginx-rtmp's statistics.
fn publishing(statistics: &str) -> impl Iterator<Item = Publisher<'_>> {
    let live =
        statistics.split("<application>").find(|it| it.trim_start().starts_with("<name>live<"));
    live.unwrap_or_default().split("<stream>").skip(1).filter_map(|stream| {
        let (_, rest) = stream.split_once("<name>")?;
        let (name, rest) = rest.split_once("</name>")?;
        let video = between(rest, "<video>", "</video>");
        let codec = video.and_then(|video| between(video, "<codec>", "</codec>"));
        let is_known = rest.contains("<publishing/>") && name::is_valid(name);
        is_known.then_some(Publisher { name, codec })
    })
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_without_any_key() {
        let told = |line| refusal(line, "0123456789abcdef").unwrap_or_default();
        let wrong = told("127.0.0.1 key camera");
        assert!(wrong.contains("camera camera from 127.0.0.1") && wrong.contains("key is wrong"));
        for line in
            ["1.2.3.4 none 0123456789abcdee", "1.2.3.4 key 0123456789abcdef", "1.2.3.4 key a b"]
        {
            let told = told(line);
            assert!(told.contains("1.2.3.4") && !told.contains("abcde") && !told.contains("a b"));
        }
        assert_eq!(refusal("cut off", "0123456789"), None);
    }

    #[test]
    fn publishers_are_those_of_the_cameras_door() {
        let stream =
            |name, state| format!("<stream>\n<name>{name}</name><time>1</time>{state}</stream>");
        let application = |name, streams: String| {
            format!("<application>\n<name>{name}</name>\n<live>\n{streams}</live></application>\n")
        };
        let hevc = "<meta><video><width>480</width><codec>Jpeg</codec></video>\
                    <audio><codec>AAC</codec></audio></meta><publishing/>";
        let new = "<meta><video></video><audio></audio></meta><publishing/>";
        let cameras = [
            stream("idle", ""),
            stream("camera", "<publishing/><active/>"),
            stream("hevc", hevc),
            stream("new", new),
        ];
        let text = application("stamped", stream("other", "<publishing/>"))
            + &application("live", cameras.concat());
        let found: Vec<_> = publishing(&text).map(|it| (it.name, it.codec)).collect();
        assert_eq!(found, [("camera", None), ("hevc", Some("Jpeg")), ("new", None)]);
        assert_eq!(publishing("").count(), 0);
    }
}
