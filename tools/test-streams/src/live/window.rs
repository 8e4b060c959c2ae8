//! The newest segments of one rendition, their parts, and the segment being written.
//!
//! In: bytes as they are made. Out: what playlists are written from, and bodies that grow while
//! they are read. Memory is bounded: segments beyond the window and a reserve are forgotten.

use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// Segments kept that left the playlist, for players that read them still (RFC 8216 6.2.2).
const RESERVE: usize = 8;

/// How an origin answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As it should.
    Well,
    /// It takes requests and says nothing: a process that was stopped, a cable that was pulled.
    Silent,
    /// It closes every connection, those with bodies under way too: a process that was killed.
    Gone,
}

/// What whoever waits for something to appear is woken by.
#[derive(Debug)]
pub struct Changes {
    count: watch::Sender<u64>,
    health: Mutex<Health>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { count: watch::channel(0).0, health: Mutex::new(Health::Well) }
    }
}

impl Changes {
    /// How the origin is.
    pub fn health(&self) -> Health {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes how the origin is, bodies under way included.
    pub fn set_health(&self, health: Health) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = health;
        self.notify();
    }

    fn notify(&self) {
        self.count.send_modify(|count| *count += 1);
    }

    /// Asks again at each change until there is an answer.
    pub async fn until<T>(&self, mut ask: impl FnMut() -> Option<T>) -> T {
        let mut changes = self.count.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(answer) = ask() {
                return answer;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// A partial segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Where it ends in its segment.
    pub end_byte: u64,
    /// How long it plays.
    pub duration_secs: f64,
    /// Whether decoding can begin with it.
    pub is_independent: bool,
}

/// One segment.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its media sequence number.
    pub number: u64,
    /// Its first sample's time.
    pub start_millis: u64,
    /// How long it plays; nothing while it is being written.
    pub duration_secs: Option<f64>,
    /// Parts that are complete.
    pub parts: Vec<Part>,
    /// Bytes so far.
    pub len: u64,
    chunks: Vec<Bytes>,
}

/// Segments of one rendition.
#[derive(Debug)]
pub struct Window {
    segments: Mutex<VecDeque<Segment>>,
    length: usize,
    changes: Arc<Changes>,
}

/// Which bytes of a segment, by where they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With the segment.
    Segment,
    /// With this part.
    Part(usize),
    /// Before this byte.
    Byte(u64),
}

/// What there is at a position.
enum Found {
    Bytes(Bytes),
    NotYet,
    End,
    Gone,
}

impl Window {
    /// An empty one that shows so many segments.
    pub fn new(length: usize, changes: Arc<Changes>) -> Self {
        Self { segments: Mutex::default(), length, changes }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Segment>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.changes.notify();
    }

