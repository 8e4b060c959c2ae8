//! A link of a given rate and round trip in front of a server, on loopback.
//!
//! In: TCP connections of a browser. Out: the same bytes, to and from the server, as a link would
//! carry them: what comes down shares one rate among all connections, in the order in which it was
//! sent; every byte is on its way for half a round trip; a connection takes one round trip to make.
//! A rate for what goes up, loss and TCP's slow start are not modelled.

use anyhow::{Context, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

/// Bytes that go onto the link in one go: some packets, so that connections take turns.
const PIECE_BYTES: usize = 4096;
/// A connection takes its next place so long before its last piece has left: timers come late.
const AHEAD: Duration = Duration::from_millis(10);
/// Pieces on their way in one direction of a connection, at most.
const MAX_PIECES: usize = 4096;

/// How good a link is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Towards the browser, all connections together.
    pub bits_per_second: u64,
    /// There and back.
    pub round_trip: Duration,
}

/// A link; its connections end when it is dropped.
pub struct Link {
    ports: Vec<u16>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What all connections share.
struct Line {
    quality: Quality,
    /// When what was sent last has left.
    is_free: Mutex<Instant>,
}

impl Link {
    /// A link to these ports of this machine, in a thread of its own.
    pub fn start(quality: Quality, to_ports: &[u16]) -> Result<Self> {
        let mut listeners = Vec::new();
        for &to in to_ports {
            let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .context("no port is free for a link")?;
            listener.set_nonblocking(true)?;
            listeners.push((listener, to));
        }
        let ports: Result<Vec<u16>, _> =
            listeners.iter().map(|(it, _)| it.local_addr().map(|it| it.port())).collect();
        let ports = ports?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("link".to_owned()).spawn(move || {
            runtime.block_on(async {
                let line = Arc::new(Line { quality, is_free: Mutex::new(Instant::now()) });
                for (listener, to) in listeners {
                    tokio::spawn(accept(listener, to, Arc::clone(&line)));
                }
                let _ = stopped.await;
            });
            runtime.shutdown_background();
        })?;
        Ok(Self { ports, stop: Some(stop), thread: Some(thread) })
    }

    /// A full URL at the end of the link that leads to the port of this place in the list;
    /// `path` starts with a slash.
    pub fn url(&self, place: usize, path: &str) -> Option<String> {
        self.ports.get(place).map(|port| format!("http://127.0.0.1:{port}{path}"))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, to: u16, line: Arc<Line>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    while let Ok((browser, _)) = listener.accept().await {
        tokio::spawn(connect(browser, to, Arc::clone(&line)));
    }
}

async fn connect(browser: TcpStream, to: u16, line: Arc<Line>) {
    let made_at = Instant::now() + line.quality.round_trip;
    let Ok(server) = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, to))).await else {
        return;
    };
    let _ = (browser.set_nodelay(true), server.set_nodelay(true));
    let (from_browser, to_browser) = browser.into_split();
    let (from_server, to_server) = server.into_split();
    // Either end closing ends both directions: HTTP/1.1 knows no half-open connection here.
    tokio::select! {
        () = carry(from_browser, to_server, &line, None, made_at) => {}
        () = carry(from_server, to_browser, &line, Some(line.quality.bits_per_second), made_at) => {}
    }
}

/// One direction of a connection, until it ends and all of it has arrived.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    line: &Line,
    bits_per_second: Option<u64>,
    made_at: Instant,
) {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(MAX_PIECES);
    let send = async move {
        loop {
            let mut piece = vec![0; PIECE_BYTES];
            let Ok(length @ 1..) = from.read(&mut piece).await else { return };
            piece.truncate(length);
            let leaves = match bits_per_second {
                Some(rate) => line.send(length, rate),
                None => Instant::now(),
            }
            .max(made_at);
            if sender.send((leaves + line.quality.round_trip / 2, piece)).await.is_err() {
                return;
            }
            // No more than a moment's bytes wait to leave, so that connections share the rate.
            sleep_until(leaves.checked_sub(AHEAD).unwrap_or(leaves)).await;
        }
    };
    let receive = async move {
        while let Some((arrives, piece)) = pieces.recv().await {
            sleep_until(arrives).await;
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(send, receive);
}

impl Line {
    /// Takes the next place on the line, and says when so many bytes will have left.
    fn send(&self, bytes: usize, bits_per_second: u64) -> Instant {
        let takes = Duration::from_nanos(bytes as u64 * 8_000_000_000 / bits_per_second.max(1));
        let mut is_free = super::lock(&self.is_free);
        *is_free = (*is_free).max(Instant::now()) + takes;
        *is_free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn connections_share_the_rate_and_bytes_take_half_a_round_trip() {
        let round_trip = Duration::from_millis(40);
        let quality = Quality { bits_per_second: 8_000_000, round_trip };
        let line = Line { quality, is_free: Mutex::new(Instant::now()) };
        let began = Instant::now();
        // A megabyte a second: 100 kB and 50 kB take 150 ms together.
        let one = vec![1; 100_000];
        let two = vec![2; 50_000];
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let carry_one = async {
            carry(&one[..], &mut first, &line, Some(quality.bits_per_second), began).await;
            began.elapsed()
        };
        let carry_two = async {
            carry(&two[..], &mut second, &line, Some(quality.bits_per_second), began).await;
            began.elapsed()
        };
        let (first_took, second_took) = tokio::join!(carry_one, carry_two);
        assert_eq!((first, second), (one, two));
        let about = |took: Duration, millis: u64| {
            let wanted = Duration::from_millis(millis) + round_trip / 2;
            took.abs_diff(wanted) < AHEAD * 2
        };
        assert!(about(first_took, 150), "{first_took:?}");
        // They took turns while both had something to send.
        assert!(about(second_took, 100), "{second_took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_takes_a_round_trip_to_make() {
        let round_trip = Duration::from_millis(40);
        let quality = Quality { bits_per_second: 8_000_000, round_trip };
        let line = Line { quality, is_free: Mutex::new(Instant::now()) };
        let began = Instant::now();
        let mut sent = Vec::new();
        carry(&b"GET"[..], &mut sent, &line, None, began + round_trip).await;
        assert_eq!(sent, b"GET");
        assert!(began.elapsed() >= round_trip * 3 / 2, "{:?}", began.elapsed());
    }
}
