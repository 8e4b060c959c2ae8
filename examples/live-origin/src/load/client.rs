//! One viewer without eyes.
//!
//! In: where and when. Out: [`Seen`]. It begins three segments before the end of the window, loads
//! one after the other, reloads the playlist as RFC 8216 6.3.4 says, and plays what it has against
//! the clock: where that runs out, it stalls.

use crate::http::{Answer, Client};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use videosphere::playlist::{self, MediaPlaylist, MultivariantPlaylist, Playlist};

/// For an answer; a player would have given up by then.
const LIMIT: Duration = Duration::from_secs(10);
/// After an error.
const PAUSE: Duration = Duration::from_millis(500);
/// Most that is held ahead.
const AHEAD_SECS: f64 = 30.0;

/// Where one client goes, and when.
pub struct Visit {
    pub address: SocketAddr,
    pub path: String,
    /// Until it comes.
    pub wait: Duration,
    /// When it goes, counted from the beginning of the test.
    pub end: Duration,
}

/// What one client saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Of each answer, whole.
    pub took: Vec<Duration>,
    /// Bytes of bodies.
    pub bytes: u64,
    /// Answers that were none, or not 200.
    pub errors: u64,
    /// The first of them.
    pub first_error: Option<String>,
    /// Times the player would have stood still.
    pub stalls: u64,
    /// For how long, together.
    pub stalled: Duration,
    /// Seconds of media it got.
    pub media_secs: f64,
    /// Playlists whose numbers were lower than before.
    pub ran_backwards: u64,
}

/// Comes, watches, goes.
pub async fn follow(visit: Visit) -> Seen {
    let end = Instant::now() + visit.end;
    tokio::time::sleep(visit.wait).await;
    let mut viewer = Viewer {
        client: Client::new(visit.address, LIMIT),
        seen: Seen::default(),
        buffer: Buffer::default(),
    };
    let _ = tokio::time::timeout_at(end.into(), viewer.watch(&visit.path)).await;
    viewer.buffer.advance(&mut viewer.seen);
    viewer.seen
}

struct Viewer {
    client: Client,
    seen: Seen,
    buffer: Buffer,
}

impl Viewer {
    async fn watch(&mut self, path: &str) {
        let variant = loop {
            if let Some(Playlist::Multivariant(playlist)) = self.playlist(path).await
                && let Some(variant) = choose(&playlist)
            {
                break variant;
            }
            tokio::time::sleep(PAUSE).await;
        };
        // The next number to load, and the numbers of the last playlist.
        let (mut next, mut last): (Option<u64>, (u64, u64)) = (None, (0, 0));
        loop {
            let asked = Instant::now();
            let Some(Playlist::Media(playlist)) = self.playlist(&variant).await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let Some(numbers) = numbers(&playlist) else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            if numbers.0 < last.0 || numbers.1 < last.1 {
                self.seen.ran_backwards += 1;
            }
            let has_changed = numbers != last;
            last = numbers;
            let first = next.unwrap_or(numbers.1.saturating_sub(2)).max(numbers.0);
            for segment in playlist.segments.iter().filter(|it| it.media_sequence >= first) {
                while self.buffer.ahead_secs() > AHEAD_SECS {
                    tokio::time::sleep(PAUSE).await;
                }
                if self.get(path_of(&segment.url)).await.is_none() {
                    break;
                }
                self.buffer.append(segment.duration_secs, &mut self.seen);
                next = Some(segment.media_sequence + 1);
            }
            let wait_secs = playlist.target_duration_secs * if has_changed { 1.0 } else { 0.5 };
            let wait = Duration::try_from_secs_f64(wait_secs).unwrap_or(PAUSE);
            tokio::time::sleep_until((asked + wait).into()).await;
        }
    }

    async fn playlist(&mut self, path: &str) -> Option<Playlist> {
        let answer = self.get(path).await?;
        let text = String::from_utf8_lossy(&answer.body);
        match playlist::parse(&text, &format!("http://host{path}")) {
            Ok(playlist) => Some(playlist),
            Err(error) => {
                self.fail(format!("{path}: {error}"));
                None
            }
        }
    }

    async fn get(&mut self, path: &str) -> Option<Answer> {
        match self.client.get(path).await {
            Ok(answer) if answer.status == 200 => {
                self.seen.took.push(answer.took);
                self.seen.bytes += answer.body.len() as u64;
                Some(answer)
            }
            Ok(answer) => {
                self.fail(format!("{path}: status {}", answer.status));
                None
            }
            Err(error) => {
                self.fail(format!("{path}: {error:#}"));
                None
            }
        }
    }

    fn fail(&mut self, what: String) {
        self.seen.errors += 1;
        self.seen.first_error.get_or_insert(what);
    }
}

/// The highest: a wired viewer's choice, and what costs an origin most.
fn choose(playlist: &MultivariantPlaylist) -> Option<String> {
    let best = playlist.variants.iter().max_by_key(|variant| variant.bandwidth_bps)?;
    Some(path_of(&best.url).to_owned())
}

/// The path of a URL that was resolved against `http://host`.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn numbers(playlist: &MediaPlaylist) -> Option<(u64, u64)> {
    Some((playlist.segments.first()?.media_sequence, playlist.segments.last()?.media_sequence))
}

/// What has been loaded, played at the clock's rate from the first segment on.
#[derive(Debug, Default)]
struct Buffer {
    /// When what is loaded ends.
    ends: Option<Instant>,
}

impl Buffer {
    fn append(&mut self, secs: f64, seen: &mut Seen) {
        self.advance(seen);
        seen.media_secs += secs;
        let from = self.ends.map_or_else(Instant::now, |ends| ends.max(Instant::now()));
        self.ends = Some(from + Duration::try_from_secs_f64(secs).unwrap_or_default());
    }

    /// Notes the time that nothing could be played.
    fn advance(&mut self, seen: &mut Seen) {
        let now = Instant::now();
        if let Some(ends) = self.ends.filter(|ends| *ends < now) {
            seen.stalls += 1;
            seen.stalled += now - ends;
            self.ends = Some(now);
        }
    }

    fn ahead_secs(&self) -> f64 {
        self.ends.map_or(0.0, |ends| ends.saturating_duration_since(Instant::now()).as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_urls() {
        assert_eq!(path_of("http://host/hls/a.ts?x"), "/hls/a.ts?x");
        assert_eq!(path_of("http://host"), "/");
    }

    #[test]
    fn a_buffer_that_runs_dry_is_a_stall() {
        let (mut buffer, mut seen) = (Buffer::default(), Seen::default());
        buffer.append(2.0, &mut seen);
        assert!(buffer.ahead_secs() > 1.0 && seen.stalls == 0);
        buffer.ends = Some(Instant::now() - Duration::from_secs(1));
        buffer.append(2.0, &mut seen);
        assert_eq!(seen.stalls, 1);
        assert!(seen.stalled >= Duration::from_secs(1), "{seen:?}");
        assert!((seen.media_secs - 4.0).abs() < 1e-9);
    }
}