    /// What wakes whoever waits for this window.
    pub fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }

    /// Begins a segment. After a hole, what was before it is forgotten.
    pub fn begin(&self, number: u64, start_millis: u64) {
        let mut segments = self.lock();
        let follows = |last: &Segment| last.duration_secs.is_some() && last.number + 1 == number;
        if !segments.back().is_none_or(follows) {
            segments.clear();
        }
        segments.push_back(Segment {
            number,
            start_millis,
            duration_secs: None,
            parts: Vec::new(),
            len: 0,
            chunks: Vec::new(),
        });
        while segments.len() > self.length + 1 + RESERVE {
            segments.pop_front();
        }
        drop(segments);
        self.changed();
    }

    fn write(&self, change: impl FnOnce(&mut Segment)) {
        if let Some(open) = self.lock().back_mut().filter(|last| last.duration_secs.is_none()) {
            change(open);
        }
        self.changed();
    }

    /// More bytes of the open segment.
    pub fn append(&self, bytes: Bytes) {
        self.write(|open| {
            open.len += bytes.len() as u64;
            open.chunks.push(bytes);
        });
    }

    /// Ends a part with what was appended since the last one; with its last part the segment is
    /// complete, at the same moment for all who look.
    pub fn end_part(&self, duration_secs: f64, is_independent: bool, segment_secs: Option<f64>) {
        self.write(|open| {
            let end_byte = open.len;
            open.parts.push(Part { end_byte, duration_secs, is_independent });
            open.duration_secs = segment_secs;
        });
    }

    /// Completes the open segment.
    pub fn complete(&self, duration_secs: f64) {
        self.write(|open| open.duration_secs = Some(duration_secs));
    }

    /// Reads the segments that belong in a playlist: complete ones, and behind them the open one,
    /// if there is any.
    pub fn listed<T>(&self, read: impl FnOnce(&[&Segment]) -> T) -> T {
        let segments = self.lock();
        let open = segments.back().is_some_and(|last| last.duration_secs.is_none());
        let skipped = segments.len().saturating_sub(self.length + usize::from(open));
        read(&segments.iter().skip(skipped).collect::<Vec<_>>())
    }

    /// Complete segments in the playlist.
    pub fn complete_segments(&self) -> usize {
        self.listed(|all| all.iter().filter(|segment| segment.duration_secs.is_some()).count())
    }

    /// Reads a segment, if it is there.
    pub fn segment<T>(&self, number: u64, read: impl FnOnce(&Segment) -> T) -> Option<T> {
        self.lock().iter().find(|segment| segment.number == number).map(read)
    }

    /// The number of the newest complete segment.
    pub fn last_complete(&self) -> Option<u64> {
        let complete = |segment: &&Segment| segment.duration_secs.is_some();
        self.lock().iter().rev().find(complete).map(|segment| segment.number)
    }

    /// Peak bits a second over complete segments.
    pub fn peak_bps(&self) -> u64 {
        let rate = |segment: &&Segment| {
            Some((segment.len as f64 * 8.0 / segment.duration_secs?).ceil() as u64)
        };
        self.listed(|all| all.iter().filter_map(rate).max().unwrap_or_default())
    }

    /// All bytes of a range that is complete; nothing if it is not.
    pub fn whole(&self, number: u64, from: u64, end: End) -> Option<Bytes> {
        let mut all = BytesMut::new();
        let mut at = from;
        loop {
            match self.read(number, at, end) {
                Found::Bytes(bytes) => {
                    at += bytes.len() as u64;
                    all.extend_from_slice(&bytes);
                }
                Found::End => return Some(all.freeze()),
                Found::NotYet | Found::Gone => return None,
            }
        }
    }

    /// The bytes at a position, as many as lie in one piece.
    fn read(&self, number: u64, at: u64, end: End) -> Found {
        let read = |segment: &Segment| {
            let last = match end {
                End::Segment => segment.duration_secs.map(|_| segment.len),
                End::Part(index) => segment.parts.get(index).map(|part| part.end_byte),
                End::Byte(byte) => match segment.duration_secs {
                    Some(_) => Some(byte.min(segment.len)),
                    None => Some(byte),
                },
            };
            if last.is_some_and(|last| at >= last) {
                return Found::End;
            }
            let mut start = 0;
            for chunk in &segment.chunks {
                let next = start + chunk.len() as u64;
                if at < next {
                    let to = last.unwrap_or(next).min(next);
                    return Found::Bytes(chunk.slice((at - start) as usize..(to - start) as usize));
                }
                start = next;
            }
            Found::NotYet
        };
        self.segment(number, read).unwrap_or(Found::Gone)
    }

    /// Sends a range as it is made. Ends when it is complete, when the segment is forgotten, or
    /// when nobody listens any more.
    pub fn send(
        self: &Arc<Self>,
        number: u64,
        from: u64,
        end: End,
    ) -> mpsc::Receiver<Result<Bytes, std::io::Error>> {
        let (sender, receiver) = mpsc::channel(2);
        let window = Arc::clone(self);
        tokio::spawn(async move {
            let mut at = from;
            let next = |at| match (window.changes.health(), window.read(number, at, end)) {
                (Health::Gone, _) => Some(Found::Gone),
                (Health::Silent, _) | (Health::Well, Found::NotYet) => None,
                (Health::Well, found) => Some(found),
            };
            loop {
                let found = tokio::select! {
                    found = window.changes.until(|| next(at)) => found,
                    () = sender.closed() => return,
                };
                let message = match found {
                    Found::Bytes(bytes) => {
                        at += bytes.len() as u64;
                        Ok(bytes)
                    }
                    Found::Gone => Err(std::io::Error::other("the segment is gone")),
                    Found::End | Found::NotYet => return,
                };
                if sender.send(message).await.is_err() {
                    return;
                }
            }
        });
        receiver
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(length: usize) -> Arc<Window> {
        Arc::new(Window::new(length, Arc::default()))
    }

    #[test]
    fn parts_are_ranges_of_their_segment() {
        let window = window(3);
        window.begin(7, 14_000);
        window.append(Bytes::from_static(b"abc"));
        window.end_part(0.5, true, None);
        window.append(Bytes::from_static(b"de"));
        assert_eq!(window.whole(7, 0, End::Part(0)).unwrap(), "abc");
        assert_eq!(window.whole(7, 3, End::Part(1)), None, "it is being written");
        window.append(Bytes::from_static(b"f"));
        window.end_part(0.5, false, None);
        assert_eq!(window.whole(7, 3, End::Part(1)).unwrap(), "def");
        assert_eq!(window.whole(7, 0, End::Segment), None);
        window.complete(1.0);
        assert_eq!(window.whole(7, 0, End::Segment).unwrap(), "abcdef");
        assert_eq!(window.whole(7, 2, End::Byte(4)).unwrap(), "cd");
        assert_eq!(window.whole(8, 0, End::Segment), None);
    }

    #[test]
    fn it_slides_and_starts_anew_after_a_hole() {
        let window = window(2);
        for number in 0..20 {
            window.begin(number, number * 2000);
            window.complete(2.0);
        }
        let numbers = |all: &[&Segment]| all.iter().map(|it| it.number).collect::<Vec<_>>();
        assert_eq!(window.listed(numbers), [18, 19]);
        window.begin(20, 40_000);
        assert_eq!(window.listed(numbers), [18, 19, 20]);
        assert!(window.segment(12, |_| ()).is_some() && window.segment(9, |_| ()).is_none());
        // Segment 20 was never finished.
        window.begin(21, 42_000);
        assert_eq!(window.listed(numbers), [21]);
    }

    #[tokio::test]
    async fn a_body_grows_while_it_is_read() {
        let window = window(3);
        window.begin(7, 14_000);
        window.append(Bytes::from_static(b"ab"));
        let mut body = window.send(7, 1, End::Segment);
        assert_eq!(body.recv().await.unwrap().unwrap(), "b");
        window.append(Bytes::from_static(b"cd"));
        assert_eq!(body.recv().await.unwrap().unwrap(), "cd");
        window.complete(2.0);
        assert!(body.recv().await.is_none());
    }

    #[tokio::test]
    async fn a_killed_origin_breaks_its_bodies_off() {
        let window = window(3);
        window.begin(7, 14_000);
        let mut body = window.send(7, 0, End::Segment);
        window.changes().set_health(Health::Gone);
        assert!(body.recv().await.unwrap().is_err());
    }
}
